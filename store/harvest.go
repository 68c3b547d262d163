package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// Atomically runs work in one transaction: what it does through the store with its context happens as a whole or not at all. Of all processes one does so
// at a time, so that two runs see what the other has made. work may be called more than once.
func (s *Store) Atomically(ctx context.Context, work func(ctx context.Context) error) (err error) {
	defer wrap(&err, "Atomically")
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := exec(ctx, tx, new(query).add("SELECT pg_advisory_xact_lock(?)", lockHarvest)); err != nil {
			return err
		}
		return work(ctx)
	})
}

// Within runs work in a transaction as Atomically does, while no run of the sources is under way.
func (s *Store) Within(ctx context.Context, sources []uuid.UUID, work func(ctx context.Context) error) error {
	return s.Atomically(ctx, func(ctx context.Context) error {
		return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := s.waitForSources(ctx, tx, sources); err != nil {
				return err
			}
			return work(ctx)
		})
	})
}

// Apart gives a context that is in no transaction of another's.
func Apart(ctx context.Context) context.Context { return context.WithValue(ctx, txKey{}, nil) }

// LockSource sees to it that of all processes on the database only the caller has the source, until release is called or the caller's process is gone.
// ok is false when another one has it.
func (s *Store) LockSource(ctx context.Context, id uuid.UUID) (release func(), ok bool, err error) {
	defer wrap(&err, "LockSource(%v)", id)
	conn, err := s.db.DB.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	key := hash32(id.String())
	if err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, $2)", lockHarvest, key).Scan(&ok); err != nil || !ok {
		_ = conn.Close()
		return nil, false, err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1, $2)", lockHarvest, key); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // never back into the pool with the lock
		}
		_ = conn.Close()
	}, true, nil
}

// waitForSources keeps runs of the sources away until the end of the transaction.
func (s *Store) waitForSources(ctx context.Context, tx bun.Tx, ids []uuid.UUID) error {
	keys := make([]int32, len(ids))
	for i, id := range ids {
		keys[i] = hash32(id.String())
	}
	slices.Sort(keys) // in one order, so that no two wait for each other
	_, err := exec(ctx, tx, new(query).add("SELECT pg_advisory_xact_lock(?, k) FROM unnest(?::int[]) k", lockHarvest, slices.Compact(keys)))
	return err
}

// Known is what a run must know of a record that is there.
type Known struct {
	Key        string             `bun:"key"`
	Hash       []byte             `bun:"hash"`
	Ident      []byte             `bun:"ident"`
	OfferingID *uuid.UUID         `bun:"offering_id,type:uuid"` // nil: erased
	HomeID     *uuid.UUID         `bun:"home_id,type:uuid"`
	FirstSeen  time.Time          `bun:"first_seen"`
	GoneAt     *time.Time         `bun:"gone_at"`
	Until      *time.Time         `bun:"last_until"` // when the offering's last date is over
	Status     ent.OfferingStatus `bun:"status"`     // of the offering
}

// KnownRecords gives all records of a source.
func (s *Store) KnownRecords(ctx context.Context, source uuid.UUID) (rows []*Known, err error) {
	defer wrap(&err, "KnownRecords(%v)", source)
	return rows, s.scan(ctx, new(query).add(`SELECT r.key, r.hash, r.ident, r.offering_id, r.home_id, r.first_seen, r.gone_at, o.last_until, coalesce(o.status, '') AS status
		FROM record r LEFT JOIN offering o ON o.id = r.offering_id WHERE r.source_id = ? ORDER BY r.first_seen, r.key`, source), &rows)
}

// RecordContents gives the contents of some records of a source by their keys.
func (s *Store) RecordContents(ctx context.Context, source uuid.UUID, keys []string) (contents map[string]string, err error) {
	defer wrap(&err, "RecordContents(%v, %d)", source, len(keys))
	var rows []*ent.Record
	err = s.scan(ctx, new(query).add("SELECT r.key, r.content FROM record r WHERE r.source_id = ? AND r.key = ANY(?::text[])", source, keys), &rows)
	contents = make(map[string]string, len(rows))
	for _, r := range rows {
		contents[r.Key] = r.Content
	}
	return contents, err
}

