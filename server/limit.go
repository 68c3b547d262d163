package server

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"umland/ent"
)

// Limits bounds what one request, and all of them together, may take. What is beyond one is refused with LIMIT_EXCEEDED.
type Limits struct {
	Public Size // of a request without a key
	Keyed  Size // of a request with a valid key

	Depth       int // fields inside one another, and values inside one another
	Fields      int // fields written in a document, after which validation gets slow
	Aliases     int // in a document
	Directives  int // in a document
	RootFields  int // of an operation, fragments included
	Definitions int // operations and fragments of a document
	Nesting     int // of a request's JSON

	Operations       int           // that are worked on at once
	Wait             time.Duration // for one of these places; then 429
	QueryTime        time.Duration // from its start to its answer
	MutationTime     time.Duration // from its start to its answer
	Documents        int64         // bytes of documents that are kept parsed, about
	PersistedQueries int64         // bytes of query text that is kept for its hash

	Connections      int           // open at once; more wait to be accepted
	HeaderTime       time.Duration // for a request's header
	ReadTime         time.Duration // for the next bytes of a body
	BodyRate         int           // bytes of a body for each second after the first ReadTime
	BodyTime         time.Duration // for a whole body
	WriteTime        time.Duration // for an answer to be taken
	IdleTime         time.Duration // between requests
	Streams          int           // WebSocket and event streams open at once
	StreamOperations int           // at once on one WebSocket
	InitTime         time.Duration // for connection_init
	PingTime         time.Duration // between pings; the pong may take as long
	DrainTime        time.Duration // for requests to end when the server stops
}

// Size is what depends on whether a request carries a key.
type Size struct {
	Body     int64 // bytes of the body, or of a WebSocket message
	Values   int   // values in its JSON
	Document int   // bytes of query text
	Tokens   int   // of query text
	Cost     int   // of an operation, see cost
	Answer   int64 // bytes of an answer
	Bodies   int64 // bytes that large bodies of all requests together may take, three for each that has arrived
	Memory   int64 // bytes that large answers to all requests together may take
}

// DefaultLimits are the limits of a server with two cores and 256 MB.
func DefaultLimits() Limits {
	return Limits{
		Public: Size{Body: 1 << 20, Values: 5_000, Document: 100_000, Tokens: 2_000, Cost: 10_000, Answer: 16 << 20, Bodies: 32 << 20, Memory: 48 << 20},
		Keyed:  Size{Body: 8 << 20, Values: 100_000, Document: 1 << 20, Tokens: 10_000, Cost: 50_000, Answer: 64 << 20, Bodies: 48 << 20, Memory: 64 << 20},

		Depth: 15, Fields: 500, Aliases: 50, Directives: 50, RootFields: 20, Definitions: 100, Nesting: 50,

		Operations: 32, Wait: 5 * time.Second, QueryTime: 10 * time.Second, MutationTime: time.Minute,
		Documents: 32 << 20, PersistedQueries: 4 << 20,

		Connections: 4_000, HeaderTime: 10 * time.Second, ReadTime: 5 * time.Second, BodyRate: 1_000, BodyTime: 30 * time.Second,
		WriteTime: 30 * time.Second, IdleTime: 30 * time.Second, Streams: 1_000, StreamOperations: 20,
		InitTime: 10 * time.Second, PingTime: 15 * time.Second, DrainTime: 10 * time.Second,
	}
}

func (l *Limits) of(actor *ent.Actor) *Size {
	if actor != nil {
		return &l.Keyed
	}
	return &l.Public
}

const (
	pageDefault = 20 // as the schema says
	pageMax     = 100
	listDefault = 5 // what a list without a page size is taken to hold

	// An introspection has a budget of its own; the one of GraphiQL takes half of it.
	introspectionBudget = 1_000_000
	introspectionTypes  = 100 // what __schema.types is taken to hold
	introspectionList   = 10  // what the other lists of an introspection are taken to hold

	huge = math.MaxInt32 // sums and products stop here
)

// weight is what a field counts other than 1, and what a list without a page size is taken to hold other than 5; 0 is neither.
type weight struct{ cost, items int }

