package harvest

import (
	"bufio"
	"math"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

func TestValueSchedule(t *testing.T) {
	t.Parallel()
	const at = "2006-01-02T15:04"
	for _, c := range []struct {
		start, startTime, end, endTime string
		want                           string // start, end, "allday"; or the message
	}{
		{"12.05.2026", "", "", "", "2026-05-12T00:00 allday"},
		{"12.5.26", "", "", "", "2026-05-12T00:00 allday"},
		{"12. Mai 2026", "", "", "", "2026-05-12T00:00 allday"},
		{"Dienstag, 12. Mai 2026", "", "", "", "2026-05-12T00:00 allday"},
		{"Di., 12.05.2026, 19 Uhr", "", "", "", "2026-05-12T19:00"},
		{"3. März 2026 um 19.30 Uhr", "", "", "", "2026-03-03T19:30"},
		{"2026-05-12", "", "", "", "2026-05-12T00:00 allday"},
		{"20260512", "", "", "", "2026-05-12T00:00 allday"},
		{"2026-05-12 19:00", "", "", "", "2026-05-12T19:00"},
		{"2026-05-12T19:00:00Z", "", "", "", "2026-05-12T21:00"},
		{"2026-05-12T19:00:00+02:00", "", "2026-05-12T20:00:00+02:00", "", "2026-05-12T19:00 2026-05-12T20:00"},
		{"2026-05-12T23:30:00+02:00", "", "2026-05-12T22:30:00Z", "", "2026-05-12T23:30 2026-05-13T00:30"},
		{"12.05.2026 19:00 - 21:30 Uhr", "", "", "", "2026-05-12T19:00 2026-05-12T21:30"},
		{"12.05.2026 19:00–21:30", "", "", "", "2026-05-12T19:00 2026-05-12T21:30"},
		{"12.05.2026 von 19 bis 21 Uhr", "", "", "", "2026-05-12T19:00 2026-05-12T21:00"},
		{"12.05.2026", "19", "", "21.30", "2026-05-12T19:00 2026-05-12T21:30"},
		{"12.05.2026", "19 Uhr 30", "", "", "2026-05-12T19:30"},
		{"12.05.2026 00:00:00", "19:00:00", "12.05.2026 00:00:00", "21:00:00", "2026-05-12T19:00 2026-05-12T21:00"},
		{"12.05.2026 00:00:00", "", "", "", "2026-05-12T00:00 allday"},
		{"12.05.2026", "22:00", "", "02:00", "2026-05-12T22:00 2026-05-13T02:00"},
		{"12.05.2026", "22:00", "", "24:00", "2026-05-12T22:00 2026-05-13T00:00"},
		{"12.05.2026 - 14.05.2026", "", "", "", "2026-05-12T00:00 2026-05-15T00:00 allday"},
		{"12.-14.05.2026", "", "", "", "2026-05-12T00:00 2026-05-15T00:00 allday"},
		{"28.12. - 03.01.2027", "", "", "", "2026-12-28T00:00 2027-01-04T00:00 allday"},
		{"12.05. bis 14.05.2026", "10-16 Uhr", "", "", "2026-05-12T10:00 2026-05-14T16:00"},
		{"12.05.2026", "ganztägig", "", "", "2026-05-12T00:00 allday"},
		{"46154", "0,791666667", "", "", "2026-05-12T19:00"},
		{"46154,5", "", "", "", "2026-05-12T12:00"},
		{"13/05/2026", "", "", "", "2026-05-13T00:00 allday"},
		{"29.03.2026", "02:30", "", "", "2026-03-29T03:30"},
		{"12.05.2026", "", "11.05.2026", "", "Ende liegt vor Beginn"},
		{"12.05.2026", "19:00", "", "18:00", "Ende liegt vor Beginn"},
		{"12.05.2026 19:00", "", "12.05.2026 18:00", "", "Ende liegt vor Beginn"},
		{"31.04.2026", "", "", "", "den 31.4.2026 gibt es nicht"},
		{"12.05.", "", "", "", "„12.05.“: das Jahr fehlt"},
		{"05/06/2026", "", "", "", "„05/06/2026“ kann Tag/Monat oder Monat/Tag heißen"},
		{"12.05.2026", "25:00", "", "", "„25:00“ ist keine Uhrzeit"},
		{"12.05.2026", "abends", "", "", "„abends“ ist keine Uhrzeit"},
		{"demnächst", "", "", "", "„demnächst“ ist kein Datum"},
		{"19:00", "", "", "", "„19:00“ ist kein Datum"},
		{"12.05.1066", "", "", "", "das Jahr 1066 ist keines von 1900 bis 2200"},
		{"12.05.2026", "", "12.05.2046", "", "der Termin dauert zu lange"},
		{strings.Repeat("1", 200), "", "", "", "„" + strings.Repeat("1", 80) + "…“ ist kein Datum"},
	} {
		got := ""
		s, err := valueSchedule(ent.Berlin, c.start, c.startTime, c.end, c.endTime)
		if err != nil {
			got = err.Error()
		} else {
			got = s.Start.In(ent.Berlin).Format(at)
			if s.End != nil {
				got += " " + s.End.In(ent.Berlin).Format(at)
			}
			if s.AllDay {
				got += " allday"
			}
		}
		if got != c.want {
			t.Errorf("%q %q %q %q: %s, want %s", c.start, c.startTime, c.end, c.endTime, got, c.want)
		}
	}
}

func TestValueNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"51,94": 51.94, "51.94": 51.94, " -3 ": -3, "1.234,5": 1234.5, "1,234.5": 1234.5, "1.234.567,8": 1234567.8, "1 234": 1234, "1e3": 1000,
	} {
		if got, ok := valueNumber(text); !ok || got != want {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "51.942.209", "1,2,3", "inf", "nan", "0x10", "1_000", "e", strings.Repeat("9", 50), "1e999"} {
		if got, ok := valueNumber(text); ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestValueWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"de": "de", "deu": "de", "Deutsch": "de", "de_DE": "de", "en-GB": "en", "Leichte Sprache": "de-simple", "de-LS": "de-simple", "hsb": "hsb", "Klingonisch": "", "": "", "x": "",
	} {
		if got := valueLocale(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]ent.Answer{
		"ja": ent.AnswerYes, "X": ent.AnswerYes, "nein": ent.AnswerNo, "limited": ent.AnswerPartly, "teilweise": ent.AnswerPartly, "vielleicht": "", "": "",
	} {
		if got := valueAnswer(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"www.example.org/a": "https://www.example.org/a", "https://example.org": "https://example.org", "javascript:alert(1)": "", "example.org": "", "http://a b": "", "": "",
	} {
		if got := valueURL(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if long := valueKey(strings.Repeat("ä", 300), "b"); len(long) > valueMaxKey || long == valueKey(strings.Repeat("ä", 300), "c") {
		t.Errorf("%d bytes: %s", len(long), long)
	}
	if got := valueText(" Gr\xfcn\xa0er\r\nWeg\x00 "); got != "Grün er\nWeg" {
		t.Errorf("%q", got)
	}
}

func TestValueHours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Mo-Fr 8-18 Uhr": "Mo-Fr 08:00-18:00", "We, Sa 08:00-13:00": "We,Sa 08:00-13:00",
		"Montag: 8.00 – 12.00 Uhr\nDienstag und Donnerstag 9 bis 12 Uhr": "Mo 08:00-12:00; Tu,Th 09:00-12:00",
		"Mo-Fr 99:00": "", "": "", strings.Repeat("Mo 08:00-09:00; ", 500): "",
	} {
		if got := valueHours(text); got != want {
			t.Errorf("%.80q: %.80q, want %q", text, got, want)
		}
	}
}

func TestValueWeek(t *testing.T) {
	t.Parallel()
	var w valueWeek
	for day := range 5 {
		w.open("", day, 8*60, 12*60)
	}
	w.open("", 3, 14*60, 18*60)
	w.open("", 6, 22*60, 2*60)
	w.closed("", valueHoliday)
	w.open("Dec 24", valueEveryday, 9*60, -1)
	if got, want := w.String(), "Mo-We 08:00-12:00; Th 08:00-12:00,14:00-18:00; Fr 08:00-12:00; Su 22:00-02:00; PH off; Dec 24 09:00+"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := (&valueWeek{}).String(); got != "" {
		t.Errorf("%q", got)
	}
}

// The Marmorpalais in Potsdam stands in a register with both kinds of coordinates.
func TestColumnUTM(t *testing.T) {
	t.Parallel()
	lat, lon := columnUTM(33, 368678, 5808718)
	if math.Abs(lat-52.412904974545) > 0.00001 || math.Abs(lon-13.069187342889) > 0.00001 {
		t.Errorf("%v %v", lat, lon)
	}
	for _, c := range []struct {
		crs  string
		a, b float64
		want string // "" where it is read
	}{
		{"EPSG:25833", 5808718, 368678, ""},
		{"", 368678, 5808718, "UTM-Werte ohne Zone"},
		{"", 33368678, 5808718, ""},
		{"EPSG:31467", 3405248, 5759252, "EPSG:31467"},
		{"", 3405248, 5759252, "Gauß-Krüger"},
		{"", 1e9, 12, "keine Grad"},
	} {
		_, _, err := columnProjected(c.crs, c.a, c.b)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestColumnOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]column{
		"Titel": columnTitle, "Spielplatz-Name": columnTitle, "Bezeichnung / ID": columnTitle, "Adresse (ungefähr)": columnAddress, "Datum von": columnStart, "Straße": columnStreet,
		"Straße / Hausnummer": columnStreet, "E-Mail-Adresse": columnEmail, "addr:postcode": columnPostalCode, "venue_lat": columnLatitude, "Geogr. Breite": columnLatitude,
		"Vor-Name": columnNone, "Größe": columnNone, "Öffnungszeiten": columnHours, "contact:phone": columnPhone, "": columnNone,
	} {
		if got := columnOf(name).column; got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}

func TestValueUTF8(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"\xef\xbb\xbfä", "ä", "\xe4", "\xff\xfe\xe4\x00", "\xfe\xff\x00\xe4"} {
		r := bufio.NewReaderSize(strings.NewReader(body), valueHead)
		head, _ := r.Peek(valueHead)
		got, err := valueReadAll(valueUTF8(r, head))
		if err != nil || string(got) != "ä" {
			t.Errorf("%q: %q %v", body, got, err)
		}
	}
}

func TestValueZone(t *testing.T) {
	t.Parallel()
	for _, zone := range []*time.Location{nil, time.UTC, time.Local} {
		if got := valueZone(&Feed{Zone: zone}); got != ent.Berlin {
			t.Errorf("%v: %v", zone, got)
		}
	}
}

func TestValueYearOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"Sa, 5.12.":                 "2026-12-05",
		"Sa, 5.12., 19 Uhr":         "2026-12-05",
		"Sa. 05.12. 19 Uhr":         "2026-12-05",
		"Samstag, den 5. Dezember":  "2026-12-05",
		"So, 03.01.":                "2027-01-03",
		"So, 04.01.":                "2026-01-04",
		"Sa, 05.12.2027":            "2027-12-05", // as it says
		"5.12.":                     "",           // could be of any year
		"Sa, 31.02.":                "",
		"Samstag":                   "",
		"Sa, 5.12. und So, 6.12.27": "",
	} {
		w, err := valueParseWhen(valueYearOf(text, now))
		got := ""
		if err == nil {
			got = w.day.at(0, time.UTC).Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%q: %q (%v), want %q", text, got, err, want)
		}
	}
}
