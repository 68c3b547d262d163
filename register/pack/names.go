package main

import "strings"

// designations spells out what the register abbreviates.
var designations = map[string]string{
	"M":             "Markt",
	"St":            "Stadt",
	"GKSt":          "Große Kreisstadt",
	"gemfr. Gebiet": "gemeindefreies Gebiet",
	"gemfr. Geb.":   "gemeindefreies Gebiet",
	"gemfr.Geb.":    "gemeindefreies Gebiet",
	"gemfr. Bezirk": "gemeindefreier Bezirk",
}

// corrections replaces register names that no rule reads rightly, before they are split: a name in the second language
// that stands behind the designation or is cut off at 50 characters, and a part of the name that stands behind the comma.
var corrections = map[string]string{
	"Weißwasser/O.L., Stadt / Běła Woda":                 "Weißwasser/O.L. / Běła Woda, Stadt",
	"Bautzen / Budyšin, Stadt, Hochschulstadt / Wysokoš": "Bautzen / Budyšin, Stadt, Hochschulstadt",
	"Garding, Kirchspiel":                                "Kirchspiel Garding",
}

// splitName takes a name as the register writes it and gives the everyday name and what the register adds to it.
func splitName(s string) (name, designation string) {
	if c, ok := corrections[s]; ok {
		s = c
	}
	name, rest, _ := strings.Cut(tidy(s), ",")
	var parts []string
	for part := range strings.SplitSeq(rest, ",") {
		part = strings.TrimSpace(part)
		if full, ok := designations[part]; ok {
			part = full
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.TrimSpace(name), strings.Join(parts, ", ")
}

// tidy drops doubled spaces, the space after a slash that has none before it ("Lauenburg/ Elbe"), and an abbreviation.
func tidy(s string) string {
	s = strings.ReplaceAll(s, "(Forstgutsbez.)", "(Forstgutsbezirk)")
	words := strings.Fields(s)
	var b strings.Builder
	for i, w := range words {
		if i > 0 && (words[i-1] == "/" || !strings.HasSuffix(words[i-1], "/")) {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

// associationName drops what says only which type of association it is, for the type stands in the label.
func associationName(s, kind string) string {
	switch kind {
	case "Verwaltungsgemeinschaft":
		s = strings.TrimSuffix(s, " (VGem)")
		s = strings.TrimPrefix(s, "VVG der Stadt ")
		s = strings.TrimPrefix(s, "VVG der Gemeinde ")
		if s == "Oelsnitz/Vogtl., Bösenbrunn, Eichigt und Triebel/V" { // cut off at 50 characters; the commas are a list
			return "Oelsnitz/Vogtl., Bösenbrunn, Eichigt und Triebel/Vogtl."
		}
	case "Verwaltungsverband":
		s = strings.TrimPrefix(s, "GVV ")
		s = strings.TrimPrefix(s, "Nachbarschaftsverband ")
		s = strings.TrimPrefix(s, "Verwaltungsgemeinschaft ")
	case "Erfüllende Gemeinde":
		s = strings.TrimPrefix(s, "EG ")
	case "Amt":
		s = strings.TrimPrefix(s, "Amt ")
	}
	name, _ := splitName(s)
	return name
}
