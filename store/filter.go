package store

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"umland/ent"
	"umland/search"
)

// Bounds of a filter.
const (
	maxFilterItems = 500
	maxRadiusKm    = 100
	maxWindow      = 2 * 366 * 24 * time.Hour // as far as dates are expanded
)

// condition is one field of a filter as SQL on an offering o.
type condition struct {
	field string // of OfferingFilter
	query
}

// conditions is a filter as SQL.
type conditions []*condition

func (c *conditions) add(field, sql string, args ...any) *condition {
	n := &condition{field: field}
	n.query.add(sql, args...)
	*c = append(*c, n)
	return n
}

// and adds all conditions, each with AND before it, but those of the field that is left out.
func (c conditions) and(q *query, leaveOut string) {
	for _, n := range c {
		if n.field != leaveOut {
			q.add(" AND ").append(&n.query)
		}
	}
}

// conditions makes the filter's conditions, and gives its search as it was understood. What the filter names and does not exist, or cannot be, is an
// error that names the field. now stands for the beginning of a window that has none.
func (s *Store) conditions(ctx context.Context, f *ent.OfferingFilter, now time.Time) (c conditions, words search.Query, err error) {
	if f == nil {
		return nil, words, nil
	}
	if err := checkLists(f); err != nil {
		return nil, words, err
	}
	if words, err = s.filterSearch(f, &c); err != nil {
		return nil, words, err
	}
	for _, step := range []func(*ent.OfferingFilter, *conditions) error{s.filterKeys, filterValues, s.filterSpace} {
		if err := step(f, &c); err != nil {
			return nil, words, err
		}
	}
	err = s.filterTime(ctx, f, now, &c)
	return c, words, err
}

func checkLists(f *ent.OfferingFilter) error {
	for _, l := range []struct {
		name string
		n    int
	}{
		{"kinds", len(f.Kinds)}, {"categories", len(f.Categories)}, {"municipalities", len(f.Municipalities)}, {"regions", len(f.Regions)},
		{"providers", len(f.Providers)}, {"audiences", len(f.Audiences)}, {"languages", len(f.Languages)}, {"sources", len(f.Sources)},
	} {
		if l.n > maxFilterItems {
			return ent.BadInput("filter."+l.name, "filter.%s has %d items; %d are the most.", l.name, l.n, maxFilterItems)
		}
	}
	return nil
}

// filterKeys adds what names other entities.
func (s *Store) filterKeys(f *ent.OfferingFilter, c *conditions) error {
	if len(f.Categories) > 0 {
		slugs := make([]string, len(f.Categories))
		for i, slug := range f.Categories {
			slugs[i] = ent.ParseCategorySlug(slug)
			if s.Category(slugs[i]) == nil {
				return ent.BadInput("filter.categories", "There is no category %q.", clip(slug))
			}
		}
		c.add("categories", "o.category_path && ?::text[]", slugs)
	}
	if len(f.Municipalities) > 0 {
		all := make([]string, len(f.Municipalities))
		for i, id := range f.Municipalities {
			ags, err := s.knownAGS("filter.municipalities", id)
			if err != nil {
				return err
			}
			all[i] = ags
		}
		condition, arg := among(all)
		c.add("municipalities", "o.ags"+condition, arg)
	}
	if len(f.Regions) > 0 {
		all := make([]string, len(f.Regions))
		for i, id := range f.Regions {
			key, err := s.knownRegion("filter.regions", id)
			if err != nil {
				return err
			}
			all[i] = key
		}
		condition, arg := among(all)
		c.add("regions", "o.ags IN (SELECT rm.ags FROM region_member rm WHERE rm.region_key"+condition+")", arg)
	}
	for _, ids := range []struct {
		name, sql string // with {} for the ids
		ids       []string
		parse     func(string) (uuid.UUID, bool)
	}{
		{"providers", "o.provider_id{}", f.Providers, ent.ParseProviderID},
		// What several sources have is an offering of the best of them, with a record of each.
		{"sources", "o.id IN (SELECT id FROM offering WHERE source_id{} UNION ALL SELECT offering_id FROM record WHERE gone_at IS NULL AND source_id{})", f.Sources, ent.ParseSourceID},
	} {
		if len(ids.ids) == 0 {
			continue
		}
		all := make([]string, len(ids.ids))
		for i, id := range ids.ids {
			u, ok := ids.parse(id)
			if !ok {
				return ent.BadInput("filter."+ids.name, "%q is not an id of one of the %s.", clip(id), ids.name)
			}
			all[i] = u.String()
		}
		condition, arg := among(all)
		c.add(ids.name, strings.ReplaceAll(ids.sql, "{}", condition), slices.Repeat([]any{arg}, strings.Count(ids.sql, "{}"))...)
	}
	return nil
}

