package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun/schema"
)

// Many wide rows are written by COPY: a statement that holds them takes Postgres as long to parse and plan as to carry out. bun says which column is which field.

// copyRows inserts new rows of a model in the transaction that the context carries.
func copyRows[T any](ctx context.Context, s *Store, rows []*T) error {
	if len(rows) == 0 {
		return nil
	}
	table := s.db.Table(reflect.TypeFor[T]())
	names := make([]string, len(table.Fields))
	for i, f := range table.Fields {
		names[i] = string(f.SQLName)
	}
	sql := "COPY " + string(table.SQLName) + " (" + strings.Join(names, ", ") + ") FROM STDIN"
	return txOf(ctx).conn.Raw(func(conn any) error {
		_, err := conn.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, &copying[T]{fields: table.Fields, rows: rows}, sql)
		return err
	})
}

// copying reads rows as COPY takes them.
type copying[T any] struct {
	fields []*schema.Field
	rows   []*T   // to come
	row    []byte // the last that was begun
	left   []byte // of row
}

// Read implements io.Reader. It fills p as far as there are rows: each read is a message to Postgres.
func (c *copying[T]) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(c.left) == 0 {
			if len(c.rows) == 0 {
				return n, io.EOF
			}
			if c.row, err = appendCopiedRow(c.row[:0], c.fields, c.rows[0]); err != nil {
				return n, err
			}
			c.rows, c.left = c.rows[1:], c.row
		}
		m := copy(p[n:], c.left)
		n, c.left = n+m, c.left[m:]
	}
	return n, nil
}

// appendCopiedRow appends the line of a row.
func appendCopiedRow(b []byte, fields []*schema.Field, row any) (_ []byte, err error) {
	v := reflect.ValueOf(row).Elem()
	for i, f := range fields {
		if i > 0 {
			b = append(b, '\t')
		}
		if b, err = appendCopied(b, f, v.FieldByIndex(f.Index)); err != nil {
			return b, fmt.Errorf("column %s: %w", f.Name, err)
		}
	}
	return append(b, '\n'), nil
}

// appendCopied appends a value in the text form of COPY. What is nil is NULL, and NUL, which Postgres has no place for, is left out.
func appendCopied(b []byte, f *schema.Field, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if v.IsNil() {
			return append(b, `\N`...), nil
		}
	}
	if f.UserSQLType == "jsonb" {
		j, err := json.Marshal(v.Interface())
		return appendCopiedJSON(b, j), err
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return appendCopiedText(b, v.String()), nil
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Float64:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 64), nil
	}
	switch v := v.Interface().(type) {
	case uuid.UUID:
		return append(b, v.String()...), nil
	case time.Time:
		return v.UTC().AppendFormat(b, "2006-01-02 15:04:05.999999Z07:00"), nil
	case []byte:
		return hex.AppendEncode(append(b, `\\x`...), v), nil
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String {
		return appendCopiedTexts(b, v), nil
	}
	return b, fmt.Errorf("%s cannot be written", v.Type())
}

func appendCopiedText(b []byte, s string) []byte {
	for {
		i := strings.IndexAny(s, "\x00\\\n\r\t")
		if i < 0 {
			return append(b, s...)
		}
		b = append(b, s[:i]...)
		switch s[i] {
		case '\\':
			b = append(b, `\\`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		}
		s = s[i+1:]
	}
}

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// appendCopiedTexts appends a text[], whose items stand in quotes.
func appendCopiedTexts(b []byte, list reflect.Value) []byte {
	b = append(b, '{')
	for i := range list.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		item := list.Index(i).String()
		b = append(b, '"')
		if strings.ContainsAny(item, `\"`) {
			item = quoted.Replace(item)
		}
		b = append(appendCopiedText(b, item), '"')
	}
	return append(b, '}')
}

// appendCopiedJSON appends JSON as the encoder writes it: without line breaks and tabs.
func appendCopiedJSON(b, j []byte) []byte {
	for i := 0; i < len(j); i++ {
		switch {
		case j[i] != '\\':
			b = append(b, j[i])
		case bytes.HasPrefix(j[i:], []byte(`\u0000`)):
			i += len(`u0000`)
		default: // what follows may be a second one, of the same pair
			i++
			b = append(b, `\\`...)
			if j[i] == '\\' {
				b = append(b, '\\')
			}
			b = append(b, j[i])
		}
	}
	return b
}
