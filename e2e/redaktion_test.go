package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/quotedprintable"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// enter signs in to the demo as one of its people, by the button that everybody sees.
func enter(t *testing.T, browser context.Context, base, who string) *page {
	t.Helper()
	p := openPage(t, browser)
	p.open(t, base+"/redaktion")
	p.await(t, `document.querySelector('[data-demo]') !== null`)
	p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-demo=`+who+`]').click()`))
	p.await(t, `document.querySelector('.subnav') !== null && document.querySelector('.view h1')?.textContent === 'Meine Angebote'`)
	return p
}

// view opens a view of the editor and waits until it shows what it asked for.
func (p *page) view(t *testing.T, url string) {
	t.Helper()
	p.open(t, url)
	p.shown(t)
}

func (p *page) shown(t *testing.T) {
	t.Helper()
	p.await(t, `document.querySelector('.view h1') !== null && ![...document.querySelectorAll('.view [role=status]')].some((e) => e.textContent.startsWith('Wird geladen') || e.textContent.startsWith('Loading'))`)
}

// control is the script of the field with a label, or of the button or link with a text.
func control(label string) string {
	return fmt.Sprintf(`((name) => {
		const text = (e) => e.textContent.replace(/\s+/g, ' ').trim();
		const shows = (e) => e.checkVisibility?.() ?? true;
		for (const l of document.querySelectorAll('label')) if (text(l).startsWith(name) && shows(l)) return l.control;
		for (const b of document.querySelectorAll('dialog[open] button, button, a, summary')) if (text(b).startsWith(name) && shows(b)) return b;
		return null;
	})(%q)`, label)
}

func (p *page) click(t *testing.T, label string) {
	t.Helper()
	p.await(t, `(() => { const c = `+control(label)+`; return c !== null && !c.disabled })()`)
	p.run(t, chromedp.Evaluate[chromedp.Void](control(label)+`.click()`))
}

func (p *page) fill(t *testing.T, label, value string) {
	t.Helper()
	p.await(t, control(label)+` !== null`)
	p.run(t, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
		const f = %s;
		Object.getOwnPropertyDescriptor(Object.getPrototypeOf(f), 'value').set.call(f, %q);
		f.dispatchEvent(new Event('input', {bubbles: true}));
	})()`, control(label), value)))
}

// arrive waits until the script expression is true on the page that a step leads to; in between there is none to ask.
func (p *page) arrive(t *testing.T, script string) {
	t.Helper()
	for range 100 {
		if there, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](script)); err == nil && there {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("waited for %s; the page said %q", script, p.said())
}

// tabTo presses the tabulator until the field, button or link has the focus.
func (p *page) tabTo(t *testing.T, label string) {
	t.Helper()
	for range 150 {
		if eval[bool](t, p, `document.activeElement === `+control(label)) {
			return
		}
		p.press(t, kb.Tab)
	}
	t.Fatalf("the tabulator does not lead to %q; the focus is on %s", label, eval[string](t, p, `document.activeElement.outerHTML.slice(0, 300)`))
}

func (p *page) text(t *testing.T, selector string) string {
	t.Helper()
	return eval[string](t, p, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ''`, selector))
}

