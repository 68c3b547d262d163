package pages_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/rs/zerolog"
	"golang.org/x/net/html"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/pages"
	"umland/register"
	"umland/resolvers"
	"umland/server"
	"umland/store"
	"umland/store/storetest"
	"umland/tiles"
)

// website is the pages on a real server with a real store.
type website struct {
	t   *testing.T
	st  *store.Store
	url string
}

func open(t *testing.T, st *store.Store, change ...func(*pages.Options)) *website {
	t.Helper()
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return storetest.Noon }
	options := pages.Options{
		Points: func(ctx context.Context, f *ent.OfferingFilter, box orb.Bound, level, limit int, now time.Time) ([]tiles.Point, error) {
			found, err := st.TilePoints(ctx, f, ent.BoundingBox{West: box.Left(), South: box.Bottom(), East: box.Right(), North: box.Top()}, level, limit, now)
			out := make([]tiles.Point, len(found))
			for i, p := range found {
				out[i] = tiles.Point{Count: p.Count, Place: orb.Point{p.Longitude, p.Latitude}, ID: p.ID, Title: p.Title, Kind: string(p.Kind)}
			}
			return out, err
		},
		Boundaries: tiles.Boundaries{Within: boundaries.Within, Polygon: boundaries.Polygon, Name: func(ags string) string { return st.Municipality(ags).Name }},
		Now:        now, Log: zerolog.Nop(), Version: "test", Origin: "https://umland.example",
	}
	for _, c := range change {
		c(&options)
	}
	handler, err := pages.Handler(options)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(server.Handler(server.Options{
		Schema: resolvers.Schema(&resolvers.Root{Store: st, Now: now, Variants: func(url string) []*graph.ImageVariant {
			if !strings.HasPrefix(url, "https://umland.example/media/") {
				return nil
			}
			return []*graph.ImageVariant{{URL: url + "-400.webp", Width: 400, Height: 300}, {URL: url + "-1600.webp", Width: 1600, Height: 1200}}
		}}),
		Key: func(ctx context.Context, token string) (*ent.Actor, error) {
			hash, _ := auth.Hash(token)
			key, err := st.KeyByHash(ctx, hash, now())
			if key == nil || err != nil {
				return nil, err
			}
			return key.Actor(), nil
		},
		Pages: func(q server.Query) http.Handler { return handler(pages.Query(q)) },
		Ready: st.Ready, Stats: st.Stats, Log: zerolog.Nop(), Limits: server.DefaultLimits(),
	}))
	t.Cleanup(srv.Close)
	return &website{t, st, srv.URL}
}

// get gives a page that must have the status.
func (w *website) get(path string, status int) (string, http.Header) {
	w.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(w.url + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		w.t.Fatalf("%s: %s %v", path, res.Status, err)
	}
	return string(b), res.Header
}

// ask sends an operation to the API and reads its data.
func (w *website) ask(token, query string, variables map[string]any, into any) {
	w.t.Helper()
	body, _ := json.Marshal(map[string]any{"query": query, "variables": variables})
	req, _ := http.NewRequest(http.MethodPost, w.url+"/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer := struct {
		Data   any
		Errors json.RawMessage
	}{Data: into}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Errors != nil {
		w.t.Fatalf("%v %s", err, answer.Errors)
	}
}

var void = []string{"meta", "link", "input", "br", "base", "hr", "img"}

// check fails where a page is not well-formed, repeats an id, or has what its policy would refuse.
func check(t *testing.T, path, page string) (links []string) {
	t.Helper()
	var stack []string
	ids := map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if z.Err() != io.EOF || len(stack) > 0 {
				t.Errorf("%s ends within %v: %v", path, stack, z.Err())
			}
			return links
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			src, data := false, false
			for _, a := range tok.Attr {
				switch {
				case a.Key == "id" && ids[a.Val]:
					t.Errorf("%s has the id %s twice", path, a.Val)
				case a.Key == "id":
					ids[a.Val] = true
				case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
					t.Errorf("%s: %s on %s", path, a.Key, tok.Data)
				case a.Key == "href" && tok.Data == "a":
					links = append(links, a.Val)
				case a.Key == "src":
					src = true
				case a.Key == "type" && a.Val == "application/ld+json":
					data = true
				}
			}
			if tok.Data == "style" || tok.Data == "script" && !src && !data {
				t.Errorf("%s has a %s of its own", path, tok.Data)
			}
			if kind == html.StartTagToken && !slices.Contains(void, tok.Data) {
				stack = append(stack, tok.Data)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(stack) == 0 || stack[len(stack)-1] != string(name) {
				t.Fatalf("%s: </%s> within %v", path, name, stack)
			}
			stack = stack[:len(stack)-1]
		}
	}
}

