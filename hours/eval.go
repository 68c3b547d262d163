package hours

import "time"

// At tells what is known about the moment t. The value is read in the wall time
// of t.Location(), which has to be the zone of the place; a minute that the
// clock shows twice has the same state both times.
func (h *Hours) At(t time.Time, p Place) (State, string) {
	w := newWalk(h, p, t.Location())
	s, _ := w.at(t)
	return s.state, s.comment
}

// NextChange gives the first moment after the given one at which the state is
// another (comments alone do not count), looking MaxDays days ahead; false when
// it stays the same so long. Zone as for At; the answer is in the same location.
func (h *Hours) NextChange(after time.Time, p Place) (time.Time, bool) {
	w := newWalk(h, p, after.Location())
	limit := after.AddDate(0, 0, MaxDays)
	now, t := w.at(after)
	for t.Before(limit) {
		next, end := w.at(t)
		if next.state != now.state {
			return t, true
		}
		t = end
	}
	return time.Time{}, false
}

// Intervals covers [from, to) without gaps, closed stretches included; neighbours
// differ in state or comment. It reaches MaxDays days and MaxIntervals intervals
// at most and ends early beyond. Zone: from.Location(), as for At.
func (h *Hours) Intervals(from, to time.Time, p Place) []Interval {
	w := newWalk(h, p, from.Location())
	if limit := from.AddDate(0, 0, MaxDays); to.After(limit) {
		to = limit
	}
	var list []Interval
	for t := from; t.Before(to); {
		s, end := w.at(t)
		if end.After(to) {
			end = to
		}
		if n := len(list); n > 0 && list[n-1].State == s.state && list[n-1].Comment == s.comment {
			list[n-1].End = end
		} else if n == MaxIntervals {
			break
		} else {
			list = append(list, Interval{t, end, s.state, s.comment})
		}
		t = end
	}
	return list
}

// facts are things about a day that may be unknown. Where the outcome depends
// on one, the day is evaluated for each answer and is Unknown where they differ.
type facts uint8

const (
	publicHoliday facts = 1 << iota
	schoolHoliday
	warmSeason
	coldSeason
	allFacts = 1<<iota - 1
)

// walk evaluates neighbouring days, keeping what it found out about them.
type walk struct {
	h     *Hours
	p     Place
	loc   *time.Location
	area  string
	years [2]yearHolidays

	matched [2][allFacts + 1]matches // by day and assumed facts
	sun     [2]sunDay

	states [256]State // of the codes of a grid
	sunny  bool       // days with the same rules differ by the sun

	loaded   bool
	today    int // of segments
	segments []segment
	memo     map[string][]segment // by the rules in effect
	key      []byte
	answers  []facts
}

// segment is a stretch of a day up to the minute end.
type segment struct {
	end     int
	state   State
	comment string
}

// matches are the rules in effect on a day before their times are looked at.
type matches struct {
	valid   bool
	day     int
	rules   []uint8
	cleared int   // the last rule that replaced those before it
	asked   facts // unknown facts that mattered
}

type yearHolidays struct {
	year int
	list []holidayOf
}

type sunDay struct {
	valid   bool
	day     int
	known   bool
	minutes [dusk + 1]int // wall time
}

func newWalk(h *Hours, p Place, loc *time.Location) *walk {
	area := p.AGS
	if area == "" {
		area = p.State
	}
	return &walk{
		h: h, p: p, loc: loc, area: area, states: h.states(), memo: map[string][]segment{},
		sunny: p.located() && h.asksSun(),
	}
}

// at gives the segment at t and the moment when it ends or the zone's offset
// changes. Seconds within a minute do not matter: every segment ends on one.
func (w *walk) at(t time.Time) (segment, time.Time) {
	t = t.In(w.loc)
	y, m, d := t.Date()
	hour, minute, second := t.Clock()
	w.load(dayNumber(y, m, d))
	wall := hour*60 + minute
	i := 0
	for w.segments[i].end <= wall {
		i++
	}
	s := w.segments[i]
	end := t.Add(time.Duration(s.end-wall)*time.Minute - time.Duration(second)*time.Second - time.Duration(t.Nanosecond()))
	// Beyond the years of its table the zone may say that a period ends at its own beginning.
	if _, change := t.ZoneBounds(); change.After(t) && change.Before(end) {
		end = change.In(w.loc)
	}
	return s, end
}

