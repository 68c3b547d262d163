// Command bench asks Umland, the thin server and PostGraphile the same questions on the same database, in turns, and prints how
// they compare. See ../../README.md.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"umland/bench/generate"
	"umland/bench/question"
	"umland/pgdev"
	"umland/register"
	"umland/store"
)

type settings struct {
	n           int
	rounds      int
	duration    time.Duration
	warmUp      time.Duration
	concurrency int
	dir         string
	out         string
	questions   string
	servers     string
	seed        uint64
	keep        bool
}

func main() {
	var s settings
	flag.IntVar(&s.n, "n", 100_000, "offerings in the database")
	flag.IntVar(&s.rounds, "rounds", 3, "rounds; medians are over these")
	flag.DurationVar(&s.duration, "duration", 5*time.Second, "how long each server is asked each question in a round")
	flag.DurationVar(&s.warmUp, "warm-up", 2*time.Second, "how long each server is asked each question before the first round")
	flag.IntVar(&s.concurrency, "concurrency", 8, "requests at once")
	flag.StringVar(&s.dir, "dir", filepath.Join(os.TempDir(), "umland-bench"), "where the private Postgres and the binaries are; kept for the next run")
	flag.StringVar(&s.out, "out", "", "file for the numbers as JSON; in -dir when not given")
	flag.StringVar(&s.questions, "questions", "1,2,3,4,5,6,7,8,9", "which questions")
	flag.StringVar(&s.servers, "servers", "umland,"+cached+",thin,postgraphile", "which servers")
	flag.Uint64Var(&s.seed, "seed", 1, "of the generated offerings")
	flag.BoolVar(&s.keep, "keep", false, "leave Postgres running at the end, until interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	if s.rounds < 1 || s.rounds > 100 || s.duration <= 0 || s.duration > 5*time.Minute || s.concurrency < 1 || s.concurrency > 64 {
		return fmt.Errorf("between 1 and 100 rounds of up to 5 minutes, and a concurrency between 1 and 64, can be run")
	}
	wanted, err := chosen(s.questions)
	if err != nil {
		return err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	log := zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: time.TimeOnly}).With().Timestamp().Logger()
	pg, err := pgdev.Start(ctx, pgdev.Options{Dir: filepath.Join(s.dir, "postgres"), Settings: memory(), Log: log})
	if err != nil {
		return err
	}
	defer func() { _ = pg.Stop() }()
	dsn, err := database(ctx, pg, s, log)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, s, root, dsn, log)
	if err != nil {
		return err
	}
	defer b.close()
	b.postgres, err = postmaster(filepath.Join(s.dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	for _, name := range strings.Split(s.servers, ",") {
		if err := b.start(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	r, err := b.run(ctx, wanted)
	if err != nil {
		return err
	}
	r.print(os.Stdout)
	if s.out == "" {
		s.out = filepath.Join(s.dir, "bench-"+strconv.Itoa(s.n)+".json")
	}
	j, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	fmt.Println("\nAll numbers:", s.out)
	if err := os.WriteFile(s.out, append(j, '\n'), 0o644); err != nil || !s.keep {
		return err
	}
	fmt.Println("The database:", dsn)
	<-ctx.Done()
	return nil
}

// memory gives Postgres a quarter of the machine's memory, as its documentation advises for a server: its default is for the smallest machines.
func memory() []string {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return nil
	}
	quarter := uint64(info.Totalram) * uint64(info.Unit) / 4 >> 20
	return []string{
		fmt.Sprintf("shared_buffers=%dMB", quarter), fmt.Sprintf("effective_cache_size=%dMB", 2*quarter),
		fmt.Sprintf("maintenance_work_mem=%dMB", quarter/8), "max_wal_size=4GB",
	}
}

func questions() []question.Question { return append(question.All(), question.Mixed()) }

// chosen gives the questions with these numbers.
func chosen(numbers string) (list []question.Question, err error) {
	all := questions()
	for _, text := range strings.Split(numbers, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > len(all) {
			return nil, fmt.Errorf("there is no question %q", text)
		}
		list = append(list, all[n-1])
	}
	return list, nil
}

// moduleRoot finds the folder of Umland's sources.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "umland").Output()
	if err != nil {
		return "", fmt.Errorf("run it within Umland's sources: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// database gives the generated database, brought to this program's schema. It is made where it is not there, or was made on another day.
func database(ctx context.Context, pg *pgdev.Server, s settings, log zerolog.Logger) (dsn string, err error) {
	day := time.Now().UTC().Truncate(24 * time.Hour)
	name := fmt.Sprintf("bench_%d_%d", s.n, s.seed)
	admin, err := pgx.Connect(ctx, pg.DSN("postgres"))
	if err != nil {
		return "", err
	}
	defer func() { _ = admin.Close(context.WithoutCancel(ctx)) }()
	version := generate.Version + " " + day.Format(time.DateOnly)
	var comment *string
	err = admin.QueryRow(ctx, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", name).Scan(&comment)
	if err == nil && comment != nil && *comment == version {
		log.Info().Str("database", name).Msg("the database is there")
		return pg.DSN(name), migrate(ctx, pg.DSN(name))
	}
	if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return "", err
	}
	if dsn, err = pg.CreateDatabase(ctx, name); err != nil {
		return "", err
	}
	start := time.Now()
	c, err := generate.Fill(ctx, dsn, generate.Options{N: s.n, Seed: s.seed, Now: day, Log: log})
	if err != nil {
		return "", err
	}
	log.Info().Int("offerings", c.Offerings).Int("providers", c.Providers).Int("places", c.Places).Int("dates", c.Occurrences).
		Dur("took", time.Since(start)).Msg("the database is made")
	_, err = admin.Exec(ctx, fmt.Sprintf("COMMENT ON DATABASE %s IS '%s'", name, version))
	return dsn, err
}

// migrate brings a database that was made before to this program's schema.
func migrate(ctx context.Context, dsn string) error {
	st, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	if err := register.Load(ctx, st); err != nil {
		return err
	}
	_, err = st.Rederive(ctx)
	return err
}

// median of values, which it sorts.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	m := len(values) / 2
	if len(values)%2 == 1 {
		return values[m]
	}
	return (values[m-1] + values[m]) / 2
}
