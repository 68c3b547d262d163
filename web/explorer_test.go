package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func TestExplorerAnswers(t *testing.T) {
	t.Parallel()
	packed := bundle(t).(fstest.MapFS)["dist/assets/index-a1.js.gz"].Data
	files := fstest.MapFS{
		"dist/explorer/manifest.json":      {Data: []byte(`{"src/explorer/main.ts": {"file": "main-a1.js", "isEntry": true}}`)},
		"dist/explorer/main-a1.js.gz":      {Data: packed},
		"dist/explorer/worker-a1.mjs.gz":   {Data: packed},
		"dist/explorer/odd-a1.exe.gz":      {Data: packed},
		"dist/explorer/deep/main-a1.js.gz": {Data: packed},
	}
	address, assets := explorer(files)
	if address != "/assets/main-a1.js" {
		t.Errorf("the script is %q", address)
	}
	for path, status := range map[string]int{
		"/assets/main-a1.js": 200, "/assets/worker-a1.mjs": 200, "/assets/odd-a1.exe": 404, "/assets/deep/main-a1.js": 404, "/assets/manifest.json": 404,
		"/assets/../explorer/main-a1.js": 404, "/assets/": 404,
	} {
		r := httptest.NewRequest(http.MethodGet, "/assets/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		assets.ServeHTTP(w, r)
		if w.Code != status || status == 200 && (w.Body.String() != script || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

func TestExplorerNotBuilt(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"nothing": {}, "no manifest to read": {"dist/explorer/manifest.json": {Data: []byte("{")}}, "another": {"dist/explorer/manifest.json": {Data: []byte("{}")}},
	} {
		if address, assets := explorer(files); address != "" || assets == nil {
			t.Errorf("%s: %q", name, address)
		}
	}
}
