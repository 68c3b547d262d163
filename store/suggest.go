package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"umland/ent"
	"umland/search"
)

// maxSuggestions bounds what one type-ahead gives.
const maxSuggestions = 20

// suggested is a suggestion with how well it fits: less is better.
type suggested struct {
	node any // *ent.Category, *ent.Municipality, *ent.Region or *ent.Offering
	rank int // 0: the name begins so; 1: a word in it does, or in another language; from typo on: it would with typos mended
	size int // the larger comes first
	name string
}

// typo is the rank of a suggestion without a typo less the first that is not.
const typo = 1

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
	here := s.offered.Load()
	names := r.suggest(want, ent.SortKey(umlauts.Replace(clip(prefix))), region, here)
	exact := len(names) > 0 && names[0].rank <= typo
	titles, begun, err := s.suggestTitles(ctx, want, region, first, !exact)
	if err != nil {
		return nil, err
	}
	if begun && !exact { // what was typed is no typo
		names = nil
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

// suggest looks through categories, municipalities and regions: at most three of each that fit best, the best first; municipalities where something is on offer
// before others.
func (r *reference) suggest(want, spelled string, region *string, here *map[string]bool) (all []suggested) {
	folded := vowels(want)
	fits := func(key string) (rank int, ok bool) {
		switch {
		case strings.HasPrefix(key, want), strings.HasPrefix(key, folded):
			return 0, true
		case strings.Contains(key, " "+want), strings.Contains(key, " "+folded):
			return 1, true
		}
		typos, ok := nearly(want, key)
		return typo + typos, ok
	}
	best := func(found []suggested) {
		slices.SortFunc(found, func(a, b suggested) int {
			return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.size, a.size), cmp.Compare(a.name, b.name))
		})
		all = append(all, found[:min(len(found), 3)]...)
	}
	var categories, towns, regions []suggested
	same := search.Same(want)
	for _, c := range r.categories {
		rank, ok := fits(ent.SortKey(c.Labels["de"]))
		if english, en := fits(ent.SortKey(c.Labels["en"])); en && (!ok || max(english, 1) < rank) {
			rank, ok = max(english, 1), true
		}
		if (!ok || rank > 1) && len(same) > 0 && search.Says(c.Labels["de"], same) { // Kindergarten: Kita und Kindertagespflege
			rank, ok = 1, true
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
			if here != nil && (*here)[m.AGS] {
				size += 1 << 30
			}
			towns = append(towns, suggested{m, rank, size, k.sort})
		}
	}
	if region == nil {
		for _, g := range r.regionsNamed {
			if g.Kind == ent.RegionAssociation && len(r.membersNamed[g.Key]) == 1 {
				continue // the municipality itself
			}
			rank, ok := fits(ent.SortKey(g.Name))
			if labelled, is := fits(ent.SortKey(g.Label + " " + g.Name)); is && (!ok || labelled < rank) { // Landkreis Leipzig
				rank, ok = labelled, true
			}
			if ok {
				regions = append(regions, suggested{g, rank, len(r.membersNamed[g.Key]), g.Key})
			}
		}
	}
	best(categories)
	best(towns)
	best(regions)
	slices.SortStableFunc(all, func(a, b suggested) int { return cmp.Compare(a.rank, b.rank) })
	return slices.DeleteFunc(all, func(x suggested) bool { return x.rank > max(all[0].rank, typo) }) // the fewest typos
}

// vowels writes ae, oe and ue as sort keys have umlauts: wuerz, wurz.
func vowels(key string) string { return strings.Join(search.Exact(key), " ") }

// suggestTitles looks through the titles of what is published, each title once, the shorter first, and tells whether these begin as it was typed. If not, and typos are
// to be mended, it gives titles with words like the last one.
func (s *Store) suggestTitles(ctx context.Context, want string, region *string, n int, mend bool) (rows []*ent.Offering, begun bool, err error) {
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
	like := func(beginnings []string) error {
		var any []string
		for _, b := range beginnings {
			any = append(any, b+"%")
			if utf8.RuneCountInString(b) > 2 {
				any = append(any, "% "+b+"%")
			}
		}
		q := from("(o.title_key LIKE ?"+strings.Repeat(" OR o.title_key LIKE ?", len(any)-1)+")", args(any)...)
		q.add(" ORDER BY o.title_key NOT LIKE ?, length(o.title_key), o.title_key, o.id LIMIT ?", beginnings[0]+"%", n)
		return s.scan(ctx, q, &rows)
	}
	beginnings := []string{want}
	if folded := vowels(want); folded != want {
		beginnings = append(beginnings, folded)
	}
	if err := like(beginnings); err != nil || len(rows) > 0 || !mend || utf8.RuneCountInString(want) < 4 {
		return rows, len(rows) > 0, err
	}
	if mended := s.mend(want); len(mended) > 0 {
		if err := like(mended); err != nil || len(rows) > 0 {
			return rows, false, err
		}
	}
	q := from("? <% o.title_key", want)
	return rows, false, s.scan(ctx, q.add(" ORDER BY word_similarity(?, o.title_key) DESC, length(o.title_key), o.title_key, o.id LIMIT ?", want, n), &rows)
}

// mend gives what was typed with words that there are for the last one.
func (s *Store) mend(want string) (mended []string) {
	v := s.vocabulary.Load()
	words := search.Parse(want, search.Options{Prefix: true}).Words()
	if v == nil || len(words) == 0 {
		return nil
	}
	last := words[len(words)-1]
	for _, w := range v.Similar(last, maxCorrection) {
		mended = append(mended, strings.TrimSuffix(want, last.Text)+w)
	}
	return mended
}

func args[T any](list []T) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

// nearly tells whether the key begins as want does but for typos, and for how many: a letter too many, too few, another, or two swapped; one from four letters on,
// two from eight.
func nearly(want, key string) (int, bool) {
	a, b := []rune(want), []rune(key)
	typos := min(len(a)/4, 2)
	if typos == 0 || len(b) == 0 || a[0] != b[0] { // the first letter is hardly ever wrong
		return 0, false
	}
	b = b[:min(len(b), len(a)+typos)]
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, before
		row[0] = i + 1
		least := row[0]
		for j := range b {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		if least > typos {
			return 0, false
		}
	}
	least := slices.Min(row)
	return least, least <= typos
}
