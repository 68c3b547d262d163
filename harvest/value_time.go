package harvest

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"umland/ent"
)

// valueDay is a date of the calendar; the zero value is none.
type valueDay struct {
	year  int
	month time.Month
	day   int
}

func (d valueDay) at(minutes int, loc *time.Location) time.Time {
	return time.Date(d.year, d.month, d.day, 0, minutes, 0, 0, loc)
}

func (d valueDay) next() valueDay {
	y, m, day := time.Date(d.year, d.month, d.day+1, 0, 0, 0, 0, time.UTC).Date()
	return valueDay{y, m, day}
}

// valueWhen is what a text says of days and times of day.
type valueWhen struct {
	day, last valueDay       // the first and, where there are two, the last day
	from, to  int            // minutes of the day, to 1440; -1: not said
	zone      *time.Location // of times with an offset; nil: the feed's
	allDay    bool           // it says so
}

var errValueYear = errors.New("das Jahr fehlt")

// valueMonths are the months by their first letters, which tell them apart.
var valueMonths = map[string]time.Month{
	"januar": 1, "jänner": 1, "jan": 1, "january": 1, "februar": 2, "feber": 2, "feb": 2, "february": 2, "märz": 3, "maerz": 3, "mär": 3, "mrz": 3, "march": 3, "mar": 3,
	"april": 4, "apr": 4, "mai": 5, "may": 5, "juni": 6, "jun": 6, "june": 6, "juli": 7, "jul": 7, "july": 7, "august": 8, "aug": 8,
	"september": 9, "sept": 9, "sep": 9, "oktober": 10, "okt": 10, "october": 10, "oct": 10, "november": 11, "nov": 11,
	"dezember": 12, "dez": 12, "december": 12, "dec": 12,
}

// valueDateWords are words between dates and times that say nothing more.
var valueDateWords = map[string]bool{
	"mo": true, "di": true, "mi": true, "do": true, "fr": true, "sa": true, "so": true, "montag": true, "dienstag": true, "mittwoch": true,
	"donnerstag": true, "freitag": true, "samstag": true, "sonnabend": true, "sonntag": true, "mon": true, "tue": true, "wed": true, "thu": true,
	"fri": true, "sat": true, "sun": true, "von": true, "vom": true, "um": true, "ab": true, "am": true, "den": true, "der": true, "uhr": true, "h": true,
	"bis": true, "ca": true, "zum": true, "und": true, "beginn": true,
}

// valueParseWhen reads dates and times of day in the forms of German tables and of programs: 12.05.2026, 12.5.26, 12. Mai 2026, 12.–14.05.2026,
// 2026-05-12, 2026-05-12T19:00:00+02:00, 20260512, each with 19:00, 19 Uhr, 19.30 Uhr, 19:00 - 21:30 Uhr, or a time alone; and the serial numbers
// that spreadsheets have for days (46154,79) and times (0,79). Days before months, as everywhere but in America; 5/12/2026 is refused where it
// could be either.
func valueParseWhen(text string) (valueWhen, error) {
	w := valueWhen{from: -1, to: -1}
	s := valueLine(text)
	if len(s) > 100 {
		return w, fmt.Errorf("%s ist kein Datum", valueQuote(text))
	}
	if ok, err := w.program(s); ok || err != nil {
		return w, err
	}
	return w, w.words(s, text)
}

