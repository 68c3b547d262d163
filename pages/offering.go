package pages

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// fact is a line of what is known.
type fact struct {
	Symbol, Name, Text string
	Note               string
	URL                string
}

// link leads to another page; Foreign ones to another website.
type link struct {
	Text, URL string
	Note      string
	Foreign   bool
}

// shownImage is a picture in its sizes, for an img element.
type shownImage struct {
	URL, Set, Alt, Credit string
	Width, Height         int
}

type offeringPage struct {
	*offering
	KindName        string
	TextLang        string // of the texts where it is another than the page's
	Where           string
	Leaf            *leaf
	Dates           []item
	MoreDates       int
	Facts           []fact
	Links           []link
	Images          []shownImage // that lie here
	Pictures        []link       // that lie elsewhere
	Contacts        []fact
	Locales         []link // the same offering in other languages, "" is the address of this one
	Simple          bool   // Leichte Sprache
	SimpleURL       string // to switch it on or off, "" where there is none
	Machine         bool   // the text was translated by a machine
	Longitude       *float64
	Latitude        *float64
	Line            string // of a tour: longitude,latitude pairs, parted by spaces
	Origin, Licence string
	More            []item // of the same provider
	Checked         string
	Crumbs          []link
	Notice          notice
}

// offering answers /angebot/{id}.
func (s *site) offering(r *request) error {
	variables := r.listVariables()
	variables["id"] = r.part("id")
	var a offeringAnswer
	if err := r.ask("offering", variables, &a); err != nil {
		return err
	}
	if a.Offering == nil {
		return errNotFound
	}
	o := a.Offering
	p := &offeringPage{offering: o, KindName: r.kind(o.Kind), Simple: r.locale == "de-simple"}
	var known []translated
	for _, t := range o.Translations {
		known = append(known, translated{t.Locale})
		p.Machine = p.Machine || t.Machine && t.Locale == r.locale
		if t.Locale == "de-simple" && !r.english {
			if p.Simple {
				p.SimpleURL = r.Switch("de")
			} else {
				p.SimpleURL = r.Switch("de-simple")
			}
		}
	}
	p.TextLang = r.textLang(known)
	if p.Simple { // the translations have no description
		p.Description = nil
	}
	if o.Place != nil {
		p.Where = where(&place{o.Place.Name}, o.Municipality.Name)
		p.Longitude, p.Latitude = o.Place.Longitude, o.Place.Latitude
	} else {
		p.Where = o.Municipality.Name
	}
	for _, d := range o.Occurrences.Nodes {
		it := item{ID: d.ID, Leaf: r.leafOf(d.Start), When: r.when(d.Start, d.End, d.AllDay), Start: d.Start.Format(time.RFC3339), Status: r.status(d.Status)}
		if d.Place != nil && (o.Place == nil || d.Place.Name != o.Place.Name) {
			it.Where = d.Place.Name
		}
		p.Dates = append(p.Dates, it)
	}
	if len(p.Dates) > 0 {
		p.Leaf = p.Dates[0].Leaf
	}
	p.MoreDates = o.Occurrences.TotalCount - len(p.Dates)
	p.Facts = r.facts(o)
	p.Contacts = r.contacts(o.Contact)
	if len(p.Contacts) == 0 {
		p.Contacts = r.contacts(o.Provider.Contact)
	}
	p.links(r)
	var points []string
	for _, c := range o.Details.Line {
		if len(c) == 2 {
			points = append(points, fmt.Sprintf("%.5f,%.5f", c[0], c[1]))
		}
	}
	if len(points) > 1 {
		p.Line = strings.Join(points, " ")
		if p.Longitude == nil {
			p.Longitude, p.Latitude = &o.Details.Line[0][0], &o.Details.Line[0][1]
		}
	}
	p.origin(r)
	for _, it := range r.items(o.Provider.Offerings.Nodes) {
		if it.ID != o.ID && len(p.More) < 3 {
			p.More = append(p.More, it)
		}
	}
	p.Crumbs = []link{{Text: r.tr("Entdecken", "Discover"), URL: r.To("/")}, {Text: o.Municipality.Name, URL: r.To("/gemeinde/" + o.Municipality.AGS)},
		{Text: r.kinds(o.Kind), URL: r.Find("municipality", o.Municipality.AGS, "kind", o.Kind)}}
	v := &view{
		request: r, Title: o.Title + " – " + o.Municipality.Name, Description: deref(o.Summary), Canonical: r.To("/angebot/" + o.ID),
		Query: s.playground("offering", variables), Section: "explorer",
	}
	if v.Description == "" {
		v.Description = p.KindName + " · " + p.Where
	}
	v.Preview = r.To("/vorschau/" + o.ID + ".png")
	if len(p.Images) > 0 {
		i := p.Images[0]
		v.Image = &picture{v.Origin() + i.URL, i.Alt, i.Width, i.Height}
	}
	p.Notice = v.Notice(o.Title, "", r.To("/angebot/"+o.ID))
	v.LinkedData = offeringData(v, o)
	r.render("offering", http.StatusOK, v, p)
	return nil
}

