package store

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// Reading is done without database/sql, which turns each value into text or a number, then into what the model has: models are filled
// straight from what Postgres sends. bun says which field is which column.

// scan runs the query as a prepared statement and appends its rows to the slice of models or of values that dst points to. What a statement of a
// connection that had ended would have read, it reads on another.
func (s *Store) scan(ctx context.Context, q *query, dst any) error {
	into := reflect.ValueOf(dst).Elem()
	for again := false; ; again = true {
		err := s.read(ctx, q, into)
		if !errors.Is(err, driver.ErrBadConn) || again || ctx.Err() != nil {
			return err
		}
		into.SetLen(0)
	}
}

func (s *Store) read(ctx context.Context, q *query, into reflect.Value) (err error) {
	noteScan(ctx)
	if tx := txOf(ctx); tx != nil { // what is written in it is read, too
		return tx.conn.Raw(func(conn any) error { return s.readOn(ctx, conn.(*stdlib.Conn).Conn(), q, into) })
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	err = s.readOn(ctx, conn.Conn(), q, into)
	if err != nil && conn.Conn().IsClosed() {
		return fmt.Errorf("%w: %w", driver.ErrBadConn, err)
	}
	return err
}

func (s *Store) readOn(ctx context.Context, conn *pgx.Conn, q *query, into reflect.Value) error {
	rows, err := conn.Query(ctx, q.numbered(), append([]any{pgx.QueryExecModeCacheStatement}, q.args...)...)
	if err == nil {
		err = s.fill(rows, into)
		rows.Close()
	}
	if err == nil {
		err = rows.Err()
	}
	return err
}

// fill reads the rows.
func (s *Store) fill(rows pgx.Rows, into reflect.Value) error {
	row := into.Type().Elem()
	model := row
	if row.Kind() == reflect.Pointer {
		model = row.Elem()
	}
	var slots []slot
	for rows.Next() {
		raw := rows.RawValues()
		if slots == nil {
			slots = make([]slot, len(raw))
			for i, d := range rows.FieldDescriptions() {
				if model.Kind() == reflect.Struct { // else the one column is the value
					var err error
					if slots[i], err = s.slotOf(column{model, d.Name}); err != nil {
						return err
					}
				}
				slots[i].text = d.Format == pgtype.TextFormatCode
			}
		}
		m := reflect.New(model)
		for i := range slots {
			if raw[i] == nil {
				continue
			}
			if err := slots[i].set(m.Elem(), raw[i]); err != nil {
				return fmt.Errorf("column %s: %w", rows.FieldDescriptions()[i].Name, err)
			}
		}
		if row.Kind() != reflect.Pointer {
			m = m.Elem()
		}
		into.Set(reflect.Append(into, m))
	}
	return nil
}

// slot is where in a model the values of a column go.
type slot struct {
	entity []int // the field with the entity that was read with it, if it is one of that
	index  []int
	text   bool // as which they come
}

// column is one of a statement that is read into a model.
type column struct {
	model reflect.Type
	name  string
}

// slotOf finds a slot once: it is the same for good.
func (s *Store) slotOf(c column) (slot, error) {
	if known, ok := s.slots.Load(c); ok {
		return known.(slot), nil
	}
	found, err := s.slot(c.model, c.name)
	if err == nil {
		s.slots.Store(c, found)
	}
	return found, err
}

// slot finds the field for a column; that of an entity which is read with the model has the name of the model's field before it: "place.name".
func (s *Store) slot(model reflect.Type, column string) (to slot, err error) {
	if entity, rest, ok := strings.Cut(column, "."); ok {
		f, found := model.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, entity) })
		if !found || f.Type.Kind() != reflect.Pointer {
			return to, fmt.Errorf("%s has no entity for the column %q", model, column)
		}
		to, err = s.slot(f.Type.Elem(), rest)
		to.entity = append(f.Index, append([]int{-1}, to.entity...)...)
		return to, err
	}
	f := s.db.Table(model).FieldMap[column]
	if f == nil {
		return to, fmt.Errorf("%s has no field for the column %q", model, column)
	}
	return slot{index: f.Index}, nil
}

