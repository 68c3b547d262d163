package dedupe

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// MaxKeys bounds the keys of a candidate.
const MaxKeys = 12

// Keys gives what a candidate is found by among others: two that are the same have a key in common, save for rare cases. A key is at
// most 40 bytes of ASCII and shared by few: it holds the day or the rhythm, where it is, and a word of the title or of the place, the street, the
// telephone or a page. They are meant for a text[] column and its operator &&.
func Keys(c Candidate) []string {
	when := "-"
	switch {
	case c.RRule != "":
		r := rhythmOf(&c)
		when = fmt.Sprintf("%.1s%d.%02x%.4s", r.freq, r.interval, r.days, r.nth)
	case len(c.Dates) > 0:
		when = "x"
	case !c.Start.IsZero():
		when = c.Start.Format("060102")
	}
	var keys []string
	add := func(format string, args ...any) {
		k := ascii(fmt.Sprintf(format, args...))
		if len(keys) < MaxKeys && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	// Words of a single date are looked for in the whole district: who collects feeds of a region files an event under the next town at times.
	scope, n := c.AGS, 7
	if when != "-" {
		n = 4
	}
	if when != "-" && c.RRule == "" && len(c.AGS) == 8 {
		scope = c.AGS[:5]
	}
	locality := string(fold(nil, cut(c.Locality, maxTitle)))
	telling := func(list []word, most int) []word {
		var out []word
		for _, w := range list {
			if !w.id && w.weight > general && !strings.Contains(locality, " "+w.stem) {
				out = append(out, w)
			}
		}
		slices.SortStableFunc(out, func(a, b word) int { return len(b.s) - len(a.s) })
		return out[:min(len(out), most)]
	}
	titled := words(c.Title)
	found := telling(titled, 5)
	for _, w := range found {
		add("%s/%.8s/%.*s", when, scope, n, w.stem)
	}
	if len(found) == 0 { // a title of general words: all of them, in the municipality
		var general []string
		for _, w := range titled {
			if !w.id && !strings.Contains(locality, " "+w.stem) {
				general = append(general, fmt.Sprintf("%.4s", w.stem))
			}
		}
		slices.Sort(general)
		add("%s/%.8s/%s", when, c.AGS, cut(strings.Join(general, "+"), 14))
	}
	if when != "-" {
		for _, w := range telling(words(c.PlaceName), 2) {
			add("%s/%.8s/@%.5s", when, c.AGS, w.stem)
		}
		if street, _ := splitAddress(strings.Fields(string(fold(nil, cut(c.Street, maxTitle))))); street != "" {
			add("%s/%.8s/#%.8s", when, c.AGS, street)
		}
	}
	if p := phone(c.Phone); p != "" {
		add("%s/t%.15s", when, p)
	}
	for _, u := range c.URLs[:min(len(c.URLs), 3)] {
		if p := page(u); p != "" {
			h := fnv.New64a()
			h.Write([]byte(p))
			add("%s/u%s", when, strconv.FormatUint(h.Sum64(), 36))
		}
	}
	return keys
}

// ascii writes everything else as a question mark, so that the length in bytes is bounded.
func ascii(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > ' ' && r < 127 {
			b = append(b, byte(r))
		} else {
			b = append(b, '?')
		}
	}
	return string(b)
}
