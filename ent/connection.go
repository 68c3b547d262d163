package ent

// PageInfo says where a page stands in its list (Relay cursor specification).
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}

// Edge is an item of a page with the cursor that stands for its position.
type Edge[T any] struct {
	Cursor string
	Node   *T
	// Only for offerings:
	DistanceKm *float64 // from the point that the list asks about
	Score      *float64 // of a search; higher is better
	Snippet    *string  // of a search: safe HTML with the hits in <mark>
}

// Page is what every connection holds.
type Page[T any] struct {
	Edges      []*Edge[T]
	PageInfo   *PageInfo
	TotalCount int // counted only when the query asks for it
}

// Nodes gives the edges' nodes.
func (p *Page[T]) Nodes() []*T {
	nodes := make([]*T, len(p.Edges))
	for i, e := range p.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// The connections of the schema, each a page of one type.
type (
	OfferingConnection struct {
		Page[Offering]
		Facets *OfferingFacets // counted only when the query asks for them
	}
	OccurrenceConnection   struct{ Page[Occurrence] }
	MunicipalityConnection struct{ Page[Municipality] }
	RegionConnection       struct{ Page[Region] }
	ProviderConnection     struct{ Page[Provider] }
	SourceConnection       struct{ Page[Source] }
	ChangeConnection       struct{ Page[OfferingChange] }
	RevisionConnection     struct{ Page[Revision] }
	AuditConnection        struct{ Page[Audit] }
	HarvestConnection      struct{ Page[Harvest] }
	DuplicateConnection    struct{ Page[Duplicate] }
)

// The edges of the schema.
type (
	OfferingEdge     = Edge[Offering]
	OccurrenceEdge   = Edge[Occurrence]
	MunicipalityEdge = Edge[Municipality]
	RegionEdge       = Edge[Region]
	ProviderEdge     = Edge[Provider]
	SourceEdge       = Edge[Source]
	ChangeEdge       = Edge[OfferingChange]
	RevisionEdge     = Edge[Revision]
	AuditEdge        = Edge[Audit]
	PersonEdge       = Edge[Person]
	HarvestEdge      = Edge[Harvest]
	DuplicateEdge    = Edge[Duplicate]
)
