package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

type txKey struct{}

// inTx runs work in a transaction: that of the context (see Once) as a part that can fail alone, else one of its own. What the database breaks off since
// two transactions wait for each other is done again.
func (s *Store) inTx(ctx context.Context, work func(ctx context.Context, tx bun.Tx) error) error {
	if outer, ok := ctx.Value(txKey{}).(bun.Tx); ok {
		return outer.RunInTx(ctx, nil, work)
	}
	for tries := 3; ; tries-- {
		err := s.db.RunInTx(ctx, nil, work)
		var pg *pgconn.PgError
		if tries == 1 || !errors.As(err, &pg) || pg.Code != "40P01" && pg.Code != "40001" {
			return err
		}
	}
}

// querier is what statements run on: the transaction of the context, so that a mutation reads what it has written, else the pool.
func (s *Store) querier(ctx context.Context) bun.IDB {
	if tx, ok := ctx.Value(txKey{}).(bun.Tx); ok {
		return tx
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

// read runs the query as a prepared statement in the transaction and reads its rows into dst, as scan does.
func (s *Store) read(ctx context.Context, tx bun.Tx, q *query, dst any) error {
	return s.scan(context.WithValue(ctx, txKey{}, tx), q, dst)
}
