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

// Editor gives the address of the built script of the editor, "" where the bundle was not built; it lies beside the explorer's.
func Editor() string { return built(dist, "src/redaktion/main.tsx") }

func explorer(files fs.FS) (script string, assets http.Handler) {
	assets = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/assets/")
		if path.Dir(name) != "." {
			http.NotFound(w, r)
			return
		}
		serveFile(w, r, files, "dist/explorer/"+name+".gz")
	})
	return built(files, "src/explorer/main.ts"), assets
}

// built gives the address of what was made of a source.
func built(files fs.FS, source string) string {
	b, err := fs.ReadFile(files, "dist/explorer/manifest.json")
	if err != nil {
		return ""
	}
	var manifest map[string]struct{ File string }
	if json.Unmarshal(b, &manifest) != nil || manifest[source].File == "" {
		return ""
	}
	return "/assets/" + manifest[source].File
}
