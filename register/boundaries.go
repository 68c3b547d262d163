package register

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Boundaries holds the outline of every municipality, simplified for maps of 1:5,000,000 as of 2021-01-01, with later
// mergers applied: near a border a point may fall on the wrong side, by up to about a kilometre. Neighbours share their
// edges exactly, so that every point is in one municipality at most. It is safe for concurrent use.
type Boundaries struct {
	ags    []string // ascending
	first  []uint32 // by municipality, and one more: its first ring
	rings  []uint32 // by ring, and one more: its first point
	points []point
	boxes  []box // by municipality

	bounds        box
	columns, rows int32
	cells         []uint32 // by cell of the grid, and one more: its first entry
	entries       []uint16 // municipalities whose box meets the cell
}

// point is a position in steps of 1/unit degrees.
type point struct{ x, y int32 }

type box struct{ west, south, east, north int32 }

const (
	unit        = 10_000 // steps a degree: the precision of the source
	cellSize    = 500    // steps a side of a cell of the grid
	kmPerDegree = 111.195
)

// LoadBoundaries unpacks the boundaries; they take 2.5 MB. The result may be kept for as long as the program runs.
func LoadBoundaries() (*Boundaries, error) {
	raw, err := content("data/boundaries.bin.gz")
	if err != nil {
		return nil, err
	}
	b := &Boundaries{}
	if err := b.decode(raw); err != nil {
		return nil, fmt.Errorf("register: boundaries: %w", err)
	}
	b.index()
	return b, nil
}

// decode reads what packBoundaries in ./pack writes.
func (b *Boundaries) decode(raw []byte) error {
	bad := false
	count := func() uint64 {
		v, n := binary.Uvarint(raw)
		if n <= 0 {
			bad = true
			return 0
		}
		raw = raw[n:]
		return v
	}
	step := func() int32 {
		v, n := binary.Varint(raw)
		if n <= 0 {
			bad = true
			return 0
		}
		raw = raw[n:]
		return int32(v)
	}

	b.points = make([]point, 0, len(raw)/3)
	var key uint64
	var last point
	for range count() {
		key += count()
		b.ags = append(b.ags, fmt.Sprintf("%08d", key))
		b.first = append(b.first, uint32(len(b.rings)))
		area := box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32}
		for range count() {
			b.rings = append(b.rings, uint32(len(b.points)))
			for range count() {
				last.x += step()
				last.y += step()
				b.points = append(b.points, last)
				area.west, area.east = min(area.west, last.x), max(area.east, last.x)
				area.south, area.north = min(area.south, last.y), max(area.north, last.y)
				if bad {
					return errors.New("cut short")
				}
			}
		}
		b.boxes = append(b.boxes, area)
	}
	if bad || len(raw) > 0 || len(b.ags) == 0 || len(b.ags) > math.MaxUint16 {
		return errors.New("malformed")
	}
	b.first = append(b.first, uint32(len(b.rings)))
	b.rings = append(b.rings, uint32(len(b.points)))
	b.points = slices.Clip(b.points)
	return nil
}

// index lays the grid.
func (b *Boundaries) index() {
	b.bounds = b.boxes[0]
	for _, m := range b.boxes {
		b.bounds.west, b.bounds.east = min(b.bounds.west, m.west), max(b.bounds.east, m.east)
		b.bounds.south, b.bounds.north = min(b.bounds.south, m.south), max(b.bounds.north, m.north)
	}
	b.columns = (b.bounds.east-b.bounds.west)/cellSize + 1
	b.rows = (b.bounds.north-b.bounds.south)/cellSize + 1

	each := func(m box, do func(cell int32)) {
		for row := (m.south - b.bounds.south) / cellSize; row <= (m.north-b.bounds.south)/cellSize; row++ {
			for column := (m.west - b.bounds.west) / cellSize; column <= (m.east-b.bounds.west)/cellSize; column++ {
				do(row*b.columns + column)
			}
		}
	}
	b.cells = make([]uint32, b.columns*b.rows+1)
	for _, m := range b.boxes {
		each(m, func(cell int32) { b.cells[cell+1]++ })
	}
	for i := 1; i < len(b.cells); i++ {
		b.cells[i] += b.cells[i-1]
	}
	b.entries = make([]uint16, b.cells[len(b.cells)-1])
	free := slices.Clone(b.cells)
	for i, m := range b.boxes {
		each(m, func(cell int32) {
			b.entries[free[cell]] = uint16(i)
			free[cell]++
		})
	}
}

