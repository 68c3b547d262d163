package resolvers

import (
	"context"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/store"
)

// Changes answers Query.changes.
func (r query) Changes(ctx context.Context, after *string, first *int) (*ent.ChangeConnection, error) {
	sel := selected(ctx)
	c, err := r.Store.Changes(ctx, store.PageArgs{First: first, After: after, Total: sel.has("ChangeConnection", "totalCount")})
	if err != nil {
		return nil, err
	}
	return c, fillPage(ctx, sel, "ChangeConnection", "ChangeEdge", c.Nodes(), func(ctx context.Context, sel selection, items []*ent.OfferingChange) error {
		return r.fillChanges(ctx, sel, "Change", items)
	})
}

// fillChanges reads the offerings of changes as the public sees them.
func (r *Root) fillChanges(ctx context.Context, sel selection, typ string, items []*ent.OfferingChange) error {
	for _, below := range sel.under(typ, "offering") {
		found, err := relate(items,
			func(c *ent.OfferingChange) *uuid.UUID { return &c.OfferingID },
			func(c *ent.OfferingChange) **ent.Offering { return &c.Offering },
			func(ids []uuid.UUID) ([]*ent.Offering, error) { return r.Store.OfferingsByID(ctx, nil, ids) },
			func(o *ent.Offering) uuid.UUID { return o.ID })
		if err != nil {
			return err
		}
		if err := r.fillOfferings(ctx, below, found); err != nil {
			return err
		}
	}
	return nil
}

type subscription struct{ *Root }

// OfferingChanged answers Subscription.offeringChanged. What is sent is read when it is sent, as the public sees it.
func (r subscription) OfferingChanged(ctx context.Context, filter *ent.OfferingFilter, after *string) (<-chan *ent.OfferingChange, error) {
	sel := selected(ctx)
	out := make(chan *ent.OfferingChange)
	begun := make(chan error, 1)
	go func() {
		defer close(out)
		err := r.Store.FollowChanges(ctx, filter, after, r.now, func() { begun <- nil }, func(c *ent.OfferingChange) bool {
			if c.Offering != nil {
				c.Offering = nil // it is read now
				if err := r.fillChanges(ctx, sel, "OfferingChange", []*ent.OfferingChange{c}); err != nil {
					return false // the client sees the end, and goes on from its cursor
				}
			}
			select {
			case out <- c:
				return true
			case <-ctx.Done():
				return false
			}
		})
		select {
		case begun <- err: // before it was ready
		default:
		}
	}()
	return out, <-begun
}

// Audit answers Query.audit.
func (r query) Audit(ctx context.Context, first *int, after *string) (*ent.AuditConnection, error) {
	return r.Store.Audit(ctx, store.PageArgs{First: first, After: after, Total: selected(ctx).has("AuditConnection", "totalCount")})
}

// ManagedOfferings answers Query.managedOfferings.
func (r query) ManagedOfferings(ctx context.Context, filter *ent.OfferingFilter, status []ent.OfferingStatus, needsAttention *bool, orderBy *ent.OfferingOrder, first *int, after *string, last *int, before *string) (*ent.OfferingConnection, error) {
	sel := selected(ctx)
	q := r.offeringQuery(sel, filter, orderBy, store.PageArgs{First: first, After: after, Last: last, Before: before})
	q.Managed = &store.Managed{Actor: auth.From(ctx), Status: status, NeedsAttention: value(needsAttention)}
	c, err := r.Store.Offerings(ctx, q)
	if err != nil {
		return nil, err
	}
	return c, r.fillOfferingPages(ctx, sel, []*ent.OfferingConnection{c})
}

// Editorial answers Offering.editorial.
func (r offering) Editorial(ctx context.Context, o *ent.Offering) (*ent.Editorial, error) {
	if auth.From(ctx) == nil {
		return nil, nil
	}
	return loaded[ent.Editorial](ctx, o.Loaded)
}

// Revisions answers Editorial.revisions.
func (r editorial) Revisions(ctx context.Context, e *ent.Editorial, _ *int, _ *string) (*ent.RevisionConnection, error) {
	return loaded[ent.RevisionConnection](ctx, e.Loaded)
}

// fillEditorials puts what the actor may know and do of each offering into Loaded.
func (r *Root) fillEditorials(ctx context.Context, f field, items []*ent.Offering) error {
	actor := auth.From(ctx)
	if actor == nil {
		return nil
	}
	_, err := relate(items,
		func(o *ent.Offering) *uuid.UUID { return &o.ProviderID },
		func(o *ent.Offering) **ent.Provider { return &o.Provider },
		func(ids []uuid.UUID) ([]*ent.Provider, error) { return r.Store.ProvidersByID(ctx, ids) },
		func(p *ent.Provider) uuid.UUID { return p.ID })
	if err != nil {
		return err
	}
	merged, err := r.merged(ctx, f.sub, items)
	if err != nil {
		return err
	}
	for _, o := range items {
		e := r.Store.Editorial(actor, o)
		o.Loaded.Set(keyOf(f.CollectedField), e)
		if e == nil {
			continue
		}
		e.Merged = merged[o.ID]
		for _, revisions := range f.sub.on("Editorial") {
			if revisions.Name != "revisions" {
				continue
			}
			c, err := r.Store.Revisions(ctx, o.ID, revisions.page("RevisionConnection"))
			if err != nil {
				return err
			}
			e.Loaded.Set(keyOf(revisions.CollectedField), c)
		}
	}
	return nil
}

// merged reads what was merged into offerings, where that is selected below.
func (r *Root) merged(ctx context.Context, sel selection, items []*ent.Offering) (map[uuid.UUID][]*ent.Offering, error) {
	below := sel.under("Editorial", "merged")
	if len(below) == 0 {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(items))
	for i, o := range items {
		ids[i] = o.ID
	}
	of, err := r.Store.Merged(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []*ent.Offering
	for _, list := range of {
		all = append(all, list...)
	}
	providers, err := relate(all,
		func(o *ent.Offering) *uuid.UUID { return &o.ProviderID },
		func(o *ent.Offering) **ent.Provider { return &o.Provider },
		func(ids []uuid.UUID) ([]*ent.Provider, error) { return r.Store.ProvidersByID(ctx, ids) },
		func(p *ent.Provider) uuid.UUID { return p.ID })
	if err != nil {
		return nil, err
	}
	sources, err := relate(all,
		func(o *ent.Offering) *uuid.UUID { return o.SourceID },
		func(o *ent.Offering) **ent.Source { return &o.Source },
		func(ids []uuid.UUID) ([]*ent.Source, error) { return r.Store.SourcesByID(ctx, ids) },
		func(s *ent.Source) uuid.UUID { return s.ID })
	if err != nil {
		return nil, err
	}
	for _, sel := range below {
		for _, p := range sel.under("MergedOffering", "provider") {
			if err := r.fillProviders(ctx, p, providers); err != nil {
				return nil, err
			}
		}
		for _, s := range sel.under("MergedOffering", "source") {
			if err := r.fillSources(ctx, s, sources); err != nil {
				return nil, err
			}
		}
	}
	return of, nil
}
