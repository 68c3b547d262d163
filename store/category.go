package store

import "umland/ent"

// Category gives the category with this slug, nil when there is none. It is shared: do not change it.
func (s *Store) Category(slug string) *ent.Category { return s.reference().categories[slug] }

// Categories gives the roots of the tree, in their own order. They are shared: do not change them.
func (s *Store) Categories() []*ent.Category { return s.reference().roots }
