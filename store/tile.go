package store

import (
	"context"
	"time"

	"umland/ent"
)

// TilePoint is what is published in one cell of a map: one offering, or several drawn as one.
type TilePoint struct {
	Count     int     `bun:"n"`
	Longitude float64 `bun:"longitude"` // their middle, WGS 84 degrees
	Latitude  float64 `bun:"latitude"`
	// What holds them all, WGS 84 degrees.
	West  float64 `bun:"west"`
	South float64 `bun:"south"`
	East  float64 `bun:"east"`
	North float64 `bun:"north"`
	// Of the one offering; of several the first by id.
	ID    string           `bun:"id"` // global
	Title string           `bun:"title"`
	Kind  ent.OfferingKind `bun:"kind"`
}

// TilePoints gives what is published, has a place and fits the filter, in the cells of the box: squares of the Web Mercator map, of
// which 2^level lie side by side around the earth. Those with the most offerings come first, at most limit. now stands for the beginning
// of a window that has none.
func (s *Store) TilePoints(ctx context.Context, f *ent.OfferingFilter, box ent.BoundingBox, level, limit int, now time.Time) (points []TilePoint, err error) {
	defer wrap(&err, "TilePoints(%+v, %+v, %d)", f, box, level)
	conds, _, err := s.conditions(ctx, f, now)
	if err != nil {
		return nil, err
	}
	cells := float64(uint64(1) << level)
	q := new(query).add(`SELECT count(*) AS n, avg(longitude) AS longitude, avg(latitude) AS latitude, min(longitude) AS west, min(latitude) AS south,
		max(longitude) AS east, max(latitude) AS north, 'off_' || min(id::text) AS id, (array_agg(title ORDER BY id))[1] AS title,
		(array_agg(kind ORDER BY id))[1] AS kind
		FROM (SELECT o.id, o.title, o.kind, o.longitude, o.latitude, floor((o.longitude + 180) / 360 * ?) AS x,
			floor((1 - asinh(tan(radians(o.latitude))) / pi()) / 2 * ?) AS y
			FROM offering o WHERE o.status = 'PUBLISHED' AND o.extent && box(point(?, ?), point(?, ?))
			AND o.longitude >= ? AND o.longitude < ? AND o.latitude > ? AND o.latitude <= ? AND abs(o.latitude) < 86`,
		cells, cells, box.East, box.North, box.West, box.South, box.West, box.East, box.South, box.North)
	conds.and(q, "")
	q.add(") o GROUP BY x, y ORDER BY n DESC, min(id::text) LIMIT ?", limit)
	return points, s.scan(ctx, q, &points)
}
