package harvest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/simplify"

	"umland/ent"
)

const (
	geojsonMaxProperties = 500
	geojsonMaxPoints     = 200_000 // of one geometry
)

// GeoJSON reads features with any properties (RFC 7946): a FeatureCollection, a Feature or a plain list of features. Properties are understood by
// their names, as the columns of CSV are and with the same options of the source; tags of OpenStreetMap are taken as they are, also in an answer of Overpass ("elements"). An area is where a
// point inside of it is, a line is a TOUR where its words say that it is a way to go, else a point on it. Longitude and latitude that were exchanged
// are put right where only that lies in Germany. Coordinates that are no degrees of WGS 84 are refused, but for UTM where
// the file ("crs") or the source says the zone.
//
// The files of weekly markets of the project "Wo ist Markt?" are one dialect: their features get the tag amenity=marketplace, and the attribution
// that the file names.
type GeoJSON struct{}

// Name is "geojson".
func (GeoJSON) Name() string { return "geojson" }

// geojsonGeometry is what of RFC 7946 section 3.1 is read.
type geojsonGeometry struct {
	Type        string            `json:"type"`
	Coordinates json.RawMessage   `json:"coordinates"`
	Geometries  []geojsonGeometry `json:"geometries"`
}

type geojsonFeature struct {
	Type       string                     `json:"type"`
	ID         any                        `json:"id"`
	Geometry   *geojsonGeometry           `json:"geometry"`
	Properties map[string]json.RawMessage `json:"properties"`
}

type geojsonReader struct {
	feed    *Feed
	options *columnOptions
	names   map[string]columnAlias // what the properties stand for, as far as they have come
	keys    columnKeys
	market  *ent.Link // title and address of the data of a market file
	count   int
}

// Read implements Format.
func (GeoJSON) Read(ctx context.Context, feed *Feed) error {
	options, err := columnReadOptions(feed.Options)
	if err != nil {
		return err
	}
	body, head, err := valueOpen(feed)
	if err != nil {
		return err
	}
	switch what := valueSniff(head); {
	case what != "" && what != "eine JSON-Datei":
		return valueError("Das ist kein GeoJSON, sondern %s.", what)
	case len(strings.TrimSpace(string(head))) == 0:
		return valueError("Die Datei ist leer.")
	}
	g := &geojsonReader{feed: feed, options: options, names: map[string]columnAlias{}, keys: columnKeys{}}
	if len(head) < valueHead { // all of it is here: what stands at its end is known at its beginning
		var file struct {
			Metadata json.RawMessage `json:"metadata"`
			CRS      json.RawMessage `json:"crs"`
		}
		if json.Unmarshal(head, &file) == nil {
			g.metadata(file.Metadata)
			if len(file.CRS) > 0 {
				if err := g.system(file.CRS); err != nil {
					return err
				}
			}
		}
	}
	found := false
	single := map[string]json.RawMessage{}
	err = valueStream(ctx, valueUTF8(body, head), func(key string) bool { return key == "features" || key == "elements" },
		func(key string, raw json.RawMessage) error {
			found = true
			if key == "elements" {
				return g.element(raw)
			}
			return g.feature(raw)
		},
		func(key string, raw json.RawMessage) error {
			switch key {
			case "crs":
				return g.system(raw)
			case "metadata":
				g.metadata(raw)
			case "type":
				var kind string
				if json.Unmarshal(raw, &kind) == nil && kind == "FeatureCollection" {
					found = true
				}
				single[key] = raw
			case "id", "geometry", "properties":
				single[key] = raw
			}
			return nil
		})
	if err != nil {
		return err
	}
	if string(single["type"]) == `"Feature"` {
		raw, err := json.Marshal(single)
		if err != nil {
			return valueError("Die Datei ist nicht zu lesen: %w", err)
		}
		return g.feature(raw)
	}
	if !found && !valueEmptyList(head) {
		return valueError("Das JSON enthält keine GeoJSON-Objekte („features“).")
	}
	return nil
}