// A club posts a monthly series with nothing but the keyboard, the clerk approves it, and the public sees it.
func TestEditorSeries(t *testing.T) {
	base := boot(t)
	browser := startBrowser(t)
	word := rand.Text()[:8] // so that a server that runs already can be tested twice
	title := "Spieleabend " + word
	club := openPage(t, browser)
	club.open(t, base+"/redaktion")
	club.await(t, `document.querySelector('[data-demo]') !== null`)
	club.tabTo(t, "Als Heimatverein Bad Belzig e. V. ausprobieren")
	club.press(t, kb.Enter)
	club.await(t, `document.querySelector('.subnav') !== null`)
	club.shown(t)
	club.tabTo(t, "Neues Angebot")
	club.press(t, kb.Enter)
	club.await(t, `location.pathname === '/redaktion/neu'`)
	club.tabTo(t, "Regelmäßige Gruppe")
	club.press(t, kb.Enter)
	club.await(t, `document.querySelector('.sheet') !== null`)

	// What is missing is told at the field, and the list of faults leads there.
	club.tabTo(t, "Einreichen")
	club.press(t, kb.Enter)
	club.await(t, `document.activeElement?.id === 'faults'`)
	if got := club.text(t, "#faults"); !strings.Contains(got, "Titel: Bitte geben Sie einen Titel ein.") {
		t.Errorf("the faults are %q", got)
	}
	club.press(t, kb.Tab, kb.Enter)
	club.await(t, `document.activeElement === `+control("Titel"))
	club.run(t, chromedp.KeyEvent(title))

	club.tabTo(t, "jede Woche")
	club.press(t, kb.ArrowRight)
	club.await(t, control("jeden Monat, an einem Wochentag")+`.checked`)
	club.tabTo(t, "2.")
	club.press(t, " ")
	club.tabTo(t, "Montag")
	club.press(t, " ")
	club.tabTo(t, "Ab wann?")
	club.run(t, chromedp.KeyEvent(eval[string](t, club, `new Intl.DateTimeFormat(navigator.language).format(new Date(2030, 0, 2)).startsWith('1') ? '11012030' : '01112030'`)))
	if got := eval[string](t, club, control("Ab wann?")+`.value`); got != "2030-11-01" {
		t.Fatalf("typing a date gives %q", got)
	}
	club.tabTo(t, "Beginn")
	club.run(t, chromedp.KeyEvent(eval[string](t, club, `new Intl.DateTimeFormat(navigator.language, {hour: 'numeric'}).resolvedOptions().hour12 ? '0700PM' : '1900'`)))
	if got := eval[string](t, club, control("Beginn")+`.value`); got != "19:00" {
		t.Fatalf("typing a time gives %q", got)
	}
	if got := club.text(t, "#school"); !strings.Contains(got, "Für Brandenburg sind auf diesem Server keine Schulferien hinterlegt.") {
		t.Errorf("without school holidays the form says %q", got)
	}
	// Not in December 2030: the second date is taken out of the list.
	club.tabTo(t, "Mo., 9. Dezember 2030, 19:00 Uhr")
	club.press(t, " ")
	club.await(t, `document.querySelector('.said')?.innerText.includes('jeden 2. Montag im Monat')`)
	if got := club.text(t, ".preview-card"); !strings.Contains(got, title) || !strings.Contains(got, "jeden 2. Montag im Monat") {
		t.Errorf("the preview says %q", got)
	}
	club.tabTo(t, "Name des Ortes")
	club.run(t, chromedp.KeyEvent("Heimathaus"))
	club.tabTo(t, "nicht bekannt") // a group is entered at the one that is chosen
	club.press(t, kb.ArrowLeft, kb.ArrowLeft)
	club.await(t, control("teilweise")+`.checked`)
	club.tabTo(t, "Einreichen")
	club.press(t, kb.Enter)
	club.await(t, `location.pathname.startsWith('/redaktion/angebot/') && document.querySelector('.message.good') !== null`)
	if got := club.text(t, "main"); !strings.Contains(got, "Eingereicht. Die Gemeinde prüft es jetzt.") || !strings.Contains(got, "In Prüfung") {
		t.Errorf("after submitting: %q", got)
	}
	id := strings.TrimPrefix(eval[string](t, club, `location.pathname`), "/redaktion/angebot/")

	public := openPage(t, browser)
	public.open(t, base+"/?q="+word)
	if strings.Contains(public.text(t, "main"), title) {
		t.Error("the public sees what is in review")
	}
	clerk := enter(t, browser, base, "rathaus")
	clerk.view(t, base+"/redaktion/pruefen")
	clerk.click(t, title)
	clerk.await(t, `document.querySelector('.differences') !== null`)
	if got := clerk.text(t, "main"); !strings.Contains(got, "jeden 2. Montag im Monat") || !strings.Contains(got, "eingereicht von Heimatverein") {
		t.Errorf("the review says %q", got)
	}
	clerk.click(t, "Zurückgeben")
	clerk.await(t, `document.querySelector('.fault')?.textContent.includes('was noch fehlt')`)
	clerk.click(t, "Freigeben")
	clerk.await(t, `document.querySelector('.message.good')?.textContent.includes('ist freigegeben')`)

	public.open(t, base+"/?kind=ACTIVITY&q="+word) // not the address from before, which browsers keep for a minute
	if got := public.text(t, "main"); !strings.Contains(got, title) {
		t.Errorf("the public sees %q", got)
	}
	public.open(t, base+"/angebot/"+id)
	if got := public.text(t, "main"); !strings.Contains(got, "eden 2. Montag im Monat") {
		t.Errorf("the public page says %q", got)
	}
	dates := question[struct {
		Offering struct {
			Wheelchair  string
			Occurrences struct{ Nodes []struct{ Start string } }
			Schedule    struct{ Dates []string }
		}
	}](t, base, `{ offering(id: "`+id+`") { wheelchair schedule { dates(first: 3) } } }`)
	if got := strings.Join(dates.Offering.Schedule.Dates, " "); got != "2030-11-11T19:00:00+01:00 2031-01-13T19:00:00+01:00 2031-02-10T19:00:00+01:00" || dates.Offering.Wheelchair != "PARTLY" {
		t.Errorf("its dates are %s, wheelchair %s", got, dates.Offering.Wheelchair)
	}
	for _, p := range []*page{club, clerk, public} {
		if got := p.strangers(base); len(got) > 0 {
			t.Errorf("asked other hosts: %q", got)
		}
		if said := p.said(); len(said) > 0 {
			t.Errorf("complains: %q", said)
		}
	}
}

