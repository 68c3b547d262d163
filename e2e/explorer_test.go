package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// question asks the API.
func question[T any](t *testing.T, base, query string) T {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(base+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Data   T
		Errors json.RawMessage
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Errors != nil {
		t.Fatalf("%s: %v %s", query, err, answer.Errors)
	}
	return answer.Data
}

// screen is how a person sees a page.
type screen struct {
	name          string
	width, height int64
	dark          bool
}

const phoneWidth, phoneHeight = 390, 844

func (p *page) as(t *testing.T, s screen) {
	t.Helper()
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	p.run(t, chromedp.EmulateViewport(s.width, s.height))
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		t.Fatal(err)
	}
}

// open goes to an address and waits until the script, where it runs, has taken over.
func (p *page) open(t *testing.T, url string) {
	t.Helper()
	p.run(t, chromedp.Navigate(url))
	p.await(t, `document.readyState === 'complete' && !document.querySelector('main[aria-busy]')`)
}

// settled waits for the page that a step led to.
func (p *page) settled(t *testing.T, condition string) {
	t.Helper()
	p.await(t, `!document.querySelector('main[aria-busy]') && (`+condition+`)`)
}

func (p *page) press(t *testing.T, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if k == kb.Enter { // as one event, so that who takes it keeps the form from being sent
			for _, event := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13}, {Type: input.DispatchKeyEventTypeKeyUp, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}} {
				if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, event); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		p.run(t, chromedp.KeyEvent(k))
	}
}

const count = `Number((document.getElementById('count')?.textContent ?? '').replace(/\D/g, ''))`

// explorerPages are the pages with something of everything.
func explorerPages(t *testing.T, base string) map[string]string {
	t.Helper()
	found := question[map[string]struct {
		Nodes []struct {
			ID       string
			Provider struct{ ID string }
		}
	}](t, base, `{
		event: offerings(filter: {kinds: [EVENT], search: "Weihnachtsmarkt"}, first: 1) { nodes { id provider { id } } }
		service: offerings(filter: {kinds: [SERVICE], search: "Personalausweis"}, first: 1) { nodes { id provider { id } } }
		tour: offerings(filter: {kinds: [TOUR]}, first: 1) { nodes { id provider { id } } } }`)
	for name, c := range found {
		if len(c.Nodes) == 0 {
			t.Fatalf("the demo has no %s", name)
		}
	}
	return map[string]string{
		"start": "/", "search": "/?q=konzert&when=week&kind=EVENT&place=Bad+Belzig&km=50", "english": "/?lang=en&category=kultur",
		"calendar": "/kalender", "empty": "/?q=xyzxyzxyz", "no-such-place": "/?place=Nirgendwo",
		"event": "/angebot/" + found["event"].Nodes[0].ID, "simple": "/angebot/" + found["event"].Nodes[0].ID + "?lang=de-simple",
		"service": "/angebot/" + found["service"].Nodes[0].ID, "tour": "/angebot/" + found["tour"].Nodes[0].ID,
		"municipality": "/gemeinde/12069020", "region": "/region/12069", "provider": "/anbieter/" + found["event"].Nodes[0].Provider.ID,
		"regions": "/regionen", "sources": "/quellen", "not-found": "/angebot/off_00000000-0000-0000-0000-000000000000",
		"bad": "/?kind=NICHTS", "embed": "/embed?region=12069", "embed-calendar": "/embed?region=12069&view=calendar",
	}
}

