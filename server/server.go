// Package server is the HTTP side of Umland: routes, GraphQL over HTTP, event streams and WebSockets, limits, health, metrics, logs.
package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/net/netutil"

	"umland/answers"
	"umland/ent"
)

// Options is what Handler serves, and how.
type Options struct {
	Schema graphql.ExecutableSchema // the whole API, resolvers inside

	// Key finds who a token acts as; nil without an error for one that is unknown, revoked or expired. It is only asked for tokens that
	// auth.Hash takes.
	Key func(ctx context.Context, token string) (*ent.Actor, error)
	// Session finds who a request's cookie acts as, nil for one without; an error that is an *ent.Error is told. May be nil: nobody signs in.
	Session func(r *http.Request) (*ent.Actor, error)
	// Answers keeps answers that the public gets; nil keeps none.
	Answers *answers.Cache
	// Once runs a mutation that carries an Idempotency-Key, see store.Once. May be nil: there are none then.
	Once func(ctx context.Context, actor uuid.UUID, key string, request []byte, do func(context.Context) (answer []byte, keep bool)) ([]byte, error)
	// Mount has what else is served, by the beginning of its path: "/media/". It answers every method.
	Mount map[string]http.Handler

	Ready      func(ctx context.Context) error // nil when the database is reachable and migrated
	Collectors []prometheus.Collector          // of what else is shown in /metrics
	Stats      func() sql.DBStats              // numbers of the connection pool for /metrics; may be nil
	Playground http.Handler                    // for what lies below /playground/; may be nil
	// Pages makes what answers GET and HEAD for every other path, asking the API through query; nil: "/" is a small page that says where
	// to go.
	Pages   func(query Query) http.Handler
	Version string
	Log     zerolog.Logger
	Limits  Limits // DefaultLimits() to start from
}

// Handler serves /graphql, /playground/, /healthz, /readyz and /metrics, and the pages below every other path.
//
// GraphQL answers follow the GraphQL over HTTP specification. A request with the header Umland-Cost (of any value) gets to know what its
// operation cost and what it may cost, as cost and budget in extensions; every field costs 1, or more where its value
// can be large, and what is selected below a list counts once for each of its items (see Limits).
func Handler(o Options) http.Handler {
	gzipped, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(gzip.BestSpeed))
	if err != nil { // the settings are constant
		panic(err)
	}
	m := newMetrics(o.Version, o.Stats)
	if o.Answers != nil {
		m.registry.MustRegister(o.Answers)
	}
	m.registry.MustRegister(o.Collectors...)
	s := &site{Options: o, metrics: m, observed: m.handler()}
	s.api = &api{
		schema: o.Schema, key: o.Key, session: o.Session, once: o.Once, kept: o.Answers, limits: o.Limits, metrics: m,
		documents: newCache[*document](o.Limits.Documents),
		persisted: newCache[string](o.Limits.PersistedQueries),
		slots:     make(chan struct{}, o.Limits.Operations),
		streams:   make(chan struct{}, o.Limits.Streams),
		bodies:    memories{newMemory(o.Limits.Public.Bodies), newMemory(o.Limits.Keyed.Bodies)},
		answers:   memories{newMemory(o.Limits.Public.Memory), newMemory(o.Limits.Keyed.Memory)},
		gzip:      gzipped,
	}
	if o.Pages != nil {
		s.pages = o.Pages(s.api.inside)
	}
	return s.logged(http.HandlerFunc(s.route))
}

type site struct {
	Options
	api      *api
	metrics  *metrics
	observed http.Handler
	pages    http.Handler // nil for none
}

func (s *site) route(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	defer func() {
		if value := recover(); value != nil {
			if value == http.ErrAbortHandler {
				panic(value)
			}
			_ = recovered(r.Context(), value)
			if cw, ok := w.(*countingWriter); ok && cw.status != 0 {
				panic(http.ErrAbortHandler) // the answer has begun: only closing the connection says that it is not whole
			}
			page(w, r, http.StatusInternalServerError, ourFault)
		}
	}()
	if r.URL.Path == "/graphql" {
		s.api.ServeHTTP(w, r)
		return
	}
	for prefix, handler := range s.Mount {
		if strings.HasPrefix(r.URL.Path, prefix) {
			handler.ServeHTTP(w, r)
			return
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		page(w, r, http.StatusMethodNotAllowed, "Only GET and HEAD are allowed here.")
		return
	}
	switch path := r.URL.Path; {
	case path == "/" && s.pages == nil:
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, strings.Replace(home, "VERSION", html.EscapeString(s.Version), 1))
	case path == "/playground" && s.Playground != nil:
		http.Redirect(w, r, "/playground/", http.StatusPermanentRedirect)
	case strings.HasPrefix(path, "/playground/") && s.Playground != nil:
		s.Playground.ServeHTTP(w, r)
	case path == "/healthz":
		page(w, r, http.StatusOK, "alive")
	case path == "/readyz":
		s.ready(w, r)
	case path == "/metrics":
		h.Set("Cache-Control", "no-store")
		s.observed.ServeHTTP(w, r)
	case s.pages != nil:
		s.pages.ServeHTTP(w, r)
	default:
		page(w, r, http.StatusNotFound, "There is nothing here.")
	}
}

