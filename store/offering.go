package store

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"umland/ent"
	"umland/search"
)

// Parent is what a nested list of offerings hangs below.
type Parent string

// The parents, each with the condition that ties an offering o to the parent's key k.key.
const (
	OfMunicipality Parent = "o.ags = k.key"
	OfRegion       Parent = "o.ags IN (SELECT rm.ags FROM region_member rm WHERE rm.region_key = k.key)"
	OfProvider     Parent = "o.provider_id = k.key::uuid"
)

// OfferingQuery asks for a page of what is published.
type OfferingQuery struct {
	Filter *ent.OfferingFilter
	Order  *ent.OfferingOrder // nil: what fits the filter
	Page   PageArgs
	Now    time.Time
	// What is asked for, since it costs time: a statement for Facets, the texts for Snippets.
	Facets, Snippets bool
	// Managed asks for what an actor may edit or decide on instead of what is published.
	Managed *Managed
	// CountOnly asks for no page, only for its total and facets.
	CountOnly bool
	Reading   Reading
}

// Reading is what is read of offerings. The zero value is all columns, and nothing with them.
type Reading struct {
	Columns         []string // of the offering, besides those that everything hangs on; nil: all
	Provider, Place bool     // in the same statement
}

// names lists the columns of the offering, none for all.
func (r Reading) names() []string {
	if r.Columns == nil {
		return nil
	}
	return append([]string{"id", "kind", "ags", "provider_id", "place_id"}, r.Columns...)
}

// need has columns read that the store makes something of.
func (r *Reading) need(columns ...string) {
	if r.Columns != nil {
		r.Columns = append(slices.Clip(r.Columns), columns...)
	}
}

// with lists what is read with the offering o, and where from; within is the entity that the offering itself is of the model that is read, as "offering.",
// or "". By LIMIT 1 the planner has no choice but to look them up one by one, which keeps the order.
func (r Reading) with(s *Store, within string) (columns, from string) {
	if r.Provider {
		columns += s.columnsOf(within+"provider", ent.Provider{})
		from += " LEFT JOIN LATERAL (SELECT * FROM provider p WHERE p.id = o.provider_id LIMIT 1) p ON true"
	}
	if r.Place {
		columns += s.columnsOf(within+"place", ent.Place{})
		from += " LEFT JOIN LATERAL (SELECT * FROM place pl WHERE pl.id = o.place_id LIMIT 1) pl ON true"
	}
	return columns, from
}

// Offerings gives a page of what is published.
func (s *Store) Offerings(ctx context.Context, oq OfferingQuery) (c *ent.OfferingConnection, err error) {
	defer wrap(&err, "Offerings(%+v)", oq.Filter)
	pages, err := s.offerings(ctx, "", nil, oq)
	if err != nil {
		return nil, err
	}
	return pages[""], nil
}

// OfferingsOf gives for each parent key a page of what is published below it, with one statement for all, and one each for totals and facets.
func (s *Store) OfferingsOf(ctx context.Context, parent Parent, keys []string, oq OfferingQuery) (pages map[string]*ent.OfferingConnection, err error) {
	defer wrap(&err, "OfferingsOf(%s, %d keys, %+v)", parent, len(keys), oq.Filter)
	return s.offerings(ctx, parent, keys, oq)
}

// foundOffering is an offering with what its place in the list is made of.
type foundOffering struct {
	ent.Offering `bun:",extend"`
	Parent       string   `bun:"parent"`
	DistanceKm   *float64 `bun:"distance_km"`
	NextMicro    *int64   `bun:"next_micro"` // microseconds since 1970 of the next date
	Score        *float64 `bun:"score"`
}

// offeringList is a list of offerings on its way to SQL.
type offeringList struct {
	s      *Store
	parent Parent
	from   string // FROM and the condition of the parent
	keys   []string
	conds  conditions
	window window
	sort   sorting
	// Columns besides the offering's own, and a cursor's key.
	columns  query
	key      func(*foundOffering) string
	words    search.Query // of the filter
	title    string       // a tsquery: what has the words in its title, "" where that does not count
	snippets bool
	reading  Reading
	managed  *Managed
	asOf     time.Time // for which keys that depend on the clock are made
	nearest  *point    // around which the list is ordered by distance, nil in another order
	radiusKm float64
}