// program reads what programs write; ok is false when it is none of that.
func (w *valueWhen) program(s string) (ok bool, err error) {
	if len(s) == 8 && strings.Trim(s, "0123456789") == "" {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	if len(s) >= 10 && s[4] == '-' && s[7] == '-' {
		y, ok1 := valueInt(s[:4])
		m, ok2 := valueInt(s[5:7])
		d, ok3 := valueInt(s[8:10])
		if !ok1 || !ok2 || !ok3 {
			return false, nil
		}
		if w.day, err = valueMakeDay(y, m, d); err != nil {
			return false, err
		}
		if len(s) == 10 {
			return true, nil
		}
		if s[10] == 'T' || s[10] == ' ' && len(s) > 11 && s[11] >= '0' && s[11] <= '9' {
			rest := s[11:]
			for _, layout := range [...]string{"15:04:05.999999999Z07:00", "15:04:05.999999999Z0700", "15:04Z07:00", "15:04Z0700", "15:04:05.999999999", "15:04"} {
				if t, err := time.Parse(layout, strings.ReplaceAll(rest, " ", "")); err == nil {
					w.from = t.Hour()*60 + t.Minute()
					if strings.Contains(layout, "Z") {
						w.zone = t.Location()
					}
					return true, nil
				}
			}
		}
		w.day = valueDay{}
		return false, nil
	}
	if f, isNumber := valueNumber(s); isNumber && !strings.ContainsAny(s, " :-") {
		switch {
		case f > 0 && f < 1 && strings.ContainsAny(s, ",."):
			w.from = int(math.Round(f * 1440))
			return true, nil
		case f >= 20000 && f < 80000: // 1954 to 2119; day 1 is 1 January 1900, and 1900 has a 29 February
			day := time.Date(1899, 12, 30+int(f), 0, 0, 0, 0, time.UTC)
			w.day = valueDay{day.Year(), day.Month(), day.Day()}
			if minutes := int(math.Round((f - math.Floor(f)) * 1440)); minutes > 0 {
				w.from = minutes
			}
			return true, nil
		}
	}
	return false, nil
}

type valueToken struct {
	text   string
	number int // -1: a word or sign
}

func valueTokens(s string) []valueToken {
	var tokens []valueToken
	for i := 0; i < len(s); {
		c := rune(s[i])
		j := i + 1
		switch {
		case c == ' ' || c == ',' || c == '(' || c == ')' || c == ';' || c == '|':
			i++
			continue
		case c >= '0' && c <= '9':
			for j < len(s) && s[j] >= '0' && s[j] <= '9' {
				j++
			}
			n, err := strconv.Atoi(s[i:j])
			if err != nil || j-i > 6 {
				n = math.MaxInt32
			}
			tokens = append(tokens, valueToken{s[i:j], n})
			i = j
			continue
		}
		for k, r := range s[i:] {
			if !unicode.IsLetter(r) {
				break
			}
			j = i + k + len(string(r))
		}
		word := strings.ToLower(s[i:j])
		if c >= 0x80 && j == i+1 { // a sign beyond ASCII
			for k, r := range s[i:] {
				if k == 0 {
					j = i + len(string(r))
					word = s[i:j]
				}
			}
		}
		switch word {
		case "–", "—", "−", "‑":
			word = "-"
		}
		tokens = append(tokens, valueToken{word, -1})
		i = j
	}
	return tokens
}

// words reads what people write.
func (w *valueWhen) words(s, text string) error {
	tokens := valueTokens(s)
	is := func(i int, text string) bool { return i < len(tokens) && i >= 0 && tokens[i].text == text }
	num := func(i int) int {
		if i < len(tokens) {
			return tokens[i].number
		}
		return -1
	}
	no := fmt.Errorf("%s ist kein Datum", valueQuote(text))
	type part struct{ d, m, y int } // m and y are 0 where not said
	var days []part
	var times []int
	ranged := false // "-" or "bis" since the last date or time
	addTime := func(h, m int) error {
		if h > 24 || m > 59 || h == 24 && m > 0 || len(times) == 2 {
			return fmt.Errorf("%s ist keine Uhrzeit", valueQuote(text))
		}
		times = append(times, h*60+m)
		ranged = false
		return nil
	}
	addDay := func(p part) error {
		if len(days) == 2 || len(days) == 1 && !ranged {
			return no
		}
		days = append(days, p)
		ranged = false
		return nil
	}
	year := func(i int) (int, bool) {
		n := num(i)
		switch {
		case n < 0 || is(i+1, ":") || is(i+1, "uhr"):
			return 0, false
		case len(tokens[i].text) == 4:
			return n, true
		case len(tokens[i].text) == 2 && n >= 80:
			return 1900 + n, true
		case len(tokens[i].text) == 2:
			return 2000 + n, true
		}
		return 0, false
	}
	for i := 0; i < len(tokens); {
		t := tokens[i]
		var err error
		switch {
		case t.text == "-" || t.text == "bis":
			ranged = true
			i++
		case t.text == "ganztägig" || t.text == "ganztags":
			w.allDay = true
			i++
		case t.number < 0 && (valueDateWords[t.text] || t.text == "."):
			i++
		case t.number < 0:
			return no
		case is(i+1, ":") && num(i+2) >= 0: // 19:00, 19:00:00
			err = addTime(t.number, num(i+2))
			i += 3
			if is(i, ":") && num(i+1) >= 0 {
				i += 2
				if is(i, ".") && num(i+1) >= 0 && len(tokens[i+1].text) == 3 {
					i += 2
				}
			}
		case is(i+1, ".") && num(i+2) >= 0 && is(i+3, "."): // 12.5. and a year
			p := part{t.number, num(i + 2), 0}
			i += 4
			if y, ok := year(i); ok {
				p.y = y
				i++
			}
			err = addDay(p)
		case is(i+1, ".") && is(i+2, "-") && num(i+3) >= 0 && (is(i+4, ".") || valueMonths[wordAt(tokens, i+4)] > 0): // 12.-14.05.2026
			err = addDay(part{t.number, 0, 0})
			i += 2
		case is(i+1, ".") && valueMonths[wordAt(tokens, i+2)] > 0, valueMonths[wordAt(tokens, i+1)] > 0: // 12. Mai 2026
			k := i + 1
			if is(k, ".") {
				k++
			}
			p := part{t.number, int(valueMonths[tokens[k].text]), 0}
			i = k + 1
			if is(i, ".") {
				i++
			}
			if y, ok := year(i); ok {
				p.y = y
				i++
			}
			err = addDay(p)
		case is(i+1, "/") && num(i+2) >= 0 && is(i+3, "/") && num(i+4) >= 0: // 12/05/2026
			d, m := t.number, num(i+2)
			y, ok := year(i + 4)
			switch {
			case !ok:
				return no
			case d <= 12 && m <= 12 && d != m:
				return fmt.Errorf("%s kann Tag/Monat oder Monat/Tag heißen", valueQuote(text))
			case m > 12:
				d, m = m, d
			}
			err = addDay(part{d, m, y})
			i += 5
		case num(i+2) > 0 && num(i+4) > 0 && is(i+1, "-") && is(i+3, "-") && len(t.text) == 4: // 2026-05-12
			err = addDay(part{num(i + 4), num(i + 2), t.number})
			i += 5
			if is(i, "t") {
				i++
			}
		case is(i+1, ".") && num(i+2) >= 0 && len(tokens[i+2].text) == 2 && (len(days) > 0 || is(i+3, "uhr") || is(i+3, "-") || is(i+3, "bis") || len(times) > 0): // 19.30 Uhr
			err = addTime(t.number, num(i+2))
			i += 3
		case is(i+1, "uhr") || is(i+1, "h"):
			err = addTime(t.number, 0)
			i += 2
			if num(i) >= 0 && len(tokens[i].text) == 2 && !is(i+1, ".") && !is(i+1, "-") { // 19 Uhr 30
				times[len(times)-1] += min(num(i), 59)
				i++
			}
		case (is(i+1, "-") || is(i+1, "bis")) && num(i+2) >= 0 && (is(i+3, "uhr") || is(i+3, ".") && num(i+4) >= 0 && is(i+5, "uhr") || is(i+3, ":")): // 19-21 Uhr
			err = addTime(t.number, 0)
			i++
		case is(i+1, ".") && num(i+2) >= 0:
			return fmt.Errorf("%s: %w", valueQuote(text), errValueYear)
		default:
			return no
		}
		if err != nil {
			return err
		}
	}
	if len(days) == 2 {
		if days[0].m == 0 {
			days[0].m = days[1].m
		}
		if days[0].y == 0 {
			days[0].y = days[1].y
			if days[0].m > days[1].m {
				days[0].y--
			}
		}
	}
	for k, p := range days {
		if p.y == 0 {
			return fmt.Errorf("%s: %w", valueQuote(text), errValueYear)
		}
		day, err := valueMakeDay(p.y, p.m, p.d)
		if err != nil {
			return err
		}
		if k == 0 {
			w.day = day
		} else {
			w.last = day
		}
	}
	if len(times) > 0 {
		w.from = times[0]
	}
	if len(times) > 1 {
		w.to = times[1]
	}
	if len(days)+len(times) == 0 && !w.allDay {
		return no
	}
	return nil
}

func wordAt(tokens []valueToken, i int) string {
	if i >= len(tokens) {
		return ""
	}
	return tokens[i].text
}

// valueNoYear matches a date with its weekday: "Sa, 5.12.", "Samstag, den 5. Dezember".
var valueNoYear = regexp.MustCompile(`^(?i)(mo|di|mi|do|fr|sa|so)[a-z]*[.,]*\s+(?:den\s+)?(\d{1,2})\.\s*(?:(\d{1,2})\.|(\pL{3,9})\b\.?)`)

// valueYearOf puts the year into a date that has a weekday and none: the year around now in which both are true, at most two years away, where there is
// only ever one. Any other text is given back as it is.
func valueYearOf(text string, now time.Time) string {
	if _, err := valueParseWhen(text); !errors.Is(err, errValueYear) || now.IsZero() {
		return text
	}
	text = valueLine(text)
	m := valueNoYear.FindStringSubmatchIndex(text)
	if m == nil {
		return text
	}
	day, _ := valueInt(text[m[4]:m[5]])
	month := 0
	if m[6] >= 0 {
		month, _ = valueInt(text[m[6]:m[7]])
	} else {
		month = int(valueMonths[strings.ToLower(text[m[8]:m[9]])])
	}
	weekday := time.Weekday(slices.Index([]string{"so", "mo", "di", "mi", "do", "fr", "sa"}, strings.ToLower(text[m[2]:m[3]])))
	for _, away := range []int{0, 1, -1, 2, -2} {
		year := now.Year() + away
		if d, err := valueMakeDay(year, month, day); err == nil && d.at(0, time.UTC).Weekday() == weekday {
			return text[:m[1]] + " " + strconv.Itoa(year) + " " + text[m[1]:]
		}
	}
	return text
}

func valueMakeDay(y, m, d int) (valueDay, error) {
	if y < ent.ScheduleMinYear || y > ent.ScheduleMaxYear {
		return valueDay{}, fmt.Errorf("das Jahr %d ist keines von %d bis %d", y, ent.ScheduleMinYear, ent.ScheduleMaxYear)
	}
	if t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC); m < 1 || m > 12 || t.Day() != d || int(t.Month()) != m {
		return valueDay{}, fmt.Errorf("den %d.%d.%d gibt es nicht", d, m, y)
	}
	return valueDay{y, time.Month(m), d}, nil
}

