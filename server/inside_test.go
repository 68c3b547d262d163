package server

import (
	"net/http"
	"strings"
	"testing"
)

// Pages answer for every path that is not the server's own, and ask within the limits of the public.
func TestPages(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) {
		o.Pages = func(query Query) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(query(r.Context(), r.URL.Query().Get("query"), map[string]any{"slug": "x"}))
			})
		}
	})
	deep := strings.Repeat("regions{nodes{municipalities{nodes{", 5) + "name" + strings.Repeat("}}}}", 5)
	for _, c := range []struct{ path, want string }{
		{`/?query={credits{licence}}`, `{"data":{"credits":[{"licence":"DL-DE-BY-2.0"}`},
		{`/anywhere?query=query($slug:String!){category(slug:$slug){slug}}`, `"data"`},
		{`/?query=`, `BAD_REQUEST`},
		{`/?query={nix}`, `GRAPHQL_VALIDATION_FAILED`},
		{`/?query={` + deep + `}`, `LIMIT_EXCEEDED`},
		{`/?query=mutation{publishOffering(id:"x"){offering{id}}}`, `BAD_REQUEST`},
		{`/healthz`, "alive"},
	} {
		if r := s.do(t, "GET", c.path, nil); r.status != 200 || !strings.Contains(r.body, c.want) {
			t.Errorf("%s: %d %.200s", c.path, r.status, r.body)
		}
	}
}
