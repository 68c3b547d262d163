package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"umland/ent"
)

// CreateKey stores a key, of which only the hash is known here. It is an error when its municipality or provider does not exist.
func (s *Store) CreateKey(ctx context.Context, k *ent.Key) (err error) {
	defer wrap(&err, "CreateKey(%q)", k.Name)
	_, err = s.db.NewInsert().Model(k).Exec(ctx)
	return err
}

// KeyByHash gives the key with this hash, nil when there is none, or it is revoked or expired at now.
func (s *Store) KeyByHash(ctx context.Context, hash []byte, now time.Time) (k *ent.Key, err error) {
	defer wrap(&err, "KeyByHash")
	var keys []*ent.Key
	q := new(query).add("SELECT "+s.columns(ent.Key{})+` FROM api_key k WHERE k.hash = ? AND k.revoked_at IS NULL
		AND (k.expires_at IS NULL OR k.expires_at > ?)`, hash, now)
	if err := s.scan(ctx, q, &keys); err != nil || len(keys) == 0 {
		return nil, err
	}
	return keys[0], nil
}

// Keys lists all keys, the newest first.
func (s *Store) Keys(ctx context.Context) (keys []*ent.Key, err error) {
	defer wrap(&err, "Keys")
	return keys, s.db.NewSelect().Model(&keys).Order("created_at DESC").Scan(ctx)
}

// RevokeKey ends a key for good. Ending it again changes nothing.
func (s *Store) RevokeKey(ctx context.Context, id uuid.UUID, now time.Time) (err error) {
	defer wrap(&err, "RevokeKey(%v)", id)
	k := new(ent.Key)
	err = s.db.NewSelect().Model(k).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return ent.BadInput("id", "There is no such key.")
	}
	if err != nil || k.RevokedAt != nil {
		return err
	}
	_, err = s.db.NewUpdate().Model(k).Set("revoked_at = ?", now).WherePK().Exec(ctx)
	return err
}
