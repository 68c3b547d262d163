package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// calendar is a server of one calendar, which can be changed and slowed down.
type calendar struct {
	url string

	mu   sync.Mutex
	body string
	wait time.Duration
}

func newCalendar(t *testing.T) *calendar {
	t.Helper()
	c := &calendar{}
	listener, err := net.Listen("tcp", "127.0.0.9:0") // the one address that the program may read from
	if err != nil {
		t.Fatal(err)
	}
	srv := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.mu.Lock()
		body, wait := c.body, c.wait
		c.mu.Unlock()
		time.Sleep(wait)
		_, _ = fmt.Fprint(w, body)
	})}}
	srv.Start()
	t.Cleanup(srv.Close)
	c.url = srv.URL + "/kalender.ics"
	return c
}

// set makes the calendar have events: "uid|title|description".
func (c *calendar) set(wait time.Duration, events ...string) {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
	day := time.Now().AddDate(0, 1, 0)
	for i, e := range events {
		f := strings.SplitN(e+"||", "|", 4)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%s\r\nSUMMARY:%s\r\nDESCRIPTION:%s\r\n", f[0], f[1], f[2])
		if f[2] != "ohne Beginn" {
			fmt.Fprintf(&b, "DTSTART:%sT170000Z\r\n", day.AddDate(0, 0, i).Format("20060102"))
		}
		b.WriteString("END:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.body, c.wait = b.String(), wait
}

// look checks the state that a page is in: axe, whether it fits, what it asks and complains about; wide and light, then on a phone and dark.
// With UMLAND_SCREENSHOTS set, it leaves pictures.
func (p *page) look(t *testing.T, base, name string) {
	t.Helper()
	axe, err := os.ReadFile("../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	p.run(t, chromedp.Evaluate[chromedp.Void](string(axe)))
	screens := []screen{{"wide", 1440, 1000, false}, {"phone-dark", phoneWidth, phoneHeight, true}}
	for _, s := range screens {
		p.as(t, s)
		p.run(t, chromedp.Sleep(150*time.Millisecond)) // for colours that change slowly
		if eval[bool](t, p, `document.documentElement.scrollWidth > innerWidth`) {
			t.Errorf("%s is wider than the %s screen: %s", name, s.name, eval[string](t, p, `[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.subnav, .tabs')).map((e) => e.tagName + '.' + e.className).slice(0, 8).join(' ')`))
		}
		if pictures := os.Getenv("UMLAND_SCREENSHOTS"); pictures != "" {
			picture(t, p, filepath.Join(pictures, "redaktion-"+name+"-"+s.name+".png"))
		}
		findings := eval[json.RawMessage](t, p, `axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) =>
			r.violations.map((v) => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200) + ' ' + n.failureSummary).join('; ')))`)
		if string(findings) != "[]" {
			t.Errorf("axe in %s, %s: %s", name, s.name, findings)
		}
	}
	p.as(t, screens[0])
	if got := p.strangers(base); len(got) > 0 {
		t.Errorf("%s asked other hosts: %q", name, got)
	}
	if said := p.said(); len(said) > 0 {
		t.Errorf("%s complains: %q", name, said)
	}
}

// show scrolls to what a selector names, for the picture.
func (p *page) show(t *testing.T, selector string) {
	t.Helper()
	p.run(t, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).scrollIntoView({block: 'start'})`, selector)))
}

// send sends an operation as who is signed in on the page, and gives its data.
func send[T any](t *testing.T, p *page, query string, variables any) T {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	raw := eval[json.RawMessage](t, p, fmt.Sprintf(`fetch('/graphql', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: %q}).then((r) => r.json())`, body))
	var answer struct {
		Data   T
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(raw, &answer); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("%s: %v %s", query, err, raw)
	}
	return answer.Data
}

// contains fails the test unless the text has all of the parts.
func contains(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %q: %s", what, part, text)
		}
	}
}

// A clerk adds a calendar, sees what it would bring before anything is public, reads it, sees the difference of the next state, and decides what
// is to become of a calendar that has suddenly lost most of its dates. Then duplicates, school holidays, and the parts of the form that few need.
func TestEditorSources(t *testing.T) {
	monday := time.Now().AddDate(0, 0, 14)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, 1)
	}
	table := filepath.Join(t.TempDir(), "ferien.csv")
	if err := os.WriteFile(table, fmt.Appendf(nil, "state,name,from,to\nBB,Testferien,%s,%s\n", monday.AddDate(0, 0, 5).Format(time.DateOnly), monday.AddDate(0, 0, 16).Format(time.DateOnly)), 0o644); err != nil {
		t.Fatal(err)
	}
	base := bootAfter(t, []string{"holidays", table}, "UMLAND_HARVEST_ALLOW=127.0.0.9/32")
	browser := startBrowser(t)
	t.Run("sources", func(t *testing.T) { clerkHarvests(t, enter(t, browser, base, "rathaus"), base) })
	t.Run("duplicates", func(t *testing.T) { clerkMerges(t, enter(t, browser, base, "rathaus"), base) })
	t.Run("holidays", func(t *testing.T) { clerkSparesHolidays(t, enter(t, browser, base, "rathaus"), base, monday) })
	t.Run("form", func(t *testing.T) { clerkFillsAll(t, enter(t, browser, base, "rathaus"), base) })
	t.Run("nothing is lost", func(t *testing.T) { formKeepsAll(t, enter(t, browser, base, "rathaus"), base) })
}

func clerkHarvests(t *testing.T, p *page, base string) {
	feed := newCalendar(t)
	var events []string
	for i, title := range []string{"Quellprobe Lesung", "Quellprobe Blutspende", "Quellprobe Chor", "Quellprobe Skat", "Quellprobe Yoga", "Quellprobe Vortrag", "Quellprobe Film", "Quellprobe Markt"} {
		events = append(events, fmt.Sprintf("uid-%d|%s|Wie jedes Jahr", i, title))
	}
	feed.set(2*time.Second, append(events, "uid-x|Quellprobe kaputt|ohne Beginn")...)
	public := func() int {
		return question[struct{ Offerings struct{ TotalCount int } }](t, base, `{ offerings(filter: {search: "Quellprobe"}) { totalCount } }`).Offerings.TotalCount
	}
	p.view(t, base+"/redaktion/quellen")
	contains(t, "the empty list", p.text(t, "main"), "Noch keine Quelle.")
	p.look(t, base, "sources-empty")
	p.click(t, "Quelle hinzufügen")
	p.await(t, `location.pathname === '/redaktion/quellen/neu'`)
	p.click(t, "Speichern und ausprobieren")
	p.await(t, `document.activeElement?.id === 'faults'`)
	p.look(t, base, "source-new")
	p.fill(t, "Adresse", feed.url)
	p.fill(t, "Name", "Stadtkalender")
	p.click(t, "Speichern und ausprobieren")
	p.await(t, `document.querySelector('.progress progress') !== null`)
	p.look(t, base, "source-running")
	p.await(t, `document.querySelector('#result')?.textContent === 'Was der Probelauf ergibt'`)
	contains(t, "the trial", p.text(t, ".result"), "8 neu", "1 nicht lesbar", "8 kämen neu dazu", "Quellprobe Lesung", "hat keinen Beginn")
	if n := public(); n != 0 {
		t.Fatalf("after the trial %d are public", n)
	}
	p.click(t, "Was darin steht: Quellprobe Lesung")
	contains(t, "what is new", p.text(t, ".change-new"), "Wie jedes Jahr")
	p.look(t, base, "source-trial")
	p.click(t, "So einlesen, ab jetzt von selbst")
	p.await(t, `document.querySelector('#result')?.textContent === 'Was der Abruf ergab' && document.querySelector('.view-lead .state').textContent === 'in Ordnung'`)
	if n := public(); n != 8 {
		t.Errorf("after reading %d are public", n)
	}

	// The next state of the calendar: one is called otherwise, one is gone, one is new.
	next := append([]string{"uid-0|Quellprobe Lesung|Diesmal im Saal"}, events[1:7]...)
	feed.set(0, append(next, "uid-9|Quellprobe Tanz|Neu im Programm")...)
	p.tabTo(t, "Probelauf") // all of it goes by keyboard, too
	p.press(t, kb.Enter)
	p.await(t, `document.querySelector('#result')?.textContent === 'Was der Probelauf ergibt'`)
	p.click(t, "Was sich ändert: Quellprobe Lesung")
	contains(t, "the difference", p.text(t, ".result"), "Eines würde verschwinden", "Quellprobe Markt", "Eines würde sich ändern", "Wie jedes Jahr", "Diesmal im Saal", "Eines käme neu dazu", "Quellprobe Tanz")
	p.look(t, base, "source-difference")
	if got := question[struct{ Offerings struct{ TotalCount int } }](t, base, `{ offerings(filter: {search: "Quellprobe Tanz"}) { totalCount } }`); got.Offerings.TotalCount != 0 {
		t.Error("the trial has changed something")
	}
	p.click(t, "So einlesen")
	p.await(t, `document.querySelector('#result')?.textContent === 'Was der Abruf ergab'`)

	// Most of it is gone: somebody must decide. First it is a mistake, then it is meant.
	feed.set(0, next[0])
	p.click(t, "Jetzt abrufen")
	p.await(t, `document.querySelector('.quarantine') !== null`)
	contains(t, "the quarantine", p.text(t, ".quarantine"), "7 Angebote würden aus der Öffentlichkeit verschwinden", "Quellprobe Yoga", "Alles bleibt öffentlich")
	p.look(t, base, "source-quarantine")
	p.view(t, base+"/redaktion/quellen")
	contains(t, "the list", p.text(t, ".sources"), "Stadtkalender", "braucht eine Entscheidung", "7 von 8 Einträgen fehlen auf einmal", "Bad Belzig", feed.url)
	p.look(t, base, "sources")
	p.click(t, "Stadtkalender")
	p.await(t, control("Nein, alles behalten")+` !== null`)
	p.tabTo(t, "Nein, alles behalten")
	p.press(t, kb.Enter)
	p.await(t, `document.querySelector('.quarantine') === null && document.querySelector('.view-lead .state').textContent === 'Fehler'`)
	if n := public(); n != 8 {
		t.Errorf("after rejecting %d are public", n)
	}
	p.click(t, "Jetzt abrufen")
	p.click(t, "Ja, 7 zurückziehen")
	p.await(t, `document.querySelector('.quarantine') === null && document.querySelector('.view-lead .state').textContent === 'in Ordnung'`)
	if n := public(); n != 1 {
		t.Errorf("after accepting %d are public", n)
	}
	p.click(t, "Läufe")
	p.await(t, `document.querySelectorAll('.history > li').length >= 6`)
	contains(t, "the runs", p.text(t, ".history"), "Probelauf", "angehalten", "Abgelehnt", "Übernommen", "8 neu")
	p.run(t, chromedp.Evaluate[chromedp.Void](`for (const d of document.querySelectorAll('.history details')) d.open = true`))
	contains(t, "the oldest run", p.text(t, ".history > li:last-child"), "hat keinen Beginn", "Quellprobe Lesung")
	p.look(t, base, "source-runs")
	p.click(t, "Einstellungen")
	p.fill(t, "Name", "Kalender der Stadt")
	p.look(t, base, "source-settings")
	p.click(t, "Speichern")
	p.await(t, `document.querySelector('.view h1').textContent === 'Kalender der Stadt'`)
	p.click(t, "Pausieren")
	p.await(t, `document.querySelector('.view-lead .state').textContent === 'pausiert'`)
	p.click(t, "Weiterlesen")
	p.await(t, `document.querySelector('.view-lead .state').textContent === 'in Ordnung'`)
	p.click(t, "Löschen")
	p.click(t, "Quelle löschen")
	p.await(t, `location.pathname === '/redaktion/quellen' && document.querySelector('.sources')?.children.length === 0`)
	if n := public(); n != 0 {
		t.Errorf("after deleting %d are public", n)
	}
}

func clerkMerges(t *testing.T, p *page, base string) {
	found := question[struct {
		Providers struct{ Nodes []struct{ ID string } }
	}](t, base, `{ providers(municipality: "12069020", first: 2) { nodes { id } } }`).Providers.Nodes
	save := func(provider, title, more string) string {
		day := time.Now().AddDate(0, 0, 30+len(title)).Format(time.DateOnly) + "T16:00:00Z" // those of one title are on one day

		return send[struct {
			SaveOffering struct{ Offering struct{ ID string } }
		}](t, p, `mutation($in: OfferingInput!) { saveOffering(input: $in) { offering { id } } }`, map[string]any{"in": map[string]any{
			"kind": "EVENT", "provider": provider, "title": title, "summary": more, "schedule": map[string]any{"start": day}, "place": map[string]any{"name": "Marienkirche", "locality": "Bad Belzig"}}}).SaveOffering.Offering.ID
	}
	one, two := save(found[0].ID, "Doppelprobe Adventskonzert", "Chöre der Stadt"), save(found[1].ID, "Doppelprobe Adventskonzert", "Mit dem Kirchenchor")
	status := func(id string) string {
		o := send[struct {
			Offering struct{ Status string }
		}](t, p, `query($id: ID!) { offering(id: $id) { status } }`, map[string]any{"id": id})
		return o.Offering.Status
	}
	card := `[...document.querySelectorAll('.pairs > li')].find((l) => l.textContent.includes('Doppelprobe'))`
	p.view(t, base+"/redaktion/doppelt")
	p.await(t, card+` !== undefined`)
	contains(t, "the pair", eval[string](t, p, card+`.innerText`), "Chöre der Stadt", "Mit dem Kirchenchor", "Marienkirche", "%", "Wie sicher")
	p.click(t, "Was dafür spricht: Doppelprobe")
	contains(t, "the reasons", eval[string](t, p, card+`.querySelector('.reasons').innerText`), "Titel", "Zeit", "Ort")
	p.look(t, base, "duplicates")
	p.tabTo(t, "Dasselbe: zusammenführen: Doppelprobe")
	p.press(t, kb.Enter)
	p.await(t, `document.querySelector('.pairs .message.good') !== null`)
	merged := status(one) + status(two)
	if merged != "PUBLISHEDWITHDRAWN" && merged != "WITHDRAWNPUBLISHED" {
		t.Errorf("after merging they are %s", merged)
	}
	p.look(t, base, "duplicates-merged")
	p.click(t, "Rückgängig: Doppelprobe")
	p.await(t, `document.querySelector('.pairs .message.good')?.textContent.includes('Wieder getrennt')`)
	if status(one) != "PUBLISHED" || status(two) != "PUBLISHED" {
		t.Error("the undo has not brought back both")
	}
	p.view(t, base+"/redaktion/doppelt")
	if eval[bool](t, p, card+` !== undefined`) {
		t.Error("what was split is suspected again")
	}

	// From the pages of the offerings, too.
	send[any](t, p, `mutation($id: ID!, $others: [ID!]!) { mergeOfferings(id: $id, others: $others) { userErrors { message } } }`, map[string]any{"id": one, "others": []string{two}})
	p.view(t, base+"/redaktion/angebot/"+two)
	contains(t, "the merged one", p.text(t, "main"), "mit einem anderen zusammengeführt")
	p.click(t, "Zum anderen Angebot")
	p.await(t, `location.pathname.endsWith('`+one+`') && document.querySelector('.merged') !== null`)
	p.click(t, "Zusammengeführt aus 2 Angeboten")
	p.look(t, base, "offering-merged")
	p.click(t, "Wieder trennen: Doppelprobe")
	p.await(t, `document.querySelector('.merged') === null && document.querySelector('.sheet') !== null`)
	if status(two) != "PUBLISHED" {
		t.Error("it was not split")
	}

	// Another pair is kept apart.
	save(found[0].ID, "Trennprobe Orgelabend", "")
	save(found[1].ID, "Trennprobe Orgelabend", "mit Gästen")
	p.view(t, base+"/redaktion/doppelt")
	p.click(t, "Sind verschieden: Trennprobe")
	p.await(t, `document.querySelector('.pairs .message.good')?.textContent.includes('zwei verschiedene')`)
	p.view(t, base+"/redaktion/doppelt")
	if strings.Contains(p.text(t, ".pairs"), "Trennprobe") {
		t.Error("what is different is suspected again")
	}
}

func clerkSparesHolidays(t *testing.T, p *page, base string, monday time.Time) {
	p.view(t, base+"/redaktion/neu?art=activity")
	choose(t, p, "Wer bietet es an?", 1)
	p.fill(t, "Titel", "Ferienprobe Flöte")
	p.click(t, "jede Woche")
	p.click(t, "Montag")
	p.fill(t, "Ab wann?", monday.Format(time.DateOnly))
	p.fill(t, "Beginn", "16:00")
	p.click(t, "nicht in den Schulferien (Brandenburg)")
	p.await(t, `document.querySelector('#school')?.innerText.includes('2 Termine fallen aus (Testferien)')`)
	if n := eval[int](t, p, `document.querySelectorAll('.tickets li:nth-child(-n+4) input:not(:checked)').length`); n != 2 {
		t.Errorf("%d of the first four dates are left out", n)
	}
	p.show(t, "#school")
	p.look(t, base, "holidays")
	// On Tuesdays it is other dates; by hand one takes place all the same.
	p.click(t, "Montag")
	p.click(t, "Dienstag")
	p.await(t, `document.querySelector('.tickets li:nth-child(2) label')?.textContent.startsWith('Di.') && !document.querySelector('.tickets li:nth-child(2) input').checked && document.querySelector('.tickets li:nth-child(2)').textContent.includes('Testferien')`)
	p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('.tickets li:nth-child(3) input').click()`))
	p.await(t, `document.querySelector('#school').innerText.includes('Ein Termin fällt aus')`)
	p.click(t, "Als Entwurf speichern")
	p.await(t, `location.pathname.startsWith('/redaktion/angebot/')`)
	got := send[struct {
		Offering struct {
			Schedule struct{ Exclude, Dates []string }
		}
	}](t, p, `query($id: ID!) { offering(id: $id) { schedule { exclude dates(first: 3) } } }`, map[string]any{"id": strings.TrimPrefix(eval[string](t, p, `location.pathname`), "/redaktion/angebot/")}).Offering.Schedule
	tuesday := monday.AddDate(0, 0, 1)
	day := func(weeks int) string { return tuesday.AddDate(0, 0, 7*weeks).Format(time.DateOnly) + "T16:00" }
	if len(got.Exclude) != 1 || !strings.HasPrefix(got.Exclude[0], day(1)) || len(got.Dates) != 3 || !strings.HasPrefix(got.Dates[0], day(0)) || !strings.HasPrefix(got.Dates[1], day(2)) || !strings.HasPrefix(got.Dates[2], day(3)) {
		t.Errorf("it takes place at %q, and not at %q", got.Dates, got.Exclude)
	}
}

