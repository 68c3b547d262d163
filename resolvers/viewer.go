package resolvers

import (
	"context"

	"umland/auth"
	"umland/ent"
	"umland/graph"
)

// Viewer answers Query.viewer.
func (r query) Viewer(ctx context.Context) (*graph.Viewer, error) {
	actor := auth.From(ctx)
	if actor == nil {
		return nil, nil
	}
	v := &graph.Viewer{Name: actor.Name, Scopes: actor.ScopeNames()}
	for _, g := range actor.Grants {
		v.Grants = append(v.Grants, &g)
	}
	sel := selected(ctx)
	for _, below := range sel.under("Viewer", "grants") {
		if err := r.fillGrants(ctx, below, "RoleGrant", v.Grants); err != nil {
			return nil, err
		}
	}
	if len(v.Grants) == 0 {
		return v, nil
	}
	first := []*ent.Grant{v.Grants[0]} // which is the only one of a key
	if err := r.fillGrants(ctx, sel, "Viewer", first); err != nil {
		return nil, err
	}
	v.Municipality, v.Provider = first[0].Municipality, first[0].Provider
	return v, nil
}
