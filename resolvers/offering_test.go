package resolvers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

// full is an offering with everything that can be said.
func full(provider string) map[string]any {
	return map[string]any{
		"externalId": "A-1", "kind": "ACTIVITY", "title": "Eltern-Kind-Turnen", "summary": "Turnen für die Kleinsten.",
		"description": "<p>Für Kinder <strong>ab zwei Jahren</strong>.</p><script>alert(1)</script><ul><li>Hallenschuhe</li><li>Getränk</li></ul>",
		"provider":    provider,
		"place":       map[string]any{"name": "Turnhalle", "street": "Weitzgrunder Straße 4", "postalCode": "14806", "locality": "Bad Belzig", "longitude": 12.6, "latitude": 52.14},
		"categories":  []string{"turnen-gymnastik", "eltern-kind"}, "audiences": []string{"FAMILIES", "CHILDREN"}, "wheelchair": "PARTLY", "languages": []string{"de", "en"},
		"price":    map[string]any{"fromCents": 300, "toCents": 500, "note": "Geschwister frei"},
		"contact":  map[string]any{"name": "Geschäftsstelle", "email": "turnen@verein.example", "phone": "030 23125 010"},
		"links":    []any{map[string]any{"url": "https://verein.example/turnen", "title": "Seite"}},
		"images":   []any{map[string]any{"url": "https://verein.example/bild.jpg", "alt": "Kinder auf der Matte", "licence": "CC-BY-4.0"}},
		"schedule": map[string]any{"start": "2026-10-19T16:00:00+02:00", "end": "2026-10-19T17:00:00+02:00", "rrule": "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261130", "exclude": []string{"2026-11-09T16:00:00+01:00"}},
		"activity": map[string]any{"capacity": 20, "trial": true, "registration": map[string]any{"required": false, "note": "Einfach kommen"}},
		"licence":  "CC-BY-4.0", "serviceArea": []string{belzig, wiesenburg},
		"translations": []any{map[string]any{"locale": "en", "title": "Toddler gymnastics", "summary": "For the little ones."}, map[string]any{"locale": "de-simple", "title": "Turnen für kleine Kinder"}},
	}
}

