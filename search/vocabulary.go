package search

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Vocabulary is the words of an index, to find those that are like a mistyped one. It is read-only and safe for concurrent use, and
// takes about 40 bytes a word.
type Vocabulary struct {
	words  []string // sorted: the words that begin alike are neighbours, as in a trie
	counts []int32
}

const (
	maxRunes    = 32 // letters of a word that a vocabulary has: longer ones are hardly ever typed
	minTypo     = 4  // letters from which on typos are looked for
	minCompound = 7  // letters from which on typos are looked for in what can be taken apart
)

// NewVocabulary makes a vocabulary of lexemes and how often they occur, as ts_stat gives them. Exact forms (Xwanderung) are words of it like the stems: typos
// are made in these. Numbers and words of fewer than three or more than 32 letters are left out.
func NewVocabulary(counts map[string]int) *Vocabulary {
	v := &Vocabulary{}
	for w := range counts {
		if strings.HasPrefix(w, nameMark) {
			continue
		}
		w = strings.TrimPrefix(w, exactMark)
		if n := utf8.RuneCountInString(w); n > 2 && n <= maxRunes && w[0] > '9' {
			v.words = append(v.words, w)
		}
	}
	slices.Sort(v.words)
	v.words = slices.Compact(v.words)
	for _, w := range v.words {
		v.counts = append(v.counts, int32(min(max(counts[w], counts[exactMark+w]), 1<<30)))
	}
	return v
}

// rarer is how many times as often a word that goes on must occur for a word of the vocabulary to be unfinished.
const rarer = 10

// Unfinished tells whether the word may be the beginning of one: neither the vocabulary nor a synonym has it, or only for a stem that the light stemmer made
// of it, or words that go on behind it (Weihnacht) are far more common than it (Weih).
func (v *Vocabulary) Unfinished(w Word) bool {
	l := german()
	if l.synonyms[w.Lexeme] != nil {
		return false
	}
	if !v.Has(w.Lexeme, false) {
		return true
	}
	if _, known := l.lemma(w.exact); !known && w.Lexeme != w.exact && !v.Has(w.exact, false) {
		return v.Has(w.exact, true)
	}
	return len(w.exact) >= minTypo && !l.isNoun(w.exact) && v.goesOn(w.exact) > rarer*max(v.Count(w.Lexeme), v.Count(w.exact))
}

// goesOn gives how often the most common of the words that begin with a prefix occurs.
func (v *Vocabulary) goesOn(prefix string) (count int) {
	i, _ := slices.BinarySearch(v.words, prefix)
	for ; i < len(v.words) && strings.HasPrefix(v.words[i], prefix); i++ {
		count = max(count, int(v.counts[i]))
	}
	return count
}

// Has tells whether the vocabulary has the lexeme or, for a prefix, a word that begins with it.
func (v *Vocabulary) Has(lexeme string, prefix bool) bool {
	i, ok := slices.BinarySearch(v.words, lexeme)
	return ok || prefix && i < len(v.words) && strings.HasPrefix(v.words[i], lexeme)
}

// Count gives how many texts have the lexeme, about: 0 for one that the vocabulary leaves out.
func (v *Vocabulary) Count(lexeme string) int {
	i, ok := slices.BinarySearch(v.words, lexeme)
	if !ok {
		return 0
	}
	return int(v.counts[i])
}

// Similar is for Query.Correct: it gives the words that are like w, best first, at most n; none when the vocabulary has the word,
// or for fewer than four letters. A typo is a letter too many, too few, another, or two swapped: one of them, from
// eight letters on two, but then not both in the first three. For the word that is being typed it gives words that begin nearly so.
func (v *Vocabulary) Similar(w Word, n int) []string {
	word := w.Lexeme
	if w.Prefix {
		word = w.exact
	}
	missing := func(part string) bool { return !v.Has(part, false) }
	if v.Has(w.Lexeme, false) || v.Has(word, w.Prefix) {
		return nil
	}
	if len(w.Parts) > 0 && !slices.ContainsFunc(w.Parts, missing) {
		if len(word) < minCompound {
			return nil
		}
		return v.similar(w.exact, 1, false, n) // Kinderturen: doors or a typo
	}
	found := v.similar(word, 2, false, n)
	if found == nil && w.Prefix && utf8.RuneCountInString(word) > minTypo { // a whole word comes before one that goes on; Nabu is no Naunhof
		found = v.similar(word, 2, true, n)
	}
	if found == nil {
		found = v.similarPart(w.exact, n)
	}
	return found
}

