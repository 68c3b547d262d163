package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"umland/auth"
)

const subprotocol = "graphql-transport-ws"

// The close codes of graphql-transport-ws.
const (
	closeBadRequest   websocket.StatusCode = 4400
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeInitTimeout  websocket.StatusCode = 4408
	closeDuplicate    websocket.StatusCode = 4409
	closeTooMany      websocket.StatusCode = 4429
)

// socketMessage is one in either direction.
type socketMessage struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is one WebSocket connection.
type socket struct {
	*api
	conn *websocket.Conn
	size *Size
	work sync.WaitGroup

	request *http.Request // whose header, with what connection_init gave, says who acts

	mu     sync.Mutex
	active map[string]context.CancelFunc // by operation id
}

// closed ends a connection with a code; the reason is for the client.
type closed struct {
	code   websocket.StatusCode
	reason string
}

func (c *closed) Error() string { return c.reason }

// socket serves graphql-transport-ws. Pages of any origin may connect, as there are no cookies; the key comes in connection_init, or
// in the header from clients that can set one.
func (a *api) socket(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || !hasToken(r.Header.Values("Connection"), "upgrade") ||
		r.Header.Get("Sec-WebSocket-Version") != "13" || r.Header.Get("Sec-WebSocket-Key") == "" ||
		!strings.Contains(r.Header.Get("Sec-WebSocket-Protocol"), subprotocol) {
		a.refuse(w, r, refuse(http.StatusBadRequest, codeBadRequest, "Only WebSockets, version 13, with the subprotocol %s are understood here.", subprotocol))
		return
	}
	actor, no := a.actor(r)
	if no != nil {
		a.refuse(w, r, no)
		return
	}
	select {
	case a.streams <- struct{}{}:
		defer func() { <-a.streams }()
	default:
		a.refuse(w, r, busy())
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	open := a.metrics.streams.WithLabelValues("ws")
	open.Inc()
	defer open.Dec()
	defer conn.CloseNow()
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context())) // a hijacked connection's context says nothing of its end
	defer cancel()
	left := leaving(ctx)
	defer left()
	if actor != nil {
		ctx = auth.With(ctx, actor)
		recordOf(ctx).actsAs(actor)
	}

	s := &socket{api: a, conn: conn, request: r, size: a.limits.of(actor), active: map[string]context.CancelFunc{}}
	conn.SetReadLimit(a.limits.Keyed.Body + 1)
	stop := stopping(ctx)
	go func() {
		select {
		case <-stop:
			_ = conn.Close(websocket.StatusGoingAway, "The server stops.")
		case <-ctx.Done():
		}
	}()
	err = s.serve(ctx)
	var code *closed
	if errors.As(err, &code) { // before what runs is ended: a write that is cut off would close the connection without a word
		_ = conn.Close(code.code, code.reason)
	}
	cancel()
	s.work.Wait()
}

// serve reads until the connection ends.
func (s *socket) serve(ctx context.Context) error {
	timer := time.AfterFunc(s.limits.InitTime, func() { _ = s.conn.Close(closeInitTimeout, "Connection initialisation timeout") })
	m, release, err := s.read(ctx)
	timer.Stop()
	release()
	switch {
	case err != nil:
		return err
	case m.Type != "connection_init":
		return &closed{closeUnauthorized, "Unauthorized"}
	}
	if ctx, err = s.init(ctx, m.Payload); err != nil {
		return err
	}
	if err := s.write(ctx, socketMessage{Type: "connection_ack"}); err != nil {
		return err
	}
	s.work.Go(func() { s.ping(ctx) })
	for {
		m, release, err := s.read(ctx)
		if err != nil {
			return err
		}
		if m.Type != "subscribe" {
			release()
		}
		switch m.Type {
		case "ping":
			err = s.write(ctx, socketMessage{Type: "pong"})
		case "pong":
		case "subscribe":
			err = s.subscribe(ctx, m, release)
		case "complete":
			s.mu.Lock()
			if cancel := s.active[m.ID]; cancel != nil {
				cancel()
			}
			s.mu.Unlock()
		case "connection_init":
			err = &closed{closeTooMany, "Too many initialisation requests"}
		default:
			err = &closed{closeBadRequest, "This type of message is not known."}
		}
		if err != nil {
			return err
		}
	}
}

func (s *socket) init(ctx context.Context, payload json.RawMessage) (context.Context, error) {
	var init struct{ Authorization string }
	if isNull(payload) {
		return ctx, nil
	}
	if !isObject(payload) || json.Unmarshal(payload, &init) != nil {
		return ctx, &closed{closeBadRequest, "The payload must be an object; Authorization in it a string."}
	}
	if init.Authorization == "" {
		return ctx, nil
	}
	s.request.Header.Set("Authorization", init.Authorization)
	key, no := s.actor(s.request)
	if no != nil {
		recordOf(ctx).failed(gqlerror.List{no.err})
		return ctx, &closed{closeForbidden, shorten(codeOf(no.err)+": "+no.err.Message, 120)}
	}
	s.size = s.limits.of(key)
	recordOf(ctx).actsAs(key)
	return auth.With(ctx, key), nil
}

