package thin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"umland/auth"
	"umland/bench/generate"
	"umland/bench/question"
	"umland/bench/thin"
	"umland/ent"
	"umland/pgdev/pgtest"
	"umland/register"
	"umland/resolvers"
	"umland/server"
	"umland/store"
	"umland/store/storetest"
)

// notCompared are the questions for which Umland does more than Postgres alone can be asked for in one statement: its own search.
var notCompared = map[int]bool{4: true}

// The two servers give the same answers: same fields, same values.
func TestSameAnswers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.NewDB(t, storetest.Prepare)
	now := time.Now()
	if _, err := generate.Fill(ctx, dsn, generate.Options{N: 3_000, Seed: 1, Now: now, Log: zerolog.Nop()}); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	schema, err := os.ReadFile("../postgraphile/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, string(schema)); err != nil {
		t.Fatal(err)
	}
	pools, err := question.Pools(ctx, conn, now)
	if err != nil {
		t.Fatal(err)
	}
	bulk, err := question.NewBulk(ctx, conn, now)
	if err != nil {
		t.Fatal(err)
	}
	umland := newUmland(t, dsn, bulk.AGS)
	pool, err := thin.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	thinHandler, err := thin.Handler(pool)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(h http.Handler, path string, body any) map[string]any {
		t.Helper()
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(b))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+umland.token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || answer["errors"] != nil {
			t.Fatalf("%s %.300s: %d %.500s", path, b, w.Code, w.Body)
		}
		return answer["data"].(map[string]any)
	}
	both := func(q question.Question, forUmland, forThin question.Variables) (a, b map[string]any) {
		t.Helper()
		a = ask(umland.handler, "/graphql", map[string]any{"query": q.Umland, "variables": forUmland})
		b = ask(thinHandler, fmt.Sprintf("/%d", q.Number), forThin)
		if !reflect.DeepEqual(canonical(q.Number, a), canonical(q.Number, b)) {
			x, _ := json.Marshal(canonical(q.Number, a))
			y, _ := json.Marshal(canonical(q.Number, b))
			t.Fatalf("question %d, %v:\numland %s\nthin   %s", q.Number, forUmland, x, y)
		}
		return a, b
	}
	for _, q := range question.All() {
		switch {
		case notCompared[q.Number]:
		case q.Number == 7:
			after := [2]any{nil, nil}
			first := strings.Replace(q.Umland, "$after: String!", "$after: String", 1)
			for range 200 { // 3,000 offerings are 150 pages
				q.Umland = first
				a, b := both(q, question.Variables{"after": after[0]}, question.Variables{"after": after[1]})
				pa, pb := a["offerings"].(map[string]any)["pageInfo"].(map[string]any), b["offerings"].(map[string]any)["pageInfo"].(map[string]any)
				after = [2]any{pa["endCursor"], pb["endCursor"]}
				if pa["hasNextPage"] == false {
					break
				}
			}
		case q.Write:
			for i := range 3 {
				both(q, bulk.Variables("umland", i), bulk.Variables("thin", i))
			}
		default:
			if len(pools[q.Number]) < 100 {
				t.Errorf("question %d has %d variables only", q.Number, len(pools[q.Number]))
			}
			for _, v := range pools[q.Number][:min(200, len(pools[q.Number]))] {
				both(q, v, v)
			}
		}
	}
}

// canonical takes away what may differ: how a time is written, what cursor a server uses, which id a new offering gets, and the last
// digits of a distance.
func canonical(question int, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			switch {
			case k == "endCursor", question == 8 && k == "id":
				continue
			case k == "distanceKm":
				x = fmt.Sprintf("%.3f", x)
			}
			out[k] = canonical(question, x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = canonical(question, x)
		}
		return out
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.UTC().Truncate(time.Second).String()
		}
	}
	return v
}

type umlandServer struct {
	handler http.Handler
	token   string
}

func newUmland(t *testing.T, dsn, ags string) umlandServer {
	t.Helper()
	ctx := context.Background()
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(ctx, dsn, store.Options{Log: zerolog.Nop(), Locate: boundaries.NearHome})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.LoadReference(ctx); err != nil {
		t.Fatal(err)
	}
	token, hash := auth.NewToken()
	if err := st.CreateKey(ctx, ent.System("bench"), &ent.Key{
		ID: ent.NewID(), Name: "bench", Hash: hash, Grant: ent.Grant{AGS: &ags}, Scopes: []ent.Scope{ent.ScopeWrite, ent.ScopePublish}, CreatedAt: time.Now(),
	}); err != nil {
		t.Fatal(err)
	}
	return umlandServer{server.Handler(server.Options{
		Schema: resolvers.Schema(&resolvers.Root{Store: st, Now: time.Now}),
		Key: func(ctx context.Context, token string) (*ent.Actor, error) {
			hash, _ := auth.Hash(token)
			key, err := st.KeyByHash(ctx, hash, time.Now())
			if key == nil || err != nil {
				return nil, err
			}
			return key.Actor(), nil
		},
		Ready: st.Ready, Stats: st.Stats, Log: zerolog.Nop(), Limits: server.DefaultLimits(),
	}), token}
}
