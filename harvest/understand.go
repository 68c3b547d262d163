package harvest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"umland/dedupe"
	"umland/ent"
	"umland/store"
)

// understanding names the way in which records are understood. Change it with understand: all records then count as changed once.
const understanding = "2"

// maxNewProviders bounds the providers that one run makes.
const maxNewProviders = 500

// understander turns the records of one source into offerings.
type understander struct {
	source     *ent.Source
	provider   *ent.Provider // the source's
	categories *categoryWords
	places     *knownPlaces // of its municipality
	providers  map[string]*ent.Provider
	made       int
	isTown     func(name string) bool
}

func (r *Runner) understander(ctx context.Context, source *ent.Source) (*understander, error) {
	u := &understander{source: source, categories: r.categories, providers: map[string]*ent.Provider{}}
	if source.ProviderID == nil {
		return nil, fmt.Errorf("harvest: source %s has no provider", source.NodeID())
	}
	var err error
	if u.provider, err = r.Store.Provider(ctx, *source.ProviderID); err != nil {
		return nil, err
	}
	u.isTown = func(name string) bool { return r.Store.TownNear(name, u.provider.AGS) }
	list, err := r.Store.ProvidersIn(ctx, u.provider.AGS)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if key := foldWord(p.Name); u.providers[key] == nil {
			u.providers[key] = p
		}
	}
	places, err := r.Store.KnownPlaces(ctx, u.provider.AGS)
	u.places = newKnownPlaces(places)
	return u, err
}

// providerOf gives the provider of an item: the organiser's where it names one, else the source's. One that is not there yet is made. It is the organiser of the
// source's municipality: names are shared by many clubs.
func (u *understander) providerOf(ctx context.Context, st *store.Store, now time.Time, o *Organizer) (*ent.Provider, error) {
	if o == nil || u.provider.Kind != ent.ProviderMunicipality && u.provider.Kind != ent.ProviderOther && u.provider.Kind != ent.ProviderBusiness {
		return u.provider, nil // a club's own calendar is the club's
	}
	name := strings.Join(strings.Fields(o.Name), " ")
	if key := foldWord(name); len(key) < 3 || utf8.RuneCountInString(name) > 120 || strings.Contains(name, "://") || strings.Contains(name, "@") {
		return u.provider, nil
	} else if p := u.providers[key]; p != nil {
		return p, nil
	} else if sameTown(key, foldWord(u.provider.Name)) || u.made >= maxNewProviders {
		return u.provider, nil
	}
	p := &ent.Provider{AGS: u.provider.AGS, Name: name, Kind: providerKind(name), Contact: contactOf(&ent.Contact{Email: pointer(o.Email), Phone: pointer(o.Phone)})}
	if ent.ValidURL(o.URL) {
		p.Website = &o.URL
	}
	added, err := st.AddProvider(ctx, now, p)
	if err != nil {
		return nil, err
	}
	u.made++
	u.providers[foldWord(name)] = added
	return added, nil
}

// offer makes of a record that is kept what its source says of the thing, and whose it is. A fault is as with understand.
func (u *understander) offer(ctx context.Context, st *store.Store, now time.Time, row *ent.Record) (o *ent.Offering, p *ent.Provider, fault string, err error) {
	rec, err := decode(row.Key, row.Content)
	if err != nil {
		return nil, nil, "", err
	}
	if o, fault = u.understand(rec); fault != "" {
		return nil, nil, fault, nil
	}
	p, err = u.providerOf(ctx, st, now, rec.Organizer)
	return o, p, "", err
}

// sameTown tells whether an organiser's folded name is another one for the municipality: "Stadt Bad Belzig", "Stadtverwaltung Bad Belzig", "Bad Belzig".
func sameTown(organiser, municipality string) bool {
	town := municipality
	for _, title := range []string{"gemeinde ", "stadt ", "markt "} {
		town = strings.TrimPrefix(town, title)
	}
	switch organiser {
	case "stadt", "gemeinde", "stadtverwaltung", "gemeindeverwaltung", "rathaus", "buergermeister", "verwaltung":
		return true
	}
	for _, title := range []string{"", "gemeinde ", "stadt ", "gemeindeverwaltung ", "stadtverwaltung ", "rathaus ", "stadt- und "} {
		if organiser == title+town {
			return true
		}
	}
	return false
}

