package harvest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"umland/ent"
)

// icalTime is a DATE, DATE-TIME, or the start of a PERIOD.
type icalTime struct {
	wall  time.Time // the clock reading, written as UTC
	date  bool      // no time of day
	utc   bool      // the reading is that of UTC
	zone  *icalZone // nil: floating, or utc
	end   *icalTime // of a PERIOD
	spell string    // as written
}

// instant is when t is; floating times and dates are those of the zone def. A reading that a clock change skips moves forward by the gap; one that
// happens twice means the first.
func (t *icalTime) instant(def *icalZone) time.Time {
	if t.utc {
		return t.wall
	}
	z := t.zone
	if z == nil || t.date {
		z = def
	}
	before := t.wall.Add(-z.offset(t.wall.Add(-15 * time.Hour)))
	after := t.wall.Add(-z.offset(t.wall.Add(13 * time.Hour)))
	if before.Add(z.offset(before)).Equal(t.wall) || !after.Add(z.offset(after)).Equal(t.wall) {
		return before
	}
	return after
}

// icalWall reads DATE, DATE-TIME, and what is written instead: ISO 8601 with hyphens and colons, times without seconds, offsets.
func icalWall(s string) (t icalTime, ok bool) {
	t.spell = s
	digits := func(s string) (n int) {
		for i := range len(s) {
			if s[i] < '0' || s[i] > '9' {
				return -1
			}
			n = 10*n + int(s[i]-'0')
		}
		return n
	}
	day, clock, timed := s, "", false
	if i := strings.IndexAny(s, "Tt "); i >= 0 {
		day, clock, timed = s[:i], s[i+1:], true
	}
	if len(day) == 10 && day[4] == '-' && day[7] == '-' {
		day = day[:4] + day[5:7] + day[8:]
	}
	if len(day) != 8 {
		return t, false
	}
	year, month, date := digits(day[:4]), digits(day[4:6]), digits(day[6:])
	if year < 1 || month < 1 || month > 12 || date < 1 {
		return t, false
	}
	t.wall = time.Date(year, time.Month(month), date, 0, 0, 0, 0, time.UTC)
	if t.wall.Day() != date {
		return t, false
	}
	if !timed {
		t.date = true
		return t, true
	}
	var offset time.Duration
	if n := len(clock); n > 0 && (clock[n-1] == 'Z' || clock[n-1] == 'z') {
		clock, t.utc = clock[:n-1], true
	} else if i := strings.IndexAny(clock, "+-"); i > 0 {
		o := strings.ReplaceAll(clock[i+1:], ":", "")
		if len(o) != 4 || digits(o) < 0 || digits(o[:2]) > 14 || digits(o[2:]) > 59 {
			return t, false
		}
		offset = time.Duration(digits(o[:2]))*time.Hour + time.Duration(digits(o[2:]))*time.Minute
		if clock[i] == '-' {
			offset = -offset
		}
		clock, t.utc = clock[:i], true
	}
	clock = strings.ReplaceAll(clock, ":", "")
	if i := strings.IndexByte(clock, '.'); i >= 0 {
		clock = clock[:i]
	}
	if len(clock) == 4 {
		clock += "00"
	}
	if len(clock) != 6 {
		return t, false
	}
	hour, minute, second := digits(clock[:2]), digits(clock[2:4]), digits(clock[4:])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return t, false
	}
	t.wall = t.wall.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(min(second, 59))*time.Second - offset)
	return t, true
}

// icalDuration is a DURATION: days by the calendar, the rest exact.
type icalDuration struct {
	days  int
	exact time.Duration
}

func icalParseDuration(s string) (d icalDuration, ok bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	sign := 1
	if strings.HasPrefix(s, "-") {
		sign = -1
	}
	s, ok = strings.CutPrefix(strings.TrimLeft(s, "+-"), "P")
	if !ok || s == "" {
		return d, false
	}
	number := ""
	timed := false
	for _, c := range s {
		if c >= '0' && c <= '9' {
			number += string(c)
			continue
		}
		if c == 'T' && number == "" && !timed {
			timed = true
			continue
		}
		n, err := strconv.Atoi(number)
		if err != nil || n > 10_000_000 {
			return d, false
		}
		n, number = n*sign, ""
		switch {
		case c == 'W' && !timed:
			d.days += 7 * n
		case c == 'D' && !timed:
			d.days += n
		case c == 'H' && timed:
			d.exact += time.Duration(n) * time.Hour
		case c == 'M' && timed:
			d.exact += time.Duration(n) * time.Minute
		case c == 'S' && timed:
			d.exact += time.Duration(n) * time.Second
		default:
			return d, false
		}
	}
	return d, number == ""
}

// icalZone is the zone of a time: one with an IANA name, or the rules of a VTIMEZONE.
type icalZone struct {
	loc   *time.Location // nil: rules
	rules *icalRules
}

