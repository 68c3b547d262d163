package harvest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"umland/dedupe"
	"umland/ent"
	"umland/store"
)

// maxMerged bounds the offerings that one call makes one.
const maxMerged = 20

// suspect is the score from which a pair is shown to whoever decides about duplicates.
const suspect = 0.5

// as is who writes what was made of records: it is theirs, by somebody's decision.
func as(actor *ent.Actor) *ent.Actor {
	return &ent.Actor{Kind: ent.ActorSource, ID: actor.ID, Name: actor.Name, Grants: []ent.Grant{{Role: ent.RoleOperator}}, Scopes: ent.RoleOperator.Scopes()}
}

func fault(code ent.UserErrorCode, field, message string) error {
	return ent.UserErrors{{Path: []string{field}, Code: code, Message: message}}
}

// mergeable reads offerings that the actor may merge or split, in the order of ids.
func (r *Runner) mergeable(ctx context.Context, actor *ent.Actor, ids []uuid.UUID, field string) ([]*ent.Offering, error) {
	found, err := r.Store.OfferingsForMerge(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*ent.Offering, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(found, func(o *ent.Offering) bool { return o.ID == id })
		switch {
		case at < 0:
			return nil, fault(ent.UserNotFound, field, "There is no such offering.")
		case !r.Store.MayMerge(actor, found[at]):
			if found[at].Status != ent.StatusPublished {
				return nil, fault(ent.UserNotFound, field, "There is no such offering.")
			}
			return nil, fault(ent.UserForbidden, field, "Only who publishes for its provider or municipality decides what is one with it.")
		}
		out[i] = found[at]
	}
	return out, nil
}

// Merge makes offerings one: target, which has the records of all from now on, and the best of each. The others are withdrawn, and come back by Split. Its
// errors are ent.UserErrors where the input is at fault.
func (r *Runner) Merge(ctx context.Context, actor *ent.Actor, now time.Time, target uuid.UUID, others []uuid.UUID) (merged *ent.Offering, err error) {
	if len(others) == 0 || len(others) > maxMerged || slices.Contains(others, target) {
		return nil, fault(ent.UserInvalid, "others", "Name 1 to 20 offerings other than the one that stays.")
	}
	err = r.decide(ctx, append([]uuid.UUID{target}, others...), func(ctx context.Context) error {
		t, err := r.mergeable(ctx, actor, []uuid.UUID{target}, "id")
		if err != nil {
			return err
		}
		rest, err := r.mergeable(ctx, actor, others, "others")
		if err != nil {
			return err
		}
		if t[0].Status == ent.StatusWithdrawn || slices.ContainsFunc(rest, func(o *ent.Offering) bool { return o.MergedInto != nil }) {
			return fault(ent.UserInvalid, "id", "What is withdrawn, or one with another already, cannot be merged.")
		}
		if err := r.Store.MergeAway(ctx, actor, now, t[0], rest); err != nil {
			return err
		}
		merged, err = r.again(ctx, actor, now, t[0], ent.ActionMerge)
		return err
	})
	return merged, err
}

// again makes an offering anew of the records that it has now.
func (r *Runner) again(ctx context.Context, actor *ent.Actor, now time.Time, o *ent.Offering, action ent.Action) (*ent.Offering, error) {
	s, err := r.saver(ctx, &ent.Source{ProviderID: &o.ProviderID}, as(actor), now)
	if err != nil {
		return nil, err
	}
	parts, err := s.partsOf(ctx, []uuid.UUID{o.ID}, nil)
	if err != nil {
		return nil, err
	}
	posted, err := r.Store.PostedFirst(ctx, o)
	if err != nil {
		return nil, err
	}
	save := store.OfferingSave{ID: &o.ID, ProviderID: o.ProviderID, Publish: o.Status == ent.StatusPublished, Action: action}
	switch list := parts[o.ID]; {
	case len(list) > 0:
		from, provider := compose(list, s.owner)
		if !posted {
			save.ProviderID = provider.ID
		}
		save.Edit = put(from, now)
	case posted: // only what the person had said
		bare := &ent.Offering{Kind: o.Kind, Title: o.Title, Schedule: o.Schedule, Details: o.Details, Licence: o.Licence}
		save.Edit = put(bare, now)
	default:
		return nil, fault(ent.UserInvalid, "id", "It has nothing else: there is nothing to split.")
	}
	saved, err := r.Store.SaveOffering(ctx, s.actor, now, save)
	if err == nil && posted && len(parts[o.ID]) == 0 {
		err = r.Store.ReleaseAll(ctx, o.ID)
		saved.Held = nil
	}
	return saved, err
}

// decide runs work in one transaction while none of the offerings' sources is read.
func (r *Runner) decide(ctx context.Context, offerings []uuid.UUID, work func(ctx context.Context) error) error {
	sources, err := r.Store.SourcesOf(ctx, offerings)
	if err != nil {
		return err
	}
	return r.Store.Within(ctx, sources, work)
}

// Split says what is to be taken out of an offering: what a source says, or what was posted and merged into it.
type Split struct {
	ID       uuid.UUID
	Source   uuid.UUID
	Key      string
	Offering *uuid.UUID // that was merged into it; Source and Key are not read then
}