var providerKinds = []struct {
	pattern *regexp.Regexp
	kind    ent.ProviderKind
}{
	{regexp.MustCompile(`(?i)kirche|pfarr|kirchspiel|diakonie|caritas|gemeinschaft der christen|moschee|synagoge`), ent.ProviderChurch},
	{regexp.MustCompile(`(?i)volkshochschule|\bvhs\b|schule|bibliothek|bücherei|bildungs|akademie|\bkita\b|kindergarten|universität|hochschule`), ent.ProviderEducation},
	{regexp.MustCompile(`(?i)\be\. ?v\.|\bev$|verein|verband|\bclub\b|klub|feuerwehr|\bsv\b|\btsv\b|\bfc\b|\bdrk\b|\bawo\b|chor\b`), ent.ProviderClub},
	{regexp.MustCompile(`(?i)klinik|krankenhaus|praxis|apotheke|gesundheit|pflegedienst`), ent.ProviderHealth},
	{regexp.MustCompile(`(?i)gmbh|\bug\b|\bkg\b|\bohg\b|\bgbr\b|gasthof|gasthaus|restaurant|hotel|café|brauerei|hofladen|landhof`), ent.ProviderBusiness},
	{regexp.MustCompile(`(?i)^(?:stadt|gemeinde|amt|markt|landkreis|stadtverwaltung|gemeindeverwaltung|verbandsgemeinde|samtgemeinde|ortsbeirat|bürgermeister)\b`), ent.ProviderOther},
	{regexp.MustCompile(`(?i)initiative|netzwerk|bündnis|gruppe|treff`), ent.ProviderInitiative},
}

// providerKind guesses what a body is from its name.
func providerKind(name string) ent.ProviderKind {
	for _, k := range providerKinds {
		if k.pattern.MatchString(name) {
			return k.kind
		}
	}
	return ent.ProviderOther
}

// shortCodes are what WordPress's page builders leave in texts that are not shown by WordPress: "[vc_row]", "[/et_pb_section]".
var shortCodes = regexp.MustCompile(`\[/?(?:vc|et_pb|av|fusion|cs|ux|mk|tatsu|mpc)_[a-z0-9_]{1,40}(?: [^\[\]]*)?/?\]`)

