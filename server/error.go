package server

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"umland/ent"
)

// The codes in extensions.code: those of the entities, and those of the protocol.
const (
	codeBadInput        = ent.CodeBadInput
	codeUnauthenticated = ent.CodeUnauthenticated
	codeForbidden       = ent.CodeForbidden
	codeUnavailable     = ent.CodeUnavailable
	codeInternal        = ent.CodeInternal

	codeBadRequest  ent.Code = "BAD_REQUEST"               // not a GraphQL request
	codeParse       ent.Code = "GRAPHQL_PARSE_FAILED"      // not a GraphQL document
	codeInvalid     ent.Code = "GRAPHQL_VALIDATION_FAILED" // not a document for this schema
	codeLimit       ent.Code = "LIMIT_EXCEEDED"            // extensions.limit and extensions.max say which
	codeBusy        ent.Code = "BUSY"                      // too much at once; try again
	codeMethod      ent.Code = "METHOD_NOT_ALLOWED"
	codeMediaType   ent.Code = "UNSUPPORTED_MEDIA_TYPE"
	codeUnpersisted ent.Code = "PERSISTED_QUERY_NOT_FOUND"
)

const (
	ourFault = "Something went wrong on our side."
	tooSlow  = "This took too long. Ask for less at once, or try again later."
	noStore  = "The data cannot be reached at the moment. Please try again later."
)

// fault makes an error of ours; what goes into its message from the request must be bounded.
func fault(code ent.Code, format string, args ...any) *gqlerror.Error {
	return &gqlerror.Error{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": string(code)}}
}

func exceeded(limit string, most any, format string, args ...any) *gqlerror.Error {
	err := fault(codeLimit, format, args...)
	err.Extensions["limit"], err.Extensions["max"] = limit, most
	return err
}

func invalid(pos *ast.Position, format string, args ...any) *gqlerror.Error {
	return at(pos, fault(codeInvalid, format, args...))
}

func at(pos *ast.Position, err *gqlerror.Error) *gqlerror.Error {
	if pos != nil {
		err.Locations = []gqlerror.Location{{Line: pos.Line, Column: pos.Column}}
	}
	return err
}

// shorten bounds what is repeated from a request.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// fromParser is for the errors of the parser and of validation: their wording is the specification's, but they repeat the document.
func fromParser(code ent.Code, list gqlerror.List) gqlerror.List {
	const most = 20
	errs := make(gqlerror.List, 0, min(len(list), most))
	for _, e := range list[:min(len(list), most)] {
		err := fault(code, "%s", shorten(e.Message, 500))
		for _, l := range e.Locations {
			if l.Line > 0 {
				err.Locations = append(err.Locations, l)
			}
		}
		errs = append(errs, err)
	}
	return errs
}

// resolve runs around every resolver: an error that is not made to be shown becomes one that is.
func resolve(ctx context.Context, next graphql.Resolver) (any, error) {
	res, err := next(ctx)
	if err != nil {
		return res, safe(err)
	}
	return res, nil
}

// safe gives the error that may be shown for one that came out of a resolver.
func safe(err error) *ent.Error {
	var known *ent.Error
	var network *net.OpError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &ent.Error{Code: codeUnavailable, Message: tooSlow, Err: err}
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, net.ErrClosed), errors.As(err, &network):
		return &ent.Error{Code: codeUnavailable, Message: noStore, Err: err}
	}
	return &ent.Error{Code: codeInternal, Message: ourFault, Err: err}
}

// present gives what the client sees of an error from execution. What is behind it goes to the log, under the request's id.
func present(ctx context.Context, err error) *gqlerror.Error {
	shown := &gqlerror.Error{Path: graphql.GetPath(ctx)}
	var located *gqlerror.Error
	if errors.As(err, &located) {
		shown.Locations = located.Locations
	}
	field := graphql.GetFieldContext(ctx)
	if field != nil {
		shown.Path = field.Path()
		for field.Field.Field == nil && field.Parent != nil { // an item of a list stands where the list does
			field = field.Parent
		}
		if field.Field.Field == nil {
			field = nil
		} else if shown.Locations == nil {
			shown = at(field.Field.Position, shown)
		}
	}

	var known *ent.Error
	switch {
	case errors.As(err, &known):
	case field != nil && field.Args == nil && located != nil && located.Err != nil &&
		field.Field.Definition != nil && len(field.Field.Definition.Arguments) > 0:
		// The engine could not read the arguments: a scalar says what it takes.
		known = ent.BadInput(argument(located.Path, shown.Path), "%s", located.Err.Error())
		if known.Field != "" {
			known.Message = known.Field + ": " + known.Message
		}
	default:
		known = safe(err)
	}

	shown.Message = shorten(known.Message, 1000)
	shown.Extensions = map[string]any{"code": string(known.Code)}
	if known.Field != "" {
		shown.Extensions["field"] = shorten(known.Field, 200)
	}
	rec := recordOf(ctx)
	if known.Code == codeInternal {
		shown.Extensions["requestId"] = rec.id
	}
	if known.Err != nil && !errors.Is(known.Err, context.Canceled) {
		rec.log.Error().Str("request", rec.id).Str("path", shown.Path.String()).Str("code", string(known.Code)).Err(known.Err).Msg("a field failed")
	}
	return shown
}

// argument is the part of a path that lies behind the field: the argument, and what is at fault in it.
func argument(full, field ast.Path) string {
	if len(full) <= len(field) {
		return ""
	}
	return full[len(field):].String()
}

// recovered is what a panic becomes.
func recovered(ctx context.Context, value any) error {
	rec := recordOf(ctx)
	rec.log.Error().Str("request", rec.id).Str("panic", fmt.Sprint(value)).Bytes("stack", debug.Stack()).Msg("a resolver panicked")
	return &ent.Error{Code: codeInternal, Message: ourFault}
}
