package harvest

import (
	"fmt"
	"slices"
	"strings"
)

var schemaWeek = []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU", "PH"}

// schemaHours gives openingHours and openingHoursSpecification in the syntax of OpenStreetMap; "" where they say nothing, or nothing that is whole.
func schemaHours(p *schemaPage, t *schemaThing) string {
	var rules []string
	for i, v := range t.props["openingHours"] {
		if s := p.words(v); s != "" && i < schemaMaxList && !slices.Contains(rules, s) {
			rules = append(rules, s)
		}
	}
	if len(rules) > 0 {
		// Two times of a day stand in two values: an additional rule does not put the first out of force.
		return strings.Join(rules, ", ")
	}
	week := map[string][]string{} // times by day
	type dated struct{ from, to, rule string }
	var special []dated
	specs := append(p.all(t, "openingHoursSpecification"), p.all(t, "specialOpeningHoursSpecification")...)
	for i, s := range specs {
		if i == schemaMaxList {
			return ""
		}
		var days []string
		for _, v := range s.props["dayOfWeek"] {
			for name := range strings.SplitSeq(p.words(v), ",") {
				d := schemaDay(name)
				if d == "" {
					return ""
				}
				days = append(days, d)
			}
		}
		opens, closes := schemaClock(p.text(s, "opens")), schemaClock(p.text(s, "closes"))
		time := ""
		switch {
		case opens == "" && closes == "" || opens == closes:
			time = "off"
		case opens == "":
			return ""
		case closes == "":
			time = opens + "+"
		case closes == "23:59":
			time = opens + "-24:00"
		case closes == "00:00":
			time = opens + "-24:00"
		default:
			time = opens + "-" + closes
		}
		from, to := schemaDate(p.text(s, "validFrom")), schemaDate(p.text(s, "validThrough"))
		if from != "" || to != "" {
			switch {
			case from == "" || to == "":
				return "" // a season without an end is not the whole truth
			}
			rule := from
			if to != from {
				rule += "-" + to
			}
			if len(days) > 0 && len(days) < 7 {
				rule += " " + schemaDays(days)
			}
			special = append(special, dated{from, to, rule + " " + time})
			continue
		}
		if len(days) == 0 {
			days = schemaWeek[:7]
		}
		for _, d := range days {
			if !slices.Contains(week[d], time) {
				week[d] = append(week[d], time)
			}
		}
	}
	for len(week) > 0 {
		for _, d := range schemaWeek {
			times, ok := week[d]
			if !ok {
				continue
			}
			slices.Sort(times)
			if len(times) > 1 {
				times = slices.DeleteFunc(times, func(t string) bool { return t == "off" })
			}
			var days []string
			for _, other := range schemaWeek {
				o := slices.Sorted(slices.Values(week[other]))
				if len(o) > 1 {
					o = slices.DeleteFunc(o, func(t string) bool { return t == "off" })
				}
				if (other == "PH") == (d == "PH") && len(week[other]) > 0 && slices.Equal(o, times) {
					days = append(days, other)
				}
			}
			rules = append(rules, schemaDays(days)+" "+strings.Join(times, ","))
			for _, done := range days {
				delete(week, done)
			}
		}
	}
	// Two dated rules of one period add up, as the times of a weekday do; otherwise the later one counts.
	for i, s := range special {
		j := slices.IndexFunc(special[:i], func(o dated) bool { return o.from == s.from && o.to == s.to })
		if j < 0 || strings.HasSuffix(s.rule, " off") {
			rules = append(rules, s.rule)
		} else {
			rules[len(rules)-1] += ", " + s.rule
		}
	}
	return strings.Join(rules, "; ")
}

// schemaDays writes weekdays as OpenStreetMap does, runs of three and more as a range.
func schemaDays(days []string) string {
	var list []string
	for i := 0; i < len(schemaWeek); i++ {
		if !slices.Contains(days, schemaWeek[i]) {
			continue
		}
		j := i
		for j+1 < 7 && i < 7 && slices.Contains(days, schemaWeek[j+1]) {
			j++
		}
		name := func(n int) string {
			if schemaWeek[n] == "PH" {
				return "PH"
			}
			return schemaWeek[n][:1] + strings.ToLower(schemaWeek[n][1:])
		}
		switch {
		case j == i:
			list = append(list, name(i))
		case j == i+1:
			list = append(list, name(i), name(j))
		default:
			list = append(list, name(i)+"-"+name(j))
		}
		i = j
	}
	return strings.Join(list, ",")
}

// schemaClock gives the time of day as 09:00; "" for none.
func schemaClock(s string) string {
	s = strings.TrimPrefix(strings.TrimSpace(s), "T")
	if _, after, ok := strings.Cut(s, "T"); ok {
		s = after
	}
	var hour, minute int
	if n, err := fmt.Sscanf(s, "%d:%d", &hour, &minute); n != 2 || err != nil || hour < 0 || hour > 24 || minute < 0 || minute > 59 {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", hour%24, minute)
}

// schemaDate gives the date as OpenStreetMap writes it: "2026 Dec 24".
func schemaDate(s string) string {
	at, ok := icalWall(strings.TrimSpace(s))
	if !ok {
		return ""
	}
	return at.wall.Format("2006 ") + at.wall.Month().String()[:3] + at.wall.Format(" 02")
}
