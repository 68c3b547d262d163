package ent

import "time"

// OfferingFilter says which offerings: every field that is given must hold, within one list any item is enough.
// A nil field or an empty list is no condition.
type OfferingFilter struct {
	Kinds          []OfferingKind
	Categories     []string // slugs; a category includes its narrower ones
	Municipalities []string // AGS or global ids
	Regions        []string // keys or global ids
	Providers      []string // global ids
	Free           *bool
	Online         *bool
	Audiences      []Audience
	Wheelchair     *Answer
	Languages      []string
	Sources        []string // global ids
	UpdatedSince   *time.Time
}

// OfferingOrder is how a list of offerings is ordered.
type OfferingOrder string

// The orders.
const (
	OrderTitle  OfferingOrder = "TITLE"
	OrderNewest OfferingOrder = "NEWEST"
)
