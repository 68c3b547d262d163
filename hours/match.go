package hours

import "time"

// matcher decides which rules apply to one day, assuming answers to what is
// unknown about it and noting which of these were asked for.
type matcher struct {
	*walk
	civil
	assumed, asked facts
}

func (m *matcher) unknown(f facts) bool {
	m.asked |= f
	return m.assumed&f != 0
}

// anyOf is true for an empty list: no selector selects all.
func anyOf[T any](list []T, match func(*T) bool) bool {
	for i := range list {
		if match(&list[i]) {
			return true
		}
	}
	return len(list) == 0
}

func (m *matcher) rule(r *rule) bool {
	return anyOf(r.years, m.inYears) && anyOf(r.weeks, m.inWeeks) && anyOf(r.dates, m.inDates) && m.inDays(&r.days)
}

func (m *matcher) inYears(y *yearRange) bool {
	to := max(y.to, y.from)
	return m.year >= y.from && m.year <= to && (y.step == 0 || (m.year-y.from)%y.step == 0)
}

func (m *matcher) inWeeks(r *weekRange) bool {
	week := m.isoWeek()
	in := week >= r.from && week <= r.to
	if r.to < r.from { // over the turn of the year
		in = week >= r.from || week <= r.to
		if week < r.from {
			week += 53
		}
	}
	return in && (r.step == 0 || (week-r.from)%r.step == 0)
}

func (m *matcher) inDates(d *dateRange) bool {
	switch {
	case d.from.season != noSeason:
		return (d.from.year == 0 || d.from.year == m.year) && m.inSeason(d.from.season)
	case !d.ranged && !d.onward:
		return m.onDate(&d.from)
	case d.from.year != 0:
		return m.inRange(d, d.from.year)
	}
	// a range without a year may have begun last year; offsets reach the next
	return m.inRange(d, m.year) || m.inRange(d, m.year-1) || m.inRange(d, m.year+1)
}

// onDate tells whether the day is the date, or in its month.
func (m *matcher) onDate(d *date) bool {
	if d.offset == 0 && d.shift == 0 && !d.easter && d.nth == 0 {
		return (d.year == 0 || d.year == m.year) && d.month == m.month && (d.day == 0 || d.day == m.day)
	}
	for y := m.year - 1; y <= m.year+1; y++ {
		if d.year == 0 || d.year == y {
			if n, ok := d.first(y); ok && n == m.n {
				return true
			}
		}
	}
	return false
}

// inRange tells whether the day lies in the range that begins in the year.
func (m *matcher) inRange(d *dateRange, year int) bool {
	from, ok := d.from.first(year)
	if d.from.day == 29 && !ok { // Feb 29
		from, ok = dayNumber(year, time.March, 1), true
	}
	if !ok || m.n < from {
		return false
	}
	if d.onward {
		return d.from.year != 0 || m.year == year
	}
	if d.to.year != 0 {
		year = d.to.year
	}
	to, ok := d.to.last(year)
	if ok && to < from && d.to.year == 0 {
		to, ok = d.to.last(year + 1)
	}
	return ok && m.n <= to
}

// first is the day number of the date, or of the first of its month.
func (d *date) first(year int) (n int, ok bool) {
	ok = true
	switch {
	case d.easter:
		n = easter(year)
	case d.nth != 0:
		n, ok = nthWeekday(year, d.month, d.weekday, d.nth)
	default:
		ok = d.day <= daysIn(year, int(d.month))
		n = dayNumber(year, d.month, max(d.day, 1))
	}
	if d.shift > 0 { // the weekday after
		n += floorMod(d.shift-1-civilOf(n).weekday-1, 7) + 1
	} else if d.shift < 0 {
		n -= floorMod(civilOf(n).weekday-(-d.shift-1)-1, 7) + 1
	}
	return n + d.offset, ok
}

// last is the day number of the date, or of the last of its month; 29 February
// counts as the 28th in other years.
func (d *date) last(year int) (n int, ok bool) {
	if !d.easter && d.nth == 0 {
		full := *d
		if length := daysIn(year, int(d.month)); d.day == 0 || d.day > length {
			full.day = length
		}
		return full.first(year)
	}
	return d.first(year)
}

// inSeason knows the core months of a season and those that are none of it; for
// the months between it asks.
func (m *matcher) inSeason(s season) bool {
	// by month: 2 = surely, 1 = perhaps
	months := [...]string{
		spring: "001221000000",
		summer: "000112221100",
		autumn: "000000012221",
		winter: "221000000112",
	}[s]
	switch months[m.month-1] {
	case '2':
		return true
	case '1':
		if s == spring || s == summer {
			return m.unknown(warmSeason)
		}
		return m.unknown(coldSeason)
	}
	return false
}

func (m *matcher) inDays(d *days) bool {
	if len(d.holidays) == 0 {
		return anyOf(d.weekdays, m.onWeekday)
	}
	if len(d.weekdays) > 0 {
		if on := anyOf(d.weekdays, m.onWeekday); on != d.both {
			return on
		}
	}
	return anyOf(d.holidays, m.onHoliday)
}

func (m *matcher) onWeekday(w *weekdayRange) bool {
	c := m.civil
	if w.offset != 0 {
		c = civilOf(m.n - w.offset)
	}
	if w.to >= w.from && (c.weekday < w.from || c.weekday > w.to) || w.to < w.from && c.weekday < w.from && c.weekday > w.to {
		return false
	}
	if w.nth == 0 {
		return true
	}
	fromEnd := daysIn(c.year, int(c.month)) - c.day
	return w.nth&(1<<((c.day-1)/7)) != 0 || w.nth&(1<<(8+fromEnd/7)) != 0
}

func (m *matcher) onHoliday(h *holidayRef) bool {
	c := m.civil
	if h.offset != 0 {
		c = civilOf(m.n - h.offset)
	}
	if h.school {
		if m.p.SchoolHoliday != nil {
			if on, known := m.p.SchoolHoliday(Date{c.year, c.month, c.day}); known {
				return on
			}
		}
		return m.unknown(schoolHoliday)
	}
	for _, on := range m.holidays(c.year) {
		if on.day == c.n && !on.regional {
			return true
		}
		if on.day == c.n {
			return m.unknown(publicHoliday)
		}
	}
	return false
}

// holidays gives the public holidays of a year at the place.
func (w *walk) holidays(year int) []holidayOf {
	y := &w.years[year&1]
	if y.list == nil || y.year != year {
		*y = yearHolidays{year, holidaysOf(year, w.area)}
	}
	return y.list
}
