package dedupe

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
)

const (
	farKm      = 5   // events further apart are not one
	farFixedKm = 1.5 // nor are places that are further apart
)

// where compares the places. A veto says that they cannot be one place: too far apart, in different villages, or in rooms with different numbers.
func where(a, b *Candidate, inA, inB *context) (score float64, r Reason, known, veto bool) {
	no := func(format string, args ...any) (float64, Reason, bool, bool) {
		return 0, Reason{Field: "place", Text: fmt.Sprintf(format, args...)}, true, true
	}
	yes := func(score float64, format string, args ...any) (float64, Reason, bool, bool) {
		return score, Reason{Field: "place", Score: score, Text: fmt.Sprintf(format, args...)}, true, false
	}
	if a.Online && b.Online {
		return yes(.8, "Beide finden online statt")
	}
	distance := math.Inf(1)
	if a.located() && b.located() {
		distance = km(*a.Longitude, *a.Latitude, *b.Longitude, *b.Latitude)
		if far := map[bool]float64{true: farKm, false: farFixedKm}[!a.Start.IsZero()]; distance > far {
			return no("Orte %s km auseinander", strings.Replace(fmt.Sprintf("%.1f", distance), ".", ",", 1))
		}
	}
	near := distance < 1
	villageA, villageB := words(a.Locality), words(b.Locality)
	sameVillage := false
	if len(villageA) > 0 && len(villageB) > 0 {
		m := pair(villageA, villageB)
		sameVillage = m.a > .99 || m.b > .99
		if !sameVillage && !names(b, villageA) && !names(a, villageB) && distance > .3 {
			return no("Verschiedene Orte: „%s“ und „%s“", cut(a.Locality, 60), cut(b.Locality, 60))
		}
	}
	if a.AGS != b.AGS && a.AGS != "" && b.AGS != "" && !sameVillage && !near {
		return no("Verschiedene Gemeinden")
	}
	nameA, nameB := placeWords(a), placeWords(b)
	m := pair(nameA, nameB)
	if m.idA && m.idB || m.clash {
		return no("Verschiedene Räume oder Plätze: „%s“ und „%s“", cut(a.PlaceName, 60), cut(b.PlaceName, 60))
	}
	street, number := address(a.Street, b.Street)
	quoted := fmt.Sprintf("„%s“ und „%s“", cut(firstOf(a.PlaceName, a.Street), 60), cut(firstOf(b.PlaceName, b.Street), 60))
	both := len(nameA) > 0 && len(nameB) > 0
	lackA, _, _ := rest(m.restA, inB, a)
	lackB, _, _ := rest(m.restB, inA, b)
	switch {
	case both && m.a > .99 && m.b > .99:
		return yes(1, "Gleicher Ort: „%s“", cut(a.PlaceName, 60))
	case street && number:
		return yes(1, "Gleiche Adresse: „%s“", cut(a.Street, 60))
	case distance < .1:
		return yes(.95, "Orte höchstens 100 m auseinander: %s", quoted)
	case both && m.shared > 0 && (lackA < .45 || lackB < .45) && max(m.a, m.b) > .6:
		return yes(.9, "Ort fast gleich: %s", quoted)
	case both && lackA >= .45 && lackB >= .45 && a.Start.IsZero():
		return no("Verschiedene Orte: %s", quoted)
	case distance < .4:
		return yes(.75, "Orte höchstens 400 m auseinander: %s", quoted)
	case len(nameA) > 0 && mentions(inB, nameA) || len(nameB) > 0 && mentions(inA, nameB):
		return yes(.9, "Der Ort des einen steht beim anderen: %s", quoted)
	case both && lackA >= .45 && lackB >= .45 && a.Street != "" && b.Street != "":
		return yes(0, "Verschiedene Orte: %s", quoted)
	case both && lackA >= .45 && lackB >= .45:
		return yes(.1, "Verschiedene Orte: %s", quoted)
	case a.Street != "" && b.Street != "" && !street:
		return yes(.1, "Verschiedene Adressen: „%s“ und „%s“", cut(a.Street, 60), cut(b.Street, 60))
	case street:
		return yes(.7, "Gleiche Straße: „%s“", cut(a.Street, 60))
	case sameVillage:
		return yes(.55, "Gleicher Ort: „%s“", cut(a.Locality, 60))
	case a.AGS != "" && a.AGS == b.AGS:
		return yes(.5, "Gleiche Gemeinde")
	case distance <= farKm:
		return yes(.3, "Orte nicht weit auseinander: %s", quoted)
	}
	return 0, Reason{}, false, false
}

