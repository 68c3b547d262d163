package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/dedupe"
	"umland/ent"
	"umland/search"
)

// derivedRelease names the way in which derived columns are made. Change it with derive: Rederive then makes them anew.
const derivedRelease = "7"

// derived are the columns by which offerings are found. They are made from the offering, its provider and its place whenever one of these is
// written, and never read back.
type derived struct {
	CategoryPath []string `bun:"category_path,array"` // its categories and all above them
	Longitude    *float64 `bun:"longitude"`
	Latitude     *float64 `bun:"latitude"`
	Extent       *string  `bun:"extent,type:box"` // longitudes and latitudes of its place or line
	HoursKey     *int64   `bun:"hours_key"`
	Vector       string   `bun:"vector,type:tsvector"`
	DedupeKeys   []string `bun:"dedupe_keys,array"` // by which the same thing from elsewhere is found
}

// offeringRow is an offering as it is written.
type offeringRow struct {
	ent.Offering `bun:",extend"`
	derived      `bun:"embed:"`
}

// hoursRow is one of the distinct opening hours.
type hoursRow struct {
	bun.BaseModel `bun:"table:hours"`

	Key  int64  `bun:"key,pk"`
	OSM  string `bun:"osm"`
	Zone string `bun:"zone"` // an AGS where they are as in the offering's municipality; "" when they are the same everywhere
}

// derive makes the row of an offering whose Provider and Place are set, and its opening hours, nil when it has none.
func (s *Store) derive(words *search.Analyzer, o *ent.Offering) (*offeringRow, *hoursRow) {
	r := &offeringRow{Offering: *o}
	r.CategoryPath = s.categoryPath(o)
	r.locate(o)
	r.Vector = words.Vector(s.document(o))
	o.Words = search.Sign(r.Vector)
	r.DedupeKeys = dedupe.Keys(dedupe.FromOffering(o))
	h := s.hoursOf(o)
	if h != nil {
		r.HoursKey = &h.Key
	}
	return r, h
}

// categoryPath lists the offering's categories and all above them, each once.
func (s *Store) categoryPath(o *ent.Offering) []string {
	path := []string{}
	for _, slug := range o.CategorySlugs {
		for c := s.Category(slug); c != nil && !slices.Contains(path, c.Slug); c = c.Broader {
			path = append(path, c.Slug)
		}
	}
	return path
}

// document is what of an offering is searched, its title first.
func (s *Store) document(o *ent.Offering) search.Document {
	d := search.Document{Title: []string{o.Title}, Category: []string{o.Provider.Name}, Names: s.reference().nameWords}
	switch o.Kind {
	case ent.KindVolunteering:
		d.Category = append(d.Category, "Ehrenamt", "Volunteering")
	case ent.KindEvent:
		d.Description = append(d.Description, "Veranstaltung")
	}
	for _, slug := range o.CategorySlugs {
		if c := s.Category(slug); c != nil {
			for _, locale := range []string{"de", "en", "de-simple"} {
				d.Category = append(d.Category, c.Labels[locale])
			}
		}
	}
	add := func(to *[]string, texts ...*string) {
		for _, t := range texts {
			if t != nil {
				*to = append(*to, *t)
			}
		}
	}
	add(&d.Summary, o.Summary)
	for _, t := range o.Translations {
		add(&d.Summary, &t.Title, t.Summary)
		add(&d.Description, t.Description)
	}
	add(&d.Description, o.Description)
	if p := o.Place; p != nil {
		add(&d.Description, &p.Name, p.Street, p.Locality)
	}
	if m := s.Municipality(o.AGS); m != nil {
		add(&d.Description, &m.Name)
	}
	if ags := o.AGS; len(ags) == 8 {
		d.Marks = []string{search.Mark(ags[:2]), search.Mark(ags[:5]), search.Mark(ags)} // its state, its district: see nameRegions
	}
	for _, a := range o.Audiences {
		d.Description = append(d.Description, audienceWords(a))
	}
	return d
}

// audienceWords are words for an audience, as people search for it.
func audienceWords(a ent.Audience) string {
	switch a {
	case ent.AudienceChildren:
		return "Kinder children"
	case ent.AudienceYouth:
		return "Jugendliche youth"
	case ent.AudienceFamilies:
		return "Familien families"
	case ent.AudienceAdults:
		return "Erwachsene adults"
	case ent.AudienceSeniors:
		return "Senioren seniors"
	case ent.AudienceNewcomers:
		return "Neuzugezogene newcomers"
	case ent.AudienceVisitors:
		return "Gäste visitors"
	}
	return ""
}

func (r *offeringRow) locate(o *ent.Offering) {
	e := extentOf(o)
	if e == nil {
		return
	}
	if t := o.Details.Tour; t != nil && len(t.Line) > 1 {
		r.Longitude, r.Latitude = &t.Line[0][0], &t.Line[0][1]
	} else {
		r.Longitude, r.Latitude = o.Place.Longitude, o.Place.Latitude
	}
	box := fmt.Sprintf("(%v,%v),(%v,%v)", e[2], e[3], e[0], e[1])
	r.Extent = &box
}

// extentOf gives west, south, east and north of the line of an offering or of its place, which must be set; nil where neither is known.
func extentOf(o *ent.Offering) []float64 {
	if t := o.Details.Tour; t != nil && len(t.Line) > 1 {
		e := []float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
		for _, p := range t.Line {
			e = []float64{min(e[0], p[0]), min(e[1], p[1]), max(e[2], p[0]), max(e[3], p[1])}
		}
		return e
	}
	if p := o.Place; p != nil && p.Longitude != nil {
		return []float64{*p.Longitude, *p.Latitude, *p.Longitude, *p.Latitude}
	}
	return nil
}

