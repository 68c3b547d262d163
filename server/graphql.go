package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"golang.org/x/sync/semaphore"

	"umland/answers"
	"umland/auth"
	"umland/ent"
	"umland/graph"
)

// api answers GraphQL requests over every transport. It drives the generated schema itself: gqlgen's own transports and executor
// validate before anything is counted, repeat bodies and Go's words in their errors, and put no bound on a WebSocket.
type api struct {
	schema    graphql.ExecutableSchema
	key       func(context.Context, string) (*ent.Actor, error)
	session   func(*http.Request) (*ent.Actor, error)
	kept      *answers.Cache // nil: none are kept
	once      func(context.Context, uuid.UUID, string, []byte, func(context.Context) ([]byte, bool)) ([]byte, error)
	limits    Limits
	metrics   *metrics
	documents *cache[*document]
	persisted *cache[string]
	slots     chan struct{}
	streams   chan struct{}
	bodies    memories
	answers   memories
	gzip      func(http.Handler) http.HandlerFunc
}

// params is a GraphQL request as it came in.
type params struct {
	query, operation string
	variables        map[string]any
	hash             string // of a persisted query, "" for none
}

// document is a parsed document that is within the limits and valid for the schema.
type document struct{ *ast.QueryDocument }

// operation is ready to run.
type operation struct {
	*graphql.OperationContext
	cost, budget int
}

func (op *operation) kind() string { return string(op.Operation.Operation) }

// decode reads a request from JSON without repeating any of it in an error.
func decode(body []byte, nesting int, size *Size) (*params, *gqlerror.Error) {
	if b := bytes.TrimSpace(body); len(b) > 0 && b[0] == '[' {
		return nil, fault(codeBadRequest, "Batches are not supported: send one operation per request.")
	}
	fields, err := decodeObject(body, "The body", nesting, size)
	if err != nil {
		return nil, err
	}
	p := &params{}
	if p.query, err = decodeString(fields["query"], "query"); err != nil {
		return nil, err
	}
	if p.operation, err = decodeString(fields["operationName"], "operationName"); err != nil {
		return nil, err
	}
	return p, p.decode(fields["variables"], fields["extensions"])
}

// decode reads the parts that are JSON in a GET request, too; the rest was checked with the body.
func (p *params) decode(variables, extensions json.RawMessage) *gqlerror.Error {
	if !isNull(variables) {
		if !isObject(variables) {
			return fault(codeBadRequest, "variables must be a JSON object.")
		}
		d := json.NewDecoder(bytes.NewReader(variables))
		d.UseNumber()
		if d.Decode(&p.variables) != nil {
			return fault(codeBadRequest, "variables must be a JSON object.")
		}
	}
	if isNull(extensions) {
		return nil
	}
	var known struct {
		PersistedQuery *struct {
			Version    int    `json:"version"`
			SHA256Hash string `json:"sha256Hash"`
		} `json:"persistedQuery"`
	}
	if !isObject(extensions) {
		return fault(codeBadRequest, "extensions must be a JSON object.")
	}
	if json.Unmarshal(extensions, &known) != nil {
		return fault(codeBadRequest, "extensions.persistedQuery must be an object with version and sha256Hash.")
	}
	if q := known.PersistedQuery; q != nil {
		if q.Version != 1 || len(q.SHA256Hash) != 2*sha256.Size {
			return fault(codeBadRequest, "extensions.persistedQuery must have version 1 and, as sha256Hash, 64 hexadecimal digits.")
		}
		p.hash = strings.ToLower(q.SHA256Hash)
	}
	return nil
}

func decodeObject(b []byte, what string, nesting int, size *Size) (map[string]json.RawMessage, *gqlerror.Error) {
	if !utf8.Valid(b) {
		return nil, fault(codeBadRequest, "%s must be UTF-8.", what)
	}
	b = bytes.TrimSpace(b)
	if err := scan(b, nesting, size.Values); err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if !isObject(b) || json.Unmarshal(b, &fields) != nil {
		return nil, fault(codeBadRequest, "%s must be a JSON object.", what)
	}
	return fields, nil
}

func decodeString(raw json.RawMessage, name string) (s string, err *gqlerror.Error) {
	if !isNull(raw) && json.Unmarshal(raw, &s) != nil {
		return "", fault(codeBadRequest, "%s must be a string.", name)
	}
	return s, nil
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// escape gives the width of the escape that b begins with. ok is false for half of a surrogate pair (RFC 8259 §8.2), which the decoder
// would take for another character, U+FFFD, without a word.
func escape[T string | []byte](b T) (width int, ok bool) {
	unit := func(b T) rune {
		if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
			return 0
		}
		n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
		if err != nil { // for the decoder to refuse
			return 0
		}
		return rune(n)
	}
	first := unit(b)
	if !utf16.IsSurrogate(first) {
		return 2, true
	}
	return 12, utf16.DecodeRune(first, unit(b[6:])) != unicode.ReplacementChar
}

