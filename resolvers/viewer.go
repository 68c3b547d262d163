package resolvers

import (
	"context"
	"strings"

	"umland/auth"
	"umland/ent"
	"umland/graph"
)

// Viewer answers Query.viewer.
func (r query) Viewer(ctx context.Context) (*graph.Viewer, error) {
	key := auth.From(ctx)
	if key == nil {
		return nil, nil
	}
	v := &graph.Viewer{Name: key.Name, Scopes: []string{}}
	for _, s := range key.Scopes {
		v.Scopes = append(v.Scopes, strings.ToLower(string(s)))
	}
	for _, f := range selected(ctx).on("Viewer") {
		switch {
		case f.Name == "municipality" && key.AGS != nil:
			m := *r.Store.Municipality(*key.AGS)
			v.Municipality = &m
			if err := r.fillMunicipalities(ctx, f.sub, []*ent.Municipality{&m}); err != nil {
				return nil, err
			}
		case f.Name == "provider" && key.ProviderID != nil:
			p, err := r.Store.Provider(ctx, *key.ProviderID)
			if err != nil {
				return nil, err
			}
			if err := r.fillProviders(ctx, f.sub, []*ent.Provider{p}); err != nil {
				return nil, err
			}
			v.Provider = p
		}
	}
	return v, nil
}