// grid holds for each minute of a day what is painted there: 0 = nothing,
// 2i+1 = rule i, 2i+2 = the guessed open end of rule i, unsure = the outcome
// depends on an unknown fact.
type grid [1440]uint8

const unsure = 255

// load makes the segments of a day.
func (w *walk) load(day int) {
	if w.loaded && w.today == day {
		return
	}
	w.loaded, w.today = true, day

	// the rules in effect, under each answer to the questions that they raise;
	// days with the same rules look the same unless the sun is asked
	w.key, w.answers = w.key[:0], w.answers[:0]
	asked := facts(0)
	for a := facts(0); a <= asked; a++ {
		if a&^asked != 0 {
			continue // answers to questions that nobody asked
		}
		before, today := w.match(day-1, a), w.match(day, a)
		asked |= before.asked | today.asked
		w.answers = append(w.answers, a)
		w.key = w.appendKey(w.key, before, today)
	}
	if known, ok := w.memo[string(w.key)]; ok && !w.sunny {
		w.segments = known
		return
	}
	var g grid
	for i, a := range w.answers {
		if i == 0 {
			w.paint(day, a, &g)
			continue
		}
		var other grid
		w.paint(day, a, &other)
		if g == other {
			continue
		}
		for m := range g {
			if g[m] != other[m] && w.states[g[m]] != w.states[other[m]] {
				g[m] = unsure
			}
		}
	}
	w.segments = nil
	for i := 1; i <= len(g); i++ {
		if i == len(g) || g[i] != g[i-1] {
			s := segment{end: i, state: w.states[g[i-1]]}
			if c := g[i-1]; c != 0 && c != unsure {
				s.comment = w.h.rules[(c-1)/2].comment
			}
			w.segments = append(w.segments, s)
		}
	}
	w.memo[string(w.key)] = w.segments
}

// appendKey adds what paint goes by: the rules that reach into the day from the
// day before, and those of the day.
func (w *walk) appendKey(key []byte, before, today *matches) []byte {
	for _, n := range before.rules {
		if w.h.rules[n].spills && int(n) >= today.cleared {
			key = append(key, n)
		}
	}
	key = append(key, unsure)
	key = append(key, today.rules...)
	return append(key, unsure)
}

// states gives what each code of a grid stands for.
func (h *Hours) states() (table [256]State) {
	table[unsure] = Unknown
	for i := range h.rules {
		s := h.rules[i].state
		table[2*i+1] = s
		if s == Open {
			s = Unknown
		}
		table[2*i+2] = s
	}
	return table
}

// located tells whether the place has coordinates.
func (p *Place) located() bool { return p.Longitude != 0 || p.Latitude != 0 }

// asksSun tells whether any time of the value goes by the sun.
func (h *Hours) asksSun() bool {
	for i := range h.rules {
		for _, s := range h.rules[i].times {
			if s.asksSun() {
				return true
			}
		}
	}
	return false
}

// paint fills the grid of a day under assumed facts.
func (w *walk) paint(day int, assumed facts, g *grid) {
	before, today := w.match(day-1, assumed), w.match(day, assumed)
	i, j := 0, 0
	for i < len(before.rules) || j < len(today.rules) {
		// a night that reaches into this day stands before its rule's own day
		if j == len(today.rules) || i < len(before.rules) && before.rules[i] <= today.rules[j] {
			if n := before.rules[i]; w.h.rules[n].spills && int(n) >= today.cleared {
				w.paintRule(int(n), day-1, -1440, g)
			}
			i++
			continue
		}
		w.paintRule(int(today.rules[j]), day, 0, g)
		j++
	}
}