// facts says what is known, and what is not where people need to know it.
func (r *request) facts(o *offering) []fact {
	var out []fact
	add := func(symbol, name, text, note string) {
		if text != "" {
			out = append(out, fact{Symbol: symbol, Name: name, Text: text, Note: note})
		}
	}
	if o.Schedule != nil && o.Schedule.RRule != nil {
		add("repeat", r.tr("Regelmäßig", "Regularly"), o.Schedule.Text, "")
	} else if o.Schedule != nil && o.Occurrences.TotalCount == 0 {
		add("calendar", r.tr("Termin", "Date"), o.Schedule.Text, r.tr("vorbei", "over"))
	}
	if h := o.OpeningHours; h != nil {
		now := ""
		if o.IsOpen != nil {
			now = r.openTag(o.IsOpen, "", h.NextChange).Text
		}
		add("clock", r.tr("Öffnungszeiten", "Opening hours"), h.Text, now)
	}
	if o.Place != nil {
		var parts []string
		if street := deref(o.Place.Address.Street); street != "" && street != o.Place.Name {
			parts = append(parts, street)
		}
		if town := strings.TrimSpace(deref(o.Place.Address.PostalCode) + " " + deref(o.Place.Address.Locality)); town != "" {
			parts = append(parts, town)
		}
		add("place", r.tr("Ort", "Place"), o.Place.Name, strings.Join(parts, ", "))
	}
	if o.Online {
		add("online", r.tr("Internet", "Internet"), r.tr("auch online möglich", "can be had online"), "")
	}
	if n := len(o.ServiceArea); n > 0 {
		names := make([]string, 0, 6)
		for i, m := range o.ServiceArea {
			if i == 6 {
				names = append(names, fmt.Sprintf(r.tr("und %s weitere", "and %s more"), r.number(n-6)))
				break
			}
			names = append(names, m.Name)
		}
		add("place", r.tr("Gilt für", "Serves"), strings.Join(names, ", "), "")
	}
	cost := r.price(o.Price)
	if cost == "" && deref(o.Price.Note) == "" {
		cost = r.tr("nicht bekannt", "not known")
	} else if cost == "" {
		cost, o.Price.Note = deref(o.Price.Note), nil
	}
	add("price", r.tr("Kosten", "Price"), cost, deref(o.Price.Note))
	add("wheelchair", r.tr("Rollstuhl", "Wheelchair"), r.wheelchair(o.Wheelchair), "")
	var words []string
	for _, a := range o.Audiences {
		words = append(words, r.audience(a))
	}
	add("family", r.tr("Für", "For"), strings.Join(words, ", "), "")
	words = nil
	for _, l := range o.Languages {
		words = append(words, r.language(l))
	}
	add("language", r.tr("Sprachen", "Languages"), strings.Join(words, ", "), "")
	return append(out, r.detailFacts(&o.Details)...)
}

