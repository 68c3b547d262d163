package media

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"umland/ent"
)

const immutable = "public, max-age=31536000, immutable"

// Serve answers GET and HEAD below Path from a store. failed is told of what goes wrong with the store.
func Serve(store Store, failed func(context.Context, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'")
		// The pictures are public, and apps show them on their own pages.
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			answerError(w, &ent.Error{Code: codeMethod, Message: "Use GET or HEAD."})
			return
		}
		path, below := strings.CutPrefix(r.URL.Path, Path+"/")
		n, ok := parseName(path)
		if !below || !ok {
			answerError(w, &ent.Error{Code: codeNotFound, Message: "There is no such picture."})
			return
		}
		file, err := store.Get(r.Context(), path)
		if errors.Is(err, fs.ErrNotExist) {
			answerError(w, &ent.Error{Code: codeNotFound, Message: "There is no such picture."})
			return
		}
		if err != nil {
			failed(r.Context(), err)
			answerError(w, &ent.Error{Code: ent.CodeUnavailable, Message: "The pictures cannot be reached at the moment. Please try again later."})
			return
		}
		defer file.Close()
		h.Set("Content-Type", contentType(n.ext))
		h.Set("Cache-Control", immutable)
		h.Set("ETag", `"`+path+`"`)
		http.ServeContent(w, r, "", time.Time{}, file)
	})
}
