package demo

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"umland/ent"
	"umland/hours"
	"umland/register"
)

var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// What takes long is made once for all tests, which do not change it.
var (
	municipalities = sync.OnceValues(register.Municipalities)
	mondaySet      = sync.OnceValues(func() (*Set, error) {
		all, err := municipalities()
		if err != nil {
			return nil, err
		}
		return Build(monday, all)
	})
)

// shared is the set of monday, to be read only.
func shared(t *testing.T) *Set {
	t.Helper()
	set, err := mondaySet()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func build(t *testing.T, now time.Time) *Set {
	t.Helper()
	all, err := municipalities()
	if err != nil {
		t.Fatal(err)
	}
	set, err := Build(now, all)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func madeUp(o *ent.Offering) bool { return o.Licence == madeUpLicence }

// labs gives the cooperations of each municipality.
func labs(set *Set) map[string][]string {
	out := map[string][]string{}
	for _, m := range set.Members {
		out[m.AGS] = append(out[m.AGS], m.RegionKey)
	}
	return out
}

func ids(set *Set) map[uuid.UUID]string {
	out := map[uuid.UUID]string{}
	for _, s := range set.Sources {
		out[s.ID] = s.Name
	}
	for _, p := range set.Providers {
		out[p.ID] = p.AGS + " " + *p.ExternalID + " " + p.Name
	}
	for _, o := range set.Offerings {
		out[o.ID] = o.AGS + " " + *o.ExternalID + " " + o.Title
		if o.Place != nil {
			out[o.Place.ID] = o.Place.Name
		}
	}
	return out
}

func TestBuildIsDeterministic(t *testing.T) {
	t.Parallel()
	morning, evening := build(t, monday.Add(-12*time.Hour)), build(t, monday.Add(10*time.Hour))
	if !reflect.DeepEqual(morning, evening) {
		t.Error("two sets of one day differ")
	}
	if next := build(t, monday.AddDate(0, 0, 1)); !reflect.DeepEqual(ids(morning), ids(next)) {
		t.Error("the ids or titles of two days differ")
	}
}

func TestBuildNeedsTheRegister(t *testing.T) {
	t.Parallel()
	if _, err := Build(monday, nil); err == nil {
		t.Error("want an error without municipalities")
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	set := shared(t)
	kinds, titles, perLab, perTown := map[ent.OfferingKind]int{}, map[string]bool{}, map[string]int{}, map[string]int{}
	locales, of, made, places := map[string]int{}, labs(set), 0, 0
	for _, o := range set.Offerings {
		titles[o.Title] = true
		if o.Place != nil {
			places++
		}
		if !madeUp(o) {
			continue
		}
		made++
		kinds[o.Kind]++
		perTown[o.AGS]++
		for _, lab := range of[o.AGS] {
			perLab[lab]++
		}
		for _, tr := range o.Translations {
			locales[tr.Locale]++
		}
	}
	t.Log(made, "made up;", len(set.Providers), "providers;", len(titles), "titles;", kinds, perLab, locales)
	if made < 2000 || made > 2400 {
		t.Errorf("%d made-up offerings", made)
	}
	if len(set.Offerings)-made != 94 {
		t.Errorf("%d weekly markets, want 94", len(set.Offerings)-made)
	}
	if len(titles) < 1400 {
		t.Errorf("%d distinct titles", len(titles))
	}
	for kind, least := range map[ent.OfferingKind]int{
		ent.KindService: 300, ent.KindFacility: 330, ent.KindEvent: 500, ent.KindActivity: 350, ent.KindTour: 80, ent.KindVolunteering: 120,
	} {
		if kinds[kind] < least {
			t.Errorf("%d of kind %s, want %d", kinds[kind], kind, least)
		}
	}
	if len(set.Cooperations) != 13 {
		t.Errorf("%d cooperations", len(set.Cooperations))
	}
	for _, c := range set.Cooperations {
		if perLab[c.Key] < 60 {
			t.Errorf("%s has %d offerings", c.Key, perLab[c.Key])
		}
	}
	if perTown["12069020"] < 100 || perTown["12069665"] < 80 {
		t.Errorf("Bad Belzig %d, Wiesenburg/Mark %d", perTown["12069020"], perTown["12069665"])
	}
	for locale, share := range map[string]float64{"en": .15, "de-simple": .10} {
		if got := float64(locales[locale]) / float64(made); math.Abs(got-share) > .05 {
			t.Errorf("%.2f of the offerings are translated to %s, want about %.2f", got, locale, share)
		}
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	set := shared(t)
	assumed, count := map[string]bool{}, map[string]int{}
	for _, m := range set.Members {
		assumed[m.RegionKey] = assumed[m.RegionKey] || m.Assumed
		count[m.RegionKey]++
	}
	for _, c := range set.Cooperations {
		if assumed[c.Key] != (c.Note != nil) {
			t.Errorf("%s: assumed members %v, note %v", c.Key, assumed[c.Key], c.Note != nil)
		}
	}
	for lab, want := range map[string]int{"wuerzburg": 53, "marburg-biedenkopf": 22, "ruhr-lippe": 15, "niederrhein": 3, "merzenich-kerpen": 2} {
		if count[lab] != want {
			t.Errorf("%s has %d members, want %d", lab, count[lab], want)
		}
	}
}

func TestReferencesResolve(t *testing.T) {
	t.Parallel()
	set := shared(t)
	towns, of := map[string]bool{}, labs(set)
	municipalities, err := register.Municipalities()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range municipalities {
		towns[m.AGS] = true
	}
	f, err := os.Open("../ent/categories.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	categories := map[string]bool{}
	for _, row := range rows[1:] {
		categories[row[0]] = true
	}
	sources, providers, seen := map[uuid.UUID]bool{}, map[uuid.UUID]*ent.Provider{}, map[string]bool{}
	once := func(key string) {
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
	}
	for _, s := range set.Sources {
		sources[s.ID] = true
	}
	for _, p := range set.Providers {
		providers[p.ID] = p
		once(p.ID.String())
		once(p.AGS + "/" + *p.ExternalID)
		if !towns[p.AGS] {
			t.Errorf("%s: no municipality %s", p.Name, p.AGS)
		}
		if errs := p.Validate(); len(errs) > 0 {
			t.Errorf("%s: %v", p.Name, errs)
		}
	}
	for _, o := range set.Offerings {
		once(o.ID.String())
		once(o.ProviderID.String() + "/" + *o.ExternalID)
		p := providers[o.ProviderID]
		if p == nil || p.AGS != o.AGS || !sources[*o.SourceID] || len(of[o.AGS]) == 0 {
			t.Errorf("%s %q: provider, source or lab is missing", o.AGS, o.Title)
		}
		if (o.Place == nil) != (o.PlaceID == nil) || o.Place != nil && (o.Place.ID != *o.PlaceID || o.Place.AGS != o.AGS) {
			t.Errorf("%s %q: place and its id differ", o.AGS, o.Title)
		}
		if len(o.CategorySlugs) == 0 {
			t.Errorf("%q has no category", o.Title)
		}
		for _, c := range o.CategorySlugs {
			if !categories[c] {
				t.Errorf("%q: no category %q", o.Title, c)
			}
		}
		for _, ags := range o.ServiceArea {
			if !towns[ags] {
				t.Errorf("%q: no municipality %s in the area", o.Title, ags)
			}
		}
	}
}

func TestOfferingsAreValid(t *testing.T) {
	t.Parallel()
	for _, o := range build(t, monday).Offerings {
		if o.Hours != nil {
			if _, err := hours.Parse(*o.Hours); err != nil {
				t.Errorf("%q: %q: %v", o.Title, *o.Hours, err)
			}
		}
		o.Normalize()
		if errs := o.Validate(); len(errs) > 0 {
			t.Errorf("%s %q: %v", o.AGS, o.Title, errs)
		}
		if o.Status != ent.StatusPublished || o.PublishedAt == nil || o.UpdatedAt.After(monday) || o.CreatedAt.After(o.UpdatedAt) {
			t.Errorf("%q: status %s, created %s, updated %s", o.Title, o.Status, o.CreatedAt, o.UpdatedAt)
		}
		if o.Attribution == nil || madeUp(o) != (*o.Attribution == madeUpAttribution) || madeUp(o) == (o.RetrievedAt != nil) {
			t.Errorf("%q: provenance", o.Title)
		}
		if len(o.Images) > 0 {
			t.Errorf("%q has an image", o.Title)
		}
	}
}

// Every lab has something on in the coming two weekends, whenever the demo is loaded.
func TestEveryWeekendHasEvents(t *testing.T) {
	t.Parallel()
	for now := monday; now.Before(monday.AddDate(1, 0, 0)); now = now.AddDate(0, 0, 121) {
		set := build(t, now)
		of := labs(set)
		saturday := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
		for saturday.Weekday() != time.Saturday {
			saturday = saturday.AddDate(0, 0, 1)
		}
		for range 2 {
			count := map[string]int{}
			for _, o := range set.Offerings {
				if o.Kind != ent.KindEvent {
					continue
				}
				spans, err := o.Schedule.Expand(saturday, saturday.AddDate(0, 0, 2), 10)
				if err != nil {
					t.Fatal(err)
				}
				if len(spans) > 0 {
					for _, lab := range of[o.AGS] {
						count[lab]++
					}
				}
			}
			for _, c := range set.Cooperations {
				if count[c.Key] < 3 {
					t.Errorf("loaded on %s: %d events in %s on the weekend of %s", now.Format(time.DateOnly), count[c.Key], c.Key, saturday.Format(time.DateOnly))
				}
			}
			saturday = saturday.AddDate(0, 0, 7)
		}
	}
}

func TestSinglesLieInTheYear(t *testing.T) {
	t.Parallel()
	from, to := monday.AddDate(0, 0, -15), monday.AddDate(0, 0, 366)
	allDay, long, night, excluded := 0, 0, 0, 0
	for _, o := range shared(t).Offerings {
		s := o.Schedule
		if s == nil {
			continue
		}
		if s.RRule == nil && (s.Start.Before(from) || s.Start.After(to)) {
			t.Errorf("%q starts %s", o.Title, s.Start)
		}
		if !s.End.After(s.Start) {
			t.Errorf("%q ends %s, before its start", o.Title, s.End)
		}
		days := s.End.Sub(s.Start).Hours() / 24
		switch {
		case s.AllDay && days > 1.5:
			long++
			fallthrough
		case s.AllDay:
			allDay++
		case s.End.Day() != s.Start.Day():
			night++
		}
		excluded += len(s.Exclude)
	}
	if allDay < 20 || long < 20 || night < 15 || excluded < 100 {
		t.Errorf("%d all-day, %d of several days, %d over midnight, %d excluded dates", allDay, long, night, excluded)
	}
}

var (
	leftover = regexp.MustCompile(`[\[\]{}|@~]|\s[.,;:!?]|\.\.| {2}|^\s|\s$`)
	// transcribed umlauts, as in fuer and Strasse
	transcribed = regexp.MustCompile(`(?i)\b(fuer|ueber\w*|koenn\w*|moecht\w*|waehl\w*|waehrend|muess\w*|oeffn\w*|gebuehr\w*|strasse\w*|grosse?\w*|schoen\w*|naechst\w*|natuerlich|kuech\w*|frueh\w*)\b`)
	phoneRanges = regexp.MustCompile(`^(030 23125|0221 4710|069 90009|040 66969|089 99998) \d{3}$`)
	digitsRun   = regexp.MustCompile(`\d[\d /-]{6,}\d`)
	domain      = regexp.MustCompile(`^(https://www\.|[a-z]+@)[a-z0-9-]+\.example(/[a-z0-9/-]*)?$`)
)

func TestTexts(t *testing.T) {
	t.Parallel()
	set := shared(t)
	for _, p := range set.Providers {
		if p.Contact == nil {
			continue // the markets
		}
		if !phoneRanges.MatchString(*p.Contact.Phone) || !domain.MatchString(*p.Contact.Email) || !domain.MatchString(*p.Website) {
			t.Errorf("%s: %s %s %s", p.Name, *p.Contact.Phone, *p.Contact.Email, *p.Website)
		}
		if leftover.MatchString(p.Name) || transcribed.MatchString(p.Name) {
			t.Errorf("provider %q", p.Name)
		}
	}
	for _, o := range set.Offerings {
		if !madeUp(o) {
			continue
		}
		texts := []string{o.Title}
		for _, s := range []*string{o.Summary, o.Description, o.DescriptionHTML, o.Price.Note} {
			if s != nil {
				texts = append(texts, *s)
			}
		}
		if o.Place != nil {
			texts = append(texts, o.Place.Name, *o.Place.Street, *o.Place.Locality)
		}
		for _, tr := range o.Translations {
			texts = append(texts, tr.Title, *tr.Summary)
		}
		if d := o.Details.Service; d != nil && d.Requirements != nil {
			texts = append(texts, *d.Requirements)
		}
		if d := o.Details.Volunteering; d != nil {
			texts = append(append(texts, d.Skills...), *d.Task)
		}
		if d := o.Details.Facility; d != nil {
			texts = append(texts, d.Features...)
		}
		for _, text := range texts {
			if m := leftover.FindString(strings.ReplaceAll(text, "\n", "")); m != "" {
				t.Errorf("%s %q: %q in %q", o.AGS, o.Title, m, text)
			}
			if m := transcribed.FindString(text); m != "" {
				t.Errorf("%q: %q in %q", o.Title, m, text)
			}
			if m := digitsRun.FindString(text); m != "" {
				t.Errorf("%q: %q looks like a telephone number", o.Title, m)
			}
		}
		if n := utf8.RuneCountInString(*o.Summary); n > 200 || n < 15 {
			t.Errorf("%q: summary of %d characters", o.Title, n)
		}
		if n := utf8.RuneCountInString(o.Title); n > 90 || n < 4 {
			t.Errorf("title of %d characters: %q", n, o.Title)
		}
		if n := utf8.RuneCountInString(*o.Description); n < 50 {
			t.Errorf("%q: description %q", o.Title, *o.Description)
		}
		for _, l := range o.Links {
			if !domain.MatchString(l.URL) {
				t.Errorf("%q: link %s", o.Title, l.URL)
			}
		}
	}
}

func TestIDCardOffering(t *testing.T) {
	t.Parallel()
	for _, o := range shared(t).Offerings {
		if o.NodeID() == IDCardOffering {
			if o.AGS != "12069020" || o.Title != "Personalausweis beantragen" || o.Kind != ent.KindService || *o.Details.Service.Leika != "99008001012000" {
				t.Errorf("it is %s %q", o.AGS, o.Title)
			}
			return
		}
	}
	t.Error("it is gone; Bad Belzig's is", ent.OfferingID(id("offering", "12069020/personalausweis")))
}

func TestGeometry(t *testing.T) {
	t.Parallel()
	municipalities, err := register.Municipalities()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]*ent.Municipality{}
	for _, m := range municipalities {
		of[m.AGS] = m
	}
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range shared(t).Offerings {
		m := of[o.AGS]
		if p := o.Place; p != nil {
			if ags, ok := boundaries.LocateNear(*p.Longitude, *p.Latitude, o.AGS, .3); !ok || ags != o.AGS {
				t.Errorf("%s %q lies in %s", o.AGS, p.Name, ags)
			}
		}
		if p := o.Place; p != nil && madeUp(o) {
			if km := length([][]float64{{m.Longitude, m.Latitude}, {*p.Longitude, *p.Latitude}}); km > 1.5 {
				t.Errorf("%s is %.1f km from %s", p.Name, km, m.Name)
			}
		}
		if d := o.Details.Tour; d != nil {
			if math.Abs(length(d.Line)-*d.LengthKm) > .06 || *d.LengthKm < 1.5 || *d.Minutes < 15 || *d.Loop != slices.Equal(d.Line[0], d.Line[len(d.Line)-1]) {
				t.Errorf("%q: %.1f km, line of %.2f km, %d minutes, loop %v", o.Title, *d.LengthKm, length(d.Line), *d.Minutes, *d.Loop)
			}
		}
	}
}

// The data files hold nothing that the code doesn't read, and no template that suits no municipality.
func TestTemplates(t *testing.T) {
	t.Parallel()
	known := strings.Fields(`key by kind core times only not title summary text html in for access lang online area place when season
		hours appointment price register url until capacity trial rentable features leika channels needs tour task monthly skills en leicht`)
	used := map[string]bool{}
	for _, o := range shared(t).Offerings {
		used[*o.ExternalID] = true
	}
	sites, err := readRecords("data/municipalities.txt")
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]bool{"teil": true, "teilslug": true, "anbieter": true, "slug": true, "typslug": true}
	for _, s := range sites {
		for name := range s.fields {
			facts[name] = true
		}
	}
	for _, name := range strings.Fields("services facilities activities events tours volunteering") {
		records, err := readRecords("data/offerings-" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			for field := range r.fields {
				if !slices.Contains(known, field) {
					t.Errorf("%s: no field %q", r.where, field)
				}
			}
			for _, fact := range r.facts() {
				if !facts[fact] {
					t.Errorf("%s: no fact %q", r.where, fact)
				}
			}
			found := false
			for external := range used {
				found = found || strings.HasPrefix(external+"-", "demo-"+r.get("key")+"-")
			}
			if !found {
				t.Errorf("%s: %s suits no municipality", r.where, r.get("key"))
			}
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	f := &filler{seed: "x", facts: map[string]string{"ort": "Lütte", "teil": "[ort]"}, phrases: map[string]string{"p": "in {[ort]|[teil]}"}}
	for template, want := range map[string]string{
		"Fest [~p]":             "Fest in Lütte",
		"{a {b|b}|a {b|b}}  c ": "a b c",
		"Th[1] 15:00-20:00":     "Th[1] 15:00-20:00",
		"":                      "",
	} {
		if got := f.fill("title", template); got != want {
			t.Errorf("%q: %q, want %q", template, got, want)
		}
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{berlin: berlin, today: time.Date(2026, 11, 23, 0, 0, 0, 0, berlin)}
	for _, c := range []struct{ when, season, start, end, rule string }{
		{"date 11.11. 17:00-19:00", "", "2026-11-11T17:00", "2026-11-11T19:00", ""},
		{"date 8.11. 17:00-19:00", "", "2027-11-08T17:00", "2027-11-08T19:00", ""},
		{"easter -1 18:00-23:30", "", "2027-03-27T18:00", "2027-03-27T23:30", ""},
		{"easter -48 14:11-18:00", "", "2027-02-08T14:11", "2027-02-08T18:00", ""},
		{"advent -1 2d", "", "2026-11-28T00:00", "2026-11-30T00:00", ""},
		{"once Sa 20:00-02:00", "", "2026-11-28T20:00", "2026-11-29T02:00", ""},
		{"once Sa 20:00-02:00", "", "2026-12-05T20:00", "2026-12-06T02:00", ""},
		{"yearly 2Su9 10:00-17:00", "", "2027-09-12T10:00", "2027-09-12T17:00", "FREQ=YEARLY;BYMONTH=9;BYDAY=2SU"},
	} {
		turn := 0
		if c.start == "2026-12-05T20:00" {
			turn = 1
		}
		s, err := b.schedule(c.when, c.season, "seed", &turn)
		if err != nil {
			t.Fatal(err)
		}
		rule := ""
		if s.RRule != nil {
			rule = *s.RRule
		}
		if got := s.Start.Format("2006-01-02T15:04"); got != c.start || s.End.Format("2006-01-02T15:04") != c.end || rule != c.rule {
			t.Errorf("%s: %s to %s %q", c.when, got, s.End.Format("2006-01-02T15:04"), rule)
		}
	}
	for _, when := range []string{"weekly Tu,Th 18:00-19:30", "biweekly Fr 15:00-17:00", "monthly -1Sa 10:00-12:00", "monthly 2Mo 19:00-21:00"} {
		for i := range 20 {
			s, err := b.schedule(when, "", fmt.Sprint(i), new(int))
			if err != nil {
				t.Fatal(err)
			}
			spans, err := s.Expand(b.today, b.today.AddDate(1, 0, 0), 1000)
			if err != nil {
				t.Fatal(err)
			}
			if len(spans) < 10 {
				t.Errorf("%s has %d dates in a year", when, len(spans))
			}
			for _, span := range spans {
				local := span.Start.In(berlin)
				if quiet(local) || local.Hour() != s.Start.Hour() {
					t.Errorf("%s takes place on %s", when, local)
				}
			}
		}
	}
	for _, when := range []string{"", "weekly Tu", "never Tu 10:00-11:00", "once Tu noon", "easter soon 10:00-11:00", "date 1.1 10:00-11:00"} {
		if _, err := b.schedule(when, "", "seed", new(int)); err == nil {
			t.Errorf("%q: want an error", when)
		}
	}
}

func TestPrice(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	cents := func(n int) *int { return &n }
	for s, want := range map[string]ent.Price{
		"":                     {},
		"free; Spende erbeten": {Free: &yes, Note: pointer("Spende erbeten")},
		"5":                    {Free: &no, FromCents: cents(500), ToCents: cents(500)},
		"2.50-4.90; Kinder 2 €": {
			Free: &no, FromCents: cents(250), ToCents: cents(490), Note: pointer("Kinder 2 €"),
		},
		"6-":       {Free: &no, FromCents: cents(600)},
		"; Spende": {Note: pointer("Spende")},
	} {
		got, err := price(s)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	if _, err := price("teuer"); err == nil {
		t.Error("want an error")
	}
}
