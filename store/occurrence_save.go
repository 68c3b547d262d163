package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// Series have occurrence rows from a year before now to two years after, and maxOccurrences rows at the most.
const (
	occurrencesBack  = 366 * 24 * time.Hour
	occurrencesAhead = 2 * 366 * 24 * time.Hour
	maxOccurrences   = 2_000
)

// OccurrenceRow is a date as it is written, with when it is over.
type OccurrenceRow struct {
	ent.Occurrence `bun:",extend"`
	District       string    `bun:"district"` // the beginning of the offering's AGS that districtOf gives
	Until          time.Time `bun:"until"`
	Added          bool      `bun:"added"` // the schedule does not give it
}

// Expand makes the rows of the offering's dates as of now, and sets to where they reach.
func Expand(o *ent.Offering, now time.Time) (rows []OccurrenceRow, err error) {
	o.ExpandedUntil, o.LastUntil = nil, nil
	if o.Schedule == nil {
		return nil, nil
	}
	from, to := now.Add(-occurrencesBack), now.Add(occurrencesAhead)
	if o.Schedule.RRule == nil { // single dates are few: they are kept whenever they are
		from, to = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
	} else {
		o.ExpandedUntil = &to
	}
	spans, err := o.Schedule.Expand(from, to, maxOccurrences)
	if err != nil {
		return nil, err
	}
	exceptions := map[int64]ent.Exception{}
	for _, e := range o.Exceptions {
		exceptions[e.Original.Unix()] = e
	}
	last := o.Schedule.Start // of a series that was over before the window
	add := func(span ent.Span, added bool) {
		r := OccurrenceRow{Added: added, District: districtOf(o.AGS), Occurrence: ent.Occurrence{
			OfferingID: o.ID, Original: span.Original, StartsAt: span.Start, EndsAt: span.End, AllDay: o.Schedule.AllDay, Status: ent.OccurrenceScheduled,
		}}
		if e, ok := exceptions[span.Original.Unix()]; ok {
			delete(exceptions, span.Original.Unix())
			r.except(e)
		}
		r.Until = r.until()
		if r.Until.After(last) {
			last = r.Until
		}
		rows = append(rows, r)
	}
	for _, span := range spans {
		add(span, false)
	}
	for _, e := range o.Exceptions {
		if _, open := exceptions[e.Original.Unix()]; open && e.Added {
			span := ent.Span{Original: e.Original, Start: e.Original}
			if end := o.Schedule.End; end != nil {
				planned := e.Original.Add(end.Sub(o.Schedule.Start))
				span.End = &planned
			}
			add(span, true)
		}
	}
	o.LastUntil = &last
	return rows, nil
}

// except makes the date what its exception says.
func (r *OccurrenceRow) except(e ent.Exception) {
	r.Status, r.PlaceID = e.Status, e.PlaceID
	if e.Start != nil {
		if r.EndsAt != nil {
			end := e.Start.Add(r.EndsAt.Sub(r.StartsAt))
			r.EndsAt = &end
		}
		r.StartsAt = *e.Start
	}
	if e.End != nil {
		r.EndsAt = e.End
	}
}

// until is when the date is over: its end, or what stands for it where nobody said.
func (r *OccurrenceRow) until() time.Time {
	switch {
	case r.EndsAt != nil && r.EndsAt.After(r.StartsAt):
		return *r.EndsAt
	case r.AllDay:
		return r.StartsAt.AddDate(0, 0, 1)
	default:
		return r.StartsAt.Add(time.Second)
	}
}

// ExtendOccurrences makes the dates of series for the time that has come into the window since they were last made. Call it once a day;
// it does a bounded piece of work in each transaction and several processes may call it at once.
func (s *Store) ExtendOccurrences(ctx context.Context, now time.Time) (n int, err error) {
	defer wrap(&err, "ExtendOccurrences(%v)", now)
	var failed []error
	for {
		var batch []*ent.Offering
		err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			err := tx.NewSelect().Model(&batch).Where("expanded_until < ?", now.Add(occurrencesAhead-30*24*time.Hour)).
				Limit(100).For("UPDATE SKIP LOCKED").Scan(ctx)
			if err != nil {
				return err
			}
			if len(batch) > 0 { // calendars that reach that far show more
				if err := logOther(ctx, tx, now, nounCalendar, uuid.Nil); err != nil {
					return err
				}
			}
			for _, o := range batch {
				rows, err := Expand(o, now)
				if err != nil { // one that cannot be expanded must not hold up the others
					failed = append(failed, fmt.Errorf("offering %v: %w", o.ID, err))
					until := now.Add(occurrencesAhead)
					o.ExpandedUntil = &until
				}
				if err := insertDates(ctx, tx, rows, "DO NOTHING"); err != nil {
					return err
				}
				if _, err := tx.NewUpdate().Model((*ent.Offering)(nil)).Set("expanded_until = ?, last_until = ?", o.ExpandedUntil, o.LastUntil).Where("id = ?", o.ID).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		n += len(batch)
		if err != nil || len(batch) == 0 {
			return n, errors.Join(append(failed, err)...)
		}
	}
}