// names tells whether the candidate's title, place or street has one of the words. Who offers it may sit elsewhere.
func names(c *Candidate, list []word) bool {
	folded := string(fold(fold(fold(nil, cut(c.Title, maxTitle)), cut(c.PlaceName, maxTitle)), cut(c.Street, maxTitle)))
	return slices.ContainsFunc(list, func(w word) bool { return !w.id && strings.Contains(folded, " "+w.stem) })
}

// placeWords are the words of a place's name, where market and square say as much as others; none where the name is only the address.
func placeWords(c *Candidate) []word {
	if only, _ := address(c.PlaceName, c.Street); only {
		return nil
	}
	list := words(c.PlaceName)
	for i, w := range list {
		if !w.id && w.weight < .6 && w.s != "saal" && w.s != "raum" && w.s != "halle" && w.s != "haus" && w.s != "schulhof" {
			list[i].weight = .6
		}
	}
	return list
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// mentions tells whether all of the words that say something stand in the other candidate.
func mentions(in *context, list []word) bool {
	found := false
	for i := range list {
		switch {
		case list[i].id:
		case in.has(&list[i]):
			found = found || list[i].weight > general
		case list[i].weight > general:
			return false
		}
	}
	return found
}

// address tells whether two streets are the same, and whether their house numbers are.
func address(a, b string) (street, number bool) {
	if a == "" || b == "" {
		return false, false
	}
	x, y := strings.Fields(string(fold(nil, cut(a, maxTitle)))), strings.Fields(string(fold(nil, cut(b, maxTitle))))
	nameA, numberA := splitAddress(x)
	nameB, numberB := splitAddress(y)
	street = nameA != "" && nameA == nameB
	return street, street && numberA == numberB && numberA != ""
}

// splitAddress gives the name of the street as one word and the house number.
func splitAddress(fields []string) (name, number string) {
	for i, w := range fields {
		if i > 0 && w[0] >= '0' && w[0] <= '9' {
			return name, strings.Join(fields[i:], "")
		}
		if w == "str" || strings.HasSuffix(w, "str") {
			w += "asse"
		}
		name += w
	}
	return name, ""
}

// km is the distance of two points in WGS 84 degrees, good to some parts in a thousand where it is short.
func km(lon1, lat1, lon2, lat2 float64) float64 {
	x := (lon1 - lon2) * 111.32 * math.Cos((lat1+lat2)/2*math.Pi/180)
	y := (lat1 - lat2) * 111.32
	return math.Sqrt(x*x + y*y)
}

// organiser compares who offers it. Town halls and tourist offices publish what others offer: to be named says nothing of them.
func organiser(a, b *Candidate, inA, inB *context) (score float64, r Reason, known bool) {
	yes := func(score float64, format string, args ...any) (float64, Reason, bool) {
		return score, Reason{Field: "organiser", Score: score, Text: fmt.Sprintf(format, args...)}, true
	}
	wa, wb := words(a.Organiser), words(b.Organiser)
	m := pair(wa, wb)
	quoted := fmt.Sprintf("„%s“ und „%s“", cut(a.Organiser, 80), cut(b.Organiser, 80))
	switch {
	case len(wa) > 0 && len(wb) > 0 && m.a > .99 && m.b > .99:
		return yes(1, "Gleicher Veranstalter: „%s“", cut(a.Organiser, 80))
	case phone(a.Phone) != "" && phone(a.Phone) == phone(b.Phone):
		return yes(1, "Gleiche Telefonnummer: %s", cut(a.Phone, 40))
	case a.Email != "" && strings.EqualFold(a.Email, b.Email):
		return yes(1, "Gleiche E-Mail-Adresse: %s", cut(a.Email, 80))
	case host(a.Website) != "" && host(a.Website) == host(b.Website):
		return yes(1, "Gleiche Website: %s", host(a.Website))
	case len(wa) == 0 || len(wb) == 0:
		return 0, Reason{}, false
	}
	lackA, _, _ := rest(m.restA, inB, a)
	lackB, _, _ := rest(m.restB, inA, b)
	switch {
	case m.shared > 0 && max(m.a, m.b) > .6 && min(lackA, lackB) < .45 && !(m.idA && m.idB):
		return yes(.9, "Veranstalter fast gleich: %s", quoted)
	case !publisher(a.Organiser) && mentions(inB, wa) || !publisher(b.Organiser) && mentions(inA, wb):
		return yes(.9, "Der Veranstalter des einen steht beim anderen: %s", quoted)
	case publisher(a.Organiser) || publisher(b.Organiser):
		return 0, Reason{}, false
	}
	return yes(.1, "Verschiedene Veranstalter: %s", quoted)
}

// publisher tells whether it is somebody who publishes what others offer.
func publisher(name string) bool {
	first := true
	for w := range strings.FieldsSeq(string(fold(nil, cut(name, maxTitle)))) {
		switch {
		case first && slices.Contains([]string{"stadt", "gemeinde", "amt", "markt", "landkreis", "kreis", "region", "samtgemeinde", "verbandsgemeinde"}, w),
			strings.HasPrefix(w, "touris"), strings.HasSuffix(w, "verwaltung"), strings.HasSuffix(w, "marketing"), strings.HasPrefix(w, "naturpark"),
			w == "rathaus", w == "reiseland", w == "veranstaltungskalender", w == "kulturamt", w == "kulturburo", w == "gasteinformation", w == "kurverwaltung":
			return true
		}
		first = false
	}
	return false
}

// phone gives the digits of a number without the prefix of Germany and of long distance; "" when they are too few to tell.
func phone(s string) string {
	if s == "" || len(s) > 40 {
		return ""
	}
	b := make([]byte, 0, len(s))
	s = strings.Replace(s, "(0)", "", 1)
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			b = append(b, s[i])
		}
	}
	digits := strings.TrimLeft(string(b), "0")
	if strings.HasPrefix(s, "+49") || strings.HasPrefix(s, "0049") {
		digits = strings.TrimLeft(digits[2:], "0")
	}
	if len(digits) < 6 {
		return ""
	}
	return digits
}

// host gives the name of a site of one's own, "" for the big platforms.
func host(raw string) string {
	if raw == "" || len(raw) > 2000 {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	h := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	for _, big := range [...]string{"facebook.com", "instagram.com", "youtube.com", "google.com", "google.de", "eventbrite.de", "eventim.de", "wordpress.com", "jimdo.com", "jimdofree.com", "github.io"} {
		if h == big || strings.HasSuffix(h, "."+big) {
			return ""
		}
	}
	return h
}

// page gives the address of a page in one form, "" for the front page of a site: many things stand there.
func page(raw string) string {
	if raw == "" || len(raw) > 2000 {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	path := strings.TrimSuffix(u.Path, "/")
	if (path == "" || strings.HasPrefix(path, "/index.")) && u.RawQuery == "" {
		return ""
	}
	p := strings.TrimPrefix(strings.ToLower(u.Host), "www.") + path
	if u.RawQuery != "" {
		p += "?" + u.RawQuery
	}
	return p
}
