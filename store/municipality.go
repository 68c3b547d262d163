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

// Municipalities gives those whose name, a word in it, or postal code begins with search, in the region with this key, by name: first those
// whose whole name begins with it.
func (s *Store) Municipalities(search, region *string, p PageArgs) (*ent.MunicipalityConnection, error) {
	w, err := p.window(newList("municipalities", search, region))
	if err != nil {
		return nil, err
	}
	r := s.reference()
	all := r.municipalitiesNamed
	if region != nil {
		key, err := s.knownRegion("region", *region)
		if err != nil {
			return nil, err
		}
		all = r.membersNamed[key]
	}
	rank := func(*ent.Municipality) string { return "" }
	if search != nil {
		all, rank = r.named(all, *search)
	}
	return &ent.MunicipalityConnection{Page: slicePage(w, all, func(m *ent.Municipality) cursor {
		return cursor{rank(m) + r.municipalityKeys[m.AGS].sort, m.AGS}
	})}, nil
}

// named finds those that search is the beginning of, and ranks those whose whole name begins with it before the others.
func (r *reference) named(all []*ent.Municipality, search string) (found []*ent.Municipality, rank func(*ent.Municipality) string) {
	want, spelled := ent.SortKey(clip(search)), ent.SortKey(umlauts.Replace(clip(search)))
	begins := func(m *ent.Municipality) bool {
		k := r.municipalityKeys[m.AGS]
		return strings.HasPrefix(k.sort, want) || strings.HasPrefix(k.spelled, spelled)
	}
	rank = func(m *ent.Municipality) string {
		if begins(m) {
			return "0"
		}
		return "1"
	}
	if want == "" {
		return nil, rank
	}
	var later []*ent.Municipality
	for _, m := range all {
		k := r.municipalityKeys[m.AGS]
		switch {
		case begins(m):
			found = append(found, m)
		case strings.Contains(k.sort, " "+want), strings.Contains(k.spelled, " "+spelled), strings.HasPrefix(m.PostalCode, want):
			later = append(later, m)
		}
	}
	return append(found, later...), rank
}

// knownAGS gives the AGS that an argument names by AGS or global id, else an error that names the field.
func (s *Store) knownAGS(field, id string) (string, error) {
	ags, ok := ent.ParseAGS(id)
	if !ok || s.Municipality(ags) == nil {
		return "", ent.BadInput(field, "There is no municipality with the AGS %q.", clip(id))
	}
	return ags, nil
}

// knownRegion gives the key that an argument names by key or global id, else an error that names the field.
func (s *Store) knownRegion(field, id string) (string, error) {
	key := ent.ParseRegionKey(id)
	if s.Region(key) == nil {
		return "", ent.BadInput(field, "There is no region with the key %q.", clip(key))
	}
	return key, nil
}

// clip shortens what came from outside before it is said back.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
