package dedupe

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"umland/ent"
)

func pointer[T any](v T) *T { return &v }

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, ent.Berlin)
	if err != nil {
		panic(err)
	}
	return t
}

func TestFromOffering(t *testing.T) {
	t.Parallel()
	source := uuid.New()
	end := at("2026-12-05 20:00").UTC()
	c := FromOffering(&ent.Offering{
		Kind: ent.KindEvent, Title: "Adventsmarkt Brück", Summary: pointer("Buden"), Description: pointer("Und Lichter"), AGS: "12069020",
		SourceID: &source, SourceURL: pointer("https://amt.example/1"), Links: []ent.Link{{URL: "https://verein.example/2"}},
		Schedule: &ent.Schedule{Start: at("2026-12-05 14:00").UTC(), End: &end, TimeZone: "Europe/Berlin", RRule: pointer("FREQ=YEARLY")},
		Place:    &ent.Place{Name: "Markt", Street: pointer("Markt 1"), Locality: pointer("Brück"), AGS: "12069076", Longitude: pointer(12.7), Latitude: pointer(52.2)},
		Provider: &ent.Provider{Name: "Amt Brück", Website: pointer("https://amt.example"), Contact: &ent.Contact{Phone: pointer("033844 66969"), Email: pointer("amt@amt.example")}},
		Contact:  &ent.Contact{Email: pointer("markt@amt.example")},
	})
	if c.Source != source.String() || c.Text != "Buden\nUnd Lichter" || c.AGS != "12069076" || c.Locality != "Brück" || !c.located() || c.Organiser != "Amt Brück" ||
		c.Phone != "033844 66969" || c.Email != "markt@amt.example" || len(c.URLs) != 2 || c.RRule != "FREQ=YEARLY" {
		t.Errorf("%+v", c)
	}
	if c.Start.Hour() != 14 || c.End.Hour() != 20 {
		t.Errorf("from %s to %s: not on the wall clock of the zone", c.Start, c.End)
	}
	if bare := FromOffering(&ent.Offering{Title: "Wohngeld", AGS: "12069020"}); bare.AGS != "12069020" || !bare.Start.IsZero() || bare.Source != "" {
		t.Errorf("%+v", bare)
	}
}

// What parts two candidates for sure, each beside a pair that is the same but for that.
func TestVetoes(t *testing.T) {
	t.Parallel()
	base := Candidate{
		Kind: ent.KindEvent, Title: "Herbstkonzert des Musikvereins", Start: at("2026-10-10 19:00"), End: at("2026-10-10 21:00"), PlaceName: "Bürgerhaus", Street: "Rosenweg 49",
		Locality: "Wiesenburg", AGS: "12069665", Organiser: "Musikverein Wiesenburg", Longitude: pointer(12.45), Latitude: pointer(52.11), URLs: []string{"https://musik.example/herbst"},
	}
	if v := Score(base, base); !v.Same || v.Score < .95 {
		t.Fatalf("%+v", v)
	}
	for _, tt := range []struct {
		name   string
		change func(*Candidate)
		field  string
	}{
		{"another day", func(c *Candidate) { c.Start, c.End = c.Start.AddDate(0, 0, 7), c.End.AddDate(0, 0, 7) }, "time"},
		{"another hour", func(c *Candidate) { c.Start, c.End = c.Start.Add(-3*time.Hour), c.End.Add(-3*time.Hour) }, "time"},
		{"the one after it", func(c *Candidate) { c.Start, c.End = c.End, c.End.Add(time.Hour) }, "time"},
		{"a series", func(c *Candidate) { c.RRule = "FREQ=WEEKLY;BYDAY=SA" }, "time"},
		{"without a date", func(c *Candidate) { c.Start, c.End = time.Time{}, time.Time{} }, "time"},
		{"far away", func(c *Candidate) { c.Longitude, c.Locality = pointer(12.9), "" }, "place"},
		{"the next village", func(c *Candidate) { c.Locality, c.Longitude = "Reetz", nil }, "place"},
		{"another room", func(c *Candidate) { c.PlaceName = "Raum 3" }, ""},
		{"same source", func(c *Candidate) { c.Source = "amt" }, ""},
		{"a service", func(c *Candidate) { c.Kind = ent.KindService }, "details"},
		{"for others", func(c *Candidate) { c.Title = "Herbstkonzert der Kinder" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, b := base, base
			switch tt.name {
			case "another room":
				a.PlaceName = "Raum 2"
			case "same source":
				a.Source = "amt"
			case "for others":
				a.Title = "Herbstkonzert der Senioren"
			}
			tt.change(&b)
			v := Score(a, b)
			if v.Same || v.Score > vetoed {
				t.Errorf("%+v", v)
			}
			if last := v.Reasons[len(v.Reasons)-1]; tt.field != "" && last.Field != tt.field || last.Score != 0 {
				t.Errorf("the reason is %+v", last)
			}
		})
	}
}

