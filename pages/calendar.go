package pages

import (
	"net/http"
	"strconv"
	"time"
)

const (
	calendarDays = 28 // from the first day that is shown
	calendarPage = 50
)

// weekday is one day of the week above the calendar.
type weekday struct {
	URL, Name, Number, Full string
	Holiday                 string // its name, "" for none
	Count                   int
	Today, On, Weekend      bool
}

// agenda is what takes place on a day.
type agenda struct {
	Title, Date string // in words, and for machines
	Holiday     string // its name, "" for none
	Items       []item
}

type calendarPageData struct {
	*search
	Week               []weekday
	WeekTitle          string
	Earlier, Later     string // other weeks
	Total              int
	Days               []agenda
	Next               string
	Chips              []chip
	Kinds              []option
	First, Last, DayOf string
	Month              *month // nil for the calendar by days
	MonthURL           string // of the month that the day lies in
	Notice             notice
}

// calendar answers /kalender: by days, or a month when the address names one and no day.
func (s *site) calendar(r *request) error {
	first, ok, err := r.chosenMonth()
	if err != nil {
		return err
	}
	if ok && r.Get("day") == "" {
		return s.month(r, first)
	}
	r.values.Del("month")
	p, v, err := s.calendarOf(r, true)
	if err != nil {
		return err
	}
	r.render("calendar", http.StatusOK, v, p)
	return nil
}

// calendarOf reads what takes place from the day of the address on; week asks for the counts of its week, too.
func (s *site) calendarOf(r *request, week bool) (*calendarPageData, *view, error) {
	day, chosen, err := r.chosenDay()
	if err != nil {
		return nil, nil, err
	}
	if chosen { // as in a list, a day is more than a word for one
		r.values.Del("when")
	}
	// The day says where the calendar begins, it does not narrow.
	values := clone(r.values)
	r.values.Del("day")
	q, err := r.find()
	r.values = values
	if err != nil {
		return nil, nil, err
	}
	from, to := day, day.AddDate(0, 0, calendarDays)
	if q.Window != nil {
		from, to = q.Window.from, *q.Window.to
		if !chosen {
			day = midnight(from)
		}
	} else if sameDay(from, r.now) {
		from = r.now
	}
	q.Filter.During = nil // the calendar's own bounds say it
	variables := map[string]any{
		"locale": r.locale, "filter": variablesOf(*q.Filter), "from": from.Format(time.RFC3339), "to": to.Format(time.RFC3339), "first": calendarPage,
	}
	if after := r.Get("after"); after != "" {
		variables["after"] = after
	}
	var a calendarAnswer
	if err := r.ask("calendar", variables, &a); err != nil {
		return nil, nil, err
	}
	chosenCategories, err := q.withChosen(nil)
	if err != nil {
		return nil, nil, err
	}
	p := &calendarPageData{search: q, Total: a.Occurrences.TotalCount, Chips: q.chips(chosenCategories), DayOf: day.Format(time.DateOnly),
		First: r.date(from), Last: r.date(to.AddDate(0, 0, -1))}
	p.Next, _ = r.steps(a.Occurrences.PageInfo)
	p.Days = q.agendas(a.Occurrences.Nodes, midnight(from))
	p.MonthURL = r.With("month", day.Format("2006-01"), "day", "", "when", "")
	p.Kinds = r.kindOptions(nil)
	if week {
		if err := p.week(day, q); err != nil {
			return nil, nil, err
		}
	}
	v := &view{
		request: r, Section: "calendar", Canonical: r.To("/kalender"), Query: s.playground("calendar", variables),
		Title:       r.tr("Kalender: ", "Calendar: ") + r.fullDate(day) + " – Umland",
		Description: r.tr("Was in der Region los ist, Tag für Tag.", "What is on in the region, day by day."),
	}
	p.Notice = v.Notice(q.NoticeTitle(), q.NoticeWhat(p.Chips), r.With())
	if r.Narrowed() || r.Get("after") != "" {
		v.Robots, v.Canonical = "noindex, follow", r.With()
	} else {
		v.Title = r.tr("Kalender – Umland", "Calendar – Umland")
	}
	return p, v, nil
}

// agendas groups dates by day; what began before the first day stands on it.
func (s *search) agendas(dates []date, first time.Time) []agenda {
	var out []agenda
	holidays := s.holidays()
	for i := range dates {
		d := &dates[i]
		day, title := midnight(d.Start), ""
		if day.Before(first) {
			day, title = first, s.tr("Läuft schon", "Already running")
		} else {
			title = s.fullDate(day)
			if sameDay(day, s.now) {
				title = s.tr("Heute, ", "Today, ") + title
			}
		}
		if len(out) == 0 || out[len(out)-1].Title != title {
			a := agenda{Title: title, Date: day.Format(time.DateOnly)}
			if sameDay(day, d.Start) {
				a.Holiday = holidays(day)
			}
			out = append(out, a)
		}
		last := &out[len(out)-1]
		last.Items = append(last.Items, s.dateItem(d, first))
	}
	return out
}

// week reads how much is on on each day of the week that the day lies in.
func (p *calendarPageData) week(day time.Time, q *search) error {
	monday := day.AddDate(0, 0, -daysSinceMonday(day))
	a, err := q.weekFrom(monday, 1)
	if err != nil {
		return err
	}
	holidays := q.holidays()
	for i, c := range a.days() {
		d := monday.AddDate(0, 0, i)
		p.Week = append(p.Week, weekday{
			URL: p.With("day", d.Format(time.DateOnly), "when", ""), Name: p.shortWeekday(d), Number: d.Format("2."), Full: p.fullDate(d), Count: c.TotalCount,
			Holiday: holidays(d), Today: sameDay(d, p.now), On: sameDay(d, day), Weekend: i > 4,
		})
	}
	p.WeekTitle = p.tr(monday.Format("2.")+" ", monday.Format("2")+" ") + p.month(monday) + " – " + p.day(monday.AddDate(0, 0, 6))
	p.Earlier = p.With("day", monday.AddDate(0, 0, -7).Format(time.DateOnly), "when", "")
	p.Later = p.With("day", monday.AddDate(0, 0, 7).Format(time.DateOnly), "when", "")
	return nil
}

// weekFrom reads how much takes place on each of seven days, and the first few of them.
func (s *search) weekFrom(day time.Time, few int) (*weekAnswer, error) {
	variables := map[string]any{"filter": variablesOf(*s.Filter), "first": few, "locale": s.locale}
	for i := range 8 {
		variables["d"+strconv.Itoa(i)] = day.AddDate(0, 0, i).Format(time.RFC3339)
	}
	a := &weekAnswer{}
	return a, s.ask("week", variables, a)
}

func daysSinceMonday(day time.Time) int { return (int(day.Weekday()) + 6) % 7 }
