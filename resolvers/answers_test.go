package resolvers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"umland/answers"
	"umland/ent"
	"umland/pgdev/pgtest"
	"umland/store/storetest"
)

// screens are what apps ask: lists with all sorts of filters, single offerings, calendars, facets, type-ahead.
func screens(offering, provider string) []string {
	list := func(filter, more string) string {
		return `{ offerings(filter: {` + filter + `}, first: 10` + more + `) { totalCount nodes { id title version provider { name } place { name } nextOccurrence { start } } } }`
	}
	return []string{
		list("", ""), list("", ", orderBy: TITLE"), list("kinds: [EVENT]", ""), list("kinds: [SERVICE], free: true", ""), list(`municipalities: ["12069020"]`, ""),
		list(`regions: ["12069"]`, ""), list(`regions: ["14"]`, ""), list(`providers: ["`+provider+`"]`, ""), list(`categories: ["sport"]`, ""), list(`categories: ["kultur"]`, ""),
		list(`search: "Yoga"`, ""), list(`search: "Konzert Belzig"`, ""), list(`search: "Flohmarkt -Abend"`, ""), list(`search: "rat tat gut"`, ""), list("near: {longitude: 12.59, latitude: 52.14, radiusKm: 5}", ""), list("within: {west: 12, south: 51, east: 12.7, north: 51.5}", ""),
		list(`during: {from: "2026-12-01T00:00:00Z", to: "2026-12-08T00:00:00Z"}`, ""), list("during: {}", ""), list(`openAt: "2026-11-24T09:00:00Z"`, ""), list("wheelchair: YES", ""),
		`{ offerings(filter: {regions: ["12069"], kinds: [EVENT]}, first: 0) { totalCount facets { kinds { kind count } categories { category { slug } count } municipalities { municipality { name } count } } } }`,
		`{ occurrences(from: "2026-11-01T00:00:00Z", to: "2027-02-01T00:00:00Z", filter: {municipalities: ["12069020"]}, first: 20) { totalCount nodes { start status offering { title } } } }`,
		`{ offering(id: "` + offering + `") { title status isOpen summary provider { name } occurrences(first: 3) { nodes { start status } } } }`,
		`{ provider(id: "` + provider + `") { name verified offerings(first: 3) { totalCount nodes { title } } } }`,
		`{ municipality(ags: "12069020") { name providers(first: 3) { nodes { name } } offerings(first: 3, orderBy: TITLE) { nodes { title } } } }`,
		`{ suggest(prefix: "yog") { __typename ... on Offering { title } } }`, `{ changes(first: 5) { totalCount nodes { id offering { title } } } }`,
		`{ providers(first: 5) { totalCount nodes { name } } }`, `{ nodes(ids: ["` + offering + `", "` + provider + `"]) { id ... on Offering { title } ... on Provider { name } } }`,
	}
}

