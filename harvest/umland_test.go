package harvest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// umlandServer answers the changes after a cursor, so many at once.
func umlandServer(t *testing.T, atOnce int) *httptest.Server {
	t.Helper()
	raw, err := os.ReadFile("testdata/umland/changes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Data struct {
			Changes struct{ Edges []json.RawMessage }
		}
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	edges := all.Data.Changes.Edges
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Query     string
			Variables struct {
				After string
				First int
			}
		}
		if r.URL.Path != "/graphql" || json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Query != umlandQuery || asked.Variables.First != umlandPage {
			http.NotFound(w, r)
			return
		}
		from := 0
		_, _ = fmt.Sscan(asked.Variables.After, &from)
		to := min(from+atOnce, len(edges))
		page, err := json.Marshal(edges[from:to])
		if err != nil {
			t.Error(err)
		}
		_, _ = fmt.Fprintf(w, `{"data":{"changes":{"edges":%s,"pageInfo":{"hasNextPage":%v,"endCursor":"%d"}}}}`, page, to < len(edges), to)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestUmland(t *testing.T) {
	t.Parallel()
	server := umlandServer(t, 3)
	got := fixtureRead(t, Umland{}, nil, server.URL+"/", nil)
	fixtureGolden(t, "testdata/umland/server.json", got)
	for _, r := range fixtureRead(t, Umland{}, nil, server.URL+"/graphql", map[string]string{"after": "3"}).Records {
		if r.Title == "Meldebescheinigung" {
			t.Error("it reads what lies before the cursor")
		}
	}
}

func TestUmlandFaults(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"errors":[{"message":"Cost 12000 is more than 10000","extensions":{"code":"LIMIT_EXCEEDED"}}],"data":null}`: "Die Quelle weist die Anfrage ab",
		`{"data":{"other":1}}`: "Ist das ein Umland?",
		`{"data":{"changes":{"edges":[],"pageInfo":{"hasNextPage":true,"endCursor":null}}}}`: "führen nicht weiter",
		`Hallo`: "Es kam etwas anderes",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
		if got := fixtureRead(t, Umland{}, nil, server.URL, nil); !strings.Contains(got.Error, want) {
			t.Errorf("%s: %q", answer, got.Error)
		}
		server.Close()
	}
}

func TestUmlandAddress(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://umland.example": "https://umland.example/graphql", "https://umland.example/graphql?x=1": "https://umland.example/graphql", "https://example.org/u/": "https://example.org/u/graphql",
	} {
		u, err := url.Parse(given)
		if err != nil {
			t.Fatal(err)
		}
		if got := umlandAddress(u); got != want {
			t.Errorf("%s: %s", given, got)
		}
	}
}

// The query is one that this project's own schema understands; the feed of changes is spelled out here until the schema has it.
func TestUmlandSchema(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	source := string(raw)
	if !strings.Contains(source, "changes(") {
		source += `
			extend type Query { changes(after: String, first: Int): ChangeConnection! }
			type Change { cursor: String!  at: DateTime!  id: ID!  offering: Offering }
			type ChangeEdge { cursor: String!  node: Change! }
			type ChangeConnection { edges: [ChangeEdge!]!  pageInfo: PageInfo! }`
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: source})
	if err != nil {
		t.Fatal(err)
	}
	if _, errs := gqlparser.LoadQueryWithRules(schema, umlandQuery, nil); len(errs) > 0 {
		t.Error(errs)
	}
	if _, errs := gqlparser.LoadQueryWithRules(schema, strings.Replace(umlandQuery, "leika", "lika", 1), nil); len(errs) == 0 {
		t.Error("the schema is not asked")
	}
}
