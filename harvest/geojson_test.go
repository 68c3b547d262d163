package harvest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"umland/ent"
)

func TestGeoJSON(t *testing.T) {
	t.Parallel()
	fixtureFiles(t, GeoJSON{})
}

// All market files are understood: each market has its hours, its place and where the data come from.
func TestGeoJSONMarkets(t *testing.T) {
	t.Parallel()
	total := 0
	for city, markets := range map[string]int{
		"bonn": 11, "bottrop": 5, "bremen": 39, "bretten": 1, "chemnitz": 2, "cottbus": 7, "dresden": 10, "essen": 26, "karlsruhe": 19,
		"kassel": 3, "kiel": 12, "kleve": 4, "konstanz": 2, "moers": 5,
	} {
		body := fixtureShared(t, "geojson/wochenmarkt-"+city+".json")
		if body == nil {
			return
		}
		got := fixtureRead(t, GeoJSON{}, bytes.NewReader(body), "https://example.org/x.json", nil)
		if got.Error != "" || len(got.Records) != markets || len(got.Refusals) != 0 {
			t.Errorf("%s: %d records, refused %v, error %q", city, len(got.Records), got.Refusals, got.Error)
		}
		for _, r := range got.Records {
			total++
			if r.Hours == "" || r.Place == nil || r.Place.Latitude == nil || r.Attribution == "" || r.Kind != ent.KindFacility || !slices.Contains(r.Tags, "amenity=marketplace") {
				t.Errorf("%s: %q %+v", city, r.Title, r.Place)
			}
		}
	}
	if total != 146 {
		t.Errorf("%d markets", total)
	}
}

func TestGeoJSONRealFeatures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file     string
		features int
		street   string
		tags     []string
	}{
		{"geojson/muenster-spielplaetze.geojson", 332, "", nil},
		{"geojson/muenster-sportstaetten.geojson", 209, "Am Berg Fidel 51", []string{"Turn- und Sporthallen", "Krafträume"}},
	} {
		body := fixtureShared(t, c.file)
		if body == nil {
			continue
		}
		got := fixtureRead(t, GeoJSON{}, bytes.NewReader(body), "https://example.org/x.json", nil)
		if got.Error != "" || len(got.Records)+len(got.Refusals) != c.features {
			t.Errorf("%s: %d records, refused %v, error %q", c.file, len(got.Records), got.Refusals, got.Error)
			continue
		}
		first := got.Records[0]
		if first.Place.Street != c.street || !slices.Equal(first.Tags, c.tags) {
			t.Errorf("%s: %+v at %+v", c.file, first, first.Place)
		}
	}
}

func TestGeoJSONInside(t *testing.T) {
	t.Parallel()
	horseshoe := orb.Polygon{{{0, 0}, {10, 0}, {10, 10}, {9, 10}, {9, 1}, {1, 1}, {1, 10}, {0, 10}, {0, 0}}}
	if p := geojsonInside(horseshoe); !(p[0] > 0 && p[0] < 1 || p[0] > 9 && p[0] < 10) {
		t.Errorf("%v is not inside", p)
	}
	if p := geojsonInside(orb.Polygon{{{0, 0}, {2, 0}, {2, 2}, {0, 2}, {0, 0}}}); p != (orb.Point{1, 1}) {
		t.Errorf("the centre is %v", p)
	}
	if p := geojsonInside(orb.Polygon{{{3, 4}}}); p != (orb.Point{3, 4}) {
		t.Errorf("no area: %v", p)
	}
}

// A line of thirty thousand points is kept in a form that an offering may have.
func TestGeoJSONLongLine(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	body.WriteString(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Fernradweg"},"geometry":{"type":"LineString","coordinates":[[12,52]`)
	for i := range 30_000 {
		fmt.Fprintf(&body, ",[%.6f,%.6f]", 12+float64(i)/1e5, 52+math.Sin(float64(i)/100)/100)
	}
	body.WriteString(`]}}]}`)
	got := fixtureRead(t, GeoJSON{}, &body, "https://example.org/x.json", nil)
	if len(got.Records) != 1 {
		t.Fatalf("%+v", got)
	}
	tour := got.Records[0].Details.Tour
	if tour == nil || tour.Means != ent.MeansCycling || len(tour.Line) < 1000 || len(tour.Line) > ent.MaxLine || *tour.LengthKm < 20 {
		t.Errorf("%+v", tour)
	}
}

func BenchmarkGeoJSON(b *testing.B) {
	const features = 20_000
	var body bytes.Buffer
	body.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range features {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"type":"Feature","id":"node/%d","properties":{"name":"Spielplatz %d","leisure":"playground","wheelchair":"yes","addr:street":"Hauptstraße","addr:housenumber":"5","addr:city":"Linthe","opening_hours":"Mo-Su 08:00-20:00"},"geometry":{"type":"Point","coordinates":[12.%d,52.1]}}`, i, i, i)
	}
	body.WriteString(`]}`)
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		feed := fixtureFeed(bytes.NewReader(body.Bytes()), "https://example.org/x.json", nil, &fixtureResult{})
		feed.Emit = func(*Record) error { n++; return nil }
		if err := (GeoJSON{}).Read(context.Background(), feed); err != nil || n != features {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(features*b.N)/b.Elapsed().Seconds(), "items/s")
}
