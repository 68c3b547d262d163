package dedupe

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// when compares the times. A veto says that they cannot be one thing: another day, another time of day, another rhythm, or a date of a series
// and the series. Things without a time are not compared: known is false.
func when(a, b *Candidate) (score float64, r Reason, known, veto bool) {
	no := func(format string, args ...any) (float64, Reason, bool, bool) {
		return 0, Reason{Field: "time", Text: fmt.Sprintf(format, args...)}, true, true
	}
	switch {
	case a.Start.IsZero() && b.Start.IsZero():
		return 0, Reason{}, false, false
	case a.Start.IsZero() || b.Start.IsZero():
		return no("Nur bei einem steht, wann es ist")
	case a.series() != b.series():
		return no("Das eine ist eine Reihe, das andere ein einzelner Termin")
	}
	if a.series() {
		if text := differentSeries(a, b); text != "" {
			return no("%s", text)
		}
	} else if !sameDay(a.Start, b.Start) {
		return no("Verschiedene Tage: %s und %s", day(a.Start), day(b.Start))
	}
	yes := func(score float64, format string, args ...any) (float64, Reason, bool, bool) {
		return score, Reason{Field: "time", Score: score, Text: fmt.Sprintf(format, args...)}, true, false
	}
	what := day(a.Start)
	if a.series() {
		what = "dieselben Tage der Reihe"
	}
	switch {
	case a.AllDay && b.AllDay:
		if a.End.IsZero() || b.End.IsZero() || sameDay(a.End, b.End) {
			return yes(.9, "Gleicher Tag: %s", what)
		}
		return yes(.7, "Gleicher erster Tag: %s", what)
	case a.AllDay || b.AllDay:
		return yes(.75, "Gleicher Tag, einmal ohne Uhrzeit: %s", what)
	}
	clockA, clockB := minutes(a.Start), minutes(b.Start)
	first, last := a, b
	if clockA > clockB {
		first, last = b, a
	}
	apart := max(clockA-clockB, clockB-clockA)
	ends := -1 // minutes between the ends, where both are known
	if !a.End.IsZero() && !b.End.IsZero() {
		ends = int(a.End.Sub(a.Start).Minutes()) + clockA - int(b.End.Sub(b.Start).Minutes()) - clockB
		if ends < 0 {
			ends = -ends
		}
	}
	clocks := fmt.Sprintf("%s und %s Uhr", clock(min(clockA, clockB)), clock(max(clockA, clockB)))
	switch {
	case apart <= 5:
		return yes(1, "Gleiche Zeit: %s, %s Uhr", what, clock(clockA))
	case !first.End.IsZero() && first.End.Sub(first.Start) <= time.Duration(apart)*time.Minute:
		return no("Das eine endet, bevor das andere beginnt: %s", clocks)
	case apart <= 15 && ends <= 20:
		return yes(.9, "Fast gleiche Zeit: %s, %s", what, clocks)
	case apart <= 120 && (doors(first, clockA, clockB) || doors(last, clockA, clockB)):
		return yes(.85, "Gleiche Zeit: %s, %s sind Einlass und Beginn", what, clocks)
	case ends > 20 || apart > 60:
		return no("Andere Uhrzeit: %s", clocks)
	case apart <= 30 || ends >= 0:
		return yes(.65, "Ähnliche Zeit: %s, %s", what, clocks)
	}
	return no("Andere Uhrzeit: %s", clocks)
}

// doors tells whether the text speaks of doors that open or of a beginning, at both of the times or at the one that is not the candidate's.
func doors(c *Candidate, clockA, clockB int) bool {
	t := strings.ToLower(cut(c.Text, maxText))
	if !strings.Contains(t, "einlass") && !strings.Contains(t, "beginn") && !strings.Contains(t, "geöffnet") && !strings.Contains(t, "türen") {
		return false
	}
	own := minutes(c.Start)
	other := clockA
	if own == clockA {
		other = clockB
	}
	h, m := strconv.Itoa(other/60), fmt.Sprintf("%02d", other%60)
	return strings.Contains(t, h+":"+m) || strings.Contains(t, h+"."+m) || other%60 == 0 && strings.Contains(t, h+" uhr")
}

func sameDay(a, b time.Time) bool {
	y, m, d := a.Date()
	yy, mm, dd := b.Date()
	return y == yy && m == mm && d == dd
}

func minutes(t time.Time) int { return t.Hour()*60 + t.Minute() }

func clock(m int) string { return fmt.Sprintf("%d:%02d", m/60, m%60) }

func day(t time.Time) string { return fmt.Sprintf("%d.%d.%d", t.Day(), t.Month(), t.Year()) }

