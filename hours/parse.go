package hours

import (
	"fmt"
	"time"
)

// Parse reads a value of opening_hours. It accepts the grammar of the
// specification and the spellings that tolerate knows. The error is always an
// *Error with the place and a stable Code. Values longer than MaxBytes or with
// more than MaxRules rules are refused.
func Parse(s string) (*Hours, error) {
	if len(s) > MaxBytes {
		return nil, &Error{CodeTooLong, MaxBytes, fmt.Sprintf("the value is longer than %d bytes", MaxBytes)}
	}
	toks, err := scan(s)
	if err != nil {
		return nil, err
	}
	if isSurveyDate(toks) {
		return nil, &Error{CodeBareDate, 0, "a date alone says no hours"}
	}
	p := parser{toks: tolerate(s, toks)}
	if err := p.value(); err != nil {
		return nil, err
	}
	h := &Hours{rules: p.rules}
	// written out, a short list ("2026 Jan 1,2,3") grows, by less than eight times
	if len(s) > MaxBytes/8 && len(h.String()) > MaxBytes {
		return nil, &Error{CodeTooLong, len(s), fmt.Sprintf("the value is longer than %d bytes when written out", MaxBytes)}
	}
	return h, nil
}

// isSurveyDate tells whether the value is nothing but an ISO date: when somebody
// last looked at the hours, not the hours.
func isSurveyDate(t []token) bool {
	return len(t) == 6 && len(t[0].text) == 4 && t[1].is("-") && t[2].kind == number && t[3].is("-") && t[4].kind == number
}

// parser reads the strict grammar from canonical tokens.
type parser struct {
	toks   []token
	i      int
	rules  []rule
	points int // points in time of all rules
	sun    int // their times by the sun
}

// Bounds of what a value may ask of each day.
const (
	maxPoints = 500 // points in time
	maxSun    = 6   // times by the sun
)

func (p *parser) peek() token       { return p.toks[p.i] }
func (p *parser) ahead(n int) token { return p.toks[min(p.i+n, len(p.toks)-1)] }

