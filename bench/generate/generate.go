// Package generate fills a database with offerings that are shaped like the real thing, as many as one likes: few towns have most of
// them, texts are German with real vocabulary, series have dates, some things are drafts. It is deterministic: the same options give the
// same rows, ids included.
package generate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"umland/ent"
	"umland/register"
	"umland/store"
)

// Options say what to make.
type Options struct {
	N    int    // offerings
	Seed uint64 // another seed gives another world of the same shape
	// Now is the instant around which dates lie. What is published was so in the three years before it.
	Now time.Time
	Log zerolog.Logger
}

// Version names what Fill makes: databases of another version are not the same.
const Version = "3"

// Counts say what was made.
type Counts struct{ Providers, Places, Offerings, Occurrences int }

// Fill migrates the database at dsn, loads the register, and fills it. A database that holds offerings already is an error, and nothing
// changes. Indexes are taken away for the time of it and made again as they were, also when it fails.
func Fill(ctx context.Context, dsn string, o Options) (counts Counts, err error) {
	st, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return counts, err
	}
	defer func() { _ = st.Close() }()
	if err := st.Migrate(ctx); err != nil {
		return counts, err
	}
	if err := register.Load(ctx, st); err != nil {
		return counts, err
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return counts, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var filled bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM offering)").Scan(&filled); err != nil {
		return counts, err
	}
	if filled {
		return counts, fmt.Errorf("the database holds offerings already")
	}
	w, err := newWorld(o)
	if err != nil {
		return counts, err
	}
	restore, err := dropIndexes(ctx, conn)
	if err != nil {
		return counts, err
	}
	counts, err = fill(ctx, conn, st, w)
	for _, sql := range restore {
		if _, indexErr := conn.Exec(context.WithoutCancel(ctx), sql); err == nil && indexErr != nil {
			err = fmt.Errorf("%s: %w", sql, indexErr)
		}
	}
	if err != nil {
		return Counts{}, err
	}
	_, err = conn.Exec(ctx, "VACUUM (ANALYZE)")
	return counts, err
}

// fill writes the rows, and lets the store make the columns that it derives from them.
func fill(ctx context.Context, conn *pgx.Conn, st *store.Store, w *world) (counts Counts, err error) {
	start := time.Now()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) (err error) {
		if counts, err = write(ctx, tx, w); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM loaded WHERE name = 'derived'")
		return err
	})
	if err != nil {
		return counts, err
	}
	w.Log.Info().Int("offerings", counts.Offerings).Int("dates", counts.Occurrences).Dur("took", time.Since(start)).Msg("rows are written")
	start = time.Now()
	if _, err := st.Rederive(ctx); err != nil {
		return counts, err
	}
	if _, err := conn.Exec(ctx, `INSERT INTO change (position, at, noun, key, gone)
		SELECT (SELECT coalesce(max(position), 0) FROM change) + row_number() OVER (ORDER BY updated_at, id), updated_at, 'OFFERING', id, false
		FROM offering o WHERE status = 'PUBLISHED' AND NOT EXISTS (SELECT FROM change c WHERE c.key = o.id)`); err != nil {
		return counts, err
	}
	w.Log.Info().Dur("took", time.Since(start)).Msg("derived columns are made, indexes follow")
	_, err = conn.Exec(ctx, "VACUUM (FULL) offering") // each row was written twice
	return counts, err
}

// dropIndexes takes the indexes of the big tables away, but for those of constraints, and gives the statements that bring them back.
func dropIndexes(ctx context.Context, conn *pgx.Conn) (restore []string, err error) {
	if _, err := conn.Exec(ctx, "SET maintenance_work_mem = '256MB'"); err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
		WHERE i.indrelid IN ('provider'::regclass, 'place'::regclass, 'offering'::regclass, 'occurrence'::regclass)
		AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	var names []string
	var name, definition string
	if _, err := pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		names, restore = append(names, name), append(restore, definition)
		return nil
	}); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, nil
	}
	_, err = conn.Exec(ctx, "DROP INDEX "+strings.Join(names, ", "))
	return restore, err
}

// batch is what is copied at a time.
type batch struct {
	offerings *rows[ent.Offering]
	dates     *rows[store.OccurrenceRow]
}

const batchSize = 5_000

// write copies the world into the database, making the next batch while one is on its way.
func write(ctx context.Context, tx pgx.Tx, w *world) (counts Counts, err error) {
	providers, places := newRows[ent.Provider](), newRows[ent.Place]()
	for _, p := range w.providers {
		providers.add(p)
	}
	for _, p := range w.places {
		places.add(p)
	}
	counts.Providers, counts.Places = providers.n, places.n
	if err := providers.flush(ctx, tx); err != nil {
		return counts, err
	}
	if err := places.flush(ctx, tx); err != nil {
		return counts, err
	}
	g, ctx := errgroup.WithContext(ctx)
	ready := make(chan batch, 1)
	g.Go(func() error {
		defer close(ready)
		for done := 0; done < w.N; {
			b := batch{newRows[ent.Offering](), newRows[store.OccurrenceRow]()}
			for ; b.offerings.n < batchSize && done < w.N; done++ {
				o, dates, err := w.next()
				if err != nil {
					return err
				}
				b.offerings.add(o)
				for i := range dates {
					b.dates.add(&dates[i])
				}
			}
			select {
			case ready <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for b := range ready {
			counts.Offerings += b.offerings.n
			counts.Occurrences += b.dates.n
			if err := b.offerings.flush(ctx, tx); err != nil {
				return err
			}
			if err := b.dates.flush(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	return counts, g.Wait()
}
