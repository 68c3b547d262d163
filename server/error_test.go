package server

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"umland/ent"
	"umland/graph"
)

// unspeakable are the words of the inner works.
var unspeakable = regexp.MustCompile(`(?i)sqlstate|select |insert |pq:|pgx|pgconn|goroutine|\.go\b|/usr/|/root/|float64|int64|map\[|interface ?\{|strconv|json:|nil pointer|runtime error|unmarshal|<nil>|%!`)

// Whatever a resolver does, the client sees a clean message, and the log the rest.
func TestResolverErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		err       error
		code      ent.Code
		message   string
		field     string
		requestID bool
		log       string
	}{
		{"bad input", ent.BadInput("filter.kinds", "kinds must not hold more than %d.", 10), "BAD_USER_INPUT", "kinds must not hold more than 10.", "filter.kinds", false, ""},
		{"wrapped", fmt.Errorf("Category(%q): %w", "a", ent.BadInput("slug", "no such slug")), "BAD_USER_INPUT", "no such slug", "slug", false, ""},
		{"with a cause", &ent.Error{Code: ent.CodeUnavailable, Message: "Not now.", Err: errors.New("dial tcp 10.0.0.1:5432")}, "SERVICE_UNAVAILABLE", "Not now.", "", false, "dial tcp"},
		{"forbidden", &ent.Error{Code: ent.CodeForbidden, Message: "No."}, "FORBIDDEN", "No.", "", false, ""},
		{"driver", errors.New(`ERROR: invalid byte sequence for encoding "UTF8": 0x00 (SQLSTATE 22021)`), "INTERNAL_SERVER_ERROR", ourFault, "", true, "22021"},
		{"Go", errors.New("json: cannot unmarshal string into Go value of type map[string]interface {}"), "INTERNAL_SERVER_ERROR", ourFault, "", true, "unmarshal"},
		{"own GraphQL error", gqlerror.Errorf("strconv.ParseInt failed"), "INTERNAL_SERVER_ERROR", ourFault, "", true, "strconv"},
		{"no rows", sql.ErrNoRows, "INTERNAL_SERVER_ERROR", ourFault, "", true, "no rows"},
		{"deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), "SERVICE_UNAVAILABLE", tooSlow, "", false, "deadline"},
		{"bad connection", fmt.Errorf("query: %w", driver.ErrBadConn), "SERVICE_UNAVAILABLE", noStore, "", false, "bad connection"},
		{"closed connection", sql.ErrConnDone, "SERVICE_UNAVAILABLE", noStore, "", false, "closed"},
		{"network", &net.OpError{Op: "dial", Err: errors.New("refused")}, "SERVICE_UNAVAILABLE", noStore, "", false, "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *Options) { o.Schema = schemaWith(&resolvers{err: tc.err}) })
			r := s.query(t, `query($s: String!) { found: category(slug: $s) { slug } }`, map[string]any{"s": "a"}, "X-Request-Id", "mine")
			g := r.graphql(t)
			if r.status != 200 || len(g.Errors) != 1 || string(g.Data) != `{"found":null}` {
				t.Fatalf("%d %s", r.status, r.body)
			}
			e := g.Errors[0]
			if e.Message != tc.message || e.Extensions["code"] != string(tc.code) || fmt.Sprint(e.Path) != "[found]" || len(e.Locations) != 1 {
				t.Errorf("%+v", e)
			}
			if field, _ := e.Extensions["field"].(string); field != tc.field {
				t.Errorf("field %q", field)
			}
			if _, has := e.Extensions["requestId"]; has != tc.requestID {
				t.Errorf("%v", e.Extensions)
			}
			if unspeakable.MatchString(r.body) {
				t.Errorf("it tells too much: %s", r.body)
			}
			s.stop()
			<-s.ended
			if tc.log != "" && !strings.Contains(s.log.String(), tc.log) {
				t.Errorf("the log lacks %q:\n%s", tc.log, s.log)
			}
		})
	}
}

