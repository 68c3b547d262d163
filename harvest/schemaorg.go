package harvest

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"umland/ent"
)

// SchemaOrg reads what web pages say of themselves in the words of schema.org: as JSON-LD, microdata or RDFa Lite (without itemref). The feed is a page, a JSON-LD document,
// or a sitemap of pages on the same host; the option "path" picks of a sitemap the pages whose path begins with it. An ItemList that only names pages
// of its host leads to these. At most 2,000 pages are read.
//
// Items are events, places, services, courses and trips, of any subtype, that stand for themselves, not the places and organisations that they name. Other things
// on a page (articles, breadcrumbs) are no items. The context of JSON-LD is not expanded: the names of schema.org count with or without their prefix.
//
// A date without a time is all-day, an endDate is included; times without an offset are those of Feed.Zone. An eventSchedule becomes a series.
//
// The key is @id, else url, else title@start or title@place. Where a page has several items with one key they are told apart by #start, then by #title. An item that comes on
// several pages counts once, as the first page has it.
type SchemaOrg struct{}

// Name is "schemaorg".
func (SchemaOrg) Name() string { return "schemaorg" }

const (
	schemaMaxPages    = 2000
	schemaMaxSitemaps = 50
	schemaMaxList     = 100 // values of one property that count
)

type schemaReader struct {
	feed  *Feed
	keys  map[string]bool
	pages map[string]bool // fetched
	found int             // items, refused ones too
	limit bool            // said that there are more pages
}

// Read is as Format says.
func (SchemaOrg) Read(ctx context.Context, feed *Feed) error {
	r := &schemaReader{feed: feed, keys: map[string]bool{}, pages: map[string]bool{}}
	body := bufio.NewReaderSize(feed.Body, 8192)
	head, err := body.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if what := whatIs(head); what == "eine Sitemap" {
		return r.sitemap(ctx, body)
	} else if what == "ein RSS-Feed" || what == "ein Atom-Feed" || what == "eine leere Datei" {
		return feedError("Das ist keine Webseite, sondern %s.", what)
	}
	page, err := schemaRead(feed.URL, feed.ContentType, body)
	if err != nil {
		return err
	}
	if feed.URL != nil {
		r.pages[feed.URL.String()] = true
	}
	links, err := r.page(page)
	if err != nil {
		return err
	}
	if err := r.follow(ctx, links); err != nil {
		return err
	}
	if r.found == 0 {
		return emptyFeed{"Auf der Seite stehen keine Angebote nach schema.org."}
	}
	return nil
}

// sitemap reads the pages of a sitemap, or of those that an index names.
func (r *schemaReader) sitemap(ctx context.Context, body io.Reader) error {
	pages, maps, err := schemaSitemap(body)
	if err != nil {
		return err
	}
	for i, address := range maps {
		if i == schemaMaxSitemaps {
			if err := r.refuse(address, fmt.Sprintf("Es gibt mehr als %d Sitemaps; gelesen sind die ersten.", schemaMaxSitemaps)); err != nil {
				return err
			}
			break
		}
		res, err := r.get(ctx, address, "application/xml")
		if err != nil {
			return err
		}
		if res == nil {
			continue
		}
		more, _, err := schemaSitemap(res.Body)
		res.Body.Close()
		if err != nil {
			if err := r.refuse(address, err.Error()); err != nil {
				return err
			}
			continue
		}
		pages = append(pages, more...)
		if len(pages) > 100_000 {
			break
		}
	}
	prefix := r.feed.Options["path"]
	pages = slices.DeleteFunc(pages, func(s string) bool {
		u, err := url.Parse(s)
		return err != nil || !strings.HasPrefix(u.Path, prefix)
	})
	if len(pages) == 0 {
		return emptyFeed{"Die Sitemap nennt keine Seiten."}
	}
	if err := r.follow(ctx, pages); err != nil {
		return err
	}
	if r.found == 0 {
		return emptyFeed{"Auf den Seiten der Sitemap stehen keine Angebote nach schema.org."}
	}
	return nil
}

// schemaSitemap gives the addresses that a sitemap names.
func schemaSitemap(body io.Reader) (pages, maps []string, err error) {
	d := feedDecoder(body)
	where, text := "", ""
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return pages, maps, nil
		} else if err != nil {
			return nil, nil, feedError("Die Sitemap ist kein lesbares XML.")
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, nil, feedError("Die Sitemap hat eine Dokumenttyp-Angabe (DOCTYPE); das wird nicht gelesen.")
		case xml.StartElement:
			if depth++; depth > feedMaxDepth {
				return nil, nil, feedError("Die Sitemap ist zu tief verschachtelt.")
			}
			if name := token.Name.Local; name == "url" || name == "sitemap" {
				where = name
			}
			text = ""
		case xml.CharData:
			if len(text) < 4000 {
				text += string(token)
			}
		case xml.EndElement:
			depth--
			if address := strings.TrimSpace(text); token.Name.Local == "loc" && token.Name.Space != "http://www.google.com/schemas/sitemap-image/1.1" && address != "" && len(pages)+len(maps) < 100_000 {
				if where == "sitemap" {
					maps = append(maps, address)
				} else if !slices.Contains(pages[max(0, len(pages)-1):], address) {
					pages = append(pages, address)
				}
			}
		}
	}
}

