package ent

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"umland/hours"
)

// Limits of an offering's and a provider's fields, in characters or items.
const (
	MaxTitle       = 300
	MaxSummary     = 1_000
	MaxDescription = 20_000
	MaxText        = 5_000 // requirements, tasks
	MaxNote        = 1_000
	MaxShort       = 300 // names, captions, price notes
	MaxName        = 200
	MaxExternalID  = 200
	MaxHours       = 1_000
	MaxList        = 20 // links, images, translations, languages
	MaxCategories  = 10
	MaxWords       = 50 // features, skills
	MaxArea        = 500
	MaxLine        = 5_000
	MaxCents       = 100_000_000
)

// NoLicence is the licence of what came without one (SPDX).
const NoLicence = "NOASSERTION"

var (
	postalCode = regexp.MustCompile(`^[0-9]{5}$`)
	leikaKey   = regexp.MustCompile(`^[0-9]{14}$`)
	phone      = regexp.MustCompile(`^\+?[0-9][0-9 ()/.\-–]{2,38}[0-9]$`)
	spdx       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+\-]{0,79}$`)
)

// check gathers user errors below a path.
type check struct {
	errs *UserErrors
	path []string
}

func (c check) at(path ...any) check {
	p := slices.Clone(c.path)
	for _, x := range path {
		switch x := x.(type) {
		case string:
			p = append(p, x)
		case int:
			p = append(p, strconv.Itoa(x))
		}
	}
	return check{c.errs, p}
}

func (c check) add(code UserErrorCode, format string, args ...any) {
	*c.errs = append(*c.errs, UserError{Path: c.path, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (c check) text(s *string, most int) {
	if s == nil {
		return
	}
	if n := utf8.RuneCountInString(*s); n > most {
		c.add(UserTooLong, "Has %d characters; %d are the most.", n, most)
	}
	if strings.ContainsFunc(*s, func(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }) {
		c.add(UserInvalid, "Holds characters that turn the direction of the text.")
	}
}

func (c check) required(s string, most int) {
	if strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == "" {
		c.add(UserRequired, "Must not be empty.")
	}
	c.text(&s, most)
}

func (c check) count(n, most int) bool {
	if n > most {
		c.add(UserTooLong, "Has %d items; %d are the most.", n, most)
	}
	return n <= most
}

func (c check) url(s *string) {
	if s != nil && !ValidURL(*s) {
		c.add(UserInvalid, "Must be an absolute http or https address of up to 2,000 characters.")
	}
}

func (c check) between(n *int, low, high int) {
	if n != nil && (*n < low || *n > high) {
		c.add(UserInvalid, "Must lie between %d and %d.", low, high)
	}
}

// ValidLicence tells whether s is an SPDX id or the address of a licence.
func ValidLicence(s string) bool { return spdx.MatchString(s) || ValidURL(s) }

// ValidPhone tells whether s can be a telephone number.
func ValidPhone(s string) bool { return phone.MatchString(s) }

// ValidEmail tells whether s is a mail address and nothing else.
func ValidEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

// ValidPostalCode tells whether s has five digits.
func ValidPostalCode(s string) bool { return postalCode.MatchString(s) }

func (c check) licence(s *string) {
	if s != nil && !ValidLicence(*s) {
		c.add(UserInvalid, "Must be an SPDX id such as CC-BY-4.0, or the address of the licence.")
	}
}

func (c check) words(list []string, most int) {
	if !c.count(len(list), most) {
		return
	}
	for i, w := range list {
		c.at(i).required(w, MaxShort)
	}
}

func (c check) contact(p *Contact) {
	if p == nil {
		return
	}
	c.at("name").text(p.Name, MaxName)
	if p.Email != nil {
		if !ValidEmail(*p.Email) {
			c.at("email").add(UserInvalid, "Must be a mail address such as rathaus@example.org.")
		}
	}
	if p.Phone != nil && !ValidPhone(*p.Phone) {
		c.at("phone").add(UserInvalid, "Must be a telephone number such as +49 33841 123-0.")
	}
}

func (c check) registration(r *Registration) {
	if r != nil {
		if r.Until != nil && r.Until.Year() < ScheduleMinYear {
			c.at("until").add(UserInvalid, "Must be a date and time that exists, with an offset, in the years 1900 to 2200.")
		}
		c.at("url").url(r.URL)
		c.at("note").text(r.Note, MaxNote)
	}
}

// oneOf checks a value that did not come through the schema, which knows its enums itself.
func oneOf[T comparable](c check, v T, all ...T) {
	if !slices.Contains(all, v) {
		c.add(UserInvalid, "Is not one of the values that there are.")
	}
}

// Normalize brings the provider into the form that is stored: spaces trimmed, empty texts nil.
func (p *Provider) Normalize() {
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	p.NameKey = SortKey(p.Name)
	p.ExternalID, p.Website = trim(p.ExternalID), trim(p.Website)
	p.Contact = normalContact(p.Contact)
}

// Validate lists what is wrong with the provider, with paths relative to it; whether its municipality exists is not asked.
func (p *Provider) Validate() UserErrors {
	var errs UserErrors
	c := check{errs: &errs}
	c.at("name").required(p.Name, MaxName)
	c.at("externalId").text(p.ExternalID, MaxExternalID)
	c.at("website").url(p.Website)
	c.at("contact").contact(p.Contact)
	return errs
}

// Normalize brings the offering into the form that is stored: spaces trimmed, empty texts nil, lists without repetition,
// the unsaid said (UNKNOWN, NOASSERTION), and the columns that are made from others.
func (o *Offering) Normalize() {
	o.Title = strings.Join(strings.Fields(o.Title), " ")
	o.TitleKey = SortKey(o.Title)
	for _, s := range []**string{
		&o.ExternalID, &o.Summary, &o.Description, &o.DescriptionHTML, &o.Hours, &o.SourceURL, &o.Attribution, &o.Price.Note,
	} {
		*s = trim(*s)
	}
	if o.Hours != nil {
		if h, err := hours.Parse(*o.Hours); err == nil {
			canonical := h.String() // of what was understood: "Mo.–Fr. 8–12 Uhr" is stored as OpenStreetMap writes it
			o.Hours = &canonical
		}
	}
	o.Price.normalize()
	o.Contact = normalContact(o.Contact)
	o.ServiceArea, o.CategorySlugs, o.Languages = unique(o.ServiceArea), unique(o.CategorySlugs), unique(o.Languages)
	o.Audiences = unique(o.Audiences)
	slices.Sort(o.Audiences)
	if o.Wheelchair == "" {
		o.Wheelchair = AnswerUnknown
	}
	if o.Licence == "" {
		o.Licence = NoLicence
	}
	if o.Schedule != nil {
		o.Schedule.Normalize()
	}
	if len(o.Exceptions) > 0 {
		o.Exceptions = normalExceptions(o.Exceptions)
	}
	if p := o.Place; p != nil {
		p.Normalize()
	}
	for i := range o.Links {
		o.Links[i].Title = trim(o.Links[i].Title)
	}
	for i := range o.Images {
		im := &o.Images[i]
		im.Alt, im.Credit, im.Licence = trim(im.Alt), trim(im.Credit), trim(im.Licence)
	}
	for i := range o.Languages {
		o.Languages[i] = CanonicalLocale(o.Languages[i])
	}
	for i := range o.Translations {
		t := &o.Translations[i]
		t.Locale = CanonicalLocale(t.Locale)
		t.Title = strings.Join(strings.Fields(t.Title), " ")
		t.Summary, t.Description = trim(t.Summary), trim(t.Description)
	}
}

// Normalize trims the place's texts and gives it a name where only its address was said.
func (p *Place) Normalize() {
	p.Street, p.PostalCode, p.Locality = trim(p.Street), trim(p.PostalCode), trim(p.Locality)
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	for _, s := range []*string{p.Street, p.Locality} {
		if p.Name == "" && s != nil {
			p.Name = *s
		}
	}
}

// Validate lists everything that is wrong with the offering, with paths as in the schema's OfferingInput. It expects the
// normalised form, and does not ask whether what the offering names exists.
func (o *Offering) Validate() UserErrors {
	var errs UserErrors
	c := check{errs: &errs}
	c.at("title").required(o.Title, MaxTitle)
	c.at("externalId").text(o.ExternalID, MaxExternalID)
	c.at("summary").text(o.Summary, MaxSummary)
	c.at("description").text(o.Description, MaxDescription)
	if o.DescriptionHTML != nil && utf8.RuneCountInString(*o.DescriptionHTML) > 2*MaxDescription {
		c.at("description").add(UserTooLong, "Its HTML has more than %d characters.", 2*MaxDescription)
	}
	oneOf(c.at("kind"), o.Kind, KindService, KindFacility, KindEvent, KindActivity, KindTour, KindVolunteering)
	oneOf(c.at("wheelchair"), o.Wheelchair, AnswerYes, AnswerNo, AnswerPartly, AnswerUnknown)
	c.at("categories").count(len(o.CategorySlugs), MaxCategories)
	c.at("serviceArea").count(len(o.ServiceArea), MaxArea)
	if c.at("languages").count(len(o.Languages), MaxList) {
		for i, l := range o.Languages {
			if !ValidLocale(l) {
				c.at("languages", i).add(UserInvalid, "Must be a language tag such as de, en or de-simple.")
			}
		}
	}
	c.at("licence").licence(&o.Licence)
	c.at("contact").contact(o.Contact)
	c.price(o.Price)
	c.lists(o)
	if o.Place != nil {
		c.at("place").place(o.Place)
	}
	if o.Hours != nil {
		c.at("openingHours").hours(*o.Hours)
	}
	if o.Schedule != nil {
		for _, e := range o.Schedule.Validate() {
			e.Path = append([]string{"schedule"}, e.Path...)
			errs = append(errs, e)
		}
	}
	if o.Kind == KindEvent && o.Schedule == nil {
		c.at("schedule").add(UserRequired, "An EVENT takes place at a time: say when it starts.")
	}
	c.details(o)
	c.exceptions(o)
	if o.PublishAt != nil && o.ExpiresAt != nil && !o.ExpiresAt.After(*o.PublishAt) {
		c.at("expiresAt").add(UserInvalid, "Must lie after publishAt.")
	}
	return errs
}

func (c check) exceptions(o *Offering) {
	c = c.at("occurrences")
	if !c.count(len(o.Exceptions), MaxExceptions) {
		return
	}
	if len(o.Exceptions) > 0 && o.Schedule == nil {
		c.add(UserInvalid, "Only what has a schedule has dates.")
	}
	for i, e := range o.Exceptions {
		start := e.Original
		if e.Start != nil {
			start = *e.Start
		}
		for _, t := range []time.Time{e.Original, start} {
			if t.Year() < ScheduleMinYear || t.Year() > ScheduleMaxYear {
				c.at(i, "start").add(UserInvalid, "Must lie in the years %d to %d.", ScheduleMinYear, ScheduleMaxYear)
			}
		}
		if e.End != nil && (!e.End.After(start) || e.End.Sub(start) > scheduleSingleDays*24*time.Hour) {
			c.at(i, "end").add(UserInvalid, "Must lie after the start, by ten years at the most.")
		}
		oneOf(c.at(i, "status"), e.Status, OccurrenceScheduled, OccurrenceCancelled, OccurrencePostponed, OccurrenceMoved, OccurrenceSoldOut)
	}
}

func (c check) hours(s string) {
	c.text(&s, MaxHours)
	if utf8.RuneCountInString(s) > MaxHours {
		return
	}
	if _, err := hours.Parse(s); err != nil {
		c.add(UserInvalid, "Not opening hours as OpenStreetMap writes them, such as Mo-Fr 08:00-12:00: %v", err)
	}
}

// normalize says of a price with amounts whether it is free, where nobody has: an amount is one, and up to nothing is nothing.
func (p *Price) normalize() {
	positive := func(cents *int) bool { return cents != nil && *cents > 0 }
	if p.Free == nil && (positive(p.FromCents) || p.ToCents != nil) {
		free := !positive(p.FromCents) && !positive(p.ToCents)
		p.Free = &free
	}
}

func (c check) price(p Price) {
	c = c.at("price")
	c.at("fromCents").between(p.FromCents, 0, MaxCents)
	c.at("toCents").between(p.ToCents, 0, MaxCents)
	c.at("note").text(p.Note, MaxShort)
	if p.FromCents != nil && p.ToCents != nil && *p.FromCents > *p.ToCents {
		c.at("toCents").add(UserInvalid, "Must not be below fromCents.")
	}
	if p.Free != nil && *p.Free && (p.FromCents != nil && *p.FromCents > 0 || p.ToCents != nil && *p.ToCents > 0) {
		c.at("free").add(UserInvalid, "What is free has no amounts.")
	}
}

// Validate says what is wrong with the image.
func (im *Image) Validate() UserErrors {
	var errs UserErrors
	check{errs: &errs}.image(*im)
	return errs
}

func (c check) image(im Image) {
	c.at("url").url(&im.URL)
	c.at("alt").text(im.Alt, MaxNote)
	c.at("credit").text(im.Credit, MaxShort)
	c.at("licence").licence(im.Licence)
}

func (c check) lists(o *Offering) {
	if c.at("links").count(len(o.Links), MaxList) {
		for i, l := range o.Links {
			c.at("links", i, "url").url(&l.URL)
			c.at("links", i, "title").text(l.Title, MaxShort)
		}
	}
	if c.at("images").count(len(o.Images), MaxList) {
		for i, im := range o.Images {
			c.at("images", i).image(im)
		}
	}
	if c.at("translations").count(len(o.Translations), MaxList) {
		seen := map[string]bool{}
		for i, t := range o.Translations {
			t2 := c.at("translations", i)
			if !ValidLocale(t.Locale) {
				t2.at("locale").add(UserInvalid, "Must be a language tag such as de, en or de-simple.")
			} else if seen[t.Locale] {
				t2.at("locale").add(UserInvalid, "There is a translation for this language already.")
			}
			seen[t.Locale] = true
			t2.at("title").required(t.Title, MaxTitle)
			t2.at("summary").text(t.Summary, MaxSummary)
			t2.at("description").text(t.Description, MaxDescription)
		}
	}
}

func (c check) place(p *Place) {
	if p.Name == "" {
		c.at("name").add(UserRequired, "A place needs a name, a street or a locality.")
	}
	c.at("name").text(&p.Name, MaxShort)
	c.at("street").text(p.Street, MaxShort)
	c.at("locality").text(p.Locality, MaxShort)
	if p.PostalCode != nil && !postalCode.MatchString(*p.PostalCode) {
		c.at("postalCode").add(UserInvalid, "Must have five digits.")
	}
	switch {
	case p.Longitude == nil && p.Latitude == nil:
	case p.Longitude == nil:
		c.at("longitude").add(UserRequired, "Longitude and latitude go together.")
	case p.Latitude == nil:
		c.at("latitude").add(UserRequired, "Longitude and latitude go together.")
	default:
		c.point(*p.Longitude, *p.Latitude)
	}
}

func (c check) point(longitude, latitude float64) {
	if !(math.Abs(longitude) <= 180) {
		c.at("longitude").add(UserInvalid, "Must lie between -180 and 180 degrees.")
	}
	if !(math.Abs(latitude) <= 90) {
		c.at("latitude").add(UserInvalid, "Must lie between -90 and 90 degrees.")
	}
}

func (c check) details(o *Offering) {
	d := o.Details
	for _, m := range []struct {
		kind  OfferingKind
		name  string
		given bool
	}{
		{KindService, "service", d.Service != nil}, {KindFacility, "facility", d.Facility != nil},
		{KindEvent, "event", d.Event != nil}, {KindActivity, "activity", d.Activity != nil},
		{KindTour, "tour", d.Tour != nil}, {KindVolunteering, "volunteering", d.Volunteering != nil},
	} {
		if m.given && m.kind != o.Kind {
			c.at(m.name).add(UserInvalid, "Belongs to the kind %s; this one is %s.", m.kind, o.Kind)
		}
		if m.kind == KindTour && m.kind == o.Kind && !m.given {
			c.at("tour").add(UserRequired, "A TOUR needs its details: say at least by which means.")
		}
	}
	if s := d.Service; s != nil {
		c := c.at("service")
		if s.Leika != nil && !leikaKey.MatchString(*s.Leika) {
			c.at("leika").add(UserInvalid, "Must have 14 digits.")
		}
		c.at("onlineService").url(s.OnlineService)
		c.at("requirements").text(s.Requirements, MaxText)
	}
	if f := d.Facility; f != nil {
		c.at("facility", "features").words(f.Features, MaxWords)
	}
	if e := d.Event; e != nil {
		c.at("event", "registration").registration(e.Registration)
		c.at("event", "capacity").between(e.Capacity, 1, 1_000_000)
	}
	if a := d.Activity; a != nil {
		c.at("activity", "registration").registration(a.Registration)
		c.at("activity", "capacity").between(a.Capacity, 1, 1_000_000)
	}
	if v := d.Volunteering; v != nil {
		c := c.at("volunteering")
		c.at("task").text(v.Task, MaxText)
		c.at("hoursPerMonth").between(v.HoursPerMonth, 0, 744)
		c.at("skills").words(v.Skills, MaxWords)
	}
	if t := d.Tour; t != nil {
		c.at("tour").tour(t)
	}
}

func (c check) tour(t *TourDetails) {
	oneOf(c.at("means"), t.Means, MeansWalking, MeansHiking, MeansCycling, MeansCanoeing, MeansRiding, MeansSkiing, MeansDriving)
	if t.LengthKm != nil && !(*t.LengthKm >= 0 && *t.LengthKm <= 10_000) {
		c.at("lengthKm").add(UserInvalid, "Must lie between 0 and 10000.")
	}
	c.at("ascentM").between(t.AscentM, 0, 100_000)
	c.at("minutes").between(t.Minutes, 0, 100_000)
	if !c.at("line").count(len(t.Line), MaxLine) {
		return
	}
	if len(t.Line) == 1 {
		c.at("line").add(UserInvalid, "A line has two points at least.")
	}
	for i, p := range t.Line {
		if len(p) != 2 || !(math.Abs(p[0]) <= 180) || !(math.Abs(p[1]) <= 90) {
			c.at("line", i).add(UserInvalid, "Must be a pair of longitude and latitude in degrees.")
			return // one is enough: a line with the two swapped has thousands
		}
	}
}

// Hash is a fingerprint of all that the offering's poster can set, in its normalised form.
func (o *Offering) Hash() []byte {
	b, err := json.Marshal([]any{
		o.ProviderID, o.ExternalID, o.Kind, o.Title, o.Summary, o.Description, o.DescriptionHTML, o.Translations, o.AGS, o.PlaceID,
		o.ServiceArea, o.CategorySlugs, o.Audiences, o.Wheelchair, o.Languages, o.Online, o.Price, o.Contact, o.Links, o.Images,
		o.Hours, o.Schedule, o.Exceptions, o.PublishAt, o.ExpiresAt, o.Details, o.SourceID, o.SourceURL, o.Licence, o.Attribution,
	})
	if err != nil {
		panic(err) // cannot be: validated floats are finite, and nothing else can fail
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

func trim(s *string) *string {
	if s == nil {
		return nil
	}
	if t := strings.TrimSpace(*s); t != "" {
		return &t
	}
	return nil
}

func normalContact(c *Contact) *Contact {
	if c == nil {
		return nil
	}
	n := &Contact{Name: trim(c.Name), Email: trim(c.Email), Phone: trim(c.Phone)}
	if *n == (Contact{}) {
		return nil
	}
	return n
}

func unique[T comparable](list []T) []T {
	out, seen := make([]T, 0, len(list)), make(map[T]bool, len(list))
	for _, x := range list {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}
