package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"umland/pgdev/pgtest"
)

// feeds serves what the handler answers at 127.0.0.9, from where feeds may come.
func feeds(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	srv.Start()
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	return srv.URL
}

func addSource(t *testing.T, dsn string, args ...string) string {
	t.Helper()
	code, out, log := umland(t, dsn, append([]string{"source", "add", "--municipality", "12069020"}, args...)...)
	words := strings.Fields(out)
	if code != 0 || len(words) == 0 {
		t.Fatalf("source add: %d %s", code, log)
	}
	return words[len(words)-1]
}

// counted is what harvest --json tells of a run.
type counted struct {
	Source, Outcome                   string
	New, Changed, Same, Gone, Refused int
	Quarantined                       bool
	Error                             *string
}

func (c counted) String() string {
	text := fmt.Sprintf("%s %d new %d changed %d same %d gone %d refused", c.Outcome, c.New, c.Changed, c.Same, c.Gone, c.Refused)
	if c.Error != nil {
		text += ": " + *c.Error
	}
	return text
}

// harvestNow reads a source in a process of its own.
func harvestNow(t *testing.T, dsn, source string) counted {
	t.Helper()
	var log bytes.Buffer
	cmd := process(t, dsn, "harvest", "--json", "--source", source)
	cmd.Stderr = &log
	out, err := cmd.Output()
	var c counted
	if err != nil || json.Unmarshal(out, &c) != nil {
		t.Fatalf("harvest: %v %q %s", err, out, &log)
	}
	return c
}

// asker runs SQL that gives one number.
func asker(t *testing.T, dsn string) func(sql string, args ...any) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	var mu sync.Mutex
	return func(sql string, args ...any) (n int) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if err := conn.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func events(n int, title string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for i := range n {
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:e%d\r\nSUMMARY:%s %d\r\nDTSTART:20270%d%02dT%02d0000Z\r\nEND:VEVENT\r\n", i, title, i, 1+i%9, 1+i%28, 8+i%12)
	}
	return b.String() + "END:VCALENDAR\r\n"
}

// A run that is killed at any moment leaves nothing, and no lock: what was there stands, and the next run does all of it.
func TestHarvestKilled(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, nil)
	var feed atomic.Value
	feed.Store(events(40, "Lesung"))
	fetched := make(chan bool, 100)
	base := feeds(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.ics" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, feed.Load().(string))
		fetched <- true
	})
	id := addSource(t, dsn, "--format", "ical", "--url", base+"/a.ics", "--every", "0")
	if c := harvestNow(t, dsn, id); c.New != 40 {
		t.Fatal(c)
	}
	<-fetched
	ask := asker(t, dsn)
	const all = 3000
	feed.Store(events(all, "Konzert"))
	killed := 0
	for _, after := range []time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond, 600 * time.Millisecond} { // reading, matching, writing
		cmd := process(t, dsn, "harvest", "--source", id)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-fetched
		time.Sleep(after)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if ask("SELECT count(*) FROM harvest") > 1 {
			break // it was quicker
		}
		killed++
		if n := ask("SELECT count(*) FROM offering WHERE title LIKE 'Lesung%' AND status = 'PUBLISHED' AND version = 1"); n != 40 || ask("SELECT count(*) FROM offering") != 40 || ask("SELECT count(*) FROM record") != 40 {
			t.Fatalf("after the kill %v from the fetch: %d stand", after, n)
		}
	}
	if killed == 0 {
		t.Error("no run was killed: the test tests nothing")
	}
	began := time.Now()
	if c := harvestNow(t, dsn, id); ask("SELECT count(*) FROM harvest") == 2 && c.New+c.Changed != all {
		t.Error(c)
	}
	t.Logf("%d runs killed; the next one took %v", killed, time.Since(began))
	if n := ask("SELECT count(*) FROM offering WHERE status = 'PUBLISHED' AND title LIKE 'Konzert%'"); n != all {
		t.Errorf("%d of %d are there", n, all)
	}
	if n := ask("SELECT count(*) FROM offering o WHERE (SELECT count(*) FROM occurrence x WHERE x.offering_id = o.id) <> 1"); n != 0 {
		t.Errorf("%d are half there", n)
	}
}