// system takes note of the coordinate system that older files name; RFC 7946 knows only degrees. Others than these and UTM are refused.
func (g *geojsonReader) system(raw json.RawMessage) error {
	crs, err := valueParse(raw)
	if err != nil || crs.empty() {
		return nil
	}
	name := crs.get("properties", "name").line()
	upper := strings.ToUpper(name)
	for _, degrees := range []string{"CRS84", "EPSG:4326", "EPSG::4326", "EPSG:4258", "EPSG::4258", "WGS84", "WGS 84"} {
		if strings.HasSuffix(upper, degrees) {
			return nil
		}
	}
	if columnUTMZone(name) > 0 {
		if g.options.crs == "" {
			g.options.crs = name
		}
		return nil
	}
	if name == "" {
		name = "einem anderen System"
	}
	return valueError("Die Koordinaten sind in %s angegeben; gebraucht werden Grad (WGS 84, EPSG:4326) oder UTM (EPSG:25832, EPSG:25833).", name)
}

func (g *geojsonReader) metadata(raw json.RawMessage) {
	if len(raw) == 0 {
		return
	}
	meta, err := valueParse(raw)
	if source := meta.get("data_source"); err == nil && source.get("title").line() != "" {
		g.market = &ent.Link{URL: valueURL(source.get("url").text()), Title: valueOrNil(source.get("title").line())}
	}
}

func (g *geojsonReader) feature(raw json.RawMessage) error {
	g.count++
	item := fmt.Sprintf("Objekt %d", g.count)
	r, err := g.record(raw)
	if err != nil {
		return g.feed.Refuse(Refusal{item, err.Error()})
	}
	r.Item, r.Raw = item, raw
	if before, ok := g.keys.take(r, g.count); !ok {
		return g.feed.Refuse(Refusal{item, fmt.Sprintf("steht schon als Objekt %d da", before)})
	}
	return g.feed.Emit(r)
}

