package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"umland/answers"
	"umland/auth"
	"umland/ent"
	"umland/fetch"
	"umland/graph"
	"umland/harvest"
	"umland/pgdev/pgtest"
	"umland/resolvers"
	"umland/server"
	"umland/store"
	"umland/store/storetest"
)

// api is the whole API over HTTP on a database of its own, at a time that the test sets.
type api struct {
	t   *testing.T
	st  *store.Store
	url string
	dsn string // of a database of its own, made by newAPI

	harvest *harvest.Runner

	mu  sync.Mutex
	now time.Time
}

func newAPI(t *testing.T) *api {
	dsn := pgtest.NewDB(t, storetest.Prepare)
	a := serve(t, storetest.Open(t, dsn))
	a.dsn = dsn
	return a
}

func serve(t *testing.T, st *store.Store) *api { return serveWith(t, st, nil) }

func serveWith(t *testing.T, st *store.Store, kept *answers.Cache) *api {
	a := &api{t: t, st: st, now: storetest.Noon}
	var err error
	a.harvest, err = harvest.NewRunner(st, fetch.New(fetch.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.9/32")}, AllowedInterval: -1}), zerolog.Nop(), a.clock)
	if err != nil {
		t.Fatal(err)
	}
	h := server.Handler(server.Options{
		Schema: resolvers.Schema(&resolvers.Root{Store: st, Now: a.clock, Harvest: a.harvest, Credits: []*graph.Credit{{Text: "Destatis", Licence: "DL-DE-BY-2.0"}}}),
		Key: func(ctx context.Context, token string) (*ent.Actor, error) {
			hash, ok := auth.Hash(token)
			if !ok {
				return nil, nil
			}
			key, err := st.KeyByHash(ctx, hash, a.clock())
			if key == nil || err != nil {
				return nil, err
			}
			return key.Actor(), nil
		},
		Once: func(ctx context.Context, actor uuid.UUID, key string, request []byte, do func(context.Context) ([]byte, bool)) ([]byte, error) {
			return st.Once(ctx, actor, key, request, a.clock(), do)
		},
		Answers: kept, Ready: st.Ready, Stats: st.Stats, Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.ErrorLevel), Limits: server.DefaultLimits(),
	})
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	a.url = srv.URL + "/graphql"
	return a
}

func (a *api) clock() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

func (a *api) setClock(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = t
}

func (a *api) wait(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = a.now.Add(d)
}

// key makes an API key for a municipality, a district or a provider, or with "" for an operator.
func (a *api) key(owner string, scopes ...ent.Scope) string {
	a.t.Helper()
	token, hash := auth.NewToken()
	k := &ent.Key{ID: ent.NewID(), Name: "Test", Hash: hash, Scopes: scopes, CreatedAt: a.clock()}
	if id, ok := ent.ParseProviderID(owner); ok {
		k.ProviderID = &id
	} else if len(owner) == 5 {
		k.RegionKey = &owner
	} else if owner != "" {
		k.AGS = &owner
	}
	if err := a.st.CreateKey(context.Background(), ent.System("Test"), k); err != nil {
		a.t.Fatal(err)
	}
	return token
}

// object is a JSON object; at follows a path through it: "data.offerings.edges.0.node.title".
type object map[string]any

func (o object) at(path string) any {
	var v any = map[string]any(o)
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i := int(step[0] - '0')
			if len(step) != 1 || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (o object) text(path string) string {
	s, _ := o.at(path).(string)
	return s
}

// list gives one value of each item of a list.
func (o object) list(path, field string) []any {
	items, _ := o.at(path).([]any)
	out := make([]any, len(items))
	for i, it := range items {
		out[i] = object(it.(map[string]any)).at(field)
	}
	return out
}

// ask sends an operation as the owner of the token, or as the public.
func (a *api) ask(token, query string, variables map[string]any) object {
	a.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		a.t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodPost, a.url, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var out object
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		a.t.Fatalf("%s: %v", res.Status, err)
	}
	return out
}

// get is ask that must go well.
func (a *api) get(token, query string, variables map[string]any) object {
	a.t.Helper()
	out := a.ask(token, query, variables)
	if out["errors"] != nil {
		b, _ := json.Marshal(out["errors"])
		a.t.Fatalf("%s\n%s", query, b)
	}
	return out
}

// want compares JSON with what is expected.
func want(t *testing.T, got any, expected string) {
	t.Helper()
	var w any
	if err := json.Unmarshal([]byte(expected), &w); err != nil {
		t.Fatalf("expected JSON: %v", err)
	}
	b, _ := json.Marshal(got)
	var g any
	_ = json.Unmarshal(b, &g)
	if !reflect.DeepEqual(g, w) {
		wb, _ := json.Marshal(w)
		t.Errorf("got  %s\nwant %s", b, wb)
	}
}

const belzig, wiesenburg, brandis = "12069020", "12069665", "14729070"

// provider saves a provider in the municipality and gives its id.
func (a *api) provider(token, ags, name string) string {
	a.t.Helper()
	out := a.get(token, `mutation($in: ProviderInput!) { saveProvider(input: $in) { provider { id } userErrors { path code message } } }`,
		map[string]any{"in": map[string]any{"name": name, "kind": "CLUB", "municipality": ags}})
	want(a.t, out.at("data.saveProvider.userErrors"), `[]`)
	return out.text("data.saveProvider.provider.id")
}

const saveOffering = `mutation($in: OfferingInput!) { saveOffering(input: $in) {
	offering { id version status updatedAt municipality { ags } } userErrors { path code message } } }`

// save saves an offering that must be right, and gives what it became.
func (a *api) save(token string, in map[string]any) object {
	a.t.Helper()
	out := a.get(token, saveOffering, map[string]any{"in": in})
	want(a.t, out.at("data.saveOffering.userErrors"), `[]`)
	o, _ := out.at("data.saveOffering.offering").(map[string]any)
	return o
}

// faults saves an offering that must be wrong, and gives path and code of each fault.
func (a *api) faults(token string, in map[string]any) []string {
	a.t.Helper()
	out := a.get(token, saveOffering, map[string]any{"in": in})
	if out.at("data.saveOffering.offering") != nil {
		a.t.Errorf("was saved: %v", in)
	}
	return faultList(out.at("data.saveOffering.userErrors"))
}

func faultList(v any) []string {
	var all []string
	list, _ := v.([]any)
	for _, e := range list {
		var path []string
		for _, p := range e.(map[string]any)["path"].([]any) {
			path = append(path, p.(string))
		}
		all = append(all, strings.Join(path, ".")+" "+e.(map[string]any)["code"].(string))
	}
	return all
}

// errorCode gives the code of the first error, "" when there is none.
func (o object) errorCode() string { return o.text("errors.0.extensions.code") }

// as runs an operation in-process as somebody who is signed in.
func (a *api) as(actor *ent.Actor, query string) object {
	a.t.Helper()
	run := executor.New(resolvers.Schema(&resolvers.Root{Store: a.st, Now: a.clock, Harvest: a.harvest}))
	run.SetErrorPresenter(func(ctx context.Context, err error) *gqlerror.Error {
		out := graphql.DefaultErrorPresenter(ctx, err)
		if safe := (*ent.Error)(nil); errors.As(err, &safe) {
			out.Extensions = map[string]any{"code": safe.Code}
		}
		return out
	})
	ctx := context.Background()
	if actor != nil {
		ctx = auth.With(ctx, actor)
	}
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := run.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
	if errs != nil {
		a.t.Fatalf("%s: %v", query, errs)
	}
	answer, ctx := run.DispatchOperation(ctx, op)
	b, err := json.Marshal(answer(ctx))
	var out object
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// sql runs a statement beside the store.
func (a *api) sql(statement string, args ...any) {
	a.t.Helper()
	conn, err := pgx.Connect(context.Background(), a.dsn)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.Background(), statement, args...); err != nil {
		a.t.Fatal(err)
	}
}

// count gives the one number that a statement asks for.
func (a *api) count(statement string) (n int) {
	a.t.Helper()
	conn, err := pgx.Connect(context.Background(), a.dsn)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(context.Background(), statement).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

func (a *api) schema() *ast.Schema {
	return resolvers.Schema(&resolvers.Root{Store: a.st, Now: a.clock, Harvest: a.harvest}).Schema()
}

// rightsTable reads the mutations of docs/rights.md with what each role may.
func rightsTable(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile("../docs/rights.md")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) < 8 || !strings.HasPrefix(strings.TrimSpace(cells[0]), "`") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		table[strings.Trim(cells[0], "`")] = cells[1:]
	}
	return table
}
