// Package storetest gives tests a real store: an own database on a private Postgres, migrated, with the register in it.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"umland/demo"
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

// Demo is New with the demo region as of Noon.
func Demo(t testing.TB) *store.Store {
	return Open(t, pgtest.NewDB(t, prepareDemo))
}

// Open opens a store on a database that New, Demo or pgtest made.
func Open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	st, err := open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.LoadReference(context.Background()); err != nil {
		t.Fatal(err)
	}
	return st
}

func open(ctx context.Context, dsn string) (*store.Store, error) {
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, dsn, store.Options{Log: zerolog.Nop(), MaxConns: 4, Locate: boundaries.NearHome})
}

// Prepare makes the database that New copies for each test: pgtest.NewDB takes it.
func Prepare(ctx context.Context, dsn string) error {
	return with(ctx, dsn, func(st *store.Store) error {
		if err := st.Migrate(ctx); err != nil {
			return err
		}
		return register.Load(ctx, st)
	})
}

func prepareDemo(ctx context.Context, dsn string) error {
	if err := Prepare(ctx, dsn); err != nil {
		return err
	}
	return with(ctx, dsn, func(st *store.Store) error {
		if err := st.LoadReference(ctx); err != nil {
			return err
		}
		return demo.Load(ctx, st, Noon)
	})
}

func with(ctx context.Context, dsn string, use func(*store.Store) error) error {
	st, err := open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	return use(st)
}
