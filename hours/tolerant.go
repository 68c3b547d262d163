package hours

import "strings"

// tolerate rewrites widespread spellings to those of the specification: German
// and long names, "Uhr", "bis", hours without minutes, dots in times and dates,
// separators too many. What it does not know it leaves for the grammar to refuse.
func tolerate(raw string, in []token) []token {
	t := tolerance{raw: raw, in: in}
	for t.in[t.i].kind != end {
		t.step()
	}
	for len(t.out) > 0 && isSeparator(t.last()) {
		t.out = t.out[:len(t.out)-1]
	}
	return append(t.out, in[len(in)-1])
}

// numbersMean is what a bare number stands for at a place in the text.
type numbersMean uint8

const (
	hoursOfDay numbersMean = iota
	daysOfMonth
	literal // weeks, nth of the month: never hours
)

type tolerance struct {
	raw  string
	in   []token
	i    int
	out  []token
	mean numbersMean
	from bool // "ab" was read: the next time has an open end
}

func (t *tolerance) peek(n int) token {
	if t.i+n < len(t.in) {
		return t.in[t.i+n]
	}
	return t.in[len(t.in)-1]
}

func (t *tolerance) last() token {
	if len(t.out) == 0 {
		return token{kind: end}
	}
	return t.out[len(t.out)-1]
}

// emit appends tokens that stand where src stood.
func (t *tolerance) emit(src token, toks ...token) {
	for _, k := range toks {
		k.pos, k.stop = src.pos, src.stop
		t.out = append(t.out, k)
	}
}

func sign(s string) token    { return token{kind: punct, text: s} }
func name(s string) token    { return token{kind: word, text: s} }
func num(n int) token        { return token{kind: number, n: n, text: twoDigits(n)} }
func note(s string) token    { return token{kind: comment, text: s} }
func twoDigits(n int) string { return string([]byte{byte('0' + n/10%10), byte('0' + n%10)}) }

func isSeparator(k token) bool { return k.is(";") || k.is(",") || k.is("||") }

func (t *tolerance) step() {
	k := t.in[t.i]
	switch k.kind {
	case number:
		t.number(k)
	case word:
		t.word(k)
	case comment:
		t.emit(k, k)
		t.i++
	case punct:
		t.sign(k)
	}
}

func (t *tolerance) sign(k token) {
	t.i++
	last, next := t.last(), t.peek(0)
	switch k.text {
	case "\n":
		k = sign(";")
		fallthrough
	case ";", "||", ",":
		if len(t.out) == 0 && k.text != "||" || isSeparator(last) && (k.text == "," || k.text == ";") {
			return
		}
		if isSeparator(last) {
			t.out = t.out[:len(t.out)-1]
		}
		if k.text == "," && last.kind == word && isDay(last.text) && next.kind == number {
			return // "Mo, 8:00-12:00"
		}
		if k.text != "," {
			t.mean = hoursOfDay
		}
	case ".":
		if last.kind == word || last.is(",") || next.kind == end || isSeparator(next) {
			return // "Mo.", "u.", "12 Uhr."
		}
	case "&":
		k.text = ","
	case "+", "/":
		// "Mo+Tu", "Mo/Tu" and "10:00-12:00 / 14:00-16:00" are lists
		if last.kind == word && isDay(last.text) && next.kind == word && isDay(canonical(lower(next.text))) ||
			k.text == "/" && t.atTime(0) && t.peek(3).is("-") {
			k.text = ","
		}
	case "?":
		for t.peek(0).is("?") {
			t.i++
		}
		t.emit(k, note("?"))
		return
	case "[":
		t.mean = literal
	case "]":
		t.mean = hoursOfDay
	case ":":
		if last.kind == word {
			t.mean = hoursOfDay
		}
	}
	t.emit(t.in[t.i-1], k)
}

// atTime tells whether the token n ahead begins an h:mm.
func (t *tolerance) atTime(n int) bool {
	return t.peek(n).kind == number && t.peek(n+1).is(":") && t.peek(n+2).kind == number
}

