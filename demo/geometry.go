package demo

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"umland/ent"
)

const kmPerDegree = 111.32 // of latitude, near enough for made-up places

// around gives the longitude and latitude of a made-up place, at most 1.4 km from the municipality's point, or what its
// field km says where the boundary is nearer.
func around(s *site, name string) (lon, lat float64, err error) {
	most, err := strconv.ParseFloat(cmp.Or(s.get("km"), "1.4"), 64)
	km, angle := most*math.Sqrt(share(s.m.AGS, name, "distance")), 2*math.Pi*share(s.m.AGS, name, "angle")
	lon, lat = offset(s.m.Longitude, s.m.Latitude, km*math.Cos(angle), km*math.Sin(angle))
	return lon, lat, err
}

// offset moves a point east and north by kilometres; the result has five decimals.
func offset(lon, lat, east, north float64) (float64, float64) {
	round := func(x float64) float64 { return math.Round(x*1e5) / 1e5 }
	return round(lon + east/kmPerDegree/math.Cos(lat*math.Pi/180)), round(lat + north/kmPerDegree)
}

// kmPerHour is how fast one is by each means, rests included.
var kmPerHour = map[ent.TourMeans]float64{
	ent.MeansWalking: 3.5, ent.MeansHiking: 3.8, ent.MeansCycling: 14, ent.MeansCanoeing: 4.5, ent.MeansRiding: 7,
}

// tour reads "HIKING 9 loop" or "CYCLING 24 way" and draws a line about that long that begins in the municipality.
func tour(spec string, s *site) (*ent.TourDetails, error) {
	words := strings.Fields(spec)
	if len(words) != 3 {
		return nil, fmt.Errorf("tour %q: want three words", spec)
	}
	about, err := strconv.ParseFloat(words[1], 64)
	if err != nil {
		return nil, fmt.Errorf("tour %q: %w", spec, err)
	}
	means, loop := ent.TourMeans(words[0]), words[2] == "loop"
	seed := s.m.AGS + "/" + spec
	about *= .85 + .3*share(seed, "length")
	line := shape(seed, loop, s.m, 1)
	line = shape(seed, loop, s.m, about/length(line))
	km := math.Round(length(line)*10) / 10
	minutes := int(math.Round(km/kmPerHour[means]*60/15)) * 15
	d := &ent.TourDetails{Means: means, LengthKm: &km, Minutes: &minutes, Loop: &loop, Line: line}
	if means != ent.MeansCanoeing && share(seed, "ascent known") < .7 {
		perKm := 3 + 15*share(s.m.AGS, "hilly")
		if strings.Contains(" "+s.get("is")+" ", " norden ") || strings.Contains(s.get("is"), "niederrhein") {
			perKm = 1.5
		}
		d.AscentM = pointer(int(km * perKm))
	}
	return d, nil
}

// shape draws a wobbly circle through the municipality's point, or a wobbly way that begins there.
func shape(seed string, loop bool, m *ent.Municipality, km float64) [][]float64 {
	const points = 18
	heading := 2 * math.Pi * share(seed, "heading")
	var line [][]float64
	for i := range points + 1 {
		t := float64(i) / points
		wobble := .35 * math.Sin(math.Pi*t) * (share(seed, "wobble", strconv.Itoa(i)) - .5)
		var along, across float64
		if loop {
			r := 1 + wobble
			along, across = 1-r*math.Cos(2*math.Pi*t), r*math.Sin(2*math.Pi*t)
		} else {
			along, across = t, .12*math.Sin(5*t)*math.Sin(math.Pi*t)+.12*wobble
		}
		lon, lat := offset(m.Longitude, m.Latitude,
			km*(along*math.Cos(heading)-across*math.Sin(heading)), km*(along*math.Sin(heading)+across*math.Cos(heading)))
		line = append(line, []float64{lon, lat})
	}
	return line
}

// length measures a line on the sphere, in kilometres.
func length(line [][]float64) float64 {
	km := 0.0
	for i := 1; i < len(line); i++ {
		rad := math.Pi / 180
		a, b := line[i-1], line[i]
		x := math.Sin((b[1] - a[1]) * rad / 2)
		y := math.Sin((b[0] - a[0]) * rad / 2)
		km += 2 * 6371 * math.Asin(math.Sqrt(x*x+math.Cos(a[1]*rad)*math.Cos(b[1]*rad)*y*y))
	}
	return km
}
