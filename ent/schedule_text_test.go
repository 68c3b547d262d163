package ent

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestScheduleText(t *testing.T) {
	t.Parallel()
	const (
		evening = "2026-11-23 18:00/2026-11-23 19:30" // a Monday
		hours   = ", 18:00–19:30 Uhr"
	)
	tests := []struct {
		dates, rule      string
		exclude, include string // separated by commas
		de, simple, en   string // where empty, not looked at
	}{
		// Single dates.
		{dates: evening, de: "Montag, 23. November 2026, 18:00–19:30 Uhr",
			simple: "Am Montag, 23. November 2026. Von 18 Uhr bis 19:30 Uhr.", en: "Monday, 23 November 2026, 18:00–19:30"},
		{dates: "2026-11-23 19:00", de: "Montag, 23. November 2026, 19:00 Uhr",
			simple: "Am Montag, 23. November 2026. Um 19 Uhr.", en: "Monday, 23 November 2026, 19:00"},
		{dates: "2026-11-23 19:00/2026-11-23 19:00", de: "Montag, 23. November 2026, 19:00 Uhr"},
		{dates: "2026-03-01 09:05", de: "Sonntag, 1. März 2026, 9:05 Uhr", en: "Sunday, 1 March 2026, 9:05"},
		{dates: "2026-11-23 22:00/2026-11-24 02:00", de: "Montag, 23. November 2026, 22:00–2:00 Uhr",
			simple: "Am Montag, 23. November 2026. Von 22 Uhr bis 2 Uhr am nächsten Tag.", en: "Monday, 23 November 2026, 22:00–2:00"},
		{dates: "2026-11-23 18:00/2026-11-24 00:00", de: "Montag, 23. November 2026, 18:00–24:00 Uhr",
			simple: "Am Montag, 23. November 2026. Von 18 Uhr bis 24 Uhr.", en: "Monday, 23 November 2026, 18:00–24:00"},
		{dates: "2026-06-12 18:00/2026-06-14 16:00", de: "Freitag, 12. Juni 2026, 18:00 Uhr, bis Sonntag, 14. Juni 2026, 16:00 Uhr",
			simple: "Beginn: Freitag, 12. Juni 2026 um 18 Uhr. Ende: Sonntag, 14. Juni 2026 um 16 Uhr.",
			en:     "Friday, 12 June 2026, 18:00, until Sunday, 14 June 2026, 16:00"},
		{dates: "2026-11-23", de: "Montag, 23. November 2026, ganztägig", simple: "Am Montag, 23. November 2026. Den ganzen Tag.", en: "Monday, 23 November 2026, all day"},
		{dates: "2026-06-12/2026-06-15", de: "12.–14. Juni 2026", simple: "Vom 12. Juni 2026 bis zum 14. Juni 2026.", en: "12–14 June 2026"},
		{dates: "2026-10-30/2026-11-03", de: "30. Oktober – 2. November 2026", en: "30 October – 2 November 2026"},
		{dates: "2026-12-30/2027-01-03", de: "30. Dezember 2026 – 2. Januar 2027", en: "30 December 2026 – 2 January 2027"},
		{dates: evening, rule: "FREQ=DAILY;COUNT=1", de: "Montag, 23. November 2026, 18:00–19:30 Uhr"},
		{dates: evening, rule: "FREQ=DAILY;UNTIL=20261124T165959Z", de: "Montag, 23. November 2026, 18:00–19:30 Uhr"},
		{dates: evening, exclude: "2026-11-23 18:00", de: "Montag, 23. November 2026, 18:00–19:30 Uhr, entfällt",
			simple: "Am Montag, 23. November 2026. Von 18 Uhr bis 19:30 Uhr. Der Termin fällt aus.", en: "Monday, 23 November 2026, 18:00–19:30, cancelled"},
		{dates: evening, include: "2026-11-30 18:00,2026-12-07 18:00,2026-12-14 18:00",
			de:     "Montag, 23. November 2026, 18:00–19:30 Uhr, zusätzlich am 30. November 2026, 7. und 14. Dezember 2026",
			simple: "Am Montag, 23. November 2026. Von 18 Uhr bis 19:30 Uhr. Auch am 30. November 2026, 7. Dezember 2026 und 14. Dezember 2026.",
			en:     "Monday, 23 November 2026, 18:00–19:30, also on 30 November 2026, 7 and 14 December 2026"},
		{dates: evening, include: "2026-11-30 18:00,2026-12-07 19:00",
			de: "Montag, 23. November 2026, 18:00–19:30 Uhr, zusätzlich am 30. November 2026 um 18:00 Uhr und 7. Dezember 2026 um 19:00 Uhr",
			en: "Monday, 23 November 2026, 18:00–19:30, also on 30 November 2026 at 18:00 and 7 December 2026 at 19:00"},

		// Weeks and days.
		{dates: evening, rule: "FREQ=WEEKLY", de: "jeden Montag" + hours, simple: "Jeden Montag. Von 18 Uhr bis 19:30 Uhr.", en: "every Monday, 18:00–19:30"},
		{dates: evening, rule: "FREQ=WEEKLY;BYDAY=MO,TH", de: "montags und donnerstags" + hours,
			simple: "Jeden Montag und jeden Donnerstag. Von 18 Uhr bis 19:30 Uhr.", en: "Mondays and Thursdays, 18:00–19:30"},
		{dates: evening, rule: "FREQ=WEEKLY;BYDAY=FR,WE,MO", de: "montags, mittwochs und freitags" + hours},
		{dates: evening, rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", de: "werktags (Mo–Fr)" + hours,
			simple: "Jede Woche von Montag bis Freitag. Von 18 Uhr bis 19:30 Uhr.", en: "weekdays (Mon–Fri), 18:00–19:30"},
		{dates: evening, rule: "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", de: "werktags (Mo–Fr)" + hours},
		{dates: evening, rule: "FREQ=MONTHLY;BYDAY=MO", de: "jeden Montag" + hours},
		{dates: evening, rule: "FREQ=YEARLY;BYDAY=MO", de: "jeden Montag" + hours},
		{dates: "2026-11-24 18:00", rule: "FREQ=WEEKLY;INTERVAL=2", de: "alle zwei Wochen dienstags, 18:00 Uhr, ab 24. November 2026",
			simple: "Alle 2 Wochen am Dienstag. Um 18 Uhr. Ab dem 24. November 2026.", en: "every two weeks on Tuesday, 18:00, from 24 November 2026"},
		{dates: evening, rule: "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,FR;UNTIL=20261218",
			de: "alle drei Wochen montags und freitags" + hours + ", vom 23. November 2026 bis 18. Dezember 2026",
			en: "every three weeks on Monday and Friday, 18:00–19:30, from 23 November 2026 until 18 December 2026"},
		{dates: evening, rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", de: "alle zwei Wochen montags bis freitags" + hours + ", ab 23. November 2026"},
		{dates: evening, rule: "FREQ=WEEKLY;INTERVAL=20", de: "alle 20 Wochen montags" + hours + ", ab 23. November 2026"},
		{dates: evening, rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", de: "Montag, 23. November 2026" + hours + ", wiederkehrend"},
		{dates: evening, rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU", de: "alle zwei Wochen montags und mittwochs" + hours + ", ab 23. November 2026"},
		{dates: evening, rule: "FREQ=WEEKLY;BYMONTH=11,6,7", de: "jeden Montag im Juni, Juli und November" + hours, en: "every Monday in June, July and November, 18:00–19:30"},
		{dates: evening, rule: "FREQ=DAILY", de: "täglich" + hours, simple: "Jeden Tag. Von 18 Uhr bis 19:30 Uhr.", en: "daily, 18:00–19:30"},
		{dates: evening, rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", de: "täglich" + hours},
		{dates: evening, rule: "FREQ=DAILY;INTERVAL=2", de: "jeden zweiten Tag" + hours + ", ab 23. November 2026"},
		{dates: evening, rule: "FREQ=DAILY;INTERVAL=3", de: "alle drei Tage" + hours + ", ab 23. November 2026", en: "every three days, 18:00–19:30, from 23 November 2026"},
		{dates: "2026-10-24 22:00/2026-10-25 02:30", rule: "FREQ=WEEKLY", de: "jeden Samstag, 22:00–3:30 Uhr"}, // 5½ hours, also in other weeks

		// Months.
		{dates: "2026-11-09 19:00", rule: "FREQ=MONTHLY;BYDAY=2MO", de: "jeden 2. Montag im Monat, 19:00 Uhr",
			simple: "Jeden Monat am 2. Montag. Um 19 Uhr.", en: "every second Monday of the month, 19:00"},
		{dates: "2026-11-29", rule: "FREQ=MONTHLY;BYDAY=-1SU", de: "jeden letzten Sonntag im Monat, ganztägig", en: "every last Sunday of the month, all day"},
		{dates: "2026-11-29", rule: "FREQ=MONTHLY;BYDAY=SU;BYSETPOS=-1", de: "jeden letzten Sonntag im Monat, ganztägig"},
		{dates: "2026-11-02 19:00", rule: "FREQ=MONTHLY;BYDAY=3MO,1MO", de: "jeden 1. und 3. Montag im Monat, 19:00 Uhr", en: "every first and third Monday of the month, 19:00"},
		{dates: "2026-11-02 19:00", rule: "FREQ=MONTHLY;BYDAY=1MO,3WE,-1FR", de: "jeden 1. Montag, 3. Mittwoch und letzten Freitag im Monat, 19:00 Uhr"},
		{dates: "2026-11-09 19:00", rule: "FREQ=MONTHLY;BYDAY=2MO;INTERVAL=2", de: "alle zwei Monate am 2. Montag im Monat, 19:00 Uhr, ab 9. November 2026"},
		{dates: "2026-11-15 19:00", rule: "FREQ=MONTHLY", de: "am 15. jedes Monats, 19:00 Uhr", simple: "Jeden Monat am 15. Um 19 Uhr.", en: "on the 15th of every month, 19:00"},
		{dates: "2026-11-01 19:00", rule: "FREQ=MONTHLY;BYMONTHDAY=1,12,22,23", de: "am 1., 12., 22. und 23. jedes Monats, 19:00 Uhr", en: "on the 1st, 12th, 22nd and 23rd of every month, 19:00"},
		{dates: "2026-01-29 19:00", rule: "FREQ=MONTHLY", de: "am 29. jedes Monats (im Februar nur in Schaltjahren), 19:00 Uhr"},
		{dates: "2026-01-30 19:00", rule: "FREQ=MONTHLY", de: "am 30. jedes Monats außer im Februar, 19:00 Uhr", simple: "Jeden Monat am 30. Aber nicht im Februar. Um 19 Uhr."},
		{dates: "2026-01-31 19:00", rule: "FREQ=MONTHLY", de: "am 31. jedes Monats mit 31 Tagen, 19:00 Uhr"},
		{dates: "2026-01-31 19:00", rule: "FREQ=MONTHLY;BYMONTHDAY=-1", de: "am letzten Tag jedes Monats, 19:00 Uhr", en: "on the last day of every month, 19:00"},
		{dates: "2026-01-31 19:00", rule: "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1", de: "alle zwei Monate am letzten Tag des Monats, 19:00 Uhr, ab 31. Januar 2026"},
		{dates: "2026-01-15 19:00", rule: "FREQ=MONTHLY;INTERVAL=3", de: "alle drei Monate am 15., 19:00 Uhr, ab 15. Januar 2026"},

		// Years.
		{dates: "2026-10-03", rule: "FREQ=YEARLY", de: "jedes Jahr am 3. Oktober, ganztägig", simple: "Jedes Jahr am 3. Oktober. Den ganzen Tag.", en: "every year on 3 October, all day"},
		{dates: "2026-10-03", rule: "FREQ=YEARLY;INTERVAL=2", de: "alle zwei Jahre am 3. Oktober, ganztägig, ab 3. Oktober 2026"},
		{dates: "2026-05-03", rule: "FREQ=YEARLY;BYMONTH=5;BYDAY=1SU", de: "jedes Jahr am 1. Sonntag im Mai, ganztägig", en: "every year on the first Sunday of May, all day"},
		{dates: "2026-05-03", rule: "FREQ=MONTHLY;BYMONTH=5,10;BYDAY=1SU", de: "jedes Jahr am 1. Sonntag im Mai und Oktober, ganztägig"},
		{dates: "2026-05-01", rule: "FREQ=YEARLY;BYMONTH=5,10;BYMONTHDAY=1", de: "jedes Jahr am 1. Mai und 1. Oktober, ganztägig"},
		{dates: "2026-02-28", rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", de: "jedes Jahr am letzten Tag im Februar, ganztägig"},
		{dates: "2028-02-29", rule: "FREQ=YEARLY", de: "am 29. Februar in jedem Schaltjahr, ganztägig", en: "on 29 February in every leap year, all day"},
		{dates: "2026-06-12/2026-06-15", rule: "FREQ=YEARLY", de: "jedes Jahr am 12. Juni, ganztägig, jeweils 3 Tage", en: "every year on 12 June, all day, 3 days each"},
		{dates: "2026-06-12 18:00/2026-06-14 16:30", rule: "FREQ=YEARLY", de: "jedes Jahr am 12. Juni, 18:00 Uhr, Dauer 46 Stunden 30 Minuten",
			simple: "Jedes Jahr am 12. Juni. Um 18 Uhr. Dauer: 46 Stunden 30 Minuten.", en: "every year on 12 June, 18:00, lasting 46 hours 30 minutes"},
		{dates: "2026-06-12 18:00/2026-06-13 18:00", rule: "FREQ=YEARLY", de: "jedes Jahr am 12. Juni, 18:00 Uhr, Dauer 1 Tag"},

		// How far, and the exceptions.
		{dates: evening, rule: "FREQ=WEEKLY;UNTIL=20261218", de: "jeden Montag" + hours + ", bis 18. Dezember 2026",
			simple: "Jeden Montag. Von 18 Uhr bis 19:30 Uhr. Bis zum 18. Dezember 2026.", en: "every Monday, 18:00–19:30, until 18 December 2026"},
		{dates: evening, rule: "FREQ=WEEKLY;UNTIL=20261214T000000Z", de: "jeden Montag" + hours + ", bis 13. Dezember 2026"}, // not on the 14th
		{dates: evening, rule: "FREQ=WEEKLY;UNTIL=99991231T235959Z", de: "jeden Montag" + hours},
		{dates: evening, rule: "FREQ=DAILY;UNTIL=20261218", de: "täglich" + hours + ", vom 23. November 2026 bis 18. Dezember 2026"},
		{dates: evening, rule: "FREQ=WEEKLY;COUNT=10", de: "jeden Montag" + hours + ", 10-mal ab 23. November 2026",
			simple: "Jeden Montag. Von 18 Uhr bis 19:30 Uhr. 10 Mal ab dem 23. November 2026.", en: "every Monday, 18:00–19:30, 10 times from 23 November 2026"},
		{dates: "2026-11-26 18:00", rule: "FREQ=WEEKLY", exclude: "2026-12-24 18:00", de: "jeden Donnerstag, 18:00 Uhr, außer am 24. Dezember 2026",
			simple: "Jeden Donnerstag. Um 18 Uhr. Nicht am 24. Dezember 2026.", en: "every Thursday, 18:00, except on 24 December 2026"},
		{dates: "2026-11-26 18:00", rule: "FREQ=WEEKLY", exclude: "2026-12-24 18:00,2026-12-31 18:00,2026-12-30 18:00,2027-01-07 12:00",
			de: "jeden Donnerstag, 18:00 Uhr, außer am 24. und 31. Dezember 2026"}, // the others aren't dates of the series
		{dates: "2026-11-26 18:00", rule: "FREQ=WEEKLY;COUNT=10", exclude: "2026-12-24 18:00", de: "jeden Donnerstag, 18:00 Uhr, bis 28. Januar 2027, außer am 24. Dezember 2026"},
		{dates: "2026-11-26 18:00", rule: "FREQ=DAILY", exclude: "2026-12-01 18:00,2026-12-02 18:00,2026-12-03 18:00,2026-12-04 18:00,2026-12-05 18:00,2026-12-06 18:00,2026-12-07 18:00",
			include: "2026-12-01 20:00", de: "täglich, 18:00 Uhr, außer an 7 Terminen, zusätzlich am 1. Dezember 2026 um 20:00 Uhr", en: "daily, 18:00, except on 7 dates, also on 1 December 2026 at 20:00"},
		{dates: "2026-11-26", rule: "FREQ=WEEKLY", exclude: "2026-12-24 12:00", include: "2026-12-23,2026-12-31", de: "jeden Donnerstag, ganztägig, außer am 24. Dezember 2026, zusätzlich am 23. Dezember 2026"},
		{dates: "1990-01-01 18:00", rule: "FREQ=DAILY", exclude: "2150-01-01 18:00", de: "täglich, 18:00 Uhr, mit Ausnahmen", en: "daily, 18:00, with exceptions"},

		// Without words.
		{dates: evening, rule: "FREQ=WEEKLY;BYDAY=TU", de: "Montag, 23. November 2026" + hours + ", wiederkehrend",
			simple: "Am Montag, 23. November 2026. Von 18 Uhr bis 19:30 Uhr. Der Termin wiederholt sich.", en: "Monday, 23 November 2026, 18:00–19:30, recurring"},
		{dates: evening, rule: "FREQ=YEARLY;BYYEARDAY=327;UNTIL=20300101", de: "Montag, 23. November 2026" + hours + ", wiederkehrend, bis 1. Januar 2030"},
		{dates: evening, rule: "FREQ=YEARLY;BYWEEKNO=48", de: "Montag, 23. November 2026" + hours + ", wiederkehrend"},
		{dates: "2026-11-13 18:00", rule: "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", de: "Freitag, 13. November 2026, 18:00 Uhr, wiederkehrend"},
		{dates: "2026-11-02 18:00", rule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", de: "Montag, 2. November 2026, 18:00 Uhr, wiederkehrend"},
		{dates: "2026-01-31 18:00", rule: "FREQ=MONTHLY;INTERVAL=2", de: "Samstag, 31. Januar 2026, 18:00 Uhr, wiederkehrend"},
		{dates: "2026-06-29 18:00", rule: "FREQ=YEARLY;BYMONTH=6;BYDAY=5MO", de: "Montag, 29. Juni 2026, 18:00 Uhr, wiederkehrend"}, // not every June has one
		{dates: "2026-06-12/2026-06-15", rule: "FREQ=DAILY;BYMONTH=6;INTERVAL=4", de: "12.–14. Juni 2026, wiederkehrend"},
		{dates: evening, rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", de: "Montag, 23. November 2026" + hours + ", wiederkehrend"},
	}
	for _, tt := range tests {
		t.Run(tt.dates+" "+tt.rule, func(t *testing.T) {
			t.Parallel()
			const zone = "Europe/Berlin"
			s := scheduleFor(t, zone, tt.dates, tt.rule)
			for e := range strings.SplitSeq(tt.exclude, ",") {
				if e != "" {
					s.Exclude = append(s.Exclude, scheduleTestTime(t, zone, e))
				}
			}
			for e := range strings.SplitSeq(tt.include, ",") {
				if e != "" {
					s.Include = append(s.Include, scheduleTestTime(t, zone, e))
				}
			}
			for _, c := range []struct{ locale, want string }{
				{"de", tt.de}, {"de-AT", tt.de}, {"de-simple", tt.simple}, {"hsb", tt.simple}, {"en", tt.en}, {"en-GB", tt.en},
			} {
				got := s.Text(c.locale)
				if got == "" || c.want != "" && got != c.want {
					t.Errorf("%s:\ngot  %q\nwant %q", c.locale, got, c.want)
				}
			}
		})
	}
}

// A second reading at the end of summer time must not look like a night.
func TestScheduleTextRepeatedHour(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 10, 25, 0, 45, 0, 0, time.UTC)
	end := start.Add(30 * time.Minute)
	s := &Schedule{Start: start, End: &end, TimeZone: "Europe/Berlin"}
	if got, want := s.Text("de"), "Sonntag, 25. Oktober 2026, 2:45 Uhr, Dauer 30 Minuten"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// meets tells by the calendar alone whether day is one that the habit names.
func (h scheduleHabit) meets(first, day time.Time) bool {
	monday := func(t time.Time) int { return int((t.Unix()/86400 + 3) / 7) } // weeks since 1969-12-29
	lastOfMonth := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	weekday := (int(day.Weekday()) + 6) % 7
	periods := day.Year() - first.Year()
	switch h.kind {
	case scheduleDaily:
		periods = int(day.Sub(first).Hours() / 24)
	case scheduleWeekly:
		periods = monday(day) - monday(first)
	case scheduleMonthDays, scheduleMonthNth:
		periods = 12*periods + int(day.Month()-first.Month())
	}
	if periods%h.every != 0 || len(h.months) > 0 && !slices.Contains(h.months, int(day.Month())) {
		return false
	}
	switch h.kind {
	case scheduleDaily:
		return true
	case scheduleWeekly:
		return slices.Contains(h.weekdays, weekday)
	case scheduleMonthDays, scheduleYearDays:
		return slices.Contains(h.monthDays, day.Day()) || slices.Contains(h.monthDays, day.Day()-lastOfMonth-1)
	}
	return slices.Contains(h.nth, scheduleWeekday{(day.Day() + 6) / 7, weekday}) ||
		slices.Contains(h.nth, scheduleWeekday{-((lastOfMonth-day.Day())/7 + 1), weekday})
}

// What is put into words means the dates that the rule gives, and no others.
func TestScheduleHabitMeansTheRule(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5545, 3))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	worded := map[scheduleHabitKind]int{}
	for range 4000 {
		text := "FREQ=" + pick("DAILY", "WEEKLY", "MONTHLY", "YEARLY") +
			pick("", "", ";INTERVAL=2", ";INTERVAL=5") +
			pick("", "", "", ";BYMONTH=5", ";BYMONTH=2,10") +
			pick("", "", ";BYMONTHDAY=15", ";BYMONTHDAY=1,20", ";BYMONTHDAY=-1", ";BYMONTHDAY=31", ";BYMONTHDAY="+strconv.Itoa(rng.IntN(31)+1)) +
			pick("", "", ";BYDAY=MO", ";BYDAY=SA,SU", ";BYDAY=MO,TU,WE,TH,FR", ";BYDAY=2TU", ";BYDAY=1WE,-1FR", ";BYDAY=5MO", ";BYDAY=MO,TU,WE,TH,FR,SA,SU") +
			pick("", "", ";BYSETPOS=1", ";BYSETPOS=-1", ";BYSETPOS=2,-2") +
			pick("", "", ";WKST=SU", ";WKST=WE")
		rule, err := parseScheduleRule(text)
		if err != nil {
			continue
		}
		first := time.Date(2024, 1, 1+rng.IntN(800), 0, 0, 0, 0, time.UTC)
		resolved := rule.resolve(first)
		habit, ok := resolved.habit()
		if !ok {
			continue
		}
		worded[habit.kind]++
		next := resolved.dates(first, first)
		got, _ := next()
		for day := first; day.Before(first.AddDate(9, 0, 0)); day = day.AddDate(0, 0, 1) {
			for got.Before(day) && !got.IsZero() && got.Year() > 1 {
				got, ok = next()
				if !ok {
					got = time.Time{}
				}
			}
			if habit.meets(first, day) != got.Equal(day) {
				t.Errorf("%s from %v: %v is worded %v, the rule says %v", text, first, day, habit.meets(first, day), got.Equal(day))
				break
			}
		}
	}
	for kind := scheduleDaily; kind <= scheduleYearNth; kind++ {
		if worded[kind] < 20 {
			t.Errorf("kind %d came up only %d times", kind, worded[kind])
		}
	}
}
