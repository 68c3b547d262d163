package search

import (
	"hash/maphash"
	"strings"
)

// maxParts is how many parts of a word are told apart.
const maxParts = 6

// links are the linking elements between the parts of a compound, with what they cost.
var links = [...]struct {
	s     string
	cost  int
	after kind
}{
	{"", 0, noun | clipped | verb | adjective | form}, {"s", 2, noun}, {"n", 2, noun}, {"en", 3, noun | clipped | verb}, {"er", 4, noun | verb}, {"es", 4, noun},
	{"e", 3, noun | clipped | verb}, {"ens", 6, noun | clipped | verb}, {"ungs", 4, verb}, {"ns", 6, noun | verb},
}

// piece is the way to a place in a word: the cheapest last part before it.
type piece struct {
	cost  int // 0: there is no way
	from  int // where the part begins
	parts int // how many there are with it
	lemma uint16
}

// split takes a compound apart; false when the word is none that is known. It does not fill in the word as it is written. Fewest
// parts win, then long ones; only the first may be one that the lexicon does not have, and only before a head. Its time is bounded by
// the length of the word times that of the longest stem.
func (l *lexicon) split(w string) (t term, ok bool) {
	if len(w) < 6 || len(w) > maxWord {
		return term{}, false
	}
	var best [maxWord + 1]piece
	best[0].cost = 1
	var last piece
	unknown := piece{}
	for i := 0; i <= len(w)-3; i++ {
		if best[i].cost == 0 && (i < 4 || unknown.cost != 0) {
			continue
		}
		at := uint16(0)
		for j := i; j < len(w); j++ {
			c := w[j] - 'a'
			if c >= 26 || l.nodes[at].next[c] == 0 {
				break
			}
			at = l.nodes[at].next[c]
			n := &l.nodes[at]
			if n.lemma == 0 || j-i < 2 {
				continue
			}
			stem, rest := w[i:j+1], w[j+1:]
			if best[i].cost == 0 {
				if n.kind&head != 0 && j-i > 1 && isUnknownFirst(w[:i]) &&
					(nounEnding(n.kind, stem, rest) || n.kind&verb != 0 && (rest == "en" || rest == "n")) {
					unknown = piece{cost: 1, from: i, lemma: n.lemma}
				}
				continue
			}
			p := piece{cost: best[i].cost + 100 + short(len(stem)), from: i, parts: best[i].parts + 1, lemma: n.lemma}
			if p.parts > maxParts {
				continue
			}
			if i > 0 && canEnd(n.kind, stem, rest) && (last.cost == 0 || p.cost+len(rest) < last.cost) {
				last = p
				last.cost += len(rest)
			}
			for _, link := range links {
				if n.kind&link.after == 0 || n.kind&form != 0 && len(stem) < 4 || !strings.HasPrefix(rest, link.s) || len(rest)-len(link.s) < 3 {
					continue
				}
				to := j + 1 + len(link.s)
				if b := &best[to]; b.cost == 0 || p.cost+link.cost < b.cost {
					*b = p
					b.cost += link.cost
				}
			}
		}
	}
	switch {
	case last.cost != 0:
		chain := make([]piece, last.parts)
		for p, k := last, last.parts-1; k >= 0; k-- {
			chain[k] = p
			p = best[p.from]
		}
		t.stem = digraphs(w[:last.from]) + l.lemmas[last.lemma]
		t.parts = make([]string, len(chain))
		for i, p := range chain {
			t.parts[i] = l.lemmas[p.lemma]
			if i > 0 && i < len(chain)-1 {
				t.ends = append(t.ends, digraphs(w[p.from:last.from])+l.lemmas[last.lemma])
			}
		}
		return t, true
	case unknown.cost != 0:
		first, lemma := digraphs(w[:unknown.from]), l.lemmas[unknown.lemma]
		return term{stem: first + lemma, parts: []string{stem(unlink(first)), lemma}, unknown: true}, true
	}
	return term{}, false
}