// CountRecords counts the records that are in each of the sources now.
func (s *Store) CountRecords(ctx context.Context, sources []uuid.UUID) (n map[uuid.UUID]int, err error) {
	defer wrap(&err, "CountRecords")
	var rows []struct {
		ID uuid.UUID `bun:"source_id"`
		N  int       `bun:"n"`
	}
	err = s.scan(ctx, new(query).add("SELECT source_id, count(*) AS n FROM record WHERE source_id = ANY(?::uuid[]) AND gone_at IS NULL GROUP BY 1", uuids(sources)), &rows)
	n = make(map[uuid.UUID]int, len(rows))
	for _, r := range rows {
		n[r.ID] = r.N
	}
	return n, err
}

// RecordsOf gives the records of offerings that their sources have now, in the order in which they came.
func (s *Store) RecordsOf(ctx context.Context, offerings []uuid.UUID) (rows []*ent.Record, err error) {
	defer wrap(&err, "RecordsOf")
	if len(offerings) == 0 {
		return nil, nil
	}
	return rows, s.scan(ctx, new(query).add("SELECT "+s.columnsBut(ent.Record{}, "raw")+` FROM record r
		WHERE r.offering_id = ANY(?::uuid[]) AND r.gone_at IS NULL ORDER BY r.first_seen, r.source_id, r.key`, uuids(offerings)), &rows)
}

// SaveRecords writes records, and forgets those of the source whose keys are in obsolete: their things go by another key now.
func (s *Store) SaveRecords(ctx context.Context, source uuid.UUID, rows []*ent.Record, obsolete []string) (err error) {
	defer wrap(&err, "SaveRecords(%v, %d)", source, len(rows))
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if len(obsolete) > 0 {
			if _, err := exec(ctx, tx, new(query).add("DELETE FROM record WHERE source_id = ? AND key = ANY(?::text[])", source, obsolete)); err != nil {
				return err
			}
		}
		return insertAll(ctx, tx, rows, `CONFLICT (source_id, key) DO UPDATE SET offering_id = excluded.offering_id, home_id = excluded.home_id, hash = excluded.hash,
			ident = excluded.ident, item = excluded.item, url = excluded.url, content = excluded.content, raw = excluded.raw, first_seen = excluded.first_seen,
			changed_at = excluded.changed_at, gone_at = NULL`)
	})
}

// RecordsGone notes that records have left their source.
func (s *Store) RecordsGone(ctx context.Context, source uuid.UUID, keys []string, now time.Time) (err error) {
	defer wrap(&err, "RecordsGone(%v, %d)", source, len(keys))
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := exec(ctx, tx, new(query).add("UPDATE record SET gone_at = ? WHERE source_id = ? AND key = ANY(?::text[]) AND gone_at IS NULL", now, source, keys))
		return err
	})
}

// WithdrawGone takes offerings from the public that no source has any more, but for those that a person had posted before.
func (s *Store) WithdrawGone(ctx context.Context, actor *ent.Actor, now time.Time, ids []uuid.UUID, reason string) (err error) {
	defer wrap(&err, "WithdrawGone(%d)", len(ids))
	ids = distinct(ids)
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for batch := range slices.Chunk(ids, 500) {
			var found []*ent.Offering
			err := s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Offering{})+` FROM offering o WHERE o.id = ANY(?::uuid[]) AND o.status <> 'WITHDRAWN'
				AND NOT EXISTS (SELECT FROM revision r WHERE r.offering_id = o.id AND r.version = 1 AND r.content->>'source_id' IS NULL)
				AND NOT EXISTS (SELECT FROM offering m WHERE m.merged_into = o.id AND m.source_id IS NULL)
				AND o.source_id IS NOT NULL ORDER BY o.id FOR NO KEY UPDATE`, uuids(batch)), &found)
			if err != nil {
				return err
			}
			if err := s.withdrawAll(ctx, tx, actor, now, found, ent.ActionWithdraw, reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// withdrawAll withdraws offerings that are locked.
func (s *Store) withdrawAll(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, found []*ent.Offering, action ent.Action, reason string) error {
	if err := s.relateAll(ctx, tx, found); err != nil {
		return err
	}
	w := &writing{actor: actor, now: now}
	for _, old := range found {
		o := *old
		o.Status, o.WithdrawnReason = ent.StatusWithdrawn, &reason
		w.add(old, &o, action)
	}
	return s.write(ctx, tx, w)
}

// relateAll sets the providers and places of offerings.
func (s *Store) relateAll(ctx context.Context, tx bun.Tx, offerings []*ent.Offering) error {

	ids := make([]uuid.UUID, len(offerings))
	for i, o := range offerings {
		ids[i] = o.ProviderID
	}
	found, err := s.ProvidersByID(ctx, distinct(ids))
	if err != nil {
		return err
	}
	providers := byID(found, func(p *ent.Provider) uuid.UUID { return p.ID })
	for _, o := range offerings {
		o.Provider = providers[o.ProviderID]
	}
	return s.placesInto(ctx, offerings)
}

// OfferingsForMerge gives offerings with their provider and place, in whatever state they are, in no order.
func (s *Store) OfferingsForMerge(ctx context.Context, ids []uuid.UUID) (rows []*ent.Offering, err error) {
	defer wrap(&err, "OfferingsForMerge")
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if rows, err = byKey[ent.Offering](ctx, s, "offering o WHERE o.id", ids); err != nil {
			return err
		}
		return s.relateAll(ctx, tx, rows)
	})
	return rows, err
}

