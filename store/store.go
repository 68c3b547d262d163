// Package store holds all SQL: one file per noun. What it gives back is complete and safe to hand on; its errors are
// *ent.Error where whoever asked is at fault or should try again, ent.UserErrors where a mutation's input is, and anything else
// is for the log only.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/rs/zerolog"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"

	"umland/ent"
	"umland/migrations"
	"umland/search"
)

// Options are what a store needs besides its database.
type Options struct {
	Log zerolog.Logger
	// Slow is the time from which a statement is logged; 0 logs none.
	Slow time.Duration
	// MaxConns bounds the pool; 0 means 20.
	MaxConns int
	// Locate finds the municipality of a point, near its home's border rather home. Nil finds none.
	Locate func(longitude, latitude float64, home string) (ags string, ok bool)
}

// Store reads and writes the graph. It is safe for concurrent use.
type Store struct {
	db         *bun.DB
	locate     func(longitude, latitude float64, home string) (string, bool)
	ref        atomic.Pointer[reference]
	hours      hoursIndex
	vocabulary atomic.Pointer[search.Vocabulary]
	config     *pgx.ConnConfig // to listen with
	changed    signal
}

// Open connects to the Postgres at dsn (a URL or keyword string). The schema may still be missing: Migrate comes first, then
// whatever fills the register, then LoadReference.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be read: %w", err)
	}
	// bun writes arguments into the SQL, so that preparing it would fill the server with statements that never come again.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	cfg.Tracer = tracer{log: o.Log, slow: o.Slow}
	cfg.ConnectTimeout = 5 * time.Second
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "umland"
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["pg_trgm.word_similarity_threshold"] = "0.45" // what a title shares at least with a mistyped beginning of a word in it
	own := cfg.Copy()
	own.Tracer = nil // listening takes long
	pool := stdlib.OpenDB(*cfg)
	if o.MaxConns <= 0 {
		o.MaxConns = 20
	}
	pool.SetMaxOpenConns(o.MaxConns)
	pool.SetMaxIdleConns(o.MaxConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	s := &Store{db: bun.NewDB(pool, pgdialect.New()), locate: o.Locate, config: own}
	if s.locate == nil {
		s.locate = func(float64, float64, string) (string, bool) { return "", false }
	}
	if err := s.Ready(ctx); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return s, nil
}

// Close ends all connections.
func (s *Store) Close() error { return s.db.Close() }

// Stats tells how the pool is used.
func (s *Store) Stats() sql.DBStats { return s.db.Stats() }

// Ready tells whether the database answers.
func (s *Store) Ready(ctx context.Context) (err error) {
	defer wrap(&err, "Ready")
	return s.db.PingContext(ctx)
}

// Migrate brings the schema and the categories to the newest version. Several processes may call it at once: one works, the others wait.
func (s *Store) Migrate(ctx context.Context) (err error) {
	defer wrap(&err, "Migrate")
	all, err := migrations.All()
	if err != nil {
		return err
	}
	lock, err := s.db.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if _, err = lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", lockMigrate); err != nil {
		return err
	}
	defer func() {
		_, _ = lock.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lockMigrate)
	}()
	// Without the option a migration that failed would count as done.
	m := migrate.NewMigrator(s.db, all, migrate.WithMarkAppliedOnSuccess(true))
	if err = m.Init(ctx); err != nil {
		return err
	}
	if _, err = m.Migrate(ctx); err != nil {
		return err
	}
	categories, release, err := ent.Vocabulary()
	if err != nil {
		return err
	}
	return s.SaveCategories(ctx, release, categories)
}

// Keys of advisory locks, the first of two numbers where a second names the thing that is locked.
const (
	lockMigrate = 0x756d6c01
	lockLoad    = 0x756d6c02
	lockSave    = 0x756d6c03
	lockChange  = 0x756d6c04
)

// query is SQL on its way, in which each ? stands for the next argument. Values get into it as arguments only.
type query struct {
	sql  strings.Builder
	args []any
}

