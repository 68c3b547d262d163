package server

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"

	"umland/auth"
	"umland/ent"
	"umland/graph"
)

// newAPI is enough to prepare operations of the real schema.
func newAPI() *api {
	l := DefaultLimits()
	return &api{schema: graph.NewExecutableSchema(graph.Config{}), limits: l, metrics: newMetrics("", nil),
		documents: newCache[*document](l.Documents), persisted: newCache[string](l.PersistedQueries)}
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// nest opens n times, and closes.
func nest(n int, open, inside, shut string) string {
	return strings.Repeat(open, n) + inside + strings.Repeat(shut, n)
}

// parents is n fields deep, n ≥ 3.
func parents(n int) string {
	return `{ region(key: "a") {` + nest(n-2, "parent {", "key", "}") + "} }"
}

// bomb is a document of n fragments each of which spreads the one below twice.
func bomb(n int) string {
	var b strings.Builder
	b.WriteString("{ region(key: \"a\") { ...F0 } }")
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Region { ...F%d ...F%d }", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Region { key }", n)
	return b.String()
}

// Every limit from both sides. Whatever is refused is refused quickly.
func TestLimits(t *testing.T) {
	t.Parallel()
	a := newAPI()
	const ok = ""
	offering := func(first string) string {
		return "{ offerings(first: " + first + ") { nodes { municipality { offerings(first: 100) { totalCount nodes { id } } } } } }"
	}
	for _, tc := range []struct {
		name, query, limit string // limit: a limit's name, or a code
		keyed              bool
	}{
		{name: "tokens at most", query: "{ nodes(ids: [" + strings.Repeat("1 ", 1988) + "]) { id } }", limit: ok},
		{name: "a token more", query: "{ nodes(ids: [" + strings.Repeat("1 ", 1989) + "]) { id } }", limit: "tokens"},
		{name: "comments count", query: strings.Repeat("#\n", 2000) + "{ __typename }", limit: "tokens"},
		{name: "tokens with a key", query: "{ nodes(ids: [" + strings.Repeat("1 ", 9988) + "]) { id } }", limit: ok, keyed: true},
		{name: "a token more with a key", query: "{ nodes(ids: [" + strings.Repeat("1 ", 9989) + "]) { id } }", limit: "tokens", keyed: true},
		{name: "8,000 fields", query: "{" + strings.Repeat("__typename ", 8000) + "}", limit: "tokens"},
		{name: "8,000 fields with a key", query: "{" + strings.Repeat("__typename ", 8000) + "}", limit: "rootFields", keyed: true},
		{name: "fields at most", query: `{ region(key: "a") {` + strings.Repeat("key ", 499) + "} }", limit: ok},
		{name: "a field more", query: `{ region(key: "a") {` + strings.Repeat("key ", 500) + "} }", limit: "fields"},
		{name: "depth at most", query: parents(15), limit: ok},
		{name: "one deeper", query: parents(16), limit: "depth"},
		{name: "deep through fragments", query: `{ region(key: "a") { ...A } } fragment A on Region {` + nest(7, "parent {", "...B", "}") +
			"} fragment B on Region {" + nest(7, "parent {", "key", "}") + "}", limit: "depth"},
		{name: "490 deep", query: parents(490), limit: "depth"},
		{name: "5,000 deep", query: parents(5000), limit: "tokens"},
		{name: "600 inline fragments deep", query: "{" + nest(600, "... {", "__typename", "}") + "}", limit: ok},
		{name: "50 aliases", query: `{ region(key: "a") {` + repeat(50, "a%d: key ") + "} }", limit: ok},
		{name: "51 aliases", query: `{ region(key: "a") {` + repeat(51, "a%d: key ") + "} }", limit: "aliases"},
		{name: "aliases in fragments", query: `{ region(key: "a") { ...A ...B } } fragment A on Region {` + repeat(26, "a%d: key ") +
			"} fragment B on Region {" + repeat(26, "b%d: key ") + "}", limit: "aliases"},
		{name: "50 directives", query: `{ region(key: "a") {` + strings.Repeat("key @skip(if: true) ", 50) + "} }", limit: ok},
		{name: "51 directives", query: `{ region(key: "a") {` + strings.Repeat("key @skip(if: true) ", 51) + "} }", limit: "directives"},
		{name: "400 directives on a field", query: `{ __typename ` + strings.Repeat("@skip(if: true) ", 250) + "}", limit: "directives"},
		{name: "20 root fields", query: "{" + repeat(20, "a%d: __typename ") + "}", limit: ok},
		{name: "21 root fields", query: "{" + repeat(21, "a%d: __typename ") + "}", limit: "rootFields"},
		{name: "root fields through fragments", query: "{ ...A ...A } fragment A on Query {" + repeat(11, "a%d: __typename ") + "}", limit: "rootFields"},
		{name: "100 definitions", query: "query A { __typename }" + repeat(99, " query B%d { __typename }"), limit: ok},
		{name: "101 definitions", query: "query A { __typename }" + repeat(100, " query B%d { __typename }"), limit: "definitions"},
		{name: "a long name", query: "{ " + strings.Repeat("a", 100) + ": __typename }", limit: ok},
		{name: "a longer name", query: "{ " + strings.Repeat("a", 101) + ": __typename }", limit: "name"},
		{name: "a long query", query: `{ region(key: "` + strings.Repeat("a", 99_970) + `") { key } }`, limit: ok},
		{name: "a longer query", query: `{ region(key: "` + strings.Repeat("a", 100_000) + `") { key } }`, limit: "document"},
		{name: "a longer query with a key", query: `{ region(key: "` + strings.Repeat("a", 1_000_000) + `") { key } }`, limit: ok, keyed: true},
		{name: "a list too deep", query: "{ nodes(ids: " + nest(16, "[", "1", "]") + ") { id } }", limit: "depth"},
		{name: "a huge number", query: "{ occurrences(from: 99999999999999999999, to: 1) { totalCount } }", limit: string(codeBadInput)},
		{name: "an infinite number", query: "{ municipalityAt(longitude: 1e999, latitude: 1) { ags } }", limit: string(codeBadInput)},
		{name: "a bomb", query: bomb(50), limit: "cost"},
		{name: "no bomb", query: bomb(12), limit: ok},
		{name: "a cycle", query: "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", limit: string(codeInvalid)},
		{name: "a cycle that is not used", query: "{ __typename } fragment A on Query { ...A }", limit: string(codeInvalid)},
		{name: "two fragments of a name", query: "{ ...A } fragment A on Query { __typename } fragment A on Query {" + strings.Repeat("__typename ", 1500) + "}", limit: string(codeInvalid)},
		{name: "half of a character", query: `{ region(key: "a\ud800b") { key } }`, limit: string(codeBadInput)},
		{name: "the other half", query: `{ region(key: "\udc00\ud83d") { key } }`, limit: string(codeBadInput)},
		{name: "both halves", query: `{ region(key: "\ud83d\ude00 \\ud800 �") { key } }`, limit: ok},
		{name: "half of a character in a block", query: `{ region(key: """\ud800""") { key } }`, limit: ok}, // there it is just text
		{name: "a description of each", query: "{ offerings(first: 100) { totalCount nodes { id kind title summary description isOpen price { free note } place { name address { street } } " +
			"images { url alt } categories { slug label } nextOccurrence { start end } } } }", limit: ok},
		{name: "a line of each", query: "{ offerings(first: 100) { nodes { title details { ... on TourDetails { means lengthKm line } } } } }", limit: ok},
		{name: "48 descriptions of each", query: "{ offerings(first: 100) { nodes {" + repeat(48, "a%d: description ") + "} } }", limit: "cost"},
		{name: "48 descriptions of each with a key", query: "{ offerings(first: 100) { nodes {" + repeat(48, "a%d: description ") + "} } }", limit: "cost", keyed: true},
		{name: "48 lines of each", query: "{ offerings(first: 100) { nodes {" + repeat(48, "a%d: details { ... on TourDetails { line } } ") + "} } }", limit: "cost"},
		{name: "defer", query: "{ ... @defer { __typename } }", limit: string(codeInvalid)},
		{name: "cost at most", query: offering("96"), limit: ok},
		{name: "cost beyond", query: offering("97"), limit: "cost"},
		{name: "cost beyond with a key", query: offering("97"), limit: ok, keyed: true},
		{name: "a huge page", query: offering("2147483647"), limit: "cost"},
		{name: "the introspection of GraphiQL", query: testdata(t, "introspection.graphql"), limit: ok},
		{name: "two of them", query: strings.Replace(testdata(t, "introspection.graphql"), "__schema {", "a: __schema { types { ...FullType } } __schema {", 1), limit: ok},
		{name: "three of them", query: strings.Replace(testdata(t, "introspection.graphql"), "__schema {", "a: __schema { types { ...FullType } } b: __schema { types { ...FullType } } __schema {", 1), limit: "introspection"},
		{name: "types of fields of types", query: "{ __schema { types {" + nest(6, "fields { type {", "name", "}}") + "} } }", limit: string(codeInvalid)},
		{name: "arguments of fields of types", query: "{ __schema { types { fields { args { type { fields { args { type { enumValues { name } } } } } } } } } }", limit: "introspection"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if tc.keyed {
				ctx = auth.With(ctx, &ent.Actor{})
			}
			begin := time.Now()
			p := &params{query: tc.query}
			if strings.HasPrefix(tc.query, "query A") {
				p.operation = "A"
			}
			_, errs := a.prepare(ctx, p)
			got := ""
			if errs != nil {
				if got, _ = errs[0].Extensions["limit"].(string); got == "" {
					got = codeOf(errs[0])
				}
			}
			if got != tc.limit {
				t.Errorf("got %q: %v", got, errs)
			}
			if took := time.Since(begin); took > time.Second { // alone it is below 0.1 s; here it runs beside the others
				t.Errorf("took %v", took)
			}
		})
	}
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCost(t *testing.T) {
	t.Parallel()
	schema := newAPI().schema.Schema()
	for _, tc := range []struct {
		query         string
		vars          map[string]any
		cost, inspect int
	}{
		{`{ __typename }`, nil, 1, 0},
		{`{ region(key: "a") { key name } }`, nil, 3, 0},
		{`{ offerings { totalCount nodes { id } } }`, nil, 1 + 1 + 1 + 20, 0},
		{`{ offerings(first: 7) { totalCount edges { node { id } } pageInfo { endCursor } } }`, nil, 1 + 1 + (1 + 7*2) + 2, 0},
		{`{ offerings(last: 7) { nodes { id } } }`, nil, 1 + 1 + 7, 0},
		{`{ offerings(first: null) { nodes { id } } }`, nil, 1 + 1 + 20, 0},
		{`{ offerings(first: 5000000000) { nodes { id } } }`, nil, 1 + 1 + 100, 0},
		{`{ offerings(first: 0) { nodes { id } } }`, nil, 1 + 1 + 1, 0},
		{`{ offerings(first: -3) { nodes { id } } }`, nil, 1 + 1 + 1, 0},
		{`query($n: Int) { offerings(first: $n) { nodes { id } } }`, map[string]any{"n": json.Number("30")}, 1 + 1 + 30, 0},
		{`query($n: Int) { offerings(first: $n) { nodes { id } } }`, map[string]any{"n": json.Number("2147483647")}, 1 + 1 + 100, 0},
		{`query($n: Int) { offerings(first: $n) { nodes { id } } }`, map[string]any{"n": nil}, 1 + 1 + 20, 0},
		{`query($n: Int) { offerings(first: $n) { nodes { id } } }`, nil, 1 + 1 + 20, 0},
		{`query($n: Int = 40) { offerings(first: $n) { nodes { id } } }`, map[string]any{"n": int64(40)}, 1 + 1 + 40, 0},
		{`{ offerings(first: 10) { nodes { categories { slug } } } }`, nil, 2 + 10*(1+5), 0},
		{`{ offerings(first: 10) { nodes { occurrences(first: 3) { nodes { start } } } } }`, nil, 2 + 10*(2+3), 0},
		{`{ offerings(first: 10) { ...P } } fragment P on OfferingConnection { nodes { id } }`, nil, 2 + 10, 0},
		{`{ a: offerings(first: 10) { ...P } b: offerings(first: 20) { ...P } } fragment P on OfferingConnection { nodes { id } }`, nil, 2 + 10 + 2 + 20, 0},
		{`{ nodes(ids: ["a", "b", "c"]) { id } }`, nil, 1 + 3, 0},
		{`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": make([]any, 60)}, 1 + 60, 0},
		{`query($id: ID!) { nodes(ids: [$id]) { id } }`, map[string]any{"id": "a"}, 1 + 1, 0},
		{`{ node(id: "a") { ... on Offering { kind } ... on Place { name } } }`, nil, 3, 0},
		{`mutation($i: [OfferingInput!]!) { saveOfferings(inputs: $i) { results { offering { id } userErrors { path } } } }`,
			map[string]any{"i": make([]any, 500)}, 1 + 1 + 500*(2+1+5), 0},
		{`{ offerings(first: 10) { nodes { description images { url alt } details { ... on TourDetails { line } } } facets { categories { count } kinds { count } } } }`, nil,
			2 + 10*(20+1+10*(2+1)+1+50) + 20 + 1 + 100 + 1 + 5, 0},
		{`{ __schema { types { name } } __typename }`, nil, 2, 1 + 1 + 100},
		{`{ __type(name: "Query") { fields { args { name } } } }`, nil, 1, 1 + 1 + 10*(1+10)},
		{bomb(12), nil, 1 + 4096, 0},
	} {
		doc, errs := gqlparser.LoadQueryWithRules(schema, tc.query, nil)
		if errs != nil {
			t.Fatalf("%s: %v", tc.query, errs)
		}
		cost, inspect := cost(doc.Operations[0], tc.vars)
		if cost != tc.cost || inspect != tc.inspect {
			t.Errorf("%s: %d, %d", tc.query, cost, inspect)
		}
	}
}

// What weights names exists, limits.md says the same, and values are paid for: 2,000 bytes, as far as a character is one, for each 1.
func TestWeights(t *testing.T) {
	t.Parallel()
	schema := newAPI().schema.Schema()
	doc, err := os.ReadFile("../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for name, w := range weights() {
		typ, field, _ := strings.Cut(name, ".")
		def := schema.Types[typ]
		if def == nil || def.Fields.ForName(field) == nil {
			t.Errorf("there is no field %s", name)
		} else if w.items > 0 && def.Fields.ForName(field).Type.Elem == nil {
			t.Errorf("%s is no list", name)
		}
		said := func(n int) string {
			if n == 0 {
				return ""
			}
			return fmt.Sprint(n)
		}
		if !strings.Contains(string(doc), fmt.Sprintf("\n| `%s` | %s | %s |", name, said(w.cost), said(w.items))) {
			t.Errorf("limits.md does not say %s: %+v", name, w)
		}
		rows++
	}
	if n := strings.Count(string(doc), "\n| `"); n != rows {
		t.Errorf("limits.md has %d fields, there are %d", n, rows)
	}
	const address = 2_000
	for name, most := range map[string]int{
		"Offering.description":        2 * ent.MaxDescription, // as HTML
		"Offering.summary":            ent.MaxSummary,
		"Link.url":                    ent.MaxList * address / 10,
		"Image.url":                   ent.MaxList * address / 10,
		"Image.alt":                   ent.MaxList * ent.MaxNote / 10,
		"Image.licence":               ent.MaxList * address / 10,
		"Translation.summary":         ent.MaxList * ent.MaxSummary / 10,
		"ServiceDetails.requirements": ent.MaxText,
		"FacilityDetails.features":    ent.MaxWords * ent.MaxShort,
		"VolunteeringDetails.task":    ent.MaxText,
		"VolunteeringDetails.skills":  ent.MaxWords * ent.MaxShort,
		"TourDetails.line":            ent.MaxLine * len("[13.12345,52.12345],"),
		"Schedule.exclude":            ent.ScheduleMaxDates * len(`"2026-11-28T15:00:00+01:00",`),
		"Schedule.include":            ent.ScheduleMaxDates * len(`"2026-11-28T15:00:00+01:00",`),
	} {
		if cost := max(weights()[name].cost, 1); most > 2_000*cost {
			t.Errorf("%s may have %d bytes for %d", name, most, cost)
		}
	}
	if l := DefaultLimits(); l.Public.Cost*2_000 > 20_000_000 || l.Public.Answer > 16<<20 || l.Keyed.Answer > 64<<20 {
		t.Errorf("%+v %+v", l.Public, l.Keyed)
	}
}

func TestCostDoesNotOverflow(t *testing.T) {
	t.Parallel()
	doc, errs := gqlparser.LoadQueryWithRules(newAPI().schema.Schema(), `{ region(key: "a") { `+nest(12, "offerings(first: 100) { nodes { municipality { ", "ags", "} } }")+"} }", nil)
	if errs != nil {
		t.Fatal(errs)
	}
	if cost, _ := cost(doc.Operations[0], nil); cost != huge {
		t.Errorf("cost %d", cost)
	}
}

// What the playground opens with must be allowed to everyone.
func TestExamples(t *testing.T) {
	t.Parallel()
	a := newAPI()
	files, err := filepath.Glob("../web/examples/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, file := range files {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := &params{query: string(query)}
		if b, err := os.ReadFile(strings.TrimSuffix(file, "graphql") + "variables.json"); err == nil {
			if err := p.decode(b, nil); err != nil {
				t.Fatal(file, err)
			}
		}
		if _, errs := a.prepare(t.Context(), p); errs != nil {
			t.Errorf("%s: %v", file, errs)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	size := &Size{Values: 10}
	for _, tc := range []struct{ body, want string }{
		{`{"query":"{a}","variables":{"a":[1,2]},"operationName":"b","extensions":{}}`, ""},
		{`{"query":"{a}","variables":null,"operationName":null,"extensions":null}`, ""},
		{"\n {\"query\":\"[[[[[[\\\"[[[[[\"} ", ""},
		{``, "The body must be a JSON object."},
		{`null`, "The body must be a JSON object."},
		{`"{a}"`, "The body must be a JSON object."},
		{`{"query":"{a}"`, "The body must be a JSON object."},
		{`{"query":"{a}"} {}`, "The body must be a JSON object."},
		{`{"query":"geheim`, "The body must be a JSON object."},
		{"{\"query\":\"\xff\"}", "The body must be UTF-8."},
		{`[{"query":"{a}"},{"query":"{b}"}]`, "Batches are not supported: send one operation per request."},
		{` []`, "Batches are not supported: send one operation per request."},
		{`{"query":1}`, "query must be a string."},
		{`{"query":{"a":1}}`, "query must be a string."},
		{`{"query":"{a}","operationName":false}`, "operationName must be a string."},
		{`{"query":"{a}","variables":[]}`, "variables must be a JSON object."},
		{`{"query":"{a}","variables":"{}"}`, "variables must be a JSON object."},
		{`{"query":"{a}","extensions":0}`, "extensions must be a JSON object."},
		{`{"extensions":{"persistedQuery":7}}`, "extensions.persistedQuery must be an object with version and sha256Hash."},
		{`{"extensions":{"persistedQuery":{"version":"1","sha256Hash":""}}}`, "extensions.persistedQuery must be an object with version and sha256Hash."},
		{`{"extensions":{"persistedQuery":{"version":2,"sha256Hash":""}}}`, "extensions.persistedQuery must have version 1 and, as sha256Hash, 64 hexadecimal digits."},
		{`{"variables":` + nest(4, `{"a":`, "1", "}") + `}`, ""},
		{`{"variables":` + nest(5, `{"a":`, "1", "}") + `}`, "The JSON is nested more than 5 deep."},
		{strings.Repeat("[", 100_000), "Batches are not supported: send one operation per request."},
		{`{"variables":{"a":[1,2,3,4,5,6,7]}}`, ""},
		{`{"variables":{"a":"\ud83d\ude00 \\ud800 \u00e4 \"ud800"}}`, ""},
		{`{"variables":{"a":"\ud800"}}`, "Half of a character stands at byte 19 of the JSON: " + wholePairs},
		{`{"variables":{"a":"\uD83D\uD83D\ude00"}}`, "Half of a character stands at byte 19 of the JSON: " + wholePairs},
		{`{"variables":{"\udc00":1}}`, "Half of a character stands at byte 15 of the JSON: " + wholePairs},
		{`{"variables":{"a":"\ud800`, "Half of a character stands at byte 19 of the JSON: " + wholePairs},
		{`{"variables":{"a":[1,2,3,4,5,6,7,8]}}`, "The JSON holds more than 10 values."},
	} {
		got := ""
		if _, err := decode([]byte(tc.body), 5, size); err != nil {
			got = err.Message
		}
		if got != tc.want {
			t.Errorf("%.80s: %q", tc.body, got)
		}
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	c := newCache[int](4000)
	c.add("heavy", 0, 1000)
	if _, ok := c.get("heavy"); ok {
		t.Error("a heavy value was kept")
	}
	for i := range 4 {
		c.add(fmt.Sprint(i), i, 700)
	}
	if v, ok := c.get("0"); !ok || v != 0 {
		t.Error("the first is gone too early")
	}
	c.add("4", 4, 700)
	if _, ok := c.get("1"); ok {
		t.Error("the one used longest ago was kept")
	}
	for _, key := range []string{"0", "2", "3", "4"} {
		if _, ok := c.get(key); !ok {
			t.Errorf("%s is gone", key)
		}
	}
	if c.weight != 4*(700+200+1) || len(c.entries) != 4 || c.recent.Len() != 4 {
		t.Errorf("weight %d, %d entries", c.weight, len(c.entries))
	}
}
