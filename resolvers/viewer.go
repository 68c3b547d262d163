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
	sel := selected(ctx)
	if key.AGS != nil {
		m := *r.Store.Municipality(*key.AGS)
		v.Municipality = &m
	} else if sel.has("Viewer", "provider") {
		p, err := r.Store.Provider(ctx, *key.ProviderID)
		if err != nil {
			return nil, err
		}
		v.Provider = p
	}
	for _, f := range sel.on("Viewer") {
		var err error
		switch {
		case f.Name == "municipality" && v.Municipality != nil:
			err = r.fillMunicipalities(ctx, f.sub, []*ent.Municipality{v.Municipality})
		case f.Name == "provider" && v.Provider != nil:
			err = r.fillProviders(ctx, f.sub, []*ent.Provider{v.Provider})
		}
		if err != nil {
			return nil, err
		}
	}
	return v, nil
}
