package resolvers

import (
	"context"
	"time"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/store"
)

// Offerings answers Query.offerings.
func (r query) Offerings(ctx context.Context, filter *ent.OfferingFilter, orderBy *ent.OfferingOrder, first *int, after *string, last *int, before *string) (*ent.OfferingConnection, error) {
	sel := selected(ctx)
	c, err := r.Store.Offerings(ctx, r.offeringQuery(sel, filter, orderBy, store.PageArgs{First: first, After: after, Last: last, Before: before}))
	if err != nil {
		return nil, err
	}
	return c, r.fillOfferingPages(ctx, sel, []*ent.OfferingConnection{c})
}

// Offering answers Query.offering.
func (r query) Offering(ctx context.Context, id string) (*ent.Offering, error) {
	key, ok := ent.ParseOfferingID(id)
	if !ok {
		return nil, nil
	}
	sel := selected(ctx)
	found, err := r.Store.ReadOfferings(ctx, auth.From(ctx), []uuid.UUID{key}, reading(sel))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], r.fillOfferings(ctx, sel, found)
}

// Occurrences answers Query.occurrences.
func (r query) Occurrences(ctx context.Context, filter *ent.OfferingFilter, from, to time.Time, first *int, after *string) (*ent.OccurrenceConnection, error) {
	sel := selected(ctx)
	c, err := r.Store.Occurrences(ctx, filter, from, to, r.minute(), store.PageArgs{
		First: first, After: after, Total: sel.has("OccurrenceConnection", "totalCount"),
	}, readingOfDates(sel.nodes("OccurrenceConnection", "OccurrenceEdge")))
	if err != nil {
		return nil, err
	}
	return c, fillPage(ctx, sel, "OccurrenceConnection", "OccurrenceEdge", c.Nodes(), r.fillOccurrences)
}

// Occurrences answers Offering.occurrences.
func (r offering) Occurrences(ctx context.Context, o *ent.Offering, _, _ *time.Time, _ *int, _ *string) (*ent.OccurrenceConnection, error) {
	return loaded[ent.OccurrenceConnection](ctx, o.Loaded)
}

// NextOccurrence answers Offering.nextOccurrence.
func (r offering) NextOccurrence(ctx context.Context, o *ent.Offering, _ *time.Time) (*ent.Occurrence, error) {
	return loaded[ent.Occurrence](ctx, o.Loaded)
}

// IsOpen answers Offering.isOpen.
func (r offering) IsOpen(ctx context.Context, o *ent.Offering, at *time.Time) (*bool, error) {
	h := o.OpeningHours()
	if h == nil || ctx.Err() != nil { // many of these take time
		return nil, ctx.Err()
	}
	return r.inPlace(h).OpenAt(r.orNow(ctx, at)), nil
}

// inPlace gives the hours with what is known of where they hold.
func (r *Root) inPlace(h *ent.OpeningHours) *ent.OpeningHours {
	return h.In(r.Store.Municipality(h.AGS()), r.Store.SchoolHolidays())
}

// NextChange answers OpeningHours.nextChange.
func (r openingHours) NextChange(ctx context.Context, h *ent.OpeningHours, after *time.Time) (*time.Time, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return r.inPlace(h).ChangeAfter(r.orNow(ctx, after)), nil
}

// Suggest answers Query.suggest.
func (r query) Suggest(ctx context.Context, prefix string, region *string, first *int) ([]graph.Suggestion, error) {
	n := 8
	if first != nil {
		n = *first
	}
	found, err := r.Store.Suggest(ctx, prefix, region, n)
	if err != nil {
		return nil, err
	}
	out := make([]graph.Suggestion, len(found))
	var offerings []*ent.Offering
	var towns []*ent.Municipality
	var regions []*ent.Region
	for i, x := range found {
		out[i] = x.(graph.Suggestion)
		switch x := x.(type) {
		case *ent.Offering:
			offerings = append(offerings, x)
		case *ent.Municipality:
			towns = append(towns, x)
		case *ent.Region:
			regions = append(regions, x)
		}
	}
	sel := selected(ctx)
	if err := r.fillOfferings(ctx, sel, offerings); err != nil {
		return nil, err
	}
	if err := r.fillMunicipalities(ctx, sel, towns); err != nil {
		return nil, err
	}
	return out, r.fillRegions(ctx, sel, regions)
}
