package search

import "testing"

// What a signature excludes is not there: it never says no to what a query finds, and mostly says no to the rest.
func TestSignature(t *testing.T) {
	t.Parallel()
	s := Sign(Vector(Document{Title: []string{"Kinderschwimmkurs im Hallenbad"}, Category: []string{"Sport", "Turnverein Jahn"}, Description: []string{"Jeden Montag ab 16 Uhr, außer in den Ferien."}}))
	for words, want := range map[string]bool{
		"Schwimmkurs": true, "Kurs": true, "kinder schwimmkurs": true, "hallenbad": true, "Freibad": true, "Turnverein": true, `"Jeden Montag"`: true, "Kurs -Yoga": true, "-Kurs": true, "montag 16": true,
		"Yoga": false, "Yoga Hallenbad": false, "Konzert": false, `"Tag der offenen Tür"`: false, "Flohmarkt": false, "": false, "und": false,
	} {
		q := Parse(words, Options{})
		if got := s.May(q.Rank()); got != want {
			t.Errorf("%q: %v by %s", words, got, q.Rank())
		}
		if want && !s.May(q.TSQuery()) {
			t.Errorf("%q: not by %s", words, q.TSQuery())
		}
		if !Signature(nil).May(q.Rank()) && q.Rank() != "" {
			t.Errorf("%q: not in what nobody knows", words)
		}
	}
	if q := Parse("Schw", Options{Prefix: true}); !s.May(q.Rank()) {
		t.Errorf("a prefix: %s", q.Rank())
	}
	if q := Parse("Yoga Hallenbad Kinderschwimmkurs", Options{}); s.May(q.Rank()) || !s.May(q.Relaxed()) {
		t.Errorf("two of three words: %s", q.Relaxed())
	}
}
