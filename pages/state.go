package pages

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"umland/ent"
)

// parameters are all that an address may say, each with how long its values may be. Lists may be given several times.
func parameters() map[string]int {
	return map[string]int{
		"q": 200, "kind": 20, "category": 100, "audience": 20, "when": 20, "day": 10, "month": 7, "place": 100, "ags": 8, "near": 40, "km": 5, "free": 5,
		"wheelchair": 5, "online": 5, "region": 40, "municipality": 8, "provider": 60, "box": 80, "order": 20, "view": 10, "after": 1000,
		"before": 1000, "at": 25, "lang": 12,
	}
}

const maxValues = 40 // of one parameter

// state is what an address says: all that a page shows follows from it, the data and the time.
type state struct {
	format
	path   string
	values url.Values // known ones only, none empty
	locale string     // of texts: de, en or de-simple
	now    time.Time  // in the zone of the pages
}

func badAddress(parameter string) error {
	return &fault{status: http.StatusBadRequest, code: "ADDRESS", field: parameter}
}

// readState reads the address. What it does not know is left out, so that links from elsewhere with marks on them work.
func readState(r *http.Request, now time.Time) (*state, error) {
	st := &state{path: r.URL.Path, values: url.Values{}, locale: "de", now: now}
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return st, badAddress("")
	}
	var bad error
	for name, most := range parameters() {
		for _, v := range given[name] {
			if v = strings.TrimSpace(v); name == "kind" || name == "audience" {
				v = strings.ToUpper(v)
			}
			switch {
			case v == "":
			case len(v) > most*4 || len([]rune(v)) > most || len(st.values[name]) >= maxValues || strings.ToValidUTF8(v, "") != v || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' }):
				bad = badAddress(name)
			case !slices.Contains(st.values[name], v):
				st.values.Add(name, v)
			}
		}
	}
	switch lang := st.values.Get("lang"); lang {
	case "en", "de-simple":
		st.locale, st.english = lang, lang == "en"
	default:
		st.values.Del("lang")
	}
	// A page that follows another is of the same moment, so that its cursor fits.
	if at := st.values.Get("at"); at != "" {
		t, err := time.Parse("2006-01-02T15:04Z", at)
		if st.values.Del("at"); err == nil && (st.values.Has("after") || st.values.Has("before")) && t.Before(now) && now.Sub(t) < 24*time.Hour {
			st.now = t.In(now.Location())
		}
	}
	st.now = st.now.Truncate(time.Minute)
	return st, bad
}

// Get gives the first value of a parameter, "" for none.
func (st *state) Get(name string) string { return st.values.Get(name) }

// Has tells whether a parameter has the value.
func (st *state) Has(name, value string) bool { return slices.Contains(st.values[name], value) }

// All gives the values of a parameter.
func (st *state) All(name string) []string { return st.values[name] }

func clone(v url.Values) url.Values {
	c := make(url.Values, len(v))
	for name, list := range v {
		c[name] = slices.Clone(list)
	}
	return c
}

