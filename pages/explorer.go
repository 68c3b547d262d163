package pages

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"umland/ent"
)

const pageSize = 20

// search is what the address asks for, with the names of what it names.
type search struct {
	*request
	Around      *town  // the municipality that the place names
	Others      []town // what else it may name
	PlaceNotice string // when it names none
	Scope       scopeAnswer
	Filter      *ent.OfferingFilter
	Window      *window
}

// find reads the search of the address.
func (r *request) find() (*search, error) {
	s := &search{request: r}
	region, municipality, provider := r.Get("region"), r.Get("municipality"), r.Get("provider")
	if err := r.ask("scope", map[string]any{
		"region": region, "withRegion": region != "", "municipality": municipality, "withMunicipality": municipality != "",
		"provider": provider, "withProvider": provider != "",
	}, &s.Scope); err != nil {
		return nil, err
	}
	if err := s.locate(); err != nil {
		return nil, err
	}
	var err error
	if s.Filter, err = r.filter(s.Around); err != nil {
		return nil, err
	}
	s.Window, err = r.window()
	return s, err
}

// locate finds the municipality that the place names: by its key, or by its name, in which case the key that came with it decides between
// several of one name.
func (s *search) locate() error {
	place := s.Get("place")
	if place == "" {
		return nil
	}
	if len(place) == 8 && strings.Trim(place, "0123456789") == "" {
		var a townAnswer
		if err := s.ask("town", map[string]any{"ags": place}, &a); err != nil {
			return err
		}
		s.Around = a.Municipality
	} else {
		var a townsAnswer
		if err := s.ask("towns", map[string]any{"search": place, "first": 30}, &a); err != nil {
			return err
		}
		towns := a.Municipalities.Nodes
		if same := slices.DeleteFunc(slices.Clone(towns), func(t town) bool { return !strings.EqualFold(t.Name, place) }); len(same) > 0 {
			towns = same
		}
		for i := range towns {
			if i == 0 || towns[i].AGS == s.Get("ags") {
				s.Around = &towns[i]
			}
		}
		for _, t := range towns {
			if t.AGS != s.Around.AGS && len(s.Others) < 5 {
				s.Others = append(s.Others, t)
			}
		}
	}
	if s.Around == nil {
		s.PlaceNotice = s.tr("Diese Gemeinde kennen wir nicht: ", "We do not know this municipality: ") + place
	}
	return nil
}

// District names the region that tells towns of one name apart.
func (t town) District() string {
	for _, kind := range []string{"DISTRICT", "STATE"} {
		for _, r := range t.Regions {
			if r.Kind == kind && r.Name != t.Name {
				if strings.HasPrefix(r.Label, "Landkreis") || r.Label == "Kreis" {
					return r.Label + " " + r.Name
				}
				return r.Name
			}
		}
	}
	return ""
}

// PlaceName is what stands in the field for the place.
func (s *search) PlaceName() string {
	if s.Around != nil {
		return s.Around.Name
	}
	return s.Get("place")
}

// variables are those of a list of offerings.
func (s *search) variables() map[string]any {
	from := s.now
	v := map[string]any{"locale": s.locale, "now": s.now.Format(time.RFC3339), "filter": variablesOf(*s.Filter)}
	if s.Window != nil {
		from = s.Window.from
		v["to"] = s.Window.to.Format(time.RFC3339)
	}
	v["from"] = from.Format(time.RFC3339)
	if order := s.order(s.Filter); order != "" {
		v["orderBy"] = order
	}
	if before := s.Get("before"); before != "" {
		v["last"], v["before"] = pageSize, before
	} else {
		v["first"] = pageSize
		if after := s.Get("after"); after != "" {
			v["after"] = after
		}
	}
	return v
}

// option is one choice of a facet.
type option struct {
	Value, Text string
	Count       int
	On          bool
	Narrower    []option
}

