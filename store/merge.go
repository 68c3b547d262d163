package store

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// SourcesOf gives the sources that have records of the offerings, or had.
func (s *Store) SourcesOf(ctx context.Context, offerings []uuid.UUID) (ids []uuid.UUID, err error) {
	defer wrap(&err, "SourcesOf")
	return ids, s.scan(ctx, new(query).add(`SELECT DISTINCT source_id FROM record WHERE offering_id = ANY(?::uuid[]) OR home_id = ANY(?::uuid[])`, uuids(offerings), uuids(offerings)), &ids)
}

// MergeAway lets target stand for the others: their records are its records, and they are withdrawn. It makes nothing of target anew.
func (s *Store) MergeAway(ctx context.Context, actor *ent.Actor, now time.Time, target *ent.Offering, others []*ent.Offering) (err error) {
	defer wrap(&err, "MergeAway(%v)", target.ID)
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		reason := "Zusammengeführt mit „" + target.Title + "“"
		w := &writing{actor: actor, now: now}
		for _, old := range others {
			for _, sql := range []string{
				"UPDATE record SET home_id = coalesce(home_id, offering_id), offering_id = ? WHERE offering_id = ?",
				"UPDATE offering SET merged_into = ? WHERE merged_into = ?",
			} {
				if _, err := exec(ctx, tx, new(query).add(sql, target.ID, old.ID)); err != nil {
					return err
				}
			}
			a, b := inOrder(target.ID, old.ID)
			if _, err := exec(ctx, tx, new(query).add("DELETE FROM distinct_pair WHERE a = ? AND b = ?", a, b)); err != nil {
				return err
			}
			o := *old
			o.Status, o.WithdrawnReason, o.MergedInto = ent.StatusWithdrawn, &reason, &target.ID
			w.add(old, &o, ent.ActionMerge)
		}
		if err := s.write(ctx, tx, w); err != nil {
			return err
		}
		ids := make([]string, len(others))
		for i, o := range others {
			ids[i] = o.NodeID()
		}
		return s.audit(ctx, tx, actor, now, string(ent.ActionMerge), target.NodeID(), map[string]any{"merged": ids})
	})
}

// MoveRecords gives records of an offering to another one: those of the home, else the one of the source with the key.
func (s *Store) MoveRecords(ctx context.Context, actor *ent.Actor, now time.Time, from, to uuid.UUID, home bool, source uuid.UUID, key string) (err error) {
	defer wrap(&err, "MoveRecords(%v, %v)", from, to)
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := new(query).add("UPDATE record SET offering_id = ?, home_id = NULL WHERE offering_id = ?", to, from)
		if home {
			q.add(" AND home_id = ?", to)
		} else {
			q.add(" AND source_id = ? AND key = ?", source, key)
		}
		if _, err := exec(ctx, tx, q); err != nil {
			return err
		}
		if err := s.keepApart(ctx, tx, actor, now, from, to); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, now, string(ent.ActionSplit), ent.OfferingID(from), map[string]any{"split": ent.OfferingID(to)})
	})
}

// KeepApart remembers that two offerings are not the same thing.
func (s *Store) KeepApart(ctx context.Context, actor *ent.Actor, now time.Time, a, b uuid.UUID) (err error) {
	defer wrap(&err, "KeepApart(%v, %v)", a, b)
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.keepApart(ctx, tx, actor, now, a, b) })
}

func (s *Store) keepApart(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, a, b uuid.UUID) error {
	a, b = inOrder(a, b)
	_, err := exec(ctx, tx, new(query).add("INSERT INTO distinct_pair (a, b, at, by) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", a, b, now, actor.Name))
	return err
}

func inOrder(a, b uuid.UUID) (uuid.UUID, uuid.UUID) {
	if bytes.Compare(a[:], b[:]) > 0 {
		return b, a
	}
	return a, b
}

