package store

import (
	"context"

	"github.com/google/uuid"

	"umland/ent"
	"umland/search"
)

// SetManyMatches has searches done in two parts from n texts with each of their words on.
func (s *Store) SetManyMatches(n int) { s.manyMatches = n }

// Vectors gives the search vectors of all that is published, by id.
func (s *Store) Vectors(ctx context.Context) (map[string]string, error) {
	var rows []struct {
		ID     uuid.UUID `bun:"id"`
		Vector string    `bun:"vector"`
	}
	vectors := map[string]string{}
	err := s.scan(ctx, new(query).add("SELECT id, vector::text AS vector FROM offering WHERE status = 'PUBLISHED'"), &rows)
	for _, r := range rows {
		vectors[r.ID.String()] = r.Vector
	}
	return vectors, err
}

// Finds tells whether a change of an offering with this vector may change what a search gives.
func (s *Store) Finds(words, vector string) bool {
	return s.scopeOf(&ent.OfferingFilter{Search: &words}).touches(&facts{Words: search.Sign(vector)})
}
