package server

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"umland/ent"
)

func TestHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	const body = `{"query":"{ __typename }"}`
	const answered = `{"data":{"__typename":"Query"}}`
	get := func(query string, more ...string) string {
		v := url.Values{"query": {query}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return "/graphql?" + v.Encode()
	}
	for _, tc := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		media                    string
		want                     string // the code of the error, or the whole body
	}{
		{"post", "POST", "/graphql", body, nil, 200, mediaJSON, answered},
		{"post with a charset", "POST", "/graphql", body, []string{"Content-Type", "application/json; charset=UTF-8"}, 200, mediaJSON, answered},
		{"post for GraphQL", "POST", "/graphql", body, []string{"Accept", mediaGraphQL}, 200, mediaGraphQL, answered},
		{"post for either", "POST", "/graphql", body, []string{"Accept", mediaGraphQL + ", application/json;q=0.9"}, 200, mediaGraphQL, answered},
		{"post for JSON rather", "POST", "/graphql", body, []string{"Accept", mediaGraphQL + ";q=0.5, application/json"}, 200, mediaJSON, answered},
		{"post for anything", "POST", "/graphql", body, []string{"Accept", "*/*"}, 200, mediaJSON, answered},
		{"get", "GET", get("{__typename}"), "", nil, 200, mediaJSON, answered},
		{"get with variables", "GET", get("query A($n: Boolean!) { __typename @skip(if: $n) } query B { x: __typename }", "operationName", "A", "variables", `{"n":true}`), "", nil, 200, mediaJSON, `{"data":{}}`},
		{"get in a browser", "GET", get("{__typename}"), "", []string{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, 200, mediaJSON, answered},
		{"get nothing", "GET", "/graphql", "", nil, 400, mediaJSON, "BAD_REQUEST"},
		{"get with bad variables", "GET", get("{__typename}", "variables", "{"), "", nil, 400, mediaJSON, "BAD_REQUEST"},
		{"get with variables in a list", "GET", get("{__typename}", "variables", "[1]"), "", nil, 400, mediaJSON, "BAD_REQUEST"},
		{"get with bad extensions", "GET", get("{__typename}", "extensions", "7"), "", nil, 400, mediaJSON, "BAD_REQUEST"},
		{"get with deep variables", "GET", get("{__typename}", "variables", nest(51, `{"a":`, "1", "}")), "", nil, 400, mediaJSON, "LIMIT_EXCEEDED"},
		{"get with a bad address", "GET", "/graphql?query=%zz", "", nil, 400, mediaJSON, "BAD_REQUEST"},
		{"mutation by get", "GET", get("mutation { __typename }"), "", nil, 405, mediaJSON, "METHOD_NOT_ALLOWED"},
		{"mutation by get among queries", "GET", get("query A { __typename } mutation B { __typename }", "operationName", "B"), "", nil, 405, mediaJSON, "METHOD_NOT_ALLOWED"},
		{"mutation by post", "POST", "/graphql", `{"query":"mutation { __typename }"}`, nil, 200, mediaJSON, `{"data":{"__typename":"Mutation"}}`},
		{"invalid as JSON", "POST", "/graphql", `{"query":"{ x }"}`, nil, 200, mediaJSON, "GRAPHQL_VALIDATION_FAILED"},
		{"invalid for GraphQL", "POST", "/graphql", `{"query":"{ x }"}`, []string{"Accept", mediaGraphQL}, 400, mediaGraphQL, "GRAPHQL_VALIDATION_FAILED"},
		{"unparsable for GraphQL", "POST", "/graphql", `{"query":"{"}`, []string{"Accept", mediaGraphQL}, 400, mediaGraphQL, "GRAPHQL_PARSE_FAILED"},
		{"bad variable for GraphQL", "POST", "/graphql", `{"query":"query($s: String!) { category(slug: $s) { slug } }"}`, []string{"Accept", mediaGraphQL}, 400, mediaGraphQL, "BAD_USER_INPUT"},
		{"not JSON", "POST", "/graphql", `geheim`, nil, 400, mediaJSON, "BAD_REQUEST"},
		{"not JSON for GraphQL", "POST", "/graphql", `geheim`, []string{"Accept", mediaGraphQL}, 400, mediaGraphQL, "BAD_REQUEST"},
		{"no body", "POST", "/graphql", ``, nil, 400, mediaJSON, "BAD_REQUEST"},
		{"batch", "POST", "/graphql", `[` + body + `,` + body + `]`, nil, 400, mediaJSON, "BAD_REQUEST"},
		{"no UTF-8", "POST", "/graphql", "{\"query\":\"{ __typename } # \xff\"}", nil, 400, mediaJSON, "BAD_REQUEST"},
		{"form", "POST", "/graphql", "query={__typename}", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, mediaJSON, "UNSUPPORTED_MEDIA_TYPE"},
		{"multipart", "POST", "/graphql", "--a\r\n\r\n--a--", []string{"Content-Type", "multipart/form-data; boundary=a"}, 415, mediaJSON, "UNSUPPORTED_MEDIA_TYPE"},
		{"plain text from a foreign page", "POST", "/graphql", body, []string{"Content-Type", "text/plain", "Origin", "https://evil.example"}, 415, mediaJSON, "UNSUPPORTED_MEDIA_TYPE"},
		{"GraphQL as the body", "POST", "/graphql", "{ __typename }", []string{"Content-Type", "application/graphql"}, 415, mediaJSON, "UNSUPPORTED_MEDIA_TYPE"},
		{"no media type", "POST", "/graphql", body, []string{"Content-Type", ""}, 415, mediaJSON, "UNSUPPORTED_MEDIA_TYPE"},
		{"other charset", "POST", "/graphql", body, []string{"Content-Type", "application/json; charset=utf-16"}, 415, mediaJSON, "UNSUPPORTED_MEDIA_TYPE"},
		{"packed body", "POST", "/graphql", body, []string{"Content-Encoding", "gzip"}, 415, mediaJSON, "UNSUPPORTED_MEDIA_TYPE"},
		{"put", "PUT", "/graphql", body, nil, 405, mediaJSON, "METHOD_NOT_ALLOWED"},
		{"trace", "TRACE", "/graphql", "", nil, 405, mediaJSON, "METHOD_NOT_ALLOWED"},
		{"key", "POST", "/graphql", body, []string{"Authorization", "bearer  " + testToken}, 200, mediaJSON, answered},
		{"unknown key", "POST", "/graphql", body, []string{"Authorization", "Bearer uml_" + strings.Repeat("x", 43)}, 401, mediaJSON, "UNAUTHENTICATED"},
		{"malformed key", "POST", "/graphql", body, []string{"Authorization", "Bearer x"}, 401, mediaJSON, "UNAUTHENTICATED"},
		{"empty key", "POST", "/graphql", body, []string{"Authorization", "Bearer"}, 401, mediaJSON, "UNAUTHENTICATED"},
		{"other scheme", "GET", get("{__typename}"), "", []string{"Authorization", "Basic " + testToken}, 401, mediaJSON, "UNAUTHENTICATED"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var src io.Reader
			if tc.method == "POST" || tc.method == "PUT" {
				src = strings.NewReader(tc.body)
			}
			r := s.do(t, tc.method, tc.path, src, tc.headers...)
			if got := r.header.Get("Content-Type"); r.status != tc.status || got != tc.media+"; charset=utf-8" {
				t.Errorf("%d %s %s", r.status, got, r.body)
			}
			if r.body != tc.want && r.code(t) != tc.want {
				t.Errorf("%s", r.body)
			}
			if strings.Contains(r.body, "geheim") || unspeakable.MatchString(r.body) {
				t.Errorf("it tells too much: %s", r.body)
			}
			if code := r.code(t); code != "" && strings.Contains(r.body, `"data"`) {
				t.Errorf("a request error with data: %s", r.body)
			}
			if r.header.Get("Access-Control-Allow-Origin") != "*" || r.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%v", r.header)
			}
			if tc.status == 401 && r.header.Get("WWW-Authenticate") == "" || tc.status == 405 && r.header.Get("Allow") == "" {
				t.Errorf("%v", r.header)
			}
		})
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	r := start(t, nil).do(t, "OPTIONS", "/graphql", nil, "Origin", "https://app.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
	for name, want := range map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
		"Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Umland-Cost, X-Request-Id", "Access-Control-Max-Age": "86400", "Access-Control-Allow-Credentials": ""} {
		if got := r.header.Get(name); r.status != 204 || got != want {
			t.Errorf("%d %s: %s", r.status, name, got)
		}
	}
}

