package pages

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"umland/ent"
)

// listVariables are those of the cards on a page that asks for nothing in particular.
func (r *request) listVariables() map[string]any {
	now := r.now.Format(time.RFC3339)
	return map[string]any{"locale": r.locale, "now": now, "from": now}
}

// placePage is the page of a municipality, region or provider.
type placePage struct {
	Name, Kind, Note string
	Facts            []fact
	Above            []link // what it belongs to
	Total            int
	Kinds            []option // with the addresses of their lists as values
	Categories       []option
	Items            []item
	All, Calendar    string // addresses
	Members          []link // municipalities of a region
	MembersTitle     string
	MoreMembers      string
	Bounds           string
	Own              []string // municipalities that the map brings out
	MapQuery         string
	Contacts         []fact
	Website          string
	Verified         bool
	Crumbs           []link
}

// choices gives kinds or categories with the addresses of their lists.
func (p *placePage) choices(r *request, name, key string, kinds []kindCount, categories []categoryCount) {
	for _, o := range r.kindOptions(kinds) {
		if o.Count > 0 {
			o.Value = r.Find(name, key, "kind", o.Value)
			p.Kinds = append(p.Kinds, o)
		}
	}
	for _, o := range r.categoryOptions(categories) {
		o.Value = r.Find(name, key, "category", o.Value)
		p.Categories = append(p.Categories, o)
	}
	p.All = r.Find(name, key)
	p.Calendar = strings.Replace(p.All, "/?", "/kalender?", 1)
	p.MapQuery = name + "=" + key
}

func boundsText(b orb.Bound) string {
	return fmt.Sprintf("%.4f,%.4f,%.4f,%.4f", b.Left(), b.Bottom(), b.Right(), b.Top())
}

func around(longitude, latitude, km float64) string {
	dLat := km / 111
	dLon := dLat / math.Cos(latitude*math.Pi/180)
	return boundsText(orb.Bound{Min: orb.Point{longitude - dLon, latitude - dLat}, Max: orb.Point{longitude + dLon, latitude + dLat}})
}

// fullName gives a region's label and name: Landkreis Potsdam-Mittelmark.
func fullName(r region) string {
	if r.Kind == "COOPERATION" || r.Kind == "STATE" || strings.Contains(r.Name, r.Label) {
		return r.Name
	}
	return r.Label + " " + r.Name
}

func (r *request) regionLinks(regions []region, name string) []link {
	var out []link
	for _, g := range regions {
		if g.Kind == "ASSOCIATION" && g.Name == name {
			continue // a municipality that is its own
		}
		out = append(out, link{Text: fullName(g), URL: r.To("/region/" + g.Key)})
	}
	return out
}

// municipality answers /gemeinde/{ags}.
func (s *site) municipality(r *request) error {
	variables := r.listVariables()
	variables["ags"] = r.part("ags")
	var a municipalityAnswer
	if err := r.ask("municipality", variables, &a); err != nil {
		return err
	}
	m := a.Municipality
	if m == nil {
		return errNotFound
	}
	p := &placePage{Name: m.Name, Kind: m.Kind, Total: m.Offerings.TotalCount, Items: r.items(m.Offerings.Nodes), Above: r.regionLinks(m.Regions, m.Name)}
	p.choices(r, "municipality", m.AGS, m.Offerings.Facets.Kinds, m.Offerings.Facets.Categories)
	if m.Designation != "" && !strings.Contains(p.Kind, m.Designation) {
		p.Kind = m.Designation
	}
	if m.Population != nil {
		p.Facts = append(p.Facts, fact{Name: r.tr("Einwohnerinnen und Einwohner", "Inhabitants"), Text: r.number(*m.Population)})
	}
	p.Facts = append(p.Facts, fact{Name: r.tr("Fläche", "Area"), Text: r.decimal(m.AreaKm2) + "\u00a0km²"})
	if code := deref(m.PostalCode); code != "" {
		p.Facts = append(p.Facts, fact{Name: r.tr("Postleitzahl des Rathauses", "Postal code of the town hall"), Text: code})
	}
	p.Facts = append(p.Facts, fact{Name: r.tr("Gemeindeschlüssel", "Municipality key"), Text: m.AGS})
	p.MembersTitle = r.tr("Wer hier etwas anbietet", "Who offers something here")
	for _, n := range m.Providers.Nodes {
		p.Members = append(p.Members, link{Text: n.Name, URL: r.To("/anbieter/" + n.ID), Note: r.providerKind(n.Kind)})
	}
	p.Bounds = around(m.Longitude, m.Latitude, 6)
	if outline := s.Boundaries.Polygon(m.AGS); len(outline) > 0 {
		p.Bounds = boundsText(outline.Bound())
	}
	p.Own = []string{m.AGS}
	p.Crumbs = append([]link{{Text: r.tr("Regionen", "Regions"), URL: r.To("/regionen")}}, r.regionLinks(onlyDistricts(m.Regions), m.Name)...)
	v := &view{request: r, Section: "regions", Title: fmt.Sprintf(r.tr("%s: was es gibt und was los ist", "%s: what there is and what is on"), m.Name), Canonical: r.To("/gemeinde/" + m.AGS),
		Description: fmt.Sprintf(r.tr("%s Angebote in %s: Veranstaltungen, Gruppen, Orte, Leistungen des Rathauses, Touren und Ehrenamt.", "%s offerings in %s: events, groups, places, public services, tours and volunteering."), r.number(p.Total), m.Name),
		Query:       s.playground("municipality", variables)}
	v.Preview = r.previewOf("municipality", m.AGS)
	v.LinkedData = municipalityData(v, m)
	r.render("place", http.StatusOK, v, p)
	return nil
}

