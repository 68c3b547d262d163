package generate

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

// rows gathers rows of a model T in the text form of COPY. Its columns are those of the model, and each value is what bun writes into
// an INSERT, so that a column that is added to the model is carried along.
type rows[T any] struct {
	gen   schema.QueryGen
	table *schema.Table
	buf   bytes.Buffer
	n     int
	value []byte
}

func newRows[T any]() *rows[T] {
	d := pgdialect.New()
	return &rows[T]{gen: schema.NewQueryGen(d), table: d.Tables().Get(reflect.TypeFor[T]())}
}

func (r *rows[T]) add(row *T) {
	v := reflect.ValueOf(row).Elem()
	for i, f := range r.table.Fields {
		if i > 0 {
			r.buf.WriteByte('\t')
		}
		r.value = f.AppendValue(r.gen, r.value[:0], v)
		writeLiteral(&r.buf, r.value)
	}
	r.buf.WriteByte('\n')
	r.n++
}

// writeLiteral writes an SQL literal, such as bun makes them, as a field of COPY.
func writeLiteral(b *bytes.Buffer, literal []byte) {
	if string(literal) == "NULL" {
		b.WriteString(`\N`)
		return
	}
	if len(literal) < 2 || literal[0] != '\'' {
		b.Write(literal)
		return
	}
	literal = literal[1 : len(literal)-1]
	for i := 0; i < len(literal); i++ {
		switch c := literal[i]; c {
		case '\'':
			b.WriteByte(c)
			i++ // it stands twice
		case '\\':
			b.WriteString(`\\`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteByte(c)
		}
	}
}

// flush copies the rows into the table.
func (r *rows[T]) flush(ctx context.Context, tx pgx.Tx) error {
	names := make([]string, len(r.table.Fields))
	for i, f := range r.table.Fields {
		names[i] = string(f.SQLName)
	}
	_, err := tx.Conn().PgConn().CopyFrom(ctx, &r.buf, fmt.Sprintf("COPY %s (%s) FROM STDIN", r.table.SQLName, strings.Join(names, ", ")))
	if err != nil {
		return fmt.Errorf("%s: %w", r.table.Name, err)
	}
	return nil
}