// weights are those of fields with large values, about 1 for each 2,000 bytes that ent lets them have, of fields that take time to
// work out, and of lists that can be long. So an answer within the budget of the public stays below 20 MB; Size.Answer holds
// for what is beyond, such as lists that all have more items than they are taken to hold.
func weights() map[string]weight {
	return map[string]weight{
		"OfferingConnection.facets":     {cost: 20},
		"OfferingFacets.categories":     {items: 100},
		"OfferingFacets.municipalities": {items: 100},

		"Offering.description":    {cost: 20},
		"Offering.isOpen":         {cost: 5},
		"Offering.nextOccurrence": {cost: 5},
		"Offering.serviceArea":    {items: 50},
		"Offering.links":          {items: 10},
		"Offering.images":         {items: 10},
		"Offering.translations":   {items: 10},
		"Link.url":                {cost: 2},
		"Image.url":               {cost: 2},
		"Image.licence":           {cost: 2},

		"ServiceDetails.requirements": {cost: 5},
		"FacilityDetails.features":    {cost: 8},
		"TourDetails.line":            {cost: 50},
		"VolunteeringDetails.task":    {cost: 5},
		"VolunteeringDetails.skills":  {cost: 8},

		"OpeningHours.text":       {cost: 5},
		"OpeningHours.nextChange": {cost: 5},
		"Schedule.exclude":        {cost: 15},
		"Schedule.include":        {cost: 15},
		"Schedule.text":           {cost: 5},

		"Query.webhooks": {items: 100},
		"Webhook.url":    {cost: 2},
		"Webhook.filter": {cost: 5},
	}
}

func plus(a, b int) int { return min(a+b, huge) }

func times(a, b int) int {
	if a > 0 && b > huge/a {
		return huge
	}
	return a * b
}

// measure is what a selection set comes to with its fragments spread out.
type measure struct{ depth, width, fields int }

// surveyor counts on the document as it was parsed. It runs before validation, which takes quadratic time, and takes linear time
// itself: each fragment is counted once, however often it is spread.
type surveyor struct {
	limits                             *Limits
	fragments                          map[string]*ast.FragmentDefinition
	measured                           map[string]*measure // nil while the fragment is being measured
	fields, aliases, directives, nodes int
	halves                             bool // there are escapes of half a character somewhere
	err                                *gqlerror.Error
}

// survey refuses a document beyond the limits. nodes is the number of its syntax nodes, for the cache.
func survey(l *Limits, size *Size, doc *ast.QueryDocument) (nodes int, err *gqlerror.Error) {
	s := surveyor{limits: l, fragments: map[string]*ast.FragmentDefinition{}, measured: map[string]*measure{}}
	if n := len(doc.Operations) + len(doc.Fragments); n > l.Definitions {
		return 0, exceeded("definitions", l.Definitions, "The document holds %d operations and fragments; %d are allowed.", n, l.Definitions)
	}
	for _, f := range doc.Fragments {
		if s.fragments[f.Name] != nil {
			s.fail(invalid(f.Position, "There can be only one fragment named %q.", shorten(f.Name, 100)))
		}
		s.fragments[f.Name] = f
	}
	if len(doc.Operations) > 0 {
		s.halves = halved(doc.Operations[0].Position.Src.Input)
	}
	for _, f := range doc.Fragments {
		s.name(f.Name)
		s.fragment(f)
	}
	for _, o := range doc.Operations {
		s.name(o.Name)
		for _, v := range o.VariableDefinitions {
			s.nodes++
			s.name(v.Variable)
			s.directive(v.Directives)
			s.value(v.DefaultValue, 1)
		}
		s.directive(o.Directives)
		m := s.selections(o.SelectionSet)
		switch {
		case m.depth > l.Depth:
			s.exceed("depth", l.Depth, "The query is %d fields deep; %d are allowed.", m.depth, l.Depth)
		case m.width > l.RootFields:
			s.exceed("rootFields", l.RootFields, "The operation asks for %d fields at once; %d are allowed.", m.width, l.RootFields)
		case m.fields > size.Cost:
			s.exceed("cost", size.Cost, "The query is too large: with its fragments spread out it has more than %d fields.", size.Cost)
		}
	}
	switch {
	case s.fields > l.Fields:
		s.exceed("fields", l.Fields, "The document has %d fields; %d are allowed.", s.fields, l.Fields)
	case s.aliases > l.Aliases:
		s.exceed("aliases", l.Aliases, "The document has %d aliases; %d are allowed.", s.aliases, l.Aliases)
	case s.directives > l.Directives:
		s.exceed("directives", l.Directives, "The document has %d directives; %d are allowed.", s.directives, l.Directives)
	}
	return s.nodes, s.err
}

