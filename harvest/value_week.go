package harvest

import (
	"fmt"
	"slices"
	"strings"
)

// valueWeek collects weekly hours and says them in OpenStreetMap's opening_hours syntax.
type valueWeek struct {
	seasons []*valueSeason
	spans   int
}

// valueSeason holds the hours of the dates that its selector names, "" for all year.
type valueSeason struct {
	selector string
	days     [9][]string // Monday to Sunday, public holidays, any day that has no weekday
	off      [9]bool
}

const (
	valueHoliday  = 7 // public holidays
	valueEveryday = 8 // no weekday: what a selector such as "Dec 24" says alone
)

var (
	valueDayNames  = [...]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH", ""}
	valueMonthName = [...]string{"", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
)

// valueWeekday reads a day of the week in German or English, long or short, 0 for Monday to 6, or 7 for public holidays.
func valueWeekday(s string) (int, bool) {
	s = strings.ToLower(strings.Trim(s, " ."))
	for i, names := range [...]string{
		"|mo|mon|montag|montags|monday|", "|di|tu|tue|dienstag|dienstags|tuesday|", "|mi|we|wed|mittwoch|mittwochs|wednesday|",
		"|do|th|thu|donnerstag|donnerstags|thursday|", "|fr|fri|freitag|freitags|friday|", "|sa|sat|samstag|samstags|sonnabend|saturday|",
		"|so|su|sun|sonntag|sonntags|sunday|", "|ph|feiertag|feiertage|feiertags|holiday|holidays|",
	} {
		if s != "" && strings.Contains(names, "|"+s+"|") {
			return i, true
		}
	}
	return 0, false
}

func (w *valueWeek) season(selector string) *valueSeason {
	for _, s := range w.seasons {
		if s.selector == selector {
			return s
		}
	}
	s := &valueSeason{selector: selector}
	w.seasons = append(w.seasons, s)
	return s
}

// open adds hours of a day, in minutes of the day; to may lie before from, on the next day then, and is -1 where it is not known.
func (w *valueWeek) open(selector string, day, from, to int) {
	if w.spans++; w.spans > 200 || from < 0 || from >= 1440 {
		return
	}
	text := fmt.Sprintf("%02d:%02d", from/60, from%60)
	if to < 0 {
		text += "+"
	} else {
		text += fmt.Sprintf("-%02d:%02d", to/60, to%60)
	}
	s := w.season(selector)
	if !slices.Contains(s.days[day], text) {
		s.days[day] = append(s.days[day], text)
	}
}

// closed says that a day is closed.
func (w *valueWeek) closed(selector string, day int) {
	if w.spans++; w.spans <= 200 {
		w.season(selector).off[day] = true
	}
}

// String gives the hours, "" where there are none.
func (w *valueWeek) String() string {
	var rules []string
	for _, s := range w.seasons {
		what := func(day int) string {
			if len(s.days[day]) > 0 {
				slices.Sort(s.days[day])
				return strings.Join(s.days[day], ",")
			}
			if s.off[day] {
				return "off"
			}
			return ""
		}
		for day := 0; day < len(s.days); day++ {
			hours := what(day)
			if hours == "" {
				continue
			}
			last := day
			for day < valueHoliday && last+1 < valueHoliday && what(last+1) == hours {
				last++
			}
			days := valueDayNames[day]
			switch {
			case last == day+1:
				days += "," + valueDayNames[last]
			case last > day:
				days += "-" + valueDayNames[last]
			}
			rules = append(rules, valueJoin(" ", s.selector, days, hours))
			day = last
		}
	}
	return valueHours(strings.Join(rules, "; "))
}

// valueDates says a span of dates as a selector of opening hours; with no last day it is open, with no years it is each year's.
func valueDates(first, last valueDay, years bool) string {
	day := func(d valueDay) string {
		s := fmt.Sprintf("%s %02d", valueMonthName[d.month], d.day)
		if years {
			s = fmt.Sprintf("%04d %s", d.year, s)
		}
		return s
	}
	switch {
	case first == last:
		return day(first)
	case last == (valueDay{}):
		return day(first) + "+"
	}
	return day(first) + "-" + day(last)
}
