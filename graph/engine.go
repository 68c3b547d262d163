package graph

import (
	"context"
	"io"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// The generated code calls these functions in place of gqlgen's (see lean/). An entity is filled with all that a query selects before its fields
// are looked at (see resolvers/fill.go), so that lists need no goroutines, and the fields that are read from it need no middleware and,
// as long as nothing goes wrong, no context. There is no @defer.

// meter is the name under which an operation has its weigher.
const meter = "meter"

// Weigh has what is to be an answer weighed while its fields are resolved: weigh is told the value of each plain field and under which name it stands,
// and gives an error from where it is too much. What has a resolver, arguments or a directive goes through the operation's ResolverMiddleware.
func Weigh(op *graphql.OperationContext, weigh func(alias string, value any) error) {
	op.Stats.SetExtension(meter, weigh)
}

// plainField resolves a field that is read from its object.
func plainField[T any](
	ctx context.Context, op *graphql.OperationContext, field graphql.CollectedField,
	fieldContext func(context.Context, graphql.CollectedField) (*graphql.FieldContext, error),
	read func(context.Context) (any, error), _ func(context.Context, graphql.Resolver) graphql.Resolver,
	marshal func(context.Context, ast.SelectionSet, T) graphql.Marshaler, _, nonNull bool,
) (out graphql.Marshaler) {
	within := ctx // of the field itself
	enter := func() context.Context {
		if within == ctx {
			if fc, err := fieldContext(ctx, field); err == nil {
				within = graphql.WithFieldContext(ctx, fc)
			}
		}
		return within
	}
	defer func() {
		if value := recover(); value != nil {
			op.Error(enter(), op.Recover(enter(), value))
			out = graphql.Null
		}
	}()
	v, err := read(ctx)
	if weigh, ok := op.Stats.GetExtension(meter).(func(string, any) error); ok && err == nil {
		err = weigh(field.Alias, v)
	}
	if err != nil {
		op.Error(enter(), graphql.AddFieldLocationToError(enter(), err))
		return graphql.Null
	}
	value, ok := v.(T)
	if !ok { // nil, where T is an interface
		if nonNull {
			graphql.AddInvalidNullError(enter(), "")
		}
		return graphql.Null
	}
	if len(field.Selections) > 0 || field.Definition.Type.Elem != nil || nonNull && isNil(v) { // where there may be errors below
		return marshal(enter(), field.Selections, value)
	}
	return marshal(ctx, nil, value)
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// marshalSlice makes a list of n items, one after the other. When the time is over, it says so of the item that it came to.
func marshalSlice(ctx context.Context, n int, _ int64, _ bool, item func(context.Context, int) graphql.Marshaler) graphql.Array {
	list := make(graphql.Array, n)
	contexts, indexes := make([]graphql.FieldContext, n), make([]int, n)
	for i := range list {
		indexes[i] = i
		contexts[i].Index = &indexes[i]
		within := graphql.WithFieldContext(ctx, &contexts[i])
		if err := ctx.Err(); err != nil {
			graphql.AddError(within, err)
			for ; i < n; i++ {
				list[i] = graphql.Null
			}
			break
		}
		list[i] = recovering(within, func(ctx context.Context) graphql.Marshaler { return item(ctx, i) })
	}
	return list
}

// recovering makes a panic an error of the item.
func recovering(ctx context.Context, resolve func(context.Context) graphql.Marshaler) (out graphql.Marshaler) {
	defer func() {
		if value := recover(); value != nil {
			graphql.AddError(ctx, graphql.Recover(ctx, value))
			out = graphql.Null
		}
	}()
	return resolve(ctx)
}

// fieldSet is an object on its way to JSON.
type fieldSet struct {
	fields   []graphql.CollectedField
	Values   []graphql.Marshaler
	Invalids uint32 // fields that are null and must not be
	roots    []func()
}

func newFieldSet(fields []graphql.CollectedField) *fieldSet {
	return &fieldSet{fields: fields, Values: make([]graphql.Marshaler, len(fields))}
}

func noDeferredGroup(context.Context) graphql.DeferredGroup { return graphql.DeferredGroup{} }

// ResolveConcurrently resolves a field that has a resolver; what it gives was loaded with its object, so it does so at once.
func (s *fieldSet) ResolveConcurrently(ctx context.Context, _ *graphql.OperationContext, _ *graphql.DeferredGroup, i int, _, nonNull bool, resolve func(context.Context) graphql.Marshaler) {
	s.set(i, nonNull, recovering(ctx, resolve))
}

func (s *fieldSet) set(i int, nonNull bool, value graphql.Marshaler) {
	s.Values[i] = value
	if nonNull && value == graphql.Null {
		atomic.AddUint32(&s.Invalids, 1)
	}
}

// ResolveRootConcurrently has Dispatch resolve a field of the query, beside others: each of these waits for the database.
func (s *fieldSet) ResolveRootConcurrently(ctx context.Context, op *graphql.OperationContext, i int, _, nonNull bool, resolve func(context.Context) graphql.Marshaler) {
	s.roots = append(s.roots, func() {
		s.set(i, nonNull, op.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler { return recovering(ctx, resolve) }))
	})
}

// Dispatch ends when all fields are resolved.
func (s *fieldSet) Dispatch(context.Context) {
	var others sync.WaitGroup
	for i, resolve := range s.roots {
		if i+1 < len(s.roots) {
			others.Go(resolve)
		} else {
			resolve()
		}
	}
	others.Wait()
}

// MarshalGQL writes the object. Of fields with one response key, as an interface and its type may have them, it writes the first.
func (s *fieldSet) MarshalGQL(w io.Writer) {
next:
	for i := range s.fields {
		name := s.fields[i].Alias
		for j := range i {
			if s.fields[j].Alias == name {
				continue next
			}
		}
		before := `,"`
		if i == 0 {
			before = `{"`
		}
		_, _ = io.WriteString(w, before) // names need no escapes
		_, _ = io.WriteString(w, name)
		_, _ = io.WriteString(w, `":`)
		s.Values[i].MarshalGQL(w)
	}
	end := "}"
	if len(s.fields) == 0 {
		end = "{}"
	}
	_, _ = io.WriteString(w, end)
}
