package pages

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"umland/hours"
)

const (
	monthFew   = 3 // titles on a day
	monthsBack = 12
	monthsOn   = 23 // dates are known for two years
)

// month is a leaf of a wall calendar.
type month struct {
	Title, Value   string // in words, and as the address has it
	Earlier, Later string // other months, "" where nothing is known of them
	Weekdays       []string
	Blank          int // days of the week before the first
	Days           []monthDay
}

type monthDay struct {
	URL, Date, Name, Number, Full string
	Holiday                       string // its name, "" for none
	Today, Past, Weekend          bool
	Count, More                   int // all, and those that are not shown
	Items                         []item
}

// month answers /kalender for the month that begins at first.
func (s *site) month(r *request, first time.Time) error {
	for _, name := range []string{"day", "when", "after"} { // a month is a time of its own
		r.values.Del(name)
	}
	q, err := r.find()
	if err != nil {
		return err
	}
	end := first.AddDate(0, 1, 0)
	m := &month{Title: r.month(first) + " " + strconv.Itoa(first.Year()), Value: first.Format("2006-01"), Blank: daysSinceMonday(first)}
	for i := range 7 {
		m.Weekdays = append(m.Weekdays, r.shortWeekday(time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC))) // a Monday
	}
	this := time.Date(r.now.Year(), r.now.Month(), 1, 0, 0, 0, 0, r.now.Location())
	if earlier := first.AddDate(0, -1, 0); !earlier.Before(this.AddDate(0, -monthsBack, 0)) {
		m.Earlier = r.With("month", earlier.Format("2006-01"))
	}
	if !end.After(this.AddDate(0, monthsOn, 0)) {
		m.Later = r.With("month", end.Format("2006-01"))
	}
	variables := map[string]any{
		"locale": r.locale, "filter": variablesOf(*q.Filter), "from": first.Format(time.RFC3339), "to": end.Format(time.RFC3339), "first": 1,
	}
	var all calendarAnswer
	if err := r.ask("calendar", variables, &all); err != nil {
		return err
	}
	chosenCategories, err := q.withChosen(nil)
	if err != nil {
		return err
	}
	holidays := q.holidays()
	for week := first; week.Before(end); week = week.AddDate(0, 0, 7) {
		a, err := q.weekFrom(week, monthFew)
		if err != nil {
			return err
		}
		for i, on := range a.days() {
			if day := week.AddDate(0, 0, i); day.Before(end) {
				m.Days = append(m.Days, r.monthDay(day, on, holidays(day)))
			}
		}
	}
	day := first
	if sameDay(this, first) {
		day = midnight(r.now)
	}
	p := &calendarPageData{
		search: q, Month: m, Total: all.Occurrences.TotalCount, Chips: q.chips(chosenCategories), Kinds: r.kindOptions(nil), First: r.date(first), Last: r.date(end.AddDate(0, 0, -1)),
		DayOf: day.Format(time.DateOnly),
	}
	variables["first"] = calendarPage
	v := &view{
		request: r, Section: "calendar", Canonical: r.With(), Robots: "noindex, follow", Query: s.playground("calendar", variables),
		Title:       r.tr("Kalender: ", "Calendar: ") + m.Title + " – Umland",
		Description: r.tr("Was in der Region los ist, Tag für Tag.", "What is on in the region, day by day."),
	}
	p.Notice = v.Notice(q.NoticeTitle()+", "+m.Title, q.NoticeWhat(p.Chips), r.With())
	r.render("calendar", http.StatusOK, v, p)
	return nil
}

func (st *state) monthDay(day time.Time, on *dayDates, holiday string) monthDay {
	d := monthDay{
		URL: st.With("month", "", "day", day.Format(time.DateOnly)), Date: day.Format(time.DateOnly), Name: st.shortWeekday(day), Number: strconv.Itoa(day.Day()), Full: st.fullDate(day),
		Holiday: holiday, Today: sameDay(day, st.now), Past: day.Before(midnight(st.now)), Weekend: daysSinceMonday(day) > 4, Count: on.TotalCount, More: on.TotalCount - len(on.Nodes),
	}
	for i := range on.Nodes {
		n := &on.Nodes[i]
		it := item{URL: st.To("/angebot/" + n.Offering.ID), Title: n.Offering.Title, Lang: st.textLang(n.Offering.Translations), Kind: n.Offering.Kind, Status: st.status(n.Status)}
		if !n.AllDay && !n.Start.Before(day) {
			it.When = st.clock(n.Start)
		}
		d.Items = append(d.Items, it)
	}
	return d
}

// holidays tells of a day which public holiday it is where the search looks, "" for none. Where it looks everywhere, a holiday of some states says so.
func (s *search) holidays() func(day time.Time) string {
	area := s.area()
	years := map[int]map[hours.Date]string{}
	return func(day time.Time) string {
		year := years[day.Year()]
		if year == nil {
			year = map[hours.Date]string{}
			for _, h := range hours.Holidays(day.Year(), area) {
				name := s.tr(h.Name, h.NameEN)
				if h.Regional {
					name += s.tr(" (nicht überall)", " (not everywhere)")
				}
				year[h.Date] = name
			}
			years[day.Year()] = year
		}
		return year[hours.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()}]
	}
}

// area gives the beginning of the AGS that all that is searched has in common.
func (s *search) area() string {
	switch {
	case s.Scope.Municipality != nil:
		return s.Scope.Municipality.AGS
	case s.Around != nil:
		return s.Around.AGS
	case s.Scope.Region == nil:
		return ""
	case strings.Trim(s.Scope.Region.Key, "0123456789") == "":
		return s.Scope.Region.Key
	}
	state := ""
	for _, m := range s.Scope.Region.Municipalities.Nodes { // of a cooperation, which may reach over borders of states
		if state != "" && m.AGS[:2] != state {
			return ""
		}
		state = m.AGS[:2]
	}
	return state
}