// get fetches what the feed leads to, if it is on the feed's host; nil when it is not to be had, which has been refused then.
func (r *schemaReader) get(ctx context.Context, address, accept string) (*Response, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, r.refuse(address, "Das ist keine Adresse einer Webseite.")
	}
	if r.feed.URL == nil || !strings.EqualFold(strings.TrimPrefix(u.Host, "www."), strings.TrimPrefix(r.feed.URL.Host, "www.")) {
		return nil, r.refuse(address, "Die Seite liegt nicht auf der Website der Quelle.")
	}
	res, err := r.feed.Get(ctx, Request{URL: u.String(), Accept: accept})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, r.refuse(address, "Die Seite ist nicht abrufbar: "+err.Error())
	}
	return res, nil
}

// follow reads these pages, each once.
func (r *schemaReader) follow(ctx context.Context, addresses []string) error {
	for _, address := range addresses {
		if r.pages[address] {
			continue
		}
		if len(r.pages) >= schemaMaxPages {
			if r.limit {
				return nil
			}
			r.limit = true
			return r.refuse(address, fmt.Sprintf("Die Quelle hat mehr als %d Seiten; gelesen sind die ersten.", schemaMaxPages))
		}
		r.pages[address] = true
		res, err := r.get(ctx, address, "text/html")
		if err != nil {
			return err
		}
		if res == nil {
			continue
		}
		page, err := schemaRead(res.URL, res.ContentType, res.Body)
		res.Body.Close()
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := r.refuse(address, err.Error()); err != nil {
				return err
			}
			continue
		}
		if _, err := r.page(page); err != nil {
			return err
		}
	}
	return nil
}

func (r *schemaReader) refuse(item, message string) error {
	return r.feed.Refuse(Refusal{icalClip(item, 300), message})
}

// schemaItem is a thing that is an item, with what it inherits.
type schemaItem struct {
	thing  *schemaThing
	parent *schemaThing // the event or course that it is a part of; nil for none
}

