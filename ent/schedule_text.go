package ent

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Text says the schedule in words, in the wall time of its zone: German for
// "de", English for "en" (also with a country: "en-GB"), and simple German, one
// short sentence per fact, for anything else ("de-simple"). The result has no
// markup; but for simple German it begins small and has no full stop at the end.
//
// It never says something else than Expand computes: a rule without a precise
// wording becomes its first date and "wiederkehrend" or "recurring". It doesn't
// depend on the current time. An invalid schedule has the text "".
func (s *Schedule) Text(locale string) string {
	x, problems := s.series()
	if len(problems) > 0 {
		return ""
	}
	v := scheduleVoice{x: x, tongue: scheduleInSimpleGerman}
	language, region, _ := strings.Cut(strings.ToLower(locale), "-")
	switch {
	case language == "en":
		v.tongue = scheduleInEnglish
	case language == "de" && len(region) <= 2:
		v.tongue = scheduleInGerman
	}
	return v.text()
}

type scheduleTongue int

const (
	scheduleInGerman scheduleTongue = iota
	scheduleInSimpleGerman
	scheduleInEnglish
)

type scheduleVoice struct {
	x      *scheduleSeries
	tongue scheduleTongue
}

// pick keeps the three wordings of a thing side by side.
func (v scheduleVoice) pick(german, simple, english string) string {
	return [...]string{german, simple, english}[v.tongue]
}

func (v scheduleVoice) text() string {
	x := v.x
	first := scheduleDay(x.wall)
	excluded, included, exact := x.deviations()
	var parts []string
	say := func(part string) {
		if part != "" {
			parts = append(parts, part)
		}
	}

	if x.rule == nil || x.rule.count == 1 || !x.lastDay().After(first) {
		parts = append(parts, v.single()...)
		if x.exclude[x.start.Unix()] {
			say(v.pick("entfällt", "Der Termin fällt aus", "cancelled"))
		}
		excluded = nil
	} else {
		rule := x.rule.resolve(first)
		habit, ok := rule.habit()
		if ok {
			// The start is a date of the series in any case; a wording that doesn't cover it would be wrong.
			next := rule.dates(first, first)
			day, found := next()
			for found && day.Before(first) {
				day, found = next()
			}
			ok = found && day.Equal(first)
		}
		if ok {
			say(v.habit(habit))
			say(v.seriesTime())
		} else {
			parts = append(parts, v.single()...)
			say(v.pick("wiederkehrend", "Der Termin wiederholt sich", "recurring"))
		}
		say(v.bounds(ok && (rule.interval > 1 || habit.kind == scheduleDaily), len(excluded) > 0 || !exact))
	}

	if !exact {
		say(v.pick("mit Ausnahmen", "Es gibt Ausnahmen", "with exceptions"))
	} else {
		say(v.exceptions(excluded))
		say(v.additions(included))
	}
	if v.tongue != scheduleInSimpleGerman {
		return strings.Join(parts, ", ")
	}
	for i, p := range parts {
		parts[i] = strings.TrimSuffix(p, ".") + "."
	}
	return strings.Join(parts, " ")
}

// lastDay gives the last local date on which UNTIL lets the series start.
func (x *scheduleSeries) lastDay() time.Time {
	day := x.rule.lastDate(x.loc)
	if day.Year() > ScheduleMaxYear {
		return day
	}
	wall := day.Add(x.wall.Sub(scheduleDay(x.wall)))
	if x.rule.ended(wall, scheduleInstant(wall, x.loc)) {
		return day.AddDate(0, 0, -1)
	}
	return day
}

// deviations gives, as instants in order, the excluded dates that the series
// would have had, and the included ones that it wouldn't. exact is false if
// there are too many dates to tell.
func (x *scheduleSeries) deviations() (excluded, included []time.Time, exact bool) {
	if len(x.exclude)+len(x.include) == 0 {
		return nil, nil, true
	}
	low, high := x.start, x.start
	reach := func(t time.Time) {
		if t.Before(low) {
			low = t
		}
		if t.After(high) {
			high = t
		}
	}
	for seconds := range x.exclude {
		reach(time.Unix(seconds, 0))
	}
	for _, t := range x.include {
		reach(t)
	}
	plain := *x
	plain.include = nil
	spans := plain.expand(low, high.Add(time.Second), ScheduleMaxSpans, nil)
	regular := make(map[int64]bool, len(spans))
	for _, sp := range spans {
		regular[sp.Start.Unix()] = true
		if x.exclude[sp.Start.Unix()] {
			excluded = append(excluded, sp.Start)
		}
	}
	for _, t := range x.include {
		if !regular[t.Unix()] && !x.exclude[t.Unix()] {
			included = append(included, t)
		}
	}
	slices.SortFunc(included, time.Time.Compare)
	return excluded, slices.CompactFunc(included, time.Time.Equal), len(spans) < ScheduleMaxSpans
}