func (p *parser) accept(sign string) bool {
	if p.peek().is(sign) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expect(sign string) error {
	if !p.accept(sign) {
		return p.fail(CodeSyntax, fmt.Sprintf("%q expected", sign))
	}
	return nil
}

func (p *parser) fail(c Code, text string) error { return &Error{c, p.peek().pos, text} }

// unexpected refuses the next token.
func (p *parser) unexpected() error {
	switch t := p.peek(); t.kind {
	case end:
		return p.fail(CodeSyntax, "the value ends too early")
	case word:
		if canonical(lower(t.text)) == "" {
			return p.fail(CodeWord, fmt.Sprintf("the word %q is not known", t.text))
		}
		return p.fail(CodeSyntax, fmt.Sprintf("%q makes no sense here", t.text))
	case comment:
		return p.fail(CodeSyntax, "a comment makes no sense here")
	default:
		return p.fail(CodeSyntax, fmt.Sprintf("%q makes no sense here", t.text))
	}
}

func (p *parser) value() error {
	if p.peek().kind == end {
		return p.fail(CodeEmpty, "the value is empty")
	}
	sep := normal
	for {
		if len(p.rules) == MaxRules {
			return p.fail(CodeTooMany, fmt.Sprintf("more than %d rules", MaxRules))
		}
		r := rule{sep: sep}
		if err := p.rule(&r); err != nil {
			return err
		}
		if len(p.rules) == 0 {
			r.sep = normal // nothing to add to or to fall back from
		}
		p.rules = append(p.rules, r)
		switch {
		case p.peek().kind == end:
			return nil
		case p.accept(";"):
			sep = normal
		case p.accept(",") || p.startsRule(&r):
			sep = additional
		case p.accept("||"):
			sep = fallback
		default:
			return p.unexpected()
		}
	}
}

// startsRule tells whether days follow the times of r, so that a separator was
// forgotten: "Mo-Fr 8:00-18:00 Sa 9:00-12:00".
func (p *parser) startsRule(r *rule) bool {
	t := p.peek()
	return len(r.times) > 0 && r.hasDates() && t.kind == word && (isDay(t.text) || isMonth(t.text))
}

// rule reads selectors, each kind at most once, and the modifier.
func (p *parser) rule(r *rule) error {
	start := p.i
	var always, explicit, conditional bool
	for {
		t := p.peek()
		switch {
		case t.kind == comment:
			p.i++
			if p.accept(":") {
				conditional = true
			}
			if !explicit {
				r.state = Unknown
			}
			if t.text != "" && r.comment != "" {
				t.text = r.comment + "; " + t.text
			}
			if t.text != "" {
				r.comment = t.text
			}
			continue
		case p.isState(t):
			if explicit {
				return p.fail(CodeRepeat, "a second open, off or unknown in one rule")
			}
			p.i++
			explicit = true
			r.state = stateOf(t.text)
			continue
		case p.startsRule(r):
			// the separator is missing; value goes on
		case p.isYear():
			if len(r.years)+len(r.dates) > 0 || r.hasDates() {
				return p.fail(CodeRepeat, "the year has to come first and once")
			}
			if err := p.years(r); err != nil {
				return err
			}
			continue
		case p.isDate():
			if len(r.dates) > 0 {
				return p.fail(CodeRepeat, "a second list of dates in one rule")
			}
			if err := p.dates(r); err != nil {
				return err
			}
			continue
		case t.kind == word && t.text == "week":
			if len(r.weeks) > 0 {
				return p.fail(CodeRepeat, "a second list of weeks in one rule")
			}
			if err := p.weeks(r); err != nil {
				return err
			}
			continue
		case t.kind == word && isDay(t.text):
			if err := p.days(&r.days); err != nil {
				return err
			}
			continue
		case t.kind == word && t.text == "24/7":
			if always || r.hasDates() || len(r.times) > 0 {
				return p.fail(CodeRepeat, "24/7 stands with other days or times")
			}
			p.i++
			always = true
			continue
		case p.isTime(0):
			if always || len(r.times) > 0 {
				return p.fail(CodeRepeat, "a second list of times in one rule")
			}
			if err := p.times(r); err != nil {
				return err
			}
			continue
		case t.is(":") && r.hasDates() && len(r.times) == 0:
			p.i++ // a separator for readability
			continue
		}
		break
	}
	if p.i == start {
		return p.unexpected()
	}
	if !explicit && r.state == Closed {
		r.state = Open
	}
	if conditional && r.state == Open {
		r.state = Unknown
	}
	r.finish()
	return nil
}

func (p *parser) isState(t token) bool {
	return t.kind == word && (t.text == "off" || t.text == "closed" || t.text == "open" || t.text == "unknown")
}

func stateOf(w string) State {
	switch w {
	case "open":
		return Open
	case "unknown":
		return Unknown
	}
	return Closed
}

// finish binds a year to the dates that follow it and notes what evaluation asks.
func (r *rule) finish() {
	if len(r.years) == 1 && len(r.dates) > 0 && r.years[0].to == 0 {
		r.dates[0].from.year = r.years[0].from
		r.years = nil
	}
	carry := 0
	for i := range r.dates {
		d := &r.dates[i]
		if d.from.year == 0 {
			d.from.year = carry
		}
		carry = max(d.from.year, d.to.year)
	}
	for _, s := range r.times {
		r.spills = r.spills || s.maySpill()
	}
}

// isYear tells whether a year comes next.
func (p *parser) isYear() bool {
	t := p.peek()
	return t.kind == number && t.n >= minYear && len(t.text) == 4 && !p.isClock(0)
}

func (p *parser) years(r *rule) error {
	for {
		y := yearRange{from: p.peek().n}
		p.i++
		switch {
		case p.accept("+"):
			y.to = maxYear
		case p.accept("-"):
			if !p.isYear() || p.peek().n < y.from {
				return p.fail(CodeDate, "a later year expected")
			}
			y.to = p.peek().n
			p.i++
		case p.peek().is("/"):
			y.to = maxYear
		}
		if p.accept("/") {
			n, err := p.count(CodeDate, 1, 1000)
			if err != nil {
				return err
			}
			y.step = n
		}
		r.years = append(r.years, y)
		if !p.peek().is(",") {
			return nil
		}
		p.i++
		if !p.isYear() {
			p.i--
			return nil
		}
	}
}

// count reads a number from lo to hi.
func (p *parser) count(c Code, lo, hi int) (int, error) {
	t := p.peek()
	if t.kind != number {
		return 0, p.unexpected()
	}
	if t.n < lo || t.n > hi {
		return 0, p.fail(c, fmt.Sprintf("a number from %d to %d expected", lo, hi))
	}
	p.i++
	return t.n, nil
}

// isDate tells whether a month, Easter or a season comes next.
func (p *parser) isDate() bool {
	t := p.peek()
	return t.kind == word && (isMonth(t.text) || t.text == "easter" || seasonOf(t.text) != noSeason)
}

func seasonOf(w string) season {
	switch w {
	case "spring":
		return spring
	case "summer":
		return summer
	case "autumn":
		return autumn
	case "winter":
		return winter
	}
	return noSeason
}

func (p *parser) dates(r *rule) error {
	var last date // whose month a bare day takes
	for {
		d := dateRange{}
		if p.isYear() {
			d.from.year = p.peek().n
			p.i++
		}
		switch {
		case p.isDate():
			if err := p.date(&d.from, false); err != nil {
				return err
			}
		case p.isDayNumber() && last.day > 0: // "Jan 1,3,5"
			d.from.month = last.month
			if err := p.dayOfMonth(&d.from); err != nil {
				return err
			}
		default:
			return p.unexpected()
		}
		switch {
		case p.accept("+"):
			d.onward = true
		case p.accept("-"):
			d.ranged = true
			if p.isYear() {
				d.to.year = p.peek().n
				p.i++
			}
			switch {
			case p.isDate() && d.from.season == noSeason:
				wholeMonth := d.from.day == 0 && d.from.nth == 0 && !d.from.easter
				if err := p.date(&d.to, !wholeMonth); err != nil {
					return err
				}
				if d.to.season != noSeason {
					return p.fail(CodeDate, "seasons make no range with dates")
				}
			case p.isDayNumber() && d.from.day > 0 && d.to.year == 0:
				d.to.month = d.from.month
				at := p.peek()
				if err := p.dayOfMonth(&d.to); err != nil {
					return err
				}
				if d.to.day < d.from.day {
					return &Error{CodeDate, at.pos, "the range ends before it starts"}
				}
			default:
				return p.unexpected()
			}
			if d.to.year != 0 && (d.from.year != 0 && d.to.year < d.from.year || d.from.year == 0 && len(r.years) == 0) {
				return p.fail(CodeDate, "the years of the range do not fit")
			}
		}
		r.dates = append(r.dates, d)
		last = d.from
		if d.ranged {
			last = d.to
		}
		next := p.ahead(1)
		more := next.kind == word && (isMonth(next.text) || next.text == "easter" || seasonOf(next.text) != noSeason) ||
			next.kind == number && (last.day > 0 && next.n <= 31 || next.n >= minYear && p.ahead(2).kind == word &&
				(isMonth(p.ahead(2).text) || p.ahead(2).text == "easter")) && !p.isClock(1)
		if !p.peek().is(",") || !more {
			return nil
		}
		p.i++
	}
}

// isDayNumber tells whether a day of the month, not a time, comes next.
func (p *parser) isDayNumber() bool {
	t := p.peek()
	return t.kind == number && t.n < minYear && !p.isClock(0)
}

func (p *parser) dayOfMonth(d *date) error {
	n, err := p.count(CodeDate, 1, daysIn(2024, int(d.month)))
	d.day = n
	return err
}

// date reads "Dec 24", "Dec", "Dec Su[-1]", "easter" or a season, and offsets.
// endsRange says that the range it ends began with a day, not with a month.
func (p *parser) date(d *date, endsRange bool) error {
	t := p.peek()
	p.i++
	switch {
	case t.text == "easter":
		d.easter = true
	case seasonOf(t.text) != noSeason:
		d.season = seasonOf(t.text)
		return nil
	default:
		d.month = time.Month(monthOf(t.text))
		if p.isDayNumber() {
			if err := p.dayOfMonth(d); err != nil {
				return err
			}
		} else if !p.nthOfMonth(d, endsRange) {
			return nil // whole months know no offset
		}
	}
	var err error
	if s := p.peek(); (s.is("+") || s.is("-")) && p.ahead(1).kind == word && weekdayOf(p.ahead(1).text) >= 0 && !p.ahead(2).is("[") {
		d.shift = weekdayOf(p.ahead(1).text) + 1
		if s.is("-") {
			d.shift = -d.shift
		}
		p.i += 2
	}
	d.offset, err = p.offset()
	return err
}

// nthOfMonth reads "Su[-1]" after a month when it makes a date: the end of a
// range, or the start of one, or with an offset. Elsewhere it is a weekday.
func (p *parser) nthOfMonth(d *date, endsRange bool) bool {
	at := p.i
	wd, n, ok := p.weekdayNth()
	if !ok {
		p.i = at
		return false
	}
	next := p.peek()
	toDate := next.is("-") && p.ahead(1).kind == word && (isMonth(p.ahead(1).text) || p.ahead(1).text == "easter")
	withOffset := (next.is("+") || next.is("-")) && p.ahead(1).kind == number && p.ahead(2).kind == word
	if !toDate && !withOffset && !endsRange {
		p.i = at
		return false
	}
	d.weekday, d.nth = wd, n
	return true
}

// weekdayNth reads a weekday with a single nth.
func (p *parser) weekdayNth() (weekday, n int, ok bool) {
	t := p.peek()
	if t.kind != word || weekdayOf(t.text) < 0 || !p.ahead(1).is("[") {
		return 0, 0, false
	}
	p.i += 2
	negative := p.accept("-")
	n = p.peek().n
	if p.peek().kind != number || n < 1 || n > 5 || !p.ahead(1).is("]") {
		return 0, 0, false
	}
	p.i += 2
	if negative {
		n = -n
	}
	return weekdayOf(t.text), n, true
}

// maxOffset bounds offsets in days.
const maxOffset = 366

// offset reads "+2 days" or nothing.
func (p *parser) offset() (int, error) {
	s := p.peek()
	if !(s.is("+") || s.is("-")) || p.ahead(1).kind != number || p.ahead(2).kind != word || p.ahead(2).text != "day" {
		return 0, nil
	}
	p.i++
	n, err := p.count(CodeOffset, 0, maxOffset)
	if err != nil {
		return 0, err
	}
	p.i++
	if s.is("-") {
		n = -n
	}
	return n, nil
}

func (p *parser) weeks(r *rule) error {
	p.i++
	for {
		var w weekRange
		var err error
		if w.from, err = p.count(CodeDate, 1, 53); err != nil {
			return err
		}
		w.to = w.from
		if p.accept("-") {
			if w.to, err = p.count(CodeDate, 1, 53); err != nil {
				return err
			}
			if p.accept("/") {
				if w.step, err = p.count(CodeDate, 1, 53); err != nil {
					return err
				}
			}
		}
		r.weeks = append(r.weeks, w)
		if !p.peek().is(",") || p.ahead(1).kind != number || p.isClock(1) {
			return nil
		}
		p.i++
	}
}

// days reads a list of weekdays and holidays. A list of the one kind beside
// one of the other, without a comma, makes their intersection.
func (p *parser) days(d *days) error {
	if d.both || len(d.weekdays) > 0 && len(d.holidays) > 0 {
		return p.fail(CodeRepeat, "a second list of days in one rule")
	}
	had := len(d.weekdays) + len(d.holidays)
	hadWeekdays := len(d.weekdays) > 0
	for {
		t := p.peek()
		if had > 0 && hadWeekdays == (weekdayOf(t.text) >= 0) {
			return p.fail(CodeRepeat, "a second list of days in one rule")
		}
		if weekdayOf(t.text) >= 0 {
			if err := p.weekday(d); err != nil {
				return err
			}
		} else {
			p.i++
			n, err := p.offset()
			if err != nil {
				return err
			}
			d.holidays = append(d.holidays, holidayRef{school: t.text == "SH", offset: n})
		}
		if next := p.ahead(1); !p.peek().is(",") || next.kind != word || !isDay(next.text) {
			break
		}
		// "PH off, Mo-Fr …": the comma after a complete rule separates rules
		p.i++
	}
	d.both = had > 0
	return nil
}

func (p *parser) weekday(d *days) error {
	w := weekdayRange{from: weekdayOf(p.peek().text)}
	w.to = w.from
	p.i++
	var err error
	switch next := p.ahead(1); {
	case p.peek().is("-") && next.kind == word && weekdayOf(next.text) >= 0:
		w.to = weekdayOf(next.text)
		p.i += 2
	case p.accept("["):
		if w.nth, err = p.nth(); err != nil {
			return err
		}
		w.offset, err = p.offset()
	}
	d.weekdays = append(d.weekdays, w)
	return err
}

// nth reads "1,3]", "1-2]" or "-1]".
func (p *parser) nth() (uint16, error) {
	var bits uint16
	for {
		negative := p.accept("-")
		lo, err := p.count(CodeDate, 1, 5)
		if err != nil {
			return 0, err
		}
		hi := lo
		if !negative && p.accept("-") {
			if hi, err = p.count(CodeDate, lo, 5); err != nil {
				return 0, err
			}
		}
		for n := lo; n <= hi; n++ {
			if negative {
				bits |= 1 << (7 + n)
			} else {
				bits |= 1 << (n - 1)
			}
		}
		if !p.accept(",") {
			return bits, p.expect("]")
		}
	}
}

// isTime tells whether a time comes n tokens ahead.
func (p *parser) isTime(n int) bool {
	t := p.ahead(n)
	return p.isClock(n) || t.is("(") || t.kind == word && isEvent(t.text)
}

// isClock tells whether an h:mm stands n tokens ahead. In "Oct 29: 10:00" the
// 29 begins none: its colon only separates.
func (p *parser) isClock(n int) bool {
	return p.ahead(n).kind == number && p.ahead(n+1).is(":") && p.ahead(n+2).kind == number && !p.ahead(n+3).is(":")
}

func (p *parser) times(r *rule) error {
	for {
		s, err := p.span()
		if err != nil {
			return err
		}
		r.times = append(r.times, s)
		if !p.peek().is(",") || !p.isTime(1) {
			return nil
		}
		p.i++
	}
}

func (p *parser) span() (span, error) {
	var s span
	var err error
	if s.from, err = p.moment(1439, "a time range starts on its own day, so before 24:00"); err != nil {
		return s, err
	}
	if p.accept("-") {
		s.ranged = true
		if s.to, err = p.moment(2880, "a time range ends at 48:00 at the latest"); err != nil {
			return s, err
		}
	}
	switch {
	case p.accept("+"):
		s.openEnd = true
	case s.ranged && p.accept("/"):
		if s.every, err = p.interval(); err != nil {
			return s, err
		}
		p.points += 1440 / s.every
	case !s.ranged:
		p.points++
	}
	if s.asksSun() {
		p.sun++
	}
	if p.points > maxPoints || p.sun > maxSun {
		return s, p.fail(CodeTooMany, fmt.Sprintf("more than %d points in time or %d times by the sun", maxPoints, maxSun))
	}
	return s, nil
}

// interval reads minutes or h:mm.
func (p *parser) interval() (int, error) {
	if p.ahead(1).is(":") {
		m, err := p.clock(1440, CodeInterval, "the repetition is longer than a day")
		if err == nil && m == 0 {
			err = p.fail(CodeInterval, "a repetition every 0 minutes")
		}
		return m, err
	}
	return p.count(CodeInterval, 1, 1440)
}

// moment reads h:mm up to limit minutes, a sun event, or "(sunset-00:30)".
func (p *parser) moment(limit int, late string) (moment, error) {
	t := p.peek()
	if t.kind == word && isEvent(t.text) {
		p.i++
		return moment{event: eventOf(t.text)}, nil
	}
	if !p.accept("(") {
		n, err := p.clock(limit, CodeTime, late)
		return moment{minutes: n}, err
	}
	e := p.peek()
	if e.kind != word || !isEvent(e.text) {
		return moment{}, p.unexpected()
	}
	p.i++
	m := moment{event: eventOf(e.text)}
	s := p.peek()
	if s.is("+") || s.is("-") {
		p.i++
		n, err := p.clock(1440, CodeTime, "the offset is longer than a day")
		if err != nil {
			return m, err
		}
		m.minutes = n
		if s.is("-") {
			m.minutes = -n
		}
	}
	return m, p.expect(")")
}

// clock reads h:mm. A single digit of minutes is allowed for 0 only: "20:5"
// could be 20:05 or 20:50.
func (p *parser) clock(limit int, c Code, late string) (int, error) {
	h, m := p.peek(), p.ahead(2)
	if h.kind != number || !p.ahead(1).is(":") || m.kind != number {
		return 0, p.unexpected()
	}
	if m.n > 59 || len(m.text) > 2 || len(m.text) == 1 && m.n != 0 {
		return 0, &Error{CodeTime, m.pos, "minutes go from 00 to 59"}
	}
	n := h.n*60 + m.n
	if h.n > 48 || n > limit {
		return 0, p.fail(c, late)
	}
	p.i += 3
	return n, nil
}
