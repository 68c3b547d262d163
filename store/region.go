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

// districtOf gives the digits of an AGS that name the district or the town that is one of its own.
func districtOf(ags string) string { return ags[:min(len(ags), 5)] }

// maxDistricts is the number of districts up to which each is looked through by itself.
const maxDistricts = 20

// districts gives the districts that municipalities make up as a whole; none where one of them is there in part, or where there are many.
func (r *reference) districts(municipalities []string) (all []string) {
	sizes := map[string]int{}
	for _, ags := range distinct(municipalities) {
		sizes[districtOf(ags)]++
	}
	if len(sizes) > maxDistricts {
		return nil
	}
	for district, n := range sizes {
		if n != r.districtSizes[district] {
			return nil
		}
		all = append(all, district)
	}
	slices.Sort(all)
	return all
}

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
