package register

import (
	"cmp"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

func loadBoundaries(t testing.TB) *Boundaries {
	t.Helper()
	b, err := LoadBoundaries()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLocate(t *testing.T) {
	t.Parallel()
	b := loadBoundaries(t)
	_, byAGS := load(t)
	for _, c := range []struct {
		place               string
		longitude, latitude float64
		ags                 string // "" where there is none
		name                string
	}{
		{"Bad Belzig, market", 12.5955, 52.1421, "12069020", "Bad Belzig"},
		{"Brandis, market", 12.6090, 51.3350, "14729070", "Brandis"},
		{"Moers, castle", 6.6245, 51.4500, "05170024", "Moers"},
		{"Kleve, Schwanenburg", 6.1400, 51.7870, "05154036", "Kleve"},
		{"Würzburg, Residenz", 9.9390, 49.7928, "09663000", "Würzburg"},
		{"Höchberg, beside Würzburg", 9.8830, 49.7850, "09679147", "Höchberg"},
		{"Veitshöchheim, beside Würzburg", 9.8800, 49.8310, "09679202", "Veitshöchheim"},
		{"Bremen, Roland", 8.8072, 53.0759, "04011000", "Bremen"},
		{"Bremerhaven, Havenwelten", 8.5780, 53.5420, "04012000", "Bremerhaven"},
		{"Berlin, Alexanderplatz", 13.4132, 52.5219, "11000000", "Berlin"},
		{"Hamburg, town hall", 9.9927, 53.5503, "02000000", "Hamburg"},
		{"München, Marienplatz", 11.5755, 48.1374, "09162000", "München"},
		{"Köln, cathedral", 6.9583, 50.9413, "05315000", "Köln"},
		{"Dresden, Frauenkirche", 13.7416, 51.0519, "14612000", "Dresden"},
		{"Görlitz, Obermarkt", 14.9850, 51.1555, "14626110", "Görlitz"},
		{"Aachen, cathedral", 6.0839, 50.7747, "05334002", "Aachen"},
		{"Saarbrücken, St. Johanner Markt", 6.9969, 49.2340, "10041100", "Saarbrücken"},
		{"Flensburg, Südermarkt", 9.4360, 54.7810, "01001000", "Flensburg"},
		{"Helgoland, an island of a district on land", 7.8840, 54.1815, "01056025", "Helgoland"},
		{"Büsingen, an exclave in Switzerland", 8.6900, 47.6985, "08335015", "Büsingen am Hochrhein"},
		{"Garding, an enclave", 8.7800, 54.3300, "01054036", "Garding"},
		{"around Garding", 8.7790, 54.3150, "01054035", "Kirchspiel Garding"},
		{"Clausthal, an enclave in the Harz", 10.3400, 51.8100, "03153018", "Clausthal-Zellerfeld"},
		{"Herrenchiemsee, an island in an unincorporated lake", 12.3995, 47.8606, "09187123", "Chiemsee"},
		{"the lake around it", 12.4700, 47.8900, "09189451", "Chiemsee (See)"},

		{"Eisenach, joined a district", 10.3200, 50.9750, "16063105", "Eisenach"},
		{"Ostrau, merged", 13.1600, 51.2050, "14522275", "Jahnatal"},
		{"Lutter am Barenberge, merged", 10.2690, 51.9880, "03153019", "Langelsheim"},
		{"Bickenriede, of a municipality that was divided", 10.3500, 51.2670, "16061118", "Dingelstädt"},
		{"Dörna, of the same", 10.3683, 51.2381, "16064071", "Unstruttal"},
		{"Eigenrieden, of another", 10.3269, 51.2097, "16064046", "Mühlhausen/Thüringen"},
		{"Zaunröden, of a third", 10.4864, 51.3342, "16064071", "Unstruttal"},
		{"the fields of Hallungen, which joined across a district border", 10.3300, 51.1420, "16064074", "Südeichsfeld"},

		{"Strasbourg, Münster", 7.7510, 48.5818, "", ""},
		{"Salzburg, Festung", 13.0470, 47.7950, "", ""},
		{"Schaffhausen, beside Büsingen", 8.6340, 47.6960, "", ""},
		{"the North Sea", 7.0, 54.5, "", ""},
		{"swapped", 52.1421, 12.5955, "", ""},
		{"nowhere", 0, 0, "", ""},
		{"beyond the earth", 1e300, -1e300, "", ""},
		{"no longitude", math.NaN(), 52, "", ""},
		{"no latitude", 12, math.NaN(), "", ""},
		{"infinite", math.Inf(1), 52, "", ""},
		{"infinite to the south", 12, math.Inf(-1), "", ""},
	} {
		ags, ok := b.Locate(c.longitude, c.latitude)
		if ags != c.ags || ok != (c.ags != "") {
			t.Errorf("%s: %q %v, want %q", c.place, ags, ok, c.ags)
		}
		if c.ags != "" && (byAGS[c.ags] == nil || byAGS[c.ags].Name != c.name) {
			t.Errorf("%s: %s is not %q", c.place, c.ags, c.name)
		}
	}
}

func TestLocateNear(t *testing.T) {
	t.Parallel()
	b := loadBoundaries(t)
	const kehl, würzburg, höchberg = "08317057", "09663000", "09679147"
	for _, c := range []struct {
		what                string
		longitude, latitude float64
		home                string
		tolerance           float64
		ags                 string
	}{
		{"inside home", 9.9390, 49.7928, würzburg, 1, würzburg},
		{"inside another, home too far", 9.9390, 49.7928, höchberg, 1, würzburg},
		{"inside another, home within reach", 9.9390, 49.7928, höchberg, 5, höchberg},
		{"abroad, home within reach", 7.7510, 48.5818, kehl, 5, kehl},
		{"abroad, home too far", 7.7510, 48.5818, kehl, 1, ""},
		{"no tolerance", 9.9390, 49.7928, höchberg, 0, würzburg},
		{"a tolerance below zero", 9.9390, 49.7928, höchberg, -5, würzburg},
		{"no number for a tolerance", 9.9390, 49.7928, höchberg, math.NaN(), würzburg},
		{"no home", 9.9390, 49.7928, "", 5, würzburg},
		{"an unknown home", 9.9390, 49.7928, "99999999", 5, würzburg},
		{"a home without a boundary", 12.1, 54.35, "13000999", 5, ""},
		{"no point", math.NaN(), 49.7928, würzburg, 1, ""},
		{"an infinite point", 9.9, math.Inf(1), würzburg, 1, ""},
	} {
		ags, ok := b.LocateNear(c.longitude, c.latitude, c.home, c.tolerance)
		if ags != c.ags || ok != (c.ags != "") {
			t.Errorf("%s: %q %v, want %q", c.what, ags, ok, c.ags)
		}
	}
}

// TestBoundariesFitRegister holds that every boundary is of a municipality in the register, that nearly every municipality
// has one, and that the register's own points lie in them.
func TestBoundariesFitRegister(t *testing.T) {
	t.Parallel()
	b := loadBoundaries(t)
	list, byAGS := load(t)
	if !slices.IsSorted(b.ags) {
		t.Error("not in the order of the AGS")
	}
	for _, ags := range b.ags {
		if byAGS[ags] == nil {
			t.Errorf("%s is not in the register", ags)
		}
	}
	var without []string
	outside, far := 0, 0
	for _, m := range list {
		i, found := slices.BinarySearch(b.ags, m.AGS)
		if !found {
			without = append(without, m.AGS)
			continue
		}
		if ags, _ := b.Locate(m.Longitude, m.Latitude); ags == m.AGS {
			continue
		}
		outside++
		if d := b.distance(i, m.Longitude, m.Latitude); d > 1 {
			far++
			t.Logf("%s %s: the register's point is %.2f km off", m.AGS, m.Name, d)
		} else if ags, _ := b.LocateNear(m.Longitude, m.Latitude, m.AGS, 1); ags != m.AGS {
			t.Errorf("%s %s: %q is near its own point", m.AGS, m.Name, ags)
		}
	}
	if want := []string{"07000999", "10042999", "13000999"}; !slices.Equal(without, want) {
		t.Errorf("without a boundary: %v, want %v", without, want)
	}
	// The one far off is Chiemsee, a municipality of islands whose point lies in the lake between them.
	if outside > 27 || far > 1 {
		t.Errorf("%d points outside their boundary, %d by more than 1 km", outside, far)
	}
}

// TestSuccessorAreas holds the boundaries of municipalities that took in others, or were made from them, to the area that
// the register gives them: within an eighth or 1.5 km², for both the lines and the cuts are coarse.
func TestSuccessorAreas(t *testing.T) {
	t.Parallel()
	b := loadBoundaries(t)
	_, byAGS := load(t)
	for _, ags := range []string{
		"01059126", "03153019", "06635001", "07232503", "09273137", "09374129", "09473158", "09475112", "09479159",
		"09479166", "09672163", "12073532", "13071006", "13071043", "14522275", "16061045", "16061118", "16061119",
		"16063104", "16063105", "16064046", "16064071", "16064074", "16064076", "16066042", "16067092", "16068064",
		"16071004", "16076003", "16076039", "16076094",
	} {
		m := byAGS[ags]
		got := areaKm2(b.Polygon(ags))
		if off := math.Abs(got - m.AreaKm2); off > 1.5 && off > m.AreaKm2/8 {
			t.Errorf("%s %s: %.2f km², in the register %.2f", ags, m.Name, got, m.AreaKm2)
		}
	}
}

func areaKm2(p orb.MultiPolygon) float64 {
	narrow := math.Cos(p.Bound().Center().Lat() * math.Pi / 180)
	return planar.Area(p) * kmPerDegree * kmPerDegree * narrow
}

// TestOneMunicipalityAPoint asks every boundary without the grid: a point lies in one at most, and Locate names it. Every
// fourth point is a vertex, where several meet.
func TestOneMunicipalityAPoint(t *testing.T) {
	t.Parallel()
	b := loadBoundaries(t)
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for k := range 4000 {
		x := float64(b.bounds.west) + random.Float64()*float64(b.bounds.east-b.bounds.west)
		y := float64(b.bounds.south) + random.Float64()*float64(b.bounds.north-b.bounds.south)
		if k%4 == 0 {
			p := b.points[random.IntN(len(b.points))]
			x, y = float64(p.x), float64(p.y)
		}
		longitude, latitude := x/unit, y/unit
		var all []string
		for i := range b.ags {
			if b.contains(i, longitude*unit, latitude*unit) {
				all = append(all, b.ags[i])
			}
		}
		got, ok := b.Locate(longitude, latitude)
		if len(all) > 1 || ok != (len(all) == 1) || ok && got != all[0] {
			t.Fatalf("%v %v: Locate gives %q, in all %v", longitude, latitude, got, all)
		}
		found += len(all)
	}
	if found < 2000 {
		t.Errorf("only %d points were in Germany", found)
	}
}

func TestPolygon(t *testing.T) {
	t.Parallel()
	b := loadBoundaries(t)
	for _, unknown := range []string{"", "99999999", "13000999"} {
		if p := b.Polygon(unknown); p != nil {
			t.Errorf("%q has a polygon", unknown)
		}
	}
	holes, several := 0, 0
	for _, ags := range b.ags {
		p := b.Polygon(ags)
		if len(p) == 0 {
			t.Errorf("%s has no polygon", ags)
		}
		if len(p) > 1 {
			several++
		}
		for _, part := range p {
			for i, ring := range part {
				want := orb.CCW
				if i > 0 {
					want = orb.CW
					holes++
					if !planar.RingContains(part[0], ring[0]) {
						t.Errorf("%s: hole %d lies outside", ags, i)
					}
				}
				if len(ring) < 4 || !ring.Closed() || ring.Orientation() != want {
					t.Errorf("%s: ring %d of %d points, closed %v, orientation %v", ags, i, len(ring), ring.Closed(), ring.Orientation())
				}
			}
		}
	}
	if holes < 20 || several < 200 {
		t.Errorf("%d holes, %d municipalities of several parts", holes, several)
	}
	// What an enclave's hole leaves out, the enclave fills.
	around, within := b.Polygon("01054035"), b.Polygon("01054036")
	if middle, _ := planar.CentroidArea(within); planar.MultiPolygonContains(around, middle) {
		t.Error("Kirchspiel Garding contains Garding")
	}
}

func TestDecodeRefusesBrokenInput(t *testing.T) {
	t.Parallel()
	raw, err := content("data/boundaries.bin.gz")
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{nil, {0}, raw[:1], raw[:1000], raw[:len(raw)-1], append(slices.Clone(raw), 1)} {
		if err := new(Boundaries).decode(broken); err == nil {
			t.Errorf("%d bytes were accepted", len(broken))
		}
	}
}

func BenchmarkLoadBoundaries(b *testing.B) {
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	kept := loadBoundaries(b)
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		if _, err := LoadBoundaries(); err != nil {
			b.Fatal(err)
		}
	}
	runtime.KeepAlive(kept)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "kept-MB")
}

func BenchmarkLocate(b *testing.B) {
	boundaries := loadBoundaries(b)
	list, _ := load(b)
	list = slices.Clone(list)
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	b.Run("everywhere", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m := list[i%len(list)]
			boundaries.Locate(m.Longitude, m.Latitude)
		}
	})
	b.Run("near", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m := list[i%len(list)]
			boundaries.LocateNear(m.Longitude, m.Latitude, list[(i+1)%len(list)].AGS, 1)
		}
	})
	b.Run("fullest cell", func(b *testing.B) {
		cell := slices.MaxFunc(indices(len(boundaries.cells)-1), func(i, j int) int {
			return cmp.Compare(boundaries.cells[i+1]-boundaries.cells[i], boundaries.cells[j+1]-boundaries.cells[j])
		})
		x := boundaries.bounds.west + int32(cell)%boundaries.columns*cellSize + cellSize/2
		y := boundaries.bounds.south + int32(cell)/boundaries.columns*cellSize + cellSize/2
		b.ReportMetric(float64(boundaries.cells[cell+1]-boundaries.cells[cell]), "candidates")
		for b.Loop() {
			boundaries.Locate(float64(x)/unit, float64(y)/unit)
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