// valueClock reads what can only be a time of day, or two: also "19.30" and "19".
func valueClock(text string) (valueWhen, error) {
	if hour, ok := valueInt(text); ok && hour <= 24 {
		return valueWhen{from: hour * 60, to: -1}, nil
	}
	c, err := valueParseWhen(text)
	if errors.Is(err, errValueYear) {
		c, err = valueParseWhen(text + " Uhr")
	}
	if err != nil || c.from < 0 && !c.allDay {
		return c, fmt.Errorf("%s ist keine Uhrzeit", valueQuote(text))
	}
	return c, nil
}

// valueSchedule makes a single date of what a table says in up to four places; each but start may be empty, and each may say more than its name.
// An end of the day before the start is taken as that of the next day, where that makes no more than twelve hours.
func valueSchedule(zone *time.Location, start, startTime, end, endTime string) (*ent.Schedule, error) {
	w, err := valueParseWhen(start)
	if err != nil {
		return nil, err
	}
	if w.day == (valueDay{}) {
		return nil, fmt.Errorf("%s ist kein Datum", valueQuote(start))
	}
	clock := func(text string, into func(valueWhen)) error {
		if text == "" {
			return nil
		}
		c, err := valueClock(text)
		if err == nil {
			into(c)
		}
		return err
	}
	// Tables that have the time of day in a column of its own often write 00:00:00 after the date.
	err = clock(startTime, func(c valueWhen) {
		w.from, w.allDay = c.from, c.allDay
		if c.to >= 0 {
			w.to = c.to
		}
	})
	if err != nil {
		return nil, err
	}
	if end != "" {
		e, err := valueParseWhen(end)
		if err != nil {
			if c, clockErr := valueClock(end); clockErr == nil {
				e, err = c, nil
			}
		}
		if err != nil {
			return nil, err
		}
		if e.day != (valueDay{}) {
			w.last = e.day
			if e.last != (valueDay{}) {
				w.last = e.last
			}
		}
		if e.from >= 0 {
			w.to = max(e.from, e.to)
		}
		if e.zone != nil && w.zone != nil {
			// both are instants: the end is brought to the offset of the start
			at := w.last.at(w.to, e.zone).In(w.zone)
			w.last, w.to = valueDay{at.Year(), at.Month(), at.Day()}, at.Hour()*60+at.Minute()
		}
	}
	if err := clock(endTime, func(c valueWhen) { w.to = max(c.from, c.to) }); err != nil {
		return nil, err
	}
	return w.schedule(zone)
}