// chip is something that the list was narrowed to, with the address without it.
type chip struct{ Text, URL string }

type explorerPage struct {
	*search
	Total                        int
	Items                        []item
	Next, Previous               string
	Kinds, Categories, Audiences []option
	Chips                        []chip
	Orders                       []option
	Bounds                       string // of the map: west, south, east, north
	Start                        bool   // nothing was asked for yet
	Families                     int    // how many are for families, 0 where that is not known
	WaysOut                      []wayOut
	Notice                       notice
}

// wayOut is a search that finds something where this one finds nothing.
type wayOut struct {
	Text, URL string
	Total     int
}

// explorer answers "/".
func (s *site) explorer(r *request) error {
	q, err := r.find()
	if err != nil {
		return err
	}
	variables := q.variables()
	var a exploreAnswer
	if err := r.ask("explore", variables, &a); err != nil {
		return err
	}
	p := &explorerPage{search: q, Total: a.Offerings.TotalCount, Start: !r.Narrowed()}
	for i := range a.Offerings.Edges {
		e := &a.Offerings.Edges[i]
		p.Items = append(p.Items, r.item(&e.Node, e.DistanceKm))
	}
	p.Next, p.Previous = r.steps(a.Offerings.PageInfo)
	facets := &a.Offerings.Facets
	if facets.Categories, err = q.withChosen(facets.Categories); err != nil {
		return err
	}
	p.Kinds = r.kindOptions(facets.Kinds)
	p.Categories = r.categoryOptions(facets.Categories)
	for _, f := range facets.Audiences {
		if f.Audience == "FAMILIES" {
			p.Families = f.Count
		}
		p.Audiences = append(p.Audiences, option{Value: f.Audience, Text: r.audience(f.Audience), Count: f.Count, On: r.Has("audience", f.Audience)})
	}
	for _, chosen := range r.All("audience") {
		if !slices.ContainsFunc(p.Audiences, func(o option) bool { return o.Value == chosen }) {
			p.Audiences = append(p.Audiences, option{Value: chosen, Text: r.audience(chosen), On: true})
		}
	}
	p.Chips = q.chips(facets.Categories)
	p.Orders = q.orders()
	p.Bounds = q.bounds(facets.Municipalities)

	if len(p.Items) == 0 {
		if p.WaysOut, err = q.waysOut(p.Chips); err != nil {
			return err
		}
	}

	v := &view{
		request: r, Section: "explorer", Canonical: r.With("view", "", "order", ""), Query: s.playground("explore", variables),
		Title:       r.tr("Umland – was es in der Region gibt", "Umland – what the region offers"),
		Description: r.tr("Veranstaltungen, Gruppen, Orte, Leistungen der Verwaltung, Touren und Ehrenamt aus der Region, an einer Stelle.", "Events, groups, places, public services, tours and volunteering in the region, in one place."),
	}
	if !p.Start || r.Get("after") != "" || r.Get("before") != "" {
		v.Robots = "noindex, follow"
		v.Canonical = r.With("view", "")
		v.Title = q.summary() + " – Umland"
		v.Description = q.found(p)
	} else {
		v.LinkedData = websiteData(v)
	}
	p.Notice = v.Notice(q.NoticeTitle(), q.NoticeWhat(p.Chips), r.With("view", ""))
	r.render("explorer", http.StatusOK, v, p)
	return nil
}

// steps gives the addresses of the next page and the one before, "" where there is none.
func (st *state) steps(info pageInfo) (next, previous string) {
	if info.HasNextPage && info.EndCursor != nil {
		next = st.Step("after", *info.EndCursor)
	}
	if info.HasPreviousPage && info.StartCursor != nil {
		previous = st.Step("before", *info.StartCursor)
	}
	return next, previous
}

