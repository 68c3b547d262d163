package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// The change log has a row for each change that the public can see, written in the transaction that makes it. Transactions end in another order than they
// begin, so a row's id says nothing about when it can be seen. Its position does: rows that are committed and have none yet get the
// next ones, under a lock, by whoever reads the log first. Positions have no gaps, and what has one is seen by all who read later.

// changeChannel is where Postgres tells all processes that there are changes, with the noun of those that are not of offerings.
const changeChannel = "umland_change"

// nounCalendar is the noun of a change of what all dates and opening hours may depend on.
const nounCalendar = "CALENDAR"

// logChanges writes the rows of offerings that the public sees before or after.
func logChanges(ctx context.Context, tx bun.Tx, now time.Time, changes []written, factsOf func(*ent.Offering) *facts) error {
	var keys []uuid.UUID
	var gone []bool
	var before, after []*string
	text := func(f *facts) *string {
		if f == nil {
			return nil
		}
		s := string(mustJSON(f))
		return &s
	}
	for _, x := range changes {
		old, o := factsOf(x.old), factsOf(x.new)
		if old == nil && o == nil {
			continue
		}
		keys, gone = append(keys, x.new.ID), append(gone, o == nil)
		before, after = append(before, text(old)), append(after, text(o))
	}
	if len(keys) == 0 {
		return nil
	}
	_, err := exec(ctx, tx, new(query).add(`WITH logged AS (INSERT INTO change (at, noun, key, gone, before, after)
		SELECT ?::timestamptz, 'OFFERING', k.key, k.gone, k.before::jsonb, k.after::jsonb
		FROM unnest(?::uuid[], ?::bool[], ?::text[], ?::text[]) WITH ORDINALITY AS k(key, gone, before, after, n) ORDER BY n)
		SELECT pg_notify('`+changeChannel+`', '')`, now, uuids(keys), gone, before, after))
	return err
}

// logOther writes that a provider, or the calendar as a whole (with no key), has changed; a provider's offerings change with it.
func logOther(ctx context.Context, tx bun.Tx, now time.Time, noun string, key uuid.UUID) error {
	_, err := exec(ctx, tx, new(query).add(`WITH logged AS (INSERT INTO change (at, noun, key, gone) SELECT ?::timestamptz, ?::text, ?::uuid, false
		UNION ALL SELECT ?::timestamptz, 'OFFERING', id, false FROM offering WHERE provider_id = ?::uuid AND status = 'PUBLISHED')
		SELECT pg_notify('`+changeChannel+`', ?::text)`, now, noun, key, now, key, noun))
	return err
}

// logSeed writes that offerings are new.
func logSeed(ctx context.Context, tx bun.Tx, now time.Time, offerings []*ent.Offering) error {
	ids := make([]uuid.UUID, len(offerings))
	for i, o := range offerings {
		ids[i] = o.ID
	}
	_, err := exec(ctx, tx, new(query).add(`WITH logged AS (INSERT INTO change (at, noun, key, gone) SELECT ?::timestamptz, 'OFFERING', unnest(?::uuid[]), false)
		SELECT pg_notify('`+changeChannel+`', '')`, now, uuids(ids)))
	return err
}

// sequenceChanges gives positions to the rows that are committed and have none.
func (s *Store) sequenceChanges(ctx context.Context) error {
	var n []int
	if err := s.scan(ctx, new(query).add("SELECT 1 WHERE EXISTS (SELECT FROM change WHERE position IS NULL)"), &n); err != nil || len(n) == 0 {
		return err
	}
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := exec(ctx, tx, new(query).add("SELECT pg_advisory_xact_lock(?)", lockChange)); err != nil {
			return err
		}
		_, err := exec(ctx, tx, new(query).add(`UPDATE change c SET position = p.position FROM (
			SELECT id, row_number() OVER (ORDER BY id) + (SELECT coalesce(max(position), 0) FROM change) AS position FROM change WHERE position IS NULL) p
			WHERE c.id = p.id`))
		return err
	})
}

// changeRow is a row of the feed.
type changeRow struct {
	Position int64     `bun:"position"`
	At       time.Time `bun:"at"`
	Key      uuid.UUID `bun:"key"`
	Gone     bool      `bun:"gone"`
}

// Changes gives a page of the change feed: each change of an offering that the public can see once, oldest first. A cursor stays good for ever.
func (s *Store) Changes(ctx context.Context, p PageArgs) (c *ent.ChangeConnection, err error) {
	defer wrap(&err, "Changes")
	w, err := p.window(newList("changes"))
	if err != nil {
		return nil, err
	}
	if err := s.sequenceChanges(ctx); err != nil {
		return nil, err
	}
	after := int64(0)
	if w.after != nil {
		if after, err = parsePosition(w.after.key); err != nil {
			return nil, err
		}
	}
	var rows []*changeRow
	if err := s.scan(ctx, new(query).add(`SELECT position, at, key, gone FROM change WHERE noun = 'OFFERING' AND position > ?
		ORDER BY position LIMIT ?`, after, w.limit()), &rows); err != nil {
		return nil, err
	}
	found := page(w, rows, func(r *changeRow) cursor { return cursor{formatPosition(r.Position), r.Key.String()} })
	c = &ent.ChangeConnection{Page: ent.Page[ent.OfferingChange]{PageInfo: found.PageInfo, Edges: make([]*ent.Edge[ent.OfferingChange], len(found.Edges))}}
	for i, e := range found.Edges {
		c.Edges[i] = &ent.Edge[ent.OfferingChange]{Cursor: e.Cursor, Node: &ent.OfferingChange{Cursor: e.Cursor, At: e.Node.At, OfferingID: e.Node.Key}}
	}
	if p.Total {
		totals, err := s.totals(ctx, new(query).add("SELECT '' AS parent, count(*) AS n FROM change WHERE noun = 'OFFERING'"))
		if err != nil {
			return nil, err
		}
		c.TotalCount = totals[""]
	}
	return c, nil
}
