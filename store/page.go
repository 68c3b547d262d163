package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"umland/ent"
)

// Page sizes of every connection.
const (
	DefaultPage = 20
	MaxPage     = 100
)

// PageArgs are the paging arguments of a connection (Relay cursor specification). Total asks for TotalCount, which costs a
// statement of its own.
type PageArgs struct {
	First, Last   *int
	After, Before *string
	Total         bool
}

// A cursor is a position in one list: behind the item with this sort key and id. Its text is base64url of the list's fingerprint
// (8 bytes), the key, NUL, and the id.
type cursor struct{ key, id string }

// list is what a cursor belongs to: a name, and everything that decides which items the list has and in which order.
type list [8]byte

func newList(parts ...any) list {
	b, err := json.Marshal(parts)
	if err != nil {
		panic(err) // cannot be: filters hold strings, numbers and times
	}
	sum := sha256.Sum256(b)
	return list(sum[:8])
}

func (l list) encode(c cursor) string {
	b := make([]byte, 0, len(l)+len(c.key)+1+len(c.id))
	b = append(b, l[:]...)
	b = append(b, c.key...)
	b = append(b, 0)
	b = append(b, c.id...)
	return base64.RawURLEncoding.EncodeToString(b)
}

func (l list) decode(arg, s string) (cursor, error) {
	bad := ent.BadInput(arg, "%s is not a cursor of this list.", arg)
	if len(s) > 1000 {
		return cursor{}, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < len(l) {
		return cursor{}, bad
	}
	key, id, ok := strings.Cut(string(b[len(l):]), "\x00")
	if !ok || !utf8.Valid(b[len(l):]) || strings.ContainsRune(id, 0) {
		return cursor{}, bad
	}
	if list(b[:len(l)]) != l {
		return cursor{}, ent.BadInput(arg, "%s is a cursor of another list, or of this list with another filter or order.", arg)
	}
	return cursor{key, id}, nil
}

// window is the part of a list that a page asks for, or of several that are asked for at once, below several parents.
type window struct {
	lists         []list
	size          int
	backward      bool // the last items of the window, not the first
	after, before *cursor
}

// window reads the arguments for lists that are asked for at once. A cursor must be of one of them; the others begin at the same position.
func (p PageArgs) window(lists ...list) (window, error) {
	w := window{lists: lists, size: DefaultPage}
	if p.First != nil && p.Last != nil {
		return w, ent.BadInput("last", "first and last do not go together.")
	}
	for _, n := range []struct {
		name string
		n    *int
	}{{"first", p.First}, {"last", p.Last}} {
		if n.n == nil {
			continue
		}
		if *n.n < 0 || *n.n > MaxPage {
			return w, ent.BadInput(n.name, "%s must lie between 0 and %d.", n.name, MaxPage)
		}
		w.size, w.backward = *n.n, n.name == "last"
	}
	for _, c := range []struct {
		name string
		s    *string
		to   **cursor
	}{{"after", p.After, &w.after}, {"before", p.Before, &w.before}} {
		if c.s == nil {
			continue
		}
		var cur cursor
		var err error
		for _, l := range lists {
			if cur, err = l.decode(c.name, *c.s); err == nil {
				break
			}
		}
		if err != nil {
			return w, err
		}
		*c.to = &cur
	}
	return w, nil
}

// sorting is an order of a list in SQL: an expression, and the id that makes it total.
type sorting struct {
	column query
	alias  string // the output column that has it already, "" when none does
	id     string
	desc   bool
	// parse turns a cursor's key into an argument; ok is false when no cursor of ours has it.
	parse func(key string) (arg any, ok bool)
}

// byName orders by a sort key, then by id, both of the table with the alias.
func byName(alias string) sorting {
	s := sorting{id: alias + ".id", parse: func(key string) (any, bool) { return key, true }}
	s.column.add(alias + ".name_key")
	return s
}

// keyset adds the conditions of the window's cursors, each with AND before it.
func (w window) keyset(q *query, o sorting) error {
	for _, side := range []struct {
		name string
		c    *cursor
		op   string
	}{{"after", w.after, ">"}, {"before", w.before, "<"}} {
		if side.c == nil {
			continue
		}
		key, ok := o.parse(side.c.key)
		id, err := uuid.Parse(side.c.id)
		if !ok || err != nil {
			return ent.BadInput(side.name, "%s is not a cursor of this list.", side.name)
		}
		if o.desc {
			side.op = map[string]string{">": "<", "<": ">"}[side.op]
		}
		q.add(" AND (").append(&o.column).add(", "+o.id+") "+side.op+" (?, ?)", key, id)
	}
	return nil
}

// order adds ORDER BY and a LIMIT of one more than the page, by which it is known whether there are more.
func (w window) order(q *query, o sorting) {
	dir := ""
	if o.desc != w.backward {
		dir = " DESC"
	}
	q.add(" ORDER BY ")
	if o.alias != "" {
		q.add(o.alias)
	} else {
		q.append(&o.column)
	}
	q.add(dir + ", " + o.id + dir + " LIMIT " + strconv.Itoa(w.limit()))
}

// limit is one more than the page, by which it is known whether there are more.
func (w window) limit() int { return w.size + 1 }

// in is the window on the i-th of the lists.
func (w window) in(i int) window {
	w.lists = w.lists[i : i+1]
	return w
}

// distinct gives each key once, in the order in which they come.
func distinct[T comparable](keys []T) []T {
	out, seen := make([]T, 0, len(keys)), make(map[T]bool, len(keys))
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// page makes the page from the rows that keyset and order gave.
func page[T any](w window, rows []*T, position func(*T) cursor) ent.Page[T] {
	more := len(rows) > w.size
	rows = rows[:min(len(rows), w.size)]
	if w.backward {
		slices.Reverse(rows)
	}
	p := ent.Page[T]{Edges: make([]*ent.Edge[T], len(rows)), PageInfo: new(ent.PageInfo)}
	for i, r := range rows {
		p.Edges[i] = &ent.Edge[T]{Cursor: w.lists[0].encode(position(r)), Node: r}
	}
	if n := len(rows); n > 0 {
		p.PageInfo.StartCursor, p.PageInfo.EndCursor = &p.Edges[0].Cursor, &p.Edges[n-1].Cursor
	}
	if w.backward {
		p.PageInfo.HasPreviousPage, p.PageInfo.HasNextPage = more, w.before != nil
	} else {
		p.PageInfo.HasNextPage, p.PageInfo.HasPreviousPage = more, w.after != nil
	}
	return p
}

// slicePage makes a page of a list that is held in memory, in order.
func slicePage[T any](w window, all []*T, position func(*T) cursor) ent.Page[T] {
	find := func(c cursor, behind bool) int {
		i, found := slices.BinarySearchFunc(all, c, func(x *T, c cursor) int {
			p := position(x)
			return cmp.Or(cmp.Compare(p.key, c.key), cmp.Compare(p.id, c.id))
		})
		if found && behind {
			i++
		}
		return i
	}
	part := all
	if w.before != nil {
		part = part[:find(*w.before, false)]
	}
	if w.after != nil {
		part = part[min(find(*w.after, true), len(part)):]
	}
	rows := slices.Clone(part[:min(len(part), w.size+1)])
	p := page(w, rows, position)
	p.TotalCount = len(all)
	return p
}

// microTime is a time as a cursor's key: microseconds, the precision of Postgres.
func microTime(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

func parseMicroTime(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	const far = 300 * 366 * 24 * 3600 * 1_000_000 // the year 2270: Postgres takes no year beyond 294276
	return time.UnixMicro(n).UTC(), err == nil && n > -far && n < far
}

// A position in a log as a cursor's key.
func formatPosition(n int64) string { return strconv.FormatInt(n, 10) }

func parsePosition(key string) (int64, error) {
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil || n < 0 {
		return 0, ent.BadInput("after", "after is not a cursor of this list.")
	}
	return n, nil
}
