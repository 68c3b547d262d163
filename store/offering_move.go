package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// Move is what a mutation does with an offering that is there, other than saving it.
type Move struct {
	ID              uuid.UUID
	ExpectedVersion *int
	Action          ent.Action
	// Answering are the states in which not only the provider's own may do it, but also the municipality that answers for the place.
	Answering []ent.OfferingStatus
	// Needs is what the actor must be allowed for the municipality that answers for the place; "" for nothing more.
	Needs ent.Scope
	// Do changes the offering, whose Provider and Place are set, or says what is wrong. Where it changes nothing, nothing is written.
	Do func(ctx context.Context, o *ent.Offering, may bool) error
}

// MoveOffering does what m says, in one transaction. may tells Do whether the actor may publish the offering. Its errors are ent.UserErrors where the
// input is at fault.
func (s *Store) MoveOffering(ctx context.Context, actor *ent.Actor, now time.Time, m Move) (moved *ent.Offering, err error) {
	defer wrap(&err, "MoveOffering(%v, %s)", m.ID, m.Action)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		moved, err = s.moveOffering(ctx, tx, actor, now, m)
		return err
	})
	return moved, err
}

func (s *Store) moveOffering(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, m Move) (*ent.Offering, error) {
	old := new(ent.Offering)
	err := tx.NewSelect().Model(old).Where("id = ?", m.ID).For("NO KEY UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault(ent.UserNotFound, "There is no such offering.", "id")
	}
	if err != nil {
		return nil, err
	}
	if err := s.relateForSave(ctx, tx, old); err != nil {
		return nil, err
	}
	answers := s.mayInArea(actor, ent.ScopeWrite, old.AGS) && slices.Contains(m.Answering, old.Status)
	switch {
	case m.Needs != "" && (s.mayInArea(actor, m.Needs, old.AGS)):
	case m.Needs == "" && (s.owns(actor, ent.ScopeWrite, old.Provider) || answers):
	case old.Status != ent.StatusPublished && !s.owns(actor, ent.ScopeRead, old.Provider) && !s.owns(actor, ent.ScopeWrite, old.Provider):
		return nil, fault(ent.UserNotFound, "There is no such offering.", "id") // for this actor it is not there
	case m.Needs != "":
		return nil, fault(ent.UserForbidden, "Only the municipality that answers for the place may do this.", "id")
	default:
		return nil, fault(ent.UserForbidden, "The API key does not act for the provider of this offering.", "id")
	}
	if e := m.ExpectedVersion; e != nil && *e != old.Version {
		return nil, fault(ent.UserConflict, "The offering has version "+strconv.Itoa(old.Version)+" by now.", "expectedVersion")
	}
	copied := *old
	o := &copied
	if err := m.Do(ctx, o, s.mayPublish(actor, o)); err != nil {
		return nil, err
	}
	o.ContentHash = o.Hash()
	if o.Status == old.Status && slices.Equal(o.ContentHash, old.ContentHash) && sameHeld(old, o) {
		return old, nil
	}
	w := &writing{actor: actor, now: now}
	w.add(old, o, m.Action)
	return o, s.write(ctx, tx, w)
}

// relateForSave sets the provider and the place of an offering.
func (s *Store) relateForSave(ctx context.Context, tx bun.Tx, o *ent.Offering) error {
	providers, err := s.ProvidersByID(ctx, []uuid.UUID{o.ProviderID})
	if err != nil {
		return err
	}
	o.Provider = providers[0] // a foreign key holds it
	if o.PlaceID == nil {
		return nil
	}
	places, err := s.PlacesByID(ctx, []uuid.UUID{*o.PlaceID})
	if err != nil {
		return err
	}
	o.Place = places[0]
	return nil
}

// PublishOffering puts the offering before the public, or into review for an actor who may not.
func (s *Store) PublishOffering(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, expected *int) (*ent.Offering, error) {
	return s.MoveOffering(ctx, actor, now, Move{
		ID: id, ExpectedVersion: expected, Action: ent.ActionPublish, Answering: []ent.OfferingStatus{ent.StatusInReview, ent.StatusPublished},
		Do: func(_ context.Context, o *ent.Offering, may bool) error {
			o.WithdrawnReason = nil
			if o.Status == ent.StatusWithdrawn {
				o.Status = ent.StatusDraft
			}
			if may {
				o.PublishAt = nil // now, then
				if o.ExpiresAt != nil && !o.ExpiresAt.After(now) {
					o.ExpiresAt = nil // or it would be withdrawn again at once
				}
			}
			s.setStatus(o, actor, now, true, false)
			return nil
		},
	})
}

