package harvest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	fixtureFiles(t, CSV{})
}

// What cities publish: playgrounds in Windows-1252 with latitude and longitude exchanged, give-boxes, a culture night.
func TestCSVRealTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file                string
		options             map[string]string
		records, refusals   int
		title, place        string // of the first
		latitude, longitude float64
	}{
		{"csv/muenster-spielplaetze.csv", nil, 291, 0, "Sp Fichtenweg", "", 51.910707342856689, 7.657179640933186},
		{"csv/muenster-giveboxen.csv", nil, 26, 0, "Christuskirche", "", 51.942209, 7.623405},
		{"csv/flensburg-kulturnacht-2024.csv", map[string]string{"title": "event_title"}, 24, 0, "Nachttauchgang durchs Museum", "Tauchermuseum", 54.807031087302406, 9.428472890970438},
	} {
		body := fixtureShared(t, c.file)
		if body == nil {
			continue
		}
		got := fixtureRead(t, CSV{}, bytes.NewReader(body), "https://example.org/x.csv", c.options)
		if got.Error != "" || len(got.Records) != c.records || len(got.Refusals) != c.refusals {
			t.Errorf("%s: %d records, refused %v, error %q", c.file, len(got.Records), got.Refusals, got.Error)
			continue
		}
		first := got.Records[0]
		if first.Title != c.title || first.Place.Name != c.place || *first.Place.Latitude != c.latitude || *first.Place.Longitude != c.longitude || first.Kind != ent.KindFacility {
			t.Errorf("%s: %+v at %+v", c.file, first, first.Place)
		}
		for _, r := range got.Records {
			if strings.ContainsAny(r.Title, "\ufffd") || r.Place.Latitude == nil || *r.Place.Latitude < valueGermanLow {
				t.Errorf("%s: %s %q at %+v", c.file, r.Item, r.Title, r.Place)
			}
		}
	}
}

// A table that comes slowly is read row by row, and what ends the run ends the reading.
func TestCSVStreams(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = w.WriteString("Titel;Beginn\n")
		for i := 0; ctx.Err() == nil; i++ {
			if _, err := fmt.Fprintf(w, "Fest %d;12.05.2026\n", i); err != nil {
				return
			}
		}
		_ = w.Close()
	}()
	result := &fixtureResult{}
	feed := fixtureFeed(r, "https://example.org/x.csv", nil, result)
	emitted := 0
	feed.Emit = func(*Record) error {
		if emitted++; emitted == 3_000 {
			cancel()
		}
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- (CSV{}).Read(ctx, feed) }()
	select {
	case err := <-done:
		if err != context.Canceled {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("goes on after its end")
	}
}

func BenchmarkCSV(b *testing.B) {
	const rows = 20_000
	var table bytes.Buffer
	table.WriteString("Nr.;Titel;Datum von;Uhrzeit;Datum bis;Veranstaltungsort;Straße;Hausnummer;PLZ;Ort;Kategorie;Beschreibung;Eintritt;lat;lon\r\n")
	for i := range rows {
		fmt.Fprintf(&table, "%d;Konzert in der Kirche %d;12.%02d.2026;19:00 - 21:30 Uhr;;Dorfkirche;Hauptstraße;%d;14822;Linthe;Musik, Kirche;\"Es singt der \"\"Chor\"\" des Ortes; Eintritt frei.\";frei;52,14;12,59\r\n", i, i, i%12+1, i%90+1)
	}
	b.SetBytes(int64(table.Len()))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		feed := fixtureFeed(bytes.NewReader(table.Bytes()), "https://example.org/x.csv", nil, &fixtureResult{})
		feed.Emit = func(*Record) error { n++; return nil }
		if err := (CSV{}).Read(context.Background(), feed); err != nil || n != rows {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "items/s")
}
