package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"umland/auth"
	"umland/bench/question"
	"umland/ent"
	"umland/store"
)

// bench is one run of the benchmark.
type bench struct {
	settings
	root, dsn, key string
	conn           *pgx.Conn
	log            zerolog.Logger
	postgres       int // process id
	servers        []*server
	pools          map[int][]question.Variables
	bulk           *question.Bulk
	runs           int
}

func newBench(ctx context.Context, s settings, root, dsn string, log zerolog.Logger) (*bench, error) {
	b := &bench{settings: s, root: root, dsn: dsn, log: log}
	var err error
	if b.conn, err = pgx.Connect(ctx, dsn); err != nil {
		return nil, err
	}
	schema, err := os.ReadFile(filepath.Join(root, "bench", "postgraphile", "schema.sql"))
	if err != nil {
		return nil, err
	}
	if _, err := b.conn.Exec(ctx, string(schema)); err != nil {
		return nil, fmt.Errorf("bench/postgraphile/schema.sql: %w", err)
	}
	if err := b.clean(ctx); err != nil {
		return nil, err
	}
	if b.pools, err = question.Pools(ctx, b.conn, time.Now()); err != nil {
		return nil, err
	}
	if b.bulk, err = question.NewBulk(ctx, b.conn, time.Now()); err != nil {
		return nil, err
	}
	return b, b.makeKey(ctx)
}