func (s *site) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		s.Log.Warn().Err(err).Msg("not ready")
		page(w, r, http.StatusServiceUnavailable, "not ready")
		return
	}
	page(w, r, http.StatusOK, "ready")
}

// page answers with one sentence: as JSON for a program that wants it, else as text.
func page(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	body := sentence + "\n"
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if strings.Contains(r.Header.Get("Accept"), mediaJSON) {
		h.Set("Content-Type", mediaJSON)
		body = fmt.Sprintf("{\"message\":%q}\n", sentence) // our own sentences: plain ASCII
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

const home = `<!doctype html>
<html lang="de">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Umland</title>
<style>body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }</style>
<h1>Umland</h1>
<p>Was es auf dem Land gibt, an einer Stelle: Leistungen der Verwaltung, Orte, Veranstaltungen, Gruppen, Touren und Ehrenamt.</p>
<ul>
<li><a href="/playground/">Abfragen ausprobieren</a>, mit Beispielen</li>
<li>Die Schnittstelle für Programme (GraphQL): <code>/graphql</code></li>
<li><a href="/graphql?query=%7Bcredits%7Btext%20licence%20url%7D%7D">Woher die Daten kommen</a></li>
</ul>
<div lang="en">
<p>What there is in the country, in one place: public services, places, events, groups, tours and volunteering.</p>
<ul>
<li><a href="/playground/">Try queries</a>, with examples</li>
<li>The interface for programs (GraphQL): <code>/graphql</code></li>
<li><a href="/graphql?query=%7Bcredits%7Btext%20licence%20url%7D%7D">Where the data comes from</a></li>
</ul>
</div>
<p><small>Umland VERSION</small></p>
</html>
`

// shutdown is how Serve tells open streams that the server stops, and learns that they have ended.
type shutdown struct {
	stop    chan struct{}
	sockets sync.WaitGroup
}

type shutdownKey struct{}

// stopping is closed when the server begins to stop; nil outside of Serve.
func stopping(ctx context.Context) <-chan struct{} {
	if s, ok := ctx.Value(shutdownKey{}).(*shutdown); ok {
		return s.stop
	}
	return nil
}

// leaving says that a connection is held that http.Server does not know of any more; left, that it is not held any longer.
func leaving(ctx context.Context) (left func()) {
	if s, ok := ctx.Value(shutdownKey{}).(*shutdown); ok {
		s.sockets.Add(1)
		return s.sockets.Done
	}
	return func() {}
}

// Serve answers on l until ctx ends, then lets running requests end (for up to limits.DrainTime) and closes WebSockets with 1001.
// It closes l. The error is nil after a stop in good order.
func Serve(ctx context.Context, l net.Listener, h http.Handler, limits Limits, logger zerolog.Logger) error {
	state := &shutdown{stop: make(chan struct{})}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: limits.HeaderTime,
		ReadTimeout:       limits.BodyTime,  // /graphql sets its own
		WriteTimeout:      limits.WriteTime, // from the end of the header; /graphql sets its own
		IdleTimeout:       limits.IdleTime,
		MaxHeaderBytes:    64 << 10,
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), shutdownKey{}, state)
		},
		ErrorLog: log.New(lines{logger}, "", 0),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(netutil.LimitListener(l, limits.Connections)) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	close(state.stop)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limits.DrainTime)
	defer cancel()
	err := srv.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, srv.Close())
	}
	ended := make(chan struct{})
	go func() {
		state.sockets.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return err
	case <-ctx.Done():
		return errors.Join(err, ctx.Err())
	}
}

// lines takes what net/http has to say, which is mostly about what clients do wrong.
type lines struct{ log zerolog.Logger }

func (l lines) Write(b []byte) (int, error) {
	l.log.Debug().Msg(shorten(strings.TrimSpace(string(b)), 500))
	return len(b), nil
}
