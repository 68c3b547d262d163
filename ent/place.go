package ent

import (
	"encoding/json"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Place is where something is. Places are shared: the same description in the same municipality is the same place.
type Place struct {
	bun.BaseModel `bun:"table:place,alias:pl"`

	ID         uuid.UUID `bun:"id,pk"`
	Name       string    `bun:"name"`
	Street     *string   `bun:"street"` // with house number
	PostalCode *string   `bun:"postal_code"`
	Locality   *string   `bun:"locality"`
	Longitude  *float64  `bun:"longitude"` // WGS 84 degrees; both or neither
	Latitude   *float64  `bun:"latitude"`
	AGS        string    `bun:"ags"`

	Municipality *Municipality `bun:"-"`
}

// Address is the postal side of a place.
type Address struct {
	Street, PostalCode, Locality *string
}

// Address gives the postal side of the place.
func (p *Place) Address() *Address {
	return &Address{Street: p.Street, PostalCode: p.PostalCode, Locality: p.Locality}
}

// NodeID is the global id.
func (p *Place) NodeID() string { return prefixPlace + p.ID.String() }

// IsNode marks the type as a GraphQL Node.
func (*Place) IsNode() {}

// ParsePlaceID is the way back from Place.NodeID.
func ParsePlaceID(id string) (uuid.UUID, bool) { return parseID(prefixPlace, id) }

// DescribedID is the key of a place with this description: the same one for the same words in the same municipality.
func (p *Place) DescribedID() uuid.UUID {
	b, err := json.Marshal([]any{p.AGS, p.Name, p.Street, p.PostalCode, p.Locality, p.Longitude, p.Latitude})
	if err != nil {
		panic(err) // cannot be: validated coordinates are finite
	}
	return uuid.NewSHA1(placeSpace, b)
}

var placeSpace = uuid.MustParse("5f1c2a6e-6f0b-4b52-9c1e-6d0a0e3c7a11")
