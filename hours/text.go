package hours

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text says the hours in a sentence for people: in German for "de" (and "de-…"),
// else in English. Comments stand as their author wrote them. It is plain text.
func (h *Hours) Text(lang string) string {
	v := english()
	if lang == "de" || strings.HasPrefix(lang, "de-") {
		v = german()
	}
	list := mergeForText(h.rules)
	var b strings.Builder
	for i := range list {
		r, skipDates := &list[i], false
		also := i > 0 && r.sep == additional && r.state == Open && len(r.times) > 0 && overlapsEarlier(list[:i], r)
		if i > 0 {
			before := &list[i-1]
			skipDates = len(r.dates) > 0 && r.sep != fallback && disjointDays(before, r)
			switch {
			case r.sep == fallback:
				b.WriteString("; " + v.otherwise + " ")
			case skipDates || also:
				b.WriteString(", ")
			default:
				b.WriteString("; ")
			}
		}
		b.WriteString(v.rule(r, skipDates, also))
	}
	return capitalise(b.String())
}

func capitalise(s string) string {
	c, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(c)) + s[size:]
}

// mergeForText makes rules read as people expect: weekdays that a later rule
// replaces are left out ("mo-sa 8-13; we-fr 8-18" is Mo, Tu, Sa and We–Fr), and
// neighbours that say the same of different weekdays become one.
func mergeForText(rules []rule) []rule {
	var list []rule
	for _, r := range rules {
		if mask, plain := r.plainDays(); plain && r.clears() && r.state != Closed {
			list = withoutDays(list, &r, mask)
		}
		if n := len(list); n > 0 {
			if last := &list[n-1]; r.sep != fallback && slices.Equal(last.times, r.times) &&
				last.state == r.state && last.comment == r.comment && disjointDays(last, &r) {
				last.days.weekdays = append(slices.Clone(last.days.weekdays), r.days.weekdays...)
				continue
			}
		}
		list = append(list, r)
	}
	return list
}

// withoutDays takes the weekdays of r out of the rules before it.
func withoutDays(list []rule, r *rule, mask uint8) []rule {
	var kept []rule
	for _, before := range list {
		if m, plain := before.plainDays(); plain && sameWhen(&before, r) && m&mask != 0 {
			if m &^= mask; m == 0 {
				continue
			}
			before.days.weekdays = nil
			for d := range 7 {
				if m&(1<<d) != 0 {
					before.days.weekdays = append(before.days.weekdays, weekdayRange{from: d, to: d})
				}
			}
		}
		kept = append(kept, before)
	}
	return kept
}

func sameWhen(a, b *rule) bool {
	return slices.Equal(a.years, b.years) && slices.Equal(a.dates, b.dates) && slices.Equal(a.weeks, b.weeks)
}

// weekdayMask has a bit for each weekday; plain is false when nth or offsets
// make the list say something else.
func weekdayMask(list []weekdayRange) (mask uint8, plain bool) {
	plain = len(list) > 0
	for _, w := range list {
		plain = plain && w.nth == 0 && w.offset == 0
		for d := w.from; ; d = (d + 1) % 7 {
			mask |= 1 << d
			if d == w.to {
				break
			}
		}
	}
	return mask, plain
}

// plainDays is the weekdayMask of a rule that selects days by weekdays alone.
func (r *rule) plainDays() (mask uint8, plain bool) {
	mask, plain = weekdayMask(r.days.weekdays)
	return mask, plain && len(r.days.holidays) == 0
}

// disjointDays tells whether two rules speak of different weekdays of the same
// dates.
func disjointDays(a, b *rule) bool {
	x, plain1 := a.plainDays()
	y, plain2 := b.plainDays()
	return plain1 && plain2 && x&y == 0 && sameWhen(a, b)
}

// overlapsEarlier tells whether a rule adds times to weekdays that have some.
func overlapsEarlier(earlier []rule, r *rule) bool {
	everyDay := func(r *rule) uint8 {
		if mask, _ := weekdayMask(r.days.weekdays); mask != 0 || len(r.days.holidays) > 0 {
			return mask
		}
		return 127
	}
	for i := range earlier {
		if earlier[i].state == Open && everyDay(r)&everyDay(&earlier[i]) != 0 {
			return true
		}
	}
	return false
}