// single words the first date: day and time.
func (v scheduleVoice) single() []string {
	x := v.x
	first := scheduleDay(x.wall)
	if x.allDay {
		if x.days > 1 {
			return []string{v.dateRange(first, first.AddDate(0, 0, x.days-1))}
		}
		return []string{v.pick("", "Am ", "") + v.longDate(first), v.pick("ganztägig", "Den ganzen Tag", "all day")}
	}
	end := scheduleWall(x.start.Add(x.duration), x.loc)
	if x.duration >= 24*time.Hour && !scheduleDay(end).Equal(first) {
		if v.tongue == scheduleInSimpleGerman {
			return []string{
				"Beginn: " + v.longDate(first) + " um " + v.clock(x.wall) + " Uhr",
				"Ende: " + v.longDate(scheduleDay(end)) + " um " + v.clock(end) + " Uhr",
			}
		}
		clock := v.pick(" Uhr", "", "")
		return []string{v.longDate(first), v.clock(x.wall) + clock,
			v.pick("bis ", "", "until ") + v.longDate(scheduleDay(end)), v.clock(end) + clock}
	}
	return []string{v.pick("", "Am ", "") + v.longDate(first), v.times(end)}
}

// seriesTime words the time that the dates of a series share.
func (v scheduleVoice) seriesTime() string {
	if !v.x.allDay {
		// Not the end of the first date, which may lie beyond a clock change.
		return v.times(v.x.wall.Add(v.x.duration))
	}
	if v.x.days == 1 {
		return v.pick("ganztägig", "Den ganzen Tag", "all day")
	}
	n := strconv.Itoa(v.x.days)
	return v.pick("ganztägig, jeweils "+n+" Tage", "Jedes Mal "+n+" ganze Tage", "all day, "+n+" days each")
}

// times words start and end of a timed date by the clock, or the duration where
// two clock readings would mislead. end is a wall time.
func (v scheduleVoice) times(end time.Time) string {
	x := v.x
	from := v.clock(x.wall)
	at := v.pick(from+" Uhr", "Um "+from+" Uhr", from)
	if x.duration == 0 {
		return at
	}
	first := scheduleDay(x.wall)
	sameDay := scheduleDay(end).Equal(first)
	nextDay := scheduleDay(end).Equal(first.AddDate(0, 0, 1))
	forward := sameDay && end.After(x.wall) || nextDay && end.Sub(x.wall) < 24*time.Hour
	// Seconds aren't shown: the two may look the same.
	if forward && v.clock(end) != from {
		to, nextMorning := v.clock(end), ""
		switch {
		case nextDay && end.Hour()+end.Minute() == 0:
			to = v.pick("24:00", "24", "24:00")
		case nextDay:
			nextMorning = " am nächsten Tag"
		}
		return v.pick(from+"–"+to+" Uhr", "Von "+from+" Uhr bis "+to+" Uhr"+nextMorning, from+"–"+to)
	}
	return at + v.pick(", Dauer ", ". Dauer: ", ", lasting ") + v.duration()
}

func (v scheduleVoice) duration() string {
	minutes := int(v.x.duration / time.Minute)
	unit := func(n int, german, germanMany, english string) string {
		many := ""
		if n != 1 {
			german, many = germanMany, "s"
		}
		return strconv.Itoa(n) + " " + v.pick(german, german, english+many)
	}
	if minutes%(24*60) == 0 && minutes > 0 {
		return unit(minutes/(24*60), "Tag", "Tage", "day")
	}
	var out []string
	if hours := minutes / 60; hours > 0 {
		out = append(out, unit(hours, "Stunde", "Stunden", "hour"))
	}
	if minutes%60 > 0 || len(out) == 0 {
		out = append(out, unit(minutes%60, "Minute", "Minuten", "minute"))
	}
	return strings.Join(out, " ")
}

