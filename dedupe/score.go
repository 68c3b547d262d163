package dedupe

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"umland/ent"
)

// Verdict is whether two candidates are the same, and why.
type Verdict struct {
	Score   float64 // 0 to 1, in hundredths; at most 0.3 when something speaks against it for sure
	Same    bool    // the score reaches Threshold
	Reasons []Reason
}

// Reason is what one field says.
type Reason struct {
	Field string  // title, time, place, organiser or details
	Score float64 // 0 to 1
	Text  string  // German, for whoever decides about duplicates
}

// Threshold is the score from which two candidates are the same. TestPairs measures what it gives.
const Threshold = 0.72

// vetoed is the highest score of candidates that cannot be the same.
const vetoed = 0.3

// Score tells whether a and b are the same thing. It does not matter which of the two is named first. Where the times rule it out, that is the
// only reason and the score 0. Texts beyond the bounds that Candidate
// names, 300 bytes of a title or name, are not read.
func Score(a, b Candidate) Verdict {
	if a.compare(&b) > 0 {
		a, b = b, a
	}
	if a.Source != "" && a.Source == b.Source {
		return Verdict{Reasons: []Reason{{Field: "details", Text: "Beide kommen aus derselben Quelle, die sie unterscheidet"}}}
	}
	if !comparable(a.Kind, b.Kind) {
		return Verdict{Reasons: []Reason{{Field: "details", Text: "Angebote verschiedener Art"}}}
	}
	// The time is compared first: most of what is not the same is told apart by it, and quickly.
	timeScore, timeReason, timed, veto := when(&a, &b)
	if veto {
		return Verdict{Reasons: []Reason{timeReason}}
	}
	inA, inB := &context{c: &a}, &context{c: &b}
	reasons := make([]Reason, 0, 5)
	titleScore, r, against := title(&a, &b, inA, inB)
	reasons = append(reasons, r)
	no := func() Verdict { return Verdict{Score: round(min(vetoed, titleScore*vetoed)), Reasons: reasons} }
	if against == sure {
		return no()
	}
	if playground(&a) != playground(&b) {
		reasons = append(reasons, Reason{Field: "title", Text: "Nur eines der beiden ist ein Spielplatz"})
		return no()
	}
	if timed {
		reasons = append(reasons, timeReason)
	}
	placeScore, r, placed, veto := where(&a, &b, inA, inB)
	if placed {
		reasons = append(reasons, r)
	}
	if veto {
		return no()
	}
	organiserScore, r, organised := organiser(&a, &b, inA, inB)
	if organised {
		reasons = append(reasons, r)
	}
	if placeScore > 0 && placeScore < .45 && timed && !a.series() && titleScore >= .8 && organiserScore >= .9 &&
		!(publisher(a.Organiser) && publisher(b.Organiser)) {
		// Who does not do two such things at once has only named the place in another way: the square, the church.
		placeScore = .45
	}
	detailScore, details := details(&a, &b)
	reasons = append(reasons, details...)

	if !placed {
		placeScore = .4
	}
	if !organised {
		organiserScore = .6
	}
	score := .5*titleScore + .3*placeScore + .2*organiserScore
	if timed {
		score = .44*titleScore + .2*timeScore + .24*placeScore + .12*organiserScore
	}
	score = max(0, min(1, score+detailScore))
	// Titles that say different things, or different places, no other field outweighs. What only the title says is not enough, nor is what only the time and place say.
	if against == grave || titleScore < .4 || titleScore < .6 && (timeScore < .85 || placeScore < .75) {
		score = min(score, Threshold-.05)
	}
	if placeScore < .2 {
		score = min(score, Threshold-.05)
	}
	return Verdict{Score: round(score), Same: round(score) >= Threshold, Reasons: reasons}
}

// playground tells whether a facility says that it is one: "SP Geistschule" is at the school, and not the school.
func playground(c *Candidate) bool {
	if c.Kind != ent.KindFacility {
		return false
	}
	if slices.Contains(c.Categories, "spielplatz") {
		return true
	}
	title := string(fold(nil, cut(c.Title, maxTitle)))
	return strings.HasPrefix(title, " sp ") || strings.Contains(title, "spielplatz") || strings.Contains(string(fold(nil, cut(c.Text, maxText))), "spielplatz")
}

func round(x float64) float64 { return math.Round(x*100) / 100 }

// comparable tells whether things of these kinds can be the same: what one source calls an event is a regular group for another.
func comparable(a, b ent.OfferingKind) bool {
	dated := func(k ent.OfferingKind) bool { return k == ent.KindEvent || k == ent.KindActivity }
	return a == b || a == "" || b == "" || dated(a) && dated(b)
}

// details gives what pages, prices and texts add to the score or take from it. A page in common is no proof: many
// dates stand on one.
func details(a, b *Candidate) (score float64, reasons []Reason) {
	add := func(by, r float64, format string, args ...any) {
		score += by
		reasons = append(reasons, Reason{Field: "details", Score: r, Text: fmt.Sprintf(format, args...)})
	}
	if u := commonPage(a.URLs, b.URLs); u != "" {
		add(.08, 1, "Gleiche Seite: %s", cut(u, 200))
	}
	if free(a.Price) != free(b.Price) && free(a.Price)*free(b.Price) != 0 {
		add(-.05, 0, "Das eine kostet etwas, das andere nichts")
	} else if a.Price.FromCents != nil && b.Price.FromCents != nil && *a.Price.FromCents == *b.Price.FromCents && *a.Price.FromCents > 0 {
		add(.02, 1, "Gleicher Preis")
	}
	if share := overlap(a.Text, b.Text); share >= .6 {
		add(.06, share, "Texte zu %d %% gleich", int(share*100))
	}
	return score, reasons
}

// free is 1 for what is free of charge, -1 for what is not, 0 when nobody said.
func free(p ent.Price) int {
	switch {
	case p.Free != nil && *p.Free:
		return 1
	case p.Free != nil || p.FromCents != nil && *p.FromCents > 0:
		return -1
	}
	return 0
}

func commonPage(a, b []string) string {
	for _, x := range a[:min(len(a), 10)] {
		for _, y := range b[:min(len(b), 10)] {
			if p := page(x); p != "" && p == page(y) {
				return p
			}
		}
	}
	return ""
}

// overlap is how much of the shorter of two texts is in the other, by words of five letters and more; 0 when one says too little.
func overlap(a, b string) float64 {
	if len(a) < 40 || len(b) < 40 {
		return 0
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	in := string(fold(nil, cut(b, maxText)))
	n, have := 0, 0
	for w := range strings.FieldsSeq(string(fold(nil, cut(a, maxText)))) {
		if len(w) < 5 {
			continue
		}
		n++
		if strings.Contains(in, " "+w+" ") {
			have++
		}
	}
	if n < 5 {
		return 0
	}
	return float64(have) / float64(n)
}