// voice holds the words of a language.
type voice struct {
	weekdays   [7]string
	months     [12]string
	seasons    [5]string
	events     [5]string
	and        string
	otherwise  string
	also       string
	daily      string
	off        string // "closed"
	offFirst   bool   // "closed on public holidays", not "on public holidays closed"
	allDay     string
	always     string
	to         string // between the ends of a range, with words
	unknown    string // no hours are known at all
	unknownDay string // nor on a day
	unsure     string // hours that are not sure
	openEnd    string // after "8–18"
	easter     func(offset int) string
	week       string
	oddEven    [2]string
	day        func(day int, month string) string
	dayRange   func(day int, to string) string // within a month
	nth        func(n int, weekday string) string
	ofMonth    func(what, month string) string // the month "" = every
	offset     func(n int, of string) string
	shifted    func(weekday string, after bool, date string) string
	since      func(from string) string // from a date on
	clock      func(minutes int) string
	times      func(spans []string) string
	from       func(time string) string // open end
	at         func(time string) string // a point in time
	every      func(span string, minutes int) string
	eventShift func(event string, minutes int) string
	holidays   func(refs []holidayRef) []string
	stepWeeks  func(n int) string
	stepYears  func(n int) string
}

// rule says one rule.
func (v *voice) rule(r *rule, skipDates, also bool) string {
	var when, rest []string
	if !skipDates {
		when = v.dates(r)
	}
	if d := v.days(&r.days); d != "" {
		rest = append(rest, d)
	}
	if also {
		rest = append(rest, v.also)
	}
	if t := v.timesOf(r.times); t != "" {
		rest = append(rest, t)
	}
	switch {
	case r.state == Closed && v.offFirst && len(r.times)+len(r.days.weekdays) == 0:
		rest = append([]string{v.off}, rest...)
	case r.state == Closed:
		rest = append(rest, v.off)
	case r.state == Unknown && r.comment == "" && len(r.times) > 0:
		rest = append(rest, "("+v.unsure+")")
	case r.state == Unknown && r.comment == "" && r.hasDates():
		rest = append(rest, v.unknownDay)
	case r.state == Unknown && r.comment == "":
		rest = append(rest, v.unknown)
	case r.state == Open && len(r.times) == 0 && !r.hasDates():
		rest = append(rest, v.always)
	case r.state == Open && len(r.times) == 0:
		rest = append(rest, v.allDay)
	}
	switch {
	case r.comment == "":
	case r.state == Unknown && len(r.times) == 0:
		rest = append(rest, r.comment)
	default:
		rest = append(rest, "("+r.comment+")")
	}
	text := strings.Join(rest, " ")
	if len(when) > 0 {
		text = strings.Join(when, ", ") + ": " + text
	}
	return text
}

// dates says years, dates and weeks.
func (v *voice) dates(r *rule) []string {
	var list []string
	for _, y := range r.years {
		s := strconv.Itoa(y.from)
		switch {
		case y.to == maxYear:
			s = v.since(s)
		case y.to > 0:
			s += "–" + strconv.Itoa(y.to)
		}
		if y.step > 1 {
			s += " (" + v.stepYears(y.step) + ")"
		}
		list = append(list, s)
	}
	for _, d := range r.dates {
		list = append(list, v.dateRange(d))
	}
	for _, w := range r.weeks {
		if w.step == 2 && w.from <= 2 && w.to >= 51 {
			list = append(list, v.oddEven[w.from-1])
			continue
		}
		s := v.week + " " + strconv.Itoa(w.from)
		if w.to != w.from {
			s += "–" + strconv.Itoa(w.to)
		}
		if w.step > 1 {
			s += " (" + v.stepWeeks(w.step) + ")"
		}
		list = append(list, s)
	}
	return list
}

func (v *voice) dateRange(d dateRange) string {
	sameMonth := d.ranged && d.from.plainDay() && d.to.plainDay() && d.from.month == d.to.month && d.from.day < d.to.day
	if d.ranged && d.from.year != 0 && d.to.year == 0 { // the year is said once, at the end
		d.to.year = d.from.year
		if d.to.month < d.from.month {
			d.to.year++
		} else {
			d.from.year = 0
		}
	}
	if sameMonth && d.from.year == 0 {
		return v.dayRange(d.from.day, v.date(d.to))
	}
	from := v.date(d.from)
	switch {
	case d.onward:
		return v.since(from)
	case !d.ranged:
		return from
	}
	if d.from.day == 0 && d.to.day == 0 && !strings.Contains(from, " ") {
		return from + "–" + v.date(d.to)
	}
	return from + " " + v.to + " " + v.date(d.to)
}

// plainDay tells whether the date is a day of a month and no more.
func (d *date) plainDay() bool { return d.day > 0 && d.offset == 0 && d.shift == 0 }

func (v *voice) date(d date) string {
	var s string
	switch {
	case d.easter:
		s = v.easter(d.offset)
	case d.season != noSeason:
		s = v.seasons[d.season]
	case d.nth != 0:
		s = v.ofMonth(v.nth(d.nth, v.weekdays[d.weekday]), v.months[d.month-1])
	case d.day > 0:
		s = v.day(d.day, v.months[d.month-1])
	default:
		s = v.months[d.month-1]
	}
	if d.year != 0 {
		s += " " + strconv.Itoa(d.year)
	}
	if d.shift > 0 {
		s = v.shifted(v.weekdays[d.shift-1], true, s)
	} else if d.shift < 0 {
		s = v.shifted(v.weekdays[-d.shift-1], false, s)
	}
	if d.offset != 0 && !d.easter {
		s = v.offset(d.offset, s)
	}
	return s
}

