package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"umland/ent"
)

// client speaks graphql-transport-ws.
type client struct {
	t    *testing.T
	conn *websocket.Conn
}

func dial(t *testing.T, s *running) *client {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), s.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(1 << 24)
	return &client{t, conn}
}

func (c *client) send(message string) {
	c.t.Helper()
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, []byte(message)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) receive() (m socketMessage) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	_, b, err := c.conn.Read(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		c.t.Fatalf("%v in %s", err, b)
	}
	return m
}

func (c *client) init(payload any) {
	c.t.Helper()
	b, err := json.Marshal(map[string]any{"type": "connection_init", "payload": payload})
	if err != nil {
		c.t.Fatal(err)
	}
	c.send(string(b))
	if m := c.receive(); m.Type != "connection_ack" {
		c.t.Fatalf("%+v", m)
	}
}

func (c *client) subscribe(id, query string) {
	c.t.Helper()
	b, err := json.Marshal(map[string]any{"id": id, "type": "subscribe", "payload": map[string]any{"query": query}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.send(string(b))
}

// closeCode reads until the connection ends; -1 when it ended without a code, or not in time.
func (c *client) closeCode() int {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	for {
		if _, _, err := c.conn.Read(ctx); err != nil {
			return int(websocket.CloseStatus(err))
		}
	}
}

// clock is a schema with a subscription, which the real one has none of yet. ticks counts; after 3 it fails or panics, if told to.
type clock struct{ schema *ast.Schema }

func newClock() clock {
	return clock{gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { now: Int }
		type Mutation { wind: Int }
		type Subscription { ticks(then: String): Int }`})}
}

func (c clock) Schema() *ast.Schema { return c.schema }

func (c clock) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (c clock) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx).Operation
	if op.Operation != ast.Subscription {
		return graphql.OneShot(&graphql.Response{Data: []byte(`{"now":0}`)})
	}
	then := ""
	if args := op.SelectionSet[0].(*ast.Field).Arguments; len(args) > 0 {
		then = args[0].Value.Raw
	}
	n := 0
	return func(ctx context.Context) *graphql.Response {
		n++
		switch {
		case n <= 3:
			return &graphql.Response{Data: fmt.Appendf(nil, `{"ticks":%d}`, n)}
		case then == "wait":
			<-ctx.Done()
		case then == "panic" && n == 4:
			panic("the spring broke at /usr/lib/clock")
		case then == "fail" && n == 4:
			graphql.AddError(ctx, errors.New("pq: SQLSTATE 22021"))
			return &graphql.Response{Data: []byte(`{"ticks":null}`)}
		}
		return nil
	}
}

func TestSocketOperations(t *testing.T) {
	t.Parallel()
	clocked := start(t, func(o *Options) { o.Schema = newClock() })
	real := start(t, nil)
	for _, tc := range []struct {
		name  string
		on    *running
		query string
		want  []string // type and payload of what comes
	}{
		{"query", clocked, "{ now }", []string{`next {"data":{"now":0}}`, "complete "}},
		{"mutation", clocked, "mutation { wind }", []string{`next {"data":{"now":0}}`, "complete "}},
		{"subscription", clocked, "subscription { ticks }", []string{`next {"data":{"ticks":1}}`, `next {"data":{"ticks":2}}`, `next {"data":{"ticks":3}}`, "complete "}},
		{"failing subscription", clocked, `subscription { ticks(then: "fail") }`, []string{`next {"data":{"ticks":1}}`, `next {"data":{"ticks":2}}`, `next {"data":{"ticks":3}}`,
			`next {"errors":[{"message":"Something went wrong on our side.","extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"fixed"}}],"data":{"ticks":null}}`, "complete "}},
		{"panicking subscription", clocked, `subscription { ticks(then: "panic") }`, []string{`next {"data":{"ticks":1}}`, `next {"data":{"ticks":2}}`, `next {"data":{"ticks":3}}`,
			`next {"errors":[{"message":"Something went wrong on our side.","extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"fixed"}}]}`, "complete "}},
		{"two streams of one name", clocked, "subscription { ticks other: ticks }", []string{
			`error [{"message":"A subscription asks for exactly one field; this one for 2.","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]`}},
		{"a stream that is skipped", clocked, "subscription { ticks @skip(if: true) }", []string{
			`error [{"message":"A subscription asks for exactly one field; this one for 0.","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]`}},
		{"one stream named twice", clocked, "subscription { ticks ...on Subscription { ticks } }", []string{`next {"data":{"ticks":1}}`, `next {"data":{"ticks":2}}`, `next {"data":{"ticks":3}}`, "complete "}},
		{"invalid", real, "{ nonsense }", []string{`error [{"message":"Cannot query field \"nonsense\" on type \"Query\". Did you mean \"nodes\"?","locations":[{"line":1,"column":3}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]`}},
		{"field error", real, `mutation { publishOffering(id: "1") { offering { id } } }`, []string{
			`next {"errors":[{"message":"This needs an API key: Authorization: Bearer …","path":["publishOffering"],"locations":[{"line":1,"column":12}],"extensions":{"code":"UNAUTHENTICATED"}}],"data":null}`, "complete "}},
		{"too deep", real, "{" + strings.Repeat("a{", 16) + "b" + strings.Repeat("}", 17), []string{
			`error [{"message":"The query is 17 fields deep; 15 are allowed.","extensions":{"code":"LIMIT_EXCEEDED","limit":"depth","max":15}}]`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			conn, _, err := websocket.Dial(t.Context(), tc.on.url+"/graphql", &websocket.DialOptions{
				Subprotocols: []string{subprotocol}, HTTPHeader: map[string][]string{"X-Request-Id": {"fixed"}, "Origin": {"https://app.example"}}})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			c := &client{t, conn}
			c.init(nil)
			c.subscribe("1", tc.query)
			for _, want := range tc.want {
				m := c.receive()
				if got := m.Type + " " + string(m.Payload); m.ID != "1" || got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
			c.send(`{"type":"ping"}`)
			if m := c.receive(); m.Type != "pong" {
				t.Errorf("%+v", m)
			}
		})
	}
}

func TestSocketProtocol(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Schema = newClock()
		o.Limits.InitTime, o.Limits.StreamOperations = 300*time.Millisecond, 2
		o.Limits.Public.Body = 2000
	})
	const init = `{"type":"connection_init"}`
	subscribe := func(id string) string {
		return `{"id":"` + id + `","type":"subscribe","payload":{"query":"subscription { ticks(then: \"wait\") }"}}`
	}
	for _, tc := range []struct {
		name     string
		messages []string
		code     int
	}{
		{"no init", nil, 4408},
		{"something else first", []string{subscribe("1")}, 4401},
		{"two inits", []string{init, init}, 4429},
		{"not JSON", []string{init, "hello"}, 4400},
		{"unknown type", []string{init, `{"type":"start"}`}, 4400},
		{"no id", []string{init, `{"type":"subscribe","payload":{"query":"{now}"}}`}, 4400},
		{"same id twice", []string{init, subscribe("1"), subscribe("1")}, 4409},
		{"too many at once", []string{init, subscribe("1"), subscribe("2"), subscribe("3")}, 4429},
		{"too large", []string{init, `{"type":"ping","payload":{"a":"` + strings.Repeat("x", 2000) + `"}}`}, 1009},
		{"too deep", []string{init, `{"type":"ping","payload":` + strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 61)}, 4400},
		{"key unknown", []string{`{"type":"connection_init","payload":{"Authorization":"Bearer ` + strings.Replace(testToken, "0", "1", 1) + `"}}`}, 4403},
		{"key malformed", []string{`{"type":"connection_init","payload":{"Authorization":"x"}}`}, 4403},
		{"key no string", []string{`{"type":"connection_init","payload":{"Authorization":7}}`}, 4400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, s)
			for _, m := range tc.messages {
				c.send(m)
			}
			if code := c.closeCode(); code != tc.code {
				t.Errorf("closed with %d", code)
			}
		})
	}
	t.Run("complete frees the place", func(t *testing.T) {
		t.Parallel()
		c := dial(t, s)
		c.init(map[string]string{"Authorization": "Bearer " + testToken})
		for i := range 5 {
			id := fmt.Sprint(i)
			c.send(subscribe(id))
			for range 3 {
				c.receive()
			}
			c.send(`{"id":"` + id + `","type":"complete"}`)
			time.Sleep(20 * time.Millisecond)
		}
		c.subscribe("last", "{ now }")
		if m := c.receive(); m.Type != "next" || m.ID != "last" {
			t.Errorf("%+v", m)
		}
	})
}

func TestSocketHandshake(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Limits.Streams = 1 })
	upgrade := []string{"Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Protocol", subprotocol}
	with := func(name, value string) []string { return append(bytesClone(upgrade), name, value) }
	for _, tc := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"old protocol", with("Sec-WebSocket-Protocol", "graphql-ws"), 400},
		{"no protocol", with("Sec-WebSocket-Protocol", ""), 400},
		{"old version", with("Sec-WebSocket-Version", "8"), 400},
		{"other upgrade", with("Upgrade", "h2c"), 400},
		{"bad key", with("Authorization", "Bearer nonsense"), 401},
	} {
		if r := s.do(t, "GET", "/graphql", nil, tc.headers...); r.status != tc.status || r.code(t) == "" {
			t.Errorf("%s: %d %s", tc.name, r.status, r.body)
		}
	}
	dial(t, s).init(nil)
	if r := s.do(t, "GET", "/graphql", nil, upgrade...); r.status != 429 || r.code(t) != "BUSY" {
		t.Errorf("beyond the limit: %d %s", r.status, r.body)
	}
	if m := s.do(t, "GET", "/metrics", nil).body; !strings.Contains(m, `umland_streams{transport="ws"} 1`) {
		t.Error("the WebSocket is not counted")
	}
}