// offset is how far the zone's clocks are ahead of UTC.
func (z *icalZone) offset(at time.Time) time.Duration {
	if z.loc != nil {
		_, seconds := at.In(z.loc).Zone()
		return time.Duration(seconds) * time.Second
	}
	return time.Duration(z.rules.offset(at.Unix())) * time.Second
}

// icalRules are the clock changes of a VTIMEZONE in order of time.
type icalRules struct {
	hint    string // X-LIC-LOCATION: the IANA name, as the calendar says
	first   int    // offset before the first change, in seconds
	changes []icalChange
	matched map[[2]int]*time.Location // by first and last year
}

type icalChange struct {
	at     int64
	offset int
}

func (r *icalRules) offset(at int64) int {
	i, found := slices.BinarySearchFunc(r.changes, at, func(c icalChange, at int64) int { return cmp.Compare(c.at, at) })
	if !found {
		i--
	}
	if i < 0 {
		return r.first
	}
	return r.changes[i].offset
}

// between gives the offset at from, and the changes of it until to.
func (r *icalRules) between(from, to int64) []icalChange {
	list := []icalChange{{from, r.offset(from)}}
	for _, c := range r.changes {
		if c.at > from && c.at <= to && c.offset != list[len(list)-1].offset {
			list = append(list, c)
		}
	}
	return list
}

// match finds an IANA zone whose clocks agree with the rules in the years of both instants and all between: the hint, the given zone, then those of the
// Windows names, then those of fixed offset. It is nil when there is none.
func (r *icalRules) match(from, to time.Time, preferred *time.Location) *time.Location {
	years := [2]int{from.Year(), to.Year()}
	loc, ok := r.matched[years]
	if !ok {
		loc = r.find(time.Date(years[0], 1, 1, 0, 0, 0, 0, time.UTC), time.Date(years[1]+1, 1, 1, 0, 0, 0, 0, time.UTC), preferred)
		if r.matched == nil {
			r.matched = map[[2]int]*time.Location{}
		}
		r.matched[years] = loc
	}
	return loc
}

func (r *icalRules) find(from, to time.Time, preferred *time.Location) *time.Location {
	want := r.between(from.Unix(), to.Unix())
	agrees := func(loc *time.Location) bool {
		at := from
		_, offset := at.In(loc).Zone()
		got := []icalChange{{from.Unix(), offset}}
		for len(got) <= len(want) {
			_, end := at.In(loc).ZoneBounds()
			if end.IsZero() || end.After(to) {
				break
			}
			at = end
			if _, offset := at.In(loc).Zone(); offset != got[len(got)-1].offset {
				got = append(got, icalChange{at.Unix(), offset})
			}
		}
		return slices.Equal(got, want)
	}
	if hint := zoneNamed(r.hint); hint != nil && agrees(hint) {
		return hint
	}
	if agrees(preferred) {
		return preferred
	}
	names := make([]string, 0, len(windowsZones)+30)
	for _, name := range windowsZones {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { // European ones first: that is where the feeds are from
		return cmp.Or(-cmp.Compare(strings.Index(a, "Europe/"), strings.Index(b, "Europe/")), strings.Compare(a, b))
	})
	for h := -14; h <= 12; h++ {
		names = append(names, fmt.Sprintf("Etc/GMT%+d", h))
	}
	for _, name := range slices.Compact(names) {
		if loc := zoneNamed(name); loc != nil && agrees(loc) {
			return loc
		}
	}
	return nil
}

