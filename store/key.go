package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// CreateKey stores a key, of which only the hash is known here. A key without a role gets the one that its scopes need. It is an error when its municipality,
// region or provider does not exist.
func (s *Store) CreateKey(ctx context.Context, actor *ent.Actor, k *ent.Key) (err error) {
	defer wrap(&err, "CreateKey(%q)", k.Name)
	if k.Role == "" {
		k.Role = roleFor(k)
	}
	k.CreatedBy = actor.Name
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err = tx.NewInsert().Model(k).Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, k.CreatedAt, "CREATE_KEY", k.NodeID(), map[string]any{"name": k.Name, "role": k.Role, "scopes": k.Scopes})
	})
}

// roleFor is the least role over the key's area that carries all of its scopes.
func roleFor(k *ent.Key) ent.Role {
	roles := []ent.Role{ent.RoleEditor, ent.RoleReviewer}
	switch {
	case k.ProviderID != nil:
		roles = []ent.Role{ent.RoleMember, ent.RoleTrusted}
	case k.AGS == nil && k.RegionKey == nil:
		return ent.RoleOperator
	}
	for _, r := range roles {
		if subset(k.Scopes, r.Scopes()) {
			return r
		}
	}
	return roles[len(roles)-1]
}

func subset[T comparable](part, whole []T) bool {
	in := make(map[T]bool, len(whole))
	for _, x := range whole {
		in[x] = true
	}
	for _, x := range part {
		if !in[x] {
			return false
		}
	}
	return true
}

