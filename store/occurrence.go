package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"umland/ent"
)

// maxSpan is the longest time that the calendar looks at.
const maxSpan = 3 * 366 * 24 * time.Hour

// occurrenceRow is a date with the zone to show it in.
type occurrenceRow struct {
	ent.Occurrence `bun:",extend"`
	Zone           string `bun:"zone"`
}

func (r *occurrenceRow) occurrence() *ent.Occurrence {
	r.TimeZone = r.Zone
	return &r.Occurrence
}

// A date's cursor has its start as key, and its global id, which holds the offering and the original start.
func occurrencePosition(o *ent.Occurrence) cursor { return cursor{microTime(o.StartsAt), o.NodeID()} }

// occurrenceKeyset adds the condition that a date lies behind the cursor.
func occurrenceKeyset(q *query, w window) error {
	if w.after == nil {
		return nil
	}
	at, ok := parseMicroTime(w.after.key)
	id, original, okID := ent.ParseOccurrenceID(w.after.id)
	if !ok || !okID {
		return ent.BadInput("after", "after is not a cursor of this list.")
	}
	q.add(" AND (oc.starts_at, oc.offering_id, oc.original) > (?, ?, ?)", at, id, original)
	return nil
}

const occurrenceOrder = " ORDER BY oc.starts_at, oc.offering_id, oc.original LIMIT ?"

// Occurrences gives a page of the calendar: what still runs at from or starts before to, of the offerings that are published and
// match the filter, by start. now is the beginning of a window in the filter that has none. The offerings are read with them, unless r is nil.
func (s *Store) Occurrences(ctx context.Context, f *ent.OfferingFilter, from, to, now time.Time, p PageArgs, r *Reading) (c *ent.OccurrenceConnection, err error) {
	defer wrap(&err, "Occurrences(%+v, %v, %v)", f, from, to)
	if !to.After(from) {
		return nil, ent.BadInput("to", "to must be after from.")
	}
	if to.Sub(from) > maxSpan {
		return nil, ent.BadInput("to", "to may be 3 years after from at the most.")
	}
	w, err := p.window(newList("occurrences", f, from, to))
	if err != nil {
		return nil, err
	}
	ctx = s.noteList(ctx, f, "", nil, false)
	if f != nil && f.During != nil && f.During.From == nil {
		NoteClock(ctx)
	}
	conds, _, err := s.conditions(ctx, f, now)
	if err != nil {
		return nil, err
	}
	districts, covered := s.districtsOf(f)
	day := from.Add(-24*time.Hour - time.Second)
	// dates gives the dates in question, as oc; more is a condition on oc, order is "" or cuts what each offering gives.
	dates := func(columns string, more, order *query) *query {
		q := new(query)
		if len(districts) > 0 { // by start in each; of those that last for more than a day, as below, a list of their own
			q.add("SELECT " + columns).append(fromKeys(districts)).add(" CROSS JOIN LATERAL (")
			part := func(condition string, args ...any) {
				q.add("(SELECT oc.* FROM occurrence oc CROSS JOIN LATERAL (SELECT FROM offering o WHERE o.id = oc.offering_id AND o.status = 'PUBLISHED'")
				conds.and(q, covered)
				q.add(") o WHERE oc.district = k.key AND "+condition, args...)
				q.append(more).append(order).add(")")
			}
			part("oc.starts_at > ? AND oc.starts_at < ? AND oc.until > ?", day, to, from)
			q.add(" UNION ALL ")
			part("oc.long AND oc.until > ? AND oc.starts_at <= ? AND oc.starts_at < ?", from, day, to)
			return q.add(") oc WHERE true")
		}
		if s.selective(f) { // few offerings: the dates of each
			q.add("WITH o AS MATERIALIZED (SELECT o.id FROM offering o WHERE o.status = 'PUBLISHED' AND o.last_until > ?", from)
			conds.and(q, "")
			q.add(") SELECT "+columns+` FROM o CROSS JOIN LATERAL (SELECT * FROM occurrence oc
				WHERE oc.offering_id = o.id AND oc.starts_at < ? AND oc.until > ?`, to, from)
			return q.append(more).append(order).add(") oc WHERE true")
		}
		// Many: by start. What runs at from started within a day before, or is one of the few long ones, which have an index of their own.
		q.add("SELECT "+columns+` FROM (SELECT * FROM occurrence oc WHERE oc.starts_at > ? AND oc.starts_at < ? AND oc.until > ?
			UNION ALL SELECT * FROM occurrence oc WHERE oc.long AND oc.until > ? AND oc.starts_at <= ? AND oc.starts_at < ?) oc
			CROSS JOIN LATERAL (SELECT FROM offering o WHERE o.id = oc.offering_id AND o.status = 'PUBLISHED'`,
			day, to, from, from, day, to)
		conds.and(q, "")
		return q.add(") o WHERE true").append(more)
	}
	after := new(query)
	if err := occurrenceKeyset(after, w); err != nil {
		return nil, err
	}
	order := new(query).add(occurrenceOrder, w.size+1)
	// Of the offerings only those of the page are read. As in Reading.with, LIMIT 1 keeps the order.
	columns, with := "", ""
	if r != nil {
		columns, with = r.with(s, "offering.")
		columns = s.columnsOf("offering", ent.Offering{}, r.names()...) + columns
	}
	q := new(query).add("SELECT " + s.columns(ent.Occurrence{}) + ", o.schedule->>'timeZone' AS zone" + columns + " FROM (").append(dates(s.columns(ent.Occurrence{}), after, order)).append(order)
	q.add(") oc CROSS JOIN LATERAL (SELECT * FROM offering o WHERE o.id = oc.offering_id LIMIT 1) o" + with)
	var rows []*occurrenceRow
	if err := s.scan(ctx, q, &rows); err != nil {
		return nil, err
	}
	list := make([]*ent.Occurrence, len(rows))
	for i, r := range rows {
		list[i] = r.occurrence()
	}
	c = &ent.OccurrenceConnection{Page: page(w, list, occurrencePosition)}
	if !p.Total {
		return c, nil
	}
	totals, err := s.totals(ctx, dates("'' AS parent, count(*) AS n", new(query), new(query)))
	c.TotalCount = totals[""]
	return c, err
}

