package harvest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"umland/ent"
)

const hsdsMaxDetails = 2000 // services of one feed that are fetched on their own

// HSDS reads services after the Human Services Data Specification 3 of Open Referral: one service, a list of services, or the pages of its API
// (/services?page=1). A service of a page that says nothing of where and when it can be had is fetched on its own (/services/{id}). Services that are
// not active are tombstones.
type HSDS struct{}

// Name is "hsds".
func (HSDS) Name() string { return "hsds" }

type hsdsReader struct {
	feed    *Feed
	count   int
	details int
	ids     map[string]bool
	// of the page that is read
	page, pages int
	isPage      bool
	found       bool
}

// Read implements Format.
func (HSDS) Read(ctx context.Context, feed *Feed) error {
	h := &hsdsReader{feed: feed, ids: map[string]bool{}}
	if err := h.read(ctx, feed); err != nil {
		return err
	}
	if h.isPage && h.pages-h.page >= valueMaxPages {
		return valueError("Die Quelle hat mehr als %d Seiten.", valueMaxPages)
	}
	for at := h.page + 1; h.isPage && at <= min(h.pages, h.page+valueMaxPages); at++ {
		u := *feed.URL
		query := u.Query()
		query.Set("page", strconv.Itoa(at))
		u.RawQuery = query.Encode()
		answer, err := feed.Get(ctx, Request{URL: u.String(), Accept: "application/json"})
		if err != nil {
			return valueError("Seite %d von %d war nicht zu holen: %w", at, h.pages, err)
		}
		next := *feed
		next.Body, next.URL = answer.Body, answer.URL
		before, page := h.count, h.page
		h.found = false
		err = h.read(ctx, &next)
		_ = answer.Body.Close()
		switch {
		case err != nil:
			return err
		case h.count == before:
			return nil
		}
		h.page = page // that of the first page: the bound counts from there
	}
	return nil
}

// read takes what one document holds.
func (h *hsdsReader) read(ctx context.Context, feed *Feed) error {
	body, head, err := valueOpen(feed)
	if err != nil {
		return err
	}
	if what := valueSniff(head); what != "" && what != "eine JSON-Datei" {
		return valueError("Das ist kein HSDS, sondern %s.", what)
	}
	single := map[string]json.RawMessage{}
	size := 0
	err = valueStream(ctx, valueUTF8(body, head), func(key string) bool { return key == "contents" || key == "services" || key == "data" },
		func(_ string, raw json.RawMessage) error {
			h.found = true
			return h.service(ctx, raw, true)
		},
		func(key string, raw json.RawMessage) error {
			if size += len(raw); size > valueMaxItem {
				return valueError("Die Leistung ist größer als %d MB.", valueMaxItem>>20)
			}
			single[key] = raw
			return nil
		})
	if err != nil {
		return err
	}
	number := func(key string) int {
		t, err := valueParse(single[key])
		if err != nil {
			return 0
		}
		n, _ := t.int()
		return n
	}
	if n := number("total_pages"); n > 0 {
		h.isPage, h.pages, h.page, h.found = true, n, max(1, number("page_number")), true
	}
	if !h.found && single["id"] != nil && single["name"] != nil {
		raw, err := json.Marshal(single)
		if err != nil {
			return valueError("Die Leistung ist nicht zu lesen: %w", err)
		}
		h.found = true
		return h.service(ctx, raw, false)
	}
	if !h.found && !valueEmptyList(head) && single["contents"] == nil {
		return valueError("Das JSON enthält keine HSDS-Leistungen („contents“, oder „id“ und „name“).")
	}
	return nil
}

func (h *hsdsReader) service(ctx context.Context, raw json.RawMessage, listed bool) error {
	h.count++
	item := fmt.Sprintf("Leistung %d", h.count)
	refuse := func(message string) error { return h.feed.Refuse(Refusal{item, message}) }
	s, err := valueParse(raw)
	if err != nil {
		return refuse(err.Error())
	}
	if !s.isObject() {
		return refuse("ist keine HSDS-Leistung")
	}
	id, title := s.get("id").line(), s.get("name").line()
	if title != "" {
		item += " (" + title + ")"
	}
	switch {
	case id == "":
		return refuse("die Kennung („id“) fehlt")
	case h.ids[id]:
		return refuse("die Kennung " + valueQuote(id) + " kommt zweimal vor")
	}
	if listed && hsdsThin(s) && !hsdsGone(s) {
		if h.details++; h.details > hsdsMaxDetails {
			return refuse(fmt.Sprintf("mehr als %d Leistungen wären einzeln zu holen", hsdsMaxDetails))
		}
		full, fullRaw, err := h.detail(ctx, id)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return refuse("die Einzelheiten waren nicht zu holen: " + err.Error())
		}
		s, raw = full, fullRaw
		title = s.get("name").line()
	}
	if title == "" && !hsdsGone(s) {
		return refuse("der Name fehlt")
	}
	h.ids[id] = true
	r := hsdsRecord(s, h.feed)
	r.Key, r.Item, r.Raw, r.Title = valueKey(id), item, raw, title
	return h.feed.Emit(r)
}

