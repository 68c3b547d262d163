package search

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxSnippetText = 32 << 10 // bytes of a text in which hits are looked for

// hit is a word of a text that the query asks for.
type hit struct {
	start, end int
	word       int // which word of the query
	score      int
}

// Snippet gives at most max characters of a plain text, around the best hits: the hits in <mark></mark>, everything else escaped for
// HTML, white space as one space, … where text was left out. Without a hit it is the beginning of the text. Marks and escapes do not
// count; hits are looked for in the first 32 KiB.
func (q Query) Snippet(text string, max int) string { return q.Snippets(max)(text) }

// Snippets gives a function that does what Snippet does, for many texts: what it has learnt of a word it knows when the word comes again. It is for one
// goroutine.
func (q Query) Snippets(max int) func(text string) string {
	m := q.marker()
	return func(text string) string {
		if len(text) > maxSnippetText {
			text = text[:maxSnippetText]
		}
		text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
		hits := m.hits(text)
		start, end := window(text, hits, max)
		var b strings.Builder
		if start > 0 {
			b.WriteString("… ")
		}
		at := start
		for _, h := range hits {
			if h.start >= at && h.end <= end {
				b.WriteString(html.EscapeString(text[at:h.start]))
				b.WriteString("<mark>")
				b.WriteString(html.EscapeString(text[h.start:h.end]))
				b.WriteString("</mark>")
				at = h.end
			}
		}
		b.WriteString(html.EscapeString(text[at:end]))
		if end < len(text) {
			b.WriteString(" …")
		}
		return b.String()
	}
}

// target is a word of the query that a lexeme stands for, and how well.
type target struct{ word, score int }

// marker finds the words that a query asks for.
type marker struct {
	targets    map[string]target // by lexeme
	prefix     string            // of the word that is being typed, "" for none
	prefixWord int
}

func (q Query) marker() *marker {
	l := german()
	m := &marker{targets: map[string]target{}}
	put := func(lexeme string, word, score int) {
		if m.targets[lexeme].score < score {
			m.targets[lexeme] = target{word, score}
		}
	}
	for i, w := range q.words {
		if w.Not || w.Stop {
			continue
		}
		if w.numbers != nil {
			for _, n := range w.numbers {
				put(n, i, 2)
			}
			continue
		}
		put(w.Lexeme, i, 4)
		for _, p := range w.Parts {
			put(p, i, 2)
		}
		for _, s := range w.similar {
			put(s, i, 3)
		}
		if w.Prefix {
			m.prefix, m.prefixWord = w.exact, i
		}
		if w.phrase == 0 {
			_, same := q.synonyms(l, i)
			for _, s := range same {
				for _, stem := range s {
					put(stem, i, 1)
				}
			}
		}
	}
	return m
}

// hits finds the words that the query asks for, in their order.
func (m *marker) hits(text string) (hits []hit) {
	if len(m.targets) == 0 {
		return nil
	}
	s := scanner{text: text}
	for s.next() {
		if best := m.find(&s); best.score > 0 {
			hits = append(hits, hit{s.start, s.end, best.word, best.score})
		}
	}
	return hits
}

// find gives what the scanned word is, of score 0 for nothing that is asked for.
func (m *marker) find(s *scanner) (best target) {
	l := german()
	if len(s.folded) == 0 || len(s.cuts) == 0 && l.isStop(s.folded) {
		return best
	}
	try := func(lexeme string) {
		if t := m.targets[lexeme]; t.score > best.score {
			best = t
		}
	}
	if s.numeric {
		for segment := range s.segments {
			try(l.word(segment).stem)
		}
		return best
	}
	t := l.term(s)
	try(t.stem)
	for _, p := range t.parts {
		try(p)
	}
	for _, p := range t.ends {
		try(p)
	}
	if best.score < 3 && m.prefix != "" && strings.HasPrefix(t.exact, m.prefix) {
		best = target{m.prefixWord, 3}
	}
	return best
}

// window gives the stretch of at most max characters, from word to word, in which most of the query's words are hit.
func window(text string, hits []hit, max int) (start, end int) {
	if max < 1 {
		return 0, 0
	}
	if utf8.RuneCountInString(text) <= max {
		return 0, len(text)
	}
	best := -1
	for i, first := range hits[:min(len(hits), 200)] {
		from := leadIn(text, first.start, max/4)
		to := forward(text, from, max)
		seen := map[int]int{}
		score := 0
		for _, h := range hits[i:] {
			if h.end > to {
				break
			}
			if h.score > seen[h.word] {
				score += 10 * (h.score - seen[h.word])
				seen[h.word] = h.score
			} else {
				score++
			}
		}
		if score > best {
			best, start, end = score, from, to
		}
	}
	if best < 0 {
		end = forward(text, 0, max)
	}
	return start, end
}

// leadIn goes back from at by at most n characters, to the beginning of a sentence or of a word.
func leadIn(text string, at, n int) int {
	word, i := at, at
	for ; n > 0 && i > 0; n-- {
		r, size := utf8.DecodeLastRuneInString(text[:i])
		if unicode.IsSpace(r) {
			word = i
			if i > 1 && strings.IndexByte(".!?", text[i-2]) >= 0 {
				return i
			}
		}
		i -= size
	}
	if i == 0 {
		return 0
	}
	return word
}

// forward goes on by at most n characters, to the end of a word; through the word if it is longer.
func forward(text string, at, n int) int {
	word, i := at, at
	for ; n > 0 && i < len(text); n-- {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			word = i
		}
		i += size
	}
	if i == len(text) {
		return i
	}
	if r, _ := utf8.DecodeRuneInString(text[i:]); unicode.IsSpace(r) || word == at {
		return i
	}
	return word
}
