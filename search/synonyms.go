package search

import (
	"slices"
	"strings"
)

// synonym is another way to say a word or several: the stems that must occur, all of them.
type synonym []string

// longestSynonym is of how many words those are that are looked up together.
const longestSynonym = 3

// readSynonyms reads groups of words that mean the same. In a group, each finds each other; what stands behind a > is found by those
// before it, but does not find them (Oma > Senior).
func (l *lexicon) readSynonyms() {
	for _, line := range lines("synonyms.csv") {
		mutual, oneWay, _ := strings.Cut(line, ">")
		var from, to [][]string
		for _, phrase := range strings.Split(mutual, ",") {
			if t := l.stems(phrase); len(t) > 0 {
				from, to = append(from, t), append(to, t)
			}
		}
		for _, phrase := range strings.Split(oneWay, ",") {
			if t := l.stems(phrase); len(t) > 0 {
				to = append(to, t)
			}
		}
		for _, f := range from {
			key := strings.Join(f, " ")
			for _, t := range to {
				same := func(s synonym) bool { return slices.Equal(s, t) }
				if !slices.Equal(f, t) && !slices.ContainsFunc(l.synonyms[key], same) {
					l.synonyms[key] = append(l.synonyms[key], t)
				}
			}
		}
	}
}

// Same gives the stems of the single words that stand for what a text says; none for a text that has no synonyms. Whether a label says so tells Says.
func Same(text string) (stems []string) {
	l := german()
	for _, s := range l.synonyms[strings.Join(l.stems(text), " ")] {
		if len(s) == 1 {
			stems = append(stems, s[0])
		}
	}
	return stems
}

// Says tells whether one of the words of a text has one of the stems.
func Says(text string, stems []string) bool {
	return slices.ContainsFunc(german().stems(text), func(s string) bool { return slices.Contains(stems, s) })
}

// stems gives the stems of the words of a phrase, without stop words.
func (l *lexicon) stems(phrase string) (stems []string) {
	s := scanner{text: phrase}
	for s.next() {
		if !l.isStop(s.folded) {
			stems = append(stems, l.term(&s).stem)
		}
	}
	return stems
}
