package hours

import (
	"fmt"
	"strconv"
	"strings"
)

func german() *voice {
	v := &voice{
		weekdays:   [...]string{"Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"},
		months:     [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		seasons:    [...]string{"", "im Frühjahr", "im Sommer", "im Herbst", "im Winter"},
		events:     [...]string{"", "Morgendämmerung", "Sonnenaufgang", "Sonnenuntergang", "Abenddämmerung"},
		and:        "und",
		otherwise:  "sonst",
		also:       "zusätzlich",
		off:        "geschlossen",
		allDay:     "ganztägig geöffnet",
		always:     "rund um die Uhr geöffnet",
		unknown:    "Öffnungszeiten nicht bekannt",
		unknownDay: "nicht bekannt",
		unsure:     "ohne Gewähr",
		openEnd:    "(Ende offen)",
		daily:      "täglich",
		to:         "bis",
		oddEven:    [...]string{"ungerade Kalenderwochen", "gerade Kalenderwochen"},
		week:       "KW",
		clock:      shortClock,
	}
	v.day = func(day int, month string) string { return fmt.Sprintf("%d. %s", day, month) }
	v.dayRange = func(day int, to string) string { return fmt.Sprintf("%d.–%s", day, to) }
	v.nth = func(n int, weekday string) string {
		s := strconv.Itoa(n) + "."
		switch {
		case n == -1:
			s = "letzter"
		case n < 0:
			s = [...]string{2: "vorletzter", 3: "drittletzter", 4: "viertletzter", 5: "fünftletzter"}[-n]
		}
		return strings.TrimSpace(s + " " + weekday)
	}
	v.ofMonth = func(what, month string) string {
		if month == "" {
			return what + " im Monat"
		}
		return what + " im " + month
	}
	v.offset = func(n int, of string) string {
		if of != "Ostersonntag" {
			of = "dem " + strings.ReplaceAll(of, "letzter", "letzten")
		}
		switch {
		case n == 1:
			return "am Tag nach " + of
		case n == -1:
			return "am Tag vor " + of
		case n < 0:
			return fmt.Sprintf("%d Tage vor %s", -n, of)
		}
		return fmt.Sprintf("%d Tage nach %s", n, of)
	}
	v.easter = func(n int) string {
		switch n {
		case -48:
			return "Rosenmontag"
		case -47:
			return "Fastnachtsdienstag"
		case -46:
			return "Aschermittwoch"
		case -3:
			return "Gründonnerstag"
		case -2:
			return "Karfreitag"
		case -1:
			return "Karsamstag"
		case 0:
			return "Ostersonntag"
		case 1:
			return "Ostermontag"
		case 39:
			return "Christi Himmelfahrt"
		case 49:
			return "Pfingstsonntag"
		case 50:
			return "Pfingstmontag"
		case 60:
			return "Fronleichnam"
		}
		return v.offset(n, "Ostersonntag")
	}
	v.shifted = func(weekday string, after bool, date string) string {
		date = strings.ReplaceAll(date, "letzter", "letzten")
		if after {
			return weekday + " nach dem " + date
		}
		return weekday + " vor dem " + date
	}
	v.since = func(from string) string { return "ab " + from }
	v.times = func(spans []string) string { return v.join(spans) + " Uhr" }
	v.from = func(t string) string {
		if t[0] >= '0' && t[0] <= '9' && !strings.Contains(t, " ") {
			return "ab " + t + " Uhr"
		}
		return "ab " + t
	}
	v.at = func(t string) string {
		if t[0] >= '0' && t[0] <= '9' && !strings.Contains(t, " ") {
			return "um " + t + " Uhr"
		}
		return "zum " + t
	}
	v.every = func(span string, minutes int) string {
		if minutes == 60 {
			return span + " stündlich"
		}
		return span + " alle " + duration(minutes, "Stunde", "Stunden", "Minuten")
	}
	v.eventShift = func(event string, minutes int) string {
		if minutes < 0 {
			return duration(-minutes, "Stunde", "Stunden", "Minuten") + " vor " + event
		}
		return duration(minutes, "Stunde", "Stunden", "Minuten") + " nach " + event
	}
	v.holidays = func(refs []holidayRef) []string {
		var list []string
		for _, r := range refs {
			what, on := "Feiertagen", "an Feiertagen"
			if r.school {
				what, on = "Schulferien", "in den Schulferien"
			}
			switch {
			case r.offset == 0:
				list = append(list, on)
			case r.offset == -1:
				list = append(list, "am Tag vor "+what)
			case r.offset == 1:
				list = append(list, "am Tag nach "+what)
			case r.offset < 0:
				list = append(list, fmt.Sprintf("%d Tage vor %s", -r.offset, what))
			default:
				list = append(list, fmt.Sprintf("%d Tage nach %s", r.offset, what))
			}
		}
		return list
	}
	v.stepWeeks = func(n int) string { return fmt.Sprintf("jede %d. Woche", n) }
	v.stepYears = func(n int) string { return fmt.Sprintf("jedes %d. Jahr", n) }
	return v
}
