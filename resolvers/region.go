package resolvers

import (
	"context"

	"umland/ent"
	"umland/store"
)

// Region answers Query.region.
func (r query) Region(ctx context.Context, key string) (*ent.Region, error) {
	g := r.Store.Region(ent.ParseRegionKey(key))
	if g == nil {
		return nil, nil
	}
	c := *g
	return &c, r.fillRegions(ctx, selected(ctx), []*ent.Region{&c})
}

// Regions answers Query.regions.
func (r query) Regions(ctx context.Context, kind *ent.RegionKind, first *int, after *string) (*ent.RegionConnection, error) {
	c, err := r.Store.Regions(kind, store.PageArgs{First: first, After: after})
	if err != nil {
		return nil, err
	}
	copyNodes(&c.Page)
	return c, fillPage(ctx, selected(ctx), "RegionConnection", "RegionEdge", c.Nodes(), r.fillRegions)
}

// Municipalities answers Region.municipalities.
func (r region) Municipalities(ctx context.Context, g *ent.Region, _ *int, _ *string) (*ent.MunicipalityConnection, error) {
	return loaded[ent.MunicipalityConnection](ctx, g.Loaded)
}

// Offerings answers Region.offerings.
func (r region) Offerings(ctx context.Context, g *ent.Region, _ *ent.OfferingFilter, _ *ent.OfferingOrder, _ *int, _ *string) (*ent.OfferingConnection, error) {
	return loaded[ent.OfferingConnection](ctx, g.Loaded)
}
