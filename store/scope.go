package store

import (
	"cmp"
	"slices"

	"umland/ent"
	"umland/search"
)

// scope is what of a list's conditions can be told from facts alone: a change that a scope does not touch cannot change the list. It may touch
// more than the list holds, never less. nil sets are no condition.
type scope struct {
	ags, kinds, providers, categories map[string]bool
	box                               []float64 // west, south, east, north
	searched                          bool
	words                             string // if searched, a tsquery that finds all that is found
}

// scopeOf makes the scope of a filter that conditions has taken.
func (s *Store) scopeOf(f *ent.OfferingFilter) *scope {
	sc := new(scope)
	if f == nil {
		return sc
	}
	if len(f.Municipalities) > 0 {
		sc.ags = map[string]bool{}
		for _, id := range f.Municipalities {
			ags, _ := ent.ParseAGS(id)
			sc.ags[ags] = true
		}
	}
	if len(f.Regions) > 0 {
		in := map[string]bool{}
		for _, id := range f.Regions {
			key, err := s.knownRegion("", id)
			if err != nil {
				continue
			}
			for _, m := range s.reference().membersNamed[key] {
				if sc.ags == nil || sc.ags[m.AGS] {
					in[m.AGS] = true
				}
			}
		}
		sc.ags = in
	}
	if len(f.Kinds) > 0 {
		sc.kinds = set(strs(f.Kinds))
	}
	if len(f.Categories) > 0 {
		slugs := make([]string, len(f.Categories))
		for i, slug := range f.Categories {
			slugs[i] = ent.ParseCategorySlug(slug)
		}
		sc.categories = set(slugs)
	}
	for _, id := range f.Providers {
		if u, ok := ent.ParseProviderID(id); ok {
			sc.providers = with(sc.providers, u.String())
		}
	}
	if !blank(f.Search) {
		q := s.query(*f.Search)
		sc.searched, sc.words = true, cmp.Or(q.Relaxed(), q.Rank())
	}
	if p, radius, err := s.around(f); err == nil && p != nil {
		dLon, dLat := p.span(radius)
		sc.box = []float64{p.longitude - dLon, p.latitude - dLat, p.longitude + dLon, p.latitude + dLat}
	} else if b := f.Within; b != nil {
		sc.box = []float64{b.West, b.South, b.East, b.North}
	}
	if b := sc.box; b != nil { // whatever Postgres rounds otherwise
		const margin = 1e-6
		sc.box = []float64{b[0] - margin, b[1] - margin, b[2] + margin, b[3] + margin}
	}
	return sc
}

// below narrows the scope to what hangs below parents.
func (s *Store) below(sc *scope, parent Parent, keys []string) *scope {
	n := *sc
	narrow := func(to map[string]bool, keys map[string]bool) map[string]bool {
		if to == nil {
			return keys
		}
		both := map[string]bool{}
		for k := range keys {
			if to[k] {
				both[k] = true
			}
		}
		return both
	}
	switch parent {
	case OfMunicipality:
		n.ags = narrow(sc.ags, set(keys))
	case OfProvider:
		n.providers = narrow(sc.providers, set(keys))
	case OfRegion:
		in := map[string]bool{}
		for _, key := range keys {
			for _, m := range s.reference().membersNamed[key] {
				in[m.AGS] = true
			}
		}
		n.ags = narrow(sc.ags, in)
	}
	return &n
}

// touches tells whether what has the facts may be in the list.
func (sc *scope) touches(f *facts) bool {
	if f == nil {
		return false
	}
	outside := func(set map[string]bool, v string) bool { return set != nil && !set[v] }
	if outside(sc.ags, f.AGS) || outside(sc.kinds, f.Kind) || sc.providers != nil && !sc.providers[f.Provider.String()] {
		return false
	}
	if sc.categories != nil && !slices.ContainsFunc(f.Categories, func(slug string) bool { return sc.categories[slug] }) {
		return false
	}
	if sc.searched && !search.Signature(f.Words).May(sc.words) {
		return false
	}
	if b := sc.box; b != nil {
		return len(f.Box) == 4 && f.Box[0] <= b[2] && f.Box[2] >= b[0] && f.Box[1] <= b[3] && f.Box[3] >= b[1]
	}
	return true
}

func set(keys []string) map[string]bool {
	m := make(map[string]bool, len(keys))
	for _, k := range keys {
		m[k] = true
	}
	return m
}

func with(m map[string]bool, key string) map[string]bool {
	if m == nil {
		m = map[string]bool{}
	}
	m[key] = true
	return m
}