func (st *state) kindOptions(counts []kindCount) []option {
	var out []option
	for _, kind := range []string{"EVENT", "ACTIVITY", "FACILITY", "SERVICE", "TOUR", "VOLUNTEERING"} {
		o := option{Value: kind, Text: st.kinds(kind), On: st.Has("kind", kind)}
		for _, c := range counts {
			if c.Kind == kind {
				o.Count = c.Count
			}
		}
		out = append(out, o)
	}
	return out
}

// withChosen gives the counts with those of the chosen categories that the answer counts nothing of.
func (s *search) withChosen(counts []categoryCount) ([]categoryCount, error) {
	for _, slug := range s.All("category") {
		if slices.ContainsFunc(counts, func(c categoryCount) bool { return c.Category.Slug == slug }) {
			continue
		}
		var a categoryAnswer
		if err := s.ask("category", map[string]any{"slug": slug, "locale": s.locale}, &a); err != nil {
			return nil, err
		}
		if a.Category != nil {
			counts = append(counts, categoryCount{Category: *a.Category})
		}
	}
	return counts, nil
}

// categoryOptions gives the roots with what they were narrowed to; below those that are chosen stand their narrower ones. One that is chosen
// and whose root has nothing stands among the roots.
func (st *state) categoryOptions(counts []categoryCount) []option {
	var roots []option
	below := map[string][]option{}
	for _, c := range counts {
		o := option{Value: c.Category.Slug, Text: c.Category.Label, Count: c.Count, On: st.Has("category", c.Category.Slug)}
		if c.Category.Broader == nil {
			roots = append(roots, o)
		} else {
			below[c.Category.Broader.Slug] = append(below[c.Category.Broader.Slug], o)
		}
	}
	for _, c := range counts {
		if b := c.Category.Broader; b != nil && st.Has("category", c.Category.Slug) && !slices.ContainsFunc(roots, func(o option) bool { return o.Value == b.Slug }) {
			roots = append(roots, option{Value: c.Category.Slug, Text: c.Category.Label, Count: c.Count, On: true})
		}
	}
	for i := range roots {
		narrower := below[roots[i].Value]
		if roots[i].On || slices.ContainsFunc(narrower, func(o option) bool { return o.On }) {
			roots[i].Narrower = narrower
		}
	}
	return roots
}

func (s *search) orders() []option {
	out := []option{{Value: "", Text: s.tr("passend", "best fit")}, {Value: "next", Text: s.tr("nächster Termin", "next date")}, {Value: "title", Text: s.tr("Titel", "title")}, {Value: "newest", Text: s.tr("neu dabei", "newest")}}
	switch {
	case s.Filter.Search != nil:
		out[0].Text = s.tr("Treffer", "relevance")
	case s.Filter.Near != nil || s.Filter.NearMunicipality != nil:
		out[0].Text = s.tr("Entfernung", "distance")
	default:
		out[0].Text = s.tr("nächster Termin", "next date")
		out = slices.Delete(out, 1, 2)
	}
	for i := range out {
		out[i].On = out[i].Value == s.Get("order")
	}
	return out
}

// WhenText names the time that is asked about, "" for none.
func (s *search) WhenText() string {
	switch {
	case s.Get("day") != "" && s.Window != nil:
		return s.date(s.Window.to.AddDate(0, 0, -1))
	case s.Get("when") == "now":
		return s.tr("jetzt geöffnet", "open now")
	case s.Window == nil:
		return ""
	}
	return map[string]string{
		"today": s.tr("heute", "today"), "tomorrow": s.tr("morgen", "tomorrow"), "weekend": s.tr("am Wochenende", "at the weekend"),
		"week": s.tr("in den nächsten 7 Tagen", "within 7 days"),
	}[s.Get("when")]
}

