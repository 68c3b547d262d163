package harvest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

// icalSpan is a date of an item, in seconds.
type icalSpan [2]int64

// icalSpans gives the dates of the record that start in [from, to), with its exceptions.
func icalSpans(t *testing.T, rec *Record, from, to time.Time) []icalSpan {
	t.Helper()
	var list []icalSpan
	add := func(start time.Time, end *time.Time) {
		if start.Before(from) || !start.Before(to) {
			return
		}
		if end == nil {
			end = &start
		}
		list = append(list, icalSpan{start.Unix(), end.Unix()})
	}
	spans, err := rec.Schedule.Expand(from.AddDate(-1, 0, 0), to, ent.ScheduleMaxSpans)
	if err != nil {
		t.Fatalf("%s: %v", rec.Key, err)
	}
	for _, span := range spans {
		if !slices.ContainsFunc(rec.Exceptions, func(e ent.Exception) bool { return e.Original.Equal(span.Original) }) {
			add(span.Start, span.End)
		}
	}
	for _, e := range rec.Exceptions {
		switch {
		case e.Status == ent.OccurrenceCancelled:
		case e.Start != nil:
			end := e.End
			if end == nil && rec.Schedule.AllDay {
				next := e.Start.In(ent.Berlin).AddDate(0, 0, 1)
				end = &next
			}
			add(*e.Start, end)
		default:
			t.Errorf("%s: an exception that says nothing", rec.Key)
		}
	}
	return list
}

// TestICalOracle compares with npm ical.js what dates each calendar in shared/data has from 1990 to 2037. It needs the packages of oracle/:
//
//	(cd harvest/oracle && npm ci) && go test -run TestICalOracle -v ./harvest
//
// Every UID on which the two differ has to stand in oracle/DISAGREEMENTS.md.
func TestICalOracle(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("oracle/node_modules/ical.js"); err != nil {
		t.Log("oracle/node_modules is not installed: run npm ci in harvest/oracle to compare")
		return
	}
	known, err := os.ReadFile("oracle/DISAGREEMENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	files := icalShared(t)
	if len(files) == 0 {
		t.Log("no ../../shared/data: nothing to compare")
		return
	}
	from, to := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC)
	soon, later := icalNow.Unix(), icalNow.AddDate(2, 0, 0).Unix()
	var in bytes.Buffer
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		line, _ := json.Marshal(map[string]any{"path": path, "from": from.Unix(), "to": to.Unix()})
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command("node", "ask.mjs")
	cmd.Dir = "oracle"
	cmd.Env = append(os.Environ(), "TZ=Europe/Berlin")
	cmd.Stdin = &in
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node ask.mjs: %v", err)
	}
	answers := bufio.NewScanner(bytes.NewReader(out))
	answers.Buffer(nil, 64<<20)
	var unread, items, agreeing, instants, soonItems, soonInstants, foreign int
	for _, file := range files {
		if !answers.Scan() {
			t.Fatalf("no answer for %s", file)
		}
		var theirs struct {
			Error string
			Items map[string]struct {
				Spans   []icalSpan
				Unknown bool
			}
		}
		if err := json.Unmarshal(answers.Bytes(), &theirs); err != nil {
			t.Fatal(err)
		}
		if theirs.Error != "" {
			t.Logf("%s: not read there: %s", filepath.Base(file), theirs.Error)
			unread++
			continue
		}
		records, refused := icalRead(t, file)
		ours := map[string][]icalSpan{}
		for _, rec := range records {
			uid := ""
			if _, after, ok := strings.Cut("\n"+string(rec.Raw), "\nUID:"); ok {
				uid, _, _ = strings.Cut(after, "\n")
				uid = strings.TrimSpace(uid)
			}
			ours[uid] = append(ours[uid], icalSpans(t, rec, from, to)...)
		}
		// Where one VEVENT of a UID was refused, its dates are not comparable.
		for _, r := range refused {
			uid := ""
			if _, after, ok := strings.Cut(r.Item, "(UID "); ok {
				uid = strings.TrimSuffix(after, ")")
			}
			if !strings.HasPrefix(r.Message, "Ältere Fassung") && !strings.HasPrefix(r.Message, "Abgesagt wird") {
				delete(ours, uid)
			}
		}
		for uid, got := range ours {
			their, ok := theirs.Items[uid]
			if !ok {
				t.Errorf("%s: ical.js has no %q", filepath.Base(file), uid)
				continue
			}
			if their.Unknown {
				foreign++
				continue
			}
			items++
			want := their.Spans
			order := func(a, b icalSpan) int { return slices.Compare(a[:], b[:]) }
			slices.SortFunc(got, order)
			slices.SortFunc(want, order)
			got, want = slices.Compact(got), slices.Compact(want)
			if slices.Equal(got, want) {
				agreeing++
				instants += len(got)
				n := 0
				for _, s := range got {
					if s[0] >= soon && s[0] < later {
						n++
					}
				}
				soonInstants += n
				if n > 0 {
					soonItems++
				}
				continue
			}
			name := fmt.Sprintf("`%s: %s`", filepath.Base(file), uid)
			if strings.Contains(string(known), name) {
				continue
			}
			i := 0
			for i < len(got) && i < len(want) && got[i] == want[i] {
				i++
			}
			show := func(list []icalSpan) string {
				if i >= len(list) {
					return "none"
				}
				return time.Unix(list[i][0], 0).In(ent.Berlin).Format(time.RFC3339) + " – " + time.Unix(list[i][1], 0).In(ent.Berlin).Format(time.RFC3339)
			}
			t.Errorf("%s: date %d is %s, ical.js %s (%d and %d dates); not listed in oracle/DISAGREEMENTS.md", name, i+1, show(got), show(want), len(got), len(want))
		}
	}
	t.Logf("%d calendars, %d of them not read by ical.js; %d UIDs read by both (and %d in zones that it does not know), agreement on %d (%.2f %%) with %d dates from 1990 to 2036; %d of them have %d dates in the next two years",
		len(files), unread, items, foreign, agreeing, 100*float64(agreeing)/float64(items), instants, soonItems, soonInstants)
	if agreeing*100 < items*98 {
		t.Errorf("agreement on %d of %d is less than 98 %%", agreeing, items)
	}
}
