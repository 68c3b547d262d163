package resolvers_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"umland/ent"
	"umland/pgdev/pgtest"
	"umland/resolvers"
	"umland/store"
	"umland/store/storetest"
)

// seeded is an API with some thirty offerings of two municipalities in three providers.
func seeded(t *testing.T) (a *api, providers map[string]string) {
	a = newAPI(t)
	providers = map[string]string{}
	tokens := map[string]string{belzig: a.key(belzig, ent.ScopeWrite, ent.ScopePublish), brandis: a.key(brandis, ent.ScopeWrite, ent.ScopePublish)}
	for name, ags := range map[string]string{"Stadt": belzig, "Verein": belzig, "Bibliothek": brandis} {
		providers[name] = a.provider(tokens[ags], ags, name)
	}
	kinds := []string{"SERVICE", "FACILITY", "EVENT", "ACTIVITY", "TOUR", "VOLUNTEERING"}
	titles := []string{"Ärztehaus", "Zumba", "äpfel ernten", "Apfelfest", "Übung", "Uhrenmuseum", "Straße", "Strasse", "Ölmühle", "Oper"}
	categories := []string{"schwimmen", "sport", "konzert", "tanz", "kultur"}
	for i := range 30 {
		name := []string{"Stadt", "Verein", "Bibliothek"}[i%3]
		ags := map[string]string{"Stadt": belzig, "Verein": belzig, "Bibliothek": brandis}[name]
		in := map[string]any{
			"externalId": fmt.Sprint(i), "provider": providers[name], "kind": kinds[i%6], "title": titles[i%10], "categories": []string{categories[i%5]},
			"audiences": []string{[]string{"FAMILIES", "SENIORS"}[i%2]}, "wheelchair": []string{"YES", "NO", "UNKNOWN"}[i%3], "online": i%10 == 0, "languages": []string{[]string{"de", "en"}[i%2]},
		}
		if i%4 < 2 {
			in["price"] = map[string]any{"free": i%4 == 0}
		}
		switch kinds[i%6] {
		case "EVENT", "ACTIVITY":
			in["schedule"] = map[string]any{"start": fmt.Sprintf("2026-12-%02dT19:00:00+01:00", 1+i%28), "end": fmt.Sprintf("2026-12-%02dT21:00:00+01:00", 1+i%28)}
		case "TOUR":
			in["tour"] = map[string]any{"means": "HIKING"}
		}
		a.save(tokens[ags], in)
		a.wait(time.Minute)
	}
	return a, providers
}

