package harvest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"umland/ent"
)

func TestHSDS(t *testing.T) {
	t.Parallel()
	fixtureFiles(t, HSDS{})
}

// The API's pages are read to their end; what they say too little of is fetched, and refused on its own where that fails.
func TestHSDSPages(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	page := func(n int) string {
		return fmt.Sprintf(`{"total_items":5,"total_pages":3,"page_number":%d,"contents":[{"id":"a%d","name":"Dienst %d"},{"id":"b%d","name":"Voll %d","phones":[{"number":"1"}]}]}`, n, n, n, n, n)
	}
	mux.HandleFunc("GET /services", func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		_, _ = w.Write([]byte(page(n)))
	})
	mux.HandleFunc("GET /services/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") == "a2" {
			http.Error(w, "weg", http.StatusNotFound)
			return
		}
		_, _ = fmt.Fprintf(w, `{"id":%q,"name":"Einzeln","contacts":[{"name":"Frau Muster","email":"m@example.org"}]}`, r.PathValue("id"))
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	got := fixtureRead(t, HSDS{}, strings.NewReader(page(1)), server.URL+"/services?page=1", nil)
	if got.Error != "" || len(got.Records) != 5 || len(got.Refusals) != 1 || !strings.Contains(got.Refusals[0].Item, "Dienst 2") {
		t.Fatalf("%d records, refused %v, error %q", len(got.Records), got.Refusals, got.Error)
	}
	if first := got.Records[0]; first.Title != "Einzeln" || first.Contact == nil || *first.Contact.Email != "m@example.org" {
		t.Errorf("%+v", first)
	}
}

func TestHSDSSpecification(t *testing.T) {
	t.Parallel()
	if body := fixtureShared(t, "hsds/specification__examples__service_full.json"); body != nil {
		got := fixtureRead(t, HSDS{}, bytes.NewReader(body), "https://example.org/services/1", nil)
		if got.Error != "" || len(got.Records) != 1 {
			t.Fatalf("%+v", got)
		}
		r := got.Records[0]
		if r.Kind != ent.KindService || r.Title != "Community Counselling" || r.Organizer.Name != "Example Organization Inc." || r.Place.Street != "1-30 Main Street, MyVillage" ||
			r.Details.Service.Requirements == nil || len(r.Languages) != 1 || r.Languages[0] != "ur" || *r.Contact.Name != "Ann Persona, Reception Manager" {
			t.Errorf("%+v at %+v", r, r.Place)
		}
	}
	if body := fixtureShared(t, "hsds/specification__examples__service_list.json"); body != nil {
		result := fixtureRead(t, HSDS{}, bytes.NewReader(body), "http://127.0.0.1:1/services", nil)
		if !strings.Contains(result.Error, "Seite 2 von 10") {
			t.Errorf("error %q", result.Error)
		}
	}
}
