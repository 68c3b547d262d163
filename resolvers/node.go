package resolvers

import (
	"context"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/store"
)

// maxNodes bounds the ids of one nodes query.
const maxNodes = 100

// Node answers Query.node.
func (r query) Node(ctx context.Context, id string) (graph.Node, error) {
	nodes, err := r.nodes(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// Nodes answers Query.nodes.
func (r query) Nodes(ctx context.Context, ids []string) ([]graph.Node, error) {
	if len(ids) > maxNodes {
		return nil, ent.BadInput("ids", "ids has %d items; %d are the most.", len(ids), maxNodes)
	}
	return r.nodes(ctx, ids)
}

// nodes reads and fills the entities, all of one type at once. What there is not, or what the request may not see, is nil.
func (r query) nodes(ctx context.Context, ids []string) ([]graph.Node, error) {
	out := make([]graph.Node, len(ids))
	at := map[string][]int{} // by type, where in ids
	for i, id := range ids {
		at[ent.NodeType(id)] = append(at[ent.NodeType(id)], i)
	}
	sel := selected(ctx)
	offerings := func(ids []uuid.UUID) ([]*ent.Offering, error) { return r.Store.OfferingsByID(ctx, auth.From(ctx), ids) }
	for _, step := range []func() error{
		func() error {
			return nodesOf(ctx, sel, out, ids, at["Offering"], ent.ParseOfferingID, offerings, r.fillOfferings)
		},
		func() error {
			return nodesOf(ctx, sel, out, ids, at["Provider"], ent.ParseProviderID, func(ids []uuid.UUID) ([]*ent.Provider, error) { return r.Store.ProvidersByID(ctx, ids) }, r.fillProviders)
		},
		func() error {
			return nodesOf(ctx, sel, out, ids, at["Place"], ent.ParsePlaceID, func(ids []uuid.UUID) ([]*ent.Place, error) { return r.Store.PublicPlacesByID(ctx, auth.From(ctx), ids) }, r.fillPlaces)
		},
		func() error {
			return nodesOf(ctx, sel, out, ids, at["Source"], ent.ParseSourceID, func(ids []uuid.UUID) ([]*ent.Source, error) { return r.Store.SourcesByID(ctx, ids) }, r.fillSources)
		},
		func() error { return r.occurrenceNodes(ctx, sel, out, ids, at["Occurrence"]) },
		func() error {
			return r.referenceNodes(ctx, sel, out, ids)
		},
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// node is an entity with a global id.
type node interface {
	graph.Node
	NodeID() string
}

// nodesOf reads the entities of one type and puts them where their ids stand.
func nodesOf[T any, P interface {
	*T
	node
}, K any](ctx context.Context, sel selection, out []graph.Node, ids []string, at []int, parse func(string) (K, bool), read func([]K) ([]*T, error), fill func(context.Context, selection, []*T) error) error {
	var keys []K
	for _, i := range at {
		if k, ok := parse(ids[i]); ok {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	rows, err := read(keys)
	if err != nil {
		return err
	}
	if err := fill(ctx, sel, rows); err != nil {
		return err
	}
	found := map[string]*T{}
	for _, x := range rows {
		found[P(x).NodeID()] = x
	}
	for _, i := range at {
		if x := found[ids[i]]; x != nil {
			out[i] = P(x)
		}
	}
	return nil
}

// occurrenceNodes leaves out the dates of offerings that the request may not see.
func (r query) occurrenceNodes(ctx context.Context, sel selection, out []graph.Node, ids []string, at []int) error {
	parse := func(id string) (store.OccurrenceKey, bool) {
		offering, original, ok := ent.ParseOccurrenceID(id)
		return store.OccurrenceKey{Offering: offering, Original: original}, ok
	}
	read := func(keys []store.OccurrenceKey) ([]*ent.Occurrence, error) {
		rows, err := r.Store.OccurrencesByID(ctx, keys)
		if err != nil {
			return nil, err
		}
		if _, err := r.offeringsOfOccurrences(ctx, rows); err != nil {
			return nil, err
		}
		var visible []*ent.Occurrence
		for _, oc := range rows {
			if oc.Offering != nil {
				visible = append(visible, oc)
			}
		}
		return visible, nil
	}
	return nodesOf(ctx, sel, out, ids, at, parse, read, r.fillOccurrences)
}

// referenceNodes gives municipalities, regions and categories, which cost no statement.
func (r query) referenceNodes(ctx context.Context, sel selection, out []graph.Node, ids []string) error {
	var municipalities []*ent.Municipality
	var regions []*ent.Region
	for i, id := range ids {
		switch ent.NodeType(id) {
		case "Municipality":
			if ags, ok := ent.ParseAGS(id); ok {
				if m := r.Store.Municipality(ags); m != nil {
					c := *m
					out[i] = &c
					municipalities = append(municipalities, &c)
				}
			}
		case "Region":
			if g := r.Store.Region(ent.ParseRegionKey(id)); g != nil {
				c := *g
				out[i] = &c
				regions = append(regions, &c)
			}
		case "Category":
			if c := r.Store.Category(ent.ParseCategorySlug(id)); c != nil {
				out[i] = c
			}
		}
	}
	if err := r.fillMunicipalities(ctx, sel, municipalities); err != nil {
		return err
	}
	return r.fillRegions(ctx, sel, regions)
}
