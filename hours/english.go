package hours

import (
	"fmt"
	"strconv"
	"strings"
)

func english() *voice {
	v := &voice{
		weekdays:   [...]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
		months:     [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		seasons:    [...]string{"", "in spring", "in summer", "in autumn", "in winter"},
		events:     [...]string{"", "dawn", "sunrise", "sunset", "dusk"},
		and:        "and",
		otherwise:  "otherwise",
		also:       "also",
		off:        "closed",
		allDay:     "open all day",
		always:     "open around the clock",
		unknown:    "opening hours not known",
		unknownDay: "not known",
		unsure:     "not certain",
		openEnd:    "(open end)",
		daily:      "daily",
		offFirst:   true,
		to:         "to",
		oddEven:    [...]string{"odd weeks", "even weeks"},
		week:       "week",
	}
	v.clock = func(minutes int) string {
		if minutes > 1440 {
			minutes -= 1440
		}
		return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
	}
	v.day = func(day int, month string) string { return fmt.Sprintf("%d %s", day, month) }
	v.dayRange = func(day int, to string) string { return fmt.Sprintf("%d–%s", day, to) }
	v.nth = func(n int, weekday string) string {
		s := [...]string{"", "1st", "2nd", "3rd", "4th", "5th"}[max(n, -n)]
		switch {
		case n == -1:
			s = "last"
		case n < 0:
			s += " last"
		}
		return strings.TrimSpace(s + " " + weekday)
	}
	v.ofMonth = func(what, month string) string {
		if month == "" {
			return what + " of the month"
		}
		return what + " in " + month
	}
	v.offset = func(n int, of string) string {
		switch n {
		case 1:
			return "the day after " + of
		case -1:
			return "the day before " + of
		}
		if n < 0 {
			return fmt.Sprintf("%d days before %s", -n, of)
		}
		return fmt.Sprintf("%d days after %s", n, of)
	}
	v.easter = func(n int) string {
		switch n {
		case -2:
			return "Good Friday"
		case 0:
			return "Easter Sunday"
		case 1:
			return "Easter Monday"
		case 39:
			return "Ascension Day"
		case 49:
			return "Whit Sunday"
		case 50:
			return "Whit Monday"
		case 60:
			return "Corpus Christi"
		}
		return v.offset(n, "Easter Sunday")
	}
	v.shifted = func(weekday string, after bool, date string) string {
		if after {
			return weekday + " after " + date
		}
		return weekday + " before " + date
	}
	v.since = func(from string) string { return "from " + from }
	v.times = func(spans []string) string { return v.join(spans) }
	v.from = func(t string) string { return "from " + t }
	v.at = func(t string) string { return "at " + t }
	v.every = func(span string, minutes int) string {
		return span + " every " + strings.TrimPrefix(duration(minutes, "hour", "hours", "minutes"), "1 ")
	}
	v.eventShift = func(event string, minutes int) string {
		if minutes < 0 {
			return duration(-minutes, "hour", "hours", "minutes") + " before " + event
		}
		return duration(minutes, "hour", "hours", "minutes") + " after " + event
	}
	v.holidays = func(refs []holidayRef) []string {
		var list []string
		for _, r := range refs {
			what, on := "public holidays", "on public holidays"
			if r.school {
				what, on = "school holidays", "during school holidays"
			}
			switch {
			case r.offset == 0:
				list = append(list, on)
			case r.offset == -1:
				list = append(list, "the day before "+what)
			case r.offset == 1:
				list = append(list, "the day after "+what)
			case r.offset < 0:
				list = append(list, strconv.Itoa(-r.offset)+" days before "+what)
			default:
				list = append(list, strconv.Itoa(r.offset)+" days after "+what)
			}
		}
		return list
	}
	v.stepWeeks = func(n int) string { return fmt.Sprintf("one in %d", n) }
	v.stepYears = func(n int) string { return fmt.Sprintf("one in %d", n) }
	return v
}
