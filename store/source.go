package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// SourceQuery asks for sources: those that a municipality answers for, or all.
type SourceQuery struct {
	Municipality *string
	// By narrows it to those that are read and that the actor decides on; nil: nobody asks for that.
	By *ent.Actor
}

// Sources gives sources by name.
func (s *Store) Sources(ctx context.Context, in SourceQuery, p PageArgs) (c *ent.SourceConnection, err error) {
	defer wrap(&err, "Sources")
	municipality := in.Municipality
	w, err := p.window(newList("sources", municipality, in.By != nil))
	if err != nil {
		return nil, err
	}
	from := new(query)
	if municipality != nil {
		ags, err := s.knownAGS("municipality", *municipality)
		if err != nil {
			return nil, err
		}
		from.add(" AND s.ags = ?", ags)
	}
	if in.By != nil {
		s.harvested(from, in.By)
	}
	q := new(query).add("SELECT " + s.columns(ent.Source{}) + " FROM source s WHERE true").append(from)
	if err := w.keyset(q, byName("s")); err != nil {
		return nil, err
	}
	w.order(q, byName("s"))
	var rows []*ent.Source
	if err := s.scan(ctx, q, &rows); err != nil {
		return nil, err
	}
	c = &ent.SourceConnection{Page: page(w, rows, func(x *ent.Source) cursor { return cursor{x.NameKey, x.ID.String()} })}
	if p.Total {
		totals, err := s.totals(ctx, new(query).add("SELECT '' AS parent, count(*) AS n FROM source s WHERE true").append(from))
		if err != nil {
			return nil, err
		}
		c.TotalCount = totals[""]
	}
	return c, nil
}

// SourcesByID gives the sources with these keys, in no order.
func (s *Store) SourcesByID(ctx context.Context, ids []uuid.UUID) (rows []*ent.Source, err error) {
	defer wrap(&err, "SourcesByID(%v)", ids)
	return byKey[ent.Source](ctx, s, "source s WHERE s.id", ids)
}

// Source gives one source, nil when there is none.
func (s *Store) Source(ctx context.Context, id uuid.UUID) (*ent.Source, error) {
	rows, err := s.SourcesByID(ctx, []uuid.UUID{id})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// SourceSave is one save of a source.
type SourceSave struct {
	ID     *uuid.UUID // nil for a new one
	Faults ent.UserErrors
	// Edit puts the input into the source as it is, or into an empty one.
	Edit func(x *ent.Source)
	// Formats are those that there are.
	Formats []string
	// Wait is how long the schedule leaves a new source alone, but no longer than its interval: whoever adds it may read it first.
	Wait time.Duration
}

// The bounds of what a source can be set to.
const (
	minEverySeconds = 300 // but for operators, who know what they do
	maxEverySeconds = 31 * 24 * 3600
	maxOptions      = 100
)

// SaveSource makes or changes a source; its errors are ent.UserErrors where the input is at fault, with paths relative to it. What is new or
// is read in another way is due at once, and read as if for the first time.
func (s *Store) SaveSource(ctx context.Context, actor *ent.Actor, now time.Time, in SourceSave) (x *ent.Source, err error) {
	defer wrap(&err, "SaveSource(%v)", in.ID)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		x = &ent.Source{ID: ent.NewID(), CreatedAt: now, CreatedBy: actor.Name, EverySeconds: 6 * 3600, Licence: ent.NoLicence}
		var old ent.Source
		if in.ID != nil {
			if x, err = s.sourceForChange(ctx, tx, actor, *in.ID); err != nil {
				return err
			}
			old = *x
		}
		in.Edit(x)
		faults := append(in.Faults, s.sourceFaults(actor, x, in.Formats)...)
		if len(faults) > 0 {
			return faults
		}
		if !s.mayHarvest(actor, x.AGS) {
			return fault(ent.UserForbidden, "You do not decide on the sources of this municipality.", "municipality")
		}
		if in.ID == nil || !sameText(old.AGS, x.AGS) {
			x.Everywhere = s.mayHarvest(actor, nil)
		}
		x.NameKey = ent.SortKey(x.Name)
		if err := s.sourceProvider(ctx, tx, actor, now, x); err != nil {
			return err
		}
		if in.ID == nil || x.Format != old.Format || !sameText(x.URL, old.URL) || !maps.Equal(x.Options, old.Options) || x.ProviderID != nil && old.ProviderID != nil && *x.ProviderID != *old.ProviderID ||
			x.Licence != old.Licence || !sameText(x.Attribution, old.Attribution) || !sameText(x.AGS, old.AGS) {
			x.ETag, x.LastModified, x.SHA256, x.NotBefore, x.Failures, x.NextAt = "", "", "", nil, 0, &now
		}
		if in.ID == nil {
			x.NextAt = new(now.Add(in.Wait))
		}
		switch due := now.Add(time.Duration(x.EverySeconds) * time.Second); {
		case x.EverySeconds == 0 && (in.ID != nil || in.Wait > 0):
			x.NextAt = nil
		case x.EverySeconds > 0 && (x.NextAt == nil || x.NextAt.After(due)):
			x.NextAt = &due
		}
		if in.ID == nil {
			_, err = tx.NewInsert().Model(x).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Model(x).WherePK().Exec(ctx)
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, now, "SAVE_SOURCE", x.NodeID(), map[string]any{"name": x.Name, "format": x.Format, "url": x.URL, "municipality": x.AGS})
	})
	return x, err
}