// Titles with the words that are left of them.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ title, want string }{
		{"Veranstaltung: Brücker Adventsmarkt!", "brucker weihnachtsmarkt"},
		{"BRUECKER ADVENTSMARKT", "brucker weihnachtsmarkt"},
		{"ABGESAGT: Lesung am 5.12.2026, 19:30 Uhr", "lesung"},
		{"Konzert 19 Uhr", "konzert"},
		{"Yoga, Kurs 02", "yoga kurs #2"},
		{"Heimatgeschichte Teil II", "heimatgeschichte teil #2"},
		{"Heimatgeschichte, Teil I", "heimatgeschichte teil #1"},
		{"Kinderturnen für Drei- bis Sechsjährige", "kinderturnen #3 #6"},
		{"Kinderturnen 3–6 Jahre", "kinderturnen #3 #6"},
		{"FFW Lüsse e. V.", "freiwillige feuerwehr lusse"},
		{"F1-Jugend", "#f1 jugend"},
		{"Neue Quelle, Museum, Israel", "neue quelle museum isral"},
		{"Smartphone 60 plus", "smartphone senioren"},
		{"100 Jahre Feuerwehr", "#100 feuerwehr"},
		{"Dorffest 2027", "dorffest"},
		{" – ", ""},
	} {
		var got []string
		for _, w := range words(tt.title) {
			if w.id {
				w.s = "#" + w.s
			}
			got = append(got, w.s)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%q: %q, want %q", tt.title, s, tt.want)
		}
	}
}

// Whatever comes in, the answer comes soon and in bounds.
func TestHostile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Ä„ ", 1<<18)
	for _, s := range []string{"", "\x00\xff\xfe", long, strings.Repeat("1.", 1<<18), strings.Repeat("e v ", 1<<16), "ſİ\u0300\u0300ẞ漢字", ":(,:(", "„“", "„", "19.", "jährig", "sjährig"} {
		c := Candidate{
			Kind: ent.KindEvent, Title: s, Text: s, PlaceName: s, Street: s, Locality: s, Organiser: s, Website: s, Phone: s, Email: s, URLs: []string{s, "http://[::1", "https://a.example/" + s},
			Start: at("2026-10-10 19:00"), RRule: s, AGS: s,
		}
		other := Candidate{Kind: ent.KindEvent, Title: "Konzert", Start: at("2026-10-10 19:00"), RRule: "FREQ=WEEKLY;COUNT=999999999;BYDAY=X,MOMO;UNTIL=ä", AGS: "12069020"}
		start := time.Now()
		for _, pair := range [][2]Candidate{{c, c}, {c, other}, {other, other}} {
			for _, r := range Score(pair[0], pair[1]).Reasons {
				if len(r.Text) > 600 || !utf8.ValidString(r.Text) && utf8.ValidString(s) {
					t.Errorf("a reason of %d bytes", len(r.Text))
				}
			}
		}
		keys := Keys(c)
		if len(keys) > MaxKeys || slices.ContainsFunc(keys, func(k string) bool { return len(k) > 40 }) {
			t.Errorf("%.60q: %q", s, keys)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%.20q took %s", s, d)
		}
	}
}

func TestBest(t *testing.T) {
	t.Parallel()
	day := at("2026-12-05 00:00").UTC()
	own := &ent.Offering{
		Title: "Brücker Adventsmarkt", Schedule: &ent.Schedule{Start: at("2026-12-05 14:00").UTC(), TimeZone: "Europe/Berlin"},
		Place: &ent.Place{Name: "Markt"}, Description: pointer("Brücker Adventsmarkt"), Contact: &ent.Contact{Phone: pointer("033844 66969")},
	}
	town := &ent.Offering{
		Title: "ADVENTSMARKT BRÜCK", Schedule: &ent.Schedule{Start: day, AllDay: true, TimeZone: "Europe/Berlin"},
		Place: &ent.Place{Name: "Marktplatz", Street: pointer("Markt 1"), Longitude: pointer(12.7), Latitude: pointer(52.2)}, Price: ent.Price{Free: pointer(true)},
		Wheelchair: ent.AnswerUnknown,
	}
	portal := &ent.Offering{
		Title: "Adventsmarkt in Brück", Schedule: &ent.Schedule{Start: at("2026-12-05 13:00").UTC(), End: pointer(at("2026-12-05 20:00").UTC()), TimeZone: "Europe/Berlin"},
		Description: pointer("Am zweiten Advent öffnen dreißig Buden rund um die Kirche."), Summary: pointer("Dreißig Buden …"),
		Images: []ent.Image{{URL: "https://bild.example/1.jpg"}}, Wheelchair: ent.AnswerYes, CategorySlugs: []string{"maerkte"},
	}
	want := map[string]int{
		"title": 0, "schedule": 0, "place": 1, "description": 2, "summary": 2, "price": 1, "contact": 0, "images": 2, "wheelchair": 2, "categories": 2,
	}
	got := map[string]int{}
	for _, c := range Best([]Record{{own, RankOrganiser}, {town, RankMunicipality}, {portal, RankCollector}}) {
		if _, twice := got[c.Field]; twice || c.Why == "" {
			t.Errorf("%+v", c)
		}
		got[c.Field] = c.Record
	}
	for field, record := range want {
		if r, ok := got[field]; !ok || r != record {
			t.Errorf("%s from %d (%v), want %d", field, r, ok, record)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	// An all-day record of the nearest source gives way to one that knows the time.
	town2 := &ent.Offering{Title: "Adventsmarkt", Schedule: &ent.Schedule{Start: day, AllDay: true, TimeZone: "Europe/Berlin"}}
	for _, c := range Best([]Record{{town2, RankOrganiser}, {portal, RankCollector}}) {
		if c.Field == "schedule" && c.Record != 1 {
			t.Errorf("%+v", c)
		}
	}
	if len(Best(nil)) != 0 {
		t.Error("something from nothing")
	}
}
