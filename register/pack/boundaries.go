package main

import (
	"cmp"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// succession.tsv says which municipality of the register has the area of one that the boundaries still show. A row with
// a cut takes what lies right of it, seen along it, from what is left of the old area; both ends are vertices of that
// area's ring, in degrees. The last row of an old key has no cut and takes the rest.
//
//go:embed succession.tsv
var succession string

// point is a position in steps of 0.0001 degrees, the precision of the source.
type point struct{ x, y int32 }

// ring is a closed line, its first point not repeated: outer rings counter-clockwise, holes clockwise.
type ring []point

func (r ring) area() (twice int64) {
	for i, b := range r {
		a := r[(i+len(r)-1)%len(r)]
		twice += int64(a.x)*int64(b.y) - int64(b.x)*int64(a.y)
	}
	return twice
}

// oriented turns the ring to the wanted sense.
func (r ring) oriented(counterClockwise bool) ring {
	if (r.area() > 0) != counterClockwise {
		r = slices.Clone(r)
		slices.Reverse(r)
	}
	return r
}

func (r ring) contains(p point) bool {
	inside := false
	for i, b := range r {
		a := r[(i+len(r)-1)%len(r)]
		if (a.y > p.y) != (b.y > p.y) &&
			float64(p.x) < float64(b.x-a.x)*float64(p.y-a.y)/float64(b.y-a.y)+float64(a.x) {
			inside = !inside
		}
	}
	return inside
}

// packBoundaries gives, ordered by key: the number of municipalities; for each the key's distance from the one before,
// the number of rings, and for each ring the number of points and their distances from the point before (the first
// point's from the last one of the ring before). Counts are unsigned, distances of points signed varints (x, then y).
func packBoundaries(path string, r *register) ([]byte, error) {
	sources, err := readBoundaries(path)
	if err != nil {
		return nil, err
	}
	pieces, err := succeed(sources, r)
	if err != nil {
		return nil, err
	}

	out := binary.AppendUvarint(nil, uint64(len(pieces)))
	var lastKey uint64
	var last point
	for _, ags := range slices.Sorted(maps.Keys(pieces)) {
		rings := pieces[ags][0]
		if len(pieces[ags]) > 1 {
			if rings, err = dissolve(pieces[ags]); err != nil {
				return nil, fmt.Errorf("%s: %w", ags, err)
			}
		}
		key, err := strconv.ParseUint(ags, 10, 32)
		if err != nil {
			return nil, err
		}
		out = binary.AppendUvarint(out, key-lastKey)
		lastKey = key
		out = binary.AppendUvarint(out, uint64(len(rings)))
		for _, ring := range rings {
			out = binary.AppendUvarint(out, uint64(len(ring)))
			for _, p := range ring {
				out = binary.AppendVarint(out, int64(p.x-last.x))
				out = binary.AppendVarint(out, int64(p.y-last.y))
				last = p
			}
		}
	}
	return out, nil
}

// readBoundaries gives the rings of each key, an outer ring followed by its holes.
func readBoundaries(path string) (map[string][]ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var collection struct {
		Features []struct {
			Properties struct{ AGS string }
			Geometry   struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.NewDecoder(z).Decode(&collection); err != nil {
		return nil, err
	}
	out := map[string][]ring{}
	for _, f := range collection.Features {
		polygons := make([][][][2]float64, 1)
		target := any(&polygons[0])
		if f.Geometry.Type == "MultiPolygon" {
			target = &polygons
		}
		if err := json.Unmarshal(f.Geometry.Coordinates, target); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Properties.AGS, err)
		}
		for _, polygon := range polygons {
			for i, line := range polygon {
				r := make(ring, 0, len(line))
				for _, c := range line {
					p := point{int32(math.Round(c[0] * 1e4)), int32(math.Round(c[1] * 1e4))}
					if len(r) == 0 || r[len(r)-1] != p {
						r = append(r, p)
					}
				}
				if len(r) < 4 || r[0] != r[len(r)-1] {
					return nil, fmt.Errorf("%s: ring %d is not closed", f.Properties.AGS, i)
				}
				out[f.Properties.AGS] = append(out[f.Properties.AGS], r[:len(r)-1].oriented(i == 0))
			}
		}
	}
	return out, nil
}

// succeed gives for each municipality of the register the areas that make it up.
func succeed(sources map[string][]ring, r *register) (map[string][][]ring, error) {
	out := map[string][][]ring{}
	names := map[string]string{}
	for _, m := range r.municipalities {
		names[m["ags"]], _ = splitName(m["name"])
		if rings, ok := sources[m["ags"]]; ok {
			out[m["ags"]] = [][]ring{rings}
			delete(sources, m["ags"])
		}
	}

	t := csv.NewReader(strings.NewReader(succession))
	t.Comma = '\t'
	rows, err := t.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("succession.tsv: %w", err)
	}
	for _, row := range rows[1:] {
		before, after, cut := row[0], row[2], row[4]
		rings, ok := sources[before]
		if !ok {
			return nil, fmt.Errorf("succession.tsv: %s has no boundary left", before)
		}
		if names[after] != row[3] {
			return nil, fmt.Errorf("succession.tsv: %s is %q in the register, not %q", after, names[after], row[3])
		}
		delete(sources, before)
		if cut != "" {
			piece, rest, err := divide(rings, cut)
			if err != nil {
				return nil, fmt.Errorf("succession.tsv: %s: %w", before, err)
			}
			rings, sources[before] = []ring{piece}, []ring{rest}
		}
		out[after] = append(out[after], rings)
	}
	if len(sources) > 0 {
		return nil, fmt.Errorf("no successor for %v", slices.Sorted(maps.Keys(sources)))
	}
	return out, nil
}

