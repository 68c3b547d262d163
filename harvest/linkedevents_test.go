package harvest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestLinkedEvents(t *testing.T) {
	t.Parallel()
	fixtureFiles(t, LinkedEvents{})
}

// Pages follow meta.next; a place that stands in no page is fetched once for all events there; a place that is gone costs only its event.
func TestLinkedEventsPages(t *testing.T) {
	t.Parallel()
	var places atomic.Int32
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	event := func(n int, place string) string {
		return fmt.Sprintf(`{"id":"e:%d","name":{"de":"Fest %d"},"start_time":"2026-05-1%dT17:00:00Z","location":{"@id":"%s/v1/place/%s/"}}`, n, n, n%10, server.URL, place)
	}
	page := func(n int) string {
		next := fmt.Sprintf(`"%s/v1/event/?page=%d"`, server.URL, n+1)
		if n == 3 {
			next = "null"
		}
		return fmt.Sprintf(`{"meta":{"next":%s},"data":[%s,%s]}`, next, event(2*n, "saal"), event(2*n+1, map[bool]string{true: "weg", false: "saal"}[n == 2]))
	}
	mux.HandleFunc("GET /v1/event/", func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		_, _ = w.Write([]byte(page(n)))
	})
	mux.HandleFunc("GET /v1/place/saal/", func(w http.ResponseWriter, _ *http.Request) {
		places.Add(1)
		_, _ = w.Write([]byte(`{"id":"saal","name":{"de":"Saal"},"postal_code":"14806"}`))
	})
	got := fixtureRead(t, LinkedEvents{}, strings.NewReader(page(1)), server.URL+"/v1/event/", nil)
	if got.Error != "" || len(got.Records) != 5 || len(got.Refusals) != 1 || places.Load() != 1 {
		t.Fatalf("%d records, %d places fetched, refused %v, error %q", len(got.Records), places.Load(), got.Refusals, got.Error)
	}
	if p := got.Records[4].Place; p == nil || p.Name != "Saal" {
		t.Errorf("%+v", p)
	}
	circle := fmt.Sprintf(`{"meta":{"next":"%s/v1/event/"},"data":[]}`, server.URL)
	if got := fixtureRead(t, LinkedEvents{}, strings.NewReader(circle), server.URL+"/v1/event/", nil); !strings.Contains(got.Error, "im Kreis") {
		t.Errorf("error %q", got.Error)
	}
}
