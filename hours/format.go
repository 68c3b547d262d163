package hours

import (
	"fmt"
	"strconv"
	"strings"
)

// String is the value in the canonical spelling of the specification. Parsing
// it gives the same hours again.
func (h *Hours) String() string {
	var b strings.Builder
	for i := range h.rules {
		r := &h.rules[i]
		if i > 0 {
			b.WriteString([...]string{"; ", ", ", " || "}[r.sep])
		}
		explicit := false
		if i+1 < len(h.rules) && h.rules[i+1].sep == additional {
			next := &h.rules[i+1]
			explicit = len(next.times) > 0 && !next.hasDates() || len(r.times) == 0 && next.hasDates()
		}
		b.WriteString(r.format(explicit))
	}
	return b.String()
}

// format writes a rule. explicit writes "open" where it could be left out, so
// that a comma behind it cannot be read as going on with a list.
func (r *rule) format(explicit bool) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(join(r.years, yearRange.String))
	add(join(r.dates, dateRange.String))
	if len(r.weeks) > 0 {
		add("week " + join(r.weeks, weekRange.String))
	}
	add(r.days.String())
	add(join(r.times, span.String))
	if r.state == Open && len(parts) == 0 && r.comment == "" {
		add("24/7")
	}
	if r.state == Closed || r.state == Unknown && r.comment == "" || r.state == Open && (explicit || r.comment != "") {
		add(r.state.String())
	}
	if r.comment != "" {
		add(`"` + r.comment + `"`)
	}
	return strings.Join(parts, " ")
}

func join[T any](list []T, text func(T) string) string {
	s := make([]string, len(list))
	for i, v := range list {
		s[i] = text(v)
	}
	return strings.Join(s, ",")
}

func (y yearRange) String() string {
	s := strconv.Itoa(y.from)
	switch {
	case y.to == maxYear && y.step > 0:
	case y.to == maxYear:
		s += "+"
	case y.to > 0:
		s += "-" + strconv.Itoa(y.to)
	}
	if y.step > 0 {
		s += "/" + strconv.Itoa(y.step)
	}
	return s
}

func (w weekRange) String() string {
	s := twoDigits(w.from)
	if w.to != w.from || w.step > 0 {
		s += "-" + twoDigits(w.to)
	}
	if w.step > 0 {
		s += "/" + strconv.Itoa(w.step)
	}
	return s
}

func (d dateRange) String() string {
	s := d.from.String()
	switch {
	case d.onward:
		s += "+"
	case d.ranged && d.to.day > 0 && d.to.year == 0 && d.to.month == d.from.month && d.to.day >= d.from.day &&
		d.from.day > 0 && d.from.offset == 0 && d.from.shift == 0:
		to := d.to
		s += "-" + to.String()[4:]
	case d.ranged:
		s += "-" + d.to.String()
	}
	return s
}

func (s season) String() string {
	return [...]string{"", "spring", "summer", "autumn", "winter"}[s]
}

func (d date) String() string {
	var s string
	switch {
	case d.easter:
		s = "easter"
	case d.season != noSeason:
		s = d.season.String()
	case d.day > 0:
		s = monthName(int(d.month)) + " " + twoDigits(d.day)
	case d.nth != 0:
		s = fmt.Sprintf("%s %s[%d]", monthName(int(d.month)), weekdayName(d.weekday), d.nth)
	default:
		s = monthName(int(d.month))
	}
	if d.year > 0 {
		s = fmt.Sprintf("%d %s", d.year, s)
	}
	if d.shift > 0 {
		s += " +" + weekdayName(d.shift-1)
	} else if d.shift < 0 {
		s += " -" + weekdayName(-d.shift-1)
	}
	return s + formatOffset(d.offset)
}

func formatOffset(n int) string {
	switch n {
	case 0:
		return ""
	case 1, -1:
		return fmt.Sprintf(" %+d day", n)
	}
	return fmt.Sprintf(" %+d days", n)
}

func (d days) String() string {
	holidays := join(d.holidays, func(h holidayRef) string {
		if h.school {
			return "SH" + formatOffset(h.offset)
		}
		return "PH" + formatOffset(h.offset)
	})
	weekdays := join(d.weekdays, weekdayRange.String)
	switch {
	case holidays == "" || weekdays == "":
		return holidays + weekdays
	case d.both:
		return holidays + " " + weekdays
	}
	return weekdays + "," + holidays
}

func (w weekdayRange) String() string {
	s := weekdayName(w.from)
	if w.to != w.from {
		s += "-" + weekdayName(w.to)
	}
	if w.nth != 0 {
		s += "[" + join(nthList(w.nth), strconv.Itoa) + "]"
	}
	return s + formatOffset(w.offset)
}

// nthList gives 1..5 and then -1..-5 for the bits of weekdayRange.nth.
func nthList(bits uint16) []int {
	var list []int
	for n := 1; n <= 5; n++ {
		if bits&(1<<(n-1)) != 0 {
			list = append(list, n)
		}
	}
	for n := 1; n <= 5; n++ {
		if bits&(1<<(7+n)) != 0 {
			list = append(list, -n)
		}
	}
	return list
}

func (s span) String() string {
	t := s.from.String()
	if s.ranged {
		t += "-" + s.to.String()
	}
	if s.openEnd {
		t += "+"
	}
	if s.every > 0 {
		t += "/" + clock(s.every)
	}
	return t
}

func (e sunEvent) String() string {
	return [...]string{"", "dawn", "sunrise", "sunset", "dusk"}[e]
}

func (m moment) String() string {
	switch {
	case m.event == noEvent:
		return clock(m.minutes)
	case m.minutes == 0:
		return m.event.String()
	case m.minutes < 0:
		return "(" + m.event.String() + "-" + clock(-m.minutes) + ")"
	}
	return "(" + m.event.String() + "+" + clock(m.minutes) + ")"
}

// clock writes minutes as hh:mm.
func clock(minutes int) string { return twoDigits(minutes/60) + ":" + twoDigits(minutes%60) }
