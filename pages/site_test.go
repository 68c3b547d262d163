package pages_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/net/html"

	"umland/pages"
	"umland/store/storetest"
)

func all(pattern, page string) [][]string {
	return regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1)
}

// The grid says of each day what the API counts, names the holidays of where one looks, and leads on.
func TestMonth(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	page, _ := w.get("/kalender?month=2026-12&region=12069", http.StatusOK)
	check(t, "month", page)
	days := all(`(?s)<li class="month-day([^"]*)">\s*<h3><a href="([^"]+)"[^>]*><span class="sr">([^<]*)</span>`, page)
	if len(days) != 31 || !strings.Contains(page, `class="month blank-1"`) || !strings.Contains(page, "Dezember 2026") {
		t.Fatalf("%d days", len(days))
	}
	for day, want := range map[int][]string{
		4: {"Samstag, 5. Dezember 2026", "weekend", "day=2026-12-05"}, 24: {"Freitag, 25. Dezember 2026", "is-holiday", "region=12069"},
	} {
		for _, text := range want {
			if !strings.Contains(strings.Join(days[day], " "), text) {
				t.Errorf("%v has no %s", days[day], text)
			}
		}
	}
	var counted struct{ Occurrences struct{ TotalCount int } }
	w.ask("", `{ occurrences(filter: {regions: ["12069"]}, from: "2026-12-05T00:00:00+01:00", to: "2026-12-06T00:00:00+01:00") { totalCount } }`, nil, &counted)
	if n := counted.Occurrences.TotalCount; n == 0 || !strings.Contains(days[4][3], ": "+strconv.Itoa(n)+" Termin") {
		t.Errorf("%q, the API counts %d", days[4][3], n)
	}
	follow, _ := w.get(unescaped(days[4][1:3]), http.StatusOK)
	if !strings.Contains(follow, `value="2026-12-05"`) || strings.Contains(follow, `class="month`) {
		t.Error("the day does not lead to its dates")
	}
	if !strings.Contains(follow, `month=2026-12`) {
		t.Error("there is no way back to the month")
	}
	english, _ := w.get("/kalender?month=2026-12&lang=en", http.StatusOK)
	if !strings.Contains(english, "Christmas Day") || !strings.Contains(english, "December 2026") {
		t.Error("it speaks no English")
	}

	for path, want := range map[string]string{
		"/kalender?month=2026-11&region=partheland":     "Buß- und Bettag</p>",
		"/kalender?month=2026-11":                       "Buß- und Bettag (nicht überall)",
		"/kalender?month=2026-10&municipality=12069020": "Reformationstag</p>",
		"/kalender?day=2026-12-25&region=12069":         "(1. Weihnachtstag)",
	} {
		if page, _ := w.get(path, http.StatusOK); !strings.Contains(page, want) {
			t.Errorf("%s has no %s", path, want)
		}
	}
	if page, _ := w.get("/kalender?month=2026-11&region=12069", http.StatusOK); strings.Contains(page, "Buß- und Bettag") {
		t.Error("Brandenburg has a holiday of Saxony")
	}
	for path, bounds := range map[string][2]int{"/kalender?month=2026-11": {1, 1}, "/kalender?month=2025-11": {0, 1}, "/kalender?month=2028-10": {1, 0}} {
		page, _ := w.get(path, http.StatusOK)
		if got := [2]int{len(all(`rel="prev"`, page)), len(all(`rel="next"`, page))}; got != bounds {
			t.Errorf("%s leads %v, want %v", path, got, bounds)
		}
	}
	for _, path := range []string{"/kalender?month=2026-13", "/kalender?month=x", "/kalender?month=9999-1"} {
		w.get(path, http.StatusBadRequest)
	}
}