func address(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// first gives the parameters without what leads to a later page.
func (st *state) first() url.Values {
	v := clone(st.values)
	v.Del("after")
	v.Del("before")
	return v
}

// With gives this page's address with parameters set, given as names and values by turns; "" takes one away.
func (st *state) With(pairs ...string) string { return st.withOn(st.path, pairs...) }

// On is With for another page that takes the same parameters.
func (st *state) On(path string, pairs ...string) string { return st.withOn(path, pairs...) }

func (st *state) withOn(path string, pairs ...string) string {
	v := st.first()
	for i := 0; i+1 < len(pairs); i += 2 {
		if v.Del(pairs[i]); pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return address(path, v)
}

// Without gives this page's address without one value of a parameter.
func (st *state) Without(name, value string) string {
	v := st.first()
	v[name] = slices.DeleteFunc(v[name], func(x string) bool { return x == value })
	if len(v[name]) == 0 {
		v.Del(name)
	}
	return address(st.path, v)
}

// Step gives the address of the page behind or before a cursor.
func (st *state) Step(name, cursor string) string {
	v := st.first()
	v.Set(name, cursor)
	v.Set("at", st.now.UTC().Format("2006-01-02T15:04Z"))
	return address(st.path, v)
}

// To gives the address of another page in the same language.
func (st *state) To(path string) string {
	v := url.Values{}
	if lang := st.values.Get("lang"); lang != "" {
		v.Set("lang", lang)
	}
	return address(path, v)
}

// Find gives the address of the explorer with parameters, in the same language.
func (st *state) Find(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	if lang := st.values.Get("lang"); lang != "" {
		v.Set("lang", lang)
	}
	return address("/", v)
}

// Switch gives this very page in another language.
func (st *state) Switch(lang string) string {
	v := clone(st.values)
	if v.Del("lang"); lang != "de" {
		v.Set("lang", lang)
	}
	return address(st.path, v)
}

// Narrowed tells whether the address asks for less than everything.
func (st *state) Narrowed() bool {
	for name := range st.values {
		if name != "lang" && name != "view" && name != "order" && name != "after" && name != "before" {
			return true
		}
	}
	return false
}

// window is a time that is asked about; to is nil where it is open.
type window struct {
	from time.Time
	to   *time.Time
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// chosenDay reads the parameter; ok is false when there is none.
func (st *state) chosenDay() (day time.Time, ok bool, err error) {
	text := st.Get("day")
	if text == "" {
		return midnight(st.now), false, nil
	}
	day, err = time.ParseInLocation(time.DateOnly, text, st.now.Location())
	if err != nil || day.Year() < 2000 || day.Year() > 2199 {
		return midnight(st.now), false, badAddress("day")
	}
	return day, true, nil
}

// chosenMonth reads the parameter, as the first instant of the month; ok is false when there is none.
func (st *state) chosenMonth() (month time.Time, ok bool, err error) {
	text := st.Get("month")
	if text == "" {
		return time.Time{}, false, nil
	}
	month, err = time.ParseInLocation("2006-01", text, st.now.Location())
	if err != nil || month.Year() < 2000 || month.Year() > 2199 {
		return time.Time{}, false, badAddress("month")
	}
	return month, true, nil
}

// window gives the time that the address asks about, nil for none.
func (st *state) window() (*window, error) {
	today := midnight(st.now)
	span := func(from time.Time, days int) *window {
		to := midnight(from).AddDate(0, 0, days)
		if from.Before(st.now) && st.now.Before(to) {
			from = st.now // what is over is not on any more
		}
		return &window{from, &to}
	}
	if day, ok, err := st.chosenDay(); ok || err != nil {
		return span(day, 1), err
	}
	switch st.Get("when") {
	case "", "now":
		return nil, nil
	case "today":
		return span(today, 1), nil
	case "tomorrow":
		return span(today.AddDate(0, 0, 1), 1), nil
	case "weekend":
		if today.Weekday() == time.Sunday {
			return span(today, 1), nil
		}
		return span(today.AddDate(0, 0, int(time.Saturday-today.Weekday())), 2), nil
	case "week":
		return span(today, 7), nil
	}
	return nil, badAddress("when")
}

func (st *state) numbers(name string, n int) ([]float64, error) {
	text := st.Get(name)
	if text == "" {
		return nil, nil
	}
	parts := strings.Split(text, ",")
	out := make([]float64, len(parts))
	for i, p := range parts {
		x, err := strconv.ParseFloat(p, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || len(parts) != n {
			return nil, badAddress(name)
		}
		out[i] = x
	}
	return out, nil
}

// Radius is how far around a place, in kilometres.
func (st *state) Radius() float64 {
	if km, err := strconv.ParseFloat(st.Get("km"), 64); err == nil && km > 0 && km <= 100 {
		return km
	}
	return 10
}

// filter gives what the address asks for, as the API takes it; around is the municipality that the place names, nil for none.
func (st *state) filter(around *town) (*ent.OfferingFilter, error) {
	f := &ent.OfferingFilter{Categories: st.All("category"), Regions: st.All("region"), Municipalities: st.All("municipality"), Providers: st.All("provider")}
	for _, k := range st.All("kind") {
		f.Kinds = append(f.Kinds, ent.OfferingKind(k))
	}
	for _, a := range st.All("audience") {
		f.Audiences = append(f.Audiences, ent.Audience(a))
	}
	if q := st.Get("q"); q != "" {
		f.Search = &q
	}
	yes := true
	for name, field := range map[string]**bool{"free": &f.Free, "online": &f.Online} {
		if st.Get(name) != "" {
			*field = &yes
		}
	}
	if st.Get("wheelchair") != "" {
		answer := ent.Answer("YES")
		f.Wheelchair = &answer
	}
	w, err := st.window()
	if err != nil {
		return nil, err
	}
	if w != nil {
		f.During = &ent.TimeWindow{From: &w.from, To: w.to}
	} else if st.Get("when") == "now" {
		now := st.now
		f.OpenAt = &now
	}
	near, err := st.numbers("near", 2)
	if err != nil {
		return nil, err
	}
	radius := st.Radius()
	switch {
	case around != nil:
		f.NearMunicipality = &ent.NearMunicipality{Ags: around.AGS, RadiusKm: &radius}
	case near != nil:
		f.Near = &ent.Near{Longitude: near[0], Latitude: near[1], RadiusKm: &radius}
	}
	box, err := st.numbers("box", 4)
	if err != nil {
		return nil, err
	}
	if box != nil {
		f.Within = &ent.BoundingBox{West: box[0], South: box[1], East: box[2], North: box[3]}
	}
	return f, nil
}

// order gives the order of the list as the API names it, "" for the one that fits the filter.
func (st *state) order(f *ent.OfferingFilter) string {
	switch st.Get("order") {
	case "next":
		return "NEXT_OCCURRENCE"
	case "title":
		return "TITLE"
	case "newest":
		return "NEWEST"
	}
	if f.Search == nil && f.Near == nil && f.NearMunicipality == nil {
		return "NEXT_OCCURRENCE"
	}
	return ""
}
