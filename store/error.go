package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"umland/ent"
)

// wrap adds the call to an error, and tells a database that cannot be reached apart from everything else that goes wrong.
func wrap(err *error, format string, args ...any) {
	if *err == nil {
		return
	}
	var safe *ent.Error
	var user ent.UserErrors
	if errors.As(*err, &safe) || errors.As(*err, &user) {
		return
	}
	*err = fmt.Errorf("store.%s: %w", fmt.Sprintf(format, args...), *err)
	if unreachable(*err) {
		*err = &ent.Error{
			Code: ent.CodeUnavailable, Err: *err,
			Message: "The database cannot be reached just now; please try again. A save may be repeated: the same one changes nothing the second time.",
		}
	}
}

// unreachable tells whether the database was away, shut down, full of connections, or too slow for the request's time.
func unreachable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "57P"), strings.HasPrefix(pg.Code, "53"):
			return true
		}
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) ||
		strings.Contains(err.Error(), "conn closed")
}
