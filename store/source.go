package store

import (
	"context"

	"github.com/google/uuid"

	"umland/ent"
)

// Sources gives the sources that a municipality answers for, or all, by name.
func (s *Store) Sources(ctx context.Context, municipality *string, p PageArgs) (c *ent.SourceConnection, err error) {
	defer wrap(&err, "Sources")
	w, err := p.window(newList("sources", municipality))
	if err != nil {
		return nil, err
	}
	from := new(query)
	if municipality != nil {
		ags, err := s.knownAGS("municipality", *municipality)
		if err != nil {
			return nil, err
		}
		from.add(" AND s.ags = ?", ags)
	}
	q := new(query).add("SELECT " + s.columns(ent.Source{}) + " FROM source s WHERE true").append(from)
	if err := w.keyset(q, byName("s")); err != nil {
		return nil, err
	}
	w.order(q, byName("s"))
	var rows []*ent.Source
	if err := s.scan(ctx, q, &rows); err != nil {
		return nil, err
	}
	c = &ent.SourceConnection{Page: page(w, rows, func(x *ent.Source) cursor { return cursor{x.NameKey, x.ID.String()} })}
	if p.Total {
		totals, err := s.totals(ctx, new(query).add("SELECT '' AS parent, count(*) AS n FROM source s WHERE true").append(from))
		if err != nil {
			return nil, err
		}
		c.TotalCount = totals[""]
	}
	return c, nil
}

// SourcesByID gives the sources with these keys, in no order.
func (s *Store) SourcesByID(ctx context.Context, ids []uuid.UUID) (rows []*ent.Source, err error) {
	defer wrap(&err, "SourcesByID(%v)", ids)
	return byKey[ent.Source](ctx, s, "source s WHERE s.id", ids)
}
