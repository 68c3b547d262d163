package resolvers_test

import (
	"fmt"
	"strings"
	"testing"

	"umland/ent"
)

// The same entity may be reached twice in one query, and the same field may be selected twice on it with different things below.
func TestReachedTwice(t *testing.T) {
	t.Parallel()
	a, _ := demoAPI(t)
	for _, c := range []struct{ query, total, nodes string }{
		{`{ municipality(ags: "12069020") { regions { offerings(first: 3, orderBy: TITLE, filter: {kinds: [ACTIVITY], municipalities: ["12069020"]}) { nodes { title occurrences(first: 100) { totalCount nodes { id } } } } } } }`,
			"data.municipality.regions.1.offerings.nodes.0.occurrences.totalCount", "data.municipality.regions.1.offerings.nodes.0.occurrences.nodes"},
		{`{ nodes(ids: ["mun_12069020", "mun_12069020", "mun_12069020"]) { ... on Municipality { providers(first: 100) { totalCount nodes { id } } } } }`,
			"data.nodes.2.providers.totalCount", "data.nodes.2.providers.nodes"},
		{`fragment F on Offering { occurrences(first: 1) { nodes { id } } } { offerings(first: 2, filter: {kinds: [ACTIVITY]}, orderBy: TITLE) { nodes { ...F occurrences(first: 1) { totalCount } } edges { node { ...F all: occurrences(first: 100) { nodes { id } } } } } }`,
			"data.offerings.nodes.1.occurrences.totalCount", "data.offerings.edges.1.node.all.nodes"},
	} {
		out := a.get("", c.query, nil)
		total, _ := out.at(c.total).(float64)
		nodes, _ := out.at(c.nodes).([]any)
		if total == 0 || min(int(total), 100) != len(nodes) {
			t.Errorf("%s\n%v in all, %d nodes", c.query, total, len(nodes))
		}
		seen := map[string]bool{}
		for _, n := range nodes {
			if id := fmt.Sprint(n); seen[id] {
				t.Errorf("%s\ntwice: %s", c.query, id)
			} else {
				seen[id] = true
			}
		}
	}
	districts := a.get("", `{ region(key: "12") { municipalities(first: 100) { nodes { regions { parent { key offerings(first: 5, orderBy: TITLE, filter: {kinds: [TOUR]}) { totalCount pageInfo { hasNextPage } nodes { id } } } } } } } }`, nil)
	for _, m := range districts.at("data.region.municipalities.nodes").([]any) {
		for _, g := range object(m.(map[string]any)).at("regions").([]any) {
			o := object(g.(map[string]any))
			if o["parent"] == nil {
				continue
			}
			total, nodes := o.at("parent.offerings.totalCount").(float64), o.at("parent.offerings.nodes").([]any)
			if len(nodes) != min(int(total), 5) || o.at("parent.offerings.pageInfo.hasNextPage") != (total > 5) {
				t.Fatalf("%v", o)
			}
		}
	}
	a.get("", `fragment F on Municipality { offerings(first: 1) { nodes { id } } } { regions(first: 1, kind: COOPERATION) { nodes { municipalities(first: 1) { nodes { ...F offerings(first: 1) { totalCount nodes { municipality { name } provider { name } } } } edges { node { ...F } } } } } }`, nil)

	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	viewer := a.get(token, `{ viewer { a: municipality { offerings(first: 1) { totalCount } } b: municipality { providers(first: 1) { totalCount } } } }`, nil)
	if viewer.at("data.viewer.a.offerings.totalCount") == nil || viewer.at("data.viewer.b.providers.totalCount") == nil {
		t.Errorf("%v", viewer)
	}
	provider := a.provider(token, belzig, "Zweimal")
	in := map[string]any{"kind": "ACTIVITY", "title": "Chor", "provider": provider, "externalId": "c", "schedule": map[string]any{"start": "2026-12-01T19:00:00+01:00", "rrule": "FREQ=WEEKLY;COUNT=5"}}
	out := a.get(token, `mutation($in: [OfferingInput!]!) { saveOfferings(inputs: $in) { a: results { offering { provider { offerings(first: 1) { totalCount } } } } b: results { offering { id occurrences(first: 50) { totalCount nodes { id } } } } } }`,
		map[string]any{"in": []any{in, in}})
	if n := out.at("data.saveOfferings.b.1.offering.occurrences.nodes").([]any); len(n) != 5 || out.at("data.saveOfferings.a.1.offering.provider.offerings.totalCount") != 1.0 {
		t.Errorf("%v", out)
	}
	// A cursor of one parent's list is none of another's.
	cursor := a.get("", `{ municipality(ags: "12069020") { providers(first: 1) { pageInfo { endCursor } } } }`, nil).text("data.municipality.providers.pageInfo.endCursor")
	if out := a.ask("", `{ municipality(ags: "12069665") { providers(after: "`+cursor+`") { totalCount } } }`, nil); out.errorCode() != "BAD_USER_INPUT" {
		t.Errorf("another parent's cursor: %v", out)
	}
	if out := a.ask("", `{ municipalities(region: "bad-belzig-wiesenburg") { nodes { providers(after: "`+cursor+`") { totalCount } } } }`, nil); out["errors"] != nil {
		t.Errorf("a cursor of one of the parents: %v", out)
	}
}

