package search

import "strings"

// stem brings the forms of a word that the lexicon does not have together: a light stemmer for German, with the commonest English
// endings. At least three letters stay.
func stem(w string) string {
	if len(w) < 4 || w[len(w)-1] < 'a' || w[len(w)-1] > 'z' {
		return w
	}
	if s, ok := cut(w, "ies"); ok { // parties
		return s + "i"
	}
	if s, ok := cut(w, "innen"); ok {
		w = s
	} else if s, ok := cut(w, "erin"); ok {
		w = s + "er"
	} else if s, ok := cut(w, "s"); ok && !strings.HasSuffix(w, "los") && strings.IndexByte("bdfghklmnrtaoy", s[len(s)-1]) >= 0 {
		w = s
	}
	for _, ending := range [...]string{"ern", "es", "er", "en", "e"} {
		if s, ok := cut(w, ending); ok {
			return s
		}
	}
	if s, ok := cut(w, "n"); ok && (s[len(s)-1] == 'l' || s[len(s)-1] == 'r') { // Kegeln
		return s
	}
	if s, ok := cut(w, "ing"); ok {
		return undouble(s)
	}
	if s, ok := cut(w, "ed"); ok && !isVowel(s[len(s)-1]) {
		return undouble(s)
	}
	if s, ok := cut(w, "y"); ok {
		return s + "i"
	}
	return w
}

// cut takes the ending off if three letters with a vowel stay.
func cut(w, ending string) (string, bool) {
	s, ok := strings.CutSuffix(w, ending)
	return s, ok && len(s) >= 3 && strings.ContainsAny(s, "aeiouy")
}

// undouble makes swimm swim.
func undouble(s string) string {
	if n := len(s); n > 3 && s[n-1] == s[n-2] && !isVowel(s[n-1]) && s[n-1] != 'l' && s[n-1] != 's' {
		return s[:n-1]
	}
	return s
}