func TestShowCost(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	const query = `{ credits { text licence } }`
	if g := s.query(t, query, nil).graphql(t); g.Extensions != nil {
		t.Errorf("%v", g.Extensions)
	}
	if g := s.query(t, query, nil, "Umland-Cost", "1").graphql(t); g.Extensions["cost"] != 11.0 || g.Extensions["budget"] != 10000.0 {
		t.Errorf("%v", g.Extensions)
	}
	if g := s.query(t, query, nil, "Umland-Cost", "1", "Authorization", "Bearer "+testToken).graphql(t); g.Extensions["budget"] != 50000.0 {
		t.Errorf("%v", g.Extensions)
	}
}

func TestPersistedQueries(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	const query = "{ __typename }"
	sum := sha256.Sum256([]byte(query))
	hash := hex.EncodeToString(sum[:])
	extensions := `{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`
	get := "/graphql?extensions=" + url.QueryEscape(extensions)
	if r := s.do(t, "GET", get, nil); r.status != 200 || r.code(t) != "PERSISTED_QUERY_NOT_FOUND" || r.graphql(t).Errors[0].Message != "PersistedQueryNotFound" {
		t.Errorf("before: %d %s", r.status, r.body)
	}
	if r := s.do(t, "POST", "/graphql", strings.NewReader(`{"query":"{ nonsense }","extensions":`+extensions+`}`)); r.status != 400 || r.code(t) != "BAD_REQUEST" {
		t.Errorf("another query: %d %s", r.status, r.body)
	}
	if r := s.do(t, "POST", "/graphql", strings.NewReader(`{"query":"`+query+`","extensions":`+extensions+`}`)); r.status != 200 || r.code(t) != "" {
		t.Errorf("registering: %d %s", r.status, r.body)
	}
	if r := s.do(t, "GET", get, nil); r.body != `{"data":{"__typename":"Query"}}` {
		t.Errorf("by GET: %d %s", r.status, r.body)
	}
	if r := s.do(t, "POST", "/graphql", strings.NewReader(`{"extensions":`+extensions+`}`)); r.body != `{"data":{"__typename":"Query"}}` {
		t.Errorf("by POST: %d %s", r.status, r.body)
	}
}