// understand makes of a record what an offering is made of: all that its poster can set, and where it is from. A fault is a reason to refuse the
// item, in German. Texts that are too long are cut; single values that are no such thing are left out.
func (u *understander) understand(r *Record) (o *ent.Offering, fault string) {
	o = &ent.Offering{Kind: r.Kind, Title: clipText(strings.Join(strings.Fields(r.Title), " "), ent.MaxTitle), Price: ent.Price{}, Wheelchair: r.Wheelchair, Schedule: r.Schedule, Details: r.Details}
	if strings.TrimFunc(o.Title, func(c rune) bool { return unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) }) == "" {
		return nil, "Der Titel fehlt."
	}
	for range 3 { // never markup, however often it was escaped
		plain := o.Title
		if strings.ContainsAny(plain, "<&") {
			plain = strings.Join(strings.Fields(ent.HTMLToText(plain)), " ")
		}
		if plain == "" || plain == o.Title {
			break
		}
		o.Title = plain
	}
	if o.Kind == "" {
		o.Kind = ent.KindFacility
		if r.Schedule != nil {
			o.Kind = ent.KindEvent
		}
	}
	if o.Kind == ent.KindEvent && r.Schedule == nil {
		return nil, "Es fehlt, wann es stattfindet."
	}
	r.Summary, r.Description = shortCodes.ReplaceAllString(r.Summary, ""), shortCodes.ReplaceAllString(r.Description, "")
	if summary, _ := ent.SplitText(r.Summary); summary != "" {
		summary = clipText(summary, ent.MaxSummary)
		o.Summary = &summary
	}
	text, html := ent.SplitText(clipText(r.Description, 4*ent.MaxDescription))
	if utf8.RuneCountInString(text) > ent.MaxDescription || html != nil && utf8.RuneCountInString(*html) > 2*ent.MaxDescription {
		text, html = clipText(text, ent.MaxDescription), nil
	}
	o.Description, o.DescriptionHTML = pointer(text), html
	for _, t := range r.Translations[:min(len(r.Translations), ent.MaxList)] {
		if t.Title = clipText(t.Title, ent.MaxTitle); !ent.ValidLocale(ent.CanonicalLocale(t.Locale)) || strings.TrimSpace(t.Title) == "" ||
			slices.ContainsFunc(o.Translations, func(x ent.Translation) bool { return ent.CanonicalLocale(x.Locale) == ent.CanonicalLocale(t.Locale) }) {
			continue
		}
		for _, s := range []struct {
			text **string
			most int
		}{{&t.Summary, ent.MaxSummary}, {&t.Description, ent.MaxDescription}} {
			if *s.text != nil {
				plain, _ := ent.SplitText(**s.text)
				plain = clipText(plain, s.most)
				*s.text = pointer(plain)
			}
		}
		o.Translations = append(o.Translations, t)
	}
	u.where(r, o)
	if tooMany := len(r.Tags) > 100; tooMany {
		r.Tags = r.Tags[:100]
	}
	o.CategorySlugs = u.categories.of(r.Tags, o.Title)
	if len(o.CategorySlugs) == 0 && o.Kind == ent.KindFacility { // "Spielplätze Münster"
		o.CategorySlugs = u.categories.of(nil, u.source.Name)
	}
	o.Audiences = audiencesOf(r.Audience, r.Tags, o.Title)
	if o.Wheelchair == "" || o.Wheelchair == ent.AnswerUnknown {
		o.Wheelchair = wheelchairIn(r.Summary, text)
	}
	switch {
	case r.Price != nil:
		o.Price = *r.Price
		if o.Price.Note == nil && r.PriceText != "" {
			note := clipText(r.PriceText, ent.MaxShort)
			o.Price.Note = &note
		}
	case strings.TrimSpace(r.PriceText) != "":
		o.Price = priceOf(r.PriceText)
	default:
		if o.Price = priceIn(r.Summary); o.Price == (ent.Price{}) {
			o.Price = priceIn(text)
		}
	}
	if p := &o.Price; p.Free == nil && p.FromCents != nil && *p.FromCents > 0 {
		p.Free = new(false)
	}
	if n := o.Price.Note; n != nil {
		note := clipText(*n, ent.MaxShort)
		o.Price.Note = &note
	}
	for _, l := range r.Languages {
		if l = ent.CanonicalLocale(l); ent.ValidLocale(l) && len(o.Languages) < ent.MaxList {
			o.Languages = append(o.Languages, l)
		}
	}
	o.Contact = contactOf(r.Contact)
	if o.Contact == nil && r.Organizer != nil {
		o.Contact = contactOf(&ent.Contact{Email: pointer(r.Organizer.Email), Phone: pointer(r.Organizer.Phone)})
	}
	for _, l := range r.Links {
		if ent.ValidURL(l.URL) && len(o.Links) < ent.MaxList && l.URL != r.URL {
			if l.Title != nil {
				title := clipText(*l.Title, ent.MaxShort)
				l.Title = &title
			}
			o.Links = append(o.Links, l)
		}
	}
	for _, im := range r.Images {
		if len(o.Images) < ent.MaxList && len(im.Validate()) == 0 {
			o.Images = append(o.Images, im)
		}
	}
	if hours := strings.TrimSpace(r.Hours); hours != "" && utf8.RuneCountInString(hours) <= ent.MaxHours && valueHours(hours) != "" {
		o.Hours = &hours
	}
	u.dates(r, o)
	o.Licence = u.source.Licence
	if r.Licence != "" && ent.ValidLicence(r.Licence) {
		o.Licence = r.Licence
	}
	o.Attribution = u.source.Attribution
	if a := strings.TrimSpace(r.Attribution); a != "" {
		a = clipText(a, ent.MaxShort)
		o.Attribution = &a
	}
	o.SourceID, o.SourceKey, o.SourceURL = &u.source.ID, &r.Key, u.source.URL
	if ent.ValidURL(r.URL) {
		url := r.URL
		o.SourceURL = &url
	}
	o.Normalize()
	if faults := o.Validate(); len(faults) > 0 {
		u.repair(o, faults)
		if faults = o.Validate(); len(faults) > 0 {
			return nil, germanFault(faults[0])
		}
	}
	return o, ""
}