// Two people change the same offering: the second sees both, chooses, and nothing is lost. Then an earlier state is restored.
func TestEditorConflict(t *testing.T) {
	base := boot(t)
	browser := startBrowser(t)
	found := question[struct {
		Offerings struct{ Nodes []struct{ ID, Title string } }
	}](t, base, `{ offerings(filter: {municipalities: ["12069020"], kinds: [VOLUNTEERING]}, first: 1) { nodes { id title } } }`)
	id, was := found.Offerings.Nodes[0].ID, found.Offerings.Nodes[0].Title
	one, two := enter(t, browser, base, "rathaus"), enter(t, browser, base, "rathaus")
	for _, p := range []*page{one, two} {
		p.view(t, base+"/redaktion/angebot/"+id)
		p.await(t, `document.querySelector('.sheet') !== null`)
	}
	one.fill(t, "Titel", "Titel des einen")
	one.fill(t, "Hinweis zum Preis", "Spende willkommen")
	one.click(t, "Speichern")
	one.await(t, `document.querySelector('.view h1').textContent === 'Titel des einen'`)

	two.fill(t, "Titel", "Titel des anderen")
	two.fill(t, "Kurztext", "Kurztext des anderen")
	two.click(t, "Speichern")
	two.await(t, `document.querySelector('dialog[open] #conflict') !== null`)
	got := two.text(t, "#conflict")
	for _, want := range []string{was, "Titel des einen", "Titel des anderen", "Spende willkommen", "Kurztext des anderen"} {
		if !strings.Contains(got, want) {
			t.Errorf("the conflict does not show %q: %s", want, got)
		}
	}
	two.run(t, chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('#conflict label')].find((l) => l.textContent.includes('Titel des einen')).click()`))
	two.click(t, "So speichern")
	two.await(t, `document.querySelector('dialog[open]') === null && document.querySelector('.view h1').textContent === 'Titel des einen'`)
	now := func() string {
		o := question[struct {
			Offering struct {
				Title, Summary string
				Price          struct{ Note string }
			}
		}](t, base, `{ offering(id: "`+id+`") { title summary price { note } } }`).Offering
		return o.Title + "|" + o.Summary + "|" + o.Price.Note
	}
	if got := now(); got != "Titel des einen|Kurztext des anderen|Spende willkommen" {
		t.Errorf("after the conflict: %s", got)
	}

	// Who has changed something else only takes over the other's title.
	one.view(t, base+"/redaktion/angebot/"+id)
	one.fill(t, "Titel", "Noch ein Titel")
	one.click(t, "Speichern")
	one.await(t, `document.querySelector('.view h1').textContent === 'Noch ein Titel'`)
	two.fill(t, "Kurztext", "Noch ein Kurztext")
	two.click(t, "Speichern")
	two.await(t, `document.querySelector('dialog[open] #conflict') !== null && document.querySelectorAll('#conflict input').length === 2`)
	two.click(t, "So speichern")
	two.await(t, `document.querySelector('dialog[open]') === null && document.querySelector('.view h1').textContent === 'Noch ein Titel'`)
	if got := now(); got != "Noch ein Titel|Noch ein Kurztext|Spende willkommen" {
		t.Errorf("after the second conflict: %s", got)
	}

	two.view(t, base+"/redaktion/angebot/"+id+"?ansicht=verlauf")
	two.await(t, `document.querySelectorAll('.history > li').length >= 3`)
	two.run(t, chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('.history button')].at(-1).click()`))
	two.await(t, `document.querySelector('.view h1').textContent === `+fmt.Sprintf("%q", was))
	if got := now(); !strings.HasPrefix(got, was+"|") {
		t.Errorf("after restoring: %s", got)
	}
}

