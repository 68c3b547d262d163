package ent

import "time"

// OfferingFilter says which offerings: every field that is given must hold, within one list any item is enough.
// A nil field or an empty list is no condition.
type OfferingFilter struct {
	Search           *string // as people type it; nil or blank is no condition
	Kinds            []OfferingKind
	Categories       []string // slugs; a category includes its narrower ones
	Municipalities   []string // AGS or global ids
	Regions          []string // keys or global ids
	Providers        []string // global ids
	Near             *Near
	NearMunicipality *NearMunicipality
	Within           *BoundingBox
	During           *TimeWindow // has an occurrence, or is open, in the window
	OpenAt           *time.Time
	Free             *bool
	Online           *bool
	Audiences        []Audience
	Wheelchair       *Answer
	Languages        []string
	Sources          []string // global ids
	UpdatedSince     *time.Time
}

// Near is a circle around a point, WGS 84 degrees.
type Near struct {
	Longitude, Latitude float64
	RadiusKm            *float64 // nil: 10
}

// NearMunicipality is a circle around a municipality's point.
type NearMunicipality struct {
	Ags      string
	RadiusKm *float64 // nil: 10
}

// BoundingBox is a box of WGS 84 degrees that does not cross the date line.
type BoundingBox struct{ West, South, East, North float64 }

// TimeWindow is a time with its beginning and without its end. A nil From is now, a nil To two years after From.
type TimeWindow struct{ From, To *time.Time }

// OfferingOrder is how a list of offerings is ordered.
type OfferingOrder string

// The orders.
const (
	OrderRelevance      OfferingOrder = "RELEVANCE"
	OrderDistance       OfferingOrder = "DISTANCE"
	OrderNextOccurrence OfferingOrder = "NEXT_OCCURRENCE"
	OrderTitle          OfferingOrder = "TITLE"
	OrderNewest         OfferingOrder = "NEWEST"
)

// OfferingFacets counts a whole match by what it could be narrowed to, each facet without the filter's own field for it, the most frequent first.
type OfferingFacets struct {
	Kinds          []*KindCount
	Categories     []*CategoryCount
	Municipalities []*MunicipalityCount
	Audiences      []*AudienceCount
}

// KindCount counts a kind.
type KindCount struct {
	Kind  OfferingKind
	Count int
}

// CategoryCount counts a category, with its narrower ones.
type CategoryCount struct {
	Category *Category
	Count    int
}

// MunicipalityCount counts a municipality.
type MunicipalityCount struct {
	Municipality *Municipality
	Count        int
}

// AudienceCount counts an audience.
type AudienceCount struct {
	Audience Audience
	Count    int
}
