package dedupe

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// match is how two lists of words go together.
type match struct {
	a, b         float64 // how much of each is in the other, by weight: 0 to 1
	shared       float64 // the weight of what both have
	restA, restB []word  // what only one has, with the weight that is left
	idA, idB     bool    // each has a number or letter that the other does not have
	clash        bool    // they belong to different classes of one dimension
}

// pair matches two lists of words.
func pair(a, b []word) (m match) {
	var ca, cb [maxWords]float64
	for i := range a {
		for j := range b {
			if a[i].id || b[j].id {
				if a[i].id && b[j].id && a[i].s == b[j].s {
					ca[i], cb[j] = 1, 1
				}
				continue
			}
			x, y := alike(&a[i], &b[j])
			ca[i], cb[j] = join(ca[i], x), join(cb[j], y)
		}
	}
	var total, have [2]float64
	for side, list := range [2][]word{a, b} {
		for i, w := range list {
			c := ca[i]
			if side == 1 {
				c = cb[i]
			}
			total[side] += w.weight
			have[side] += w.weight * c
			if c >= .85 {
				continue
			}
			if w.id {
				if side == 0 {
					m.idA = true
				} else {
					m.idB = true
				}
			}
			w.weight *= 1 - c
			if side == 0 {
				m.restA = append(m.restA, w)
			} else {
				m.restB = append(m.restB, w)
			}
		}
	}
	if total[0] > 0 {
		m.a = have[0] / total[0]
	}
	if total[1] > 0 {
		m.b = have[1] / total[1]
	}
	m.shared = min(have[0], have[1])
	m.clash = clash(a, b)
	return m
}

// join adds up what several words cover of one: those of which it is made, each once.
func join(have, more float64) float64 {
	if have >= .85 || more >= .85 {
		return max(have, more)
	}
	return min(have+more, .95)
}

// alike tells how much of each word is in the other: all where they are the same but for an ending or a slip of the pen, a part where one is a
// part of the other.
func alike(a, b *word) (float64, float64) {
	if a.stem == b.stem {
		return 1, 1
	}
	short, long := a, b
	swapped := false
	if len(short.stem) > len(long.stem) {
		short, long, swapped = b, a, true
	}
	var s, l float64
	switch {
	case len(short.stem) >= 4 && len(long.s)-len(short.stem) >= 2 && strings.HasPrefix(long.s, short.stem):
		s, l = .9, min(.85, float64(len(short.stem))/float64(len(long.stem)))
		if generic(long.s[len(short.stem):]) {
			l = .9
		}
	case len(short.stem) >= 4 && len(long.stem)-len(short.stem) >= 2 && strings.HasSuffix(long.stem, short.stem): // of the same kind
		s, l = .9, min(.85, float64(len(short.stem))/float64(len(long.stem)))
		if !little[short.s] {
			l = max(l, .65)
		}
	case len(short.s) >= 6 && short.s[0] == long.s[0] && short.class == long.class && slip(short.s, long.s):
		s, l = .9, .9
	default: // Vogelwanderung, Vogelstimmenwanderung
		n := ends(short.stem, long.stem)
		s, l = .8*float64(n)/float64(len(short.stem)), .8*float64(n)/float64(len(long.stem))
	}
	if swapped {
		return l, s
	}
	return s, l
}

// generic tells whether the end of a compound says little: kurs in Spanischkurs, erkurs in Anfängerkurs.
func generic(end string) bool {
	for _, link := range [...]string{"", "s", "er", "en", "n"} {
		if rest, ok := strings.CutPrefix(end, link); ok && little[rest] {
			return true
		}
	}
	return false
}

// ends counts the letters that two words have in common at their beginning and at their end, where these are four or more each.
func ends(short, long string) int {
	n, m := 0, 0
	for n < len(short) && short[n] == long[n] {
		n++
	}
	for m < len(short)-n && short[len(short)-1-m] == long[len(long)-1-m] {
		m++
	}
	if n < 4 || m < 4 {
		return 0
	}
	return n + m
}

