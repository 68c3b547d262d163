package hours

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestCanonical gives values as people write them and their canonical form.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		// the grammar
		{"24/7", "24/7"},
		{"open", "24/7"},
		{"off", "off"},
		{"closed", "off"},
		{"24/7 off", "off"},
		{"unknown", "unknown"},
		{`"nach Vereinbarung"`, `"nach Vereinbarung"`},
		{`unknown "nach Vereinbarung"`, `"nach Vereinbarung"`},
		{`open "Notdienst"`, `open "Notdienst"`},
		{"Mo-Fr 08:00-18:00", "Mo-Fr 08:00-18:00"},
		{"Mo,We-Fr 08:00-12:00,14:00-18:00", "Mo,We-Fr 08:00-12:00,14:00-18:00"},
		{"Fr-Mo 10:00-12:00", "Fr-Mo 10:00-12:00"},
		{"Mo-Fr 08:00-12:00; Sa 09:00-12:00; Su off", "Mo-Fr 08:00-12:00; Sa 09:00-12:00; Su off"},
		{"Mo-Fr 08:00-12:00, Tu 14:00-18:00", "Mo-Fr 08:00-12:00, Tu 14:00-18:00"},
		{`Mo-Fr 08:00-12:00 || "nach Vereinbarung"`, `Mo-Fr 08:00-12:00 || "nach Vereinbarung"`},
		{"Th[1] 15:00-20:00", "Th[1] 15:00-20:00"},
		{"Th[-1] 15:00-20:00", "Th[-1] 15:00-20:00"},
		{"Th[1-2,-1] 15:00-20:00", "Th[1,2,-1] 15:00-20:00"},
		{"Fr[-1] -2 days 10:00-12:00", "Fr[-1] -2 days 10:00-12:00"},
		{"PH off", "PH off"},
		{"Su,PH 10:00-12:00", "Su,PH 10:00-12:00"},
		{"PH,Su 10:00-12:00", "Su,PH 10:00-12:00"},
		{"PH Mo 10:00-12:00", "PH Mo 10:00-12:00"},
		{"SH,PH -1 day Mo-We off", "SH,PH -1 day Mo-We off"},
		{"Jan-Mar 10:00-12:00", "Jan-Mar 10:00-12:00"},
		{"Nov-Feb Sa 10:00-12:00", "Nov-Feb Sa 10:00-12:00"},
		{"Jan 1,3,5-7 off", "Jan 01,Jan 03,Jan 05-07 off"},
		{"Dec 24-Jan 2 off", "Dec 24-Jan 02 off"},
		{"2026 Dec 24-2027 Jan 2 off", "2026 Dec 24-2027 Jan 02 off"},
		{"2021 Mar 28-Apr 16 off", "2021 Mar 28-Apr 16 off"},
		{"2026 Jan 1,Jun 3 off", "2026 Jan 01,2026 Jun 03 off"},
		{"2024,2026-2030/2 Mo 10:00-12:00", "2024,2026-2030/2 Mo 10:00-12:00"},
		{"2026+ Mo 10:00-12:00", "2026+ Mo 10:00-12:00"},
		{"week 1-53/2 Mo 10:00-12:00", "week 01-53/2 Mo 10:00-12:00"},
		{"week 50-2,10 Mo 10:00-12:00", "week 50-02,10 Mo 10:00-12:00"},
		{"easter off", "easter off"},
		{"easter -2 days-easter +1 day off", "easter -2 days-easter +1 day off"},
		{"Apr 3-easter +1 day 10:00-12:00", "Apr 03-easter +1 day 10:00-12:00"},
		{"Mar Su[-1]-Oct Su[-1] 10:00-18:00", "Mar Su[-1]-Oct Su[-1] 10:00-18:00"},
		{"Mar-Oct Sa[2],Sa[4] 08:00-17:00", "Mar-Oct Sa[2],Sa[4] 08:00-17:00"},
		{"Jun Sa[-1] +1 day 10:00-12:00", "Jun Sa[-1] +1 day 10:00-12:00"},
		{"Jun 3 +Sa 10:00-12:00", "Jun 03 +Sa 10:00-12:00"},
		{"Dec 20+ 10:00-12:00", "Dec 20+ 10:00-12:00"},
		{"summer 09:00-17:00; winter off", "summer 09:00-17:00; winter off"},
		{"sunrise-sunset", "sunrise-sunset"},
		{"(sunrise+01:00)-(dusk-00:30)", "(sunrise+01:00)-(dusk-00:30)"},
		{"18:00+", "18:00+"},
		{"Mo-Fr 12:00-18:00+", "Mo-Fr 12:00-18:00+"},
		{"22:00-26:00", "22:00-26:00"},
		{"10:00-16:00/01:30", "10:00-16:00/01:30"},
		{"10:00-16:00/90", "10:00-16:00/01:30"},
		{"Jun 10:00-12:00", "Jun 10:00-12:00"},
		{"Jun: Mo 10:00-12:00", "Jun Mo 10:00-12:00"},
		{"Apr 04-Oct 29: We-Fr 12:00-19:00", "Apr 04-Oct 29 We-Fr 12:00-19:00"},
		{"Apr 04-Oct 29: 12:00-19:00", "Apr 04-Oct 29 12:00-19:00"},
		{`"nur im Sommer": 10:00-12:00`, `10:00-12:00 "nur im Sommer"`},
		{"Mo open, Tu 10:00-12:00", "Mo open, Tu 10:00-12:00"},
		{"Mo 10:00-12:00 open, 14:00-16:00", "Mo 10:00-12:00 open, 14:00-16:00"},
		// spellings
		{"mo-fr 8:00-14:00; sa 8:00-15:00", "Mo-Fr 08:00-14:00; Sa 08:00-15:00"},
		{"Mo - Fr 8:00 - 14:00", "Mo-Fr 08:00-14:00"},
		{"Mo–Fr 09:00–18:00", "Mo-Fr 09:00-18:00"},
		{"Mo.-Fr. 8.30-12.15 Uhr", "Mo-Fr 08:30-12:15"},
		{"Mo-Fr 8-12 Uhr, Di 14-18 Uhr", "Mo-Fr 08:00-12:00, Tu 14:00-18:00"},
		{"Montag bis Freitag von 8 bis 12 Uhr", "Mo-Fr 08:00-12:00"},
		{"Di und Do 8 Uhr 30 - 12 Uhr", "Tu,Th 08:30-12:00"},
		{"täglich 10-18", "Mo-Su 10:00-18:00"},
		{"ab 18 Uhr", "18:00+"},
		{"Feiertage geschlossen", "PH off"},
		{"Montag Ruhetag", "Mo off"},
		{"Mai-Sept 10:00-12:00", "May-Sep 10:00-12:00"},
		{"15. Mai - 30. September 10-12", "May 15-Sep 30 10:00-12:00"},
		{"25.04.2026 10:00-14:00 Uhr", "2026 Apr 25 10:00-14:00"},
		{"2026-04-25 10:00-14:00", "2026 Apr 25 10:00-14:00"},
		{"5pm-8:30pm", "17:00-20:30"},
		{"12am-12pm", "00:00-12:00"},
		{"Mo 8h30-12h", "Mo 08:30-12:00"},
		{"Mo-Th12:00-23:00", "Mo-Th 12:00-23:00"},
		{"Tu 07:00-016:00", "Tu 07:00-16:00"},
		{"Tu-Su 12:00-20:0", "Tu-Su 12:00-20:00"},
		{"10:00:00-12:00:00", "10:00-12:00"},
		{"Mo 10:00-12:00;; ;Tu 10:00-12:00;", "Mo 10:00-12:00; Tu 10:00-12:00"},
		{"Mo 10:00-12:00\nTu 10:00-12:00", "Mo 10:00-12:00; Tu 10:00-12:00"},
		{"Mo-Fr, 10:00-12:00", "Mo-Fr 10:00-12:00"},
		{"Mo/Di 8-12", "Mo,Tu 08:00-12:00"},
		{"Sa+So 09:00-19:00", "Sa,Su 09:00-19:00"},
		{"Mo 10:00-12:00 / 14:00-16:00", "Mo 10:00-12:00,14:00-16:00"},
		{"Mo-Fr 08:00-20:00 Sa 08:00-18:00", "Mo-Fr 08:00-20:00, Sa 08:00-18:00"},
		{"10:00-12:00 Mo", "Mo 10:00-12:00"},
		{"Schulferien: Mo-Fr 10-16", "SH Mo-Fr 10:00-16:00"},
		{"KW 23 Mo 10:00-12:00", "week 23 Mo 10:00-12:00"},
		{"Sonnenaufgang-Sonnenuntergang", "sunrise-sunset"},
		{"rund um die Uhr", "24/7"},
		{"Termine nach Vereinbarung", `"Termine nach Vereinbarung"`},
		{"Mo 10:00-12:00, nach telefonischer Absprache", `Mo 10:00-12:00 || "nach telefonischer Absprache"`},
		{"Mo 8-12 u. 14-18 Uhr; nach Vereinbarung", `Mo 08:00-12:00,14:00-18:00 || "nach Vereinbarung"`},
		{"Mo nach Vereinbarung.", `Mo "nach Vereinbarung"`},
		{"Mo-Fr 8-12 Uhr.", "Mo-Fr 08:00-12:00"},
		{"„nur nach Vereinbarung“", `"nur nach Vereinbarung"`},
		{"Mo 10:00-12:00 ??", `Mo 10:00-12:00 "?"`},
		{"Öffnungszeiten unbekannt", "unknown"},
	} {
		h, err := Parse(c.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.in, err)
			continue
		}
		if got := h.String(); got != c.want {
			t.Errorf("Parse(%q) = %q, want %q", c.in, got, c.want)
		}
		strict(t, h)
	}
}