// The municipality in which an offering of a provider from elsewhere stands may review it, and nothing else.
func TestAnsweringMunicipality(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	here, there := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish), a.key(wiesenburg, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	mine, theirs := a.provider(here, belzig, "Hier"), a.provider(there, wiesenburg, "Dort")
	in := map[string]any{"kind": "SERVICE", "title": "Beratung unterwegs", "provider": theirs, "externalId": "u", "publish": false,
		"place": map[string]any{"name": "Rathaus", "longitude": 12.5925, "latitude": 52.1423}}
	id := a.save(there, in).text("id")
	read := func(token string) any {
		return a.get(token, `query($id: ID!) { offering(id: $id) { status } }`, map[string]any{"id": id}).at("data.offering")
	}
	move := func(token, what string) any {
		out := a.get(token, `mutation($id: ID!) { `+what+`Offering(id: $id) { offering { status } userErrors { code } } }`, map[string]any{"id": id})
		return out.at("data." + what + "Offering")
	}
	gone := `{"offering": null, "userErrors": [{"code": "NOT_FOUND"}]}`
	if read(here) != nil {
		t.Error("a draft shows to the municipality of its place")
	}
	want(t, move(here, "publish"), gone)
	delete(in, "publish")
	if o := a.save(there, in); o["status"] != "IN_REVIEW" {
		t.Errorf("%v", o)
	}
	if read(here) == nil {
		t.Error("what is to be reviewed does not show to the reviewer")
	}
	taken := map[string]any{"id": id, "kind": "SERVICE", "title": "Meins", "provider": mine}
	want(t, a.faults(here, taken), `["input.id NOT_FOUND"]`)
	want(t, move(here, "publish"), `{"offering": {"status": "PUBLISHED"}, "userErrors": []}`)
	want(t, a.faults(here, taken), `["input.id FORBIDDEN"]`)
	want(t, move(there, "withdraw"), `{"offering": {"status": "WITHDRAWN"}, "userErrors": []}`)
	want(t, move(here, "publish"), gone)
}

// Faults of an update are about what is given; an external id that is taken is a conflict, however it comes about.
func TestUpdateFaults(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	one, two := a.provider(token, belzig, "Eins"), a.provider(token, belzig, "Zwei")
	tour := map[string]any{"kind": "TOUR", "title": "Runde", "provider": one, "externalId": "x", "tour": map[string]any{"means": "HIKING"}}
	id := a.save(token, tour).text("id")
	delete(tour, "tour")
	tour["expectedVersion"] = 9
	want(t, a.faults(token, tour), `["input.expectedVersion CONFLICT"]`)
	a.save(token, map[string]any{"kind": "SERVICE", "title": "Anders", "provider": two, "externalId": "x"})
	want(t, a.faults(token, map[string]any{"id": id, "kind": "TOUR", "title": "Runde", "provider": two}), `["input.externalId CONFLICT"]`)
	// A place in another town by its address alone waits for that town.
	o := a.save(token, map[string]any{"kind": "SERVICE", "title": "In Potsdam", "provider": one, "place": map[string]any{"name": "Haus", "locality": "Potsdam", "postalCode": "14482"}})
	want(t, o["municipality"], `{"ags": "12054000"}`)
	if o["status"] != "IN_REVIEW" {
		t.Errorf("%v", o)
	}
	// A part of the own municipality that is called like another municipality elsewhere is at home.
	o = a.save(token, map[string]any{"kind": "SERVICE", "title": "In Borne", "provider": one, "place": map[string]any{"name": "Mühle", "locality": "Borne", "postalCode": "14806"}})
	want(t, o["municipality"], `{"ags": "12069020"}`)
}

// What is left unread when nothing asks for it is there when something does: each field alone answers as among all.
func TestFieldsAlone(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	id := a.save(token, full(provider)).text("id")
	fields := []string{
		`title`, `en: title(locale: "en")`, `summary`, `es: summary(locale: "en")`, `description`, `html: description(format: HTML)`, `contact { email }`, `links { url }`, `images { alt }`,
		`details { ... on ActivityDetails { capacity } }`, `schedule { text }`, `occurrences(first: 2) { nodes { start offering { description details { __typename } } } }`, `nextOccurrence { start place { name } }`,
		`nx: nextOccurrence { offering { links { url } } }`, `translations { title }`, `price { note }`, `place { name }`, `provider { name }`, `categories { slug }`, `openingHours { osm }`, `provenance { licence }`,
	}
	all := a.get("", `query($id: ID!) { offering(id: $id) { `+strings.Join(fields, " ")+` } }`, map[string]any{"id": id}).at("data.offering")
	for _, f := range fields {
		for path, query := range map[string]string{
			"data.offering":                   `query($id: ID!) { offering(id: $id) { ` + f + ` } }`,
			"data.offerings.nodes.0":          `{ offerings { nodes { ` + f + ` } } }`,
			"data.offerings.edges.0.node":     `{ offerings { edges { node { ` + f + ` } } nodes { id } } }`,
			"data.provider.offerings.nodes.0": `{ provider(id: "` + provider + `") { offerings { nodes { ... on Node { ... on Offering { ` + f + ` } } } } } }`,
		} {
			var variables map[string]any
			if path == "data.offering" {
				variables = map[string]any{"id": id}
			}
			got, _ := a.get("", query, variables).at(path).(map[string]any)
			if len(got) != 1 {
				t.Fatalf("%s: %v", query, got)
			}
			for key, value := range got {
				if fmt.Sprint(value) != fmt.Sprint(all.(map[string]any)[key]) {
					t.Errorf("%s: %v, want %v", query, value, all.(map[string]any)[key])
				}
			}
		}
	}
}
