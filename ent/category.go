package ent

import (
	"strings"

	"github.com/uptrace/bun"
)

// Category is a term of Umland's own small vocabulary, a tree keyed by slug.
type Category struct {
	bun.BaseModel `bun:"table:category,alias:c"`

	Slug       string            `bun:"slug,pk"`           // lower-case ASCII with hyphens: "sport-bewegung"
	ParentSlug *string           `bun:"broader"`           // nil for a root
	Position   int               `bun:"position"`          // order among its siblings
	Labels     map[string]string `bun:"labels,type:jsonb"` // by locale: de, en, de-simple; de is always there

	Broader  *Category   `bun:"-"`
	Narrower []*Category `bun:"-"`
}

// NodeID is the global id.
func (c *Category) NodeID() string { return prefixCategory + c.Slug }

// IsNode marks the type as a GraphQL Node.
func (*Category) IsNode() {}

// IsSuggestion marks the type as a member of the GraphQL union Suggestion.
func (*Category) IsSuggestion() {}

// LabelIn gives the label in the locale, else in the nearest that there is, in the end the German one.
func (c *Category) LabelIn(locale *string) string {
	for _, l := range fallback(locale) {
		if label, ok := c.Labels[l]; ok {
			return label
		}
	}
	return c.Labels["de"]
}

// ParseCategorySlug takes a slug or a category's global id and gives the slug; it does not ask whether it exists.
func ParseCategorySlug(id string) string { return strings.TrimPrefix(id, prefixCategory) }