const wholePairs = `an escape from \ud800 to \udbff must be followed by one from \udc00 to \udfff, and none of these stands alone.`

// halved says whether there is such an escape anywhere.
func halved(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			width, ok := escape(text[i:])
			if !ok {
				return true
			}
			i += width - 1
		}
	}
	return false
}

// scan bounds what JSON may make the decoder allocate, and finds what it would not take as it stands.
func scan(b []byte, nesting, values int) *gqlerror.Error {
	depth, count, quoted := 0, 1, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			width, ok := escape(b[i:])
			if !ok {
				return fault(codeBadInput, "Half of a character stands at byte %d of the JSON: %s", i, wholePairs)
			}
			i += width - 1
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
			count++
		case c == '}', c == ']':
			depth--
		case c == ',':
			count++
		}
		if depth > nesting {
			return exceeded("nesting", nesting, "The JSON is nested more than %d deep.", nesting)
		}
		if count > values {
			return exceeded("values", values, "The JSON holds more than %d values.", values)
		}
	}
	return nil
}

// prepare makes an operation ready to run, or says why it will not: the errors of the request.
func (a *api) prepare(ctx context.Context, p *params) (_ *operation, errs gqlerror.List) {
	defer func() {
		if value := recover(); value != nil {
			errs = gqlerror.List{present(ctx, recovered(ctx, value))}
		}
	}()
	key := auth.From(ctx)
	size := a.limits.of(key)
	sum := ""
	if p.hash != "" {
		if p.query == "" {
			query, ok := a.persisted.get(p.hash)
			if !ok {
				return nil, gqlerror.List{fault(codeUnpersisted, "PersistedQueryNotFound")} // the wording that clients look for
			}
			p.query = query
		} else {
			b := sha256.Sum256([]byte(p.query))
			if sum = hex.EncodeToString(b[:]); sum != p.hash {
				return nil, gqlerror.List{fault(codeBadRequest, "extensions.persistedQuery.sha256Hash is not the hash of the query.")}
			}
		}
	}
	doc, errs := a.document(p.query, size, key != nil)
	if errs != nil {
		return nil, errs
	}
	if sum != "" {
		a.persisted.add(sum, p.query, int64(len(p.query)))
	}

	op := doc.Operations.ForName(p.operation)
	switch {
	case op == nil && p.operation == "":
		return nil, gqlerror.List{fault(codeInvalid, "The document holds more than one operation: operationName must say which one to run.")}
	case op == nil:
		return nil, gqlerror.List{fault(codeInvalid, "The document holds no operation %q.", shorten(p.operation, 100))}
	}
	vars, err := coerce(a.schema.Schema(), op, p.variables)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	cost, introspection := cost(op, vars)
	recordOf(ctx).runs(op.Name, string(op.Operation), cost)
	if cost > size.Cost {
		return nil, gqlerror.List{exceeded("cost", size.Cost, "The operation costs %d; %d are allowed. Ask for smaller pages or fewer fields.", cost, size.Cost)}
	}
	if introspection > introspectionBudget {
		return nil, gqlerror.List{exceeded("introspection", introspectionBudget, "The introspection is too large. Ask for less at once.")}
	}
	o := &operation{
		OperationContext: &graphql.OperationContext{
			RawQuery: p.query, OperationName: p.operation, Variables: vars, Doc: doc.QueryDocument, Operation: op,
			RecoverFunc:            recovered,
			RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
		},
		cost: cost, budget: size.Cost,
	}
	if op.Operation == ast.Subscription { // the validation's rule sees neither aliases nor what is skipped
		if n := len(graphql.CollectFields(o.OperationContext, op.SelectionSet, []string{"Subscription"})); n != 1 {
			return nil, gqlerror.List{fault(codeInvalid, "A subscription asks for exactly one field; this one for %d.", n)}
		}
	}
	return o, nil
}