func TestFilters(t *testing.T) {
	t.Parallel()
	a, providers := seeded(t)
	count := func(filter string) int {
		t.Helper()
		out := a.get("", `{ offerings(filter: {`+filter+`}, first: 100) { totalCount nodes { id } } }`, nil)
		n := len(out.list("data.offerings.nodes", "id"))
		if total := out.at("data.offerings.totalCount"); total != float64(n) {
			t.Errorf("%s: %d nodes of %v", filter, n, total)
		}
		return n
	}
	for filter, want := range map[string]int{
		"": 30, "kinds: []": 30, "kinds: [EVENT]": 5, "kinds: [EVENT, TOUR]": 10,
		`categories: ["schwimmen"]`: 6, `categories: ["sport"]`: 12, `categories: ["kultur", "schwimmen"]`: 24, `categories: ["kirche-glaube"]`: 0,
		`municipalities: ["12069020"]`: 20, `municipalities: ["12069020", "mun_14729070"]`: 30, `municipalities: ["01001000"]`: 0,
		`regions: ["12"]`: 20, `regions: ["14729", "reg_12069"]`: 30, `regions: ["147290070"]`: 10,
		`providers: ["` + providers["Verein"] + `"]`: 10, `providers: ["prv_01932c1e-7b1c-7c3a-8000-000000000000"]`: 0,
		"free: true": 8, "free: false": 8, "online: true": 3, "online: false": 27, "audiences: [FAMILIES]": 15, "audiences: [FAMILIES, SENIORS]": 30, "audiences: [YOUTH]": 0,
		"wheelchair: YES": 10, "wheelchair: UNKNOWN": 10, `languages: ["en"]`: 15, `sources: ["src_01932c1e-7b1c-7c3a-8000-000000000000"]`: 0,
		`updatedSince: "2026-11-23T12:20:00+01:00"`: 10, `kinds: [EVENT], municipalities: ["12069020"], wheelchair: UNKNOWN`: 0, `kinds: [EVENT], wheelchair: UNKNOWN`: 5,
	} {
		if got := count(filter); got != want {
			t.Errorf("%q: %d offerings, want %d", filter, got, want)
		}
	}
	for filter, message := range map[string]string{
		`municipalities: ["99999999"]`: `There is no municipality with the AGS "99999999".`, `regions: ["atlantis"]`: `There is no region with the key "atlantis".`,
		`categories: ["quatsch"]`: `There is no category "quatsch".`, `languages: ["de", "Klingonisch 1"]`: `"Klingonisch 1" is not a language tag such as de, en or de-simple.`, `providers: ["12"]`: `"12" is not an id of one of the providers.`,
		`regions: ["` + strings.Repeat(`12", "`, 500) + `12"]`: `filter.regions has 501 items; 500 are the most.`,
	} {
		out := a.ask("", `query { offerings(filter: {`+filter+`}) { totalCount } }`, nil)
		if out.text("errors.0.message") != message || out.errorCode() != "BAD_USER_INPUT" {
			t.Errorf("%q: %v", filter, out)
		}
	}
	// Nested lists take filter, order and pages of their own for each parent.
	nested := a.get("", `query($kinds: [OfferingKind!]) { municipalities(search: "b", region: "12069", first: 1) { nodes { name offerings(filter: {kinds: $kinds, free: true}, orderBy: TITLE, first: 2) { totalCount nodes { kind } pageInfo { hasNextPage endCursor } } } }
		region(key: "14") { offerings(filter: {kinds: [EVENT]}) { totalCount } all: offerings { totalCount } edges: offerings(first: 1) { edges { node { provider { name offerings(first: 1, orderBy: TITLE) { totalCount } } } } nodes { provider { offerings(filter: {kinds: [TOUR]}) { totalCount } } } } } }`,
		map[string]any{"kinds": []string{"SERVICE", "FACILITY", "EVENT", "TOUR"}})
	want(t, nested.at("data.region"), `{"offerings": {"totalCount": 5}, "all": {"totalCount": 10}, "edges": {"edges": [{"node": {"provider": {"name": "Bibliothek", "offerings": {"totalCount": 10}}}}], "nodes": [{"provider": {"offerings": {"totalCount": 0}}}]}}`)
	page := func(after string) object {
		return a.get("", `{ municipality(ags: "12069020") { offerings(filter: {kinds: [SERVICE]}, orderBy: TITLE, first: 3`+after+`) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }`, nil)
	}
	first := page("")
	second := page(`, after: "` + first.text("data.municipality.offerings.pageInfo.endCursor") + `"`)
	if a, b := first.list("data.municipality.offerings.nodes", "id"), second.list("data.municipality.offerings.nodes", "id"); len(a) != 3 || len(b) != 2 || slices.Contains(b, a[2]) {
		t.Errorf("nested pages %v and %v", a, b)
	}
	bad := a.ask("", `{ municipality(ags: "12069020") { name offerings(first: 101) { totalCount } providers(after: "x") { totalCount } } }`, nil)
	if bad.errorCode() != "BAD_USER_INPUT" || len(bad["errors"].([]any)) != 1 && len(bad["errors"].([]any)) != 2 {
		t.Errorf("nested faults: %v", bad)
	}
	// The calendar takes the same filter.
	out := a.get("", `{ occurrences(filter: {municipalities: ["12069020"]}, from: "2026-12-01T00:00:00+01:00", to: "2027-01-01T00:00:00+01:00", first: 3) { totalCount nodes { start offering { municipality { ags } } } } }`, nil)
	if out.at("data.occurrences.totalCount") != 5.0 {
		t.Errorf("calendar %v", out)
	}
}

