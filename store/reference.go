package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"umland/ent"
	"umland/search"
)

// reference is what every query leans on and hardly ever changes: the register, the cooperations and the categories. It is held in
// memory (about 10 MB), so that no field that names a municipality, a region or a category costs a statement. It is never changed
// once it is shared: LoadReference puts a new one in its place.
type reference struct {
	municipalities      map[string]*ent.Municipality
	municipalitiesNamed []*ent.Municipality // by name
	municipalityKeys    map[string]nameKeys
	municipalitiesBy    map[string][]*ent.Municipality // by name as nameKeys.sort, and by postal code
	regions             map[string]*ent.Region
	regionsNamed        []*ent.Region            // by name
	regionsOf           map[string][]*ent.Region // by AGS: state, district, association, cooperations
	membersNamed        map[string][]*ent.Municipality
	districtSizes       map[string]int // municipalities by what districtOf gives
	categories          map[string]*ent.Category
	roots               []*ent.Category
	holidayZones        map[string]string   // by AGS
	nameWords           map[string]bool     // the words of the names of municipalities, as search.Exact gives them
	regionMarks         map[string][]string // what finds a region, by its name as search.Query.Named asks for it
}

// nameKeys are the forms in which a name is looked for: with ä as a, and with ä as ae.
type nameKeys struct{ sort, spelled string }

// LoadReference reads the register, the cooperations, the categories and the school holidays into memory. Call it after these have changed; what other
// processes change is seen at the next start, but for the holidays, see Listen.
func (s *Store) LoadReference(ctx context.Context) (err error) {
	defer wrap(&err, "LoadReference")
	r := &reference{
		municipalities: map[string]*ent.Municipality{}, municipalityKeys: map[string]nameKeys{}, municipalitiesBy: map[string][]*ent.Municipality{}, regions: map[string]*ent.Region{},
		regionsOf: map[string][]*ent.Region{}, membersNamed: map[string][]*ent.Municipality{}, categories: map[string]*ent.Category{},
	}
	var members []ent.RegionMember
	var categories []*ent.Category
	for _, q := range []*bun.SelectQuery{
		s.db.NewSelect().Model(&r.municipalitiesNamed).Order("ags"),
		s.db.NewSelect().Model(&r.regionsNamed),
		s.db.NewSelect().Model(&members),
		s.db.NewSelect().Model(&categories).Order("position", "slug"),
	} {
		if err = q.Scan(ctx); err != nil {
			return err
		}
	}
	r.holidayZones = holidayZones(r.municipalitiesNamed)
	for _, m := range r.municipalitiesNamed {
		r.municipalities[m.AGS] = m
		keys := nameKeys{ent.SortKey(m.Name), ent.SortKey(umlauts.Replace(m.Name))}
		r.municipalityKeys[m.AGS] = keys
		for _, key := range []string{keys.sort, m.PostalCode} {
			r.municipalitiesBy[key] = append(r.municipalitiesBy[key], m)
		}
	}
	slices.SortFunc(r.municipalitiesNamed, func(a, b *ent.Municipality) int {
		return cmp.Or(cmp.Compare(r.municipalityKeys[a.AGS].sort, r.municipalityKeys[b.AGS].sort), cmp.Compare(a.AGS, b.AGS))
	})
	for _, g := range r.regionsNamed {
		r.regions[g.Key] = g
	}
	slices.SortFunc(r.regionsNamed, func(a, b *ent.Region) int {
		return cmp.Or(cmp.Compare(ent.SortKey(a.Name), ent.SortKey(b.Name)), cmp.Compare(a.Key, b.Key))
	})
	r.addMembers(members)
	r.nameRegions()
	r.districtSizes = map[string]int{}
	for _, m := range r.municipalitiesNamed {
		r.districtSizes[districtOf(m.AGS)]++
	}
	for _, c := range categories {
		r.categories[c.Slug] = c
	}
	for _, c := range categories {
		if c.ParentSlug == nil {
			r.roots = append(r.roots, c)
			continue
		}
		c.Broader = r.categories[*c.ParentSlug]
		c.Broader.Narrower = append(c.Broader.Narrower, c)
	}
	s.ref.Store(r)
	return s.readSchoolHolidays(ctx)
}

// maxMarks is how many members of a cooperation are found by its name.
const maxMarks = 100

