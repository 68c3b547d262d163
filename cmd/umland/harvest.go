package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"umland/ent"
	"umland/fetch"
	"umland/harvest"
	"umland/store"
)

type harvestCmd struct {
	Source string `placeholder:"ID" help:"Only this one; not set: all that are not paused."`
	DryRun bool   `help:"Change nothing, and say what would change."`
	JSON   bool   `name:"json" help:"Print one JSON object for each source."`
}

// harvestLine is what is printed of a run as JSON.
type harvestLine struct {
	Source      string        `json:"source"`
	Outcome     string        `json:"outcome"`
	New         int           `json:"new"`
	Changed     int           `json:"changed"`
	Same        int           `json:"same"`
	Gone        int           `json:"gone"`
	Refused     int           `json:"refused"`
	Quarantined bool          `json:"quarantined"`
	Error       *string       `json:"error"`
	Refusals    []ent.Refusal `json:"refusals,omitempty"`
}

// runner makes what reads sources.
func (env *environment) runner(st *store.Store, publicURL string) (*harvest.Runner, error) {
	return harvest.NewRunner(st, fetch.New(fetch.Options{Version: versionText(), Contact: publicURL, Allow: env.HarvestAllow, AllowedInterval: -1, Now: env.now}), env.log, env.now)
}

// Run reads the sources now and prints what came of it.
func (c harvestCmd) Run(env *environment) error {
	return env.withStore(func(st *store.Store) error {
		r, err := env.runner(st, "")
		if err != nil {
			return err
		}
		names := map[uuid.UUID]string{}
		var ids []uuid.UUID
		if c.Source != "" {
			id, ok := ent.ParseSourceID(c.Source)
			if !ok {
				return ent.BadInput("source", "%q is not the id of a source.", c.Source)
			}
			x, err := st.Source(env.ctx, id)
			if err != nil {
				return err
			}
			if x == nil {
				return ent.BadInput("source", "There is no source with the id %s.", c.Source)
			}
			ids, names[id] = append(ids, id), x.Name
		} else if err := st.EachSource(env.ctx, func(x *ent.Source) {
			if x.PausedAt == nil && x.URL != nil && x.ProviderID != nil {
				ids, names[x.ID] = append(ids, x.ID), x.Name
			}
		}); err != nil {
			return err
		}
		var failed error
		r.RunAll(env.ctx, ids, c.DryRun, func(id uuid.UUID, run *ent.Harvest, err error) {
			if printed := c.print(env, names[id], id, run, err); printed != nil && failed == nil {
				failed = printed
			}
		})
		if failed == nil {
			failed = env.ctx.Err()
		}
		return failed
	})
}

func (c harvestCmd) print(env *environment, name string, id uuid.UUID, run *ent.Harvest, err error) error {
	line := harvestLine{Source: (&ent.Source{ID: id}).NodeID(), Outcome: string(ent.HarvestFailed)}
	if run != nil {
		line.Outcome, line.New, line.Changed, line.Same, line.Gone, line.Refused = string(run.Outcome), run.New, run.Changed, run.Same, run.Gone, run.Refused
		line.Quarantined, line.Error, line.Refusals = run.Outcome == ent.HarvestQuarantined, run.Error, run.Refusals
	} else if err != nil {
		text := err.Error()
		line.Error = &text
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(line)
	}
	_, printErr := fmt.Fprintf(env.stdout, "%s (%s): %s, %d new, %d changed, %d same, %d gone, %d refused", name, line.Source, line.Outcome, line.New, line.Changed, line.Same, line.Gone, line.Refused)
	if run != nil {
		_, _ = fmt.Fprintf(env.stdout, " in %v", run.FinishedAt.Sub(run.StartedAt).Round(time.Millisecond))
	}
	if line.Error != nil {
		_, _ = fmt.Fprintf(env.stdout, ": %s", *line.Error)
	}
	_, _ = fmt.Fprintln(env.stdout)
	for _, r := range line.Refusals {
		_, _ = fmt.Fprintf(env.stdout, "  %s: %s\n", r.Item, r.Message)
	}
	return printErr
}
