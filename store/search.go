package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"umland/ent"
	"umland/search"
)

const (
	maxSearch     = 1000 // characters of a search
	maxCorrection = 5    // words that a mistyped one may stand for
	snippetLength = 200
)

// LoadVocabulary reads the words of everything that is published, by which mistyped ones are recognised, and where something is published, which is suggested first. Call it at the start and from time to
// time: a word that is not known yet is found all the same, only with others like it.
func (s *Store) LoadVocabulary(ctx context.Context) (err error) {
	defer wrap(&err, "LoadVocabulary")
	var rows []struct {
		Word string `bun:"word"`
		N    int    `bun:"ndoc"`
	}
	q := new(query).add("SELECT word, ndoc FROM ts_stat('SELECT vector FROM offering WHERE status = ''PUBLISHED''')")
	if err := s.scan(ctx, q, &rows); err != nil {
		return err
	}
	var offered []struct {
		AGS string `bun:"ags"`
	}
	q = new(query).add("SELECT m.ags FROM municipality m WHERE EXISTS (SELECT FROM offering o WHERE o.ags = m.ags AND o.status = 'PUBLISHED')")
	if err := s.scan(ctx, q, &offered); err != nil {
		return err
	}
	places := make(map[string]bool, len(offered))
	for _, o := range offered {
		places[o.AGS] = true
	}
	s.offered.Store(&places)
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.Word] = r.N
	}
	s.generation.Add(1)
	s.vocabulary.Store(search.NewVocabulary(counts))
	return nil
}

// query reads a search as it is typed: its last word may be the beginning of one; mistyped words stand for those like them.
func (s *Store) query(text string) search.Query {
	q := search.Parse(text, search.Options{})
	v := s.vocabulary.Load()
	names := func(name string) []string { return s.reference().regionMarks[name] }
	if v == nil {
		return search.Parse(text, search.Options{Prefix: true}).Named(names)
	}
	if words := q.Words(); len(words) > 0 && v.Unfinished(words[len(words)-1]) {
		q = search.Parse(text, search.Options{Prefix: true})
	}
	return q.Named(names).Apart(func(lexeme string) bool { return v.Has(lexeme, false) }).
		Correct(func(w search.Word) []string { return v.Similar(w, maxCorrection) })
}

func blank(s *string) bool { return s == nil || strings.TrimSpace(*s) == "" }

// filterSearch adds the search for words. Where nothing has them all, it is relaxed (see search.Query).
func (s *Store) filterSearch(f *ent.OfferingFilter, c *conditions) (words search.Query, err error) {
	if blank(f.Search) {
		return words, nil
	}
	if n := utf8.RuneCountInString(*f.Search); n > maxSearch {
		return words, ent.BadInput("filter.search", "filter.search has %d characters; %d are the most.", n, maxSearch)
	}
	words = s.query(*f.Search)
	strict, relaxed := words.TSQuery(), words.Relaxed()
	if relaxed == "" {
		c.add("search", "").query.append(matches("o", words))
	} else {
		c.add("search", "o.vector @@ (SELECT CASE WHEN EXISTS (SELECT FROM offering s WHERE s.status = 'PUBLISHED' AND ").query.append(matches("s", words)).
			add(") THEN ?::tsquery ELSE ?::tsquery END)", strict, relaxed)
	}
	return words, nil
}

// matches gives the condition that an offering is found. The index reads the list of a word as often as the query names it, and where words must be near each
// other it only knows that they are there: it is asked for no more than that, with each word once, and what it gives is looked at (by the function
// of @@, which no index answers).
func matches(alias string, words search.Query) *query {
	strict, loose := words.TSQuery(), words.Rank()
	q := new(query).add(alias+".vector @@ ?::tsquery", loose)
	if strict != loose {
		q.add(" AND ts_match_vq("+alias+".vector, ?::tsquery)", strict)
	}
	return q
}

// rankWeights are what words count in descriptions, summaries, categories and titles.
const rankWeights = "'{0.1, 0.2, 0.5, 1}'"