// maxAlike is how many offerings are looked at for one thing.
const maxAlike = 3

// Alike gives for things with these dedupe keys the offerings that have most of them in common with one, with their provider and place, that are public or wait
// for it: up to three for each. Those whose first source is the one that is named are left out; ags bounds them to providers of that municipality,
// "" not.
func (s *Store) Alike(ctx context.Context, keys [][]string, source uuid.UUID, ags string) (rows []*ent.Offering, err error) {
	defer wrap(&err, "Alike(%d)", len(keys))
	var things []int
	var all []string
	for i, list := range keys {
		for _, k := range list {
			things, all = append(things, i), append(all, k)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	// One key at a time, so that the index is used however many there are; a key that many have says little.
	q := new(query).add(`WITH shared AS MATERIALIZED (
		SELECT k.thing, o.id, row_number() OVER (PARTITION BY k.thing ORDER BY count(*) DESC, o.id) AS place
		FROM unnest(?::int[], ?::text[]) AS k(thing, key), LATERAL (SELECT o.id FROM offering o
			WHERE o.dedupe_keys @> ARRAY[k.key] AND o.status IN ('PUBLISHED', 'IN_REVIEW') AND o.source_id IS DISTINCT FROM ?`, things, all, source)
	if ags != "" {
		q.add(" AND o.provider_id IN (SELECT id FROM provider WHERE ags = ?)", ags)
	}
	q.add(` LIMIT ?) o GROUP BY k.thing, o.id)
		SELECT `+s.columnsBut(ent.Offering{}, "images", "translations", "description_html", "held", "exceptions")+` FROM offering o
		WHERE o.id IN (SELECT id FROM shared WHERE place <= ?)`, 20*maxAlike, maxAlike)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.scan(ctx, q, &rows); err != nil {
			return err
		}
		return s.relateAll(ctx, tx, rows)
	})
	return rows, err
}

// KnownPlaces gives places of a municipality whose position is known, for finding them by name. At most 5,000.
func (s *Store) KnownPlaces(ctx context.Context, ags string) (rows []*ent.Place, err error) {
	defer wrap(&err, "KnownPlaces(%q)", ags)
	return rows, s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Place{})+` FROM place pl WHERE pl.ags = ? AND pl.longitude IS NOT NULL
		AND EXISTS (SELECT FROM offering o WHERE o.place_id = pl.id AND o.status = 'PUBLISHED') ORDER BY pl.street IS NULL, pl.id LIMIT 5000`, ags), &rows)
}

// ProvidersIn gives the providers of a municipality, the oldest first. At most 10,000.
func (s *Store) ProvidersIn(ctx context.Context, ags string) (rows []*ent.Provider, err error) {
	defer wrap(&err, "ProvidersIn(%q)", ags)
	return rows, s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Provider{})+" FROM provider p WHERE p.ags = ? ORDER BY p.created_at, p.id LIMIT 10000", ags), &rows)
}

