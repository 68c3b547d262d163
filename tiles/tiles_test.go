package tiles_test

import (
	"context"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"umland/register"
	"umland/tiles"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for path, ok := range map[string]bool{
		"0/0/0.mvt": true, "16/65535/65535.mvt": true, "8/136/84.mvt": true,
		"17/0/0.mvt": false, "1/2/0.mvt": false, "1/0/2.mvt": false, "1/0/0": false, "1/0/0.png": false, "-1/0/0.mvt": false, "1/0/0/0.mvt": false,
		"01/0/0.mvt": false, "1/0/ 0.mvt": false, "1/0/0x.mvt": false, "": false, "99999999999/0/0.mvt": false,
	} {
		if _, got := tiles.Parse(path); got != ok {
			t.Errorf("%q: %v", path, got)
		}
	}
}

func chart(t *testing.T) *tiles.Map {
	t.Helper()
	b, err := register.LoadBoundaries()
	if err != nil {
		t.Fatal(err)
	}
	return tiles.New(tiles.Boundaries{Within: b.Within, Polygon: b.Polygon, Name: func(ags string) string { return "Name " + ags }})
}

func TestMake(t *testing.T) {
	t.Parallel()
	m := chart(t)
	belzig := orb.Point{12.595, 52.14}
	for _, c := range []struct {
		zoom   maptile.Zoom
		ground string
	}{{0, "districts"}, {5, "districts"}, {7, "districts"}, {8, "boundaries"}, {12, "boundaries"}, {16, "boundaries"}} {
		tile := maptile.At(belzig, c.zoom)
		b, err := m.Make(context.Background(), tile, func(_ context.Context, box orb.Bound, level, limit int) ([]tiles.Point, error) {
			if !box.Contains(belzig) || level <= int(c.zoom) || limit < 1 {
				t.Errorf("asked for %v at %d", box, level)
			}
			return []tiles.Point{{Count: 1, Place: belzig, ID: "off_1", Title: "Burg", Kind: "FACILITY"},
				{Count: 3, Place: belzig, Bounds: orb.Bound{Min: orb.Point{12.5, 52.1}, Max: orb.Point{12.6, 52.2}}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 300_000 {
			t.Errorf("zoom %d has %d bytes", c.zoom, len(b))
		}
		layers, err := mvt.Unmarshal(b)
		if err != nil || len(layers) != 2 || layers[0].Name != "offerings" || layers[1].Name != c.ground || layers[0].Version != 2 {
			t.Fatalf("zoom %d: %v, %d layers", c.zoom, err, len(layers))
		}
		one, several := layers[0].Features[0].Properties, layers[0].Features[1].Properties
		if one["id"] != "off_1" || one["title"] != "Burg" || one["kind"] != "FACILITY" || one["count"] != 1.0 || one["west"] != nil {
			t.Errorf("one: %v", one)
		}
		if several["count"] != 3.0 || several["west"] != 12.5 || several["north"] != 52.2 || several["id"] != nil {
			t.Errorf("several: %v", several)
		}
		layers.ProjectToWGS84(tile)
		if at := layers[0].Features[0].Geometry.(orb.Point); c.zoom > 10 && (at[0]-belzig[0] > 1e-4 || belzig[0]-at[0] > 1e-4) {
			t.Errorf("zoom %d: it lies at %v", c.zoom, at)
		}
		found := c.ground == "districts" && len(layers[1].Features) > 0
		for _, f := range layers[1].Features {
			found = found || f.Properties["ags"] == "12069020" && f.Properties["name"] == "Name 12069020"
			if level, ok := f.Properties["level"]; c.ground == "districts" && (!ok || level != "state" && level != "district") {
				t.Errorf("a border of the level %v", level)
			}
		}
		if !found {
			t.Errorf("zoom %d: not on the map", c.zoom)
		}
	}
}

// The lines of the register's whole map: as many states meet as there are, and no line is cut where it goes on.
func TestBordersAreOfTheRegister(t *testing.T) {
	t.Parallel()
	m := chart(t)
	none := func(context.Context, orb.Bound, int, int) ([]tiles.Point, error) { return nil, nil }
	b, err := m.Make(context.Background(), maptile.New(0, 0, 0), none)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := mvt.Unmarshal(b)
	if err != nil {
		t.Fatal(err)
	}
	layers.ProjectToWGS84(maptile.New(0, 0, 0))
	var bound orb.Bound
	levels := map[any]int{}
	for i, f := range layers[1].Features {
		levels[f.Properties["level"]]++
		if i == 0 {
			bound = f.Geometry.Bound()
		}
		bound = bound.Union(f.Geometry.Bound())
	}
	if bound.Left() < 5 || bound.Right() > 16 || bound.Bottom() < 47 || bound.Top() > 56 || levels["state"] < 20 || levels["district"] < 100 {
		t.Errorf("%v %v", bound, levels)
	}
}

func BenchmarkTile(b *testing.B) {
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		b.Fatal(err)
	}
	m := tiles.New(tiles.Boundaries{Within: boundaries.Within, Polygon: boundaries.Polygon, Name: func(string) string { return "" }})
	none := func(context.Context, orb.Bound, int, int) ([]tiles.Point, error) { return nil, nil }
	for b.Loop() {
		if _, err := m.Make(context.Background(), maptile.New(133, 87, 8), none); err != nil {
			b.Fatal(err)
		}
	}
}
