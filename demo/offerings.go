package demo

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"umland/ent"
)

// provider is a provider of the set with what its offerings take over from it.
type provider struct {
	*ent.Provider
	web   string
	place string // name of its own place
}

// site is a municipality in which offerings are made up, with its facts for the templates.
type site struct {
	*record
	m     *ent.Municipality
	facts map[string]string
	turn  int // counts the single dates, see schedule
}

// madeUp adds the made-up providers and offerings.
func (b *builder) madeUp() error {
	source := &ent.Source{ID: id("source", "demo"), Name: "Umland-Demo (erfunden)", Format: "demo", Licence: madeUpLicence}
	b.set.Sources = append(b.set.Sources, source)
	b.source = source.ID
	phrases, err := readRecords("data/phrases.txt")
	if err != nil {
		return err
	}
	for _, r := range phrases {
		b.phrases[r.get("key")] = r.get("text")
	}
	providers, err := readRecords("data/providers.txt")
	if err != nil {
		return err
	}
	by := map[string]*record{}
	for _, r := range providers {
		by[r.get("key")] = r
	}
	names, err := fs.Glob(files, "data/offerings-*.txt")
	if err != nil {
		return err
	}
	var templates []*record
	for _, name := range names {
		records, err := readRecords(name)
		if err != nil {
			return err
		}
		templates = append(templates, records...)
	}
	for _, t := range templates {
		if by[t.get("by")] == nil {
			return fmt.Errorf("%s: no provider %q", t.where, t.get("by"))
		}
	}
	municipalities, err := readRecords("data/municipalities.txt")
	if err != nil {
		return err
	}
	for _, r := range municipalities {
		s := &site{record: r, m: b.register[r.get("ags")], facts: maps.Clone(r.fields)}
		if s.m == nil {
			return fmt.Errorf("%s: the register has no %s", r.where, r.get("ags"))
		}
		delete(s.facts, "teil") // one of them at a time
		s.facts["slug"], s.facts["typslug"] = slug(r.get("ort")), slug(r.get("typ"))
		if err := b.fillSite(s, templates, by); err != nil {
			return err
		}
	}
	return nil
}

// fillSite makes up as many offerings as the municipality's n says: those that every municipality has ("core: yes"), and
// of the others that suit it those that were used least so far, so that what is peculiar to a region shows there.
func (b *builder) fillSite(s *site, templates []*record, by map[string]*record) error {
	type candidate struct {
		template *record
		part     string
		used     int
		rank     uint64
	}
	parts := strings.Split(s.get("teil"), ", ")
	var all []candidate
	for _, t := range templates {
		p := by[t.get("by")]
		if !s.suits(t) || !s.suits(p) {
			continue
		}
		needs := append(t.facts(), p.facts()...)
		if !slices.Contains(needs, "teil") {
			used := b.used[t]
			if t.get("core") == "yes" {
				used = -1
			}
			all = append(all, candidate{t, "", used, hash(s.m.AGS, t.get("key"))})
			continue
		}
		if parts[0] == "" {
			continue
		}
		mine := slices.Clone(parts)
		slices.SortFunc(mine, func(x, y string) int {
			return cmp.Compare(hash(s.m.AGS, t.get("key"), x), hash(s.m.AGS, t.get("key"), y))
		})
		times, _ := strconv.Atoi(cmp.Or(t.get("times"), "1"))
		for i, part := range mine[:min(times, len(mine))] {
			all = append(all, candidate{t, part, b.used[t] + i, hash(s.m.AGS, t.get("key"), part)})
		}
	}
	slices.SortFunc(all, func(x, y candidate) int { return cmp.Or(cmp.Compare(x.used, y.used), cmp.Compare(x.rank, y.rank)) })
	n, err := strconv.Atoi(s.get("n"))
	if err != nil {
		return fmt.Errorf("%s: n: %w", s.where, err)
	}
	for _, c := range all[:min(n, len(all))] {
		o, err := b.offering(s, c.template, by[c.template.get("by")], c.part)
		if err != nil {
			return fmt.Errorf("%s: %w", c.template.where, err)
		}
		b.set.Offerings = append(b.set.Offerings, o)
		b.used[c.template]++
	}
	return nil
}

