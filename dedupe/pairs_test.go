package dedupe_test

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "umland/dedupe"
	"umland/ent"
)

// labelled is a record of testdata/tuning.txt, or of testdata/heldout.txt, by which no weights are chosen.
type labelled struct {
	Candidate
	group   string
	thing   int
	line    int
	heldOut bool
}

// readLabelled reads both files; the head of testdata/tuning.txt describes them.
func readLabelled(t testing.TB) []labelled {
	t.Helper()
	names := map[string]bool{}
	return append(readFile(t, "tuning.txt", names), readFile(t, "heldout.txt", names)...)
}

func readFile(t testing.TB, name string, names map[string]bool) []labelled {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []labelled
	var at labelled
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		fields := strings.Fields(line)
		switch {
		case line == "" || line[0] == '#':
		case fields[0] == "group":
			if len(fields) < 3 || names[fields[1]] {
				t.Fatalf("%s:%d: a group has a name of its own and an AGS", name, n)
			}
			names[fields[1]] = true
			at = labelled{group: fields[1], heldOut: name == "heldout.txt"}
			at.AGS, at.Kind = fields[2], ent.KindEvent
			if len(fields) > 3 {
				at.Kind = ent.OfferingKind(fields[3])
			}
		case line == "thing":
			at.thing++
		default:
			r := at
			r.line = n
			if err := r.parse(line); err != nil {
				t.Fatalf("%s:%d: %v", name, n, err)
			}
			r.Source = fmt.Sprint(name, " ", n)
			out = append(out, r)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func (l *labelled) parse(line string) error {
	columns := strings.Split(line, "|")
	for i := range columns {
		columns[i] = strings.TrimSpace(columns[i])
	}
	if len(columns) < 4 || l.thing == 0 || columns[0] == "" {
		return fmt.Errorf("a record stands below a thing and has at least four columns")
	}
	l.Title = columns[0]
	if err := l.parseWhen(columns[1]); err != nil {
		return err
	}
	for i, p := range strings.Split(columns[2], ";") {
		p = strings.TrimSpace(p)
		switch i {
		case 0:
			l.PlaceName, l.Online = p, p == "online" || p == "Zoom"
		case 1:
			l.Street = p
		case 2:
			l.Locality = p
		case 3:
			var lat, lon float64
			if _, err := fmt.Sscan(p, &lat, &lon); err != nil {
				return err
			}
			l.Latitude, l.Longitude = &lat, &lon
		}
	}
	for i, p := range strings.Split(columns[3], ";") {
		p = strings.TrimSpace(p)
		switch {
		case i == 0:
			l.Organiser = p
		case strings.Contains(p, "@"):
			l.Email = p
		case strings.HasPrefix(p, "http"):
			l.Website = p
		default:
			l.Phone = p
		}
	}
	for _, p := range columns[4:] {
		key, value, _ := strings.Cut(p, "=")
		switch key {
		case "text":
			l.Text = value
		case "url":
			l.URLs = append(l.URLs, value)
		case "kind":
			l.Kind = ent.OfferingKind(value)
		case "ags":
			l.AGS = value
		case "price":
			free := value == "free"
			l.Price.Free = &free
			if cents, err := strconv.Atoi(value); err == nil {
				cents *= 100
				l.Price.FromCents = &cents
			}
		default:
			return fmt.Errorf("no column %q", key)
		}
	}
	return nil
}

func (l *labelled) parseWhen(s string) error {
	words := strings.Fields(s)
	if len(words) == 0 {
		return nil
	}
	if n := len(words); strings.HasPrefix(words[n-1], "FREQ=") {
		l.RRule, words = words[n-1], words[:n-1]
	}
	first, last, days := strings.Cut(words[0], "..")
	var err error
	if l.Start, err = time.ParseInLocation("2006-01-02", first, ent.Berlin); err != nil {
		return err
	}
	if len(words) == 1 {
		l.AllDay = true
		if days {
			l.End, err = time.ParseInLocation("2006-01-02", last, ent.Berlin)
			l.End = l.End.AddDate(0, 0, 1)
		}
		return err
	}
	from, to, ends := strings.Cut(words[1], "-")
	if l.Start, err = time.ParseInLocation("2006-01-02 15:04", first+" "+from, ent.Berlin); err != nil || !ends {
		return err
	}
	if l.End, err = time.ParseInLocation("2006-01-02 15:04", first+" "+to, ent.Berlin); err == nil && !l.End.After(l.Start) {
		l.End = l.End.AddDate(0, 0, 1)
	}
	return err
}

// eachPair goes through all pairs of a group.
func eachPair(all []labelled, f func(a, b labelled, same bool)) {
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.group == b.group {
				f(a, b, a.thing == b.thing)
			}
		}
	}
}

