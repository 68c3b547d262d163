package web

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Explorer gives the built script of the explorer: its address below /assets/, and what answers there. The address is "" where the bundle
// was not built.
func Explorer() (script string, assets http.Handler) { return explorer(dist) }

func explorer(files fs.FS) (script string, assets http.Handler) {
	assets = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/assets/")
		if path.Dir(name) != "." {
			http.NotFound(w, r)
			return
		}
		serveFile(w, r, files, "dist/explorer/"+name+".gz")
	})
	b, err := fs.ReadFile(files, "dist/explorer/manifest.json")
	if err != nil {
		return "", assets
	}
	var manifest map[string]struct{ File string }
	if json.Unmarshal(b, &manifest) != nil || manifest["src/explorer/main.ts"].File == "" {
		return "", assets
	}
	return "/assets/" + manifest["src/explorer/main.ts"].File, assets
}
