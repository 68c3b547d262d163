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
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
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

// before has a script run before those of each page that is opened.
func (p *page) before(t *testing.T, script string) {
	t.Helper()
	if _, err := chromedp.Call(p.ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
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
		"calendar": "/kalender", "month": "/kalender?month=2026-12&region=12069", "storage": "/was-wir-speichern", "empty": "/?q=xyzxyzxyz&kind=EVENT", "no-such-place": "/?place=Nirgendwo",
		"event": "/angebot/" + found["event"].Nodes[0].ID, "simple": "/angebot/" + found["event"].Nodes[0].ID + "?lang=de-simple",
		"service": "/angebot/" + found["service"].Nodes[0].ID, "tour": "/angebot/" + found["tour"].Nodes[0].ID,
		"municipality": "/gemeinde/12069020", "region": "/region/12069", "provider": "/anbieter/" + found["event"].Nodes[0].Provider.ID,
		"regions": "/regionen", "sources": "/quellen", "not-found": "/angebot/off_00000000-0000-0000-0000-000000000000",
		"bad": "/?kind=NICHTS", "embed": "/embed?region=12069", "embed-calendar": "/embed?region=12069&view=calendar",
	}
}

// All pages, light and wide, dark and narrow: what axe-core finds, whom they ask, what they complain about, and whether they fit.
// With UMLAND_SCREENSHOTS set, a picture of each is left in that folder.
func TestExplorerPages(t *testing.T) {
	base := boot(t)
	browser := startBrowser(t)
	pictures := os.Getenv("UMLAND_SCREENSHOTS")
	// Each width and each colour once; for pictures all.
	screens := []screen{{"wide", 1440, 1000, false}, {"phone-dark", phoneWidth, phoneHeight, true}}
	if pictures != "" {
		screens = append(screens, screen{"wide-dark", 1440, 1000, true}, screen{"phone", phoneWidth, phoneHeight, false})
	}
	for name, path := range explorerPages(t, base) {
		for _, s := range screens {
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
				if strings.HasPrefix(name, "embed") { // the heading is that of the page around
					p.accessible(t, "page-has-heading-one", "heading-order")
				} else {
					p.accessible(t)
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

// accessible fails the test for all that axe-core finds in the page as it is, but for the rules that are named.
func (p *page) accessible(t *testing.T, without ...string) {
	t.Helper()
	axe, err := os.ReadFile("../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	p.run(t, chromedp.Evaluate[chromedp.Void](string(axe)))
	type finding struct {
		ID    string
		Nodes []string
	}
	for _, f := range eval[[]finding](t, p, `axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) =>
		r.violations.map((v) => ({ID: v.id + ': ' + v.help, Nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200) + ' ' + n.failureSummary)})))`) {
		if id, _, _ := strings.Cut(f.ID, ":"); !slices.Contains(without, id) {
			t.Errorf("axe: %s\n%s", f.ID, strings.Join(f.Nodes, "\n"))
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
		p.accessible(t)
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
		p.accessible(t)
		title := eval[string](t, p, `document.querySelector('.maplibregl-popup a').textContent`)
		p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('.maplibregl-popup a').click()`), chromedp.WaitVisible(chromedp.CSS(".facts")))
		if got := eval[string](t, p, `document.querySelector('h1').textContent`); got != title {
			t.Errorf("%q led to %q", title, got)
		}
	})

	t.Run("on a phone the map stands where one asked for it, and where there can be none the list does", func(t *testing.T) {
		p := openPage(t, browser)
		p.as(t, screen{"phone", phoneWidth, phoneHeight, true})
		p.open(t, base+"/?place=Bad+Belzig")
		p.await(t, `document.querySelector('[data-map-switch]')?.hidden === false`)
		p.run(t, chromedp.Click(chromedp.CSS(".filters summary")), chromedp.Click(chromedp.CSS("[data-map-switch]")))
		p.await(t, `Number(document.getElementById('map').dataset.ready) > 0`)
		if far := eval[float64](t, p, `document.getElementById('map').getBoundingClientRect().top - document.querySelector('[data-map-switch]').getBoundingClientRect().bottom`); far < 0 || far > 400 {
			t.Errorf("the map is %v pixels below its switch", far)
		}
		if got := eval[string](t, p, `location.search`); !strings.Contains(got, "view=map") {
			t.Errorf("the address says %q", got)
		}
		p.accessible(t)

		blind := openPage(t, browser)
		blind.as(t, wide)
		blind.before(t, `HTMLCanvasElement.prototype.getContext = () => null`)
		blind.open(t, base+"/?place=Bad+Belzig")
		blind.await(t, `document.querySelector('.map-note').textContent.includes('in der Liste')`)
		if !eval[bool](t, blind, `document.querySelectorAll('.card').length > 0`) {
			t.Error("there is no list")
		}
		blind.accessible(t)
		if said := blind.said(); len(said) > 0 {
			t.Errorf("complains: %q", said)
		}
	})

	t.Run("a month: to a day, to the next one, by keyboard, without scripts and on paper", func(t *testing.T) {
		p := openPage(t, browser)
		p.as(t, wide)
		p.open(t, base+"/kalender?region=12069")
		p.await(t, `document.querySelector("[data-print]")?.hidden === false`)
		p.run(t, chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('.switches a')].find((a) => a.search.includes('month=')).click()`))
		p.settled(t, `document.querySelectorAll('.month-day').length > 27`)
		this := eval[string](t, p, `document.getElementById('count').firstChild.textContent`)
		p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('.month-head [rel=next]').focus()`))
		p.press(t, kb.Enter)
		p.settled(t, `document.getElementById('count').firstChild.textContent !== '`+this+`'`)
		if focus := eval[string](t, p, `document.activeElement.id`); focus != "count" {
			t.Errorf("the focus went to %q", focus)
		}
		total := eval[int](t, p, `Number(document.querySelector('.month-day h3 .count').textContent.replace(/\D/g, ''))`)
		p.press(t, kb.Tab)
		for range 10 {
			if eval[bool](t, p, `document.activeElement.closest('.month-day h3') !== null`) {
				break
			}
			p.press(t, kb.Tab)
		}
		p.press(t, kb.Enter)
		p.settled(t, `document.querySelector('.day[aria-current] .count') !== null`)
		if got := eval[int](t, p, `Number(document.querySelector('.day[aria-current] .count').textContent.replace(/\D/g, ''))`); got != total {
			t.Errorf("the day has %d, the month says %d", got, total)
		}

		q := openPage(t, browser)
		q.as(t, screen{"phone", phoneWidth, phoneHeight, false})
		if _, err := chromedp.Call(q.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
		q.run(t, chromedp.Navigate(base+"/kalender?month=2026-12"), chromedp.Click(chromedp.CSS(".month-head [rel=next]")), chromedp.WaitVisible(chromedp.CSS(`a[href*="month=2026-12"][rel=prev]`)))
		if columns := eval[int](t, q, `getComputedStyle(document.querySelector('.month')).gridTemplateColumns.split(' ').length`); columns != 1 {
			t.Errorf("on a phone it has %d columns", columns)
		}

		for path, want := range map[string]string{"/?region=12069&when=week": ".card", "/kalender?region=12069": ".date", "/kalender?month=2026-12&region=12069": ".month-day"} {
			paper := openPage(t, browser)
			paper.as(t, wide)
			paper.open(t, base+path)
			if _, err := chromedp.Call(paper.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
				t.Fatal(err)
			}
			shown := `(() => { const on = (s) => { const e = document.querySelector(s); return e !== null && e.checkVisibility(); };
				return ['.notice-title', '.qr', '.notice-foot', '` + want + `'].filter((s) => !on(s)).concat(['header.site', '.hero', 'footer.site', '.switches'].filter(on)).join(' '); })()`
			if wrong := eval[string](t, paper, shown); wrong != "" {
				t.Errorf("on paper %s is wrong with %s", path, wrong)
			}
			if address := eval[string](t, paper, `document.querySelector('.notice-foot strong').textContent`); !strings.HasSuffix(address, path[:2]) && !strings.Contains(address, "region=12069") {
				t.Errorf("the notice leads to %q", address)
			}
			paper.accessible(t, "region", "page-has-heading-one", "landmark-one-main", "heading-order", "skip-link", "target-size") // there are no regions on paper, and nothing to press
			if pictures := os.Getenv("UMLAND_SCREENSHOTS"); pictures != "" {
				paper.run(t, chromedp.EmulateViewport(794, 1123)) // A4
				picture(t, paper, filepath.Join(pictures, "paper"+strings.ReplaceAll(want, ".", "-")+".png"))
			}
		}
	})

	t.Run("around where one is", func(t *testing.T) {
		p := openPage(t, browser)
		p.as(t, wide)
		// Whoever is asked says no at first.
		p.before(t, `navigator.geolocation.getCurrentPosition = (yes, no) => { navigator.geolocation.asked ? yes({coords: {longitude: 12.59512, latitude: 52.14023}}) : no({}); navigator.geolocation.asked = true; }`)
		p.open(t, base+"/")
		p.await(t, `document.querySelector('[data-locate]')?.hidden === false`)
		p.run(t, chromedp.Click(chromedp.CSS("[data-locate]")))
		p.await(t, `document.querySelector('.notice[role=alert]') !== null`)
		p.accessible(t)
		p.run(t, chromedp.Click(chromedp.CSS("[data-locate]")))
		p.settled(t, `location.search.includes('near=12.595%2C52.140') && document.querySelector('.card .over').textContent.includes('km')`)
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

	t.Run("a topic, the map and the language keep what was looked for", func(t *testing.T) {
		p := start(t, "/?place=Bad+Belzig&km=15&free=yes")
		p.run(t, chromedp.Click(chromedp.CSS("[data-map-switch]")), chromedp.Click(chromedp.CSS("#q")), chromedp.KeyEvent("konzer"))
		p.await(t, `document.querySelector('#q-options [role=option]')?.textContent.includes('Konzert')`)
		p.press(t, kb.ArrowDown, kb.Enter)
		p.settled(t, `location.search.includes('category=konzert')`)
		p.run(t, chromedp.Click(chromedp.CSS(".tools a")), chromedp.WaitVisible(chromedp.CSS("html[lang=en] #results")))
		got := eval[string](t, p, `location.search`)
		for _, part := range []string{"place=Bad+Belzig", "km=15", "free=yes", "category=konzert", "view=list", "lang=en"} {
			if !strings.Contains(got, part) {
				t.Errorf("%s has no %s", got, part)
			}
		}
		if eval[bool](t, p, `document.querySelector('.map-frame:not([hidden])') !== null`) {
			t.Error("the map is back")
		}
	})

	t.Run("without a connection what is shown stays", func(t *testing.T) {
		p := start(t, "/?q=konzert")
		before := eval[string](t, p, `document.getElementById('results').innerText`)
		p.run(t, chromedp.Evaluate[chromedp.Void](`void (globalThis.online = fetch, globalThis.fetch = () => Promise.reject(new TypeError('Failed to fetch')))`), chromedp.Click(chromedp.CSS("#free")))
		p.settled(t, `document.querySelector('.notice[role=alert]')?.textContent.includes('keine Verbindung')`)
		if after := eval[string](t, p, `document.getElementById('results').innerText`); after != before {
			t.Errorf("it shows %q", after)
		}
		p.accessible(t)
		p.run(t, chromedp.Evaluate[chromedp.Void](`void (globalThis.fetch = globalThis.online)`), chromedp.Click(chromedp.CSS("#search button.primary")))
		p.settled(t, `location.search.includes('free=yes') && document.querySelector('.notice[role=alert]') === null`)
	})

	t.Run("the map by keyboard", func(t *testing.T) {
		p := start(t, "/?place=Bad+Belzig&km=20")
		p.await(t, `Number(document.getElementById('map').dataset.ready) > 0`)
		p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('button.marker').focus()`))
		for range 8 {
			if eval[bool](t, p, `document.querySelector('.maplibregl-popup') !== null`) {
				break
			}
			p.await(t, `document.activeElement.matches('button.marker')`)
			label := eval[string](t, p, `document.activeElement.getAttribute('aria-label')`)
			p.press(t, kb.Enter)
			p.await(t, `document.querySelector('.maplibregl-popup') !== null || document.activeElement.getAttribute('aria-label') !== '`+label+`'`)
		}
		p.await(t, `document.activeElement.closest('.maplibregl-popup a') !== null`)
		p.press(t, kb.Escape)
		p.await(t, `document.querySelector('.maplibregl-popup') === null && document.activeElement.matches('button.marker')`)
	})

	t.Run("a jump within a page reads nothing anew", func(t *testing.T) {
		p := start(t, "/?kind=TOUR")
		asked := eval[int](t, p, `performance.getEntriesByType('resource').filter((e) => e.name.includes('kind=TOUR') && !e.name.includes('/tiles/')).length`)
		p.press(t, kb.Tab, kb.Enter)
		p.await(t, `location.hash === '#main'`)
		time.Sleep(300 * time.Millisecond)
		if again := eval[int](t, p, `performance.getEntriesByType('resource').filter((e) => e.name.includes('kind=TOUR') && !e.name.includes('/tiles/')).length`); again != asked {
			t.Errorf("it was asked for %d times, then %d", asked, again)
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

	t.Run("shares an offering", func(t *testing.T) {
		p := openPage(t, browser)
		p.as(t, wide)
		p.before(t, `navigator.share = (what) => { globalThis.shared = what; return Promise.resolve(); }`)
		address := base + explorerPages(t, base)["event"]
		p.open(t, address)
		p.await(t, `document.querySelector('[data-share]')?.hidden === false`)
		p.run(t, chromedp.Click(chromedp.CSS("[data-share]")))
		p.await(t, `globalThis.shared?.url === '`+address+`'`)
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
		for name, path := range explorerPages(t, base) {
			for _, width := range []int64{640, 320} { // 1280 pixels at 200 %, and what reflow asks for (WCAG 1.4.10)
				p.as(t, screen{"zoom", width, 500, false})
				p.open(t, base+path)
				if eval[bool](t, p, `document.documentElement.scrollWidth > innerWidth`) {
					t.Errorf("%s must be scrolled to the side at %d pixels", name, width)
				}
			}
		}
	})

	t.Run("large letters and long words make no page wider", func(t *testing.T) {
		p := openPage(t, browser)
		p.run(t, chromedp.Evaluate[chromedp.Void](`0`))
		if _, err := chromedp.Call(p.ctx, cdppage.SetBypassCSP, cdppage.SetBypassCSPParams{Enabled: true}); err != nil { // for the reader's own style
			t.Fatal(err)
		}
		for name, path := range explorerPages(t, base) {
			p.as(t, screen{"phone", phoneWidth, phoneHeight, false})
			p.open(t, base+path)
			for what, script := range map[string]string{
				"letters of twice the size": `document.documentElement.style.fontSize = '200%'`,
				"long words": `document.documentElement.style.fontSize = '', document.querySelectorAll('h1, h3 a, .where, .over, .facts dd, .byline a, .chips a, .crumbs a, .members a, .umland-list a')
					.forEach((e) => e.append(' Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsanhang'))`,
			} {
				if wide := eval[string](t, p, `(`+script+`, document.documentElement.scrollWidth <= innerWidth ? '' : [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + '.' + e.className).slice(0, 8).join(' '))`); wide != "" {
					t.Errorf("%s is made wider by %s: %s", name, what, wide)
				}
			}
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
		several := embedder(t, `<!doctype html><html lang="de"><title>Gemeinde</title><h1>Gemeinde</h1><script src="`+base+`/embed.js" data-place="Bad Belzig" data-km="20" data-q="Konzert, Chor"></script>
			<script src="`+base+`/embed.js" data-kind="NICHTS"></script><script src="`+base+`/embed.js" data-region="gibtsnicht" data-lang="en"></script>`)
		s := openPage(t, browser)
		s.run(t, chromedp.Navigate(several))
		s.await(t, `[...document.querySelectorAll('.umland')].every((e) => e.shadowRoot.querySelector('.umland-embed'))`)
		if got := eval[[]string](t, s, `[...document.querySelectorAll('.umland')].map((e) => e.shadowRoot.textContent.trim())`); strings.HasPrefix(got[0], "0 ") || !strings.HasPrefix(got[1], "Diese Liste ist nicht richtig eingestellt.") || !strings.HasPrefix(got[2], "This list is not set up correctly.") {
			t.Errorf("they say %q", got)
		}
		framed := embedder(t, `<!doctype html><html lang="de"><title>Gemeinde</title><iframe title="Termine" src="`+base+`/embed?region=12069"></iframe>`)
		p.run(t, chromedp.Navigate(framed))
		p.await(t, `document.querySelector('iframe') !== null`)
		for _, view := range []string{"list", "calendar"} { // what the frame shows, by itself
			p.run(t, chromedp.Navigate(base+"/embed?region=12069&view="+view), chromedp.WaitVisible(chromedp.CSS(".umland-list li a")))
			if cookies := eval[string](t, p, `document.cookie`); cookies != "" {
				t.Errorf("cookies: %s", cookies)
			}
		}
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
	// All that another website loads to show a list: script and style, as they are.
	embed := len(get("/embed.js"))
	for _, m := range regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)"`).FindAllSubmatch(get("/embed"), -1) {
		embed += len(get(string(m[1])))
	}
	if embed < 1000 || embed > 15_000 {
		t.Errorf("what is embedded takes %d bytes", embed)
	}
}
