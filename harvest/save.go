package harvest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"

	"umland/dedupe"
	"umland/ent"
	"umland/store"
)

// saver puts items into the graph, in one transaction.
type saver struct {
	*Runner
	u       *understander
	others  map[uuid.UUID]*understander // of other sources
	actor   *ent.Actor
	now     time.Time
	claimed map[uuid.UUID]bool // offerings that a new item has joined
}

// entry is an item on its way.
type entry struct {
	*item
	record   *Record
	raw      string
	offering *ent.Offering // as this source says
	provider *ent.Provider
	id       *uuid.UUID // of the offering that there is; nil for a new one
	joined   bool       // it was another source's alone
	saved    *ent.Offering
	fault    *ent.UserError // why it was not saved
}

// save does all that a run changes, and writes its audit row, in one transaction.
func (h *harvesting) save(ctx context.Context, began time.Time) (err error) {
	refused, refusals, source := h.run.Refused, h.run.Refusals, *h.source
	saved := false
	defer func() {
		if !saved { // failed, or broken
			*h.source, h.done = source, false
		}
	}()
	err = h.Store.Atomically(ctx, func(ctx context.Context) error {
		run := h.run
		run.New, run.Changed, run.Gone, run.Refused, run.Refusals = 0, 0, 0, refused, slices.Clone(refusals)
		h.again = false
		*h.source = source
		run.Same = h.read - len(h.items)
		if h.dry {
			h.diff = newDifference()
		}
		if len(h.items) > 0 || len(h.missing) > 0 {
			if err := h.change(ctx); err != nil {
				return err
			}
		}
		run.Gone = len(h.missing)
		if h.dry {
			return errDry
		}
		run.Outcome = ent.HarvestOK
		run.SaveMs = int(time.Since(began).Milliseconds())
		s := h.source
		s.ReadAt, s.Failures, s.NotBefore, s.Accepted = &h.began, 0, nil, 0
		s.ETag, s.LastModified, s.SHA256 = "", "", ""
		if h.body != nil && h.pages == 0 {
			s.ETag, s.LastModified, s.SHA256 = h.response.ETag, h.response.LastModified, h.fingerprint()
		} else if h.position != "" {
			s.ETag, s.SHA256 = h.position, h.fingerprint()
			if h.again {
				s.ETag = source.ETag
			}
		}
		return h.finish(ctx)
	})
	saved = err == nil
	return err
}

func (r *Runner) saver(ctx context.Context, source *ent.Source, actor *ent.Actor, now time.Time) (*saver, error) {
	u, err := r.understander(ctx, source)
	if err != nil {
		return nil, err
	}
	return &saver{Runner: r, u: u, others: map[uuid.UUID]*understander{source.ID: u}, actor: actor, now: now, claimed: map[uuid.UUID]bool{}}, nil
}

// change writes the items, and takes back what has left.
func (h *harvesting) change(ctx context.Context) error {
	s, err := h.saver(ctx, h.source, h.source.Actor(), h.began)
	if err != nil {
		return err
	}
	// Keys whose thing goes by another one now.
	named := map[string]bool{}
	for _, it := range h.items {
		named[it.key] = true
	}
	var obsolete []string
	for _, it := range h.items {
		if it.old != nil && it.old.Key != it.key && !named[it.old.Key] {
			obsolete = append(obsolete, it.old.Key)
		}
	}
	if err := h.Store.SaveRecords(ctx, h.source.ID, nil, obsolete); err != nil {
		return err
	}
	for batch := range slices.Chunk(h.items, saveAtOnce) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := h.changeSome(ctx, s, batch); err != nil {
			return err
		}
	}
	return h.leave(ctx, s)
}

// spooled reads what stands in the spool for an item: its record, and the four texts that the run has written there.
func (h *harvesting) spooled(it *item) (*Record, []string, error) {
	texts, err := h.kept.texts(it.at, it.size)
	if err == nil && len(texts) != 4 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the spool cannot be read: %w", err)
	}
	rec, err := decode(it.key, texts[0])
	return rec, texts, err
}

