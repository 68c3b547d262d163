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

// OpeningHours gives the hours, nil when there are none. They hold for the offering's municipality: its holidays, its zone.
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

// In gives the hours with a calendar of school holidays; without one, what depends on these is not known.
func (h *OpeningHours) In(schools *SchoolCalendar) *OpeningHours {
	return &OpeningHours{h.OSM, HoursPlace(h.place.AGS, schools)}
}

// HoursPlace is where opening hours hold: with the public holidays of the municipality and the school holidays of its state.
func HoursPlace(ags string, schools *SchoolCalendar) hours.Place {
	p := hours.Place{AGS: ags}
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