// offerings serves both: without a parent the one page has the key "".
func (s *Store) offerings(ctx context.Context, parent Parent, keys []string, oq OfferingQuery) (map[string]*ent.OfferingConnection, error) {
	if parent == "" {
		keys = []string{""}
	}
	l := &offeringList{s: s, managed: oq.Managed, snippets: oq.Snippets, reading: oq.Reading, parent: parent, keys: distinct(keys)}
	l.from = " FROM offering o WHERE o.status = 'PUBLISHED'"
	if parent != "" {
		l.from += " AND " + string(parent)
	}
	if oq.Managed == nil {
		ctx = s.noteList(ctx, oq.Filter, parent, keys, oq.Facets)
	}
	var err error
	if l.conds, l.words, err = s.conditions(ctx, oq.Filter, oq.Now); err != nil {
		return nil, err
	}
	if oq.Snippets {
		l.reading.need("title", "summary", "description")
	}
	order := orderOf(oq)
	if order == ent.OrderNextOccurrence || oq.Filter != nil && !blank(oq.Filter.Search) || oq.Filter != nil && oq.Filter.During != nil && oq.Filter.During.From == nil {
		NoteClock(ctx)
	}
	if oq.Managed != nil {
		l.from = " FROM offering o WHERE true"
		s.manage(&l.conds, oq.Managed, oq.Now)
	}
	if l.window, err = oq.Page.window(l.lists(oq.Filter, order)...); err != nil {
		return nil, err
	}
	if err := l.orderBy(order, oq); err != nil {
		return nil, err
	}
	pages := map[string]*ent.OfferingConnection{}
	if oq.CountOnly {
		for _, key := range l.keys {
			pages[key] = &ent.OfferingConnection{Page: ent.Page[ent.Offering]{PageInfo: new(ent.PageInfo)}}
		}
	} else if err := l.pages(ctx, pages); err != nil {
		return nil, err
	}
	switch {
	case oq.Facets: // and with them the totals
		return pages, l.facets(ctx, pages)
	case oq.Page.Total:
		return pages, l.totals(ctx, pages)
	}
	return pages, nil
}

// lists gives the list below each parent, in the order of the keys.
func (l *offeringList) lists(f *ent.OfferingFilter, order ent.OfferingOrder) []list {
	lists := make([]list, len(l.keys))
	for i, key := range l.keys {
		lists[i] = newList("offerings", l.parent, key, f, order, l.managed)
	}
	return lists
}

// orderOf is the order that is asked for, else the one that fits the filter.
func orderOf(oq OfferingQuery) ent.OfferingOrder {
	switch f := oq.Filter; {
	case oq.Order != nil:
		return *oq.Order
	case f != nil && !blank(f.Search):
		return ent.OrderRelevance
	case f != nil && (f.Near != nil || f.NearMunicipality != nil):
		return ent.OrderDistance
	case f != nil && f.During != nil:
		return ent.OrderNextOccurrence
	case oq.Managed != nil:
		return orderChanged
	default:
		return ent.OrderNewest
	}
}

// orderBy sets the columns and the sorting. Keys that depend on the clock carry the instant in the cursor, so that all pages have the same.
func (l *offeringList) orderBy(order ent.OfferingOrder, oq OfferingQuery) error {
	at, radius, err := l.s.around(oq.Filter)
	if err != nil {
		return err
	}
	if at != nil {
		l.columns.add(", ")
		at.distance(&l.columns)
		l.columns.add(" AS distance_km")
	}
	asOf := l.instant(oq.Now)
	l.asOf = asOf
	if oq.Filter != nil && !blank(oq.Filter.Search) {
		l.score(l.columns.add(", "), at, asOf)
		l.columns.add(" AS score")
	}
	l.sort.id = "o.id"
	switch order {
	case ent.OrderTitle:
		l.sort.column.add("o.title_key")
		l.reading.need("title_key")
		l.key = func(r *foundOffering) string { return r.TitleKey }
		l.sort.parse = func(key string) (any, bool) { return key, true }
	case ent.OrderNewest:
		l.sort.column.add("o.published_at")
		if oq.Managed != nil { // not all were ever published
			l.sort.column = query{}
			l.sort.column.add("coalesce(o.published_at, o.created_at)")
		}
		l.sort.desc = true
		l.reading.need("published_at", "created_at")
		l.key = func(r *foundOffering) string {
			if r.PublishedAt == nil {
				return microTime(r.CreatedAt)
			}
			return microTime(*r.PublishedAt)
		}
		l.sort.parse = func(key string) (any, bool) { return parseMicroTime(key) }
	case orderChanged:
		l.sort.column.add("o.updated_at")
		l.sort.desc = true
		l.reading.need("updated_at")
		l.key = func(r *foundOffering) string { return microTime(r.UpdatedAt) }
		l.sort.parse = func(key string) (any, bool) { return parseMicroTime(key) }
	case ent.OrderDistance:
		if at == nil {
			return ent.BadInput("orderBy", "DISTANCE needs filter.near or filter.nearMunicipality.")
		}
		at.distance(&l.sort.column)
		l.nearest, l.radiusKm = at, radius
		l.sort.alias = "distance_km"
		l.key = func(r *foundOffering) string { return formatFloat(*r.DistanceKm) }
		l.sort.parse = parseFloat
	case ent.OrderRelevance:
		if oq.Filter == nil || blank(oq.Filter.Search) {
			return ent.BadInput("orderBy", "RELEVANCE needs filter.search.")
		}
		l.score(&l.sort.column, at, asOf)
		l.sort.alias, l.sort.desc = "score", true
		l.key = func(r *foundOffering) string { return microTime(asOf) + " " + formatFloat(*r.Score) }
		l.sort.parse = func(key string) (any, bool) { _, score, _ := strings.Cut(key, " "); return parseFloat(score) }
	case ent.OrderNextOccurrence:
		return l.orderByNext(oq, asOf)
	}
	return nil
}