func linked(t *testing.T, page string) map[string]any {
	t.Helper()
	m := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no linked data")
	}
	var data map[string]any
	if err := json.Unmarshal([]byte(m[1]), &data); err != nil {
		t.Fatalf("%v in %s", err, m[1])
	}
	return data
}

func TestPagesOfTheDemo(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	var found struct {
		Offerings struct {
			Facets struct{ Kinds []struct{ Kind string } }
		}
	}
	w.ask("", `{ offerings { facets { kinds { kind } } } }`, nil, &found)
	start := []string{"/", "/?lang=en", "/kalender", "/kalender?lang=en&day=2026-12-24", "/kalender?month=2026-12", "/was-wir-speichern", "/regionen", "/quellen", "/gemeinde/12069020", "/region/12069", "/region/partheland",
		"/embed?region=12069", "/embed?view=calendar&kind=EVENT", "/?q=xyzxyz", "/?place=Neustadt", "/?when=now", "/?when=weekend&audience=FAMILIES&free=yes&wheelchair=yes&km=50&place=Bad+Belzig"}
	for _, k := range found.Offerings.Facets.Kinds {
		start = append(start, "/?kind="+k.Kind)
	}
	seen := map[string]bool{}
	var follow []string
	for _, path := range start {
		page, header := w.get(path, http.StatusOK)
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") || header.Get("Set-Cookie") != "" {
			t.Errorf("%s: policy %q, cookie %q", path, policy, header.Get("Set-Cookie"))
		}
		if embedded := strings.HasPrefix(path, "/embed"); embedded != strings.Contains(policy, "frame-ancestors *") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for _, l := range check(t, path, page) {
			l, _, _ = strings.Cut(strings.TrimPrefix(l, "https://umland.example"), "#")
			kind := regexp.MustCompile(`^/[a-z]*`).FindString(l)
			if strings.HasPrefix(l, "/") && !strings.HasPrefix(l, "/playground") && !seen[l] && countOf(follow, kind) < 25 {
				seen[l] = true
				follow = append(follow, l)
			}
		}
	}
	for _, l := range follow {
		page, _ := w.get(l, http.StatusOK)
		check(t, l, page)
		if strings.HasPrefix(l, "/angebot/") {
			data := linked(t, page)
			if data["@type"] == nil || data["url"] == nil {
				t.Errorf("%s: %v", l, data)
			}
			for _, want := range []string{`<link rel="canonical" href="https://umland.example/angebot/`, `<meta property="og:title"`, `<meta name="description"`} {
				if !strings.Contains(page, want) {
					t.Errorf("%s has no %s", l, want)
				}
			}
		}
	}
	if len(follow) < 50 {
		t.Errorf("only %d links were followed", len(follow))
	}
}

func countOf(links []string, kind string) (n int) {
	for _, l := range links {
		if regexp.MustCompile(`^/[a-z]*`).FindString(l) == kind {
			n++
		}
	}
	return n
}

var (
	nextLink = regexp.MustCompile(`rel="next" href="([^"]+)"`)
	prevLink = regexp.MustCompile(`rel="prev" href="([^"]+)"`)
	cardLink = regexp.MustCompile(`<h3><a href="(/angebot/[^"?]+)`)
)

func unescaped(m []string) string { return html.UnescapeString(m[1]) }

// The links of the list lead through each offering once, and back.
func TestPagingReachesEachOnce(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	for _, start := range []string{"/?kind=TOUR", "/?kind=TOUR&order=title", "/?q=wandern", "/?place=Bad+Belzig&km=20", "/?kind=EVENT&when=weekend"} {
		page, _ := w.get(start, http.StatusOK)
		total, _ := strconv.Atoi(strings.ReplaceAll(regexp.MustCompile(`id="count" tabindex="-1">([\d.]+)`).FindStringSubmatch(page)[1], ".", ""))
		seen := map[string]int{}
		var steps [][]string
		for {
			var links []string
			for _, m := range cardLink.FindAllStringSubmatch(page, -1) {
				seen[m[1]]++
				links = append(links, m[1])
			}
			steps = append(steps, links)
			next := nextLink.FindStringSubmatch(page)
			if next == nil {
				break
			}
			page, _ = w.get(unescaped(next), http.StatusOK)
		}
		if total < 21 || len(seen) != total {
			t.Errorf("%s: %d of %d were reached", start, len(seen), total)
		}
		for link, n := range seen {
			if n > 1 {
				t.Errorf("%s: %s comes %d times", start, link, n)
			}
		}
		page, _ = w.get(unescaped(prevLink.FindStringSubmatch(page)), http.StatusOK)
		var back []string
		for _, m := range cardLink.FindAllStringSubmatch(page, -1) {
			back = append(back, m[1])
		}
		if !slices.Equal(back, steps[len(steps)-2]) {
			t.Errorf("%s: one page back shows %v, not %v", start, back, steps[len(steps)-2])
		}
	}
}

