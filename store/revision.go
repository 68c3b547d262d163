package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// A revision is the row of an offering as it was before a change, without the columns that are derived from the others. The version that an offering
// has is in its own row: what was never changed has no revisions.

// derivedColumns are left out of revisions.
const derivedColumns = "{category_path,longitude,latitude,extent,hours_key,vector,dedupe_keys,last_until,expanded_until}"

// keepRevisions keeps the offerings as they are now.
func (s *Store) keepRevisions(ctx context.Context, tx bun.Tx, ids []uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := exec(ctx, tx, new(query).add(`INSERT INTO revision (offering_id, version, content)
		SELECT o.id, o.version, jsonb_strip_nulls(to_jsonb(o) - '`+derivedColumns+`'::text[]) FROM offering o WHERE o.id = ANY(?::uuid[])`, uuids(ids)))
	return err
}

// versions reads versions of an offering below before, the newest first.
func (s *Store) versions(ctx context.Context, id uuid.UUID, before, limit int) (rows []*ent.Offering, err error) {
	columns := s.columns(ent.Offering{})
	return rows, s.scan(ctx, new(query).add(`SELECT * FROM (
		(SELECT `+columns+` FROM offering o WHERE o.id = ? AND o.version < ?)
		UNION ALL
		(SELECT `+columns+` FROM revision r, jsonb_populate_record(NULL::offering, r.content) o WHERE r.offering_id = ? AND r.version < ? ORDER BY r.version DESC LIMIT ?)) o
		ORDER BY o.version DESC LIMIT ?`, id, before, id, before, limit, limit), &rows)
}

// maxVersion is above all versions.
const maxVersion = 1 << 30

// Revisions gives a page of the offering's versions, the newest first, each with what it changed.
func (s *Store) Revisions(ctx context.Context, id uuid.UUID, p PageArgs) (c *ent.RevisionConnection, err error) {
	defer wrap(&err, "Revisions(%v)", id)
	w, err := p.window(newList("revisions", id))
	if err != nil {
		return nil, err
	}
	before := int64(maxVersion)
	if w.after != nil {
		if before, err = parsePosition(w.after.key); err != nil {
			return nil, err
		}
	}
	rows, err := s.versions(ctx, id, int(min(before, maxVersion)), w.limit()+1) // and the one that the last of the page is compared with
	if err != nil {
		return nil, err
	}
	if err := s.placesInto(ctx, rows); err != nil {
		return nil, err
	}
	all := make([]*ent.Revision, 0, len(rows))
	for i, o := range rows[:min(len(rows), w.limit())] {
		was := new(ent.Offering)
		if i+1 < len(rows) {
			was = rows[i+1]
		}
		all = append(all, &ent.Revision{Version: o.Version, At: o.UpdatedAt, Change: o.Change, Status: o.Status, Offering: o, Changes: ent.Differences(was, o)})
	}
	c = &ent.RevisionConnection{Page: page(w, all, func(r *ent.Revision) cursor { return cursor{formatPosition(int64(r.Version)), ""} })}
	if p.Total {
		totals, err := s.totals(ctx, new(query).add("SELECT '' AS parent, count(*) + 1 AS n FROM revision WHERE offering_id = ?", id))
		if err != nil {
			return nil, err
		}
		c.TotalCount = totals[""]
	}
	return c, nil
}

// placesInto sets the places of the offerings.
func (s *Store) placesInto(ctx context.Context, offerings []*ent.Offering) error {
	var ids []uuid.UUID
	for _, o := range offerings {
		if o.PlaceID != nil {
			ids = append(ids, *o.PlaceID)
		}
	}
	found, err := s.PlacesByID(ctx, distinct(ids))
	places := byID(found, func(p *ent.Place) uuid.UUID { return p.ID })
	for _, o := range offerings {
		if o.PlaceID != nil {
			o.Place = places[*o.PlaceID]
		}
	}
	return err
}

// version reads one version of an offering, nil when there is none.
func (s *Store) version(ctx context.Context, id uuid.UUID, version int) (*ent.Offering, error) {
	rows, err := s.versions(ctx, id, version+1, 1)
	if err != nil || len(rows) == 0 || rows[0].Version != version {
		return nil, err
	}
	return rows[0], s.placesInto(ctx, rows)
}

// revisionBefore gives the status that a withdrawn offering had before.
func (s *Store) revisionBefore(ctx context.Context, o *ent.Offering) (ent.OfferingStatus, error) {
	var was []string
	err := s.scan(ctx, new(query).add(`SELECT content->>'status' FROM revision WHERE offering_id = ? AND content->>'status' <> 'WITHDRAWN'
		ORDER BY version DESC LIMIT 1`, o.ID), &was)
	if err != nil || len(was) == 0 {
		return ent.StatusDraft, err
	}
	return ent.OfferingStatus(was[0]), nil
}

// explainConflicts adds to conflicts what has changed since the version that was expected.
func (s *Store) explainConflicts(ctx context.Context, tx bun.Tx, round []*saving) error {
	for _, x := range round {
		c := x.result.Conflict
		if c == nil {
			continue
		}
		base, err := s.version(ctx, c.Current.ID, *x.ExpectedVersion)
		if err != nil {
			return err
		}
		if base == nil {
			continue
		}
		c.Since = ent.Differences(base, c.Current)
		names := make([]string, len(c.Since))
		for i, d := range c.Since {
			names[i] = d.Name
		}
		if len(names) > 0 {
			i := slices.IndexFunc(x.result.Faults, func(f ent.UserError) bool { return f.Code == ent.UserConflict })
			x.result.Faults[i].Message += " Since the version that you expected changed: " + strings.Join(names, ", ") + "."
		}
	}
	return nil
}

// RestoreOffering makes the content of an earlier version the content of a new one. Its status stays, but what is published is reviewed again where
// the actor may not publish.
func (s *Store) RestoreOffering(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, version int, expected *int) (*ent.Offering, error) {
	return s.MoveOffering(ctx, actor, now, Move{
		ID: id, ExpectedVersion: expected, Action: ent.ActionRestore,
		Do: func(ctx context.Context, o *ent.Offering, may bool) error {
			old, err := s.version(ctx, id, version)
			if err != nil {
				return err
			}
			if old == nil {
				return fault(ent.UserNotFound, "The offering has no such version.", "version")
			}
			was := o.Hash()
			for _, f := range ent.OfferingFields() {
				if f.Name == "publishAt" || f.Name == "expiresAt" {
					continue
				}
				if err := f.Set(o, f.Get(old)); err != nil {
					return err
				}
			}
			o.Place = old.Place
			if changed := !slices.Equal(was, o.Hash()); o.Status == ent.StatusPublished && changed && !may {
				o.Status = ent.StatusInReview
			}
			return nil
		},
	})
}

// EraseOffering deletes an offering with its whole history, for good: what is left is that it is gone.
func (s *Store) EraseOffering(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID) (err error) {
	defer wrap(&err, "EraseOffering(%v)", id)
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.moveOffering(ctx, tx, actor, now, Move{ID: id, Do: func(context.Context, *ent.Offering, bool) error { return nil }})
		if err != nil {
			return err
		}
		gone := *o
		gone.Status = ent.StatusWithdrawn
		if err := logChanges(ctx, tx, now, []written{{old: o, new: &gone}}, s.factsOf); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, new(query).add("UPDATE record SET content = '{}', raw = NULL, url = NULL, item = '' WHERE offering_id = ? OR home_id = ?", id, id)); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(o).WherePK().Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, now, "ERASE", ent.OfferingID(id), nil)
	})
}
