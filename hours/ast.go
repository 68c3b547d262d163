package hours

import "time"

// rule is one rule of a value: when it applies (years, dates, weeks, days, all
// of which must match; empty = always), the times of day, and what holds then.
type rule struct {
	sep     separator
	years   []yearRange
	dates   []dateRange
	weeks   []weekRange
	days    days
	times   []span
	state   State
	comment string

	spills bool // may reach into the following day
}

// separator says how a rule joins those before it.
type separator uint8

const (
	normal     separator = iota // ";" replaces what earlier rules said about the day
	additional                  // "," adds to it
	fallback                    // "||" fills what is still closed
)

// yearRange is from..to every step years. to 0 = from only, maxYear = open.
type yearRange struct{ from, to, step int }

const (
	minYear = 1900
	maxYear = 9999
)

// weekRange is ISO weeks from..to every step weeks, over the turn of the year
// when to < from.
type weekRange struct{ from, to, step int }

// dateRange is from..to, or from alone, or from onwards.
type dateRange struct {
	from, to date
	ranged   bool
	onward   bool
}

// date is a day that recurs every year unless it names one: day 0 is the whole
// month, nth another word for "the nth weekday of the month".
type date struct {
	year    int // 0 = every year
	month   time.Month
	day     int
	nth     int // -5..5, 0 = not used
	weekday int // of nth, Mo = 0
	easter  bool
	season  season
	offset  int // days
	shift   int // to the next (n) or previous (-n) weekday n-1, Mo = 0; 0 = none
}

// season is a word whose dates nobody fixed: its core months are certain, the
// months around them are not.
type season uint8

const (
	noSeason season = iota
	spring
	summer
	autumn
	winter
)

// days selects weekdays and holidays: their union, or with both set the
// holidays that fall on those weekdays.
type days struct {
	weekdays []weekdayRange
	holidays []holidayRef
	both     bool
}

// weekdayRange is from..to (Mo = 0, may wrap); nth has bit n-1 set for the nth
// and bit 8+n-1 for the nth last of the month; offset in days.
type weekdayRange struct {
	from, to int
	nth      uint16
	offset   int
}

// holidayRef is PH or SH, moved by offset days.
type holidayRef struct {
	school bool
	offset int
}

// span is a stretch of a day, a point (to unset), or points every n minutes.
type span struct {
	from, to moment
	ranged   bool
	openEnd  bool
	every    int // minutes, 0 = not repeated
}

// moment is minutes after midnight (up to 48:00), or an offset to a sun event.
type moment struct {
	event   sunEvent
	minutes int
}

// sunEvent numbers the events in the order of the day.
type sunEvent uint8

const (
	noEvent sunEvent = iota
	dawn
	sunrise
	sunset
	dusk
)

// hasDates tells whether the rule selects days at all.
func (r *rule) hasDates() bool {
	return len(r.years)+len(r.dates)+len(r.weeks)+len(r.days.weekdays)+len(r.days.holidays) > 0
}

// clears tells whether the rule, on a day it matches, replaces earlier rules: a
// normal rule with a day selector does, and so does a day that is off as a
// whole. A rule of times alone only paints over them, as opening_hours.js has it.
func (r *rule) clears() bool {
	if r.state == Closed {
		return len(r.times) == 0 && r.sep != fallback
	}
	return r.sep == normal && r.hasDates()
}

// asksSun tells whether an end of the span is a sun event.
func (s span) asksSun() bool { return s.from.event != noEvent || s.to.event != noEvent }

// bounds gives a span without sun events in minutes after midnight; a span that
// ends where it starts or before ends on the next day.
func (s span) bounds() (from, to int) {
	from, to = s.from.minutes, s.to.minutes
	if s.ranged && to <= from {
		to += 1440
	}
	return from, to
}

// openEndAfter guesses how long an open end lasts: the rest of the day, ten
// hours from 17:00, eight hours from 22:00.
func openEndAfter(minute int) int {
	switch {
	case minute >= 22*60:
		return min(minute+8*60, 2880)
	case minute >= 17*60:
		return minute + 10*60
	}
	return 1440
}

// maySpill tells whether the span may reach beyond midnight.
func (s span) maySpill() bool {
	if s.asksSun() {
		return true
	}
	from, to := s.bounds()
	if s.openEnd {
		if !s.ranged {
			to = from
		}
		to = openEndAfter(to)
	}
	return to > 1440
}