// PostedFirst tells whether a person had posted the offering before a source had it.
func (s *Store) PostedFirst(ctx context.Context, o *ent.Offering) (bool, error) {
	if o.SourceID == nil {
		return true, nil
	}
	var n []int
	err := s.scan(ctx, new(query).add("SELECT 1 FROM revision WHERE offering_id = ? AND version = 1 AND content->>'source_id' IS NULL", o.ID), &n)
	return len(n) > 0, err
}

// ReleaseAll forgets what persons hold of an offering against a source: it has none any more.
func (s *Store) ReleaseAll(ctx context.Context, id uuid.UUID) (err error) {
	defer wrap(&err, "ReleaseAll(%v)", id)
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := exec(ctx, tx, new(query).add("UPDATE offering SET held = NULL WHERE id = ?", id))
		return err
	})
}

// MayMerge tells whether the actor decides what is one thing with the offering, whose Provider is set.
func (s *Store) MayMerge(a *ent.Actor, o *ent.Offering) bool {
	return (s.owns(a, ent.ScopeWrite, o.Provider) || s.mayInArea(a, ent.ScopeReview, o.AGS)) && s.mayPublish(a, o)
}

// maxSuspects bounds the pairs that are looked at for one municipality.
const maxSuspects = 5000

// Suspects gives pairs of offerings of a municipality that may be the same thing, whose dates are not over, and that nobody has called different.
func (s *Store) Suspects(ctx context.Context, ags string, now time.Time) (pairs [][2]*ent.Offering, err error) {
	defer wrap(&err, "Suspects(%q)", ags)
	var rows []struct {
		A uuid.UUID `bun:"a,type:uuid"`
		B uuid.UUID `bun:"b,type:uuid"`
	}
	if err := s.scan(ctx, new(query).add(`WITH k AS MATERIALIZED (SELECT id, source_id, unnest(dedupe_keys) AS key FROM offering
			WHERE ags = ? AND status IN ('PUBLISHED', 'IN_REVIEW') AND (last_until IS NULL OR last_until > ?))
		SELECT DISTINCT a.id AS a, b.id AS b FROM k a JOIN k b ON a.key = b.key AND a.id < b.id AND (a.source_id IS NULL OR b.source_id IS NULL OR a.source_id <> b.source_id)
		WHERE NOT EXISTS (SELECT FROM distinct_pair d WHERE d.a = a.id AND d.b = b.id) ORDER BY 1, 2 LIMIT ?`, ags, now, maxSuspects), &rows); err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, r := range rows {
		ids = append(ids, r.A, r.B)
	}
	found, err := s.OfferingsForMerge(ctx, distinct(ids))
	if err != nil {
		return nil, err
	}
	known := byID(found, func(o *ent.Offering) uuid.UUID { return o.ID })
	for _, r := range rows {
		if a, b := known[r.A], known[r.B]; a != nil && b != nil {
			pairs = append(pairs, [2]*ent.Offering{a, b})
		}
	}
	return pairs, nil
}

// DuplicatePage gives a page of a list of pairs, which is in its order.
func (s *Store) DuplicatePage(ags string, all []*ent.Duplicate, p PageArgs) (*ent.DuplicateConnection, error) {
	w, err := p.window(newList("duplicates", ags))
	if err != nil {
		return nil, err
	}
	position := func(d *ent.Duplicate) cursor { return cursor{d.A.ID.String(), d.B.ID.String()} }
	rest := all
	if w.after != nil {
		if i := slices.IndexFunc(all, func(d *ent.Duplicate) bool { return position(d) == *w.after }); i >= 0 {
			rest = all[i+1:]
		}
	}
	c := &ent.DuplicateConnection{Page: page(w, rest[:min(len(rest), w.limit())], position)}
	c.TotalCount = len(all)
	return c, nil
}

// MayEditIn tells whether the actor posts for the municipality as such.
func (s *Store) MayEditIn(a *ent.Actor, ags string) bool { return s.mayInArea(a, ent.ScopeWrite, ags) }
