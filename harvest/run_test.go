package harvest_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"umland/ent"
	"umland/fetch"
	"umland/harvest"
	"umland/pgdev/pgtest"
	"umland/store"
	"umland/store/storetest"
)

const belzig, bruecke = "12069020", "12069076"

// region is a store with a runner and a server of feeds.
type region struct {
	t      testing.TB
	st     *store.Store
	dsn    string
	runner *harvest.Runner
	url    string

	asking sync.Mutex
	conn   *pgx.Conn // for rows

	mu    sync.Mutex
	now   time.Time
	feeds map[string]http.HandlerFunc
	hits  map[string]int
}

func newRegion(t testing.TB) *region {
	t.Helper()
	dsn := pgtest.NewDB(t, storetest.Prepare)
	g := &region{t: t, dsn: dsn, st: storetest.Open(t, dsn), now: storetest.Noon, feeds: map[string]http.HandlerFunc{}, hits: map[string]int{}}
	listener, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(g.serve)}}
	srv.Start()
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	g.url = srv.URL
	if g.conn, err = pgx.Connect(context.Background(), dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.conn.Close(context.Background()) })
	g.runner = g.another(g.st)
	return g
}

// another makes a runner as another process has it.
func (g *region) another(st *store.Store, change ...func(*fetch.Options)) *harvest.Runner {
	o := fetch.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.9/32")}, AllowedInterval: -1, Timeout: 20 * time.Second, MaxBytes: 5_000_000}
	for _, c := range change {
		c(&o)
	}
	r, err := harvest.NewRunner(st, fetch.New(o), zerolog.New(zerolog.NewTestWriter(g.t)).Level(zerolog.ErrorLevel), g.clock)
	if err != nil {
		g.t.Fatal(err)
	}
	return r
}

func (g *region) clock() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *region) wait(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(d)
}

func (g *region) serve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	h := g.feeds[r.URL.Path]
	g.hits[r.URL.Path]++
	g.mu.Unlock()
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h(w, r)
}

// answer makes a path answer with a body.
func (g *region) answer(path, body string) {
	g.handle(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
}

func (g *region) handle(path string, h http.HandlerFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.feeds[path] = h
}

// add adds a source for Bad Belzig.
func (g *region) add(format, path string, change ...func(*ent.Source)) uuid.UUID {
	g.t.Helper()
	x, err := g.st.SaveSource(context.Background(), ent.System("Test"), g.clock(), store.SourceSave{Formats: harvest.FormatNames(), Edit: func(x *ent.Source) {
		url, ags := g.url+path, belzig
		x.Format, x.URL, x.AGS, x.Name, x.Licence = format, &url, &ags, "Kalender "+path, "CC-BY-4.0"
		for _, c := range change {
			c(x)
		}
	}})
	if err != nil {
		g.t.Fatal(err)
	}
	return x.ID
}

func (g *region) run(id uuid.UUID) *ent.Harvest {
	g.t.Helper()
	g.wait(time.Minute)
	run, err := g.runner.Run(context.Background(), id, false)
	if err != nil || run == nil {
		g.t.Fatalf("run: %v", err)
	}
	return run
}

// expect runs the source and compares the counts: "OK 3 new 0 changed 0 same 0 gone 0 refused".
func (g *region) expect(id uuid.UUID, want string) *ent.Harvest {
	g.t.Helper()
	run := g.run(id)
	got := fmt.Sprintf("%s %d new %d changed %d same %d gone %d refused", run.Outcome, run.New, run.Changed, run.Same, run.Gone, run.Refused)
	if got != want {
		g.t.Errorf("got  %s\nwant %s\n%v %v", got, want, text(run.Error), run.Refusals)
	}
	return run
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// rows runs SQL and gives the rows as lines.
func (g *region) rows(sql string, args ...any) []string {
	g.t.Helper()
	g.asking.Lock()
	defer g.asking.Unlock()
	rows, err := g.conn.Query(context.Background(), sql, args...)
	if err != nil {
		g.t.Fatal(err)
	}
	out := []string{}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			g.t.Fatal(err)
		}
		parts := make([]string, len(values))
		for i, v := range values {
			parts[i] = fmt.Sprint(v)
		}
		out = append(out, strings.Join(parts, " | "))
	}
	if rows.Err() != nil {
		g.t.Fatal(rows.Err())
	}
	return out
}

