package store

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"umland/ent"
)

func providerPosition(p *ent.Provider) cursor { return cursor{p.NameKey, p.ID.String()} }

// Providers gives those whose name, or a word in it, begins with search, in the municipality and the region, by name.
func (s *Store) Providers(ctx context.Context, search, municipality, region *string, p PageArgs) (c *ent.ProviderConnection, err error) {
	defer wrap(&err, "Providers")
	ctx = note(ctx, func(r *Reads) { r.providers = true })
	w, err := p.window(newList("providers", search, municipality, region))
	if err != nil {
		return nil, err
	}
	from := new(query)
	if municipality != nil {
		ags, err := s.knownAGS("municipality", *municipality)
		if err != nil {
			return nil, err
		}
		from.add(" AND p.ags = ?", ags)
	}
	if region != nil {
		key, err := s.knownRegion("region", *region)
		if err != nil {
			return nil, err
		}
		from.add(" AND p.ags IN (SELECT rm.ags FROM region_member rm WHERE rm.region_key = ?)", key)
	}
	if search != nil {
		want := ent.SortKey(clip(*search))
		if want == "" {
			return &ent.ProviderConnection{Page: page(w, nil, providerPosition)}, nil
		}
		// Sort keys hold letters, digits and single spaces only: nothing in them means anything to LIKE.
		plain := spelledOut.Replace(want)
		from.add(" AND p.name_key LIKE ANY(?)", []string{want + "%", "% " + want + "%", plain + "%", "% " + plain + "%"})
	}
	q := new(query).add("SELECT " + s.columns(ent.Provider{}) + " FROM provider p WHERE true").append(from)
	if err := w.keyset(q, byName("p")); err != nil {
		return nil, err
	}
	w.order(q, byName("p"))
	var rows []*ent.Provider
	if err := s.scan(ctx, q, &rows); err != nil {
		return nil, err
	}
	c = &ent.ProviderConnection{Page: page(w, rows, providerPosition)}
	if p.Total {
		totals, err := s.totals(ctx, new(query).add("SELECT '' AS parent, count(*) AS n FROM provider p WHERE true").append(from))
		if err != nil {
			return nil, err
		}
		c.TotalCount = totals[""]
	}
	return c, nil
}

// spelledOut takes spelled-out umlauts back, for sort keys have the bare vowel.
var spelledOut = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u")

// ProvidersOf gives for each municipality a page of its providers, by name, with two statements at the most.
func (s *Store) ProvidersOf(ctx context.Context, ags []string, p PageArgs) (pages map[string]*ent.ProviderConnection, err error) {
	defer wrap(&err, "ProvidersOf(%d municipalities)", len(ags))
	ctx = note(ctx, func(r *Reads) { r.providers = true })
	ags = distinct(ags)
	lists := make([]list, len(ags))
	for i, key := range ags {
		lists[i] = newList("providersOf", key)
	}
	w, err := p.window(lists...)
	if err != nil {
		return nil, err
	}
	q := new(query).add("SELECT x.* FROM unnest(?::text[]) AS k(key) CROSS JOIN LATERAL (SELECT "+s.columns(ent.Provider{})+
		" FROM provider p WHERE p.ags = k.key", ags)
	if err := w.keyset(q, byName("p")); err != nil {
		return nil, err
	}
	w.order(q, byName("p"))
	var rows []*ent.Provider
	if err := s.scan(ctx, q.add(") x"), &rows); err != nil {
		return nil, err
	}
	of := map[string][]*ent.Provider{}
	for _, r := range rows {
		of[r.AGS] = append(of[r.AGS], r)
	}
	totals := map[string]int{}
	if p.Total {
		if totals, err = s.totals(ctx, new(query).add("SELECT p.ags AS parent, count(*) AS n FROM provider p WHERE p.ags = ANY(?) GROUP BY p.ags", ags)); err != nil {
			return nil, err
		}
	}
	pages = map[string]*ent.ProviderConnection{}
	for i, key := range ags {
		c := &ent.ProviderConnection{Page: page(w.in(i), of[key], providerPosition)}
		c.TotalCount = totals[key]
		pages[key] = c
	}
	return pages, nil
}

// Provider gives the provider with this key, nil when there is none.
func (s *Store) Provider(ctx context.Context, id uuid.UUID) (*ent.Provider, error) {
	found, err := s.ProvidersByID(ctx, []uuid.UUID{id})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// ProvidersByID gives the providers with these keys, in no order.
func (s *Store) ProvidersByID(ctx context.Context, ids []uuid.UUID) (rows []*ent.Provider, err error) {
	defer wrap(&err, "ProvidersByID(%v)", ids)
	return byKey[ent.Provider](noteIDs(ctx, ids), s, "provider p WHERE p.id", ids)
}