// districtsOf gives the districts in which everything is that the filter asks for, and which field of it they stand for; none where other fields leave
// fewer offerings than districts have.
func (s *Store) districtsOf(f *ent.OfferingFilter) (districts []string, field string) {
	if f == nil || len(f.Providers) > 0 || f.Near != nil || f.NearMunicipality != nil || !blank(f.Search) || len(f.Regions) > 0 && len(f.Municipalities) > 0 {
		return nil, ""
	}
	var all []string
	field = "municipalities"
	for _, id := range f.Municipalities {
		ags, _ := ent.ParseAGS(id)
		all = append(all, ags)
	}
	for _, key := range f.Regions {
		field = "regions"
		for _, m := range s.reference().membersNamed[ent.ParseRegionKey(key)] {
			all = append(all, m.AGS)
		}
	}
	return s.reference().districts(all), field
}

// selective tells whether a filter leaves few offerings of all.
func (s *Store) selective(f *ent.OfferingFilter) bool {
	if f == nil {
		return false
	}
	members := 0
	for _, key := range f.Regions {
		members += len(s.reference().membersNamed[ent.ParseRegionKey(key)])
	}
	return members > 0 && members < manyMembers || len(f.Municipalities) > 0 || len(f.Providers) > 0 || f.Near != nil || f.NearMunicipality != nil || !blank(f.Search)
}