// Bodies up to the limit are read, larger ones refused so that the client can read why.
func TestBodySize(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	body := func(n int) string {
		const head, tail = `{"query":"{ __typename }","variables":{"a":"`, `"}}`
		return head + strings.Repeat("x", n-len(head)-len(tail)) + tail
	}
	key := []string{"Authorization", "Bearer " + testToken}
	chunked := func(s string) io.Reader { return io.MultiReader(strings.NewReader(s)) } // of unknown length
	for _, tc := range []struct {
		name    string
		body    io.Reader
		headers []string
		status  int
	}{
		{"64 KB", strings.NewReader(body(64 << 10)), nil, 200},
		{"1 MB", strings.NewReader(body(1 << 20)), nil, 200},
		{"1 MB and a byte", strings.NewReader(body(1<<20 + 1)), nil, 413},
		{"1 MB in chunks", chunked(body(1 << 20)), nil, 200},
		{"1 MB and a byte in chunks", chunked(body(1<<20 + 1)), nil, 413},
		{"2 MB", strings.NewReader(body(2 << 20)), nil, 413},
		{"2 MB, then close", strings.NewReader(body(2 << 20)), []string{"Connection", "close"}, 413},
		{"10 MB", strings.NewReader(body(10 << 20)), nil, 413},
		{"10 MB in chunks", chunked(body(10 << 20)), nil, 413},
		{"2 MB with a key", strings.NewReader(body(2 << 20)), key, 200},
		{"8 MB with a key", strings.NewReader(body(8 << 20)), key, 200},
		{"8 MB and a byte with a key", strings.NewReader(body(8<<20 + 1)), key, 413},
		{"2 MB with a bad key", strings.NewReader(body(2 << 20)), []string{"Authorization", "Bearer x"}, 401},
		{"2 MB of a form", strings.NewReader(body(2 << 20)), []string{"Content-Type", "text/plain"}, 415},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := s.do(t, "POST", "/graphql", tc.body, tc.headers...)
			if r.status != tc.status || len(r.body) > 1000 || (tc.status == 200) != (r.code(t) == "") {
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
}

// 413 on one connection, and the next request on the same; or the end of it where the client wants that.
func TestTooLargeOnOneConnection(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	const size = 2 << 20
	for _, wish := range []string{"keep-alive", "close"} {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go func() {
			fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", wish, size)
			_, _ = c.Write(bytes.Repeat([]byte("x"), size))
			fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		}()
		in := bufio.NewReader(c)
		resp, err := http.ReadResponse(in, nil)
		if err != nil || resp.StatusCode != 413 {
			t.Fatalf("%s: %v %v", wish, resp, err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		resp, err = http.ReadResponse(in, nil)
		if wish == "close" && err == nil || wish == "keep-alive" && (err != nil || resp.StatusCode != 200) {
			t.Errorf("%s: then %v %v", wish, resp, err)
		}
	}
}

func TestSlowBody(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Limits.ReadTime, o.Limits.BodyTime = 300*time.Millisecond, 900*time.Millisecond
	})
	patient := start(t, func(o *Options) {
		o.Limits.ReadTime, o.Limits.BodyTime = 300*time.Millisecond, time.Minute
	})
	for _, tc := range []struct {
		name  string
		s     *running
		pause time.Duration
		bytes int
	}{
		{"stands still", s, time.Minute, 1},
		{"takes too long", s, 10 * time.Millisecond, 50},
		{"trickles", patient, 50 * time.Millisecond, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := tc.s
			c, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			begin := time.Now()
			fmt.Fprint(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{")
			go func() {
				for {
					time.Sleep(tc.pause)
					if _, err := c.Write(bytes.Repeat([]byte(" "), tc.bytes)); err != nil {
						return
					}
				}
			}()
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil || resp.StatusCode != 408 || !resp.Close {
				t.Fatalf("%v %v", resp, err)
			}
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("after %v", took)
			}
		})
	}
}

// Beyond the places to work in a request waits for a while, and is then asked to come again.
func TestBusy(t *testing.T) {
	t.Parallel()
	slow := &resolvers{running: make(chan struct{}, 2), proceed: make(chan struct{})}
	s := start(t, func(o *Options) {
		o.Schema = schemaWith(slow)
		o.Limits.Operations, o.Limits.Wait = 2, 200*time.Millisecond
	})
	var work sync.WaitGroup
	for range 2 {
		work.Go(func() {
			if r := s.query(t, "{ categories { slug } }", nil); r.status != 200 {
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	<-slow.running
	<-slow.running
	if r := s.query(t, "{ __typename }", nil); r.status != 429 || r.code(t) != "BUSY" || r.header.Get("Retry-After") != "2" {
		t.Errorf("%d %s", r.status, r.body)
	}
	close(slow.proceed)
	work.Wait()
	if r := s.query(t, "{ __typename }", nil); r.status != 200 {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}

// Bodies that drip in hold what has arrived of them, and nobody's answers.
func TestDrippingBodies(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	gone := make(chan struct{})
	defer close(gone)
	for range 24 {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", 1<<20, strings.Repeat(" ", 20<<10))
		go func() {
			for {
				select {
				case <-gone:
					return
				case <-time.After(100 * time.Millisecond):
				}
				if _, err := c.Write([]byte(" ")); err != nil {
					return
				}
			}
		}()
	}
	time.Sleep(300 * time.Millisecond) // until they have arrived; had they not, the requests would pass all the more
	for range 5 {
		if r := s.query(t, "{ credits { text licence } }", nil); r.status != 200 || len(r.body) < 50_000 {
			t.Errorf("a large answer: %d, %d bytes", r.status, len(r.body))
		}
	}
	large := `{"query":"{ __typename }","variables":{"a":"` + strings.Repeat("x", 900<<10) + `"}}`
	if r := s.do(t, "POST", "/graphql", strings.NewReader(large)); r.status != 200 {
		t.Errorf("a large body: %d %s", r.status, r.body)
	}
}

// Answers beyond the limit are given up, whichever part of them is large.
func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Limits.Public.Answer, o.Limits.Keyed.Answer = 100<<10, 400<<10 })
	const fits, large = "{ credits { text licence } }", "{ credits { text licence a: text b: text c: text } }"
	key := []string{"Authorization", "Bearer " + testToken}
	if r := s.query(t, fits, nil); r.status != 200 || r.code(t) != "" || len(r.body) > 100<<10 {
		t.Errorf("%d, %d bytes", r.status, len(r.body))
	}
	if r := s.query(t, large, nil, key...); r.status != 200 || r.code(t) != "" || len(r.body) < 100<<10 {
		t.Errorf("with a key: %d, %d bytes", r.status, len(r.body))
	}
	r := s.query(t, large, nil)
	want := `{"errors":[{"message":"The answer is larger than 102400 bytes, which is the most. Ask for less at once.","extensions":{"code":"LIMIT_EXCEEDED","limit":"answer","max":102400}}],"data":null}`
	if r.status != 200 || r.body != want {
		t.Errorf("%d %.500s", r.status, r.body)
	}
	if r := s.query(t, large, nil, "Accept", mediaEvents); !strings.Contains(r.body, want) {
		t.Errorf("%d %.500s", r.status, r.body)
	}
}

// Event streams wait with large answers no more than others do.
func TestLargeEvents(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Limits.Public.Memory = 1 << 20 })
	if r := s.query(t, "{ credits { text licence } }", nil, "Accept", mediaEvents); !strings.Contains(r.body, "GeoBasis-DE") {
		t.Errorf("%.500s", r.body)
	}
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	query := `{"query":"{ credits {` + repeat(49, "a%095d: text ") + `} }"}` // 6 MB, which nobody reads
	fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(query), query)
	for deadline := time.Now().Add(5 * time.Second); !strings.Contains(s.query(t, "{ credits { text licence } }", nil, "Accept", mediaEvents).body, "BUSY"); {
		if time.Now().After(deadline) {
			t.Fatal("the memory was not taken")
		}
	}
}

// Other protocols than WebSocket may be offered, and are not taken.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, tc := range []struct {
		upgrade, connection string
		status              int
	}{
		{"h2c", "Upgrade, HTTP2-Settings", 200},
		{"TLS/1.2, HTTP/2.0", "upgrade", 200},
		{"websockets", "upgrade", 200},
		{"WebSocket", "upgrade", 400}, // without a key of it
		{"h2c, websocket", "upgrade", 400},
	} {
		r := s.do(t, "GET", "/graphql?query=%7B__typename%7D", nil, "Upgrade", tc.upgrade, "Connection", tc.connection, "HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA")
		if r.status != tc.status {
			t.Errorf("%s: %d %s", tc.upgrade, r.status, r.body)
		}
	}
}

