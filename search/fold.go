package search

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is the length in bytes to which words are cut.
const maxWord = 60

// latin gives what the letters from U+00C0 to U+017F are folded to, umlauts like the vowel they are made from; other marks go by
// Unicode decomposition.
var latin = map[rune]string{
	'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'ä': "a", 'å': "a", 'æ': "ae", 'ç': "c", 'è': "e", 'é': "e", 'ê': "e", 'ë': "e", 'ì': "i",
	'í': "i", 'î': "i", 'ï': "i", 'ð': "d", 'ñ': "n", 'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ö': "o", 'ø': "oe", 'ù': "u", 'ú': "u",
	'û': "u", 'ü': "u", 'ý': "y", 'þ': "th", 'ß': "ss", 'đ': "d", 'ł': "l", 'œ': "oe", 'ı': "i",
}

// appendFolded appends r in lower case and without marks; nothing if no letter or digit is left.
func appendFolded(b []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(b, byte(r))
	}
	r = unicode.ToLower(r)
	if s, ok := latin[r]; ok {
		return append(b, s...)
	}
	if r == 'ẞ' {
		return append(b, "ss"...)
	}
	var one [utf8.UTFMax]byte
	d := norm.NFKD.Properties(one[:utf8.EncodeRune(one[:], r)]).Decomposition()
	if d == nil {
		return utf8.AppendRune(b, r)
	}
	for len(d) > 0 {
		r, n := utf8.DecodeRune(d)
		if isWord(r) {
			b = utf8.AppendRune(b, unicode.ToLower(r))
		}
		d = d[n:]
	}
	return b
}

// digraphs writes ae, oe and ue like ä, ö and ü, so that Muenster, Münster and Munster become one; but not after a vowel or q
// (neue, Bauer, Quelle). It does so to all words, in the index and in queries: that Israel is isral inside is seen by nobody.
func digraphs(w string) string {
	for i := 1; i < len(w); i++ {
		if isDigraph(w, i) {
			b := make([]byte, 0, len(w))
			for j := range len(w) {
				if !isDigraph(w, j) {
					b = append(b, w[j])
				}
			}
			return string(b)
		}
	}
	return w
}

// isDigraph tells whether the letter at i is the e of an ae, oe or ue that stands for an umlaut.
func isDigraph(w string, i int) bool {
	return i > 0 && w[i] == 'e' && (w[i-1] == 'a' || w[i-1] == 'o' || w[i-1] == 'u') && (i == 1 || !isVowel(w[i-2]) && w[i-2] != 'q')
}

func isVowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// A scanner goes through a text word by word. What hyphens, Mediopunkte or apostrophes join is one word of several segments, and so
// are numbers joined by a dot, colon or comma (24.12.2025, 10:30).
type scanner struct {
	text       string
	start, end int    // of the word in the text, in bytes
	folded     []byte // its segments, one after the other
	cuts       []int  // where in folded each segment but the first begins
	numeric    bool   // only digits
}

// next goes to the next word; false at the end of the text.
func (s *scanner) next() bool {
	i := s.end
	var r rune
	var n int
	for ; i < len(s.text); i += n {
		if r, n = decode(s.text[i:]); isWord(r) {
			break
		}
	}
	if i >= len(s.text) {
		return false
	}
	s.start, s.folded, s.cuts, s.numeric = i, s.folded[:0], s.cuts[:0], true
	last := r
	for i < len(s.text) {
		r, n = decode(s.text[i:])
		switch {
		case isWord(r):
			if len(s.folded) < maxWord {
				s.folded = appendFolded(s.folded, r)
			}
			s.numeric = s.numeric && unicode.IsDigit(r)
			last = r
		case isInvisible(r):
		default:
			after, _ := decode(s.text[i+n:])
			if gender := genderSuffix(s.text[i:]); gender > 0 {
				n = gender
			} else if isApostrophe(r) && (after == 's' || after == 'S') && !startsWithWord(s.text[i+n+1:]) {
				n++
			} else if isApostrophe(r) && isWord(after) {
				// Rock'n'Roll
			} else if isWord(after) && (isJoiner(r) || (r == '.' || r == ':' || r == ',') && unicode.IsDigit(last) && unicode.IsDigit(after)) {
				if len(s.folded) < maxWord && len(s.folded) > 0 {
					s.cuts = append(s.cuts, len(s.folded))
				}
			} else {
				s.end = i
				s.trim()
				return true
			}
		}
		i += n
	}
	s.end = i
	s.trim()
	return true
}

// trim takes away what the limit has cut through or left empty.
func (s *scanner) trim() {
	for len(s.folded) > maxWord {
		_, n := utf8.DecodeLastRune(s.folded)
		s.folded = s.folded[:len(s.folded)-n]
	}
	for len(s.cuts) > 0 && s.cuts[len(s.cuts)-1] >= len(s.folded) {
		s.cuts = s.cuts[:len(s.cuts)-1]
	}
}

// segments gives the segments of the word.
func (s *scanner) segments(yield func(string) bool) {
	from := 0
	for _, to := range s.cuts {
		if !yield(string(s.folded[from:to])) {
			return
		}
		from = to
	}
	yield(string(s.folded[from:]))
}

func decode(s string) (rune, int) {
	if len(s) > 0 && s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	return utf8.DecodeRuneInString(s)
}

func startsWithWord(s string) bool {
	r, _ := decode(s)
	return isWord(r)
}

// genderSuffix gives the length of the *innen, :in, _innen or /-innen at the start of s; 0 if there is none.
func genderSuffix(s string) int {
	if s[0] != '*' && s[0] != ':' && s[0] != '_' && s[0] != '/' {
		return 0
	}
	n := 1
	if len(s) > 1 && s[1] == '-' {
		n = 2
	}
	for _, suffix := range [...]string{"innen", "in", "r", "n", "e"} {
		if len(s) >= n+len(suffix) && s[n:n+len(suffix)] == suffix && !startsWithWord(s[n+len(suffix):]) {
			return n + len(suffix)
		}
	}
	return 0
}

func isJoiner(r rune) bool {
	switch r {
	case '-', '‐', '‑', '·', '•', '‧', '⋅':
		return true
	}
	return false
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == '‘' || r == '´' || r == '`' }

// isInvisible tells marks and the signs that a word may have inside without being another: soft hyphens, joiners, accents.
func isInvisible(r rune) bool {
	if r < 0x80 {
		return false
	}
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return unicode.Is(unicode.Mn, r)
}