// element reads one of Overpass's: a node, or a way or relation of which the query asked for the centre. Those without tags only hold others together.
func (g *geojsonReader) element(raw json.RawMessage) error {
	if len(raw) > valueMaxItem {
		return g.feature(raw)
	}
	var e struct {
		Type   string                      `json:"type"`
		ID     json.Number                 `json:"id"`
		Lon    *float64                    `json:"lon"`
		Lat    *float64                    `json:"lat"`
		Center *struct{ Lon, Lat float64 } `json:"center"`
		Tags   map[string]json.RawMessage  `json:"tags"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return g.feature(raw)
	}
	if len(e.Tags) == 0 {
		return nil
	}
	f := map[string]any{"type": "Feature", "id": e.Type + "/" + e.ID.String(), "properties": e.Tags}
	if e.Center != nil {
		e.Lon, e.Lat = &e.Center.Lon, &e.Center.Lat
	}
	if e.Lon != nil && e.Lat != nil {
		f["geometry"] = map[string]any{"type": "Point", "coordinates": []float64{*e.Lon, *e.Lat}}
	}
	feature, err := json.Marshal(f)
	if err != nil {
		return g.feature(raw)
	}
	return g.feature(feature)
}

func (g *geojsonReader) record(raw json.RawMessage) (*Record, error) {
	if len(raw) > valueMaxItem {
		return nil, fmt.Errorf("größer als %d MB", valueMaxItem>>20)
	}
	var f geojsonFeature
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, errors.New("ist kein GeoJSON-Objekt mit Eigenschaften und Geometrie")
	}
	if f.Type != "Feature" && f.Properties == nil {
		return nil, errors.New("ist kein GeoJSON-Objekt („Feature“)")
	}
	var values columnValues
	var translations []ent.Translation
	if g.options.given[columnID] == "" {
		switch id := f.ID.(type) {
		case string:
			values.put(columnAlias{columnID, -1}, valueLine(id))
		case float64:
			values.put(columnAlias{columnID, -1}, valueFloat(id))
		}
	}
	g.properties(&values, &translations, "", f.Properties, 0)
	at := &Place{}
	line, err := g.place(at, f.Geometry)
	if err != nil {
		return nil, err
	}
	market := g.market != nil && values.one[columnHours] != "" && values.one[columnTitle] != ""
	if market {
		values.tags = append(values.tags, "amenity=marketplace")
	}
	r, err := values.record(g.feed, g.options, at)
	if err != nil {
		return nil, err
	}
	r.Translations = translations
	if market {
		if r.Attribution == "" {
			r.Attribution = *g.market.Title
		}
		if r.URL == "" {
			r.URL = g.market.URL
		}
	}
	if len(line) > 0 {
		if means, tour := geojsonTour(r); tour || r.Kind == ent.KindTour {
			r.Kind = ent.KindTour
			r.Details = ent.Details{Tour: geojsonLine(line, means)}
		}
	}
	return r, nil
}

// properties puts what the properties say; objects inside of them are named by their path ("address.street") or by their last name.
func (g *geojsonReader) properties(v *columnValues, translations *[]ent.Translation, path string, properties map[string]json.RawMessage, depth int) {
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), geojsonMaxProperties)] {
		raw := properties[name]
		if len(raw) == 0 || raw[0] == 'n' {
			continue
		}
		text := ""
		switch raw[0] {
		case '{':
			if depth < 3 && len(raw) < valueHead {
				var inside map[string]json.RawMessage
				if json.Unmarshal(raw, &inside) == nil {
					g.properties(v, translations, path+name+".", inside, depth+1)
				}
			}
			continue
		case '[':
			if list, err := valueParse(raw); err == nil && len(raw) < valueHead {
				var words []string
				for _, w := range list.list() {
					words = append(words, w.line())
				}
				text = valueJoin(", ", words...)
			}
		case '"':
			if json.Unmarshal(raw, &text) != nil {
				continue
			}
			text = valueText(text)
		default:
			text = string(raw)
		}
		if text == "" {
			continue
		}
		if geojsonOSM(v, translations, name, text) {
			continue
		}
		a, known := g.names[path+name]
		if !known {
			if a = g.options.columnFind(path + name); a.column == columnNone && path != "" {
				if a = g.options.columnFind(name); a.column == columnTitle || a.column == columnID {
					a = columnAlias{} // the name of something inside is not that of the whole
				}
				a.rank += 300
			}
			if len(g.names) < 10*geojsonMaxProperties {
				g.names[path+name] = a
			}
		}
		v.put(a, text)
	}
}

// geojsonOSM takes the tags of OpenStreetMap that are not columns under another name.
func geojsonOSM(v *columnValues, translations *[]ent.Translation, name, text string) bool {
	switch name {
	case "amenity", "leisure", "tourism", "shop", "sport", "historic", "office", "healthcare", "natural", "craft", "club", "route", "playground",
		"social_facility", "emergency", "information", "man_made", "public_transport", "vending", "community_centre", "sauna", "museum", "theatre", "recycling_type":
		if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_;:- ") != "" {
			return false
		}
		for _, value := range strings.Split(text, ";") {
			if value = strings.TrimSpace(value); value != "" && value != "no" && len(v.tags) < ent.MaxWords {
				v.tags = append(v.tags, name+"="+value)
			}
		}
		return true
	case "fee":
		switch b := valueBool(text); {
		case b == nil:
			return false
		case *b:
			text = "kostenpflichtig"
		default:
			text = "kostenlos"
		}
		v.put(columnAlias{columnPrice, 50}, text)
		return true
	case "@id":
		v.put(columnAlias{columnID, 0}, text)
		return true
	}
	if locale, ok := strings.CutPrefix(name, "name:"); ok && len(*translations) < ent.MaxList {
		if locale = valueLocale(locale); locale != "" && locale != "de" {
			*translations = append(*translations, ent.Translation{Locale: locale, Title: valueLine(text)})
		}
		return true
	}
	return false
}

// place finds a point for the geometry, and the line where it is one.
func (g *geojsonReader) place(p *Place, geometry *geojsonGeometry) (orb.LineString, error) {
	if geometry == nil {
		return nil, nil
	}
	shape, err := geojsonShape(geometry, 0)
	if err != nil || shape == nil {
		return nil, err
	}
	var line orb.LineString
	var point orb.Point
	switch s := shape.(type) {
	case orb.Point:
		point = s
	case orb.LineString:
		line, point = s, s[len(s)/2]
	case orb.Polygon:
		point = geojsonInside(s)
	}
	lon, lat := point[0], point[1]
	if (lon == 0) != (lat == 0) { // a position of one number
		return nil, errGeojsonShape
	}
	if math.Max(lon, lat) > 180 {
		if lat, lon, err = columnProjected(g.options.crs, lat, lon); err != nil {
			return nil, err
		}
		line = nil
	}
	if err := valueSetPosition(p, lat, lon); err != nil {
		return nil, err
	}
	if p.Latitude != nil && *p.Latitude == lon && *p.Longitude == lat { // exchanged
		for i := range line {
			line[i][0], line[i][1] = line[i][1], line[i][0]
		}
	}
	return line, nil
}

var errGeojsonShape = errors.New("die Geometrie ist nicht zu lesen")

// geojsonShape gives a Point, LineString or Polygon: of several the longest or largest. nil is an empty one.
func geojsonShape(g *geojsonGeometry, depth int) (orb.Geometry, error) {
	read := func(into any) bool { return len(g.Coordinates) > 0 && json.Unmarshal(g.Coordinates, into) == nil }
	var shape orb.Geometry
	switch g.Type {
	case "Point":
		var c []float64
		if string(g.Coordinates) == "[]" {
			return nil, nil
		}
		if !read(&c) || len(c) < 2 {
			if pair, err := valueParse(g.Coordinates); err == nil { // numbers in quotes
				if lon, lat, ok := pair.position(); ok {
					return orb.Point{lon, lat}, nil
				}
			}
			return nil, errGeojsonShape
		}
		return orb.Point{c[0], c[1]}, nil
	case "MultiPoint":
		var c orb.LineString
		if !read(&c) {
			return nil, errGeojsonShape
		}
		if len(c) > 0 {
			shape = c[0]
		}
	case "LineString":
		var c orb.LineString
		if !read(&c) {
			return nil, errGeojsonShape
		}
		if len(c) > 0 {
			shape = c
		}
	case "MultiLineString":
		var c []orb.LineString
		if !read(&c) {
			return nil, errGeojsonShape
		}
		if line := geojsonJoin(c); len(line) > 0 {
			shape = line
		}
	case "Polygon":
		var c orb.Polygon
		if !read(&c) {
			return nil, errGeojsonShape
		}
		if len(c) > 0 && len(c[0]) > 0 {
			shape = c
		}
	case "MultiPolygon":
		var c orb.MultiPolygon
		if !read(&c) {
			return nil, errGeojsonShape
		}
		best := -1.0
		for _, p := range c {
			if len(p) == 0 || len(p[0]) == 0 {
				continue
			}
			if size := math.Abs(planar.Area(p[0])); size > best {
				best, shape = size, p
			}
		}
	case "GeometryCollection":
		for i := range g.Geometries[:min(len(g.Geometries), 100)] {
			if depth > 4 {
				return nil, errGeojsonShape
			}
			if s, err := geojsonShape(&g.Geometries[i], depth+1); err == nil && s != nil {
				return s, nil
			}
		}
	default:
		return nil, fmt.Errorf("%s ist keine Geometrie", valueQuote(g.Type))
	}
	return shape, nil
}

// geojsonJoin makes one line of pieces that follow each other; where they do not, it is the longest of what does.
func geojsonJoin(pieces []orb.LineString) orb.LineString {
	var best, at orb.LineString
	for _, piece := range pieces {
		if len(piece) == 0 {
			continue
		}
		if len(at) > 0 && at[len(at)-1] == piece[0] {
			at = append(at, piece[1:]...)
		} else {
			at = slices.Clone(piece)
		}
		if len(at) > len(best) {
			best = at
		}
	}
	return best
}

// geojsonInside gives the centre of the area, or, where that lies outside of it, the middle of its widest part at the same height.
func geojsonInside(p orb.Polygon) orb.Point {
	centre, area := planar.CentroidArea(p)
	if area == 0 || math.IsNaN(centre[0]) || math.IsNaN(centre[1]) {
		return p[0][0]
	}
	if planar.PolygonContains(p, centre) {
		return centre
	}
	var cuts []float64
	for _, ring := range p {
		for i := range ring {
			a, b := ring[i], ring[(i+1)%len(ring)]
			if (a[1] > centre[1]) != (b[1] > centre[1]) {
				cuts = append(cuts, a[0]+(b[0]-a[0])*(centre[1]-a[1])/(b[1]-a[1]))
			}
		}
	}
	slices.Sort(cuts)
	widest := 0.0
	at := p[0][0]
	for i := 0; i+1 < len(cuts); i += 2 {
		if width := cuts[i+1] - cuts[i]; width > widest {
			widest, at = width, orb.Point{(cuts[i] + cuts[i+1]) / 2, centre[1]}
		}
	}
	return at
}

// geojsonTour tells by its words whether a line is a tour, and how one travels it, "" where they do not say.
func geojsonTour(r *Record) (ent.TourMeans, bool) {
	words := strings.ToLower(r.Title + " " + strings.Join(r.Tags, " "))
	for _, m := range [...]struct {
		means ent.TourMeans
		words string
	}{
		{ent.MeansCycling, "radweg radtour radroute radwander radrunde radfern fahrrad route=bicycle route=mtb mountainbike cycling mtb"},
		{ent.MeansCanoeing, "kanu paddel wasserwander route=canoe canoe"},
		{ent.MeansRiding, "reitweg reitroute reitwander route=horse kutsch"},
		{ent.MeansSkiing, "loipe skiwander route=ski"},
		{ent.MeansDriving, "autotour motorrad ferienstraße alleenstraße"},
		{ent.MeansHiking, "wander route=hiking hiking fernweg jakobsweg kammweg höhenweg burgenweg"},
		{ent.MeansWalking, "spazier rundgang lehrpfad naturpfad stadtführung route=foot walking themenpfad"},
	} {
		for _, w := range strings.Fields(m.words) {
			if strings.Contains(words, w) {
				return m.means, true
			}
		}
	}
	for _, w := range []string{"tour", "rundweg", "route", "trail", "pilgerweg", "themenweg"} {
		if strings.Contains(words, w) {
			return "", true
		}
	}
	return "", false
}

// geojsonLine describes a line; one with more points than are kept is simplified.
func geojsonLine(line orb.LineString, means ent.TourMeans) *ent.TourDetails {
	t := &ent.TourDetails{Means: means}
	if len(line) > geojsonMaxPoints {
		line = line[:geojsonMaxPoints]
	}
	if km := math.Round(geo.Length(line)/100) / 10; km > 0 && km < 100_000 {
		t.LengthKm = &km
	}
	loop := len(line) > 3 && geo.Distance(line[0], line[len(line)-1]) < 100
	t.Loop = &loop
	for tolerance := 0.00002; len(line) > ent.MaxLine && tolerance < 1; tolerance *= 2 {
		line = simplify.DouglasPeucker(tolerance).LineString(slices.Clone(line))
	}
	for _, p := range line[:min(len(line), ent.MaxLine)] {
		t.Line = append(t.Line, []float64{p[0], p[1]})
	}
	return t
}
