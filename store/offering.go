package store

import (
	"context"

	"github.com/google/uuid"

	"umland/ent"
)

// maxFilterItems bounds each list in a filter.
const maxFilterItems = 500

// Parent is what a nested list of offerings hangs below.
type Parent string

// The parents, each with the condition that ties an offering o to the parent's key k.key.
const (
	OfMunicipality Parent = "o.ags = k.key"
	OfRegion       Parent = "o.ags IN (SELECT rm.ags FROM region_member rm WHERE rm.region_key = k.key)"
	OfProvider     Parent = "o.provider_id = k.key::uuid"
)

var offeringOrders = map[ent.OfferingOrder]struct {
	sorting
	position func(*ent.Offering) cursor
}{
	ent.OrderTitle: {
		sorting{column: "o.title_key", id: "o.id", parse: func(c cursor) (any, any, bool) {
			id, err := uuid.Parse(c.id)
			return c.key, id, err == nil
		}},
		func(o *ent.Offering) cursor { return cursor{o.TitleKey, o.ID.String()} },
	},
	ent.OrderNewest: {
		sorting{column: "o.published_at", id: "o.id", desc: true, parse: func(c cursor) (any, any, bool) {
			id, err := uuid.Parse(c.id)
			at, ok := parseMicroTime(c.key)
			return at, id, ok && err == nil
		}},
		func(o *ent.Offering) cursor { return cursor{microTime(*o.PublishedAt), o.ID.String()} },
	},
}

// Offerings gives a page of what is published, and how much it is in all when p asks for it.
// A nil order is the default one.
func (s *Store) Offerings(ctx context.Context, f *ent.OfferingFilter, by *ent.OfferingOrder, p PageArgs) (c *ent.OfferingConnection, err error) {
	defer wrap(&err, "Offerings(%+v)", f)
	pages, err := s.offerings(ctx, "", nil, f, by, p)
	if err != nil {
		return nil, err
	}
	return pages[""], nil
}

// OfferingsOf gives for each parent key a page of what is published below it, with two statements at the most.
func (s *Store) OfferingsOf(ctx context.Context, parent Parent, keys []string, f *ent.OfferingFilter, by *ent.OfferingOrder, p PageArgs) (pages map[string]*ent.OfferingConnection, err error) {
	defer wrap(&err, "OfferingsOf(%s, %d keys, %+v)", parent, len(keys), f)
	return s.offerings(ctx, parent, keys, f, by, p)
}