// A link to a page shows a picture of this server, of the size that it says, wherever it is pasted.
func TestPreviews(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	start, _ := w.get("/?kind=EVENT", http.StatusOK)
	event := cardLink.FindStringSubmatch(start)[1]
	for _, path := range []string{"/", "/?lang=en", event, event + "?lang=en", "/gemeinde/12069020", "/region/partheland", "/kalender", "/quellen", "/was-wir-speichern"} {
		page, _ := w.get(path, http.StatusOK)
		m := all(`<meta property="og:image" content="https://umland.example([^"]+)">`, page)
		if len(m) != 1 || !strings.Contains(page, `<meta name="twitter:card" content="summary_large_image">`) {
			t.Errorf("%s has no picture", path)
			continue
		}
		b, header := w.get(strings.ReplaceAll(m[0][1], "&amp;", "&"), http.StatusOK)
		c, err := png.DecodeConfig(bytes.NewReader([]byte(b)))
		if err != nil || c.Width != 1200 || c.Height != 630 || header.Get("Content-Type") != "image/png" || len(b) > 200_000 {
			t.Errorf("%s: %v %v, %d bytes, %v", m[0][1], c, err, len(b), header)
		}
		canonical := all(`<link rel="canonical" href="([^"]+)">`, page)[0][1]
		languages := map[string]string{}
		for _, a := range all(`<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">`, page) {
			languages[a[1]] = a[2]
		}
		own := "de"
		if strings.Contains(path, "lang=en") {
			own = "en"
		}
		if languages[own] != canonical || len(languages) != 3 || languages["x-default"] != languages["de"] || languages["en"] != languages["de"]+"?lang=en" {
			t.Errorf("%s is %s, in other languages %v", path, canonical, languages)
		}
	}
	for _, path := range []string{"/vorschau/nix.png", "/vorschau/off_00000000-0000-0000-0000-000000000000.png", strings.Replace(event, "angebot", "vorschau", 1)} {
		w.get(path, http.StatusNotFound)
	}
	w.get("/vorschau.png?region=nix", http.StatusOK) // the picture of the whole
}

// A search without a match says what to let go, and how much there is then.
func TestWaysOut(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	page, _ := w.get("/?q=xyzxyz&kind=TOUR&place=Bad+Belzig&km=20", http.StatusOK)
	ways := all(`(?s)<ul class="ways-out">(.*?)</ul>`, page)
	if len(ways) != 1 {
		t.Fatal("no way out")
	}
	links := all(`href="([^"]+)">([^<]+) <span class="count">([\d.]+)`, ways[0][1])
	if len(links) != 1 || links[0][2] != "Ohne „xyzxyz“" {
		t.Fatalf("%q", links)
	}
	found, _ := w.get(unescaped(links[0]), http.StatusOK)
	if !strings.Contains(found, `id="count" tabindex="-1">`+links[0][3]+" ") {
		t.Errorf("%s does not have %s", links[0][1], links[0][3])
	}
	if near, _ := w.get("/?q=kino&place=Wiesenburg%2FMark&km=2", http.StatusOK); !strings.Contains(near, "Im Umkreis von") {
		t.Error("a larger radius is not offered")
	}
}

// The operator's pages are linked from everywhere, and only where there are some.
func TestLegal(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	bare, _ := open(t, st).get("/", http.StatusOK)
	if strings.Contains(bare, "Impressum") {
		t.Error("there is a link to nothing")
	}
	w := open(t, st, func(o *pages.Options) {
		o.Legal = pages.Legal{Imprint: "https://amt.example/impressum", Privacy: "https://amt.example/datenschutz", Accessibility: "https://amt.example/barrierefreiheit"}
	})
	for _, path := range []string{"/", "/kalender", "/was-wir-speichern", "/nix"} {
		status := http.StatusOK
		if path == "/nix" {
			status = http.StatusNotFound
		}
		page, _ := w.get(path, status)
		for _, want := range []string{`<a href="https://amt.example/impressum">Impressum</a>`, `<a href="https://amt.example/datenschutz">Datenschutz</a>`, `<a href="https://amt.example/barrierefreiheit">Erklärung zur Barrierefreiheit</a>`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s has no %s", path, want)
			}
		}
	}
	if _, err := pages.Handler(pages.Options{Legal: pages.Legal{Imprint: "javascript:alert(1)"}}); err == nil {
		t.Error("an address that is none is taken")
	}
}

