package ent

import (
	"strings"

	"github.com/uptrace/bun"
)

// Municipality is one entry of the German municipal register (Destatis GV-ISys): a municipality or an
// unincorporated area.
type Municipality struct {
	bun.BaseModel `bun:"table:municipality,alias:m"`

	AGS            string  `bun:"ags,pk"`      // Amtlicher Gemeindeschlüssel, 8 digits
	ARS            string  `bun:"ars"`         // Amtlicher Regionalschlüssel, 12 digits
	Name           string  `bun:"name"`        // "Bad Belzig"
	Designation    string  `bun:"designation"` // what the register adds to the name: "Stadt", "Hansestadt, Kreisstadt"; may be empty
	Kind           string  `bun:"kind"`        // the register's type: "Stadt", "Markt", "gemeindefreies Gebiet, unbewohnt"
	Population     *int    `bun:"population"`  // at the register's date; nil for areas without inhabitants counted
	AreaKm2        float64 `bun:"area_km2"`
	PostalCode     string  `bun:"postal_code"`     // of the administration's seat; may be empty
	Longitude      float64 `bun:"longitude"`       // WGS 84 degrees
	Latitude       float64 `bun:"latitude"`        // WGS 84 degrees
	AssociationKey string  `bun:"association_key"` // 9 digits of the ARS
	DistrictKey    *string `bun:"district_key"`    // 5 digits; nil for the two areas outside every district
	StateKey       string  `bun:"state_key"`       // 2 digits

	Regions []*Region `bun:"-"` // state, district, association, cooperations
	Loaded  Loaded    `bun:"-"`
}

// NodeID is the global id.
func (m *Municipality) NodeID() string { return prefixMunicipality + m.AGS }

// PostalCodeOrNil is nil where the register has none.
func (m *Municipality) PostalCodeOrNil() *string {
	if m.PostalCode == "" {
		return nil
	}
	return &m.PostalCode
}

// IsNode marks the type as a GraphQL Node.
func (*Municipality) IsNode() {}

// IsSuggestion marks the type as a member of the GraphQL union Suggestion.
func (*Municipality) IsSuggestion() {}

// ParseAGS takes an AGS or a municipality's global id and gives the AGS. ok is false when it is neither;
// whether such a municipality exists is not asked.
func ParseAGS(id string) (ags string, ok bool) {
	ags = strings.TrimPrefix(id, prefixMunicipality)
	return ags, len(ags) == 8 && digits(ags)
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
