package ent

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Schedule is the single date or the series of an offering. It is stored as
// JSON: instants, plus the IANA zone whose wall time the series keeps.
//
// Timed: End is the exact end of the first date, nil where it is unknown. Every
// date of the series has that exact duration (RFC 5545 section 3.8.5.3), also
// over a clock change.
//
// All-day: Start and End name local dates. End is exclusive, like a DTEND of
// type DATE: 12 to 14 June ends at midnight of 15 June. No End, or one equal to
// Start, means one day, and one day is stored without End. An End that isn't a
// midnight counts its day in.
//
// RRule is an RFC 5545 RECUR value without DTSTART: FREQ of DAILY to YEARLY, with
// INTERVAL up to 1000, COUNT up to 10000 or UNTIL, WKST, BYMONTH, BYWEEKNO (weeks
// 1 to 51, also from the end), BYYEARDAY, BYMONTHDAY, BYDAY and BYSETPOS, in the
// combinations the RFC allows. UNTIL may be a date (which is included, in local
// time), a UTC instant or a local time. "RRULE:", lower case, spaces around parts
// and a last semicolon are tolerated; a blank rule is none.
//
// Start is always a date of the series, also where the rule doesn't name it (the
// RFC leaves that open, calendar programs show it), and counts towards COUNT.
// Exclude removes dates, by instant or, all-day, by local date; an excluded date
// still counts towards COUNT. Include adds dates of the same duration. Exclude
// wins over Start, RRule and Include.
//
// A wall time that a clock change skips moves forward by the gap; one that
// happens twice means the first (RFC 5545 section 3.3.5). So does the second in
// Exclude and Gives, where the schedule has no date at it.
type Schedule struct {
	Start    time.Time   `json:"start"`
	End      *time.Time  `json:"end,omitempty"`
	AllDay   bool        `json:"allDay,omitempty"`
	TimeZone string      `json:"timeZone"`
	RRule    *string     `json:"rrule,omitempty"`
	Exclude  []time.Time `json:"exclude,omitempty"`
	Include  []time.Time `json:"include,omitempty"`
}

// Bounds of a schedule, checked by Validate. Years are those of the UTC instant.
const (
	ScheduleMinYear    = 1900
	ScheduleMaxYear    = 2200
	ScheduleMaxRule    = 500   // bytes of the rule text
	ScheduleMaxZone    = 64    // bytes of the zone name
	ScheduleMaxDates   = 1000  // entries of Exclude, and of Include
	ScheduleMaxSpans   = 10000 // spans of one Expand
	scheduleSingleDays = 3660  // longest single date
	scheduleSeriesDays = 366   // longest date of a series
)

// Span is one date of a schedule, in UTC. Original is what RFC 5545 calls the
// RECURRENCE-ID: the instant, all-day the first instant of the local date, at
// which the schedule itself puts the date; it stays when a date is moved. End
// is exclusive; it is nil where a timed schedule has no end, and never nil for
// an all-day one.
type Span struct {
	Original, Start time.Time
	End             *time.Time
}

// Validate returns all problems of s, none if s can be normalised, expanded and
// put into words. Normalize doesn't change its answer, except that
// Exclude and Include are sorted then.
func (s *Schedule) Validate() []UserError {
	_, problems := s.series()
	return problems
}

// Normalize brings s into its one stored form: instants in UTC, cut to seconds,
// all-day ones at the first instant of their local date; Exclude and Include
// sorted and unique; the rule canonical, upper case, without "RRULE:". What
// Validate refuses stays as it is.
func (s *Schedule) Normalize() {
	s.TimeZone = strings.TrimSpace(s.TimeZone)
	loc, problem := loadScheduleZone(s.TimeZone)
	instant := func(t time.Time) time.Time {
		if s.AllDay && problem == nil {
			return scheduleInstant(scheduleDate(t, loc), loc)
		}
		return t.UTC().Truncate(time.Second)
	}
	if s.End != nil {
		end := s.End.UTC().Truncate(time.Second)
		if s.AllDay && problem == nil {
			end = scheduleInstant(scheduleEndDate(scheduleDate(s.Start, loc), *s.End, loc), loc)
		}
		s.End = &end
		if s.AllDay && problem == nil {
			first := scheduleDate(s.Start, loc)
			if !end.Before(scheduleInstant(first, loc)) && !end.After(scheduleInstant(first.AddDate(0, 0, 1), loc)) {
				s.End = nil
			}
		}
	}
	s.Start = instant(s.Start)
	s.Exclude = normalizeScheduleDates(s.Exclude, instant)
	s.Include = normalizeScheduleDates(s.Include, instant)
	if s.RRule != nil {
		if strings.TrimSpace(*s.RRule) == "" {
			s.RRule = nil
		} else if rule, err := parseScheduleRule(*s.RRule); err == nil {
			text := rule.String()
			s.RRule = &text
		}
	}
}