// A table with a fault in line 7 is checked before anything is saved; the rest is saved.
func TestEditorImport(t *testing.T) {
	base := boot(t)
	browser := startBrowser(t)
	file := filepath.Join(t.TempDir(), "termine.csv")
	table := "Titel;Datum;Uhrzeit;Veranstaltungsort;Eintritt\r\n" +
		"CSV-Abend eins;14.12.2030;19:00;Heimathaus;frei\r\n" +
		"CSV-Abend zwei;15.12.2030;19 Uhr;Heimathaus;4,50\r\n" +
		"\"CSV-Abend drei\";16.12.2030;19.30 Uhr;\"Heimathaus; Saal\";\r\n" +
		"\r\n" +
		"CSV-Abend vier;17.12.2030;;Heimathaus;\r\n" +
		"CSV-Abend fünf;31.02.2031;19:00;Heimathaus;\r\n" +
		"CSV-Abend sechs;19.12.2030;19:00;Heimathaus;frei\r\n"
	latin := []byte(strings.ReplaceAll(table, "ü", "\xfc")) // as spreadsheets in town halls still write it
	if err := os.WriteFile(file, latin, 0o644); err != nil {
		t.Fatal(err)
	}
	p := enter(t, browser, base, "verein")
	p.view(t, base+"/redaktion/einlesen")
	p.run(t, chromedp.SetUploadFiles("#csv-file", []string{file}))
	p.await(t, `document.querySelectorAll('#step-2 ~ .table-frame select').length === 5`)
	if got := eval[string](t, p, `[...document.querySelectorAll('#step-2 ~ .table-frame select')].map((s) => s.value).join()`); got != "title,date,time,placeName,price" {
		t.Errorf("the columns are taken for %s", got)
	}
	p.click(t, "6 Zeilen prüfen")
	p.await(t, `document.querySelector('#line-faults') !== null && document.querySelector('#step-4') !== null`)
	if got := p.text(t, "#line-faults"); got != "Zeile 7: Datum: „31.02.2031“ ist kein Datum. Schreiben Sie es wie 14.12.2026." {
		t.Errorf("the faults are %q", got)
	}
	p.click(t, "5 Angebote speichern")
	p.await(t, `document.querySelector('#step-4 ~ .message')?.innerText.includes('5 Angebote sind gespeichert')`)
	p.view(t, base+"/redaktion?status=DRAFT&q=CSV-Abend")
	if got := p.text(t, ".rows"); strings.Count(got, "CSV-Abend") != 5 || !strings.Contains(got, "CSV-Abend drei") || strings.Contains(got, "fünf") {
		t.Errorf("the drafts are %q", got)
	}
}