// divide cuts an area of a single ring in two along a line between two of its vertices.
func divide(rings []ring, cut string) (right, left ring, err error) {
	if len(rings) != 1 {
		return nil, nil, fmt.Errorf("%d rings cannot be cut", len(rings))
	}
	var line ring
	for position := range strings.SplitSeq(cut, ", ") {
		var x, y float64
		if _, err := fmt.Sscanf(position, "%f %f", &x, &y); err != nil {
			return nil, nil, fmt.Errorf("%q: %w", position, err)
		}
		line = append(line, point{int32(math.Round(x * 1e4)), int32(math.Round(y * 1e4))})
	}
	r := rings[0]
	from, to := slices.Index(r, line[0]), slices.Index(r, line[len(line)-1])
	if len(line) < 2 || from < 0 || to < 0 || from == to {
		return nil, nil, fmt.Errorf("the cut %q does not join two vertices", cut)
	}
	inner := line[1 : len(line)-1]

	// Counter-clockwise, what lies right of the cut runs from its start to its end and back along it.
	right = append(right, walk(r, from, to)...)
	for _, p := range slices.Backward(inner) {
		right = append(right, p)
	}
	left = append(walk(r, to, from), inner...)
	return right, left, nil
}

// walk gives the points of r from one index to another, both included.
func walk(r ring, from, to int) (out ring) {
	for i := from; ; i = (i + 1) % len(r) {
		out = append(out, r[i])
		if i == to {
			return out
		}
	}
}

// dissolve joins areas that share edges vertex by vertex: an edge that two of them run along in opposite senses is gone.
func dissolve(areas [][]ring) ([]ring, error) {
	edges := map[[2]point]bool{}
	for _, rings := range areas {
		for _, r := range rings {
			for i, b := range r {
				a := r[(i+len(r)-1)%len(r)]
				if edges[[2]point{b, a}] {
					delete(edges, [2]point{b, a})
				} else {
					edges[[2]point{a, b}] = true
				}
			}
		}
	}
	next := map[point][]point{}
	starts := slices.SortedFunc(maps.Keys(edges), func(a, b [2]point) int {
		return cmp.Or(int(a[0].x-b[0].x), int(a[0].y-b[0].y), int(a[1].x-b[1].x), int(a[1].y-b[1].y))
	})
	for _, e := range starts {
		next[e[0]] = append(next[e[0]], e[1])
	}

	var outer, holes []ring
	for _, start := range starts {
		var r ring
		if len(next[start[0]]) > 1 {
			continue // a ring is followed from where only it passes
		}
		for from, at := start[0], start[0]; len(next[at]) > 0; {
			i := turn(from, at, next[at])
			to := next[at][i]
			next[at] = slices.Delete(next[at], i, i+1)
			r = append(r, at)
			from, at = at, to
		}
		switch {
		case len(r) == 0:
		case r.area() > 0:
			outer = append(outer, r)
		default:
			holes = append(holes, r)
		}
	}

	for at, left := range next {
		if len(left) > 0 {
			return nil, fmt.Errorf("the joined area's edges at %v make no ring", at)
		}
	}
	var out []ring
	for _, o := range outer {
		out = append(out, o)
		holes = slices.DeleteFunc(holes, func(h ring) bool {
			inside := o.contains(h[0])
			if inside {
				out = append(out, h)
			}
			return inside
		})
	}
	if len(holes) > 0 {
		return nil, fmt.Errorf("%d holes lie in no outer ring", len(holes))
	}
	return out, nil
}

// turn chooses where a ring goes on at a vertex that several pass through: along the edge next to the one it came by,
// clockwise, for the area lies between the two. So rings that touch stay apart.
func turn(from, at point, to []point) int {
	angle := func(p point) float64 { return math.Atan2(float64(p.y-at.y), float64(p.x-at.x)) }
	best, least := 0, math.Inf(1)
	for i, p := range to {
		a := math.Mod(angle(from)-angle(p)+4*math.Pi, 2*math.Pi)
		if a < least {
			best, least = i, a
		}
	}
	return best
}