// schedule makes a single date of it. The zone is that of the schedule, and of its times where these have no offset.
func (w valueWhen) schedule(zone *time.Location) (*ent.Schedule, error) {
	s := &ent.Schedule{TimeZone: zone.String()}
	last := w.last
	if last == (valueDay{}) {
		last = w.day
	}
	midnights := w.from == 0 && (w.to <= 0) && w.zone == nil // a date that a program wrote as an instant
	if w.from < 0 || w.allDay || midnights {
		s.AllDay = true
		s.Start = w.day.at(0, zone)
		end := last.next().at(0, zone)
		if !end.After(s.Start) {
			return nil, errValueOrder
		}
		if last != w.day {
			s.End = &end
		}
		return s, valueCheckSchedule(s)
	}
	at := zone
	if w.zone != nil {
		at = w.zone
	}
	s.Start = w.day.at(w.from, at).In(zone)
	if w.to >= 0 || last != w.day {
		to := w.to
		if to < 0 { // the last day, but no time of it: to its end
			to = 1440
		}
		end := last.at(to, at).In(zone)
		if end.Before(s.Start) && w.last == (valueDay{}) {
			if next := last.next().at(to, at).In(zone); next.Sub(s.Start) <= 12*time.Hour {
				end = next
			}
		}
		if end.Before(s.Start) {
			return nil, errValueOrder
		}
		if end.After(s.Start) {
			s.End = &end
		}
	}
	return s, valueCheckSchedule(s)
}

