package store

import (
	"strings"

	"umland/ent"
)

// Municipality gives the municipality with this AGS, nil when there is none. Copy it before you change it.
func (s *Store) Municipality(ags string) *ent.Municipality { return s.reference().municipalities[ags] }

// MunicipalityAt gives the municipality in whose boundary the point lies, nil when there is none.
func (s *Store) MunicipalityAt(longitude, latitude float64) *ent.Municipality {
	ags, _ := s.locate(longitude, latitude, "")
	return s.Municipality(ags)
}

// Municipalities gives those whose name, a word in it, or postal code begins with search, in the region with this key, by name.
func (s *Store) Municipalities(search, region *string, p PageArgs) (*ent.MunicipalityConnection, error) {
	w, err := p.window(newList("municipalities", search, region))
	if err != nil {
		return nil, err
	}
	r := s.reference()
	all := r.municipalitiesNamed
	if region != nil {
		key := ent.ParseRegionKey(*region)
		if r.regions[key] == nil {
			return nil, ent.BadInput("region", "There is no region with the key %q.", clip(key))
		}
		all = r.membersNamed[key]
	}
	if search != nil {
		all = r.named(all, *search)
	}
	return &ent.MunicipalityConnection{Page: slicePage(w, all, func(m *ent.Municipality) cursor {
		return cursor{r.municipalityKeys[m.AGS].sort, m.AGS}
	})}, nil
}

func (r *reference) named(all []*ent.Municipality, search string) (found []*ent.Municipality) {
	if len(search) > 200 {
		return nil // no name is that long
	}
	want, spelled := ent.SortKey(search), ent.SortKey(umlauts.Replace(search))
	if want == "" {
		return nil
	}
	for _, m := range all {
		k := r.municipalityKeys[m.AGS]
		if beginsWord(k.sort, want) || beginsWord(k.spelled, spelled) || strings.HasPrefix(m.PostalCode, want) {
			found = append(found, m)
		}
	}
	return found
}

// beginsWord tells whether the sort key begins with the prefix, or a word in it does.
func beginsWord(key, prefix string) bool {
	return strings.HasPrefix(key, prefix) || strings.Contains(key, " "+prefix)
}

// clip shortens what came from outside before it is said back.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
