package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// GrantRole is Grant as somebody does it, in one transaction with its entry in the audit log, and gives whom it was granted to. email, when not "", names them
// instead of person; who is not known yet is made, unless the grant is refused.
func (s *Store) GrantRole(ctx context.Context, actor *ent.Actor, person uuid.UUID, email string, g ent.Grant, now time.Time) (to uuid.UUID, err error) {
	err = s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		to = person
		if email != "" {
			p, err := s.PersonByEmail(ctx, email, now)
			if err != nil {
				return err
			}
			to = p.ID
		}
		m, err := s.Grant(ctx, to, g, actor.Name, now)
		if err != nil {
			return err
		}
		return s.note(ctx, tx, actor, now, "GRANT_ROLE", ent.PersonID(to), m.Grant)
	})
	return to, err
}

// RevokeRole takes a grant as somebody does it, in one transaction with its entry in the audit log, and gives whose it was.
func (s *Store) RevokeRole(ctx context.Context, actor *ent.Actor, id uuid.UUID, now time.Time) (person uuid.UUID, err error) {
	err = s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		m, err := s.Membership(ctx, id)
		if err != nil {
			return err
		}
		if m == nil {
			return ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such membership."}}
		}
		if err := s.Revoke(ctx, id); err != nil {
			return err
		}
		person = m.PersonID
		return s.note(ctx, tx, actor, now, "REVOKE_ROLE", ent.PersonID(person), m.Grant)
	})
	return person, err
}

// ErasePerson is DeletePerson as somebody does it, in one transaction with its entry in the audit log, which does not name who is gone.
func (s *Store) ErasePerson(ctx context.Context, actor *ent.Actor, person uuid.UUID, now time.Time) error {
	return s.people(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.DeletePerson(ctx, person); err != nil {
			return err
		}
		if actor.ID == person { // what asked to be forgotten must not be written down anew
			actor = ent.System("somebody, of themselves")
		}
		return s.note(ctx, tx, actor, now, "DELETE_PERSON", ent.PersonID(person), nil)
	})
}

func (s *Store) note(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, action, subject string, detail any) error {
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
	return s.audit(ctx, tx, actor, now, action, subject, detail)
}