// Of the pairs that are said to be the same at least 99 of 100 are, and at least 90 of 100 that are the same are found: in the file that weights
// are chosen by, and in the one that is kept apart; only of the first it says which are wrong.
func TestPairs(t *testing.T) {
	t.Parallel()
	type counts struct{ same, different, found, wrong int }
	var files [2]counts
	eachPair(readLabelled(t), func(a, b labelled, same bool) {
		n := 0
		if a.heldOut {
			n = 1
		}
		v, c := Score(a.Candidate, b.Candidate), &files[n]
		if same {
			c.same++
		} else {
			c.different++
		}
		switch {
		case v.Same && same:
			c.found++
		case v.Same:
			c.wrong++
		}
		if v.Same != same && !a.heldOut {
			t.Logf("%s, lines %d and %d: %.2f, want same %v\n%s", a.group, a.line, b.line, v.Score, same, explain(v))
		}
	})
	total := counts{}
	for n, c := range files {
		precision, recall := float64(c.found)/float64(c.found+c.wrong), float64(c.found)/float64(c.same)
		t.Logf("%s: %d same and %d different pairs: precision %.3f, recall %.3f",
			[]string{"tuning.txt", "heldout.txt"}[n], c.same, c.different, precision, recall)
		if !(precision >= .99) || !(recall >= .9) {
			t.Errorf("precision %.3f, recall %.3f", precision, recall)
		}
		total.same += c.same
		total.different += c.different
		if c.same < 60 || c.different < 100 {
			t.Errorf("only %d same and %d different pairs", c.same, c.different)
		}
	}
	if total.same < 150 || total.different < 250 {
		t.Errorf("only %d same and %d different pairs in all", total.same, total.different)
	}
}

func explain(v Verdict) string {
	var b strings.Builder
	for _, r := range v.Reasons {
		fmt.Fprintf(&b, "    %s %.2f %s\n", r.Field, r.Score, r.Text)
	}
	return b.String()
}

// Two that are the same have a key in common, in at least 97 of 100 pairs, and are looked up by few keys.
func TestKeysFindDuplicates(t *testing.T) {
	t.Parallel()
	same, found := 0, 0
	eachPair(readLabelled(t), func(a, b labelled, is bool) {
		if !is {
			return
		}
		same++
		ka, kb := Keys(a.Candidate), Keys(b.Candidate)
		if slices.ContainsFunc(ka, func(k string) bool { return slices.Contains(kb, k) }) {
			found++
		} else {
			t.Logf("lines %d and %d: %q and %q", a.line, b.line, ka, kb)
		}
		for _, keys := range [...][]string{ka, kb} {
			if len(keys) == 0 || len(keys) > MaxKeys {
				t.Errorf("%d keys: %q", len(keys), keys)
			}
			for _, k := range keys {
				if len(k) > 40 {
					t.Errorf("%q has %d bytes", k, len(k))
				}
			}
		}
	})
	t.Logf("%d of %d same pairs have a key in common", found, same)
	if float64(found) < .97*float64(same) {
		t.Errorf("only %d of %d same pairs have a key in common", found, same)
	}
}
