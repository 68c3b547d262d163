package graph

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"umland/ent"
)

// The scalars take exactly what the GraphQL specification lets them take, and name what they would take instead:
// gqlgen's own turn numbers into strings and speak of Go types.

// MarshalText writes a String.
func MarshalText(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalText takes a string of valid UTF-8 without control characters other than tab, line feed and carriage return.
func UnmarshalText(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", errors.New("must be a string")
	}
	if !utf8.ValidString(s) {
		return "", errors.New("must be valid UTF-8")
	}
	if i := strings.IndexFunc(s, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	}); i >= 0 {
		return "", errors.New("must not hold control characters such as NUL")
	}
	return s, nil
}

// MarshalID writes an ID.
func MarshalID(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalID takes a string or an integer, as the specification says, up to 200 bytes.
func UnmarshalID(v any) (string, error) {
	switch n := v.(type) {
	case json.Number:
		if _, err := n.Int64(); err != nil {
			return "", errors.New("must be a string or an integer")
		}
		return n.String(), nil
	case int64:
		return strconv.FormatInt(n, 10), nil
	case int:
		return strconv.Itoa(n), nil
	}
	s, err := UnmarshalText(v)
	if err == nil && len(s) > 200 {
		return "", errors.New("must not be longer than 200 bytes")
	}
	return s, err
}

// MarshalInt writes an Int.
func MarshalInt(n int) graphql.Marshaler { return graphql.MarshalInt(n) }

// UnmarshalInt takes a whole number of 32 bits.
func UnmarshalInt(v any) (int, error) {
	var n int64
	var err error
	switch v := v.(type) {
	case json.Number:
		n, err = v.Int64()
	case int64:
		n = v
	case int:
		n = int64(v)
	default:
		err = strconv.ErrSyntax
	}
	if err != nil || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, errors.New("must be a whole number of 32 bits")
	}
	return int(n), nil
}

// MarshalFloat writes a Float.
func MarshalFloat(f float64) graphql.Marshaler { return graphql.MarshalFloat(f) }

// UnmarshalFloat takes a finite number.
func UnmarshalFloat(v any) (float64, error) {
	var f float64
	var err error
	switch v := v.(type) {
	case json.Number:
		f, err = v.Float64()
	case float64:
		f = v
	case int64:
		f = float64(v)
	case int:
		f = float64(v)
	default:
		err = strconv.ErrSyntax
	}
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, errors.New("must be a finite number")
	}
	return f, nil
}

// MarshalBoolean writes a Boolean.
func MarshalBoolean(b bool) graphql.Marshaler { return graphql.MarshalBoolean(b) }

// UnmarshalBoolean takes true or false.
func UnmarshalBoolean(v any) (bool, error) {
	b, ok := v.(bool)
	if !ok {
		return false, errors.New("must be true or false")
	}
	return b, nil
}

// MarshalDateTime writes an instant as RFC 3339 in its own zone; one in UTC, which is how the database gives them, in Umland's
// default zone.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		if loc := t.Location(); loc == time.UTC || loc == time.Local {
			t = t.In(ent.Berlin)
		}
		b := make([]byte, 0, 32)
		b = append(b, '"')
		b = t.AppendFormat(b, time.RFC3339)
		_, _ = w.Write(append(b, '"'))
	})
}

// UnmarshalDateTime takes RFC 3339 with an offset, in the years 1900 to 2200; fractions of a second are cut off.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok || len(s) > 64 {
		return time.Time{}, errors.New("must be a date and time with an offset, such as 2026-11-28T15:00:00+01:00")
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, errors.New("must be a date and time that exists, with an offset, such as 2026-11-28T15:00:00+01:00")
	}
	if y := t.Year(); y < 1900 || y > 2200 {
		return time.Time{}, errors.New("must lie in the years 1900 to 2200")
	}
	return t.Truncate(time.Second), nil
}

// MarshalDateTimeContext is MarshalDateTime as gqlgen binds it, with a context. In the input of a mutation, a string that is no date and time becomes ent.BadTime, for which the
// validation tells a user error beside all others; elsewhere it is an error of the request.
func MarshalDateTimeContext(t time.Time) graphql.ContextMarshaler {
	return graphql.ContextWriterFunc(func(_ context.Context, w io.Writer) error {
		MarshalDateTime(t).MarshalGQL(w)
		return nil
	})
}

// UnmarshalDateTimeContext is described at MarshalDateTimeContext.
func UnmarshalDateTimeContext(ctx context.Context, v any) (time.Time, error) {
	t, err := UnmarshalDateTime(v)
	if _, text := v.(string); err != nil && text && graphql.HasOperationContext(ctx) && graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
		return ent.BadTime, nil
	}
	return t, err
}

// MarshalLocale writes a Locale.
func MarshalLocale(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalLocale takes a string and gives it in the case that BCP 47 recommends. Whether it is a tag is told by the validation of an input; as an
// argument, one that is none finds no translation.
func UnmarshalLocale(v any) (string, error) {
	s, err := UnmarshalText(v)
	if err != nil || len(s) > 200 {
		return "", errors.New("must be a language tag such as de, en or de-simple")
	}
	return ent.CanonicalLocale(s), nil
}

// MarshalURL writes a URL.
func MarshalURL(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalURL takes a string. URLs come in inputs only, whose validation tells which are none.
func UnmarshalURL(v any) (string, error) { return UnmarshalText(v) }

// MarshalJSON writes JSON as it is, null for nothing.
func MarshalJSON(raw json.RawMessage) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		if len(raw) == 0 {
			raw = json.RawMessage("null")
		}
		_, _ = w.Write(raw)
	})
}

// UnmarshalJSON is for arguments, of which none is JSON.
func UnmarshalJSON(any) (json.RawMessage, error) { return nil, errors.New("is for answers only") }