// bounds words how far the series goes. fromStart asks for its first date, which
// the reader needs to know which weeks are meant. An excluded date counts towards
// COUNT, but nobody would read "10-mal" so: then the last date is named.
func (v scheduleVoice) bounds(fromStart, exceptions bool) string {
	x := v.x
	first := scheduleDay(x.wall)
	until := x.lastDay()
	if x.rule.count > 0 {
		n := strconv.Itoa(x.rule.count)
		last, found := x.start, 1
		x.ruleDates(x.start, 0, func(start time.Time) bool {
			last = start
			found++
			return true
		})
		if found == x.rule.count && !exceptions {
			start := v.date(first)
			return v.pick(n+"-mal ab "+start, n+" Mal ab dem "+start, n+" times from "+start)
		}
		until = scheduleDate(last, x.loc)
	}
	bounded := until.Year() <= ScheduleMaxYear
	switch a, b := v.date(first), v.date(until); {
	case bounded && fromStart:
		return v.pick("vom "+a+" bis "+b, "Vom "+a+" bis zum "+b, "from "+a+" until "+b)
	case bounded:
		return v.pick("bis "+b, "Bis zum "+b, "until "+b)
	case fromStart && x.rule.interval > 1:
		return v.pick("ab "+a, "Ab dem "+a, "from "+a)
	}
	return ""
}

const scheduleMaxListed = 6

func (v scheduleVoice) exceptions(dates []time.Time) string {
	switch n := strconv.Itoa(len(dates)); {
	case len(dates) == 0:
		return ""
	case len(dates) > scheduleMaxListed:
		return v.pick("außer an "+n+" Terminen", "An "+n+" Terminen fällt es aus", "except on "+n+" dates")
	}
	return v.pick("außer am ", "Nicht am ", "except on ") + v.dateList(dates, false)
}

func (v scheduleVoice) additions(dates []time.Time) string {
	switch n := strconv.Itoa(len(dates)); {
	case len(dates) == 0:
		return ""
	case len(dates) > scheduleMaxListed:
		return v.pick("zusätzlich an "+n+" weiteren Terminen", "Und an "+n+" weiteren Terminen", "also on "+n+" more dates")
	}
	otherTime := slices.ContainsFunc(dates, func(t time.Time) bool {
		wall := scheduleWall(t, v.x.loc)
		return v.clock(wall) != v.clock(v.x.wall) && !v.x.allDay
	})
	return v.pick("zusätzlich am ", "Auch am ", "also on ") + v.dateList(dates, otherTime)
}

// dateList words dates: "24. und 31. Dezember 2026", with the time of each if asked.
func (v scheduleVoice) dateList(dates []time.Time, withTime bool) string {
	var out []string
	for i, t := range dates {
		wall := scheduleWall(t, v.x.loc)
		switch {
		case withTime:
			out = append(out, v.date(wall)+v.pick(" um "+v.clock(wall)+" Uhr", " um "+v.clock(wall)+" Uhr", " at "+v.clock(wall)))
			continue
		case i+1 < len(dates):
			next := scheduleWall(dates[i+1], v.x.loc)
			if next.Year() == wall.Year() && next.Month() == wall.Month() && v.tongue != scheduleInSimpleGerman {
				out = append(out, strconv.Itoa(wall.Day())+v.pick(".", ".", ""))
				continue
			}
		}
		out = append(out, v.date(wall))
	}
	return v.join(out)
}

func (v scheduleVoice) join(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + v.pick(" und ", " und ", " and ") + items[last]
}

func (v scheduleVoice) clock(wall time.Time) string {
	if v.tongue == scheduleInSimpleGerman && wall.Minute() == 0 {
		return strconv.Itoa(wall.Hour())
	}
	return fmt.Sprintf("%d:%02d", wall.Hour(), wall.Minute())
}

func (v scheduleVoice) month(m time.Month) string {
	german := [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni",
		"Juli", "August", "September", "Oktober", "November", "Dezember"}[m-1]
	return v.pick(german, german, m.String())
}

// weekday takes 0 for Monday.
func (v scheduleVoice) weekday(day int) string {
	german := [...]string{"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"}[day]
	return v.pick(german, german, time.Weekday((day+1)%7).String())
}

func (v scheduleVoice) dayMonth(day int, m time.Month) string {
	return strconv.Itoa(day) + v.pick(". ", ". ", " ") + v.month(m)
}

func (v scheduleVoice) date(t time.Time) string {
	return v.dayMonth(t.Day(), t.Month()) + " " + strconv.Itoa(t.Year())
}

