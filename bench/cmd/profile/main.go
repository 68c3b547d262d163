// Command profile asks Umland, within this process, one of the benchmark's questions for a while, and writes a CPU profile for
// `go tool pprof`. With -explain it asks once only, and Postgres writes the plans of all statements to its log.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"umland/auth"
	"umland/bench/question"
	"umland/ent"
	"umland/register"
	"umland/resolvers"
	"umland/server"
	"umland/store"
)

func main() {
	database := flag.String("database", os.Getenv("DATABASE_URL"), "the generated database; DATABASE_URL where it is not given")
	number := flag.Int("question", 1, "which question")
	duration := flag.Duration("duration", 5*time.Second, "how long")
	out := flag.String("o", "cpu.pprof", "file for the profile")
	explain := flag.Bool("explain", false, "ask once, with plans in the log of Postgres")
	flag.Parse()
	if err := run(context.Background(), *database, *number, *duration, *out, *explain); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dsn string, number int, duration time.Duration, out string, explain bool) error {
	all := question.All()
	if number < 1 || number > len(all) {
		return fmt.Errorf("there is no such question to profile")
	}
	q := all[number-1]
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	pools, err := question.Pools(ctx, conn, time.Now())
	if err != nil {
		return err
	}
	pool := pools[number]
	if q.Write {
		bulk, err := question.NewBulk(ctx, conn, time.Now())
		if err != nil {
			return err
		}
		for i := range question.PoolSize {
			pool = append(pool, bulk.Variables("profile"+time.Now().Format(time.RFC3339Nano), i))
		}
		defer func() {
			_, _ = conn.Exec(ctx, "DELETE FROM offering WHERE external_id LIKE '"+question.BulkPrefix+"%'")
		}()
	}
	if explain {
		if dsn, err = explained(dsn); err != nil {
			return err
		}
	}
	handler, closeStore, err := umland(ctx, dsn)
	if err != nil {
		return err
	}
	defer closeStore()
	if number == 7 {
		if pool, err = cursors(handler); err != nil {
			return err
		}
	}
	if explain {
		answer, err := ask(handler, q.Umland, pool[0])
		fmt.Printf("%s\n", answer)
		return err
	}
	var n atomic.Int64
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	warmUp := 200
	if q.Write {
		warmUp = 10
	}
	for i := range warmUp { // statements prepared, documents parsed
		if _, err := ask(handler, q.Umland, pool[i%len(pool)]); err != nil {
			return err
		}
	}
	n.Store(int64(warmUp))
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	end := time.Now().Add(duration)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for time.Now().Before(end) {
				_, _ = ask(handler, q.Umland, pool[int(n.Add(1))%len(pool)])
			}
		})
	}
	wg.Wait()
	fmt.Printf("question %d: %d requests in %s\n", number, n.Load()-int64(warmUp), duration)
	return nil
}

// umland gives the handler that `umland serve` serves.
func umland(ctx context.Context, dsn string) (http.Handler, func(), error) {
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Open(ctx, dsn, store.Options{Log: zerolog.Nop(), Slow: 200 * time.Millisecond, Locate: boundaries.NearHome})
	if err != nil {
		return nil, nil, err
	}
	if err := st.LoadReference(ctx); err != nil {
		return nil, nil, err
	}
	if err := st.LoadVocabulary(ctx); err != nil {
		return nil, nil, err
	}
	return server.Handler(server.Options{
		Schema: resolvers.Schema(&resolvers.Root{Store: st, Now: time.Now}),
		Key:    func(context.Context, string) (*ent.Actor, error) { return ent.System("profile"), nil },
		Ready:  st.Ready, Stats: st.Stats, Log: zerolog.Nop(), Limits: server.DefaultLimits(),
	}), func() { _ = st.Close() }, nil
}

func ask(h http.Handler, document string, v any) ([]byte, error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": v})
	if err != nil {
		return nil, err
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	token, _ := auth.NewToken() // any does: who asks is the operator
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK || bytes.Contains(w.Body.Bytes(), []byte(`"errors":`)) {
		return nil, fmt.Errorf("status %d: %.500s", w.Code, w.Body)
	}
	return w.Body.Bytes(), nil
}

// cursors walks the list of question 7.
func cursors(h http.Handler) (pool []question.Variables, err error) {
	var after *string
	for len(pool) < 20*question.PoolSize {
		b, err := ask(h, question.WalkUmland, map[string]any{"after": after})
		if err != nil {
			return nil, err
		}
		var page struct {
			Data struct {
				Offerings struct{ Edges []struct{ Cursor string } }
			}
		}
		if err := json.Unmarshal(b, &page); err != nil {
			return nil, err
		}
		edges := page.Data.Offerings.Edges
		if len(edges) == 0 {
			break
		}
		for _, e := range edges {
			pool = append(pool, question.Variables{"after": e.Cursor})
		}
		after = &edges[len(edges)-1].Cursor
	}
	return pool, nil
}

// explained adds what makes Postgres log each statement's plan.
func explained(dsn string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	values := u.Query()
	for name, value := range map[string]string{ // in force only once the library is there, which it is before a connection's first statement
		"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0", "auto_explain.log_analyze": "on", "auto_explain.log_buffers": "on",
	} {
		values.Set(name, value)
	}
	u.RawQuery = values.Encode()
	return u.String(), nil
}
