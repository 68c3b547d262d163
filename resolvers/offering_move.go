package resolvers

import (
	"context"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/graph"
)

// PublishOffering answers Mutation.publishOffering.
func (r mutation) PublishOffering(ctx context.Context, id string, expectedVersion *int) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, id, func(key uuid.UUID) (*ent.Offering, error) {
		return r.Store.PublishOffering(ctx, auth.From(ctx), r.now(), key, expectedVersion)
	})
}

// WithdrawOffering answers Mutation.withdrawOffering.
func (r mutation) WithdrawOffering(ctx context.Context, id string, expectedVersion *int, reason *string) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, id, func(key uuid.UUID) (*ent.Offering, error) {
		if err := note(reason, "reason"); err != nil {
			return nil, err
		}
		return r.Store.WithdrawOffering(ctx, auth.From(ctx), r.now(), key, expectedVersion, reason)
	})
}

// SubmitOffering answers Mutation.submitOffering.
func (r mutation) SubmitOffering(ctx context.Context, id string, expectedVersion *int) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, id, func(key uuid.UUID) (*ent.Offering, error) {
		return r.Store.SubmitOffering(ctx, auth.From(ctx), r.now(), key, expectedVersion)
	})
}

// ReviewOffering answers Mutation.reviewOffering.
func (r mutation) ReviewOffering(ctx context.Context, id string, decision graph.ReviewDecision, why *string, expectedVersion *int) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, id, func(key uuid.UUID) (*ent.Offering, error) {
		if err := note(why, "note"); err != nil {
			return nil, err
		}
		return r.Store.ReviewOffering(ctx, auth.From(ctx), r.now(), key, expectedVersion, decision == graph.ReviewDecisionApprove, text(why))
	})
}

// UndoWithdraw answers Mutation.undoWithdraw.
func (r mutation) UndoWithdraw(ctx context.Context, id string, expectedVersion *int) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, id, func(key uuid.UUID) (*ent.Offering, error) {
		return r.Store.UndoWithdraw(ctx, auth.From(ctx), r.now(), key, expectedVersion)
	})
}

// RestoreOffering answers Mutation.restoreOffering.
func (r mutation) RestoreOffering(ctx context.Context, id string, version int, expectedVersion *int) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, id, func(key uuid.UUID) (*ent.Offering, error) {
		return r.Store.RestoreOffering(ctx, auth.From(ctx), r.now(), key, version, expectedVersion)
	})
}

// ConfirmOffering answers Mutation.confirmOffering.
func (r mutation) ConfirmOffering(ctx context.Context, id string, expectedVersion *int) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, id, func(key uuid.UUID) (*ent.Offering, error) {
		return r.Store.ConfirmOffering(ctx, auth.From(ctx), r.now(), key, expectedVersion)
	})
}

// ReleaseField answers Mutation.releaseField.
func (r mutation) ReleaseField(ctx context.Context, id, name string, expectedVersion *int) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, id, func(key uuid.UUID) (*ent.Offering, error) {
		return r.Store.ReleaseField(ctx, auth.From(ctx), r.now(), key, name, expectedVersion)
	})
}

// SaveOccurrence answers Mutation.saveOccurrence.
func (r mutation) SaveOccurrence(ctx context.Context, in graph.OccurrenceInput) (*graph.SaveOfferingPayload, error) {
	return r.move(ctx, in.Offering, func(key uuid.UUID) (*ent.Offering, error) {
		e := ent.Exception{Original: in.Original, Start: in.Start.Value(), End: in.End.Value()}
		if s := in.Status.Value(); s != nil {
			e.Status = *s
		}
		if id := in.Place.Value(); id != nil {
			place, ok := ent.ParsePlaceID(*id)
			if !ok {
				return nil, ent.UserErrors{{Path: []string{"place"}, Code: ent.UserNotFound, Message: "There is no such place."}}
			}
			e.PlaceID = &place
		}
		return r.Store.ExceptOccurrence(ctx, auth.From(ctx), r.now(), key, in.ExpectedVersion.Value(), e, value(in.Reset.Value()))
	}, "input")
}

// EraseOffering answers Mutation.eraseOffering.
func (r mutation) EraseOffering(ctx context.Context, id string) (*graph.ErasePayload, error) {
	key, ok := ent.ParseOfferingID(id)
	var err error = ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such offering."}}
	if ok {
		err = r.Store.EraseOffering(ctx, auth.From(ctx), r.now(), key)
	}
	faults, err := userErrors(err)
	payload := &graph.ErasePayload{UserErrors: faults}
	if err == nil && len(faults) == 0 {
		payload.ID = &id
	}
	return payload, err
}

// note bounds what somebody writes about a decision.
func note(s *string, field string) error {
	if s != nil && len([]rune(*s)) > ent.MaxNote {
		return ent.UserErrors{{Path: []string{field}, Code: ent.UserTooLong, Message: "1000 characters are the most."}}
	}
	return nil
}

func (r mutation) move(ctx context.Context, id string, move func(uuid.UUID) (*ent.Offering, error), path ...string) (*graph.SaveOfferingPayload, error) {
	key, ok := ent.ParseOfferingID(id)
	var o *ent.Offering
	var err error = ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such offering."}}
	if ok {
		o, err = move(key)
	}
	payload, err := offeringPayload(o, err, path...)
	if err != nil {
		return nil, err
	}
	return payload, r.fillPayloads(ctx, selected(ctx), payload)
}