// instant is that for which keys that depend on the clock are made: that of the cursor, so that all pages have the same, else now.
func (l *offeringList) instant(now time.Time) time.Time {
	for _, c := range []*cursor{l.window.after, l.window.before} {
		if c != nil {
			if at, _, ok := strings.Cut(c.key, " "); ok {
				if t, ok := parseMicroTime(at); ok {
					return t
				}
			}
		}
	}
	return now
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func parseFloat(s string) (any, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// never is what sorts behind every date.
const never = math.MaxInt64

func (l *offeringList) orderByNext(oq OfferingQuery, asOf time.Time) error {
	from, to := asOf, asOf.Add(maxWindow)
	if oq.Filter != nil && oq.Filter.During != nil {
		var err error
		if from, to, err = timeWindow(oq.Filter.During, asOf); err != nil {
			return err
		}
	}
	l.sort.column.add(`coalesce((SELECT extract(epoch FROM min(oc.starts_at)) * 1000000 FROM occurrence oc WHERE oc.offering_id = o.id
		AND oc.until > ? AND oc.starts_at < ? AND oc.status NOT IN ('CANCELLED', 'POSTPONED'))::bigint, ?::bigint)`, from, to, int64(never))
	l.columns.add(", ").append(&l.sort.column).add(" AS next_micro")
	l.sort.alias = "next_micro"
	l.key = func(r *foundOffering) string { return microTime(asOf) + " " + strconv.FormatInt(*r.NextMicro, 10) }
	l.sort.parse = func(key string) (any, bool) {
		_, next, _ := strings.Cut(key, " ")
		n, err := strconv.ParseInt(next, 10, 64)
		return n, err == nil
	}
	return nil
}

func (l *offeringList) pages(ctx context.Context, pages map[string]*ent.OfferingConnection) error {
	few, many := l.keys, []string(nil)
	if l.parent == OfRegion {
		few, many = l.s.reference().bySize(l.keys)
	}
	of := map[string][]*foundOffering{}
	for i, keys := range [][]string{few, many} {
		if len(keys) == 0 {
			continue
		}
		q, err := l.pageQuery(keys, l.parent == OfRegion && i == 0)
		if err != nil {
			return err
		}
		var rows []*foundOffering
		if err := l.s.scan(ctx, q, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			of[r.Parent] = append(of[r.Parent], r)
		}
	}
	cut := l.words.Snippets(snippetLength)
	for i, key := range l.keys {
		found := page(l.window.in(i), of[key], func(r *foundOffering) cursor { return cursor{l.key(r), r.ID.String()} })
		c := &ent.OfferingConnection{Page: ent.Page[ent.Offering]{PageInfo: found.PageInfo, Edges: make([]*ent.OfferingEdge, len(found.Edges))}}
		for i, e := range found.Edges {
			c.Edges[i] = &ent.OfferingEdge{Cursor: e.Cursor, Node: &e.Node.Offering, DistanceKm: e.Node.DistanceKm, Score: e.Node.Score}
			if l.snippets {
				c.Edges[i].Snippet = snippet(cut, &e.Node.Offering)
			}
		}
		pages[key] = c
	}
	return nil
}

// pageQuery is the statement for the pages below the keys. In a region with few municipalities it looks for the first items of each by index and takes
// the first of these: walking the whole list in order until enough are in the region would take long where there are few.
func (l *offeringList) pageQuery(keys []string, byMunicipality bool) (*query, error) {
	columns, with := l.reading.with(l.s, "")
	q := new(query).add("SELECT k.key AS parent, o.*" + columns).append(fromKeys(keys)).add(" CROSS JOIN LATERAL (")
	inner := new(query).add("SELECT " + l.s.columns(ent.Offering{}, l.reading.names()...)).append(&l.columns)
	if byMunicipality {
		inner = new(query).add("SELECT o.id")
		inner.add(" FROM offering o WHERE o.status = 'PUBLISHED' AND o.ags = rm.ags")
	} else {
		inner.add(l.from)
	}
	if l.inTwoParts() {
		if err := l.parts(q, inner); err != nil {
			return nil, err
		}
		return q.add(") o" + with), nil
	}
	l.conds.and(inner, "")
	if err := l.window.keyset(inner, l.sort); err != nil {
		return nil, err
	}
	if l.nearest != nil && l.parent == "" && !l.window.backward {
		nearby, err := l.nearest.nearby(l.radiusKm, func(q *query) error {
			q.add(l.from)
			l.conds.and(q, "near")
			return l.window.keyset(q, l.sort)
		}, l.window.limit())
		if err != nil {
			return nil, err
		}
		inner.append(nearby)
	}
	if !byMunicipality {
		l.window.order(inner, l.sort)
		return q.append(inner).add(") o" + with), nil
	}
	plain := l.sort
	plain.alias = "" // is not among what the inner one selects
	l.window.order(inner, plain)
	q.add("SELECT " + l.s.columns(ent.Offering{}, l.reading.names()...)).append(&l.columns)
	q.add(" FROM region_member rm CROSS JOIN LATERAL (").append(inner).add(") i JOIN offering o ON o.id = i.id WHERE rm.region_key = k.key")
	l.window.order(q, l.sort)
	return q.add(") o" + with), nil
}

// fromKeys is FROM a table k with the keys, which of a single one is none for the planner (see among).
func fromKeys(keys []string) *query {
	if len(keys) == 1 {
		return new(query).add(" FROM (SELECT ?::text AS key) k", keys[0])
	}
	return new(query).add(" FROM unnest(?::text[]) AS k(key)", keys)
}

func (l *offeringList) totals(ctx context.Context, pages map[string]*ent.OfferingConnection) error {
	q := new(query).add("SELECT k.key AS parent, (SELECT count(*)" + l.from)
	l.conds.and(q, "")
	totals, err := l.s.totals(ctx, q.add(") AS n").append(fromKeys(l.keys)))
	for key, n := range totals {
		pages[key].TotalCount = n
	}
	return err
}

// totals reads pairs of parent and n.
func (s *Store) totals(ctx context.Context, q *query) (map[string]int, error) {
	var rows []struct {
		Parent string `bun:"parent"`
		N      int    `bun:"n"`
	}
	err := s.scan(ctx, q, &rows)
	totals := make(map[string]int, len(rows))
	for _, r := range rows {
		totals[r.Parent] = r.N
	}
	return totals, err
}

// OfferingsByID gives those of the offerings that the actor may see, with all columns: what is published, and what is its own to read. A nil actor is the
// public.
func (s *Store) OfferingsByID(ctx context.Context, actor *ent.Actor, ids []uuid.UUID) ([]*ent.Offering, error) {
	return s.ReadOfferings(ctx, actor, ids, Reading{})
}

// ReadOfferings is OfferingsByID for what is to be read.
func (s *Store) ReadOfferings(ctx context.Context, actor *ent.Actor, ids []uuid.UUID, r Reading) (rows []*ent.Offering, err error) {
	defer wrap(&err, "ReadOfferings(%v)", ids)
	if len(ids) == 0 {
		return nil, nil
	}
	ctx = noteIDs(ctx, ids)
	columns, with := r.with(s, "")
	condition, arg := among(uuids(ids))
	q := new(query).add("SELECT o.*"+columns+" FROM (SELECT "+s.columns(ent.Offering{}, r.names()...)+" FROM offering o WHERE o.id"+condition+
		" AND (o.status = 'PUBLISHED'", arg)
	s.own(q, actor)
	return rows, s.scan(ctx, q.add(")) o"+with), &rows)
}