// Every list can be walked both ways, page by page: each item once, in order.
func TestOfferingPages(t *testing.T) {
	t.Parallel()
	a, _ := seeded(t)
	for _, order := range []string{"TITLE", "NEWEST"} {
		all := a.get("", `{ offerings(orderBy: `+order+`, first: 100) { nodes { id } } }`, nil).list("data.offerings.nodes", "id")
		for _, size := range []int{1, 4, 30} {
			for _, forward := range []bool{true, false} {
				var walked []any
				args, cursor := fmt.Sprintf("first: %d", size), ""
				for range 40 {
					if !forward {
						args = fmt.Sprintf("last: %d", size)
					}
					if cursor != "" {
						args += map[bool]string{true: ` after: "`, false: ` before: "`}[forward] + cursor + `"`
					}
					out := a.get("", `{ offerings(orderBy: `+order+` `+args+`) { nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, nil)
					page := out.list("data.offerings.nodes", "id")
					more := out.at("data.offerings.pageInfo.hasNextPage")
					cursor = out.text("data.offerings.pageInfo.endCursor")
					if forward {
						walked = append(walked, page...)
					} else {
						walked = append(page, walked...)
						more, cursor = out.at("data.offerings.pageInfo.hasPreviousPage"), out.text("data.offerings.pageInfo.startCursor")
					}
					args = fmt.Sprintf("first: %d", size)
					if more == false {
						break
					}
				}
				if fmt.Sprint(walked) != fmt.Sprint(all) {
					t.Errorf("%s, %d a page, forward %v: %d of %d", order, size, forward, len(walked), len(all))
				}
			}
		}
	}
	// DIN 5007-1: umlauts as their vowel, ß as ss.
	var titles []any
	for _, x := range a.get("", `{ offerings(orderBy: TITLE, first: 100) { nodes { title } } }`, nil).list("data.offerings.nodes", "title") {
		if len(titles) == 0 || titles[len(titles)-1] != x {
			titles = append(titles, x)
		}
	}
	titles = slices.DeleteFunc(titles, func(x any) bool { return x == "Strasse" || x == "Straße" }) // which are the same to the order
	want(t, titles, `["äpfel ernten", "Apfelfest", "Ärztehaus", "Ölmühle", "Oper", "Übung", "Uhrenmuseum", "Zumba"]`)

	cursor := a.get("", `{ offerings(first: 1) { pageInfo { endCursor } } }`, nil).text("data.offerings.pageInfo.endCursor")
	for _, args := range []string{`filter: {kinds: [EVENT]}, after: "%s"`, `orderBy: TITLE, after: "%s"`, `before: "%s~"`, `first: 1, last: 1`, `last: 101`} {
		if strings.Contains(args, "%s") {
			args = fmt.Sprintf(args, cursor)
		}
		if out := a.ask("", `{ offerings(`+args+`) { totalCount } }`, nil); out.errorCode() != "BAD_USER_INPUT" {
			t.Errorf("%s: %v", args, out)
		}
	}
}

// The calendar can be walked while dates are added, and holds what still runs.
func TestCalendar(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "Verein")
	event := func(title string, schedule map[string]any) {
		a.save(token, map[string]any{"kind": "EVENT", "title": title, "provider": provider, "schedule": schedule})
	}
	event("Ausstellung", map[string]any{"start": "2026-11-01T00:00:00+01:00", "end": "2027-01-31T00:00:00+01:00", "allDay": true})
	event("Tanz", map[string]any{"start": "2026-11-27T22:00:00+01:00", "end": "2026-11-28T02:00:00+01:00"})
	event("Chor", map[string]any{"start": "2026-10-02T18:00:00+02:00", "end": "2026-10-02T19:00:00+02:00", "rrule": "FREQ=WEEKLY"})
	event("Markt", map[string]any{"start": "2026-11-28T00:00:00+01:00", "allDay": true})
	event("Ohne Ende", map[string]any{"start": "2026-11-28T00:00:00+01:00"})
	event("Später", map[string]any{"start": "2026-11-30T00:00:00+01:00"})
	event("Vorbei", map[string]any{"start": "2026-11-27T22:00:00+01:00", "end": "2026-11-28T00:00:00+01:00"})
	calendar := func(from, to, args string) object {
		return a.get("", `{ occurrences(from: "`+from+`", to: "`+to+`" `+args+`) { totalCount nodes { start offering { title } } edges { cursor } pageInfo { hasNextPage endCursor } } }`, nil)
	}
	want(t, calendar("2026-11-28T00:00:00+01:00", "2026-11-30T00:00:00+01:00", "").list("data.occurrences.nodes", "offering.title"),
		`["Ausstellung", "Tanz", "Markt", "Ohne Ende"]`)
	from, to := "2026-11-23T00:00:00+01:00", "2027-01-01T00:00:00+01:00"
	// A calendar of few offerings is read another way; it is the same.
	here := a.get("", `{ occurrences(from: "`+from+`", to: "`+to+`", filter: {regions: ["12069"]}, first: 100) { totalCount nodes { start offering { title } } edges { cursor } pageInfo { hasNextPage endCursor } } }`, nil)
	everywhere := calendar(from, to, "first: 100")
	if fmt.Sprint(here.list("data.occurrences.nodes", "offering.title")) != fmt.Sprint(everywhere.list("data.occurrences.nodes", "offering.title")) ||
		here.at("data.occurrences.totalCount") != everywhere.at("data.occurrences.totalCount") {
		t.Errorf("%v\n%v", here, everywhere)
	}
	all := calendar(from, to, "first: 100").list("data.occurrences.nodes", "start")
	var walked []any
	after := ""
	for i := 0; ; i++ {
		out := calendar(from, to, "first: 2 "+after)
		walked = append(walked, out.list("data.occurrences.nodes", "start")...)
		if out.at("data.occurrences.pageInfo.hasNextPage") == false {
			break
		}
		after = `after: "` + out.text("data.occurrences.pageInfo.endCursor") + `"`
		event(fmt.Sprintf("Davor %d", i), map[string]any{"start": "2026-11-23T01:00:00+01:00"})
	}
	if fmt.Sprint(walked) != fmt.Sprint(all) {
		t.Errorf("walked %v\nwant %v", walked, all)
	}
	for args, field := range map[string]string{
		`from: "2026-11-28T00:00:00Z", to: "2026-11-28T00:00:00Z"`:                                                      "to",
		`from: "2026-11-28T00:00:00Z", to: "2030-11-28T00:00:00Z"`:                                                      "to",
		`from: "2026-11-28T00:00:00Z", to: "2026-11-29T00:00:00Z", after: "` + strings.Trim(after, `after: "`) + `xyz"`: "after",
	} {
		if out := a.ask("", `{ occurrences(`+args+`) { totalCount } }`, nil); out.errorCode() != "BAD_USER_INPUT" || out.text("errors.0.extensions.field") != field {
			t.Errorf("%s: %v", args, out)
		}
	}
	// A year and more later the series still has its next two years.
	if _, err := a.st.ExtendOccurrences(context.Background(), a.clock().AddDate(1, 6, 0)); err != nil {
		t.Fatal(err)
	}
	if out := calendar("2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z", ""); out.at("data.occurrences.totalCount") == 0.0 {
		t.Error("the series was not extended")
	}
}

// The number of statements is that of the relations in the query's text, whatever the page sizes are.
func TestStatements(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, storetest.Prepare)
	fillLarge(t, dsn)
	st := storetest.Open(t, dsn)
	run := executor.New(resolvers.Schema(&resolvers.Root{Store: st, Now: func() time.Time { return storetest.Noon }}))
	statements := func(query string) int64 {
		t.Helper()
		var n atomic.Int64
		ctx := graphql.StartOperationTrace(store.CountStatements(context.Background(), &n))
		op, errs := run.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
		if errs != nil {
			t.Fatal(errs)
		}
		answer, ctx := run.DispatchOperation(ctx, op)
		if res := answer(ctx); len(res.Errors) > 0 {
			t.Fatal(res.Errors)
		}
		return n.Load()
	}
	for query, most := range map[string]int64{
		`{ offerings(filter: {municipalities: ["12069020"]}, first: %d) { nodes { title provider { name } place { name } categories { label } municipality { name regions { name } } } } }`:           1,
		`{ offerings(filter: {municipalities: ["12069020"]}, first: %d) { totalCount edges { node { title provider { name municipality { name } } place { name municipality { name } } } } } }`:       2,
		`{ municipalities(region: "12069", first: %d) { nodes { name providers(first: 5) { totalCount nodes { name offerings(first: 3) { totalCount nodes { title place { name } } } } } } } }`:       5,
		`{ region(key: "12069") { municipalities(first: %d) { nodes { name offerings(first: 10, orderBy: TITLE) { nodes { title nextOccurrence { start } occurrences { nodes { start } } } } } } } }`: 3,
		`{ occurrences(from: "2026-11-01T00:00:00Z", to: "2027-11-01T00:00:00Z", first: %d) { totalCount nodes { start place { name } offering { title provider { name } } } } }`:                     2,
		`{ municipality(ags: "12069020") { name regions { name parent { name } } } categories { label narrower { label } } municipalities(first: %d) { nodes { name regions { key } } } }`:            0,
	} {
		few, many := statements(fmt.Sprintf(query, 2)), statements(fmt.Sprintf(query, 100))
		if few != many || many > most {
			t.Errorf("%s\n%d statements for 2 items, %d for 100; %d are the most", query, few, many, most)
		}
	}
}

// fillLarge puts 100,000 offerings of 1,000 providers into the register's municipalities, most of them in a few.
func fillLarge(t *testing.T, dsn string) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, stmt := range []string{
		`CREATE TEMP TABLE town AS SELECT ags, row_number() OVER (ORDER BY ags LIKE '12069%' DESC, ags) AS n FROM municipality`,
		`INSERT INTO provider (id, name, name_key, kind, ags, created_at, updated_at)
			SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'Verein ' || i, 'verein ' || i, 'CLUB', t.ags, now(), now()
			FROM generate_series(1, 1000) i JOIN town t ON t.n = 1 + i % 200`,
		`INSERT INTO place (id, name, ags) SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(i), 12, '0'))::uuid, 'Haus ' || i, t.ags FROM generate_series(1, 1000) i JOIN town t ON t.n = 1 + i % 200`,
		`INSERT INTO offering (id, provider_id, kind, title, title_key, ags, place_id, categories, wheelchair, details, status, version, content_hash, created_at, updated_at, published_at, licence, schedule)
			SELECT ('00000000-0000-7000-a000-' || lpad(to_hex(i), 12, '0'))::uuid, p.id, 'ACTIVITY', 'Angebot ' || i, 'angebot ' || i, p.ags,
				('00000000-0000-7000-9000-' || lpad(to_hex(1 + i % 1000), 12, '0'))::uuid, '{sport}', 'UNKNOWN', '{}', 'PUBLISHED', 1, '', now(), now(), now() - i * interval '1 minute', 'CC0-1.0',
				'{"start": "2026-11-28T15:00:00Z", "timeZone": "Europe/Berlin"}'
			FROM generate_series(1, 100000) i JOIN provider p ON p.id = ('00000000-0000-7000-8000-' || lpad(to_hex(1 + CASE WHEN i % 2 = 0 THEN i % 10 ELSE i % 1000 END), 12, '0'))::uuid`,
		`INSERT INTO occurrence (offering_id, district, original, starts_at, until, all_day)
			SELECT id, left(ags, 5), d, d, d + interval '2 hours', false FROM offering, LATERAL (SELECT published_at + interval '40 days' AS d) x`,
		`ANALYZE`,
	} {
		if _, err := db.Exec(stmt); err != nil {
			t.Fatalf("%s: %v", stmt, err)
		}
	}
}