func (h *harvesting) changeSome(ctx context.Context, s *saver, batch []*item) error {
	entries := make([]*entry, 0, len(batch))
	refuse := func(what, why string) error { return h.refuse(Refusal{what, why}) }
	for _, it := range batch {
		record, texts, err := h.spooled(it)
		if err != nil {
			return err
		}
		e := &entry{item: it, record: record, raw: texts[1]}
		e.record.Item = texts[2]
		if it.old != nil {
			if e.id = it.old.OfferingID; e.id == nil { // somebody erased it
				h.run.Same++
				continue
			}
		}
		var fault string
		if e.offering, fault = s.u.understand(e.record); fault != "" {
			if err := refuse(texts[2], fault); err != nil {
				return err
			}
			continue
		}
		if e.provider, err = s.u.providerOf(ctx, h.Store, s.now, e.record.Organizer); err != nil {
			return err
		}
		entries = append(entries, e)
	}
	if err := s.match(ctx, entries); err != nil {
		return err
	}
	before, err := h.before(ctx, entries)
	if err != nil {
		return err
	}
	if err := s.write(ctx, entries); err != nil {
		return err
	}
	rows := make([]*ent.Record, 0, len(entries))
	for _, e := range entries {
		texts, err := h.kept.texts(e.at, e.size)
		if err != nil {
			return err
		}
		if e.saved == nil {
			h.again = h.again || e.fault != nil && e.fault.Code == ent.UserConflict
			if err := refuse(texts[2], e.refusal()); err != nil {
				return err
			}
			continue
		}
		row := &ent.Record{SourceID: h.source.ID, Key: e.key, OfferingID: &e.saved.ID, Hash: e.hash, Ident: e.ident, Item: texts[2], Content: texts[0], FirstSeen: s.now, ChangedAt: s.now}
		h.diff.saved(e, before)
		if e.raw != "" {
			row.Raw = []byte(e.raw)
		}
		if ent.ValidURL(e.record.URL) {
			row.URL = &e.record.URL
		}
		switch {
		case e.old == nil:
			h.run.New++
		case e.old.GoneAt == nil && string(e.old.Hash) == string(e.hash):
			h.run.Same++ // only its key is another one
		default:
			h.run.Changed++
		}
		if e.old != nil {
			row.FirstSeen, row.HomeID = e.old.FirstSeen, e.old.HomeID
		}
		rows = append(rows, row)
	}
	return h.Store.SaveRecords(ctx, h.source.ID, rows, nil)
}

// refusal says why an item was not saved.
func (e *entry) refusal() string {
	if e.fault == nil {
		return "Der Eintrag kann nicht gespeichert werden."
	}
	return germanFault(*e.fault)
}

