package store

import "umland/ent"

// Category gives the category with this slug, nil when there is none. It is shared: do not change it.
func (s *Store) Category(slug string) *ent.Category { return s.reference().categories[slug] }

// Categories gives the roots of the tree, in their own order. They are shared: do not change them.
func (s *Store) Categories() []*ent.Category { return s.reference().roots }

// narrower lists the slugs of the categories and of all below them. An unknown slug is an error that names it.
func (s *Store) narrower(slugs []string) ([]string, error) {
	var out []string
	var walk func(c *ent.Category)
	walk = func(c *ent.Category) {
		out = append(out, c.Slug)
		for _, n := range c.Narrower {
			walk(n)
		}
	}
	for _, slug := range slugs {
		c := s.Category(ent.ParseCategorySlug(slug))
		if c == nil {
			return nil, ent.BadInput("filter.categories", "There is no category %q.", clip(slug))
		}
		walk(c)
	}
	return out, nil
}
