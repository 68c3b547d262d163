package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"umland/answers"
	"umland/auth"
	"umland/ent"
)

const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
	mediaEvents  = "text/event-stream"
)

// refusal is a request error that has an HTTP status of its own.
type refusal struct {
	status int
	err    *gqlerror.Error
	header [2]string // set as well, unless empty
}

func refuse(status int, code ent.Code, format string, args ...any) *refusal {
	return &refusal{status: status, err: fault(code, format, args...)}
}

// busy is answered with 429, as the request may be sent again.
func busy() *refusal {
	r := refuse(http.StatusTooManyRequests, codeBusy, "Too much is going on at the moment. Please try again in a few seconds.")
	r.header = [2]string{"Retry-After", "2"}
	return r
}

// closing ends the connection, which has more of the request on it than will be read.
func (r *refusal) closing() *refusal {
	r.header = [2]string{"Connection", "close"}
	return r
}

// ServeHTTP answers /graphql: queries by GET, everything by POST, event streams, and WebSockets.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	// Any page may ask: what the public sees is public, and there are no cookies that a foreign page could make use of. A key is only
	// ever sent by a script that holds it.
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After")
	h.Set("Cache-Control", "no-store")
	// What runs has a time limit of its own; the body gets one when it is read, and the answer when it is written.
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Time{})
	_ = rc.SetWriteDeadline(time.Time{})

	switch {
	case r.Method == http.MethodOptions:
		h.Set("Allow", "GET, POST, OPTIONS")
		h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Umland-Cost, X-Request-Id")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		no := refuse(http.StatusMethodNotAllowed, codeMethod, "Use GET or POST.")
		no.header = [2]string{"Allow", "GET, POST, OPTIONS"}
		a.refuse(w, r, no)
	case hasToken(r.Header.Values("Upgrade"), "websocket"): // others, such as h2c, a server may ignore (RFC 9110 §7.8)
		a.socket(w, r)
	case strings.Contains(r.Header.Get("Accept"), mediaEvents):
		a.events(w, r)
	default:
		a.plain(w, r)
	}
}

// plain answers with one response.
func (a *api) plain(w http.ResponseWriter, r *http.Request) {
	in, no := a.receive(w, r)
	if no != nil {
		a.refuse(w, r, no)
		return
	}
	key, keepable := a.keyOf(r, in)
	if keepable {
		if kept := a.kept.Get(in.ctx, key); kept != nil {
			in.release()
			recordOf(in.ctx).runs(kept.Operation, "query", kept.Cost)
			a.writeKept(w, r, kept)
			return
		}
	}
	p, end, no := a.admit(r, in)
	if no != nil {
		a.refuse(w, r, no)
		return
	}
	defer end()
	ctx := in.ctx
	op, errs := a.prepare(ctx, p)
	var keep func(*answers.Answer)
	if keepable && errs == nil && op.Operation.Operation == ast.Query {
		if watched, k := a.kept.Watch(ctx, key); k != nil {
			ctx, keep = watched, k
		}
	}
	var resp *graphql.Response
	status := http.StatusOK
	var extensions map[string]any
	switch {
	case errs != nil:
		resp = &graphql.Response{Errors: errs}
		if codeOf(errs[0]) == string(codeBadRequest) || negotiate(r) == mediaGraphQL {
			status = http.StatusBadRequest
		}
		recordOf(ctx).failed(errs)
		a.metrics.refused()
	case op.Operation.Operation == ast.Subscription:
		no = refuse(http.StatusBadRequest, codeBadRequest, "A subscription needs a WebSocket, or Accept: text/event-stream.")
	case op.Operation.Operation != ast.Query && r.Method == http.MethodGet:
		no = refuse(http.StatusMethodNotAllowed, codeMethod, "A mutation must be sent by POST.")
		no.header = [2]string{"Allow", "POST"}
	default:
		if resp, no = a.runOnce(ctx, op, p, r.Header.Values("Idempotency-Key")); no != nil {
			break
		}
		if r.Header.Get("Umland-Cost") != "" {
			extensions = map[string]any{"cost": op.cost, "budget": op.budget}
		}
	}
	if no != nil {
		end()
		a.refuse(w, r, no)
		return
	}
	body := answer(resp, extensions)
	if keepable && op != nil && op.Operation.Operation == ast.Query && len(resp.Errors) == 0 && (keep != nil || r.Method == http.MethodGet) {
		whole := answers.NewAnswer(bytes.Join(body, nil), op.Operation.Name, op.cost)
		if keep != nil {
			keep(whole)
		}
		end()
		a.writeKept(w, r, whole)
		return
	}
	// Clients that do not take their large answers must not keep the others from working, so a query is to be sent again; what a
	// mutation has done is told.
	release, ok := a.hold(ctx, body.size(), op != nil && op.Operation.Operation == ast.Mutation)
	end() // not before: answers that wait take memory
	if !ok {
		a.refuse(w, r, busy())
		return
	}
	defer release()
	a.write(w, r, status, body)
}

