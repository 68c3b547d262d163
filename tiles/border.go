package tiles

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// border is a line between two districts, two states, or the country and what lies around it.
type border struct {
	level string // district or state
	line  orb.LineString
	bound orb.Bound
}

const (
	precision = 10_000 // steps a degree, that of the register's outlines
	tolerance = 0.002  // degrees: half a pixel at the zoom from which municipalities are shown
)

type corner [2]int32

type side struct{ a, b corner }

// bordersOf finds the sides that municipalities of two districts share, or that only one municipality has, and joins them to lines.
func bordersOf(b Boundaries) []border {
	owners := map[side]string{}
	levels := map[string]map[corner][]corner{"district": {}, "state": {}}
	keep := func(s side, level string) {
		at := levels[level]
		at[s.a], at[s.b] = append(at[s.a], s.b), append(at[s.b], s.a)
	}
	for _, ags := range b.Within(-180, -90, 180, 90) {
		for _, polygon := range b.Polygon(ags) {
			for _, ring := range polygon {
				for i := 1; i < len(ring); i++ {
					s := sideOf(ring[i-1], ring[i])
					other, shared := owners[s]
					if !shared {
						owners[s] = ags
						continue
					}
					delete(owners, s)
					switch {
					case other[:2] != ags[:2]:
						keep(s, "state")
					case other[:5] != ags[:5]:
						keep(s, "district")
					}
				}
			}
		}
	}
	for s := range owners {
		keep(s, "state")
	}
	var out []border
	for level, at := range levels {
		for _, line := range join(at) {
			line = simplify.DouglasPeucker(tolerance).LineString(line)
			out = append(out, border{level, line, line.Bound()})
		}
	}
	return out
}

func sideOf(p, q orb.Point) side {
	a := corner{int32(math.Round(p[0] * precision)), int32(math.Round(p[1] * precision))}
	b := corner{int32(math.Round(q[0] * precision)), int32(math.Round(q[1] * precision))}
	if a[0] > b[0] || a[0] == b[0] && a[1] > b[1] {
		a, b = b, a
	}
	return side{a, b}
}

// join makes lines of sides, from where more or fewer than two meet first, then of what is left: rings.
func join(at map[corner][]corner) []orb.LineString {
	var out []orb.LineString
	take := func(from, to corner) {
		at[from] = without(at[from], to)
		at[to] = without(at[to], from)
	}
	walk := func(from corner) {
		line := orb.LineString{point(from)}
		for len(at[from]) > 0 {
			to := at[from][0]
			junction := len(at[to]) != 2
			take(from, to)
			line = append(line, point(to))
			if from = to; junction {
				break
			}
		}
		out = append(out, line)
	}
	for c, next := range at {
		if len(next) != 2 {
			for len(at[c]) > 0 {
				walk(c)
			}
		}
	}
	for c := range at {
		for len(at[c]) > 0 {
			walk(c)
		}
	}
	return out
}

func point(c corner) orb.Point {
	return orb.Point{float64(c[0]) / precision, float64(c[1]) / precision}
}

func without(list []corner, c corner) []corner {
	for i, x := range list {
		if x == c {
			list[i] = list[len(list)-1]
			return list[:len(list)-1]
		}
	}
	return list
}
