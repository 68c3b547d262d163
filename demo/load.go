package demo

import (
	"context"
	"fmt"
	"time"

	"umland/register"
	"umland/store"
)

// Release names the edition of the demo region. A new one adds what is new and leaves alone what is there.
const Release = "1"

const setName = "demo"

// Load puts the demo region, as of the day of now, into the database, unless it is there already. The register must be loaded.
func Load(ctx context.Context, st *store.Store, now time.Time) error {
	if done, err := st.Loaded(ctx, setName, Release); done || err != nil {
		return err
	}
	municipalities, err := register.Municipalities()
	if err != nil {
		return err
	}
	set, err := Build(now, municipalities)
	if err != nil {
		return err
	}
	if err := st.SaveSeed(ctx, now, store.Seed{
		Name: setName, Release: Release, Cooperations: set.Cooperations, Members: set.Members,
		Sources: set.Sources, Providers: set.Providers, Offerings: set.Offerings,
	}); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return st.LoadReference(ctx)
}