const hostile = `</script><script>alert("1")</script><img src=x onerror=alert(2)> & 'x' {{.}} ]]>`

// What comes from outside is text and nothing else, wherever it shows.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.New(t))
	token, hash := auth.NewToken()
	ags := "12069020"
	if err := w.st.CreateKey(context.Background(), ent.System("Test"), &ent.Key{ID: ent.NewID(), Name: "Test", Hash: hash, Grant: ent.Grant{AGS: &ags}, Scopes: []ent.Scope{ent.ScopeWrite, ent.ScopePublish}, CreatedAt: storetest.Noon}); err != nil {
		t.Fatal(err)
	}
	var provider struct {
		SaveProvider struct{ Provider struct{ ID string } }
	}
	w.ask(token, `mutation($in: ProviderInput!) { saveProvider(input: $in) { provider { id } } }`,
		map[string]any{"in": map[string]any{"name": hostile, "kind": "CLUB", "municipality": ags}}, &provider)
	by := provider.SaveProvider.Provider.ID
	var saved struct {
		SaveOffering struct {
			Offering   struct{ ID string }
			UserErrors []struct{ Message string }
		}
	}
	w.ask(token, `mutation($in: OfferingInput!) { saveOffering(input: $in) { offering { id } userErrors { message } } }`, map[string]any{"in": map[string]any{
		"kind": "EVENT", "title": hostile, "summary": hostile, "description": "<p>" + hostile + `</p><a href="javascript:alert(3)">x</a>`, "provider": by,
		"place": map[string]any{"name": hostile, "street": hostile, "longitude": 12.6, "latitude": 52.14}, "price": map[string]any{"note": hostile},
		"contact": map[string]any{"name": hostile, "phone": "0123 / 45"}, "links": []any{map[string]any{"url": "https://x.example/?a=\"><b>", "title": hostile}},
		"images": []any{map[string]any{"url": "https://x.example/a.png", "alt": hostile, "credit": hostile}, map[string]any{"url": "https://umland.example/media/ab", "alt": hostile, "credit": hostile}}, "audiences": []string{"FAMILIES"},
		"schedule":     map[string]any{"start": "2026-11-28T15:00:00+01:00", "end": "2026-11-28T17:00:00+01:00"},
		"event":        map[string]any{"registration": map[string]any{"required": true, "note": hostile}},
		"translations": []any{map[string]any{"locale": "de-simple", "title": hostile, "summary": hostile}},
	}}, &saved)
	if len(saved.SaveOffering.UserErrors) > 0 {
		t.Fatal(saved.SaveOffering.UserErrors)
	}
	id := saved.SaveOffering.Offering.ID
	for _, path := range []string{"/", "/?lang=en", "/kalender", "/angebot/" + id, "/angebot/" + id + "?lang=de-simple", "/anbieter/" + by, "/gemeinde/" + ags, "/embed", "/embed?view=calendar",
		"/suggest?q=script", "/kalender?month=2026-11", "/vorschau.png?provider=" + by, "/vorschau/" + id + ".png", "/?q=" + url.QueryEscape(hostile), "/?place=" + url.QueryEscape(hostile), "/?provider=" + by} {
		page, _ := w.get(path, http.StatusOK)
		if strings.Contains(path, "/vorschau") {
			continue // a picture
		}
		check(t, path, page)
		for _, bad := range []string{"<script>alert", "<img src=x", `href="javascript:`} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %s", path, bad)
			}
		}
		if strings.HasPrefix(path, "/angebot/") {
			if data := linked(t, page); data["name"] != hostile {
				t.Errorf("%s says of itself %q", path, data["name"])
			}
			if !strings.Contains(page, "Sa., 28. November 2026, 15:00–17:00 Uhr") {
				t.Errorf("%s does not say when", path)
			}
			// A picture of this server is shown, one of another is not.
			if !strings.Contains(page, `<img src="/media/ab-1600.webp" srcset="/media/ab-400.webp 400w, /media/ab-1600.webp 1600w"`) || strings.Count(page, "<img") != 1 ||
				!strings.Contains(page, `<meta property="og:image" content="https://umland.example/media/ab-1600.webp">`) {
				t.Errorf("%s shows other pictures: %v", path, regexp.MustCompile(`<img[^>]*>`).FindAllString(page, -1))
			}
		}
	}
	tile, header := w.get("/tiles/16/35061/21606.mvt", http.StatusOK)
	layers, err := mvt.Unmarshal([]byte(tile))
	if err != nil || header.Get("Content-Type") != "application/vnd.mapbox-vector-tile" {
		t.Fatal(err, header)
	}
	found := false
	for _, l := range layers {
		for _, f := range l.Features {
			found = found || l.Name == "offerings" && f.Properties["title"] == hostile && f.Properties["id"] == id
		}
	}
	if !found {
		t.Errorf("the tile does not have it: %d layers", len(layers))
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	for path, status := range map[string]int{
		"/nix": 404, "/angebot/nix": 404, "/angebot/off_00000000-0000-0000-0000-000000000000": 404, "/gemeinde/00000000": 404, "/region/nix": 404,
		"/anbieter/nix": 404, "/sitemap/99.xml": 404, "/sitemap/12": 404, "/?kind=NIX": 400, "/?category=nix": 400, "/?day=gestern": 400,
		"/?when=nie": 400, "/?near=1": 400, "/?near=NaN,1": 400, "/?box=1,2,3": 400, "/?near=500,1": 400, "/?q=" + strings.Repeat("x", 300): 400, "/?%zz": 400,
		"/tiles/17/0/0.mvt": 404, "/tiles/1/5/0.mvt": 404, "/tiles/x.mvt": 404, "/tiles/3/4/2.mvt?kind=NIX": 200, "/assets/nix.js": 404, "/embed?kind=NIX": 400,
		"/?after=nix": 303, "/?before=nix&kind=TOUR": 303, "/?utm_source=x": 200,
	} {
		page, header := w.get(path, status)
		if status == 303 && strings.Contains(header.Get("Location"), "nix") {
			t.Errorf("%s leads to %s", path, header.Get("Location"))
		}
		if status >= 400 && !strings.HasPrefix(path, "/assets/") {
			check(t, path, page)
			if !strings.Contains(page, "<h1>") && !strings.Contains(page, "Diese Liste ist nicht richtig eingestellt.") || header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %v", path, header)
			}
		}
	}
}