// paintRule paints the times of a rule on a day, shifted by minutes.
func (w *walk) paintRule(n, day, shift int, g *grid) {
	r := &w.h.rules[n]
	code := uint8(2*n + 1)
	if len(r.times) == 0 {
		w.fill(g, shift, shift+1440, code, r.sep)
		return
	}
	for _, s := range r.times {
		from, to, known := w.bounds(s, day)
		if !known {
			w.fill(g, shift, shift+1440, unsure, r.sep)
			continue
		}
		switch {
		case s.every > 0:
			for m := from; m <= to; m += s.every {
				w.fill(g, m+shift, m+shift+1, code, r.sep)
			}
		case s.openEnd:
			if s.ranged {
				w.fill(g, from+shift, to+shift, code, r.sep)
				from = to
			}
			w.fill(g, from+shift, openEndAfter(from)+shift, code+1, r.sep)
		case !s.ranged: // a point in time lasts a minute
			w.fill(g, from+shift, from+shift+1, code, r.sep)
		default:
			w.fill(g, from+shift, to+shift, code, r.sep)
		}
	}
}

// fill paints minutes; a fallback paints only what is closed.
func (w *walk) fill(g *grid, from, to int, code uint8, sep separator) {
	from, to = max(from, 0), min(to, len(g))
	if from >= to {
		return
	}
	part := g[from:to]
	if sep == fallback {
		for m, c := range part {
			if w.states[c] == Closed {
				part[m] = code
			}
		}
		return
	}
	part[0] = code
	for done := 1; done < len(part); done *= 2 {
		copy(part[done:], part[:done])
	}
}

// bounds gives a span in minutes of a day; known is false when it needs the sun
// and the place or the sun does not say.
func (w *walk) bounds(s span, day int) (from, to int, known bool) {
	if !s.asksSun() {
		from, to = s.bounds()
		return from, to, true
	}
	sun := w.sunOf(day)
	if !sun.known {
		return 0, 0, false
	}
	resolve := func(m moment) int {
		if m.event == noEvent {
			return m.minutes
		}
		return min(max(sun.minutes[m.event]+m.minutes, 0), 2880)
	}
	from, to = resolve(s.from), resolve(s.to)
	if s.ranged && to <= from {
		// "sunset-02:00" ends on the next day; "19:00-sunset" in winter never begins
		if evening(s.from) && !evening(s.to) {
			to += 1440
		} else {
			to = from
		}
	}
	return from, to, true
}

// evening tells whether a moment belongs to the second half of the day.
func evening(m moment) bool { return m.event >= sunset || m.event == noEvent && m.minutes >= 720 }

// sunOf gives the sun times of a day in wall time.
func (w *walk) sunOf(day int) *sunDay {
	s := &w.sun[day&1]
	if s.valid && s.day == day {
		return s
	}
	*s = sunDay{valid: true, day: day}
	if !w.p.located() {
		return s
	}
	utc, ok := sunTimes(day, w.p.Longitude, w.p.Latitude)
	s.known = ok
	for e := dawn; e <= dusk; e++ {
		t := time.Unix(int64(day)*86400+int64(utc[e])*60, 0).In(w.loc)
		s.minutes[e] = t.Hour()*60 + t.Minute()
	}
	return s
}

// match finds the rules in effect on a day under assumed facts.
func (w *walk) match(day int, assumed facts) *matches {
	m := &w.matched[day&1][assumed]
	if m.valid && m.day == day {
		return m
	}
	*m = matches{valid: true, day: day, rules: m.rules[:0], cleared: -1}
	c := civilOf(day)
	k := matcher{walk: w, civil: c, assumed: assumed}
	for i := range w.h.rules {
		r := &w.h.rules[i]
		if !k.rule(r) {
			continue
		}
		if r.clears() {
			m.rules, m.cleared = m.rules[:0], i
		}
		m.rules = append(m.rules, uint8(i))
	}
	m.asked = k.asked
	return m
}