func onlyDistricts(all []region) []region {
	var out []region
	for _, g := range all {
		if g.Kind == "STATE" || g.Kind == "DISTRICT" {
			out = append(out, g)
		}
	}
	return out
}

// region answers /region/{key}.
func (s *site) region(r *request) error {
	variables := r.listVariables()
	variables["key"] = r.part("key")
	if after := r.Get("after"); after != "" {
		variables["after"] = after
	}
	var a regionAnswer
	if err := r.ask("region", variables, &a); err != nil {
		return err
	}
	g := a.Region
	if g == nil {
		return errNotFound
	}
	p := &placePage{Name: g.Name, Kind: g.Label, Note: deref(g.Note), Total: g.Offerings.TotalCount, Items: r.items(g.Offerings.Nodes)}
	p.choices(r, "region", g.Key, g.Offerings.Facets.Kinds, g.Offerings.Facets.Categories)
	if g.Parent != nil {
		p.Above = []link{{Text: fullName(*g.Parent), URL: r.To("/region/" + g.Parent.Key)}}
	}
	counts := map[string]int{}
	q := &search{request: r, Filter: &ent.OfferingFilter{}}
	p.Bounds = q.bounds(g.Offerings.Facets.Municipalities)
	for _, c := range g.Offerings.Facets.Municipalities {
		counts[c.Municipality.AGS] = c.Count
	}
	if !g.Municipalities.PageInfo.HasNextPage && r.Get("after") == "" {
		var bound orb.Bound
		for i, m := range g.Municipalities.Nodes {
			if outline := s.Boundaries.Polygon(m.AGS); len(outline) > 0 {
				if i == 0 {
					bound = outline.Bound()
				}
				bound = bound.Union(outline.Bound())
			}
			p.Own = append(p.Own, m.AGS)
		}
		if !bound.IsZero() {
			p.Bounds = boundsText(bound)
		}
	}
	p.Facts = []fact{{Name: r.tr("Gemeinden", "Municipalities"), Text: r.number(g.Municipalities.TotalCount)}}
	p.MembersTitle = r.tr("Gemeinden der Region", "Municipalities of the region")
	for _, m := range g.Municipalities.Nodes {
		l := link{Text: m.Name, URL: r.To("/gemeinde/" + m.AGS)}
		if n := counts[m.AGS]; n > 0 {
			l.Note = r.number(n)
		}
		p.Members = append(p.Members, l)
	}
	if i := g.Municipalities.PageInfo; i.HasNextPage && i.EndCursor != nil {
		p.MoreMembers = r.Step("after", *i.EndCursor)
	}
	p.Crumbs = append([]link{{Text: r.tr("Regionen", "Regions"), URL: r.To("/regionen")}}, p.Above...)
	name := fullName(region{g.Key, g.Kind, g.Name, g.Label})
	v := &view{request: r, Section: "regions", Title: fmt.Sprintf(r.tr("%s: was es gibt und was los ist", "%s: what there is and what is on"), name), Canonical: r.To("/region/" + g.Key),
		Description: fmt.Sprintf(r.tr("%s Angebote aus %s Gemeinden: %s.", "%s offerings from %s municipalities: %s."), r.number(p.Total), r.number(g.Municipalities.TotalCount), name),
		Query:       s.playground("region", variables)}
	if r.Get("after") != "" {
		v.Robots = "noindex, follow"
	}
	v.Preview = r.previewOf("region", g.Key)
	v.LinkedData = map[string]any{"@context": "https://schema.org", "@type": "AdministrativeArea", "name": name, "url": v.Origin() + r.To("/region/"+g.Key)}
	r.render("place", http.StatusOK, v, p)
	return nil
}