func (s *surveyor) exceed(limit string, most int, format string, args ...any) {
	s.fail(exceeded(limit, most, format, args...))
}

// fail keeps the first fault.
func (s *surveyor) fail(err *gqlerror.Error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *surveyor) fragment(f *ast.FragmentDefinition) measure {
	m, seen := s.measured[f.Name]
	switch {
	case seen && m == nil:
		s.fail(invalid(f.Position, "Cannot spread fragment %q within itself.", f.Name))
		return measure{}
	case seen:
		return *m
	}
	s.measured[f.Name] = nil
	s.directive(f.Directives)
	sum := s.selections(f.SelectionSet)
	s.measured[f.Name] = &sum
	return sum
}

func (s *surveyor) selections(set ast.SelectionSet) (sum measure) {
	for _, sel := range set {
		s.nodes++
		var m measure
		switch sel := sel.(type) {
		case *ast.Field:
			s.fields++
			s.name(sel.Name)
			if sel.Alias != sel.Name {
				s.aliases++
				s.name(sel.Alias)
			}
			for _, a := range sel.Arguments {
				s.name(a.Name)
				s.value(a.Value, 1)
			}
			s.directive(sel.Directives)
			m = s.selections(sel.SelectionSet)
			m.depth++
			m.width = 1
			m.fields = plus(m.fields, 1)
		case *ast.InlineFragment:
			s.directive(sel.Directives)
			m = s.selections(sel.SelectionSet)
		case *ast.FragmentSpread:
			s.name(sel.Name)
			s.directive(sel.Directives)
			if f := s.fragments[sel.Name]; f != nil { // validation names the one that is missing
				m = s.fragment(f)
			}
		}
		sum.depth = max(sum.depth, m.depth)
		sum.width = plus(sum.width, m.width)
		sum.fields = plus(sum.fields, m.fields)
	}
	return sum
}

func (s *surveyor) directive(list ast.DirectiveList) {
	for _, d := range list {
		s.nodes++
		s.directives++
		s.name(d.Name)
		if d.Name == "defer" {
			// The engine knows it, but sends null for what it defers even where the schema says there is none.
			s.fail(invalid(d.Position, "The directive @defer is not supported."))
		}
		for _, a := range d.Arguments {
			s.name(a.Name)
			s.value(a.Value, 1)
		}
	}
}

// name bounds what validation compares with every name of the schema for its suggestions.
func (s *surveyor) name(n string) {
	if len(n) > 100 {
		s.exceed("name", 100, "A name has %d characters; 100 are allowed.", len(n))
	}
}

func (s *surveyor) value(v *ast.Value, depth int) {
	if v == nil {
		return
	}
	s.nodes++
	if depth > s.limits.Depth {
		s.exceed("depth", s.limits.Depth, "A value is nested more than %d deep.", s.limits.Depth)
		return
	}
	switch v.Kind {
	case ast.Variable:
		s.name(v.Raw)
	case ast.StringValue:
		if s.halves && strings.ContainsRune(v.Raw, unicode.ReplacementChar) { // which the parser has put in its place
			s.fail(at(v.Position, fault(codeBadInput, "A text holds half of a character: %s", wholePairs)))
		}
	case ast.IntValue:
		if _, err := strconv.ParseInt(v.Raw, 10, 64); err != nil {
			s.fail(at(v.Position, fault(codeBadInput, "A number is too large.")))
		}
	case ast.FloatValue:
		if _, err := strconv.ParseFloat(v.Raw, 64); err != nil {
			s.fail(at(v.Position, fault(codeBadInput, "A number is too large.")))
		}
	}
	for _, c := range v.Children {
		s.name(c.Name)
		s.value(c.Value, depth+1)
	}
}

