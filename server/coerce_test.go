package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestCoerce(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		scalar DateTime
		enum Kind { EVENT TOUR }
		input Item { id: ID!, kinds: [Kind!], count: Int = 3, size: Int! = 4, inner: Item, when: DateTime }
		type Query { f(a: Int, b: Float, c: String, d: Boolean, e: ID, f: Kind, g: [Kind!], h: Item, i: [[Int!]!], j: DateTime, k: Int!): Int }`})
	for _, tc := range []struct{ typ, given, want string }{
		{"Int", `5`, `5`},
		{"Int", `-2147483648`, `-2147483648`},
		{"Int", `2147483648`, "Variable $v must be a whole number of 32 bits."},
		{"Int", `99999999999999999999`, "Variable $v must be a whole number of 32 bits."},
		{"Int", `1.5`, "Variable $v must be a whole number of 32 bits."},
		{"Int", `"5"`, "Variable $v must be a whole number of 32 bits."},
		{"Int", `true`, "Variable $v must be a whole number of 32 bits."},
		{"Int", `null`, `null`},
		{"Int", ``, ``},
		{"Int!", `null`, "Variable $v must not be null."},
		{"Int!", ``, "Variable $v is required."},
		{"Int! = 7", ``, `7`},
		{"Int = 7", `null`, `null`},
		{"Float", `5`, `5`},
		{"Float", `5e3`, `5e3`},
		{"Float", `1e999`, "Variable $v must be a finite number."},
		{"Float", `false`, "Variable $v must be a finite number."},
		{"String", `"a"`, `"a"`},
		{"String", `5`, "Variable $v must be a string."},
		{"String", `{}`, "Variable $v must be a string."},
		{"Boolean", `true`, `true`},
		{"Boolean", `1.5`, "Variable $v must be true or false."},
		{"Boolean", `"true"`, "Variable $v must be true or false."},
		{"ID", `"a"`, `"a"`},
		{"ID", `12`, `12`},
		{"ID", `1.5`, "Variable $v must be a string or a whole number."},
		{"ID", `[]`, "Variable $v must be a string or a whole number."},
		{"Kind", `"EVENT"`, `"EVENT"`},
		{"Kind", `"event"`, "Variable $v must be one of EVENT, TOUR."},
		{"Kind", `7`, "Variable $v must be one of EVENT, TOUR."},
		{"[Kind!]", `["EVENT","TOUR"]`, `["EVENT","TOUR"]`},
		{"[Kind!]", `"EVENT"`, `["EVENT"]`},
		{"[Kind!]", `["EVENT",null]`, "Variable $v[1] must not be null."},
		{"[Kind!]", `["EVENT","x"]`, "Variable $v[1] must be one of EVENT, TOUR."},
		{"[[Int!]!]", `[[1,2],[3]]`, `[[1,2],[3]]`},
		{"[[Int!]!]", `[[1,2],["3"]]`, "Variable $v[1][0] must be a whole number of 32 bits."},
		{"Item", `{"id":"a"}`, `{"id":"a"}`},
		{"Item", `{"id":"a","kinds":"TOUR","count":null,"when":"x"}`, `{"count":null,"id":"a","kinds":["TOUR"],"when":"x"}`},
		{"Item", `{}`, "Variable $v.id is required."},
		{"Item", `{"id":null}`, "Variable $v.id must not be null."},
		{"Item", `{"id":"a","nope":1}`, "Variable $v.nope is not a field of Item."},
		{"Item", `{"id":"a","inner":{"id":"b","kinds":[1]}}`, "Variable $v.inner.kinds[0] must be one of EVENT, TOUR."},
		{"Item", `"a"`, "Variable $v must be an object of the type Item."},
		{"Item", `[{"id":"a"}]`, "Variable $v must be an object of the type Item."},
		{"Item", `{"id":"a","` + strings.Repeat("x", 500) + `":1}`, "Variable $v." + strings.Repeat("x", 198) + "… is not a field of Item."},
		{"DateTime", `"x"`, `"x"`}, // read later, by the graph package
	} {
		op := gqlparser.MustLoadQueryWithRules(schema, fmt.Sprintf("query($v: %s) { f(k: 1) ...F } fragment F on Query { x: f(k: 1, %s: $v) }", tc.typ,
			map[string]string{"Int": "a", "Int!": "a", "Int! = 7": "a", "Int = 7": "a", "Float": "b", "String": "c", "Boolean": "d", "ID": "e",
				"Kind": "f", "[Kind!]": "g", "Item": "h", "[[Int!]!]": "i", "DateTime": "j"}[tc.typ]), nil).Operations[0]
		given := map[string]any{"other": "ignored"}
		if tc.given != "" {
			d := json.NewDecoder(strings.NewReader(tc.given))
			d.UseNumber()
			var v any
			if err := d.Decode(&v); err != nil {
				t.Fatal(err)
			}
			given["v"] = v
		}
		vars, bad := coerce(schema, op, given)
		var got string
		if bad != nil {
			got = bad.Message
			if codeOf(bad) != "BAD_USER_INPUT" || bad.Extensions["field"] == "" {
				t.Errorf("%s %s: %v", tc.typ, tc.given, bad.Extensions)
			}
		} else if v, ok := vars["v"]; ok {
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		}
		if _, leaked := vars["other"]; got != tc.want || leaked {
			t.Errorf("%s %.80s: got %q, want %q", tc.typ, tc.given, got, tc.want)
		}
	}
}

// The numbers keep all their digits on the way to the resolvers.
func TestCoerceKeepsNumbers(t *testing.T) {
	t.Parallel()
	p := &params{}
	if err := p.decode([]byte(`{"v":[9007199254740993,1.10]}`), nil); err != nil {
		t.Fatal(err)
	}
	if want := []any{json.Number("9007199254740993"), json.Number("1.10")}; !reflect.DeepEqual(p.variables["v"], want) {
		t.Errorf("%#v", p.variables["v"])
	}
	if b, _ := json.Marshal(p.variables); !bytes.Equal(b, []byte(`{"v":[9007199254740993,1.10]}`)) {
		t.Errorf("%s", b)
	}
}
