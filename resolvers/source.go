package resolvers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/harvest"
	"umland/store"
)

type (
	source     struct{ *Root }
	harvestRun struct{ *Root }
)

// Source implements graph.ResolverRoot.
func (r *Root) Source() graph.SourceResolver { return source{r} }

// HarvestRun implements graph.ResolverRoot.
func (r *Root) HarvestRun() graph.HarvestRunResolver { return harvestRun{r} }

// Sources answers Query.sources.
func (r query) Sources(ctx context.Context, municipality *string, managed *bool, first *int, after *string) (*ent.SourceConnection, error) {
	sel := selected(ctx)
	q := store.SourceQuery{Municipality: municipality}
	if value(managed) {
		if q.By = auth.From(ctx); q.By == nil {
			q.By = &ent.Actor{}
		}
	}
	c, err := r.Store.Sources(ctx, q, store.PageArgs{
		First: first, After: after, Total: sel.has("SourceConnection", "totalCount"),
	})
	if err != nil {
		return nil, err
	}
	return c, fillPage(ctx, sel, "SourceConnection", "SourceEdge", c.Nodes(), r.fillSources)
}

// Credits answers Query.credits.
func (r query) Credits(context.Context) ([]*graph.Credit, error) { return r.Root.Credits, nil }

// Runs answers Source.runs.
func (r source) Runs(ctx context.Context, s *ent.Source, _ *int, _ *string) (*ent.HarvestConnection, error) {
	if !r.Store.MayHarvest(auth.From(ctx), s) {
		return nil, nil
	}
	return loaded[ent.HarvestConnection](ctx, s.Loaded)
}

// Options answers Source.options.
func (r source) Options(ctx context.Context, s *ent.Source) ([]*graph.SourceOption, error) {
	if !r.Store.MayHarvest(auth.From(ctx), s) {
		return nil, nil
	}
	out := []*graph.SourceOption{}
	for _, name := range slices.Sorted(maps.Keys(s.Options)) {
		out = append(out, &graph.SourceOption{Name: name, Value: s.Options[name]})
	}
	return out, nil
}

// Refusals answers HarvestRun.refusals.
func (r harvestRun) Refusals(_ context.Context, h *ent.Harvest) ([]*ent.Refusal, error) {
	out := make([]*ent.Refusal, len(h.Refusals))
	for i := range h.Refusals {
		out[i] = &h.Refusals[i]
	}
	return out, nil
}

// Changes answers HarvestRun.changes.
func (r harvestRun) Changes(_ context.Context, h *ent.Harvest) ([]*ent.HarvestChange, error) {
	out := make([]*ent.HarvestChange, len(h.Changes))
	for i := range h.Changes {
		out[i] = &h.Changes[i]
	}
	return out, nil
}