func TestSitemap(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	robots, _ := w.get("/robots.txt", http.StatusOK)
	if !strings.Contains(robots, "Sitemap: https://umland.example/sitemap.xml") {
		t.Error(robots)
	}
	index, _ := w.get("/sitemap.xml", http.StatusOK)
	main, _ := w.get("/sitemap/seiten.xml", http.StatusOK)
	for _, path := range []string{"/", "/kalender", "/regionen", "/region/partheland"} {
		if !strings.Contains(main, "<loc>https://umland.example"+path+"</loc>") {
			t.Errorf("the sitemap has no %s", path)
		}
	}
	seen := map[string]int{}
	for _, m := range regexp.MustCompile(`<loc>https://umland.example([^<]+)</loc>`).FindAllStringSubmatch(index, -1) {
		part, _ := w.get(m[1], http.StatusOK)
		var set struct {
			URLs []struct {
				Loc string `xml:"loc"`
			} `xml:"url"`
		}
		if err := xml.Unmarshal([]byte(part), &set); err != nil {
			t.Fatal(err)
		}
		for _, u := range set.URLs {
			seen[u.Loc]++
		}
	}
	var all struct{ Offerings struct{ TotalCount int } }
	w.ask("", `{ offerings { totalCount } }`, nil, &all)
	n := 0
	for loc, times := range seen {
		if times > 1 {
			t.Errorf("%s comes %d times", loc, times)
		}
		if strings.Contains(loc, "/angebot/") {
			n++
		}
	}
	if n != all.Offerings.TotalCount {
		t.Errorf("%d of %d offerings", n, all.Offerings.TotalCount)
	}
}

// The tiles of a filter hold what the list of the same filter counts.
func TestTilesHoldTheList(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	for filter, variables := range map[string]string{
		"kind=EVENT&place=12069020&km=15":   `{kinds: [EVENT], nearMunicipality: {ags: "12069020", radiusKm: 15}}`,
		"free=yes&region=partheland":        `{free: true, regions: ["partheland"], within: {west: 5, south: 47, east: 16, north: 56}}`,
		"q=markt&box=12.0,51.5,13.5,52.500": `{search: "markt", within: {west: 12, south: 51.5, east: 13.5, north: 52.5}}`,
	} {
		var list struct{ Offerings struct{ TotalCount int } }
		w.ask("", `{ offerings(filter: `+variables+`) { totalCount } }`, nil, &list)
		for _, z := range []int{0, 4} {
			n := 0
			for x := range 1 << z {
				for y := range 1 << z {
					tile, _ := w.get("/tiles/"+strconv.Itoa(z)+"/"+strconv.Itoa(x)+"/"+strconv.Itoa(y)+".mvt?"+filter, http.StatusOK)
					layers, err := mvt.Unmarshal([]byte(tile))
					if err != nil {
						t.Fatal(err)
					}
					for _, f := range layers[0].Features {
						n += int(f.Properties["count"].(float64))
					}
				}
			}
			if n != list.Offerings.TotalCount || n == 0 {
				t.Errorf("%s at zoom %d: %d, the list has %d", filter, z, n, list.Offerings.TotalCount)
			}
		}
	}
}
