package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	_ "time/tzdata"
)

const script = "console.log('Grüße')"

func bundle(t *testing.T) fs.FS {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, script); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{
		"dist/.gitkeep":               {},
		"dist/index.html":             {Data: []byte("<!doctype html><title>Umland Playground</title>")},
		"dist/licenses.md":            {Data: []byte("# Licenses")},
		"dist/assets/index-a1.js.gz":  {Data: packed.Bytes()},
		"dist/assets/index-a1.css.gz": {Data: packed.Bytes()},
		"dist/assets/font-a1.ttf.gz":  {Data: packed.Bytes()},
		"dist/assets/odd-a1.exe.gz":   {Data: packed.Bytes()},
		"dist/assets/sub/deep.js.gz":  {Data: packed.Bytes()},
		"dist/secret.js.gz":           {Data: packed.Bytes()},
		"secret.js.gz":                {Data: packed.Bytes()},
	}
}

func ask(t *testing.T, h http.Handler, method, target string, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "/playground/", nil)
	r.URL.Path = target // as a hostile client sends it, not as a mux would clean it
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPlaygroundAnswers(t *testing.T) {
	t.Parallel()
	gz := http.Header{"Accept-Encoding": {"br, gzip;q=0.8"}}
	for name, c := range map[string]struct {
		method, path string
		header       http.Header
		status       int
		want         map[string]string // header field → value
		body         string
	}{
		"page": {"GET", "/playground/", nil, 200, map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache",
		}, "<!doctype html><title>Umland Playground</title>"},
		"page, HEAD": {"HEAD", "/playground/", nil, 200, map[string]string{"Content-Length": "47"}, ""},
		"licences": {"GET", "/playground/licenses.md", nil, 200, map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-cache",
		}, "# Licenses"},
		"script unpacked": {"GET", "/playground/assets/index-a1.js", nil, 200, map[string]string{
			"Content-Type": "text/javascript; charset=utf-8", "Content-Encoding": "", "Vary": "Accept-Encoding",
			"Cache-Control": "public, max-age=31536000, immutable",
		}, script},
		"script packed": {"GET", "/playground/assets/index-a1.js", gz, 200, map[string]string{
			"Content-Encoding": "gzip", "Vary": "Accept-Encoding",
			"Cache-Control": "public, max-age=31536000, immutable",
		}, ""},
		"gzip refused": {"GET", "/playground/assets/index-a1.js", http.Header{"Accept-Encoding": {"gzip; q=0, br"}}, 200,
			map[string]string{"Content-Encoding": ""}, script},
		"style": {"GET", "/playground/assets/index-a1.css", nil, 200, map[string]string{"Content-Type": "text/css; charset=utf-8"}, ""},
		"font":  {"GET", "/playground/assets/font-a1.ttf", nil, 200, map[string]string{"Content-Type": "font/ttf"}, ""},

		"write":           {"POST", "/playground/", nil, 405, map[string]string{"Allow": "GET, HEAD"}, ""},
		"other method":    {"DELETE", "/playground/assets/index-a1.js", nil, 405, map[string]string{"Allow": "GET, HEAD"}, ""},
		"no such asset":   {"GET", "/playground/assets/gone.js", nil, 404, map[string]string{"Cache-Control": ""}, ""},
		"folder":          {"GET", "/playground/assets/", nil, 404, nil, ""},
		"the stored name": {"GET", "/playground/assets/index-a1.js.gz", nil, 404, nil, ""},
		"unknown type":    {"GET", "/playground/assets/odd-a1.exe", nil, 404, nil, ""},
		"deeper folder":   {"GET", "/playground/assets/sub/deep.js", nil, 404, nil, ""},
		"index by name":   {"GET", "/playground/index.html", nil, 404, nil, ""},
		"placeholder":     {"GET", "/playground/.gitkeep", nil, 404, nil, ""},
		"without prefix":  {"GET", "/assets/index-a1.js", nil, 404, nil, ""},
		"one up":          {"GET", "/playground/assets/../secret.js", nil, 404, nil, ""},
		"two up":          {"GET", "/playground/assets/../../secret.js", nil, 404, nil, ""},
		"up and back":     {"GET", "/playground/assets/../assets/index-a1.js", nil, 404, nil, ""},
		"backslash":       {"GET", `/playground/assets/..\secret.js`, nil, 404, nil, ""},
		"double slash":    {"GET", "/playground/assets//secret.js", nil, 404, nil, ""},
		"absolute":        {"GET", "/playground/assets//etc/passwd", nil, 404, nil, ""},
		"NUL":             {"GET", "/playground/assets/index-a1.js\x00.js", nil, 404, nil, ""},
		"very long":       {"GET", "/playground/assets/" + strings.Repeat("a/", 100_000) + "x.js", nil, 404, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ask(t, playground(bundle(t)), c.method, c.path, c.header)
			if r.StatusCode != c.status {
				t.Errorf("status %d, want %d", r.StatusCode, c.status)
			}
			for field, want := range c.want {
				if got := r.Header.Get(field); got != want {
					t.Errorf("%s: %q, want %q", field, got, want)
				}
			}
			if got := body(t, r); c.body != "" && got != c.body {
				t.Errorf("body %q, want %q", got, c.body)
			}
			holdsSecurityHeaders(t, r)
		})
	}
}

