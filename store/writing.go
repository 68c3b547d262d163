package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
	"umland/search"
)

// writing is what a mutation writes of offerings, in few statements however many there are.
type writing struct {
	actor   *ent.Actor
	now     time.Time
	changes []written
	quiet   []*ent.Offering // what is proposed for held fields: no new version
	confirm []uuid.UUID     // what is only vouched for again
}

// written is one offering before and after; old is nil for a new one.
type written struct {
	old, new *ent.Offering
	rows     []OccurrenceRow
	dates    bool // whether its dates are written, too
}

// add takes an offering as a new version. Its Provider and Place must be set.
func (w *writing) add(old, o *ent.Offering, action ent.Action) {
	w.changes = append(w.changes, written{old: old, new: o})
	o.Version++
	o.UpdatedAt = w.now
	o.Change = ent.Change{Action: action, ActorKind: w.actor.Kind, ActorID: w.actor.ID, ActorName: w.actor.Name}
	if o.Status == ent.StatusPublished && o.PublishedAt == nil {
		o.PublishedAt = &w.now
	}
	if old == nil || old.Status != o.Status {
		if o.Status != ent.StatusDraft || action != ent.ActionReturn {
			o.ReviewNote = nil
		}
	}
	if action == ent.ActionSave {
		o.Confirm(w.now)
	}
}

