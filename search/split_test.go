package search

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	l := german()
	cases, right := 0, 0
	for _, line := range readLines(t, "testdata/split.txt") {
		fields := strings.Fields(line)
		want := fields[1:]
		if want[0] == "-" {
			want = nil
		} else if len(want) == 1 { // left whole, under this stem
			want = nil
		}
		cases++
		if got := l.word(fold(fields[0])).parts; slices.Equal(got, want) {
			right++
		} else {
			t.Logf("%s: %q, want %q", fields[0], got, want)
		}
	}
	if cases < 150 || right < cases*97/100 {
		t.Errorf("%d of %d right", right, cases)
	}
}

// The list of jWordSplitter: what it splits is split at the same places, or left whole where the lexicon has a longer part; what it
// leaves whole is left whole.
func TestSplitList(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../shared/data/words/compounds-split.txt")
	if errors.Is(err, fs.ErrNotExist) {
		t.Log("no list here")
		return
	}
	check(t, err)
	defer f.Close()
	l := german()
	splits, agree, whole, kept := 0, 0, 0, 0
	s := bufio.NewScanner(f)
	for s.Scan() {
		line := strings.ReplaceAll(s.Text(), " ", "")
		parts := strings.Split(line, ",")
		joined := strings.Join(parts, "")
		if strings.ContainsAny(joined, "-|0123456789") || joined == "" {
			continue
		}
		got := l.word(fold(joined)).parts
		if len(parts) == 1 {
			if whole++; len(got) == 0 {
				kept++
			}
			continue
		}
		splits++
		var want []string
		for _, p := range parts {
			want = append(want, l.word(fold(p)).stem)
		}
		if slices.Equal(got, want) {
			agree++
		}
	}
	check(t, s.Err())
	t.Logf("splits as in the list: %d of %d; left whole: %d of %d", agree, splits, kept, whole)
	if agree*100 < splits*60 || kept*100 < whole*80 {
		t.Errorf("splits as in the list: %d of %d; left whole: %d of %d", agree, splits, kept, whole)
	}
}

func TestStem(t *testing.T) {
	t.Parallel()
	l := german()
	for _, forms := range []string{
		"Kurs Kurse Kursen Kurses", "schwimmen schwimmt Schwimmer Schwimmerin geschwommen", "Buch Bücher Büchern", "Haus Häuser Hauses", "Verein Vereine Vereins Vereinen",
		"Kanne Kannen", "Theater Theaters", "Museum Museen Museums", "Bürger Bürgerin Bürgerinnen", "wandern gewandert Wanderung Wanderungen wanderst", "turnen turnt geturnt Turner",
		"anmelden angemeldet anzumelden Anmeldung", "Party Partys Parties", "course courses", "guide guided", "neu neue neuer neues neuen", "Ergebnis Ergebnisse", "Spargel Spargeln Spargels",
		"Kita Kitas", "Arzt Ärzte Ärztin", "Kirche Kirchen", "Stadt Städte", "Fest Feste Festen", "Markt Märkte Märkten", "Quuxe Quuxen",
	} {
		want := ""
		for _, form := range strings.Fields(forms) {
			if got := l.word(fold(form)).stem; want == "" {
				want = got
			} else if got != want {
				t.Errorf("%s: %q, want %q", form, got, want)
			}
		}
	}
	for _, pair := range []string{"Kurs Kur", "Bürger Burg", "neu neun", "Messe Messer", "Lager Lage", "Stern Stirn", "Bus Busch", "Regen Regel"} {
		a, b, _ := strings.Cut(pair, " ")
		if x, y := l.word(fold(a)).stem, l.word(fold(b)).stem; x == y {
			t.Errorf("%s: both %q", pair, x)
		}
	}
}

// The words of the lists are themselves: each is known, and none takes the lemma of another by chance.
func TestLexicon(t *testing.T) {
	t.Parallel()
	l := german()
	for _, file := range []string{"nouns.txt", "jwordsplitter.txt", "verbs.txt", "firsts.txt"} {
		for _, w := range words(file) {
			w, _ = cutHead(w)
			if _, ok := l.lemma(fold(w)); !ok {
				t.Errorf("%s: %s is not known", file, w)
			}
			if n := len(fold(w)); n > maxWord || n < 2 {
				t.Errorf("%s: %s has %d letters", file, w, n)
			}
		}
	}
	if len(l.synonyms) < 300 {
		t.Errorf("%d words have synonyms", len(l.synonyms))
	}
	for key, same := range l.synonyms {
		if len(strings.Fields(key)) > longestSynonym {
			t.Errorf("%q is too long for a key", key)
		}
		if len(same) > 16 {
			t.Errorf("%q has %d synonyms", key, len(same))
		}
	}
}

func BenchmarkWord(b *testing.B) {
	l := german()
	for _, w := range []string{"kurs", "kinderschwimmkurs", "veranstaltungskalender", strings.Repeat("badeseebad", 6), strings.Repeat("a", 60)} {
		b.Run(w, func(b *testing.B) {
			for b.Loop() {
				l.word(w)
			}
		})
	}
}
