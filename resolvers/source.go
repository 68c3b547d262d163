package resolvers

import (
	"context"

	"umland/ent"
	"umland/graph"
	"umland/store"
)

// Sources answers Query.sources.
func (r query) Sources(ctx context.Context, municipality *string, first *int, after *string) (*ent.SourceConnection, error) {
	sel := selected(ctx)
	c, err := r.Store.Sources(ctx, municipality, store.PageArgs{
		First: first, After: after, Total: sel.has("SourceConnection", "totalCount"),
	})
	if err != nil {
		return nil, err
	}
	return c, fillPage(ctx, sel, "SourceConnection", "SourceEdge", c.Nodes(), r.fillSources)
}

// Credits answers Query.credits.
func (r query) Credits(context.Context) ([]*graph.Credit, error) { return r.Root.Credits, nil }
