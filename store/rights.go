package store

import (
	"slices"

	"umland/ent"
)

// Who may do what with which offering is decided here, and nowhere else; docs/rights.md has it as a table.

// covers tells whether the grant is for an area that holds the municipality.
func (s *Store) covers(g *ent.Grant, ags string) bool {
	switch {
	case g.ProviderID != nil:
		return false
	case g.AGS != nil:
		return *g.AGS == ags
	case g.RegionKey != nil:
		return slices.ContainsFunc(s.RegionsOf(ags), func(r *ent.Region) bool { return r.Key == *g.RegionKey })
	default:
		return g.Role == ent.RoleOperator
	}
}

// granted gives the grants by which the actor carries the scope.
func granted(a *ent.Actor, scope ent.Scope) (out []ent.Grant) {
	if a == nil || !slices.Contains(a.Scopes, scope) {
		return nil
	}
	for _, g := range a.Grants {
		if slices.Contains(g.Role.Scopes(), scope) {
			out = append(out, g)
		}
	}
	return out
}

// mayInArea tells whether the actor carries the scope for the municipality as such, not only for a provider there.
func (s *Store) mayInArea(a *ent.Actor, scope ent.Scope, ags string) bool {
	return slices.ContainsFunc(granted(a, scope), func(g ent.Grant) bool { return s.covers(&g, ags) })
}

// owns tells whether the actor carries the scope for the provider: by a role there, or in its municipality.
func (s *Store) owns(a *ent.Actor, scope ent.Scope, p *ent.Provider) bool {
	return slices.ContainsFunc(granted(a, scope), func(g ent.Grant) bool {
		return g.ProviderID != nil && *g.ProviderID == p.ID || s.covers(&g, p.AGS)
	})
}

// mayPublish tells whether the actor may put the offering before the public without a review: in the municipality that it acts for, or
// in which its provider is. The offering's provider must be set.
func (s *Store) mayPublish(a *ent.Actor, o *ent.Offering) bool {
	return slices.ContainsFunc(granted(a, ent.ScopePublish), func(g ent.Grant) bool {
		return g.ProviderID != nil && *g.ProviderID == o.ProviderID && o.Provider.AGS == o.AGS || s.covers(&g, o.AGS)
	})
}

// own adds " OR the offering o is the actor's to read", or nothing for who may not.
func (s *Store) own(q *query, a *ent.Actor) {
	grants := granted(a, ent.ScopeRead)
	if len(grants) == 0 {
		grants = granted(a, ent.ScopeWrite)
	}
	for _, g := range grants {
		switch {
		case g.ProviderID != nil:
			q.add(" OR o.provider_id = ?", *g.ProviderID)
		case g.Role == ent.RoleOperator:
			q.add(" OR true")
		default:
			area := s.areaOf(&g)
			q.add(" OR o.ags = ANY(?::text[]) AND o.status = 'IN_REVIEW' OR o.provider_id IN (SELECT id FROM provider WHERE ags = ANY(?::text[]))", area, area)
		}
	}
}

// areaOf lists the municipalities of the grant.
func (s *Store) areaOf(g *ent.Grant) []string {
	switch {
	case g.AGS != nil:
		return []string{*g.AGS}
	case g.RegionKey != nil:
		var area []string
		for _, m := range s.reference().membersNamed[*g.RegionKey] {
			area = append(area, m.AGS)
		}
		return area
	}
	return nil
}

// mayAnywhere tells whether the actor writes for a municipality or region at all, and not only for providers.
func (s *Store) mayAnywhere(a *ent.Actor) bool {
	return slices.ContainsFunc(granted(a, ent.ScopeWrite), func(g ent.Grant) bool { return g.ProviderID == nil })
}