// repair leaves out what is wrong and can be missed.
func (u *understander) repair(o *ent.Offering, faults ent.UserErrors) {
	for _, f := range faults {
		switch f.Path[0] {
		case "links":
			o.Links = nil
		case "images":
			o.Images = nil
		case "price":
			o.Price = ent.Price{Note: o.Price.Note}
		case "contact":
			o.Contact = nil
		case "languages":
			o.Languages = nil
		case "openingHours":
			o.Hours = nil
		case "translations":
			o.Translations = nil
		case "occurrences":
			o.Exceptions = nil
		case "service", "facility", "event", "activity", "volunteering":
			o.Details = ent.Details{}
		case "summary":
			o.Summary = nil
		}
	}
}

// where finds the place, and whether it is online.
func (u *understander) where(r *Record, o *ent.Offering) {
	o.Online = r.Online != nil && *r.Online || onlineTitle.MatchString(o.Title)
	if p := r.Place; p != nil && (onlineWord.MatchString(p.Name) || onlineWord.MatchString(p.Text)) {
		o.Online = true
		if p.Street == "" && p.PostalCode == "" && p.Longitude == nil && !strings.Contains(p.Text, ",") {
			return
		}
	}
	in := r.Place
	if in != nil && (placeNumbers.MatchString(in.Name) || placeNumbers.MatchString(in.Text)) { // its position, in the wrong field
		own := *in
		own.Name, own.Text = placeNumbers.ReplaceAllString(own.Name, ""), placeNumbers.ReplaceAllString(own.Text, "")
		in = &own
	}
	if in != nil && o.Kind == ent.KindFacility && in.Longitude != nil && in.Text == "" && (in.Name == "" || in.Street == "" && in.Locality == "" && u.isTown(in.Name)) {
		// What stands somewhere is the place itself.
		own := *in
		own.Name, own.Locality = o.Title, strings.TrimSpace(in.Name+in.Locality)
		in = &own
	}
	p := placeOf(in, u.isTown)
	if p == nil {
		return
	}
	if p.Longitude == nil {
		if known := u.places.find(p); known != nil {
			o.Place = &ent.Place{ID: known.ID, Name: known.Name, Street: known.Street, PostalCode: known.PostalCode, Locality: known.Locality,
				Longitude: known.Longitude, Latitude: known.Latitude, AGS: known.AGS}
			return
		}
	}
	o.Place = p
}

// dates marks what does not take place.
func (u *understander) dates(r *Record, o *ent.Offering) {
	if o.Schedule == nil {
		return
	}
	for _, e := range r.Exceptions[:min(len(r.Exceptions), ent.MaxExceptions)] {
		e.PlaceID = nil
		o.Exceptions = append(o.Exceptions, e)
	}
	if r.Cancelled && o.Schedule.RRule == nil {
		for _, at := range append([]time.Time{o.Schedule.Start}, o.Schedule.Include...) {
			o.Exceptions = append(o.Exceptions, ent.Exception{Original: at, Status: ent.OccurrenceCancelled})
		}
	}
}

// over tells whether a record says that its thing is no more, and is not to be shown as cancelled.
func over(r *Record) bool {
	return r.Deleted || r.Cancelled && (r.Schedule == nil || r.Schedule.RRule != nil)
}

func contactOf(in *ent.Contact) *ent.Contact {
	if in == nil {
		return nil
	}
	c := &ent.Contact{}
	if in.Name != nil {
		name := clipText(strings.Join(strings.Fields(*in.Name), " "), ent.MaxName)
		c.Name = pointer(name)
	}
	if in.Email != nil && ent.ValidEmail(strings.TrimSpace(*in.Email)) {
		c.Email = pointer(*in.Email)
	}
	if in.Phone != nil && ent.ValidPhone(strings.TrimSpace(*in.Phone)) {
		c.Phone = pointer(*in.Phone)
	}
	if *c == (ent.Contact{}) {
		return nil
	}
	return c
}