func TestOfferingEveryField(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	in := full(provider)
	in["translations"] = append(in["translations"].([]any), map[string]any{"locale": "EN-gb", "title": "Toddler gymnastics"})
	id := a.save(token, in).text("id")
	gb := a.get("", `query($id: ID!) { offering(id: $id) { title(locale: "EN-GB") summary(locale: "en-gb") } }`, map[string]any{"id": id})
	want(t, gb.at("data.offering"), `{"title": "Toddler gymnastics", "summary": "For the little ones."}`) // each text from the nearest that has it
	in["translations"] = in["translations"].([]any)[:2]
	in["externalId"] = "A-2"
	id = a.save(token, in).text("id")
	out := a.get("", `query($id: ID!) { offering(id: $id) {
		kind title en: title(locale: "en-GB") simple: title(locale: "de-simple") hsb: title(locale: "hsb") summary(locale: "de-simple") description html: description(format: HTML)
		provider { name municipality { name } } municipality { name } place { name address { street postalCode locality } longitude municipality { ags } } serviceArea { name }
		categories { slug } audiences wheelchair languages price { free fromCents toCents currency note } contact { name email phone } links { url title } images { url alt credit licence }
		openingHours { osm } schedule { start end allDay timeZone rrule exclude include text en: text(locale: "en") } online
		details { __typename ... on ActivityDetails { capacity trial registration { required note until } } ... on EventDetails { eventCapacity: capacity } }
		occurrences(from: "2026-10-01T00:00:00+02:00") { totalCount nodes { start end allDay status place { name } } }
		next: nextOccurrence { start } none: nextOccurrence(after: "2027-01-01T00:00:00Z") { start }
		status version publishedAt provenance { source { name } externalId licence attribution retrievedAt } translations { locale title machine }
	} }`, map[string]any{"id": id})
	want(t, out.at("data.offering"), `{
		"kind": "ACTIVITY", "title": "Eltern-Kind-Turnen", "en": "Toddler gymnastics", "simple": "Turnen für kleine Kinder", "hsb": "Eltern-Kind-Turnen", "summary": "Turnen für die Kleinsten.",
		"description": "Für Kinder ab zwei Jahren.\n\nHallenschuhe\nGetränk", "html": "<p>Für Kinder <strong>ab zwei Jahren</strong>.</p><ul><li>Hallenschuhe</li><li>Getränk</li></ul>",
		"provider": {"name": "SV Einheit", "municipality": {"name": "Bad Belzig"}}, "municipality": {"name": "Bad Belzig"},
		"place": {"name": "Turnhalle", "address": {"street": "Weitzgrunder Straße 4", "postalCode": "14806", "locality": "Bad Belzig"}, "longitude": 12.6, "municipality": {"ags": "12069020"}},
		"serviceArea": [{"name": "Bad Belzig"}, {"name": "Wiesenburg/Mark"}],
		"categories": [{"slug": "turnen-gymnastik"}, {"slug": "eltern-kind"}], "audiences": ["CHILDREN", "FAMILIES"], "wheelchair": "PARTLY", "languages": ["de", "en"],
		"price": {"free": false, "fromCents": 300, "toCents": 500, "currency": "EUR", "note": "Geschwister frei"},
		"contact": {"name": "Geschäftsstelle", "email": "turnen@verein.example", "phone": "030 23125 010"},
		"links": [{"url": "https://verein.example/turnen", "title": "Seite"}], "images": [{"url": "https://verein.example/bild.jpg", "alt": "Kinder auf der Matte", "credit": null, "licence": "CC-BY-4.0"}],
		"openingHours": null,
		"schedule": {"start": "2026-10-19T16:00:00+02:00", "end": "2026-10-19T17:00:00+02:00", "allDay": false, "timeZone": "Europe/Berlin", "rrule": "FREQ=WEEKLY;UNTIL=20261130;BYDAY=MO",
			"exclude": ["2026-11-09T16:00:00+01:00"], "include": [], "text": "jeden Montag, 16:00–17:00 Uhr, bis 30. November 2026, außer am 9. November 2026", "en": "every Monday, 16:00–17:00, until 30 November 2026, except on 9 November 2026"},
		"online": false,
		"details": {"__typename": "ActivityDetails", "capacity": 20, "trial": true, "registration": {"required": false, "note": "Einfach kommen", "until": null}},
		"occurrences": {"totalCount": 6, "nodes": [
			{"start": "2026-10-19T16:00:00+02:00", "end": "2026-10-19T17:00:00+02:00", "allDay": false, "status": "SCHEDULED", "place": {"name": "Turnhalle"}},
			{"start": "2026-10-26T16:00:00+01:00", "end": "2026-10-26T17:00:00+01:00", "allDay": false, "status": "SCHEDULED", "place": {"name": "Turnhalle"}},
			{"start": "2026-11-02T16:00:00+01:00", "end": "2026-11-02T17:00:00+01:00", "allDay": false, "status": "SCHEDULED", "place": {"name": "Turnhalle"}},
			{"start": "2026-11-16T16:00:00+01:00", "end": "2026-11-16T17:00:00+01:00", "allDay": false, "status": "SCHEDULED", "place": {"name": "Turnhalle"}},
			{"start": "2026-11-23T16:00:00+01:00", "end": "2026-11-23T17:00:00+01:00", "allDay": false, "status": "SCHEDULED", "place": {"name": "Turnhalle"}},
			{"start": "2026-11-30T16:00:00+01:00", "end": "2026-11-30T17:00:00+01:00", "allDay": false, "status": "SCHEDULED", "place": {"name": "Turnhalle"}}]},
		"next": {"start": "2026-11-23T16:00:00+01:00"}, "none": null,
		"status": "PUBLISHED", "version": 1, "publishedAt": "2026-11-23T12:00:00+01:00",
		"provenance": {"source": null, "externalId": "A-2", "licence": "CC-BY-4.0", "attribution": null, "retrievedAt": null},
		"translations": [{"locale": "en", "title": "Toddler gymnastics", "machine": false}, {"locale": "de-simple", "title": "Turnen für kleine Kinder", "machine": false}]}`)
}