// read takes the next message. It may be long in coming, but not in arriving. release gives back the memory that it takes.
func (s *socket) read(ctx context.Context) (m socketMessage, release func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kind, src, err := s.conn.Reader(ctx)
	if err != nil {
		return m, func() {}, err
	}
	timer := time.AfterFunc(s.limits.BodyTime, cancel)
	defer timer.Stop()
	patient := s.patient(src, func(deadline time.Time) error {
		timer.Reset(time.Until(deadline))
		return nil
	})
	b, release, err := s.readAll(ctx, patient, -1, s.size.Body)
	switch {
	case errors.Is(err, errTooLarge):
		return m, func() {}, &closed{websocket.StatusMessageTooBig, "The message is too large."}
	case errors.Is(err, errBusy):
		return m, func() {}, &closed{websocket.StatusTryAgainLater, "Too much is going on at the moment."}
	case err != nil:
		return m, func() {}, err
	}
	over := scan(b, s.limits.Nesting+1, s.size.Values)
	if over != nil && codeOf(over) == string(codeBadInput) {
		over = nil // a fault in the payload is the operation's
	}
	if kind != websocket.MessageText || over != nil || json.Unmarshal(b, &m) != nil || len(m.ID) > 200 {
		release()
		return m, func() {}, &closed{closeBadRequest, "The message is not one of " + subprotocol + "."}
	}
	return m, release, nil
}

func (s *socket) write(ctx context.Context, m socketMessage) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.limits.WriteTime)
	defer cancel()
	release, ok := s.hold(ctx, int64(len(b)), true)
	if !ok {
		return &closed{websocket.StatusTryAgainLater, "Too much is going on at the moment."}
	}
	defer release()
	return s.conn.Write(ctx, websocket.MessageText, b)
}

// ping ends a connection whose other side is gone.
func (s *socket) ping(ctx context.Context) {
	ticker := time.NewTicker(s.limits.PingTime)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		timely, cancel := context.WithTimeout(ctx, s.limits.PingTime)
		err := s.conn.Ping(timely)
		cancel()
		if err != nil {
			_ = s.conn.CloseNow()
			return
		}
	}
}

func (s *socket) subscribe(ctx context.Context, m socketMessage, release func()) error {
	if m.ID == "" {
		release()
		return &closed{closeBadRequest, "subscribe needs an id."}
	}
	running, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.active[m.ID] != nil:
		release()
		cancel()
		return &closed{closeDuplicate, "There is a subscriber with this id already."}
	case len(s.active) >= s.limits.StreamOperations:
		release()
		cancel()
		return &closed{closeTooMany, "Too many operations at once."}
	}
	s.active[m.ID] = cancel
	s.work.Go(func() {
		defer cancel()
		s.operate(ctx, running, m, release)
		s.mu.Lock()
		delete(s.active, m.ID)
		s.mu.Unlock()
	})
	return nil
}

// operate runs one operation and sends what comes of it: next messages and complete, or one error message for a request error.
// running ends with the operation; writing must not, as a write that is broken off takes the connection with it.
func (s *socket) operate(ctx, running context.Context, m socketMessage, release func()) {
	start := time.Now()
	above := recordOf(ctx)
	rec := &record{id: above.id, log: above.log, key: above.key}
	running = withRecord(running, rec)
	defer func() { rec.end(rec.log.Info(), start, "operation") }()

	refuse := func(errs gqlerror.List) {
		rec.failed(errs)
		s.metrics.refused()
		b, err := json.Marshal(errs)
		if err == nil {
			_ = s.write(ctx, socketMessage{ID: m.ID, Type: "error", Payload: b})
		}
	}
	key, no := s.actor(s.request) // again: a key may be revoked, a session end, while the connection is open
	if no != nil {
		release()
		refuse(gqlerror.List{no.err})
		return
	}
	if key != nil {
		running = auth.With(running, key)
	}
	end, ok := s.begin(running, release)
	if !ok {
		refuse(gqlerror.List{busy().err})
		return
	}
	p, bad := decode(m.Payload, s.limits.Nesting, s.size)
	if bad != nil {
		end()
		refuse(gqlerror.List{bad})
		return
	}
	op, errs := s.prepare(running, p)
	if errs != nil {
		end()
		refuse(errs)
		return
	}
	s.perform(running, op, nil, end, func(resp *graphql.Response) bool {
		return running.Err() == nil && s.write(ctx, socketMessage{ID: m.ID, Type: "next", Payload: bytes.Join(answer(resp, nil), nil)}) == nil
	})
	if running.Err() == nil {
		_ = s.write(ctx, socketMessage{ID: m.ID, Type: "complete"})
	}
}