func (v scheduleVoice) longDate(t time.Time) string {
	return v.weekday((int(t.Weekday())+6)%7) + ", " + v.date(t)
}

func (v scheduleVoice) dateRange(a, b time.Time) string {
	switch {
	case v.tongue == scheduleInSimpleGerman:
		return "Vom " + v.date(a) + " bis zum " + v.date(b)
	case a.Year() != b.Year():
		return v.date(a) + " – " + v.date(b)
	case a.Month() != b.Month():
		return v.dayMonth(a.Day(), a.Month()) + " – " + v.date(b)
	}
	return strconv.Itoa(a.Day()) + v.pick(".–", "", "–") + v.date(b)
}

type scheduleHabitKind int

const (
	scheduleDaily     scheduleHabitKind = iota
	scheduleWeekly                      // on weekdays
	scheduleMonthDays                   // on monthDays of every month
	scheduleMonthNth                    // on numbered weekdays of every month
	scheduleYearDays                    // on monthDays of months
	scheduleYearNth                     // on numbered weekdays of months
)

// scheduleHabit is what there are words for: every so many days, weeks, months
// or years. Daily and weekly ones with every 1 may be limited to months.
type scheduleHabit struct {
	kind      scheduleHabitKind
	every     int
	months    []int
	weekdays  []int
	nth       []scheduleWeekday
	monthDays []int
}

// habit reduces a resolved rule, COUNT and UNTIL aside, to a habit that means
// exactly the same dates; false if there is none.
func (r *scheduleRule) habit() (h scheduleHabit, ok bool) {
	h = scheduleHabit{every: r.interval, months: r.months, monthDays: r.monthDays}
	for _, d := range r.weekdays {
		if d.nth == 0 {
			h.weekdays = append(h.weekdays, d.day)
		} else {
			h.nth = append(h.nth, d)
		}
	}
	kinds := 0
	for _, n := range []int{len(h.weekdays), len(h.nth), len(h.monthDays)} {
		kinds += min(n, 1)
	}
	if kinds > 1 || len(r.yearDays)+len(r.weekNos) > 0 {
		return h, false
	}
	if len(r.setPos) > 0 {
		oneMonth := r.freq == rrule.MONTHLY || r.freq == rrule.YEARLY && len(h.months) == 1
		switch {
		case oneMonth && len(h.weekdays) == 1:
			for _, n := range r.setPos {
				h.nth = append(h.nth, scheduleWeekday{n, h.weekdays[0]})
			}
		case oneMonth && len(h.weekdays) == 7:
			h.monthDays = r.setPos
		default:
			return h, false
		}
		h.weekdays = nil
	}

	perMonth := len(h.months) == 0
	switch {
	case r.freq == rrule.DAILY && len(h.weekdays) == 0:
		h.kind = scheduleDaily
		return h, kinds == 0 && (h.every == 1 || perMonth)
	case r.freq == rrule.WEEKLY, len(h.weekdays) > 0:
		h.kind = scheduleWeekly
		if len(h.weekdays) == 7 && h.every == 1 {
			h.kind, h.weekdays = scheduleDaily, nil
		}
		if h.every == 1 {
			return h, true
		}
		// Readers take weeks to begin on Monday.
		monday := r.weekStart == 0 || len(h.weekdays) == 1 || r.weekStart == 6 && !slices.Contains(h.weekdays, 6)
		return h, r.freq == rrule.WEEKLY && perMonth && monday && len(h.weekdays) < 7
	case r.freq == rrule.MONTHLY && !perMonth, r.freq == rrule.YEARLY && perMonth:
		// Some months of every year, or all of them, are one thing; not so with an interval.
		if h.every > 1 || r.freq == rrule.YEARLY && len(h.nth) > 0 {
			return h, false
		}
	}
	if len(h.nth) > 0 {
		h.kind = scheduleMonthNth
		if !perMonth {
			h.kind = scheduleYearNth
		}
		// From the first one to the last: 1, 2, …, -2, -1.
		place := func(d scheduleWeekday) int { return (d.nth + 100) % 100 }
		slices.SortFunc(h.nth, func(a, b scheduleWeekday) int {
			return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.day, b.day))
		})
		return h, len(h.nth) <= scheduleMaxListed && !slices.ContainsFunc(h.nth, func(d scheduleWeekday) bool {
			// Not every month has a fifth one, so "every May" or "every two months" would claim too much.
			return d.nth > 5 || d.nth < -2 || d.nth == 5 && (h.every > 1 || !perMonth)
		})
	}
	h.kind = scheduleMonthDays
	if !perMonth {
		h.kind = scheduleYearDays
	}
	return h, h.dayNumbersClear()
}

