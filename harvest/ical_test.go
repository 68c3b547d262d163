package harvest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