// write stores all, each change as a new version with the one before as a revision, and as a row of the change log where the public sees it.
func (s *Store) write(ctx context.Context, tx bun.Tx, w *writing) error {
	if len(w.confirm) > 0 {
		if _, err := exec(ctx, tx, new(query).add("UPDATE offering SET confirmed_at = ? WHERE id = ANY(?::uuid[])", w.now, uuids(w.confirm))); err != nil {
			return err
		}
	}
	for _, o := range w.quiet {
		if _, err := tx.NewUpdate().Model(o).Column("held").WherePK().Exec(ctx); err != nil {
			return err
		}
	}
	if len(w.changes) == 0 {
		return nil
	}
	var created, changed []*ent.Offering
	var before []uuid.UUID
	places := map[uuid.UUID]*ent.Place{}
	for i := range w.changes {
		x := &w.changes[i]
		x.dates = x.old == nil || !sameDates(x.old, x.new) || districtOf(x.old.AGS) != districtOf(x.new.AGS)
		if x.dates {
			var err error
			if x.rows, err = Expand(x.new, w.now); err != nil {
				return err
			}
		}
		if x.old == nil {
			created = append(created, x.new)
		} else {
			changed = append(changed, x.new)
			before = append(before, x.old.ID)
		}
		if p := x.new.Place; p != nil {
			places[p.ID] = p
		}
	}
	all := make([]*ent.Place, 0, len(places))
	for _, p := range places {
		all = append(all, p)
	}
	// In one order, so that no two bulks wait for each other.
	slices.SortFunc(all, func(a, b *ent.Place) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
	for _, step := range []func() error{
		func() error { return s.keepRevisions(ctx, tx, before) },
		func() error { return insertPlaces(ctx, tx, all) },
		func() error { return s.insertOfferings(ctx, tx, created) },
		func() error { return s.updateOfferings(ctx, tx, changed) },
		func() error { return s.writeDates(ctx, tx, w.changes) },
		func() error { return logChanges(ctx, tx, w.now, w.changes, s.factsOf) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// insertPlaces inserts places. A place's id is made from all that describes it: one that is there is the same.
func insertPlaces(ctx context.Context, tx bun.Tx, places []*ent.Place) error {
	if len(places) == 0 {
		return nil
	}
	n := len(places)
	ids, names, ags := make([]string, n), make([]string, n), make([]string, n)
	streets, codes, localities := make([]*string, n), make([]*string, n), make([]*string, n)
	longitudes, latitudes := make([]*float64, n), make([]*float64, n)
	for i, p := range places {
		ids[i], names[i], ags[i], streets[i], codes[i], localities[i] = p.ID.String(), p.Name, p.AGS, p.Street, p.PostalCode, p.Locality
		longitudes[i], latitudes[i] = p.Longitude, p.Latitude
	}
	_, err := exec(ctx, tx, new(query).add(`INSERT INTO place (id, name, street, postal_code, locality, longitude, latitude, ags)
		SELECT * FROM unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::float8[], ?::float8[], ?::text[])
		ON CONFLICT DO NOTHING`, ids, names, streets, codes, localities, longitudes, latitudes, ags))
	return err
}

func sameDates(a, b *ent.Offering) bool {
	for _, name := range []string{"schedule", "occurrences"} {
		if f, _ := ent.FieldNamed(name); !f.Same(a, b) {
			return false
		}
	}
	return true
}

// writeDates makes the offerings' dates those of their rows, and leaves alone what stays the same.
func (s *Store) writeDates(ctx context.Context, tx bun.Tx, changes []written) error {
	var old, kept []uuid.UUID
	var originals []time.Time
	var rows []OccurrenceRow
	for _, x := range changes {
		if !x.dates {
			continue
		}
		rows = append(rows, x.rows...)
		if x.old == nil {
			continue
		}
		old = append(old, x.old.ID)
		for _, r := range x.rows {
			kept, originals = append(kept, r.OfferingID), append(originals, r.Original)
		}
	}
	if len(old) > 0 {
		_, err := exec(ctx, tx, new(query).add(`DELETE FROM occurrence oc WHERE oc.offering_id = ANY(?::uuid[]) AND NOT EXISTS (
			SELECT FROM unnest(?::uuid[], ?::timestamptz[]) AS k(id, original) WHERE k.id = oc.offering_id AND k.original = oc.original)`,
			uuids(old), uuids(kept), originals))
		if err != nil {
			return err
		}
	}
	return insertDates(ctx, tx, rows, `(offering_id, original) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at,
		until = excluded.until, district = excluded.district, all_day = excluded.all_day, status = excluded.status, place_id = excluded.place_id, added = excluded.added`)
}

// insertDates inserts dates; conflict is what to do with those that are there.
func insertDates(ctx context.Context, tx bun.Tx, rows []OccurrenceRow, conflict string) error {
	for len(rows) > 0 {
		n := min(len(rows), 5000)
		ids, districts, statuses, places := make([]string, n), make([]string, n), make([]string, n), make([]*string, n)
		originals, starts, untils := make([]time.Time, n), make([]time.Time, n), make([]time.Time, n)
		ends, allDays, added := make([]*time.Time, n), make([]bool, n), make([]bool, n)
		for i, r := range rows[:n] {
			ids[i], districts[i], statuses[i], originals[i], starts[i], untils[i] = r.OfferingID.String(), r.District, string(r.Status), r.Original, r.StartsAt, r.Until
			ends[i], allDays[i], added[i] = r.EndsAt, r.AllDay, r.Added
			if r.PlaceID != nil {
				id := r.PlaceID.String()
				places[i] = &id
			}
		}
		_, err := exec(ctx, tx, new(query).add(`INSERT INTO occurrence (offering_id, district, original, starts_at, ends_at, until, all_day, status, place_id, added)
			SELECT * FROM unnest(?::uuid[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[], ?::bool[], ?::text[], ?::uuid[], ?::bool[])
			ON CONFLICT `+conflict, ids, districts, originals, starts, ends, untils, allDays, statuses, places, added))
		if err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// facts are by what lists find an offering: whether a change can touch a list is told by them.
type facts struct {
	AGS        string    `json:"a"`
	Kind       string    `json:"k"`
	Provider   uuid.UUID `json:"p"`
	Categories []string  `json:"c,omitempty"` // with those above
	Box        []float64 `json:"b,omitempty"` // west, south, east, north of its place or line
	Words      []byte    `json:"w,omitempty"` // the signature of its texts, nil where nobody knows it
}

// factsOf gives the facts of an offering whose Place is set, nil when the public does not see it.
func (s *Store) factsOf(o *ent.Offering) *facts {
	if o == nil || o.Status != ent.StatusPublished {
		return nil
	}
	box := extentOf(o)
	if o.Words == nil && o.Provider != nil && (o.Place != nil || o.PlaceID == nil) {
		o.Words = search.Sign(search.Vector(s.document(o)))
	}
	return &facts{Words: o.Words, AGS: o.AGS, Kind: string(o.Kind), Provider: o.ProviderID, Categories: s.categoryPath(o), Box: box}
}

func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // cannot be: these are our own plain structs
	}
	return b
}
