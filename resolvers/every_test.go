package resolvers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"

	"umland/auth"
	"umland/ent"
	"umland/resolvers"
	"umland/store/storetest"
)

// Every field of the schema answers, wherever it hangs: queries are made from the schema itself, each type below each other.
func TestEveryField(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "SV Einheit")
	id := a.save(token, full(provider)).text("id")
	event := a.get("", `query($id: ID!) { offering(id: $id) { occurrences(first: 1) { nodes { id } } } }`, map[string]any{"id": id}).text("data.offering.occurrences.nodes.0.id")
	place := a.get("", `query($id: ID!) { offering(id: $id) { place { id } } }`, map[string]any{"id": id}).text("data.offering.place.id")
	args := map[string]string{
		"node": fmt.Sprintf(`(id: %q)`, event), "nodes": fmt.Sprintf(`(ids: [%q, %q, %q, "mun_12069020", "reg_12069", "cat_sport"])`, id, provider, place),
		"offering": fmt.Sprintf(`(id: %q)`, id), "provider": fmt.Sprintf(`(id: %q)`, provider), "municipality": `(ags: "12069020")`, "region": `(key: "12069")`,
		"category": `(slug: "sport")`, "suggest": `(prefix: "b")`, "duplicates": `(municipality: "12069020")`, "municipalityAt": `(longitude: 12.59, latitude: 52.14)`, "occurrences": `(from: "2026-10-01T00:00:00Z", to: "2027-01-01T00:00:00Z")`,
	}
	engine := resolvers.Schema(&resolvers.Root{Store: a.st, Now: func() time.Time { return storetest.Noon }, Harvest: a.harvest})
	run := executor.New(engine)
	schema := engine.Schema()
	if schema.Directives["defer"] != nil {
		t.Error("@defer is advertised")
	}
	person, err := a.st.PersonByEmail(context.Background(), "jemand@example.org", storetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.st.Grant(context.Background(), person.ID, ent.Grant{Role: ent.RoleOperator}, "Test", storetest.Noon); err != nil {
		t.Fatal(err)
	}
	operator := auth.With(context.Background(), &ent.Actor{
		Kind: ent.ActorPerson, ID: person.ID, Name: "Test", Grants: []ent.Grant{{Role: ent.RoleOperator}}, Scopes: ent.RoleOperator.Scopes(),
	})
	for _, root := range schema.Query.Fields {
		if strings.HasPrefix(root.Name, "__") {
			continue
		}
		selected := selectAll(schema, schema.Types[root.Type.Name()], 6, nil)
		query := "{ " + root.Name + args[root.Name] + selected + " }"
		ctx := graphql.StartOperationTrace(operator)
		op, errs := run.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
		if errs != nil {
			t.Fatalf("%s: %v", root.Name, errs)
		}
		answer, ctx := run.DispatchOperation(ctx, op)
		res := answer(ctx)
		if len(res.Errors) > 0 {
			t.Errorf("%s: %v", root.Name, res.Errors[:min(3, len(res.Errors))])
		}
		var data map[string]any
		if err := json.Unmarshal(res.Data, &data); err != nil || data[root.Name] == nil && root.Name != "viewer" {
			t.Errorf("%s: %v %.200s", root.Name, err, res.Data)
		}
	}
}

// selectAll selects every field of the type and of what is below, except what is on the path already.
func selectAll(schema *ast.Schema, typ *ast.Definition, depth int, path []string) string {
	if typ.IsLeafType() {
		return ""
	}
	var b strings.Builder
	b.WriteString(" { __typename")
	for _, possible := range schema.GetPossibleTypes(typ) {
		if typ.IsAbstractType() {
			for i, f := range possible.Fields { // under an alias of the type's own, for members may differ
				if sub := field(schema, f, depth, append(path, possible.Name)); sub != "" {
					fmt.Fprintf(&b, " ... on %s { a%d%s: %s }", possible.Name, i, possible.Name, sub)
				}
			}
		}
	}
	if !typ.IsAbstractType() {
		for _, f := range typ.Fields {
			if sub := field(schema, f, depth, append(path, typ.Name)); sub != "" {
				b.WriteString(" " + sub)
			}
		}
	}
	return b.String() + " }"
}

func field(schema *ast.Schema, f *ast.FieldDefinition, depth int, path []string) string {
	typ := schema.Types[f.Type.Name()]
	if typ.IsLeafType() {
		return f.Name
	}
	repeated := 0
	for _, p := range path {
		if p == typ.Name {
			repeated++
		}
	}
	if depth == 0 || repeated > 0 {
		return ""
	}
	return f.Name + selectAll(schema, typ, depth-1, path)
}