// icalReadZone reads a VTIMEZONE; nil when it says nothing that can be computed with. budget bounds the rules that are expanded.
func icalReadZone(lines []string, budget *int) *icalRules {
	type observance struct {
		start, from, to, rule string
		dates                 []string
	}
	var r icalRules
	var o observance
	inside := false
	first := int64(1 << 62)
	offset := func(s string) (int, bool) {
		sign := 1
		if strings.HasPrefix(s, "-") {
			sign = -1
		}
		s = strings.ReplaceAll(strings.TrimLeft(s, "+-"), ":", "")
		n, err := strconv.Atoi(s)
		switch {
		case err != nil || n < 0:
			return 0, false
		case len(s) == 4:
			n *= 100
		case len(s) != 6:
			return 0, false
		}
		seconds := n/10000*3600 + n/100%100*60 + n%100
		return sign * seconds, seconds <= 18*3600
	}
	add := func(at time.Time, from, to int) {
		c := icalChange{at.Unix() - int64(from), to}
		r.changes = append(r.changes, c)
		if c.at < first {
			first, r.first = c.at, from
		}
	}
	finish := func() bool {
		from, ok1 := offset(o.from)
		to, ok2 := offset(o.to)
		start, ok3 := icalWall(o.start)
		if !ok1 || !ok2 || !ok3 {
			return false
		}
		if start.wall.Year() < ent.ScheduleMinYear { // Exchange writes 1601: rules of then are as good in 1900, a change of then has long happened
			start.wall = time.Date(ent.ScheduleMinYear, start.wall.Month(), start.wall.Day(), start.wall.Hour(), start.wall.Minute(), start.wall.Second(), 0, time.UTC)
		}
		if start.utc {
			start.wall = start.wall.Add(time.Duration(from) * time.Second)
		}
		add(start.wall, from, to)
		for _, value := range o.dates {
			for item := range strings.SplitSeq(value, ",") {
				d, ok := icalWall(strings.TrimSpace(item))
				if !ok {
					return false
				}
				if d.utc {
					d.wall = d.wall.Add(time.Duration(from) * time.Second)
				}
				add(d.wall, from, to)
			}
		}
		if o.rule == "" {
			return true
		}
		if *budget--; *budget < 0 {
			return false
		}
		rule, reason := icalRule(o.rule, start.wall, false)
		if reason != "" {
			return false
		}
		if parts := strings.Split(rule, ";"); strings.Contains(rule, "UNTIL=") { // an instant; here all is local to the offset before
			for i, part := range parts {
				if until, ok := icalWall(strings.TrimPrefix(part, "UNTIL=")); ok && until.utc && strings.HasPrefix(part, "UNTIL=") {
					parts[i] = "UNTIL=" + until.wall.Add(time.Duration(from)*time.Second).Format("20060102T150405")
				}
			}
			rule = strings.Join(parts, ";")
		}
		s := ent.Schedule{Start: start.wall, TimeZone: "UTC", RRule: &rule}
		spans, err := s.Expand(time.Date(ent.ScheduleMinYear, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2101, 1, 1, 0, 0, 0, 0, time.UTC), 1000)
		if err != nil {
			// A rule that ended before 1900 changes nothing any more.
			return strings.Contains(rule, "UNTIL=") && !strings.Contains(rule, "UNTIL=2")
		}
		for _, span := range spans {
			add(span.Start, from, to)
		}
		return true
	}
	for _, line := range lines {
		p, ok := icalParse(line)
		if !ok {
			continue
		}
		value := strings.ToUpper(p.value)
		switch {
		case p.name == "BEGIN":
			o, inside = observance{}, value == "STANDARD" || value == "DAYLIGHT"
		case p.name == "END" && inside:
			inside = false
			if !finish() {
				return nil
			}
		case p.name == "X-LIC-LOCATION":
			r.hint = p.value
		case !inside:
		case p.name == "DTSTART":
			o.start = p.value
		case p.name == "TZOFFSETFROM":
			o.from = p.value
		case p.name == "TZOFFSETTO":
			o.to = p.value
		case p.name == "RRULE":
			if o.rule != "" && o.rule != p.value {
				return nil
			}
			o.rule = p.value
		case p.name == "RDATE":
			o.dates = append(o.dates, p.value)
		}
	}
	if len(r.changes) == 0 {
		return nil
	}
	slices.SortStableFunc(r.changes, func(a, b icalChange) int { return cmp.Compare(a.at, b.at) })
	return &r
}

// icalRule brings a RECUR value into the form that ent.Schedule takes, where that means exactly the same. The reason why it cannot is in German.
func icalRule(text string, start time.Time, allDay bool) (rule, reason string) {
	if len(text) > ent.ScheduleMaxRule {
		return "", "Die Wiederholungsregel ist zu lang."
	}
	text = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(text)), "RRULE:")
	var parts []string
	skip, frequency := "", ""
	for part := range strings.SplitSeq(strings.Trim(text, ";"), ";") {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		own := -1
		switch name {
		case "FREQ":
			frequency = value
			switch value {
			case "HOURLY", "MINUTELY", "SECONDLY":
				return "", fmt.Sprintf("Die Wiederholung „%s“ wird nicht übernommen: öfter als täglich.", text)
			}
		case "RSCALE":
			if value != "GREGORIAN" {
				return "", fmt.Sprintf("Die Wiederholung „%s“ richtet sich nach einem anderen Kalender.", text)
			}
			continue
		case "SKIP":
			skip = value
			continue
		case "BYHOUR":
			own = start.Hour()
		case "BYMINUTE":
			own = start.Minute()
		case "BYSECOND":
			own = start.Second()
		case "UNTIL":
			// ISO 8601 with hyphens, and times without seconds, are written too.
			if until, ok := icalWall(value); ok {
				switch {
				case until.date:
					value = until.wall.Format("20060102")
				case until.utc:
					value = until.wall.Format("20060102T150405Z")
				default:
					value = until.wall.Format("20060102T150405")
				}
			}
		}
		if own >= 0 {
			if n, err := strconv.Atoi(value); (err != nil || n != own) && !allDay {
				return "", fmt.Sprintf("Die Wiederholung „%s“ nennt andere Uhrzeiten als der Beginn.", text)
			}
			continue
		}
		parts = append(parts, name+"="+value)
	}
	if skip != "" && skip != "OMIT" && !((frequency == "DAILY" || frequency == "WEEKLY" || start.Day() <= 28) && !strings.Contains(text, "BYMONTHDAY")) {
		return "", fmt.Sprintf("Die Wiederholung „%s“ verschiebt Termine (SKIP).", text)
	}
	return strings.Join(parts, ";"), ""
}
