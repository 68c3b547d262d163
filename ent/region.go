package ent

import (
	"strings"

	"github.com/uptrace/bun"
)

// RegionKind is the level of a region.
type RegionKind string

// The levels, from the register downwards, and what municipalities found together.
const (
	RegionState       RegionKind = "STATE"
	RegionDistrict    RegionKind = "DISTRICT"
	RegionAssociation RegionKind = "ASSOCIATION"
	RegionCooperation RegionKind = "COOPERATION"
)

// Region is everything above a municipality: state, district, association, and cooperations that
// municipalities and districts form across all of these.
type Region struct {
	bun.BaseModel `bun:"table:region,alias:r"`

	// Key is unique over all kinds: 2 digits for a state, 5 for a district, 9 for an association, a slug for a cooperation.
	Key       string     `bun:"key,pk"`
	Kind      RegionKind `bun:"kind"`
	Name      string     `bun:"name"`
	Label     string     `bun:"label"`      // the register's type ("Landkreis", "Amt", "Verbandsgemeinde"), or what a cooperation is; may be empty
	ParentKey *string    `bun:"parent_key"` // nil for states and cooperations
	Note      *string    `bun:"note"`       // what a reader must know about its members, such as an assumption

	Parent *Region `bun:"-"`
	Loaded Loaded  `bun:"-"`
}

// RegionMember says that a municipality belongs to a region, of whatever kind.
type RegionMember struct {
	bun.BaseModel `bun:"table:region_member,alias:rm"`

	RegionKey string `bun:"region_key,pk"`
	AGS       string `bun:"ags,pk"`
	Assumed   bool   `bun:"assumed"` // the source names no list of members: this one was chosen plausibly
}

// NodeID is the global id.
func (r *Region) NodeID() string { return prefixRegion + r.Key }

// IsNode marks the type as a GraphQL Node.
func (*Region) IsNode() {}

// IsSuggestion marks the type as a member of the GraphQL union Suggestion.
func (*Region) IsSuggestion() {}

// ParseRegionKey takes a region's key or its global id and gives the key; it does not ask whether it exists.
func ParseRegionKey(id string) string { return strings.TrimPrefix(id, prefixRegion) }
