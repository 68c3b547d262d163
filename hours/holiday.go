package hours

import (
	"slices"
	"strings"
	"time"
)

// Holiday is a public holiday.
type Holiday struct {
	Date   Date
	Name   string // German
	NameEN string
	// Regional is set when the day is a holiday in a part of the area only: in
	// some states, or in some municipalities of the state, or when the law goes
	// by parts of the municipality.
	Regional bool
}

// holidayRule says when and where a day is a public holiday. Its areas are AGS
// prefixes, "*" = everywhere; the longest that fits decides, "~" before it means
// in a part only and "-" not there.
type holidayRule struct {
	name, en   string
	month      time.Month // 0 = days after Easter Sunday
	day        int
	first, end int // years, 0 = no limit
	areas      string
}

// AGS of the states, with a space behind to join them.
const (
	schleswigHolstein = "01 "
	hamburg           = "02 "
	niedersachsen     = "03 "
	bremen            = "04 "
	nordrheinWestf    = "05 "
	hessen            = "06 "
	rheinlandPfalz    = "07 "
	badenWuertt       = "08 "
	bayern            = "09 "
	saarland          = "10 "
	berlin            = "11 "
	brandenburg       = "12 "
	mecklenburgVorp   = "13 "
	sachsen           = "14 "
	sachsenAnhalt     = "15 "
	thueringen        = "16 "
)

// holidayRules gives the law as it stands since 1995 (end of the nationwide Buß-
// und Bettag). Hessen's law names all Sundays, and so Easter and Whit Sunday,
// among its holidays; here they count as the Sundays they are. Municipalities
// whose Catholics are in the majority are listed where that is sure; the rest
// of the state then has Regional.
func holidayRules() []holidayRule {
	const everywhere = "*"
	const eastern = brandenburg + mecklenburgVorp + sachsen + sachsenAnhalt + thueringen
	return []holidayRule{
		{name: "Neujahr", en: "New Year's Day", month: 1, day: 1, areas: everywhere},
		{name: "Heilige Drei Könige", en: "Epiphany", month: 1, day: 6, areas: badenWuertt + bayern + sachsenAnhalt},
		{name: "Internationaler Frauentag", en: "International Women's Day", month: 3, day: 8, first: 2019, end: 2022, areas: berlin},
		{name: "Internationaler Frauentag", en: "International Women's Day", month: 3, day: 8, first: 2023, areas: berlin + mecklenburgVorp},
		{name: "Karfreitag", en: "Good Friday", day: -2, areas: everywhere},
		{name: "Ostersonntag", en: "Easter Sunday", day: 0, areas: brandenburg},
		{name: "Ostermontag", en: "Easter Monday", day: 1, areas: everywhere},
		{name: "Tag der Arbeit", en: "Labour Day", month: 5, day: 1, areas: everywhere},
		{name: "Tag der Befreiung", en: "Liberation Day", month: 5, day: 8, first: 2020, end: 2020, areas: berlin},
		{name: "Tag der Befreiung", en: "Liberation Day", month: 5, day: 8, first: 2025, end: 2025, areas: berlin},
		{name: "Christi Himmelfahrt", en: "Ascension Day", day: 39, areas: everywhere},
		{name: "Pfingstsonntag", en: "Whit Sunday", day: 49, areas: brandenburg},
		{name: "Pfingstmontag", en: "Whit Monday", day: 50, areas: everywhere},
		{name: "Fronleichnam", en: "Corpus Christi", day: 60, areas: badenWuertt + bayern + hessen + nordrheinWestf + rheinlandPfalz + saarland +
			// the Sorbian Catholic municipalities of Saxony, six of them in parts
			"14625080 14625350 14625440 14625460 14625470 14625490 14625500 14625640 " +
			"~14625020 ~14625150 ~14625160 ~14625240 ~14625280 ~14625360 " +
			// Eichsfeld, and Catholic parts of two districts beside it
			"16061 ~16063011 ~16063015 ~16063032 ~16063033 ~16063068 ~16063078 ~16064046 ~16064071 ~16064074"},
		{name: "75. Jahrestag des Volksaufstands in der DDR", en: "75th anniversary of the 1953 uprising", month: 6, day: 17, first: 2028, end: 2028, areas: berlin},
		{name: "Augsburger Friedensfest", en: "Augsburg Peace Festival", month: 8, day: 8, areas: "09761000"},
		{name: "Mariä Himmelfahrt", en: "Assumption Day", month: 8, day: 15, areas: saarland + "~" + bayern +
			"09162000 09761000 -09563000 -09562000 -09564000"}, // Munich, Augsburg; not Fürth, Erlangen, Nuremberg
		{name: "Weltkindertag", en: "World Children's Day", month: 9, day: 20, first: 2019, areas: thueringen},
		{name: "Tag der Deutschen Einheit", en: "German Unity Day", month: 10, day: 3, areas: everywhere},
		{name: "Reformationstag", en: "Reformation Day", month: 10, day: 31, end: 2016, areas: eastern},
		{name: "Reformationstag", en: "Reformation Day", month: 10, day: 31, first: 2017, end: 2017, areas: everywhere},
		{name: "Reformationstag", en: "Reformation Day", month: 10, day: 31, first: 2018,
			areas: eastern + schleswigHolstein + hamburg + niedersachsen + bremen},
		{name: "Allerheiligen", en: "All Saints' Day", month: 11, day: 1, areas: badenWuertt + bayern + nordrheinWestf + rheinlandPfalz + saarland},
		{name: "Buß- und Bettag", en: "Day of Repentance and Prayer", month: 11, day: repentance, areas: sachsen},
		{name: "1. Weihnachtstag", en: "Christmas Day", month: 12, day: 25, areas: everywhere},
		{name: "2. Weihnachtstag", en: "Boxing Day", month: 12, day: 26, areas: everywhere},
	}
}

