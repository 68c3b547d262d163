// Command generate fills an empty database with made-up offerings: see package generate.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/rs/zerolog"

	"umland/bench/generate"
)

func main() {
	n := flag.Int("n", 100_000, "how many offerings")
	database := flag.String("database", os.Getenv("DATABASE_URL"), "the database; DATABASE_URL where it is not given")
	seed := flag.Uint64("seed", 1, "another seed gives another world of the same shape")
	now := flag.String("now", time.Now().UTC().Format(time.DateOnly), "the day around which dates lie")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *database, *n, *seed, *now); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, database string, n int, seed uint64, now string) error {
	if database == "" {
		return fmt.Errorf("-database, or DATABASE_URL, must name a database")
	}
	day, err := time.Parse(time.DateOnly, now)
	if err != nil {
		return fmt.Errorf("-now must be a day, such as 2026-11-23")
	}
	start := time.Now()
	c, err := generate.Fill(ctx, database, generate.Options{
		N: n, Seed: seed, Now: day, Log: zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr}),
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d offerings of %d providers at %d places, with %d dates, in %s\n",
		c.Offerings, c.Providers, c.Places, c.Occurrences, time.Since(start).Round(100*time.Millisecond))
	return nil
}
