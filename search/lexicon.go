package search

import (
	"embed"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

//go:embed words/*.txt words/*.csv
var files embed.FS

// kind says how a stem in the lexicon may be used.
type kind uint8

const (
	noun       kind = 1 << iota
	clipped         // a noun without the e at its end: Schul
	verb            // with the endings of verbs; first in compounds as it is (Schwimm-bad)
	adjective       // with the endings of adjectives; first in compounds
	participle      // geturnt, angemeldet
	form            // without endings
	head            // last in compounds also behind an unknown word
)

// lexicon is what is known of German: stems, in a trie over a to z, stop words and synonyms.
type lexicon struct {
	nodes    []node
	lemmas   []string // lemmas[0] is no lemma
	stop     map[string]bool
	soft     map[string]bool      // by the stems
	heads    map[string]bool      // by the stems: last parts of compounds that say little
	whom     map[string]bool      // by the stems: first parts that say for whom
	synonyms map[string][]synonym // by the stems of the words, joined by spaces

	remembered [1 << 14]atomic.Pointer[remembered] // by hashes of words; a later word takes the place of an earlier one
	seed       maphash.Seed
}

type node struct {
	next  [26]uint16
	lemma uint16 // 0: nothing ends here
	kind  kind
}

// german gives the lexicon, which is read at its first use.
var german = sync.OnceValue(func() *lexicon {
	l := &lexicon{seed: maphash.MakeSeed(), nodes: make([]node, 1), lemmas: []string{""}, stop: map[string]bool{}, soft: map[string]bool{}, heads: map[string]bool{}, whom: map[string]bool{}, synonyms: map[string][]synonym{}}
	for _, w := range words("stop.txt") {
		l.stop[digraphs(fold(w))] = true
	}
	for _, file := range []string{"nouns.txt", "jwordsplitter.txt"} {
		for _, w := range words(file) {
			w, k := cutHead(w)
			b := fold(w)
			if s, ok := clip(b); ok {
				l.add(s, digraphs(s), clipped|k)
			} else {
				l.add(b, digraphs(b), noun|k)
			}
			if um, ok := strings.CutSuffix(w, "um"); ok {
				l.add(fold(um)+"en", digraphs(b), form)
			}
		}
	}
	for _, w := range words("verbs.txt") {
		w, k := cutHead(w)
		stem := verbStem(fold(w))
		lemma := digraphs(stem)
		l.add(stem, lemma, verb|k)
		l.add("ge"+stem, lemma, participle)
		for _, prefix := range []string{"an", "auf", "aus", "ab", "ein", "mit", "vor", "zu", "um", "bei", "nach", "teil", "zusammen", "kennen", "rad"} {
			if rest, ok := strings.CutPrefix(stem, prefix); ok && len(rest) > 2 {
				l.add(prefix+"ge"+rest, lemma, participle)
				l.add(prefix+"zu"+rest, lemma, participle)
			}
		}
	}
	for _, w := range words("firsts.txt") {
		b := fold(w)
		l.add(b, digraphs(b), adjective)
	}
	for _, row := range rows("forms.csv", 2) {
		w := fold(row[1])
		lemma, ok := l.lemma(w)
		if !ok {
			lemma = stem(digraphs(w))
		}
		l.set(fold(row[0]), lemma, form)
	}
	for file, stems := range map[string]map[string]bool{"soft.txt": l.soft, "heads.txt": l.heads, "whom.txt": l.whom} {
		for _, w := range words(file) {
			stems[l.word(fold(w)).stem] = true
		}
	}
	l.readSynonyms()
	return l
})

// words gives the words of an embedded file, without its comments.
func words(file string) (all []string) {
	for _, line := range lines(file) {
		all = append(all, strings.Fields(line)...)
	}
	return all
}

// rows gives the rows of an embedded file of values separated by commas; at least n a row.
func rows(file string, n int) (all [][]string) {
	for _, line := range lines(file) {
		row := strings.Split(line, ",")
		if len(row) < n {
			panic(fmt.Sprintf("search: %s: %q has less than %d columns", file, line, n))
		}
		all = append(all, row)
	}
	return all
}

func lines(file string) (all []string) {
	b, err := files.ReadFile("words/" + file)
	if err != nil {
		panic(err) // what is embedded can be read
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	return all
}

func cutHead(w string) (string, kind) {
	if w, ok := strings.CutSuffix(w, "*"); ok {
		return w, head
	}
	return w, 0
}

func fold(w string) string {
	var b []byte
	for _, r := range w {
		b = appendFolded(b, r)
	}
	return string(b)
}

// clip takes the e from the end of a noun, as the first parts of compounds do (Schul-haus); but not from See and Tee.
func clip(w string) (string, bool) {
	if len(w) > 3 && w[len(w)-1] == 'e' && w[len(w)-2] != 'e' {
		return w[:len(w)-1], true
	}
	return w, false
}

func verbStem(w string) string {
	if s, ok := strings.CutSuffix(w, "en"); ok {
		return s
	}
	return strings.TrimSuffix(w, "n")
}

// add adds a stem. One that is there keeps its lemma and may be more from now on, if it comes from the same word.
func (l *lexicon) add(stem, lemma string, k kind) {
	n := l.node(stem)
	if n == nil {
		return
	}
	if n.lemma == 0 {
		n.lemma = l.intern(lemma)
	}
	if l.lemmas[n.lemma] == lemma {
		n.kind |= k
	}
}

// set gives a stem another lemma; what else it may be stays.
func (l *lexicon) set(stem, lemma string, k kind) {
	if n := l.node(stem); n != nil {
		n.lemma = l.intern(lemma)
		n.kind |= k
	}
}

func (l *lexicon) intern(lemma string) uint16 {
	l.lemmas = append(l.lemmas, lemma)
	if len(l.lemmas) > math.MaxUint16 {
		panic("search: too many words")
	}
	return uint16(len(l.lemmas) - 1)
}

// node gives the node of a stem, which it makes; nil if the stem has other letters than a to z.
func (l *lexicon) node(stem string) *node {
	at := uint16(0)
	for i := range len(stem) {
		c := stem[i] - 'a'
		if c >= 26 {
			return nil
		}
		if l.nodes[at].next[c] == 0 {
			if len(l.nodes) > math.MaxUint16 {
				panic("search: too many words")
			}
			l.nodes[at].next[c] = uint16(len(l.nodes))
			l.nodes = append(l.nodes, node{})
		}
		at = l.nodes[at].next[c]
	}
	return &l.nodes[at]
}

// lemma gives the lemma of a word that the lexicon has, in whatever form.
func (l *lexicon) lemma(w string) (lemma string, ok bool) {
	if n := l.longest(w); n != nil {
		return l.lemmas[n.lemma], true
	}
	return "", false
}

// longest gives the node of the longest stem of which a word is a form, nil if there is none.
func (l *lexicon) longest(w string) (longest *node) {
	at := uint16(0)
	for i := range len(w) {
		c := w[i] - 'a'
		if c >= 26 || l.nodes[at].next[c] == 0 {
			break
		}
		at = l.nodes[at].next[c]
		if n := &l.nodes[at]; n.lemma != 0 && inflects(n.kind, w[:i+1], w[i+1:]) {
			longest = n
		}
	}
	return longest
}

// isVerb tells whether the word is a form of a verb, and of nothing else that the lexicon has.
func (l *lexicon) isVerb(w string) bool {
	n := l.longest(w)
	if n == nil {
		return false
	}
	if n.kind == form { // verloren
		n = l.longest(l.lemmas[n.lemma])
	}
	return n != nil && n.kind&(verb|participle) != 0 && n.kind&(noun|clipped|adjective) == 0
}

// isNoun tells whether the word may be a form of a noun, one with an e at its end left aside.
func (l *lexicon) isNoun(w string) bool {
	n := l.longest(w)
	return n != nil && n.kind&noun != 0
}

// inflects tells whether the stem takes the ending.
func inflects(k kind, stem, ending string) bool {
	if len(ending) > 7 {
		return false
	}
	return ending == "" || nounEnding(k, stem, ending) || k&verb != 0 && slices.Contains(verbEndings, ending) ||
		k&adjective != 0 && slices.Contains(adjectiveEndings, ending) || k&participle != 0 && slices.Contains(participleEndings, ending)
}

// nounEnding tells whether a noun takes the ending.
func nounEnding(k kind, stem, ending string) bool {
	switch ending {
	case "e", "en":
		return k&(noun|clipped) != 0
	case "n": // Schuldn is no form of Schuld
		return k&noun != 0 && strings.IndexByte("elr", stem[len(stem)-1]) >= 0
	case "", "er", "ern", "s", "es", "ens", "in", "innen":
		return k&noun != 0
	case "se", "sen", "ses": // Ergebnisse, Zirkusse
		return k&noun != 0 && strings.HasSuffix(stem, "s")
	}
	return false
}

var (
	verbEndings = []string{"en", "n", "e", "t", "et", "st", "te", "ten", "tet", "est", "ete", "eten", "ens", "ns", "end", "ende", "enden", "ender", "endes", "er", "ern",
		"ers", "erin", "erinnen", "ung", "ungen"}
	adjectiveEndings  = []string{"e", "er", "es", "en", "em", "ere", "eren", "erer", "ste", "sten", "ster"}
	participleEndings = []string{"t", "et", "te", "ten", "ter", "tes", "tem", "ete", "eten", "eter", "en", "n", "ene", "enen", "ener", "enes"}
)