// SubmitOffering puts a draft into review, also for who might publish it.
func (s *Store) SubmitOffering(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, expected *int) (*ent.Offering, error) {
	return s.MoveOffering(ctx, actor, now, Move{
		ID: id, ExpectedVersion: expected, Action: ent.ActionSubmit,
		Do: func(_ context.Context, o *ent.Offering, _ bool) error {
			switch o.Status {
			case ent.StatusDraft:
				o.Status = ent.StatusInReview
			case ent.StatusInReview:
			default:
				return fault(ent.UserInvalid, "Only a draft can be submitted; this one is "+string(o.Status)+".", "id")
			}
			return nil
		},
	})
}

// ReviewOffering decides on an offering that is in review: approved, it is published, or will be when it is to be; returned, it is a draft again, with the
// note for whoever posted it.
func (s *Store) ReviewOffering(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, expected *int, approve bool, note *string) (*ent.Offering, error) {
	action := ent.ActionReturn
	if approve {
		action = ent.ActionApprove
	}
	var reviewed *ent.Offering
	err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		reviewed, err = s.moveOffering(ctx, tx, actor, now, Move{
			ID: id, ExpectedVersion: expected, Action: action, Needs: ent.ScopeReview,
			Do: func(_ context.Context, o *ent.Offering, _ bool) error {
				switch {
				case o.Status != ent.StatusInReview:
					return fault(ent.UserInvalid, "Only what is in review can be decided on; this one is "+string(o.Status)+".", "id")
				case !approve:
					o.Status, o.ReviewNote = ent.StatusDraft, note
				case o.PublishAt != nil && o.PublishAt.After(now):
					o.Status = ent.StatusDraft
				default:
					o.Status = ent.StatusPublished
					expire(o, now)
				}
				if !approve {
					o.PublishAt = nil // a draft with a date would publish itself
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, now, string(action), ent.OfferingID(id), map[string]any{"title": reviewed.Title, "note": note})
	})
	return reviewed, err
}

// WithdrawOffering takes the offering back from the public.
func (s *Store) WithdrawOffering(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, expected *int, reason *string) (*ent.Offering, error) {
	return s.MoveOffering(ctx, actor, now, Move{
		ID: id, ExpectedVersion: expected, Action: ent.ActionWithdraw, Answering: []ent.OfferingStatus{ent.StatusInReview, ent.StatusPublished},
		Do: func(_ context.Context, o *ent.Offering, _ bool) error {
			if o.Status != ent.StatusWithdrawn {
				o.Status, o.WithdrawnReason = ent.StatusWithdrawn, reason
			}
			return nil
		},
	})
}

// UndoWithdraw brings back what was withdrawn, as it was before: published where it was and the actor may publish, else in review or a draft.
func (s *Store) UndoWithdraw(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, expected *int) (*ent.Offering, error) {
	return s.MoveOffering(ctx, actor, now, Move{
		ID: id, ExpectedVersion: expected, Action: ent.ActionUndo,
		Do: func(ctx context.Context, o *ent.Offering, may bool) error {
			if o.Status != ent.StatusWithdrawn {
				return fault(ent.UserInvalid, "Only what is withdrawn can be brought back; this one is "+string(o.Status)+".", "id")
			}
			if o.MergedInto != nil {
				return fault(ent.UserInvalid, "It is one with "+ent.OfferingID(*o.MergedInto)+" by now: split that one.", "id")
			}
			was, err := s.revisionBefore(ctx, o)
			if err != nil {
				return err
			}
			o.Status, o.WithdrawnReason = was, nil
			if was == ent.StatusPublished && !may {
				o.Status = ent.StatusInReview
			}
			if o.ExpiresAt != nil && !o.ExpiresAt.After(now) {
				o.ExpiresAt = nil // or it would be withdrawn again at once
			}
			return nil
		},
	})
}

// ReleaseField gives a field that a person has set back to the offering's source, with the value that the source has now.
func (s *Store) ReleaseField(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, name string, expected *int) (*ent.Offering, error) {
	return s.MoveOffering(ctx, actor, now, Move{
		ID: id, ExpectedVersion: expected, Action: ent.ActionRelease,
		Do: func(ctx context.Context, o *ent.Offering, may bool) error {
			f, ok := ent.FieldNamed(name)
			if !ok {
				return fault(ent.UserNotFound, "There is no field of this name.", "field")
			}
			h, held := o.Held[name]
			if !held {
				return nil
			}
			left := map[string]ent.Held{}
			for n, other := range o.Held {
				if n != name {
					left[n] = other
				}
			}
			if o.Held = left; len(left) == 0 {
				o.Held = nil
			}
			if h.Proposed == nil {
				return nil
			}
			was := o.Hash()
			if err := f.Set(o, h.Proposed); err != nil {
				return err
			}
			o.Place = nil
			if o.PlaceID != nil {
				places, err := s.PlacesByID(ctx, []uuid.UUID{*o.PlaceID})
				if err != nil {
					return err
				}
				o.Place = places[0]
			}
			if o.Status == ent.StatusPublished && !may && !slices.Equal(was, o.Hash()) {
				o.Status = ent.StatusInReview
			}
			return nil
		},
	})
}

// ExceptOccurrence changes, adds or resets one date of an offering. e.Original says which; where the schedule does not give it, it is added. reset puts the date
// back to what the schedule says.
func (s *Store) ExceptOccurrence(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, expected *int, e ent.Exception, reset bool) (*ent.Offering, error) {
	return s.MoveOffering(ctx, actor, now, Move{
		ID: id, ExpectedVersion: expected, Action: ent.ActionDate,
		Do: func(ctx context.Context, o *ent.Offering, may bool) error {
			if o.Schedule == nil {
				return fault(ent.UserInvalid, "Only what has a schedule has dates.", "offering")
			}
			if e.PlaceID != nil {
				if places, err := s.PlacesByID(ctx, []uuid.UUID{*e.PlaceID}); err != nil || len(places) == 0 {
					return cmpErr(err, fault(ent.UserNotFound, "There is no such place.", "place"))
				}
			}
			was := o.Hash()
			original, given, err := o.Schedule.Gives(e.Original)
			if err != nil {
				return err
			}
			e.Original, e.Added = original, !given
			o.Exceptions = slices.DeleteFunc(slices.Clone(o.Exceptions), func(x ent.Exception) bool { return x.Original.Equal(e.Original) })
			if !reset {
				o.Exceptions = append(o.Exceptions, e)
			}
			o.Normalize()
			if faults := o.Validate(); len(faults) > 0 {
				for i := range faults {
					if faults[i].Path[0] == "occurrences" {
						faults[i].Path = faults[i].Path[min(2, len(faults[i].Path)):]
					}
				}
				return faults
			}
			if changed := !slices.Equal(was, o.Hash()); o.Status == ent.StatusPublished && changed && !may {
				o.Status = ent.StatusInReview
			}
			return nil
		},
	})
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// ConfirmOffering notes that the offering is still right as it is. It is no new version.
func (s *Store) ConfirmOffering(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, expected *int) (confirmed *ent.Offering, err error) {
	defer wrap(&err, "ConfirmOffering(%v)", id)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.moveOffering(ctx, tx, actor, now, Move{ID: id, ExpectedVersion: expected, Do: func(context.Context, *ent.Offering, bool) error { return nil }})
		if err != nil {
			return err
		}
		confirmed = o
		o.Confirm(now)
		if _, err := tx.NewUpdate().Model(o).Column("confirmed_at", "review_by").WherePK().Exec(ctx); err != nil {
			return err
		}
		return logChanges(ctx, tx, now, []written{{old: o, new: o}}, s.factsOf)
	})
	return confirmed, err
}

// PublishDue publishes what is to be published by now, and withdraws what has expired. Several processes may call it at once.
func (s *Store) PublishDue(ctx context.Context, now time.Time) (n int, err error) {
	defer wrap(&err, "PublishDue(%v)", now)
	system := ent.System("Umland")
	for {
		var batch []*ent.Offering
		err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			batch = nil
			err := tx.NewSelect().Model(&batch).WhereOr("status = 'DRAFT' AND publish_at <= ?", now).WhereOr("status = 'PUBLISHED' AND expires_at <= ?", now).
				Order("id").Limit(100).For("NO KEY UPDATE SKIP LOCKED").Scan(ctx)
			if err != nil {
				return err
			}
			w := &writing{actor: system, now: now}
			for _, old := range batch {
				if err := s.relateForSave(ctx, tx, old); err != nil {
					return err
				}
				o := *old
				o.Status = ent.StatusPublished
				action := ent.ActionPublish
				if expire(&o, now); o.Status != ent.StatusPublished {
					action = ent.ActionExpire
				}
				w.add(old, &o, action)
			}
			return s.write(ctx, tx, w)
		})
		n += len(batch)
		if err != nil || len(batch) == 0 {
			return n, err
		}
	}
}
