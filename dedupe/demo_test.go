package dedupe_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	. "umland/dedupe"
	"umland/demo"
	"umland/ent"
	"umland/register"
)

var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// demoSet is the demo region, to be read only, with the provider in each offering.
var demoSet = sync.OnceValues(func() ([]*ent.Offering, error) {
	municipalities, err := register.Municipalities()
	if err != nil {
		return nil, err
	}
	set, err := demo.Build(monday, municipalities)
	if err != nil {
		return nil, err
	}
	providers := map[any]*ent.Provider{}
	for _, p := range set.Providers {
		providers[p.ID] = p
	}
	for _, o := range set.Offerings {
		o.Provider = providers[o.ProviderID]
	}
	return set.Offerings, nil
})

// demoCandidates are the offerings of the demo region as if each came from a source of its own.
func demoCandidates(t testing.TB) []Candidate {
	t.Helper()
	offerings, err := demoSet()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]Candidate, len(offerings))
	for i, o := range offerings {
		out[i] = FromOffering(o)
		out[i].Source = ""
	}
	return out
}

// The offerings of the demo region are made up one by one: none is another, whatever sources they come from.
func TestDemoHasNoDuplicates(t *testing.T) {
	t.Parallel()
	all := demoCandidates(t)
	byTown := map[string][]int{}
	for i, c := range all {
		byTown[c.AGS[:5]] = append(byTown[c.AGS[:5]], i)
	}
	pairs := 0
	for _, town := range byTown {
		for n, i := range town {
			for _, j := range town[n+1:] {
				pairs++
				if v := Score(all[i], all[j]); v.Same {
					t.Errorf("%.2f %s / %s\n%s", v.Score, all[i].Title, all[j].Title, explain(v))
				}
			}
		}
	}
	// Across districts by chance: what is in another one must not be the same either.
	random := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		i, j := random.IntN(len(all)), random.IntN(len(all))
		if i != j && all[i].AGS[:5] != all[j].AGS[:5] && Score(all[i], all[j]).Same {
			t.Errorf("%s / %s", all[i].Title, all[j].Title)
		}
	}
	t.Logf("%d pairs of %d offerings", pairs, len(all))
	if len(all) < 2200 {
		t.Errorf("only %d offerings", len(all))
	}
}

// A verdict is the same in both directions and each time, its score from 0 to 1, and of a thing and itself it is Same.
func TestScoreIsSymmetric(t *testing.T) {
	t.Parallel()
	all := demoCandidates(t)
	for _, l := range readLabelled(t) {
		all = append(all, l.Candidate)
	}
	random := rand.New(rand.NewPCG(3, 4))
	check := func(a, b Candidate) {
		t.Helper()
		v, w := Score(a, b), Score(b, a)
		if !reflect.DeepEqual(v, w) || !reflect.DeepEqual(v, Score(a, b)) {
			t.Fatalf("%s / %s: %v and %v", a.Title, b.Title, v, w)
		}
		if v.Score < 0 || v.Score > 1 || v.Same != (v.Score >= Threshold) || len(v.Reasons) == 0 {
			t.Errorf("%s / %s: %v", a.Title, b.Title, v)
		}
	}
	for range 20_000 {
		check(all[random.IntN(len(all))], all[random.IntN(len(all))])
	}
	eachPair(readLabelled(t), func(a, b labelled, _ bool) { check(a.Candidate, b.Candidate) })
	for _, c := range all {
		if c.Source = ""; c.Title != "" && !Score(c, c).Same {
			t.Errorf("%s is not itself: %v", c.Title, Score(c, c))
		}
	}
}

// Two dates of a series are never the same, nor is a date the series, though everything else is equal, page and text included.
func TestDatesOfASeriesStayApart(t *testing.T) {
	t.Parallel()
	offerings, err := demoSet()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, o := range offerings {
		if o.Schedule == nil || o.Schedule.RRule == nil {
			continue
		}
		spans, err := o.Schedule.Expand(monday, monday.AddDate(0, 6, 0), 20)
		if err != nil {
			t.Fatal(err)
		}
		series := FromOffering(o)
		series.Source, series.URLs = "", []string{"https://verein.example/termine/7"}
		var dates []Candidate
		for _, s := range spans[:min(len(spans), 6)] {
			c := series
			c.RRule, c.Start = "", s.Start.In(ent.Berlin)
			if c.End = (time.Time{}); s.End != nil {
				c.End = s.End.In(ent.Berlin)
			}
			if v := Score(c, series); v.Same {
				t.Errorf("%s is one with a date of it: %v", o.Title, v)
			}
			for _, d := range dates {
				n++
				if v := Score(c, d); v.Same || v.Score > Vetoed {
					t.Errorf("%s on %s and on %s: %v", o.Title, c.Start, d.Start, v)
				}
			}
			dates = append(dates, c)
		}
	}
	if n < 1000 {
		t.Errorf("only %d pairs", n)
	}
}

// A key of the demo region is shared by some dozens at the most, and a record is compared with few others.
func TestKeysAreShort(t *testing.T) {
	t.Parallel()
	all := demoCandidates(t)
	shared := map[string][]int{}
	most := 0
	for i, c := range all {
		keys := Keys(c)
		if len(keys) == 0 || len(keys) > MaxKeys {
			t.Errorf("%s: %q", c.Title, keys)
		}
		for _, k := range keys {
			if len(k) > 40 {
				t.Errorf("%q", k)
			}
			shared[k] = append(shared[k], i)
		}
	}
	compared := 0
	for i, c := range all {
		others := map[int]bool{}
		for _, k := range Keys(c) {
			for _, j := range shared[k] {
				others[j] = true
			}
		}
		delete(others, i)
		compared += len(others)
	}
	worst := ""
	for k, list := range shared {
		if len(list) > most || len(list) == most && k < worst {
			most, worst = len(list), k
		}
	}
	mean := float64(compared) / float64(len(all))
	t.Logf("%d keys, at most %d offerings share one (%s); a record is compared with %.1f others", len(shared), most, worst, mean)
	if most > 40 || mean > 25 {
		t.Errorf("at most %d offerings share a key (%s), %.1f are compared", most, worst, mean)
	}
}

func TestKeysAreStable(t *testing.T) {
	t.Parallel()
	for _, c := range demoCandidates(t)[:200] {
		if !slices.Equal(Keys(c), Keys(c)) {
			t.Errorf("%s", c.Title)
		}
	}
}

// Score of records that share a key, which is what it is asked for.
func BenchmarkScore(b *testing.B) {
	all := demoCandidates(b)
	shared := map[string][]int{}
	var pairs [][2]int
	for i, c := range all {
		for _, k := range Keys(c) {
			for _, j := range shared[k] {
				pairs = append(pairs, [2]int{i, j})
			}
			shared[k] = append(shared[k], i)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := pairs[i%len(pairs)]
		Score(all[p[0]], all[p[1]])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
}

// BenchmarkScoreLabelled is of pairs of which many are the same, so that everything is looked at.
func BenchmarkScoreLabelled(b *testing.B) {
	var pairs [][2]Candidate
	eachPair(readLabelled(b), func(x, y labelled, _ bool) { pairs = append(pairs, [2]Candidate{x.Candidate, y.Candidate}) })
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := pairs[i%len(pairs)]
		Score(p[0], p[1])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
}

func BenchmarkKeys(b *testing.B) {
	all := demoCandidates(b)
	for i := 0; b.Loop(); i++ {
		Keys(all[i%len(all)])
	}
}