// dayNumbersClear tells whether every month meant has all the days named, or
// there are words for the ones that haven't.
func (h *scheduleHabit) dayNumbersClear() bool {
	if len(h.monthDays) == 0 || len(h.monthDays)*max(1, len(h.months)) > scheduleMaxListed {
		return false
	}
	alone := len(h.monthDays) == 1
	last := h.monthDays[len(h.monthDays)-1]
	switch first := h.monthDays[0]; {
	case first < 0:
		return alone && (first == -1 || first == -2) && len(h.months) <= 1
	case last <= 28:
		return true
	case h.kind == scheduleMonthDays:
		return alone && h.every == 1
	case alone && last == 29 && len(h.months) == 1 && h.months[0] == 2:
		return h.every == 1
	}
	for _, m := range h.months {
		// Day 0 of the next month, in a year that isn't a leap year.
		if last > time.Date(2025, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
			return false
		}
	}
	return true
}

// habit words a habit.
func (v scheduleVoice) habit(h scheduleHabit) string {
	n := v.number(h.every)
	switch h.kind {
	case scheduleDaily:
		switch h.every {
		case 1:
			return v.pick("täglich", "Jeden Tag", "daily") + v.inMonths(h.months)
		case 2:
			return v.pick("jeden zweiten Tag", "Jeden zweiten Tag", "every second day")
		}
		return v.pick("alle "+n+" Tage", "Alle "+n+" Tage", "every "+n+" days")
	case scheduleWeekly:
		return v.weekly(h)
	case scheduleMonthDays:
		return v.monthDays(h)
	case scheduleMonthNth:
		if h.every > 1 {
			return v.pick("alle "+n+" Monate am ", "Alle "+n+" Monate am ", "every "+n+" months on the ") +
				v.numbered(h.nth) + v.pick(" im Monat", "", "")
		}
		return v.pick("jeden "+v.numbered(h.nth)+" im Monat", "Jeden Monat am "+v.numbered(h.nth),
			"every "+v.numbered(h.nth)+" of the month")
	}
	years := v.pick("jedes Jahr", "Jedes Jahr", "every year")
	if h.every > 1 {
		years = v.pick("alle "+n+" Jahre", "Alle "+n+" Jahre", "every "+n+" years")
	}
	if h.kind == scheduleYearNth {
		return years + v.pick(" am ", " am ", " on the ") + v.numbered(h.nth) +
			v.pick(" im ", " im ", " of ") + v.monthNames(h.months)
	}
	if h.monthDays[0] < 0 {
		return years + v.pick(" am ", " am ", " on the ") + v.ordinal(h.monthDays[0]) +
			v.pick(" Tag im ", " Tag im ", " day of ") + v.monthNames(h.months)
	}
	if h.monthDays[0] == 29 && h.months[0] == 2 {
		return v.pick("am 29. Februar in jedem Schaltjahr", "Am 29. Februar in jedem Schaltjahr", "on 29 February in every leap year")
	}
	var dates []string
	for _, m := range h.months {
		for _, d := range h.monthDays {
			dates = append(dates, v.dayMonth(d, time.Month(m)))
		}
	}
	return years + v.pick(" am ", " am ", " on ") + v.join(dates)
}

func (v scheduleVoice) weekly(h scheduleHabit) string {
	workdays := slices.Equal(h.weekdays, []int{0, 1, 2, 3, 4})
	var names, adverbs, each, on, plural []string
	for _, d := range h.weekdays {
		name := v.weekday(d)
		names = append(names, name)
		adverbs = append(adverbs, strings.ToLower(name)+"s")
		each = append(each, "jeden "+name)
		on = append(on, "am "+name)
		plural = append(plural, name+"s")
	}
	n := v.number(h.every)
	months := v.inMonths(h.months)
	switch {
	case h.every > 1 && workdays:
		return v.pick("alle "+n+" Wochen montags bis freitags", "Alle "+n+" Wochen von Montag bis Freitag",
			"every "+n+" weeks from Monday to Friday")
	case h.every > 1:
		return v.pick("alle "+n+" Wochen "+v.join(adverbs), "Alle "+n+" Wochen "+v.join(on),
			"every "+n+" weeks on "+v.join(names))
	case workdays:
		return v.pick("werktags (Mo–Fr)", "Jede Woche von Montag bis Freitag", "weekdays (Mon–Fri)") + months
	case len(names) == 1:
		return v.pick("jeden ", "Jeden ", "every ") + names[0] + months
	}
	return v.pick(v.join(adverbs), "J"+v.join(each)[1:], v.join(plural)) + months
}