// sameText tells whether two optional texts are the same.
func sameText(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// mayHarvest tells whether the actor decides on the sources of a municipality; nil: on those that cover more than one.
func (s *Store) mayHarvest(a *ent.Actor, ags *string) bool {
	return slices.ContainsFunc(granted(a, ent.ScopeSource), func(g ent.Grant) bool {
		if ags == nil {
			return g.Role == ent.RoleOperator
		}
		return s.covers(&g, *ags)
	})
}

// harvested narrows a query to the sources that mayHarvest lets the actor decide on.
func (s *Store) harvested(q *query, a *ent.Actor) {
	q.add(" AND s.provider_id IS NOT NULL AND (false")
	for _, g := range granted(a, ent.ScopeSource) {
		switch {
		case g.ProviderID != nil:
		case g.AGS != nil:
			q.add(" OR s.ags = ?", *g.AGS)
		case g.RegionKey != nil:
			q.add(" OR s.ags IN (SELECT ags FROM region_member WHERE region_key = ?)", *g.RegionKey)
		case g.Role == ent.RoleOperator:
			q.add(" OR true")
		}
	}
	q.add(")")
}

// MayHarvest tells whether the actor decides on the source.
func (s *Store) MayHarvest(a *ent.Actor, x *ent.Source) bool { return s.mayHarvest(a, x.AGS) }

func (s *Store) sourceFaults(actor *ent.Actor, x *ent.Source, formats []string) (faults ent.UserErrors) {
	add := func(code ent.UserErrorCode, message, field string) {
		faults = append(faults, userError(code, message, field))
	}
	x.Name = strings.Join(strings.Fields(x.Name), " ")
	if x.Name == "" && x.URL != nil {
		if u, err := url.Parse(*x.URL); err == nil {
			x.Name = u.Hostname()
		}
	}
	if utf8.RuneCountInString(x.Name) > ent.MaxName {
		add(ent.UserTooLong, "200 characters are the most.", "name")
	}
	if !slices.Contains(formats, x.Format) {
		add(ent.UserInvalid, "There is no such format; there are "+strings.Join(formats, ", ")+".", "format")
	}
	if x.URL == nil || !ent.ValidURL(*x.URL) {
		add(ent.UserInvalid, "Must be an absolute http or https address of up to 2,000 characters.", "url")
	}
	if x.AGS != nil && s.Municipality(*x.AGS) == nil {
		add(ent.UserNotFound, "There is no municipality with this AGS.", "municipality")
	} else if x.AGS == nil && x.ProviderID == nil {
		add(ent.UserRequired, "Say for which municipality, or at least for which provider.", "municipality")
	}
	if x.Licence = strings.TrimSpace(x.Licence); x.Licence == "" {
		x.Licence = ent.NoLicence
	} else if !ent.ValidLicence(x.Licence) {
		add(ent.UserInvalid, "Must be an SPDX id such as CC-BY-4.0, or the address of the licence.", "licence")
	}
	if x.Attribution != nil && utf8.RuneCountInString(*x.Attribution) > ent.MaxShort {
		add(ent.UserTooLong, "300 characters are the most.", "attribution")
	}
	least := minEverySeconds
	if s.mayHarvest(actor, nil) {
		least = 1
	}
	if x.EverySeconds != 0 && (x.EverySeconds < least || x.EverySeconds > maxEverySeconds) {
		add(ent.UserInvalid, "Must lie between 5 minutes and 31 days; 0 is never by itself.", "everyMinutes")
	}
	if len(x.Options) > maxOptions {
		add(ent.UserTooLong, "100 options are the most.", "options")
	}
	for k, v := range x.Options {
		if len(k) > 200 || len(v) > 2000 {
			add(ent.UserTooLong, "An option has up to 200 characters, its value up to 2,000.", "options")
			break
		}
	}
	return faults
}

// sourceProvider sees to it that the source has a provider: the one that was named, else the municipality's own, which is made where it is missing.
func (s *Store) sourceProvider(ctx context.Context, tx bun.Tx, actor *ent.Actor, now time.Time, x *ent.Source) error {
	if x.ProviderID != nil {
		p, err := s.Provider(ctx, *x.ProviderID)
		switch {
		case err != nil:
			return err
		case p == nil:
			return fault(ent.UserNotFound, "There is no such provider.", "provider")
		case !s.owns(actor, ent.ScopeSource, p):
			return fault(ent.UserForbidden, "You do not decide on the sources of this provider.", "provider")
		}
		return nil
	}
	m := s.Municipality(*x.AGS)
	sort := "Gemeinde "
	if strings.Contains(strings.ToLower(m.Designation), "stadt") {
		sort = "Stadt "
	}
	// Not its registry office, which is of the same kind.
	names := []string{sort + m.Name, strings.TrimSpace(sort) + "verwaltung " + m.Name, m.Name}
	var own []*ent.Provider
	if err := s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Provider{})+" FROM provider p WHERE p.ags = ? AND p.kind = 'MUNICIPALITY' AND p.name = ANY(?::text[])"+
		" ORDER BY p.created_at, p.id LIMIT 1", m.AGS, names), &own); err != nil {
		return err
	}
	if len(own) == 0 {
		p, err := s.AddProvider(ctx, now, &ent.Provider{AGS: m.AGS, Kind: ent.ProviderMunicipality, Name: names[0]})
		if err != nil {
			return err
		}
		own = append(own, p)
	}
	x.ProviderID = &own[0].ID
	return nil
}