// filterValues adds what compares columns.
func filterValues(f *ent.OfferingFilter, c *conditions) error {
	if len(f.Kinds) > 0 {
		c.add("kinds", "o.kind = ANY(?)", strs(f.Kinds))
	}
	if f.Free != nil {
		c.add("free", "o.price_free = ?", *f.Free)
	}
	if f.Online != nil {
		c.add("online", "o.online = ?", *f.Online)
	}
	if len(f.Audiences) > 0 {
		c.add("audiences", "o.audiences && ?::text[]", strs(f.Audiences))
	}
	if f.Wheelchair != nil {
		c.add("wheelchair", "o.wheelchair = ?", string(*f.Wheelchair))
	}
	for _, l := range f.Languages {
		if !ent.ValidLocale(l) {
			return ent.BadInput("filter.languages", "%q is not a language tag such as de, en or de-simple.", clip(l))
		}
	}
	if len(f.Languages) > 0 {
		c.add("languages", "o.languages && ?::text[]", f.Languages)
	}
	if f.UpdatedSince != nil {
		c.add("updatedSince", "o.updated_at >= ?", *f.UpdatedSince)
	}
	return nil
}

// point is a place on the earth, in degrees.
type point struct{ longitude, latitude float64 }

// around gives the point and radius that the filter asks for, nil when it asks for none.
func (s *Store) around(f *ent.OfferingFilter) (*point, float64, error) {
	var p *point
	var radius *float64
	field := "filter.near"
	switch {
	case f == nil || f.Near == nil && f.NearMunicipality == nil:
		return nil, 0, nil
	case f.Near != nil && f.NearMunicipality != nil:
		return nil, 0, ent.BadInput("filter.nearMunicipality", "near and nearMunicipality do not go together.")
	case f.Near != nil:
		p, radius = &point{f.Near.Longitude, f.Near.Latitude}, f.Near.RadiusKm
		if err := p.check(field, "longitude", "latitude"); err != nil {
			return nil, 0, err
		}
	default:
		field = "filter.nearMunicipality"
		ags, err := s.knownAGS(field+".ags", f.NearMunicipality.Ags)
		if err != nil {
			return nil, 0, err
		}
		m := s.Municipality(ags)
		p, radius = &point{m.Longitude, m.Latitude}, f.NearMunicipality.RadiusKm
	}
	r := 10.0
	if radius != nil {
		r = *radius
	}
	if !(r > 0 && r <= maxRadiusKm) {
		return nil, 0, ent.BadInput(field+".radiusKm", "%s.radiusKm must be more than 0 and at most %d.", field, maxRadiusKm)
	}
	return p, r, nil
}

func (p *point) check(field, longitude, latitude string) error {
	if !(math.Abs(p.longitude) <= 180) {
		return ent.BadInput(field+"."+longitude, "%s.%s must lie between -180 and 180 degrees.", field, longitude)
	}
	if !(math.Abs(p.latitude) <= 90) {
		return ent.BadInput(field+"."+latitude, "%s.%s must lie between -90 and 90 degrees.", field, latitude)
	}
	return nil
}

// span gives the degrees that a circle around the point reaches to each side.
func (p *point) span(radiusKm float64) (dLon, dLat float64) {
	dLat, dLon = radiusKm/111.19, 180
	if cos := math.Cos((math.Abs(p.latitude) + dLat) * math.Pi / 180); cos > 0.01 {
		dLon = min(180, dLat/cos)
	}
	return dLon, dLat
}

// distance adds how far the offering is from the point, in kilometres: to its place, or to the nearest point of its line.
func (p *point) distance(q *query) {
	q.add(`CASE WHEN o.kind = 'TOUR' AND jsonb_array_length(o.details->'tour'->'line') > 1 THEN line_distance_km(o.details->'tour'->'line', ?, ?)
		ELSE great_circle_km(o.longitude, o.latitude, ?, ?) END`, p.longitude, p.latitude, p.longitude, p.latitude)
}

