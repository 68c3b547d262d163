package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// running is a transaction that a context carries: what is done with the context is done in it, so that a mutation reads what it has written.
type running struct {
	tx   bun.Tx
	conn *sql.Conn // on which it runs, for reading without database/sql
}

type txKey struct{}

func txOf(ctx context.Context) *running {
	tx, _ := ctx.Value(txKey{}).(*running)
	return tx
}

// inTx runs work in a transaction: as a part that can fail alone of that of the context, else in one of its own. What the database breaks off since
// two transactions wait for each other is done again.
func (s *Store) inTx(ctx context.Context, work func(ctx context.Context, tx bun.Tx) error) error {
	if outer := txOf(ctx); outer != nil {
		return outer.tx.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			return work(context.WithValue(ctx, txKey{}, &running{tx, outer.conn}), tx)
		})
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for tries := 3; ; tries-- {
		err := conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			return work(context.WithValue(ctx, txKey{}, &running{tx, conn.Conn}), tx)
		})
		var pg *pgconn.PgError
		if tries == 1 || !errors.As(err, &pg) || pg.Code != "40P01" && pg.Code != "40001" {
			return err
		}
	}
}

// querier is what bun's statements run on: the transaction of the context, else the pool.
func (s *Store) querier(ctx context.Context) bun.IDB {
	if tx := txOf(ctx); tx != nil {
		return tx.tx
	}
	return s.db
}

// exec runs the query as a prepared statement in the transaction and gives the number of rows.
func exec(ctx context.Context, tx bun.Tx, q *query) (int, error) {
	res, err := tx.Tx.ExecContext(ctx, q.numbered(), append([]any{pgx.QueryExecModeCacheStatement}, q.args...)...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}
