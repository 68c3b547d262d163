package resolvers

import (
	"context"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/harvest"
	"umland/store"
)

// offeringKey parses the id of an offering that stands in an argument.
func offeringKey(id, field string) (uuid.UUID, error) {
	key, ok := ent.ParseOfferingID(id)
	if !ok {
		return key, ent.UserErrors{{Path: []string{field}, Code: ent.UserNotFound, Message: "There is no such offering."}}
	}
	return key, nil
}

// MergeOfferings answers Mutation.mergeOfferings.
func (r mutation) MergeOfferings(ctx context.Context, id string, others []string) (*graph.SaveOfferingPayload, error) {
	o, err := func() (*ent.Offering, error) {
		target, err := offeringKey(id, "id")
		if err != nil {
			return nil, err
		}
		keys := make([]uuid.UUID, len(others))
		for i, other := range others {
			if keys[i], err = offeringKey(other, "others"); err != nil {
				return nil, err
			}
		}
		if r.Harvest == nil {
			return nil, errNoHarvest
		}
		return r.Harvest.Merge(ctx, auth.From(ctx), r.now(), target, keys)
	}()
	return r.moved(ctx, o, err)
}

// KeepApart answers Mutation.keepApart.
func (r mutation) KeepApart(ctx context.Context, id, other string) (*graph.SaveOfferingPayload, error) {
	o, err := func() (*ent.Offering, error) {
		a, err := offeringKey(id, "id")
		if err != nil {
			return nil, err
		}
		b, err := offeringKey(other, "other")
		if err != nil {
			return nil, err
		}
		if r.Harvest == nil {
			return nil, errNoHarvest
		}
		return r.Harvest.KeepApart(ctx, auth.From(ctx), r.now(), a, b)
	}()
	return r.moved(ctx, o, err)
}

// moved gives an offering that a mutation has changed.
func (r mutation) moved(ctx context.Context, o *ent.Offering, err error) (*graph.SaveOfferingPayload, error) {
	payload, err := offeringPayload(o, err)
	if err != nil {
		return nil, err
	}
	return payload, r.fillPayloads(ctx, selected(ctx), payload)
}

// SplitOffering answers Mutation.splitOffering.
func (r mutation) SplitOffering(ctx context.Context, id string, sourceID, externalID, offering *string) (*graph.SplitPayload, error) {
	rest, split, err := r.splitOffering(ctx, id, sourceID, externalID, offering)
	faults, err := userErrors(err)
	if err != nil || len(faults) > 0 {
		return &graph.SplitPayload{UserErrors: faults}, err
	}
	sel := selected(ctx)
	for name, o := range map[string]*ent.Offering{"offering": rest, "split": split} {
		*o = *plain(o)
		for _, below := range sel.under("SplitPayload", name) {
			if err := r.fillOfferings(ctx, below, []*ent.Offering{o}); err != nil {
				return nil, err
			}
		}
	}
	return &graph.SplitPayload{Offering: rest, Split: split, UserErrors: faults}, nil
}

func (r mutation) splitOffering(ctx context.Context, id string, sourceID, externalID, offering *string) (rest, split *ent.Offering, err error) {
	in := harvest.Split{}
	if in.ID, err = offeringKey(id, "id"); err != nil {
		return nil, nil, err
	}
	switch {
	case offering != nil && sourceID == nil && externalID == nil:
		key, err := offeringKey(*offering, "offering")
		if in.Offering = &key; err != nil {
			return nil, nil, err
		}
	case offering == nil && sourceID != nil && externalID != nil:
		key, ok := ent.ParseSourceID(*sourceID)
		if in.Source, in.Key = key, *externalID; !ok {
			return nil, nil, ent.UserErrors{{Path: []string{"source"}, Code: ent.UserNotFound, Message: "There is no such source."}}
		}
	default:
		return nil, nil, ent.UserErrors{{Path: []string{"source"}, Code: ent.UserRequired, Message: "Say what to take out: a source with its externalId, or an offering."}}
	}
	if r.Harvest == nil {
		return nil, nil, errNoHarvest
	}
	return r.Harvest.Split(ctx, auth.From(ctx), r.now(), in)
}

// Duplicates answers Query.duplicates.
func (r query) Duplicates(ctx context.Context, municipality string, first *int, after *string) (*ent.DuplicateConnection, error) {
	if r.Harvest == nil {
		return nil, errNoHarvest
	}
	ags, ok := ent.ParseAGS(municipality)
	if !ok || r.Store.Municipality(ags) == nil {
		return nil, ent.BadInput("municipality", "There is no municipality with this AGS.")
	}
	all, err := r.Harvest.Duplicates(ctx, auth.From(ctx), ags, r.now())
	if err != nil {
		return nil, err
	}
	c, err := r.Store.DuplicatePage(ags, all, store.PageArgs{First: first, After: after})
	if err != nil {
		return nil, err
	}
	return c, fillPage(ctx, selected(ctx), "DuplicateConnection", "DuplicateEdge", c.Nodes(), func(ctx context.Context, sel selection, items []*ent.Duplicate) error {
		for name, of := range map[string]func(*ent.Duplicate) *ent.Offering{
			"a": func(d *ent.Duplicate) *ent.Offering { return d.A }, "b": func(d *ent.Duplicate) *ent.Offering { return d.B },
		} {
			var offerings []*ent.Offering
			for _, d := range items {
				o := of(d)
				*o = *plain(o)
				offerings = append(offerings, o)
			}
			for _, below := range sel.under("Duplicate", name) {
				if err := r.fillOfferings(ctx, below, offerings); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
