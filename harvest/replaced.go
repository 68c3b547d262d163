package harvest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"umland/ent"
)

const (
	compareAtMost = 400                  // items that are looked at; they stand for all
	farAway       = 180 * 24 * time.Hour // what is moved by more is another date
)

// compare counts the items that have a known key and are something else: neither title nor start has anything to do with what stood there, the start is far
// away from it, or all have one title or one start by now. A new title at the same time is a change, and so is a new time under the same title. When a feed is
// exchanged below its keys, or its program breaks, what was there is gone as if it had left. Single items change as they like: nothing is looked at below
// what a quarantine takes.
func (h *harvesting) compare(ctx context.Context) error {
	var others []*item
	for _, it := range h.items {
		if k := it.old; k != nil && k.Key == it.key && k.GoneAt == nil && k.OfferingID != nil && string(k.Ident) != string(it.ident) && (k.Until == nil || !k.Until.Before(h.began)) {
			others = append(others, it)
		}
	}
	if len(others) <= goneFreely || len(others)*goneOneOf <= h.live {
		return nil
	}
	sample := others
	if len(others) > compareAtMost {
		sample = make([]*item, compareAtMost)
		for i := range sample {
			sample[i] = others[i*len(others)/compareAtMost]
		}
	}
	keys := make([]string, len(sample))
	for i, it := range sample {
		keys[i] = it.key
	}
	contents, err := h.Store.RecordContents(ctx, h.source.ID, keys)
	if err != nil {
		return err
	}
	type pair struct{ before, after *Record }
	var pairs []pair
	for _, it := range sample {
		after, _, err := h.spooled(it)
		if err != nil {
			return err
		}
		before, err := decode(it.key, contents[it.key])
		if err != nil {
			continue // written by a program before this one
		}
		pairs = append(pairs, pair{before, after})
	}
	most := func(of func(pair) string) int {
		n := map[string]int{}
		top := 0
		for _, p := range pairs {
			n[of(p)]++
			top = max(top, n[of(p)])
		}
		return top
	}
	start := func(r *Record) (at time.Time) {
		if r.Schedule != nil {
			at = r.Schedule.Start
		}
		return at.UTC()
	}
	half := len(pairs) / 2
	oneTitle := most(func(p pair) string { return foldWord(p.after.Title) }) > half && most(func(p pair) string { return foldWord(p.before.Title) }) <= half
	oneStart := most(func(p pair) string { return start(p.after).String() }) > half && most(func(p pair) string { return start(p.before).String() }) <= half
	n := 0
	for _, p := range pairs {
		before, after := start(p.before), start(p.after)
		moved := !before.Equal(after)
		far := moved && (before.IsZero() || after.IsZero() || after.Sub(before).Abs() > farAway)
		renamed := !shareWord(p.before.Title, p.after.Title)
		if far || moved && oneStart || renamed && (moved || oneTitle || before.IsZero()) {
			if n++; n == 1 {
				h.instead = fmt.Sprintf("„%s“ (%s) statt „%s“ (%s)", clipText(p.after.Title, 80), dayOf(after), clipText(p.before.Title, 80), dayOf(before))
				h.instead = strings.ReplaceAll(h.instead, " ()", "")
			}
		}
	}
	if len(pairs) > 0 {
		h.replaced = n * len(others) / len(pairs)
	}
	return nil
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(ent.Berlin).Format("02.01.2006")
}

// shareWord tells whether two titles have a word in common, of three letters or more, or one that begins the other.
func shareWord(a, b string) bool {
	long := func(s string) []string {
		return slices.DeleteFunc(strings.Fields(foldWord(s)), func(w string) bool { return utf8.RuneCountInString(w) < 3 })
	}
	for _, v := range long(a) {
		for _, w := range long(b) {
			if strings.HasPrefix(v, w) || strings.HasPrefix(w, v) {
				return true
			}
		}
	}
	return foldWord(a) == foldWord(b)
}