func (v scheduleVoice) monthDays(h scheduleHabit) string {
	first := h.monthDays[0]
	n := v.number(h.every)
	if first < 0 {
		day := v.ordinal(first)
		if h.every > 1 {
			return v.pick("alle "+n+" Monate am "+day+" Tag des Monats", "Alle "+n+" Monate am "+day+" Tag im Monat",
				"every "+n+" months on the "+day+" day of the month")
		}
		return v.pick("am "+day+" Tag jedes Monats", "Jeden Monat am "+day+" Tag", "on the "+day+" day of every month")
	}
	var list []string
	for _, d := range h.monthDays {
		switch {
		case v.tongue != scheduleInEnglish:
			list = append(list, strconv.Itoa(d)+".")
		case d%10 == 1 && d != 11:
			list = append(list, strconv.Itoa(d)+"st")
		case d%10 == 2 && d != 12:
			list = append(list, strconv.Itoa(d)+"nd")
		case d%10 == 3 && d != 13:
			list = append(list, strconv.Itoa(d)+"rd")
		default:
			list = append(list, strconv.Itoa(d)+"th")
		}
	}
	days := v.join(list)
	if h.every > 1 {
		return v.pick("alle "+n+" Monate am "+days, "Alle "+n+" Monate am "+days, "every "+n+" months on the "+days)
	}
	switch first {
	case 29:
		return v.pick("am 29. jedes Monats (im Februar nur in Schaltjahren)", "Jeden Monat am 29. Im Februar nur in Schaltjahren",
			"on the 29th of every month (in February only in leap years)")
	case 30:
		return v.pick("am 30. jedes Monats außer im Februar", "Jeden Monat am 30. Aber nicht im Februar",
			"on the 30th of every month except February")
	case 31:
		return v.pick("am 31. jedes Monats mit 31 Tagen", "Am 31. in jedem Monat mit 31 Tagen",
			"on the 31st of every month with 31 days")
	}
	return v.pick("am "+days+" jedes Monats", "Jeden Monat am "+days, "on the "+days+" of every month")
}

// numbered words numbered weekdays: "1. und 3. Montag", "1. Montag und letzten Freitag".
func (v scheduleVoice) numbered(list []scheduleWeekday) string {
	same := !slices.ContainsFunc(list, func(d scheduleWeekday) bool { return d.day != list[0].day })
	var out []string
	for i, d := range list {
		words := v.ordinal(d.nth)
		if !same || i == len(list)-1 {
			words += " " + v.weekday(d.day)
		}
		out = append(out, words)
	}
	return v.join(out)
}

// ordinal takes 1 to 5, -1 for the last and -2 for the one before.
func (v scheduleVoice) ordinal(n int) string {
	switch n {
	case -1:
		return v.pick("letzten", "letzten", "last")
	case -2:
		return v.pick("vorletzten", "vorletzten", "second-to-last")
	}
	german := strconv.Itoa(n) + "."
	return v.pick(german, german, [...]string{"first", "second", "third", "fourth", "fifth"}[n-1])
}

func (v scheduleVoice) number(n int) string {
	digits := strconv.Itoa(n)
	if n > 12 || n < 2 {
		return digits
	}
	return v.pick(
		[...]string{"zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"}[n-2],
		digits,
		[...]string{"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}[n-2])
}

func (v scheduleVoice) monthNames(months []int) string {
	var names []string
	for _, m := range months {
		names = append(names, v.month(time.Month(m)))
	}
	return v.join(names)
}

func (v scheduleVoice) inMonths(months []int) string {
	if len(months) == 0 {
		return ""
	}
	return v.pick(" im ", " im ", " in ") + v.monthNames(months)
}

// TextIn is Text with the locale of a query; nil is German.
func (s *Schedule) TextIn(locale *string) string {
	if locale == nil {
		return s.Text(DefaultLocale)
	}
	return s.Text(*locale)
}