// canEnd tells whether the stem with the ending can be the last part of a compound.
func canEnd(k kind, stem, ending string) bool {
	if ending == "" {
		return k&noun != 0 || k&(form|adjective) != 0 && len(stem) > 3
	}
	return inflects(k, stem, ending)
}

// short is what a short part costs: chance makes many words out of these.
func short(n int) int {
	switch n {
	case 3:
		return 25
	case 4:
		return 8
	}
	return 0
}

// isUnknownFirst tells whether what stands before a known last part can be a word of its own.
func isUnknownFirst(w string) bool {
	if len(w) < 4 || !strings.ContainsAny(w, "aeiouy") {
		return false
	}
	switch w {
	case "uber", "unter", "hinter", "wider", "inter", "super", "miss", "durch", "gegen", "ueber":
		return false
	}
	return true
}

// unlink takes the s off after the endings that always have it.
func unlink(w string) string {
	for _, e := range [...]string{"ungs", "heits", "keits", "ions", "schafts", "tats", "ings", "lings"} {
		if strings.HasSuffix(w, e) {
			return w[:len(w)-1]
		}
	}
	return w
}

// A term is a word as the index and queries know it. All are in lower case and folded.
type term struct {
	exact string   // the word as it is written
	stem  string   // its stem, for compounds that of the last part
	parts []string // the stems of its parts, if it is a compound
	ends  []string // the stems of the compounds at its end: of Kinder-floh-markt, flohmarkt

	unknown bool // its first part is not in the lexicon
}

// term analyses the word at which the scanner is.
func (l *lexicon) term(s *scanner) term {
	t := l.folded(s.folded)
	if len(s.cuts) == 0 {
		return t
	}
	t.parts, t.ends = nil, nil
	letter := ""
	for segment := range s.segments {
		if letter != "" { // E-Bike-Tour, Ü-60-Party
			t.ends = append(t.ends, l.word(letter+segment).stem)
			letter = ""
		}
		if len(segment) == 1 {
			letter = segment
		}
		if p := l.word(segment); len(p.parts) > 0 {
			t.parts = append(t.parts, p.parts...)
			t.ends = append(t.ends, p.stem)
			t.ends = append(t.ends, p.ends...)
		} else if len(segment) > 1 && !l.stop[p.exact] {
			t.parts = append(t.parts, p.stem)
		}
		if len(t.parts) >= maxParts {
			break
		}
	}
	return t
}

// maxRemembered bounds the words that are remembered, in bytes.
const maxRemembered = 40

// remembered is a word that was analysed.
type remembered struct {
	word string
	term term
}

// word analyses a word without hyphens.
func (l *lexicon) word(w string) term { return l.folded([]byte(w)) }

// folded is word. It remembers many, since few words make up most of all texts: nobody may write to the slices of a term.
func (l *lexicon) folded(w []byte) term {
	if len(w) > maxRemembered {
		return l.analyse(string(w))
	}
	at := &l.remembered[maphash.Bytes(l.seed, w)%uint64(len(l.remembered))]
	if r := at.Load(); r != nil && r.word == string(w) {
		return r.term
	}
	r := &remembered{word: string(w)}
	r.term = l.analyse(r.word)
	at.Store(r)
	return r.term
}

func (l *lexicon) analyse(w string) term {
	exact := digraphs(w)
	if w == "" {
		return term{}
	}
	if w[0] >= '0' && w[0] <= '9' {
		if len(w) == 2 && w[0] == '0' { // 01.05. is 1.5.
			exact = w[1:]
		}
		return term{exact: exact, stem: exact}
	}
	lemma, ok := l.lemma(exact)
	if !ok && exact != w { // Duell: its ue is no ü
		lemma, ok = l.lemma(w)
	}
	if ok {
		return term{exact: exact, stem: lemma}
	}
	t, ok := l.split(exact)
	if exact != w && (!ok || t.unknown) { // Kino-erlebnis
		if other, is := l.split(w); is && !other.unknown {
			t, ok = other, true
		}
	}
	if !ok {
		t.stem = stem(exact)
	}
	t.exact = exact
	return t
}
