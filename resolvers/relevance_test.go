package resolvers_test

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"umland/ent"
	"umland/store/storetest"
)

// The floors of the scores, and how many cases may be open.
const (
	floorGain, floorRecall = 0.95, 0.94
	maxOpen                = 5
)

// hit is an offering that a search finds.
type hit struct {
	id, title, municipality string
	over                    bool
}

// titles are choices of a title with asterisks, each with a municipality or none.
type titles []struct{ title, municipality string }

func parseTitles(text string) (all titles, err error) {
	for _, choice := range strings.Split(text, " oder ") {
		title, municipality, _ := strings.Cut(strings.ToLower(strings.TrimSpace(choice)), " @ ")
		escape := strings.NewReplacer("[", `\[`, "?", `\?`, `\`, `\\`, "/", "\x00")
		title, municipality = escape.Replace(title), escape.Replace(cmp.Or(municipality, "*"))
		for _, pattern := range []string{title, municipality} {
			if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
				return nil, fmt.Errorf("%q is no title", choice)
			}
		}
		all = append(all, struct{ title, municipality string }{title, municipality})
	}
	return all, nil
}

func (ts titles) match(h hit) bool {
	text := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "/", "\x00") }
	return slices.ContainsFunc(ts, func(p struct{ title, municipality string }) bool {
		title, _ := path.Match(p.title, text(h.title))
		municipality, _ := path.Match(p.municipality, text(h.municipality))
		return title && municipality
	})
}

// expectation is one of a case: grade is what an offering with one of the titles counts for the score, holds whether the hits are as expected.
type expectation struct {
	text   string
	titles titles
	grade  float64
	holds  func(hits []hit, total int) bool
}

type relevanceCase struct {
	query, open  string
	today        time.Time
	expectations []expectation
}

func parseCase(line string) (c relevanceCase, err error) {
	fields := strings.Split(line, "|")
	c.query = strings.TrimSpace(fields[0])
	for _, field := range fields[1:] {
		e := expectation{text: strings.TrimSpace(field)}
		head, value, _ := strings.Cut(e.text, ":")
		value = strings.TrimSpace(value)
		word, n := head, 0
		if i := strings.LastIndexByte(head, ' '); i > 0 {
			word = head[:i]
			if n, err = strconv.Atoi(head[i+1:]); err != nil || n < 1 {
				return c, fmt.Errorf("%q is no expectation", e.text)
			}
		}
		first := func(hits []hit) []hit { return hits[:min(n, len(hits))] }
		named := true
		switch word {
		case "zuerst":
			e.grade = 3
			e.holds = func(hits []hit, _ int) bool { return len(hits) > 0 && e.titles.match(hits[0]) }
		case "die ersten":
			e.grade = 2
			e.holds = func(hits []hit, _ int) bool {
				return len(hits) >= n && !slices.ContainsFunc(first(hits), func(h hit) bool { return !e.titles.match(h) })
			}
		case "unter den ersten":
			e.grade = 2
			e.holds = func(hits []hit, _ int) bool { return slices.ContainsFunc(first(hits), e.titles.match) }
		case "nicht":
			e.holds = func(hits []hit, _ int) bool { return !slices.ContainsFunc(hits, e.titles.match) }
		case "nicht unter den ersten":
			e.holds = func(hits []hit, _ int) bool { return !slices.ContainsFunc(first(hits), e.titles.match) }
		case "auch":
			e.grade = 1
			e.holds = func([]hit, int) bool { return true }
		default:
			named = false
		}
		if named {
			if e.titles, err = parseTitles(value); err != nil {
				return c, err
			}
		}
		switch {
		case strings.HasSuffix(word, "ersten") != (n > 0):
			return c, fmt.Errorf("%q is no expectation", e.text)
		case word == "nichts":
			e.holds = func(_ []hit, total int) bool { return total == 0 }
		case word == "heute":
			if c.today, err = time.ParseInLocation("2006-01-02 15", value+" 12", ent.Berlin); err != nil {
				return c, err
			}
			continue
		case word == "offen" && value != "":
			c.open = value
			continue
		case word == "mindestens", word == "höchstens":
			limit, err := strconv.Atoi(value)
			if err != nil {
				return c, err
			}
			e.holds = func(_ []hit, total int) bool {
				return word == "mindestens" && total >= limit || word == "höchstens" && total <= limit
			}
		}
		if e.holds == nil {
			return c, fmt.Errorf("%q is no expectation", e.text)
		}
		c.expectations = append(c.expectations, e)
	}
	if len(c.expectations) == 0 {
		return c, fmt.Errorf("%q expects nothing", c.query)
	}
	return c, nil
}

// grade is what the hit counts for the score.
func (c relevanceCase) grade(h hit) (grade float64) {
	for _, e := range c.expectations {
		if e.grade > grade && e.titles.match(h) {
			grade = e.grade
		}
	}
	return grade
}

// score gives nDCG@10 and recall@20 of the hits; false if the case names nothing that fits.
func (c relevanceCase) score(hits, all []hit) (gain, recall float64, ok bool) {
	var ideal []float64
	for _, h := range all {
		if g := c.grade(h); g > 0 {
			ideal = append(ideal, g)
		}
	}
	if len(ideal) == 0 {
		return 0, 0, false
	}
	slices.SortFunc(ideal, func(a, b float64) int { return cmp.Compare(b, a) })
	best := 0.0
	for i, g := range ideal[:min(10, len(ideal))] {
		best += g / math.Log2(float64(i+2))
	}
	for i, h := range hits[:min(20, len(hits))] {
		g := c.grade(h)
		if i < 10 {
			gain += g / math.Log2(float64(i+2))
		}
		if g > 0 {
			recall++
		}
	}
	return gain / best, recall / float64(min(20, len(ideal))), true
}

// found gives a hundred hits of a search, how many there are, and where the next hundred begin; without words everything.
func (a *api) found(words string, after any) (hits []hit, total int, end any) {
	a.t.Helper()
	out := a.get("", `query($s: String, $after: String) { offerings(filter: {search: $s}, first: 100, after: $after) { totalCount nodes {
		id title municipality { name } schedule { start } occurrences(first: 1) { nodes { id } } } pageInfo { hasNextPage endCursor } } }`, map[string]any{"s": words, "after": after})
	nodes, _ := out.at("data.offerings.nodes").([]any)
	for _, n := range nodes {
		o := object(n.(map[string]any))
		hits = append(hits, hit{o.text("id"), o.text("title"), o.text("municipality.name"), o["schedule"] != nil && o.at("occurrences.nodes.0") == nil})
	}
	count, _ := out.at("data.offerings.totalCount").(float64)
	if out.at("data.offerings.pageInfo.hasNextPage") == true {
		end = out.at("data.offerings.pageInfo.endCursor")
	}
	return hits, int(count), end
}

// The cases are in testdata/relevance.txt, whose head says what they mean.
func TestRelevance(t *testing.T) {
	t.Parallel()
	a := serve(t, storetest.Demo(t))
	if err := a.st.LoadVocabulary(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all []hit
	for after := any(nil); ; {
		page, _, end := a.found("", after)
		if all, after = append(all, page...), end; end == nil {
			break
		}
	}
	text, err := os.ReadFile("testdata/relevance.txt")
	if err != nil {
		t.Fatal(err)
	}
	noon := a.clock()
	cases, scored, open, over := 0, 0, 0, 0
	var gains, recalls float64
	seen := map[string]bool{}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		c, err := parseCase(line)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if key := c.query + c.today.String(); seen[key] {
			t.Errorf("line %d: %q for the second time", i+1, c.query)
		} else {
			seen[key] = true
		}
		today := noon
		if !c.today.IsZero() {
			today = c.today
		}
		a.wait(today.Sub(a.clock()))
		hits, total, _ := a.found(c.query, nil)
		var faults []string
		for _, e := range c.expectations {
			if !e.holds(hits, total) {
				faults = append(faults, e.text)
			}
		}
		past := false
		for _, h := range hits {
			if past && !h.over {
				faults = append(faults, "was vorbei ist, kommt zuletzt")
				break
			}
			if past = h.over; past {
				over++
			}
		}
		gain, recall, ok := c.score(hits, all)
		if ok {
			scored, gains, recalls = scored+1, gains+gain, recalls+recall
		}
		cases++
		var first []string
		for _, h := range hits[:min(10, len(hits))] {
			first = append(first, h.title+" @ "+h.municipality)
		}
		switch {
		case c.open != "" && len(faults) == 0:
			t.Errorf("line %d: %q is open (%s), but holds", i+1, c.query, c.open)
		case c.open != "":
			t.Logf("open: %q: %s (%s)", c.query, strings.Join(faults, "; "), c.open)
			open++
		case len(faults) > 0:
			t.Errorf("line %d: %q finds %d, nDCG@10 %.2f, recall@20 %.2f; not: %s\n\t%s", i+1, c.query, total, gain, recall, strings.Join(faults, "; "), strings.Join(first, "\n\t"))
		}
	}
	gain, recall := gains/float64(scored), recalls/float64(scored)
	t.Logf("%d cases: nDCG@10 %.3f, recall@20 %.3f (over %d cases)", cases, gain, recall, scored)
	if cases < 160 || scored < 150 || open > maxOpen || over < 20 {
		t.Errorf("%d cases, %d with a score, %d open, %d hits that are over", cases, scored, open, over)
	}
	if gain < floorGain || recall < floorRecall {
		t.Errorf("nDCG@10 is %.3f, recall@20 %.3f", gain, recall)
	}
}
