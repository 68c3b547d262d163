// Package dedupe tells whether two offerings that came in different ways are the same thing, says why, and says from which of several
// records of one thing each of its fields is best taken. It is pure: it asks no database, and the same input gives the same answer.
//
// It would rather leave two records of one thing apart than put two things together: what is merged wrongly is missing from a calendar.
package dedupe

import (
	"cmp"
	"strings"
	"time"

	"umland/ent"
)

// Candidate is what of an offering tells whether it is the same as another. What is not known is empty, zero or nil.
type Candidate struct {
	Source     string // key of the source; "" when it was posted. Two items of one source are never the same: it tells them apart itself
	Kind       ent.OfferingKind
	Title      string
	Text       string // summary and description, plain; the first 1,500 bytes are read
	Categories []string
	URLs       []string // of pages about it
	Price      ent.Price

	Start, End time.Time // in the zone of the offering, End exclusive; of a series, those of its first date
	AllDay     bool
	RRule      string      // RFC 5545 RECUR value of a series
	Dates      []time.Time // of a series: dates besides Start that no rule gives

	PlaceName, Street, PostalCode, Locality string
	AGS                                     string   // of the place, else the municipality that answers for the offering
	Longitude, Latitude                     *float64 // WGS 84 degrees
	Online                                  bool

	Organiser, Website, Phone, Email string
}

// FromOffering gives what an offering is compared by. Its Provider and Place are read where they are set.
func FromOffering(o *ent.Offering) Candidate {
	c := Candidate{
		Kind: o.Kind, Title: o.Title, Categories: o.CategorySlugs, Price: o.Price, AGS: o.AGS, Online: o.Online,
		Text: strings.TrimSpace(text(o.Summary) + "\n" + text(o.Description)),
	}
	if o.SourceID != nil {
		c.Source = o.SourceID.String()
	}
	if o.SourceURL != nil {
		c.URLs = append(c.URLs, *o.SourceURL)
	}
	for _, l := range o.Links {
		c.URLs = append(c.URLs, l.URL)
	}
	if s := o.Schedule; s != nil {
		c.Start, c.AllDay, c.RRule, c.Dates = s.StartIn(), s.AllDay, text(s.RRule), s.IncludeIn()
		if end := s.EndIn(); end != nil {
			c.End = *end
		}
	}
	if p := o.Place; p != nil {
		c.PlaceName, c.Street, c.PostalCode, c.Locality = p.Name, text(p.Street), text(p.PostalCode), text(p.Locality)
		c.AGS, c.Longitude, c.Latitude = cmp.Or(p.AGS, o.AGS), p.Longitude, p.Latitude
	}
	var own, other ent.Contact
	if o.Contact != nil {
		own = *o.Contact
	}
	if p := o.Provider; p != nil {
		c.Organiser, c.Website = p.Name, text(p.Website)
		if p.Contact != nil {
			other = *p.Contact
		}
	}
	c.Phone, c.Email = cmp.Or(text(own.Phone), text(other.Phone)), cmp.Or(text(own.Email), text(other.Email))
	return c
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// compare puts candidates into an order, so that a verdict does not depend on which of the two is named first.
func (c *Candidate) compare(d *Candidate) int {
	return cmp.Or(
		strings.Compare(c.Title, d.Title), c.Start.Compare(d.Start), strings.Compare(c.PlaceName, d.PlaceName), strings.Compare(c.Organiser, d.Organiser),
		strings.Compare(c.Text, d.Text), strings.Compare(c.Source, d.Source), strings.Compare(c.Street, d.Street), strings.Compare(c.Locality, d.Locality),
		c.End.Compare(d.End), strings.Compare(c.RRule, d.RRule), strings.Compare(c.AGS, d.AGS), strings.Compare(string(c.Kind), string(d.Kind)),
		strings.Compare(c.Phone, d.Phone), strings.Compare(c.Email, d.Email), strings.Compare(c.Website, d.Website), strings.Compare(c.PostalCode, d.PostalCode),
	)
}

// series tells whether it takes place more than once.
func (c *Candidate) series() bool { return c.RRule != "" || len(c.Dates) > 0 }

// located tells whether the position is known and can be right: what lies outside of central Europe is taken for a mix-up of the two numbers.
func (c *Candidate) located() bool {
	return c.Longitude != nil && c.Latitude != nil && *c.Longitude > 4 && *c.Longitude < 18 && *c.Latitude > 45 && *c.Latitude < 57
}