func holdsSecurityHeaders(t *testing.T, r *http.Response) {
	t.Helper()
	for field, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
		if got := r.Header.Get(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	directives := map[string]string{}
	for directive := range strings.SplitSeq(r.Header.Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), " ")
		directives[name] = value
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "connect-src": "'self'", "worker-src": "'self'",
		"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
	} {
		if directives[name] != want {
			t.Errorf("policy %s %q, want %q", name, directives[name], want)
		}
	}
}

func TestPackedAssetUnpacksToTheSame(t *testing.T) {
	t.Parallel()
	r := ask(t, playground(bundle(t)), "GET", "/playground/assets/index-a1.js", http.Header{"Accept-Encoding": {"gzip"}})
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || string(got) != script {
		t.Errorf("%q, %v", got, err)
	}
}

func TestPageRevalidates(t *testing.T) {
	t.Parallel()
	h := playground(bundle(t))
	etag := ask(t, h, "GET", "/playground/", nil).Header.Get("ETag")
	if len(etag) < 10 || etag[0] != '"' {
		t.Fatalf("no strong ETag: %s", etag)
	}
	for name, c := range map[string]struct {
		ifNoneMatch string
		status      int
	}{
		"same":    {etag, http.StatusNotModified},
		"in list": {`"x", W/` + etag, http.StatusNotModified},
		"other":   {`"x"`, http.StatusOK},
	} {
		r := ask(t, h, "GET", "/playground/", http.Header{"If-None-Match": {c.ifNoneMatch}})
		if r.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", name, r.StatusCode, c.status)
		}
		if r.StatusCode == http.StatusNotModified && body(t, r) != "" {
			t.Errorf("%s: 304 with a body", name)
		}
	}
	changed := playground(fstest.MapFS{"dist/index.html": {Data: []byte("another build")}, "dist/licenses.md": {}})
	if got := ask(t, changed, "GET", "/playground/", nil).Header.Get("ETag"); got == etag {
		t.Error("another page has the same ETag")
	}
}

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip": true, "*": true, "identity": false, "gzip;q=0": false,
		"gzip;q=0.000": false, "gzip; Q=0.5": true, "*;q=0": false, "gzip;q=0, *": false, "*, gzip;q=0": false,
		"*;q=0, gzip": true, "gzip;q=x": false, "xgzip": false, ",,;": false,
	} {
		if got := acceptsGzip(field); got != want {
			t.Errorf("%q: %v", field, got)
		}
	}
}

func TestNotBuilt(t *testing.T) {
	t.Parallel()
	h := playground(fstest.MapFS{"dist/.gitkeep": {}})
	for _, path := range []string{"/playground/", "/playground/assets/index-a1.js"} {
		r := ask(t, h, "GET", path, nil)
		page := body(t, r)
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, Cache-Control %q", path, r.StatusCode, r.Header.Get("Cache-Control"))
		}
		for _, want := range []string{"make web", "Der Playground fehlt", "is not part of this build"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page does not say %q", path, want)
			}
		}
		holdsSecurityHeaders(t, r)
	}
}

// The embedded bundle is whole: the page and every file that it names are there, or none of it.
func TestEmbeddedBundle(t *testing.T) {
	t.Parallel()
	h := Playground()
	r := ask(t, h, "GET", "/playground/", nil)
	if r.StatusCode == http.StatusServiceUnavailable {
		t.Log("the bundle is not built here: make web")
		return
	}
	named := 0
	for _, part := range strings.Split(body(t, r), `"./assets/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if got := ask(t, h, "GET", "/playground/assets/"+name, nil); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
		named++
	}
	if named < 2 {
		t.Errorf("the page names %d assets, want a script and a style sheet at least", named)
	}
	if got := body(t, ask(t, h, "GET", "/playground/licenses.md", nil)); !strings.Contains(got, "## graphiql - ") {
		t.Error("the licences of the libraries are missing")
	}
	entries, err := fs.ReadDir(dist, "dist/assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name, packed := strings.CutSuffix(entry.Name(), ".gz")
		if got := ask(t, h, "GET", "/playground/assets/"+name, nil); !packed || got.StatusCode != http.StatusOK {
			t.Errorf("%s is built and cannot be had: %d", entry.Name(), got.StatusCode)
		}
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	list := Examples()
	if len(list) < 17 || list[0].Name != "01-wochenende" || list[0].Title != "Was ist am Wochenende los?" {
		t.Fatalf("%d examples, first %+v", len(list), list[0])
	}
	for _, e := range list {
		if e.Title == "" || !strings.HasPrefix(e.Query, "# "+e.Title+"\n") {
			t.Errorf("%s: no title", e.Name)
		}
		if e.Headers != "" && !strings.Contains(e.Headers, "SCHLUESSEL") {
			t.Errorf("%s: headers %s", e.Name, e.Headers)
		}
		if v := e.VariablesAt(time.Unix(0, 0)); v != "" && (!json.Valid([]byte(v)) || strings.Contains(v, "{{")) {
			t.Errorf("%s: variables %s", e.Name, v)
		}
	}
}

func TestVariablesAt(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("testdata/weekend.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Name, Now, Samstag, Montag string }
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) < 10 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		now, err := time.Parse(time.RFC3339, c.Now)
		if err != nil {
			t.Fatal(err)
		}
		got := Example{Variables: "{{samstag}} {{montag}}"}.VariablesAt(now.In(berlin))
		if want := c.Samstag + " " + c.Montag; got != want {
			t.Errorf("%s: %s, want %s", c.Name, got, want)
		}
	}
}