// suits tells whether the municipality has all facts that the template or provider asks for, and the right traits.
func (s *site) suits(r *record) bool {
	traits := s.words("is")
	has := func(trait string) bool { return slices.Contains(traits, trait) }
	if only := r.words("only"); len(only) > 0 && !slices.ContainsFunc(only, has) {
		return false
	}
	if slices.ContainsFunc(r.words("not"), has) {
		return false
	}
	return !slices.ContainsFunc(r.facts(), func(name string) bool {
		switch name {
		case "teil", "teilslug", "anbieter", "nummer":
			return false
		}
		return s.facts[name] == ""
	})
}

// provider gives the municipality's provider of this sort, made up at its first use.
func (b *builder) provider(s *site, r *record, f *filler) *provider {
	name := []string{s.m.AGS, r.get("key")}
	if slices.Contains(r.facts(), "teil") {
		name = append(name, f.facts["teil"])
	}
	key := strings.Join(name, "/")
	if p := b.providers[key]; p != nil {
		return p
	}
	own := &filler{seed: "provider/" + key, facts: f.facts, phrases: b.phrases}
	f.facts["anbieter"] = own.fill("name", r.get("name")) // the place may bear the provider's name
	p := &provider{web: own.fill("web", r.get("web")), place: own.fill("place", r.get("place"))}
	created := b.today.AddDate(0, 0, -500-pick(300, key, "created"))
	p.Provider = &ent.Provider{
		ID: id("provider", key), ExternalID: pointer("demo-" + slug(strings.Join(name[1:], "-"))), Name: f.facts["anbieter"],
		Kind: ent.ProviderKind(r.get("kind")), AGS: s.m.AGS, Website: pointer("https://www." + p.web), Verified: r.get("verified") == "yes",
		Contact: &ent.Contact{
			Name: pointer(r.get("contact")), Email: pointer(cmp.Or(r.get("mail"), "info") + "@" + p.web),
			Phone: pointer(fmt.Sprintf("%s %03d", phoneRange(s.m.StateKey), pick(1000, key, "phone"))),
		},
		CreatedAt: created, UpdatedAt: created,
	}
	b.providers[key] = p
	b.set.Providers = append(b.set.Providers, p.Provider)
	return p
}

// phoneRange gives the nearest of the numbers that the Bundesnetzagentur keeps free for films and books; three digits
// are to follow.
func phoneRange(state string) string {
	switch state {
	case "01", "02", "03", "04":
		return "040 66969"
	case "05":
		return "0221 4710"
	case "06", "07", "08", "10":
		return "069 90009"
	case "09":
		return "089 99998"
	}
	return "030 23125"
}

