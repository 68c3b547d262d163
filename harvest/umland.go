package harvest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"umland/ent"
)

const (
	umlandPage     = 15 // changes of one page: what keeps a query within the cost that a server allows without a key
	umlandMaxPages = 20_000
	umlandMaxPage  = 8 << 20 // bytes of an answer
)

// umlandQuery asks for all of an offering that a Record can carry. The names are those of the public contract.
const umlandQuery = `query Changes($after: String, $first: Int, $from: DateTime) {
  changes(after: $after, first: $first) {
    edges {
      cursor
      node {
        at
        id
        offering {
          id kind title summary description(format: HTML) online audiences wheelchair languages updatedAt
          provider { name website contact { email phone } }
          municipality { ags }
          place { name longitude latitude address { street postalCode locality } municipality { ags } }
          categories { slug }
          price { free fromCents toCents note }
          contact { name email phone }
          links { url title }
          images { url alt credit licence }
          openingHours { osm }
          schedule { start end allDay timeZone rrule exclude include }
          occurrences(from: $from, first: 20) { edges { node { id start end status } } }
          details {
            __typename
            ... on ServiceDetails { leika channels onlineService requirements }
            ... on FacilityDetails { rentable features }
            ... on EventDetails { registration { required url until note } capacity }
            ... on ActivityDetails { registration { required url until note } capacity trial }
            ... on TourDetails { means lengthKm ascentM minutes loop line }
            ... on VolunteeringDetails { task hoursPerMonth skills }
          }
          translations { locale title summary machine }
          provenance { url licence attribution source { name } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

// Umland reads the published offerings of another Umland through its feed of changes, oldest first: from the beginning, or after the cursor that the
// option "after" of the source gives; later on what has changed since. The last change that is known is asked for again each time: a server that answers with
// another one has forgotten what it told (it was set up anew), and is read from the beginning. Its address is that of the server or of its /graphql; the body
// of the feed is not looked at. What is gone there is a tombstone. Licence, attribution and page stay those of the origin. Of the dates of a series that differ
// from it, the next ones are read.
type Umland struct{}

// Name is "umland".
func (Umland) Name() string { return "umland" }

// Read implements Format.
func (Umland) Read(ctx context.Context, feed *Feed) error {
	ask := func(after string) (valueTree, error) {
		variables := map[string]any{"first": umlandPage, "from": feed.Now.UTC().Format(time.RFC3339)}
		if after != "" {
			variables["after"] = after
		}
		data, err := valueGraphQL(ctx, feed, umlandAddress(feed.URL), umlandQuery, variables)
		if err != nil {
			return data, err
		}
		changes := data.get("changes")
		if !changes.isObject() {
			return changes, valueError("Die Antwort enthält keine Änderungen („changes“). Ist das ein Umland?")
		}
		return changes, nil
	}
	// A position is the cursors of the last two changes: what comes after the one must begin with the other.
	before, last, _ := strings.Cut(feed.Since, " ")
	changes, err := valueTree{}, error(nil)
	if feed.Since != "" {
		changes, err = ask(before)
		var refused valueRefused
		if first := changes.get("edges").list(); errors.As(err, &refused) || err == nil && (len(first) == 0 || first[0].get("cursor").text() != last) {
			feed.Since = ""
		}
	}
	if feed.Since == "" {
		before, last = "", strings.TrimSpace(feed.Options["after"])
		changes, err = ask(last)
	}
	taken, pages := map[string]bool{}, map[string]bool{}
	for page := 1; ; page++ {
		if err != nil {
			return err
		}
		for i, edge := range changes.get("edges").list() {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := umlandChange(feed, edge.get("node"), fmt.Sprintf("Änderung %d auf Seite %d", i+1, page), taken); err != nil {
				return err
			}
			if cursor := edge.get("cursor").text(); cursor != last {
				before, last = last, cursor
			}
		}
		end := changes.get("pageInfo", "endCursor").text()
		switch {
		case !changes.get("pageInfo", "hasNextPage").yes():
			if before != "" && last != "" && !strings.ContainsAny(before+last, " \n\t\x00") {
				feed.Position = before + " " + last
			}
			return nil
		case end == "" || pages[end]:
			return valueError("Die Seiten der Quelle führen nicht weiter.")
		case page >= umlandMaxPages:
			return valueError("Die Quelle hat mehr als %d Seiten.", umlandMaxPages)
		}
		pages[end] = true
		changes, err = ask(end)
	}
}

// umlandAddress is where a server answers GraphQL.
func umlandAddress(u *url.URL) string {
	at := *u
	at.RawQuery, at.Fragment = "", ""
	if strings.HasSuffix(strings.TrimSuffix(at.Path, "/"), "/graphql") {
		return at.String()
	}
	return at.JoinPath("graphql").String()
}

// valueGraphQL asks a GraphQL server and gives the data of its answer. Its errors are ones for a clerk, with the server's own words.
func valueGraphQL(ctx context.Context, feed *Feed, address, query string, variables map[string]any) (valueTree, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return valueTree{}, valueError("Die Frage an die Quelle ist nicht zu stellen: %w", err)
	}
	answer, err := feed.Get(ctx, Request{URL: address, Accept: "application/json", Body: body})
	if err != nil {
		return valueTree{}, valueError("Die Quelle antwortet nicht: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, umlandMaxPage+1))
	switch {
	case err != nil:
		return valueTree{}, valueError("Die Antwort der Quelle war nicht zu Ende zu lesen: %w", err)
	case len(raw) > umlandMaxPage:
		return valueTree{}, valueError("Die Antwort der Quelle ist größer als %d MB.", umlandMaxPage>>20)
	}
	if what := valueSniff(raw); what != "eine JSON-Datei" {
		switch {
		case len(bytes.TrimSpace(raw)) == 0:
			return valueTree{}, emptyFeed{"Die Quelle antwortet nicht mit GraphQL: Es kam nichts."}
		case what == "eine HTML-Seite":
			return valueTree{}, emptyFeed{"Die Quelle antwortet nicht mit GraphQL: Es kam eine HTML-Seite."}
		case what == "":
			what = "etwas anderes"
		}
		return valueTree{}, valueError("Die Quelle antwortet nicht mit GraphQL: Es kam %s.", what)
	}
	t, err := valueParseLarge(raw)
	if err != nil {
		return valueTree{}, valueError("Die Antwort der Quelle ist nicht zu lesen: %w", err)
	}
	if faults := t.get("errors").list(); len(faults) > 0 {
		var words []string
		for _, f := range faults[:min(len(faults), 3)] {
			words = append(words, valueQuote(valueFirst(f.get("message").line(), "ohne Begründung")))
		}
		return valueTree{}, valueRefused{strings.Join(words, ", ")}
	}
	if !t.get("data").isObject() {
		return valueTree{}, valueError("Die Antwort der Quelle enthält keine Daten.")
	}
	return t.get("data"), nil
}

// valueRefused is what a GraphQL server has against a question, in its own words.
type valueRefused struct{ words string }

func (r valueRefused) Error() string { return "Die Quelle weist die Anfrage ab: " + r.words + "." }

func umlandChange(feed *Feed, change valueTree, item string, taken map[string]bool) error {
	id := change.get("id").line()
	if id == "" {
		return feed.Refuse(Refusal{item, "die Kennung („id“) fehlt"})
	}
	if taken[id] { // the offering of a change is as it is now, not as it was then
		return nil
	}
	taken[id] = true
	at := valueInstant(change.get("at").text(), time.UTC)
	o := change.get("offering")
	if !o.isObject() {
		raw, err := json.Marshal(change.v)
		if err != nil {
			return feed.Refuse(Refusal{item, "ist nicht zu lesen"})
		}
		return feed.Emit(&Record{Key: valueKey(id), Item: item, Raw: raw, Deleted: true, UpdatedAt: at})
	}
	if title := o.get("title").line(); title != "" {
		item += " (" + title + ")"
	}
	raw, err := json.Marshal(o.v)
	if err != nil {
		return feed.Refuse(Refusal{item, "ist nicht zu lesen"})
	}
	r, err := umlandRecord(o)
	if err != nil {
		return feed.Refuse(Refusal{item, err.Error()})
	}
	r.Key, r.Item, r.Raw = valueKey(id), item, raw
	if r.UpdatedAt == nil {
		r.UpdatedAt = at
	}
	return feed.Emit(r)
}

func umlandRecord(o valueTree) (*Record, error) {
	r := &Record{
		Kind: ent.OfferingKind(o.get("kind").line()), Title: o.get("title").line(), Summary: o.get("summary").text(), Description: o.get("description").text(),
		Online: o.get("online").bool(), Hours: valueHours(o.get("openingHours", "osm").text()), UpdatedAt: valueInstant(o.get("updatedAt").text(), time.UTC),
		Licence: o.get("provenance", "licence").line(), Attribution: o.get("provenance", "attribution").line(), URL: valueURL(o.get("provenance", "url").text()),
	}
	if r.Title == "" {
		return nil, errColumnTitle
	}
	switch r.Kind {
	case ent.KindService, ent.KindFacility, ent.KindEvent, ent.KindActivity, ent.KindTour, ent.KindVolunteering:
	default:
		return nil, fmt.Errorf("die Art %s ist nicht bekannt", valueQuote(string(r.Kind)))
	}
	if r.Attribution == "" {
		r.Attribution = o.get("provenance", "source", "name").line()
	}
	switch w := ent.Answer(o.get("wheelchair").line()); w {
	case ent.AnswerYes, ent.AnswerNo, ent.AnswerPartly, ent.AnswerUnknown:
		r.Wheelchair = w
	}
	for _, c := range o.get("categories").list() {
		r.Tags = valueAddWord(r.Tags, c.get("slug").line())
	}
	var audiences []string
	for _, a := range o.get("audiences").list() {
		audiences = append(audiences, umlandAudience(a.line()))
	}
	r.Audience = valueJoin(", ", audiences...)
	for _, l := range o.get("languages").list() {
		if tag := valueLocale(l.line()); tag != "" && len(r.Languages) < ent.MaxList {
			r.Languages = append(r.Languages, tag)
		}
	}
	if p := o.get("provider"); p.get("name").line() != "" {
		r.Organizer = &Organizer{
			Name: p.get("name").line(), URL: valueURL(p.get("website").text()), Email: valueEmail(p.get("contact", "email").text()), Phone: p.get("contact", "phone").line(),
		}
	}
	place := &Place{AGS: umlandAGS(o.get("municipality"))}
	if p := o.get("place"); p.isObject() {
		place.Name = p.get("name").line()
		place.Street, place.PostalCode, place.Locality = p.get("address", "street").line(), p.get("address", "postalCode").line(), p.get("address", "locality").line()
		if ags := umlandAGS(p.get("municipality")); ags != "" {
			place.AGS = ags
		}
		lon, ok1 := p.get("longitude").number()
		lat, ok2 := p.get("latitude").number()
		if ok1 && ok2 {
			if err := valueSetPosition(place, lat, lon); err != nil {
				return nil, err
			}
		}
	}
	r.Place = valuePlace(place)
	if p := o.get("price"); p.isObject() {
		price := &ent.Price{Free: p.get("free").bool(), FromCents: umlandInt(p.get("fromCents")), ToCents: umlandInt(p.get("toCents")), Note: umlandText(p.get("note"))}
		if *price != (ent.Price{}) {
			r.Price = price
		}
	}
	r.Contact = valueContact(o.get("contact", "name").line(), o.get("contact", "email").text(), o.get("contact", "phone").line())
	for _, l := range o.get("links").list() {
		if u := valueURL(l.get("url").text()); u != "" && len(r.Links) < ent.MaxList {
			r.Links = append(r.Links, ent.Link{URL: u, Title: umlandText(l.get("title"))})
		}
	}
	for _, i := range o.get("images").list() {
		if u := valueURL(i.get("url").text()); u != "" && len(r.Images) < ent.MaxList {
			r.Images = append(r.Images, ent.Image{URL: u, Alt: umlandText(i.get("alt")), Credit: umlandText(i.get("credit")), Licence: umlandText(i.get("licence"))})
		}
	}
	for _, t := range o.get("translations").list() {
		if locale, title := valueLocale(t.get("locale").line()), t.get("title").line(); locale != "" && title != "" && len(r.Translations) < ent.MaxList {
			r.Translations = append(r.Translations, ent.Translation{Locale: locale, Title: title, Summary: umlandText(t.get("summary")), Machine: t.get("machine").yes()})
		}
	}
	if err := umlandSchedule(r, o); err != nil {
		return nil, err
	}
	umlandDetails(r, o.get("details"))
	return r, nil
}

func umlandSchedule(r *Record, o valueTree) error {
	s := o.get("schedule")
	if !s.isObject() {
		return nil
	}
	instant := func(t valueTree) (time.Time, error) {
		at, err := time.Parse(time.RFC3339, t.line())
		if err != nil {
			return at, fmt.Errorf("%s ist kein Zeitpunkt", valueQuote(t.line()))
		}
		return at, nil
	}
	start, err := instant(s.get("start"))
	if err != nil {
		return err
	}
	schedule := &ent.Schedule{Start: start, AllDay: s.get("allDay").yes(), TimeZone: s.get("timeZone").line(), RRule: umlandText(s.get("rrule"))}
	if end := s.get("end"); end.v != nil {
		at, err := instant(end)
		if err != nil {
			return err
		}
		schedule.End = &at
	}
	for _, list := range []struct {
		from valueTree
		into *[]time.Time
	}{{s.get("exclude"), &schedule.Exclude}, {s.get("include"), &schedule.Include}} {
		for _, t := range list.from.list() {
			at, err := instant(t)
			if err != nil {
				return err
			}
			*list.into = append(*list.into, at)
		}
	}
	if err := valueCheckSchedule(schedule); err != nil {
		return err
	}
	r.Schedule = schedule
	for _, edge := range o.get("occurrences", "edges").list() {
		n := edge.get("node")
		status := ent.OccurrenceStatus(n.get("status").line())
		_, original, ok := ent.ParseOccurrenceID(n.get("id").line())
		if !ok || len(r.Exceptions) >= ent.MaxExceptions {
			continue
		}
		e := ent.Exception{Original: original, Status: status}
		begins, err := instant(n.get("start"))
		if err != nil {
			return err
		}
		if !begins.Equal(original) {
			e.Start = &begins
			if ends, err := instant(n.get("end")); err == nil {
				e.End = &ends
			}
		}
		switch status {
		case ent.OccurrenceScheduled:
			if e.Start == nil {
				continue
			}
		case ent.OccurrenceCancelled, ent.OccurrencePostponed, ent.OccurrenceMoved, ent.OccurrenceSoldOut:
		default:
			continue
		}
		dates, err := schedule.Expand(original, original.Add(time.Second), 10)
		e.Added = err == nil && !slices.ContainsFunc(dates, func(d ent.Span) bool { return d.Original.Equal(original) })
		r.Exceptions = append(r.Exceptions, e)
	}
	return nil
}

func umlandDetails(r *Record, d valueTree) {
	words := func(t valueTree) []string {
		var out []string
		for _, w := range t.list() {
			if s := w.line(); s != "" && len(out) < ent.MaxWords {
				out = append(out, s)
			}
		}
		return out
	}
	registration := func(t valueTree) *ent.Registration {
		if !t.isObject() {
			return nil
		}
		return &ent.Registration{Required: t.get("required").yes(), URL: valueOrNil(valueURL(t.get("url").text())), Until: valueInstant(t.get("until").text(), time.UTC), Note: umlandText(t.get("note"))}
	}
	switch r.Kind {
	case ent.KindService:
		s := &ent.ServiceDetails{Leika: umlandText(d.get("leika")), OnlineService: valueOrNil(valueURL(d.get("onlineService").text())), Requirements: umlandText(d.get("requirements"))}
		for _, c := range words(d.get("channels")) {
			switch channel := ent.Channel(c); channel {
			case ent.ChannelOnSite, ent.ChannelPhone, ent.ChannelOnline, ent.ChannelMail, ent.ChannelHomeVisit, ent.ChannelMobile:
				s.Channels = append(s.Channels, channel)
			}
		}
		r.Details.Service = s
	case ent.KindFacility:
		r.Details.Facility = &ent.FacilityDetails{Rentable: d.get("rentable").bool(), Features: words(d.get("features"))}
	case ent.KindEvent:
		r.Details.Event = &ent.EventDetails{Registration: registration(d.get("registration")), Capacity: umlandInt(d.get("capacity"))}
	case ent.KindActivity:
		r.Details.Activity = &ent.ActivityDetails{Registration: registration(d.get("registration")), Capacity: umlandInt(d.get("capacity")), Trial: d.get("trial").bool()}
	case ent.KindTour:
		t := &ent.TourDetails{Means: ent.TourMeans(d.get("means").line()), AscentM: umlandInt(d.get("ascentM")), Minutes: umlandInt(d.get("minutes")), Loop: d.get("loop").bool()}
		if km, ok := d.get("lengthKm").number(); ok {
			t.LengthKm = &km
		}
		for _, p := range d.get("line").list() {
			if lon, lat, ok := p.position(); ok && len(t.Line) < ent.MaxLine {
				t.Line = append(t.Line, []float64{lon, lat})
			}
		}
		r.Details.Tour = t
	case ent.KindVolunteering:
		r.Details.Volunteering = &ent.VolunteeringDetails{Task: umlandText(d.get("task")), HoursPerMonth: umlandInt(d.get("hoursPerMonth")), Skills: words(d.get("skills"))}
	}
}

// umlandAudience says an audience in the word by which it is recognised again.
func umlandAudience(a string) string {
	switch ent.Audience(a) {
	case ent.AudienceChildren:
		return "Kinder"
	case ent.AudienceYouth:
		return "Jugendliche"
	case ent.AudienceFamilies:
		return "Familien"
	case ent.AudienceAdults:
		return "Erwachsene"
	case ent.AudienceSeniors:
		return "Senioren"
	case ent.AudienceNewcomers:
		return "Zugezogene"
	case ent.AudienceVisitors:
		return "Gäste"
	}
	return ""
}

func umlandAGS(m valueTree) string {
	ags, ok := ent.ParseAGS(m.get("ags").line())
	if !ok {
		return ""
	}
	return ags
}

func umlandInt(t valueTree) *int {
	n, ok := t.int()
	if !ok {
		return nil
	}
	return &n
}

func umlandText(t valueTree) *string { return valueOrNil(t.text()) }