// page gives the items of the page to the feed, and the addresses of the pages that its lists name.
func (r *schemaReader) page(p *schemaPage) (links []string, err error) {
	var items []schemaItem
	seen := map[*schemaThing]bool{}
	var collect func(t, parent *schemaThing, depth int)
	collect = func(t, parent *schemaThing, depth int) {
		if t = p.follow(t); seen[t] || depth > 20 || len(items) > 10_000 {
			return
		}
		seen[t] = true
		kind := schemaKind(t.types)
		inner := []string{"subEvent", "subEvents", "event", "events", "containsPlace"}
		switch {
		case kind == "":
			inner = append(inner, "itemListElement", "item", "mainEntity", "hasPart", "hasCourse")
			if slices.Contains(t.types, "ListItem") && len(t.props["item"]) == 0 {
				if a := p.address(p.text(t, "url")); a != "" {
					links = append(links, a)
				}
			}
		case depth == 0 && t.id != "" && p.part[t.id] && kind != ent.KindEvent:
			// the place, the organiser: described once and named by others
		case slices.Contains(t.types, "Course") && slices.ContainsFunc(p.all(t, "hasCourseInstance"), func(i *schemaThing) bool { return len(i.props["startDate"])+len(i.props["courseSchedule"]) > 0 }):
			inner = append(inner, "hasCourseInstance")
		default:
			items = append(items, schemaItem{t, parent})
		}
		if kind != "" {
			parent = t
		}
		for _, name := range inner {
			for i, v := range t.props[name] {
				if part, ok := v.(*schemaThing); ok && i < 10_000 {
					collect(part, parent, depth+1)
				} else if s, ok := v.(string); ok && name == "itemListElement" {
					if a := p.address(s); a != "" && strings.Contains(s, "/") {
						links = append(links, a)
					}
				}
			}
		}
	}
	for _, t := range p.things {
		collect(t, nil, 0)
	}
	where := ""
	if p.url != nil {
		where = p.url.String()
	}
	for _, n := range p.broken {
		r.found++
		if err := r.refuse(fmt.Sprintf("%s, JSON-LD-Block %d", where, n), "Der Datenblock ist kein lesbares JSON-LD."); err != nil {
			return nil, err
		}
	}
	var records []*Record
	for n, it := range items {
		r.found++
		label := fmt.Sprintf("%s %d", strings.Join(it.thing.types, ", "), n+1)
		if where != "" {
			label += " (" + icalClip(where, 200) + ")"
		}
		list, reason := r.records(p, it, label)
		if reason != "" {
			if err := r.refuse(label, reason); err != nil {
				return nil, err
			}
		}
		records = append(records, list...)
	}
	webKeys(records)
	for _, rec := range records {
		if r.keys[rec.Key] {
			continue
		}
		r.keys[rec.Key] = true
		if err := r.feed.Emit(rec); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// webKeys tells records of one key apart: by #start, and where that is the same too, by #title. Only what has the same key, start and title keeps one
// key. The keys do not depend on the order of the records.
func webKeys(records []*Record) {
	type date struct{ key, start string }
	starts, titles := map[string]map[string]bool{}, map[date]map[string]bool{}
	for _, rec := range records {
		d := date{rec.Key, webStart(rec)}
		if starts[d.key] == nil {
			starts[d.key] = map[string]bool{}
		}
		if titles[d] == nil {
			titles[d] = map[string]bool{}
		}
		starts[d.key][d.start], titles[d][rec.Title] = true, true
	}
	for _, rec := range records {
		d := date{rec.Key, webStart(rec)}
		if len(starts[d.key]) > 1 {
			rec.Key += "#" + d.start
		}
		if len(titles[d]) > 1 {
			rec.Key += "#" + rec.Title
		}
		rec.Key = icalKey(rec.Key)
	}
}

// webStart gives the start for a key: the local date of what is all-day, else the instant; "" without a schedule.
func webStart(rec *Record) string {
	switch s := rec.Schedule; {
	case s == nil:
		return ""
	case s.AllDay:
		return icalInstantKey(s.StartIn(), true)
	default:
		return icalInstantKey(s.Start, false)
	}
}

// records makes the records of an item: one, or one for each of its schedules. The reason why there is none is in German.
func (r *schemaReader) records(p *schemaPage, it schemaItem, label string) (list []*Record, reason string) {
	t, parent := it.thing, it.parent
	kind := schemaKind(t.types)
	title := p.text(t, "name", "headline")
	if title == "" && parent != nil && slices.Contains(t.types, "CourseInstance") {
		title = p.text(parent, "name")
	}
	if title == "" {
		return nil, "Es fehlt der Titel (name)."
	}
	raw, err := json.Marshal(t.json())
	if err != nil {
		return nil, "Die Angaben sind nicht lesbar."
	}
	rec := &Record{Raw: raw, Item: label, Kind: kind, Title: title}
	r.describe(p, t, parent, rec)
	base := t.id
	if base == "" || strings.HasPrefix(base, "_:") {
		base = p.text(t, "url")
	}
	if a := p.address(base); base != "" && a != "" {
		rec.Key = a
	} else {
		rec.Key = base
	}

	if kind != ent.KindEvent && kind != ent.KindActivity {
		if rec.Key == "" {
			rec.Key = title
			if rec.Place != nil {
				where := strings.Join([]string{rec.Place.Text, rec.Place.Street, rec.Place.PostalCode, rec.Place.Locality}, " ")
				rec.Key += "@" + strings.Join(strings.Fields(where), " ")
			}
		}
		return []*Record{rec}, ""
	}
	schedules := p.all(t, "eventSchedule", "courseSchedule")
	var made []*ent.Schedule
	// A schedule that names neither day nor time only says that there is one.
	schedules = slices.DeleteFunc(schedules, func(s *schemaThing) bool { return p.text(s, "startDate", "startTime", "byDay") == "" })
	if len(schedules) > 0 {
		for _, s := range schedules[:min(len(schedules), schemaMaxList)] {
			schedule, reason := r.series(p, s, t)
			if reason != "" {
				return nil, reason
			}
			made = append(made, schedule)
		}
	} else {
		schedule, reason := r.dates(p, t)
		switch {
		case schedule != nil:
			made = append(made, schedule)
		case reason != "":
			return nil, reason
		case kind == ent.KindEvent && len(t.props["subEvent"])+len(t.props["subEvents"]) > 0:
			return nil, "Der Termin hat keinen Beginn (startDate); seine Teile stehen für sich."
		case kind == ent.KindEvent:
			return nil, "Der Termin hat keinen Beginn (startDate)."
		}
	}
	status := schemaName(p.text(t, "eventStatus"))
	rec.Cancelled = status == "EventCancelled"
	if len(made) == 1 {
		rec.Schedule = made[0]
		single := rec.Schedule.RRule == nil && len(rec.Schedule.Include) == 0
		switch {
		case single && status == "EventPostponed":
			rec.Exceptions = []ent.Exception{{Original: rec.Schedule.Start, Status: ent.OccurrencePostponed}}
		case single && !rec.Cancelled && r.soldOut(p, t):
			rec.Exceptions = []ent.Exception{{Original: rec.Schedule.Start, Status: ent.OccurrenceSoldOut}}
		}
	}
	if rec.Key == "" {
		rec.Key = title
		if rec.Schedule != nil {
			rec.Key += "@" + webStart(rec)
		}
	}
	if len(made) < 2 {
		return []*Record{rec}, ""
	}
	for _, s := range made {
		one := *rec
		one.Schedule = s
		list = append(list, &one)
	}
	return list, ""
}

func (r *schemaReader) soldOut(p *schemaPage, t *schemaThing) bool {
	offers := p.all(t, "offers")
	for _, o := range offers {
		if schemaName(p.text(o, "availability")) != "SoldOut" {
			return false
		}
	}
	return len(offers) > 0
}

// describe fills in all but the dates and the key.
func (r *schemaReader) describe(p *schemaPage, t, parent *schemaThing, rec *Record) {
	rec.Description = p.text(t, "description", "articleBody")
	if rec.Description == "" && parent != nil && slices.Contains(t.types, "CourseInstance") {
		rec.Description = p.text(parent, "description")
	}
	rec.Summary = p.text(t, "abstract", "disambiguatingDescription")
	rec.URL = p.address(p.text(t, "url"))
	if rec.URL == "" {
		if page := p.all(t, "mainEntityOfPage"); len(page) > 0 {
			rec.URL = p.address(cmp.Or(page[0].id, p.text(page[0], "url", "name")))
		}
	}
	addLink := func(address, title string) {
		if address = p.address(address); address == "" || address == rec.URL || len(rec.Links) >= schemaMaxList || slices.ContainsFunc(rec.Links, func(l ent.Link) bool { return l.URL == address }) {
			return
		}
		l := ent.Link{URL: address}
		if title != "" {
			l.Title = &title
		}
		rec.Links = append(rec.Links, l)
	}
	for _, s := range t.props["sameAs"] {
		addLink(p.words(s), "")
	}
	for _, name := range t.types {
		if !slices.Contains(rec.Tags, "schema:"+name) {
			rec.Tags = append(rec.Tags, "schema:"+name)
		}
	}
	for _, v := range append(append(slices.Clone(t.props["keywords"]), t.props["category"]...), append(t.props["serviceType"], t.props["servesCuisine"]...)...) {
		for tag := range strings.SplitSeq(p.words(v), ",") {
			if tag = strings.TrimSpace(tag); tag != "" && len(rec.Tags) < schemaMaxList && !slices.Contains(rec.Tags, tag) {
				rec.Tags = append(rec.Tags, tag)
			}
		}
	}

	switch rec.Kind {
	case ent.KindFacility:
		rec.Place = r.place(p, t)
	default:
		places := p.all(t, "location")
		if len(places) == 0 && parent != nil {
			if places = p.all(parent, "location"); schemaKind(parent.types) == ent.KindFacility {
				places = []*schemaThing{parent}
			}
		}
		for _, l := range places {
			if slices.Contains(l.types, "VirtualLocation") {
				yes := true
				rec.Online = &yes
				addLink(cmp.Or(p.text(l, "url"), l.id), "")
			} else if rec.Place == nil {
				if a := p.text(l, "name"); len(l.types) == 0 && ent.ValidURL(a) {
					yes := true
					rec.Online = &yes
					addLink(a, "")
					continue
				}
				rec.Place = r.place(p, l)
			}
		}
	}
	switch schemaName(p.text(t, "eventAttendanceMode")) {
	case "OnlineEventAttendanceMode", "MixedEventAttendanceMode":
		yes := true
		rec.Online = &yes
	case "OfflineEventAttendanceMode":
		if rec.Online == nil {
			no := false
			rec.Online = &no
		}
	}
	if schemaName(p.text(t, "eventStatus")) == "EventMovedOnline" || strings.EqualFold(p.text(t, "courseMode"), "online") {
		yes := true
		rec.Online = &yes
	}

	organizers := p.all(t, "organizer", "provider", "serviceOperator")
	if len(organizers) == 0 && parent != nil {
		organizers = p.all(parent, "organizer", "provider")
	}
	if len(organizers) > 0 {
		o := organizers[0]
		org := Organizer{Name: p.text(o, "name", "legalName"), Email: schemaEmail(p.text(o, "email")), Phone: schemaPhone(p.text(o, "telephone")), URL: p.address(p.text(o, "url"))}
		if org != (Organizer{}) {
			rec.Organizer = &org
		}
	}
	contacts := append([]*schemaThing{t}, p.all(t, "contactPoint")...)
	for _, channel := range p.all(t, "availableChannel") {
		contacts = append(contacts, p.all(channel, "servicePhone")...)
		if a := p.address(p.text(channel, "serviceUrl")); a != "" && rec.Kind == ent.KindService {
			rec.Details.Service = &ent.ServiceDetails{OnlineService: &a, Channels: []ent.Channel{ent.ChannelOnline}}
		}
	}
	for _, c := range contacts {
		email, phone := schemaEmail(p.text(c, "email")), schemaPhone(p.text(c, "telephone"))
		if email == "" && phone == "" || rec.Contact != nil {
			continue
		}
		rec.Contact = &ent.Contact{}
		if email != "" {
			rec.Contact.Email = &email
		}
		if phone != "" {
			rec.Contact.Phone = &phone
		}
	}

	credit := func(i *schemaThing) (credit, licence *string) {
		if s := p.text(i, "creditText", "copyrightNotice", "author", "creator", "copyrightHolder"); s != "" {
			credit = &s
		}
		if s := p.text(i, "license"); s != "" {
			licence = &s
		}
		return
	}
	for _, i := range p.all(t, "image", "photo") {
		if len(rec.Images) >= schemaMaxList {
			break
		}
		address := p.address(p.text(i, "contentUrl", "url"))
		if address == "" && len(i.types) == 0 {
			address = p.address(cmp.Or(p.text(i, "name"), i.id))
		}
		if address == "" || slices.ContainsFunc(rec.Images, func(o ent.Image) bool { return o.URL == address }) {
			continue
		}
		img := ent.Image{URL: address}
		if alt := p.text(i, "caption", "description"); alt != "" {
			img.Alt = &alt
		}
		img.Credit, img.Licence = credit(i)
		rec.Images = append(rec.Images, img)
	}

	r.price(p, t, rec, addLink)
	rec.Hours = schemaHours(p, t)
	rec.Audience = schemaAudience(p, t)
	for _, v := range append(slices.Clone(t.props["inLanguage"]), t.props["availableLanguage"]...) {
		language := p.words(v)
		if thing, ok := v.(*schemaThing); ok {
			language = p.text(p.follow(thing), "alternateName", "name")
		}
		language = strings.ReplaceAll(language, "_", "-")
		if schemaLanguage.MatchString(language) && !slices.Contains(rec.Languages, language) && len(rec.Languages) < 20 {
			rec.Languages = append(rec.Languages, language)
		}
	}
	places := append([]*schemaThing{t}, p.all(t, "location")...)
	for _, where := range places {
		if rec.Wheelchair == "" {
			rec.Wheelchair = schemaWheelchair(p, where)
		}
	}
	rec.Licence = p.text(t, "license", "sdLicense")
	rec.Attribution = p.text(t, "creditText", "copyrightNotice")
	if at, ok := r.moment(p.text(t, "dateModified")); ok && !at.date {
		when := at.instant(r.def())
		rec.UpdatedAt = &when
	}
	if rec.Kind == ent.KindFacility && rec.Place != nil && rec.Place.Name == "" {
		rec.Place.Name = rec.Title
	}
}

var schemaLanguage = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

func schemaEmail(s string) string {
	s = strings.TrimSpace(strings.TrimPrefix(s, "mailto:"))
	if strings.Count(s, "@") != 1 || strings.ContainsAny(s, " <>") {
		return ""
	}
	return s
}

func schemaPhone(s string) string {
	s = strings.TrimSpace(strings.TrimPrefix(s, "tel:"))
	if !strings.ContainsAny(s, "0123456789") {
		return ""
	}
	return s
}

func (r *schemaReader) place(p *schemaPage, t *schemaThing) *Place {
	at := &Place{}
	if len(t.types) == 0 && len(t.props) == 1 { // a text
		at.Text = p.text(t, "name")
	} else if slices.Contains(t.types, "PostalAddress") {
		r.address(p, t, at)
		at.Name = p.text(t, "name")
	} else {
		at.Name = p.text(t, "name")
		if list := p.all(t, "address"); len(list) > 0 {
			if a := list[0]; len(a.types) == 0 && len(a.props) == 1 && len(a.props["name"]) == 1 {
				at.Text = p.text(a, "name")
			} else {
				r.address(p, a, at)
			}
		}
		for _, g := range p.all(t, "geo") {
			setPosition(at, []string{p.text(g, "latitude"), p.text(g, "longitude")})
		}
		if at.Latitude == nil {
			setPosition(at, []string{p.text(t, "latitude"), p.text(t, "longitude")})
		}
	}
	if *at == (Place{}) {
		return nil
	}
	return at
}

func (r *schemaReader) address(p *schemaPage, t *schemaThing, at *Place) {
	at.Street = p.text(t, "streetAddress")
	at.PostalCode = p.text(t, "postalCode")
	at.Locality = p.text(t, "addressLocality")
	if at.Name == "" {
		at.Name = p.text(t, "name")
	}
}

var schemaNumber = regexp.MustCompile(`^(?:€|EUR)?\s*(\d{1,6})(?:[.,](\d{1,2}|-|–))?\s*(?:€|EUR|Euro)?$`)

// schemaCents reads an amount; "1.234" could be two numbers and is none.
func schemaCents(s string) (cents int, ok bool) {
	m := schemaNumber.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, false
	}
	whole, _ := strconv.Atoi(m[1])
	cents = whole * 100
	if n, err := strconv.Atoi(m[2]); err == nil {
		if len(m[2]) == 1 {
			n *= 10
		}
		cents += n
	}
	return cents, true
}

// price reads the offers.
func (r *schemaReader) price(p *schemaPage, t *schemaThing, rec *Record, addLink func(address, title string)) {
	low, high := math.MaxInt, -1
	var words []string
	for _, o := range p.all(t, "offers") {
		addLink(p.text(o, "url"), p.text(o, "name"))
		sources := []*schemaThing{o}
		sources = append(sources, p.all(o, "priceSpecification")...)
		for _, s := range sources {
			currency := strings.ToUpper(p.text(s, "priceCurrency"))
			if currency == "" {
				currency = strings.ToUpper(p.text(o, "priceCurrency"))
			}
			for _, name := range []string{"price", "lowPrice", "highPrice", "minPrice", "maxPrice"} {
				text := p.text(s, name)
				if text == "" {
					continue
				}
				cents, ok := schemaCents(text)
				if ok && cents == 0 || ok && (currency == "" || currency == "EUR" || currency == "€") {
					low, high = min(low, cents), max(high, cents)
					continue
				}
				if currency != "" && !strings.Contains(strings.ToUpper(text), currency) {
					text += " " + currency
				}
				if !slices.Contains(words, text) {
					words = append(words, text)
				}
			}
		}
	}
	if text := p.text(t, "priceRange"); text != "" {
		words = append(words, text)
	}
	rec.PriceText = strings.Join(words[:min(len(words), 10)], ", ")
	if high >= 0 {
		rec.Price = &ent.Price{FromCents: &low, ToCents: &high}
		if high == 0 && len(words) == 0 {
			free := true
			rec.Price = &ent.Price{Free: &free}
		}
	}
	switch strings.ToLower(schemaName(p.text(t, "isAccessibleForFree", "free"))) {
	case "true", "1", "yes":
		free := true
		rec.Price = &ent.Price{Free: &free}
	case "false", "0", "no":
		if rec.Price == nil {
			free := false
			rec.Price = &ent.Price{Free: &free}
		}
	}
}

func schemaAudience(p *schemaPage, t *schemaThing) string {
	var words []string
	add := func(s string) {
		if s != "" && !slices.Contains(words, s) && len(words) < 20 {
			words = append(words, s)
		}
	}
	for _, a := range p.all(t, "audience") {
		add(p.text(a, "audienceType", "name"))
		low, high := p.text(a, "suggestedMinAge", "requiredMinAge"), p.text(a, "suggestedMaxAge", "requiredMaxAge")
		add(schemaAge(low, high))
	}
	for _, v := range t.props["typicalAgeRange"] {
		low, high, ranged := strings.Cut(p.words(v), "-")
		if !ranged {
			high = low
		}
		if s := schemaAge(strings.TrimSpace(low), strings.TrimSpace(high)); s != "" {
			add(s)
		} else {
			add(p.words(v))
		}
	}
	return strings.Join(words, ", ")
}

func schemaAge(low, high string) string {
	number := func(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil }
	switch {
	case low == high && number(low):
		return low + " Jahre"
	case number(low) && number(high):
		return low + " bis " + high + " Jahre"
	case number(low) && high == "":
		return "ab " + low + " Jahren"
	case low == "" && number(high):
		return "bis " + high + " Jahre"
	}
	return ""
}

var schemaWheelchairWords = regexp.MustCompile(`(?i)wheel ?chair|rollstuhl|barrierefrei`)

func schemaWheelchair(p *schemaPage, t *schemaThing) ent.Answer {
	for _, f := range p.all(t, "amenityFeature") {
		if name := p.text(f, "name", "propertyID"); schemaWheelchairWords.MatchString(name) {
			switch strings.ToLower(schemaName(p.text(f, "value"))) {
			case "true", "yes", "ja", "1", "":
				return ent.AnswerYes
			case "false", "no", "nein", "0":
				return ent.AnswerNo
			case "partial", "limited", "teilweise", "eingeschränkt":
				return ent.AnswerPartly
			}
		}
	}
	for _, v := range append(slices.Clone(t.props["accessibilityFeature"]), t.props["accessibilitySummary"]...) {
		if word := strings.ToLower(p.words(v)); word == "wheelchairaccessible" || word == "wheelchair" || word == "rollstuhlgerecht" {
			return ent.AnswerYes
		}
	}
	return ""
}

func (r *schemaReader) def() *icalZone { return &icalZone{loc: r.feed.Zone} }

// moment reads a date, with or without a time.
func (r *schemaReader) moment(s string) (icalTime, bool) {
	s = strings.TrimSpace(html.UnescapeString(s))
	if t, ok := icalWall(s); ok {
		return t, true
	}
	return germanTime(s)
}

// dates makes the schedule of startDate, endDate and duration; nil without a reason when there is no start.
func (r *schemaReader) dates(p *schemaPage, t *schemaThing) (*ent.Schedule, string) {
	zone := r.def()
	var starts []icalTime
	for i, v := range t.props["startDate"] {
		s := p.words(v)
		if s == "" || i >= ent.ScheduleMaxDates {
			continue
		}
		at, ok := r.moment(s)
		if !ok {
			return nil, fmt.Sprintf("Der Beginn „%s“ ist kein Datum.", icalClip(s, 60))
		}
		if !slices.ContainsFunc(starts, func(o icalTime) bool { return o.instant(zone).Equal(at.instant(zone)) }) {
			starts = append(starts, at)
		}
	}
	if len(starts) == 0 {
		return nil, ""
	}
	slices.SortFunc(starts, func(a, b icalTime) int { return a.instant(zone).Compare(b.instant(zone)) })
	var end *icalTime
	if s := p.text(t, "endDate"); s != "" && len(starts) == 1 {
		if at, ok := r.moment(s); ok {
			end = &at
		} else {
			return nil, fmt.Sprintf("Das Ende „%s“ ist kein Datum.", icalClip(s, 60))
		}
	}
	start := starts[0]
	var duration *icalDuration
	if d, ok := icalParseDuration(p.text(t, "duration")); ok && end == nil {
		duration = &d
	}
	schedule, reason := webSchedule(start, end, duration, r.feed.Zone)
	if reason != "" {
		return nil, reason
	}
	for _, more := range starts[1:] {
		schedule.Include = append(schedule.Include, more.instant(zone))
	}
	if problems := schedule.Validate(); len(problems) > 0 {
		return nil, icalScheduleReason(schedule)
	}
	return schedule, ""
}

// webSchedule makes the schedule of one date as web pages mean it: the last date is included, and from midnight to a minute before it, or to nothing, is all day.
func webSchedule(start icalTime, end *icalTime, duration *icalDuration, loc *time.Location) (*ent.Schedule, string) {
	zone := &icalZone{loc: loc}
	clock := func(t icalTime) int {
		local := t.instant(zone).In(loc)
		return local.Hour()*60 + local.Minute()
	}
	day := func(t icalTime) icalTime {
		local := t.wall
		if !t.date {
			local = t.instant(zone).In(loc)
		}
		return icalTime{wall: time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC), date: true}
	}
	if !start.date && clock(start) == 0 && duration == nil && (end == nil || end.date || clock(*end) == 23*60+59 || clock(*end) == 0) {
		if end != nil && !end.date {
			last := day(*end)
			if clock(*end) == 0 && last.wall.After(day(start).wall) { // midnight after the last day
				last.wall = last.wall.AddDate(0, 0, -1)
			}
			end = &last
		}
		start = day(start)
	}
	s := &ent.Schedule{Start: start.instant(zone), AllDay: start.date, TimeZone: loc.String()}
	switch {
	case end == nil && duration != nil:
		stop := start
		stop.wall = stop.wall.AddDate(0, 0, duration.days)
		at := stop.instant(zone).Add(duration.exact)
		s.End = &at
	case end == nil:
	case start.date:
		last := day(*end)
		last.wall = last.wall.AddDate(0, 0, 1)
		at := last.instant(zone)
		s.End = &at
	case end.date && !day(start).wall.Before(end.wall): // the day, not the time
		if end.wall.Before(day(start).wall) {
			return nil, "Das Ende liegt vor dem Beginn."
		}
	case end.date:
		last := *end
		last.wall = last.wall.AddDate(0, 0, 1)
		at := last.instant(zone)
		s.End = &at
	default:
		at := end.instant(zone)
		s.End = &at
	}
	if s.End != nil && s.End.Before(s.Start) || start.date && end != nil && day(*end).wall.Before(start.wall) {
		return nil, "Das Ende liegt vor dem Beginn."
	}
	if s.End != nil && s.End.Equal(s.Start) {
		s.End = nil
	}
	if problems := s.Validate(); len(problems) > 0 {
		return nil, icalScheduleReason(s)
	}
	return s, ""
}

