package server

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Query asks the API from inside of the process and gives the body that POST /graphql would answer the public with: data, errors, or both. It
// runs within the limits of the public, and waits for a place to work in like everybody.
type Query func(ctx context.Context, document string, variables map[string]any) []byte

// inside is the Query of this API.
func (a *api) inside(ctx context.Context, document string, variables map[string]any) []byte {
	return bytes.Join(answer(a.respond(ctx, document, variables), nil), nil)
}

func (a *api) respond(ctx context.Context, document string, variables map[string]any) *graphql.Response {
	refused := func(errs ...*gqlerror.Error) *graphql.Response {
		recordOf(ctx).failed(errs)
		a.metrics.refused()
		return &graphql.Response{Errors: errs}
	}
	raw, err := json.Marshal(variables)
	if err != nil {
		return refused(fault(codeBadRequest, "variables must be a JSON object."))
	}
	p := &params{query: document}
	if err := p.decode(raw, nil); err != nil {
		return refused(err)
	}
	end, ok := a.begin(ctx, func() {})
	if !ok {
		return refused(busy().err)
	}
	defer end()
	op, errs := a.prepare(ctx, p)
	switch {
	case errs != nil:
		return refused(errs...)
	case op.Operation.Operation != ast.Query:
		return refused(fault(codeBadRequest, "Only queries are asked from inside."))
	}
	return a.run(ctx, op)
}
