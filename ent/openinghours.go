package ent

import (
	"time"

	"umland/hours"
)

// OpeningHours is when something is regularly open.
type OpeningHours struct {
	OSM   string // OpenStreetMap opening_hours syntax
	place hours.Place
}

// OpeningHours gives the hours, nil when there are none. They hold for the offering's municipality: its holidays, its sun, its zone.
func (o *Offering) OpeningHours() *OpeningHours {
	if o.Hours == nil {
		return nil
	}
	return &OpeningHours{OSM: *o.Hours, place: hours.Place{AGS: o.AGS}}
}

// TextIn says the hours in German, or in the locale where that is English.
func (h *OpeningHours) TextIn(locale *string) string {
	parsed, err := hours.Parse(h.OSM)
	if err != nil {
		return h.OSM
	}
	if locale == nil {
		return parsed.Text(DefaultLocale)
	}
	return parsed.Text(*locale)
}

// AGS is the municipality in which the hours hold.
func (h *OpeningHours) AGS() string { return h.place.AGS }

// In gives the hours with the municipality in which they hold and a calendar of school holidays; without one, what depends on it is not known.
func (h *OpeningHours) In(m *Municipality, schools *SchoolCalendar) *OpeningHours {
	return &OpeningHours{h.OSM, HoursPlace(h.place.AGS, m, schools)}
}

// HoursPlace is where opening hours hold: with the public holidays of the municipality, the sun in its middle, and the school holidays of its state.
func HoursPlace(ags string, m *Municipality, schools *SchoolCalendar) hours.Place {
	p := hours.Place{AGS: ags}
	if m != nil {
		p.Longitude, p.Latitude = m.Longitude, m.Latitude
	}
	if schools != nil && len(ags) > 2 {
		p.SchoolHoliday = func(d hours.Date) (holiday, known bool) { return schools.On(ags[:2], d.Year, d.Month, d.Day) }
	}
	return p
}

// OpenAt tells whether it is open at the instant, nil when the hours do not say.
func (h *OpeningHours) OpenAt(at time.Time) *bool {
	parsed, err := hours.Parse(h.OSM)
	if err != nil {
		return nil
	}
	state, _ := parsed.At(at.In(Berlin), h.place)
	if state == hours.Unknown {
		return nil
	}
	open := state == hours.Open
	return &open
}

// ChangeAfter gives the next instant at which it opens, closes or stops being known, nil when there is none within two years.
func (h *OpeningHours) ChangeAfter(after time.Time) *time.Time {
	parsed, err := hours.Parse(h.OSM)
	if err != nil {
		return nil
	}
	next, ok := parsed.NextChange(after.In(Berlin), h.place)
	if !ok {
		return nil
	}
	return &next
}
