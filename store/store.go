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
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
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
	pool    *pgxpool.Pool
	db      *bun.DB // over the pool, for what is written
	locate  func(longitude, latitude float64, home string) (string, bool)
	ref     atomic.Pointer[reference]
	schools atomic.Pointer[ent.SchoolCalendar]
	hours   hoursIndex
	slots   sync.Map // of column to slot

	manyMatches int // see there
	vocabulary  atomic.Pointer[search.Vocabulary]
	offered     atomic.Pointer[map[string]bool] // the AGS of municipalities where something is published, as LoadVocabulary saw it
	config      *pgx.ConnConfig                 // to listen with
	changed     signal
	generation  atomic.Int64
}

// Open connects to the Postgres at dsn (a URL or keyword string). The schema may still be missing: Migrate comes first, then
// whatever fills the register, then LoadReference.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	settings, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be read: %w", err)
	}
	cfg := settings.ConnConfig
	// bun writes arguments into the SQL, so that preparing it would fill the server with statements that never come again.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	cfg.Tracer = tracer{log: o.Log, slow: o.Slow}
	cfg.ConnectTimeout = 5 * time.Second
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "umland"
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["pg_trgm.word_similarity_threshold"] = "0.45" // what a title shares at least with a mistyped beginning of a word in it
	own := settings.ConnConfig.Copy()
	own.Tracer = nil // listening takes long
	if o.MaxConns <= 0 {
		o.MaxConns = 20
	}
	settings.MaxConns, settings.MinConns = int32(o.MaxConns), 0
	settings.MaxConnIdleTime = 5 * time.Minute
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool, db: bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New()), locate: o.Locate, config: own, manyMatches: manyMatches}
	if s.locate == nil {
		s.locate = func(float64, float64, string) (string, bool) { return "", false }
	}
	if err := s.Ready(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends all connections.
func (s *Store) Close() error {
	err := s.db.Close()
	s.pool.Close()
	return err
}

// Stats tells how the pool is used.
func (s *Store) Stats() sql.DBStats {
	p := s.pool.Stat()
	return sql.DBStats{
		MaxOpenConnections: int(p.MaxConns()), OpenConnections: int(p.TotalConns()), InUse: int(p.AcquiredConns()), Idle: int(p.IdleConns()),
		WaitCount: p.EmptyAcquireCount(), WaitDuration: p.EmptyAcquireWaitTime(),
	}
}

// Ready tells whether the database answers.
func (s *Store) Ready(ctx context.Context) (err error) {
	defer wrap(&err, "Ready")
	return s.pool.Ping(ctx)
}

// Migrate brings the schema and the categories to the newest version. Several processes may call it at once: one works, the others wait. A database
// that a newer version has migrated is refused with ent.CodeBadInput: nobody knows what is in it.
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
	unknown, err := m.MissingMigrations(ctx)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		newest := func(ms migrate.MigrationSlice) string {
			return slices.MaxFunc(ms, func(a, b migrate.Migration) int { return strings.Compare(a.Name, b.Name) }).Name
		}
		return ent.BadInput("", "The database was migrated by a newer Umland (to %s; this one knows up to %s). Start that one, or restore a backup from before.", newest(unknown), newest(all.Sorted()))
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
	lockHarvest = 0x756d6c08
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

// among gives the condition that what stands before is one of the keys, as an argument of SQL. A single key is compared by itself: of an array the planner
// takes it that it has ten items, which makes it plan each time anew.
func among(keys []string) (sql string, arg any) {
	if len(keys) == 1 {
		return " = ?", keys[0]
	}
	return " = ANY(?)", keys
}

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

// columns lists the columns of a model with its table's alias before each: those that are named, or all.
func (s *Store) columns(model any, names ...string) string {
	t := s.db.Table(reflect.TypeOf(model))
	var b strings.Builder
	for _, f := range t.Fields {
		if len(names) > 0 && !slices.Contains(names, f.Name) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(t.Alias))
		b.WriteByte('.')
		b.WriteString(f.Name)
	}
	return b.String()
}

// columnsBut is columns with all but those that are named.
func (s *Store) columnsBut(model any, without ...string) string {
	var names []string
	for _, f := range s.db.Table(reflect.TypeOf(model)).Fields {
		if !slices.Contains(without, f.Name) {
			names = append(names, f.Name)
		}
	}
	return s.columns(model, names...)
}

// columnsOf is columns, with a comma before each, of a model that is read together with another, whose field of the name entity is to hold it.
func (s *Store) columnsOf(entity string, model any, names ...string) string {
	t := s.db.Table(reflect.TypeOf(model))
	var b strings.Builder
	for _, f := range t.Fields {
		if len(names) == 0 || slices.Contains(names, f.Name) {
			b.WriteString(", " + string(t.Alias) + "." + f.Name + ` AS "` + entity + "." + f.Name + `"`)
		}
	}
	return b.String()
}

// byKey reads the rows of T whose key is among keys, in one statement, without order.
func byKey[T any](ctx context.Context, s *Store, from string, keys []uuid.UUID) (rows []*T, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	condition, arg := among(uuids(keys))
	q := new(query).add("SELECT "+s.columns(*new(T))+" FROM "+from+condition, arg)
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