// coster adds up what an operation costs; the document must be valid.
type coster struct {
	weights       map[string]weight
	vars          map[string]any
	fragments     map[fragmentSize]int
	introspection int
}

type fragmentSize struct {
	name string
	list int // introspected inside an introspection
}

const introspected = -1

// cost says what an operation costs: every field counts 1 or what weights says, and what is selected below a list counts once for
// each of its items. A list holds as many as first or last says (20 when neither does, 100 at most), as many as were given in ids or
// inputs, and is otherwise taken to hold what weights says, or 5. Every branch of a fragment counts, and skipped fields too. Introspection is counted apart.
func cost(op *ast.OperationDefinition, vars map[string]any) (cost, introspection int) {
	c := coster{weights: weights(), vars: vars, fragments: map[fragmentSize]int{}}
	return c.selections(op.SelectionSet, listDefault), c.introspection
}

// selections takes what a list holds that stands directly in the set.
func (c *coster) selections(set ast.SelectionSet, list int) (sum int) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if list == introspected {
				sum = plus(sum, c.introspect(sel))
			} else {
				sum = plus(sum, c.field(sel, list))
			}
		case *ast.InlineFragment:
			sum = plus(sum, c.selections(sel.SelectionSet, list))
		case *ast.FragmentSpread:
			at := fragmentSize{sel.Name, list}
			n, ok := c.fragments[at]
			if !ok {
				n = c.selections(sel.Definition.SelectionSet, list)
				c.fragments[at] = n
			}
			sum = plus(sum, n)
		}
	}
	return sum
}

func (c *coster) introspect(f *ast.Field) int {
	items := 1
	switch {
	case f.Name == "types":
		items = introspectionTypes
	case f.Definition.Type.Elem != nil:
		items = introspectionList
	}
	return plus(1, times(items, c.selections(f.SelectionSet, introspected)))
}

func (c *coster) field(f *ast.Field, list int) int {
	if f.Name == "__schema" || f.Name == "__type" {
		c.introspection = plus(c.introspection, c.introspect(f))
		return 1
	}
	var own weight
	if f.ObjectDefinition != nil {
		own = c.weights[f.ObjectDefinition.Name+"."+f.Name]
	}
	price := max(own.cost, 1)
	if len(f.SelectionSet) == 0 {
		return price
	}
	items, inside := 1, listDefault
	n, asked := c.items(f)
	switch isList := f.Definition.Type.Elem != nil; {
	case isList && asked:
		items = n
	case isList && own.items > 0:
		items = own.items
	case isList:
		items = list
	case asked: // a connection, or the payload of a bulk mutation: the lists in it are as long
		inside = n
	}
	return plus(price, times(items, c.selections(f.SelectionSet, inside)))
}

// items is how many the arguments ask for; asked is false for a field that does not say.
func (c *coster) items(f *ast.Field) (n int, asked bool) {
	paged := false
	for _, def := range f.Definition.Arguments {
		arg := f.Arguments.ForName(def.Name)
		switch def.Name {
		case "first", "last":
			paged = true
			value := def.DefaultValue
			if arg != nil {
				value = arg.Value
			}
			if k, ok := c.number(value); ok {
				n = max(n, k)
			}
		case "ids", "inputs":
			if arg != nil {
				return c.length(arg.Value), true
			}
		}
	}
	if paged && n == 0 {
		n = pageDefault
	}
	return min(n, pageMax), paged
}

// number reads a page size; what is none, or out of range, is for the resolver to refuse.
func (c *coster) number(v *ast.Value) (int, bool) {
	if v == nil {
		return 0, false
	}
	value, err := v.Value(c.vars)
	if err != nil {
		return 0, false
	}
	n, err := toInt(value)
	return min(max(n, 1), pageMax), err == nil
}

func (c *coster) length(v *ast.Value) int {
	switch v.Kind {
	case ast.ListValue:
		return len(v.Children)
	case ast.Variable:
		list, _ := c.vars[v.Raw].([]any)
		return max(len(list), 1)
	}
	return 1
}