func bytesClone(s []string) []string { return append([]string(nil), s...) }

// A connection whose other side does not answer pings is closed.
func TestSocketPing(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Limits.PingTime = time.Second })
	alive := dial(t, s)
	alive.init(nil)
	deaf := dial(t, s)
	deaf.init(nil)
	done := make(chan struct{})
	go func() { // reading answers pings
		defer close(done)
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		// Until the test stops listening, in whatever it is cut off then.
		if _, _, err := alive.conn.Read(ctx); ctx.Err() == nil {
			t.Errorf("the one that answers ended with %v", err)
		}
	}()
	<-done
	if code := deaf.closeCode(); code != -1 {
		t.Errorf("closed with %d", code)
	}
}

// A key that is revoked while the connection is open is good for nothing from then on.
func TestSocketRevokedKey(t *testing.T) {
	t.Parallel()
	var revoked atomic.Bool
	s := start(t, func(o *Options) {
		find := o.Key
		o.Key = func(ctx context.Context, token string) (*ent.Actor, error) {
			if revoked.Load() {
				return nil, nil
			}
			return find(ctx, token)
		}
	})
	c := dial(t, s)
	c.init(map[string]string{"Authorization": "Bearer " + testToken})
	c.subscribe("1", "{ __typename }")
	for _, want := range []string{"next", "complete"} {
		if m := c.receive(); m.Type != want {
			t.Errorf("before: %+v", m)
		}
	}
	revoked.Store(true)
	c.subscribe("2", "{ __typename }")
	if m := c.receive(); m.Type != "error" || !strings.Contains(string(m.Payload), "UNAUTHENTICATED") {
		t.Errorf("after: %s %s", m.Type, m.Payload)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Schema = newClock() })
	const events = "text/event-stream"
	post := func(query string) *reply {
		b, _ := json.Marshal(map[string]string{"query": query})
		return s.do(t, "POST", "/graphql", bytes.NewReader(b), "Accept", events, "Accept-Encoding", "gzip")
	}
	for _, tc := range []struct {
		name   string
		reply  *reply
		status int
		body   string
	}{
		{"query", post("{ now }"), 200, ":\n\nevent: next\ndata: {\"data\":{\"now\":0}}\n\nevent: complete\ndata:\n\n"},
		{"subscription", post("subscription { ticks }"), 200, ":\n\nevent: next\ndata: {\"data\":{\"ticks\":1}}\n\nevent: next\ndata: {\"data\":{\"ticks\":2}}\n\nevent: next\ndata: {\"data\":{\"ticks\":3}}\n\nevent: complete\ndata:\n\n"},
		{"invalid", post("{ x }"), 200, ":\n\nevent: next\ndata: {\"errors\":[{\"message\":\"Cannot query field \\\"x\\\" on type \\\"Query\\\".\",\"locations\":[{\"line\":1,\"column\":3}],\"extensions\":{\"code\":\"GRAPHQL_VALIDATION_FAILED\"}}]}\n\nevent: complete\ndata:\n\n"},
		{"subscription by GET", s.do(t, "GET", "/graphql?query=subscription%7Bticks%7D", nil, "Accept", events), 200, ""},
		{"mutation by GET", s.do(t, "GET", "/graphql?query=mutation%7Bwind%7D", nil, "Accept", events), 405, ""},
		{"bad key", s.do(t, "GET", "/graphql?query=%7Bnow%7D", nil, "Accept", events, "Authorization", "Bearer x"), 401, ""},
		{"no JSON", s.do(t, "POST", "/graphql", strings.NewReader("x"), "Accept", events), 400, ""},
		{"form", s.do(t, "POST", "/graphql", strings.NewReader("query={now}"), "Accept", events, "Content-Type", "application/x-www-form-urlencoded"), 415, ""},
	} {
		if tc.reply.status != tc.status || tc.body != "" && tc.reply.body != tc.body {
			t.Errorf("%s: %d %q", tc.name, tc.reply.status, tc.reply.body)
		}
		if media := tc.reply.header.Get("Content-Type"); (tc.status == 200) != strings.HasPrefix(media, events) {
			t.Errorf("%s: %s", tc.name, media)
		}
	}
	if r := s.query(t, "subscription { ticks }", nil); r.status != 400 || r.code(t) != "BAD_REQUEST" {
		t.Errorf("a subscription without a stream: %d %s", r.status, r.body)
	}
}
