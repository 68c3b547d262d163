package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"umland/ent"
)

// record is what one request, or one operation on a WebSocket, leaves in the log. It never holds variables, tokens or query text.
type record struct {
	id  string
	log zerolog.Logger

	mu              sync.Mutex
	operation, kind string
	cost            int
	codes           []string // of its errors, up to 5 different ones
	key             string   // its id
}

type recordKey struct{}

func withRecord(ctx context.Context, rec *record) context.Context {
	return context.WithValue(ctx, recordKey{}, rec)
}

// recordOf gives the request's record; one that nobody reads where there is none.
func recordOf(ctx context.Context) *record {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		return rec
	}
	return &record{log: zerolog.Nop()}
}

func (rec *record) actsAs(actor *ent.Actor) {
	if actor != nil {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		rec.key = actor.LogID()
	}
}

func (rec *record) runs(operation, kind string, cost int) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.operation, rec.kind, rec.cost = operation, kind, cost
}

func (rec *record) failed(errs gqlerror.List) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	for _, err := range errs {
		code := codeOf(err)
		known := false
		for _, c := range rec.codes {
			known = known || c == code
		}
		if !known && len(rec.codes) < 5 {
			rec.codes = append(rec.codes, code)
		}
	}
}

// end writes the line.
func (rec *record) end(event *zerolog.Event, start time.Time, message string) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	event = event.Str("request", rec.id).Dur("ms", time.Since(start))
	if rec.kind != "" {
		event = event.Str("kind", rec.kind).Str("operation", rec.operation).Int("cost", rec.cost)
	}
	if rec.key != "" {
		event = event.Str("key", rec.key)
	}
	if len(rec.codes) > 0 {
		event = event.Strs("errors", rec.codes)
	}
	event.Msg(message)
}

func codeOf(err *gqlerror.Error) string {
	code, _ := err.Extensions["code"].(string)
	return code
}

// logged gives each request its id and writes one line when it has ended; those of the machines that watch over this one only at
// debug level.
func (s *site) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &record{id: requestID(r), log: s.Log}
		w.Header().Set("X-Request-Id", rec.id)
		cw := &countingWriter{ResponseWriter: w}
		defer func() {
			event := s.Log.Info()
			switch r.URL.Path {
			case "/healthz", "/readyz", "/metrics":
				event = s.Log.Debug()
			}
			s.metrics.answered(cw.code())
			rec.end(event.Str("method", shorten(r.Method, 20)).Str("path", shorten(r.URL.Path, 200)).
				Int("status", cw.code()).Int64("bytes", cw.bytes), start, "request")
		}()
		next.ServeHTTP(cw, r.WithContext(withRecord(r.Context(), rec)))
	})
}

// requestID takes the caller's, so that one request can be followed through proxies, where it is harmless; else it makes a UUID v7.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	ok := id != "" && len(id) <= 64
	for i := 0; ok && i < len(id); i++ {
		c := id[i]
		ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	if ok {
		return id
	}
	return uuid.Must(uuid.NewV7()).String() // fails only without a source of randomness, which Go does not survive either
}

// countingWriter knows what was answered.
type countingWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap is for http.ResponseController.
func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *countingWriter) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *countingWriter) Write(b []byte) (int, error) {
	w.status = w.code()
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

func (w *countingWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