// nearby gives the condition that an offering is in a box which holds all items of a page of the nearest, by the first offerings that the index
// finds around the point: so many lie within the longest of their distances, and nothing that is farther away comes before them. Lines, near
// whose boxes everything in them is, are not among the first. found adds which count, within whatever circle.
func (p *point) nearby(radiusKm float64, found func(q *query) error, limit int) (*query, error) {
	const more = 1e-6 // degrees, for what is lost in rounding
	dLon, dLat := p.span(radiusKm)
	q := new(query).add(` AND o.extent && (SELECT box(point(? + ? * part + ?, ? + ? * part + ?), point(? - ? * part - ?, ? - ? * part - ?))
		FROM (SELECT CASE WHEN count(*) = ? THEN max(km) / ? ELSE 1 END AS part FROM (SELECT `,
		p.longitude, dLon, more, p.latitude, dLat, more, p.longitude, dLon, more, p.latitude, dLat, more, limit, radiusKm)
	q.add("great_circle_km(o.longitude, o.latitude, ?, ?) AS km", p.longitude, p.latitude)
	if err := found(q); err != nil {
		return nil, err
	}
	q.add(" AND o.kind <> 'TOUR' AND o.extent && box(point(?, ?), point(?, ?)) AND great_circle_km(o.longitude, o.latitude, ?, ?) <= ?",
		p.longitude+dLon, p.latitude+dLat, p.longitude-dLon, p.latitude-dLat, p.longitude, p.latitude, radiusKm)
	return q.add(" ORDER BY o.extent <-> point(?, ?) LIMIT "+strconv.Itoa(limit)+") n) n)", p.longitude, p.latitude), nil
}

// filterSpace adds what compares places.
func (s *Store) filterSpace(f *ent.OfferingFilter, c *conditions) error {
	p, radius, err := s.around(f)
	if err != nil {
		return err
	}
	if p != nil {
		// A box that holds the circle, for the index; the circle itself.
		dLon, dLat := p.span(radius)
		n := &condition{field: "near"}
		n.add("o.extent && box(point(?, ?), point(?, ?)) AND ", p.longitude+dLon, p.latitude+dLat, p.longitude-dLon, p.latitude-dLat)
		p.distance(&n.query)
		n.add(" <= ?", radius)
		*c = append(*c, n)
	}
	if b := f.Within; b != nil {
		for _, corner := range []struct {
			p        point
			lon, lat string
		}{{point{b.West, b.South}, "west", "south"}, {point{b.East, b.North}, "east", "north"}} {
			if err := corner.p.check("filter.within", corner.lon, corner.lat); err != nil {
				return err
			}
		}
		if b.South > b.North {
			return ent.BadInput("filter.within.south", "filter.within.south must not lie north of north.")
		}
		if b.West > b.East {
			return ent.BadInput("filter.within.west", "filter.within.west must not lie east of east: a box over the date line is asked for as two.")
		}
		// A line is in the box when one of its points is.
		c.add("within", `(o.extent && box(point(?, ?), point(?, ?)) AND ((jsonb_array_length(o.details->'tour'->'line') > 1) IS NOT TRUE
			OR EXISTS (SELECT FROM jsonb_array_elements(o.details->'tour'->'line') AS p
				WHERE (p->>0)::double precision BETWEEN ? AND ? AND (p->>1)::double precision BETWEEN ? AND ?)))`,
			b.East, b.North, b.West, b.South, b.West, b.East, b.South, b.North)
	}
	return nil
}

// timeWindow is the time that the filter asks about, with now where it does not begin and the end of expanded dates where it does not end.
func timeWindow(w *ent.TimeWindow, now time.Time) (from, to time.Time, err error) {
	from = now
	if w.From != nil {
		from = *w.From
	}
	to = from.Add(maxWindow)
	if w.To != nil {
		to = *w.To
	}
	if !to.After(from) {
		return from, to, ent.BadInput("filter.during.to", "filter.during.to must be after filter.during.from, or after now where that is not given.")
	}
	if to.Sub(from) > maxWindow {
		return from, to, ent.BadInput("filter.during.to", "filter.during.to may be 2 years after the beginning at the most.")
	}
	return from, to, nil
}

// filterTime adds what asks about dates and opening hours.
func (s *Store) filterTime(ctx context.Context, f *ent.OfferingFilter, now time.Time, c *conditions) error {
	if f.During != nil {
		from, to, err := timeWindow(f.During, now)
		if err != nil {
			return err
		}
		open, err := s.openKeys(ctx, from, to.Add(-time.Second)) // the end is not part of it
		if err != nil {
			return err
		}
		c.add("during", `(EXISTS (SELECT FROM occurrence oc WHERE oc.offering_id = o.id AND oc.starts_at < ? AND oc.until > ?
			AND oc.status NOT IN ('CANCELLED', 'POSTPONED')) OR o.hours_key = ANY(?))`, to, from, open)
	}
	if f.OpenAt != nil {
		open, err := s.openKeys(ctx, *f.OpenAt, *f.OpenAt)
		if err != nil {
			return err
		}
		c.add("openAt", "o.hours_key = ANY(?)", open)
	}
	return nil
}

func strs[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}

func uuids(ids []uuid.UUID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}
