package harvest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

// What feeds do to those who read them. Each is well, then bad, then well again with one item more: what stood stands while it is bad, the run ends in time with
// a row that says what was wrong, and one run after it has recovered all is there.
func TestHostile(t *testing.T) {
	t.Parallel()
	body := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s)) }
	}
	status := func(n int) http.HandlerFunc { return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) } }
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	zipped := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b)
		}
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 64 {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	good := func(n int) string { return calendar(many(0, n)...) }
	var whole bytes.Buffer
	z = gzip.NewWriter(&whole)
	_, _ = z.Write([]byte(good(12)))
	_ = z.Close()
	csv := func(rows ...string) string { return "Titel;Beginn;Ort\n" + strings.Join(rows, "\n") + "\n" }
	csvGood := []string{"Lesung im Park;03.12.2026 19:00;Park", "Markt;04.12.2026 10:00;Markt", "Chorkonzert;05.12.2026 19:00;Kirche", "Yoga am Morgen;06.12.2026 08:00;Halle", "Skat;07.12.2026 19:00;Krug", "Kinderfest;08.12.2026 15:00;Anger", "Vortrag;09.12.2026 19:00;Rathaus"}
	rss := func(items int) string {
		var b strings.Builder
		b.WriteString(`<?xml version="1.0"?><rss version="2.0" xmlns:ev="http://purl.org/rss/1.0/modules/event/"><channel><title>x</title>`)
		for i, e := range many(0, items) {
			fmt.Fprintf(&b, `<item><guid>g%d</guid><title>%s</title><ev:startdate>2026-12-%02dT19:00:00+01:00</ev:startdate></item>`, i, strings.Split(e, "|")[1], i+1)
		}
		return b.String() + `</channel></rss>`
	}
	bigger := func(format string) string {
		switch format {
		case "csv":
			return csv(append(csvGood, "Weihnachtsmarkt;12.12.2026 14:00;Burg")...)
		case "rss":
			return rss(13)
		}
		return good(13)
	}
	outcomes := func(list ...ent.HarvestOutcome) string { return fmt.Sprint(list) }
	failed, quarantined, ok := outcomes(ent.HarvestFailed), outcomes(ent.HarvestQuarantined), outcomes(ent.HarvestOK)
	either := outcomes(ent.HarvestFailed, ent.HarvestQuarantined)
	for _, c := range []struct {
		name, format string
		bad          http.HandlerFunc
		outcome      string
		grows        bool // it also says something new that is all right
	}{
		{"404", "ical", status(404), failed, false},
		{"410", "ical", status(410), failed, false},
		{"500", "ical", status(500), failed, false},
		{"204", "ical", status(204), either, false},
		{"endless body", "ical", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
		}, failed, false},
		{"endless calendar", "ical", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("BEGIN:VCALENDAR\r\n"))
			for i := 0; r.Context().Err() == nil; i++ {
				if _, err := fmt.Fprintf(w, "BEGIN:VEVENT\r\nUID:e%d\r\nDTSTART:20261201T100000Z\r\nSUMMARY:x%d\r\nEND:VEVENT\r\n", i, i); err != nil {
					return
				}
			}
		}, failed, false},
		{"slow drip", "ical", func(w http.ResponseWriter, r *http.Request) {
			for _, b := range []byte(good(12)) {
				if _, err := w.Write([]byte{b}); err != nil || r.Context().Err() != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		}, failed, false},
		{"no answer", "ical", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(10 * time.Second):
			}
		}, failed, false},
		{"closes at once", "ical", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}, failed, false},
		{"gzip bomb", "ical", zipped(bomb.Bytes()), failed, false},
		{"broken gzip", "ical", zipped(whole.Bytes()[:whole.Len()/2]), failed, false},
		{"no gzip at all", "ical", zipped([]byte(good(12))), failed, false},
		{"redirect loop", "ical", redirect("/feed"), failed, false},
		{"redirect into the private network", "ical", redirect("http://10.0.0.1/feed.ics"), failed, false},
		{"redirect to the machine itself", "ical", redirect("http://127.0.0.1:1/feed.ics"), failed, false},
		{"redirect to a file", "ical", redirect("file:///etc/passwd"), failed, false},
		{"cut off in the middle", "ical", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(good(12))))
			_, _ = w.Write([]byte(good(12)[:900]))
		}, failed, false},
		{"truncated between items", "ical", body(good(12)[:strings.Index(good(12), "UID:uid-9")-len("BEGIN:VEVENT\r\n")]), ok, false},
		{"truncated within an item", "ical", body(good(12)[:strings.Index(good(12), "UID:uid-9")+20]), ok, false},
		{"an HTML page", "ical", body("<!doctype html><html><head><title>Fehler</title></head></html>"), quarantined, false},
		{"nothing", "ical", body(""), quarantined, false},
		{"an empty calendar", "ical", body(calendar()), quarantined, false},
		{"half of it", "ical", body(good(6)), outcomes(ent.HarvestOK, ent.HarvestQuarantined), false},
		{"a third of it", "ical", body(good(4)), quarantined, false},
		{"all items broken", "ical", body(strings.ReplaceAll(good(12), "DTSTART", "X-START")), quarantined, false},
		{"binary", "ical", body("\x00\x01\x02\xff\xfe BEGIN:VCALENDAR \x00"), failed, false},
		{"another format", "ical", body(rss(12)), failed, false},
		{"FREQ=SECONDLY", "ical", body(strings.Replace(good(13), "UID:uid-12\r\n", "UID:uid-12\r\nRRULE:FREQ=SECONDLY\r\n", 1)), ok, false},
		{"an endless daily series", "ical", body(strings.Replace(good(13), "UID:uid-12\r\n", "UID:uid-12\r\nRRULE:FREQ=DAILY\r\n", 1)), ok, true},
		{"script in a title", "ical", body(strings.Replace(good(13), "UID:uid-12\r\nDTSTAMP", "UID:uid-12\r\nDESCRIPTION:<script>alert(1)</script><b>fett</b>\r\nDTSTAMP", 1)), ok, true},
		{"invalid UTF-8 and NUL", "ical", body(strings.Replace(good(13), "UID:uid-12\r\n", "UID:uid-12\r\nLOCATION:B\xfchne\x00 am \xff Markt\r\nDESCRIPTION:\u202eumgedreht\x00\r\n", 1)), ok, true},
		{"a title of 100,000 letters", "ical", body(strings.Replace(good(13), "UID:uid-12\r\n", "UID:uid-12\r\nDESCRIPTION:"+strings.Repeat("ä", 200_000)+"\r\nLOCATION:"+strings.Repeat("Ort ", 2000)+"\r\n", 1)), ok, true},
		{"a UID of 100,000 letters", "ical", body(strings.Replace(good(13), "UID:uid-12\r\n", "UID:"+strings.Repeat("u", 100_000)+"\r\n", 1)), ok, true},
		{"the same item 5,000 times", "ical", body(good(12)[:len(good(12))-len("END:VCALENDAR\r\n")] + strings.Repeat("BEGIN:VEVENT\r\nUID:uid-3\r\nDTSTART:20261203T100000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\n", 5000) + "END:VCALENDAR\r\n"), "", true},
		{"nested a thousand times", "ical", body(strings.Repeat("BEGIN:VCALENDAR\r\n", 1000) + good(12)), "", false},
		{"XML bomb", "rss", body(`<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>`), failed, false},
		{"external entity", "rss", body(`<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>`), failed, false},
		{"truncated XML", "rss", body(rss(12)[:600]), failed, false},
		{"deep XML", "rss", body("<rss>" + strings.Repeat("<a>", 100_000)), failed, false},
		{"a feed without items", "rss", body(rss(0)), quarantined, false},
		{"only the head of a table", "csv", body("Titel;Beginn;Ort\n"), quarantined, false},
		{"other columns", "csv", body(strings.Replace(csv(csvGood...), "Titel;Beginn", "Spalte 1;Spalte 2", 1)), either, false},
		{"a table that is a page", "csv", body("<html><body>Anmeldung</body></html>"), quarantined, false},
		{"a quotation mark that is never closed", "csv", body(csv(append([]string{`"Lesung im Park;03.12.2026`}, csvGood[1:]...)...)), either, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newRegion(t)
			first := good(12)
			switch c.format {
			case "csv":
				first = csv(csvGood...)
			case "rss":
				first = rss(12)
			}
			g.answer("/feed", first)
			id := g.add(c.format, "/feed")
			if run := g.run(id); run.Outcome != ent.HarvestOK || run.Refused > 0 {
				t.Fatalf("well: %+v %s", run, text(run.Error))
			}
			before := g.rows("SELECT id, title, status FROM offering ORDER BY id")
			g.handle("/feed", c.bad)
			began := time.Now()
			g.wait(time.Minute)
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
			defer cancel()
			run, err := g.runner.Run(ctx, id, false)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 40*time.Second {
				t.Errorf("took %v", took)
			}
			if c.outcome != "" && !strings.Contains(c.outcome, string(run.Outcome)) {
				t.Errorf("bad: %s %q %v", run.Outcome, text(run.Error), run.Refusals)
			}
			if (run.Outcome == ent.HarvestFailed || run.Outcome == ent.HarvestQuarantined) && (text(run.Error) == "" || strings.Contains(text(run.Error), "0x") || strings.Contains(text(run.Error), "\x00")) {
				t.Errorf("says %q", text(run.Error))
			}
			after := g.rows("SELECT id, title, status FROM offering ORDER BY id")
			if !c.grows && strings.Join(after, "\n") != strings.Join(before, "\n") && c.name != "half of it" {
				t.Errorf("while it is bad:\n%s\nwas\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
			}
			if c.grows && len(after) < len(before) {
				t.Errorf("while it is bad: %v", after)
			}
			if n := g.rows("SELECT count(*) FROM harvest WHERE source_id = $1", id); n[0] != "2" {
				t.Errorf("audit rows: %v", n)
			}
			if n := g.rows("SELECT count(*) FROM offering WHERE title LIKE '%<script%' OR description_html LIKE '%<script%'"); n[0] != "0" {
				t.Error("script came through")
			}
			g.answer("/feed", bigger(c.format))
			if run := g.run(id); run.Outcome != ent.HarvestOK {
				t.Errorf("recovered: %s %s", run.Outcome, text(run.Error))
			}
			want := "13"
			if c.format == "csv" {
				want = "8"
			}
			if n := g.rows("SELECT count(*) FROM offering WHERE status = 'PUBLISHED'"); n[0] != want {
				t.Errorf("recovered: %v published", n)
			}
		})
	}
}

// A hundred thousand events in one file are read within the memory that there is.
func TestHundredThousand(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	g.handle("/big.ics", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("BEGIN:VCALENDAR\r\n"))
		for i := range 20_000 {
			_, _ = fmt.Fprintf(w, "BEGIN:VEVENT\r\nUID:e%d\r\nDTSTART:202612%02dT%02d0000Z\r\nSUMMARY:Termin %d der Reihe\r\nEND:VEVENT\r\n", i, 1+i%28, i%24, i)
		}
		_, _ = w.Write([]byte("END:VCALENDAR\r\n"))
	})
	id := g.add("ical", "/big.ics")
	began := time.Now()
	if run := g.run(id); run.Outcome != ent.HarvestOK || run.New != 20_000 {
		t.Errorf("%+v %s", run, text(run.Error))
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%v, %d MB from the system", time.Since(began), m.Sys>>20)
}
