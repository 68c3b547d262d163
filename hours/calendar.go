package hours

import "time"

// civil is a day taken apart for matching.
type civil struct {
	n       int // days since 1970-01-01
	year    int
	month   time.Month
	day     int
	weekday int // Mo = 0
}

// dayNumber counts days since 1970-01-01. month and day may lie outside their
// ranges by the usual carry of days only.
func dayNumber(year int, month time.Month, day int) int {
	y, m := year, int(month)
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + day - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// civilOf is the inverse of dayNumber.
func civilOf(n int) civil {
	z := n + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	c := civil{n: n, year: yoe + era*400, month: time.Month(mp + 3), day: doy - (153*mp+2)/5 + 1, weekday: floorMod(n+3, 7)}
	if c.month > 12 {
		c.month -= 12
		c.year++
	}
	return c
}

func floorDiv(a, b int) int {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}

func floorMod(a, b int) int { return a - floorDiv(a, b)*b }

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// isoWeek is the week of ISO 8601.
func (c civil) isoWeek() int {
	thursday := civilOf(c.n - c.weekday + 3)
	return (thursday.n-dayNumber(thursday.year, time.January, 1))/7 + 1
}

// easter is the day number of Easter Sunday of the Gregorian calendar
// (the anonymous algorithm, as in Meeus).
func easter(year int) int {
	a, b, c := floorMod(year, 19), floorDiv(year, 100), floorMod(year, 100)
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := floorMod(19*a+b-d-g+15, 30)
	i, k := c/4, c%4
	l := floorMod(32+2*e+2*i-h-k, 7)
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := floorMod(h+l-7*m+33*month+19, 32)
	return dayNumber(year, time.Month(month), day)
}

// nthWeekday is the day number of the nth (or, negative, nth last) weekday of a
// month; ok is false when the month has fewer.
func nthWeekday(year int, month time.Month, weekday, nth int) (n int, ok bool) {
	first := dayNumber(year, month, 1)
	last := first + daysIn(year, int(month)) - 1
	if nth > 0 {
		n = first + floorMod(weekday-civilOf(first).weekday, 7) + (nth-1)*7
	} else {
		n = last - floorMod(civilOf(last).weekday-weekday, 7) + (nth+1)*7
	}
	return n, n >= first && n <= last
}