// strict holds that the canonical form needs no tolerance and says the same.
func strict(t *testing.T, h *Hours) {
	t.Helper()
	toks, err := scan(h.String())
	if err != nil {
		t.Errorf("scan(%q): %v", h, err)
		return
	}
	for i := range toks { // the only rewriting left: names of one form
		if toks[i].text == "days" {
			toks[i].text = "day"
		}
	}
	p := parser{toks: joinAlways(toks)}
	if err := p.value(); err != nil {
		t.Errorf("the strict grammar refuses %q: %v", h, err)
	} else if !reflect.DeepEqual(p.rules, h.rules) {
		t.Errorf("the strict grammar reads %q differently: %+v, want %+v", h, p.rules, h.rules)
	}
}

// joinAlways makes the three tokens of 24/7 one.
func joinAlways(in []token) []token {
	var out []token
	for i := 0; i < len(in); i++ {
		if in[i].text == "24" && in[i+1].is("/") {
			out = append(out, name("24/7"))
			i += 2
			continue
		}
		out = append(out, in[i])
	}
	return out
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		code Code
		pos  int
	}{
		{"", CodeEmpty, 0},
		{"  ;; ", CodeEmpty, 5},
		{strings.Repeat("x", MaxBytes+1), CodeTooLong, MaxBytes},
		{"2026 Jan 1" + strings.Repeat(",1", 200), CodeTooLong, 410},
		{strings.Repeat("Mo 1:00-2:00;", 70), CodeTooMany, 832},
		{strings.Repeat("24/7;", 200), CodeTooMany, 320},
		{"Mo 08:00-12:00/1", CodeTooMany, 16},
		{"Mo \xff", CodeEncoding, 0},
		{"Mo\x00", CodeEncoding, 2},
		{`Mo "nach`, CodeComment, 3},
		{"Mo-Fr 8-12, Kirche", CodeWord, 12},
		{"no", CodeWord, 0},
		{"https://example.org/", CodeWord, 0},
		{"# Mo", CodeSyntax, 0},
		{"Mo-Fr 08:00-", CodeSyntax, 12},
		{"Mo-Fr 08:00-12:00 || off ]", CodeSyntax, 25},
		{"We-Su 17:30-open", CodeSyntax, 12},
		{"Mo-Fr 11:30-:24:00", CodeSyntax, 12},
		{"Mo 25:00-26:00", CodeTime, 3},
		{"Mo 24:00-26:00", CodeTime, 3},
		{"Mo 10:00-49:00", CodeTime, 9},
		{"Mo 10:61-12:00", CodeTime, 6},
		{"Mo 10:00-20:5", CodeTime, 12},
		{"Feb 30 off", CodeDate, 4},
		{"Jun 31", CodeDate, 4},
		{"Jun 05-03 off", CodeDate, 7},
		{"week 54 off", CodeDate, 5},
		{"week 0 off", CodeDate, 5},
		{"Mo[6] off", CodeDate, 3},
		{"2030-2020 off", CodeDate, 5},
		{"easter -99999 days", CodeOffset, 8},
		{"PH +400 days off", CodeOffset, 4},
		{"Mo 10:00-12:00 off open", CodeRepeat, 19},
		{"Mo 24/7 10:00", CodeRepeat, 3},
		{"10:00-16:00/0", CodeInterval, 12},
		{"10:00-16:00/0:00", CodeInterval, 16},
		{"2024-05-17", CodeBareDate, 0},
		{"123456:00", CodeSyntax, 0},
	} {
		h, err := Parse(c.in)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%.40q) = %v, want an error", c.in, h)
			continue
		}
		if e.Code != c.code || e.Pos != c.pos || e.Text == "" {
			t.Errorf("Parse(%.40q): %s at %d (%s), want %s at %d", c.in, e.Code, e.Pos, e.Text, c.code, c.pos)
		}
	}
}

