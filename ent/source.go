package ent

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Source is a feed or data set that offerings come from.
type Source struct {
	bun.BaseModel `bun:"table:source,alias:s"`

	ID      uuid.UUID `bun:"id,pk"`
	Name    string    `bun:"name"`
	NameKey string    `bun:"name_key"` // SortKey of the name
	Format  string    `bun:"format"`   // "geojson", "ical", …
	URL     *string   `bun:"url"`
	AGS     *string   `bun:"ags"` // the municipality that answers for it; nil when it covers more
	Licence string    `bun:"licence"`

	Municipality *Municipality `bun:"-"`
}

// NodeID is the global id.
func (s *Source) NodeID() string { return prefixSource + s.ID.String() }

// IsNode marks the type as a GraphQL Node.
func (*Source) IsNode() {}

// ParseSourceID is the way back from Source.NodeID.
func ParseSourceID(id string) (uuid.UUID, bool) { return parseID(prefixSource, id) }
