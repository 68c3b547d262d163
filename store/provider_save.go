package store

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// ProviderSave is one save of a provider.
type ProviderSave struct {
	// ID says which provider; else (municipality, externalId) does; else one of the municipality with the same name and kind.
	ID         *uuid.UUID
	ExternalID *string
	AGS        string
	// Faults are those that are known already: the save is refused, with all that are found besides.
	Faults ent.UserErrors
	// Edit puts the input into the provider as it is, or into an empty one, and gives the faults that only it can know.
	Edit func(p *ent.Provider) ent.UserErrors
}

// SaveProvider creates or updates a provider, or changes nothing and gives ent.UserErrors, with paths relative to the input. Saving what is
// there already changes nothing.
func (s *Store) SaveProvider(ctx context.Context, actor *ent.Actor, now time.Time, in ProviderSave) (p *ent.Provider, err error) {
	defer wrap(&err, "SaveProvider(%v, %q)", in.ID, in.AGS)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var old *ent.Provider
		faults := in.Faults
		if len(faults) == 0 {
			if old, err = s.findProvider(ctx, tx, actor, in); err != nil && !errors.As(err, &faults) {
				return err
			}
		}
		p = &ent.Provider{ID: ent.NewID(), CreatedAt: now}
		if old != nil {
			copied := *old
			p = &copied
		}
		if in.ExternalID != nil {
			p.ExternalID = in.ExternalID
		}
		p.AGS = in.AGS
		faults = append(faults, in.Edit(p)...)
		p.Normalize()
		if faults = append(faults, p.Validate()...); len(faults) > 0 {
			return faults
		}
		if old == nil && p.ExternalID == nil {
			old = new(ent.Provider)
			err := tx.NewSelect().Model(old).Where("ags = ? AND name = ? AND kind = ? AND external_id IS NULL", p.AGS, p.Name, p.Kind).
				Order("created_at").Limit(1).Scan(ctx)
			if errors.Is(err, sql.ErrNoRows) {
				old = nil
			} else if err != nil {
				return err
			} else {
				p.ID, p.CreatedAt, p.Verified = old.ID, old.CreatedAt, old.Verified
			}
		}
		if old != nil {
			p.UpdatedAt = old.UpdatedAt
			if reflect.DeepEqual(p, old) {
				return nil
			}
		}
		p.UpdatedAt = now
		if old == nil {
			if _, err = tx.NewInsert().Model(p).Exec(ctx); err != nil {
				return err
			}
			return logOther(ctx, tx, now, "PROVIDER", p.ID)
		}
		if err := logOther(ctx, tx, now, "PROVIDER", p.ID); err != nil {
			return err
		}
		if _, err = tx.NewUpdate().Model(p).WherePK().Exec(ctx); err != nil || p.Name == old.Name {
			return err
		}
		var offerings []*ent.Offering // are found by the name, too
		if err := tx.NewSelect().Model(&offerings).Where("provider_id = ?", p.ID).Order("id").For("UPDATE").Scan(ctx); err != nil {
			return err
		}
		return s.rederive(ctx, tx, offerings)
	})
	return p, conflict(err, "provider of the municipality")
}

// findProvider reads and locks the provider that the save is about, nil when it is a new one. Its faults are ent.UserErrors.
func (s *Store) findProvider(ctx context.Context, tx bun.Tx, actor *ent.Actor, in ProviderSave) (*ent.Provider, error) {
	if s.Municipality(in.AGS) == nil {
		return nil, fault(ent.UserNotFound, "There is no municipality with this AGS.", "municipality")
	}
	p := new(ent.Provider)
	q := tx.NewSelect().Model(p).For("UPDATE")
	switch {
	case in.ID != nil:
		q.Where("id = ?", *in.ID)
	case in.ExternalID != nil:
		q.Where("ags = ? AND external_id = ?", in.AGS, *in.ExternalID)
	}
	if in.ID == nil {
		if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(?, ?)", lockSave, hash32("provider"+in.AGS)).Exec(ctx); err != nil {
			return nil, err
		}
	}
	found := in.ID != nil || in.ExternalID != nil
	if found {
		err := q.Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			if in.ID != nil {
				return nil, fault(ent.UserNotFound, "There is no such provider.", "id")
			}
			found = false
		} else if err != nil {
			return nil, err
		}
	}
	switch here := s.mayInArea(actor, ent.ScopeWrite, in.AGS); {
	case found && !s.owns(actor, ent.ScopeWrite, p):
		return nil, fault(ent.UserForbidden, "The API key does not act for this provider.", "id")
	case found && !here && p.AGS != in.AGS, !found && !here && s.mayAnywhere(actor):
		return nil, fault(ent.UserForbidden, "The API key does not act for this municipality.", "municipality")
	case !found && !here:
		return nil, fault(ent.UserForbidden, "The API key acts for one provider and may not create others.", "id")
	}
	if !found {
		return nil, nil
	}
	if in.ID != nil && in.ExternalID != nil {
		taken, err := tx.NewSelect().Table("provider").Where("ags = ? AND external_id = ? AND id <> ?", in.AGS, *in.ExternalID, p.ID).Exists(ctx)
		if err != nil {
			return nil, err
		}
		if taken {
			return nil, fault(ent.UserConflict, "Another provider of the municipality has this externalId.", "externalId")
		}
	}
	return p, nil
}

// VerifyProvider says whether the municipality vouches for the provider.
func (s *Store) VerifyProvider(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, verified bool) (p *ent.Provider, err error) {
	defer wrap(&err, "VerifyProvider(%v)", id)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p = new(ent.Provider)
		switch err := tx.NewSelect().Model(p).Where("id = ?", id).For("NO KEY UPDATE").Scan(ctx); {
		case errors.Is(err, sql.ErrNoRows):
			return fault(ent.UserNotFound, "There is no such provider.", "id")
		case err != nil:
			return err
		case !s.mayInArea(actor, ent.ScopeReview, p.AGS):
			return fault(ent.UserForbidden, "Only the provider's municipality may vouch for it.", "id")
		case p.Verified == verified:
			return nil
		}
		p.Verified, p.UpdatedAt = verified, now
		if _, err := tx.NewUpdate().Model(p).Column("verified", "updated_at").WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := logOther(ctx, tx, now, "PROVIDER", p.ID); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, now, "VERIFY_PROVIDER", p.NodeID(), map[string]any{"verified": verified})
	})
	return p, err
}
