// Package tiles makes vector tiles (Mapbox Vector Tile specification 2.1, Web Mercator) of what is offered and of the boundaries of
// municipalities.
package tiles

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/simplify"
)

// Bounds of a tile.
const (
	MaxZoom         = 16
	boundariesFrom  = 8     // a tile of a lower zoom would hold too many municipalities to tell them apart
	cellsPerTile    = 3     // 2^3 clusters side by side: 64 pixels each
	cellsPerTileMax = 8     // 2^8 at MaxZoom: what shares a cell there stands at one place
	maxPoints       = 2_000 // in a tile
)

// Point is one offering on the map, or several as one; all places in WGS 84 degrees.
type Point struct {
	Count     int
	Place     orb.Point // their middle
	Bounds    orb.Bound // what holds them all
	ID, Title string    // of the one offering, or of the first
	Kind      string
}

// Points gives what lies in the box, one point for each cell with something in it, of which 2^level lie side by side around the earth.
type Points func(ctx context.Context, box orb.Bound, level, limit int) ([]Point, error)

// Boundaries knows municipalities by their keys (AGS).
type Boundaries struct {
	Within  func(west, south, east, north float64) []string // the keys of those whose bounding box meets the box
	Polygon func(ags string) orb.MultiPolygon               // the outline of one; neighbours share their edges exactly
	Name    func(ags string) string
}

// Map makes tiles. It is safe for concurrent use.
type Map struct {
	Boundaries
	borders func() []border
}

// New gives a map with these boundaries.
func New(b Boundaries) *Map {
	return &Map{b, sync.OnceValue(func() []border { return bordersOf(b) })}
}

// Parse reads `{z}/{x}/{y}.mvt`, as in the path of a tile; ok is false for what is no tile, and beyond MaxZoom.
func Parse(path string) (t maptile.Tile, ok bool) {
	path, ok = strings.CutSuffix(path, ".mvt")
	if !ok {
		return t, false
	}
	var z, x, y uint32
	if n, err := fmt.Sscanf(path, "%d/%d/%d", &z, &x, &y); n != 3 || err != nil || z > MaxZoom || x >= 1<<z || y >= 1<<z || fmt.Sprintf("%d/%d/%d", z, x, y) != path {
		return t, false
	}
	return maptile.New(x, y, maptile.Zoom(z)), true
}

// Make gives the tile, not compressed. Its layer `offerings` has points with count, and either id, title and kind of the one, or, where
// count is more than 1, west, south, east and north. From zoom 8 on its layer `boundaries` has the polygons of municipalities with ags and
// name; below that its layer `districts` has the lines between districts, with the level `district` or `state`.
func (m *Map) Make(ctx context.Context, t maptile.Tile, points Points) ([]byte, error) {
	box := t.Bound()
	level := int(t.Z) + cellsPerTile
	if t.Z == MaxZoom {
		level = MaxZoom + cellsPerTileMax
	}
	found, err := points(ctx, box, level, maxPoints)
	if err != nil {
		return nil, err
	}
	offerings := geojson.NewFeatureCollection()
	for _, p := range found {
		f := geojson.NewFeature(p.Place)
		f.Properties["count"] = p.Count
		if p.Count == 1 {
			f.Properties["id"], f.Properties["title"], f.Properties["kind"] = p.ID, p.Title, p.Kind
		} else {
			f.Properties["west"], f.Properties["south"] = p.Bounds.Left(), p.Bounds.Bottom()
			f.Properties["east"], f.Properties["north"] = p.Bounds.Right(), p.Bounds.Top()
		}
		offerings.Append(f)
	}
	layers := mvt.Layers{mvt.NewLayer("offerings", offerings)}
	layers.ProjectToTile(t)
	var ground *mvt.Layer
	if t.Z >= boundariesFrom {
		ground = mvt.NewLayer("boundaries", m.outlines(box))
	} else {
		ground = mvt.NewLayer("districts", m.districts(box))
	}
	ground.ProjectToTile(t)
	ground.Clip(mvt.MapboxGLDefaultExtentBound)
	// Half a pixel: neighbours, which are simplified apart, still meet.
	ground.Simplify(simplify.DouglasPeucker(4))
	ground.RemoveEmpty(1, 1)
	layers = append(layers, ground)
	for _, l := range layers {
		l.Version = 2
	}
	return mvt.Marshal(layers)
}

func (m *Map) outlines(box orb.Bound) *geojson.FeatureCollection {
	all := geojson.NewFeatureCollection()
	for _, ags := range m.Within(box.Left(), box.Bottom(), box.Right(), box.Top()) {
		outline := m.Polygon(ags)
		for _, polygon := range outline {
			for _, ring := range polygon {
				ring.Reverse() // tiles wind the other way round than GeoJSON
			}
		}
		f := geojson.NewFeature(outline)
		f.Properties["ags"], f.Properties["name"] = ags, m.Name(ags)
		all.Append(f)
	}
	return all
}

func (m *Map) districts(box orb.Bound) *geojson.FeatureCollection {
	all := geojson.NewFeatureCollection()
	for _, b := range m.borders() {
		if b.bound.Intersects(box) {
			f := geojson.NewFeature(orb.Clone(b.line)) // which is projected in place
			f.Properties["level"] = b.level
			all.Append(f)
		}
	}
	return all
}