// Split takes something out of an offering. It becomes the offering again that it was before the two were merged, or a new one. That the two are
// not the same is remembered. Its errors are ent.UserErrors where the input is at fault.
func (r *Runner) Split(ctx context.Context, actor *ent.Actor, now time.Time, in Split) (rest, split *ent.Offering, err error) {
	err = r.decide(ctx, []uuid.UUID{in.ID}, func(ctx context.Context) error {
		found, err := r.mergeable(ctx, actor, []uuid.UUID{in.ID}, "id")
		if err != nil {
			return err
		}
		o := found[0]
		rows, err := r.Store.RecordsOf(ctx, []uuid.UUID{o.ID})
		if err != nil {
			return err
		}
		home := in.Offering
		var row *ent.Record
		if home == nil {
			at := slices.IndexFunc(rows, func(x *ent.Record) bool { return x.SourceID == in.Source && x.Key == in.Key })
			if at < 0 {
				return fault(ent.UserNotFound, "source", "The offering has no such record.")
			}
			row = rows[at]
			home = row.HomeID
		}
		posted, err := r.Store.PostedFirst(ctx, o)
		if err != nil {
			return err
		}
		if home == nil {
			merged, err := r.Store.MergedInto(ctx, []uuid.UUID{o.ID})
			if err != nil {
				return err
			}
			if len(rows) == 1 && !posted && len(merged) == 0 {
				return fault(ent.UserInvalid, "id", "It has nothing else: there is nothing to split.")
			}
			if split, err = r.outOf(ctx, actor, now, row); err != nil {
				return err
			}
		} else if split, err = r.back(ctx, actor, now, o, *home); err != nil {
			return err
		}
		if err := r.Store.MoveRecords(ctx, actor, now, o.ID, split.ID, home != nil, in.Source, in.Key); err != nil {
			return err
		}
		if split.SourceID != nil || len(rows) > 0 {
			if split, err = r.fromOwn(ctx, actor, now, split); err != nil {
				return err
			}
		}
		rest, err = r.again(ctx, actor, now, o, ent.ActionSplit)
		return err
	})
	return rest, split, err
}

// outOf makes an offering of one record.
func (r *Runner) outOf(ctx context.Context, actor *ent.Actor, now time.Time, row *ent.Record) (*ent.Offering, error) {
	source, err := r.Store.Source(ctx, row.SourceID)
	if err != nil {
		return nil, err
	}
	u, err := r.understander(ctx, source)
	if err != nil {
		return nil, err
	}
	from, p, reason, err := u.offer(ctx, r.Store, now, row)
	if err != nil {
		return nil, err
	}
	if reason != "" {
		return nil, fault(ent.UserInvalid, "id", reason)
	}
	return r.Store.SaveOffering(ctx, as(actor), now, store.OfferingSave{ProviderID: p.ID, Edit: put(from, now), Publish: true, New: true, Action: ent.ActionSplit})
}

// back brings back an offering that was merged into another one.
func (r *Runner) back(ctx context.Context, actor *ent.Actor, now time.Time, from *ent.Offering, id uuid.UUID) (*ent.Offering, error) {
	found, err := r.Store.OfferingsForMerge(ctx, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].MergedInto == nil || *found[0].MergedInto != from.ID {
		return nil, fault(ent.UserNotFound, "offering", "It is not one with this offering.")
	}
	by := as(actor)
	by.Kind = ent.ActorSystem // its content stays as it was
	return r.Store.SaveOffering(ctx, by, now, store.OfferingSave{ID: &id, ProviderID: found[0].ProviderID, Publish: true, Action: ent.ActionSplit, Edit: func(o *ent.Offering) ent.UserErrors {
		o.Status, o.WithdrawnReason, o.MergedInto = ent.StatusDraft, nil, nil
		return nil
	}})
}

// fromOwn makes an offering anew of its records, where it has any.
func (r *Runner) fromOwn(ctx context.Context, actor *ent.Actor, now time.Time, o *ent.Offering) (*ent.Offering, error) {
	rows, err := r.Store.RecordsOf(ctx, []uuid.UUID{o.ID})
	if err != nil || len(rows) == 0 {
		return o, err
	}
	return r.again(ctx, actor, now, o, ent.ActionSplit)
}

// KeepApart remembers that two offerings are not the same thing.
func (r *Runner) KeepApart(ctx context.Context, actor *ent.Actor, now time.Time, a, b uuid.UUID) (*ent.Offering, error) {
	found, err := r.mergeable(ctx, actor, []uuid.UUID{a}, "id")
	if err != nil {
		return nil, err
	}
	if _, err := r.mergeable(ctx, actor, []uuid.UUID{b}, "other"); err != nil {
		return nil, err
	}
	if a == b {
		return nil, fault(ent.UserInvalid, "other", "Name two offerings.")
	}
	return found[0], r.Store.KeepApart(ctx, actor, now, a, b)
}

// Duplicates lists pairs of a municipality's offerings that may be the same thing, the likeliest first. The actor must post for the municipality.
func (r *Runner) Duplicates(ctx context.Context, actor *ent.Actor, ags string, now time.Time) ([]*ent.Duplicate, error) {
	if !r.Store.MayEditIn(actor, ags) {
		return nil, &ent.Error{Code: ent.CodeForbidden, Field: "municipality", Message: "You do not act for this municipality."}
	}
	pairs, err := r.Store.Suspects(ctx, ags, now)
	if err != nil {
		return nil, err
	}
	var out []*ent.Duplicate
	for _, p := range pairs {
		v := dedupe.Score(dedupe.FromOffering(p[0]), dedupe.FromOffering(p[1]))
		if v.Score < suspect {
			continue
		}
		d := &ent.Duplicate{A: p[0], B: p[1], Score: v.Score}
		for _, reason := range v.Reasons {
			d.Reasons = append(d.Reasons, ent.DuplicateReason{Field: reason.Field, Score: reason.Score, Text: reason.Text})
		}
		out = append(out, d)
	}
	slices.SortStableFunc(out, func(a, b *ent.Duplicate) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return out, nil
}
