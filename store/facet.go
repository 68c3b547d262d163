package store

import (
	"context"

	"umland/ent"
)

// maxFacet bounds the municipalities that a facet lists; all others are short by nature.
const maxFacet = 100

// facets counts the match of each page, and each facet without its own condition, in one statement: the match without any of these conditions is read
// once, with a flag for each, and counted in groups of what is alike (for municipalities in others, which have little in common with these); the facets add up groups.
func (l *offeringList) facets(ctx context.Context, pages map[string]*ent.OfferingConnection) error {
	own := []string{"kinds", "categories", "municipalities", "audiences"}
	base := conditions{}
	flags := map[string]*condition{}
	for _, c := range l.conds {
		base = append(base, c)
		for _, field := range own {
			if c.field == field {
				flags[field] = c
				base = base[:len(base)-1]
			}
		}
	}
	names := ""
	for _, field := range own {
		if flags[field] != nil {
			names += ", f_" + field
		}
	}
	q := new(query).add("SELECT k.key AS parent, x.*").append(fromKeys(l.keys)).add(` CROSS JOIN LATERAL (
		WITH m AS MATERIALIZED (SELECT kind, category_path, audiences, ags, grouping(ags) AS of_ags` + names + `, count(*) AS n
		FROM (SELECT o.kind, o.category_path, o.audiences, o.ags`)
	for _, field := range own {
		if c := flags[field]; c != nil {
			q.add(", ").append(&c.query).add(" AS f_" + field)
		}
	}
	q.add(l.from)
	base.and(q, "")
	q.add(") o GROUP BY GROUPING SETS ((kind, category_path, audiences" + names + "), (ags" + names + ")))")
	for i, f := range []struct{ field, value, from, where, limit string }{
		{"kinds", "kind", "m", "of_ags = 1", ""},
		{"categories", "c", "m, unnest(category_path) AS c", "of_ags = 1", ""},
		{"municipalities", "ags", "m", "of_ags = 0", " ORDER BY n DESC, value LIMIT ?"},
		{"audiences", "a", "m, unnest(audiences) AS a", "of_ags = 1", ""},
		{"total", "''", "m", "of_ags = 0", ""},
	} {
		if i > 0 {
			q.add(" UNION ALL")
		}
		q.add(" (SELECT '" + f.field + "' AS facet, " + f.value + " AS value, sum(n)::bigint AS n FROM " + f.from + " WHERE " + f.where)
		for _, other := range own {
			if other != f.field && flags[other] != nil {
				q.add(" AND f_" + other)
			}
		}
		q.add(" GROUP BY 2")
		if f.limit != "" {
			q.add(f.limit, maxFacet)
		}
		q.add(")")
	}
	var rows []struct {
		Parent string `bun:"parent"`
		Facet  string `bun:"facet"`
		Value  string `bun:"value"`
		N      int    `bun:"n"`
	}
	if err := l.s.scan(ctx, q.add(") x ORDER BY n DESC, value"), &rows); err != nil {
		return err
	}
	for _, key := range l.keys {
		pages[key].Facets = &ent.OfferingFacets{
			Kinds: []*ent.KindCount{}, Categories: []*ent.CategoryCount{}, Municipalities: []*ent.MunicipalityCount{}, Audiences: []*ent.AudienceCount{},
		}
	}
	for _, r := range rows {
		f := pages[r.Parent].Facets
		switch r.Facet {
		case "kinds":
			f.Kinds = append(f.Kinds, &ent.KindCount{Kind: ent.OfferingKind(r.Value), Count: r.N})
		case "categories":
			if c := l.s.Category(r.Value); c != nil {
				f.Categories = append(f.Categories, &ent.CategoryCount{Category: c, Count: r.N})
			}
		case "municipalities":
			if m := l.s.Municipality(r.Value); m != nil {
				copied := *m
				f.Municipalities = append(f.Municipalities, &ent.MunicipalityCount{Municipality: &copied, Count: r.N})
			}
		case "total":
			pages[r.Parent].TotalCount = r.N
		case "audiences":
			f.Audiences = append(f.Audiences, &ent.AudienceCount{Audience: ent.Audience(r.Value), Count: r.N})
		}
	}
	return nil
}
