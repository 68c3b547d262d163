package main

import (
	"fmt"
	"io"
	"os"

	"umland/ent"
	"umland/store"
)

type holidaysCmd struct {
	File string `arg:"" help:"CSV with the columns state, name, from, to; - reads the standard input."`
}

// Run loads school holidays.
func (c holidaysCmd) Run(env *environment) error {
	in := io.Reader(os.Stdin)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	all, err := ent.ReadSchoolHolidays(in)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return env.withStore(func(st *store.Store) error {
		if err := st.LoadSchoolHolidays(env.ctx, env.now().UTC(), all); err != nil {
			return err
		}
		_, err := fmt.Fprintf(env.stdout, "%d school holidays are loaded.\n", len(all))
		return err
	})
}
