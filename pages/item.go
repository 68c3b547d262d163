package pages

import (
	"strconv"
	"time"
)

// item is one entry of a list, ready to be shown.
type item struct {
	ID, URL, Title, Lang string
	Kind, KindName       string
	Leaf                 *leaf  // its date, nil where it has none to come
	When, Start          string // in words, and for machines
	Status               string // of the date, "" as planned
	Where, Distance      string
	Summary              string
	Tags                 []tag
}

// leaf is a leaf of a tear-off calendar.
type leaf struct{ Weekday, Day, Month string }

// tag is something short to know, with the symbol that stands before it.
type tag struct{ Symbol, Text string }

// textLang gives the language of an offering's texts where it is another than the page's, "" where it is the same.
func (st *state) textLang(translations []translated) string {
	for _, t := range translations {
		if t.Locale == st.locale {
			if st.locale == "de-simple" {
				return "de-simple"
			}
			return ""
		}
	}
	if st.english { // the original: what is offered in Germany is written in German
		return "de"
	}
	return ""
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func where(p *place, municipality string) string {
	if p == nil || p.Name == municipality {
		return municipality
	}
	return p.Name + ", " + municipality
}

func (st *state) leafOf(t time.Time) *leaf {
	return &leaf{st.shortWeekday(t), strconv.Itoa(t.Day()), st.shortMonth(t)}
}

// items makes a list of cards ready.
func (st *state) items(cards []card) []item {
	out := make([]item, len(cards))
	for i := range cards {
		out[i] = st.item(&cards[i], nil)
	}
	return out
}

func (st *state) item(c *card, distance *float64) item {
	it := item{
		ID: c.ID, URL: st.To("/angebot/" + c.ID), Title: c.Title, Lang: st.textLang(c.Translations), Kind: c.Kind, KindName: st.kind(c.Kind),
		Summary: deref(c.Summary), Where: where(c.Place, c.Municipality.Name),
	}
	if c.Online && c.Place == nil {
		it.Where = st.tr("online", "online") + " · " + c.Provider.Name
	}
	if distance != nil {
		it.Distance = st.km(*distance)
	}
	if len(c.Occurrences.Nodes) > 0 {
		o := c.Occurrences.Nodes[0]
		it.Leaf, it.When, it.Start = st.leafOf(o.Start), st.when(o.Start, o.End, o.AllDay), o.Start.Format(time.RFC3339)
		it.Status = st.status(o.Status)
	} else if c.Schedule != nil {
		it.When = c.Schedule.Text
	}
	if c.Schedule != nil && c.Kind == "ACTIVITY" && it.Leaf != nil {
		it.Tags = append(it.Tags, tag{"repeat", c.Schedule.Text})
	}
	if h := c.OpeningHours; h != nil {
		it.Tags = append(it.Tags, st.openTag(c.IsOpen, h.Text, h.NextChange))
	}
	if text := st.price(c.Price); text != "" {
		it.Tags = append(it.Tags, tag{"price", text})
	}
	it.Tags = append(it.Tags, st.wheelchairTag(c.Wheelchair)...)
	for _, a := range c.Audiences {
		if a == "FAMILIES" {
			it.Tags = append(it.Tags, tag{"family", st.tr("für Familien", "for families")})
		}
	}
	if c.Online {
		it.Tags = append(it.Tags, tag{"online", st.tr("auch online", "online too")})
	}
	return it
}

// wheelchairTag says nothing where nothing is known.
func (st *state) wheelchairTag(answer string) []tag {
	switch answer {
	case "YES":
		return []tag{{"wheelchair", st.tr("rollstuhlgerecht", "wheelchair accessible")}}
	case "PARTLY":
		return []tag{{"wheelchair", st.tr("teilweise rollstuhlgerecht", "partly wheelchair accessible")}}
	}
	return nil
}

func (st *state) openTag(open *bool, hours string, change *time.Time) tag {
	switch {
	case open == nil:
		return tag{"clock", hours}
	case *open && change != nil:
		return tag{"open", st.tr("geöffnet bis ", "open until ") + st.format.change(*change, st.now)}
	case *open:
		return tag{"open", st.tr("geöffnet", "open")}
	case change != nil:
		return tag{"clock", st.tr("öffnet ", "opens ") + st.format.change(*change, st.now)}
	}
	return tag{"clock", hours}
}

// dateItem makes one date of the calendar ready. first is the first day that is shown.
func (st *state) dateItem(d *date, first time.Time) item {
	o := &d.Offering
	p := d.Place
	if p == nil {
		p = o.Place
	}
	it := item{
		ID: d.ID, URL: st.To("/angebot/" + o.ID), Title: o.Title, Lang: st.textLang(o.Translations), Kind: o.Kind, KindName: st.kind(o.Kind),
		Summary: deref(o.Summary), Where: where(p, o.Municipality.Name), Status: st.status(d.Status), Start: d.Start.Format(time.RFC3339),
	}
	switch {
	case d.AllDay && d.End != nil && d.End.Sub(d.Start) > 25*time.Hour, d.Start.Before(first):
		it.When = st.when(d.Start, d.End, d.AllDay)
	case d.AllDay:
		it.When = st.tr("ganztägig", "all day")
	default:
		it.When = st.hours(d.Start, d.End)
	}
	if text := st.price(o.Price); text != "" {
		it.Tags = append(it.Tags, tag{"price", text})
	}
	it.Tags = append(it.Tags, st.wheelchairTag(o.Wheelchair)...)
	return it
}
