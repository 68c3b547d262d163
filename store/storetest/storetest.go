// Package storetest gives tests a real store: an own database on a private Postgres, migrated, with the register in it.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"umland/pgdev/pgtest"
	"umland/register"
	"umland/store"
)

// Noon is the instant at which tests take place unless they say otherwise: a Monday in winter.
var Noon = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

// New opens a store of its own for the test, closed at its end.
func New(t testing.TB) *store.Store {
	return Open(t, pgtest.NewDB(t, Prepare))
}

// Open opens a store on a database that New or pgtest made.
func Open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(context.Background(), dsn, store.Options{
		Log: zerolog.Nop(), MaxConns: 4, Locate: boundaries.NearHome,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.LoadReference(context.Background()); err != nil {
		t.Fatal(err)
	}
	return st
}

// Prepare makes the database that New copies for each test: pgtest.NewDB takes it.
func Prepare(ctx context.Context, dsn string) error {
	st, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	return register.Load(ctx, st)
}