func (r *request) detailFacts(d *details) []fact {
	var out []fact
	add := func(symbol, name, text, note string) {
		if text != "" {
			out = append(out, fact{Symbol: symbol, Name: name, Text: text, Note: note})
		}
	}
	var words []string
	for _, c := range d.Channels {
		words = append(words, r.channel(c))
	}
	add("service", r.tr("So geht es", "How to get it"), strings.Join(words, ", "), "")
	add("list", r.tr("Das brauchen Sie", "What you need"), deref(d.Requirements), "")
	add("list", r.tr("Ausstattung", "Features"), strings.Join(d.Features, ", "), "")
	if d.Rentable != nil && *d.Rentable {
		add("facility", r.tr("Mieten", "Rent"), r.tr("kann gemietet werden", "can be rented"), "")
	}
	if g := d.Registration; g != nil {
		text := r.tr("nicht nötig", "not needed")
		if g.Required {
			text = r.tr("erforderlich", "required")
		}
		if g.Until != nil {
			text += r.tr(", bis ", ", until ") + r.date(*g.Until)
		}
		f := fact{Symbol: "list", Name: r.tr("Anmeldung", "Registration"), Text: text, Note: deref(g.Note), URL: deref(g.URL)}
		out = append(out, f)
	}
	if d.Trial != nil && *d.Trial {
		add("activity", r.tr("Schnuppern", "Trial"), r.tr("einmal ausprobieren ist möglich", "you may come once to try"), "")
	}
	if d.Capacity != nil {
		add("family", r.tr("Plätze", "Room for"), r.number(*d.Capacity), "")
	}
	if d.Means != "" {
		add("tour", r.tr("Unterwegs", "By"), r.means(d.Means), "")
	}
	words = nil
	if d.LengthKm != nil {
		words = append(words, r.km(*d.LengthKm))
	}
	if d.Minutes != nil {
		words = append(words, r.duration(*d.Minutes))
	}
	if d.AscentM != nil {
		words = append(words, r.number(*d.AscentM)+" "+r.tr("m bergauf", "m uphill"))
	}
	if d.Loop != nil && *d.Loop {
		words = append(words, r.tr("Rundweg", "loop"))
	}
	add("tour", r.tr("Strecke", "Route"), strings.Join(words, " · "), "")
	add("volunteering", r.tr("Aufgabe", "Task"), deref(d.Task), "")
	if d.HoursPerMonth != nil {
		add("clock", r.tr("Zeit", "Time"), fmt.Sprintf(r.tr("etwa %s Stunden im Monat", "about %s hours a month"), r.number(*d.HoursPerMonth)), "")
	}
	add("list", r.tr("Das hilft", "What helps"), strings.Join(d.Skills, ", "), "")
	return out
}

func (r *request) contacts(c *contact) []fact {
	var out []fact
	if c == nil {
		return nil
	}
	if name := deref(c.Name); name != "" {
		out = append(out, fact{Symbol: "family", Text: name})
	}
	if phone := deref(c.Phone); phone != "" {
		out = append(out, fact{Symbol: "phone", Text: phone, URL: "tel:" + strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '+' {
				return r
			}
			return -1
		}, phone)})
	}
	if mail := deref(c.Email); mail != "" {
		out = append(out, fact{Symbol: "mail", Text: mail, URL: "mailto:" + mail})
	}
	return out
}

// hostOf names the website that an address leads to.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return strings.TrimPrefix(host, "www.")
}

func (p *offeringPage) links(r *request) {
	if u := deref(p.Details.OnlineService); u != "" {
		p.Links = append(p.Links, link{Text: r.tr("Online erledigen", "Do it online"), URL: u, Note: hostOf(u), Foreign: true})
	}
	for _, l := range p.offering.Links {
		text := deref(l.Title)
		if text == "" {
			text = r.tr("Mehr dazu", "More about it")
		}
		p.Links = append(p.Links, link{Text: text, URL: l.URL, Note: hostOf(l.URL), Foreign: true})
	}
	// Pictures lie with other hosts, who would get to know every reader: they are shown on the reader's wish only.
	for _, i := range p.offering.Images {
		if len(i.Variants) > 0 {
			p.Images = append(p.Images, shown(i.Variants, deref(i.Alt), deref(i.Credit)))
			continue
		}
		text := deref(i.Alt)
		if text == "" {
			text = r.tr("Bild", "Picture")
		}
		note := hostOf(i.URL)
		if c := deref(i.Credit); c != "" {
			note += " · " + r.tr("Foto: ", "Photo: ") + c
		}
		p.Pictures = append(p.Pictures, link{Text: text, URL: i.URL, Note: note, Foreign: true})
	}
}

// shown goes by paths: a picture of this server is there under whatever name the reader knows it.
func shown(sizes []variant, alt, credit string) shownImage {
	last := sizes[len(sizes)-1]
	var set []string
	for _, v := range sizes {
		set = append(set, pathOf(v.URL)+" "+strconv.Itoa(v.Width)+"w")
	}
	return shownImage{pathOf(last.URL), strings.Join(set, ", "), alt, credit, last.Width, last.Height}
}

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.EscapedPath()
}

// origin says where the offering comes from and how fresh it is.
func (p *offeringPage) origin(r *request) {
	from := &p.Provenance
	switch {
	case deref(from.Attribution) != "":
		p.Origin = *from.Attribution
	case from.Source != nil:
		p.Origin = from.Source.Name
	}
	if from.Licence != "NOASSERTION" {
		p.Licence = from.Licence
	}
	checked := p.UpdatedAt
	if from.ConfirmedAt != nil {
		checked = *from.ConfirmedAt
	}
	p.Checked = r.day(checked.In(r.now.Location()))
}

// DescriptionHTML is the sanitised description, "" for none.
func (p *offeringPage) DescriptionHTML() template.HTML {
	if p.Description == nil {
		return ""
	}
	return *p.Description
}