// AddProvider makes a provider that a source has named, or gives the one of that name and kind that is there.
func (s *Store) AddProvider(ctx context.Context, now time.Time, p *ent.Provider) (added *ent.Provider, err error) {
	defer wrap(&err, "AddProvider(%q, %q)", p.AGS, p.Name)
	return s.SaveProvider(ctx, ent.System("Umland"), now, ProviderSave{AGS: p.AGS, Edit: func(o *ent.Provider) ent.UserErrors {
		if o.Name == "" {
			o.Name, o.Kind, o.Website, o.Contact = p.Name, p.Kind, p.Website, p.Contact
		}
		return nil
	}})
}

// FinishRun writes the audit row of a run, and what the source is to remember of it.
func (s *Store) FinishRun(ctx context.Context, run *ent.Harvest, source *ent.Source) (err error) {
	defer wrap(&err, "FinishRun(%v)", run.SourceID)
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(run).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model(source).Column("etag", "last_modified", "sha256", "read_at", "not_before", "next_at", "failures", "refused", "accepted").WherePK().Exec(ctx)
		return err
	})
}

// DueSources gives the sources that are due, the longest overdue first.
func (s *Store) DueSources(ctx context.Context, now time.Time, limit int) (rows []*ent.Source, err error) {
	defer wrap(&err, "DueSources")
	return rows, s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Source{})+` FROM source s WHERE s.paused_at IS NULL AND s.next_at <= ?
		ORDER BY s.next_at LIMIT ?`, now, limit), &rows)
}

// ForgetHarvests deletes what runs left that changed nothing and are older than before, and all others that are older than long before.
func (s *Store) ForgetHarvests(ctx context.Context, now time.Time) (n int, err error) {
	defer wrap(&err, "ForgetHarvests")
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err = exec(ctx, tx, new(query).add(`DELETE FROM harvest h WHERE (h.started_at < ? AND h.outcome = 'UNCHANGED' OR h.started_at < ?)
			AND EXISTS (SELECT FROM harvest l WHERE l.source_id = h.source_id AND l.id > h.id)`, now.AddDate(0, 0, -30), now.AddDate(-1, 0, 0)))
		return err
	})
	return n, err
}

// LastRuns gives the last run of each of the sources, dry ones aside, without its changes.
func (s *Store) LastRuns(ctx context.Context, sources []uuid.UUID) (runs map[uuid.UUID]*ent.Harvest, err error) {
	defer wrap(&err, "LastRuns")
	var rows []*ent.Harvest
	err = s.scan(ctx, new(query).add("SELECT "+s.columnsBut(ent.Harvest{}, "changes")+` FROM unnest(?::uuid[]) AS k(source), LATERAL (
		SELECT * FROM harvest WHERE source_id = k.source AND NOT dry ORDER BY id DESC LIMIT 1) h`, uuids(sources)), &rows)
	return byID(rows, func(h *ent.Harvest) uuid.UUID { return h.SourceID }), err
}

// ChangesInto sets the changes of runs.
func (s *Store) ChangesInto(ctx context.Context, runs []*ent.Harvest) (err error) {
	defer wrap(&err, "ChangesInto(%d)", len(runs))
	if len(runs) == 0 {
		return nil
	}
	of := byID(runs, func(h *ent.Harvest) uuid.UUID { return h.ID })
	var rows []struct {
		ID      uuid.UUID           `bun:"id"`
		Changes []ent.HarvestChange `bun:"changes,type:jsonb"`
	}
	err = s.scan(ctx, new(query).add("SELECT id, changes FROM harvest WHERE id = ANY(?::uuid[]) AND changes IS NOT NULL", uuids(slices.Collect(maps.Keys(of)))), &rows)
	for _, r := range rows {
		of[r.ID].Changes = r.Changes
	}
	return err
}

// Runs gives a page of the runs of a source, the newest first, without their changes.
func (s *Store) Runs(ctx context.Context, source uuid.UUID, p PageArgs) (c *ent.HarvestConnection, err error) {
	defer wrap(&err, "Runs(%v)", source)
	w, err := p.window(newList("runs", source))
	if err != nil {
		return nil, err
	}
	before := uuid.Max
	if w.after != nil {
		if before, err = uuid.Parse(w.after.id); err != nil {
			return nil, ent.BadInput("after", "This is not a cursor of this list.")
		}
	}
	var rows []*ent.Harvest
	if err := s.scan(ctx, new(query).add("SELECT "+s.columnsBut(ent.Harvest{}, "changes")+" FROM harvest h WHERE h.source_id = ? AND h.id < ? ORDER BY h.id DESC LIMIT ?",
		source, before, w.limit()), &rows); err != nil {
		return nil, err
	}
	c = &ent.HarvestConnection{Page: page(w, rows, func(h *ent.Harvest) cursor { return cursor{"", h.ID.String()} })}
	if p.Total {
		totals, err := s.totals(ctx, new(query).add("SELECT '' AS parent, count(*) AS n FROM harvest WHERE source_id = ?", source))
		if err != nil {
			return nil, err
		}
		c.TotalCount = totals[""]
	}
	return c, nil
}