// add appends SQL and its arguments.
func (q *query) add(sql string, args ...any) *query {
	q.sql.WriteString(sql)
	q.args = append(q.args, args...)
	return q
}

// append appends another query.
func (q *query) append(other *query) *query { return q.add(other.sql.String(), other.args...) }

// numbered gives the SQL with the arguments' places as Postgres has them: $1, $2, ….
func (q *query) numbered() string {
	parts := strings.Split(q.sql.String(), "?")
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

// scan runs the query as a prepared statement and reads its rows into dst, a pointer to a slice of models or of values.
func (s *Store) scan(ctx context.Context, q *query, dst any) error {
	db := interface {
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	}(s.db.DB)
	if tx, ok := ctx.Value(txKey{}).(bun.Tx); ok { // a mutation reads what it has written
		db = tx.Tx
	}
	rows, err := db.QueryContext(ctx, q.numbered(), append([]any{pgx.QueryExecModeCacheStatement}, q.args...)...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if err := s.db.ScanRows(ctx, rows, dst); err != nil {
		return err
	}
	return rows.Err()
}

// columns lists the columns of a model with its table's alias before each, but those that are left out.
func (s *Store) columns(model any, without ...string) string {
	t := s.db.Table(reflect.TypeOf(model))
	names := make([]string, 0, len(t.Fields))
	for _, f := range t.Fields {
		if !slices.Contains(without, f.Name) {
			names = append(names, string(t.Alias)+"."+f.Name)
		}
	}
	return strings.Join(names, ", ")
}

// byKey reads the rows of T whose key is among keys, in one statement, without order.
func byKey[T any](ctx context.Context, s *Store, from string, keys []uuid.UUID) (rows []*T, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	q := new(query).add("SELECT "+s.columns(*new(T))+" FROM "+from+" = ANY(?::uuid[])", uuids(keys))
	return rows, s.scan(ctx, q, &rows)
}

// Loaded tells whether this release of a shipped data set is in the database, so that it need not be unpacked.
func (s *Store) Loaded(ctx context.Context, name, release string) (done bool, err error) {
	defer wrap(&err, "Loaded(%q, %q)", name, release)
	return s.released(ctx, s.db, name, release)
}

// released tells whether this release of a shipped data set is the one that is loaded.
func (s *Store) released(ctx context.Context, db bun.IDB, name, release string) (bool, error) {
	n, err := db.NewSelect().Table("loaded").Where("name = ? AND release = ?", name, release).Count(ctx)
	return n > 0, err
}

func (s *Store) setReleased(ctx context.Context, tx bun.Tx, name, release string) error {
	_, err := tx.NewRaw(`INSERT INTO loaded (name, release) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET release = excluded.release, at = now()`, name, release).Exec(ctx)
	return err
}

// loadOnce runs load in a transaction unless this release of the data set is loaded already. Of several processes one loads.
func (s *Store) loadOnce(ctx context.Context, name, release string, load func(tx bun.Tx) error) error {
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(?)", lockLoad).Exec(ctx); err != nil {
			return err
		}
		if done, err := s.released(ctx, tx, name, release); done || err != nil {
			return err
		}
		if err := load(tx); err != nil {
			return err
		}
		// The planner must know at once how much there is, not when autovacuum comes by.
		if _, err := tx.NewRaw("ANALYZE region_member, municipality, region, provider, place, offering, occurrence").Exec(ctx); err != nil {
			return err
		}
		return s.setReleased(ctx, tx, name, release)
	})
}

// keepOld leaves alone what is there.
const keepOld = "CONFLICT DO NOTHING"

// insertAll inserts many rows, a thousand at a time; suffix is what to do with those that are there, "" to fail.
func insertAll[T any](ctx context.Context, tx bun.IDB, rows []T, suffix string) error {
	for len(rows) > 0 {
		n := min(len(rows), 1000)
		batch := rows[:n]
		insert := tx.NewInsert().Model(&batch)
		if suffix != "" {
			insert.On(suffix)
		}
		if _, err := insert.Exec(ctx); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