// document parses and validates, or remembers. The limits are checked in between.
func (a *api) document(query string, size *Size, keyed bool) (*document, gqlerror.List) {
	if strings.TrimSpace(query) == "" {
		return nil, gqlerror.List{fault(codeBadRequest, "query is missing.")}
	}
	if len(query) > size.Document {
		return nil, gqlerror.List{exceeded("document", size.Document, "The query text has %d bytes; %d are allowed. Values belong into variables.", len(query), size.Document)}
	}
	name := strconv.FormatBool(keyed) + query
	if doc, ok := a.documents.get(name); ok {
		return doc, nil
	}
	source := &ast.Source{Input: query}
	parsed, err := parser.ParseQueryWithTokenLimit(source, size.Tokens)
	if err != nil {
		e := gqlerror.WrapIfUnwrapped(err)
		if strings.Contains(e.Message, "<Invalid>") {
			e = firstInvalid(source, e)
		}
		if strings.HasPrefix(e.Message, "exceeded token limit") {
			return nil, gqlerror.List{exceeded("tokens", size.Tokens, "The query has more than %d words and signs. Values belong into variables.", size.Tokens)}
		}
		return nil, fromParser(codeParse, gqlerror.List{e})
	}
	if len(parsed.Operations) == 0 {
		return nil, gqlerror.List{fault(codeInvalid, "The document holds no operation.")}
	}
	nodes, over := survey(&a.limits, size, parsed)
	if over != nil {
		return nil, gqlerror.List{over}
	}
	if errs := validator.ValidateWithRules(a.schema.Schema(), parsed, nil); len(errs) > 0 {
		return nil, fromParser(codeInvalid, errs)
	}
	doc := &document{parsed}
	a.documents.add(name, doc, int64(len(query)+500*nodes))
	return doc, nil
}

// firstInvalid says why the lexer could not read a token, which the parser leaves out.
func firstInvalid(source *ast.Source, e *gqlerror.Error) *gqlerror.Error {
	lex := lexer.New(source)
	for {
		token, err := lex.ReadToken()
		if found := (*gqlerror.Error)(nil); errors.As(err, &found) && found != nil {
			return found
		}
		if token.Kind == lexer.EOF {
			return e
		}
	}
}

// begin takes a place to work in. ok is false when none gets free in time. end gives it back, once, and what the request held.
func (a *api) begin(ctx context.Context, release func()) (end func(), ok bool) {
	select {
	case a.slots <- struct{}{}:
	default:
		timer := time.NewTimer(a.limits.Wait)
		defer timer.Stop()
		select {
		case a.slots <- struct{}{}:
		case <-timer.C:
			release()
			return nil, false
		case <-ctx.Done():
			release()
			return nil, false
		}
	}
	a.metrics.inFlight.Inc()
	return sync.OnceFunc(func() {
		a.metrics.inFlight.Dec()
		<-a.slots
		release()
	}), true
}

const unheld = 16 << 10 // bytes that each connection may hold without asking

// hold asks whether n more bytes of answers may be held in memory; with wait it waits for a while if that is not at once. ok is false
// when they may not.
func (a *api) hold(ctx context.Context, n int64, wait bool) (release func(), ok bool) {
	if n <= unheld {
		return func() {}, true
	}
	answers := a.answers.of(ctx)
	n = min(n, answers.most)
	patience := time.Duration(0)
	if wait {
		patience = a.limits.Wait
	}
	return func() { answers.Release(n) }, answers.take(ctx, n, patience)
}

// memory is an amount of bytes that requests share.
type memory struct {
	*semaphore.Weighted
	most int64
}

func newMemory(most int64) *memory { return &memory{semaphore.NewWeighted(most), most} }

// memories are one for the public and one for those with a key, so that neither takes that of the other.
type memories struct{ public, keyed *memory }

func (m *memories) of(ctx context.Context) *memory {
	if auth.From(ctx) != nil {
		return m.keyed
	}
	return m.public
}

// take says whether n bytes are free within the time.
func (m *memory) take(ctx context.Context, n int64, patience time.Duration) bool {
	if m.TryAcquire(n) {
		return true
	}
	if patience <= 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return m.Acquire(ctx, n) == nil
}