func (r *Root) fillSources(ctx context.Context, sel selection, items []*ent.Source) error {
	if len(items) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(items))
	for i, s := range items {
		ids[i] = s.ID
	}
	counted, ran := false, false
	for _, f := range sel.on("Source", "Node") {
		var err error
		switch f.Name {
		case "municipality":
			var with []*ent.Source
			for _, s := range items {
				if s.AGS != nil {
					with = append(with, s)
				}
			}
			all := r.relateMunicipalities(len(with), func(i int) (string, **ent.Municipality) { return *with[i].AGS, &with[i].Municipality })
			err = r.fillMunicipalities(ctx, f.sub, all)
		case "provider":
			var all []*ent.Provider
			all, err = relate(items,
				func(s *ent.Source) *uuid.UUID { return s.ProviderID },
				func(s *ent.Source) **ent.Provider { return &s.Provider },
				func(ids []uuid.UUID) ([]*ent.Provider, error) { return r.Store.ProvidersByID(ctx, ids) },
				func(p *ent.Provider) uuid.UUID { return p.ID })
			if err == nil {
				err = r.fillProviders(ctx, f.sub, all)
			}
		case "records":
			if counted {
				continue
			}
			counted = true
			var n map[uuid.UUID]int
			n, err = r.Store.CountRecords(ctx, ids)
			for _, s := range items {
				s.Records = n[s.ID]
			}
		case "lastRun", "health":
			if ran {
				continue
			}
			ran = true
			err = r.fillLastRuns(ctx, sel, items, ids)
		case "runs":
			for _, s := range items {
				if !r.Store.MayHarvest(auth.From(ctx), s) {
					continue
				}
				c, err := r.Store.Runs(ctx, s.ID, f.page("HarvestConnection"))
				if err != nil {
					return err
				}
				if slices.ContainsFunc(f.sub.nodes("HarvestConnection", "HarvestEdge"), func(run selection) bool { return run.has("HarvestRun", "changes") }) {
					if err := r.Store.ChangesInto(ctx, c.Nodes()); err != nil {
						return err
					}
				}
				s.Loaded.Set(keyOf(f.CollectedField), c)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fillLastRuns reads the last runs; what was refused and changed in them is for who decides on the source.
func (r *Root) fillLastRuns(ctx context.Context, sel selection, items []*ent.Source, ids []uuid.UUID) error {
	runs, err := r.Store.LastRuns(ctx, ids)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(append(sel.under("Source", "lastRun"), sel.under("Node", "lastRun")...), func(run selection) bool { return run.has("HarvestRun", "changes") }) {
		var mine []*ent.Harvest
		for _, s := range items {
			if runs[s.ID] != nil && r.Store.MayHarvest(auth.From(ctx), s) {
				mine = append(mine, runs[s.ID])
			}
		}
		if err := r.Store.ChangesInto(ctx, mine); err != nil {
			return err
		}
	}
	for _, s := range items {
		if s.LastRun = runs[s.ID]; s.LastRun != nil && !r.Store.MayHarvest(auth.From(ctx), s) {
			public := *s.LastRun
			public.Refusals, public.DecidedBy = nil, nil
			s.LastRun = &public
		}
	}
	return nil
}

// fillRecords reads what the sources say of offerings.
func (r *Root) fillRecords(ctx context.Context, sel selection, items []*ent.Offering) error {
	ids := make([]uuid.UUID, len(items))
	of := map[uuid.UUID][]*ent.Offering{}
	for i, o := range items {
		ids[i], o.Records = o.ID, []*ent.Record{}
		of[o.ID] = append(of[o.ID], o)
	}
	all, err := r.Store.RecordsOf(ctx, ids)
	if err != nil {
		return err
	}
	sources, err := relate(all,
		func(x *ent.Record) *uuid.UUID { return &x.SourceID },
		func(x *ent.Record) **ent.Source { return &x.Source },
		func(ids []uuid.UUID) ([]*ent.Source, error) { return r.Store.SourcesByID(ctx, ids) },
		func(s *ent.Source) uuid.UUID { return s.ID })
	if err != nil {
		return err
	}
	for _, x := range all {
		for _, o := range of[*x.OfferingID] {
			o.Records = append(o.Records, x)
		}
	}
	for _, below := range sel.under("SourceRecord", "source") {
		if err := r.fillSources(ctx, below, sources); err != nil {
			return err
		}
	}
	return nil
}

// errNoHarvest is the error of a server that reads no feeds.
var errNoHarvest = &ent.Error{Code: ent.CodeUnavailable, Message: "This server reads no feeds."}

// SaveSource answers Mutation.saveSource.
func (r mutation) SaveSource(ctx context.Context, input graph.SourceInput) (*graph.SourcePayload, error) {
	save := store.SourceSave{Formats: harvest.FormatNames()}
	add := func(code ent.UserErrorCode, message, field string) {
		save.Faults = append(save.Faults, ent.UserError{Path: []string{field}, Code: code, Message: message})
	}
	if id := input.ID.Value(); id != nil {
		key, ok := ent.ParseSourceID(*id)
		if save.ID = &key; !ok {
			add(ent.UserNotFound, "There is no such source.", "id")
			key = uuid.Nil
		}
	}
	var provider *uuid.UUID
	if id := input.Provider.Value(); id != nil {
		key, ok := ent.ParseProviderID(*id)
		if provider = &key; !ok {
			add(ent.UserNotFound, "There is no such provider.", "provider")
		}
	}
	save.Edit = func(x *ent.Source) {
		for _, f := range []struct {
			to   *string
			from *string
		}{{&x.Name, input.Name.Value()}, {&x.Format, input.Format.Value()}, {&x.Licence, input.Licence.Value()}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
		set(&x.URL, input.URL)
		set(&x.Attribution, input.Attribution)
		if input.Municipality.IsSet() {
			x.AGS = input.Municipality.Value()
			if x.AGS != nil {
				if ags, ok := ent.ParseAGS(*x.AGS); ok {
					x.AGS = &ags
				}
			}
		}
		if provider != nil {
			x.ProviderID = provider
		}
		if m := input.EveryMinutes.Value(); m != nil {
			x.EverySeconds = min(max(*m, -1), 1<<20) * 60
		}
		if p := input.Paused.Value(); p != nil && *p != (x.PausedAt != nil) {
			if x.PausedAt = nil; *p {
				now := r.now()
				x.PausedAt = &now
			}
		}
		if input.Options.IsSet() {
			x.Options = map[string]string{}
			for _, o := range input.Options.Value() {
				x.Options[o.Name] = o.Value
			}
		}
	}
	s, err := r.Store.SaveSource(ctx, auth.From(ctx), r.now(), save)
	return r.sourcePayload(ctx, s, err, "input")
}

// PauseSource answers Mutation.pauseSource.
func (r mutation) PauseSource(ctx context.Context, id string, paused bool) (*graph.SourcePayload, error) {
	key, err := sourceKey(id)
	if err != nil {
		return r.sourcePayload(ctx, nil, err)
	}
	s, err := r.Store.PauseSource(ctx, auth.From(ctx), r.now(), key, paused)
	return r.sourcePayload(ctx, s, err)
}

// DecideQuarantine answers Mutation.decideQuarantine.
func (r mutation) DecideQuarantine(ctx context.Context, id string, decision ent.HarvestDecision) (*graph.SourcePayload, error) {
	key, err := sourceKey(id)
	if err != nil {
		return r.sourcePayload(ctx, nil, err)
	}
	s, err := r.Store.Decide(ctx, auth.From(ctx), r.now(), key, decision)
	return r.sourcePayload(ctx, s, err)
}

// DeleteSource answers Mutation.deleteSource.
func (r mutation) DeleteSource(ctx context.Context, id string, keepOfferings *bool) (*graph.DeleteSourcePayload, error) {
	key, err := sourceKey(id)
	if err == nil {
		err = r.Store.DeleteSource(ctx, auth.From(ctx), r.now(), key, value(keepOfferings))
	}
	faults, err := userErrors(err)
	payload := &graph.DeleteSourcePayload{UserErrors: faults}
	if err == nil && len(faults) == 0 {
		payload.ID = &id
	}
	return payload, err
}

// HarvestSource answers Mutation.harvestSource.
func (r mutation) HarvestSource(ctx context.Context, id string, dryRun *bool) (*graph.HarvestPayload, error) {
	run, s, err := r.harvestSource(ctx, id, value(dryRun))
	faults, err := userErrors(err)
	if err != nil || len(faults) > 0 {
		return &graph.HarvestPayload{UserErrors: faults}, err
	}
	payload := &graph.HarvestPayload{Run: run, Source: s, UserErrors: faults}
	for _, below := range selected(ctx).under("HarvestPayload", "source") {
		if err := r.fillSources(ctx, below, []*ent.Source{s}); err != nil {
			return nil, err
		}
	}
	return payload, nil
}

func (r mutation) harvestSource(ctx context.Context, id string, dry bool) (*ent.Harvest, *ent.Source, error) {
	key, err := sourceKey(id)
	if err != nil {
		return nil, nil, err
	}
	s, err := r.Store.Source(ctx, key)
	switch {
	case err != nil:
		return nil, nil, err
	case s == nil:
		return nil, nil, sourceFault(ent.UserNotFound, "There is no such source.")
	case !r.Store.MayHarvest(auth.From(ctx), s):
		return nil, nil, sourceFault(ent.UserForbidden, "You do not decide on the sources of this municipality.")
	case r.Harvest == nil:
		return nil, nil, errNoHarvest
	}
	run, err := r.longRun(ctx, key, dry)
	if errors.Is(err, harvest.ErrBusy) {
		return nil, nil, sourceFault(ent.UserConflict, "The source is being read just now.")
	}
	if err != nil || run == nil {
		return nil, nil, err
	}
	s, err = r.Store.Source(ctx, key)
	return run, s, err
}

// harvestPatience is how long a mutation waits for a run; a mutation has a minute in all.
const harvestPatience = 45 * time.Second

// longRun reads a source. A run goes on when nobody waits for it any more.
func (r mutation) longRun(ctx context.Context, key uuid.UUID, dry bool) (*ent.Harvest, error) {
	type result struct {
		run *ent.Harvest
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil { // nobody else would
				done <- result{err: fmt.Errorf("harvestSource(%v): panic: %v\n%s", key, p, debug.Stack())}
			}
		}()
		run, err := r.Harvest.Run(context.WithoutCancel(ctx), key, dry)
		done <- result{run, err}
	}()
	select {
	case out := <-done:
		return out.run, out.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(harvestPatience):
		return nil, sourceFault(ent.UserConflict, "The source is still being read; its runs will tell what came of it.")
	}
}

func sourceFault(code ent.UserErrorCode, message string) error {
	return ent.UserErrors{{Path: []string{"id"}, Code: code, Message: message}}
}

func sourceKey(id string) (uuid.UUID, error) {
	key, ok := ent.ParseSourceID(id)
	if !ok {
		return key, sourceFault(ent.UserNotFound, "There is no such source.")
	}
	return key, nil
}

func (r mutation) sourcePayload(ctx context.Context, s *ent.Source, err error, path ...string) (*graph.SourcePayload, error) {
	faults, err := userErrors(err, path...)
	if err != nil || len(faults) > 0 {
		return &graph.SourcePayload{UserErrors: faults}, err
	}
	for _, below := range selected(ctx).under("SourcePayload", "source") {
		if err := r.fillSources(ctx, below, []*ent.Source{s}); err != nil {
			return nil, err
		}
	}
	return &graph.SourcePayload{Source: s, UserErrors: faults}, nil
}
