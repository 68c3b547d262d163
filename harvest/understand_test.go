package harvest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

func TestPriceOf(t *testing.T) {
	t.Parallel()
	show := func(p ent.Price) string {
		var out []string
		if p.Free != nil {
			out = append(out, map[bool]string{true: "free", false: "paid"}[*p.Free])
		}
		for name, n := range map[string]*int{"": p.FromCents} {
			if n != nil {
				out = append(out, fmt.Sprint(name, *n))
			}
		}
		if p.ToCents != nil {
			out = append(out, fmt.Sprint("to ", *p.ToCents))
		}
		if p.Note != nil {
			out = append(out, "("+*p.Note+")")
		}
		return strings.Join(out, " ")
	}
	for text, want := range map[string]string{
		"":                      "",
		"Eintritt frei":         "free (Eintritt frei)",
		"kostenlos":             "free",
		"0 €":                   "free",
		"5 €":                   "paid 500 to 500",
		"5,- Euro":              "paid 500 to 500",
		"3,50 € / erm. 2 €":     "paid 200 to 350 (3,50 € / erm. 2 €)",
		"ab 12 EUR":             "paid 1200 (ab 12 EUR)",
		"VVK 12,90 €, AK 15 €":  "paid 1290 to 1500 (VVK 12,90 €, AK 15 €)",
		"€ 7.50":                "paid 750 to 750",
		"1.250,00 €":            "paid 125000 to 125000",
		"auf Spendenbasis":      "(auf Spendenbasis)",
		"12,50":                 "paid 1250 to 1250",
		"120.00":                "paid 12000 to 12000",
		"0":                     "free",
		"5 / 3":                 "paid 300 to 500 (5 € / 3 €)",
		"15.05.2026":            "(15.05.2026)",
		"barrierefrei":          "(barrierefrei)",
		"Eintritt frei, Spende": "free (Eintritt frei, Spende)",
	} {
		if got := show(priceOf(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"Wir singen. Der Eintritt ist frei.":                                  "free",
		"Beginn 19 Uhr. Eintritt: 3,50 € / erm. 2 €. Anmeldung unter 0331 5.": "paid 200 to 350 (Eintritt: 3,50 € / erm. 2 €)",
		"Der Haushalt beträgt 5.000 €.":                                       "",
		"Die Teilnahme ist freiwillig.":                                       "",
		"Das Haus ist barrierefrei.":                                          "",
	} {
		if got := show(priceIn(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	point := func(lon, lat float64) (a, b *float64) { return &lon, &lat }
	lon, lat := point(12.59, 52.14)
	house := &ent.Place{Name: "Dorfgemeinschaftshaus", Street: pointer("Hauptstraße 5"), Locality: pointer("Linthe"), Longitude: lon, Latitude: lat}
	isTown := func(s string) bool { return s == "Brück" || s == "Linthe" }
	known := newKnownPlaces([]*ent.Place{house})
	for _, c := range []struct {
		in    Place
		want  string
		known bool
	}{
		{Place{Text: "Dorfgemeinschaftshaus, Hauptstraße 5, 14822 Linthe"}, "Dorfgemeinschaftshaus|Hauptstraße 5|14822|Linthe", true},
		{Place{Text: "Dorfgemeinschaftshaus"}, "Dorfgemeinschaftshaus|||", true},
		{Place{Text: "Festplatz, Dorfstr. 3, Bad Belzig, Brandenburg, 14806, Deutschland"}, "Festplatz|Dorfstr. 3|14806|Bad Belzig", false},
		{Place{Text: "Brandenburg"}, "Brandenburg|||", false},
		{Place{Text: "Gasthof Zur Post, Saal"}, "Gasthof Zur Post, Saal|||", false},
		{Place{Text: "Saal, Dorfstraße 3, Borne"}, "Saal|Dorfstraße 3||Borne", false},
		{Place{Text: "Dorfgemeinschaftshaus Linthe"}, "Dorfgemeinschaftshaus Linthe|||", false},
		{Place{Text: "Hauptstr. 5, Linthe"}, "Hauptstr. 5|Hauptstr. 5||Linthe", true},
		{Place{Text: "Dorfgemeinschaftshaus, 14806 Bad Belzig"}, "Dorfgemeinschaftshaus||14806|Bad Belzig", false},
		{Place{Text: "Marktplatz\nBrück"}, "Marktplatz|||Brück", false},
		{Place{Name: "Kirche", Street: "Dorfplatz", PostalCode: "1480", Locality: "Borne"}, "Kirche|Dorfplatz||Borne", false},
		{Place{Text: "Café Hauptstraße 5"}, "Café Hauptstraße 5|Café Hauptstraße 5||", false},
	} {
		p := placeOf(&c.in, isTown)
		if p == nil {
			t.Errorf("%+v: no place", c.in)
			continue
		}
		if got := strings.Join([]string{p.Name, deref(p.Street), deref(p.PostalCode), deref(p.Locality)}, "|"); got != c.want {
			t.Errorf("%+v: %s, want %s", c.in, got, c.want)
		}
		if got := known.find(p) == house; got != c.known {
			t.Errorf("%+v: known %v", c.in, got)
		}
	}
	if p := placeOf(&Place{}, isTown); p != nil {
		t.Errorf("nothing is %+v", p)
	}
	bad := 200.0
	if p := placeOf(&Place{Name: "x", Longitude: &bad, Latitude: &bad}, isTown); p.Longitude != nil {
		t.Error("a point that is none")
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestCategories(t *testing.T) {
	t.Parallel()
	w, err := newCategoryWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tags  string
		title string
		want  string
	}{
		{"schema:MusicEvent", "Irgendwas", "konzert"},
		{"leisure=playground", "", "spielplatz"},
		{"Konzert, Kultur", "", "konzert"},
		{"Kultur", "Lesung", "kultur"}, // tags say enough
		{"", "Sommerkonzert im Park", "konzert"},
		{"", "Weihnachtsmarkt", "weihnachtsmarkt"},
		{"", "Repair-Café", "reparieren-teilen"},
		{"", "Konzertkasse geschlossen", ""},
		{"Veranstaltung", "Sitzung", ""},
		{"", "Transport", ""}, // no sport
		{"Feste und Märkte", "", "feste-maerkte"},
	} {
		var tags []string
		if c.tags != "" {
			tags = strings.Split(c.tags, ", ")
		}
		if got := strings.Join(w.of(tags, c.title), ","); got != c.want {
			t.Errorf("%q %q: %q, want %q", c.tags, c.title, got, c.want)
		}
	}
}

func TestAudiencesAndAccess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, title, want string }{
		{"Kinder ab 6 Jahren", "", "CHILDREN"},
		{"", "Familiennachmittag", "FAMILIES"},
		{"", "Seniorentanz", "SENIORS"},
		{"", "Kindergarten geschlossen", ""},
		{"ab 16 Jahren", "", "YOUTH"},
		{"Erwachsene", "", "ADULTS"},
		{"", "Sitzung", ""},
	} {
		var got []string
		for _, a := range audiencesOf(c.field, nil, c.title) {
			got = append(got, string(a))
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	for text, want := range map[string]ent.Answer{
		"Der Saal ist barrierefrei.": ent.AnswerYes, "Leider nicht barrierefrei": ent.AnswerNo, "bedingt rollstuhlgerecht": ent.AnswerPartly, "Ein Saal": ent.AnswerUnknown,
	} {
		if got := wheelchairIn(text); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
	for name, want := range map[string]ent.ProviderKind{
		"Heimatverein Borne e. V.": ent.ProviderClub, "Ev. Kirchengemeinde Niemegk": ent.ProviderChurch, "Volkshochschule Potsdam-Mittelmark": ent.ProviderEducation, "Gasthof Zur Post": ent.ProviderBusiness, "Irgendwer": ent.ProviderOther,
	} {
		if got := providerKind(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// What comes in a feed cannot be longer, stranger or wilder than an offering may be.
func TestUnderstandTames(t *testing.T) {
	t.Parallel()
	words, err := newCategoryWords()
	if err != nil {
		t.Fatal(err)
	}
	u := &understander{source: &ent.Source{ID: ent.NewID(), Licence: "CC-BY-4.0"}, provider: &ent.Provider{AGS: "12069020"}, categories: words, isTown: func(string) bool { return false }}
	start := time.Date(2026, 12, 1, 18, 0, 0, 0, time.UTC)
	r := &Record{
		Key: "k", Title: "<b>" + strings.Repeat("lang ", 200) + "</b>\u202e", Summary: strings.Repeat("x", 5000), Description: "<p onclick=x>" + strings.Repeat("wort ", 10_000) + "</p><script>x</script>",
		Schedule: &ent.Schedule{Start: start, TimeZone: "Europe/Berlin"}, Contact: &ent.Contact{Phone: pointer("ruf an"), Email: pointer("x"), Name: pointer("Frau\x00 Klug")},
		Links: []ent.Link{{URL: "javascript:alert(1)"}, {URL: "https://example.org"}}, Images: []ent.Image{{URL: "data:x"}}, Languages: []string{"Deutsch", "de"}, Licence: "frei!",
		Price: &ent.Price{FromCents: new(int), Note: pointer(strings.Repeat("y", 1000))}, Tags: []string{strings.Repeat("z", 10_000)}, URL: "ftp://x",
	}
	if _, _, _, err := encode(r); err != nil {
		t.Fatal(err)
	}
	o, reason := u.understand(r)
	if reason != "" {
		t.Fatal(reason)
	}
	if faults := o.Validate(); len(faults) > 0 {
		t.Errorf("%v", faults)
	}
	if strings.ContainsAny(o.Title, "<\u202e") || len(o.Links) != 1 || len(o.Images) != 0 || o.Licence != "CC-BY-4.0" || o.SourceURL != nil || *o.Contact.Name != "Frau Klug" {
		t.Errorf("%+v", o)
	}
	if _, reason := u.understand(&Record{Key: "k", Title: "\u200b "}); reason != "Der Titel fehlt." {
		t.Errorf("no title: %q", reason)
	}
	if _, reason := u.understand(&Record{Key: "k", Title: "x", Kind: ent.KindEvent}); !strings.Contains(reason, "wann") {
		t.Errorf("no date: %q", reason)
	}
}

// What stands somewhere is its own place; numbers are no name, and a town is none either. A list of facilities says by its name what they are.
func TestUnderstandFacility(t *testing.T) {
	t.Parallel()
	words, err := newCategoryWords()
	if err != nil {
		t.Fatal(err)
	}
	u := &understander{source: &ent.Source{ID: ent.NewID(), Name: "Spielplätze Münster"}, provider: &ent.Provider{AGS: "05515000"}, categories: words, isTown: func(s string) bool { return s == "Bremen" }}
	lon, lat := 7.62, 51.96
	for _, c := range []struct {
		place Place
		want  string
	}{
		{Place{Longitude: &lon, Latitude: &lat}, "SP Wilmergasse /"},
		{Place{Longitude: &lon, Latitude: &lat, Name: "Bremen"}, "SP Wilmergasse / Bremen"},
		{Place{Longitude: &lon, Latitude: &lat, Name: "13.7403693, 51.0614998"}, "SP Wilmergasse /"},
		{Place{Longitude: &lon, Latitude: &lat, Text: "N 51° 03.689' O 13° 44.422'"}, "SP Wilmergasse /"},
		{Place{Longitude: &lon, Latitude: &lat, Name: "Stadtpark"}, "Stadtpark /"},
		{Place{Longitude: &lon, Latitude: &lat, Text: "Wilmergasse 3, 48143 Münster"}, "Wilmergasse 3 / Münster"},
	} {
		o, reason := u.understand(&Record{Key: "k", Title: "SP Wilmergasse", Place: &c.place})
		if reason != "" {
			t.Fatal(reason)
		}
		locality := ""
		if o.Place.Locality != nil {
			locality = *o.Place.Locality
		}
		if got := strings.TrimSpace(o.Place.Name + " / " + locality); got != c.want || len(o.CategorySlugs) != 1 || o.CategorySlugs[0] != "spielplatz" {
			t.Errorf("%+v: %s %v, want %s", c.place, got, o.CategorySlugs, c.want)
		}
	}
}