// hsdsThin tells whether a service lacks where and when it can be had: what only the whole service says.
func hsdsThin(s valueTree) bool {
	for _, key := range []string{"service_at_locations", "locations", "schedules", "phones", "contacts", "cost_options", "required_documents", "languages", "service_areas"} {
		if s.get(key).v != nil {
			return false
		}
	}
	return true
}

func hsdsGone(s valueTree) bool {
	switch strings.ToLower(s.get("status").line()) {
	case "inactive", "defunct":
		return true
	}
	return false
}

func (h *hsdsReader) detail(ctx context.Context, id string) (valueTree, json.RawMessage, error) {
	u := h.feed.URL.JoinPath(url.PathEscape(id))
	u.RawQuery = ""
	answer, err := h.feed.Get(ctx, Request{URL: u.String(), Accept: "application/json"})
	if err != nil {
		return valueTree{}, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := valueReadAll(answer.Body)
	if err != nil {
		return valueTree{}, nil, err
	}
	t, err := valueParse(raw)
	if err != nil {
		return valueTree{}, nil, err
	}
	if t.get("id").line() != id {
		return valueTree{}, nil, fmt.Errorf("die Antwort ist nicht die Leistung %s", valueQuote(id))
	}
	return t, raw, nil
}

func hsdsRecord(s valueTree, feed *Feed) *Record {
	r := &Record{
		Kind:        ent.KindService,
		Summary:     s.get("alternate_name").line(),
		Description: valueJoin("\n\n", s.get("alert").text(), s.get("description").text()),
		URL:         valueURL(s.get("url").text()),
		UpdatedAt:   valueInstant(s.get("last_modified").text(), valueZone(feed)),
		Licence:     s.get("license").line(),
		Deleted:     hsdsGone(s),
		Details:     ent.Details{Service: &ent.ServiceDetails{}},
	}
	section := func(heading, text string) {
		if text != "" {
			r.Description = valueJoin("\n\n", r.Description, heading+": "+text)
		}
	}
	if strings.EqualFold(s.get("status").line(), "temporarily closed") {
		r.Description = valueJoin("\n\n", "Vorübergehend geschlossen.", r.Description)
	}
	section("So geht es", s.get("application_process").text())
	section("Wartezeit", s.get("wait_time").text())
	section("Dolmetschen", s.get("interpretation_services").text())

	if o := s.get("organization"); o.get("name").line() != "" {
		r.Organizer = &Organizer{Name: o.get("name").line(), Email: valueEmail(o.get("email").text()), URL: valueURL(o.first("website", "url", "uri").text()), Phone: hsdsPhone(o)}
	}
	places := s.get("service_at_locations").list()
	var location, at valueTree
	for _, p := range places {
		if l := p.get("location"); l.isObject() && (location.v == nil || location.get("location_type").line() == "virtual") {
			location, at = l, p
		}
	}
	if location.v == nil {
		for _, l := range append(s.get("locations").list(), s.get("organization", "locations").list()...) {
			if l.isObject() {
				location = l
				break
			}
		}
	}
	if location.v != nil {
		r.Place = hsdsPlace(location)
		if location.get("location_type").line() == "virtual" {
			online := true
			r.Online = &online
		}
		for _, a := range location.get("accessibility").list() {
			section("Barrierefreiheit", valueJoin(" ", a.get("description").text(), a.get("details").text()))
			if r.Wheelchair == "" {
				r.Wheelchair = valueAnswer(a.get("description").text())
			}
		}
	}

	// Contacts and phones stand at the service, at the service at a place, at the place, at the organization: the nearest counts.
	var name, email, phone string
	for _, from := range []valueTree{s, at, location, s.get("organization")} {
		for _, c := range from.get("contacts").list() {
			if name == "" {
				name = valueJoin(", ", c.get("name").line(), c.first("title", "department").line())
			}
			email = valueFirst(email, valueEmail(c.get("email").text()))
			phone = valueFirst(phone, hsdsPhone(c))
		}
		phone = valueFirst(phone, hsdsPhone(from))
		email = valueFirst(email, valueEmail(from.get("email").text()))
	}
	r.Contact = valueContact(name, email, phone)

	for _, from := range []valueTree{s, at, location} {
		if schedules := from.get("schedules").list(); len(schedules) > 0 && hsdsHours(r, schedules, feed, section) {
			break
		}
	}

	var costs []string
	for _, c := range s.get("cost_options").list() {
		if to, err := valueParseWhen(c.get("valid_to").text()); err == nil && to.day != (valueDay{}) && to.day.next().at(0, valueZone(feed)).Before(feed.Now) {
			continue
		}
		amount := ""
		if f, ok := c.get("amount").number(); ok {
			currency := strings.ToUpper(c.get("currency").line())
			if amount = valueEuro(f); currency != "" && currency != "EUR" {
				amount = strings.TrimSuffix(amount, "€") + currency
			}
		}
		cost := valueJoin(" ", amount, c.get("amount_description").line())
		costs = append(costs, valueJoin(": ", c.get("option").line(), cost))
	}
	r.PriceText = valueJoin("; ", append(costs, valueFirst(s.get("fees_description").line(), s.get("fees").line()))...)

	for _, from := range []valueTree{s, location} {
		for _, l := range from.get("languages").list() {
			if tag := valueLocale(l.first("code", "name").line()); tag != "" && !slices.Contains(r.Languages, tag) && len(r.Languages) < ent.MaxList {
				r.Languages = append(r.Languages, tag)
			}
		}
	}

	minimum, hasMinimum := s.get("minimum_age").int()
	maximum, hasMaximum := s.get("maximum_age").int()
	ages := ""
	switch {
	case hasMinimum && hasMaximum && maximum < 99:
		ages = fmt.Sprintf("%d bis %d Jahre", minimum, maximum)
	case hasMinimum && minimum > 0:
		ages = fmt.Sprintf("ab %d Jahren", minimum)
	case hasMaximum && maximum < 99:
		ages = fmt.Sprintf("bis %d Jahre", maximum)
	}
	var eligible []string
	for _, e := range s.get("eligibility").list() {
		eligible = append(eligible, e.first("eligibility", "description", "name").line())
	}
	r.Audience = valueJoin("; ", ages, valueJoin(", ", eligible...), s.get("eligibility_description").line())

	var documents []string
	for _, d := range s.get("required_documents").list() {
		documents = append(documents, d.first("document", "name").text())
	}
	if len(documents) > 0 {
		r.Details.Service.Requirements = valueOrNil(valueJoin("\n", documents...))
	}
	for _, from := range []valueTree{s, s.get("organization")} {
		for _, a := range from.get("attributes").list() {
			term := a.get("taxonomy_term")
			r.Tags = valueAddWord(r.Tags, term.first("name", "term").line())
		}
	}
	for _, term := range append(s.get("taxonomy_terms").list(), s.get("taxonomy").list()...) {
		r.Tags = valueAddWord(r.Tags, term.first("name", "term").line())
	}
	if p := s.get("program", "name").line(); p != "" {
		section("Programm", p)
	}
	for _, u := range s.get("additional_urls").list() {
		if link := valueURL(u.get("url").text()); link != "" && len(r.Links) < ent.MaxList {
			r.Links = append(r.Links, ent.Link{URL: link, Title: valueOrNil(u.get("label").line())})
		}
	}
	return r
}

func hsdsPhone(from valueTree) string {
	for _, p := range from.get("phones").list() {
		if kind := strings.ToLower(p.get("type").line()); kind == "fax" || kind == "textphone" || kind == "pager" {
			continue
		}
		if n := strings.Trim(p.get("number").line(), "\" "); n != "" {
			if x := p.get("extension").line(); x != "" && x != "0" {
				n += "-" + x
			}
			return n
		}
	}
	return ""
}

func hsdsPlace(l valueTree) *Place {
	p := &Place{Name: l.get("name").line()}
	addresses := l.get("addresses").list()
	slices.SortStableFunc(addresses, func(a, b valueTree) int { // where one goes before where one writes to
		rank := func(t valueTree) int {
			if t.get("address_type").line() == "physical" {
				return 0
			}
			return 1
		}
		return rank(a) - rank(b)
	})
	if len(addresses) > 0 {
		a := addresses[0]
		p.Street = valueJoin(", ", a.get("address_1").line(), a.get("address_2").line())
		p.PostalCode, p.Locality = a.get("postal_code").line(), a.get("city").line()
	}
	lat, ok1 := l.get("latitude").number()
	lon, ok2 := l.get("longitude").number()
	if ok1 && ok2 {
		_ = valueSetPosition(p, lat, lon) // what is no position is left out: the address says where it is
	}
	return valuePlace(p)
}

// hsdsHours says the schedules as opening hours; what does not recur weekly or monthly as its words. It tells whether they said anything.
func hsdsHours(r *Record, schedules []valueTree, feed *Feed, section func(heading, text string)) bool {
	var week valueWeek
	said := false
	zone := valueZone(feed)
	for _, s := range schedules[:min(len(schedules), 100)] {
		day := func(key string) valueDay {
			w, err := valueParseWhen(s.get(key).text())
			if err != nil {
				return valueDay{}
			}
			return w.day
		}
		from, to := day("valid_from"), day("valid_to")
		if until := day("until"); to == (valueDay{}) || until != (valueDay{}) && until.at(0, zone).Before(to.at(0, zone)) {
			to = until
		}
		if to != (valueDay{}) && !to.next().at(0, zone).After(feed.Now) {
			said = true // over
			continue
		}
		selector := ""
		switch {
		case to != (valueDay{}) && from == (valueDay{}):
			today := feed.Now.In(zone)
			from = valueDay{today.Year(), today.Month(), today.Day()}
			selector = valueDates(from, to, true)
		case to != (valueDay{}):
			selector = valueDates(from, to, true)
		case from != (valueDay{}) && from.at(0, zone).After(feed.Now):
			selector = valueDates(from, valueDay{}, true)
		}
		opens, err1 := valueClock(hsdsTime(s.get("opens_at").text()))
		closes, err2 := valueClock(hsdsTime(s.get("closes_at").text()))
		interval, _ := s.get("interval").int()
		days := hsdsDays(s)
		if err1 != nil || interval > 1 || len(days) == 0 {
			if text := valueJoin(" ", s.get("description").text(), s.get("notes").text()); text != "" {
				section("Zeiten", text)
				said = true
			}
			continue
		}
		end := -1
		if err2 == nil {
			end = closes.from
		}
		for _, d := range days {
			if d.nth == 0 {
				week.open(selector, d.day, opens.from, end)
				continue
			}
			week.open(valueJoin(" ", selector, fmt.Sprintf("%s[%d]", valueDayNames[d.day], d.nth)), valueEveryday, opens.from, end)
		}
		said = true
	}
	r.Hours = week.String()
	return said
}

// hsdsTime takes the offset off a time: hours are those of the place.
func hsdsTime(s string) string {
	if i := strings.IndexAny(s, "Zz+"); i > 0 {
		s = s[:i]
	}
	if len(s) > 8 && s[8] == '-' {
		s = s[:8]
	}
	return s
}

type hsdsDay struct{ day, nth int }

// hsdsDays reads the days on which a schedule recurs: RFC 5545's BYDAY for weeks and months.
func hsdsDays(s valueTree) []hsdsDay {
	freq := strings.ToUpper(s.get("freq").line())
	var days []hsdsDay
	for _, word := range strings.FieldsFunc(strings.ToUpper(s.get("byday").text()), func(c rune) bool { return c == ',' || c == ' ' }) {
		if len(word) < 2 {
			return nil
		}
		day, ok := valueWeekday(word[len(word)-2:])
		if !ok {
			return nil
		}
		d := hsdsDay{day: day}
		if n := word[:len(word)-2]; n != "" {
			nth, err := strconv.Atoi(n)
			if err != nil || nth == 0 || nth < -5 || nth > 5 || freq != "MONTHLY" {
				return nil
			}
			d.nth = nth
		}
		days = append(days, d)
	}
	if len(days) > 50 {
		return nil
	}
	if len(days) == 0 && (freq == "DAILY" || freq == "WEEKLY" && s.get("byday").empty() && s.get("dtstart").empty()) {
		for day := range 7 {
			days = append(days, hsdsDay{day: day})
		}
	}
	if len(days) == 0 && freq == "WEEKLY" { // the day of its start
		if w, err := valueParseWhen(s.get("dtstart").text()); err == nil && w.day != (valueDay{}) {
			start := w.day.at(0, ent.Berlin)
			days = append(days, hsdsDay{day: (int(start.Weekday()) + 6) % 7})
		}
	}
	if freq != "WEEKLY" && freq != "DAILY" && freq != "MONTHLY" && freq != "" {
		return nil
	}
	if freq == "MONTHLY" && (!s.get("bymonthday").empty() || len(days) > 0 && days[0].nth == 0) {
		return nil
	}
	return days
}
