package store

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
	"umland/hours"
)

// Opening hours come in few variants: a thousand offerings share one. Which are open at an instant is worked out for each variant and day, and
// kept; a filter then is an index lookup by the variants that are.

// openDays bounds the days that are kept; a window that is longer is worked out without them.
const openDays = 32

// hoursIndex holds the variants and what is open on days that were asked for.
type hoursIndex struct {
	mu    sync.Mutex
	known map[int64]variant
	days  map[time.Time][]openSpan
}

type variant struct {
	hours *hours.Hours
	place hours.Place
}

type openSpan struct {
	key        int64
	start, end time.Time
}

// hoursZone gives an AGS where the hours are the same as in the municipality: its own when they go by the sun; one that stands for all with its holidays
// when they know holidays; "" when they are the same everywhere.
func (s *Store) hoursZone(osm, ags string) string {
	for _, sun := range []string{"sun", "dawn", "dusk"} {
		if strings.Contains(strings.ToLower(osm), sun) {
			return ags
		}
	}
	if !strings.Contains(osm, "PH") && !strings.Contains(osm, "SH") {
		return ""
	}
	if zone, ok := s.reference().holidayZones[ags]; ok {
		return zone
	}
	return ags
}

// holidayZones groups the municipalities, which come by AGS, by their holidays; the first of each group stands for it.
func holidayZones(all []*ent.Municipality) map[string]string {
	zones, first := make(map[string]string, len(all)), map[string]string{}
	for _, m := range all {
		var b strings.Builder
		b.WriteString(m.StateKey)
		for _, h := range hours.Holidays(2027, m.AGS) {
			b.WriteString(h.Name)
			if h.Regional {
				b.WriteByte('?')
			}
		}
		holidays := b.String()
		if first[holidays] == "" {
			first[holidays] = m.AGS
		}
		zones[m.AGS] = first[holidays]
	}
	return zones
}

// SchoolHolidays gives the school holidays that are loaded.
func (s *Store) SchoolHolidays() *ent.SchoolCalendar { return s.schools.Load() }

// readSchoolHolidays takes the school holidays that are in the database. What was worked out from others before is worked out anew.
func (s *Store) readSchoolHolidays(ctx context.Context) error {
	var all []*ent.SchoolHoliday
	if err := s.db.NewSelect().Model(&all).Scan(ctx); err != nil {
		return err
	}
	s.schools.Store(ent.NewSchoolCalendar(all))
	s.hours.forget()
	s.generation.Add(1)
	return nil
}

// LoadSchoolHolidays puts the school holidays in the place of those that are loaded for the same states and years. Servers that Listen take
// them at once.
func (s *Store) LoadSchoolHolidays(ctx context.Context, now time.Time, all []*ent.SchoolHoliday) (err error) {
	defer wrap(&err, "LoadSchoolHolidays(%d)", len(all))
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, h := range all {
			if _, err := tx.NewDelete().Model(h).Where("state = ? AND extract(year FROM from_day) = ?", h.State, h.From.Year()).Exec(ctx); err != nil {
				return err
			}
		}
		if err := insertAll(ctx, tx, all, "CONFLICT (state, from_day) DO UPDATE SET name = excluded.name, to_day = excluded.to_day"); err != nil {
			return err
		}
		return logOther(ctx, tx, now, nounCalendar, uuid.Nil)
	})
}

// openKeys gives the variants of opening hours that are open at some moment from from to to, both included.
func (s *Store) openKeys(ctx context.Context, from, to time.Time) ([]int64, error) {
	x := &s.hours
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := s.loadHours(ctx); err != nil {
		return nil, err
	}
	open := map[int64]bool{}
	from, to = from.In(ent.Berlin), to.In(ent.Berlin)
	days := 0
	for day := midnight(from); !day.After(to) && days < openDays; day, days = midnight(day.Add(36*time.Hour)), days+1 {
		for _, span := range x.day(day) {
			if !span.start.After(to) && span.end.After(from) {
				open[span.key] = true
			}
		}
	}
	if days == openDays { // what has not been open for so long may still be: in its season
		for key, v := range x.known {
			if !open[key] && v.opensUntil(from, to) {
				open[key] = true
			}
		}
	}
	keys := make([]int64, 0, len(open))
	for key := range open {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys, nil
}

// loadHours reads the variants that have come since.
func (s *Store) loadHours(ctx context.Context) error {
	x := &s.hours
	db := s.querier(ctx)
	n, err := db.NewSelect().Model((*hoursRow)(nil)).Count(ctx)
	if err != nil || x.days != nil && int(n) == len(x.known) {
		return err
	}
	var rows []hoursRow
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return err
	}
	x.known, x.days = make(map[int64]variant, len(rows)), map[time.Time][]openSpan{}
	for _, r := range rows {
		v := variant{place: ent.HoursPlace(r.Zone, s.Municipality(r.Zone), s.SchoolHolidays())}
		if v.hours, err = hours.Parse(r.OSM); err != nil {
			v.hours, _ = hours.Parse("off") // written by a version that took more
		}
		x.known[r.Key] = v
	}
	return nil
}

// forget has everything worked out anew.
func (x *hoursIndex) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.known, x.days = nil, nil
}

// day gives what is open on the day that begins at the instant.
func (x *hoursIndex) day(start time.Time) []openSpan {
	if spans, ok := x.days[start]; ok {
		return spans
	}
	if len(x.days) >= openDays {
		x.days = map[time.Time][]openSpan{}
	}
	end := midnight(start.Add(36 * time.Hour))
	spans := []openSpan{}
	for key, v := range x.known {
		for _, i := range v.hours.Intervals(start, end, v.place) {
			if i.State == hours.Open {
				spans = append(spans, openSpan{key, i.Start, i.End})
			}
		}
	}
	x.days[start] = spans
	return spans
}

// opensUntil tells whether it is open at some moment from from to to.
func (v variant) opensUntil(from, to time.Time) bool {
	for at, ok := from, true; ok && !at.After(to); at, ok = v.hours.NextChange(at, v.place) {
		if state, _ := v.hours.At(at, v.place); state == hours.Open {
			return true
		}
	}
	return false
}

// midnight is the first instant of the day.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
