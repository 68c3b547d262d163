package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"umland/pgdev"
	"umland/pgdev/pgtest"
)

// While many write, the server is killed again and again and Postgres restarted in between: every write that was acknowledged is there once, the change feed has
// each once, and nothing is half there.
func TestKilled(t *testing.T) {
	t.Parallel()
	const kills, restarts, writers = 8, 2, 4
	pg := pgtest.NewServer(t)
	dsn, err := pg.CreateDatabase(t.Context(), "umland")
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	url := "http://" + address + "/graphql"
	start := func() *exec.Cmd {
		cmd := process(t, dsn, "serve", "--listen", address)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			res, err := http.Get("http://" + address + "/readyz")
			if err == nil {
				_ = res.Body.Close()
				if res.StatusCode == http.StatusOK {
					return cmd
				}
			}
			if time.Now().After(deadline) {
				t.Fatal("the server does not come back")
			}
		}
	}
	serve := start()
	_, out, log := umland(t, dsn, "key", "create", "--municipality", "12069020", "--scope", "read,write,publish")
	words := strings.Fields(out)
	if len(words) == 0 {
		t.Fatal(log)
	}
	token := words[len(words)-1]
	// ask sends the mutation until it is acknowledged; as it has an Idempotency-Key, it is done once.
	ask := func(key, query string) map[string]any {
		body, _ := json.Marshal(map[string]any{"query": query})
		for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			req, _ := http.NewRequest(http.MethodPost, url, strings.NewReader(string(body)))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Idempotency-Key", key)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				continue
			}
			b, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			var answer struct {
				Data   map[string]any
				Errors []any
			}
			if err == nil && json.Unmarshal(b, &answer) == nil && len(answer.Errors) == 0 && answer.Data != nil {
				return answer.Data
			}
		}
		t.Errorf("%s is never acknowledged", key)
		return nil
	}
	saved := ask("provider", `mutation { saveProvider(input: {name: "Verein", kind: CLUB, municipality: "12069020"}) { provider { id } } }`)
	if saved == nil {
		t.FailNow()
	}
	provider := saved["saveProvider"].(map[string]any)["provider"].(map[string]any)["id"]
	var wg sync.WaitGroup
	enough := make(chan struct{})
	var written [writers]int
	for w := range writers {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-enough:
					written[w] = i
					return
				default:
				}
				key := fmt.Sprintf("w%d-%d", w, i)
				// An event, so that half of it could be missing: its dates.
				ask(key, fmt.Sprintf(`mutation { saveOffering(input: {kind: EVENT, title: %q, provider: %q, externalId: %q, schedule: {start: "2027-01-04T19:00:00+01:00", rrule: "FREQ=WEEKLY;COUNT=5"}})
					{ offering { id } userErrors { message } } }`, key, provider, key))
			}
		})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for k := range kills {
		time.Sleep(time.Duration(50+r.IntN(300)) * time.Millisecond) // at any moment of a write
		_ = serve.Process.Kill()
		_ = serve.Wait()
		if k%(kills/restarts) == kills/restarts-1 {
			if err := pg.Stop(); err != nil {
				t.Fatal(err)
			}
			if pg, err = pgdev.Start(context.Background(), pg.Options()); err != nil {
				t.Fatal(err)
			}
			again := pg
			t.Cleanup(func() { _ = again.Stop() })
		}
		serve = start()
	}
	close(enough)
	wg.Wait()
	all := 0
	for _, n := range written {
		all += n
	}
	feed := map[string]int{}
	after := "null"
	for {
		res, err := http.Post(url, "application/json", strings.NewReader(`{"query": "query($after: String) { changes(first: 100, after: $after) { nodes { id offering { title } } pageInfo { hasNextPage endCursor } } }", "variables": {"after": `+after+`}}`))
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Data struct {
				Changes struct {
					Nodes []struct {
						Offering struct{ Title string }
					}
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
				}
			}
		}
		err = json.NewDecoder(res.Body).Decode(&page)
		_ = res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range page.Data.Changes.Nodes {
			feed[n.Offering.Title]++
		}
		if !page.Data.Changes.PageInfo.HasNextPage {
			break
		}
		after = quote(page.Data.Changes.PageInfo.EndCursor)
	}
	_ = serve.Process.Kill()
	_ = serve.Wait()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if all < 50 {
		t.Errorf("only %d writes: the test tests little", all)
	}
	for what, sql := range map[string]string{
		"offerings": "SELECT count(*) FROM offering WHERE version = 1", "their dates": "SELECT count(*) / 5 FROM occurrence", "kept answers": "SELECT count(*) FROM idempotency WHERE key LIKE 'w%' AND response IS NOT NULL",
	} {
		var n int
		if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil || n != all {
			t.Errorf("%s: %d, not %d (%v)", what, n, all, err)
		}
	}
	for w := range writers {
		for i := range written[w] {
			if key := fmt.Sprintf("w%d-%d", w, i); feed[key] != 1 {
				t.Errorf("the feed has %s %d times", key, feed[key])
			}
		}
	}
}