// score adds how well an offering fits the words, from 0 to 2. Below 1 by the ranks of the text, with weights that TestRelevance in resolvers holds; from 1 on what has
// all the words in its title (see inTwoParts), by a rank that is quicker to work out. A little higher where somebody has vouched for it lately, where its last date
// is soon, and where it is near the point, if there is one. What is over comes last, for there is much of it by the quick rank, too.
func (l *offeringList) score(q *query, at *point, asOf time.Time) {
	whole, closer, either := cmp.Or(l.words.Relaxed(), l.words.Rank()), l.words.Closer(), l.words.Any()
	quick := new(query).add("ts_rank("+rankWeights+", o.vector, ?::tsquery)", cmp.Or(either, whole))
	boost := new(query).add("CASE WHEN o.confirmed_at > ? THEN 1.05 ELSE 1 END", asOf.AddDate(0, -3, 0)).
		add(" * coalesce(1 + 0.05 * exp(-date_part('epoch', o.last_until - ?) / (30 * 86400)), 1)", asOf)
	if at != nil {
		boost.add(" * (1 + 0.3 * exp(-(")
		at.distance(boost)
		boost.add(") / 5))")
	}
	q.add("CASE WHEN o.last_until < ? THEN 1e-6 * ", asOf).append(quick)
	if l.title = l.words.Title(); l.title != "" {
		in := quick
		if either == "" {
			in = new(query).add("ts_rank_cd("+rankWeights+", o.vector, ?::tsquery)", whole)
		}
		q.add(" WHEN ts_match_vq(o.vector, ?::tsquery) THEN 2 - 1 / (1 + ", l.title).append(in).add(" * ").append(boost).add(")")
	}
	q.add(" ELSE 1 - 1 / (1 + (")
	if len(closer) > 0 {
		q.add("0.3 * ") // a synonym in a title still comes before the word itself in a description
	}
	q.add("ts_rank_cd("+rankWeights+", o.vector, ?::tsquery)", whole)
	for _, c := range closer {
		q.add(" + ts_rank_cd("+rankWeights+", o.vector, ?::tsquery)", c)
	}
	if either != "" {
		q.add(" + 0.6 * ").append(quick)
	}
	q.add(") * ").append(boost).add(") END")
}

// manyMatches is from how many texts with each of its words on a search is done in two parts.
const manyMatches = 2000

// inTwoParts tells whether the list is long, as far as the frequency of its words tells, and begins with what has them in its title: then these are looked for first, and
// the many others, all of which would have to be ranked to find the best, only where the page is not full.
func (l *offeringList) inTwoParts() bool {
	v := l.s.vocabulary.Load()
	if l.parent != "" || l.sort.alias != "score" || l.title == "" {
		return false
	}
	return v == nil || !slices.ContainsFunc(l.words.Words(), func(w search.Word) bool {
		return !w.Stop && !w.Soft && !w.Prefix && v.Count(w.Lexeme) < l.s.manyMatches
	})
}

// parts adds the two parts, one after the other. The planner keeps their order: parts with a LIMIT are not read in parallel.
func (l *offeringList) parts(q, columns *query) error {
	first, rest := new(query).append(columns), new(query).append(columns)
	l.conds.and(first, "search")
	first.add(" AND o.vector @@ ?::tsquery AND (o.last_until >= ? OR o.last_until IS NULL)", l.title, l.asOf)
	l.conds.and(rest, "")
	rest.add(" AND (o.last_until < ? OR NOT ts_match_vq(o.vector, ?::tsquery))", l.asOf, l.title)
	both := []*query{first, rest}
	if l.window.backward {
		slices.Reverse(both)
	}
	for i, part := range both {
		if err := l.window.keyset(part, l.sort); err != nil {
			return err
		}
		l.window.order(part, l.sort)
		q.add([]string{"(", " UNION ALL ("}[i]).append(part).add(")")
	}
	q.add(" LIMIT " + strconv.Itoa(l.window.limit()))
	return nil
}

// snippet is the text around what was found.
func snippet(cut func(text string) string, o *ent.Offering) *string {
	var texts []string
	for _, t := range []*string{o.Summary, o.Description} {
		if t != nil {
			texts = append(texts, *t)
		}
	}
	if len(texts) == 0 {
		texts = []string{o.Title}
	}
	found := cut(strings.Join(texts, " "))
	return &found
}