// summary says in one line what is looked for.
func (s *search) summary() string {
	var parts []string
	if q := s.Get("q"); q != "" {
		parts = append(parts, "„"+q+"“")
	}
	for _, k := range s.All("kind") {
		parts = append(parts, s.kinds(k))
	}
	if w := s.WhenText(); w != "" {
		parts = append(parts, w)
	}
	if s.Around != nil {
		parts = append(parts, s.tr("um ", "around ")+s.Around.Name)
	}
	if r := s.Scope.Region; r != nil {
		parts = append(parts, r.Name)
	}
	if m := s.Scope.Municipality; m != nil {
		parts = append(parts, m.Name)
	}
	if len(parts) == 0 {
		return s.tr("Angebote", "Offerings")
	}
	return strings.Join(parts, ", ")
}

// found says what a list begins with, for those who see only a link to it.
func (s *search) found(p *explorerPage) string {
	text := s.number(p.Total) + " " + s.tr("Angebote", "offerings")
	if p.Total == 1 {
		text = s.tr("1 Angebot", "1 offering")
	}
	for i, it := range p.Items[:min(3, len(p.Items))] {
		text += map[bool]string{true: ": ", false: " · "}[i == 0] + it.Title
	}
	return text
}

// chips names everything that the list was narrowed to.
func (s *search) chips(categories []categoryCount) []chip {
	var out []chip
	add := func(text, url string) { out = append(out, chip{text, url}) }
	if q := s.Get("q"); q != "" {
		add("„"+q+"“", s.With("q", ""))
	}
	if w := s.WhenText(); w != "" {
		add(w, s.With("when", "", "day", ""))
	}
	if s.Around != nil {
		add(fmt.Sprintf(s.tr("%s im Umkreis von %s", "%s around %s"), s.radius(), s.Around.Name), s.With("place", "", "ags", "", "km", ""))
	} else if s.Get("near") != "" {
		add(fmt.Sprintf(s.tr("%s um meinen Standort", "%s around me"), s.radius()), s.With("near", "", "km", ""))
	}
	if r := s.Scope.Region; r != nil {
		add(r.Name, s.With("region", ""))
	}
	if m := s.Scope.Municipality; m != nil {
		add(m.Name, s.With("municipality", ""))
	}
	if p := s.Scope.Provider; p != nil {
		add(p.Name, s.With("provider", ""))
	}
	for _, k := range s.All("kind") {
		add(s.kinds(k), s.Without("kind", k))
	}
	for _, slug := range s.All("category") {
		text := slug
		for _, c := range categories {
			if c.Category.Slug == slug {
				text = c.Category.Label
			}
		}
		add(text, s.Without("category", slug))
	}
	for _, a := range s.All("audience") {
		add(s.audience(a), s.Without("audience", a))
	}
	for _, f := range [][2]string{{"free", s.tr("kostenlos", "free")}, {"wheelchair", s.tr("rollstuhlgerecht", "wheelchair accessible")}, {"online", s.tr("online", "online")}, {"box", s.tr("im Kartenausschnitt", "on this part of the map")}} {
		if s.Get(f[0]) != "" {
			add(f[1], s.With(f[0], ""))
		}
	}
	return out
}

const mostWaysOut = 6

