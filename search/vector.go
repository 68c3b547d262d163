// Package search is the German text analysis of the full-text search. It does in Go, when indexing and when asking, what a text
// search configuration would do in Postgres, so that it is the same on every stock Postgres: it makes tsvector and tsquery literals.
//
// A word is known in the index by its stem (kurs), in titles also as it is written, marked by a capital X (Xkurse), and
// a compound also by the stems of its parts, at the same position and one weight lower. All lexemes are letters and digits.
package search

import (
	"strconv"
	"strings"
)

// Document is what of a thing is indexed, by weight. The strings of a field are apart: phrases do not reach from one to the next.
type Document struct {
	Title       []string // weight A
	Category    []string // B: labels in all languages, the provider
	Summary     []string // C: summary, translations
	Description []string // D: description, place
	Marks       []string // D: lexemes that stand in no text, of letters and digits (see Mark)

	// Names are the words that are names of places, as Exact gives them: Wiesenburg is not found by Burg. It is only read.
	Names map[string]bool
}

const (
	maxText    = 256 << 10 // bytes of a document that are read
	maxLexemes = 16 << 10
	maxSize    = 900_000 // bytes of a vector: Postgres takes 1 MiB
	maxAt      = 255     // positions of a lexeme: Postgres keeps no more
	maxPos     = 16383   // the last position that Postgres knows
	gap        = 8       // positions between the strings of a field
)

const (
	exactMark = "X"
	nameMark  = "R"
)

// Mark gives the lexeme for what is no word of a text: the key of a region, say. Query.Named makes words find it.
func Mark(key string) string { return nameMark + strings.Join(Exact(key), "") }

// Exact gives the words of a text in lower case and folded, each with what hyphens join in one, as the index has them beside their stems.
func Exact(text string) (words []string) {
	s := scanner{text: text}
	for s.next() {
		if len(s.folded) > 0 {
			words = append(words, digraphs(string(s.folded)))
		}
	}
	return words
}

// Vector gives the tsvector literal of a document (for ::tsvector), with positions and weights. It is the same for the same
// document, at most 900 kB, and ” when there are no words: the first 256 KiB of text, 16,384 lexemes, 255 positions each.
func Vector(d Document) string { return new(Analyzer).Vector(d) }

// Analyzer makes the vectors of many documents. The zero value is ready; it is not for several goroutines at once.
type Analyzer struct {
	vector vector
}

// Vector is the function of this name.
func (a *Analyzer) Vector(d Document) string {
	v := &a.vector
	if v.lexicon == nil {
		v.lexicon, v.index = german(), map[string]int{}
	}
	clear(v.index)
	v.names = d.Names
	v.lexemes, v.left, v.size, v.pos = v.lexemes[:0], maxText, 0, 0
	for w, field := range [...][]string{d.Title, d.Category, d.Summary, d.Description} {
		for _, text := range field {
			v.add(text, weight(w))
		}
	}
	for _, m := range d.Marks {
		v.pos = min(v.pos+1, maxPos)
		v.put(m, 3)
	}
	return v.String()
}

// weight is 0 for A to 3 for D.
type weight uint8

func (w weight) lower() weight { return min(w+1, 3) }

type vector struct {
	lexicon *lexicon
	index   map[string]int // lexeme → place in lexemes
	lexemes []lexeme
	scan    scanner
	names   map[string]bool
	left    int // bytes of text that may still be read
	size    int // bytes that the vector takes in Postgres, about
	pos     int
}

type lexeme struct {
	word string
	at   []uint16 // position<<2 | weight; 14 bits are enough for a position
}

func (v *vector) add(text string, w weight) {
	if len(text) > v.left {
		text = text[:v.left]
	}
	v.left -= len(text)
	s := &v.scan
	s.text, s.start, s.end = text, 0, 0
	for s.next() {
		if len(s.folded) == 0 {
			continue
		}
		v.pos = min(v.pos+1, maxPos)
		if s.numeric {
			first := true
			for segment := range s.segments {
				if !first {
					v.pos = min(v.pos+1, maxPos)
				}
				first = false
				v.put(v.lexicon.word(segment).stem, w)
			}
			continue
		}
		if len(s.cuts) == 0 && v.lexicon.isStop(s.folded) {
			continue
		}
		t := v.lexicon.term(s)
		if w == 0 {
			v.put(exactMark+t.exact, w)
		}
		v.put(t.stem, w)
		if v.names[t.exact] {
			continue
		}
		for _, p := range t.parts {
			v.put(p, w.lower())
		}
		for _, p := range t.ends {
			v.put(p, w.lower())
		}
	}
	v.pos = min(v.pos+gap, maxPos)
}

// isStop looks a folded word up in the stop words; their spelling with ae is theirs, too.
func (l *lexicon) isStop(folded []byte) bool {
	if len(folded) > 10 {
		return false
	}
	return l.stop[string(folded)] || l.stop[digraphs(string(folded))]
}

func (v *vector) put(word string, w weight) {
	if v.size > maxSize || word == "" {
		return
	}
	i, ok := v.index[word]
	if !ok {
		if len(v.lexemes) == maxLexemes {
			return
		}
		i = len(v.lexemes)
		v.index[word] = i
		if i < cap(v.lexemes) { // with the places of an earlier document's, to be overwritten
			v.lexemes = v.lexemes[:i+1]
			v.lexemes[i].word, v.lexemes[i].at = word, v.lexemes[i].at[:0]
		} else {
			v.lexemes = append(v.lexemes, lexeme{word: word})
		}
		v.size += len(word) + 4
	}
	l := &v.lexemes[i]
	at := uint16(v.pos)<<2 | uint16(w)
	if n := len(l.at); n > 0 && l.at[n-1]>>2 == at>>2 { // the first is the heavier: whole words come before parts
		return
	}
	if len(l.at) < maxAt {
		l.at = append(l.at, at)
		v.size += 2
	}
}

func (v *vector) String() string {
	b := make([]byte, 0, 16*len(v.lexemes))
	for i, l := range v.lexemes {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, '\'')
		b = append(b, l.word...)
		b = append(b, '\'', ':')
		for j, at := range l.at {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendUint(b, uint64(at>>2), 10)
			b = append(b, "ABCD"[at&3])
		}
	}
	return string(b)
}