// choose chooses the option of a select by its position.
func choose(t *testing.T, p *page, label string, option int) {
	t.Helper()
	p.await(t, fmt.Sprintf(`%s?.options.length > %d`, control(label), option))
	p.run(t, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => { const s = %s; s.selectedIndex = %d; s.dispatchEvent(new Event('change', {bubbles: true})); })()`, control(label), option)))
}

func clerkFillsAll(t *testing.T, p *page, base string) {
	p.view(t, base+"/redaktion/neu?art=service")
	choose(t, p, "Wer bietet es an?", 1)
	p.fill(t, "Titel", "Formprobe Beratung")
	p.fill(t, "Gemeinde hinzufügen", "Brück")
	p.click(t, "Brück (")
	p.click(t, "Polnisch")
	p.click(t, "Leichte Sprache und Übersetzungen")
	choose(t, p, "Weitere Sprache", 2)
	p.click(t, "Übersetzung hinzufügen")
	p.click(t, "Lizenz und eigene Nummer")
	choose(t, p, "Unter welcher Lizenz", 2)
	p.fill(t, "Eigene Nummer", "B-7")
	p.click(t, "Als Entwurf speichern")
	p.await(t, `document.activeElement?.id === 'faults' && document.activeElement.textContent.includes('auch in dieser Sprache')`)
	p.fill(t, "Titel (Leichte Sprache)", "Wir helfen Ihnen")
	p.fill(t, "Beschreibung (Leichte Sprache)", "Wir sprechen mit Ihnen.")
	p.show(t, "[data-path='serviceArea']")
	p.look(t, base, "form-service")
	p.show(t, "[data-path='translations.0.title']")
	p.look(t, base, "form-translations")
	p.click(t, "Als Entwurf speichern")
	p.await(t, `location.pathname.startsWith('/redaktion/angebot/')`)
	got, err := json.Marshal(send[map[string]any](t, p, `query($id: ID!) { offering(id: $id) { languages serviceArea { name } translations { locale title description } provenance { licence externalId } } }`,
		map[string]any{"id": strings.TrimPrefix(eval[string](t, p, `location.pathname`), "/redaktion/angebot/")}))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"offering":{"languages":["pl"],"provenance":{"externalId":"B-7","licence":"CC-BY-4.0"},"serviceArea":[{"name":"Brück"}],"translations":[{"description":"Wir sprechen mit Ihnen.","locale":"de-simple","title":"Wir helfen Ihnen"}]}}`; string(got) != want {
		t.Errorf("saved is %s", got)
	}

	// A way out of a file, then one more point by the keyboard's way.
	file := filepath.Join(t.TempDir(), "weg.gpx")
	gpx := `<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg><trkpt lat="52.14" lon="12.59"/><trkpt lat="52.15" lon="12.60"/><trkpt lat="52.16" lon="12.58"/></trkseg></trk></gpx>`
	if err := os.WriteFile(file, []byte(gpx), 0o644); err != nil {
		t.Fatal(err)
	}
	p.view(t, base+"/redaktion/neu?art=tour")
	choose(t, p, "Wer bietet es an?", 1)
	p.fill(t, "Titel", "Formprobe Weg")
	p.run(t, chromedp.SetUploadFiles("#gpx-file", []string{file}))
	p.await(t, `document.querySelector('.line-editor .said').innerText.startsWith('3 Punkte, 3')`)
	if got := eval[string](t, p, control("Länge in Kilometern")+`.value`); !strings.HasPrefix(got, "3,") {
		t.Errorf("the length is taken for %q", got)
	}
	p.click(t, "Auf der Karte zeichnen")
	p.await(t, `document.querySelector('.line-editor canvas') !== null`)
	p.click(t, "Punkt in der Kartenmitte setzen")
	p.await(t, `document.querySelector('.line-editor .said').innerText.startsWith('4 Punkte')`)
	p.show(t, ".line-editor")
	p.run(t, chromedp.Sleep(300*time.Millisecond)) // the map draws
	p.look(t, base, "form-tour")
	p.click(t, "Letzten Punkt zurücknehmen")
	p.click(t, "Als Entwurf speichern")
	p.await(t, `location.pathname.startsWith('/redaktion/angebot/')`)
	tour := send[struct {
		Offering struct{ Details struct{ Line [][]float64 } }
	}](t, p, `query($id: ID!) { offering(id: $id) { details { ... on TourDetails { line } } } }`, map[string]any{"id": strings.TrimPrefix(eval[string](t, p, `location.pathname`), "/redaktion/angebot/")})
	if got := fmt.Sprint(tour.Offering.Details.Line); got != "[[12.59 52.14] [12.6 52.15] [12.58 52.16]]" {
		t.Errorf("the way is %s", got)
	}
}