// What was typed outlives a session that ends, an answer that is lost, and somebody who was faster; and it is for nobody else.
func TestEditorKeeps(t *testing.T) {
	base := boot(t)
	browser := startBrowser(t)
	word := rand.Text()[:8]
	copies := func(p *page, search string) int {
		return eval[int](t, p, fmt.Sprintf(`fetch('/graphql', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({
			query: 'query($q: String) { managedOfferings(filter: {search: $q}, first: 1) { totalCount } }', variables: {q: %q}})}).then((r) => r.json()).then((r) => r.data.managedOfferings.totalCount)`, search))
	}
	choose := func(p *page, label string) {
		p.await(t, control(label)+`?.options.length > 1`)
		p.run(t, chromedp.Evaluate[chromedp.Void](`(() => { const s = `+control(label)+`; s.selectedIndex = 1; s.dispatchEvent(new Event('change', {bubbles: true})); })()`))
	}
	leave := func(p *page) {
		if _, err := chromedp.Call(p.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
			t.Fatal(err)
		}
	}
	// The n-th time that the page sends the operation, it is done, but the answer is lost.
	lose := func(p *page, operation string, nth int) {
		p.run(t, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
			const real = window.fetch;
			let n = 0;
			window.fetch = async (...a) => {
				const answer = await real(...a);
				if (!String(a[1]?.body).includes('"operationName":"%s"') || ++n !== %d) return answer;
				window.fetch = real;
				throw new TypeError('lost');
			};
		})()`, operation, nth)))
	}

	p := enter(t, browser, base, "rathaus")
	p.view(t, base+"/redaktion/neu?art=volunteering")
	choose(p, "Wer bietet es an?")
	leave(p)
	p.fill(t, "Titel", "Lesepaten "+word)
	p.fill(t, "Beschreibung", "Bitte [hier melden](https://example.org/lesen), **bald**.")
	p.click(t, "Veröffentlichen")
	p.await(t, `document.querySelector('#ended') !== null && document.activeElement?.textContent === 'Anmelden'`)
	p.click(t, "Als Rathaus Bad Belzig ausprobieren")
	p.await(t, `document.querySelector('#ended') === null && `+control("Titel")+`?.value === `+fmt.Sprintf("%q", "Lesepaten "+word))
	lose(p, "Save", 1)
	p.click(t, "Veröffentlichen")
	p.await(t, `document.querySelector('.bottom .message')?.textContent.startsWith('Keine Verbindung')`)
	p.view(t, base+"/redaktion/neu?art=volunteering") // and the page is loaded anew
	p.click(t, "Veröffentlichen")
	p.await(t, `location.pathname.startsWith('/redaktion/angebot/') && document.querySelector('.sheet') !== null`)
	if n := copies(p, word); n != 1 {
		t.Errorf("there are %d of it", n)
	}
	// A link stays a link when a word beside it is mended; nothing changes when nothing was changed.
	id := strings.TrimPrefix(eval[string](t, p, `location.pathname`), "/redaktion/angebot/")
	state := func() string {
		o := question[struct {
			Offering struct {
				Version     int
				Description string
			}
		}](t, base, `{ offering(id: "`+id+`") { version description(format: HTML) } }`).Offering
		return fmt.Sprint(o.Version, " ", o.Description)
	}
	p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('.bottom').dataset.before = 'yes'`))
	saved := `document.querySelector('.sheet') !== null && document.querySelector('.bottom').dataset.before === undefined`
	p.click(t, "Speichern")
	p.await(t, saved)
	if got := state(); !strings.HasPrefix(got, "1 ") {
		t.Errorf("saving without a change gives %s", got)
	}
	p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('.bottom').dataset.before = 'yes'`))
	p.fill(t, "Beschreibung", eval[string](t, p, control("Beschreibung")+`.value.replace('bald', 'gern')`))
	p.click(t, "Speichern")
	p.fill(t, "Kurztext", "Beim Speichern getippt") // before the answer is there
	p.await(t, saved)
	if got := eval[string](t, p, control("Kurztext")+`.value`); got != "Beim Speichern getippt" {
		t.Errorf("what was typed while it was saved is %q", got)
	}
	if got := state(); !strings.HasPrefix(got, "2 ") || !strings.Contains(got, `<a href="https://example.org/lesen"`) || !strings.Contains(got, "<strong>gern</strong>") {
		t.Errorf("after mending a word: %s", got)
	}

	// A time to publish is not lost in a draft.
	p.view(t, base+"/redaktion/neu?art=facility")
	choose(p, "Wer bietet es an?")
	p.fill(t, "Titel", "Badestelle "+word)
	p.click(t, "Später veröffentlichen")
	p.fill(t, "Veröffentlichen am", "2027-05-01T10:00")
	p.click(t, "Als Entwurf speichern")
	p.await(t, `document.activeElement?.id === 'faults' && document.activeElement.textContent.includes('Ein Entwurf wird nicht von selbst öffentlich')`)
	p.click(t, "Zum Termin veröffentlichen")
	p.await(t, `document.querySelector('.view-lead')?.textContent.includes('wird veröffentlicht: 01.05.2027')`)

	// A long table goes on where the line broke.
	file := filepath.Join(t.TempDir(), "lang.csv")
	var table strings.Builder
	table.WriteString("Titel\tArt\r\n")
	for i := range 130 {
		fmt.Fprintf(&table, "Zeile%s %d\tEhrenamt\r\n", word, i)
	}
	if err := os.WriteFile(file, []byte(table.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	p.view(t, base+"/redaktion/einlesen")
	p.run(t, chromedp.SetUploadFiles("#csv-file", []string{file}))
	choose(p, "Wer bietet es an?")
	p.click(t, "130 Zeilen prüfen")
	lose(p, "Import", 2)
	p.click(t, "130 Angebote speichern")
	p.click(t, "Weiter speichern")
	p.await(t, `document.querySelector('#step-4 ~ .message')?.innerText.includes('130 Angebote sind gespeichert')`)
	if n := copies(p, "Zeile"+word); n != 130 {
		t.Errorf("of 130 rows there are %d", n)
	}

	// Who reviews what was changed in the meantime is told so, and decides on what it is now.
	club, clerk := enter(t, browser, base, "verein"), enter(t, browser, base, "rathaus")
	club.view(t, base+"/redaktion/neu?art=service")
	club.fill(t, "Titel", "Fahrdienst "+word)
	club.click(t, "Einreichen")
	club.await(t, `location.pathname.startsWith('/redaktion/angebot/') && document.querySelector('.sheet') !== null`)
	review := strings.TrimPrefix(eval[string](t, club, `location.pathname`), "/redaktion/angebot/")
	clerk.view(t, base+"/redaktion/pruefen/"+review)
	clerk.await(t, `document.querySelector('.differences') !== null`)
	club.fill(t, "Titel", "Bürgerbus "+word)
	club.click(t, "Änderungen einreichen")
	club.await(t, `document.querySelector('.view h1').textContent.startsWith('Bürgerbus')`)
	clerk.click(t, "Freigeben")
	clerk.await(t, `document.querySelector('.message.bad')?.textContent.includes('gerade geändert') && document.querySelector('.view h1').textContent.includes('Bürgerbus')`)
	clerk.click(t, "Freigeben")
	clerk.await(t, `document.querySelector('.message.good')?.textContent.includes('ist freigegeben')`)

	// Whoever signs in next sees nothing of it, and no page that is not theirs.
	club.view(t, base+"/redaktion/neu?art=tour")
	leave(club)
	club.fill(t, "Titel", "Geheim "+word)
	club.click(t, "Als Entwurf speichern")
	club.await(t, `document.querySelector('#ended') !== null`)
	club.click(t, "Als Rathaus Bad Belzig ausprobieren")
	club.await(t, `document.querySelector('#ended') === null && `+control("Titel")+`?.value === ''`)
	if kept := eval[string](t, club, `JSON.stringify(Object.values(sessionStorage))`); strings.Contains(kept, "Geheim") {
		t.Errorf("the next one finds %s", kept)
	}
	other := enter(t, browser, base, "verein")
	for _, path := range []string{"pruefen", "quellen", "quellen/neu", "doppelt", "personen", "protokoll"} {
		other.view(t, base+"/redaktion/"+path)
		if got := other.text(t, ".view"); !strings.Contains(got, "Das dürfen Sie nicht") || eval[int](t, other, `document.querySelectorAll('.view :is(button, input)').length`) > 0 {
			t.Errorf("%s shows a club %q", path, got)
		}
	}
}

// Everything in the editor, in light and dark, wide and narrow: what axe-core finds, whom it asks, what it complains about, and whether it fits.
// With UMLAND_SCREENSHOTS set, a picture of each is left in that folder.
func TestEditorViews(t *testing.T) {
	axe, err := os.ReadFile("../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	base := boot(t)
	browser := startBrowser(t)
	pictures := os.Getenv("UMLAND_SCREENSHOTS")
	found := question[map[string]struct{ Nodes []struct{ ID string } }](t, base, `{
		series: offerings(filter: {municipalities: ["12069020"], kinds: [ACTIVITY]}, first: 1) { nodes { id } }
		facility: offerings(filter: {municipalities: ["12069020"], kinds: [FACILITY]}, first: 1) { nodes { id } } }`)
	series, facility := found["series"].Nodes[0].ID, found["facility"].Nodes[0].ID

	// Something waits for a review.
	club := enter(t, browser, base, "verein")
	club.view(t, base+"/redaktion/neu?art=event")
	club.fill(t, "Titel", "Herbstmarkt")
	club.fill(t, "Datum", "2030-10-05")
	club.fill(t, "Beginn", "10:00")
	club.click(t, "Einreichen")
	club.await(t, `location.pathname.startsWith('/redaktion/angebot/')`)
	review := strings.TrimPrefix(eval[string](t, club, `location.pathname`), "/redaktion/angebot/")

	views := []struct{ name, path, then string }{
		{"overview", "", ""}, {"all", "?status=all", ""}, {"new", "/neu", ""}, {"series", "/angebot/" + series, ""}, {"dates", "/angebot/" + series + "?ansicht=termine", ""},
		{"history", "/angebot/" + series + "?ansicht=verlauf", ""}, {"facility", "/angebot/" + facility, ""}, {"reviews", "/pruefen", ""}, {"review", "/pruefen/" + review, ""},
		{"import", "/einlesen", ""}, {"keys", "/schluessel", ""}, {"link", "/link", ""}, {"account", "/konto", ""}, {"english", "/neu?art=event&lang=en", ""},
		{"source-english", "/quellen/neu?lang=en", ""}, {"duplicates-english", "/doppelt?lang=en", ""},
		{"faults", "/neu?art=activity", "Veröffentlichen"}, {"withdraw", "/angebot/" + series, "Zurückziehen"},
	}
	for _, kind := range []string{"event", "activity", "service", "facility", "tour", "volunteering"} {
		views = append(views, struct{ name, path, then string }{"new-" + kind, "/neu?art=" + kind, ""})
	}
	for _, s := range []screen{{"wide", 1440, 1000, false}, {"wide-dark", 1440, 1000, true}, {"phone", phoneWidth, phoneHeight, false}} {
		check := func(t *testing.T, p *page, name string) {
			if wide := eval[bool](t, p, `document.documentElement.scrollWidth > innerWidth`); wide {
				t.Error("is wider than the screen: ", eval[string](t, p, `[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + '.' + e.className).slice(0, 8).join(' ')`))
			}
			if pictures != "" {
				picture(t, p, filepath.Join(pictures, "redaktion-"+name+"-"+s.name+".png"))
			}
			p.run(t, chromedp.Evaluate[chromedp.Void](string(axe)))
			findings := eval[json.RawMessage](t, p, `axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) =>
				r.violations.map((v) => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200) + ' ' + n.failureSummary).join('; ')))`)
			if string(findings) != "[]" {
				t.Errorf("axe: %s", findings)
			}
			if got := p.strangers(base); len(got) > 0 {
				t.Errorf("asked other hosts: %q", got)
			}
			for _, fault := range p.said() {
				t.Errorf("complains: %s", fault)
			}
		}
		t.Run("sign-in/"+s.name, func(t *testing.T) {
			p := openPage(t, browser)
			p.as(t, s)
			p.open(t, base+"/redaktion")
			p.await(t, `document.querySelector('[data-demo]') !== null`)
			check(t, p, "sign-in")
		})
		var p *page
		for i, v := range views {
			if i%5 == 0 { // a page has a minute
				p = enter(t, browser, base, "rathaus")
				p.as(t, s)
			}
			t.Run(v.name+"/"+s.name, func(t *testing.T) {
				p.view(t, base+"/redaktion"+v.path)
				if v.then != "" {
					p.click(t, v.then)
				}
				p.run(t, chromedp.Sleep(250*time.Millisecond)) // for what is asked after the first picture
				check(t, p, v.name)
			})
		}
	}
}

// What people type is shown as they typed it, and never runs.
func TestEditorIsSafe(t *testing.T) {
	base := boot(t)
	p := enter(t, startBrowser(t), base, "verein")
	const evil = `<img src=x onerror="document.title='ran'"><script>document.title='ran'</script>{{7*7}}`
	p.view(t, base+"/redaktion/neu?art=service")
	p.fill(t, "Titel", evil)
	p.fill(t, "Kurztext", evil)
	p.click(t, "Als Entwurf speichern")
	p.await(t, `location.pathname.startsWith('/redaktion/angebot/')`)
	p.shown(t)
	if got := p.text(t, ".view h1"); got != evil {
		t.Errorf("the title shows as %q", got)
	}
	p.view(t, base+"/redaktion?status=DRAFT")
	if got := p.text(t, ".rows"); !strings.Contains(got, evil) {
		t.Errorf("the list shows %q", got)
	}
	if title := eval[string](t, p, `document.title`); strings.Contains(title, "ran") {
		t.Error("it ran")
	}
	if said := p.said(); len(said) > 0 {
		t.Errorf("complains: %q", said)
	}
}

// postbox is a mail server that keeps the link of the last mail.
func postbox(t *testing.T) (addr string, links <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	found := make(chan string, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				say := func(s string) { _, _ = fmt.Fprint(conn, s+"\r\n") }
				say("220 postbox")
				in := textproto.NewReader(bufio.NewReader(conn))
				for {
					line, err := in.ReadLine()
					if err != nil {
						return
					}
					switch command := strings.ToUpper(line); {
					case strings.HasPrefix(command, "DATA"):
						say("354 go on")
						body, err := io.ReadAll(quotedprintable.NewReader(in.DotReader()))
						if err != nil {
							return
						}
						if link := regexp.MustCompile(`http://\S+/auth/link\?\S+`).FindString(string(body)); link != "" {
							found <- link
						}
						say("250 thanks")
					case strings.HasPrefix(command, "QUIT"):
						say("221 bye")
						return
					default:
						say("250 postbox")
					}
				}
			}()
		}
	}()
	return l.Addr().String(), found
}