// refuse answers with a request error.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, no *refusal) {
	if no.header[0] != "" {
		w.Header().Set(no.header[0], no.header[1])
	}
	errs := gqlerror.List{no.err}
	recordOf(r.Context()).failed(errs)
	a.metrics.refused()
	a.drain(w, r)
	a.write(w, r, no.status, answer(&graphql.Response{Errors: errs}, nil))
}

func (a *api) write(w http.ResponseWriter, r *http.Request, status int, b body) {
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(a.limits.ReadTime)) // for what is left of a body
	_ = rc.SetWriteDeadline(time.Now().Add(a.limits.WriteTime))
	a.gzip(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		w.Header().Set("Content-Type", negotiate(r)+"; charset=utf-8")
		w.WriteHeader(status)
		for _, piece := range b {
			_, _ = w.Write(piece) // the client is gone: nobody is left to tell
		}
	}))(w, r)
}

// negotiate gives the media type of the answer, application/json where nothing else is wanted more.
func negotiate(r *http.Request) string {
	best, weight := mediaJSON, 0.0
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		media, p, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if s, ok := p["q"]; ok {
			if q, err = strconv.ParseFloat(s, 64); err != nil {
				continue
			}
		}
		switch media {
		case "*/*", "application/*":
			media = mediaJSON
		case mediaJSON, mediaGraphQL:
		default:
			continue
		}
		if q > weight {
			best, weight = media, q
		}
	}
	return best
}

// received is a request that was read and not yet looked into.
type received struct {
	ctx     context.Context // with whom it acts as
	body    []byte
	release func() // gives back the memory that the body takes
}

// receive reads a request, and whom it acts as.
func (a *api) receive(w http.ResponseWriter, r *http.Request) (in received, no *refusal) {
	in = received{ctx: r.Context(), release: func() {}}
	actor, no := a.actor(r)
	if no != nil {
		return in, no
	}
	if actor != nil {
		in.ctx = auth.With(in.ctx, actor)
		recordOf(in.ctx).actsAs(actor)
	}
	if r.Method == http.MethodPost {
		in.body, in.release, no = a.body(in.ctx, w, r, a.limits.of(actor))
	}
	return in, no
}

// admit gives the request a place to work in, and reads what it asks. end must be called when the work is done.
func (a *api) admit(r *http.Request, in received) (p *params, end func(), no *refusal) {
	end, ok := a.begin(in.ctx, in.release)
	if !ok {
		return nil, nil, busy()
	}
	size := a.limits.of(auth.From(in.ctx))
	var err *gqlerror.Error
	if r.Method == http.MethodPost {
		p, err = decode(in.body, a.limits.Nesting, size)
	} else {
		p, err = decodeURL(r.URL.RawQuery, a.limits.Nesting, size)
	}
	if err != nil {
		end()
		return nil, nil, &refusal{status: http.StatusBadRequest, err: err}
	}
	return p, end, nil
}

func decodeURL(raw string, nesting int, size *Size) (*params, *gqlerror.Error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fault(codeBadRequest, "The address is not well-formed.")
	}
	p := &params{query: values.Get("query"), operation: values.Get("operationName")}
	for _, name := range []string{"variables", "extensions"} {
		if raw := values.Get(name); !isNull(json.RawMessage(raw)) {
			if _, err := decodeObject([]byte(raw), name, nesting, size); err != nil {
				return nil, err
			}
		}
	}
	return p, p.decode(json.RawMessage(strings.TrimSpace(values.Get("variables"))), json.RawMessage(strings.TrimSpace(values.Get("extensions"))))
}

// actor finds who a request acts as: by its token, else by its session. A session counts only for requests from our own pages, so that no other
// page can act with the cookie of who looks at it.
func (a *api) actor(r *http.Request) (*ent.Actor, *refusal) {
	if header := r.Header.Values("Authorization"); len(header) > 0 || a.session == nil {
		return a.authenticate(r.Context(), header)
	}
	actor, err := a.session(r)
	switch safe := (*ent.Error)(nil); {
	case errors.As(err, &safe) && safe.Err == nil:
		return nil, refuse(http.StatusUnauthorized, safe.Code, "%s", safe.Message)
	case err != nil:
		return nil, a.noStore(r.Context(), err)
	case actor != nil && !sameOrigin(r):
		return nil, refuse(http.StatusForbidden, codeForbidden, "A session acts for pages of this server only. Programs and other pages use an API key.")
	}
	return actor, nil
}