// Saving the same again changes nothing; leaving out keeps, null empties.
func TestSaveAgain(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	first := a.save(token, full(provider))
	a.wait(time.Hour)
	if again := a.save(token, full(provider)); fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("the second save changed %v to %v", first, again)
	}
	changed := a.save(token, map[string]any{"externalId": "A-1", "provider": provider, "kind": "ACTIVITY", "title": "Turnen", "summary": nil})
	if changed["id"] != first["id"] || changed["version"] != 2.0 || changed["updatedAt"] == first["updatedAt"] {
		t.Errorf("changed %v", changed)
	}
	want(t, a.get("", `query($id: ID!) { offering(id: $id) { title summary description categories { slug } place { name } occurrences(from: "2026-10-01T00:00:00Z") { totalCount } translations { locale } createdAt updatedAt } }`,
		map[string]any{"id": first["id"]}).at("data.offering"), `{"title": "Turnen", "summary": null, "description": "Für Kinder ab zwei Jahren.\n\nHallenschuhe\nGetränk",
		"categories": [{"slug": "turnen-gymnastik"}, {"slug": "eltern-kind"}], "place": {"name": "Turnhalle"}, "occurrences": {"totalCount": 6}, "translations": [{"locale": "en"}, {"locale": "de-simple"}],
		"createdAt": "2026-11-23T12:00:00+01:00", "updatedAt": "2026-11-23T13:00:00+01:00"}`)

	// Without any id, what is exactly the same is the same.
	bare := map[string]any{"kind": "SERVICE", "title": "Beratung", "provider": provider}
	one := a.save(token, bare)
	if two := a.save(token, bare); two["id"] != one["id"] || two["version"] != 1.0 {
		t.Errorf("%v, then %v", one, two)
	}
	bare["title"] = "Andere Beratung"
	if three := a.save(token, bare); three["id"] == one["id"] {
		t.Error("another offering took the first one's place")
	}

	// A provider likewise.
	if again := a.provider(token, belzig, "SV Einheit"); again != provider {
		t.Error("the provider was made twice")
	}
}

func TestExpectedVersion(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	o := a.save(token, map[string]any{"externalId": "x", "kind": "SERVICE", "title": "Eins", "provider": provider})
	in := map[string]any{"id": o["id"], "kind": "SERVICE", "title": "Zwei", "provider": provider, "expectedVersion": 1}
	a.save(token, in)
	in["title"] = "Drei"
	want(t, a.faults(token, in), `["input.expectedVersion CONFLICT"]`)
	want(t, a.faults(token, map[string]any{"externalId": "new", "kind": "SERVICE", "title": "Neu", "provider": provider, "expectedVersion": 1}), `["input.expectedVersion CONFLICT"]`)
	out := a.get(token, `mutation($id: ID!) { withdrawOffering(id: $id, expectedVersion: 1) { offering { id } userErrors { path code message } } }`, map[string]any{"id": o["id"]})
	want(t, out.at("data.withdrawOffering"), `{"offering": null, "userErrors": [{"path": ["expectedVersion"], "code": "CONFLICT", "message": "The offering has version 2 by now."}]}`)
}