// repentance as a day stands for the Wednesday before 23 November.
const repentance = -1

// Holidays lists the public holidays of a year by date, for an AGS of any length
// from the state (2 digits) to the municipality (8). Days that hold in only a
// part of it are there, marked Regional; with "" (Germany) that is every day
// that is not nationwide. Years from 1995 follow the law; a later law is unknown.
func Holidays(year int, stateOrAGS string) []Holiday {
	var list []Holiday
	for _, h := range holidaysOf(year, stateOrAGS) {
		c := civilOf(h.day)
		list = append(list, Holiday{Date{c.year, c.month, c.day}, h.rule.name, h.rule.en, h.regional})
	}
	return list
}

// holidayOf is a holiday of a year.
type holidayOf struct {
	day      int
	regional bool
	rule     *holidayRule
}

// holidaysOf lists the holidays of a year by date.
func holidaysOf(year int, area string) []holidayOf {
	list := make([]holidayOf, 0, 24)
	rules := holidayRules()
	for i := range rules {
		r := &rules[i]
		if year < r.first || r.end != 0 && year > r.end {
			continue
		}
		if in, regional := r.holds(area); in {
			list = append(list, holidayOf{r.in(year), regional, r})
		}
	}
	slices.SortFunc(list, func(a, b holidayOf) int { return a.day - b.day })
	return list
}

// in is the day number of the rule in a year.
func (r *holidayRule) in(year int) int {
	switch {
	case r.month == 0:
		return easter(year) + r.day
	case r.day == repentance:
		nov22 := civilOf(dayNumber(year, time.November, 22))
		return nov22.n - floorMod(nov22.weekday-2, 7)
	}
	return dayNumber(year, r.month, r.day)
}

// holds tells whether the day is a holiday in the area, and whether only in parts.
func (r *holidayRule) holds(area string) (in, regional bool) {
	best := -1
	inside := false // an entry lies within the area
	for a := range strings.FieldsSeq(r.areas) {
		prefix := strings.TrimLeft(a, "*~-")
		switch {
		case strings.HasPrefix(area, prefix) && len(prefix) > best:
			best, in, regional = len(prefix), a[0] != '-', a[0] == '~'
		case strings.HasPrefix(prefix, area):
			inside = true
		}
	}
	if best < 0 && inside {
		return true, true
	}
	return in, regional
}