// sameOrigin tells whether a page of this server sent the request, as far as the browser says (Fetch Metadata, else Origin). What a browser
// sends without either, it sends for nobody else.
func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// noStore is the one GraphQL answer of 500 or more: whether the request is allowed cannot be known without the database.
func (a *api) noStore(ctx context.Context, err error) *refusal {
	rec := recordOf(ctx)
	rec.log.Error().Str("request", rec.id).Err(err).Msg("a key could not be looked up")
	no := refuse(http.StatusServiceUnavailable, codeUnavailable, noStore)
	no.header = [2]string{"Retry-After", "5"}
	return no
}

// authenticate finds the key of a request. A token that is not good for anything is refused, never taken for the public's lack of one.
func (a *api) authenticate(ctx context.Context, header []string) (*ent.Actor, *refusal) {
	if len(header) == 0 {
		return nil, nil
	}
	unknown := refuse(http.StatusUnauthorized, codeUnauthenticated, "The API key is not valid: it is unknown, revoked or expired. It belongs into the header Authorization: Bearer …")
	unknown.header = [2]string{"WWW-Authenticate", `Bearer realm="Umland"`}
	scheme, token, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return nil, unknown
	}
	token = strings.TrimSpace(token)
	if _, ok := auth.Hash(token); !ok {
		return nil, unknown
	}
	ctx, cancel := context.WithTimeout(ctx, a.limits.Wait)
	defer cancel()
	key, err := a.key(ctx, token)
	if err != nil {
		return nil, a.noStore(ctx, err)
	}
	if key == nil {
		return nil, unknown
	}
	return key, nil
}

// body reads a POST's body. release gives back the memory that it and what is decoded from it take.
func (a *api) body(ctx context.Context, w http.ResponseWriter, r *http.Request, size *Size) (body []byte, release func(), no *refusal) {
	media, p, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := p["charset"]
	encoding := r.Header.Get("Content-Encoding")
	if err != nil || media != mediaJSON || charset != "" && !strings.EqualFold(charset, "utf-8") || encoding != "" && encoding != "identity" {
		// Forms and plain text are what a foreign page can send without asking first: they never get through.
		return nil, nil, refuse(http.StatusUnsupportedMediaType, codeMediaType, "Send JSON, in UTF-8, with Content-Type: application/json.")
	}
	tooLarge := &refusal{status: http.StatusRequestEntityTooLarge,
		err: exceeded("body", size.Body, "The body is larger than %d bytes, which is the most.", size.Body)}
	if r.ContentLength > size.Body {
		return nil, nil, tooLarge
	}
	rc := http.NewResponseController(w)
	defer func() { _ = rc.SetReadDeadline(time.Time{}) }()
	src := a.patient(r.Body, func(deadline time.Time) error {
		if err := rc.SetReadDeadline(deadline); !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		return nil
	})
	body, release, err = a.readAll(ctx, src, r.ContentLength, size.Body)
	switch {
	case err == nil:
		return body, release, nil
	case errors.Is(err, errTooLarge):
		return nil, nil, tooLarge
	case errors.Is(err, errBusy):
		return nil, nil, busy()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, nil, refuse(http.StatusRequestTimeout, codeBadRequest, "The body did not arrive in time.").closing()
	}
	return nil, nil, refuse(http.StatusBadRequest, codeBadRequest, "The body could not be read.").closing()
}

var (
	errTooLarge = errors.New("too large")
	errBusy     = errors.New("busy")
)

// readAll reads up to most bytes: a few at once, more when memory is free for them, and never more of it than for twice what has
// arrived. length is how many are said to come, -1 when nobody said.
func (a *api) readAll(ctx context.Context, src io.Reader, length, most int64) (b []byte, release func(), err error) {
	if length < 0 {
		length = most
	}
	bodies := a.bodies.of(ctx)
	held := int64(0)
	release = func() { bodies.Release(held) }
	fail := func(err error) ([]byte, func(), error) {
		release()
		return nil, func() {}, err
	}
	b = make([]byte, 0, min(unheld, length+1)) // the one more is for the end to be seen, or that there is more
	for {
		if len(b) == cap(b) {
			size := min(2*int64(cap(b)), most+1)
			if int64(cap(b)) <= length {
				size = min(size, length+1)
			}
			more := min(3*size, bodies.most) - held // it, a copy of it on the way, and what is decoded from it
			if more > 0 && !bodies.take(ctx, more, a.limits.Wait) {
				return fail(errBusy)
			}
			held += more
			b = append(make([]byte, 0, size), b...)
		}
		n, err := src.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) > most:
			return fail(errTooLarge)
		case errors.Is(err, io.EOF):
			return b, release, nil
		case err != nil:
			return fail(err)
		}
	}
}

