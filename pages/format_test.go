package pages

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	end := func(s string) *time.Time { v := at(s); return &v }
	yes, no, five, ten := true, false, 550, 1000_00
	de, en := format{}, format{english: true}
	for _, c := range []struct{ got, want string }{
		{de.number(0), "0"}, {de.number(999), "999"}, {de.number(1234), "1.234"}, {en.number(1234567), "1,234,567"},
		{de.km(3.44), "3,4\u00a0km"}, {de.km(0.04), "0,0\u00a0km"}, {de.km(9.96), "10,0\u00a0km"}, {de.km(123.4), "123\u00a0km"}, {en.km(3.4), "3.4\u00a0km"},
		{de.when(at("2026-11-28 15:00"), end("2026-11-28 17:00"), false), "Sa., 28. November 2026, 15:00–17:00 Uhr"},
		{de.when(at("2026-11-28 09:00"), nil, false), "Sa., 28. November 2026, 9:00 Uhr"},
		{de.when(at("2026-11-28 22:00"), end("2026-11-29 02:00"), false), "Sa., 28. November 2026, 22:00–2:00 Uhr"},
		{de.when(at("2026-11-28 10:00"), end("2026-11-30 18:00"), false), "Sa., 28. November 2026, 10:00 Uhr – Mo., 30. November 2026, 18:00 Uhr"},
		{de.when(at("2026-11-28 00:00"), end("2026-11-29 00:00"), true), "Sa., 28. November 2026"},
		{de.when(at("2026-10-24 00:00"), end("2026-10-27 00:00"), true), "Sa., 24. Oktober 2026 – Mo., 26. Oktober 2026"},
		{en.when(at("2026-11-28 15:00"), end("2026-11-28 17:00"), false), "Sat, 28 November 2026, 15:00–17:00"},
		{de.price(price{Free: &yes}), "kostenlos"}, {de.price(price{Free: &no, Currency: "EUR"}), "kostenpflichtig"}, {de.price(price{}), ""},
		{de.price(price{FromCents: &five, ToCents: &ten, Currency: "EUR"}), "5,50\u00a0€ – 1.000\u00a0€"},
		{en.price(price{FromCents: &five, Currency: "EUR"}), "from 5.50\u00a0€"},
		{de.change(at("2026-11-28 18:00"), at("2026-11-28 12:00")), "18:00 Uhr"}, {de.change(at("2026-11-29 08:00"), at("2026-11-28 12:00")), "morgen 8:00 Uhr"},
		{de.change(at("2026-12-01 08:30"), at("2026-11-28 12:00")), "Dienstag 8:30 Uhr"}, {de.wheelchair("UNKNOWN"), "nicht bekannt"},
		{de.duration(45), "45 Min."}, {de.duration(125), "2:05 Std."}, {de.duration(180), "3 Std."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ now, query, from, to string }{
		{"2026-11-23 12:00", "when=today", "2026-11-23 12:00", "2026-11-24 00:00"},
		{"2026-11-23 12:00", "when=tomorrow", "2026-11-24 00:00", "2026-11-25 00:00"},
		{"2026-11-23 12:00", "when=weekend", "2026-11-28 00:00", "2026-11-30 00:00"},
		{"2026-11-28 12:00", "when=weekend", "2026-11-28 12:00", "2026-11-30 00:00"},
		{"2026-11-29 12:00", "when=weekend", "2026-11-29 12:00", "2026-11-30 00:00"},
		{"2026-10-24 12:00", "day=2026-10-25", "2026-10-25 00:00", "2026-10-26 00:00"}, // 25 hours
		{"2026-11-23 12:00", "day=2026-11-23&when=weekend", "2026-11-23 12:00", "2026-11-24 00:00"},
		{"2026-11-23 12:00", "when=week", "2026-11-23 12:00", "2026-11-30 00:00"},
	} {
		now, _ := time.ParseInLocation("2006-01-02 15:04", c.now, berlin)
		st, err := readState(httptest.NewRequest("GET", "/?"+c.query, nil), now)
		if err != nil {
			t.Fatal(err)
		}
		w, err := st.window()
		if err != nil || w == nil {
			t.Fatal(c, err)
		}
		if from, to := w.from.Format("2006-01-02 15:04"), w.to.Format("2006-01-02 15:04"); from != c.from || to != c.to {
			t.Errorf("%s at %s: %s to %s", c.query, c.now, from, to)
		}
	}
}

// Links keep what the address says, and go back to the beginning of the list.
func TestLinks(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 11, 0, 30, 0, time.UTC)
	st, err := readState(httptest.NewRequest("GET", "/?q=a+b%26c&kind=EVENT&kind=TOUR&lang=en&after=x&at=2026-11-23T10:55Z&nothing=1&km=", nil), now)
	if err != nil {
		t.Fatal(err)
	}
	if got := st.now.Format("15:04"); got != "10:55" {
		t.Errorf("it is %s", got)
	}
	for got, want := range map[string]string{
		st.With("when", "today"):       "/?kind=EVENT&kind=TOUR&lang=en&q=a+b%26c&when=today",
		st.With("q", ""):               "/?kind=EVENT&kind=TOUR&lang=en",
		st.Without("kind", "EVENT"):    "/?kind=TOUR&lang=en&q=a+b%26c",
		st.Switch("de"):                "/?after=x&kind=EVENT&kind=TOUR&q=a+b%26c",
		st.To("/kalender"):             "/kalender?lang=en",
		st.Find("municipality", "123"): "/?lang=en&municipality=123",
		st.Step("after", "y z"):        "/?after=y+z&at=2026-11-23T10%3A55Z&kind=EVENT&kind=TOUR&lang=en&q=a+b%26c",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestPolicyTakesABaseMap(t *testing.T) {
	t.Parallel()
	got, err := policy("https://tiles.example/{z}/{x}/{y}.png")
	if err != nil || !strings.Contains(got, "img-src 'self' data: https://tiles.example;") {
		t.Errorf("%s %v", got, err)
	}
	for _, bad := range []string{"tiles/{z}", "javascript:alert(1)", "https://x;script-src", "https:///a"} {
		if _, err := policy(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// What is drawn fits, says when something is left out, and has no letter that the font has not.
func TestPreviewText(t *testing.T) {
	t.Parallel()
	p, err := newPreviews()
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(p.bold, &opentype.FaceOptions{Size: 62, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		"":                                     nil,
		"Yoga":                                 {"Yoga"},
		"Konzert \U0001F3BA in\tGörzke":        {"Konzert in Görzke"},
		"Der lange Abend der offenen Ateliers": {"Der lange Abend der", "offenen Ateliers"},
		strings.Repeat("Grundstücksverkehrsgenehmigung ", 9): {"Grundstücksverkehr…"},
		strings.Repeat("zwei drei ", 30):                     {"zwei drei zwei drei zwei", "drei zwei drei zwei dr…"},
	} {
		got := wrapped(face, drawable(p.bold, text), 700, 2)
		if !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
		for _, line := range got {
			if font.MeasureString(face, line).Ceil() > 700 {
				t.Errorf("%q is too wide", line)
			}
		}
	}
}
