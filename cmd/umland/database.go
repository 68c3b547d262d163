package main

import (
	"fmt"

	"umland/pgdev"
	"umland/register"
	"umland/store"
)

// database is the name of Umland's database on the private Postgres.
const database = "umland"

// withStore opens the database that the settings name, or the private one, brings it up to date, and closes it after use.
func (env *environment) withStore(use func(st *store.Store) error) (err error) {
	dsn, stop, err := env.connect()
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := stop(); err == nil {
			err = stopErr
		}
	}()
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		return err
	}
	st, err := store.Open(env.ctx, dsn, store.Options{
		Log: env.log, Slow: env.SlowQuery, MaxConns: env.DBConns, Locate: boundaries.NearHome,
	})
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	if err := st.Migrate(env.ctx); err != nil {
		return err
	}
	if err := register.Load(env.ctx, st); err != nil {
		return err
	}
	if n, err := st.Rederive(env.ctx); err != nil {
		return err
	} else if n > 0 {
		env.log.Info().Int("offerings", n).Msg("search columns made anew")
	}
	return use(st)
}

// connect gives the address of the database, and what ends a private Postgres that was started for it.
func (env *environment) connect() (dsn string, stop func() error, err error) {
	if env.DatabaseURL != "" {
		return env.DatabaseURL, func() error { return nil }, nil
	}
	dir := env.DataDir
	if dir == "" {
		if dir, err = pgdev.DefaultDir(); err != nil {
			return "", nil, err
		}
	}
	pg, err := pgdev.Start(env.ctx, pgdev.Options{Dir: dir, BinDir: env.PgBin, Log: env.log})
	if err != nil {
		return "", nil, fmt.Errorf("the private Postgres did not start: %w", err)
	}
	if dsn, err = pg.CreateDatabase(env.ctx, database); err != nil {
		_ = pg.Stop()
		return "", nil, err
	}
	return dsn, pg.Stop, nil
}

type migrateCmd struct{}

// Run brings the database up to date.
func (migrateCmd) Run(env *environment) error {
	return env.withStore(func(st *store.Store) error {
		env.log.Info().Msg("the database is up to date")
		return nil
	})
}