// An operator signs in by a link that came by mail, grants a role, sees it in the audit log, and takes it again.
func TestEditorPeople(t *testing.T) {
	axe, err := os.ReadFile("../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	addr, links := postbox(t)
	base := bootWith(t, "UMLAND_SMTP="+addr, "UMLAND_SMTP_FROM=umland@example.org", "UMLAND_SMTP_TLS=none", "UMLAND_OPERATORS=betrieb@example.org")
	p := openPage(t, startBrowser(t))
	p.open(t, base+"/redaktion/personen")
	p.fill(t, "E-Mail-Adresse", "betrieb@example.org")
	p.click(t, "Link schicken")
	p.await(t, `document.querySelector('.message.good')?.textContent.includes('betrieb@example.org')`)
	p.open(t, <-links)
	p.run(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('button').click()`))
	p.arrive(t, `location.pathname === '/redaktion/personen' && document.querySelector('.rows > li') !== null`)
	p.fill(t, "E-Mail", "verein@example.org")
	p.await(t, control("Wer bietet es an?")+`.options.length > 10`)
	p.run(t, chromedp.Evaluate[chromedp.Void](`(() => { const s = `+control("Wer bietet es an?")+`; s.selectedIndex = 5; s.dispatchEvent(new Event('change', {bubbles: true})); })()`))
	p.run(t, chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('button')].find((b) => b.textContent === 'Rolle vergeben').click()`))
	p.await(t, `[...document.querySelectorAll('.rows > li')].some((l) => l.textContent.includes('verein@example.org') && l.textContent.includes('Mitglied'))`)
	check := func(view string) {
		p.run(t, chromedp.Evaluate[chromedp.Void](string(axe)))
		if got := eval[json.RawMessage](t, p, `axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) => r.violations.map((v) => v.id + ' ' + v.nodes[0].html))`); string(got) != "[]" {
			t.Errorf("axe in %s: %s", view, got)
		}
	}
	check("people")
	p.click(t, "Entziehen Mitglied")
	p.await(t, `![...document.querySelectorAll('.rows > li')].some((l) => l.textContent.includes('Mitglied (reicht ein)'))`)
	p.view(t, base+"/redaktion/protokoll")
	p.await(t, `document.querySelector('tbody tr') !== null`)
	if got := p.text(t, "tbody"); !strings.Contains(got, "GRANT_ROLE") || !strings.Contains(got, "REVOKE_ROLE") || !strings.Contains(got, "betrieb@example.org") {
		t.Errorf("the audit log says %q", got)
	}
	check("audit")
	// Who decides on all municipalities says which one is meant.
	p.view(t, base+"/redaktion/doppelt")
	p.fill(t, "Gemeinde suchen", "Bad Belz")
	p.click(t, "Bad Belzig (")
	p.await(t, `location.search === '?gemeinde=12069020' && document.querySelector('.pairs') !== null && document.querySelector('.view .message, .view .pair') !== null && `+control("Gemeinde")+`.selectedOptions[0].text === 'Bad Belzig'`)
	check("duplicates")
	p.view(t, base+"/redaktion/quellen/neu")
	p.fill(t, "Adresse", "kalender.example.org/a.ics")
	p.click(t, "Speichern und ausprobieren")
	p.await(t, `document.activeElement?.id === 'faults' && document.activeElement.textContent.includes('wählen Sie eine Gemeinde')`)
	check("a new source")
	if said := p.said(); len(said) > 0 {
		t.Errorf("complains: %q", said)
	}
}