// What the form does not show, or shows otherwise, is as it was after a save that changes the title alone.
func formKeepsAll(t *testing.T, p *page, base string) {
	provider := question[struct {
		Providers struct{ Nodes []struct{ ID string } }
	}](t, base, `{ providers(municipality: "12069020", first: 1) { nodes { id } } }`).Providers.Nodes[0].ID
	full := func(kind string, more map[string]any) map[string]any {
		in := map[string]any{
			"kind": kind, "title": "Haltprobe " + kind, "provider": provider, "summary": "Kurz", "description": "<p>Mit <strong>Nachdruck</strong> und <a href=\"https://example.org/\">Link</a></p>",
			"place":      map[string]any{"name": "Haltprobe", "street": "Am Markt 1", "postalCode": "14806", "locality": "Bad Belzig", "longitude": 12.5912345, "latitude": 52.1412345},
			"categories": []string{"konzert"}, "audiences": []string{"FAMILIES"}, "wheelchair": "PARTLY", "languages": []string{"de", "sv"}, "price": map[string]any{"free": false, "fromCents": 350, "note": "Spende"},
			"contact": map[string]any{"name": "A", "email": "a@example.org", "phone": "033841 1"}, "links": []any{map[string]any{"url": "https://example.org/a", "title": "Seite"}},
			"images": []any{map[string]any{"url": "https://example.org/b.jpg", "alt": "Bild", "credit": "B", "licence": "CC-BY-SA-4.0"}}, "openingHours": "Apr-Oct Mo 08:00-12:00; PH off", "online": true,
			"schedule":    map[string]any{"start": "2030-01-07T19:00:00+01:00", "end": "2030-01-07T20:30:00+01:00", "rrule": "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "include": []string{"2030-03-20T18:00:00+01:00"}},
			"serviceArea": []string{"12069020", "12069076"}, "licence": "https://example.org/lizenz", "expiresAt": "2031-01-01T00:00:30+01:00", "externalId": "halt-" + kind,
			"translations": []any{map[string]any{"locale": "sv", "title": "Titel", "summary": "Kort", "description": "Lång"}}}
		for k, v := range more {
			in[k] = v
		}
		return in
	}
	registration := map[string]any{"required": true, "url": "https://example.org/c", "until": "2030-01-01T12:00:30+01:00", "note": "Bitte früh"}
	const all = `query($id: ID!) { offering(id: $id) { kind summary description(format: HTML) provider { id } place { id name address { street postalCode locality } longitude latitude } serviceArea { ags }
		categories { slug } audiences wheelchair languages price { free fromCents toCents note } contact { name email phone } links { url title } images { url alt credit licence } openingHours { osm }
		schedule { start end allDay timeZone rrule exclude include } online details { ... on ServiceDetails { leika channels onlineService requirements } ... on FacilityDetails { rentable features }
		... on EventDetails { capacity registration { required url until note } } ... on ActivityDetails { capacity trial registration { required url until note } }
		... on TourDetails { means lengthKm ascentM minutes loop line } ... on VolunteeringDetails { task hoursPerMonth skills } } status provenance { externalId licence }
		translations { locale title summary description machine } editorial { publishAt expiresAt } } }`
	for kind, member := range map[string]map[string]any{
		"SERVICE":  {"service": map[string]any{"leika": "99010001001000", "channels": []string{"ON_SITE"}, "onlineService": "https://example.org/d", "requirements": "Ausweis"}},
		"ACTIVITY": {"activity": map[string]any{"capacity": 12, "trial": true, "registration": registration}},
		"TOUR":     {"tour": map[string]any{"means": "CYCLING", "lengthKm": 12.345, "ascentM": 40, "minutes": 90, "loop": true, "line": [][]float64{{12.5912345, 52.1412345}, {12.6, 52.15}}}},
	} {
		saved := send[struct {
			SaveOffering struct {
				Offering   struct{ ID string }
				UserErrors []struct{ Message string }
			}
		}](t, p, `mutation($in: OfferingInput!) { saveOffering(input: $in) { offering { id } userErrors { message } } }`, map[string]any{"in": full(kind, member)}).SaveOffering
		if len(saved.UserErrors) > 0 {
			t.Fatalf("%s: %v", kind, saved.UserErrors)
		}
		id := saved.Offering.ID
		state := func() string {
			b, err := json.Marshal(send[any](t, p, all, map[string]any{"id": id}))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		before := state()
		p.view(t, base+"/redaktion/angebot/"+id)
		p.fill(t, "Titel", "Haltprobe anders "+kind)
		p.click(t, "Speichern")
		p.await(t, `document.querySelector('.view h1').textContent === 'Haltprobe anders `+kind+`'`)
		if after := state(); after != before {
			t.Errorf("%s was\n%s\nand is\n%s", kind, before, after)
		}
	}
}