var errValueOrder = valueError("Ende liegt vor Beginn")

// valueCheckSchedule says in German what is wrong with a schedule, nil when nothing is.
func valueCheckSchedule(s *ent.Schedule) error {
	problems := s.Validate()
	if len(problems) == 0 {
		return nil
	}
	switch strings.Join(problems[0].Path, ".") {
	case "rrule":
		return errors.New("die Wiederholung ist nicht zu verstehen")
	case "timeZone":
		return fmt.Errorf("%s ist keine Zeitzone", valueQuote(s.TimeZone))
	case "end":
		if s.End != nil && s.End.Before(s.Start) {
			return errValueOrder
		}
		return errors.New("der Termin dauert zu lange")
	case "exclude", "include":
		return errors.New("es sind zu viele Termine")
	}
	return fmt.Errorf("der Termin liegt nicht in den Jahren %d bis %d", ent.ScheduleMinYear, ent.ScheduleMaxYear)
}

// valueInstant reads an instant that a program wrote, with or without an offset; nil when it is none.
func valueInstant(s string, zone *time.Location) *time.Time {
	w, err := valueParseWhen(s)
	if err != nil || w.day == (valueDay{}) {
		return nil
	}
	if w.zone != nil {
		zone = w.zone
	}
	t := w.day.at(max(w.from, 0), zone).UTC()
	return &t
}
