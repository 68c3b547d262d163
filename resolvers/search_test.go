package resolvers_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

func (a *api) search(words, more string) []any {
	a.t.Helper()
	out := a.get("", `query($s: String!) { offerings(first: 100, filter: {search: $s`+more+`}) { totalCount nodes { title } } }`, map[string]any{"s": words})
	titles := out.list("data.offerings.nodes", "title")
	if out.at("data.offerings.totalCount") != float64(len(titles)) {
		a.t.Errorf("%q: %d of %v", words, len(titles), out.at("data.offerings.totalCount"))
	}
	return titles
}

func TestSearch(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "Turnverein Jahn")
	save := func(title string, more map[string]any) string {
		in := map[string]any{"kind": "SERVICE", "title": title, "provider": provider, "externalId": title}
		for k, v := range more {
			in[k] = v
		}
		return a.save(token, in).text("id")
	}
	save("Kinderschwimmkurs", map[string]any{"summary": "Im <b>Hallenbad</b> & im See", "description": "<p>Wer das Seepferdchen will, übt hier.</p>"})
	save("Wassergymnastik", map[string]any{"categories": []string{"schwimmen"}})
	save("Bücherei", map[string]any{"description": "Lesen und leihen. Kein Kurs im Schwimmen.", "translations": []any{map[string]any{"locale": "en", "title": "Public library"}}})
	event := map[string]any{"kind": "EVENT", "schedule": map[string]any{"start": "2026-06-01T10:00:00+02:00"}}
	save("Straßenfest", event)
	event["schedule"] = map[string]any{"start": "2027-06-01T10:00:00+02:00"}
	event["description"] = "Straßenfest und Tanz"
	save("Sommerfest", event)
	for title, start := range map[string]string{"Lichterfest am See": "2027-06-01", "Lichterfest am Berg": "2027-11-01", "Lichterfest am Turm": "2027-06-02"} {
		save(title, map[string]any{"kind": "EVENT", "schedule": map[string]any{"start": start + "T18:00:00+02:00"}})
	}
	if err := a.st.LoadVocabulary(t.Context()); err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"Schwimmkurs": "[Kinderschwimmkurs Bücherei]", "kurse": "[Kinderschwimmkurs Bücherei]", "Schwimkurs": "[Kinderschwimmkurs Bücherei]", "schwimmen": "[Wassergymnastik Kinderschwimmkurs Bücherei]",
		"buecherei": "[Bücherei]", "Büch": "[Bücherei]", "library": "[Bücherei]", `"Kurs im Schwimmen"`: "[Bücherei]", "Schwimmkurs -Bücherei": "[Kinderschwimmkurs]",
		"Strassenfest": "[Sommerfest Straßenfest]", // what is over comes last
		"turnverein":   "[Bücherei Kinderschwimmkurs Lichterfest am Berg Lichterfest am See Lichterfest am Turm Sommerfest Straßenfest Wassergymnastik]", "seepferdchen belzig": "[Kinderschwimmkurs]", "seepferdchen brandis": "[]",
		"und": "[]", "!!! ???": "[]", "' OR 1=1 --": "[]", "a & b | !c:* <-> (": "[]", "\u0131\u0307": "[]",
	} {
		got := a.search(words, "")
		if strings.HasPrefix(words, "turn") {
			slices.SortFunc(got, func(x, y any) int { return strings.Compare(x.(string), y.(string)) })
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%q finds %v, want %s", words, got, want)
		}
	}
	if got := a.search("Lichterfest", ""); len(got) != 3 || got[2] != "Lichterfest am Berg" {
		t.Errorf("what is soon is not before what is not: %v", got)
	}
	for _, blank := range []string{"", "  "} {
		if got := a.search(blank, ""); len(got) != 8 {
			t.Errorf("%q finds %v", blank, got)
		}
	}
	if out := a.ask("", `query($s: String!) { offerings(filter: {search: $s}) { totalCount } }`, map[string]any{"s": strings.Repeat("ä", 1001)}); out.text("errors.0.extensions.field") != "filter.search" {
		t.Errorf("1001 characters: %v", out)
	}
	if out := a.ask("", `{ offerings(orderBy: RELEVANCE) { totalCount } }`, nil); out.text("errors.0.extensions.field") != "orderBy" {
		t.Errorf("without a search: %v", out)
	}
	out := a.get("", `{ offerings(filter: {search: "hallenbad see"}) { edges { score snippet } facets { kinds { kind count } } } occurrences(filter: {search: "tanz"}, from: "2027-01-01T00:00:00Z", to: "2028-01-01T00:00:00Z") { totalCount } }`, nil)
	if s := out.text("data.offerings.edges.0.snippet"); s != "Im &lt;b&gt;<mark>Hallenbad</mark>&lt;/b&gt; &amp; im <mark>See</mark> Wer das Seepferdchen will, übt hier." {
		t.Errorf("snippet %q", s)
	}
	if out.at("data.occurrences.totalCount") != 1.0 || out.at("data.offerings.facets.kinds.0.count") != 1.0 {
		t.Errorf("%v", out)
	}
	// What is found by a provider's name goes with the name.
	a.get(token, `mutation { saveProvider(input: {id: "`+provider+`", name: "Sportgemeinschaft Hagelberg", kind: CLUB, municipality: "12069020"}) { userErrors { code } } }`, nil)
	if got := a.search("Hagelberg", ""); len(got) != 8 {
		t.Errorf("the new name finds %v", got)
	}
	if got := a.search("Turnverein", ""); len(got) != 0 {
		t.Errorf("the old name finds %v", got)
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	a, _ := demoAPI(t)
	if err := a.st.LoadVocabulary(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{`filter: {search: "Kinder"}`, `filter: {search: "Wochenmarkt", near: {longitude: 8.8, latitude: 53.07, radiusKm: 50}}, orderBy: RELEVANCE`} {
		all := a.walk(args, 100, true)
		if len(all) < 30 {
			t.Errorf("%s: %d", args, len(all))
		}
		if few, behind := a.walk(args, 7, true), a.walk(args, 11, false); fmt.Sprint(few) != fmt.Sprint(all) || fmt.Sprint(behind) != fmt.Sprint(all) {
			t.Errorf("%s: walking depends on the pages", args)
		}
	}
	out := a.get("", `{ offerings(filter: {search: "kinder"}, first: 50) { edges { score snippet } pageInfo { endCursor } } }`, nil)
	for _, s := range out.list("data.offerings.edges", "snippet") {
		if plain := regexp.MustCompile(`</?mark>`).ReplaceAllString(s.(string), ""); strings.ContainsAny(plain, "<>") || len([]rune(plain)) > 260 {
			t.Errorf("snippet %q", s)
		}
	}
	a.wait(48 * time.Hour) // the second page is of the same list, though the clock went on
	if next := a.ask("", `{ offerings(filter: {search: "kinder"}, first: 50, after: "`+out.text("data.offerings.pageInfo.endCursor")+`") { nodes { id } } }`, nil); next["errors"] != nil {
		t.Error(next)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	a, _ := demoAPI(t)
	if err := a.st.LoadVocabulary(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, first string }{
		{`prefix: "Bad Belz"`, "Bad Belzig"}, {`prefix: "belz"`, "Bad Belzig"}, {`prefix: "Wuerzb"`, "Würzburg"}, {`prefix: "wurzbur"`, "Würzburg"}, {`prefix: "Würzbrug"`, "Würzburg"},
		{`prefix: "biblioth"`, "Bibliothek"}, {`prefix: "Bibloth"`, "Bibliothek"}, {`prefix: "Library"`, "Bibliothek"}, {`prefix: "Potsdam-Mi"`, "Potsdam-Mittelmark"}, {`prefix: "parthel"`, "Partheland"},
		{`prefix: "personalausw"`, "Personalausweis beantragen"}, {`prefix: "Personalausweiss bean"`, "Personalausweis beantragen"},
		{`prefix: "Landkreis Lei"`, "Leipzig"}, {`prefix: "Wies"`, "Wiesenburg/Mark"}, {`prefix: "Wisenburg"`, "Wiesenburg/Mark"}, {`prefix: "Musuem"`, "Museum und Ausstellung"},
		{`prefix: "Kindergarten"`, "Kita und Kindertagespflege"}, {`prefix: "Muellsa"`, "Müllsammelaktion Bremen"}, {`prefix: "Perso"`, "Personalausweis beantragen"},
		{`prefix: "wiesen", region: "bad-belzig-wiesenburg"`, "Wiesenburg/Mark"}, {`prefix: "wiesen", region: "partheland"`, ""},
	} {
		out := a.get("", `{ suggest(`+c.args+`) { __typename ... on Category { label } ... on Municipality { town: name regions { key } } ... on Region { region: name } ... on Offering { title provider { name } } } }`, nil)
		var names []string
		list, _ := out.at("data.suggest").([]any)
		for _, x := range list {
			o := object(x.(map[string]any))
			names = append(names, o.text("label")+o.text("town")+o.text("region")+o.text("title"))
		}
		if len(names) > 8 || c.first == "" && len(names) > 0 || c.first != "" && (len(names) == 0 || names[0] != c.first) {
			t.Errorf("%s: %q, want %q first", c.args, names, c.first)
		}
	}
	for args, n := range map[string]int{`prefix: ""`: 0, `prefix: "%"`: 0, `prefix: "k", first: 3`: 3, `prefix: "xyzzyxyzzy"`: 0, `prefix: "s", first: 0`: 0, `prefix: "s", first: 20`: 20} {
		if got := len(a.get("", `{ suggest(`+args+`) { __typename } }`, nil).at("data.suggest").([]any)); got != n {
			t.Errorf("%s: %d, want %d", args, got, n)
		}
	}
	for _, args := range []string{`prefix: "s", first: 21`, `prefix: "s", region: "x"`} {
		if out := a.ask("", `{ suggest(`+args+`) { __typename } }`, nil); out.errorCode() != "BAD_USER_INPUT" {
			t.Errorf("%s: %v", args, out)
		}
	}
	// What is not published is not suggested.
	token := a.key(belzig, ent.ScopeWrite)
	provider := a.provider(token, belzig, "Verein")
	a.save(token, map[string]any{"kind": "SERVICE", "title": "Zwölftonspiel", "provider": provider})
	if got := a.get("", `{ suggest(prefix: "Zwölfton") { __typename } offerings(filter: {search: "Zwölftonspiel"}) { totalCount facets { kinds { count } } } }`, nil); fmt.Sprint(got.at("data")) != "map[offerings:map[facets:map[kinds:[]] totalCount:0] suggest:[]]" {
		t.Errorf("in review: %v", got)
	}
}