// leave takes back what has left the feed: from the public, where no other source has it.
func (h *harvesting) leave(ctx context.Context, s *saver) error {
	var keys []string
	var ids []uuid.UUID
	gone := map[string]bool{}
	for _, k := range h.missing {
		keys = append(keys, k.Key)
		gone[k.Key] = true
		if k.OfferingID != nil {
			ids = append(ids, *k.OfferingID)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if err := h.Store.RecordsGone(ctx, h.source.ID, keys, s.now); err != nil {
		return err
	}
	if err := s.recompose(ctx, ids, "Nicht mehr im Kalender"); err != nil {
		return err
	}
	return h.lost(ctx, true)
}

// recompose makes offerings anew of the records that they have left; those that have none are withdrawn.
func (s *saver) recompose(ctx context.Context, ids []uuid.UUID, reason string) error {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for batch := range slices.Chunk(slices.Compact(ids), saveAtOnce) {
		parts, err := s.partsOf(ctx, batch, nil)
		if err != nil {
			return err
		}
		var saves []store.OfferingSave
		var withdrawn []uuid.UUID
		for _, id := range batch {
			if len(parts[id]) == 0 {
				withdrawn = append(withdrawn, id)
				continue
			}
			o, provider := compose(parts[id], s.owner)
			saves = append(saves, store.OfferingSave{ID: &id, ProviderID: provider.ID, Edit: put(o, s.now), Publish: true})
		}
		if _, err := s.Store.SaveOfferings(ctx, s.actor, s.now, saves); err != nil {
			return err
		}
		if err := s.Store.WithdrawGone(ctx, s.actor, s.now, withdrawn, reason); err != nil {
			return err
		}
	}
	return nil
}

// owner gives the provider of a source; nil for no source.
func (s *saver) owner(x *ent.Source) *ent.Provider {
	if x == nil {
		return nil
	}
	return s.others[x.ID].provider
}

// partsOf gives what the sources say of each of the offerings, the first that said anything first, and what persons have posted that is one with
// them. Records that are in fresh are left out.
func (s *saver) partsOf(ctx context.Context, ids []uuid.UUID, fresh map[string]bool) (map[uuid.UUID][]part, error) {
	parts := map[uuid.UUID][]part{}
	rows, err := s.Store.RecordsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.SourceID == s.u.source.ID && fresh[row.Key] {
			continue
		}
		u, err := s.understanderOf(ctx, row.SourceID)
		if err != nil {
			return nil, err
		}
		o, p, fault, err := u.offer(ctx, s.Store, s.now, row)
		if err != nil {
			return nil, err
		}
		if fault != "" {
			continue // it was understood once, in another way
		}
		parts[*row.OfferingID] = append(parts[*row.OfferingID], part{o, p, u.source, row.FirstSeen})
	}
	posted, err := s.Store.MergedInto(ctx, ids)
	for _, o := range posted {
		parts[*o.MergedInto] = append(parts[*o.MergedInto], part{o, o.Provider, nil, o.CreatedAt})
	}
	return parts, err
}

func (s *saver) understanderOf(ctx context.Context, source uuid.UUID) (*understander, error) {
	if u := s.others[source]; u != nil {
		return u, nil
	}
	x, err := s.Store.Source(ctx, source)
	if err != nil {
		return nil, err
	}
	u, err := s.understander(ctx, x)
	s.others[source] = u
	return u, err
}

// match finds for new items the offerings that are the same thing, from other sources or from persons.
func (s *saver) match(ctx context.Context, entries []*entry) error {
	type one struct {
		*entry
		candidate dedupe.Candidate
		keys      []string
	}
	var open []one
	var keys [][]string
	for _, e := range entries {
		if e.old != nil {
			continue
		}
		x := one{entry: e, candidate: s.candidate(e)}
		x.keys = dedupe.Keys(x.candidate)
		open, keys = append(open, x), append(keys, x.keys)
	}
	if len(open) == 0 {
		return nil
	}
	area := s.u.provider.AGS
	if s.actor.Grants[0].Role == ent.RoleOperator {
		area = ""
	}
	alike, err := s.Store.Alike(ctx, keys, s.u.source.ID, area)
	if err != nil || len(alike) == 0 {
		return err
	}
	byKey := map[string][]*ent.Offering{}
	candidates := make(map[uuid.UUID]dedupe.Candidate, len(alike))
	for _, o := range alike {
		c := dedupe.FromOffering(o)
		candidates[o.ID] = c
		for _, k := range dedupe.Keys(c) {
			byKey[k] = append(byKey[k], o)
		}
	}
	type pair struct {
		one   one
		o     *ent.Offering
		score float64
	}
	var pairs []pair
	var ids []uuid.UUID
	for _, x := range open {
		seen := map[uuid.UUID]bool{}
		for _, k := range x.keys {
			for _, o := range byKey[k] {
				if seen[o.ID] || s.claimed[o.ID] {
					continue
				}
				seen[o.ID] = true
				if v := dedupe.Score(x.candidate, candidates[o.ID]); v.Same {
					pairs, ids = append(pairs, pair{x, o, v.Score}), append(ids, o.ID)
				}
			}
		}
	}
	parts, err := s.partsOf(ctx, ids, nil)
	if err != nil {
		return err
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	for _, p := range pairs {
		if p.one.id != nil || s.claimed[p.o.ID] || p.o.SourceID != nil && len(parts[p.o.ID]) == 0 {
			continue
		}
		// What is the same as one of its records may still not be the same as another.
		if slices.ContainsFunc(parts[p.o.ID], func(other part) bool { return !dedupe.Score(p.one.candidate, s.candidateOf(other)).Same }) {
			continue
		}
		id := p.o.ID
		p.one.id, p.one.joined = &id, true
		s.claimed[id] = true
	}
	return nil
}

func (s *saver) candidate(e *entry) dedupe.Candidate {
	return s.candidateOf(part{offering: e.offering, provider: e.provider, source: s.u.source})
}

func (s *saver) candidateOf(p part) dedupe.Candidate {
	o := *p.offering
	o.Provider = p.provider
	o.AGS = s.Store.AnswersFor(o.Place, p.provider.AGS)
	if o.Place != nil {
		place := *o.Place
		place.AGS = o.AGS
		o.Place = &place
	}
	if o.SourceID = nil; p.source != nil {
		o.SourceID = &p.source.ID
	}
	return dedupe.FromOffering(&o)
}

// write saves the entries, each together with what else is known of its thing.
func (s *saver) write(ctx context.Context, entries []*entry) error {
	var ids []uuid.UUID
	fresh := map[string]bool{}
	for _, e := range entries {
		if e.id != nil {
			ids = append(ids, *e.id)
		}
		fresh[e.key] = true
		if e.old != nil {
			fresh[e.old.Key] = true
		}
	}
	parts, err := s.partsOf(ctx, ids, fresh)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.id == nil {
			continue
		}
		since := s.now
		if e.old != nil {
			since = e.old.FirstSeen
		}
		parts[*e.id] = append(parts[*e.id], part{e.offering, e.provider, s.u.source, since})
	}
	saves := make([]store.OfferingSave, len(entries))
	for i, e := range entries {
		o, provider := e.offering, e.provider
		if e.id != nil && len(parts[*e.id]) > 1 {
			o, provider = compose(parts[*e.id], s.owner)
		}
		saves[i] = store.OfferingSave{ID: e.id, ProviderID: provider.ID, Edit: put(o, s.now), Publish: true, New: e.id == nil}
		if e.joined {
			saves[i].Action = ent.ActionMerge
		}
	}
	saved, err := s.Store.SaveOfferings(ctx, s.actor, s.now, saves)
	if err != nil {
		return err
	}
	for i, x := range saved {
		if entries[i].saved = x.Offering; len(x.Faults) > 0 {
			entries[i].saved, entries[i].fault = nil, &x.Faults[0]
		}
	}
	return nil
}