// An image is uploaded, and saved only when somebody has said what it shows. Somebody without an account does so by a posting link.
func TestEditorImageByLink(t *testing.T) {
	base := boot(t)
	browser := startBrowser(t)
	file := filepath.Join(t.TempDir(), "bild.png")
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 800, 500))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	clerk := enter(t, browser, base, "rathaus")
	clerk.view(t, base+"/redaktion/link")
	clerk.run(t, chromedp.Evaluate[chromedp.Void](`(() => { const s = `+control("Für wen?")+`; s.value = 'new'; s.dispatchEvent(new Event('change', {bubbles: true})); })()`))
	clerk.fill(t, "Name des Anbieters", "Singkreis Lüsse")
	clerk.click(t, "Link machen")
	clerk.await(t, `document.getElementById('secret') !== null`)
	link := eval[string](t, clerk, `document.getElementById('secret').value`)

	guest := openPage(t, browser)
	guest.open(t, link)
	guest.await(t, `location.hash === '' && document.querySelector('.choices') !== null`)
	guest.click(t, "Dienstleistung")
	guest.fill(t, "Titel", "Ständchen zum Geburtstag")
	guest.click(t, "Bilder")
	guest.run(t, chromedp.SetUploadFiles("#image-file", []string{file}))
	guest.await(t, `document.querySelector('.pictures img')?.naturalWidth > 0`)
	guest.click(t, "Einreichen")
	guest.await(t, `document.activeElement?.id === 'faults' && document.activeElement.textContent.includes('beschreiben Sie das Bild')`)
	guest.fill(t, "Was zeigt Bild 1?", "Der Singkreis vor der Kirche")
	guest.click(t, "Einreichen")
	guest.await(t, `document.querySelector('.view h1').textContent === 'Vielen Dank'`)

	clerk.view(t, base+"/redaktion/pruefen")
	clerk.click(t, "Ständchen zum Geburtstag")
	clerk.await(t, `document.querySelector('.differences')?.innerText.includes('Der Singkreis vor der Kirche')`)
	clerk.click(t, "Freigeben")
	clerk.await(t, `document.querySelector('.message.good') !== null`)
	found := question[struct {
		Offerings struct {
			Nodes []struct {
				Images []struct {
					Alt      string
					Variants []struct{ Width int }
				}
			}
		}
	}](t, base, `{ offerings(filter: {search: "Ständchen Geburtstag Singkreis"}, first: 1) { nodes { images { alt variants { width } } } } }`)
	if n := found.Offerings.Nodes; len(n) != 1 || len(n[0].Images) != 1 || n[0].Images[0].Alt == "" || len(n[0].Images[0].Variants) != 3 {
		t.Errorf("the public sees %+v", n)
	}
	for _, p := range []*page{clerk, guest} {
		if said := p.said(); len(said) > 0 {
			t.Errorf("complains: %q", said)
		}
	}
}
