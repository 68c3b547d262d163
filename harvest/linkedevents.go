package harvest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"slices"
	"strings"
	"time"

	"umland/ent"
)

const linkedMaxFetches = 1000 // places, keywords and dates of one feed that are fetched on their own

// LinkedEvents reads the API of Linked Events, which the City of Helsinki makes and others run: /v1/event/ with its pages (meta.next). Places and
// keywords are taken from the page where it has them (include=location,keywords), else fetched once each. German texts come first, then English, then
// whatever there is; the others are translations. A recurring event is one item with all its dates. Events that were deleted are tombstones.
type LinkedEvents struct{}

// Name is "linkedevents".
func (LinkedEvents) Name() string { return "linkedevents" }

type linkedReader struct {
	feed    *Feed
	count   int
	fetched map[string]valueTree // by address
	ids     map[string]bool
	// Series, and events that belong to something larger, wait for the end: then it is known which dates belong to which series.
	held  []linkedHeld
	dates map[string]int // of held, by address and by id
}

type linkedHeld struct {
	event valueTree
	raw   []byte
	item  string
	taken bool // as a date of a series
}

// Read implements Format.
func (LinkedEvents) Read(ctx context.Context, feed *Feed) error {
	l := &linkedReader{feed: feed, fetched: map[string]valueTree{}, ids: map[string]bool{}, dates: map[string]int{}}
	next, err := l.page(ctx, feed)
	seen := map[string]bool{feed.URL.String(): true}
	for pages := 1; err == nil && next != ""; pages++ {
		if pages >= valueMaxPages {
			return valueError("Die Quelle hat mehr als %d Seiten.", valueMaxPages)
		}
		if seen[next] {
			return valueError("Die Seiten der Quelle führen im Kreis.")
		}
		seen[next] = true
		var answer *Response
		if answer, err = feed.Get(ctx, Request{URL: next, Accept: "application/json"}); err != nil {
			return valueError("Seite %d war nicht zu holen: %w", pages+1, err)
		}
		at := *feed
		at.Body, at.URL = answer.Body, answer.URL
		next, err = l.page(ctx, &at)
		_ = answer.Body.Close()
	}
	if err != nil {
		return err
	}
	return l.rest(ctx)
}

// page reads one page and gives the address of the next, "" where there is none.
func (l *linkedReader) page(ctx context.Context, feed *Feed) (next string, err error) {
	body, head, err := valueOpen(feed)
	if err != nil {
		return "", err
	}
	if what := valueSniff(head); what != "" && what != "eine JSON-Datei" {
		return "", valueError("Das ist keine Antwort von Linked Events, sondern %s.", what)
	}
	found := false
	err = valueStream(ctx, valueUTF8(body, head), func(key string) bool { return key == "data" || key == "" },
		func(_ string, raw json.RawMessage) error {
			found = true
			return l.event(ctx, raw)
		},
		func(key string, raw json.RawMessage) error {
			if key != "meta" {
				return nil
			}
			found = true
			meta, err := valueParse(raw)
			if err != nil {
				return nil
			}
			if text := meta.get("next").text(); text != "" {
				u, err := feed.URL.Parse(text)
				if err != nil || u.Scheme != "http" && u.Scheme != "https" {
					return valueError("Die Adresse der nächsten Seite (%s) ist keine.", valueQuote(text))
				}
				next = u.String()
			}
			return nil
		})
	if err == nil && !found && !valueEmptyList(head) {
		err = valueError("Das JSON enthält keine Veranstaltungen („data“).")
	}
	return next, err
}

func (l *linkedReader) event(ctx context.Context, raw json.RawMessage) error {
	l.count++
	item := fmt.Sprintf("Veranstaltung %d", l.count)
	e, err := valueParse(raw)
	if err != nil {
		return l.feed.Refuse(Refusal{item, err.Error()})
	}
	id := linkedID(e)
	if title, _, _ := linkedText(e.get("name")); title != "" {
		item += " (" + valueLine(title) + ")"
	}
	switch {
	case id == "":
		return l.feed.Refuse(Refusal{item, "die Kennung („id“) fehlt"})
	case l.ids[id]:
		return nil // pages shift while they are read
	}
	l.ids[id] = true
	if e.get("super_event_type").line() == "recurring" || e.get("super_event").isObject() {
		for _, name := range []string{id, e.get("@id").line()} {
			if name != "" {
				l.dates[name] = len(l.held)
			}
		}
		l.held = append(l.held, linkedHeld{event: e, raw: raw, item: item})
		return nil
	}
	return l.emit(ctx, linkedHeld{event: e, raw: raw, item: item})
}

