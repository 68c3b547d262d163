package server

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"umland/auth"
	"umland/ent"
	"umland/graph"
)

const testToken = "uml_0123456789012345678901234567890123456789012"

var testKeyID = uuid.MustParse("0190b0c0-0000-7000-8000-000000000001")

// resolvers answer a few fields of the real schema in the ways that resolvers go wrong. What they do not have panics, as a nil interface.
type resolvers struct {
	graph.ResolverRoot
	err     error
	running chan struct{} // one item for each query of categories that has begun
	proceed chan struct{} // they go on when it is closed
}

type queries struct {
	graph.QueryResolver
	*resolvers
}

func (r *resolvers) Query() graph.QueryResolver { return queries{resolvers: r} }

// Category fails, or gives a category with the slug.
func (q queries) Category(_ context.Context, slug string) (*ent.Category, error) {
	if q.err != nil {
		return nil, q.err
	}
	return &ent.Category{Slug: slug}, nil
}

// Categories waits.
func (q queries) Categories(ctx context.Context) ([]*ent.Category, error) {
	if q.running != nil {
		q.running <- struct{}{}
	}
	select {
	case <-q.proceed:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Credits is a list of 1,000, once it is to proceed or the time is over.
func (q queries) Credits(ctx context.Context) ([]*graph.Credit, error) {
	if q.proceed != nil {
		select {
		case <-q.proceed:
		case <-ctx.Done():
		}
	}
	list := make([]*graph.Credit, 1000)
	for i := range list {
		list[i] = &graph.Credit{Text: "© GeoBasis-DE / BKG", Licence: "DL-DE-BY-2.0"}
	}
	return list, nil
}

func schemaWith(r *resolvers) graphql.ExecutableSchema {
	return graph.NewExecutableSchema(graph.Config{Resolvers: r, Directives: graph.DirectiveRoot{Needs: auth.Needs}})
}

type running struct {
	url, addr string
	log       *lockedBuffer
	stop      context.CancelFunc
	ended     chan error
}

// lockedBuffer can be read while the log is written to it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start serves on loopback until the test ends; change, if any, alters the options before.
func start(t *testing.T, change func(*Options)) *running {
	t.Helper()
	r := &running{log: &lockedBuffer{}, ended: make(chan error, 1)}
	o := Options{
		Schema: schemaWith(&resolvers{}),
		Key: func(_ context.Context, token string) (*ent.Actor, error) {
			if token == testToken {
				return &ent.Actor{ID: testKeyID, Scopes: []ent.Scope{ent.ScopeRead, ent.ScopeWrite}}, nil
			}
			return nil, nil
		},
		Ready:   func(context.Context) error { return nil },
		Stats:   func() sql.DBStats { return sql.DBStats{MaxOpenConnections: 17} },
		Version: "v1.2.3",
		Log:     zerolog.New(r.log),
		Limits:  DefaultLimits(),
	}
	if change != nil {
		change(&o)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = l.Addr().String()
	r.url = "http://" + r.addr
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	h := Handler(o)
	go func() { r.ended <- Serve(ctx, l, h, o.Limits, o.Log) }()
	t.Cleanup(cancel)
	return r
}

type reply struct {
	status int
	header http.Header
	body   string
}

// gql is what a GraphQL answer holds.
type gql struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Locations  []any
		Extensions map[string]any
	}
	Extensions map[string]any
}

func (r *reply) graphql(t *testing.T) (g gql) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), &g); err != nil {
		t.Fatalf("%v in %.200s", err, r.body)
	}
	return g
}

// code is that of the first error, "" for none.
func (r *reply) code(t *testing.T) string {
	t.Helper()
	g := r.graphql(t)
	if len(g.Errors) == 0 {
		return ""
	}
	code, _ := g.Errors[0].Extensions["code"].(string)
	return code
}

// do sends a request; headers are names and values in turn. A body is JSON unless a header says otherwise.
func (r *running) do(t *testing.T, method, path string, body io.Reader, headers ...string) *reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &reply{resp.StatusCode, resp.Header, string(b)}
}

