package store

// SetManyMatches has searches done in two parts from n texts with each of their words on.
func (s *Store) SetManyMatches(n int) { s.manyMatches = n }