func (s *Store) hoursOf(o *ent.Offering) *hoursRow {
	if o.Hours == nil {
		return nil
	}
	h := &hoursRow{OSM: *o.Hours, Zone: s.hoursZone(*o.Hours, o.AGS)}
	sum := sha256.Sum256([]byte(h.OSM + "\x00" + h.Zone))
	h.Key = int64(binary.BigEndian.Uint64(sum[:8]))
	return h
}

// rowsOf derives the rows of offerings whose Provider and Place are set, and stores their opening hours.
func (s *Store) rowsOf(ctx context.Context, tx bun.Tx, offerings []*ent.Offering) ([]*offeringRow, error) {
	rows := make([]*offeringRow, len(offerings))
	var all []*hoursRow
	var words search.Analyzer
	for i, o := range offerings {
		var h *hoursRow
		if rows[i], h = s.derive(&words, o); h != nil {
			all = append(all, h)
		}
	}
	// In one order, so that no two bulks wait for each other.
	slices.SortFunc(all, func(a, b *hoursRow) int { return cmp.Compare(a.Key, b.Key) })
	return rows, insertAll(ctx, tx, all, keepOld)
}

// insertOfferings writes new offerings, whose Provider and Place are set.
func (s *Store) insertOfferings(ctx context.Context, tx bun.Tx, offerings []*ent.Offering) error {
	rows, err := s.rowsOf(ctx, tx, offerings)
	if err != nil {
		return err
	}
	return copyRows(ctx, s, rows)
}

// seedOfferings is insertOfferings for those that may be there; these stay as they are.
func (s *Store) seedOfferings(ctx context.Context, tx bun.Tx, offerings []*ent.Offering) error {
	rows, err := s.rowsOf(ctx, tx, offerings)
	if err != nil {
		return err
	}
	return insertAll(ctx, tx, rows, keepOld)
}

// updateOfferings writes offerings that are there, whose Provider and Place are set.
func (s *Store) updateOfferings(ctx context.Context, tx bun.Tx, offerings []*ent.Offering) error {
	rows, err := s.rowsOf(ctx, tx, offerings)
	if err != nil || len(rows) == 0 {
		return err
	}
	if len(rows) == 1 {
		_, err = tx.NewUpdate().Model(rows[0]).WherePK().Exec(ctx)
		return err
	}
	_, err = tx.NewUpdate().Model(&rows).Bulk().Exec(ctx)
	return err
}

// Rederive makes the derived columns of all offerings anew when the way in which they are made has changed. It comes after LoadReference; it can be
// interrupted, and then begins again.
func (s *Store) Rederive(ctx context.Context) (n int, err error) {
	defer wrap(&err, "Rederive")
	if done, err := s.Loaded(ctx, "derived", derivedRelease); done || err != nil {
		return 0, err
	}
	var last uuid.UUID
	for {
		var batch []*ent.Offering
		err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if err := tx.NewSelect().Model(&batch).Where("id > ?", last).Order("id").Limit(500).For("UPDATE").Scan(ctx); err != nil {
				return err
			}
			return s.rederive(ctx, tx, batch)
		})
		if err != nil {
			return n, err
		}
		if len(batch) == 0 {
			return n, s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				return s.setReleased(ctx, tx, "derived", derivedRelease)
			})
		}
		n, last = n+len(batch), batch[len(batch)-1].ID
	}
}

// rederive makes the derived columns of offerings that are there anew.
func (s *Store) rederive(ctx context.Context, tx bun.Tx, offerings []*ent.Offering) error {
	if len(offerings) == 0 {
		return nil
	}
	providers, places := map[uuid.UUID]*ent.Provider{}, map[uuid.UUID]*ent.Place{}
	for _, o := range offerings {
		providers[o.ProviderID] = nil
		if o.PlaceID != nil {
			places[*o.PlaceID] = nil
		}
	}
	if err := readInto(ctx, tx, providers, func(p *ent.Provider) uuid.UUID { return p.ID }); err != nil {
		return err
	}
	if err := readInto(ctx, tx, places, func(p *ent.Place) uuid.UUID { return p.ID }); err != nil {
		return err
	}
	rows := make([]*derivedRow, len(offerings))
	var all []*hoursRow
	var words search.Analyzer
	for i, o := range offerings {
		o.Provider = providers[o.ProviderID]
		if o.PlaceID != nil {
			o.Place = places[*o.PlaceID]
		}
		row, h := s.derive(&words, o)
		rows[i] = &derivedRow{ID: o.ID, derived: row.derived}
		if h != nil {
			all = append(all, h)
		}
	}
	if err := insertAll(ctx, tx, all, keepOld); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model(&rows).Bulk().Exec(ctx)
	return err
}

// derivedRow is what Rederive writes.
type derivedRow struct {
	bun.BaseModel `bun:"table:offering,alias:o"`

	ID      uuid.UUID `bun:"id,pk,type:uuid"`
	derived `bun:"embed:"`
}

// readInto reads the rows whose keys are in the map into it.
func readInto[T any](ctx context.Context, tx bun.Tx, into map[uuid.UUID]*T, id func(*T) uuid.UUID) error {
	if len(into) == 0 {
		return nil
	}
	keys := make([]uuid.UUID, 0, len(into))
	for k := range into {
		keys = append(keys, k)
	}
	var rows []*T
	if err := tx.NewSelect().Model(&rows).Where("id IN ?", bun.Tuple(keys)).Scan(ctx); err != nil {
		return err
	}
	for _, r := range rows {
		into[id(r)] = r
	}
	return nil
}
