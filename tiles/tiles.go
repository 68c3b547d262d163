// Package tiles makes vector tiles (Mapbox Vector Tile specification 2.1, Web Mercator) of what is offered and of the boundaries of
// municipalities.
package tiles

import (
	"context"
	"fmt"
	"strings"

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

// Source is where the tiles come from.
type Source struct {
	// Points gives what lies in the box, one point for each cell with something in it, of which 2^level lie side by side around the earth.
	Points func(ctx context.Context, box orb.Bound, level, limit int) ([]Point, error)
	Boundaries
}

// Boundaries knows municipalities by their keys.
type Boundaries struct {
	Within  func(west, south, east, north float64) []string // the keys of those whose bounding box meets the box
	Polygon func(ags string) orb.MultiPolygon               // the outline of one
	Name    func(ags string) string
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
// count is more than 1, west, south, east and north; its layer `boundaries`, from zoom 8 on, has polygons with ags and name.
func (s *Source) Make(ctx context.Context, t maptile.Tile) ([]byte, error) {
	box := t.Bound()
	level := int(t.Z) + cellsPerTile
	if t.Z == MaxZoom {
		level = MaxZoom + cellsPerTileMax
	}
	points, err := s.Points(ctx, box, level, maxPoints)
	if err != nil {
		return nil, err
	}
	offerings := geojson.NewFeatureCollection()
	for _, p := range points {
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
	if t.Z >= boundariesFrom {
		boundaries := mvt.NewLayer("boundaries", s.outlines(box))
		boundaries.ProjectToTile(t)
		boundaries.Clip(mvt.MapboxGLDefaultExtentBound)
		// Half a pixel: neighbours, which are simplified apart, still meet.
		boundaries.Simplify(simplify.DouglasPeucker(4))
		boundaries.RemoveEmpty(1, 1)
		layers = append(layers, boundaries)
	}
	return mvt.Marshal(layers)
}

func (s *Source) outlines(box orb.Bound) *geojson.FeatureCollection {
	all := geojson.NewFeatureCollection()
	for _, ags := range s.Within(box.Left(), box.Bottom(), box.Right(), box.Top()) {
		f := geojson.NewFeature(s.Polygon(ags))
		f.Properties["ags"], f.Properties["name"] = ags, s.Name(ags)
		all.Append(f)
	}
	return all
}