// run executes a query or a mutation.
func (a *api) run(ctx context.Context, op *operation) *graphql.Response {
	limit := a.limits.QueryTime
	if op.Operation.Operation == ast.Mutation {
		limit = a.limits.MutationTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var resp *graphql.Response
	a.stream(ctx, op, func(r *graphql.Response) bool {
		resp = r
		return false
	})
	return resp
}

// stream executes any operation; send gets at least one answer, and says whether it wants another.
func (a *api) stream(ctx context.Context, op *operation, send func(*graphql.Response) bool) {
	start := time.Now()
	outcome := outcomeOK
	t := &tally{most: a.limits.of(auth.From(ctx)).Answer, mutation: op.Operation.Operation == ast.Mutation}
	op.ResolverMiddleware = t.resolve
	graph.Weigh(op.OperationContext, t.weigh)
	defer func() {
		if value := recover(); value != nil { // outside of any field: the engine recovers within
			ctx := graphql.WithResponseContext(ctx, present, recovered)
			err := present(ctx, recovered(ctx, value))
			outcome = outcomeFailed
			send(&graphql.Response{Errors: gqlerror.List{err}})
		}
		a.metrics.ran(op.Operation.Name, op.kind(), outcome, start, time.Now())
	}()
	ctx = graphql.WithOperationContext(ctx, op.OperationContext)
	first := graphql.WithResponseContext(ctx, t.present, recovered)
	next := a.schema.Exec(first)
	if errs := graphql.GetErrors(first); len(errs) > 0 {
		next = graphql.OneShot(&graphql.Response{Errors: errs})
	}
	for {
		t.bytes.Store(0)
		each := graphql.WithResponseContext(ctx, t.present, recovered)
		resp := next(each)
		if resp == nil {
			return
		}
		resp.Errors = append(resp.Errors, graphql.GetErrors(each)...)
		if t.over() || int64(len(resp.Data)) > t.most {
			resp = t.refusal() // and what there was of the data is free
		}
		outcome = worse(outcome, resp.Errors)
		recordOf(ctx).failed(resp.Errors)
		if !send(resp) {
			return
		}
	}
}

// tally adds up what an answer comes to while its fields are resolved, so that one that is too large is never made.
type tally struct {
	most     int64
	mutation bool
	bytes    atomic.Int64
}

func (t *tally) over() bool { return t.bytes.Load() > t.most }

var errAnswer = errors.New("the answer is too large")

// resolve runs around every field that has a resolver or arguments. What a mutation is asked to do it does, however much it answers.
func (t *tally) resolve(ctx context.Context, next graphql.Resolver) (any, error) {
	if t.over() && !t.mutation {
		return nil, errAnswer
	}
	res, err := resolve(ctx, next)
	if err != nil {
		return res, err
	}
	name := ""
	if field := graphql.GetFieldContext(ctx); field != nil && field.Field.Field != nil {
		name = field.Field.Alias
	}
	if err := t.weigh(name, res); err != nil {
		return nil, err
	}
	return res, nil
}

// weigh adds a value under its name.
func (t *tally) weigh(name string, value any) error {
	if t.bytes.Add(bytesOf(value)+int64(len(name))+4) > t.most { // quotes, colon, comma
		return errAnswer
	}
	return nil
}

// present leaves out what would be said of every field from the one on that was too much.
func (t *tally) present(ctx context.Context, err error) *gqlerror.Error {
	if t.over() {
		return nil
	}
	return present(ctx, err)
}

func (t *tally) refusal() *graphql.Response {
	done := ""
	if t.mutation {
		done = " What was to be changed has been."
	}
	err := exceeded("answer", t.most, "The answer is larger than %d bytes, which is the most. Ask for less at once.%s", t.most, done)
	return &graphql.Response{Errors: gqlerror.List{err}, Data: json.RawMessage("null")}
}

// bytesOf is about what a value takes as JSON; nothing for objects, whose fields are counted themselves.
func bytesOf(v any) (n int64) {
	switch v := v.(type) {
	case string:
		return int64(len(v)) + 2
	case *string:
		if v != nil {
			return int64(len(*v)) + 2
		}
	case []string:
		for _, s := range v {
			n += int64(len(s)) + 3
		}
	case [][]float64:
		for _, row := range v {
			n += int64(20*len(row)) + 3
		}
	case []time.Time:
		return int64(28 * len(v))
	}
	return n
}

func worse(outcome string, errs gqlerror.List) string {
	for _, err := range errs {
		switch ent.Code(codeOf(err)) {
		case codeInternal, codeUnavailable:
			return outcomeFailed
		}
	}
	if len(errs) > 0 && outcome == outcomeOK {
		return outcomePartial
	}
	return outcome
}

// body is an answer in pieces, so that the data, which may be large, is there only once.
type body [][]byte

// size is how much memory it holds.
func (b body) size() (n int64) {
	for _, piece := range b {
		n += int64(cap(piece))
	}
	return n
}

// answer gives a response as JSON: without data where nothing was executed.
func answer(resp *graphql.Response, extensions map[string]any) body {
	var b body
	part := func(name string, value []byte) {
		before := ","
		if b == nil {
			before = "{"
		}
		b = append(b, []byte(before+`"`+name+`":`), value)
	}
	encode := func(v any) []byte {
		out, err := json.Marshal(v)
		if err != nil { // an error holds strings and numbers only
			panic(err)
		}
		return out
	}
	if len(resp.Errors) > 0 {
		part("errors", encode(resp.Errors))
	}
	if resp.Data != nil {
		part("data", resp.Data)
	}
	if len(extensions) > 0 {
		part("extensions", encode(extensions))
	}
	return append(b, []byte("}"))
}