func (r *running) query(t *testing.T, query string, variables any, headers ...string) *reply {
	t.Helper()
	b, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return r.do(t, "POST", "/graphql", bytes.NewReader(b), headers...)
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Playground = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "playground at ", r.URL.Path) })
	})
	for _, tc := range []struct {
		name, method, path, accept string
		status                     int
		media, contains            string
	}{
		{"home", "GET", "/", "text/html", 200, "text/html; charset=utf-8", "v1.2.3"},
		{"home links credits", "GET", "/", "", 200, "text/html; charset=utf-8", "/graphql?query="},
		{"home by HEAD", "HEAD", "/", "", 200, "text/html; charset=utf-8", ""},
		{"playground", "GET", "/playground", "", 308, "text/html; charset=utf-8", "/playground/"},
		{"playground page", "GET", "/playground/", "", 200, "text/plain; charset=utf-8", "playground at /playground/"},
		{"alive", "GET", "/healthz", "", 200, "text/plain; charset=utf-8", "alive\n"},
		{"ready", "GET", "/readyz", "application/json", 200, "application/json", `{"message":"ready"}`},
		{"metrics", "GET", "/metrics", "", 200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", `umland_build_info{version="v1.2.3"} 1`},
		{"pool", "GET", "/metrics", "", 200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", "umland_db_connections_max 17"},
		{"nothing", "GET", "/wp-login.php", "", 404, "text/plain; charset=utf-8", "There is nothing here.\n"},
		{"nothing as JSON", "GET", "/graphql/", "application/json", 404, "application/json", `{"message":"There is nothing here."}`},
		{"post elsewhere", "POST", "/healthz", "", 405, "text/plain; charset=utf-8", "Only GET and HEAD"},
		{"delete", "DELETE", "/", "application/json", 405, "application/json", "Only GET and HEAD"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := s.do(t, tc.method, tc.path, nil, "Accept", tc.accept)
			if r.status != tc.status || r.header.Get("Content-Type") != tc.media || !strings.Contains(r.body, tc.contains) {
				t.Errorf("%d %s %q", r.status, r.header.Get("Content-Type"), r.body)
			}
			for _, name := range []string{"X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "X-Request-Id"} {
				if r.header.Get(name) == "" {
					t.Errorf("no header %s", name)
				}
			}
		})
	}
}

func TestNotReady(t *testing.T) {
	t.Parallel()
	for name, ready := range map[string]func(context.Context) error{
		"down": func(context.Context) error { return errors.New("dial tcp 10.1.2.3: connection refused") },
		"slow": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *Options) { o.Ready = ready })
			begin := time.Now()
			r := s.do(t, "GET", "/readyz", nil)
			if r.status != 503 || r.body != "not ready\n" || time.Since(begin) > 4*time.Second {
				t.Errorf("%d %q after %v", r.status, r.body, time.Since(begin))
			}
			if r := s.do(t, "GET", "/healthz", nil); r.status != 200 {
				t.Errorf("healthz: %d", r.status)
			}
		})
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for given, kept := range map[string]bool{
		"abc-123_x.Y": true, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "": false, `a"b`: false, "a b": false, "ä": false,
	} {
		got := s.do(t, "GET", "/healthz", nil, "X-Request-Id", given).header.Get("X-Request-Id")
		if kept && got != given || !kept && uuid.Validate(got) != nil {
			t.Errorf("%q became %q", given, got)
		}
	}
}

// The log tells what was asked for, never the values.
func TestLog(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.query(t, `query Rubrik($s: String!) { category(slug: $s) { slug } a: category(slug: "geheim-literal") { slug } }`,
		map[string]any{"s": "geheim-variable"}, "Authorization", "Bearer "+testToken, "X-Request-Id", "mine")
	s.query(t, `{ nonsense(pass: "geheim") }`, nil)
	s.do(t, "GET", "/graphql?query=%7Bcategory(slug:%22geheim%22)%7Bslug%7D%7D", nil)
	s.do(t, "GET", "/healthz", nil)
	s.stop()
	<-s.ended
	log := s.log.String()
	for _, secret := range []string{"geheim", testToken, "category("} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %q:\n%s", secret, log)
		}
	}
	for _, part := range []string{`"level":"info","method":"POST","path":"/graphql","status":200,"bytes":`, `"request":"mine"`, `"kind":"query","operation":"Rubrik","cost":4`,
		`"key":"` + (&ent.Actor{ID: testKeyID}).LogID() + `"`, `"errors":["GRAPHQL_VALIDATION_FAILED"]`, `"level":"debug","method":"GET","path":"/healthz"`} {
		if !strings.Contains(log, part) {
			t.Errorf("the log lacks %s:\n%s", part, log)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Schema = schemaWith(&resolvers{err: errors.New("broken")}) })
	for i := range 205 {
		s.query(t, fmt.Sprintf("query Op%d { __typename }", i), nil)
	}
	s.query(t, `{ __typename }`, nil)
	s.query(t, `query Bad { nonsense }`, nil)
	s.query(t, `query Op1 { category(slug: "a") { slug } }`, nil)
	m := s.do(t, "GET", "/metrics", nil).body
	for _, line := range []string{
		`umland_operations_total{operation="Op0",outcome="ok"} 1`,
		`umland_operations_total{operation="Op199",outcome="ok"} 1`,
		`umland_operations_total{operation="other",outcome="ok"} 5`,
		`umland_operations_total{operation="anonymous",outcome="ok"} 1`,
		`umland_operations_total{operation="none",outcome="refused"} 1`,
		`umland_operations_total{operation="Op1",outcome="failed"} 1`,
		`umland_operation_seconds_count{kind="query"} 207`,
		`umland_http_responses_total{status="200"} 208`,
		`umland_operations_in_flight 0`,
		`umland_streams{transport="ws"} 0`,
		`go_goroutines `,
	} {
		if !strings.Contains(m, line) {
			t.Errorf("no line %s", line)
		}
	}
	if n := strings.Count(m, "umland_operations_total{"); n != 204 {
		t.Errorf("%d series of operations", n)
	}
}