// Every fault is told, all at once, with its path; nothing is saved.
func TestFaults(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	other := a.provider(a.key(brandis, ent.ScopeWrite), brandis, "Heimatverein")
	good := func(change map[string]any) map[string]any {
		in := map[string]any{"kind": "SERVICE", "title": "Gut", "provider": provider}
		for k, v := range change {
			in[k] = v
		}
		return in
	}
	long := func(n int) string { return strings.Repeat("ä", n) }
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{good(map[string]any{"title": " "}), `["input.title REQUIRED"]`},
		{good(map[string]any{"title": long(301)}), `["input.title TOO_LONG"]`},
		{good(map[string]any{"provider": other}), `["input.provider FORBIDDEN"]`},
		{good(map[string]any{"provider": "prv_01932c1e-7b1c-7c3a-8000-000000000000"}), `["input.provider NOT_FOUND"]`},
		{good(map[string]any{"provider": "Rathaus", "title": "", "id": "off_x"}), `["input.provider NOT_FOUND", "input.id NOT_FOUND", "input.title REQUIRED"]`},
		{good(map[string]any{"provider": other, "summary": long(1001), "categories": []string{"nix"}}), `["input.provider FORBIDDEN", "input.summary TOO_LONG", "input.categories.0 NOT_FOUND"]`},
		{good(map[string]any{"id": "off_01932c1e-7b1c-7c3a-8000-000000000000"}), `["input.id NOT_FOUND"]`},
		{good(map[string]any{"description": long(200_001)}), `["input.description TOO_LONG"]`},
		{good(map[string]any{"serviceArea": []string{"99999999", belzig, "x"}}), `["input.serviceArea.0 NOT_FOUND", "input.serviceArea.2 NOT_FOUND"]`},
		{good(map[string]any{"place": map[string]any{"street": "", "longitude": 12.0}}), `["input.place.name REQUIRED", "input.place.latitude REQUIRED"]`},
		{good(map[string]any{"place": map[string]any{"name": "Markt", "longitude": 212, "latitude": -91, "postalCode": "1234"}}), `["input.place.postalCode INVALID", "input.place.longitude INVALID", "input.place.latitude INVALID"]`},
		{good(map[string]any{"place": map[string]any{"id": "plc_1", "name": "Markt"}}), `["input.place.id INVALID"]`},
		{good(map[string]any{"place": map[string]any{"id": "plc_01932c1e-7b1c-7c3a-8000-000000000000"}}), `["input.place.id NOT_FOUND"]`},
		{good(map[string]any{"openingHours": "Mo-Fr 8 bis irgendwann"}), `["input.openingHours INVALID"]`},
		{good(map[string]any{"schedule": map[string]any{"start": "2026-11-28T15:00:00+01:00", "end": "2026-11-28T14:00:00+01:00", "rrule": "FREQ=HOURLY"}}),
			`["input.schedule.rrule INVALID", "input.schedule.end INVALID"]`},
		{good(map[string]any{"schedule": map[string]any{"start": "2026-11-28T15:00:00+01:00", "timeZone": "Mars/Olympus"}}), `["input.schedule.timeZone INVALID"]`},
		{good(map[string]any{"kind": "EVENT"}), `["input.schedule REQUIRED"]`},
		{good(map[string]any{"kind": "TOUR"}), `["input.tour REQUIRED"]`},
		{good(map[string]any{"kind": "TOUR", "tour": map[string]any{"means": "HIKING", "line": [][]float64{{12, 52}, {52}}, "lengthKm": -1}}), `["input.tour.lengthKm INVALID", "input.tour.line.1 INVALID"]`},
		{good(map[string]any{"event": map[string]any{"capacity": 0}, "service": map[string]any{"leika": "12"}}), `["input.event INVALID", "input.service.leika INVALID", "input.event.capacity INVALID"]`},
		{good(map[string]any{"price": map[string]any{"free": true, "fromCents": 500, "toCents": 300}}), `["input.price.toCents INVALID", "input.price.free INVALID"]`},
		{good(map[string]any{"contact": map[string]any{"email": "rathaus", "phone": "ruf an"}}), `["input.contact.email INVALID", "input.contact.phone INVALID"]`},
		{good(map[string]any{"licence": "frei für alle"}), `["input.licence INVALID"]`},
		{good(map[string]any{"translations": []any{map[string]any{"locale": "en", "title": "x"}, map[string]any{"locale": "en", "title": ""}}}), `["input.translations.1.locale INVALID", "input.translations.1.title REQUIRED"]`},
		{good(map[string]any{"links": slices.Repeat([]any{map[string]any{"url": "https://a.example"}}, 21)}), `["input.links TOO_LONG"]`},
		{good(map[string]any{"links": []any{map[string]any{"url": "javascript:alert(1)"}, map[string]any{"url": "www.example.org"}}, "languages": []string{"Deutsch!"}, "openingHours": "quatsch",
			"schedule": map[string]any{"start": "2026-02-30T10:00:00+01:00", "end": "2026-02-28", "exclude": []string{"morgen"}}, "service": map[string]any{"onlineService": "ftp://x"},
			"translations": []any{map[string]any{"locale": "deutsch!", "title": "x"}}}),
			`["input.languages.0 INVALID", "input.links.0.url INVALID", "input.links.1.url INVALID", "input.translations.0.locale INVALID", "input.openingHours INVALID", "input.schedule.start INVALID",
			"input.schedule.end INVALID", "input.schedule.exclude.0 INVALID", "input.service.onlineService INVALID"]`},
		{good(map[string]any{"title": "\u200b\ufeff", "summary": "a\u202eb"}), `["input.title REQUIRED", "input.summary INVALID"]`},
		{good(map[string]any{"kind": "EVENT", "schedule": map[string]any{"start": "2026-12-01T10:00:00+01:00"}, "event": map[string]any{"registration": map[string]any{"required": true, "until": "bald", "url": "x"}}}),
			`["input.event.registration.until INVALID", "input.event.registration.url INVALID"]`},
		{good(map[string]any{"expectedVersion": 1}), `["input.expectedVersion INVALID"]`},
	} {
		if got := a.faults(token, c.in); fmt.Sprintf("%q", got) != strings.ReplaceAll(c.want, ",", "") {
			want(t, got, c.want)
		}
	}
	if n := a.get("", `{ offerings { totalCount } }`, nil).at("data.offerings.totalCount"); n != 0.0 {
		t.Errorf("%v offerings were saved", n)
	}
	want(t, faultList(a.get(token, `mutation { saveProvider(input: {name: "", kind: CLUB, municipality: "12", website: "https://a.example", contact: {email: "x"}}) { provider { id } userErrors { path code message } } }`, nil).
		at("data.saveProvider.userErrors")), `["input.municipality INVALID", "input.name REQUIRED", "input.contact.email INVALID"]`)
}

