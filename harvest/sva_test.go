package harvest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

func TestSVA(t *testing.T) {
	t.Parallel()
	fixtureFiles(t, SVA{})
}

// The main server is asked for each list, page by page, until one is not full.
func TestSVAServer(t *testing.T) {
	t.Parallel()
	answer, err := os.ReadFile("testdata/sva/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Query     string
			Variables struct{ Limit, Skip int }
		}
		if r.URL.Path != "/graphql" || r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&asked) != nil {
			http.NotFound(w, r)
			return
		}
		switch {
		case strings.Contains(asked.Query, "pointsOfInterest("):
			var items []string
			for i := asked.Variables.Skip; i < min(asked.Variables.Skip+asked.Variables.Limit, 250); i++ {
				items = append(items, fmt.Sprintf(`{"id":"%d","name":"Ort %d","visible":true,"openingHours":[{"weekday":"Montag","timeFrom":"10:00","timeTo":"12:00","open":true,"dateFrom":"2021-04-01","dateTo":"2021-10-31","useYear":false}]}`, i, i))
			}
			_, _ = fmt.Fprintf(w, `{"data":{"items":[%s]}}`, strings.Join(items, ","))
		case strings.Contains(asked.Query, "eventRecords("):
			_, _ = w.Write(answer)
		case strings.Contains(asked.Query, "tours("):
			_, _ = w.Write([]byte(`{"data":{"items":[{"id":"5","name":"Rund um Raben","lengthKm":12,"meansOfTransportation":"bike","geometryTourData":[{"latitude":52.1,"longitude":12.5},{"latitude":12.6,"longitude":52.2}]}]}}`))
		default:
			_, _ = w.Write([]byte(`{"data":{"items":[{"id":"8","title":"Helfer gesucht","genericType":"Noticeboard","categories":[{"name":"Ehrenamt"}],"contentBlocks":[{"intro":"Wir suchen","body":"<p>Hände.</p>"}]},{"id":"9","title":"Loch im Weg","genericType":"DefectReport"}]}}`))
		}
	}))
	defer server.Close()
	got := fixtureRead(t, SVA{}, strings.NewReader("<html></html>"), server.URL, nil)
	if got.Error != "" || len(got.Records) != 250+3+1+1 || got.Records[3].Hours != "Apr 01-Oct 31 Mo 10:00-12:00" {
		t.Fatalf("%d records, refused %v, error %q", len(got.Records), got.Refusals, got.Error)
	}
	few := &fixtureResult{Records: append(got.Records[:3:3], got.Records[len(got.Records)-2:]...), Refusals: got.Refusals}
	fixtureGolden(t, "testdata/sva/server.json", few)

	for answer, want := range map[string]string{
		`{"errors":[{"message":"Field 'items' doesn't exist"}]}`: "Die Quelle weist die Anfrage ab: „Field 'items' doesn't exist“.",
		`<html></html>`:    "Die Quelle antwortet nicht mit GraphQL: Es kam eine HTML-Seite.",
		`{"data":null}`:    "Die Antwort der Quelle enthält keine Daten.",
		`{"data":{"items"`: "Die Antwort der Quelle ist nicht zu lesen",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
		if got := fixtureRead(t, SVA{}, nil, server.URL+"/graphql", nil); !strings.HasPrefix(got.Error, want) {
			t.Errorf("%s: %q", answer, got.Error)
		}
		server.Close()
	}
	if got := fixtureRead(t, SVA{}, nil, server.URL, map[string]string{"types": "news"}); !strings.Contains(got.Error, "„news“") {
		t.Errorf("error %q", got.Error)
	}
}

func TestSVASamples(t *testing.T) {
	t.Parallel()
	if body := fixtureShared(t, "sva/poi.json"); body != nil {
		got := fixtureRead(t, SVA{}, bytes.NewReader(body), "https://example.org/poi.json", nil)
		if got.Error != "" || len(got.Records) != 2 || got.Records[0].Hours != "We-Fr 11:00-20:00; Sa 11:00-18:00; PH 11:00-19:00; Mar 01-Sep 01 Su 11:00-19:00; Dec 31 10:00-13:00; Dec 24 10:00-13:00; Dec 25 10:00-13:00; Dec 26 off; Jan 01 off" {
			t.Errorf("%d records, hours %q, refused %v, error %q", len(got.Records), got.Records[0].Hours, got.Refusals, got.Error)
		}
	}
	if body := fixtureShared(t, "sva/muster-poi.xml"); body != nil {
		got := fixtureRead(t, SVA{}, bytes.NewReader(body), "https://example.org/poi.xml", nil)
		if got.Error != "" || len(got.Records) != 1 {
			t.Fatalf("%+v", got)
		}
		r := got.Records[0]
		if r.Title != "Marmorpalais im Neuen Garten" || r.Place.Street != "Im Neuen Garten 10" || *r.Place.Latitude != 52.412904974545 || r.PriceText != "Erwachsene: 6 €; ermäßigt: 5 €" || !strings.Contains(r.Description, "<br>") {
			t.Errorf("%+v at %+v", r, r.Place)
		}
	}
}

// The queries name only what the schema of the main server has.
func TestSVASchema(t *testing.T) {
	t.Parallel()
	body := fixtureShared(t, "sva/sva-studio__packages__sva-mainserver__src__generated__schema.snapshot.json")
	if body == nil {
		return
	}
	snapshot, err := valueParse(body)
	if err != nil {
		t.Fatal(err)
	}
	schema := snapshot.get("__schema")
	if !schema.isObject() {
		schema = snapshot.get("data", "__schema")
	}
	types := map[string]valueTree{}
	for _, typ := range schema.get("types").list() {
		types[typ.get("name").text()] = typ
	}
	base := func(t valueTree) string {
		for t.get("name").text() == "" {
			t = t.get("ofType")
		}
		return t.get("name").text()
	}
	var hold func(of string, set ast.SelectionSet)
	hold = func(of string, set ast.SelectionSet) {
		for _, selection := range set {
			field := selection.(*ast.Field)
			found := false
			for _, f := range types[of].get("fields").list() {
				if f.get("name").text() != field.Name {
					continue
				}
				found = true
				args := map[string]string{}
				for _, a := range f.get("args").list() {
					args[a.get("name").text()] = base(a.get("type"))
				}
				for _, a := range field.Arguments {
					if args[a.Name] == "" {
						t.Errorf("%s.%s has no argument %s", of, field.Name, a.Name)
					}
					if a.Value.Kind == ast.EnumValue {
						known := false
						for _, v := range types[args[a.Name]].get("enumValues").list() {
							known = known || v.get("name").text() == a.Value.Raw
						}
						if !known {
							t.Errorf("%s has no value %s", args[a.Name], a.Value.Raw)
						}
					}
				}
				if len(field.SelectionSet) == 0 && len(types[base(f.get("type"))].get("fields").list()) > 0 {
					t.Errorf("%s.%s needs a selection", of, field.Name)
				}
				hold(base(f.get("type")), field.SelectionSet)
			}
			if !found {
				t.Errorf("%s has no field %s", of, field.Name)
			}
		}
	}
	for _, k := range svaKinds {
		doc, err := parser.ParseQuery(&ast.Source{Input: k.query})
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		hold("Query", doc.Operations[0].SelectionSet)
	}
}