// offering fills the template in for the municipality, and for one part of it where part isn't "".
func (b *builder) offering(s *site, t, by *record, part string) (*ent.Offering, error) {
	key := strings.Trim(s.m.AGS+"/"+t.get("key")+"/"+part, "/")
	f := &filler{seed: key, facts: maps.Clone(s.facts), phrases: b.phrases}
	f.facts["teil"], f.facts["teilslug"] = part, slug(part)
	p := b.provider(s, by, f)
	f.facts["anbieter"] = p.Name
	get := func(field string) string { return f.fill(field, t.get(field)) }

	title, own, _ := strings.Cut(get("title"), " @") // dates that go with this title only
	when, season := get("when"), t.get("season")
	switch words := strings.Fields(own); len(words) {
	case 1:
		season = own
	case 3:
		when, season = own, ""
	case 4:
		when, season = strings.Join(words[:3], " "), words[3]
	}
	created := b.today.AddDate(0, 0, -20-pick(400, key, "created")).Add(time.Duration(8*60+pick(9*60, key, "minute")) * time.Minute)
	o := &ent.Offering{
		ID: id("offering", key), ProviderID: p.ID, ExternalID: pointer("demo-" + slug(t.get("key")+" "+part)),
		Kind: ent.OfferingKind(t.get("kind")), Title: title, Summary: optional(get("summary")), Description: optional(get("text")),
		AGS: s.m.AGS, CategorySlugs: t.words("in"), Wheelchair: ent.Answer(t.get("access")), Online: t.get("online") == "yes",
		Hours: optional(get("hours")), Status: ent.StatusPublished, CreatedAt: created, PublishedAt: &created,
		UpdatedAt: created.AddDate(0, 0, pick(20, key, "updated")), SourceID: &b.source, Licence: madeUpLicence,
		Attribution: pointer(madeUpAttribution),
	}
	if o.Hours != nil && t.get("appointment") == "yes" {
		o.Hours = pointer(*o.Hours + ` || "nach Vereinbarung"`)
	}
	if html := get("html"); html != "" {
		o.Description, o.DescriptionHTML = pointer(plain(html)), &html
	}
	if d := *o.Description; utf8.RuneCountInString(d) < 90 {
		o.Description = pointer(d + " " + f.fill("more", "[~"+strings.ToLower(t.get("kind"))+"]"))
	}
	for _, word := range t.words("for") {
		o.Audiences = append(o.Audiences, ent.Audience(word))
	}
	if t.get("lang") != "" {
		o.Languages = t.words("lang")
	} else if share(key, "lang") < .7 {
		o.Languages = []string{"de"}
	}
	if share(key, "confirmed") < .85 {
		o.ConfirmedAt = pointer(b.today.AddDate(0, 0, -1-pick(70, key, "confirmed at")).Add(10 * time.Hour))
	}
	if share(key, "contact") < .75 {
		o.Contact = p.Contact
	}
	if o.Online || share(key, "link") < .35 {
		o.Links = []ent.Link{{URL: *p.Website + "/" + slug(t.get("key")), Title: pointer("Mehr bei " + p.Name)}}
	}
	if t.get("area") == "yes" {
		o.ServiceArea = b.area(s)
	}
	for _, locale := range []struct{ field, tag string }{{"en", "en"}, {"leicht", "de-simple"}} {
		if text := get(locale.field); text != "" && share(key, "translated") < .67 { // as in life, not all that could be
			title, rest, _ := strings.Cut(text, " | ")
			summary, description, _ := strings.Cut(rest, " | ")
			o.Translations = append(o.Translations, ent.Translation{
				Locale: locale.tag, Title: title, Summary: optional(summary), Description: optional(description),
			})
		}
	}
	err := b.where(o, s, p, get("place"), f)
	if err != nil {
		return nil, err
	}
	if o.Price, err = price(get("price")); err != nil {
		return nil, err
	}
	if when != "" {
		if o.Schedule, err = b.schedule(when, season, key, &s.turn); err != nil {
			return nil, err
		}
	}
	return o, b.details(o, s, t, p, get)
}

// where puts the offering at the place of this name, at the provider's own when there is none said, or nowhere for "-".
func (b *builder) where(o *ent.Offering, s *site, p *provider, name string, f *filler) error {
	name = cmp.Or(name, p.place)
	if o.Online || name == "-" {
		o.Wheelchair = cmp.Or(o.Wheelchair, ent.AnswerUnknown)
		return nil
	}
	key := s.m.AGS + "/" + name
	place := b.places[key]
	if place == nil {
		own := &filler{seed: "place/" + key, facts: f.facts, phrases: b.phrases}
		lon, lat, err := around(s, name)
		if err != nil {
			return fmt.Errorf("%s: km: %w", s.where, err)
		}
		place = &ent.Place{
			Name: name, Street: pointer(own.fill("street", fmt.Sprintf("[~strasse] %d", 1+pick(58, own.seed, "number")))),
			PostalCode: optional(s.m.PostalCode), Locality: pointer(s.get("ort")), Longitude: &lon, Latitude: &lat, AGS: s.m.AGS,
		}
		place.ID = place.DescribedID()
		b.places[key] = place
	}
	o.Place, o.PlaceID = place, &place.ID
	if o.Wheelchair == "" { // as much is known of a place as somebody looked at
		answers := []ent.Answer{ent.AnswerUnknown, ent.AnswerUnknown, ent.AnswerUnknown, ent.AnswerYes, ent.AnswerYes, ent.AnswerPartly, ent.AnswerNo}
		o.Wheelchair = answers[pick(len(answers), key, "wheelchair")]
		if o.Kind == ent.KindTour {
			o.Wheelchair = ent.AnswerUnknown
		}
	}
	return nil
}

// area is where else an offering can be had: the members of the lab in the same district.
func (b *builder) area(s *site) []string {
	var out []string
	for _, ags := range b.labs[s.get("lab")] {
		if ags[:5] == s.m.AGS[:5] && len(out) < 25 {
			out = append(out, ags)
		}
	}
	slices.Sort(out)
	return out
}