// What goes wrong behind the pages is told in their own words and says nothing of what it was.
func TestErrorPages(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct {
		status int
		text   string
	}{
		`{"errors": [{"message": "SELECT secret", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}`: {http.StatusInternalServerError, "Das liegt an uns, nicht an Ihnen."},
		`{"errors": [{"message": "SELECT secret", "extensions": {"code": "BUSY"}}]}`:                  {http.StatusServiceUnavailable, "Gerade nicht erreichbar"},
		`no JSON, SELECT secret`: {http.StatusInternalServerError, "Etwas ist schiefgegangen"},
	} {
		handler, err := pages.Handler(pages.Options{Now: func() time.Time { return storetest.Noon }, Log: zerolog.Nop(), Legal: pages.Legal{Imprint: "https://amt.example/impressum"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/", "/kalender", "/kalender?month=2026-11", "/angebot/x", "/region/12069", "/embed"} {
			text, foot := want.text, "Impressum"
			if path == "/embed" { // in a frame there is no foot, nor a way to where there may be no frame
				text, foot = "Die Liste lässt sich gerade nicht zeigen.", `target="_blank"`
			}
			w := httptest.NewRecorder()
			handler(func(context.Context, string, map[string]any) []byte { return []byte(answer) }).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			page := w.Body.String()
			if w.Code != want.status || !strings.Contains(page, text) || strings.Contains(page, "SELECT") || w.Header().Get("Retry-After") == "" || !strings.Contains(page, foot) {
				t.Errorf("%s: %d %v\n%s", path, w.Code, w.Header(), page)
			}
			check(t, path, page)
		}
	}
}

// What an address says is still said by the page that its form leads to, without any script, whether anything is found or not.
func TestFormsKeepTheAddress(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	const of = "q=xyzxyzxyz&category=konzert&category=kultur&audience=SENIORS&audience=FAMILIES&kind=FACILITY&kind=EVENT&free=yes&wheelchair=yes&online=yes" +
		"&near=12.595%2C52.140&km=15&when=weekend&box=12%2C51%2C13%2C53&region=12069&municipality=12069020&lang=en"
	for _, path := range []string{
		"/?" + of + "&order=title&view=map", "/kalender?" + of, "/?day=2026-12-05&place=Bad+Belzig&ags=12069020&km=2.5", "/kalender?day=2026-12-05", "/kalender?month=2026-12&online=yes",
	} {
		page, _ := w.get(path, http.StatusOK)
		sent := submitted(t, page)
		u, err := url.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range u.Query() {
			for _, v := range values {
				if !slices.Contains(sent[name], v) {
					t.Errorf("%s: the form sends %s=%q, without %q", path, name, sent[name], v)
				}
			}
		}
	}
	page, _ := w.get("/?category=konzert&q=xyzxyzxyz", http.StatusOK)
	if !strings.Contains(page, "</span>Konzert<") {
		t.Error("what nothing is counted of has no name")
	}
	page, _ = w.get("/kalender?when=weekend&day=2026-12-05", http.StatusOK)
	if !strings.Contains(page, "5. Dezember 2026 –") || slices.Contains(submitted(t, page)["when"], "weekend") {
		t.Error("a day does not take the place of a word for one")
	}
	if sent := submitted(t, page)["day"]; len(sent) != 1 {
		t.Errorf("the day is sent as %q", sent)
	}
	page, _ = w.get("/kalender", http.StatusOK)
	if sent := submitted(t, page)["day"]; sent != nil {
		t.Errorf("a calendar from today on becomes one from %q on", sent)
	}
	page, _ = w.get("/?kind=event", http.StatusOK)
	if !strings.Contains(page, `value="EVENT" checked`) {
		t.Error("the kind of an address in small letters is not taken up")
	}
}

// submitted gives what a browser sends of the form with the id search: what is checked, chosen and filled in.
func submitted(t *testing.T, page string) url.Values {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	sent := url.Values{}
	for n := range root.Descendants() {
		attributes := map[string]string{}
		for _, a := range n.Attr {
			attributes[a.Key] = a.Val
		}
		_, checked := attributes["checked"]
		_, selected := attributes["selected"]
		name, value := attributes["name"], attributes["value"]
		kind := attributes["type"]
		switch {
		case n.Data == "option" && selected && n.Parent.Data == "select":
			for _, a := range n.Parent.Attr {
				if a.Key == "name" {
					name = a.Val
				}
			}
		case n.Data == "input" && (checked || kind != "checkbox" && kind != "radio"):
		default:
			continue
		}
		if value != "" {
			sent.Add(name, value)
		}
	}
	return sent
}

// Whoever gets a link to a search sees what it finds, and that very search is what the link is taken for.
func TestLinksToSearches(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	for path, address := range map[string]string{
		"/": "/", "/?order=title&view=map": "/", "/?q=konzert&view=map&order=title": "/?order=title&amp;q=konzert", "/?kind=TOUR&lang=en": "/?kind=TOUR&amp;lang=en",
		"/kalender?free=yes&day=2026-12-05": "/kalender?day=2026-12-05&amp;free=yes", "/kalender?month=2026-12": "/kalender?month=2026-12", "/kalender": "/kalender",
	} {
		page, _ := w.get(path, http.StatusOK)
		for _, tag := range []string{`<link rel="canonical" href="https://umland.example` + address + `">`, `<meta property="og:url" content="https://umland.example` + address + `">`} {
			if !strings.Contains(page, tag) {
				t.Errorf("%s has no %s", path, tag)
			}
		}
	}
	page, _ := w.get("/?q=konzert&order=title", http.StatusOK)
	if !strings.Contains(page, `hreflang="en" href="https://umland.example/?lang=en&amp;order=title&amp;q=konzert"`) {
		t.Error("in English it is another search")
	}
	first := all(`<h3><a [^>]*>([^<]*)</a>`, page)[0][1]
	if said := all(`og:description" content="([^"]*)"`, page)[0][1]; !strings.Contains(said, "Angebote: "+first) {
		t.Errorf("the link says %q of a list that begins with %q", said, first)
	}
}

// Each kind of offering is described in the words of schema.org, with all that search engines ask of it.
func TestLinkedData(t *testing.T) {
	t.Parallel()
	w := open(t, storetest.Demo(t))
	for kind, want := range map[string]struct {
		types []string
		has   []string
	}{
		"EVENT": {[]string{"Event"}, []string{"name", "startDate", "eventStatus", "eventAttendanceMode", "location", "organizer"}}, "ACTIVITY": {[]string{"Event"}, []string{"name", "startDate", "location", "organizer"}},
		"FACILITY": {[]string{"Place"}, []string{"name", "address"}}, "SERVICE": {[]string{"Service", "GovernmentService"}, []string{"name", "provider", "areaServed"}},
		"TOUR": {[]string{"TouristTrip"}, []string{"name", "provider"}}, "VOLUNTEERING": {[]string{"JobPosting"}, []string{"title", "description", "datePosted", "hiringOrganization", "jobLocation"}},
	} {
		var found struct {
			All, Online struct{ Nodes []struct{ ID string } }
		}
		w.ask("", `query($k: [OfferingKind!]) { all: offerings(filter: {kinds: $k}, first: 12) { nodes { id } } online: offerings(filter: {kinds: $k, online: true}, first: 3) { nodes { id } } }`, map[string]any{"k": []string{kind}}, &found)
		for _, o := range append(found.All.Nodes, found.Online.Nodes...) {
			page, _ := w.get("/angebot/"+o.ID, http.StatusOK)
			var data map[string]any
			if err := json.Unmarshal([]byte(all(`(?s)<script type="application/ld\+json">(.*?)</script>`, page)[0][1]), &data); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(want.types, data["@type"].(string)) || data["@context"] != "https://schema.org" || data["url"] != "https://umland.example/angebot/"+o.ID {
				t.Errorf("%s is %v", o.ID, data)
			}
			for _, name := range want.has {
				if data[name] == nil || data[name] == "" {
					t.Errorf("%s %s has no %s", kind, o.ID, name)
				}
			}
			for _, name := range []string{"startDate", "endDate"} { // a day, or an instant with its offset
				if text, ok := data[name].(string); ok && !regexp.MustCompile(`^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+0[12]:00)?$`).MatchString(text) {
					t.Errorf("%s %s: %s", o.ID, name, text)
				}
			}
			for _, name := range []string{"location", "jobLocation"} {
				at, ok := data[name].(map[string]any)
				virtual := ok && name == "location" && at["@type"] == "VirtualLocation" && at["url"] != nil
				if ok && !virtual && (at["@type"] != "Place" || at["address"] == nil) {
					t.Errorf("%s %s: %v", o.ID, name, at)
				}
			}
			for _, name := range []string{"openingHoursSpecification", "hoursAvailable"} {
				week, _ := data[name].([]any)
				for _, day := range week {
					if d := day.(map[string]any); d["opens"].(string) >= d["closes"].(string) || d["validFrom"] != d["validThrough"] || !strings.HasPrefix(d["dayOfWeek"].(string), "https://schema.org/") {
						t.Errorf("%s: %v", o.ID, d)
					}
				}
			}
		}
	}
	var town struct {
		Offerings struct{ Nodes []struct{ ID string } }
	}
	w.ask("", `{ offerings(filter: {kinds: [SERVICE], search: "Personalausweis"}, first: 1) { nodes { id } } }`, nil, &town)
	if page, _ := w.get("/angebot/"+town.Offerings.Nodes[0].ID, http.StatusOK); !strings.Contains(page, `"hoursAvailable":[{"@type":"OpeningHoursSpecification"`) {
		t.Error("nobody learns when the office is open")
	}
}
