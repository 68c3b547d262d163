package harvest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"umland/ent"
)

var icalNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// icalShared lists the real calendars beside the repository; none in a plain checkout.
func icalShared(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, folder := range []string{"ical", "ical-corpus"} {
		list, err := filepath.Glob("../../shared/data/feeds/" + folder + "/*.ics")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, list...)
	}
	return files
}

// webRead gives what the format finds in the body.
func webRead(t testing.TB, f Format, feed *Feed, body []byte) (records []*Record, refused []Refusal, err error) {
	t.Helper()
	feed.Body = bytes.NewReader(body)
	feed.Now = icalNow
	if feed.Zone == nil {
		feed.Zone = ent.Berlin
	}
	feed.Emit = func(r *Record) error { records = append(records, r); return nil }
	feed.Refuse = func(r Refusal) error { refused = append(refused, r); return nil }
	err = f.Read(context.Background(), feed)
	return records, refused, err
}

func icalRead(t testing.TB, file string) ([]*Record, []Refusal) {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	records, refused, err := webRead(t, ICal{}, &Feed{}, body)
	if err != nil && !strings.HasPrefix(err.Error(), "Das ist kein Kalender") {
		t.Fatalf("%s: %v", file, err)
	}
	return records, refused
}

// Every VEVENT, VTODO, VJOURNAL and VFREEBUSY of every real calendar is either in or refused, and what is in is valid.
func TestICalReal(t *testing.T) {
	t.Parallel()
	files := icalShared(t)
	if len(files) == 0 {
		t.Log("no ../../shared/data: nothing to read")
	}
	reasons := map[string]int{}
	var in, out, changed int
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, refused := icalRead(t, file)
		begun := 0
		for line := range strings.FieldsFuncSeq(string(body), func(r rune) bool { return r == '\n' || r == '\r' }) {
			switch strings.ToUpper(strings.TrimRight(line, " ")) {
			case "BEGIN:VEVENT", "BEGIN:VTODO", "BEGIN:VJOURNAL", "BEGIN:VFREEBUSY":
				begun++
			}
		}
		have := 0
		keys := map[string]bool{}
		for _, rec := range records {
			have += bytes.Count(rec.Raw, []byte("DTSTART")) // of each VEVENT one
			if problems := rec.Schedule.Validate(); len(problems) > 0 {
				t.Errorf("%s: %s: %v", file, rec.Key, problems)
			}
			if rec.Key == "" || keys[rec.Key] {
				t.Errorf("%s: key %q is empty or not unique", file, rec.Key)
			}
			keys[rec.Key] = true
			changed += len(rec.Exceptions)
		}
		if have+len(refused) != begun {
			t.Errorf("%s: %d items are in, %d refused, of %d", file, have, len(refused), begun)
		}
		in += have
		out += len(refused)
		for _, r := range refused {
			reasons[r.Message]++
			if r.Item == "" || !strings.HasSuffix(r.Message, ".") {
				t.Errorf("%s: refusal %+v", file, r)
			}
		}
	}
	t.Logf("%d VEVENTs are in (%d exceptions), %d items refused", in, changed, out)
	list := make([]string, 0, len(reasons))
	for reason := range reasons {
		list = append(list, reason)
	}
	slices.SortFunc(list, func(a, b string) int { return reasons[b] - reasons[a] })
	for _, reason := range list {
		t.Logf("%4d %s", reasons[reason], reason)
	}
}

func TestICalGolden(t *testing.T) {
	t.Parallel()
	golden(t, ICal{}, "ical")
}

// The keys and dates are the same in whatever order the VEVENTs come.
func TestICalOrder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"uids", "google", "rules"} {
		body, err := os.ReadFile("testdata/ical/" + name + ".ics")
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.SplitAfter(string(body), "END:VEVENT\r\n")
		head, first, _ := strings.Cut(parts[0], "BEGIN:VEVENT")
		parts[0] = "BEGIN:VEVENT" + first
		tail := parts[len(parts)-1]
		parts = parts[:len(parts)-1]
		describe := func() string {
			records, _, err := webRead(t, ICal{}, &Feed{}, []byte(head+strings.Join(parts, "")+tail))
			if err != nil {
				t.Fatal(err)
			}
			var list []string
			for _, rec := range records {
				s := *rec.Schedule
				s.Normalize()
				list = append(list, fmt.Sprint(rec.Key, s.Start, s.Exclude, s.Include, rec.Exceptions, rec.Cancelled))
			}
			slices.Sort(list)
			return strings.Join(list, "\n")
		}
		want := describe()
		r := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			if got := describe(); got != want {
				t.Fatalf("%s: another order gives\n%s\nnot\n%s", name, got, want)
			}
		}
	}
}