// nameRegions makes what a search knows of names. A district or cooperation with the name of a municipality is named with a word before it only (Landkreis Leipzig).
func (r *reference) nameRegions() {
	r.nameWords, r.regionMarks = map[string]bool{}, map[string][]string{}
	towns := map[string]bool{}
	for _, m := range r.municipalitiesNamed {
		words := search.Exact(m.Name)
		towns[strings.Join(words, "")] = true
		for _, w := range words {
			r.nameWords[w] = true
			r.nameWords[w+"er"] = true // Wiesenburger
		}
	}
	for _, g := range r.regionsNamed {
		if g.Kind == ent.RegionAssociation || len(r.membersNamed[g.Key]) == 1 {
			continue
		}
		name, _, _ := strings.Cut(g.Name, ":")
		name = strings.Join(search.Exact(name), "")
		names := []string{name}
		if g.Kind == ent.RegionDistrict {
			names = append(names, "landkreis"+name, "kreis"+name, "lk"+name, "lkr"+name)
		}
		if towns[name] {
			names = names[1:]
		}
		marks := []string{search.Mark(g.Key)}
		if g.Kind == ent.RegionCooperation { // what joins one is not indexed anew
			marks = nil
			for _, m := range r.membersNamed[g.Key][:min(len(r.membersNamed[g.Key]), maxMarks)] {
				marks = append(marks, search.Mark(m.AGS))
			}
		}
		for _, name := range names {
			r.regionMarks[name] = append(r.regionMarks[name], marks...)
		}
	}
}

func (r *reference) addMembers(members []ent.RegionMember) {
	of := map[string]map[string]bool{}
	for _, m := range members {
		if of[m.RegionKey] == nil {
			of[m.RegionKey] = map[string]bool{}
		}
		of[m.RegionKey][m.AGS] = true
	}
	level := []ent.RegionKind{ent.RegionState, ent.RegionDistrict, ent.RegionAssociation, ent.RegionCooperation}
	for _, kind := range level {
		for _, g := range r.regionsNamed {
			if g.Kind != kind {
				continue
			}
			for ags := range of[g.Key] {
				r.regionsOf[ags] = append(r.regionsOf[ags], g)
			}
		}
	}
	for _, m := range r.municipalitiesNamed {
		for _, g := range r.regionsOf[m.AGS] {
			r.membersNamed[g.Key] = append(r.membersNamed[g.Key], m)
		}
	}
}

// reference gives the reference data, empty when none was loaded.
func (s *Store) reference() *reference {
	if r := s.ref.Load(); r != nil {
		return r
	}
	return new(reference)
}

// RegisterSet is the name under which Loaded knows the register.
const RegisterSet = "register"

// SaveRegister puts a release of the register in the place of the one that is loaded, unless it is the same. Municipalities that are
// gone from the register stay, since offerings may point to them.
func (s *Store) SaveRegister(ctx context.Context, release string, regions []*ent.Region, municipalities []*ent.Municipality) (err error) {
	defer wrap(&err, "SaveRegister(%q)", release)
	return s.loadOnce(ctx, RegisterSet, release, func(tx bun.Tx) error {
		// Parents first, for their sake each key is longer than its parent's.
		regions := slices.Clone(regions)
		slices.SortStableFunc(regions, func(a, b *ent.Region) int { return cmp.Compare(len(a.Key), len(b.Key)) })
		if err := insertAll(ctx, tx, regions, `CONFLICT (key) DO UPDATE SET kind = excluded.kind, name = excluded.name,
			label = excluded.label, parent_key = excluded.parent_key`); err != nil {
			return err
		}
		if err := insertAll(ctx, tx, municipalities, `CONFLICT (ags) DO UPDATE SET ars = excluded.ars, name = excluded.name,
			designation = excluded.designation, kind = excluded.kind, population = excluded.population, area_km2 = excluded.area_km2,
			postal_code = excluded.postal_code, longitude = excluded.longitude, latitude = excluded.latitude,
			association_key = excluded.association_key, district_key = excluded.district_key, state_key = excluded.state_key`); err != nil {
			return err
		}
		_, err := tx.NewRaw(`
			DELETE FROM region_member USING region r WHERE r.key = region_key AND r.kind <> 'COOPERATION';
			INSERT INTO region_member (region_key, ags)
			SELECT key, ags FROM municipality, unnest(ARRAY[state_key, district_key, association_key]) AS key WHERE key IS NOT NULL`).Exec(ctx)
		return err
	})
}

// SaveCategories puts a release of the vocabulary in the place of the one that is loaded, unless it is the same.
func (s *Store) SaveCategories(ctx context.Context, release string, categories []*ent.Category) (err error) {
	defer wrap(&err, "SaveCategories(%q)", release)
	return s.loadOnce(ctx, "categories", release, func(tx bun.Tx) error {
		return insertAll(ctx, tx, categories, `CONFLICT (slug) DO UPDATE SET broader = excluded.broader, position = excluded.position,
			labels = excluded.labels`)
	})
}

// umlauts writes umlauts as those do who have none on the keyboard.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")
