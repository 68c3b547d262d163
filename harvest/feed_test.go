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
