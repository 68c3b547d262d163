package resolvers

import (
	"context"

	"umland/ent"
)

// Category answers Query.category.
func (r query) Category(_ context.Context, slug string) (*ent.Category, error) {
	return r.Store.Category(ent.ParseCategorySlug(slug)), nil
}

// Categories answers Query.categories.
func (r query) Categories(context.Context) ([]*ent.Category, error) {
	return r.Store.Categories(), nil
}