// KeyByHash gives the key with this hash, nil when there is none, or it is revoked, expired at now, or used up.
func (s *Store) KeyByHash(ctx context.Context, hash []byte, now time.Time) (k *ent.Key, err error) {
	defer wrap(&err, "KeyByHash")
	var keys []*ent.Key
	q := new(query).add("SELECT "+s.columns(ent.Key{})+` FROM api_key k WHERE k.hash = ? AND k.revoked_at IS NULL
		AND (k.expires_at IS NULL OR k.expires_at > ?) AND coalesce(k.uses_left, 1) > 0`, hash, now)
	if err := s.scan(ctx, q, &keys); err != nil || len(keys) == 0 {
		return nil, err
	}
	if k = keys[0]; k.LastUsedAt == nil || now.Sub(*k.LastUsedAt) > time.Minute {
		// To the minute is enough, and costs a write a minute.
		if _, err := s.db.NewUpdate().Model(k).Set("last_used_at = ?", now).WherePK().Exec(ctx); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// useLink counts n posts of a link; one that is used up in the meantime posts nothing.
func (s *Store) useLink(ctx context.Context, tx bun.Tx, actor *ent.Actor, n int) error {
	if actor.Kind != ent.ActorLink || n == 0 {
		return nil
	}
	used, err := exec(ctx, tx, new(query).add("UPDATE api_key SET uses_left = uses_left - ? WHERE id = ?::uuid AND uses_left >= ?", n, actor.ID, n))
	if err == nil && used == 0 {
		err = &ent.Error{Code: ent.CodeForbidden, Message: "The link has been used: it posts one offering."}
	}
	return err
}

// Keys lists the keys that the actor may see, all for an operator, the newest first; links are not among them.
func (s *Store) Keys(ctx context.Context, actor *ent.Actor) (keys []*ent.Key, err error) {
	defer wrap(&err, "Keys")
	if err := s.db.NewSelect().Model(&keys).Where("uses_left IS NULL").Order("created_at DESC").Limit(maxKeys).Scan(ctx); err != nil {
		return nil, err
	}
	seen := keys[:0]
	for _, k := range keys {
		ok, err := s.mayGrant(ctx, actor, &k.Grant, nil)
		if err != nil {
			return nil, err
		}
		if ok {
			seen = append(seen, k)
		}
	}
	return seen, nil
}

const maxKeys = 10_000

// mayGrant tells whether the actor may hand on the role with the scopes over the area: what it has there itself, or as an operator.
func (s *Store) mayGrant(ctx context.Context, actor *ent.Actor, g *ent.Grant, scopes []ent.Scope) (bool, error) {
	var provider *ent.Provider
	if g.ProviderID != nil {
		found, err := s.ProvidersByID(ctx, []uuid.UUID{*g.ProviderID})
		if err != nil || len(found) == 0 {
			return false, err
		}
		provider = found[0]
	}
	for _, scope := range append([]ent.Scope{ent.ScopeWrite}, scopes...) {
		ok := false
		for _, own := range granted(actor, scope) {
			switch {
			case own.Role == ent.RoleOperator:
				ok = true
			case provider != nil:
				ok = ok || own.ProviderID != nil && *own.ProviderID == provider.ID || s.covers(&own, provider.AGS)
			case g.AGS != nil:
				ok = ok || s.covers(&own, *g.AGS)
			case g.RegionKey != nil:
				ok = ok || own.RegionKey != nil && *own.RegionKey == *g.RegionKey
			}
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

// GrantKey is CreateKey by an actor who may hand on no more than it has. Programs may not: a key that leaks must not make others.
func (s *Store) GrantKey(ctx context.Context, actor *ent.Actor, k *ent.Key) (err error) {
	if k.Role == "" {
		k.Role = roleFor(k)
	}
	ok, err := s.mayGrant(ctx, actor, &k.Grant, k.Scopes)
	switch {
	case err != nil:
		return err
	case len(k.Scopes) == 0:
		return fault(ent.UserRequired, "A key without scopes may nothing.", "scopes")
	case !ok:
		return fault(ent.UserForbidden, "You can hand on only what you may do yourself.", "scopes")
	case !subset(k.Scopes, k.Role.Scopes()):
		return fault(ent.UserInvalid, "The role "+string(k.Role)+" does not carry all of these scopes.", "scopes")
	}
	return s.CreateKey(ctx, actor, k)
}

// RotateKey gives a key another token; the old one ends at once.
func (s *Store) RotateKey(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, hash []byte) (k *ent.Key, err error) {
	defer wrap(&err, "RotateKey(%v)", id)
	return s.changeKey(ctx, actor, now, id, "ROTATE_KEY", func(tx bun.Tx, k *ent.Key) error {
		if k.RevokedAt != nil {
			return fault(ent.UserInvalid, "The key is revoked.", "id")
		}
		k.Hash = hash
		_, err := tx.NewUpdate().Model(k).Column("hash").WherePK().Exec(ctx)
		return err
	})
}

// RevokeKey ends a key for good. Ending it again changes nothing.
func (s *Store) RevokeKey(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID) (k *ent.Key, err error) {
	defer wrap(&err, "RevokeKey(%v)", id)
	return s.changeKey(ctx, actor, now, id, "REVOKE_KEY", func(tx bun.Tx, k *ent.Key) error {
		if k.RevokedAt != nil {
			return nil
		}
		k.RevokedAt = &now
		_, err := tx.NewUpdate().Model(k).Column("revoked_at").WherePK().Exec(ctx)
		return err
	})
}

func (s *Store) changeKey(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, action string, change func(bun.Tx, *ent.Key) error) (*ent.Key, error) {
	var keys []*ent.Key
	err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		keys = nil
		if err := tx.NewSelect().Model(&keys).Where("id = ?", id).For("UPDATE").Scan(ctx); err != nil {
			return err
		}
		ok := false
		if len(keys) > 0 {
			var err error
			if ok, err = s.mayGrant(ctx, actor, &keys[0].Grant, nil); err != nil {
				return err
			}
		}
		if !ok {
			return fault(ent.UserNotFound, "There is no such key.", "id")
		}
		if err := change(tx, keys[0]); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, now, action, keys[0].NodeID(), map[string]any{"name": keys[0].Name})
	})
	if err != nil {
		return nil, err
	}
	return keys[0], nil
}
