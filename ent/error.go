package ent

import "fmt"

// Code says what sort of fault an Error is; it stands in extensions.code of a GraphQL error.
type Code string

// The codes that the entities, the store and the resolvers use. The server adds those of the protocol.
const (
	CodeBadInput        Code = "BAD_USER_INPUT"
	CodeUnauthenticated Code = "UNAUTHENTICATED"
	CodeForbidden       Code = "FORBIDDEN"
	CodeUnavailable     Code = "SERVICE_UNAVAILABLE"
	CodeInternal        Code = "INTERNAL_SERVER_ERROR"
)

// Error is a fault whose code and message may be shown to whoever asked. Err is for the log only.
type Error struct {
	Code    Code
	Field   string // the argument at fault, "" when there is none
	Message string
	Err     error
}

// Error gives the safe message, and what is behind it.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap gives what is behind it.
func (e *Error) Unwrap() error { return e.Err }

// BadInput is a fault in an argument of the request.
func BadInput(field, format string, args ...any) *Error {
	return &Error{Code: CodeBadInput, Field: field, Message: fmt.Sprintf(format, args...)}
}

// UserErrorCode says what is wrong with a field of a mutation's input.
type UserErrorCode string

// The codes of user errors.
const (
	UserInvalid   UserErrorCode = "INVALID"
	UserRequired  UserErrorCode = "REQUIRED"
	UserNotFound  UserErrorCode = "NOT_FOUND"
	UserForbidden UserErrorCode = "FORBIDDEN"
	UserConflict  UserErrorCode = "CONFLICT"
	UserTooLong   UserErrorCode = "TOO_LONG"
)

// UserError is one fault in a mutation's input; a mutation reports all of them at once and changes nothing then.
type UserError struct {
	Path    []string // from the argument down, list positions as numbers: input, links, 0, url
	Code    UserErrorCode
	Message string
}

// UserErrors is what a save gives back as its error when the input is at fault.
type UserErrors []UserError

// Error joins the messages.
func (e UserErrors) Error() string {
	if len(e) == 0 {
		return "no user errors"
	}
	return fmt.Sprintf("%v: %s (%d in all)", e[0].Path, e[0].Message, len(e))
}