// TestRandomRules puts selectors together at random: what Parse accepts has a
// strict canonical form, and At and NextChange agree with Intervals.
func TestRandomRules(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	from := time.Date(2026, 3, 27, 13, 7, 9, 0, berlinTime(t))
	accepted := 0
	for range 6000 {
		var b strings.Builder
		for i := range 1 + r.IntN(4) {
			if i > 0 {
				b.WriteString(pick("; ", ", ", " || ", " "))
			}
			for _, selector := range []string{
				pick("", "", "", "2026", "2026-2030/2", "2027+", "2020,2026"),
				pick("", "", "Mar", "Mar-Apr", "Mar 28-Apr 3", "Apr 1,3,5-7", "easter -2 days-easter +1 day", "Mar Su[-1]-Oct Su[-1]",
					"Mar Sa[-1] +1 day", "2026 Mar 29-2027 Jan 2", "Mar 29+", "Mar 27 +Su", "summer", "winter", "Oct-Apr Sa[2]"),
				pick("", "", "", "week 13", "week 1-53/2", "week 50-14,20"),
				pick("", "", "Mo-Fr", "Sa,Su", "Fr-Mo", "Sa[1,-1]", "Su[-1] -1 day", "PH", "Su,PH", "SH Mo-Fr", "SH,PH -1 day", "täglich"),
				pick("", "08:00-12:00", "8-12,14-18", "22:00-03:30", "18:00+", "12:00-18:00+", "10:00", "10:00-16:00/90", "sunrise-sunset",
					"(dusk+1:00)-26:00", "10:00-10:00", "00:00-24:00", "20:00-sunrise"),
				pick("", "", "off", "open", "unknown", `"x"`, `open "x"`, `off "x y"`, "nach Vereinbarung"),
			} {
				b.WriteString(selector + " ")
			}
		}
		h, err := Parse(b.String())
		if err != nil {
			continue
		}
		accepted++
		again, err := Parse(h.String())
		if err != nil || !reflect.DeepEqual(again.rules, h.rules) {
			t.Fatalf("%q is %q, which reads as %v (%v)", b.String(), h, again, err)
		}
		strict(t, h)
		var first *Interval
		list := h.Intervals(from, from.AddDate(0, 0, 4), badBelzig)
		for i := range list {
			at := list[i].Start.Add(time.Duration(r.Int64N(int64(list[i].End.Sub(list[i].Start)))))
			if s, c := h.At(at, badBelzig); s != list[i].State || c != list[i].Comment {
				t.Fatalf("%q at %s is %v %q, the interval says %v", h, at, s, c, list[i])
			}
			if first == nil && list[i].State != list[0].State {
				first = &list[i]
			}
		}
		if next, ok := h.NextChange(from, badBelzig); first != nil && (!ok || !next.Equal(first.Start)) {
			t.Fatalf("%q changes next at %v (%v), the interval says %v", h, next, ok, first)
		}
	}
	if accepted < 2000 {
		t.Errorf("only %d of the random values are accepted", accepted)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"24/7", "Mo-Fr 08:00-12:00,14:00-18:00+; PH off", `Sa[1,-1] +1 day 10:00-sunset || "nach Vereinbarung"`,
		"2026 Dec 24-2027 Jan 2,easter -2 days-easter +1 day: SH,PH Mo off, week 1-53/2 (sunrise+1:00)-26:00 open \"x\"",
		"25.04.2026 8.30-12 Uhr und Di ab 18 Uhr", "summer: 9-17; Jun 3 +Sa 10:00-16:00/90", "Mar-Oct Su[-1] 10:00:00-5pm ??",
		"2024-2030/2,2040+ Nov-Feb Mo open, Tu-Mo unknown", "Jan 1,3,5-7 8-12", "Dec 20+,Jan: 10:00-12:00 Mo",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := Parse(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code == "" || e.Text == "" || e.Pos < 0 || e.Pos > len(s) {
				t.Fatalf("Parse(%q): %#v", s, err)
			}
			return
		}
		canonical := h.String()
		again, err := Parse(canonical)
		if err != nil {
			t.Fatalf("Parse(%q) = %q, which is refused: %v", s, canonical, err)
		}
		if again.String() != canonical || !reflect.DeepEqual(again.rules, h.rules) {
			t.Fatalf("Parse(%q) = %q, which reads as %q\n%+v\n%+v", s, canonical, again, h.rules, again.rules)
		}
		if h.Text("de") == "" || h.Text("en") == "" {
			t.Fatalf("Parse(%q) has no text", s)
		}
	})
}