// published lists the titles that the public sees, in their order.
func (g *region) published() string {
	return strings.Join(g.rows("SELECT title FROM offering WHERE status = 'PUBLISHED' ORDER BY title COLLATE \"C\""), ", ")
}

// state is all that the public could see of a change.
func (g *region) state() string {
	return strings.Join(g.rows("SELECT id, title, status, version, updated_at FROM offering ORDER BY id"), "\n") +
		strings.Join(g.rows("SELECT count(*) FROM change"), "") + strings.Join(g.rows("SELECT count(*) FROM revision"), "")
}

// calendar makes an iCal feed of events "uid|title|day in December 2026|further lines".
func calendar(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//DE\r\n")
	for _, e := range events {
		f := strings.SplitN(e+"|||", "|", 4)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%s\r\nDTSTAMP:%s\r\nSUMMARY:%s\r\n", f[0], time.Now().UTC().Format("20060102T150405Z"), f[1])
		if f[2] != "" {
			fmt.Fprintf(&b, "DTSTART;TZID=Europe/Berlin:202612%sT190000\r\nDTEND;TZID=Europe/Berlin:202612%sT210000\r\n", f[2], f[2])
		}
		if more := strings.TrimRight(f[3], "|"); more != "" {
			b.WriteString(strings.ReplaceAll(more, "|", "\r\n") + "\r\n")
		}
		b.WriteString("END:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// many makes n events on days of their own with titles that have nothing in common.
func many(from, n int) []string {
	words := []string{"Adventsmarkt", "Blutspende", "Chorprobe", "Dorffest", "Erzählcafé", "Filmabend", "Gottesdienst", "Handarbeit", "Infoabend", "Jugendtreff", "Kinderturnen", "Lesung", "Musikschule", "Nachtwanderung", "Orgelkonzert", "Puppentheater", "Quizabend", "Radtour", "Skatturnier", "Tanzkurs", "Umwelttag", "Vortrag", "Weinprobe", "Yoga", "Zirkus"}
	var out []string
	for i := from; i < from+n; i++ {
		out = append(out, fmt.Sprintf("uid-%d|%s|%02d", i, words[i%len(words)], 1+i%28))
	}
	return out
}

func TestRunAgain(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	events := many(0, 10)
	g.answer("/a.ics", calendar(events...))
	id := g.add("ical", "/a.ics")
	run := g.expect(id, "OK 10 new 0 changed 0 same 0 gone 0 refused")
	if run.HTTPStatus == nil || *run.HTTPStatus != 200 || run.Bytes == 0 || len(run.SHA256) != 64 {
		t.Errorf("the audit row: %+v", run)
	}
	before := g.state()
	g.expect(id, "UNCHANGED 0 new 0 changed 10 same 0 gone 0 refused")
	time.Sleep(1100 * time.Millisecond) // another DTSTAMP
	g.answer("/a.ics", calendar(events...))
	g.expect(id, "OK 0 new 0 changed 10 same 0 gone 0 refused")
	if after := g.state(); after != before {
		t.Errorf("the same feed changed\n%s\nto\n%s", before, after)
	}
	events[0] = "uid-0|Adventsmarkt im Hof|01"
	g.answer("/a.ics", calendar(events[:9]...))
	g.expect(id, "OK 0 new 1 changed 8 same 1 gone 0 refused")
	if p := g.published(); strings.Contains(p, "Jugendtreff") || !strings.Contains(p, "Adventsmarkt im Hof") {
		t.Errorf("published: %s", p)
	}
	if got := g.rows("SELECT withdrawn_reason, change_actor_kind, change_action FROM offering WHERE status = 'WITHDRAWN'"); len(got) != 1 || got[0] != "Nicht mehr im Kalender | SOURCE | WITHDRAW" {
		t.Errorf("withdrawn: %v", got)
	}
	g.answer("/a.ics", calendar(events...))
	g.expect(id, "OK 0 new 1 changed 9 same 0 gone 0 refused")
	if p := g.published(); !strings.Contains(p, "Jugendtreff") {
		t.Errorf("it is back, but published is %s", p)
	}
}

// What would empty a page waits for somebody; what was published stands, and is well again after one run of the recovered feed.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	events := many(0, 20)
	g.answer("/q.ics", calendar(events...))
	id := g.add("ical", "/q.ics")
	g.expect(id, "OK 20 new 0 changed 0 same 0 gone 0 refused")
	before := g.state()
	same := func(what string) {
		t.Helper()
		if g.state() != before {
			t.Errorf("%s changed something", what)
		}
	}
	g.answer("/q.ics", calendar(events[:14]...))
	g.expect(id, "QUARANTINED 0 new 0 changed 14 same 6 gone 0 refused")
	same("6 of 20 gone")
	g.answer("/q.ics", calendar())
	if run := g.expect(id, "QUARANTINED 0 new 0 changed 0 same 20 gone 0 refused"); !strings.Contains(text(run.Error), "leer") {
		t.Errorf("says %q", text(run.Error))
	}
	same("an empty calendar")
	g.answer("/q.ics", "<!DOCTYPE html><html><body>Wartungsarbeiten</body></html>")
	if run := g.run(id); run.Outcome != ent.HarvestQuarantined || !strings.Contains(text(run.Error), "HTML-Seite") {
		t.Errorf("a page: %s %q", run.Outcome, text(run.Error))
	}
	same("a page")
	ctx, operator := context.Background(), ent.System("Test")
	if _, err := g.st.Decide(ctx, operator, g.clock(), id, ent.DecisionAccept); err == nil {
		t.Error("a page can be accepted")
	}
	g.answer("/q.ics", calendar(events[:14]...))
	g.run(id)
	if _, err := g.st.Decide(ctx, operator, g.clock(), id, ent.DecisionReject); err != nil {
		t.Error(err)
	}
	g.expect(id, "QUARANTINED 0 new 0 changed 14 same 6 gone 0 refused")
	same("a rejected run")
	if _, err := g.st.Decide(ctx, operator, g.clock(), id, ent.DecisionAccept); err != nil {
		t.Error(err)
	}
	g.expect(id, "OK 0 new 0 changed 14 same 6 gone 0 refused")
	if n := g.rows("SELECT count(*) FROM offering WHERE status = 'PUBLISHED'"); n[0] != "14" {
		t.Errorf("published: %v", n)
	}
	if _, err := g.st.Decide(ctx, operator, g.clock(), id, ent.DecisionAccept); err == nil {
		t.Error("there was nothing to decide")
	}
	// Five and fewer leave freely, and so does what is over.
	g.answer("/q.ics", calendar(events[:9]...))
	g.expect(id, "OK 0 new 0 changed 9 same 5 gone 0 refused")
	g.wait(10 * 24 * time.Hour)
	g.answer("/q.ics", calendar(events[:9]...))
	g.run(id) // on 3 December
	g.wait(4 * 24 * time.Hour)
	g.answer("/q.ics", calendar(events[6:9]...))
	g.expect(id, "OK 0 new 0 changed 3 same 6 gone 0 refused")
}

// One bad item never stops the rest, and one that was good stays as it was while it is bad.
func TestRefused(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	g.answer("/r.ics", calendar("a|Lesung|03", "b|Konzert|04", "c|Vortrag|05"))
	id := g.add("ical", "/r.ics")
	g.expect(id, "OK 3 new 0 changed 0 same 0 gone 0 refused")
	bad := strings.Replace(calendar("a|Lesung|03", "b|Konzert|04", "c|Vortrag|05", "d|Basar|06"), "DTEND;TZID=Europe/Berlin:20261204T210000", "DTEND;TZID=Europe/Berlin:20261201T210000", 1)
	g.answer("/r.ics", bad)
	run := g.expect(id, "OK 1 new 0 changed 2 same 0 gone 1 refused")
	if len(run.Refusals) != 1 || !strings.Contains(run.Refusals[0].Item, "UID b") || !strings.Contains(run.Refusals[0].Message, "Ende liegt vor") {
		t.Errorf("refused: %+v", run.Refusals)
	}
	if p := g.published(); p != "Basar, Konzert, Lesung, Vortrag" {
		t.Errorf("published: %s", p)
	}
	g.answer("/r.csv", "Titel;Beginn;Ende\nLesung im Park;03.12.2026 19:00;03.12.2026 21:00\nMarkt am See;05.12.2026 19:00;04.12.2026 21:00\n")
	csv := g.add("csv", "/r.csv")
	run = g.expect(csv, "OK 1 new 0 changed 0 same 0 gone 1 refused")
	if len(run.Refusals) != 1 || run.Refusals[0].Item != "Zeile 3" {
		t.Errorf("refused: %+v", run.Refusals)
	}
}

// UIDs that repeat, change at each fetch, move to other items, or come with other content every hour.
func TestKeys(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	events := many(0, 12)
	g.answer("/k.ics", calendar(events...))
	id := g.add("ical", "/k.ics")
	g.expect(id, "OK 12 new 0 changed 0 same 0 gone 0 refused")
	ids := g.rows("SELECT id FROM offering ORDER BY id")
	renamed := make([]string, len(events))
	for i, e := range events { // all UIDs are other ones
		renamed[i] = "neu-" + e
	}
	before := g.state()
	g.answer("/k.ics", calendar(renamed...))
	g.expect(id, "OK 0 new 0 changed 12 same 0 gone 0 refused")
	if g.state() != before {
		t.Error("new UIDs changed something")
	}
	// Numbered by position: the first is gone, all others move up.
	shifted := make([]string, 11)
	for i := range shifted {
		shifted[i] = "neu-uid-" + fmt.Sprint(i) + events[i+1][strings.Index(events[i+1], "|"):]
	}
	g.answer("/k.ics", calendar(shifted...))
	g.expect(id, "OK 0 new 0 changed 11 same 1 gone 0 refused")
	if got := g.rows("SELECT id FROM offering ORDER BY id"); fmt.Sprint(got) != fmt.Sprint(ids) {
		t.Error("moved UIDs made other offerings")
	}
	if n := g.rows("SELECT max(version) FROM offering WHERE status = 'PUBLISHED'"); n[0] != "1" {
		t.Errorf("moved UIDs made versions: %v", n)
	}
	// One UID, other content every hour: one offering.
	g.answer("/h.ics", calendar("x|Lesung aus alten Briefen|03"))
	hourly := g.add("ical", "/h.ics")
	g.run(hourly)
	for i := range 5 {
		g.wait(time.Hour)
		g.answer("/h.ics", calendar(fmt.Sprintf("x|Ganz anderes Thema %c|%02d", 'A'+i, 4+i)))
		g.expect(hourly, "OK 0 new 1 changed 0 same 0 gone 0 refused")
	}
	if n := g.rows("SELECT count(*), count(DISTINCT offering_id) FROM record WHERE source_id = $1", hourly); n[0] != "1 | 1" {
		t.Errorf("records of one UID: %v", n)
	}
	// Two items with one UID are two where they say different things.
	g.answer("/d.ics", calendar("u|Erste Hilfe Kurs|03", "u|Bastelnachmittag|09"))
	double := g.add("ical", "/d.ics")
	g.expect(double, "OK 2 new 0 changed 0 same 0 gone 0 refused")
}

// broken is a format that panics in the middle, or waits for ever.
type broken struct{ wait bool }

func (broken) Name() string { return "ical" }

func (b broken) Read(ctx context.Context, feed *harvest.Feed) error {
	err := harvest.ICal{}.Read(ctx, feed)
	if b.wait {
		<-ctx.Done()
		return ctx.Err()
	}
	if err == nil {
		panic("in the middle")
	}
	return err
}

// A run that dies in the middle, while it reads or while it writes, leaves what was, and a row that says so.
func TestAtomic(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	g.answer("/a.ics", calendar(many(0, 8)...))
	id := g.add("ical", "/a.ics")
	g.run(id)
	before := g.state()
	g.answer("/a.ics", calendar(many(4, 8)...))
	formats := g.runner.Formats
	g.runner.Formats = []harvest.Format{broken{}}
	if run := g.run(id); run.Outcome != ent.HarvestFailed || text(run.Error) == "" {
		t.Errorf("a panic: %+v", run)
	}
	g.runner.Formats = []harvest.Format{broken{wait: true}}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	if run, err := g.runner.Run(ctx, id, false); err != nil || run.Outcome != ent.HarvestFailed {
		t.Errorf("cancelled: %+v %v", run, err)
	}
	cancel()
	g.runner.Formats = formats
	// The database refuses the very last statement.
	g.rows("ALTER TABLE harvest ADD CONSTRAINT no_ok CHECK (outcome <> 'OK') NOT VALID")
	if run := g.run(id); run.Outcome != ent.HarvestFailed || !strings.Contains(text(run.Error), "nichts geändert") {
		t.Errorf("at the end: %+v %s", run, text(run.Error))
	}
	g.rows("ALTER TABLE harvest DROP CONSTRAINT no_ok")
	if g.state() != before {
		t.Error("a run that died changed something")
	}
	if n := g.rows("SELECT count(*) FROM harvest WHERE source_id = $1 AND outcome = 'FAILED'", id); n[0] != "3" {
		t.Errorf("audit rows: %v", n)
	}
	g.expect(id, "OK 4 new 0 changed 4 same 4 gone 0 refused")
}

// A dry run says what would change, and changes nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	g.answer("/a.ics", calendar(many(0, 3)...))
	id := g.add("ical", "/a.ics")
	before := g.state()
	run, err := g.runner.Run(context.Background(), id, true)
	if err != nil || run.Outcome != ent.HarvestDryRun || run.New != 3 {
		t.Fatalf("%+v %v", run, err)
	}
	if g.state() != before || len(g.rows("SELECT key FROM record")) > 0 {
		t.Error("it changed something")
	}
	g.expect(id, "OK 3 new 0 changed 0 same 0 gone 0 refused")
}

// A dry run, and one that is quarantined, say of each item what would become of it.
func TestDifference(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	long := strings.Repeat("Sehr lang. ", 100)
	g.answer("/a.ics", calendar("a|Lesung|01", "b|Blutspende|02", "c|Chor|03"))
	id := g.add("ical", "/a.ics")
	g.expect(id, "OK 3 new 0 changed 0 same 0 gone 0 refused")
	g.answer("/a.ics", calendar("b|Blutspende|02|DESCRIPTION:"+long, "c|Chor|03", "d|Damengymnastik|04", "e|Ohne Beginn|"))
	dry := func() (*ent.Harvest, string) {
		t.Helper()
		before := g.state()
		run, err := g.runner.Run(context.Background(), id, true)
		if err != nil || !run.Dry {
			t.Fatalf("%+v %v", run, err)
		}
		if g.state() != before {
			t.Error("the dry run changed something")
		}
		var said []string
		for _, c := range run.Changes {
			var names []string
			for _, f := range c.Fields {
				names = append(names, f.Name)
			}
			said = append(said, strings.TrimSpace(fmt.Sprintf("%s %s %s %v %s %v", c.Action, c.Key, c.Title, c.Offering != nil, c.Status, names)))
		}
		return run, strings.Join(said, "\n")
	}
	run, said := dry()
	if want := "GONE a Lesung true PUBLISHED []"; run.Outcome != ent.HarvestDryRun || strings.Contains(said, want) {
		t.Errorf("with more that cannot be read than before nothing goes: %s %s", run.Outcome, said)
	}
	g.answer("/a.ics", calendar("b|Blutspende|02|DESCRIPTION:"+long, "c|Chor|03", "d|Damengymnastik|04"))
	run, said = dry()
	if want := "GONE a Lesung true WITHDRAWN []\nCHANGED b Blutspende true PUBLISHED [description]\nNEW d Damengymnastik false PUBLISHED [kind title "; run.Outcome != ent.HarvestDryRun || !strings.HasPrefix(said, want) {
		t.Errorf("%s %s", run.Outcome, said)
	}
	f := run.Changes[1].Fields[0]
	if string(f.Before) != "null" || !strings.HasPrefix(string(f.After), `"Sehr lang. Sehr`) || len(f.After) > 600 {
		t.Errorf("the description goes from %s to %s", f.Before, f.After)
	}

	// What would be quarantined says so; it is no state of the source.
	g.answer("/a.ics", calendar(many(0, 30)...))
	g.expect(id, "OK 29 new 0 changed 1 same 2 gone 0 refused")
	g.run(id) // what came with the last run alone may leave again
	g.answer("/a.ics", calendar(append(many(0, 3), "neu|Etwas Neues|24")...))
	run, said = dry()
	if lines := strings.Split(said, "\n"); run.Outcome != ent.HarvestQuarantined || run.Gone != 27 || len(lines) != 28 || !strings.HasPrefix(lines[0], "GONE ") || lines[27] != "NEW neu Etwas Neues false  []" {
		t.Errorf("%s %d: %s", run.Outcome, run.Gone, said)
	}
	last, err := g.st.LastRuns(context.Background(), []uuid.UUID{id})
	if err != nil || last[id].Outcome != ent.HarvestUnchanged {
		t.Errorf("the last run is %+v, %v", last[id], err)
	}
	now := g.clock()
	if _, err := g.st.Decide(context.Background(), ent.System("Test"), now, id, ent.DecisionAccept); err == nil {
		t.Error("a dry run could be decided on")
	}
	real := g.run(id)
	read := &ent.Harvest{ID: real.ID}
	if err := g.st.ChangesInto(context.Background(), []*ent.Harvest{read}); err != nil || len(read.Changes) != 28 || real.Dry {
		t.Errorf("the quarantined run keeps %d changes, %v", len(read.Changes), err)
	}
	g.answer("/a.ics", "<!doctype html><html>")
	if run, said = dry(); run.Outcome != ent.HarvestQuarantined || said != "" {
		t.Errorf("%s %q", run.Outcome, said)
	}
	g.answer("/a.ics", calendar(many(0, 300)...))
	run, _ = dry()
	count, bytes := 0, 0
	for _, c := range run.Changes {
		if c.Action == ent.ActionNew {
			count++
		}
		for _, f := range c.Fields {
			bytes += len(f.Before) + len(f.After)
		}
	}
	if count != ent.MaxHarvestChanges || run.New < 200 || bytes > ent.MaxHarvestFields {
		t.Errorf("%d of %d changes with %d bytes", count, run.New, bytes)
	}
}

// Of two processes one reads a source at a time, and a due source is read once.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	begun, goOn := make(chan bool), make(chan bool)
	g.handle("/a.ics", func(w http.ResponseWriter, _ *http.Request) {
		begun <- true
		<-goOn
		_, _ = w.Write([]byte(calendar(many(0, 3)...)))
	})
	id := g.add("ical", "/a.ics")
	other := g.another(storetest.Open(t, g.dsn))
	done := make(chan error)
	go func() {
		n, err := g.runner.RunDue(context.Background())
		if n != 1 {
			err = fmt.Errorf("%d runs: %w", n, err)
		}
		done <- err
	}()
	<-begun
	if _, err := other.Run(context.Background(), id, false); err != harvest.ErrBusy {
		t.Errorf("the other process: %v", err)
	}
	if n, err := other.RunDue(context.Background()); n != 0 || err != nil {
		t.Errorf("the other process ran %d: %v", n, err)
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := g.rows("SELECT count(*) FROM harvest"); n[0] != "1" {
		t.Errorf("audit rows: %v", n)
	}
}

// Failures are followed by longer and longer waits; a source that asks for peace is left in peace.
func TestBackOff(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	g.handle("/a.ics", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	id := g.add("ical", "/a.ics")
	wait := func() time.Duration {
		x, err := g.st.Source(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		return x.NextAt.Sub(g.clock())
	}
	for i, hours := range []float64{12, 24, 24} {
		run := g.run(id)
		if h := wait().Hours(); run.Outcome != ent.HarvestFailed || *run.HTTPStatus != 500 || h < hours*.89 || h > hours*1.11 {
			t.Errorf("failure %d: %s %v, then after %.1f h", i, run.Outcome, run.HTTPStatus, h)
		}
	}
	g.handle("/a.ics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "172800")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	g.run(id)
	if h := wait().Hours(); h < 47.9 || h > 48.1 {
		t.Errorf("asked for two days, it is read after %.1f h", h)
	}
	g.answer("/a.ics", calendar(many(0, 3)...))
	hits := g.hits["/a.ics"]
	if run := g.run(id); run.Outcome != ent.HarvestFailed || g.hits["/a.ics"] != hits || !strings.Contains(text(run.Error), "nicht abgerufen") {
		t.Errorf("before its time: %+v", run)
	}
	g.wait(48 * time.Hour)
	g.expect(id, "OK 3 new 0 changed 0 same 0 gone 0 refused")
	if h := wait().Hours(); h < 5.3 || h > 6.7 {
		t.Errorf("after a success it is read after %.1f h", h)
	}
	// Who asks himself waits for a moment.
	g.handle("/a.ics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	g.run(id)
	g.answer("/a.ics", calendar(many(0, 4)...))
	began := time.Now()
	if run, err := g.runner.Run(context.Background(), id, false); err != nil || run.New != 1 || time.Since(began) < time.Second {
		t.Errorf("after a moment: %+v %v, %v", run, err, time.Since(began))
	}
}

// What a person has set stands; what the feed has instead is kept beside it.
func TestCorrectionStands(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	g.answer("/a.ics", calendar("a|Lesung|03"))
	id := g.add("ical", "/a.ics")
	g.run(id)
	ctx := context.Background()
	offering := g.rows("SELECT id FROM offering")
	key := uuid.MustParse(strings.Trim(strings.ReplaceAll(g.rows("SELECT id::text FROM offering")[0], " ", ""), "[]"))
	_ = offering
	x, err := g.st.Source(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.st.SaveOffering(ctx, ent.System("Frau Klug"), g.clock(), store.OfferingSave{ID: &key, ProviderID: *x.ProviderID, Publish: true, Edit: func(o *ent.Offering) ent.UserErrors {
		o.Title = "Lesung mit Musik"
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	g.answer("/a.ics", calendar("a|Lesung im Rathaus|03|LOCATION:Rathaus\\, Wiesenburger Straße 6\\, 14806 Bad Belzig"))
	g.expect(id, "OK 0 new 1 changed 0 same 0 gone 0 refused")
	if got := g.rows("SELECT o.title, p.name, p.street, o.held->'title'->>'proposed' LIKE '%Lesung im Rathaus%' FROM offering o JOIN place p ON p.id = o.place_id"); got[0] != "Lesung mit Musik | Rathaus | Wiesenburger Straße 6 | true" {
		t.Errorf("after the import: %v", got)
	}
}