func adjacent(a, b token) bool { return a.stop == b.pos }

func (t *tolerance) number(k token) {
	k1, k2, k3, k4 := t.peek(1), t.peek(2), t.peek(3), t.peek(4)
	year := func(y token) bool { return y.kind == number && len(y.text) == 4 && y.n >= minYear }
	afterNumber := t.last().kind == number // "Jan 1-10 8-12": hours follow days
	if t.mean == daysOfMonth && afterNumber && !k1.is(".") {
		t.mean = hoursOfDay
	}
	switch {
	case k1.is("/") && k2.kind == number && adjacent(k, k1) && k2.text == "7" && (k.text == "24" || k.text == "7"):
		t.i += 3
		if k.n == 24 {
			t.emit(k, name("24/7"))
		} else {
			t.emit(k, name("Mo"), sign("-"), name("Su"))
		}
	case year(k) && k1.is("-") && k2.kind == number && len(k2.text) == 2 && k3.is("-") && k4.kind == number &&
		len(k4.text) == 2 && adjacent(k, k1) && adjacent(k1, k2) && k2.n >= 1 && k2.n <= 12: // 2026-05-01
		t.i += 5
		t.emit(k, k, name(monthName(k2.n)), num(k4.n))
		t.mean = daysOfMonth
	case year(k):
		t.i++
		t.emit(k, k)
		t.mean = literal
	case t.mean == daysOfMonth && k1.is(":") && k3.is(":") && k4.kind == number: // "Oct 29: 10:00"
		t.i += 2
		t.emit(k, k, k1)
		t.mean = hoursOfDay
	case k1.is(":") && k2.kind == number: // h:mm
		t.i += 3
		if t.peek(0).is(":") && t.peek(1).kind == number && t.peek(1).text == "00" && !t.peek(2).is(":") {
			t.i += 2 // seconds
		}
		t.time(k, k, k2)
	case k1.is(".") && k2.kind == number && len(k2.text) <= 2 && k3.is(".") && adjacent(k1, k2) && k2.n >= 1 && k2.n <= 12: // 24.12.2026
		t.i += 4
		if year(k4) && adjacent(k3, k4) {
			t.i++
			t.emit(k, k4)
		}
		t.emit(k, name(monthName(k2.n)), num(k.n))
		t.mean = daysOfMonth
	case k1.is(".") && k2.kind == word && isMonth(canonical(lower(k2.text))): // 15. Mai
		t.i += 3
		t.emit(k, name(canonical(lower(k2.text))), num(k.n))
		t.mean = daysOfMonth
	case k1.is(".") && k2.kind == number && len(k2.text) == 2 && adjacent(k, k1) && adjacent(k1, k2): // 8.30
		t.i += 3
		t.time(k, k, k2)
	case k1.kind == word && lower(k1.text) == "h" && k2.kind == number && adjacent(k1, k2) && len(k2.text) == 2: // 8h30
		t.i += 3
		t.time(k, k, k2)
	case t.isHour(k, k1, k2):
		t.i++
		t.time(k, k, num(0))
	default:
		t.i++
		t.emit(k, k)
	}
}

// isHour tells whether a number without minutes is an hour: one end of a range
// of hours, or said with "Uhr", "am", "pm" or "ab".
func (t *tolerance) isHour(k, k1, k2 token) bool {
	if t.mean == literal || len(k.text) > 2 || t.last().is("/") {
		return false
	}
	if k1.kind == word {
		switch lower(k1.text) {
		case "uhr", "h", "am", "pm":
			return true
		}
		if canonical(lower(k1.text)) == "day" {
			return false
		}
	}
	if t.mean == daysOfMonth {
		return false
	}
	o := t.out
	toRange := len(o) >= 2 && t.last().is("-") && (o[len(o)-2].kind == number || isEvent(o[len(o)-2].text) || o[len(o)-2].is(")"))
	fromRange := (k1.is("-") || k1.kind == word && (lower(k1.text) == "bis" || lower(k1.text) == "to")) &&
		(k2.kind == number || k2.kind == word && isEvent(canonical(lower(k2.text))) || k2.is("("))
	return t.from || toRange || fromRange || k1.is("+")
}