// Decide notes what somebody decided on the last run of a source, which must be quarantined. Where it is right, as many items may leave at the next run, which is
// due at once. Its errors are ent.UserErrors where the input is at fault.
func (s *Store) Decide(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, decision ent.HarvestDecision) (source *ent.Source, err error) {
	defer wrap(&err, "Decide(%v)", id)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if source, err = s.sourceForChange(ctx, tx, actor, id); err != nil {
			return err
		}
		run := new(ent.Harvest)
		err := tx.NewSelect().Model(run).Where("source_id = ? AND NOT dry", id).Order("id DESC").Limit(1).For("UPDATE").Scan(ctx)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err != nil || run.Outcome != ent.HarvestQuarantined || run.Decision != nil {
			return fault(ent.UserInvalid, "No run of the source waits for a decision.", "id")
		}
		if decision == ent.DecisionAccept && run.Gone == 0 {
			return fault(ent.UserInvalid, "There is nothing to accept: what came was no feed.", "decision")
		}
		run.Decision, run.DecidedAt, run.DecidedBy = &decision, &now, &actor.Name
		if _, err := tx.NewUpdate().Model(run).Column("decision", "decided_at", "decided_by").WherePK().Exec(ctx); err != nil {
			return err
		}
		if decision == ent.DecisionAccept {
			source.Accepted, source.NextAt = run.Gone, &now
			if _, err := tx.NewUpdate().Model(source).Column("accepted", "next_at").WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, actor, now, "DECIDE_QUARANTINE", source.NodeID(), map[string]any{"decision": decision, "gone": run.Gone, "run": run.NodeID()})
	})
	return source, err
}

// maxShownMerged is how many of those that were merged into an offering are shown.
const maxShownMerged = 100

// Merged gives for each of the offerings those that were merged into it, the first of them first, 100 at the most.
func (s *Store) Merged(ctx context.Context, ids []uuid.UUID) (of map[uuid.UUID][]*ent.Offering, err error) {
	defer wrap(&err, "Merged(%d)", len(ids))
	var rows []*ent.Offering
	err = s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Offering{}, "id", "title", "provider_id", "source_id", "merged_into")+` FROM unnest(?::uuid[]) AS k(id), LATERAL (
		SELECT * FROM offering m WHERE m.merged_into = k.id ORDER BY m.created_at, m.id LIMIT ?) o`, uuids(ids), maxShownMerged), &rows)
	of = make(map[uuid.UUID][]*ent.Offering, len(ids))
	for _, o := range rows {
		of[*o.MergedInto] = append(of[*o.MergedInto], o)
	}
	return of, err
}

// MergedInto gives the offerings that a person had posted and that are one with others by now, with provider and place.
func (s *Store) MergedInto(ctx context.Context, ids []uuid.UUID) (rows []*ent.Offering, err error) {
	defer wrap(&err, "MergedInto")
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Offering{})+` FROM offering o WHERE o.merged_into = ANY(?::uuid[]) AND o.source_id IS NULL
			ORDER BY o.created_at, o.id`, uuids(ids)), &rows); err != nil {
			return err
		}
		return s.relateAll(ctx, tx, rows)
	})
	return rows, err
}

// AnswersFor finds the municipality that answers for a place as it is described; home is its provider's, and is meant when it is not known.
func (s *Store) AnswersFor(p *ent.Place, home string) string {
	if p == nil {
		return home
	}
	if p.AGS != "" {
		return p.AGS
	}
	copied := *p
	s.settle(&copied, home)
	return copied.AGS
}

// TownNear tells whether home, or one municipality of its district, is called so.
func (s *Store) TownNear(name, home string) bool {
	return s.reference().byAddress(&ent.Place{Locality: &name}, home) != nil
}