// drain reads on for a while: closing a connection while the client is still sending can lose the answer on its way.
func (a *api) drain(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Expect") != "" {
		return // the client waits to be told to send
	}
	if http.NewResponseController(w).SetReadDeadline(time.Now().Add(min(a.limits.ReadTime, 2*time.Second))) == nil {
		_, _ = io.CopyN(io.Discard, r.Body, 16<<20)
	}
}

// patientReader gives up on a body that stands still, that comes too slowly, or that takes too long in all.
type patientReader struct {
	r      io.Reader
	until  func(time.Time) error // makes reading end then
	limits *Limits
	start  time.Time
	read   int64
}

func (a *api) patient(r io.Reader, until func(time.Time) error) *patientReader {
	return &patientReader{r: r, until: until, limits: &a.limits, start: time.Now()}
}

func (p *patientReader) Read(b []byte) (int, error) {
	l := p.limits
	paid := min(float64(p.read)/float64(max(l.BodyRate, 1)), l.BodyTime.Seconds()) // for so many seconds
	deadline := p.start.Add(l.BodyTime)
	for _, d := range []time.Time{time.Now().Add(l.ReadTime), p.start.Add(l.ReadTime + time.Duration(paid*float64(time.Second)))} {
		if d.Before(deadline) {
			deadline = d
		}
	}
	if err := p.until(deadline); err != nil {
		return 0, err
	}
	n, err := p.r.Read(b)
	p.read += int64(n)
	return n, err
}

// hasToken says whether a header that is a list holds the token, in any case.
func hasToken(header []string, token string) bool {
	for part := range strings.SplitSeq(strings.Join(header, ","), ",") {
		if strings.EqualFold(strings.TrimSpace(part), token) {
			return true
		}
	}
	return false
}

// events answers with a stream of events (graphql-sse, distinct connections mode), also to what has a single response.
func (a *api) events(w http.ResponseWriter, r *http.Request) {
	select {
	case a.streams <- struct{}{}:
		defer func() { <-a.streams }()
	default:
		a.refuse(w, r, busy())
		return
	}
	open := a.metrics.streams.WithLabelValues("sse")
	open.Inc()
	defer open.Dec()

	in, no := a.receive(w, r)
	if no != nil {
		a.refuse(w, r, no)
		return
	}
	ctx := in.ctx
	p, end, no := a.admit(r, in)
	if no != nil {
		a.refuse(w, r, no)
		return
	}
	op, errs := a.prepare(ctx, p)
	if errs == nil && op.Operation.Operation == ast.Mutation && r.Method == http.MethodGet {
		end()
		no = refuse(http.StatusMethodNotAllowed, codeMethod, "A mutation must be sent by POST.")
		no.header = [2]string{"Allow", "POST"}
		a.refuse(w, r, no)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	responses := make(chan *graphql.Response)
	send := func(resp *graphql.Response) bool {
		select {
		case responses <- resp:
			return true
		case <-ctx.Done():
			return false
		}
	}
	go func() {
		defer close(responses)
		a.perform(ctx, op, errs, end, send)
	}()

	h := w.Header()
	h.Set("Content-Type", mediaEvents+"; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // nginx would collect the events
	rc := http.NewResponseController(w)
	emit := func(text string) bool {
		_ = rc.SetWriteDeadline(time.Now().Add(a.limits.WriteTime))
		_, err := io.WriteString(w, text)
		return err == nil && rc.Flush() == nil
	}
	ping := time.NewTicker(a.limits.PingTime)
	defer ping.Stop()
	stop := stopping(ctx)
	for ok := emit(":\n\n"); ok; {
		select {
		case resp, more := <-responses:
			if !more {
				emit("event: complete\ndata:\n\n")
				return
			}
			b := answer(resp, nil)
			release, free := a.hold(ctx, 2*b.size(), op != nil && op.Operation.Operation == ast.Mutation) // as in plain
			if !free {
				b, release = answer(&graphql.Response{Errors: gqlerror.List{busy().err}}, nil), func() {}
			}
			ok = emit("event: next\ndata: " + string(bytes.Join(b, nil)) + "\n\n") // JSON has no line breaks
			release()
		case <-ping.C:
			ok = emit(":\n\n")
		case <-stop:
			return
		}
	}
}

// perform answers an operation of a stream, or with the errors for which there is none. A subscription gives its place to work in back
// at once: it waits most of the time.
func (a *api) perform(ctx context.Context, op *operation, errs gqlerror.List, end func(), send func(*graphql.Response) bool) {
	switch {
	case errs != nil:
		end()
		recordOf(ctx).failed(errs)
		a.metrics.refused()
		send(&graphql.Response{Errors: errs})
	case op.Operation.Operation == ast.Subscription:
		end()
		a.stream(ctx, op, send)
	default:
		resp := a.run(ctx, op)
		end()
		send(resp)
	}
}