// A rhythm is what of a rule is compared.
type rhythm struct {
	freq     string
	interval int
	days     uint8  // bit per weekday, Sunday is 1
	nth      string // which ones of the month or year: "1", "-1", the day of the month
	until    time.Time
}

// rhythmOf reads the rule of a series. What it does not know is left out.
func rhythmOf(c *Candidate) rhythm {
	r := rhythm{interval: 1}
	if c.RRule == "" || len(c.RRule) > 500 {
		return r
	}
	count := 0
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.ToUpper(c.RRule), "RRULE:"), ";") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "FREQ":
			r.freq = value
		case "INTERVAL":
			if n, err := strconv.Atoi(value); err == nil && n > 0 {
				r.interval = n
			}
		case "COUNT":
			count, _ = strconv.Atoi(value)
		case "UNTIL":
			if t, err := time.Parse("20060102", cut(value, 8)); err == nil {
				r.until = t
			}
		case "BYDAY":
			for d := range strings.SplitSeq(value, ",") {
				if len(d) < 2 {
					continue
				}
				if i := strings.Index("SUMOTUWETHFRSA", d[len(d)-2:]); i >= 0 && i%2 == 0 {
					r.days |= 1 << (i / 2)
				}
				if n := strings.TrimPrefix(d[:len(d)-2], "+"); n != "" {
					r.nth = n
				}
			}
		case "BYSETPOS", "BYMONTHDAY":
			r.nth = value
		}
	}
	switch r.freq {
	case "DAILY":
		r.days |= 127
	case "WEEKLY":
		if r.days == 0 {
			r.days = 1 << c.Start.Weekday()
		}
	case "MONTHLY":
		if r.nth == "" {
			r.nth = strconv.Itoa(c.Start.Day())
		}
	}
	if count > 0 && count <= 10000 && r.until.IsZero() {
		weeks := map[string]int{"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[r.freq] * r.interval
		r.until = c.Start.AddDate(0, 0, (count-1)*weeks/max(1, perPeriod(r)))
	}
	return r
}

// perPeriod is how many dates a week of the rule has.
func perPeriod(r rhythm) int {
	if r.freq == "WEEKLY" {
		return bits.OnesCount8(r.days)
	}
	return 1
}

// differentSeries says what parts two series, "" when nothing does.
func differentSeries(a, b *Candidate) string {
	if a.RRule == "" || b.RRule == "" {
		if a.RRule != "" || b.RRule != "" {
			return "Eine Reihe nach einer Regel und eine aus einzelnen Terminen"
		}
		days, common := map[[3]int]bool{}, 0
		key := func(t time.Time) [3]int { y, m, d := t.Date(); return [3]int{y, int(m), d} }
		for _, t := range append([]time.Time{a.Start}, a.Dates...) {
			days[key(t)] = true
		}
		other := append([]time.Time{b.Start}, b.Dates...)
		for _, t := range other {
			if days[key(t)] {
				common++
			}
		}
		if common*2 < max(len(days), len(other)) {
			return "Reihen mit verschiedenen Terminen"
		}
		return ""
	}
	ra, rb := rhythmOf(a), rhythmOf(b)
	switch {
	case ra.freq != rb.freq || ra.interval != rb.interval || ra.nth != rb.nth:
		return "Reihen in verschiedenem Rhythmus"
	case ra.days != rb.days:
		return "Reihen an verschiedenen Wochentagen"
	case ra.freq == "WEEKLY" && ra.interval > 1 && (week(a.Start)-week(b.Start))%ra.interval != 0:
		return "Reihen in verschiedenen Wochen"
	case ra.freq == "YEARLY" && (a.Start.Month() != b.Start.Month() || ra.days == 0 && a.Start.Day() != b.Start.Day()):
		return "Reihen zu verschiedenen Zeiten im Jahr"
	case ra.freq == "MONTHLY" && ra.interval > 1 && (int(a.Start.Month()-b.Start.Month())+12*(a.Start.Year()-b.Start.Year()))%ra.interval != 0:
		return "Reihen in verschiedenen Monaten"
	case !ra.until.IsZero() && ra.until.Before(b.Start.AddDate(0, 0, -1)) || !rb.until.IsZero() && rb.until.Before(a.Start.AddDate(0, 0, -1)):
		return "Die eine Reihe ist zu Ende, bevor die andere beginnt"
	case (!ra.until.IsZero() || !rb.until.IsZero()) && a.Start.Sub(b.Start).Abs() > 35*24*time.Hour: // the course of spring and that of autumn
		return "Befristete Reihen, die an verschiedenen Tagen beginnen"
	}
	return ""
}

// week counts the weeks, which begin on Mondays, up to that of the day.
func week(t time.Time) int {
	y, m, d := t.Date()
	return int((time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + 3) / 7)
}
