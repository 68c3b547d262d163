package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"umland/ent"
)

// maxSuggestions bounds what one type-ahead gives.
const maxSuggestions = 20

// suggested is a suggestion with how well it fits: less is better.
type suggested struct {
	node any // *ent.Category, *ent.Municipality, *ent.Region or *ent.Offering
	rank int // 0: the name begins so; 1: a word in it does; 2: it would with a typo mended
	size int // the larger comes first
	name string
}

// Suggest gives what the beginning of a word may mean: categories, municipalities, regions and titles of what is published, the latter three in
// the region with the key if there is one. From the fourth letter on, typos are forgiven where nothing begins as it was typed.
// Municipalities and regions are copies.
func (s *Store) Suggest(ctx context.Context, prefix string, region *string, first int) (found []any, err error) {
	defer wrap(&err, "Suggest(%q)", prefix)
	if first < 0 || first > maxSuggestions {
		return nil, ent.BadInput("first", "first must lie between 0 and %d.", maxSuggestions)
	}
	r := s.reference()
	if region != nil {
		key, err := s.knownRegion("region", *region)
		if err != nil {
			return nil, err
		}
		region = &key
	}
	want := ent.SortKey(clip(prefix))
	if want == "" || first == 0 {
		return []any{}, nil
	}
	in := new(ent.OfferingFilter)
	if region != nil {
		in.Regions = []string{*region}
	}
	ctx = s.noteList(ctx, in, "", nil, false)
	names := r.suggest(want, ent.SortKey(umlauts.Replace(clip(prefix))), region)
	titles, err := s.suggestTitles(ctx, want, region, first)
	if err != nil {
		return nil, err
	}
	// The best names, at most half of the list if there are titles enough, then titles, then what names are left.
	head := min(len(names), max(first-len(titles), (first+1)/2))
	for _, x := range names[:head] {
		found = append(found, x.node)
	}
	for _, o := range titles {
		found = append(found, o)
	}
	for i, x := range found {
		switch x := x.(type) {
		case *ent.Municipality:
			c := *x
			found[i] = &c
		case *ent.Region:
			c := *x
			found[i] = &c
		}
	}
	return found[:min(len(found), first)], nil
}

// suggest looks through categories, municipalities and regions: at most three of each that fit best, the best first.
func (r *reference) suggest(want, spelled string, region *string) (all []suggested) {
	fits := func(key string) (rank int, ok bool) {
		switch {
		case strings.HasPrefix(key, want):
			return 0, true
		case strings.Contains(key, " "+want):
			return 1, true
		}
		return 2, nearly(want, key)
	}
	best := func(found []suggested) {
		slices.SortFunc(found, func(a, b suggested) int {
			return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.size, a.size), cmp.Compare(a.name, b.name))
		})
		all = append(all, found[:min(len(found), 3)]...)
	}
	var categories, towns, regions []suggested
	for _, c := range r.categories {
		rank, ok := fits(ent.SortKey(c.Labels["de"]))
		if english, en := fits(ent.SortKey(c.Labels["en"])); en && (!ok || english < rank) {
			rank, ok = english, true
		}
		if ok {
			categories = append(categories, suggested{c, rank, len(c.Narrower), c.Slug})
		}
	}
	members := r.municipalitiesNamed
	if region != nil {
		members = r.membersNamed[*region]
	}
	for _, m := range members {
		k := r.municipalityKeys[m.AGS]
		rank, ok := fits(k.sort)
		if strings.HasPrefix(k.spelled, spelled) {
			rank, ok = 0, true
		}
		if ok {
			size := 0
			if m.Population != nil {
				size = *m.Population
			}
			towns = append(towns, suggested{m, rank, size, k.sort})
		}
	}
	if region == nil {
		for _, g := range r.regionsNamed {
			if g.Kind == ent.RegionAssociation && len(r.membersNamed[g.Key]) == 1 {
				continue // the municipality itself
			}
			if rank, ok := fits(ent.SortKey(g.Name)); ok {
				regions = append(regions, suggested{g, rank, len(r.membersNamed[g.Key]), g.Key})
			}
		}
	}
	best(categories)
	best(towns)
	best(regions)
	slices.SortStableFunc(all, func(a, b suggested) int { return cmp.Compare(a.rank, b.rank) })
	if len(all) > 0 && all[0].rank < 2 { // what was typed is no typo
		all = slices.DeleteFunc(all, func(x suggested) bool { return x.rank == 2 })
	}
	return all
}

// suggestTitles looks through the titles of what is published, each title once, the shorter first.
func (s *Store) suggestTitles(ctx context.Context, want string, region *string, n int) (rows []*ent.Offering, err error) {
	from := func(condition string, args ...any) *query {
		// A bounded number of matches is looked at, so that a common beginning costs no more than a rare one.
		q := new(query).add("SELECT " + s.columns(ent.Offering{}) + " FROM (SELECT DISTINCT ON (title_key) * FROM (SELECT * FROM offering o WHERE o.status = 'PUBLISHED'")
		if region != nil {
			q.add(" AND o.ags IN (SELECT rm.ags FROM region_member rm WHERE rm.region_key = ?)", *region)
		}
		q.add(" AND "+condition+" LIMIT 200) o ORDER BY title_key, id) o", args...)
		return q
	}
	// Sort keys hold letters, digits and single spaces only: nothing in them means anything to LIKE.
	q := from("o.title_key LIKE ?", want+"%")
	if utf8.RuneCountInString(want) > 2 {
		q = from("(o.title_key LIKE ? OR o.title_key LIKE ?)", want+"%", "% "+want+"%")
	}
	q.add(" ORDER BY o.title_key NOT LIKE ?, length(o.title_key), o.title_key, o.id LIMIT ?", want+"%", n)
	if err := s.scan(ctx, q, &rows); err != nil || len(rows) > 0 || utf8.RuneCountInString(want) < 4 {
		return rows, err
	}
	q = from("? <% o.title_key", want)
	return rows, s.scan(ctx, q.add(" ORDER BY word_similarity(?, o.title_key) DESC, length(o.title_key), o.title_key, o.id LIMIT ?", want, n), &rows)
}

// nearly tells whether the key begins as want does but for a typo: a letter too many, too few or another; one from four letters on, two from eight.
func nearly(want, key string) bool {
	a, b := []rune(want), []rune(key)
	typos := min(len(a)/4, 2)
	if typos == 0 || len(b) == 0 || a[0] != b[0] { // the first letter is hardly ever wrong
		return false
	}
	b = b[:min(len(b), len(a)+typos)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		least := row[0]
		for j := range b {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
			least = min(least, row[j+1])
		}
		if least > typos {
			return false
		}
	}
	return slices.Min(row) <= typos
}