// days says weekdays and holidays.
func (v *voice) days(d *days) string {
	var list []string
	if mask, plain := weekdayMask(d.weekdays); plain && mask == 127 {
		list = []string{v.daily}
	} else if plain {
		list = v.weekdayList(mask)
	} else {
		for i := 0; i < len(d.weekdays); i++ {
			w := d.weekdays[i]
			for ; w.nth != 0 && i+1 < len(d.weekdays); i++ { // "Sa[2],Sa[4]" is "Sa[2,4]"
				next := d.weekdays[i+1]
				if next.nth == 0 || next.from != w.from || next.offset != w.offset {
					break
				}
				w.nth |= next.nth
			}
			list = append(list, v.weekdayRange(w))
		}
	}
	switch {
	case len(d.holidays) > 0 && d.both:
		return v.join(v.holidays(d.holidays)) + " (" + v.join(list) + ")"
	case len(d.holidays) > 0:
		list = append(list, v.holidays(d.holidays)...)
	}
	return v.join(list)
}

func (v *voice) weekdayRange(w weekdayRange) string {
	s := v.weekdays[w.from]
	if w.to != w.from {
		s += "–" + v.weekdays[w.to]
	}
	if w.nth != 0 {
		var nths []string
		for _, n := range nthList(w.nth) {
			nths = append(nths, v.nth(n, ""))
		}
		s = v.ofMonth(v.join(nths)+" "+s, "")
	}
	if w.offset != 0 {
		s = v.offset(w.offset, s)
	}
	return s
}

// weekdayList says a set of weekdays, runs of three and more as a range.
func (v *voice) weekdayList(mask uint8) []string {
	var list []string
	in := func(d int) bool { return mask&(1<<((d+7)%7)) != 0 }
	start := 0
	if mask != 127 {
		for in(start) && in(start-1) { // a run over the weekend stays whole
			start--
		}
	}
	for d := start; d < start+7; d++ {
		if !in(d) {
			continue
		}
		last := d
		for last+1 < start+7 && in(last+1) {
			last++
		}
		if last-d >= 2 {
			list = append(list, v.weekdays[(d+7)%7]+"–"+v.weekdays[(last+7)%7])
			d = last
		} else {
			list = append(list, v.weekdays[(d+7)%7])
		}
	}
	return list
}

// join lists words: "a, b und c".
func (v *voice) join(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " " + v.and + " " + list[last]
}

// timesOf says the times of a rule; a whole day has none.
func (v *voice) timesOf(times []span) string {
	var spans []string  // clock ranges, which share one "Uhr"
	var others []string // the rest
	for _, s := range times {
		if s.ranged && s.to == (moment{}) {
			s.to.minutes = 1440 // "24", not "0"
		}
		from, to := v.moment(s.from), v.moment(s.to)
		plain := s.from.event == noEvent && s.to.event == noEvent
		switch {
		case s.openEnd && !s.ranged:
			others = append(others, v.from(from))
		case !s.ranged:
			others = append(others, v.at(from))
		case s.every > 0:
			others = append(others, v.every(v.times([]string{from + "–" + to}), s.every))
		case s.openEnd:
			others = append(others, v.times([]string{from + "–" + to})+" "+v.openEnd)
		case plain && s.from.minutes == 0 && s.to.minutes%1440 == 0 && len(times) == 1:
			return v.allDay
		case plain:
			spans = append(spans, from+"–"+to)
		default:
			others = append(others, v.eventRange(s, from, to))
		}
	}
	if len(spans) > 0 {
		others = append([]string{v.times(spans)}, others...)
	}
	return v.join(others)
}

// eventRange says a span with a sun event.
func (v *voice) eventRange(s span, from, to string) string {
	if s.from.event == noEvent {
		from = v.times([]string{from})
	}
	if s.to.event == noEvent {
		to = v.times([]string{to})
	}
	return from + " " + v.to + " " + to
}

func (v *voice) moment(m moment) string {
	switch {
	case m.event == noEvent:
		return v.clock(m.minutes)
	case m.minutes == 0:
		return v.events[m.event]
	}
	return v.eventShift(v.events[m.event], m.minutes)
}

// shortClock is "8" or "8:30"; hours after midnight count anew, 24:00 stays.
func shortClock(minutes int) string {
	if minutes > 1440 {
		minutes -= 1440
	}
	if minutes%60 == 0 {
		return strconv.Itoa(minutes / 60)
	}
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}

func duration(minutes int, hour, hours, minute string) string {
	switch {
	case minutes == 60:
		return "1 " + hour
	case minutes%60 == 0:
		return strconv.Itoa(minutes/60) + " " + hours
	}
	return strconv.Itoa(minutes) + " " + minute
}
