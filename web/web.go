// Package web holds what a browser sees: the sources and the built bundle of the playground, and
// the example queries that it opens with.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// dist is the outcome of `npm run build`: index.html, licenses.md, and the files below assets as NAME.gz only; below explorer the
// manifest of the explorer's script, and its files as NAME.gz.
// A fresh clone has nothing but a placeholder in it.
//
//go:embed all:dist
var dist embed.FS

// policy lets the page talk to its own origin only. GraphiQL and Monaco write style attributes,
// and GraphiQL's style sheet carries its fonts as data URLs.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"connect-src 'self'; worker-src 'self'; img-src 'self' data:; font-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Playground answers GET and HEAD below /playground/ with the GraphQL playground. Mount it there
// with the prefix left on the path. It makes no request to another host and no page may frame it.
// The page is revalidated by ETag; its assets never change under their name and are cached for a
// year. Where the bundle was not built, the page answers 503 and says how to build it.
func Playground() http.Handler { return playground(dist) }

func playground(files fs.FS) http.Handler {
	index, err := fs.ReadFile(files, "dist/index.html")
	if err != nil {
		return secured(notBuilt)
	}
	// The libraries' licences ask that their text goes with every copy, so a bundle has it or is none.
	licenses, err := fs.ReadFile(files, "dist/licenses.md")
	if err != nil {
		return secured(notBuilt)
	}
	pages := map[string]http.HandlerFunc{
		"/playground/":            revalidated(index, "text/html; charset=utf-8"),
		"/playground/licenses.md": revalidated(licenses, "text/plain; charset=utf-8"),
	}
	return secured(func(w http.ResponseWriter, r *http.Request) {
		if page, ok := pages[r.URL.Path]; ok {
			page(w, r)
		} else if name, ok := strings.CutPrefix(r.URL.Path, "/playground/assets/"); ok {
			serveAsset(w, r, files, name)
		} else {
			http.NotFound(w, r)
		}
	})
}

// revalidated answers with content that a client asks for anew, by ETag, each time that it shows it.
func revalidated(content []byte, mediaType string) http.HandlerFunc {
	sum := sha256.Sum256(content)
	etag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

// secured sets the headers that every answer has and refuses what does not read.
func secured(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		next(w, r)
	})
}

// serveAsset sends the stored gzip of the playground as it is, and unpacks it for the rare client that takes none.
func serveAsset(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	// The assets lie in one flat folder.
	if strings.Contains(name, "/") {
		http.NotFound(w, r)
		return
	}
	serveFile(w, r, files, "dist/assets/"+name+".gz")
}

// serveFile sends a file that never changes under its name; fs.FS refuses every path that is not clean.
func serveFile(w http.ResponseWriter, r *http.Request, files fs.FS, file string) {
	mediaType := mediaType(path.Ext(strings.TrimSuffix(file, ".gz")))
	packed, err := fs.ReadFile(files, file)
	if err != nil || mediaType == "" {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(packed)))
		_, _ = w.Write(packed) // the client is gone: nobody is left to tell
		return
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		http.Error(w, "asset is damaged", http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, unpacked)
}

// mediaType knows the files that a build makes; "" for any other.
func mediaType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".ttf":
		return "font/ttf"
	}
	return ""
}

// acceptsGzip reads an Accept-Encoding field (RFC 9110, 12.5.3); a coding with weight 0 is refused.
func acceptsGzip(field string) bool {
	any := false
	for element := range strings.SplitSeq(field, ",") {
		coding, weight, _ := strings.Cut(element, ";")
		weight = strings.ReplaceAll(strings.ToLower(weight), " ", "")
		q, err := strconv.ParseFloat(strings.TrimPrefix(weight, "q="), 64)
		wanted := weight == "" || err == nil && q > 0
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return wanted
		case "*":
			any = wanted
		}
	}
	return any
}

func notBuilt(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, notBuiltPage)
}

const notBuiltPage = `<!doctype html>
<html lang="de">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Umland Playground</title>
<style>body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }</style>
<h1>Der Playground fehlt in diesem Programm</h1>
<p>Er wird aus den Quellen in <code>web/</code> gebaut. Mit Node.js ab 20.19 im Projektordner:</p>
<pre>make web</pre>
<p>Danach das Programm neu bauen und starten. Alles andere läuft, auch die Schnittstelle unter <code>/graphql</code>.</p>
<div lang="en">
<h2>The playground is not part of this build</h2>
<p>It is built from the sources in <code>web/</code>. With Node.js 20.19 or later, run <code>make web</code> in the
project folder, then build and start the program again. Everything else works, the API at <code>/graphql</code> too.</p>
</div>
</html>
`
