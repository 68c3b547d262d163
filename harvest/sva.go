package harvest

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"umland/ent"
)

const svaPage = 100

// What is asked of the main server of a Smart Village App; the names are those of its schema.
const (
	svaAddress   = `{ addition street zip city kind geoLocation { latitude longitude } }`
	svaContact   = `{ firstName lastName phone email webUrls { url description } }`
	svaCompany   = `{ name address ` + svaAddress + ` contact ` + svaContact + ` }`
	svaMedia     = `{ contentType captionText copyright sourceUrl { url } }`
	svaPrice     = `{ name category amount description ageFrom ageTo groupPrice }`
	svaHours     = `{ weekday timeFrom timeTo dateFrom dateTo open description useYear sortNumber }`
	svaDates     = `{ dateStart dateEnd timeStart timeEnd timeDescription useOnlyTimeDescription }`
	svaBarriers  = `{ description types urls { url description } }`
	svaProvider  = `{ name contact ` + svaContact + ` }`
	svaLinks     = `{ url description }`
	svaEventsGQL = `query Events($limit: Int, $skip: Int) { items: eventRecords(limit: $limit, skip: $skip) {
  id title description updatedAt visible keywords tagList maximumAttendees registrationRequired
  categories { name } dates ` + svaDates + ` addresses ` + svaAddress + ` location { name district } contacts ` + svaContact + `
  organizer ` + svaCompany + ` dataProvider ` + svaProvider + ` mediaContents ` + svaMedia + ` priceInformations ` + svaPrice + ` urls ` + svaLinks + `
  accessibilityInformation ` + svaBarriers + ` } }`
	svaPOIsGQL = `query PointsOfInterest($limit: Int, $skip: Int) { items: pointsOfInterest(limit: $limit, skip: $skip, order: id_ASC) {
  id name description mobileDescription updatedAt visible active keywords tagList
  categories { name } openingHours ` + svaHours + ` addresses ` + svaAddress + ` location { name district } contact ` + svaContact + `
  operatingCompany ` + svaCompany + ` dataProvider ` + svaProvider + ` mediaContents ` + svaMedia + ` priceInformations ` + svaPrice + ` webUrls ` + svaLinks + `
  accessibilityInformation ` + svaBarriers + ` } }`
	svaToursGQL = `query Tours($limit: Int, $skip: Int) { items: tours(limit: $limit, skip: $skip, order: id_ASC) {
  id name description mobileDescription updatedAt visible active keywords tagList lengthKm meansOfTransportation
  geometryTourData { latitude longitude } categories { name } addresses ` + svaAddress + ` location { name district } contact ` + svaContact + `
  operatingCompany ` + svaCompany + ` dataProvider ` + svaProvider + ` mediaContents ` + svaMedia + ` webUrls ` + svaLinks + ` } }`
	svaItemsGQL = `query GenericItems($limit: Int, $skip: Int) { items: genericItems(limit: $limit, skip: $skip, order: id_ASC) {
  id title teaser description genericType updatedAt visible keywords
  contentBlocks { title intro body } categories { name } dates ` + svaDates + ` openingHours ` + svaHours + ` addresses ` + svaAddress + `
  contacts ` + svaContact + ` companies ` + svaCompany + ` dataProvider ` + svaProvider + ` mediaContents ` + svaMedia + `
  priceInformations ` + svaPrice + ` webUrls ` + svaLinks + ` accessibilityInformations ` + svaBarriers + ` } }`
)

// svaKind is one of the lists of the main server.
type svaKind struct {
	name  string // as the option "types" calls it, and the start of the keys
	noun  string
	query string
	kind  ent.OfferingKind
}

var svaKinds = [...]svaKind{
	{"eventRecords", "Veranstaltung", svaEventsGQL, ent.KindEvent},
	{"pointsOfInterest", "Ort", svaPOIsGQL, ent.KindFacility},
	{"tours", "Tour", svaToursGQL, ent.KindTour},
	{"genericItems", "Eintrag", svaItemsGQL, ""},
}

