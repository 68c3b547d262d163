package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// GrantRole is Grant as somebody does it, with an entry in the audit log.
func (s *Store) GrantRole(ctx context.Context, actor *ent.Actor, person uuid.UUID, g ent.Grant, now time.Time) error {
	m, err := s.Grant(ctx, person, g, actor.Name, now)
	if err != nil {
		return err
	}
	return s.note(ctx, actor, now, "GRANT_ROLE", ent.PersonID(person), m.Grant)
}

// RevokeRole takes a grant as somebody does it, with an entry in the audit log, and gives whose it was.
func (s *Store) RevokeRole(ctx context.Context, actor *ent.Actor, id uuid.UUID, now time.Time) (person uuid.UUID, err error) {
	m, err := s.Membership(ctx, id)
	if err != nil {
		return person, err
	}
	if m == nil {
		return person, ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such membership."}}
	}
	if err := s.Revoke(ctx, id); err != nil {
		return person, err
	}
	return m.PersonID, s.note(ctx, actor, now, "REVOKE_ROLE", ent.PersonID(m.PersonID), m.Grant)
}

// ErasePerson is DeletePerson as somebody does it, with an entry in the audit log, which does not name who is gone.
func (s *Store) ErasePerson(ctx context.Context, actor *ent.Actor, person uuid.UUID, now time.Time) error {
	if err := s.DeletePerson(ctx, person); err != nil {
		return err
	}
	if actor.ID == person { // what asked to be forgotten must not be written down anew
		actor = ent.System("somebody, of themselves")
	}
	return s.note(ctx, actor, now, "DELETE_PERSON", ent.PersonID(person), nil)
}

func (s *Store) note(ctx context.Context, actor *ent.Actor, now time.Time, action, subject string, detail any) error {
	if g, ok := detail.(ent.Grant); ok {
		over := map[string]any{"role": g.Role}
		switch {
		case g.AGS != nil:
			over["municipality"] = *g.AGS
		case g.RegionKey != nil:
			over["region"] = *g.RegionKey
		case g.ProviderID != nil:
			over["provider"] = ent.ProviderID(*g.ProviderID)
		}
		detail = over
	}
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.audit(ctx, tx, actor, now, action, subject, detail)
	})
}
