package store

import (
	"slices"

	"umland/ent"
)

// Region gives the region with this key, nil when there is none. Copy it before you change it.
func (s *Store) Region(key string) *ent.Region { return s.reference().regions[key] }

// RegionsOf gives the regions of a municipality: state, district, association, cooperations.
func (s *Store) RegionsOf(ags string) []*ent.Region { return s.reference().regionsOf[ags] }

// manyMembers is the number of municipalities from which on a region is no longer looked through one by one.
const manyMembers = 500

// bySize parts regions with few members from those with many.
func (r *reference) bySize(keys []string) (few, many []string) {
	for _, key := range keys {
		if len(r.membersNamed[key]) < manyMembers {
			few = append(few, key)
		} else {
			many = append(many, key)
		}
	}
	return few, many
}

// Regions gives the regions of a kind, or all, by name.
func (s *Store) Regions(kind *ent.RegionKind, p PageArgs) (*ent.RegionConnection, error) {
	w, err := p.window(newList("regions", kind))
	if err != nil {
		return nil, err
	}
	all := s.reference().regionsNamed
	if kind != nil {
		all = slices.DeleteFunc(slices.Clone(all), func(g *ent.Region) bool { return g.Kind != *kind })
	}
	return &ent.RegionConnection{Page: slicePage(w, all, func(g *ent.Region) cursor {
		return cursor{ent.SortKey(g.Name), g.Key}
	})}, nil
}