// SVA reads what a Smart Village App has: events, points of interest, tours, and the offers among its generic items. It asks the GraphQL API of the
// main server page by page; or the body is one of the exports that such servers exchange, the JSON with point_of_interests or the XML with poi
// elements. The option "types" of the source narrows what is asked for: "eventRecords,tours". The dates of an event are those that it lists; rules of
// recurrence are not asked for, as the server lists what they give. What is not visible is a tombstone; reports of defects are left out.
type SVA struct{}

// Name is "sva".
func (SVA) Name() string { return "sva" }

// Read implements Format.
func (SVA) Read(ctx context.Context, feed *Feed) error {
	body, head, err := valueOpen(feed)
	if err != nil {
		return err
	}
	text := strings.ToLower(string(head[:min(len(head), 4096)]))
	switch what := valueSniff(head); {
	case what == "eine XML-Datei" && strings.Contains(text, "<poi"):
		return svaXML(ctx, feed, body)
	case what == "eine JSON-Datei" && !strings.Contains(text, `"errors"`) && !strings.Contains(text, `"data"`) && strings.Contains(string(head), "point_of_interests"):
		return svaJSON(ctx, feed, valueUTF8(body, head))
	}
	types := strings.FieldsFunc(feed.Options["types"], func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	for _, name := range types {
		if !slices.ContainsFunc(svaKinds[:], func(k svaKind) bool { return k.name == name }) {
			return valueError("Die Einstellung „types“ der Quelle nennt %s; möglich sind eventRecords, pointsOfInterest, tours, genericItems.", valueQuote(name))
		}
	}
	for _, k := range svaKinds {
		if len(types) > 0 && !slices.Contains(types, k.name) {
			continue
		}
		if err := svaList(ctx, feed, k); err != nil {
			return err
		}
	}
	return nil
}

// svaList reads all pages of one list.
func svaList(ctx context.Context, feed *Feed, k svaKind) error {
	seen := map[string]bool{}
	count := 0
	for page := range valueMaxPages {
		data, err := valueGraphQL(ctx, feed, umlandAddress(feed.URL), k.query, map[string]any{"limit": svaPage, "skip": page * svaPage})
		if err != nil {
			return err
		}
		items := data.get("items").list()
		fresh := 0
		for _, item := range items {
			if err := ctx.Err(); err != nil {
				return err
			}
			id := item.get("id").line()
			if id != "" && seen[id] { // lists shift while they are read
				continue
			}
			seen[id] = true
			fresh++
			count++
			if item.get("genericType").line() == "DefectReport" {
				continue
			}
			raw, err := json.Marshal(item.v)
			if err != nil {
				raw = nil
			}
			if err := svaEmit(feed, k, item, raw, count); err != nil {
				return err
			}
		}
		if len(items) < svaPage || fresh == 0 {
			return nil
		}
	}
	return valueError("Die Quelle hat mehr als %d Seiten.", valueMaxPages)
}

func svaJSON(ctx context.Context, feed *Feed, body io.Reader) error {
	count := 0
	keys := map[string]bool{}
	return valueStream(ctx, body, func(key string) bool { return key == "point_of_interests" },
		func(_ string, raw json.RawMessage) error {
			count++
			k := svaKinds[1]
			item, err := valueParse(raw)
			if err != nil {
				return feed.Refuse(Refusal{fmt.Sprintf("%s %d", k.noun, count), err.Error()})
			}
			if id := item.get("id").line(); keys[id] {
				return feed.Refuse(Refusal{fmt.Sprintf("%s %d", k.noun, count), "die Kennung " + valueQuote(id) + " kommt zweimal vor"})
			}
			keys[item.get("id").line()] = true
			return svaEmit(feed, k, item, raw, count)
		}, func(string, json.RawMessage) error { return nil })
}

func svaEmit(feed *Feed, k svaKind, item valueTree, raw []byte, count int) error {
	title := item.first("title", "name").line()
	where := fmt.Sprintf("%s %d", k.noun, count)
	if title != "" {
		where += " (" + title + ")"
	}
	refuse := func(message string) error { return feed.Refuse(Refusal{where, message}) }
	id := item.get("id").line()
	switch {
	case !item.isObject():
		return refuse("ist kein Eintrag der Smart Village App")
	case id == "":
		return refuse("die Kennung („id“) fehlt")
	}
	r, err := svaRecord(feed, k, item)
	if err != nil {
		return refuse(err.Error())
	}
	if title == "" && !r.Deleted {
		return refuse("der Titel fehlt")
	}
	r.Title, r.Item, r.Raw, r.Key = title, where, raw, valueKey(k.name+"/"+id)
	return feed.Emit(r)
}

// svaRecord reads an item of the GraphQL API, or of the JSON export, whose names are written with underscores.
func svaRecord(feed *Feed, k svaKind, t valueTree) (*Record, error) {
	r := &Record{Kind: k.kind, Summary: t.get("teaser").text(), UpdatedAt: valueInstant(t.first("updatedAt", "updated_at").text(), time.UTC)}
	no := func(key string) bool { b := t.get(key).bool(); return b != nil && !*b }
	r.Deleted = no("visible") || no("active") || t.get("status").line() == "inactive"
	parts := []string{t.first("description", "mobileDescription", "mobile_description").text()}
	for _, b := range t.get("contentBlocks").list() {
		parts = append(parts, valueJoin("\n\n", b.get("title").text(), b.get("intro").text(), b.get("body").text()))
	}
	r.Description = valueJoin("\n\n", parts...)

	if g := t.get("genericType").line(); g != "" {
		r.Tags = valueAddWord(r.Tags, g)
	}
	for _, c := range t.get("categories").list() {
		r.Tags = valueAddWord(r.Tags, c.get("name").line())
	}
	for _, tag := range append(t.get("tagList").list(), t.get("tags").list()...) {
		for _, w := range valueWords(tag.text(), ",") {
			r.Tags = valueAddWord(r.Tags, w)
		}
	}
	for _, w := range valueWords(t.get("keywords").text(), ",;") {
		r.Tags = valueAddWord(r.Tags, w)
	}

	place, err := svaPlace(t)
	if err != nil {
		return nil, err
	}
	r.Place = place
	for _, company := range append(append(t.get("organizer").list(), t.first("operatingCompany", "operating_company").list()...), t.get("companies").list()...) {
		if name := company.get("name").line(); name != "" {
			c := company.get("contact")
			r.Organizer = &Organizer{Name: name, Email: valueEmail(c.first("email", "mail").text()), Phone: c.get("phone").line(), URL: svaURL(c)}
			break
		}
	}
	provider := t.first("dataProvider", "data_provider")
	r.Attribution = provider.get("name").line()
	if r.Organizer == nil && r.Attribution != "" {
		r.Organizer = &Organizer{Name: r.Attribution, URL: svaURL(provider.get("contact"))}
	}
	for _, c := range append(t.get("contacts").list(), t.get("contact").list()...) {
		name := valueJoin(" ", c.first("firstName", "first_name").line(), c.first("lastName", "last_name").line())
		if r.Contact = valueContact(name, c.first("email", "mail").text(), c.get("phone").line()); r.Contact != nil {
			r.URL = svaURL(c)
			break
		}
	}
	own := ""
	for _, l := range append(t.get("urls").list(), t.get("webUrls").list()...) {
		u := valueURL(l.get("url").text())
		switch {
		case u == "":
		case own == "":
			own = u
		case len(r.Links) < ent.MaxList:
			r.Links = append(r.Links, ent.Link{URL: u, Title: valueOrNil(l.get("description").line())})
		}
	}
	r.URL = valueFirst(own, r.URL)
	for _, m := range append(t.get("mediaContents").list(), t.get("media_content").list()...) {
		kind := strings.ToLower(m.first("contentType", "type").line())
		u := valueURL(valueFirst(m.get("sourceUrl", "url").text(), m.get("url").text()))
		if u == "" || kind != "" && !strings.HasPrefix(kind, "image") && kind != "thumbnail" && kind != "logo" || len(r.Images) >= ent.MaxList {
			continue
		}
		r.Images = append(r.Images, ent.Image{URL: u, Alt: valueOrNil(m.first("captionText", "caption_text").line()), Credit: valueOrNil(m.get("copyright").line())})
	}
	r.PriceText = svaPrices(append(t.get("priceInformations").list(), t.get("price").list()...))
	for _, a := range append(append(t.get("accessibilityInformation").list(), t.get("accessibilityInformations").list()...), t.get("accessibility_information").list()...) {
		words := valueJoin(", ", a.get("description").text(), a.get("types").line())
		if words != "" {
			r.Description = valueJoin("\n\n", r.Description, "Barrierefreiheit: "+words)
		}
		if r.Wheelchair == "" {
			r.Wheelchair = valueAnswer(ent.HTMLToText(a.get("description").text()))
		}
	}
	hours := t.get("openingHours").list()
	if days := t.get("opening_hours"); days.isObject() {
		hours = days.get("days").list()
	}
	more := svaWeek(feed, r, hours)
	if text := t.get("opening_hours", "additional_information").text(); text != "" {
		more = append(more, text)
	}
	if len(more) > 0 {
		r.Description = valueJoin("\n\n", r.Description, "Öffnungszeiten: "+strings.Join(more, "; "))
	}
	if r.Deleted {
		return r, nil
	}
	if err := svaSchedule(feed, r, t.get("dates").list()); err != nil {
		return nil, err
	}
	switch r.Kind {
	case ent.KindEvent:
		if r.Schedule == nil {
			return nil, fmt.Errorf("der Termin fehlt")
		}
		capacity := umlandInt(t.get("maximumAttendees"))
		if b := t.get("registrationRequired").bool(); b != nil && *b || capacity != nil {
			d := &ent.EventDetails{Capacity: capacity}
			if b != nil && *b {
				d.Registration = &ent.Registration{Required: true}
			}
			r.Details.Event = d
		}
	case ent.KindTour:
		r.Details.Tour = svaTour(t)
		if line := r.Details.Tour.Line; len(line) > 0 && (r.Place == nil || r.Place.Latitude == nil) {
			if r.Place == nil {
				r.Place = &Place{}
			}
			r.Place.Longitude, r.Place.Latitude = &line[0][0], &line[0][1]
		}
	case "":
		if slices.ContainsFunc(r.Tags, func(w string) bool { return strings.Contains(strings.ToLower(w), "ehrenamt") }) {
			r.Kind = ent.KindVolunteering
		}
	}
	return r, nil
}

func svaURL(contact valueTree) string {
	for _, u := range contact.get("webUrls").list() {
		if link := valueURL(u.get("url").text()); link != "" {
			return link
		}
	}
	return valueURL(contact.get("url").text())
}

// svaPlace takes the first address; that of the start, where a tour has several.
func svaPlace(t valueTree) (*Place, error) {
	addresses := append(t.get("addresses").list(), t.get("address").list()...)
	if i := slices.IndexFunc(addresses, func(a valueTree) bool { return a.get("kind").line() == "start" }); i > 0 {
		addresses[0] = addresses[i]
	}
	p := &Place{}
	if len(addresses) > 0 {
		a := addresses[0]
		p.Name, p.Street, p.PostalCode, p.Locality = a.get("addition").line(), a.get("street").line(), a.get("zip").line(), a.get("city").line()
		geo := a.first("geoLocation", "coordinates")
		lat, ok1 := geo.first("latitude", "lat").number()
		lon, ok2 := geo.first("longitude", "lng").number()
		if ok1 && ok2 {
			if err := valueSetPosition(p, lat, lon); err != nil && p.Street == "" && p.Locality == "" {
				return nil, err
			}
		}
	}
	if l := t.get("location"); *p == (Place{}) && l.isObject() {
		p.Text = valueJoin(", ", l.get("name").line(), l.get("district").line())
	}
	return valuePlace(p), nil
}

func svaPrices(prices []valueTree) string {
	var words []string
	for _, p := range prices[:min(len(prices), 30)] {
		who := p.first("name", "category").line()
		switch who {
		case "adult":
			who = "Erwachsene"
		case "reduced":
			who = "ermäßigt"
		case "senior":
			who = "Senioren"
		case "children":
			who = "Kinder"
		case "family":
			who = "Familie"
		case "group":
			who = "Gruppe"
		}
		amount := ""
		if f, ok := p.first("amount", "price").number(); ok {
			amount = valueEuro(f)
		}
		note := p.get("description").line()
		switch {
		case amount == "" && who == "":
			words = append(words, note)
		case note != "":
			words = append(words, valueJoin(": ", who, amount)+" ("+note+")")
		default:
			words = append(words, valueJoin(": ", who, amount))
		}
	}
	return valueJoin("; ", words...)
}

// svaWeek says the hours in the syntax of OpenStreetMap and gives what has only words.
func svaWeek(feed *Feed, r *Record, hours []valueTree) (more []string) {
	var week valueWeek
	zone := valueZone(feed)
	for _, h := range hours[:min(len(hours), 200)] {
		words := h.get("description").line()
		name := strings.ToLower(h.first("weekday", "name").line())
		selector, day := "", valueEveryday
		special := map[string]string{"new_years_eve": "Dec 31", "christmas_eve": "Dec 24", "first_christmas_day": "Dec 25", "second_christmas_day": "Dec 26", "new_year": "Jan 01"}[name]
		if d, ok := valueWeekday(name); ok {
			day = d
		} else if special != "" {
			selector = special
		} else if name != "" {
			more = append(more, valueJoin(" ", h.first("weekday", "name").line(), words))
			continue
		}
		first, firstYear := svaDay(h.first("dateFrom", "date_from").text())
		last, lastYear := svaDay(h.first("dateTo", "date_to").text())
		years := firstYear && lastYear
		if b := h.get("useYear").bool(); b != nil {
			years = years && *b
		}
		if first != (valueDay{}) && last != (valueDay{}) && special == "" {
			if years && last.next().at(0, zone).Before(feed.Now) {
				continue
			}
			selector = valueDates(first, last, years)
		}
		from, err1 := valueClock(h.first("timeFrom", "timefrom").text())
		to, err2 := valueClock(h.first("timeTo", "timeto").text())
		if open := h.get("open").bool(); open != nil && !*open {
			if name != "" || selector != "" {
				week.closed(selector, day)
			}
			continue
		}
		if err1 != nil || name == "" && selector == "" {
			if words != "" {
				more = append(more, words)
			}
			continue
		}
		end := -1
		if err2 == nil {
			end = to.from
		}
		week.open(selector, day, from.from, end)
		if words != "" {
			more = append(more, words)
		}
	}
	r.Hours = week.String()
	return more
}

// svaDay reads a day, also without a year ("01.03.").
func svaDay(s string) (d valueDay, year bool) {
	if w, err := valueParseWhen(s); err == nil && w.day != (valueDay{}) {
		return w.day, true
	}
	if w, err := valueParseWhen(strings.TrimSuffix(s, ".") + ".2024"); err == nil { // a leap year has all days
		return w.day, false
	}
	return valueDay{}, false
}

// svaSchedule takes the first of the dates as the schedule, and the others as further ones of it.
func svaSchedule(feed *Feed, r *Record, dates []valueTree) error {
	var all []*ent.Schedule
	for _, d := range dates {
		start := d.get("dateStart").text()
		if start == "" {
			continue
		}
		if words := d.get("timeDescription").line(); words != "" {
			r.Description = valueJoin("\n\n", r.Description, "Zeit: "+words)
		}
		from, to := d.get("timeStart").text(), d.get("timeEnd").text()
		if d.get("useOnlyTimeDescription").line() == "true" || d.get("useOnlyTimeDescription").yes() {
			from, to = "", ""
		}
		s, err := valueSchedule(valueZone(feed), start, from, d.get("dateEnd").text(), to)
		if err != nil {
			return err
		}
		if all = append(all, s); len(all) > ent.MaxExceptions {
			return fmt.Errorf("mehr als %d Termine", ent.MaxExceptions)
		}
	}
	return valueDatesOf(r, all)
}

// valueDatesOf makes one schedule of single dates: the earliest is its start; those that last as long are further dates of it, the others added ones.
func valueDatesOf(r *Record, dates []*ent.Schedule) error {
	if len(dates) == 0 {
		return nil
	}
	slices.SortStableFunc(dates, func(a, b *ent.Schedule) int { return a.Start.Compare(b.Start) })
	first := dates[0]
	lasts := func(s *ent.Schedule) time.Duration {
		if s.End == nil {
			return -1
		}
		return s.End.Sub(s.Start)
	}
	for i, d := range dates[1:] {
		switch {
		case d.Start.Equal(dates[i].Start):
		case d.AllDay != first.AllDay: // a series is of one sort
			return valueError("Termine mit und ohne Uhrzeit gehen nicht zusammen")
		case lasts(d) == lasts(first) || first.AllDay && d.End == nil && first.End == nil:
			first.Include = append(first.Include, d.Start)
		default:
			start := d.Start.UTC()
			r.Exceptions = append(r.Exceptions, ent.Exception{Original: start, Added: true, Status: ent.OccurrenceScheduled, Start: &start, End: d.End})
		}
	}
	if err := valueCheckSchedule(first); err != nil {
		return err
	}
	r.Schedule = first
	return nil
}

func svaTour(t valueTree) *ent.TourDetails {
	d := &ent.TourDetails{}
	switch means := strings.ToLower(t.get("meansOfTransportation").line()); {
	case strings.Contains(means, "bike"), strings.Contains(means, "rad"):
		d.Means = ent.MeansCycling
	case strings.Contains(means, "wander"), strings.Contains(means, "hik"):
		d.Means = ent.MeansHiking
	case strings.Contains(means, "foot"), strings.Contains(means, "walk"), strings.Contains(means, "fuß"), strings.Contains(means, "spazier"):
		d.Means = ent.MeansWalking
	case strings.Contains(means, "canoe"), strings.Contains(means, "kanu"), strings.Contains(means, "boot"), strings.Contains(means, "wasser"):
		d.Means = ent.MeansCanoeing
	case strings.Contains(means, "horse"), strings.Contains(means, "reit"), strings.Contains(means, "pferd"):
		d.Means = ent.MeansRiding
	case strings.Contains(means, "ski"):
		d.Means = ent.MeansSkiing
	case strings.Contains(means, "car"), strings.Contains(means, "auto"), strings.Contains(means, "motor"):
		d.Means = ent.MeansDriving
	}
	if km, ok := t.get("lengthKm").number(); ok && km > 0 {
		d.LengthKm = &km
	}
	for _, p := range t.get("geometryTourData").list() {
		lat, ok1 := p.get("latitude").number()
		lon, ok2 := p.get("longitude").number()
		if ok1 && ok2 && len(d.Line) < ent.MaxLine {
			if lat, lon, err := valuePosition(lat, lon); err == nil {
				d.Line = append(d.Line, []float64{lon, lat})
			}
		}
	}
	return d
}

// svaXML reads the poi elements of an XML export, whatever they stand in. A copy whose quotes are escaped with backslashes is read as well.
func svaXML(ctx context.Context, feed *Feed, body io.Reader) error {
	dec := valueXMLDecoder(&svaUnescape{r: body})
	count := 0
	keys := map[string]bool{}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		token, err := dec.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return valueXMLFault(err, dec)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "poi" {
			continue
		}
		count++
		item := fmt.Sprintf("Ort %d", count)
		e, fault, fatal := valueXMLItem(dec, start)
		if fatal != nil {
			return fatal
		}
		if title := e.attr["name"]; title != "" {
			item += " (" + title + ")"
		}
		id := e.attr["id"]
		switch {
		case fault != nil:
		case id == "":
			fault = fmt.Errorf("die Kennung („id“) fehlt")
		case e.attr["name"] == "":
			fault = fmt.Errorf("der Name fehlt")
		case keys[id]:
			fault = fmt.Errorf("die Kennung %s kommt zweimal vor", valueQuote(id))
		}
		if fault != nil {
			if err := feed.Refuse(Refusal{item, fault.Error()}); err != nil {
				return err
			}
			continue
		}
		keys[id] = true
		r := svaXMLRecord(e)
		r.Key, r.Item, r.Raw = valueKey("pointsOfInterest/"+id), item, e.raw()
		if err := feed.Emit(r); err != nil {
			return err
		}
	}
}