// offerings serves both: without a parent the one page has the key "".
func (s *Store) offerings(ctx context.Context, parent Parent, keys []string, f *ent.OfferingFilter, by *ent.OfferingOrder, p PageArgs) (map[string]*ent.OfferingConnection, error) {
	name := ent.OrderNewest
	if by != nil {
		name = *by
	}
	order := offeringOrders[name]
	w, err := p.window(newList("offerings", parent, f, name))
	if err != nil {
		return nil, err
	}
	from := " FROM offering o WHERE o.status = 'PUBLISHED'"
	if parent == "" {
		keys = []string{""}
	} else {
		from += " AND " + string(parent)
	}
	q := new(query).add("SELECT k.key AS parent, x.* FROM unnest(?::text[]) AS k(key) CROSS JOIN LATERAL (SELECT "+s.columns(ent.Offering{})+from, keys)
	if err := s.filter(q, f); err != nil {
		return nil, err
	}
	if err := w.keyset(q, order.sorting); err != nil {
		return nil, err
	}
	w.order(q, order.sorting)
	var rows []*struct {
		ent.Offering `bun:",extend"`
		Parent       string `bun:"parent"`
	}
	if err := s.scan(ctx, q.add(") x"), &rows); err != nil {
		return nil, err
	}
	byParent := map[string][]*ent.Offering{}
	for _, r := range rows {
		byParent[r.Parent] = append(byParent[r.Parent], &r.Offering)
	}
	pages := map[string]*ent.OfferingConnection{}
	for _, key := range keys {
		pages[key] = &ent.OfferingConnection{Page: page(w, byParent[key], order.position)}
	}
	if !p.Total {
		return pages, nil
	}
	q = new(query).add("SELECT k.key AS parent, (SELECT count(*)" + from)
	if err := s.filter(q, f); err != nil {
		return nil, err
	}
	totals, err := s.totals(ctx, q.add(") AS n FROM unnest(?::text[]) AS k(key)", keys))
	for key, n := range totals {
		pages[key].TotalCount = n
	}
	return pages, err
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

// filter adds the conditions of f on an offering o, each with AND before it. What f names and does not exist is an error that names it.
func (s *Store) filter(q *query, f *ent.OfferingFilter) error {
	if f == nil {
		return nil
	}
	for _, l := range []struct {
		name string
		n    int
	}{
		{"kinds", len(f.Kinds)}, {"categories", len(f.Categories)}, {"municipalities", len(f.Municipalities)}, {"regions", len(f.Regions)},
		{"providers", len(f.Providers)}, {"audiences", len(f.Audiences)}, {"languages", len(f.Languages)}, {"sources", len(f.Sources)},
	} {
		if l.n > maxFilterItems {
			return ent.BadInput("filter."+l.name, "filter.%s has %d items; %d are the most.", l.name, l.n, maxFilterItems)
		}
	}
	if len(f.Kinds) > 0 {
		q.add(" AND o.kind = ANY(?)", strs(f.Kinds))
	}
	if len(f.Categories) > 0 {
		slugs, err := s.narrower(f.Categories)
		if err != nil {
			return err
		}
		q.add(" AND o.categories && ?::text[]", slugs)
	}
	if len(f.Municipalities) > 0 {
		all := make([]string, len(f.Municipalities))
		for i, id := range f.Municipalities {
			ags, ok := ent.ParseAGS(id)
			if !ok || s.Municipality(ags) == nil {
				return ent.BadInput("filter.municipalities", "There is no municipality with the AGS %q.", clip(id))
			}
			all[i] = ags
		}
		q.add(" AND o.ags = ANY(?)", all)
	}
	if len(f.Regions) > 0 {
		all := make([]string, len(f.Regions))
		for i, key := range f.Regions {
			all[i] = ent.ParseRegionKey(key)
			if s.Region(all[i]) == nil {
				return ent.BadInput("filter.regions", "There is no region with the key %q.", clip(key))
			}
		}
		q.add(" AND o.ags IN (SELECT rm.ags FROM region_member rm WHERE rm.region_key = ANY(?))", all)
	}
	for _, ids := range []struct {
		name, column string
		ids          []string
		parse        func(string) (uuid.UUID, bool)
	}{
		{"providers", "o.provider_id", f.Providers, ent.ParseProviderID},
		{"sources", "o.source_id", f.Sources, ent.ParseSourceID},
	} {
		if len(ids.ids) == 0 {
			continue
		}
		all := make([]string, len(ids.ids))
		for i, id := range ids.ids {
			u, ok := ids.parse(id)
			if !ok {
				return ent.BadInput("filter."+ids.name, "%q is not an id of one of the %s.", clip(id), ids.name)
			}
			all[i] = u.String()
		}
		q.add(" AND "+ids.column+" = ANY(?::uuid[])", all)
	}
	if f.Free != nil {
		q.add(" AND o.price_free = ?", *f.Free)
	}
	if f.Online != nil {
		q.add(" AND o.online = ?", *f.Online)
	}
	if len(f.Audiences) > 0 {
		q.add(" AND o.audiences && ?::text[]", strs(f.Audiences))
	}
	if f.Wheelchair != nil {
		q.add(" AND o.wheelchair = ?", string(*f.Wheelchair))
	}
	if len(f.Languages) > 0 {
		q.add(" AND o.languages && ?::text[]", f.Languages)
	}
	if f.UpdatedSince != nil {
		q.add(" AND o.updated_at >= ?", *f.UpdatedSince)
	}
	return nil
}

// OfferingsByID gives those of the offerings that the key may see: what is published, and what is its own to read. A nil key is the public.
func (s *Store) OfferingsByID(ctx context.Context, key *ent.Key, ids []uuid.UUID) (rows []*ent.Offering, err error) {
	defer wrap(&err, "OfferingsByID(%v)", ids)
	if len(ids) == 0 {
		return nil, nil
	}
	q := new(query).add("SELECT "+s.columns(ent.Offering{})+" FROM offering o WHERE o.id = ANY(?::uuid[]) AND (o.status = 'PUBLISHED'", uuids(ids))
	s.own(q, key)
	return rows, s.scan(ctx, q.add(")"), &rows)
}

// own adds " OR the offering o is the key's to read", or nothing for who may not.
func (s *Store) own(q *query, key *ent.Key) {
	switch {
	case !key.May(ent.ScopeRead) && !key.May(ent.ScopeWrite):
	case key.ProviderID != nil:
		q.add(" OR o.provider_id = ?", *key.ProviderID)
	case key.AGS != nil:
		q.add(" OR o.ags = ? OR o.provider_id IN (SELECT id FROM provider WHERE ags = ?)", *key.AGS, *key.AGS)
	}
}

func strs[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}

func uuids(ids []uuid.UUID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}