// time emits h:mm and what belongs to it: "Uhr", am and pm, the open end of "ab".
func (t *tolerance) time(at, h, m token) {
	t.mean = hoursOfDay
	if next := t.peek(0); next.kind == word {
		switch w := lower(next.text); {
		case w == "uhr" || w == "h":
			t.i++
			if m2 := t.peek(0); w == "uhr" && m.n == 0 && m2.kind == number && len(m2.text) == 2 && m2.n < 60 &&
				!t.peek(1).is(":") && !t.peek(1).is(".") && (m2.n > 24 || !t.peek(1).is("-")) && m2.pos-next.stop <= 1 {
				m = m2 // 8 Uhr 30
				t.i++
			}
		case (w == "am" || w == "pm") && h.n >= 1 && h.n <= 12:
			t.i++
			h = num(h.n%12 + map[string]int{"am": 0, "pm": 12}[w])
		}
	}
	t.emit(at, h, sign(":"))
	if m.stop == 0 {
		m.pos, m.stop = at.pos, at.stop
	}
	t.out = append(t.out, m)
	if t.from {
		t.from = false
		if !t.peek(0).is("-") && !t.peek(0).is("+") {
			t.emit(at, sign("+"))
		}
	}
}

func (t *tolerance) word(k token) {
	w := lower(k.text)
	switch w {
	case "uhr", "h", "von", "from", "am", "an", "im", "in", "the", "jeden", "jede", "every", "öffnungszeiten", "opening", "hours":
		t.i++ // says nothing
		return
	case "ab":
		if t.peek(1).kind == number {
			t.i++
			t.from = true
			return
		}
	case "bis", "to", "till", "until":
		t.i++
		t.from = false
		t.emit(k, sign("-"))
		return
	case "und", "and", "u":
		t.i++
		if !isSeparator(t.last()) {
			t.emit(k, sign(","))
		}
		return
	case "täglich", "taeglich", "daily":
		t.i++
		t.emit(k, name("Mo"), sign("-"), name("Su"))
		return
	case "werktags":
		t.i++
		t.emit(k, name("Mo"), sign("-"), name("Sa"))
		return
	case "wochenende", "wochenenden", "weekend", "weekends":
		t.i++
		t.emit(k, name("Sa"), sign("-"), name("Su"))
		return
	case "public", "school":
		if n := t.peek(1); n.kind == word && strings.HasPrefix(lower(n.text), "holiday") {
			t.i += 2
			t.emit(k, name(map[string]string{"public": "PH", "school": "SH"}[w]))
			return
		}
	}
	c := canonical(w)
	if c == "" {
		if t.phrase(k) == 0 {
			t.i++
			t.emit(k, k) // for the grammar to refuse
		}
		return
	}
	t.i++
	switch {
	case isMonth(c):
		t.mean = daysOfMonth
	case c == "week":
		t.mean = literal
	case isDay(c):
		t.mean = hoursOfDay
	}
	t.emit(k, name(c))
}

// phrase takes a run of free words as a comment when it speaks of appointments,
// and "rund um die Uhr" as 24/7. It gives the number of words taken.
func (t *tolerance) phrase(k token) int {
	n := 0
	for t.peek(n).kind == word {
		n++
	}
	text := cleanComment(t.raw[k.pos:t.peek(n-1).stop])
	low := lower(text)
	if low == "rund um die uhr" {
		t.i += n
		t.emit(k, name("24/7"))
		return n
	}
	for _, stem := range []string{"vereinbarung", "absprache", "anmeldung", "anfrage", "termin", "appointment", "request"} {
		if strings.Contains(low, stem) {
			t.i += n
			if sep := t.last(); isSeparator(sep) { // "Mo 8-12 und nach Vereinbarung": else by appointment
				t.out = t.out[:len(t.out)-1]
				t.emit(sep, sign("||"))
			}
			t.emit(k, note(text))
			return n
		}
	}
	return 0
}