// OccurrencesOf gives for each offering a page of its dates that still run at from or start later, before to when that is given.
// The offerings must have been read already: who may see them may see their dates.
func (s *Store) OccurrencesOf(ctx context.Context, offerings []*ent.Offering, from time.Time, to *time.Time, p PageArgs) (pages map[uuid.UUID]*ent.OccurrenceConnection, err error) {
	defer wrap(&err, "OccurrencesOf(%d offerings, %v, %v)", len(offerings), from, to)
	ctx = noteOfferings(ctx, offerings)
	ids, byID := make([]uuid.UUID, len(offerings)), make(map[uuid.UUID]*ent.Offering, len(offerings))
	for i, o := range offerings {
		ids[i], byID[o.ID] = o.ID, o
	}
	ids = distinct(ids)
	lists := make([]list, len(ids))
	for i, id := range ids {
		lists[i] = newList("occurrencesOf", id, to)
	}
	w, err := p.window(lists...)
	if err != nil {
		return nil, err
	}
	if to != nil && !to.After(from) {
		return nil, ent.BadInput("to", "to must be after from.")
	}
	where := func(q *query) {
		q.add(" FROM occurrence oc WHERE oc.offering_id = k.id AND oc.until > ?", from)
		if to != nil {
			q.add(" AND oc.starts_at < ?", *to)
		}
	}
	q := new(query).add("SELECT x.*").append(fromIDs(ids)).add(" CROSS JOIN LATERAL (SELECT " + s.columns(ent.Occurrence{}))
	where(q)
	if err := occurrenceKeyset(q, w); err != nil {
		return nil, err
	}
	var rows []*ent.Occurrence
	if err := s.scan(ctx, q.add(occurrenceOrder+") x", w.size+1), &rows); err != nil {
		return nil, err
	}
	of := map[uuid.UUID][]*ent.Occurrence{}
	for _, r := range rows {
		of[r.OfferingID] = append(of[r.OfferingID], r)
	}
	totals := map[string]int{}
	if p.Total {
		q := new(query).add("SELECT k.id::text AS parent, (SELECT count(*)")
		where(q)
		if totals, err = s.totals(ctx, q.add(") AS n").append(fromIDs(ids))); err != nil {
			return nil, err
		}
	}
	pages = map[uuid.UUID]*ent.OccurrenceConnection{}
	for i, id := range ids {
		for _, oc := range of[id] {
			oc.Offering = byID[id]
			oc.TimeZone = oc.Offering.Schedule.TimeZone
		}
		c := &ent.OccurrenceConnection{Page: page(w.in(i), of[id], occurrencePosition)}
		c.TotalCount = totals[id.String()]
		pages[id] = c
	}
	return pages, nil
}

// fromIDs is fromKeys for ids.
func fromIDs(ids []uuid.UUID) *query {
	if len(ids) == 1 {
		return new(query).add(" FROM (SELECT ?::uuid AS id) k", ids[0])
	}
	return new(query).add(" FROM unnest(?::uuid[]) AS k(id)", uuids(ids))
}

// NextOccurrences gives for each offering its first date that starts at or after the instant and takes place, where there is one.
func (s *Store) NextOccurrences(ctx context.Context, offerings []*ent.Offering, after time.Time) (next map[uuid.UUID]*ent.Occurrence, err error) {
	defer wrap(&err, "NextOccurrences(%d offerings, %v)", len(offerings), after)
	ctx = noteOfferings(ctx, offerings)
	next, byID, ids := map[uuid.UUID]*ent.Occurrence{}, map[uuid.UUID]*ent.Offering{}, []uuid.UUID{}
	for _, o := range offerings {
		if o.Schedule != nil && byID[o.ID] == nil {
			byID[o.ID] = o
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		return next, nil
	}
	q := new(query).add("SELECT x.*").append(fromIDs(ids)).add(" CROSS JOIN LATERAL (SELECT "+s.columns(ent.Occurrence{})+`
		FROM occurrence oc WHERE oc.offering_id = k.id AND oc.starts_at >= ? AND oc.status NOT IN ('CANCELLED', 'POSTPONED')`, after)
	var rows []*ent.Occurrence
	if err := s.scan(ctx, q.add(occurrenceOrder+") x", 1), &rows); err != nil {
		return nil, err
	}
	for _, oc := range rows {
		oc.Offering = byID[oc.OfferingID]
		oc.TimeZone = oc.Offering.Schedule.TimeZone
		next[oc.OfferingID] = oc
	}
	return next, nil
}

// OccurrencesByID gives the dates with these keys, whether or not their offerings may be seen: read these next.
func (s *Store) OccurrencesByID(ctx context.Context, keys []OccurrenceKey) (rows []*ent.Occurrence, err error) {
	defer wrap(&err, "OccurrencesByID(%v)", keys)
	if len(keys) == 0 {
		return nil, nil
	}
	ids, originals := make([]uuid.UUID, len(keys)), make([]time.Time, len(keys))
	for i, k := range keys {
		ids[i], originals[i] = k.Offering, k.Original
	}
	ctx = noteIDs(ctx, ids)
	q := new(query).add("SELECT "+s.columns(ent.Occurrence{})+`, o.schedule->>'timeZone' AS zone FROM occurrence oc JOIN offering o ON o.id = oc.offering_id
		JOIN unnest(?::uuid[], ?::timestamptz[]) AS k(id, original) ON (oc.offering_id, oc.original) = (k.id, k.original)`, uuids(ids), originals)
	var found []*occurrenceRow
	if err := s.scan(ctx, q, &found); err != nil {
		return nil, err
	}
	for _, r := range found {
		rows = append(rows, r.occurrence())
	}
	return rows, nil
}

// OccurrenceKey identifies a date.
type OccurrenceKey struct {
	Offering uuid.UUID
	Original time.Time
}