func linkedID(e valueTree) string {
	if id := e.get("id").line(); id != "" {
		return id
	}
	return linkedTail(e.get("@id").line())
}

// linkedTail gives the id at the end of an address: ".../v1/event/helsinki:1/".
func linkedTail(address string) string {
	address = strings.TrimSuffix(address, "/")
	return address[strings.LastIndexByte(address, '/')+1:]
}

// rest emits what was held: first the series with their dates, then what is no date of one.
func (l *linkedReader) rest(ctx context.Context) error {
	for i := range l.held {
		if h := &l.held[i]; h.event.get("super_event_type").line() == "recurring" {
			h.taken = true
			if err := l.emit(ctx, *h); err != nil {
				return err
			}
		}
	}
	for i := range l.held {
		if !l.held[i].taken {
			if err := l.emit(ctx, l.held[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *linkedReader) emit(ctx context.Context, h linkedHeld) error {
	r, err := l.record(ctx, h.event)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return l.feed.Refuse(Refusal{h.item, err.Error()})
	}
	r.Key, r.Item, r.Raw = valueKey(linkedID(h.event)), h.item, h.raw
	return l.feed.Emit(r)
}

// linkedText takes a text in several languages: the German one, else the English, else the first; and all others.
func linkedText(t valueTree) (text, locale string, others map[string]string) {
	m, ok := t.v.(map[string]any)
	if !ok {
		return t.text(), "", nil
	}
	var locales []string
	texts := map[string]string{}
	for key := range m {
		if s := t.get(key).text(); s != "" && valueLocale(key) != "" && len(texts) < ent.MaxList {
			texts[valueLocale(key)] = s
		}
	}
	for locale := range texts {
		locales = append(locales, locale)
	}
	slices.Sort(locales)
	for _, want := range append([]string{"de", "en"}, locales...) {
		if s := texts[want]; s != "" {
			delete(texts, want)
			return s, want, texts
		}
	}
	return "", "", nil
}

func linkedOne(t valueTree) string { s, _, _ := linkedText(t); return s }

// reference gives an object that stands in the page, or fetches it by its address, once, unless that many were fetched already.
func (l *linkedReader) reference(ctx context.Context, t valueTree, field string, most int) (valueTree, error) {
	address := t.get("@id").line()
	if t.get(field).v != nil || address == "" {
		return t, nil
	}
	u, err := l.feed.URL.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return t, fmt.Errorf("%s ist keine Adresse", valueQuote(address))
	}
	if have, ok := l.fetched[u.String()]; ok {
		if have.v == nil {
			return t, fmt.Errorf("%s war nicht zu holen", valueQuote(address))
		}
		return have, nil
	}
	if len(l.fetched) >= most {
		return t, fmt.Errorf("mehr als %d Orte und Termine wären einzeln zu holen; die Adresse der Quelle sollte include=location,keywords,sub_events enthalten", most)
	}
	l.fetched[u.String()] = valueTree{}
	answer, err := l.feed.Get(ctx, Request{URL: u.String(), Accept: "application/json"})
	if err != nil {
		return t, fmt.Errorf("%s war nicht zu holen: %w", valueQuote(address), err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := valueReadAll(answer.Body)
	if err != nil {
		return t, fmt.Errorf("%s war nicht zu holen: %w", valueQuote(address), err)
	}
	got, err := valueParse(raw)
	if err != nil || !got.isObject() {
		return t, fmt.Errorf("%s war nicht zu lesen", valueQuote(address))
	}
	l.fetched[u.String()] = got
	return got, nil
}

func (l *linkedReader) record(ctx context.Context, e valueTree) (*Record, error) {
	r := &Record{Kind: ent.KindEvent, Deleted: e.get("deleted").yes()}
	title, locale, titles := linkedText(e.get("name"))
	if r.Title = valueLine(title); r.Title == "" {
		if !r.Deleted {
			return nil, errColumnTitle
		}
		return r, nil
	}
	switch e.get("type_id").line() {
	case "Course":
		r.Kind = ent.KindActivity
	case "Volunteering":
		r.Kind = ent.KindVolunteering
	}
	in := func(t valueTree) string { // a text in the language of the title, where there is one
		if s := t.get(locale).text(); s != "" {
			return s
		}
		return linkedOne(t)
	}
	r.Summary, r.Description = in(e.get("short_description")), in(e.get("description"))
	if text := in(e.get("location_extra_info")); text != "" {
		r.Description = valueJoin("\n\n", r.Description, text)
	}
	for _, other := range slices.Sorted(maps.Keys(titles)) {
		r.Translations = append(r.Translations, ent.Translation{
			Locale: other, Title: valueLine(titles[other]),
			Summary: valueOrNil(e.get("short_description", other).text()), Description: valueOrNil(e.get("description", other).text()),
		})
	}
	switch e.get("event_status").line() {
	case "EventCancelled":
		r.Cancelled = true
	case "EventPostponed":
		r.Description = valueJoin("\n\n", "Verschoben; ein neuer Termin steht noch nicht fest.", r.Description)
	}
	r.UpdatedAt = valueInstant(e.get("last_modified_time").text(), time.UTC)
	r.URL = valueURL(in(e.get("info_url")))
	if u := valueURL(e.get("@id").text()); r.URL == "" && strings.HasPrefix(u, "http") {
		r.URL = u
	}
	if o := in(e.get("provider")); o != "" {
		r.Organizer = &Organizer{Name: valueLine(o)}
	}
	contact := valueLine(in(e.get("provider_contact_info")))
	r.Contact = valueContact(contact, e.get("provider_email").text(), valueFirst(e.get("provider_phone").text(), in(e.get("provider_phone"))))

	if at := e.get("location"); at.isObject() {
		place, err := l.reference(ctx, at, "name", linkedMaxFetches)
		if err != nil {
			return nil, fmt.Errorf("der Ort %w", err)
		}
		l.place(r, place, in)
	}
	for _, k := range append(e.get("keywords").list(), e.get("audience").list()...) {
		word, err := l.reference(ctx, k, "name", linkedMaxFetches/2)
		if err != nil {
			continue // a keyword less does no harm
		}
		r.Tags = valueAddWord(r.Tags, in(word.get("name")))
	}
	var audience []string
	for _, a := range e.get("audience").list() {
		if word, err := l.reference(ctx, a, "name", linkedMaxFetches/2); err == nil {
			audience = append(audience, valueLine(in(word.get("name"))))
		}
	}
	low, hasLow := e.get("audience_min_age").int()
	high, hasHigh := e.get("audience_max_age").int()
	switch {
	case hasLow && hasHigh:
		audience = append(audience, fmt.Sprintf("%d bis %d Jahre", low, high))
	case hasLow:
		audience = append(audience, fmt.Sprintf("ab %d Jahren", low))
	case hasHigh:
		audience = append(audience, fmt.Sprintf("bis %d Jahre", high))
	}
	r.Audience = valueJoin("; ", audience...)
	for _, lang := range e.get("in_language").list() {
		if tag := valueLocale(linkedTail(lang.get("@id").line())); tag != "" && !slices.Contains(r.Languages, tag) && len(r.Languages) < ent.MaxList {
			r.Languages = append(r.Languages, tag)
		}
	}
	l.offers(r, e, in)
	for _, i := range e.get("images").list() {
		u := valueURL(i.get("url").text())
		if u == "" || len(r.Images) >= ent.MaxList {
			continue
		}
		licence := ""
		if i.get("license").line() == "cc_by" {
			licence = "CC-BY-4.0"
		}
		r.Images = append(r.Images, ent.Image{
			URL: u, Alt: valueOrNil(valueLine(valueFirst(in(i.get("alt_text")), i.get("name").line()))), Credit: valueOrNil(i.get("photographer_name").line()), Licence: valueOrNil(licence),
		})
	}
	for _, link := range e.get("external_links").list() {
		if u := valueURL(link.get("link").text()); u != "" && len(r.Links) < ent.MaxList {
			r.Links = append(r.Links, ent.Link{URL: u, Title: valueOrNil(link.get("name").line())})
		}
	}
	if r.Deleted {
		return r, nil
	}
	if e.get("super_event_type").line() == "recurring" {
		if err := l.series(ctx, r, e); err != nil {
			return nil, err
		}
	}
	if r.Schedule == nil && e.get("start_time").text() != "" {
		s, err := l.schedule(e)
		if err != nil {
			return nil, err
		}
		r.Schedule = s
	}
	return r, nil
}

func (l *linkedReader) place(r *Record, place valueTree, in func(valueTree) string) {
	p := &Place{
		Name: valueLine(in(place.get("name"))), Street: valueLine(in(place.get("street_address"))), PostalCode: place.get("postal_code").line(),
		Locality: valueLine(in(place.get("address_locality"))),
	}
	if strings.HasSuffix(strings.TrimSuffix(place.get("@id").line(), "/"), ":internet") || place.get("id").line() == "helsinki:internet" {
		online := true
		r.Online = &online
		return
	}
	if lon, lat, ok := place.get("position", "coordinates").position(); ok {
		_ = valueSetPosition(p, lat, lon) // what is no position is left out: the address says where it is
	}
	r.Place = valuePlace(p)
}

func (l *linkedReader) offers(r *Record, e valueTree, in func(valueTree) string) {
	var prices []string
	var registration *ent.Registration
	for _, o := range e.get("offers").list() {
		text := valueLine(in(o.get("price")))
		if text == "" && o.get("is_free").yes() {
			text = "kostenlos"
		}
		if d := valueLine(ent.HTMLToText(in(o.get("description")))); d != "" {
			text = valueJoin(" – ", text, d)
		}
		prices = append(prices, text)
		if u := valueURL(in(o.get("info_url"))); u != "" && len(r.Links) < ent.MaxList {
			r.Links = append(r.Links, ent.Link{URL: u, Title: valueOrNil("Karten und Anmeldung")})
		}
	}
	if len(prices) > 20 {
		prices = prices[:20]
	}
	r.PriceText = valueJoin("; ", prices...)
	if until := valueInstant(e.get("enrolment_end_time").text(), valueZone(l.feed)); until != nil {
		registration = &ent.Registration{Required: true, Until: until}
	}
	var capacity *int
	if n, ok := e.get("maximum_attendee_capacity").int(); ok && n > 0 {
		capacity = &n
	}
	if registration == nil && capacity == nil {
		return
	}
	switch r.Kind {
	case ent.KindEvent:
		r.Details.Event = &ent.EventDetails{Registration: registration, Capacity: capacity}
	case ent.KindActivity:
		r.Details.Activity = &ent.ActivityDetails{Registration: registration, Capacity: capacity}
	}
}

// schedule is the single date of an event. An end without a time of day names the day after the last one there.
func (l *linkedReader) schedule(e valueTree) (*ent.Schedule, error) {
	start, end := e.get("start_time").text(), e.get("end_time").text()
	zone := valueZone(l.feed)
	if b := e.get("has_start_time").bool(); b != nil && !*b { // the instant is a midnight that says nothing
		if at := valueInstant(start, zone); at != nil {
			start = at.In(zone).Format(time.DateOnly)
		}
		if at := valueInstant(end, zone); at != nil {
			end = at.Add(-time.Second).In(zone).Format(time.DateOnly)
		}
	} else if b := e.get("has_end_time").bool(); b != nil && !*b {
		end = ""
	}
	return valueSchedule(zone, start, "", end, "")
}

// series gives a recurring event the dates of the events that belong to it.
func (l *linkedReader) series(ctx context.Context, r *Record, e valueTree) error {
	var first *ent.Schedule
	type date struct {
		*ent.Schedule
		cancelled bool
	}
	var dates []date
	for _, sub := range e.get("sub_events").list() {
		if len(dates) >= ent.MaxExceptions {
			return fmt.Errorf("mehr als %d Termine", ent.MaxExceptions)
		}
		address := sub.get("@id").line()
		at := sub
		for _, name := range []string{sub.get("id").line(), address, linkedTail(address)} {
			if i, ok := l.dates[name]; ok && name != "" {
				at = l.held[i].event
				l.held[i].taken = true
				break
			}
		}
		at, err := l.reference(ctx, at, "start_time", linkedMaxFetches)
		if err != nil {
			return fmt.Errorf("ein Termin %w", err)
		}
		if at.get("deleted").yes() || at.get("start_time").text() == "" {
			continue
		}
		s, err := l.schedule(at)
		if err != nil {
			return err
		}
		dates = append(dates, date{s, at.get("event_status").line() == "EventCancelled"})
	}
	if len(dates) == 0 {
		return nil
	}
	slices.SortStableFunc(dates, func(a, b date) int { return a.Start.Compare(b.Start) })
	first = dates[0].Schedule
	lasts := func(s *ent.Schedule) time.Duration {
		if s.End == nil {
			return -1
		}
		return s.End.Sub(s.Start)
	}
	for i, d := range dates {
		exception := ent.Exception{Original: d.Start.UTC(), Status: ent.OccurrenceScheduled}
		if d.cancelled {
			exception.Status = ent.OccurrenceCancelled
		}
		switch {
		case i > 0 && d.Start.Equal(dates[i-1].Start):
			continue
		case i > 0 && lasts(d.Schedule) != lasts(first) && !first.AllDay: // of its own length
			start := d.Start.UTC()
			exception.Added, exception.Start, exception.End = true, &start, d.End
			r.Exceptions = append(r.Exceptions, exception)
			continue
		case i > 0:
			first.Include = append(first.Include, d.Start)
		}
		if d.cancelled {
			r.Exceptions = append(r.Exceptions, exception)
		}
	}
	if err := valueCheckSchedule(first); err != nil {
		return err
	}
	r.Schedule = first
	return nil
}
