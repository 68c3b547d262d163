package pages

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// answers names what each query is read into.
func answers() map[string]any {
	return map[string]any{
		"explore": exploreAnswer{}, "list": listAnswer{}, "calendar": calendarAnswer{}, "week": weekAnswer{}, "offering": offeringAnswer{},
		"municipality": municipalityAnswer{}, "region": regionAnswer{}, "provider": providerAnswer{}, "suggest": suggestAnswer{},
		"towns": townsAnswer{}, "town": townAnswer{}, "scope": scopeAnswer{}, "credits": creditsAnswer{}, "states": statesAnswer{},
		"addresses": addressesAnswer{}, "preview": previewAnswer{}, "count": countAnswer{}, "category": categoryAnswer{},
	}
}

// The queries hold against the schema, and what they are read into has exactly their fields, each of the type that the schema gives it.
func TestQueriesFitTheSchemaAndTheStructs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	all, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	into := answers()
	for name, document := range all {
		query, errs := gqlparser.LoadQueryWithRules(schema, document, nil)
		if len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
			continue
		}
		if into[name] == nil {
			t.Errorf("%s is read into nothing", name)
			continue
		}
		object(t, name, query.Operations[0].SelectionSet, reflect.TypeOf(into[name]))
		delete(into, name)
	}
	for name := range into {
		t.Errorf("there is no query %s", name)
	}
}

// fields gives the fields of a selection, those of fragments among them; optional are those of only some types.
func fields(set ast.SelectionSet, optional bool, into map[string]*ast.Field, sometimes map[string]bool) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			into[strings.ToLower(sel.Alias)] = sel
			sometimes[strings.ToLower(sel.Alias)] = optional || len(sel.Directives) > 0
		case *ast.InlineFragment:
			fields(sel.SelectionSet, true, into, sometimes)
		case *ast.FragmentSpread:
			fields(sel.Definition.SelectionSet, optional, into, sometimes)
		}
	}
}

func object(t *testing.T, path string, set ast.SelectionSet, into reflect.Type) {
	t.Helper()
	asked, sometimes := map[string]*ast.Field{}, map[string]bool{}
	fields(set, false, asked, sometimes)
	for i := range into.NumField() {
		f := into.Field(i)
		name := strings.ToLower(f.Name)
		if tag := f.Tag.Get("json"); tag != "" {
			name = strings.ToLower(tag)
		}
		field := asked[name]
		if field == nil {
			t.Errorf("%s: the query does not ask for %s", path, f.Name)
			continue
		}
		delete(asked, name)
		value(t, path+"."+field.Alias, field, field.Definition.Type, f.Type, sometimes[name])
	}
	for name := range asked {
		t.Errorf("%s.%s is read into nothing", path, name)
	}
}

func value(t *testing.T, path string, field *ast.Field, is *ast.Type, into reflect.Type, sometimes bool) {
	t.Helper()
	if is.Elem != nil {
		if into.Kind() != reflect.Slice {
			t.Errorf("%s is a list, not %s", path, into)
			return
		}
		value(t, path, field, is.Elem, into.Elem(), sometimes)
		return
	}
	nullable := !is.NonNull
	if into.Kind() == reflect.Pointer {
		into = into.Elem()
	} else if nullable && !sometimes && field.Name != "__typename" {
		t.Errorf("%s may be null, which %s cannot be", path, into)
	}
	if len(field.SelectionSet) > 0 {
		object(t, path, field.SelectionSet, into)
		return
	}
	want := map[string][]string{
		"Int": {"int"}, "Float": {"float64"}, "Boolean": {"bool"}, "DateTime": {"Time"},
	}[is.NamedType]
	if want == nil {
		want = []string{"string", "HTML"}
	}
	if !slices.Contains(want, into.Name()) {
		t.Errorf("%s is of the type %s, not %s", path, is.NamedType, into)
	}
}

func TestVariablesOf(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(variablesOf(struct {
		Search *string
		Kinds  []string
		Free   *bool
		Near   *struct{ RadiusKm *float64 }
	}{Kinds: []string{"EVENT"}, Near: &struct{ RadiusKm *float64 }{}}))
	if got := string(b); err != nil || got != `{"kinds":["EVENT"],"near":{}}` {
		t.Errorf("%s %v", got, err)
	}
}