// waysOut gives the searches that find something: a larger radius, then one without each of what the list was narrowed to.
func (s *search) waysOut(chips []chip) ([]wayOut, error) {
	var out []wayOut
	try := func(text, address string) error {
		n, err := s.totalOf(address)
		if err == nil && n > 0 {
			out = append(out, wayOut{text, address, n})
		}
		return err
	}
	if s.Get("near") != "" || s.Around != nil {
		for _, km := range []int{20, 50, 100} {
			if float64(km) <= s.Radius() {
				continue
			}
			if err := try(fmt.Sprintf(s.tr("Im Umkreis von %s\u00a0km", "Within %s\u00a0km"), s.number(km)), s.With("km", strconv.Itoa(km))); err != nil {
				return nil, err
			}
			if len(out) > 0 {
				break
			}
		}
	}
	for _, c := range chips[:min(len(chips), mostWaysOut)] {
		if err := try(s.tr("Ohne ", "Without ")+c.Text, c.URL); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// totalOf counts what a search at another address of this page finds.
func (s *search) totalOf(address string) (int, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, err
	}
	other := *s.state
	other.values = u.Query()
	around := s.Around
	if other.Get("place") == "" {
		around = nil
	}
	filter, err := other.filter(around)
	if err != nil {
		return 0, err
	}
	var a countAnswer
	err = s.ask("count", map[string]any{"filter": variablesOf(*filter)}, &a)
	return a.Offerings.TotalCount, err
}

func (s *search) radius() string { return s.distance(s.Radius()) }

// distance gives a radius: 10 km, 2,5 km.
func (f format) distance(km float64) string {
	if km == math.Trunc(km) {
		return f.number(int(km)) + "\u00a0km"
	}
	return f.km(km)
}

// bounds gives what the map shows at first: the box or circle that is asked for, else where the match is.
func (s *search) bounds(match []municipalityCount) string {
	if box := s.Get("box"); box != "" {
		return box
	}
	west, south, east, north := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	take := func(lon, lat, km float64) {
		dLat := km / 111
		dLon := dLat / math.Cos(lat*math.Pi/180)
		west, south, east, north = min(west, lon-dLon), min(south, lat-dLat), max(east, lon+dLon), max(north, lat+dLat)
	}
	switch {
	case s.Around != nil:
		take(s.Around.Longitude, s.Around.Latitude, s.Radius())
	case s.Filter.Near != nil:
		take(s.Filter.Near.Longitude, s.Filter.Near.Latitude, s.Radius())
	default:
		for _, m := range match {
			take(m.Municipality.Longitude, m.Municipality.Latitude, 5)
		}
	}
	if math.IsInf(west, 0) {
		return "5.9,47.3,15,55"
	}
	return fmt.Sprintf("%.4f,%.4f,%.4f,%.4f", west, south, east, north)
}

// Whens are the times to choose from.
func (s *search) Whens() []option {
	out := []option{
		{Value: "", Text: s.tr("jederzeit", "any time")}, {Value: "today", Text: s.tr("heute", "today")}, {Value: "weekend", Text: s.tr("Wochenende", "weekend")},
		{Value: "week", Text: s.tr("7 Tage", "7 days")}, {Value: "now", Text: s.tr("jetzt geöffnet", "open now")},
	}
	for i := range out {
		out[i].On = out[i].Value == s.Get("when") && s.Get("day") == ""
	}
	return out
}

// Distances are the radii to choose from.
func (s *search) Distances() []option {
	var out []option
	radii := []float64{2, 5, 10, 20, 50, 100}
	if i, known := slices.BinarySearch(radii, s.Radius()); !known { // that of a link
		radii = slices.Insert(radii, i, s.Radius())
	}
	for _, km := range radii {
		out = append(out, option{Value: strconv.FormatFloat(km, 'f', -1, 64), Text: s.distance(km), On: km == s.Radius()})
	}
	return out
}

// Regions are the cooperations to choose from, and the one that is chosen.
func (s *search) Regions() []option {
	var out []option
	found := false
	for _, c := range s.Scope.Cooperations.Nodes {
		out = append(out, option{Value: c.Key, Text: c.Name, On: s.Has("region", c.Key)})
		found = found || s.Has("region", c.Key)
	}
	if r := s.Scope.Region; r != nil && !found {
		out = append([]option{{Value: r.Key, Text: strings.TrimSpace(r.Label + " " + r.Name), On: true}}, out...)
	}
	return out
}

// MapQuery is the part of the address that chooses what is on the map.
func (s *search) MapQuery() string {
	v := s.first()
	for _, name := range []string{"view", "order", "box", "lang", "at"} {
		v.Del(name)
	}
	if s.Around != nil {
		v.Set("place", s.Around.AGS)
		v.Del("ags")
	}
	return v.Encode()
}