// Never an answer that the database would not have given: two servers that keep answers, and one that keeps none, are asked the same after each write by any of them,
// and while others write.
func TestKeptAnswers(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, storetest.Prepare)
	var now atomic.Int64
	now.Store(storetest.Noon.Unix())
	clock := func() time.Time { return time.Unix(now.Load(), 0).UTC() }
	fresh := serve(t, storetest.Open(t, dsn))
	var keeping []*api
	var caches []*answers.Cache
	for range 2 {
		st := storetest.Open(t, dsn)
		c := answers.New(st, 8<<20, clock)
		caches, keeping = append(caches, c), append(keeping, serveWith(t, st, c))
	}
	all := append([]*api{fresh}, keeping...)
	town := fresh.key(belzig, ent.RoleReviewer.Scopes()...)
	away := fresh.key(brandis, ent.RoleReviewer.Scopes()...)
	provider, other := fresh.provider(town, belzig, "Verein"), fresh.provider(away, brandis, "Chor")
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var ids []string
	write := func(a *api) {
		p, token := provider, town
		if r.IntN(3) == 0 {
			p, token = other, away
		}
		switch n := r.IntN(10); {
		case n < 6 || len(ids) == 0:
			in := map[string]any{"provider": p, "externalId": fmt.Sprint(r.IntN(12)), "title": pick("Yoga", "Konzert", "Rat und Tat", "Flohmarkt") + pick("", " am Abend", " für alle"),
				"kind": "EVENT", "schedule": map[string]any{"start": fmt.Sprintf("2026-12-%02dT19:00:00+01:00", 1+r.IntN(20))}, "categories": []string{pick("sport", "kultur")},
				"publish": r.IntN(4) > 0, "price": map[string]any{"free": r.IntN(2) == 0}, "wheelchair": pick("YES", "NO")}
			if r.IntN(2) == 0 {
				in["place"] = map[string]any{"name": "Saal", "longitude": 12.4 + r.Float64()/2, "latitude": 51.2 + r.Float64()}
			}
			if r.IntN(3) == 0 {
				in["openingHours"] = pick("Mo-Fr 08:00-12:00", "Sa 10:00-14:00")
			}
			if id := a.ask(token, saveOffering, map[string]any{"in": in}).text("data.saveOffering.offering.id"); id != "" {
				ids = append(ids, id)
			}
		case n < 9:
			verb := pick("withdrawOffering", "publishOffering", "confirmOffering", "undoWithdraw")
			a.ask(token, `mutation($id: ID!) { `+verb+`(id: $id)`+payload, map[string]any{"id": pick(ids...)})
		default:
			a.get(town, `mutation($in: ProviderInput!) { saveProvider(input: $in) { provider { id } } }`,
				map[string]any{"in": map[string]any{"id": provider, "name": pick("Verein", "Heimatverein", "Dorfverein"), "kind": "CLUB", "municipality": belzig}})
		}
	}
	for i := range 40 {
		write(all[r.IntN(len(all))])
		if i%7 == 6 {
			now.Add(60)
			fresh.wait(time.Minute)
		}
		for _, query := range screens(ids[0], provider) {
			want := asText(t, fresh, query)
			for k, a := range keeping {
				a.setClock(clock())
				for range 1 + r.IntN(3) {
					if got := asText(t, a, query); got != want {
						t.Fatalf("write %d, server %d: %s\ngives %s\nnot   %s", i, k, query, got, want)
					}
				}
			}
		}
	}
	hits := 0.0
	for _, c := range caches {
		hits += testutil.ToFloat64(c.Outcome("hit"))
	}
	if hits < 500 {
		t.Errorf("only %v answers were kept ones: the test tests little", hits)
	}
	// While others write, what is given at the end is right.
	var wg, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		wg.Go(func() {
			for i := range 60 {
				in := map[string]any{"provider": provider, "externalId": fmt.Sprint("w", w, i%5), "title": fmt.Sprint("Yoga ", i), "kind": "SERVICE"}
				keeping[w].ask(town, saveOffering, map[string]any{"in": in})
			}
		})
	}
	for _, a := range keeping {
		readers.Go(func() {
			for {
				for _, q := range screens(ids[0], provider) {
					select {
					case <-stop:
						return
					default:
					}
					asText(t, a, q)
				}
			}
		})
	}
	wg.Wait()
	for _, query := range screens(ids[0], provider) {
		for _, a := range keeping {
			if got, want := asText(t, a, query), asText(t, fresh, query); got != want {
				t.Errorf("after the writers: %s\ngives %s\nnot   %s", query, got, want)
			}
		}
	}
	close(stop)
	readers.Wait()
}

func asText(t *testing.T, a *api, query string) string {
	b, _ := json.Marshal(map[string]any{"query": query})
	res, err := http.Post(a.url, "application/json", bytes.NewReader(b))
	if err != nil {
		t.Error(err)
		return ""
	}
	defer func() { _ = res.Body.Close() }()
	out, _ := io.ReadAll(res.Body)
	return string(out)
}

// A GET has an ETag: who has the answer already is told so, until it is another one.
func TestETag(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	a := serveWith(t, st, answers.New(st, 1<<20, func() time.Time { return storetest.Noon }))
	town := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	get := func(etag, token string) *http.Response {
		req, _ := http.NewRequest(http.MethodGet, a.url+"?query="+url.QueryEscape(`{ offerings { totalCount nodes { title } } }`), nil)
		if etag != "" {
			req.Header.Set("If-None-Match", etag)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res
	}
	first := get("", "").Header.Get("ETag")
	for range 4 { // made, made to be kept, kept
		if res := get(`"other", `+first, ""); res.StatusCode != http.StatusNotModified || res.Header.Get("ETag") != first {
			t.Errorf("the same again: %s %s", res.Status, res.Header.Get("ETag"))
		}
	}
	if res := get(first, town); res.StatusCode != 200 || res.Header.Get("ETag") != "" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("with a key: %s %v", res.Status, res.Header)
	}
	a.save(town, event(provider, "Fest"))
	res := get(first, "")
	if res.StatusCode != 200 || res.Header.Get("ETag") == first || res.Header.Get("ETag") == "" {
		t.Errorf("after a change: %s %s", res.Status, res.Header.Get("ETag"))
	}
}