// All pages, in light and dark, wide and narrow: what axe-core finds, whom they ask, what they complain about, and whether they fit.
// With UMLAND_SCREENSHOTS set, a picture of each is left in that folder.
func TestExplorerPages(t *testing.T) {
	axe, err := os.ReadFile("../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	base := boot(t)
	browser := startBrowser(t)
	pictures := os.Getenv("UMLAND_SCREENSHOTS")
	for name, path := range explorerPages(t, base) {
		for _, s := range []screen{{"wide", 1440, 1000, false}, {"wide-dark", 1440, 1000, true}, {"phone", phoneWidth, phoneHeight, false}, {"phone-dark", phoneWidth, phoneHeight, true}} {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				p := openPage(t, browser)
				p.as(t, s)
				p.open(t, base+path)
				if name != "not-found" && name != "bad" && eval[bool](t, p, `document.querySelector('.error') !== null`) {
					t.Fatal("is a page that says that something went wrong")
				}
				if wide := eval[bool](t, p, `document.documentElement.scrollWidth > innerWidth`); wide {
					t.Error("is wider than the screen: ", eval[string](t, p, `[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + '.' + e.className).slice(0, 8).join(' ')`))
				}
				if eval[bool](t, p, `document.querySelector('.map-canvas') !== null && document.querySelector('.map-frame:not([hidden])') !== null`) {
					p.run(t, chromedp.Evaluate[chromedp.Void](`document.getElementById('map').scrollIntoView({block: 'nearest'})`))
					p.await(t, `document.getElementById('map').dataset.ready !== undefined`)
					p.run(t, chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0)`))
				}
				if pictures != "" {
					picture(t, p, filepath.Join(pictures, name+"-"+s.name+".png"))
				}
				p.run(t, chromedp.Evaluate[chromedp.Void](string(axe)))
				type finding struct {
					ID    string
					Nodes []string
				}
				for _, f := range eval[[]finding](t, p, `axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) =>
					r.violations.map((v) => ({ID: v.id + ': ' + v.help, Nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200) + ' ' + n.failureSummary)})))`) {
					if strings.HasPrefix(name, "embed") && (strings.HasPrefix(f.ID, "page-has-heading-one") || strings.HasPrefix(f.ID, "heading-order")) {
						continue // the heading is that of the page around
					}
					t.Errorf("axe: %s\n%s", f.ID, strings.Join(f.Nodes, "\n"))
				}
				if got := p.strangers(base); len(got) > 0 {
					t.Errorf("asked other hosts: %q", got)
				}
				for _, fault := range p.said() {
					status := strings.Contains(fault, "status of 404") || strings.Contains(fault, "status of 400")
					if !(status && (name == "not-found" || name == "bad")) {
						t.Errorf("complains: %s", fault)
					}
				}
				if cookies := eval[string](t, p, `document.cookie`); cookies != "" {
					t.Errorf("cookies: %s", cookies)
				}
			})
		}
	}
}

func picture(t *testing.T, p *page, file string) {
	t.Helper()
	b, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestExplorer(t *testing.T) {
	base := boot(t)
	browser := startBrowser(t)
	wide := screen{"wide", 1440, 1000, false}
	start := func(t *testing.T, path string) *page {
		p := openPage(t, browser)
		p.as(t, wide)
		p.open(t, base+path)
		p.await(t, `document.querySelector('#q')?.getAttribute('role') === 'combobox'`)
		return p
	}

	t.Run("finds in spite of a typo, narrows, and the address says it all", func(t *testing.T) {
		p := start(t, "/")
		all := eval[int](t, p, count)
		p.run(t, chromedp.Click(chromedp.CSS("#q")), chromedp.KeyEvent("Weihnachtsmrkt\r"))
		p.settled(t, count+` > 0 && `+count+` < `+strconv.Itoa(all))
		if got := eval[string](t, p, `document.querySelector('.card h3').textContent`); !strings.Contains(strings.ToLower(got), "weihnacht") {
			t.Errorf("the first is %q", got)
		}
		found := eval[int](t, p, count)
		p.run(t, chromedp.Click(chromedp.CSS("#kind-EVENT")))
		p.settled(t, `location.search.includes('kind=EVENT')`)
		events := eval[int](t, p, count)
		if shown := eval[int](t, p, `Number(document.querySelector('#kind-EVENT').closest('label').querySelector('.count').textContent.replace(/\D/g, ''))`); shown != events || events > found {
			t.Errorf("%d events of %d; the facet says %d", events, found, shown)
		}
		if focus := eval[string](t, p, `document.activeElement.id`); focus != "kind-EVENT" {
			t.Errorf("the focus went to %q", focus)
		}
		day := eval[string](t, p, `document.querySelector('.card time').dateTime.slice(0, 10)`)
		p.run(t, chromedp.Evaluate[chromedp.Void](`(() => { const d = document.getElementById('day'); d.value = '`+day+`'; d.dispatchEvent(new Event('change', {bubbles: true})); })()`))
		p.settled(t, `location.search.includes('day=`+day+`')`)
		if others := eval[int](t, p, `[...document.querySelectorAll('.card time')].filter((e) => e.dateTime.slice(0, 10) > '`+day+`').length`); others > 0 {
			t.Errorf("%d are on another day", others)
		}
		if said := eval[string](t, p, `document.getElementById('live').textContent`); !strings.Contains(said, "Angebot") {
			t.Errorf("it was said %q", said)
		}
		titles := `[...document.querySelectorAll('.card h3')].map((e) => e.textContent).join('|')`
		before, shared := eval[string](t, p, titles), eval[string](t, p, `location.href`)
		q := openPage(t, browser)
		q.as(t, wide)
		q.open(t, shared)
		if after := eval[string](t, q, titles); after != before || before == "" {
			t.Errorf("the shared address shows %q, not %q", after, before)
		}
		p.run(t, chromedp.NavigateBack())
		p.settled(t, `!location.search.includes('day=') && `+count+` === `+strconv.Itoa(events))
		if got := eval[string](t, p, `document.getElementById('day').value`); got != "" {
			t.Errorf("the day is still %q", got)
		}
	})

	t.Run("suggests as one types, by keyboard", func(t *testing.T) {
		p := start(t, "/")
		p.run(t, chromedp.Click(chromedp.CSS("#q")), chromedp.KeyEvent("biblio"))
		p.await(t, `document.querySelectorAll('#q-options [role=option]').length > 2`)
		if got := eval[string](t, p, `document.getElementById('q').getAttribute('aria-expanded')`); got != "true" {
			t.Errorf("aria-expanded is %q", got)
		}
		p.press(t, kb.ArrowDown)
		if got := eval[string](t, p, `document.getElementById(document.getElementById('q').getAttribute('aria-activedescendant')).textContent`); !strings.Contains(got, "Biblio") {
			t.Errorf("marked is %q", got)
		}
		if pictures := os.Getenv("UMLAND_SCREENSHOTS"); pictures != "" {
			picture(t, p, filepath.Join(pictures, "suggestions.png"))
		}
		p.press(t, kb.Enter)
		p.settled(t, `location.search.includes('category=bibliothek')`)

		p.run(t, chromedp.Click(chromedp.CSS("#place")), chromedp.KeyEvent("bad belz"))
		p.await(t, `document.querySelector('#place-options [role=option]') !== null`)
		p.press(t, kb.ArrowDown, kb.Enter)
		p.settled(t, `location.search.includes('ags=12069020')`)
		p.await(t, `document.querySelector('.chips').textContent.includes('Bad Belzig')`)
		p.press(t, "x", kb.Escape)
		if got := eval[string](t, p, `document.getElementById('place').getAttribute('aria-expanded')`); got != "false" {
			t.Errorf("after Escape aria-expanded is %q", got)
		}
	})

	t.Run("the map shows what the list has", func(t *testing.T) {
		p := start(t, "/?place=Bad+Belzig&km=20")
		p.await(t, `Number(document.getElementById('map').dataset.ready) > 0`)
		onMap := eval[int](t, p, `[...document.querySelectorAll('button.marker')].reduce((n, b) => n + (b.matches('.cluster') ? Number(b.textContent.replace(/\D/g, '')) : 1), 0)`)
		if total := eval[int](t, p, count); onMap == 0 || onMap > total {
			t.Errorf("%d on the map, %d in the list", onMap, total)
		}
		for range 12 {
			if eval[bool](t, p, `document.querySelector('button.marker:not(.cluster)') !== null`) {
				break
			}
			before := eval[string](t, p, `document.querySelector('.maplibregl-ctrl-scale').textContent`)
			p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('button.marker.cluster').click()`))
			p.await(t, `document.querySelector('.maplibregl-ctrl-scale').textContent !== '`+before+`' || document.querySelector('.maplibregl-popup') !== null`)
			time.Sleep(500 * time.Millisecond) // the tiles of the closer look
			if eval[bool](t, p, `document.querySelector('.maplibregl-popup') !== null`) {
				break
			}
		}
		if !eval[bool](t, p, `document.querySelector('.maplibregl-popup') !== null`) {
			p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('button.marker:not(.cluster)').click()`))
		}
		p.await(t, `document.querySelector('.maplibregl-popup a[href^="/angebot/"]') !== null`)
		if got := p.strangers(base); len(got) > 0 {
			t.Errorf("asked other hosts: %q", got)
		}
		title := eval[string](t, p, `document.querySelector('.maplibregl-popup a').textContent`)
		p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('.maplibregl-popup a').click()`), chromedp.WaitVisible(chromedp.CSS(".facts")))
		if got := eval[string](t, p, `document.querySelector('h1').textContent`); got != title {
			t.Errorf("%q led to %q", title, got)
		}
	})

	t.Run("by keyboard alone", func(t *testing.T) {
		p := start(t, "/")
		p.press(t, kb.Tab)
		if got := eval[string](t, p, `document.activeElement.className`); got != "skip" {
			t.Fatalf("the first is %q", got)
		}
		p.press(t, kb.Enter, kb.Tab)
		if got := eval[string](t, p, `document.activeElement.id`); got != "q" {
			t.Errorf("after the skip link comes %q", got)
		}
		reached := map[string]bool{}
		for range 80 {
			p.press(t, kb.Tab)
			reached[eval[string](t, p, `document.activeElement.id || (document.activeElement.closest('.card') ? 'card' : '')`)] = true
			if !eval[bool](t, p, `(() => { const e = document.activeElement, s = getComputedStyle(e), l = e.nextElementSibling && getComputedStyle(e.nextElementSibling), c = e.closest('.card') && getComputedStyle(e, '::after');
				return e === document.body || s.outlineStyle !== 'none' || l?.outlineStyle !== 'none' && l !== null || c?.outlineStyle !== 'none' && c !== null })()`) {
				t.Errorf("one does not see the focus on %s", eval[string](t, p, `document.activeElement.outerHTML.slice(0, 200)`))
			}
		}
		for _, id := range []string{"place", "km", "day", "kind-EVENT", "free", "order", "card"} {
			if !reached[id] {
				t.Errorf("Tab does not reach %s", id)
			}
		}
	})

	t.Run("shows its query in the playground", func(t *testing.T) {
		p := start(t, "/?q=konzert&free=yes")
		link := eval[string](t, p, `[...document.querySelectorAll('footer a')].find((a) => a.hash.startsWith('#q=')).href`)
		total := eval[int](t, p, count)
		g := openPlayground(t, openPage(t, browser), base, strings.TrimPrefix(link, base+"/playground/"))
		g.await(t, `document.querySelector('.graphiql-tab[aria-selected=true]').innerText.trim() === 'Explore'`)
		var data struct{ Offerings struct{ TotalCount int } }
		if err := json.Unmarshal(g.execute(t).Data, &data); err != nil || data.Offerings.TotalCount != total {
			t.Errorf("%v: %d, the page says %d", err, data.Offerings.TotalCount, total)
		}
	})

	t.Run("light and dark, by switch, and it stays", func(t *testing.T) {
		p := start(t, "/")
		light := eval[string](t, p, `getComputedStyle(document.body).backgroundColor`)
		p.run(t, chromedp.Click(chromedp.CSS("[data-theme-switch]")))
		dark := eval[string](t, p, `getComputedStyle(document.body).backgroundColor`)
		if dark == light {
			t.Errorf("still %s", light)
		}
		p.open(t, base+"/kalender")
		if got := eval[string](t, p, `getComputedStyle(document.body).backgroundColor`); got != dark {
			t.Errorf("the next page is %s", got)
		}
	})

	t.Run("without scripts everything can be read", func(t *testing.T) {
		p := openPage(t, browser)
		p.as(t, wide)
		if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
		p.run(t, chromedp.Navigate(base+"/?kind=TOUR"), chromedp.WaitVisible(chromedp.CSS(".card")))
		if !eval[bool](t, p, `!document.documentElement.classList.contains('js')`) {
			t.Fatal("scripts run")
		}
		p.run(t, chromedp.Click(chromedp.CSS("#wheelchair")), chromedp.Click(chromedp.CSS("button.apply")),
			chromedp.WaitVisible(chromedp.CSS("#wheelchair[checked]")))
		if got := eval[string](t, p, `location.search`); !strings.Contains(got, "wheelchair=yes") || !strings.Contains(got, "kind=TOUR") {
			t.Errorf("the form led to %s", got)
		}
		p.run(t, chromedp.Navigate(base+"/?kind=TOUR"), chromedp.Click(chromedp.CSS(".steps [rel=next]")),
			chromedp.WaitVisible(chromedp.CSS(".steps [rel=prev]")), chromedp.Click(chromedp.CSS(".card h3 a")), chromedp.WaitVisible(chromedp.CSS(".facts")))
		if got := eval[string](t, p, `location.pathname`); !strings.HasPrefix(got, "/angebot/") {
			t.Errorf("the title led to %s", got)
		}
	})

	t.Run("zoomed to twice the size it still fits", func(t *testing.T) {
		p := openPage(t, browser)
		p.as(t, screen{"zoom", 640, 500, false}) // 1280 pixels at 200 %
		p.open(t, base+"/")
		if eval[bool](t, p, `document.documentElement.scrollWidth > innerWidth`) {
			t.Error("it must be scrolled to the side")
		}
	})

	t.Run("takes little", func(t *testing.T) { size(t, base) })

	t.Run("another website embeds a list", func(t *testing.T) {
		host := embedder(t, `<!doctype html><html lang="de"><title>Gemeinde</title><main style="--umland-accent: rgb(1, 2, 3)"><h1>Gemeinde</h1>
			<script src="`+base+`/embed.js" data-region="12069" data-view="calendar" data-kind="EVENT,ACTIVITY"></script></main>`)
		p := openPage(t, browser)
		p.run(t, chromedp.Navigate(host))
		p.await(t, `document.querySelector('.umland')?.shadowRoot.querySelectorAll('.umland-list li').length > 0`)
		p.await(t, `getComputedStyle(document.querySelector('.umland').shadowRoot.querySelector('.umland-list')).listStyleType === 'none'`)
		if got := eval[string](t, p, `document.querySelector('.umland').shadowRoot.querySelector('.umland-embed a').href`); !strings.HasPrefix(got, base+"/angebot/") {
			t.Errorf("it leads to %q", got)
		}
		if cookies := eval[string](t, p, `document.cookie`); cookies != "" {
			t.Errorf("cookies: %s", cookies)
		}
		framed := embedder(t, `<!doctype html><html lang="de"><title>Gemeinde</title><iframe title="Termine" src="`+base+`/embed?region=12069"></iframe>`)
		p.run(t, chromedp.Navigate(framed))
		p.await(t, `document.querySelector('iframe') !== null`)
		if said := p.said(); len(said) > 0 {
			t.Errorf("complains: %q", said)
		}
	})
}

// embedder serves a page of another website.
func embedder(t *testing.T, content string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" { // a browser asks for the icon
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, content)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/"
}

// size fails where the start page or what is embedded takes much: its own script, packed, without the map.
func size(t *testing.T, base string) {
	t.Helper()
	get := func(path string) []byte {
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %v", path, res.Status, err)
		}
		return b
	}
	packed := func(b []byte) int {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, _ = w.Write(b)
		_ = w.Close()
		return out.Len()
	}
	total := 0
	for _, m := range regexp.MustCompile(`<script[^>]* src="([^"]+)"`).FindAllSubmatch(get("/"), -1) {
		total += packed(get(string(m[1])))
	}
	if total == 0 || total > 20_000 {
		t.Errorf("the start page has %d bytes of script", total)
	}
	if n := packed(get("/embed.js")); n > 5_000 {
		t.Errorf("embed.js has %d bytes", n)
	}
}