// Two processes that are told to read a source at once make one run of it.
func TestHarvestTwice(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, nil)
	begun, goOn := make(chan bool, 2), make(chan bool)
	base := feeds(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.ics" {
			http.NotFound(w, r)
			return
		}
		begun <- true
		<-goOn
		_, _ = io.WriteString(w, events(3, "Lesung"))
	})
	id := addSource(t, dsn, "--format", "ical", "--url", base+"/a.ics")
	var first bytes.Buffer
	cmd := process(t, dsn, "harvest", "--json", "--source", id)
	cmd.Stdout = &first
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-begun
	if c := harvestNow(t, dsn, id); c.Error == nil || !strings.Contains(*c.Error, "gerade schon gelesen") {
		t.Errorf("the other process: %v", c)
	}
	close(goOn)
	if err := cmd.Wait(); err != nil || !strings.Contains(first.String(), `"new":3`) {
		t.Errorf("the first process: %v %s", err, &first)
	}
	if n := asker(t, dsn)("SELECT count(*) FROM harvest"); n != 1 {
		t.Errorf("%d runs", n)
	}
}

// serve reads sources by schedule: what is due at once, what is well after its interval, what fails after longer and longer ones, and of two servers one.
func TestServeHarvests(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, nil)
	var mu sync.Mutex
	hits := map[string][]time.Time{}
	base := feeds(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hits[r.URL.Path] = append(hits[r.URL.Path], time.Now())
		mu.Unlock()
		switch r.URL.Path {
		case "/well.ics", "/never.ics":
			_, _ = io.WriteString(w, events(3, "Lesung"))
		case "/fails.ics":
			w.WriteHeader(http.StatusInternalServerError)
		case "/later.ics":
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			http.NotFound(w, r)
		}
	})
	sources := map[string]string{}
	for path, every := range map[string]string{"/well.ics": "2s", "/fails.ics": "1s", "/later.ics": "1s", "/never.ics": "1s"} {
		sources[path] = addSource(t, dsn, "--format", "ical", "--url", base+path, "--every", every)
	}
	ask := asker(t, dsn)
	ask("WITH x AS (UPDATE source SET paused_at = now() WHERE url LIKE '%never.ics' RETURNING 1) SELECT count(*) FROM x")
	for range 2 {
		if err := process(t, dsn, "serve", "--listen", "127.0.0.1:0").Start(); err != nil {
			t.Fatal(err)
		}
	}
	runs := func(path string) int {
		return ask("SELECT count(*) FROM harvest h JOIN source s ON s.id = h.source_id WHERE s.url = $1", base+path)
	}
	for deadline := time.Now().Add(2 * time.Minute); runs("/well.ics") < 4 || runs("/fails.ics") < 3; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d and %d runs", runs("/well.ics"), runs("/fails.ics"))
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if n := len(hits["/never.ics"]); n > 0 {
		t.Errorf("what is paused was read %d times", n)
	}
	if n := len(hits["/later.ics"]); n != 1 || runs("/later.ics") != 1 {
		t.Errorf("what asked for peace was read %d times", n)
	}
	for path, least := range map[string][]time.Duration{"/well.ics": {1700, 1700, 1700}, "/fails.ics": {1700, 3500}} {
		for i, wait := range least {
			if got := hits[path][i+1].Sub(hits[path][i]); got < wait*time.Millisecond {
				t.Errorf("%s is read again after %v, for the %d. time", path, got, i+2)
			}
		}
	}
	if n := ask("SELECT count(*) FROM offering WHERE status = 'PUBLISHED'"); n != 3 {
		t.Errorf("%d offerings", n)
	}
}

