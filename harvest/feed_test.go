package harvest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRSSGolden(t *testing.T) {
	t.Parallel()
	golden(t, RSS{}, "rss")
}

// News are no events, whatever dates their titles have.
func TestRSSReal(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../shared/data/feeds/rss/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("no ../../shared/data: nothing to read")
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, refused, err := webRead(t, RSS{}, &Feed{}, body)
		if err != nil || len(records) > 0 || len(refused) != strings.Count(string(body), "<item>") {
			t.Errorf("%s: %d records, %d refused, %v", file, len(records), len(refused), err)
		}
		for _, r := range refused {
			if !strings.HasPrefix(r.Message, "Kein Termin: ") {
				t.Errorf("%s: %v", file, r)
			}
		}
	}
}

func TestGermanTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"12.05.2026":                         "2026-05-12",
		"12.05.2026 19:00 Uhr":               "2026-05-12T19:00",
		"12.5.2026, 19.30 Uhr":               "2026-05-12T19:30",
		"Di, 12.05.2026 19:00":               "2026-05-12T19:00",
		"Dienstag, den 12. Mai 2026, 19 Uhr": "2026-05-12T19:00",
		"Sa., 7. März 2026 um 9 Uhr":         "2026-03-07T09:00",
		"1. Dezember 2026":                   "2026-12-01",
		"12.05.2026 - 19:00 Uhr":             "2026-05-12T19:00",
		"12.05.2026 19":                      "",
		"31.02.2026":                         "",
		"05/12/2026":                         "",
		"12.05.26":                           "",
		"am 12.05.2026 im Dorfkrug":          "",
		"12.05.2026 25:00 Uhr":               "",
	} {
		got := ""
		if at, ok := germanTime(text); ok {
			if got = at.wall.Format("2006-01-02T15:04"); at.date {
				got = at.wall.Format("2006-01-02")
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Hostile feeds end, with a reason for what they lose.
func TestRSSHostile(t *testing.T) {
	t.Parallel()
	item := func(s string) string {
		return `<rss version="2.0"><channel><item>` + s + `</item><item><title>Gut</title><start>2026-05-12</start></item></channel></rss>`
	}
	for name, c := range map[string]struct{ body, want string }{
		"a large item":      {item("<title>" + strings.Repeat("x", 2<<20) + "</title>"), "Gut Der Eintrag ist zu groß."},
		"many elements":     {item(strings.Repeat("<a/>", 100_000)), "Gut Der Eintrag ist zu groß."},
		"a deep item":       {item(strings.Repeat("<a>", 3000) + strings.Repeat("</a>", 3000)), "Gut Kein Termin: "},
		"many pieces":       {item("<title>" + strings.Repeat("<![CDATA[x]]><!-- -->", 50_000) + "</title>"), "Gut Kein Termin: "},
		"an entity of HTML": {item("<title>F&uuml;r &unknown; alle</title><start>2026-05-13</start>"), "Für &unknown; alle Gut"},
		"no element":        {"<?xml version='1.0'?>", "Das ist kein RSS- oder Atom-Feed, sondern ein XML-Dokument."},
		"nothing":           {"", "Das ist kein RSS- oder Atom-Feed, sondern eine leere Datei."},
		"a calendar":        {"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "Das ist kein RSS- oder Atom-Feed, sondern ein Kalender (iCal)."},
		"JSON":              {"{}", "Das ist kein RSS- oder Atom-Feed, sondern ein JSON-Dokument."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if text := webSays(t, RSS{}, &Feed{}, c.body); !strings.HasPrefix(text, c.want) {
				t.Errorf("%.300s, want %s", text, c.want)
			}
		})
	}
}

// webSays gives what a format makes of a body in one text: the titles, the reasons of refusals, the error.
func webSays(t *testing.T, format Format, feed *Feed, body string) string {
	t.Helper()
	records, refused, err := webRead(t, format, feed, []byte(body))
	var got []string
	for _, rec := range records {
		got = append(got, rec.Title)
	}
	for _, r := range refused {
		got = append(got, r.Message)
	}
	if err != nil {
		got = append(got, err.Error())
	}
	return strings.Join(got, " ")
}