// schemaDay gives the weekday that is named, as in an RRULE; "" for none, "PH" for public holidays.
func schemaDay(s string) string {
	s = strings.ToLower(schemaName(strings.TrimSpace(s)))
	if s == "publicholidays" || s == "ph" {
		return "PH"
	}
	for _, d := range [][]string{
		{"MO", "monday", "mo", "mon", "montag"}, {"TU", "tuesday", "tu", "tue", "di", "dienstag"}, {"WE", "wednesday", "we", "wed", "mi", "mittwoch"},
		{"TH", "thursday", "th", "thu", "donnerstag", "do"}, {"FR", "friday", "fr", "fri", "freitag"}, {"SA", "saturday", "sa", "sat", "samstag", "sonnabend"},
		{"SU", "sunday", "su", "sun", "sonntag", "so"},
	} {
		if slices.Contains(d[1:], s) {
			return d[0]
		}
	}
	return ""
}

// series makes the schedule of a schema.org Schedule; what of the first and last day it does not say the event does. The reason why it cannot is in German.
func (r *schemaReader) series(p *schemaPage, t, event *schemaThing) (*ent.Schedule, string) {
	loc := r.feed.Zone
	if name := p.text(t, "scheduleTimezone"); name != "" {
		if loc = zoneNamed(name); loc == nil {
			return nil, fmt.Sprintf("Die Zeitzone „%s“ ist unbekannt.", icalClip(name, 60))
		}
	}
	zone := &icalZone{loc: loc}
	first, ok := r.moment(cmp.Or(p.text(t, "startDate"), p.text(event, "startDate")))
	if !ok {
		return nil, "Die Serie hat keinen Beginn (startDate)."
	}
	clock := func(s string) (time.Duration, bool) {
		s = strings.TrimPrefix(strings.TrimSpace(s), "T")
		if i := strings.IndexAny(s, "Z+"); i > 0 {
			s = s[:i]
		}
		if _, after, ok := strings.Cut(s, "T"); ok {
			s = after
		}
		at, ok := icalWall("20000101T" + s)
		return at.wall.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), ok && !at.utc
	}
	if !first.date { // its own time of day, on the clock of the zone
		local := first.instant(zone).In(loc)
		first = icalTime{wall: time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)}
	}
	if at, ok := clock(p.text(t, "startTime")); ok {
		first.wall, first.date = first.wall.Truncate(24*time.Hour).Add(at), false
	}
	var days []string
	for _, v := range t.props["byDay"] {
		for name := range strings.SplitSeq(p.words(v), ",") {
			d := schemaDay(name)
			if n := strings.TrimSpace(name); d == "" && len(n) > 2 {
				if d = schemaDay(n[len(n)-2:]); d != "" {
					if _, err := strconv.Atoi(n[:len(n)-2]); err != nil {
						d = ""
					} else {
						d = n[:len(n)-2] + d
					}
				}
			}
			if d == "" || d == "PH" {
				return nil, fmt.Sprintf("Der Wochentag „%s“ der Serie ist unbekannt.", icalClip(name, 40))
			}
			if !slices.Contains(days, d) {
				days = append(days, d)
			}
		}
	}
	numbers := func(name string) []string {
		var list []string
		for _, v := range t.props[name] {
			for n := range strings.SplitSeq(p.words(v), ",") {
				if n = strings.TrimSpace(n); n != "" {
					list = append(list, n)
				}
			}
		}
		return list
	}
	frequency, interval := "", 1
	switch text := strings.ToLower(p.text(t, "repeatFrequency")); text {
	case "":
		if len(days) > 0 {
			frequency = "WEEKLY"
		}
	case "daily", "täglich":
		frequency = "DAILY"
	case "weekly", "wöchentlich":
		frequency = "WEEKLY"
	case "monthly", "monatlich":
		frequency = "MONTHLY"
	case "yearly", "jährlich":
		frequency = "YEARLY"
	default:
		m := schemaPeriod.FindStringSubmatch(strings.ToUpper(text))
		if m == nil {
			return nil, fmt.Sprintf("Die Wiederholung „%s“ lässt sich nicht übernehmen.", icalClip(text, 60))
		}
		interval, _ = strconv.Atoi(m[1])
		frequency = map[string]string{"D": "DAILY", "W": "WEEKLY", "M": "MONTHLY", "Y": "YEARLY"}[m[2]]
	}
	s := &ent.Schedule{AllDay: first.date, TimeZone: loc.String()}
	last, hasLast := r.moment(cmp.Or(p.text(t, "endDate"), p.text(event, "endDate")))
	if frequency != "" {
		parts := []string{"FREQ=" + frequency}
		if interval != 1 {
			parts = append(parts, fmt.Sprintf("INTERVAL=%d", interval))
		}
		if months := numbers("byMonth"); len(months) > 0 {
			parts = append(parts, "BYMONTH="+strings.Join(months, ","))
		}
		if monthDays := numbers("byMonthDay"); len(monthDays) > 0 {
			parts = append(parts, "BYMONTHDAY="+strings.Join(monthDays, ","))
		}
		if weeks := numbers("byMonthWeek"); len(weeks) > 0 && len(days) > 0 {
			var nth []string
			for _, w := range weeks {
				for _, d := range days {
					nth = append(nth, w+d)
				}
			}
			days = nth
		}
		if len(days) > 0 {
			parts = append(parts, "BYDAY="+strings.Join(days, ","))
		}
		rule := strings.Join(parts, ";")
		// The first date of a Schedule is the first that the rule names from startDate on; ent.Schedule takes its start for a date in any case.
		named, reason := schemaFirst(first.wall, rule)
		if reason != "" {
			return nil, reason
		}
		first.wall = named
		if count := p.text(t, "repeatCount"); count != "" {
			rule += ";COUNT=" + count
		} else if hasLast {
			if last.date {
				rule += ";UNTIL=" + last.wall.Format("20060102")
			} else {
				rule += ";UNTIL=" + last.instant(zone).UTC().Format("20060102T150405Z")
			}
		}
		s.RRule = &rule
	}
	s.Start = first.instant(zone)
	if at, ok := clock(p.text(t, "endTime")); ok && !first.date {
		stop := first
		stop.wall = stop.wall.Truncate(24 * time.Hour).Add(at)
		if !stop.wall.After(first.wall) {
			stop.wall = stop.wall.AddDate(0, 0, 1)
		}
		end := stop.instant(zone)
		s.End = &end
	} else if d, ok := icalParseDuration(p.text(t, "duration")); ok {
		stop := first
		stop.wall = stop.wall.AddDate(0, 0, d.days)
		end := stop.instant(zone).Add(d.exact)
		s.End = &end
	}
	for i, v := range t.props["exceptDate"] {
		at, ok := r.moment(p.words(v))
		if !ok || i > ent.ScheduleMaxDates {
			return nil, "Ein ausgenommener Termin (exceptDate) ist nicht lesbar."
		}
		if at.date && !first.date {
			at.wall, at.date = at.wall.Add(first.wall.Sub(first.wall.Truncate(24*time.Hour))), false
		}
		s.Exclude = append(s.Exclude, at.instant(zone))
	}
	if problems := s.Validate(); len(problems) > 0 {
		return nil, icalScheduleReason(s)
	}
	return s, ""
}