// slip tells whether a and b differ by no more than one letter more, less or other, or two letters that changed places.
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) {
		return true
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// clash tells whether both name a class of one dimension, and none in common.
func clash(a, b []word) bool {
	for i := range a {
		if a[i].class == 0 {
			continue
		}
		dimension := classes[a[i].class-1].dimension
		other, common := false, false
		for j := range b {
			if b[j].class == 0 || classes[b[j].class-1].dimension != dimension {
				continue
			}
			other = true
			for k := range a {
				common = common || a[k].class == b[j].class
			}
		}
		if other && !common {
			return true
		}
	}
	return false
}

// context is the folded text of a candidate in which a word of the other's title may be explained.
type context struct {
	c      *Candidate
	folded string
}

func (x *context) has(w *word) bool {
	if x.folded == "" {
		c := x.c
		b := make([]byte, 0, 512+min(len(c.Text), maxText))
		for _, s := range [...]string{cut(c.Title, maxTitle), cut(c.PlaceName, maxTitle), cut(c.Street, maxTitle), cut(c.Locality, maxTitle), cut(c.Organiser, maxTitle), cut(c.Text, maxText)} {
			b = fold(b, s)
		}
		x.folded = string(b)
	}
	if len(w.stem) < 3 {
		return strings.Contains(x.folded, " "+w.s+" ")
	}
	return strings.Contains(x.folded, " "+w.stem)
}

// A doubt is what speaks against two candidates.
type doubt int

const (
	none  doubt = iota
	grave       // not the same, but not ruled out
	sure        // not the same for sure
)

// title compares the titles.
func title(a, b *Candidate, inA, inB *context) (score float64, r Reason, against doubt) {
	wa, wb := words(a.Title), words(b.Title)
	m := pair(wa, wb)
	if joined(wa, wb) {
		m = match{a: 1, b: 1, shared: min(weight(wa), weight(wb))}
	}
	said := func(score float64, what string) Reason {
		return Reason{Field: "title", Score: score, Text: fmt.Sprintf("%s: „%s“ und „%s“", what, cut(a.Title, 80), cut(b.Title, 80))}
	}
	switch {
	case m.idA && m.idB && ids(m.restA, inB) && ids(m.restB, inA):
		return 0, said(0, "Verschiedene Nummern oder Stufen im Titel"), sure
	case m.clash:
		return 0, said(0, "Titel für Verschiedene oder Verschiedenes"), sure
	case len(wa) == 0 || len(wb) == 0:
		return 0, said(0, "Titel ohne Aussage"), grave
	}
	lackA, knownA, ownA := rest(m.restA, inB, a)
	lackB, knownB, ownB := rest(m.restB, inA, b)
	if quotes(a.Title, wb) || quotes(b.Title, wa) { // what stands before and behind the name of a piece says what sort it is
		lackA = 0
	}
	ta, tb := weight(wa), weight(wb)
	ca, cb := m.a+knownA/ta, m.b+knownB/tb
	score = min(1, .5*max(ca, cb)+.5*min(ca, cb))
	if m.shared == 0 {
		score *= .5
	}
	switch {
	case lackA >= .45 && lackB >= .45: // each says something that the other does not know of
		score *= .55
		return score, said(score, "Titel sagen Verschiedenes"), grave
	case a.Start.IsZero() && max(ownA, ownB) >= .6: // nothing else than the title parts services of one office
		score = min(score, .3)
		return score, said(score, "Ein Titel sagt mehr"), grave
	case special(m.restA, wb, inB) || special(m.restB, wa, inA):
		score *= .55
		return score, said(score, "Ein Titel nennt, für wen es ist"), grave
	case m.a > .99 && m.b > .99:
		return score, said(score, "Gleicher Titel"), none
	case score >= .8:
		return score, said(score, "Titel fast gleich"), none
	case score >= .5:
		return score, said(score, "Titel ähnlich"), none
	}
	return score, said(score, "Titel verschieden"), none
}

// quotes tells whether a title has a name in quotation marks that stands in the other one.
func quotes(title string, other []word) bool {
	title = cut(title, maxTitle)
	from := strings.IndexAny(title, "„“»\"")
	if from < 0 {
		return false
	}
	_, n := utf8.DecodeRuneInString(title[from:])
	title = title[from+n:]
	to := strings.IndexAny(title, "“”«\"")
	if to < 0 {
		return false
	}
	name := words(title[:to])
	return weight(name) > general && pair(name, other).a > .95
}

// joined tells whether two titles are the same but for hyphens and spaces, and one slip of the pen.
func joined(a, b []word) bool {
	var x, y [maxTitle]byte
	s, t := x[:0], y[:0]
	for i := range a {
		s = append(s, a[i].s...)
	}
	for i := range b {
		t = append(t, b[i].s...)
	}
	if len(s) > len(t) {
		s, t = t, s
	}
	switch {
	case string(s) == string(t):
		return len(s) > 0
	case len(s) < 10 || len(t)-len(s) > 1 || s[0] != t[0]:
		return false
	}
	for _, list := range [2][]word{a, b} {
		for i := range list {
			if list[i].id || list[i].class > 0 {
				return false
			}
		}
	}
	return slip(string(s), string(t))
}

// special tells whether a title that is left names a level, an age or a sex of which the other title and text know nothing.
func special(left, other []word, in *context) bool {
	for i := range left {
		if left[i].class == 0 || in.has(&left[i]) {
			continue
		}
		d := classes[left[i].class-1].dimension
		if d != "level" && d != "age" && d != "sex" {
			continue
		}
		known := false
		for j := range other {
			known = known || other[j].class > 0 && classes[other[j].class-1].dimension == d
		}
		if !known {
			return true
		}
	}
	return false
}

// ids tells whether a number or letter is left that the other's text does not have.
func ids(left []word, in *context) bool {
	for i := range left {
		if left[i].id && (len(left[i].s) == 1 || !in.has(&left[i])) {
			return true
		}
	}
	return false
}

// rest adds up the words that only one title has: those that the other candidate does not know at all, and what counts of those that stand
// elsewhere in the other or only say where it is and who offers it. What is alone says something else in the head of the title.
func rest(left []word, in *context, own *Candidate) (lack, known, alone float64) {
	var where, place string
	for i := range left {
		w := &left[i]
		switch {
		case w.id:
		case in.has(w):
			known += .7 * w.weight
		case w.weight <= general:
		default:
			if where == "" {
				place = string(fold(fold(nil, cut(own.Street, maxTitle)), cut(own.Locality, maxTitle)))
				where = string(fold(fold([]byte(place), cut(own.PlaceName, maxTitle)), cut(own.Organiser, maxTitle)))
			}
			lack += w.weight
			if strings.Contains(where, " "+w.stem) {
				known += .5 * w.weight
			}
			if !w.more && !strings.Contains(place, " "+w.stem) && (w.first || !strings.Contains(where, " "+w.stem)) {
				alone += w.weight
			}
		}
	}
	return lack, known, alone
}

func weight(list []word) (sum float64) {
	for i := range list {
		sum += list[i].weight
	}
	return sum
}