// similarPart gives compounds that are the word but for one typo in one of two parts (Fahradtour), which both are words of the vocabulary.
func (v *Vocabulary) similarPart(word string, n int) (found []string) {
	if len(word) < minCompound || len(word) > maxRunes || strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return nil
	}
	l := german()
	for i := minTypo; i <= len(word)-3 && len(found) < n; i++ {
		first, last := word[:i], word[i:]
		if v.Has(l.word(last).stem, false) {
			for _, s := range v.similar(first, 1, false, 1) {
				found = append(found, s+last)
			}
		} else if len(last) >= minTypo && v.Has(l.word(first).stem, false) {
			for _, s := range v.similar(last, 1, false, 1) {
				found = append(found, first+s)
			}
		}
	}
	return slices.DeleteFunc(found, func(s string) bool { return len(l.word(s).parts) < 2 })
}

func (v *Vocabulary) similar(word string, most int, prefix bool, n int) []string {
	a := []rune(word)
	if len(a) < minTypo || len(a) > maxRunes || n < 1 {
		return nil
	}
	s := similar{vocabulary: v, word: a, prefix: prefix, n: n}
	for j := range s.rows[1] {
		s.rows[1][j] = j
	}
	for typos := 1; typos <= min(most, len(a)/minTypo) && len(s.found) == 0; typos++ {
		s.most = typos
		s.walk(0, len(v.words), 0, 0, typos+1)
	}
	if len(s.found) == 0 {
		return nil
	}
	found := make([]string, len(s.found))
	for i, c := range s.found {
		found[i] = v.words[c]
	}
	return found
}

// similar is one search for words with few typos: it goes through the vocabulary as through a trie, with a row of the matrix of
// distances (optimal string alignment) for each letter, and turns back where all of a row is too much.
type similar struct {
	vocabulary *Vocabulary
	word       []rune
	most       int // typos that are allowed
	prefix     bool
	n          int
	rows       [maxRunes + 3][maxRunes + 1]int // the one for d letters is at d+1
	letters    [maxRunes + 1]rune
	found      []int // the best words, sorted
}

// walk looks at the words from one to another, which begin with the same letters: so many, in so many bytes. least is the distance of
// the nearest beginning of these.
func (s *similar) walk(from, to, letters, bytes, least int) {
	words := s.vocabulary.words
	n := len(s.word)
	if from < to && len(words[from]) == bytes {
		distance := s.rows[letters+1][n]
		if s.prefix {
			distance = min(distance, least)
		}
		s.take(from, distance)
		from++
	}
	for from < to {
		r, size := utf8.DecodeRuneInString(words[from][bytes:])
		end := from + 1
		if end < to {
			letter := words[from][bytes : bytes+size]
			end += sort.Search(to-end, func(i int) bool { return words[end+i][bytes:min(bytes+size, len(words[end+i]))] != letter })
		}
		s.letters[letters] = r
		lowest := s.row(letters + 1)
		limit := s.most
		if letters < 3 {
			limit = min(limit, 1)
		}
		distance := min(least, s.rows[letters+2][n])
		switch {
		case lowest <= limit:
			s.walk(from, end, letters+1, bytes+size, distance)
		case s.prefix && least <= s.most:
			for i := from; i < end; i++ {
				s.take(i, least)
			}
		}
		from = end
	}
}

// row makes the row for the d-th letter and gives the lowest distance in it. Only what is near the diagonal can be low enough.
func (s *similar) row(d int) int {
	const far = 100
	before, last, row := &s.rows[max(d-1, 0)], &s.rows[d], &s.rows[d+1]
	n := len(s.word)
	from, to := max(1, d-s.most-1), min(n, d+s.most+1)
	row[0] = d
	lowest := far
	if from == 1 {
		lowest = d
	} else {
		row[from-1] = far
	}
	row[n] = far
	r := s.letters[d-1]
	for j := from; j <= to; j++ {
		c := last[j-1]
		if s.word[j-1] != r {
			c = min(c, last[j], row[j-1]) + 1
		}
		if d > 1 && j > 1 && s.word[j-1] == s.letters[d-2] && s.word[j-2] == r {
			c = min(c, before[j-2]+1)
		}
		row[j] = c
		lowest = min(lowest, c)
	}
	if to < n {
		row[to+1] = far
	}
	return lowest
}

// take keeps the word if it is among the n best: without a typo in the first letter, frequent.
func (s *similar) take(word, distance int) {
	if distance > s.most {
		return
	}
	if len(s.found) == s.n && s.compare(s.found[s.n-1], word) <= 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(s.found, word, s.compare)
	s.found = slices.Insert(s.found, i, word)
	s.found = s.found[:min(len(s.found), s.n)]
}

func (s *similar) compare(a, b int) int {
	v := s.vocabulary
	other := func(word int) int {
		if r, _ := utf8.DecodeRuneInString(v.words[word]); r != s.word[0] {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(other(a), other(b)), cmp.Compare(v.counts[b], v.counts[a]), cmp.Compare(a, b))
}