// Large bodies that never end take the memory of the public, and of nobody else.
func TestMemory(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Limits.Public.Bodies, o.Limits.Wait = 300<<10, 200*time.Millisecond
	})
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	large := `{"query":"{ __typename }","variables":{"a":"` + strings.Repeat("x", 100<<10) + `"}}`
	fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(large), large[:len(large)-1])
	post := func(body string, headers ...string) int {
		return s.do(t, "POST", "/graphql", strings.NewReader(body), headers...).status
	}
	for deadline := time.Now().Add(3 * time.Second); post(large) != 429; {
		if time.Now().After(deadline) {
			t.Fatal("the second large body was taken")
		}
	}
	if got := post(`{"query":"{ __typename }"}`); got != 200 {
		t.Errorf("a small one: %d", got)
	}
	if got := post(large, "Authorization", "Bearer "+testToken); got != 200 {
		t.Errorf("a large one with a key: %d", got)
	}
	fmt.Fprint(c, "}")
	if resp, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("the first: %v %v", resp, err)
	}
	if got := post(large); got != 200 {
		t.Errorf("afterwards: %d", got)
	}
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Schema = schemaWith(&resolvers{proceed: make(chan struct{})})
		o.Limits.QueryTime = 100 * time.Millisecond
	})
	r := s.query(t, "{ __typename categories { slug } }", nil)
	if g := r.graphql(t); r.status != 200 || r.code(t) != "SERVICE_UNAVAILABLE" || g.Errors[0].Message != tooSlow {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// Whether a key is good cannot be known without the database; the public may still ask.
func TestKeyUnavailable(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Key = func(context.Context, string) (*ent.Actor, error) {
			return nil, errors.New("dial tcp 10.0.0.1:5432: connection refused")
		}
	})
	if r := s.query(t, "{ __typename }", nil, "Authorization", "Bearer "+testToken); r.status != 503 || r.code(t) != "SERVICE_UNAVAILABLE" || strings.Contains(r.body, "tcp") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := s.query(t, "{ __typename }", nil); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	const long, short = "/graphql?query=%7Bcredits%7Btext%7D%7D", "/graphql?query=%7B__typename%7D"
	if r := s.do(t, "GET", short, nil, "Accept-Encoding", "gzip"); r.header.Get("Content-Encoding") != "" {
		t.Error("a short answer was packed")
	}
	if r := s.do(t, "GET", long, nil, "Accept-Encoding", "identity"); r.header.Get("Content-Encoding") != "" || len(r.graphql(t).Errors) > 0 {
		t.Error("packed without being asked for")
	}
	r := s.do(t, "GET", long, nil, "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil || r.header.Get("Content-Encoding") != "gzip" || !bytes.Contains(b, []byte("© GeoBasis-DE / BKG")) || len(r.body)*10 > len(b) {
		t.Errorf("%v, %d of %d bytes", err, len(r.body), len(b))
	}
	if !strings.Contains(strings.Join(r.header.Values("Vary"), ","), "Accept-Encoding") {
		t.Errorf("%v", r.header)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add(`{"query":"{ __typename }"}`)
	f.Add(`{"query":"query($f: OfferingFilter) { offerings(filter: $f, first: 3) { nodes { id } } }","variables":{"f":{"kinds":["EVENT"]}}}`)
	f.Add(`{"query":"{ ...A } fragment A on Query { ...B ...B } fragment B on Query { node(id: 1) { id } }"}`)
	f.Add(`{"query":"mutation { saveOfferings(inputs: [{kind: EVENT, title: \"a\", provider: \"b\"}]) { results { userErrors { path } } } }"}`)
	f.Add(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"0"}}}`)
	f.Add(`[{}]`)
	a := newAPI()
	f.Fuzz(func(t *testing.T, body string) {
		p, err := decode([]byte(body), a.limits.Nesting, &a.limits.Public)
		if err == nil {
			if _, errs := a.prepare(t.Context(), p); errs != nil {
				err = errs[0]
			}
		}
		if err != nil && (codeOf(err) == "" || codeOf(err) == string(codeInternal) || len(err.Message) > 2000) {
			t.Errorf("%v: %v", err, err.Extensions)
		}
	})
}
