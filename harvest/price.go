package harvest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"umland/ent"
)

var (
	priceAmount = regexp.MustCompile(`(?i)(?:(?:€|EUR|Euro)\s*(\d{1,3}(?:\.\d{3})+|\d{1,6})(?:[.,](\d{2}|-{1,2}|–))?)|(?:(\d{1,3}(?:\.\d{3})+|\d{1,6})(?:[.,](\d{1,2}|-{1,2}|–))?\s*(?:€|EUR\b|Euro\b))`)
	priceFree   = regexp.MustCompile(`(?i)\b(?:(?:eintritt|teilnahme|zutritt|der eintritt|die teilnahme)\s*(?:ist|:|-|–)?\s*(?:frei|kostenlos|kostenfrei|gratis)|(?:freier|kostenloser|kostenfreier)\s+eintritt|kostenlose\s+teilnahme)\b`)
	priceOnly   = regexp.MustCompile(`(?i)^\W*(?:frei|kostenlos|kostenfrei|gratis|umsonst|gebührenfrei|unentgeltlich|free|0(?:[.,]00)?\s*(?:€|EUR|Euro))\W*$`)
	priceTopic  = regexp.MustCompile(`(?i)\b(?:eintritt|kosten|kostenbeitrag|unkostenbeitrag|preis|preise|gebühr|gebühren|teilnahmegebühr|teilnahmebeitrag|teilnehmerbeitrag|kursgebühr|karten|tickets?|vvk|vorverkauf|abendkasse)\b`)
	priceBare   = regexp.MustCompile(`^\d{1,5}(?:[.,]\d{2})?(?:\s*/\s*\d{1,5}(?:[.,]\d{2})?)*$`)
	priceFrom   = regexp.MustCompile(`(?i)\bab\s*$`)
	priceShort  = strings.NewReplacer("erm. ", "erm.\u00a0", "Erm. ", "Erm.\u00a0", "ca. ", "ca.\u00a0", "p. P.", "pro Person", "max. ", "max.\u00a0") // no sentence ends there
	priceSplit  = regexp.MustCompile(`[\n!?]|\.\s+|\.$`)
)

// priceOf reads a price in words, as it stands in a field for it: "3,50 € / erm. 2 €", "Eintritt frei". What it does not understand is the note.
func priceOf(text string) (p ent.Price) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return p
	}
	note := clipText(text, ent.MaxShort)
	if priceBare.MatchString(text) { // a number alone in a field for prices
		text = strings.ReplaceAll(text, "/", "€ /") + " €"
		note = clipText(text, ent.MaxShort)
	}
	amounts, from := priceAmounts(text)
	free := priceFree.MatchString(text) || priceOnly.MatchString(text)
	yes, no := true, false
	switch {
	case len(amounts) == 0 && free, len(amounts) > 0 && slices.Max(amounts) == 0:
		p.Free = &yes
		if !priceOnly.MatchString(text) {
			p.Note = &note
		}
	case len(amounts) > 0:
		least, most := slices.Min(amounts), slices.Max(amounts)
		p.Free, p.FromCents = &no, &least
		if !from || most > least {
			p.ToCents = &most
		}
		if strings.TrimSpace(priceAmount.ReplaceAllString(text, "")) != "" {
			p.Note = &note
		}
	default:
		p.Note = &note
	}
	return p
}

// priceIn looks for a price in a longer text: a sentence that says that it is about one. It gives nothing where there is none.
func priceIn(text string) (p ent.Price) {
	for i, s := range priceSplit.Split(priceShort.Replace(clipText(text, 4000)), 200) {
		if i >= 199 {
			break
		}
		s = strings.TrimSpace(s)
		if len(s) > 400 {
			continue
		}
		if priceFree.MatchString(s) {
			if amounts, _ := priceAmounts(s); len(amounts) == 0 {
				yes := true
				return ent.Price{Free: &yes}
			}
		}
		if priceTopic.MatchString(s) && priceAmount.MatchString(s) {
			return priceOf(s)
		}
	}
	return p
}

// priceAmounts lists the amounts of a text in cents; from tells that the only one is where prices begin.
func priceAmounts(text string) (cents []int, from bool) {
	for _, m := range priceAmount.FindAllStringSubmatchIndex(text, 20) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		whole, fraction := part(1)+part(3), part(2)+part(4)
		n, err := strconv.Atoi(strings.ReplaceAll(whole, ".", ""))
		if err != nil || n > ent.MaxCents/100 {
			continue
		}
		c := 0
		if f, err := strconv.Atoi(fraction); err == nil && f >= 0 {
			if c = f; len(fraction) == 1 {
				c *= 10
			}
		}
		if priceFrom.MatchString(text[:m[0]]) {
			from = true
		}
		cents = append(cents, min(n*100+c, ent.MaxCents))
	}
	return cents, from && len(cents) == 1
}