func normalizeScheduleDates(dates []time.Time, instant func(time.Time) time.Time) []time.Time {
	if len(dates) > ScheduleMaxDates {
		return dates
	}
	var out []time.Time
	for _, t := range dates {
		out = append(out, instant(t))
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// Expand returns the dates that start in [from, to) or started before and are
// still running at from (their end lies after from), sorted by start, at most
// limit and never more than ScheduleMaxSpans. Rules end with the year 2399. The
// error names the first problem of an invalid schedule.
func (s *Schedule) Expand(from, to time.Time, limit int) ([]Span, error) {
	series, problems := s.series()
	if len(problems) > 0 {
		p := problems[0]
		return nil, fmt.Errorf("schedule: %s: %s", strings.Join(p.Path, "."), p.Message)
	}
	return series.expand(from, to, limit, series.exclude), nil
}

// scheduleSeries is a schedule that has been found valid, ready to compute.
// Wall times are "floating": local clock readings written as UTC, so that rules
// are computed without any zone.
type scheduleSeries struct {
	loc      *time.Location
	start    time.Time // instant
	wall     time.Time // floating start; midnight when all-day
	allDay   bool
	hasEnd   bool
	duration time.Duration // timed, when hasEnd
	days     int           // all-day: number of local dates, at least 1
	rule     *scheduleRule // nil for a single date
	exclude  map[int64]bool
	include  []time.Time
}

func (s *Schedule) series() (*scheduleSeries, []UserError) {
	var problems []UserError
	report := func(code UserErrorCode, message string, path ...string) {
		problems = append(problems, UserError{path, code, message})
	}
	inRange := func(t time.Time) bool {
		y := t.UTC().Year()
		return y >= ScheduleMinYear && y <= ScheduleMaxYear
	}
	yearMessage := fmt.Sprintf("must be a date and time that exists, with an offset, in the years %d to %d", ScheduleMinYear, ScheduleMaxYear)

	loc, zoneProblem := loadScheduleZone(strings.TrimSpace(s.TimeZone))
	if zoneProblem != nil {
		problems = append(problems, *zoneProblem)
	}
	startOK := false
	switch {
	case s.Start.IsZero():
		report(UserRequired, "the start is missing", "start")
	case !inRange(s.Start):
		report(UserInvalid, yearMessage, "start")
	default:
		startOK = true
	}

	x := &scheduleSeries{loc: loc, allDay: s.AllDay, days: 1}
	if startOK && zoneProblem == nil {
		x.start = s.Start.UTC().Truncate(time.Second)
		x.wall = scheduleWall(x.start, loc)
		if s.AllDay {
			x.wall = scheduleDate(s.Start, loc)
			x.start = scheduleInstant(x.wall, loc)
		}
	}

	repeats := s.RRule != nil && strings.TrimSpace(*s.RRule) != ""
	if repeats {
		rule, err := parseScheduleRule(*s.RRule)
		switch {
		case len(*s.RRule) > ScheduleMaxRule:
			report(UserTooLong, err.Error(), "rrule")
		case err != nil:
			report(UserInvalid, err.Error(), "rrule")
		case startOK && zoneProblem == nil && rule.lastDate(loc).Before(scheduleDay(x.wall)):
			report(UserInvalid, "UNTIL lies before the start", "rrule")
		default:
			x.rule = rule
		}
	}

	endOK := s.End == nil || inRange(*s.End)
	if !endOK {
		report(UserInvalid, yearMessage, "end")
	}
	if s.End != nil && endOK && startOK && zoneProblem == nil {
		longest := scheduleSingleDays
		if repeats || len(s.Include) > 0 {
			longest = scheduleSeriesDays
		}
		end := s.End.UTC().Truncate(time.Second)
		// Seconds, because a time.Duration ends at 292 years.
		seconds := end.Unix() - x.start.Unix()
		if s.AllDay {
			seconds = scheduleEndDate(x.wall, *s.End, loc).Unix() - x.wall.Unix()
		}
		switch {
		case seconds < 0:
			report(UserInvalid, "the end lies before the start", "end")
		case seconds > int64(longest)*86400:
			report(UserInvalid, fmt.Sprintf("a date may last at most %d days", longest), "end")
		default:
			x.hasEnd = true
			x.duration = time.Duration(seconds) * time.Second
			x.days = max(1, int(seconds/86400))
		}
	}

	dates := func(name string, list []time.Time, add func(time.Time)) {
		if len(list) > ScheduleMaxDates {
			report(UserTooLong, fmt.Sprintf("at most %d dates", ScheduleMaxDates), name)
			return
		}
		for i, t := range list {
			switch {
			case !inRange(t):
				report(UserInvalid, yearMessage, name, strconv.Itoa(i))
			case zoneProblem == nil && s.AllDay:
				add(scheduleInstant(scheduleDate(t, loc), loc))
			default:
				add(t.UTC().Truncate(time.Second))
			}
		}
	}
	x.exclude = make(map[int64]bool, len(s.Exclude))
	dates("exclude", s.Exclude, func(t time.Time) { x.exclude[t.Unix()] = true })
	dates("include", s.Include, func(t time.Time) { x.include = append(x.include, t) })
	if len(problems) > 0 {
		return nil, problems
	}
	for _, t := range s.Exclude {
		if !s.AllDay && !t.Equal(x.start) && !slices.ContainsFunc(x.include, t.Equal) {
			x.exclude[x.firstReading(t).Unix()] = true
		}
	}
	return x, nil
}

// firstReading gives the first instant at which the clock shows what it shows at t: t itself, unless a clock change repeats that.
func (x *scheduleSeries) firstReading(t time.Time) time.Time {
	return scheduleInstant(scheduleWall(t, x.loc), x.loc)
}

func loadScheduleZone(name string) (*time.Location, *UserError) {
	refuse := func(code UserErrorCode, message string) (*time.Location, *UserError) {
		return nil, &UserError{[]string{"timeZone"}, code, message}
	}
	switch {
	case name == "":
		return refuse(UserRequired, "the time zone is missing")
	case len(name) > ScheduleMaxZone:
		return refuse(UserTooLong, fmt.Sprintf("at most %d bytes", ScheduleMaxZone))
	case name == "Local", strings.HasPrefix(name, "right/"):
		// "right/" zones count leap seconds, which Go ignores: they would be off by half a minute.
		return refuse(UserInvalid, "not a usable time zone; use a name such as Europe/Berlin")
	}
	if name == Berlin.String() { // of nearly all, and reading it again takes longer than what is done with it
		return Berlin, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return refuse(UserInvalid, "not an IANA time zone; use a name such as Europe/Berlin")
	}
	return loc, nil
}

// span gives the date that starts at the instant start.
func (x *scheduleSeries) span(start time.Time) Span {
	sp := Span{Original: start, Start: start}
	switch {
	case x.allDay:
		end := scheduleInstant(scheduleDate(start, x.loc).AddDate(0, 0, x.days), x.loc)
		sp.End = &end
	case x.hasEnd:
		end := start.Add(x.duration)
		sp.End = &end
	}
	return sp
}

func (x *scheduleSeries) expand(from, to time.Time, limit int, exclude map[int64]bool) []Span {
	limit = min(limit, ScheduleMaxSpans)
	if limit <= 0 || !from.Before(to) {
		return nil
	}
	var out []Span
	add := func(start time.Time) {
		if exclude[start.Unix()] || !start.Before(to) {
			return
		}
		sp := x.span(start)
		if start.Before(from) && (sp.End == nil || !sp.End.After(from)) {
			return
		}
		out = append(out, sp)
	}
	add(x.start)
	for _, t := range x.include {
		add(t)
	}
	if x.rule != nil {
		// The dates of a rule come in order, so limit of them are enough.
		enough := len(out) + limit
		lookBack := x.days
		if x.hasEnd && !x.allDay {
			lookBack = int(x.duration/(24*time.Hour)) + 1
		}
		// Two days more than the duration: wall times are up to 14 hours from UTC, and a skipped one moves on.
		x.ruleDates(from, lookBack+2, func(start time.Time) bool {
			if !start.Before(to) {
				return false
			}
			add(start)
			return len(out) < enough
		})
	}
	slices.SortStableFunc(out, func(a, b Span) int { return a.Start.Compare(b.Start) })
	out = slices.CompactFunc(out, func(a, b Span) bool { return a.Start.Equal(b.Start) })
	return out[:min(limit, len(out))]
}

// ruleDates calls yield with the rule's instants after the start, in order, until
// yield returns false. It may leave out those more than back days before from.
func (x *scheduleSeries) ruleDates(from time.Time, back int, yield func(time.Time) bool) {
	first := scheduleDay(x.wall)
	clock := x.wall.Sub(first)
	skipTo := first
	if x.rule.count == 0 && from.After(x.start) {
		if from.Year() > scheduleHorizon {
			return
		}
		if t := scheduleDate(from, time.UTC).AddDate(0, 0, -back); t.After(first) {
			skipTo = t
		}
	}
	next := x.rule.resolve(first).dates(first, skipTo)
	for n := 1; x.rule.count == 0 || n < x.rule.count; {
		day, ok := next()
		if !ok {
			return
		}
		if !day.After(first) {
			continue
		}
		wall := day.Add(clock)
		start := scheduleInstant(wall, x.loc)
		if x.rule.ended(wall, start) {
			return
		}
		n++
		if !yield(start) {
			return
		}
	}
}

// scheduleWall gives the clock reading in loc at t, written as UTC.
func scheduleWall(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// scheduleDate gives the local date at t as a floating midnight.
func scheduleDate(t time.Time, loc *time.Location) time.Time {
	return scheduleDay(scheduleWall(t, loc))
}

func scheduleDay(wall time.Time) time.Time {
	return time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
}

// scheduleEndDate gives the exclusive end date of an all-day schedule from the
// date of its start: the local date that begins at end, or the next one if end
// lies within a date; but a date before first stays before it.
func scheduleEndDate(first, end time.Time, loc *time.Location) time.Time {
	date := scheduleDate(end, loc)
	if !date.Before(first) && !scheduleInstant(date, loc).Equal(end) {
		return date.AddDate(0, 0, 1)
	}
	return date
}

// scheduleInstant gives the instant, in UTC, of a clock reading in loc. It uses
// the offset from before a clock change for readings that the change skips
// (which so move forward by the gap) or repeats (the first). time.Date promises
// neither.
func scheduleInstant(wall time.Time, loc *time.Location) time.Time {
	offset := func(near time.Duration) time.Duration {
		_, seconds := wall.Add(near).In(loc).Zone()
		return time.Duration(seconds) * time.Second
	}
	// Offsets lie between -12 and +14 hours: one sample before and one after the wanted instant.
	before, after := wall.Add(-offset(-15*time.Hour)), wall.Add(-offset(13*time.Hour))
	if scheduleWall(before, loc).Equal(wall) || !scheduleWall(after, loc).Equal(wall) {
		return before
	}
	return after
}

// scheduleRule is a parsed recurrence rule. Its lists are sorted and unique.
type scheduleRule struct {
	freq      rrule.Frequency
	interval  int
	count     int // 0: no COUNT
	until     time.Time
	untilForm string // layout of until; "": no UNTIL
	weekStart int    // 0 is Monday
	months    []int
	weekNos   []int
	yearDays  []int
	monthDays []int
	weekdays  []scheduleWeekday
	setPos    []int
}

// scheduleWeekday is a BYDAY entry: day 0 is Monday; nth 0 means every such day.
type scheduleWeekday struct{ nth, day int }

const (
	scheduleUntilDate  = "20060102"
	scheduleUntilLocal = "20060102T150405"
	scheduleUntilUTC   = "20060102T150405Z"

	scheduleMaxInterval = 1000
	scheduleMaxCount    = 10000
	scheduleMaxList     = 100 // entries of one rule part
)

const scheduleDayNames = "MOTUWETHFRSASU"

// parseScheduleRule reads what Schedule.RRule promises. Errors name the part and
// are safe to show.
func parseScheduleRule(text string) (*scheduleRule, error) {
	if len(text) > ScheduleMaxRule {
		return nil, fmt.Errorf("the rule is longer than %d bytes", ScheduleMaxRule)
	}
	text = strings.ToUpper(strings.TrimSpace(text))
	text = strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(text, "RRULE:")), ";")
	r := &scheduleRule{freq: -1, interval: 1}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || value == "" {
			return nil, fmt.Errorf("%q is not of the form NAME=VALUE", clipScheduleText(part))
		}
		if seen[name] {
			return nil, fmt.Errorf("%s stands twice", clipScheduleText(name))
		}
		seen[name] = true
		if err := r.set(name, value); err != nil {
			return nil, err
		}
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

func clipScheduleText(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func (r *scheduleRule) set(name, value string) (err error) {
	number := func(most int) (int, error) {
		n, err := scheduleNumber(value)
		if err != nil || n < 1 || n > most {
			return 0, fmt.Errorf("%s must be a number from 1 to %d", name, most)
		}
		return n, nil
	}
	switch name {
	case "FREQ":
		switch value {
		case "DAILY":
			r.freq = rrule.DAILY
		case "WEEKLY":
			r.freq = rrule.WEEKLY
		case "MONTHLY":
			r.freq = rrule.MONTHLY
		case "YEARLY":
			r.freq = rrule.YEARLY
		default:
			return fmt.Errorf("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY")
		}
	case "INTERVAL":
		r.interval, err = number(scheduleMaxInterval)
	case "COUNT":
		r.count, err = number(scheduleMaxCount)
	case "UNTIL":
		for _, form := range []string{scheduleUntilDate, scheduleUntilLocal, scheduleUntilUTC} {
			if len(value) == len(form) {
				if r.until, err = time.Parse(form, value); err == nil {
					r.untilForm = form
				}
			}
		}
		if r.untilForm == "" {
			return fmt.Errorf("UNTIL must look like 20261218, 20261218T235959 or 20261218T225959Z")
		}
	case "WKST":
		if len(value) != 2 || scheduleDayIndex(value) < 0 {
			return fmt.Errorf("WKST must be one of MO, TU, WE, TH, FR, SA, SU")
		}
		r.weekStart = scheduleDayIndex(value)
	case "BYMONTH":
		r.months, err = scheduleNumbers(name, value, 12, false)
	case "BYWEEKNO":
		// rrule-go puts the first days of January wrongly for weeks 52 and 53.
		r.weekNos, err = scheduleNumbers(name, value, 51, true)
	case "BYYEARDAY":
		r.yearDays, err = scheduleNumbers(name, value, 366, true)
	case "BYMONTHDAY":
		r.monthDays, err = scheduleNumbers(name, value, 31, true)
	case "BYSETPOS":
		r.setPos, err = scheduleNumbers(name, value, 366, true)
	case "BYDAY":
		r.weekdays, err = scheduleWeekdays(value)
	case "BYHOUR", "BYMINUTE", "BYSECOND":
		return fmt.Errorf("%s is not supported; make one schedule per time of day", name)
	default:
		return fmt.Errorf("%q is not a known part of a rule", clipScheduleText(name))
	}
	return err
}

// check holds the combinations that RFC 5545 section 3.3.10 rules out, some of
// which make rrule-go panic or compute something else.
func (r *scheduleRule) check() error {
	nths := slices.ContainsFunc(r.weekdays, func(d scheduleWeekday) bool { return d.nth != 0 })
	most := 5
	if r.freq == rrule.YEARLY && len(r.months) == 0 {
		most = 53
	}
	switch {
	case r.freq < 0:
		return fmt.Errorf("FREQ is missing")
	case r.count > 0 && r.untilForm != "":
		return fmt.Errorf("COUNT and UNTIL exclude each other")
	case len(r.weekNos) > 0 && r.freq != rrule.YEARLY:
		return fmt.Errorf("BYWEEKNO needs FREQ=YEARLY")
	case len(r.yearDays) > 0 && r.freq != rrule.YEARLY:
		return fmt.Errorf("BYYEARDAY needs FREQ=YEARLY")
	case len(r.monthDays) > 0 && r.freq == rrule.WEEKLY:
		return fmt.Errorf("BYMONTHDAY doesn't go with FREQ=WEEKLY")
	case nths && r.freq != rrule.MONTHLY && r.freq != rrule.YEARLY:
		return fmt.Errorf("BYDAY with a number needs FREQ=MONTHLY or FREQ=YEARLY")
	case nths && len(r.weekNos) > 0:
		return fmt.Errorf("BYDAY with a number doesn't go with BYWEEKNO")
	case slices.ContainsFunc(r.weekdays, func(d scheduleWeekday) bool { return d.nth > most || d.nth < -most }):
		return fmt.Errorf("BYDAY numbers must lie between -%d and %d here", most, most)
	case len(r.setPos) > 0 && len(r.months)+len(r.weekNos)+len(r.yearDays)+len(r.monthDays)+len(r.weekdays) == 0:
		return fmt.Errorf("BYSETPOS needs another BY part")
	}
	return nil
}

// scheduleNumber is strconv.Atoi for the short numbers of a rule.
func scheduleNumber(s string) (int, error) {
	if len(s) > 6 {
		return 0, strconv.ErrRange
	}
	return strconv.Atoi(s)
}

func scheduleNumbers(name, value string, most int, fromEnd bool) ([]int, error) {
	if strings.Count(value, ",") >= scheduleMaxList {
		return nil, fmt.Errorf("%s has more than %d entries", name, scheduleMaxList)
	}
	var list []int
	for item := range strings.SplitSeq(value, ",") {
		n, err := scheduleNumber(strings.TrimSpace(item))
		if err != nil || n == 0 || n > most || n < -most || n < 0 && !fromEnd {
			if fromEnd {
				return nil, fmt.Errorf("%s takes numbers from 1 to %d and -%d to -1", name, most, most)
			}
			return nil, fmt.Errorf("%s takes numbers from 1 to %d", name, most)
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func scheduleDayIndex(name string) int {
	i := strings.Index(scheduleDayNames, name)
	if i%2 != 0 {
		return -1
	}
	return i / 2
}

func scheduleWeekdays(value string) ([]scheduleWeekday, error) {
	if strings.Count(value, ",") >= scheduleMaxList {
		return nil, fmt.Errorf("BYDAY has more than %d entries", scheduleMaxList)
	}
	bad := fmt.Errorf("BYDAY takes days such as MO, 2MO or -1SU")
	var list []scheduleWeekday
	for item := range strings.SplitSeq(value, ",") {
		item = strings.TrimSpace(item)
		if len(item) < 2 {
			return nil, bad
		}
		d := scheduleWeekday{day: scheduleDayIndex(item[len(item)-2:])}
		if d.day < 0 {
			return nil, bad
		}
		if number := item[:len(item)-2]; number != "" {
			n, err := scheduleNumber(number)
			if err != nil || n == 0 {
				return nil, bad
			}
			d.nth = n
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b scheduleWeekday) int {
		return cmp.Or(cmp.Compare(a.nth, b.nth), cmp.Compare(a.day, b.day))
	})
	return slices.Compact(list), nil
}

// String gives the one canonical text of the rule: upper case, parts in a fixed
// order, lists sorted and unique, INTERVAL=1 and WKST=MO left out.
func (r *scheduleRule) String() string {
	var b strings.Builder
	b.WriteString("FREQ=" + r.freq.String())
	if r.untilForm != "" {
		b.WriteString(";UNTIL=" + r.until.Format(r.untilForm))
	}
	if r.count > 0 {
		b.WriteString(";COUNT=" + strconv.Itoa(r.count))
	}
	if r.interval > 1 {
		b.WriteString(";INTERVAL=" + strconv.Itoa(r.interval))
	}
	list := func(name string, values []int) {
		for i, n := range values {
			if i == 0 {
				b.WriteString(";" + name + "=")
			} else {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(n))
		}
	}
	list("BYMONTH", r.months)
	list("BYWEEKNO", r.weekNos)
	list("BYYEARDAY", r.yearDays)
	list("BYMONTHDAY", r.monthDays)
	for i, d := range r.weekdays {
		if i == 0 {
			b.WriteString(";BYDAY=")
		} else {
			b.WriteByte(',')
		}
		if d.nth != 0 {
			b.WriteString(strconv.Itoa(d.nth))
		}
		b.WriteString(scheduleDayNames[2*d.day : 2*d.day+2])
	}
	list("BYSETPOS", r.setPos)
	if r.weekStart != 0 {
		b.WriteString(";WKST=" + scheduleDayNames[2*r.weekStart:2*r.weekStart+2])
	}
	return b.String()
}

// lastDate gives the local date on or before which UNTIL lets dates start,
// whatever their time of day; without UNTIL, a date after all others.
func (r *scheduleRule) lastDate(loc *time.Location) time.Time {
	switch r.untilForm {
	case "":
		return time.Date(math.MaxInt16, 1, 1, 0, 0, 0, 0, time.UTC)
	case scheduleUntilUTC:
		return scheduleDate(r.until, loc)
	}
	return scheduleDay(r.until)
}

// ended tells whether UNTIL lies before the date with this wall time and instant.
func (r *scheduleRule) ended(wall, start time.Time) bool {
	switch r.untilForm {
	case scheduleUntilDate:
		return scheduleDay(wall).After(r.until)
	case scheduleUntilLocal:
		return wall.After(r.until)
	case scheduleUntilUTC:
		return start.After(r.until)
	}
	return false
}

// resolve fills in what the rule leaves to the date of its start, which is a
// floating midnight.
func (r *scheduleRule) resolve(first time.Time) *scheduleRule {
	c := *r
	weekday := []scheduleWeekday{{day: (int(first.Weekday()) + 6) % 7}}
	switch {
	case len(c.weekdays)+len(c.monthDays)+len(c.yearDays) > 0:
	case c.freq == rrule.WEEKLY, len(c.weekNos) > 0:
		c.weekdays = weekday
	case c.freq == rrule.YEARLY && len(c.months) == 0:
		c.months, c.monthDays = []int{int(first.Month())}, []int{first.Day()}
	case c.freq == rrule.YEARLY, c.freq == rrule.MONTHLY:
		c.monthDays = []int{first.Day()}
	}
	return &c
}

const (
	// The calendar repeats every 400 years: 146097 days are whole weeks.
	// rrule-go can't be stopped while it finds nothing, but gives up after the
	// year 9999. Computing this many years later makes it give up after
	// scheduleHorizon: in milliseconds for rules that never match.
	scheduleShift   = 19 * 400
	scheduleHorizon = rrule.MAXYEAR - scheduleShift
)

// dates gives the floating dates of a resolved rule in order, to the horizon;
// COUNT and UNTIL are left to the caller. first is the date of the start. The
// sequence may begin before first, and may leave out what lies before skipTo.
func (r *scheduleRule) dates(first, skipTo time.Time) func() (time.Time, bool) {
	// The library starts at the beginning of a period that the rule's interval
	// meets: that keeps BYSETPOS right in the first week, and makes the way
	// from a start long ago short.
	skip := func(periods int) int { return max(0, periods/r.interval*r.interval) }
	daysBetween := func(a, b time.Time) int { return int((b.Unix() - a.Unix()) / 86400) }
	var begin time.Time
	switch r.freq {
	case rrule.DAILY:
		begin = first.AddDate(0, 0, skip(daysBetween(first, skipTo)))
	case rrule.WEEKLY:
		weekday := (int(first.Weekday()) + 6) % 7
		begin = first.AddDate(0, 0, -((weekday - r.weekStart + 7) % 7))
		begin = begin.AddDate(0, 0, 7*skip(daysBetween(begin, skipTo)/7))
	case rrule.MONTHLY:
		months := 12*(skipTo.Year()-first.Year()) + int(skipTo.Month()-first.Month())
		begin = time.Date(first.Year(), first.Month()+time.Month(skip(months)), 1, 0, 0, 0, 0, time.UTC)
	default:
		begin = time.Date(first.Year()+skip(skipTo.Year()-first.Year()), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	days := []rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}
	// BYDAY=MO,1FR means either; the library asks for both at once. So where
	// one day has a number, a plain day becomes all its numbers.
	numbered := slices.ContainsFunc(r.weekdays, func(d scheduleWeekday) bool { return d.nth != 0 })
	most := 5
	if r.freq == rrule.YEARLY && len(r.months) == 0 {
		most = 53
	}
	var weekdays []rrule.Weekday
	for _, d := range r.weekdays {
		if d.nth != 0 || !numbered {
			weekdays = append(weekdays, days[d.day].Nth(d.nth))
			continue
		}
		for n := 1; n <= most; n++ {
			weekdays = append(weekdays, days[d.day].Nth(n))
		}
	}
	rule, err := rrule.NewRRule(rrule.ROption{
		Freq:     r.freq,
		Dtstart:  begin.AddDate(scheduleShift, 0, 0),
		Interval: r.interval,
		Wkst:     days[r.weekStart],
		// Without UNTIL the library ends after 290 years.
		Until:      time.Date(rrule.MAXYEAR, 12, 31, 0, 0, 0, 0, time.UTC),
		Bymonth:    r.months,
		Byweekno:   r.weekNos,
		Byyearday:  r.yearDays,
		Bymonthday: r.monthDays,
		Byweekday:  weekdays,
		Bysetpos:   r.setPos,
	})
	if err != nil {
		return func() (time.Time, bool) { return time.Time{}, false }
	}
	next := rule.Iterator()
	return func() (time.Time, bool) {
		t, ok := next()
		return t.AddDate(-scheduleShift, 0, 0), ok
	}
}

// StartIn is Start on the wall clock of the schedule's zone.
func (s *Schedule) StartIn() time.Time { return inZone(s.Start, s.TimeZone) }

// EndIn is End on the wall clock of the schedule's zone; for all-day dates never nil.
func (s *Schedule) EndIn() *time.Time {
	if s.End == nil {
		if loc, problem := loadScheduleZone(s.TimeZone); s.AllDay && problem == nil {
			end := inZone(scheduleInstant(scheduleDate(s.Start, loc).AddDate(0, 0, 1), loc), s.TimeZone)
			return &end
		}
		return nil
	}
	end := inZone(*s.End, s.TimeZone)
	return &end
}

// ExcludeIn is Exclude on the wall clock of the schedule's zone, never nil.
func (s *Schedule) ExcludeIn() []time.Time { return s.inZone(s.Exclude) }

// IncludeIn is Include on the wall clock of the schedule's zone, never nil.
func (s *Schedule) IncludeIn() []time.Time { return s.inZone(s.Include) }

func (s *Schedule) inZone(dates []time.Time) []time.Time {
	out := make([]time.Time, len(dates))
	for i, d := range dates {
		out[i] = inZone(d, s.TimeZone)
	}
	return out
}

// Gives tells whether the schedule itself gives a date at the instant, for all-day dates on its day, and gives the date's Original as Span has it.
func (s *Schedule) Gives(at time.Time) (original time.Time, given bool, err error) {
	series, problems := s.series()
	if len(problems) > 0 {
		return at, false, fmt.Errorf("schedule: %s: %s", strings.Join(problems[0].Path, "."), problems[0].Message)
	}
	original = at.UTC().Truncate(time.Second)
	if s.AllDay {
		original = scheduleInstant(scheduleDate(at, series.loc), series.loc)
	}
	gives := func(at time.Time) bool {
		return slices.ContainsFunc(series.expand(at, at.Add(time.Second), ScheduleMaxSpans, series.exclude), func(span Span) bool { return span.Original.Equal(at) })
	}
	if given = gives(original); !given && !s.AllDay {
		if first := series.firstReading(original); gives(first) {
			return first, true, nil
		}
	}
	return original, given, nil
}

// Dates gives up to first starts from an instant on, from the schedule's own when from is nil, on the wall clock of its zone; none for a schedule that Validate refuses.
func (s *Schedule) Dates(from *time.Time, first *int) ([]time.Time, error) {
	begin, n := s.Start, 12
	if from != nil {
		begin = *from
	}
	if first != nil {
		n = *first
	}
	if n < 0 || n > 100 {
		return nil, BadInput("first", "first must lie between 0 and 100.")
	}
	starts := []time.Time{}
	if n == 0 {
		return starts, nil
	}
	spans, err := s.Expand(begin, begin.AddDate(10, 0, 0), n+1)
	if err != nil {
		return nil, err
	}
	for _, span := range spans {
		if !span.Start.Before(begin) && len(starts) < n {
			starts = append(starts, inZone(span.Start, s.TimeZone))
		}
	}
	return starts, nil
}