// germanFields are the fields of an offering as a clerk knows them.
var germanFields = map[string]string{
	"title": "Titel", "summary": "Zusammenfassung", "description": "Beschreibung", "place": "Ort", "schedule": "Termin", "occurrences": "Einzeltermine", "price": "Preis",
	"contact": "Kontakt", "openingHours": "Öffnungszeiten", "links": "Links", "images": "Bilder", "licence": "Lizenz", "tour": "Tour", "categories": "Kategorien", "kind": "Art",
}

func germanFault(f ent.UserError) string {
	name := f.Path[0]
	if german, ok := germanFields[name]; ok {
		name = german
	}
	if f.Path[0] == "schedule" && slices.Contains(f.Path, "end") {
		return "Ende liegt vor Beginn, oder zu weit danach."
	}
	switch f.Code {
	case ent.UserRequired:
		return "„" + name + "“ fehlt."
	case ent.UserTooLong:
		return "„" + name + "“ ist zu lang."
	case ent.UserForbidden:
		return "Die Quelle darf das Angebot nicht ändern: Es gehört zu einer anderen Gemeinde."
	case ent.UserConflict:
		return "Das Angebot wurde gerade von jemand anderem geändert."
	}
	return "„" + name + "“ ist ungültig."
}

// put makes an offering what a source says it is. What it was before stays where persons hold it: the store sees to that.
func put(from *ent.Offering, now time.Time) func(o *ent.Offering) ent.UserErrors {
	return func(o *ent.Offering) ent.UserErrors {
		o.Kind, o.Title, o.Summary, o.Description, o.DescriptionHTML = from.Kind, from.Title, from.Summary, from.Description, from.DescriptionHTML
		o.Translations, o.CategorySlugs, o.Audiences, o.Wheelchair, o.Languages = slices.Clone(from.Translations), slices.Clone(from.CategorySlugs), slices.Clone(from.Audiences), from.Wheelchair, slices.Clone(from.Languages)
		o.Online, o.Price, o.Contact, o.Links, o.Images = from.Online, from.Price, from.Contact, slices.Clone(from.Links), slices.Clone(from.Images)
		o.Hours, o.Exceptions, o.Details = from.Hours, slices.Clone(from.Exceptions), from.Details
		o.Schedule = nil
		if from.Schedule != nil {
			s := *from.Schedule
			o.Schedule = &s
		}
		o.Place = nil
		if from.Place != nil {
			p := *from.Place
			o.Place = &p
		}
		o.Licence, o.Attribution = from.Licence, from.Attribution
		o.SourceID, o.SourceKey, o.SourceURL, o.RetrievedAt = from.SourceID, from.SourceKey, from.SourceURL, &now
		if o.Status == ent.StatusWithdrawn && o.Change.ActorKind == ent.ActorSource && o.Change.Action == ent.ActionWithdraw {
			o.Status, o.WithdrawnReason = ent.StatusDraft, nil // it is back
		}
		return nil
	}
}

// encode writes a record as it is kept, with its hash and its identity. Two records that say the same have the same hash, whatever they are
// called; those about the same thing have the same identity, though it may have changed.
func encode(r *Record) (content string, hash, ident []byte, err error) {
	kept := *r
	kept.Key, kept.Item, kept.Raw, kept.UpdatedAt = "", "", nil, nil
	b, err := json.Marshal(&kept)
	if err != nil {
		return "", nil, nil, err
	}
	if unclean(b) {
		cleanAll(reflect.ValueOf(r).Elem(), 0)
		kept = *r
		kept.Key, kept.Item, kept.Raw, kept.UpdatedAt = "", "", nil, nil
		if b, err = json.Marshal(&kept); err != nil {
			return "", nil, nil, err
		}
	}
	sum := sha256.Sum256(append([]byte(understanding), b...))
	id := foldWord(r.Title)
	if r.Schedule != nil {
		id += "\x00" + r.Schedule.Start.UTC().Format(time.RFC3339)
	} else if r.Place != nil {
		id += "\x01" + foldWord(r.Place.Name+" "+r.Place.Text+" "+r.Place.Street+" "+r.Place.Locality)
	}
	who := sha256.Sum256([]byte(id))
	return string(b), sum[:16], who[:16], nil
}

