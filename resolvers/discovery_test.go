package resolvers_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"umland/ent"
	"umland/store/storetest"
	"umland/web"
)

// demoAPI is an API over the demo region, and all of its offerings as the public sees them.
func demoAPI(t *testing.T) (*api, []object) {
	t.Helper()
	a := serve(t, storetest.Demo(t))
	var all []object
	var after any
	for {
		out := a.get("", `query($after: String) { offerings(orderBy: TITLE, first: 100, after: $after) { nodes {
			id kind title categories { slug broader { slug } } municipality { ags } audiences place { longitude latitude } details { ... on TourDetails { line } }
			isOpen(at: "2026-12-05T10:30:00+01:00") price { free }
			} pageInfo { hasNextPage endCursor } } }`, map[string]any{"after": after})
		for _, n := range out.at("data.offerings.nodes").([]any) {
			all = append(all, n.(map[string]any))
		}
		if out.at("data.offerings.pageInfo.hasNextPage") == false {
			return a, all
		}
		after = out.at("data.offerings.pageInfo.endCursor")
	}
}

// walk gives the ids of a whole list, page by page, forwards or backwards.
func (a *api) walk(args string, size int, forward bool) []any {
	a.t.Helper()
	var ids []any
	position := ""
	for {
		count := fmt.Sprintf("first: %d", size)
		if !forward {
			count = fmt.Sprintf("last: %d", size)
		}
		out := a.get("", `{ offerings(`+args+`, `+count+position+`) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, nil)
		page := out.list("data.offerings.nodes", "id")
		more := out.at("data.offerings.pageInfo.hasNextPage")
		position = `, after: "` + out.text("data.offerings.pageInfo.endCursor") + `"`
		if forward {
			ids = append(ids, page...)
		} else {
			ids = append(page, ids...)
			more = out.at("data.offerings.pageInfo.hasPreviousPage")
			position = `, before: "` + out.text("data.offerings.pageInfo.startCursor") + `"`
		}
		if more == false {
			if total := out.at("data.offerings.totalCount"); total != float64(len(ids)) {
				a.t.Errorf("%s: walked %d of %v", args, len(ids), total)
			}
			return ids
		}
	}
}

func greatCircle(lon1, lat1, lon2, lat2 float64) float64 {
	rad := math.Pi / 180
	h := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(h))
}

// away is how far an offering is from a point, by an own way of reckoning; ok is false when it is nowhere.
func away(o object, lon, lat float64) (km float64, ok bool) {
	if line, _ := o.at("details.line").([]any); len(line) > 1 {
		km = math.Inf(1)
		for i := 1; i < len(line); i++ { // by small steps along the line
			p, q := line[i-1].([]any), line[i].([]any)
			for t := 0.0; t <= 1; t += 1.0 / 64 {
				x := p[0].(float64) + t*(q[0].(float64)-p[0].(float64))
				y := p[1].(float64) + t*(q[1].(float64)-p[1].(float64))
				km = min(km, greatCircle(x, y, lon, lat))
			}
		}
		return km, true
	}
	x, ok := o.at("place.longitude").(float64)
	if !ok {
		return 0, false
	}
	return greatCircle(x, o.at("place.latitude").(float64), lon, lat), true
}

func TestNear(t *testing.T) {
	t.Parallel()
	a, all := demoAPI(t)
	const lon, lat = 12.5925, 52.1423
	for _, radius := range []float64{0.5, 3, 10, 60} {
		args := fmt.Sprintf(`filter: {near: {longitude: %v, latitude: %v, radiusKm: %v}}`, lon, lat, radius)
		got := a.walk(args, 100, true)
		in := map[any]bool{}
		for _, id := range got {
			in[id] = true
		}
		for _, o := range all {
			km, ok := away(o, lon, lat)
			if near := ok && km <= radius; near != in[o["id"]] && (!ok || math.Abs(km-radius) > 0.02) {
				t.Errorf("%v km: %s is %v km away, found %v", radius, o["title"], km, in[o["id"]])
			}
		}
	}
	// In order, with the distance that is said, also when the pages are small and come from behind.
	out := a.get("", `{ offerings(filter: {near: {longitude: 12.5925, latitude: 52.1423}}, first: 100) { totalCount edges { distanceKm node { id } } } }`, nil)
	byID := map[any]object{}
	for _, o := range all {
		byID[o["id"]] = o
	}
	last := 0.0
	ids := out.list("data.offerings.edges", "node.id")
	for i, km := range out.list("data.offerings.edges", "distanceKm") {
		if want, _ := away(byID[ids[i]], lon, lat); math.Abs(km.(float64)-want) > 0.01 || km.(float64) < last {
			t.Errorf("%v: %v km, want %v; the one before has %v", byID[ids[i]]["title"], km, want, last)
		}
		last = km.(float64)
	}
	args := `filter: {near: {longitude: 12.5925, latitude: 52.1423}}, orderBy: DISTANCE`
	if forward, backward := a.walk(args, 7, true), a.walk(args, 9, false); fmt.Sprint(forward) != fmt.Sprint(backward) || fmt.Sprint(forward[:len(ids)]) != fmt.Sprint(ids) {
		t.Error("walking by distance depends on the pages")
	}
	town := a.get("", `{ municipality(ags: "12069020") { longitude latitude } }`, nil)
	point := fmt.Sprintf(`filter: {near: {longitude: %v, latitude: %v, radiusKm: 5}}`, town.at("data.municipality.longitude"), town.at("data.municipality.latitude"))
	if fmt.Sprint(a.walk(point, 100, true)) != fmt.Sprint(a.walk(`filter: {nearMunicipality: {ags: "12069020", radiusKm: 5}}`, 100, true)) {
		t.Error("near a municipality is not near its point")
	}
	if out := a.get("", `{ offerings(first: 1) { edges { distanceKm } } }`, nil); out.at("data.offerings.edges.0.distanceKm") != nil {
		t.Error("a distance from nowhere")
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	a, all := demoAPI(t)
	west, south, east, north := 12.4, 52.0, 12.7, 52.2
	in := map[any]bool{}
	for _, id := range a.walk(fmt.Sprintf(`filter: {within: {west: %v, south: %v, east: %v, north: %v}}`, west, south, east, north), 100, true) {
		in[id] = true
	}
	inside := func(x, y float64) bool { return x >= west && x <= east && y >= south && y <= north }
	n := 0
	for _, o := range all {
		want := false
		if line, _ := o.at("details.line").([]any); len(line) > 1 {
			for _, p := range line {
				want = want || inside(p.([]any)[0].(float64), p.([]any)[1].(float64))
			}
		} else if x, ok := o.at("place.longitude").(float64); ok {
			want = inside(x, o.at("place.latitude").(float64))
		}
		if want != in[o["id"]] {
			t.Errorf("%v: found %v", o["title"], in[o["id"]])
		}
		if want {
			n++
		}
	}
	if n < 50 {
		t.Errorf("only %d are in the box", n)
	}
}

// openAt finds what isOpen says is open; what is not known to be open is not found.
func TestOpenAt(t *testing.T) {
	t.Parallel()
	a, all := demoAPI(t)
	in := map[any]bool{}
	for _, id := range a.walk(`filter: {openAt: "2026-12-05T10:30:00+01:00"}`, 100, true) {
		in[id] = true
	}
	open := 0
	for _, o := range all {
		if want := o["isOpen"] == true; want != in[o["id"]] {
			t.Errorf("%v is open: %v, found: %v", o["title"], o["isOpen"], in[o["id"]])
		} else if want {
			open++
		}
	}
	if open < 50 {
		t.Errorf("only %d are open", open)
	}
	out := a.get("", `{ far: offerings(filter: {openAt: "2200-01-01T00:00:00Z"}) { totalCount } }`, nil)
	if out["errors"] != nil {
		t.Error(out)
	}
}

// Hours by the sun hold at the place of the municipality.
func TestSun(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	a.save(token, map[string]any{"kind": "FACILITY", "title": "Friedhof", "provider": a.provider(token, belzig, "Verein"), "externalId": "1", "openingHours": "sunrise-sunset"})
	for at, want := range map[string]string{ // the sun is there from 4:48 to 21:34
		"2027-06-21T04:40:00+02:00": "[false] 0", "2027-06-21T04:55:00+02:00": "[true] 1", "2027-06-21T21:30:00+02:00": "[true] 1", "2027-06-21T21:40:00+02:00": "[false] 0",
	} {
		out := a.get("", `{ offerings { nodes { isOpen(at: "`+at+`") } } open: offerings(filter: {openAt: "`+at+`"}) { totalCount } }`, nil)
		if got := fmt.Sprint(out.list("data.offerings.nodes", "isOpen"), " ", out.at("data.open.totalCount")); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

func TestDuring(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "Verein")
	save := func(title string, more map[string]any) {
		in := map[string]any{"kind": "FACILITY", "title": title, "provider": provider, "externalId": title}
		for k, v := range more {
			in[k] = v
		}
		a.save(token, in)
	}
	save("Tanz in die Nacht", map[string]any{"schedule": map[string]any{"start": "2026-10-24T22:00:00+02:00", "end": "2026-10-25T04:00:00+01:00"}})
	save("Ausstellung", map[string]any{"schedule": map[string]any{"start": "2026-10-01T00:00:00+02:00", "end": "2026-11-01T00:00:00+01:00", "allDay": true}})
	save("Chor", map[string]any{"schedule": map[string]any{"start": "2026-10-06T19:00:00+02:00", "end": "2026-10-06T21:00:00+02:00", "rrule": "FREQ=WEEKLY"}})
	save("Bad", map[string]any{"openingHours": "Sa-Su 10:00-18:00"})
	save("Nachtcafé", map[string]any{"openingHours": "Sa 22:00-04:00"})
	save("Sommergarten", map[string]any{"openingHours": "Jun-Aug Mo-Su 10:00-18:00"})
	save("Beratung", map[string]any{"openingHours": `Mo-Fr "nach Vereinbarung"`})
	save("Feiertagskiosk", map[string]any{"openingHours": "PH 10:00-12:00"})
	save("Ohne Zeiten", nil)
	titles := func(from, to string) string {
		if to != "" {
			to = `, to: "` + to + `"`
		}
		out := a.get("", `{ offerings(orderBy: TITLE, first: 100, filter: {during: {from: "`+from+`"`+to+`}}) { nodes { title } } }`, nil)
		return fmt.Sprint(out.list("data.offerings.nodes", "title"))
	}
	for _, c := range []struct{ from, to, want string }{
		{"2026-10-25T01:30:00+02:00", "2026-10-25T02:00:00+02:00", "[Ausstellung Nachtcafé Tanz in die Nacht]"},
		{"2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00", "[Ausstellung Nachtcafé Tanz in die Nacht]"}, // the hour that comes twice, the second time
		{"2026-10-25T04:00:00+01:00", "2026-10-25T10:00:00+01:00", "[Ausstellung]"},
		{"2026-10-25T04:00:00+01:00", "2026-10-25T10:00:01+01:00", "[Ausstellung Bad]"},
		{"2026-10-27T19:30:00+01:00", "2026-10-27T19:31:00+01:00", "[Ausstellung Chor]"},
		{"2026-10-27T20:30:00+02:00", "2026-10-27T20:31:00+02:00", "[Ausstellung Chor]"},
		{"2026-10-31T11:00:00+01:00", "2026-10-31T11:30:00+01:00", "[Ausstellung Bad Feiertagskiosk]"}, // Reformationstag in Brandenburg
		{"2026-11-02T00:00:00+01:00", "2026-11-03T00:00:00+01:00", "[]"},
		{"2026-11-02T00:00:00+01:00", "2027-02-01T00:00:00+01:00", "[Bad Chor Feiertagskiosk Nachtcafé]"},
		{"2026-11-02T00:00:00+01:00", "2027-08-01T00:00:00+02:00", "[Bad Chor Feiertagskiosk Nachtcafé Sommergarten]"},
		{"2027-05-01T00:00:00+02:00", "", "[Bad Chor Feiertagskiosk Nachtcafé Sommergarten]"},
	} {
		if got := titles(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
	// What takes place next comes first; what has no date last.
	next := a.get("", `{ offerings(filter: {during: {from: "2026-10-24T12:00:00+02:00"}}) { nodes { title } } }`, nil).list("data.offerings.nodes", "title")
	if fmt.Sprint(next[:3]) != "[Ausstellung Tanz in die Nacht Chor]" || len(next) != 7 {
		t.Errorf("next: %v", next)
	}
}

// The order by the next date is exact page by page, both ways, also while the clock goes on.
func TestNextOccurrencePages(t *testing.T) {
	t.Parallel()
	a, all := demoAPI(t)
	forward := a.walk("orderBy: NEXT_OCCURRENCE", 100, true)
	if len(forward) != len(all) {
		t.Errorf("%d of %d", len(forward), len(all))
	}
	// The next dates of the first page are in order.
	out := a.get("", `{ offerings(orderBy: NEXT_OCCURRENCE, first: 100) { nodes { id occurrences(first: 1) { nodes { start } } } pageInfo { endCursor } } }`, nil)
	var starts []string
	for _, s := range out.list("data.offerings.nodes", "occurrences.nodes.0.start") {
		at, _ := time.Parse(time.RFC3339, s.(string))
		starts = append(starts, at.UTC().Format(time.RFC3339))
	}
	if !slices.IsSorted(starts) {
		t.Errorf("not in order: %v", starts)
	}
	a.wait(90 * time.Minute)
	second := a.get("", `{ offerings(orderBy: NEXT_OCCURRENCE, first: 100, after: "`+out.text("data.offerings.pageInfo.endCursor")+`") { nodes { id } } }`, nil).list("data.offerings.nodes", "id")
	if fmt.Sprint(second) != fmt.Sprint(forward[100:200]) {
		t.Error("the second page changed with the clock")
	}
}

// Facets count the whole match, each without its own condition.
func TestFacets(t *testing.T) {
	t.Parallel()
	a, all := demoAPI(t)
	for _, c := range []struct {
		filter                   string
		kind, category, ags, who string
		free                     bool
	}{
		{filter: "", free: false},
		{filter: `kinds: [EVENT]`, kind: "EVENT"},
		{filter: `kinds: [EVENT], categories: ["kultur"], free: true`, kind: "EVENT", category: "kultur", free: true},
		{filter: `municipalities: ["12069020"], audiences: [FAMILIES], categories: ["sport"]`, ags: belzig, who: "FAMILIES", category: "sport"},
	} {
		counts := map[string]map[string]int{"kinds": {}, "categories": {}, "municipalities": {}, "audiences": {}}
		for _, o := range all {
			path := map[string]bool{}
			for _, x := range o.list("categories", "slug") {
				path[x.(string)] = true
			}
			for _, x := range o.list("categories", "broader.slug") {
				if x != nil {
					path[x.(string)] = true
				}
			}
			audiences, _ := o["audiences"].([]any)
			k, g, m := c.kind == "" || o["kind"] == c.kind, c.category == "" || path[c.category], c.ags == "" || o.at("municipality.ags") == c.ags
			w := c.who == "" || slices.Contains(audiences, any(c.who))
			if c.free && o.at("price.free") != true {
				continue
			}
			if g && m && w {
				counts["kinds"][o.text("kind")]++
			}
			if k && m && w {
				for slug := range path {
					counts["categories"][slug]++
				}
			}
			if k && g && w {
				counts["municipalities"][o.text("municipality.ags")]++
			}
			if k && g && m {
				for _, x := range audiences {
					counts["audiences"][x.(string)]++
				}
			}
		}
		out := a.get("", `{ offerings(filter: {`+c.filter+`}, first: 0) { totalCount facets { kinds { kind count } categories { category { slug } count }
			municipalities { municipality { ags regions { key } } count } audiences { audience count } } } }`, nil)
		for facet, value := range map[string]string{"kinds": "kind", "categories": "category.slug", "municipalities": "municipality.ags", "audiences": "audience"} {
			items, _ := out.at("data.offerings.facets." + facet).([]any)
			last := math.MaxInt
			for _, it := range items {
				x := object(it.(map[string]any))
				n := int(x["count"].(float64))
				if want := counts[facet][x.text(value)]; n != want || n > last {
					t.Errorf("{%s}: %s %s is %d, want %d; the one before is %d", c.filter, facet, x.text(value), n, want, last)
				}
				last = n
			}
			if want := min(len(counts[facet]), 100); len(items) != want {
				t.Errorf("{%s}: %d %s, want %d", c.filter, len(items), facet, want)
			}
		}
	}
	// Below many parents, each has its own.
	out := a.get("", `{ region(key: "bad-belzig-wiesenburg") { municipalities { nodes { ags offerings(first: 1) { totalCount facets { kinds { count } } } } } offerings(first: 0) { totalCount } } }`, nil)
	sum := 0.0
	for _, m := range out.at("data.region.municipalities.nodes").([]any) {
		x := object(m.(map[string]any))
		part := 0.0
		for _, n := range x.list("offerings.facets.kinds", "count") {
			part += n.(float64)
		}
		if part != x.at("offerings.totalCount") {
			t.Errorf("%v: %v by kind", x, part)
		}
		sum += part
	}
	if sum != out.at("data.region.offerings.totalCount") {
		t.Errorf("%v of %v", sum, out.at("data.region.offerings.totalCount"))
	}
}

func TestDiscoveryBadInput(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for args, field := range map[string]string{
		`filter: {near: {longitude: 12, latitude: 52, radiusKm: 0}}`:                         "filter.near.radiusKm",
		`filter: {near: {longitude: 12, latitude: 52, radiusKm: -1}}`:                        "filter.near.radiusKm",
		`filter: {near: {longitude: 12, latitude: 52, radiusKm: 20000}}`:                     "filter.near.radiusKm",
		`filter: {near: {longitude: 181, latitude: 52}}`:                                     "filter.near.longitude",
		`filter: {near: {longitude: 12, latitude: -91}}`:                                     "filter.near.latitude",
		`filter: {nearMunicipality: {ags: "99999999"}}`:                                      "filter.nearMunicipality.ags",
		`filter: {near: {longitude: 12, latitude: 52}, nearMunicipality: {ags: "12069020"}}`: "filter.nearMunicipality",
		`filter: {within: {west: 170, south: 50, east: -170, north: 52}}`:                    "filter.within.west",
		`filter: {within: {west: 12, south: 53, east: 13, north: 52}}`:                       "filter.within.south",
		`filter: {within: {west: 12, south: 52, east: 13, north: 91}}`:                       "filter.within.north",
		`filter: {during: {from: "2026-12-02T00:00:00Z", to: "2026-12-01T00:00:00Z"}}`:       "filter.during.to",
		`filter: {during: {to: "2020-12-01T00:00:00Z"}}`:                                     "filter.during.to",
		`filter: {during: {from: "2026-12-02T00:00:00Z", to: "2030-12-01T00:00:00Z"}}`:       "filter.during.to",
		`orderBy: DISTANCE`: "orderBy",
	} {
		out := a.ask("", `{ offerings(`+args+`) { totalCount } }`, nil)
		if out.errorCode() != "BAD_USER_INPUT" || out.text("errors.0.extensions.field") != field {
			t.Errorf("%s: %v", args, out)
		}
	}
	for _, args := range []string{`openAt: "9999-01-01T00:00:00Z"`, `openAt: "2026-02-30T00:00:00Z"`, `during: {from: 5}`} {
		if out := a.ask("", `{ offerings(filter: {`+args+`}) { totalCount } }`, nil); !strings.HasPrefix(out.errorCode(), "GRAPHQL_VALIDATION") && out.errorCode() != "BAD_USER_INPUT" {
			t.Errorf("%s: %v", args, out)
		}
	}
	// At the poles and over the date line there is nothing, and nothing breaks.
	out := a.get("", `{ a: offerings(filter: {near: {longitude: 180, latitude: 90, radiusKm: 100}}) { totalCount } b: offerings(filter: {near: {longitude: -180, latitude: 0}}) { totalCount } c: offerings(filter: {within: {west: -180, south: -90, east: 180, north: 90}}) { totalCount } }`, nil)
	want(t, out.at("data"), `{"a": {"totalCount": 0}, "b": {"totalCount": 0}, "c": {"totalCount": 0}}`)
}

// The playground's examples answer with something on the demo region; the one that posts needs a key, and the one that watches is run in a browser (e2e).
func TestExamples(t *testing.T) {
	t.Parallel()
	a, _ := demoAPI(t)
	if err := a.st.LoadVocabulary(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, e := range web.Examples() {
		if strings.Contains(e.Query, "subscription ") {
			continue
		}
		var variables map[string]any
		if text := e.VariablesAt(storetest.Noon.In(ent.Berlin)); text != "" {
			if err := json.Unmarshal([]byte(text), &variables); err != nil {
				t.Fatalf("%s: %v", e.Name, err)
			}
		}
		token := ""
		if e.Headers != "" {
			token = a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
		}
		out := a.get(token, e.Query, variables)
		b, _ := json.Marshal(out["data"])
		if len(b) < 300 || strings.Contains(string(b), `"totalCount":0`) || strings.Contains(string(b), `"message"`) {
			t.Errorf("%s: %.300s", e.Name, b)
		}
	}
}