// What cannot be read at all is a fault of the request, with the path to it.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite)
	provider := a.provider(token, belzig, "SV Einheit")
	for _, change := range []map[string]any{
		{"title": "NUL \x00"}, {"title": 12}, {"kind": "PARTY"}, {"links": []any{map[string]any{"url": 5}}}, {"schedule": map[string]any{"start": 5}}, {"unknown": 1},
	} {
		in := map[string]any{"kind": "SERVICE", "title": "Gut", "provider": provider}
		for k, v := range change {
			in[k] = v
		}
		out := a.ask(token, saveOffering, map[string]any{"in": in})
		if code := out.errorCode(); code != "BAD_USER_INPUT" && code != "GRAPHQL_VALIDATION_FAILED" {
			t.Errorf("%v: %v", change, out)
		}
		if out.at("data.saveOffering.offering") != nil {
			t.Errorf("%v was saved", change)
		}
	}
}

func TestSaveOfferings(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	const bulk = `mutation($in: [OfferingInput!]!) { saveOfferings(inputs: $in) { results { offering { title provider { name } } userErrors { path code } } } }`
	out := a.get(token, bulk, map[string]any{"in": []any{
		map[string]any{"kind": "SERVICE", "title": "Eins", "provider": provider},
		map[string]any{"kind": "SERVICE", "title": "", "provider": provider, "contact": map[string]any{"email": "x"}},
		map[string]any{"kind": "SERVICE", "title": "Drei", "provider": provider},
	}})
	want(t, out.at("data.saveOfferings.results"), `[{"offering": {"title": "Eins", "provider": {"name": "SV Einheit"}}, "userErrors": []},
		{"offering": null, "userErrors": [{"path": ["inputs", "1", "title"], "code": "REQUIRED"}, {"path": ["inputs", "1", "contact", "email"], "code": "INVALID"}]},
		{"offering": {"title": "Drei", "provider": {"name": "SV Einheit"}}, "userErrors": []}]`)
	// An address, a date, a language that are none are the fault of their own item only.
	out = a.get(token, bulk, map[string]any{"in": []any{
		map[string]any{"kind": "SERVICE", "title": "Vier", "provider": provider, "links": []any{map[string]any{"url": "www.example.org"}}},
		map[string]any{"kind": "SERVICE", "title": "Fünf", "provider": provider},
	}})
	want(t, out.at("data.saveOfferings.results"), `[{"offering": null, "userErrors": [{"path": ["inputs", "0", "links", "0", "url"], "code": "INVALID"}]}, {"offering": {"title": "Fünf", "provider": {"name": "SV Einheit"}}, "userErrors": []}]`)
	many := slices.Repeat([]any{map[string]any{"kind": "SERVICE", "title": "Viele", "provider": provider}}, 501)
	if out := a.ask(token, bulk, map[string]any{"in": many}); out["errors"] == nil {
		t.Error("501 were taken")
	}
}