// Hostile files end, in little memory, and with a reason for what they lose.
func TestICalHostile(t *testing.T) {
	t.Parallel()
	event := func(lines string) string {
		return "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nSUMMARY:X\n" + lines + "DTSTART:20260512T190000\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	for name, c := range map[string]struct{ body, want string }{
		"a line of 3 MB":         {event("DESCRIPTION:" + strings.Repeat("x", 3<<20) + "\n"), "Eine Zeile ist länger als 1 MB."},
		"a folded line of 3 MB":  {event("DESCRIPTION:" + strings.Repeat("x\n ", 1<<20) + "\n"), "Eine Zeile ist länger als 1 MB."},
		"many lines":             {event(strings.Repeat("COMMENT:x\n", 6000)), "Der Termin hat mehr als 5000 Zeilen."},
		"many parameters":        {event("COMMENT" + strings.Repeat(";A=b", 1000) + ":x\n"), "x"},
		"an inline file":         {event("ATTACH;ENCODING=BASE64;VALUE=BINARY:" + strings.Repeat("QUJD", 900_000) + "\n"), "x"},
		"a long line of X":       {event("X-BLOB:" + strings.Repeat("QUJD", 900_000) + "\n"), "x"},
		"deep components":        {"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\n", 10_000) + strings.Repeat("END:A\n", 10_000) + event(""), "x"},
		"a rule without dates":   {event("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n"), "x"},
		"a rule of many parts":   {event("RRULE:FREQ=DAILY;BYDAY=" + strings.Repeat("MO,", 1000) + "TU\n"), "Die Wiederholungsregel ist zu lang."},
		"many dates":             {event("RDATE:" + strings.Repeat("20260513T190000,", 1500) + "20260514T190000\n"), "Die Serie hat mehr als 1000 einzelne oder ausgenommene Termine."},
		"year 0":                 {event("DTSTART:00000512T190000\n"), "Der Beginn ist nicht lesbar: „00000512T190000“ ist kein Datum."},
		"year 9999":              {event("DTSTART:99990512T190000\n"), "Der Termin nennt zwei verschiedene Anfänge."},
		"an endless duration":    {event("DURATION:P9999999W\n"), "Das Ende liegt zu weit vom Beginn oder nicht in den Jahren 1900 bis 2200."},
		"a zone outside":         {event("DTSTART;TZID=../../etc/passwd:20260512T190000\n"), "Der Beginn ist nicht lesbar: Die Zeitzone „../../etc/passwd“ ist unbekannt."},
		"a long UID":             {strings.ReplaceAll(event(""), "UID:x", "UID:"+strings.Repeat("u", 5000)), strings.Repeat("u", 265) + "…"},
		"only line ends":         {strings.Repeat("\r\n", 1<<20), "Das ist kein Kalender, sondern eine leere Datei."},
		"an end without a begin": {"END:VEVENT\nEND:VCALENDAR\n" + event(""), "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, refused, err := webRead(t, ICal{}, &Feed{}, []byte(c.body))
			got := ""
			for _, rec := range records {
				got += rec.Key
				if len(rec.Key) > icalMaxKey {
					t.Errorf("the key has %d bytes", len(rec.Key))
				}
			}
			for _, r := range refused {
				got += r.Message
			}
			if err != nil {
				got += err.Error()
			}
			if !strings.HasPrefix(got, c.want) || c.want == "x" && got != "x" {
				t.Errorf("%.300s, want %s", got, c.want)
			}
		})
	}
}