// makeKey makes the API key for the bulk saves, good for a day.
func (b *bench) makeKey(ctx context.Context) error {
	st, err := store.Open(ctx, b.dsn, store.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	token, hash := auth.NewToken()
	now := time.Now().UTC()
	expires := now.Add(24 * time.Hour)
	b.key = token
	return st.CreateKey(ctx, ent.System("bench"), &ent.Key{
		ID: ent.NewID(), Name: "bench", Hash: hash, Grant: ent.Grant{AGS: &b.bulk.AGS}, Scopes: []ent.Scope{ent.ScopeWrite, ent.ScopePublish}, CreatedAt: now, ExpiresAt: &expires,
	})
}

// clean takes away what bulk saves left.
func (b *bench) clean(ctx context.Context) error {
	for _, sql := range []string{
		"DELETE FROM offering WHERE external_id LIKE '" + question.BulkPrefix + "%'",
		"VACUUM (ANALYZE) offering, occurrence, place",
		"CHECKPOINT",
	} {
		if _, err := b.conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) close() {
	for _, s := range b.servers {
		s.stop()
	}
	// What is left of the run would be in the way of the next migration.
	if _, err := b.conn.Exec(context.Background(), "DROP SCHEMA bench CASCADE"); err != nil {
		b.log.Warn().Err(err).Msg("the schema bench is left")
	}
	_ = b.conn.Close(context.Background())
}

// turn is what one server did with one question in one round.
type turn struct {
	Round, Question int
	Server          string
	Requests        int
	PerSecond       float64
	P50, P99        float64 // ms
	ServerCPU       float64 // ms a request
	PostgresCPU     float64 // ms a request
	Bytes           int     // of an answer, on average
	Memory          float64 // MB resident, of the server
}

// run asks all questions: a warm-up, then the rounds, in which the servers take turns in another order each time.
func (b *bench) run(ctx context.Context, questions []question.Question) (*report, error) {
	r := &report{N: b.n, Rounds: b.rounds, Seconds: b.duration.Seconds(), Concurrency: b.concurrency, Lacks: map[int]string{}}
	own := map[string][]question.Variables{} // cursors
	for _, q := range questions {
		for _, s := range b.servers {
			if s.lacks(q) != "" {
				r.Lacks[q.Number] = s.lacks(q)
			}
			if q.Number == 7 {
				pool, err := s.walk(ctx, q)
				if err != nil {
					return nil, err
				}
				own[s.name] = pool
			}
		}
	}
	for round := range b.rounds + 1 {
		for _, q := range questions {
			order := slices.Clone(b.servers)
			if round%2 == 1 {
				slices.Reverse(order)
			}
			for _, s := range order {
				if s.lacks(q) != "" || !s.takes(q) {
					continue
				}
				pool := b.pools[q.Number]
				if q.Number == 7 {
					pool = own[s.name]
				}
				duration := b.duration
				if round == 0 {
					duration = b.warmUp
				}
				t, err := b.turn(ctx, s, q, pool, duration)
				if err != nil {
					return nil, fmt.Errorf("question %d: %w", q.Number, err)
				}
				if q.Write || q.Traffic {
					if err := b.clean(ctx); err != nil {
						return nil, err
					}
				}
				if round > 0 {
					t.Round = round
					r.Turns = append(r.Turns, t)
				}
				b.log.Info().Int("round", round).Int("question", q.Number).Str("server", s.name).Float64("per second", t.PerSecond).
					Float64("p99 ms", t.P99).Float64("server ms", t.ServerCPU).Float64("postgres ms", t.PostgresCPU).Send()
			}
		}
	}
	return r, nil
}

// turn lets the workers ask one question for a while.
func (b *bench) turn(ctx context.Context, s *server, q question.Question, pool []question.Variables, duration time.Duration) (turn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.runs++
	run := fmt.Sprint(b.runs)
	next, err := b.bodies(s, q, pool, run)
	if err != nil {
		return turn{}, err
	}
	serverBefore, err := processorTime(s.cmd.Process.Pid)
	if err != nil {
		return turn{}, err
	}
	postgresBefore, err := processorTime(b.postgres)
	if err != nil {
		return turn{}, err
	}
	start := time.Now()
	end := start.Add(duration)
	var mu sync.Mutex
	var took []float64
	var failed error
	var bytesRead atomic.Int64
	var wg sync.WaitGroup
	for range b.concurrency {
		wg.Go(func() {
			var mine []float64
			var answer bytes.Buffer
			for time.Now().Before(end) && ctx.Err() == nil {
				r, err := next()
				if err == nil {
					before := time.Now()
					if err = s.ask(ctx, r, &answer); err == nil {
						mine = append(mine, float64(time.Since(before))/1e6)
						bytesRead.Add(int64(answer.Len()))
						if !bytes.Contains(answer.Bytes(), []byte(r.holds)) {
							err = fmt.Errorf("%s: an empty answer to %.300s: %.300s", s.name, r.body, answer.Bytes())
						}
					}
				}
				if err != nil {
					mu.Lock()
					if failed == nil && ctx.Err() == nil {
						failed = err
					}
					mu.Unlock()
					cancel()
					return
				}
			}
			mu.Lock()
			took = append(took, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	seconds := time.Since(start).Seconds()
	if failed == nil && len(took) == 0 {
		failed = context.Cause(ctx)
	}
	if failed != nil {
		return turn{}, failed
	}
	serverAfter, err := processorTime(s.cmd.Process.Pid)
	if err != nil {
		return turn{}, err
	}
	postgresAfter, err := processorTime(b.postgres)
	if err != nil {
		return turn{}, err
	}
	slices.Sort(took)
	n := float64(len(took))
	return turn{
		Question: q.Number, Server: s.name, Requests: len(took), PerSecond: n / seconds,
		P50: took[len(took)/2], P99: took[min(len(took)-1, len(took)*99/100)],
		ServerCPU: float64(serverAfter-serverBefore) / 1e6 / n, PostgresCPU: float64(postgresAfter-postgresBefore) / 1e6 / n,
		Bytes: int(float64(bytesRead.Load()) / n), Memory: residentMemory(s.cmd.Process.Pid),
	}, nil
}

// bodies gives the next request to send, which may be called by many. Requests are made before, so that making them costs nothing while the
// time runs; saves, which are all different, are made as they come.
func (b *bench) bodies(s *server, q question.Question, pool []question.Variables, run string) (func() (request, error), error) {
	var count atomic.Int64
	switch {
	case q.Write:
		return func() (request, error) { return s.request(q, b.bulk.Variables(run, int(count.Add(1)-1))) }, nil
	case q.Traffic:
		return b.traffic(s, run)
	case len(pool) < min(question.PoolSize, b.n/25):
		return nil, fmt.Errorf("%s: only %d different variables", s.name, len(pool))
	}
	all := make([]request, len(pool))
	for i, v := range pool {
		var err error
		if all[i], err = s.request(q, v); err != nil {
			return nil, err
		}
	}
	count.Store(int64(rand.IntN(len(all))))
	return func() (request, error) { return all[int(count.Add(1))%len(all)], nil }, nil
}

// traffic gives the requests of apps: the same screens again and again, some much more often than others, and a save of one offering now and then. Every server gets
// them in the same order.
func (b *bench) traffic(s *server, run string) (func() (request, error), error) {
	questions := question.All()
	screens := make([]request, question.Screens)
	for i := range screens {
		q := questions[i%6] // (1) to (6)
		var err error
		if screens[i], err = s.request(q, b.pools[q.Number][i/6]); err != nil {
			return nil, err
		}
	}
	rng := rand.New(rand.NewPCG(9, 9))
	rng.Shuffle(len(screens), func(i, j int) { screens[i], screens[j] = screens[j], screens[i] })
	zipf := rand.NewZipf(rng, question.ZipfExponent, 1, question.Screens-1)
	drawn := make([]int, 100_000)
	for i := range drawn {
		drawn[i] = int(zipf.Uint64())
	}
	var count atomic.Int64
	return func() (request, error) {
		i := int(count.Add(1))
		if i%question.SaveEvery == 0 {
			return s.request(questions[7], b.bulk.One(run, i))
		}
		return screens[drawn[i%len(drawn)]], nil
	}, nil
}