func lower(s string) string { return strings.ToLower(s) }

// canonical gives the word of the syntax for a lower-case English or German
// word, or "" for a word it does not know.
func canonical(w string) string {
	switch w {
	case "mo", "mon", "monday", "mondays", "montag", "montags":
		return "Mo"
	case "tu", "tue", "tues", "tuesday", "tuesdays", "di", "dienstag", "dienstags":
		return "Tu"
	case "we", "wed", "wednesday", "wednesdays", "mi", "mittwoch", "mittwochs":
		return "We"
	case "th", "thu", "thur", "thurs", "thursday", "thursdays", "do", "donnerstag", "donnerstags":
		return "Th"
	case "fr", "fri", "friday", "fridays", "freitag", "freitags":
		return "Fr"
	case "sa", "sat", "saturday", "saturdays", "samstag", "samstags", "sonnabend", "sonnabends":
		return "Sa"
	case "su", "sun", "sunday", "sundays", "so", "sonntag", "sonntags":
		return "Su"
	case "jan", "january", "januar", "jänner":
		return "Jan"
	case "feb", "february", "februar":
		return "Feb"
	case "mar", "march", "mär", "mrz", "märz", "maerz":
		return "Mar"
	case "apr", "april":
		return "Apr"
	case "may", "mai":
		return "May"
	case "jun", "june", "juni":
		return "Jun"
	case "jul", "july", "juli":
		return "Jul"
	case "aug", "august":
		return "Aug"
	case "sep", "sept", "september":
		return "Sep"
	case "oct", "october", "okt", "oktober":
		return "Oct"
	case "nov", "november":
		return "Nov"
	case "dec", "december", "dez", "dezember":
		return "Dec"
	case "ph", "feiertag", "feiertage", "feiertags", "feiertagen", "holiday", "holidays":
		return "PH"
	case "sh", "schulferien":
		return "SH"
	case "off", "closed", "geschlossen", "ruhetag":
		return "off"
	case "open", "offen", "geöffnet":
		return "open"
	case "unknown", "unbekannt":
		return "unknown"
	case "dawn", "morgendämmerung":
		return "dawn"
	case "sunrise", "sonnenaufgang":
		return "sunrise"
	case "sunset", "sonnenuntergang":
		return "sunset"
	case "dusk", "abenddämmerung":
		return "dusk"
	case "easter", "ostern", "ostersonntag":
		return "easter"
	case "week", "weeks", "kw", "woche", "wochen":
		return "week"
	case "day", "days", "tag", "tage", "tagen":
		return "day"
	case "spring", "frühling", "frühjahr":
		return "spring"
	case "summer", "sommer":
		return "summer"
	case "autumn", "herbst":
		return "autumn"
	case "winter":
		return "winter"
	}
	return ""
}

func isDay(w string) bool   { return weekdayOf(w) >= 0 || w == "PH" || w == "SH" }
func isMonth(w string) bool { return monthOf(w) > 0 }
func isEvent(w string) bool { return eventOf(w) != noEvent }

func index(list, w string, width int) int {
	if len(w) != width {
		return -1
	}
	if i := strings.Index(list, w); i >= 0 && i%(width+1) == 0 {
		return i / (width + 1)
	}
	return -1
}

const (
	weekdayNames = "Mo Tu We Th Fr Sa Su"
	monthNames   = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
)

func weekdayOf(w string) int   { return index(weekdayNames, w, 2) }   // -1 = none
func monthOf(w string) int     { return index(monthNames, w, 3) + 1 } // 0 = none
func weekdayName(d int) string { return weekdayNames[d*3 : d*3+2] }   // Mo = 0
func monthName(m int) string   { return monthNames[m*4-4 : m*4-1] }   // January = 1
func eventOf(w string) sunEvent {
	switch w {
	case "dawn":
		return dawn
	case "sunrise":
		return sunrise
	case "sunset":
		return sunset
	case "dusk":
		return dusk
	}
	return noEvent
}