// sourceForChange reads and locks a source that the actor is to decide on. Its errors are ent.UserErrors where it may not.
func (s *Store) sourceForChange(ctx context.Context, tx bun.Tx, actor *ent.Actor, id uuid.UUID) (*ent.Source, error) {
	x := new(ent.Source)
	err := tx.NewSelect().Model(x).Where("id = ?", id).For("UPDATE").Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fault(ent.UserNotFound, "There is no such source.", "id")
	case err != nil:
		return nil, err
	case !s.mayHarvest(actor, x.AGS):
		return nil, fault(ent.UserForbidden, "You do not decide on the sources of this municipality.", "id")
	}
	return x, nil
}

// PauseSource stops a source from being read, or lets it be read again, at once.
func (s *Store) PauseSource(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, paused bool) (x *ent.Source, err error) {
	defer wrap(&err, "PauseSource(%v)", id)
	err = s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if x, err = s.sourceForChange(ctx, tx, actor, id); err != nil || paused == (x.PausedAt != nil) {
			return err
		}
		if x.PausedAt = nil; paused {
			x.PausedAt = &now
		} else if x.EverySeconds > 0 {
			x.NextAt = &now
		}
		if _, err := tx.NewUpdate().Model(x).Column("paused_at", "next_at").WherePK().Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, now, "PAUSE_SOURCE", x.NodeID(), map[string]any{"paused": paused})
	})
	return x, err
}

// DeleteSource ends a source. Its offerings are withdrawn, or stay as what their providers have posted themselves.
func (s *Store) DeleteSource(ctx context.Context, actor *ent.Actor, now time.Time, id uuid.UUID, keep bool) (err error) {
	defer wrap(&err, "DeleteSource(%v)", id)
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.waitForSources(ctx, tx, []uuid.UUID{id}); err != nil {
			return err
		}
		x, err := s.sourceForChange(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		inner := ctx
		if !keep {
			// What others have too stays.
			var ids []uuid.UUID
			if err := s.scan(inner, new(query).add(`SELECT o.id FROM offering o WHERE (o.source_id = ? OR o.id IN (SELECT offering_id FROM record WHERE source_id = ?))
				AND NOT EXISTS (SELECT FROM record r WHERE r.offering_id = o.id AND r.source_id <> ? AND r.gone_at IS NULL)`, id, id, id), &ids); err != nil {
				return err
			}
			if err := s.WithdrawGone(inner, actor, now, ids, "Die Quelle wird nicht mehr gelesen"); err != nil {
				return err
			}
		}
		// Another source of the same thing takes its place, or nobody.
		if _, err := exec(ctx, tx, new(query).add(`UPDATE offering o SET (source_id, source_key, source_url) = (SELECT r.source_id, r.key, r.url FROM record r
			WHERE r.offering_id = o.id AND r.source_id <> o.source_id AND r.gone_at IS NULL ORDER BY r.first_seen LIMIT 1), held = NULL WHERE o.source_id = ?`, id)); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(x).WherePK().Exec(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, actor, now, "DELETE_SOURCE", x.NodeID(), map[string]any{"name": x.Name, "keep": keep})
	})
}

// EachSource tells of every source, by name, with its last run and the number of its records.
func (s *Store) EachSource(ctx context.Context, tell func(x *ent.Source)) (err error) {
	defer wrap(&err, "EachSource")
	var rows []*ent.Source
	if err := s.scan(ctx, new(query).add("SELECT "+s.columns(ent.Source{})+" FROM source s ORDER BY s.name_key, s.id"), &rows); err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, x := range rows {
		ids[i] = x.ID
	}
	runs, err := s.LastRuns(ctx, ids)
	if err != nil {
		return err
	}
	counts, err := s.CountRecords(ctx, ids)
	if err != nil {
		return err
	}
	for _, x := range rows {
		x.LastRun, x.Records = runs[x.ID], counts[x.ID]
		tell(x)
	}
	return nil
}
