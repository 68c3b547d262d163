package store

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/google/uuid"

	"umland/ent"
)

// Reads is what an answer was made from, as far as changes are concerned: so that who keeps the answer knows which change takes it away. Whatever is read with a
// context of Watched is noted in it; what was read in a way that cannot be told from the change log makes the answer one that is not kept.
type Reads struct {
	mu        sync.Mutex
	never     bool // read from tables that the change log does not tell of
	clock     bool // depends on the current minute
	providers bool // lists of providers
	ids       map[uuid.UUID]bool
	scopes    []*scope // lists of offerings
}

type (
	readsKey   struct{}
	coveredKey struct{}
)

// Watched gives a context whose reads are noted.
func Watched(ctx context.Context) (context.Context, *Reads) {
	r := &Reads{ids: map[uuid.UUID]bool{}}
	return context.WithValue(ctx, readsKey{}, r), r
}

// Kept tells whether an answer that was made from these reads may be kept, and whether only until the end of the current minute.
func (r *Reads) Kept() (kept, minute bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.never, r.clock
}

// NoteClock notes that an answer depends on the current minute.
func NoteClock(ctx context.Context) { note(ctx, func(r *Reads) { r.clock = true }) }

// note changes the reads of the context, if it has any, and gives a context in which scan takes it that what it reads is noted.
func note(ctx context.Context, change func(*Reads)) context.Context {
	r, ok := ctx.Value(readsKey{}).(*Reads)
	if !ok {
		return ctx
	}
	r.mu.Lock()
	change(r)
	r.mu.Unlock()
	return context.WithValue(ctx, coveredKey{}, true)
}

func noteIDs(ctx context.Context, ids []uuid.UUID) context.Context {
	return note(ctx, func(r *Reads) {
		for _, id := range ids {
			r.ids[id] = true
		}
	})
}

func noteOfferings(ctx context.Context, offerings []*ent.Offering) context.Context {
	return note(ctx, func(r *Reads) {
		for _, o := range offerings {
			r.ids[o.ID] = true
		}
	})
}

// noteList notes a list of offerings below parents, but for one by sources. Facets count as if the filter did not have their own field.
func (s *Store) noteList(ctx context.Context, f *ent.OfferingFilter, parent Parent, keys []string, facets bool) context.Context {
	if ctx.Value(readsKey{}) == nil || f != nil && len(f.Sources) > 0 { // a record more or less is no change of an offering
		return ctx
	}
	if f != nil && facets {
		wider := *f
		wider.Kinds, wider.Categories, wider.Municipalities = nil, nil, nil
		f = &wider
	}
	sc := s.below(s.scopeOf(f), parent, keys)
	return note(ctx, func(r *Reads) { r.scopes = append(r.scopes, sc) })
}

// noteScan is called for every statement: one that nobody has noted makes the answer one that is not kept.
func noteScan(ctx context.Context) {
	if r, ok := ctx.Value(readsKey{}).(*Reads); ok && ctx.Value(coveredKey{}) == nil {
		r.mu.Lock()
		r.never = true
		r.mu.Unlock()
	}
}

// Logged is a row of the change log, for those who keep answers.
type Logged struct {
	key           uuid.UUID
	noun          string
	all           bool // nobody knows what it touches
	before, after *facts
}

// Touches tells whether the change can have changed an answer that was made from the reads.
func (r *Reads) Touches(c *Logged) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case c.noun == nounCalendar, r.ids[c.key]:
		return true
	case c.noun == "PROVIDER":
		return r.providers
	}
	for _, sc := range r.scopes {
		if c.all || sc.touches(c.before) || sc.touches(c.after) {
			return true
		}
	}
	return false
}

// MostLogged is how many changes LoggedAfter gives at the most.
const MostLogged = 1000

// LoggedAfter gives the changes behind the position that were committed before it was called, and the position to go on from. more tells that there are
// too many to tell them all.
func (s *Store) LoggedAfter(ctx context.Context, position int64) (changes []*Logged, last int64, more bool, err error) {
	defer wrap(&err, "LoggedAfter(%d)", position)
	read := func() (rows []struct {
		Position *int64          `bun:"position"`
		Noun     string          `bun:"noun"`
		Key      uuid.UUID       `bun:"key"`
		Gone     bool            `bun:"gone"`
		Before   json.RawMessage `bun:"before,type:jsonb"`
		After    json.RawMessage `bun:"after,type:jsonb"`
	}, err error) {
		return rows, s.scan(ctx, new(query).add(`(SELECT position, noun, key, gone, before, after FROM change WHERE position > ? ORDER BY position LIMIT ?)
			UNION ALL (SELECT position, noun, key, gone, before, after FROM change WHERE position IS NULL LIMIT 1)`, position, MostLogged), &rows)
	}
	rows, err := read()
	if n := len(rows); err == nil && n > 0 && rows[n-1].Position == nil {
		if err = s.sequenceChanges(ctx); err == nil {
			rows, err = read()
		}
	}
	last = position
	for _, r := range rows {
		if r.Position == nil { // committed since then
			continue
		}
		last = *r.Position
		c := &Logged{key: r.Key, noun: r.Noun}
		for _, side := range []struct {
			raw json.RawMessage
			to  **facts
		}{{r.Before, &c.before}, {r.After, &c.after}} {
			if side.raw != nil {
				if err := json.Unmarshal(side.raw, side.to); err != nil {
					return nil, 0, false, err
				}
			}
		}
		c.all = c.before == nil && c.after == nil
		changes = append(changes, c)
	}
	return changes, last, len(changes) >= MostLogged, err
}

// LastLogged gives the position of the newest change that has one.
func (s *Store) LastLogged(ctx context.Context) (last int64, err error) {
	defer wrap(&err, "LastLogged")
	if err := s.sequenceChanges(ctx); err != nil {
		return 0, err
	}
	var rows []int64
	if err := s.scan(ctx, new(query).add("SELECT coalesce(max(position), 0) FROM change"), &rows); err != nil {
		return 0, err
	}
	return rows[0], nil
}

// Generation changes when what the store holds in memory has changed: the register, the categories, the words of the search.
func (s *Store) Generation() int64 { return s.generation.Load() }
