package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"umland/ent"
)

// Seed is a set of entities that is shipped rather than posted. Offerings have their place, if any, in Place.
type Seed struct {
	Name, Release string
	Cooperations  []*ent.Region
	Members       []ent.RegionMember
	Sources       []*ent.Source
	Providers     []*ent.Provider
	Offerings     []*ent.Offering
}

// SaveSeed puts the set into the database as published, unless this release of it is there already; what is there under the same keys
// stays as it is. All or nothing. LoadReference comes before, for the register, and after, for the cooperations.
func (s *Store) SaveSeed(ctx context.Context, now time.Time, seed Seed) (err error) {
	defer wrap(&err, "SaveSeed(%q, %q)", seed.Name, seed.Release)
	now = now.UTC().Truncate(time.Microsecond)
	var places []*ent.Place
	var dates []OccurrenceRow
	providers := map[uuid.UUID]*ent.Provider{}
	for _, p := range seed.Providers {
		p.Normalize()
		p.CreatedAt, p.UpdatedAt = now, now
		providers[p.ID] = p
		if faults := p.Validate(); len(faults) > 0 {
			return fmt.Errorf("provider %q: %w", p.Name, faults)
		}
	}
	for _, x := range seed.Sources {
		x.NameKey = ent.SortKey(x.Name)
	}
	for i, o := range seed.Offerings {
		o.Normalize()
		if faults := append(o.Validate(), s.unknownNames(o)...); len(faults) > 0 {
			return fmt.Errorf("offering %q: %w", o.Title, faults)
		}
		if o.Provider = providers[o.ProviderID]; o.Provider == nil {
			return fmt.Errorf("offering %q: its provider is not in the set", o.Title)
		}
		o.AGS, o.PlaceID = o.Provider.AGS, nil
		if p := o.Place; p != nil {
			s.settle(p, o.AGS)
			o.AGS, o.PlaceID = p.AGS, &p.ID
			places = append(places, p)
		}
		// One after the other, so that the newest come in the order of the set.
		at := now.Add(-time.Duration(i) * time.Second)
		o.Status, o.Version, o.CreatedAt, o.UpdatedAt, o.PublishedAt = ent.StatusPublished, 1, at, at, &at
		o.Change = ent.Change{Action: ent.ActionSave, ActorKind: ent.ActorSystem, ActorName: seed.Name}
		o.ContentHash = o.Hash()
		rows, err := Expand(o, now)
		if err != nil {
			return fmt.Errorf("offering %q: %w", o.Title, err)
		}
		dates = append(dates, rows...)
	}
	return s.loadOnce(ctx, seed.Name, seed.Release, func(tx bun.Tx) error {
		for _, insert := range []func() error{
			func() error { return insertAll(ctx, tx, seed.Cooperations, keepOld) },
			func() error { return insertAll(ctx, tx, seed.Members, keepOld) },
			func() error { return insertAll(ctx, tx, seed.Sources, keepOld) },
			func() error { return insertAll(ctx, tx, seed.Providers, keepOld) },
			func() error { return insertAll(ctx, tx, places, keepOld) },
			func() error { return s.seedOfferings(ctx, tx, seed.Offerings) },
			func() error { return insertDates(ctx, tx, dates, "DO NOTHING") },
			func() error { return logSeed(ctx, tx, now, seed.Offerings) },
		} {
			if err := insert(); err != nil {
				return err
			}
		}
		return nil
	})
}