// decode reads what encode wrote.
func decode(key, content string) (*Record, error) {
	r := &Record{}
	err := json.Unmarshal([]byte(content), r)
	r.Key = key
	return r, err
}

// unclean tells whether JSON may hold characters that no text of ours has.
func unclean(b []byte) bool {
	s := string(b)
	return strings.Contains(s, `\u00`) || strings.Contains(s, "\u202a") || strings.ContainsAny(s, "\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u007f\ufffd"+unseen)
}

// unseen are characters that take no room and mean nothing in a text: two titles that differ in them look the same. Joiners, which emoji are made with, are none.
const unseen = "\u200b\u200e\u200f\u061c\u2060\ufeff"

func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, strings.ContainsRune(unseen, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
}

// cleanAll cleans every text below v.
func cleanAll(v reflect.Value, depth int) {
	if depth > 12 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(cleanText(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			cleanAll(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			for i := range v.Len() {
				cleanAll(v.Index(i), depth+1)
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				cleanAll(v.Field(i), depth+1)
			}
		}
	}
}

// part is what one source says of a thing.
type part struct {
	offering *ent.Offering
	provider *ent.Provider
	source   *ent.Source // nil for a person
	since    time.Time   // when it first said so
}

// rank says how near a source is to whoever knows best.
func rank(s *ent.Source, p *ent.Provider) dedupe.Rank {
	if s == nil {
		return dedupe.RankHand
	}
	switch {
	case p.Kind == ent.ProviderMunicipality:
		return dedupe.RankMunicipality
	case p.Kind == ent.ProviderBusiness || p.Kind == ent.ProviderOther || strings.Contains(foldWord(s.Name), "touris") || strings.Contains(foldWord(p.Name), "touris"):
		return dedupe.RankCollector
	}
	return dedupe.RankOrganiser
}

// compose makes one offering of what several sources say, the best of each. The nearest source is the one that it is of, then the first.
func compose(parts []part, owner func(*ent.Source) *ent.Provider) (*ent.Offering, *ent.Provider) {
	slices.SortStableFunc(parts, func(a, b part) int { return a.since.Compare(b.since) }) // whatever source comes by
	records := make([]dedupe.Record, len(parts))
	first := 0
	for i, p := range parts {
		records[i] = dedupe.Record{Offering: p.offering, Rank: rank(p.source, owner(p.source))}
		if records[i].Rank < records[first].Rank {
			first = i
		}
	}
	o := *parts[first].offering
	provider := parts[first].provider
	if provider.Kind == ent.ProviderMunicipality { // who is named is nearer than who has collected it
		for _, p := range parts {
			if p.provider.Kind != ent.ProviderMunicipality {
				provider = p.provider
				break
			}
		}
	}
	for _, c := range dedupe.Best(records) {
		from := parts[c.Record].offering
		switch c.Field {
		case "title":
			o.Title = from.Title
		case "summary":
			o.Summary = from.Summary
		case "description":
			o.Description, o.DescriptionHTML = from.Description, from.DescriptionHTML
		case "schedule":
			o.Schedule, o.Exceptions = from.Schedule, from.Exceptions
		case "place":
			o.Place, o.PlaceID = from.Place, from.PlaceID
		case "openingHours":
			o.Hours = from.Hours
		case "price":
			o.Price = from.Price
		case "contact":
			o.Contact = from.Contact
		case "links":
			o.Links = from.Links
		case "images":
			o.Images = from.Images
		case "categories":
			o.CategorySlugs = from.CategorySlugs
		case "audiences":
			o.Audiences = from.Audiences
		case "wheelchair":
			o.Wheelchair = from.Wheelchair
		case "languages":
			o.Languages = from.Languages
		case "details":
			if from.Kind == o.Kind {
				o.Details = from.Details
			}
		}
	}
	if o.Kind == ent.KindEvent && o.Schedule == nil {
		o.Kind = parts[first].offering.Kind
	}
	return &o, provider
}
