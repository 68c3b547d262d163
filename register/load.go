package register

import (
	"context"
	"fmt"

	"umland/store"
)

// Release names the edition of the register that is embedded.
const Release = "GV-ISys 2025-08-31"

// Load puts the register into the database, unless this release of it is there already, and into the store's memory.
func Load(ctx context.Context, st *store.Store) error {
	done, err := st.Loaded(ctx, store.RegisterSet, Release)
	if err != nil {
		return err
	}
	if done {
		return st.LoadReference(ctx)
	}
	municipalities, err := Municipalities()
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	regions, err := Regions()
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if err := st.SaveRegister(ctx, Release, regions, municipalities); err != nil {
		return err
	}
	return st.LoadReference(ctx)
}

// Tolerance is how far outside of its home municipality, in kilometres, a place still counts as at home: the boundaries are
// simplified by about as much.
const Tolerance = 1.0

// NearHome is LocateNear with Tolerance, as store.Options.Locate wants it.
func (b *Boundaries) NearHome(longitude, latitude float64, home string) (ags string, ok bool) {
	return b.LocateNear(longitude, latitude, home, Tolerance)
}