// provider answers /anbieter/{id}.
func (s *site) provider(r *request) error {
	variables := r.listVariables()
	variables["id"] = r.part("id")
	var a providerAnswer
	if err := r.ask("provider", variables, &a); err != nil {
		return err
	}
	b := a.Provider
	if b == nil {
		return errNotFound
	}
	p := &placePage{Name: b.Name, Kind: r.providerKind(b.Kind), Total: b.Offerings.TotalCount, Items: r.items(b.Offerings.Nodes), Verified: b.Verified,
		Website: deref(b.Website), Contacts: r.contacts(b.Contact)}
	p.choices(r, "provider", b.ID, b.Offerings.Facets.Kinds, nil)
	p.Above = []link{{Text: b.Municipality.Name, URL: r.To("/gemeinde/" + b.Municipality.AGS)}}
	p.Bounds = around(b.Municipality.Longitude, b.Municipality.Latitude, 8)
	p.Crumbs = append([]link{{Text: r.tr("Regionen", "Regions"), URL: r.To("/regionen")}}, append(r.regionLinks(onlyDistricts(b.Municipality.Regions), b.Municipality.Name), p.Above...)...)
	v := &view{request: r, Section: "regions", Title: b.Name + " – " + b.Municipality.Name, Canonical: r.To("/anbieter/" + b.ID),
		Description: fmt.Sprintf(r.tr("%s Angebote von %s in %s.", "%s offerings by %s in %s."), r.number(p.Total), b.Name, b.Municipality.Name),
		Query:       s.playground("provider", variables)}
	organization := map[string]any{"@context": "https://schema.org", "@type": "Organization", "name": b.Name, "url": v.Origin() + r.To("/anbieter/"+b.ID),
		"address": map[string]any{"@type": "PostalAddress", "addressLocality": b.Municipality.Name, "addressCountry": "DE"}}
	if p.Website != "" {
		organization["sameAs"] = p.Website
	}
	v.Preview = r.previewOf("provider", b.ID)
	v.LinkedData = organization
	r.render("place", http.StatusOK, v, p)
	return nil
}

type regionsPage struct{ Cooperations, States []link }

// regions answers /regionen.
func (s *site) regions(r *request) error {
	var a statesAnswer
	if err := r.ask("states", nil, &a); err != nil {
		return err
	}
	p := &regionsPage{}
	for _, g := range a.Cooperations.Nodes {
		p.Cooperations = append(p.Cooperations, link{Text: g.Name, URL: r.To("/region/" + g.Key)})
	}
	for _, g := range a.Regions.Nodes {
		p.States = append(p.States, link{Text: g.Name, URL: r.To("/region/" + g.Key)})
	}
	v := &view{request: r, Section: "regions", Title: r.tr("Regionen – Umland", "Regions – Umland"), Canonical: r.To("/regionen"),
		Description: r.tr("Alle Regionen und Gemeinden, deren Angebote hier stehen.", "All regions and municipalities whose offerings are found here."), Query: s.playground("states", nil)}
	r.render("regions", http.StatusOK, v, p)
	return nil
}

type sourcesPage struct{ Credits []link }

// sources answers /quellen.
func (s *site) sources(r *request) error {
	var a creditsAnswer
	if err := r.ask("credits", nil, &a); err != nil {
		return err
	}
	p := &sourcesPage{}
	for _, c := range a.Credits {
		p.Credits = append(p.Credits, link{Text: c.Text, Note: c.Licence, URL: deref(c.URL), Foreign: true})
	}
	if s.BasemapCredit != "" {
		p.Credits = append(p.Credits, link{Text: s.BasemapCredit})
	}
	v := &view{request: r, Title: r.tr("Woher die Daten kommen – Umland", "Where the data comes from – Umland"), Canonical: r.To("/quellen"),
		Description: r.tr("Quellen, Lizenzen und Namensnennungen.", "Sources, licences and credits."), Query: s.playground("credits", nil)}
	r.render("sources", http.StatusOK, v, p)
	return nil
}

type storagePage struct{ Basemap string }

// storage answers /was-wir-speichern: what is kept of those who read.
func (s *site) storage(r *request) error {
	p := &storagePage{}
	if s.Options.Basemap != "" {
		p.Basemap = hostOf(s.Options.Basemap)
	}
	r.render("storage", http.StatusOK, &view{request: r, Title: r.tr("Was diese Seiten speichern – Umland", "What these pages store – Umland"), Canonical: r.To("/was-wir-speichern"),
		Description: r.tr("Von denen, die lesen: nichts. Keine Cookies, keine fremden Server.", "Of those who read: nothing. No cookies, no foreign servers.")}, p)
	return nil
}
