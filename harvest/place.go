package harvest

import (
	"regexp"
	"slices"
	"strings"

	"umland/ent"
)

var (
	placeTown    = regexp.MustCompile(`^(?:D[- ])?(\d{5})\s+(\S.*)$`)
	placeStreet  = regexp.MustCompile(`(?i)^\S.*\D\s*\d{1,4}\s*[a-z]?(?:\s*[-–/]\s*\d{1,4}\s*[a-z]?)?$`)
	placeWide    = regexp.MustCompile(`^(?i)(?:Deutschland|Germany|Baden-Württemberg|Bayern|Brandenburg|Hessen|Mecklenburg-Vorpommern|Niedersachsen|Nordrhein-Westfalen|NRW|Rheinland-Pfalz|Saarland|Sachsen|Sachsen-Anhalt|Schleswig-Holstein|Thüringen)$`)
	placeNumbers = regexp.MustCompile(`^[\d.,;°′″'" NSEWO+-]*\d[.,]\d[\d.,;°′″'" NSEWO+-]*$`)
	placeSplit   = regexp.MustCompile(`\s*(?:[,;\n|•]|\s[-–]\s)\s*`)
)

// knownPlaces are places of a municipality whose position is known, by their names and by their streets, folded.
type knownPlaces struct{ byName, byStreet map[string]*ent.Place }

func newKnownPlaces(list []*ent.Place) *knownPlaces {
	k := &knownPlaces{map[string]*ent.Place{}, map[string]*ent.Place{}}
	put := func(m map[string]*ent.Place, key string, p *ent.Place) {
		if old, ok := m[key]; !ok {
			m[key] = p
		} else if old != nil && far(old, p) {
			m[key] = nil // two places of that name: neither
		}
	}
	for _, p := range list {
		if name := foldPlace(p.Name); len(name) > 3 {
			put(k.byName, name, p)
		}
		if p.Street != nil && placeStreet.MatchString(*p.Street) {
			put(k.byStreet, foldPlace(*p.Street), p)
		}
	}
	return k
}

// far tells whether two places are more than about 300 m apart.
func far(a, b *ent.Place) bool {
	dx, dy := (*a.Longitude-*b.Longitude)*0.6, *a.Latitude-*b.Latitude
	return dx*dx+dy*dy > 0.003*0.003
}

var placeAbbreviations = strings.NewReplacer("strasse", "str", "platz", "pl")

func foldPlace(s string) string { return placeAbbreviations.Replace(foldWord(s)) }

// find gives the known place that a described one means, nil when there is none: the name decides, or the street where there is no name of its own.
func (k *knownPlaces) find(p *ent.Place) *ent.Place {
	if k == nil {
		return nil
	}
	found := k.byName[foldPlace(p.Name)]
	if found == nil && p.Street != nil {
		found = k.byStreet[foldPlace(*p.Street)]
		if found != nil && p.Name != "" && p.Name != *p.Street && foldPlace(found.Name) != foldPlace(p.Name) {
			return nil // another one at the same address
		}
	}
	if found == nil || p.Locality != nil && found.Locality != nil && !strings.Contains(foldWord(*found.Locality), foldWord(*p.Locality)) && !strings.Contains(foldWord(*p.Locality), foldWord(*found.Locality)) {
		return nil
	}
	return found
}

// placeOf reads where an item is. nil when it does not say. isTown tells whether a municipality around is called so.
func placeOf(in *Place, isTown func(string) bool) *ent.Place {
	if in == nil {
		return nil
	}
	p := &ent.Place{Name: in.Name, Street: pointer(in.Street), PostalCode: pointer(in.PostalCode), Locality: pointer(in.Locality), Longitude: in.Longitude, Latitude: in.Latitude}
	if in.Text != "" && in.Street == "" && in.Locality == "" && in.PostalCode == "" {
		placeText(p, clipText(in.Text, 1000), isTown)
	}
	if p.PostalCode != nil && !ent.ValidPostalCode(*p.PostalCode) {
		p.PostalCode = nil
	}
	p.Name = clipText(p.Name, ent.MaxShort)
	for _, s := range []**string{&p.Street, &p.Locality} {
		if *s != nil {
			clipped := clipText(**s, ent.MaxShort)
			*s = &clipped
		}
	}
	if p.Longitude == nil || p.Latitude == nil || !(*p.Longitude >= -180 && *p.Longitude <= 180 && *p.Latitude >= -90 && *p.Latitude <= 90) || *p.Longitude == 0 && *p.Latitude == 0 {
		p.Longitude, p.Latitude = nil, nil
	}
	if p.Normalize(); p.Name == "" {
		if p.Longitude == nil {
			return nil
		}
		p.Name = "Treffpunkt"
	}
	return p
}

// placeText takes apart "Dorfgemeinschaftshaus, Hauptstraße 5, 14822 Linthe".
func placeText(p *ent.Place, text string, isTown func(string) bool) {
	var rest []string
	for _, part := range placeSplit.Split(text, 12) {
		part = strings.TrimSpace(part)
		m := placeTown.FindStringSubmatch(part)
		switch {
		case part == "" || placeWide.MatchString(part) && (p.Street != nil || p.PostalCode != nil || len(rest) > 0):
		case m != nil && p.Locality == nil:
			p.PostalCode, p.Locality = &m[1], &m[2]
		case ent.ValidPostalCode(part) && p.PostalCode == nil:
			p.PostalCode = &part
		case placeStreet.MatchString(part) && p.Street == nil && len(part) < 100:
			p.Street = &part
		default:
			rest = append(rest, part)
		}
	}
	for i, part := range rest {
		if p.Locality == nil && (isTown(part) || p.Street != nil && i > 0 && i == len(rest)-1) {
			p.Locality = &part
			rest = slices.Delete(rest, i, i+1)
			break
		}
	}
	if p.Name == "" {
		p.Name = strings.Join(rest, ", ")
	}
}

func pointer(s string) *string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return &s
}

// clipText cuts a text to that many characters, at a word where there is one, and says so.
func clipText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n == most-1 {
			cut := s[:i]
			if at := strings.LastIndexAny(cut, " \n"); at > len(cut)*3/4 {
				cut = cut[:at]
			}
			rest := 0
			for range s[i:] {
				if rest++; rest > 1 {
					return strings.TrimRight(cut, " ,;\n") + "…"
				}
			}
			return s
		}
		n++
	}
	return s
}