// What Emit, Refuse and the context say ends the run as it is.
func TestICalStops(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	body := "BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nBEGIN:VEVENT\nUID:x\nSUMMARY:X\nDTSTART:20260512\nEND:VEVENT\nEND:VCALENDAR\n"
	feed := func() *Feed {
		return &Feed{Body: strings.NewReader(body), Now: icalNow, Zone: ent.Berlin, Emit: func(*Record) error { return nil }, Refuse: func(Refusal) error { return nil }}
	}
	f := feed()
	f.Emit = func(*Record) error { return full }
	if err := (ICal{}).Read(context.Background(), f); err != full {
		t.Errorf("Emit: %v", err)
	}
	f = feed()
	f.Refuse = func(Refusal) error { return full }
	if err := (ICal{}).Read(context.Background(), f); err != full {
		t.Errorf("Refuse: %v", err)
	}
	f = feed()
	f.Body = io.MultiReader(strings.NewReader(body), iotest.ErrReader(full))
	if err := (ICal{}).Read(context.Background(), f); err != full {
		t.Errorf("Body: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (ICal{}).Read(ctx, feed()); !errors.Is(err, context.Canceled) {
		t.Errorf("ctx: %v", err)
	}
}

func TestZoneNamed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Europe/Berlin":                                  "Europe/Berlin",
		"W. Europe Standard Time":                        "Europe/Berlin",
		`"Romance Standard Time"`:                        "Europe/Paris",
		"GMT Standard Time":                              "Europe/London",
		"/freeassociation.sourceforge.net/Europe/Warsaw": "Europe/Warsaw",
		"/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires": "America/Argentina/Buenos_Aires",
		"posix/Europe/Vaduz":    "Europe/Vaduz",
		"tzone://Microsoft/Utc": "UTC",
		"(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien": "Europe/Berlin",
		"UTC+02:00": "Etc/GMT-2", "GMT-5": "Etc/GMT+5", "UTC+05:30": "", "UTC+99": "",
		"Local": "", "": "", "Europe/Germany": "", "europe": "", "../Europe/Paris": "",
	} {
		got := ""
		if loc := zoneNamed(name); loc != nil {
			got = loc.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	for name, iana := range windowsZones {
		if _, err := time.LoadLocation(iana); err != nil || name != strings.ToLower(name) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// icalLarge is a calendar of n events as Google writes them, every tenth a series with a changed date.
func icalLarge(n int) []byte {
	var b bytes.Buffer
	b.WriteString("BEGIN:VCALENDAR\r\nPRODID:-//Test//DE\r\nVERSION:2.0\r\n")
	for i := range n {
		day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i%700).Format("20060102")
		rule := ""
		if i%10 == 0 {
			rule = "RRULE:FREQ=WEEKLY;COUNT=20\r\n"
		}
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Berlin:%sT190000\r\nDTEND;TZID=Europe/Berlin:%sT210000\r\n%sDTSTAMP:20260725T073725Z\r\nUID:%032d@google.com\r\n"+
			"CREATED:20260125T110341Z\r\nDESCRIPTION:Reklamationen von Tonnenleerungen nimmt die Firma unter 06042 9611-0\r\n  entgegen. Bioabfälle sind kompostierbare Abfälle.\r\nLOCATION:Dorfgemeinschaftshaus\\, Hauptstraße 5\r\nSEQUENCE:0\r\nSTATUS:CONFIRMED\r\nSUMMARY:Veranstaltung %d\r\nEND:VEVENT\r\n", day, day, rule, i, i)
		if rule != "" {
			fmt.Fprintf(&b, "BEGIN:VEVENT\r\nRECURRENCE-ID;TZID=Europe/Berlin:%sT190000\r\nDTSTART;TZID=Europe/Berlin:%sT200000\r\nUID:%032d@google.com\r\nSUMMARY:Veranstaltung %d\r\nEND:VEVENT\r\n", day, day, i, i)
		}
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.Bytes()
}

func BenchmarkICal(b *testing.B) {
	body := icalLarge(100_000)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		n, exceptions := 0, 0
		var high uint64
		feed := &Feed{Body: bytes.NewReader(body), Now: icalNow, Zone: ent.Berlin, Refuse: func(r Refusal) error { return r }}
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		feed.Emit = func(r *Record) error {
			if n++; n == 1 { // all events lie in memory now
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				high = m.HeapAlloc - before.HeapAlloc
			}
			exceptions += len(r.Exceptions)
			return nil
		}
		if err := (ICal{}).Read(context.Background(), feed); err != nil || n != 100_000 || exceptions != 10_000 {
			b.Fatal(n, exceptions, err)
		}
		b.ReportMetric(float64(high)/(1<<20), "MB-held")
	}
	b.ReportMetric(float64(b.N)*110_000/b.Elapsed().Seconds(), "events/s")
}