// Locate finds the municipality in whose boundary the point lies, given in WGS 84 degrees. ok is false when it lies in
// none: abroad, at sea, or not a number.
func (b *Boundaries) Locate(longitude, latitude float64) (ags string, ok bool) {
	x, y := longitude*unit, latitude*unit
	if !(x >= float64(b.bounds.west) && x <= float64(b.bounds.east) &&
		y >= float64(b.bounds.south) && y <= float64(b.bounds.north)) {
		return "", false
	}
	cell := (int32(y)-b.bounds.south)/cellSize*b.columns + (int32(x)-b.bounds.west)/cellSize
	for _, i := range b.entries[b.cells[cell]:b.cells[cell+1]] {
		if b.contains(int(i), x, y) {
			return b.ags[i], true
		}
	}
	return "", false
}

// LocateNear is Locate, except that home wins when the point lies in home's boundary or at most toleranceKm (kilometres)
// from it: the boundaries are simplified, and whoever gives a point mostly knows the municipality. A home without a
// boundary, and a tolerance of zero or less, change nothing.
func (b *Boundaries) LocateNear(longitude, latitude float64, home string, toleranceKm float64) (ags string, ok bool) {
	if i, found := slices.BinarySearch(b.ags, home); found && toleranceKm > 0 {
		if b.contains(i, longitude*unit, latitude*unit) || b.distance(i, longitude, latitude) <= toleranceKm {
			return home, true
		}
	}
	return b.Locate(longitude, latitude)
}

// Within gives the keys of the municipalities whose bounding box meets the box given in WGS 84 degrees, ascending.
func (b *Boundaries) Within(west, south, east, north float64) []string {
	var out []string
	for i, m := range b.boxes {
		if float64(m.west) <= east*unit && float64(m.east) >= west*unit && float64(m.south) <= north*unit && float64(m.north) >= south*unit {
			out = append(out, b.ags[i])
		}
	}
	return out
}

// Polygon gives the outline of a municipality in WGS 84 degrees, rings as in RFC 7946 (closed, outer rings
// counter-clockwise, holes clockwise), nil when there is none. It is the caller's own.
func (b *Boundaries) Polygon(ags string) orb.MultiPolygon {
	i, found := slices.BinarySearch(b.ags, ags)
	if !found {
		return nil
	}
	var out orb.MultiPolygon
	for r := b.first[i]; r < b.first[i+1]; r++ {
		points := b.ring(r)
		ring := make(orb.Ring, 0, len(points)+1)
		for _, p := range points {
			ring = append(ring, orb.Point{float64(p.x) / unit, float64(p.y) / unit})
		}
		ring = append(ring, ring[0])
		if ring.Orientation() == orb.CCW || len(out) == 0 {
			out = append(out, orb.Polygon{ring})
		} else {
			out[len(out)-1] = append(out[len(out)-1], ring)
		}
	}
	return out
}

func (b *Boundaries) ring(r uint32) []point { return b.points[b.rings[r]:b.rings[r+1]] }

// contains counts how many edges lie east of the point: an odd number, over all rings, is inside. An edge is taken from
// its southern end, whichever way the ring runs, so that both neighbours along it compute the same and no point falls
// into both or neither.
func (b *Boundaries) contains(i int, x, y float64) bool {
	if m := b.boxes[i]; !(x >= float64(m.west) && x <= float64(m.east) && y >= float64(m.south) && y <= float64(m.north)) {
		return false
	}
	inside := false
	for r := b.first[i]; r < b.first[i+1]; r++ {
		ring := b.ring(r)
		from := ring[len(ring)-1]
		for _, to := range ring {
			south, north := from, to
			if south.y > north.y {
				south, north = north, south
			}
			from = to
			if !(float64(south.y) <= y && y < float64(north.y)) {
				continue
			}
			if float64(north.x-south.x)*(y-float64(south.y)) > (x-float64(south.x))*float64(north.y-south.y) {
				inside = !inside
			}
		}
	}
	return inside
}

// distance is how far the point is from the boundary in kilometres, on a plane that touches the earth there.
func (b *Boundaries) distance(i int, longitude, latitude float64) float64 {
	ky := kmPerDegree / unit
	kx := ky * math.Cos(latitude*math.Pi/180)
	plane := func(p point) (x, y float64) {
		return (float64(p.x) - longitude*unit) * kx, (float64(p.y) - latitude*unit) * ky
	}
	least := math.Inf(1)
	for r := b.first[i]; r < b.first[i+1]; r++ {
		ring := b.ring(r)
		ax, ay := plane(ring[len(ring)-1])
		for _, p := range ring {
			bx, by := plane(p)
			dx, dy := bx-ax, by-ay
			t := 0.0 // how far along the edge its nearest point to the origin is
			if d := dx*dx + dy*dy; d > 0 {
				t = max(0, min(1, -(ax*dx+ay*dy)/d))
			}
			least = min(least, math.Hypot(ax+t*dx, ay+t*dy))
			ax, ay = bx, by
		}
	}
	return least
}