// A time limit that is over while a list is made into an answer says so, of the item that it came to.
func TestTimeLimitInList(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Schema = schemaWith(&resolvers{proceed: make(chan struct{})})
		o.Limits.QueryTime = 100 * time.Millisecond
	})
	r := s.query(t, "{ credits { text } }", nil)
	g := r.graphql(t)
	if r.status != 200 || len(g.Errors) != 1 || r.code(t) != "SERVICE_UNAVAILABLE" || g.Errors[0].Message != tooSlow || len(g.Errors[0].Path) != 2 || len(g.Errors[0].Locations) != 1 {
		t.Errorf("%d %.1000s", r.status, r.body)
	}
	s.stop()
	<-s.ended
	if log := s.log.String(); strings.Contains(log, "panic") {
		t.Errorf("the log has a panic:\n%.3000s", log)
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	r := s.query(t, `{ regions { nodes { key } } }`, nil, "X-Request-Id", "mine") // no resolver: a nil interface
	if r.status != 200 || r.body != `{"errors":[{"message":"Something went wrong on our side.","path":["regions"],"locations":[{"line":1,"column":3}],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"mine"}}],"data":null}` {
		t.Errorf("%d %s", r.status, r.body)
	}
	s.stop()
	<-s.ended
	if log := s.log.String(); !strings.Contains(log, "nil pointer") || !strings.Contains(log, "generated.go") || !strings.Contains(log, `"request":"mine"`) {
		t.Errorf("the log lacks the panic:\n%s", log)
	}
}

// unready panics outside of every field.
type unready struct{ graphql.ExecutableSchema }

func (unready) Exec(context.Context) graphql.ResponseHandler {
	panic("the spring broke at /usr/lib/clock")
}

func TestPanicOutside(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Schema = unready{graph.NewExecutableSchema(graph.Config{})} })
	r := s.query(t, `{ __typename }`, nil)
	if r.status != 200 || r.code(t) != "INTERNAL_SERVER_ERROR" || unspeakable.MatchString(r.body) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// What is wrong with a request is said in words that a person can use.
