package demo

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"umland/ent"
)

// weekdays are the names of RFC 5545 as the templates write them, by time.Weekday.
var weekdays = [...]string{"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"}

// dates tells which days a series or a single date may fall on.
type dates struct {
	days     []time.Weekday
	nth      int          // 1 to 4: only that one of the month; -1: the last; 0: all
	interval int          // weeks between two dates of a weekly series
	months   []time.Month // empty: all
	first    time.Time    // of the series; zero while it is looked for
}

func (d *dates) has(day time.Time) bool {
	if !slices.Contains(d.days, day.Weekday()) || len(d.months) > 0 && !slices.Contains(d.months, day.Month()) {
		return false
	}
	switch {
	case d.nth > 0:
		return (day.Day()-1)/7+1 == d.nth
	case d.nth < 0:
		return day.AddDate(0, 0, 7).Month() != day.Month()
	}
	return d.first.IsZero() || weeksBetween(d.first, day)%d.interval == 0
}

// weeksBetween counts the weeks, which begin on Mondays, from a to b.
func weeksBetween(a, b time.Time) int {
	monday := func(t time.Time) time.Time { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7) }
	return int(math.Round(monday(b).Sub(monday(a)).Hours() / 24 / 7))
}

// byDay is the list of days as BYDAY has it.
func (d *dates) byDay() string {
	var out []string
	for _, day := range d.days {
		name := strings.ToUpper(weekdays[day])
		if d.nth != 0 {
			name = strconv.Itoa(d.nth) + name
		}
		out = append(out, name)
	}
	return strings.Join(out, ",")
}

// quiet are the days on which nothing regular takes place.
func quiet(day time.Time) bool {
	switch day.Format("02.01.") {
	case "24.12.", "25.12.", "26.12.", "31.12.", "01.01.":
		return true
	}
	return false
}

// schedule turns a template's when and season into dates around today. turn counts the single dates of a municipality:
// half of them fall on the coming two weekends, or near them where the weekday is another.
func (b *builder) schedule(when, season, seed string, turn *int) (*ent.Schedule, error) {
	parts := strings.Fields(when)
	if len(parts) != 3 {
		return nil, fmt.Errorf("when %q: want three words", when)
	}
	d, err := parseDates(parts[1], season)
	if err != nil {
		return nil, fmt.Errorf("when %q: %w", when, err)
	}
	var day time.Time
	rule := ""
	switch parts[0] {
	case "weekly", "biweekly":
		d.interval = 1
		rule = "FREQ=WEEKLY;BYDAY=" + d.byDay()
		if parts[0] == "biweekly" {
			d.interval = 2
			rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=" + d.byDay()
		}
		day = d.next(b.today.AddDate(0, 0, -7*(3+pick(20, seed, "since"))))
	case "monthly":
		rule = "FREQ=MONTHLY;BYDAY=" + d.byDay()
		day = d.next(b.today.AddDate(0, 0, -30*(1+pick(8, seed, "since"))))
	case "yearly":
		rule = fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%s", d.months[0], d.byDay())
		day = d.next(b.today.AddDate(0, 0, -14))
	case "once":
		day = b.single(d, seed, *turn)
		*turn++
	case "easter", "advent", "date":
		if day, err = b.feast(parts[0], parts[1]); err != nil {
			return nil, fmt.Errorf("when %q: %w", when, err)
		}
	default:
		return nil, fmt.Errorf("when %q: no such kind of date", when)
	}
	if rule != "" && len(d.months) > 0 && parts[0] != "yearly" {
		var months []string
		for _, m := range d.months {
			months = append(months, strconv.Itoa(int(m)))
		}
		rule += ";BYMONTH=" + strings.Join(months, ",")
	}
	s := &ent.Schedule{TimeZone: "Europe/Berlin", RRule: optional(rule)}
	if count, ok := strings.CutSuffix(parts[2], "d"); ok {
		n, err := strconv.Atoi(count)
		if err != nil {
			return nil, fmt.Errorf("when %q: %w", when, err)
		}
		s.AllDay, s.Start, s.End = true, day, pointer(day.AddDate(0, 0, n))
		return s, nil
	}
	var h1, m1, h2, m2 int
	if _, err := fmt.Sscanf(parts[2], "%d:%d-%d:%d", &h1, &m1, &h2, &m2); err != nil {
		return nil, fmt.Errorf("when %q: %w", when, err)
	}
	at := func(day time.Time, h, m int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, b.berlin)
	}
	s.Start = at(day, h1, m1)
	end := at(day, h2, m2)
	if !end.After(s.Start) {
		end = at(day.AddDate(0, 0, 1), h2, m2)
	}
	s.End = &end
	if rule != "" {
		d.first = day
		for x := day; x.Before(b.today.AddDate(2, 0, 0)); x = x.AddDate(0, 0, 1) {
			if quiet(x) && d.has(x) {
				s.Exclude = append(s.Exclude, at(x, h1, m1))
			}
		}
	}
	return s, nil
}