// set puts a value that is not NULL into its field of the model.
func (t *slot) set(model reflect.Value, raw []byte) error {
	for _, i := range t.entity {
		if i >= 0 {
			model = model.Field(i)
			continue
		}
		if model.IsNil() {
			model.Set(reflect.New(model.Type().Elem()))
		}
		model = model.Elem()
	}
	if len(t.index) > 0 {
		model = model.FieldByIndex(t.index)
	}
	return decode(raw, t.text, model)
}

var errWidth = errors.New("the value has not the type of its field")

// decode reads a value as Postgres sends it: in binary form, but for JSON, which may come as text.
func decode(raw []byte, text bool, v reflect.Value) error {
	switch to := v.Addr().Interface().(type) {
	case *string:
		*to = string(raw)
		return nil
	case **string:
		s := string(raw)
		*to = &s
		return nil
	case *uuid.UUID:
		if len(raw) != 16 {
			return errWidth
		}
		copy(to[:], raw)
		return nil
	case *time.Time:
		if len(raw) != 8 {
			return errWidth
		}
		*to = postgresTime(raw)
		return nil
	case *[]byte:
		*to = append([]byte(nil), raw...)
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if kind := v.Type().Elem().Kind(); kind != reflect.Struct || v.Type().Elem() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.New(v.Type().Elem()))
			return decode(raw, text, v.Elem())
		}
	case reflect.String:
		v.SetString(string(raw))
		return nil
	case reflect.Bool:
		if len(raw) != 1 || text {
			return errWidth
		}
		v.SetBool(raw[0] != 0)
		return nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		switch {
		case len(raw) == 4 && !text:
			v.SetInt(int64(int32(binary.BigEndian.Uint32(raw))))
		case len(raw) == 8 && !text:
			v.SetInt(int64(binary.BigEndian.Uint64(raw)))
		default:
			return errWidth
		}
		return nil
	case reflect.Float64:
		if len(raw) != 8 || text {
			return errWidth
		}
		v.SetFloat(math.Float64frombits(binary.BigEndian.Uint64(raw)))
		return nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			return decodeTexts(raw, v)
		}
	}
	if !text && len(raw) > 0 && raw[0] == 1 { // the version of jsonb's binary form
		raw = raw[1:]
	}
	return json.Unmarshal(raw, v.Addr().Interface())
}

// postgresTime is a timestamptz: microseconds since 2000.
func postgresTime(raw []byte) time.Time {
	const epoch = 946_684_800_000_000
	return time.UnixMicro(int64(binary.BigEndian.Uint64(raw)) + epoch).UTC()
}

// decodeTexts reads a text[] of one dimension without NULLs: the number of dimensions, whether there are NULLs, the type; then for each dimension its
// length and first index; then each item with its length before it.
func decodeTexts(raw []byte, v reflect.Value) error {
	const head, dimension = 12, 8
	n := 0
	switch {
	case len(raw) == head && binary.BigEndian.Uint32(raw) == 0:
	case len(raw) >= head+dimension && binary.BigEndian.Uint32(raw) == 1:
		n = int(binary.BigEndian.Uint32(raw[head:]))
		raw = raw[head+dimension:]
	default:
		return errWidth
	}
	if n > len(raw)/4 {
		return errWidth
	}
	list := reflect.MakeSlice(v.Type(), n, n)
	for i := range n {
		if len(raw) < 4 {
			return errWidth
		}
		size := int(int32(binary.BigEndian.Uint32(raw)))
		if raw = raw[4:]; size < 0 || size > len(raw) {
			return errWidth
		}
		list.Index(i).SetString(string(raw[:size]))
		raw = raw[size:]
	}
	v.Set(list)
	return nil
}
