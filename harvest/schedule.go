package harvest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"umland/ent"
)

// atOnce is how many sources one process reads at a time.
const atOnce = 2

// Serve reads sources when they are due, until ctx ends. Several processes may do so on one database: each source is read by one of them.
func (r *Runner) Serve(ctx context.Context, look time.Duration) {
	for {
		if _, err := r.RunDue(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn().Err(err).Msg("sources could not be read; it is tried again")
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(look):
		}
	}
}

// RunDue reads all sources that are due, two at a time, and gives how many.
func (r *Runner) RunDue(ctx context.Context) (n int, err error) {
	for {
		due, err := r.Store.DueSources(ctx, r.now(), 100)
		if err != nil {
			return n, err
		}
		ids := make([]uuid.UUID, len(due))
		for i, s := range due {
			ids[i] = s.ID
		}
		ran := 0
		r.each(ctx, ids, r.runDue, func(_ uuid.UUID, run *ent.Harvest, err error) {
			if err == nil && run != nil {
				ran++
			} else if err != nil && !errors.Is(err, ErrBusy) && ctx.Err() == nil {
				r.Log.Warn().Err(err).Msg("a source could not be read")
			}
		})
		if n += ran; ran == 0 || ctx.Err() != nil {
			return n, ctx.Err()
		}
	}
}

// RunAll reads sources, two at a time, and tells of each what came of it, as it ends, one call at a time.
func (r *Runner) RunAll(ctx context.Context, ids []uuid.UUID, dry bool, tell func(id uuid.UUID, run *ent.Harvest, err error)) {
	r.each(ctx, ids, func(ctx context.Context, id uuid.UUID) (*ent.Harvest, error) { return r.Run(ctx, id, dry) }, tell)
}

func (r *Runner) each(ctx context.Context, ids []uuid.UUID, read func(context.Context, uuid.UUID) (*ent.Harvest, error), tell func(id uuid.UUID, run *ent.Harvest, err error)) {
	var all sync.WaitGroup
	var mu sync.Mutex
	places := make(chan struct{}, atOnce)
	for _, id := range ids {
		places <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-places }()
			run, err := read(ctx, id)
			mu.Lock()
			defer mu.Unlock()
			if run != nil {
				r.log(run)
			}
			tell(id, run, err)
		})
	}
	all.Wait()
}

// log tells of a run.
func (r *Runner) log(run *ent.Harvest) {
	e := r.Log.Info()
	if run.Outcome == ent.HarvestFailed || run.Outcome == ent.HarvestQuarantined {
		e = r.Log.Warn()
	}
	if run.Error != nil {
		e.Str("error", *run.Error)
	}
	e.Str("source", (&ent.Source{ID: run.SourceID}).NodeID()).Str("outcome", string(run.Outcome)).Int("new", run.New).Int("changed", run.Changed).Int("same", run.Same).
		Int("gone", run.Gone).Int("refused", run.Refused).Dur("took", run.FinishedAt.Sub(run.StartedAt)).Msg("source read")
}