// Names that are not used any more make room after an hour.
func TestMetricNames(t *testing.T) {
	t.Parallel()
	m := newMetrics("", nil)
	begin := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	ran := func(name string, after time.Duration) string {
		m.ran(name, "query", outcomeOK, begin, begin.Add(after))
		return m.label(name, begin.Add(after))
	}
	for i := range 200 {
		ran(fmt.Sprint("Stranger", i), 0)
	}
	if got := ran("Kalender", 59*time.Minute); got != "other" {
		t.Errorf("too early: %s", got)
	}
	ran("Stranger7", 59*time.Minute)
	for i := range 199 {
		if got := ran(fmt.Sprint("Ours", i), 61*time.Minute); got != fmt.Sprint("Ours", i) {
			t.Errorf("%d is %s", i, got)
		}
	}
	if got := ran("Stranger7", 61*time.Minute); got != "Stranger7" {
		t.Errorf("one in use is %s", got)
	}
	if got := ran("Ours199", 61*time.Minute); got != "other" {
		t.Errorf("one too many is %s", got)
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if n := len(f.Metric); f.GetName() == "umland_operations_total" && n != 201 {
			t.Errorf("%d series", n)
		}
	}
}

// Requests that run are answered, WebSockets are closed in order, and then nothing is left.
func TestShutdown(t *testing.T) {
	t.Parallel()
	slow := &resolvers{running: make(chan struct{}, 1), proceed: make(chan struct{})}
	s := start(t, func(o *Options) { o.Schema = schemaWith(slow) })
	c := dial(t, s)
	c.init(nil)
	answered := make(chan int)
	go func() { answered <- s.query(t, `{ categories { slug } }`, nil).status }()
	<-slow.running
	s.stop()
	if code := c.closeCode(); code != 1001 {
		t.Errorf("the WebSocket was closed with %d", code)
	}
	// Sockets are told first, then the listener closes.
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", s.addr, time.Second)
		if err != nil {
			break
		}
		_ = conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("still listening")
		}
	}
	close(slow.proceed)
	if status := <-answered; status != 200 {
		t.Errorf("the running request was answered with %d", status)
	}
	if err := <-s.ended; err != nil {
		t.Errorf("not in good order: %v", err)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	t.Parallel()
	slow := &resolvers{running: make(chan struct{}, 1), proceed: make(chan struct{})}
	defer close(slow.proceed)
	s := start(t, func(o *Options) {
		o.Schema = schemaWith(slow)
		o.Limits.DrainTime = 100 * time.Millisecond
	})
	go func() {
		resp, err := http.Get(s.url + "/graphql?query=%7Bcategories%7Bslug%7D%7D")
		if err == nil {
			resp.Body.Close()
		}
	}()
	<-slow.running
	s.stop()
	select {
	case err := <-s.ended:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(3 * time.Second):
		t.Error("it did not give up")
	}
}

// Hundreds of connections that send nothing, or slowly, do not hold up the others, and are gone in time.
func TestSlowConnections(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Limits.HeaderTime, o.Limits.ReadTime, o.Limits.BodyTime = 2*time.Second, 2*time.Second, 2*time.Second
	})
	const each = 200
	var conns []net.Conn
	for i := range 4 * each {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
		switch i % 4 {
		case 1:
			fmt.Fprint(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		case 2:
			fmt.Fprint(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
		case 3:
			fmt.Fprint(c, "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
		}
	}
	begin := time.Now()
	if r := s.query(t, "{ __typename }", nil); r.status != 200 || time.Since(begin) > time.Second {
		t.Errorf("%d after %v", r.status, time.Since(begin))
	}
	for i, c := range conns {
		if err := c.SetReadDeadline(begin.Add(12 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("connection %d of kind %d is still open", i, i%4)
		}
	}
	if took := time.Since(begin); took > 12*time.Second {
		t.Errorf("they were gone after %v", took)
	}
}

// What an introspection may ask for is answered at once, even at the end of its budget.
func TestIntrospection(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for name, query := range map[string]string{
		"GraphiQL": testdata(t, "introspection.graphql"),
		"hostile":  "{ __schema { types { fields { args { name } type { fields { type { " + repeat(50, "a%d: name ") + " enumValues { name } } } } } } } }",
	} {
		begin := time.Now()
		r := s.query(t, query, nil)
		if took := time.Since(begin); len(r.graphql(t).Errors) > 0 || took > 2*time.Second {
			t.Errorf("%s: after %v %.500s", name, took, r.body)
		} else {
			t.Logf("%s: %d bytes after %v", name, len(r.body), took)
		}
	}
}