// details fills in what only the offering's kind has.
func (b *builder) details(o *ent.Offering, s *site, t *record, p *provider, get func(string) string) error {
	var registration *ent.Registration
	if note := get("register"); note != "" {
		registration = &ent.Registration{Required: true, Note: &note}
		if t.get("url") == "yes" {
			registration.URL = pointer(*p.Website + "/anmeldung")
		}
		if days, err := strconv.Atoi(t.get("until")); err == nil && o.Schedule != nil && o.Schedule.RRule == nil {
			registration.Until = pointer(o.Schedule.Start.AddDate(0, 0, -days))
		}
	}
	var capacity *int
	if n, err := strconv.Atoi(get("capacity")); err == nil {
		capacity = &n
	}
	switch o.Kind {
	case ent.KindService:
		d := &ent.ServiceDetails{Leika: optional(t.get("leika")), Requirements: optional(get("needs"))}
		for _, word := range t.words("channels") {
			d.Channels = append(d.Channels, ent.Channel(word))
			if word == string(ent.ChannelOnline) {
				d.OnlineService = pointer(*p.Website + "/online/" + slug(t.get("key")))
			}
		}
		o.Details.Service = d
	case ent.KindFacility:
		d := &ent.FacilityDetails{}
		if rentable := t.get("rentable"); rentable != "" {
			d.Rentable = pointer(rentable == "yes")
		}
		if features := get("features"); features != "" {
			d.Features = strings.Split(features, ", ")
		}
		o.Details.Facility = d
	case ent.KindEvent:
		o.Details.Event = &ent.EventDetails{Registration: registration, Capacity: capacity}
	case ent.KindActivity:
		d := &ent.ActivityDetails{Registration: registration, Capacity: capacity}
		if trial := t.get("trial"); trial != "" {
			d.Trial = pointer(trial == "yes")
		}
		o.Details.Activity = d
	case ent.KindTour:
		d, err := tour(get("tour"), s)
		if err != nil {
			return err
		}
		o.Details.Tour = d
	case ent.KindVolunteering:
		d := &ent.VolunteeringDetails{Task: optional(get("task"))}
		if hours, err := strconv.Atoi(get("monthly")); err == nil {
			d.HoursPerMonth = &hours
		}
		if skills := get("skills"); skills != "" {
			d.Skills = strings.Split(skills, ", ")
		}
		o.Details.Volunteering = d
	default:
		return fmt.Errorf("no kind %q", o.Kind)
	}
	return nil
}

// price reads "free", "5", "3.50-8" or "6-" (from 6), each with or without "; note"; "" and "; note" leave it unknown.
func price(s string) (ent.Price, error) {
	amount, note, _ := strings.Cut(s, ";")
	p := ent.Price{Note: optional(strings.TrimSpace(note))}
	switch amount = strings.TrimSpace(amount); amount {
	case "":
		return p, nil
	case "free":
		p.Free = pointer(true)
		return p, nil
	}
	p.Free = pointer(false)
	from, to, span := strings.Cut(amount, "-")
	cents := func(s string) (*int, error) {
		x, err := strconv.ParseFloat(s, 64)
		return pointer(int(x*100 + .5)), err
	}
	var err error
	if p.FromCents, err = cents(from); err != nil {
		return p, fmt.Errorf("price %q: %w", s, err)
	}
	switch {
	case !span:
		p.ToCents = p.FromCents
	case to != "":
		if p.ToCents, err = cents(to); err != nil {
			return p, fmt.Errorf("price %q: %w", s, err)
		}
	}
	return p, nil
}

var (
	listItem = regexp.MustCompile(`\s*<li>`)
	blockEnd = regexp.MustCompile(`\s*</(p|ul|ol|h3)>\s*`)
	lineEnd  = regexp.MustCompile(`\s*<br>\s*`)
	gap      = regexp.MustCompile(`\n{3,}`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
)

// plain gives the text of the simple markup that the templates use.
func plain(html string) string {
	html = listItem.ReplaceAllString(html, "\n– ")
	html = lineEnd.ReplaceAllString(html, "\n")
	html = blockEnd.ReplaceAllString(html, "\n\n")
	html = anyTag.ReplaceAllString(html, "")
	return strings.TrimSpace(gap.ReplaceAllString(html, "\n\n"))
}
