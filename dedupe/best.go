package dedupe

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"umland/ent"
)

// Rank is how near a record is to whoever knows best. A lower one is nearer.
type Rank int

// The ranks, the nearest first.
const (
	RankHand         Rank = iota // posted by the organiser's own hand
	RankOrganiser                // a feed of the organiser: the club's own calendar
	RankMunicipality             // a feed of the municipality
	RankCollector                // a feed that collects from others: tourism, a portal
)

// in German, for the reasons
var ranks = [...]string{"von Hand eingetragen", "Kalender des Veranstalters", "Kalender der Gemeinde", "Sammlung anderer"}

func (r Rank) german() string { return ranks[max(0, min(int(r), len(ranks)-1))] }

// Record is one of several records of a thing.
type Record struct {
	Offering *ent.Offering // with Place where it has one
	Rank     Rank
}

// Choice says from which record a field is taken.
type Choice struct {
	Field  string // as in the API: title, summary, description, schedule, place, openingHours, price, contact, links, images, categories, audiences, wheelchair, languages, details
	Record int    // index of the record
	Why    string // German
}

// Best says for each field that any of the records has from which of them it is best taken: what grows old or can be wrong from whoever is nearest,
// texts from whoever says the most, the place from whoever is most precise. Where records are as good as each other, the nearer one is taken, then the earlier in
// the list.
func Best(records []Record) []Choice {
	var out []Choice
	// choose takes the record with the highest value; 0 and less is none.
	choose := func(field, why string, value func(Record) float64) {
		best, most := -1, 0.0
		for i, r := range records {
			v := value(r)
			if v > most || v == most && best >= 0 && r.Rank < records[best].Rank {
				best, most = i, v
			}
		}
		if best >= 0 {
			out = append(out, Choice{Field: field, Record: best, Why: fmt.Sprintf("%s (%s)", why, records[best].Rank.german())})
		}
	}
	// nearest takes the nearest of the records that have the field.
	nearest := func(field string, has func(*ent.Offering) bool) {
		choose(field, "aus der verlässlichsten Quelle", func(r Record) float64 {
			if !has(r.Offering) {
				return 0
			}
			return 100 - float64(r.Rank)
		})
	}
	nearest("title", func(o *ent.Offering) bool { return o.Title != "" && o.Title != strings.ToUpper(o.Title) })
	if len(out) == 0 { // all in capitals
		nearest("title", func(o *ent.Offering) bool { return o.Title != "" })
	}
	choose("summary", "längste Zusammenfassung", func(r Record) float64 { return meaning(r.Offering, text(r.Offering.Summary)) })
	choose("description", "ausführlichste Beschreibung", func(r Record) float64 { return meaning(r.Offering, text(r.Offering.Description)) })
	choose("schedule", "genaueste Zeit aus der verlässlichsten Quelle", func(r Record) float64 {
		s := r.Offering.Schedule
		if s == nil {
			return 0
		}
		v := 100 - 10*float64(r.Rank)
		if s.AllDay && timed(records) { // who knows the time of day knows more
			v -= 50
		}
		if s.End != nil {
			v++
		}
		return v
	})
	choose("place", "genaueste Ortsangabe", func(r Record) float64 {
		p := r.Offering.Place
		if p == nil {
			return 0
		}
		v := 1.0
		if p.Name != "" {
			v++
		}
		if p.Street != nil {
			v += 2
			if strings.ContainsAny(*p.Street, "0123456789") {
				v++
			}
		}
		if p.Longitude != nil && p.Latitude != nil {
			v += 2
		}
		return v
	})
	nearest("openingHours", func(o *ent.Offering) bool { return o.Hours != nil })
	choose("price", "genaueste Preisangabe", func(r Record) float64 {
		p, v := r.Offering.Price, 0.0
		for _, known := range [...]bool{p.Free != nil, p.FromCents != nil, p.ToCents != nil, p.Note != nil} {
			if known {
				v++
			}
		}
		return v
	})
	choose("contact", "vollständigste Kontaktdaten", func(r Record) float64 {
		c, v := r.Offering.Contact, 0.0
		if c != nil {
			for _, s := range [...]*string{c.Name, c.Email, c.Phone} {
				if s != nil {
					v++
				}
			}
		}
		return v
	})
	nearest("links", func(o *ent.Offering) bool { return len(o.Links) > 0 })
	choose("images", "Bilder mit Angaben zu Herkunft und Lizenz", func(r Record) float64 {
		v := 0.0
		for _, i := range r.Offering.Images {
			one := 1.0
			if i.Licence != nil {
				one += 2
			}
			if i.Credit != nil {
				one++
			}
			if i.Alt != nil {
				one++
			}
			v = max(v, one)
		}
		return v
	})
	choose("categories", "genaueste Einordnung", func(r Record) float64 { return float64(min(3, len(r.Offering.CategorySlugs))) })
	choose("audiences", "genaueste Zielgruppe", func(r Record) float64 { return float64(min(3, len(r.Offering.Audiences))) })
	nearest("wheelchair", func(o *ent.Offering) bool { return o.Wheelchair != "" && o.Wheelchair != ent.AnswerUnknown })
	nearest("languages", func(o *ent.Offering) bool { return len(o.Languages) > 0 })
	nearest("details", func(o *ent.Offering) bool { return o.Details != ent.Details{} })
	return out
}

// timed tells whether any of the records knows the time of day.
func timed(records []Record) bool {
	for _, r := range records {
		if s := r.Offering.Schedule; s != nil && !s.AllDay {
			return true
		}
	}
	return false
}

// meaning is how much a text says: its letters up to 4,000, none when it only says the title again or was cut off.
func meaning(o *ent.Offering, s string) float64 {
	s = strings.TrimSpace(s)
	if s == "" || string(fold(nil, cut(s, maxText))) == string(fold(nil, cut(o.Title, maxText))) {
		return 0
	}
	n := float64(min(utf8.RuneCountInString(cut(s, 16000)), 4000))
	if strings.HasSuffix(s, "…") || strings.HasSuffix(s, "...") || strings.HasSuffix(s, "[mehr]") {
		n /= 2
	}
	return n
}
