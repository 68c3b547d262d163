package store

import (
	"context"

	"github.com/google/uuid"

	"umland/ent"
)

// PlacesByID gives the places with these keys, in no order. A place never changes.
func (s *Store) PlacesByID(ctx context.Context, ids []uuid.UUID) (rows []*ent.Place, err error) {
	defer wrap(&err, "PlacesByID(%v)", ids)
	return byKey[ent.Place](note(ctx, func(*Reads) {}), s, "place pl WHERE pl.id", ids)
}

// PublicPlacesByID gives those of the places that an offering is at which the key may see, in no order.
func (s *Store) PublicPlacesByID(ctx context.Context, actor *ent.Actor, ids []uuid.UUID) (rows []*ent.Place, err error) {
	defer wrap(&err, "PublicPlacesByID(%v)", ids)
	q := new(query).add("SELECT "+s.columns(ent.Place{})+` FROM place pl WHERE pl.id = ANY(?::uuid[])
		AND EXISTS (SELECT FROM offering o WHERE o.place_id = pl.id AND (o.status = 'PUBLISHED'`, uuids(ids))
	s.own(q, actor)
	return rows, s.scan(ctx, q.add("))"), &rows)
}