var (
	schemaPeriod   = regexp.MustCompile(`^P(\d{1,3})([DWMY])$`)
	schemaInterval = regexp.MustCompile(`INTERVAL=(\d+)`)
)

// schemaFirst finds the first date that the rule names from start on. Where the rule has an interval, its periods count from start.
func schemaFirst(start time.Time, rule string) (time.Time, string) {
	if !strings.Contains(rule, ";BYDAY") && !strings.Contains(rule, ";BYMONTHDAY") {
		return start, ""
	}
	// ent.Schedule counts the start in any case: whether the rule names it shows when the series starts a whole turn of the calendar earlier.
	early := start.AddDate(0, 0, -7)
	if m := schemaInterval.FindStringSubmatch(rule); m != nil {
		n, _ := strconv.Atoi(m[1])
		switch {
		case strings.Contains(rule, "FREQ=DAILY"):
			early = start.AddDate(0, 0, -n)
		case strings.Contains(rule, "FREQ=WEEKLY"):
			early = start.AddDate(0, 0, -7*n)
		case strings.Contains(rule, "FREQ=MONTHLY"): // the first of the month, so that none is skipped
			early = time.Date(start.Year(), start.Month()-time.Month(n), 1, start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
		default:
			early = time.Date(start.Year()-n, 1, 1, start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
		}
	}
	s := ent.Schedule{Start: early, TimeZone: "UTC", RRule: &rule}
	spans, err := s.Expand(start, start.AddDate(20, 0, 0), 1)
	if err != nil || len(spans) == 0 {
		return start, fmt.Sprintf("Die Wiederholung „%s“ lässt sich nicht übernehmen.", icalClip(rule, 200))
	}
	return spans[0].Start, ""
}