// A series keeps its wall clock across both clock changes; all-day dates are days.
func TestClockChanges(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	starts := func(schedule map[string]any, from string) []any {
		id := a.save(token, map[string]any{"kind": "EVENT", "title": fmt.Sprint(schedule), "provider": provider, "schedule": schedule})["id"]
		return a.get("", `query($id: ID!, $from: DateTime!) { offering(id: $id) { occurrences(from: $from, first: 3) { nodes { start } } } }`,
			map[string]any{"id": id, "from": from}).list("data.offering.occurrences.nodes", "start")
	}
	want(t, starts(map[string]any{"start": "2026-10-24T09:30:00+02:00", "rrule": "FREQ=DAILY;COUNT=3"}, "2026-10-01T00:00:00Z"),
		`["2026-10-24T09:30:00+02:00", "2026-10-25T09:30:00+01:00", "2026-10-26T09:30:00+01:00"]`)
	want(t, starts(map[string]any{"start": "2027-03-27T09:30:00+01:00", "rrule": "FREQ=DAILY;COUNT=3"}, "2026-10-01T00:00:00Z"),
		`["2027-03-27T09:30:00+01:00", "2027-03-28T09:30:00+02:00", "2027-03-29T09:30:00+02:00"]`)
	want(t, starts(map[string]any{"start": "2027-03-27T13:00:00+01:00", "allDay": true, "rrule": "FREQ=DAILY;COUNT=3"}, "2026-10-01T00:00:00Z"),
		`["2027-03-27T00:00:00+01:00", "2027-03-28T00:00:00+01:00", "2027-03-29T00:00:00+02:00"]`)
	want(t, starts(map[string]any{"start": "2026-12-01T19:00:00-05:00", "timeZone": "America/New_York"}, "2026-10-01T00:00:00Z"), `["2026-12-01T19:00:00-05:00"]`)
	want(t, starts(map[string]any{"start": "2027-01-05T18:00:00Z", "timeZone": "UTC"}, "2026-10-01T00:00:00Z"), `["2027-01-05T18:00:00Z"]`)
	want(t, starts(map[string]any{"start": "2027-01-31T10:00:00+01:00", "rrule": "FREQ=MONTHLY;COUNT=3"}, "2026-10-01T00:00:00Z"),
		`["2027-01-31T10:00:00+01:00", "2027-03-31T10:00:00+02:00", "2027-05-31T10:00:00+02:00"]`)
}

// Dates keep their ids when the series is changed around them.
func TestOccurrenceIdentity(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	in := map[string]any{"externalId": "s", "kind": "ACTIVITY", "title": "Skat", "provider": provider,
		"schedule": map[string]any{"start": "2026-11-24T19:00:00+01:00", "rrule": "FREQ=WEEKLY;COUNT=4"}}
	id := a.save(token, in)["id"]
	ids := func() []any {
		return a.get("", `query($id: ID!) { offering(id: $id) { occurrences { nodes { id } } } }`, map[string]any{"id": id}).list("data.offering.occurrences.nodes", "id")
	}
	before := ids()
	in["schedule"] = map[string]any{"start": "2026-11-24T19:00:00+01:00", "end": "2026-11-24T22:00:00+01:00", "rrule": "FREQ=WEEKLY;COUNT=3"}
	a.save(token, in)
	if after := ids(); fmt.Sprint(after) != fmt.Sprint(before[:3]) {
		t.Errorf("%v became %v", before, after)
	}
	want(t, a.get("", `query($id: ID!) { node(id: $id) { ... on Occurrence { start end offering { title } } } }`, map[string]any{"id": before[1]}).at("data.node"),
		`{"start": "2026-12-01T19:00:00+01:00", "end": "2026-12-01T22:00:00+01:00", "offering": {"title": "Skat"}}`)
	if gone := a.get("", `query($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": before[3]}).at("data.node"); gone != nil {
		t.Error("a date that the series no longer has is still there")
	}
}
