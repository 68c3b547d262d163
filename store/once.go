package store

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// KeepAnswers is how long the answer to a mutation with an Idempotency-Key is kept.
const KeepAnswers = 7 * 24 * time.Hour

// errForget takes back everything that was done under a key.
var errForget = errors.New("store: not kept")

// Once does what a key stands for once, however often and from however many processes it is called: do runs in one transaction with the note that it has run, so
// that after a crash either both are there or neither. What do writes through the store with its context is in that transaction. Called again with the same
// request, Once gives the answer that do gave; with another request it is an error. Where do says not to keep it, everything that it did is
// taken back.
func (s *Store) Once(ctx context.Context, actor uuid.UUID, key string, request []byte, now time.Time, do func(ctx context.Context) (answer []byte, keep bool)) (answer []byte, err error) {
	defer wrap(&err, "Once")
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := exec(ctx, tx, new(query).add(`INSERT INTO idempotency (actor_id, key, request, created_at) VALUES (?::uuid, ?, ?, ?) ON CONFLICT DO NOTHING`,
			actor, key, request, now)) // waits for one that does the same just now
		if err != nil {
			return err
		}
		if n == 0 {
			var done []struct {
				Request  []byte `bun:"request"`
				Response []byte `bun:"response"`
			}
			if err := s.scan(ctx, new(query).add("SELECT request, response FROM idempotency WHERE actor_id = ?::uuid AND key = ?", actor, key), &done); err != nil {
				return err
			}
			if len(done) == 0 || !bytes.Equal(done[0].Request, request) {
				return &ent.Error{Code: ent.CodeBadInput, Field: "Idempotency-Key", Message: "This Idempotency-Key was used for another request."}
			}
			answer = done[0].Response
			return nil
		}
		var keep bool
		if answer, keep = do(ctx); !keep {
			return errForget
		}
		_, err = exec(ctx, tx, new(query).add("UPDATE idempotency SET response = ? WHERE actor_id = ?::uuid AND key = ?", answer, actor, key))
		return err
	})
	if errors.Is(err, errForget) {
		return answer, nil
	}
	return answer, err
}

// ForgetAnswers deletes the answers that were kept long enough.
func (s *Store) ForgetAnswers(ctx context.Context, now time.Time) (n int, err error) {
	defer wrap(&err, "ForgetAnswers")
	res, err := s.db.NewDelete().Table("idempotency").Where("created_at < ?", now.Add(-KeepAnswers)).Exec(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := res.RowsAffected()
	return int(rows), err
}