// parseDates reads "Tu,Th", "2Mo", "-1Fr" or "2Su9" (the second Sunday of September) and the season "5-9", which may
// run over the turn of the year. Other words are left to feast.
func parseDates(days, season string) (*dates, error) {
	d := &dates{interval: 1}
	for name := range strings.SplitSeq(days, ",") {
		for i, day := range weekdays {
			before, after, ok := strings.Cut(name, day)
			if !ok {
				continue
			}
			d.days = append(d.days, time.Weekday(i))
			d.nth, _ = strconv.Atoi(before)
			if month, err := strconv.Atoi(after); err == nil {
				d.months = []time.Month{time.Month(month)}
			}
		}
	}
	if season != "" {
		var from, to int
		if _, err := fmt.Sscanf(season, "%d-%d", &from, &to); err != nil {
			return nil, fmt.Errorf("season %q: %w", season, err)
		}
		for m := from; ; m = m%12 + 1 {
			d.months = append(d.months, time.Month(m))
			if m == to {
				break
			}
		}
		slices.Sort(d.months)
	}
	return d, nil
}

// next gives the first of the dates from a day on, leaving out quiet days.
func (d *dates) next(from time.Time) time.Time {
	for day := from; ; day = day.AddDate(0, 0, 1) {
		if d.has(day) && !quiet(day) {
			return day
		}
	}
}

// single chooses a day from 14 days ago to 364 days ahead.
func (b *builder) single(d *dates, seed string, turn int) time.Time {
	saturday := b.today.AddDate(0, 0, (6-int(b.today.Weekday())+7)%7)
	var all, weekend, week []time.Time
	shift := 7 * (turn % 4) // 0 and 7 are the coming two weekends
	for i := -14; i < 365; i++ {
		day := b.today.AddDate(0, 0, i)
		if !d.has(day) || quiet(day) && day.Day() != 26 { // on Boxing Day people go out
			continue
		}
		all = append(all, day)
		if off := day.Sub(saturday.AddDate(0, 0, shift)).Hours(); off > -2 && off < 26 {
			weekend = append(weekend, day)
		}
		if i >= shift && i < shift+7 {
			week = append(week, day)
		}
	}
	switch {
	case shift <= 7 && len(weekend) > 0:
		all = weekend
	case shift <= 7 && len(week) > 0:
		all = week
	default: // more of them soon than late
		return all[int(math.Pow(share(seed, "day"), 1.6)*float64(len(all)))]
	}
	return all[pick(len(all), seed, "day")]
}

// feast gives the next day, from 14 days ago on, that lies offset days from Easter Sunday ("easter", "-48") or the first
// Sunday in Advent ("advent", "-1"), or that has a date ("date", "11.11.").
func (b *builder) feast(kind, offset string) (time.Time, error) {
	for year := b.today.Year() - 1; ; year++ {
		var day time.Time
		if kind == "date" {
			t, err := time.Parse("2.1.2006", offset+strconv.Itoa(year))
			if err != nil {
				return day, err
			}
			day = time.Date(year, t.Month(), t.Day(), 0, 0, 0, 0, b.berlin)
		} else {
			days, err := strconv.Atoi(offset)
			if err != nil {
				return day, err
			}
			day = easter(year, b.berlin)
			if kind == "advent" { // the Sunday from 27 November to 3 December
				day = time.Date(year, 12, 3, 0, 0, 0, 0, b.berlin)
				day = day.AddDate(0, 0, -int(day.Weekday()))
			}
			day = day.AddDate(0, 0, days)
		}
		if !day.Before(b.today.AddDate(0, 0, -14)) {
			return day, nil
		}
	}
}

// easter is Easter Sunday of the Gregorian calendar, by the formula of Gauss with Lichtenberg's completion.
func easter(year int, loc *time.Location) time.Time {
	k := year / 100
	m := 15 + (3*k+3)/4 - (8*k+13)/25
	s := 2 - (3*k+3)/4
	a := year % 19
	d := (19*a + m) % 30
	r := (d + a/11) / 29
	og := 21 + d - r
	sz := 7 - (year+year/4+s)%7
	oe := 7 - (og-sz)%7
	return time.Date(year, 3, og+oe, 0, 0, 0, 0, loc)
}