func svaXMLRecord(e *valueXML) *Record {
	r := &Record{Kind: ent.KindFacility, Title: e.attr["name"], Description: e.one("description", "text").html(), URL: valueURL(e.line("canonical"))}
	if seconds, ok := valueNumber(e.attr["tstamp"]); ok && seconds > 0 && seconds < 1e11 {
		at := time.Unix(int64(seconds), 0).UTC()
		r.UpdatedAt = &at
	}
	if a := e.one("addresses", "address"); len(a.kids) > 0 {
		p := &Place{Street: a.line("street"), PostalCode: a.line("zip"), Locality: a.line("location")}
		for _, c := range a.all("coordinates", "coordinate") {
			lat, ok1 := valueNumber(c.line("x"))
			lon, ok2 := valueNumber(c.line("y"))
			if c.attr["cos"] == "latlng" && ok1 && ok2 {
				_ = valueSetPosition(p, lat, lon) // what is no position is left out: the address says where it is
			}
		}
		r.Place = valuePlace(p)
	}
	var phone, email string
	for _, c := range e.all("connections", "connection") {
		text := c.line("information")
		switch c.line("type") {
		case "telefon":
			phone = valueFirst(phone, text)
		case "email":
			email = valueFirst(email, valueEmail(text))
		case "url", "urlInformation":
			if u := valueURL(text); u != "" && len(r.Links) < ent.MaxList {
				r.Links = append(r.Links, ent.Link{URL: u})
			}
		}
	}
	r.Contact = valueContact("", email, phone)
	if r.URL == "" && len(r.Links) > 0 {
		r.URL, r.Links = r.Links[0].URL, r.Links[1:]
	}
	var prices []valueTree
	for _, p := range e.all("price", "pricerangecomplex") {
		prices = append(prices, valueTree{map[string]any{"category": p.line("category"), "price": p.line("price"), "description": p.line("description")}})
	}
	r.PriceText = svaPrices(prices)
	valueAddHours(r, e.line("otheropeninghours"))
	return r
}

// svaUnescape takes the backslashes off quotes.
type svaUnescape struct {
	r    io.Reader
	held bool // a backslash was read last
}

func (u *svaUnescape) Read(p []byte) (int, error) {
	if len(p) < 2 {
		return 0, io.ErrShortBuffer
	}
	for {
		buffer := make([]byte, len(p)-1)
		n, err := u.r.Read(buffer)
		out := 0
		for _, c := range buffer[:n] {
			if u.held && c != '"' {
				p[out] = '\\'
				out++
			}
			if u.held = c == '\\'; !u.held {
				p[out] = c
				out++
			}
		}
		if err != nil && u.held {
			p[out], u.held = '\\', false
			out++
		}
		if out > 0 || err != nil {
			return out, err
		}
	}
}
