package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

//go:embed static
var staticFiles embed.FS

// static holds the files of static/ under names that change with what is in them.
type static struct {
	names map[string]string // by its name, as umland.css → umland-1a2b3c4d.css
	files map[string][]byte // by the name that changes
}

func loadStatic() (*static, error) {
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, err
	}
	s := &static{map[string]string{}, map[string][]byte{}}
	for _, e := range entries {
		b, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext) + "-" + hex.EncodeToString(sum[:4]) + ext
		s.names[e.Name()], s.files[name] = name, b
	}
	return s, nil
}

func (s *static) url(name string) string { return "/assets/" + s.names[name] }

// asset answers below /assets/.
func (s *site) asset(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", s.policy+"'none'") // for the map's worker, which has its own
	name := strings.TrimPrefix(r.URL.Path, "/assets/")
	b, ok := s.static.files[name]
	if !ok && s.Assets != nil {
		s.Assets.ServeHTTP(w, r)
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Access-Control-Allow-Origin", "*") // for what is embedded in other websites
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}

// embed answers /embed.js, whose name stays.
func (s *static) embed(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("ETag", `"`+s.names["embed.js"]+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.files[s.names["embed.js"]]))
}

// fragment is how the playground takes a query and its variables from an address, see web/src/share.ts.
func fragment(query, variables string) string {
	b, err := json.Marshal([]string{query, variables})
	if err != nil {
		return ""
	}
	return "#q=" + base64.RawURLEncoding.EncodeToString(b)
}

// originOf gives the origin of an https address.
func originOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.ContainsAny(u.Host, " ;,'\"") {
		return "", errors.New("must begin with https:// and a host")
	}
	return u.Scheme + "://" + u.Host, nil
}