func TestRequestErrors(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, tc := range []struct {
		name, query string
		vars        any
		code        string
		message     string
		field       string
	}{
		{"no document", `hello`, nil, "GRAPHQL_PARSE_FAILED", `Unexpected Name "hello"`, ""},
		{"unfinished", `{ category(slug: "a`, nil, "GRAPHQL_PARSE_FAILED", `Unterminated string.`, ""},
		{"empty", ` `, nil, "BAD_REQUEST", "query is missing.", ""},
		{"only a fragment", `fragment A on Query { __typename }`, nil, "GRAPHQL_VALIDATION_FAILED", "The document holds no operation.", ""},
		{"several", `query A { __typename } query B { __typename }`, nil, "GRAPHQL_VALIDATION_FAILED", "The document holds more than one operation: operationName must say which one to run.", ""},
		{"unknown field", `{ categorie }`, nil, "GRAPHQL_VALIDATION_FAILED", `Cannot query field "categorie" on type "Query". Did you mean "categories" or "category"?`, ""},
		{"unknown argument", `{ category(slugg: "a") { slug } }`, nil, "GRAPHQL_VALIDATION_FAILED", `Unknown argument "slugg" on field "Query.category". Did you mean "slug"?`, ""},
		{"literal of the wrong type", `{ category(slug: 5) { slug } }`, nil, "GRAPHQL_VALIDATION_FAILED", `String cannot represent a non string value: 5`, ""},
		{"subscription", `subscription { x }`, nil, "GRAPHQL_VALIDATION_FAILED", `Cannot query field "x" on type "Subscription".`, ""},
		{"variable of the wrong type", `query($s: String!) { category(slug: $s) { slug } }`, map[string]any{"s": 1.5}, "BAD_USER_INPUT", "Variable $s must be a string.", "s"},
		{"variable missing", `query($s: String!) { category(slug: $s) { slug } }`, nil, "BAD_USER_INPUT", "Variable $s is required.", "s"},
		{"enum in lower case", `query($f: OfferingFilter) { offerings(filter: $f) { totalCount } }`, map[string]any{"f": map[string]any{"kinds": []string{"event"}}}, "BAD_USER_INPUT",
			"Variable $f.kinds[0] must be one of SERVICE, FACILITY, EVENT, ACTIVITY, TOUR, VOLUNTEERING.", "f.kinds[0]"},
		{"scalar of ours in a variable", `query($d: DateTime!) { occurrences(from: $d, to: $d) { totalCount } }`, map[string]any{"d": "gestern"}, "BAD_USER_INPUT",
			"from: must be a date and time that exists, with an offset, such as 2026-11-28T15:00:00+01:00", "from"},
		{"scalar of ours as a literal", `{ occurrences(from: 5, to: true) { totalCount } }`, nil, "BAD_USER_INPUT",
			"from: must be a date and time with an offset, such as 2026-11-28T15:00:00+01:00", "from"},
		{"scalar of ours inside", `{ offerings(filter: { during: { from: "gestern" } }) { totalCount } }`, nil, "BAD_USER_INPUT",
			"filter.during.from: must be a date and time that exists, with an offset, such as 2026-11-28T15:00:00+01:00", "filter.during.from"},
		{"NUL", `query($s: String!) { category(slug: $s) { slug } }`, map[string]any{"s": "a\x00b"}, "BAD_USER_INPUT", "slug: must not hold control characters such as NUL", "slug"},
		{"object for a string", `{ category(slug: {}) { slug } }`, nil, "BAD_USER_INPUT", "slug: must be a string", "slug"},
		{"number beyond 32 bits", `{ offerings(first: 3000000000) { totalCount } }`, nil, "BAD_USER_INPUT", "first: must be a whole number of 32 bits", "first"},
		{"number beyond 64 bits", `{ offerings(first: 99999999999999999999) { totalCount } }`, nil, "BAD_USER_INPUT", "A number is too large.", ""},
		{"default beyond 64 bits", `query($n: Int = 99999999999999999999) { offerings(first: $n) { totalCount } }`, nil, "BAD_USER_INPUT", "A number is too large.", ""},
		{"list for a number", `{ offerings(first: [1]) { totalCount } }`, nil, "GRAPHQL_VALIDATION_FAILED", "Int cannot represent non-integer value: [1]", ""},
		{"no key", `mutation { publishOffering(id: "x") { offering { id } } }`, nil, "UNAUTHENTICATED", "This needs an API key: Authorization: Bearer …", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := s.query(t, tc.query, tc.vars)
			g := r.graphql(t)
			if len(g.Errors) == 0 {
				t.Fatal(r.body)
			}
			e := g.Errors[0]
			field, _ := e.Extensions["field"].(string)
			if e.Message != tc.message || e.Extensions["code"] != tc.code || field != tc.field {
				t.Errorf("%+v", e)
			}
			if unspeakable.MatchString(r.body) {
				t.Errorf("it tells too much: %s", r.body)
			}
			if len(r.body) > 5000 {
				t.Errorf("%d bytes", len(r.body))
			}
		})
	}
}

// A hostile request is not repeated at length.
func TestErrorsAreShort(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	long := strings.Repeat("ä", 20_000)
	for name, r := range map[string]*reply{
		"string":          s.query(t, `{ offerings(first: "`+long+`") { totalCount } }`, nil),
		"parse":           s.query(t, `"`+long+`"`, nil),
		"operation name":  s.do(t, "GET", "/graphql?query=%7B__typename%7D&operationName="+strings.Repeat("x", 20_000), nil),
		"unknown fields":  s.query(t, "{ region(key: 1) {"+repeat(900, "field%d ")+"} }", nil),
		"unknown fields2": s.query(t, `query($f: OfferingFilter) { offerings(filter: $f) { totalCount } }`, map[string]any{"f": map[string]any{long: 1}}),
	} {
		if len(r.body) > 8000 || len(r.graphql(t).Errors) == 0 || len(r.graphql(t).Errors) > 20 {
			t.Errorf("%s: %d bytes", name, len(r.body))
		}
	}
}