// serveAt serves at 127.0.0.9 and gives the address and a way to ask with a key.
func serveAt(t *testing.T, dsn string) (address string, ask func(query string) map[string]any) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Fatal(err)
	}
	address = "http://" + free.Addr().String()
	_ = free.Close()
	cmd := process(t, dsn, "serve", "--listen", strings.TrimPrefix(address, "http://"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		res, err := http.Get(address + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the server does not come")
		}
	}
	_, out, log := umland(t, dsn, "key", "create", "--municipality", "12069020", "--scope", "read,write,publish")
	words := strings.Fields(out)
	if len(words) == 0 {
		t.Fatal(log)
	}
	return address, func(query string) map[string]any {
		t.Helper()
		req, _ := http.NewRequest(http.MethodPost, address+"/graphql", strings.NewReader(`{"query":`+quote(query)+`}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+words[len(words)-1])
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var answer struct {
			Data   map[string]any
			Errors []any
		}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || len(answer.Errors) > 0 {
			t.Fatalf("%s: %v %v", query, err, answer.Errors)
		}
		return answer.Data
	}
}

// One Umland reads another: all of it at first, then what has changed, with what is gone; and all again when the other one was set up anew.
func TestHarvestUmland(t *testing.T) {
	t.Parallel()
	far, anew, near := pgtest.NewDB(t, nil), pgtest.NewDB(t, nil), pgtest.NewDB(t, nil)
	address, ask := serveAt(t, far)
	post := func(ask func(string) map[string]any, titles ...string) (provider any, ids []string) {
		provider = ask(`mutation { saveProvider(input: {name: "Verein", kind: CLUB, municipality: "12069020"}) { provider { id } } }`)["saveProvider"].(map[string]any)["provider"].(map[string]any)["id"]
		for _, title := range titles {
			saved := ask(fmt.Sprintf(`mutation { saveOffering(input: {kind: SERVICE, title: %q, provider: %q, externalId: %q}) { offering { id } userErrors { message } } }`, title, provider, title))
			id := saved["saveOffering"].(map[string]any)["offering"].(map[string]any)["id"].(string)
			ask(fmt.Sprintf(`mutation { publishOffering(id: %q) { userErrors { message } } }`, id))
			ids = append(ids, id)
		}
		return provider, ids
	}
	provider, ids := post(ask, "Fahrradwerkstatt", "Hausaufgabenhilfe", "Rollender Einkauf")
	// Between the two stands what sees what is asked for.
	var to atomic.Pointer[url.URL]
	direct := func(address string) {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		to.Store(u)
	}
	direct(address)
	var asked atomic.Int32
	var position atomic.Bool
	between := feeds(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/graphql" {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			asked.Add(1)
			position.Store(bytes.Contains(body, []byte(`"after":"`)))
		}
		httputil.NewSingleHostReverseProxy(to.Load()).ServeHTTP(w, r)
	})
	id := addSource(t, near, "--format", "umland", "--url", between, "--every", "0")
	expect := func(want string, requests int32, fromPosition bool) {
		t.Helper()
		asked.Store(0)
		if got := harvestNow(t, near, id).String(); got != want || asked.Load() != requests || position.Load() != fromPosition {
			t.Errorf("%s in %d requests (from a position: %v); expected is %s in %d", got, asked.Load(), position.Load(), want, requests)
		}
	}
	expect("OK 3 new 0 changed 0 same 0 gone 0 refused", 1, false)
	expect("OK 0 new 0 changed 3 same 0 gone 0 refused", 1, true)
	ask(fmt.Sprintf(`mutation { withdrawOffering(id: %q, reason: "zu Ende") { userErrors { message } } }`, ids[1]))
	ask(fmt.Sprintf(`mutation { saveOffering(input: {id: %q, kind: SERVICE, provider: %q, title: "Fahrradwerkstatt am Bahnhof"}) { userErrors { message } } }`, ids[0], provider))
	expect("OK 0 new 1 changed 1 same 1 gone 0 refused", 1, true)
	titles := func() (list string) {
		conn, err := pgx.Connect(t.Context(), near)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(context.Background()) }()
		if err := conn.QueryRow(t.Context(), "SELECT string_agg(title, ', ' ORDER BY title) FROM offering WHERE status = 'PUBLISHED'").Scan(&list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := titles(); got != "Fahrradwerkstatt am Bahnhof, Rollender Einkauf" {
		t.Errorf("here: %s", got)
	}
	expect("OK 0 new 0 changed 2 same 0 gone 0 refused", 1, true)
	again, askAnew := serveAt(t, anew)
	post(askAnew, "Rollender Einkauf", "Mitfahrbank")
	direct(again)
	expect("OK 1 new 0 changed 1 same 1 gone 0 refused", 2, false)
	if got := titles(); got != "Mitfahrbank, Rollender Einkauf" {
		t.Errorf("here: %s", got)
	}
	expect("OK 0 new 0 changed 2 same 0 gone 0 refused", 1, true)
}
