package resolvers

import (
	"context"
	"encoding/binary"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/store"
)

// A resolver that gives entities first fills them: it walks down what the query selects below, and for each relation that is named
// there reads the other side for all of the entities at once. The number of statements is that of the relations in the query's text,
// whatever the page sizes are. What is filled is plain fields, and Loaded where a field has arguments.

// selection is a set of fields that a query selects on a type.
type selection struct {
	op  *graphql.OperationContext
	set ast.SelectionSet
}

// selected is what the query selects below the field that is being resolved.
func selected(ctx context.Context) selection {
	return selection{graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field.Selections}
}

// field is one field of a selection, with what is selected below it.
type field struct {
	graphql.CollectedField
	sub selection
}

// fieldKey tells fields apart: the same field may be selected twice on one entity, as under nodes and under edges { node }, with other things below.
type fieldKey struct {
	field *ast.Field
	below string
}

func keyOf(f graphql.CollectedField) fieldKey {
	below := make([]byte, 0, 8*len(f.Selections))
	for _, s := range f.Selections {
		below = binary.NativeEndian.AppendUint64(below, uint64(reflect.ValueOf(s).Pointer()))
	}
	return fieldKey{f.Field, string(below)}
}

// on lists the fields that are selected on one of the types: the concrete one, and the interfaces and unions it belongs to. Fragments are
// followed, @skip and @include obeyed, and fields with the same response key are one.
func (s selection) on(types ...string) []field {
	collected := graphql.CollectFields(s.op, s.set, types)
	fields := make([]field, len(collected))
	for i, f := range collected {
		fields[i] = field{f, selection{s.op, f.Selections}}
	}
	return fields
}

// under gives what is selected below each field of the name on the type, its aliases each for itself.
func (s selection) under(typ, name string) (below []selection) {
	for _, f := range s.on(typ) {
		if f.Name == name {
			below = append(below, f.sub)
		}
	}
	return below
}

// nodes gives what is selected on the entities of a connection: below nodes and below edges { node }.
func (s selection) nodes(connection, edge string) []selection {
	below := s.under(connection, "nodes")
	for _, e := range s.under(connection, "edges") {
		below = append(below, e.under(edge, "node")...)
	}
	return below
}

// has tells whether a field is selected on the type.
func (s selection) has(typ, name string) bool {
	return len(s.under(typ, name)) > 0
}

// The arguments of a field as the engine will read them. One that cannot be read gives nil here: the engine reports it.

func arg[T any](f field, name string, unmarshal func(any) (T, error)) *T {
	v := f.ArgumentMap(f.sub.op.Variables)[name]
	if v == nil {
		return nil
	}
	t, err := unmarshal(v)
	if err != nil {
		return nil
	}
	return &t
}

func (f field) page(connection string) store.PageArgs {
	return store.PageArgs{
		First: arg(f, "first", graph.UnmarshalInt), After: arg(f, "after", graph.UnmarshalText),
		Total: f.sub.has(connection, "totalCount"),
	}
}

func (f field) time(name string) *time.Time { return arg(f, name, graph.UnmarshalDateTime) }

// fillPage fills the entities of a connection's pages, below nodes and below edges { node }.
func fillPage[T any](ctx context.Context, sel selection, connection, edge string, nodes []*T, fill func(context.Context, selection, []*T) error) error {
	if len(nodes) == 0 {
		return nil
	}
	for _, below := range sel.nodes(connection, edge) {
		if err := fill(ctx, below, nodes); err != nil {
			return err
		}
	}
	return nil
}

// relate reads the other side of a relation for all items at once: those whose key is not nil and that have none yet.
// It gives each different entity once, for filling it further.
func relate[T, U any](items []*T, key func(*T) *uuid.UUID, slot func(*T) **U, read func([]uuid.UUID) ([]*U, error), id func(*U) uuid.UUID) ([]*U, error) {
	var want []uuid.UUID
	var all []*U
	found := map[uuid.UUID]*U{}
	for _, it := range items {
		k, have := key(it), *slot(it)
		if k == nil {
			continue
		}
		if _, seen := found[*k]; have != nil && (!seen || found[*k] == nil) {
			found[*k] = have
		} else if !seen {
			found[*k] = nil
			want = append(want, *k)
		}
	}
	rows, err := read(want)
	if err != nil {
		return nil, err
	}
	for _, u := range rows {
		if found[id(u)] == nil {
			found[id(u)] = u
		}
	}
	for _, it := range items {
		if k := key(it); k != nil {
			*slot(it) = found[*k]
		}
	}
	for _, u := range found {
		if u != nil {
			all = append(all, u)
		}
	}
	return all, nil
}

// relateMunicipalities is relate for municipalities, which cost no statement. Each query has copies of its own, to be filled.
func (r *Root) relateMunicipalities(n int, at func(i int) (ags string, slot **ent.Municipality)) (all []*ent.Municipality) {
	copies := map[string]*ent.Municipality{}
	for i := range n {
		if ags, slot := at(i); *slot != nil {
			copies[ags] = *slot
		}
	}
	for i := range n {
		ags, slot := at(i)
		if copies[ags] == nil {
			if m := r.Store.Municipality(ags); m != nil {
				c := *m
				copies[ags] = &c
			}
		}
		*slot = copies[ags]
	}
	for _, m := range copies {
		if m != nil {
			all = append(all, m)
		}
	}
	return all
}

func (r *Root) fillOfferings(ctx context.Context, sel selection, items []*ent.Offering) (err error) {
	if len(items) == 0 {
		return nil
	}
	for _, f := range sel.on("Offering", "Node", "Suggestion") {
		switch f.Name {
		case "provider":
			err = r.fillOfferingProviders(ctx, f.sub, items)
		case "municipality":
			all := r.relateMunicipalities(len(items), func(i int) (string, **ent.Municipality) { return items[i].AGS, &items[i].Municipality })
			err = r.fillMunicipalities(ctx, f.sub, all)
		case "serviceArea":
			err = r.fillServiceAreas(ctx, f.sub, items)
		case "place":
			var places []*ent.Place
			if places, err = r.placesOf(ctx, items); err == nil {
				err = r.fillPlaces(ctx, f.sub, places)
			}
		case "categories":
			for _, o := range items {
				o.Categories = make([]*ent.Category, 0, len(o.CategorySlugs))
				for _, slug := range o.CategorySlugs {
					if c := r.Store.Category(slug); c != nil {
						o.Categories = append(o.Categories, c)
					}
				}
			}
		case "provenance":
			err = r.fillProvenance(ctx, f.sub, items)
		case "occurrences":
			err = r.fillOfferingOccurrences(ctx, f, items)
		case "nextOccurrence":
			err = r.fillNextOccurrences(ctx, f, items)
		case "editorial":
			err = r.fillEditorials(ctx, f, items)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Root) fillOfferingProviders(ctx context.Context, sel selection, items []*ent.Offering) error {
	all, err := relate(items,
		func(o *ent.Offering) *uuid.UUID { return &o.ProviderID },
		func(o *ent.Offering) **ent.Provider { return &o.Provider },
		func(ids []uuid.UUID) ([]*ent.Provider, error) { return r.Store.ProvidersByID(ctx, ids) },
		func(p *ent.Provider) uuid.UUID { return p.ID })
	if err != nil {
		return err
	}
	return r.fillProviders(ctx, sel, all)
}

func (r *Root) placesOf(ctx context.Context, items []*ent.Offering) ([]*ent.Place, error) {
	return relate(items,
		func(o *ent.Offering) *uuid.UUID { return o.PlaceID },
		func(o *ent.Offering) **ent.Place { return &o.Place },
		func(ids []uuid.UUID) ([]*ent.Place, error) { return r.Store.PlacesByID(ctx, ids) },
		func(p *ent.Place) uuid.UUID { return p.ID })
}

func (r *Root) fillServiceAreas(ctx context.Context, sel selection, items []*ent.Offering) error {
	type slot struct {
		ags string
		at  **ent.Municipality
	}
	var slots []slot
	for _, o := range items {
		if o.Area == nil {
			o.Area = make([]*ent.Municipality, len(o.ServiceArea))
		}
		for i, ags := range o.ServiceArea {
			slots = append(slots, slot{ags, &o.Area[i]})
		}
	}
	all := r.relateMunicipalities(len(slots), func(i int) (string, **ent.Municipality) { return slots[i].ags, slots[i].at })
	return r.fillMunicipalities(ctx, sel, all)
}

func (r *Root) fillProvenance(ctx context.Context, sel selection, items []*ent.Offering) error {
	read := false
	for _, f := range sel.on("Provenance") {
		switch f.Name {
		case "records":
			if err := r.fillRecords(ctx, f.sub, items); err != nil {
				return err
			}
		case "source", "retrievedAt", "confirmedAt": // when the source was read tells when the offering was
			if read && f.Name != "source" {
				continue
			}
			read = true
			all, err := relate(items,
				func(o *ent.Offering) *uuid.UUID { return o.SourceID },
				func(o *ent.Offering) **ent.Source { return &o.Source },
				func(ids []uuid.UUID) ([]*ent.Source, error) { return r.Store.SourcesByID(ctx, ids) },
				func(s *ent.Source) uuid.UUID { return s.ID })
			if err != nil {
				return err
			}
			if f.Name == "source" {
				if err := r.fillSources(ctx, f.sub, all); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *Root) fillOfferingOccurrences(ctx context.Context, f field, items []*ent.Offering) error {
	pages, err := r.Store.OccurrencesOf(ctx, items, r.orNow(ctx, f.time("from")), f.time("to"), f.page("OccurrenceConnection"))
	for _, o := range items {
		if err != nil {
			o.Loaded.Set(keyOf(f.CollectedField), err)
			continue
		}
		o.Loaded.Set(keyOf(f.CollectedField), pages[o.ID])
	}
	var all []*ent.Occurrence
	for _, c := range pages {
		all = append(all, c.Nodes()...)
	}
	return fillPage(ctx, f.sub, "OccurrenceConnection", "OccurrenceEdge", all, r.fillOccurrences)
}

func (r *Root) fillNextOccurrences(ctx context.Context, f field, items []*ent.Offering) error {
	next, err := r.Store.NextOccurrences(ctx, items, r.orNow(ctx, f.time("after")))
	if err != nil {
		return err
	}
	for _, o := range items {
		o.Loaded.Set(keyOf(f.CollectedField), next[o.ID])
	}
	all := slices.Collect(maps.Values(next))
	return r.fillOccurrences(ctx, f.sub, all)
}

func (r *Root) fillOccurrences(ctx context.Context, sel selection, items []*ent.Occurrence) error {
	for _, f := range sel.on("Occurrence", "Node") {
		switch f.Name {
		case "offering":
			all, err := r.offeringsOfOccurrences(ctx, items)
			if err != nil {
				return err
			}
			if err := r.fillOfferings(ctx, f.sub, all); err != nil {
				return err
			}
		case "place":
			if err := r.fillOccurrencePlaces(ctx, f.sub, items); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Root) offeringsOfOccurrences(ctx context.Context, items []*ent.Occurrence) ([]*ent.Offering, error) {
	return relate(items,
		func(oc *ent.Occurrence) *uuid.UUID { return &oc.OfferingID },
		func(oc *ent.Occurrence) **ent.Offering { return &oc.Offering },
		func(ids []uuid.UUID) ([]*ent.Offering, error) { return r.Store.OfferingsByID(ctx, auth.From(ctx), ids) },
		func(o *ent.Offering) uuid.UUID { return o.ID })
}

// fillOccurrencePlaces gives each date its own place, else its offering's.
func (r *Root) fillOccurrencePlaces(ctx context.Context, sel selection, items []*ent.Occurrence) error {
	offerings, err := r.offeringsOfOccurrences(ctx, items)
	if err != nil {
		return err
	}
	if _, err := r.placesOf(ctx, offerings); err != nil {
		return err
	}
	for _, oc := range items {
		if oc.PlaceID == nil && oc.Offering != nil && oc.Offering.PlaceID != nil {
			oc.PlaceID, oc.Place = oc.Offering.PlaceID, oc.Offering.Place
		}
	}
	places, err := relate(items,
		func(oc *ent.Occurrence) *uuid.UUID { return oc.PlaceID },
		func(oc *ent.Occurrence) **ent.Place { return &oc.Place },
		func(ids []uuid.UUID) ([]*ent.Place, error) { return r.Store.PlacesByID(ctx, ids) },
		func(p *ent.Place) uuid.UUID { return p.ID })
	if err != nil {
		return err
	}
	return r.fillPlaces(ctx, sel, places)
}

func (r *Root) fillPlaces(ctx context.Context, sel selection, items []*ent.Place) error {
	for _, f := range sel.on("Place", "Node") {
		if f.Name == "municipality" {
			all := r.relateMunicipalities(len(items), func(i int) (string, **ent.Municipality) { return items[i].AGS, &items[i].Municipality })
			if err := r.fillMunicipalities(ctx, f.sub, all); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Root) fillProviders(ctx context.Context, sel selection, items []*ent.Provider) error {
	for _, f := range sel.on("Provider", "Node") {
		var err error
		switch f.Name {
		case "municipality":
			all := r.relateMunicipalities(len(items), func(i int) (string, **ent.Municipality) { return items[i].AGS, &items[i].Municipality })
			err = r.fillMunicipalities(ctx, f.sub, all)
		case "offerings":
			err = fillOfferingsOf(ctx, r, f, store.OfProvider, items,
				func(p *ent.Provider) (string, *ent.Loaded) { return p.ID.String(), &p.Loaded })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Root) fillMunicipalities(ctx context.Context, sel selection, items []*ent.Municipality) error {
	if len(items) == 0 {
		return nil
	}
	for _, f := range sel.on("Municipality", "Node", "Suggestion") {
		var err error
		switch f.Name {
		case "regions":
			err = r.fillMunicipalityRegions(ctx, f.sub, items)
		case "providers":
			err = r.fillMunicipalityProviders(ctx, f, items)
		case "offerings":
			err = fillOfferingsOf(ctx, r, f, store.OfMunicipality, items,
				func(m *ent.Municipality) (string, *ent.Loaded) { return m.AGS, &m.Loaded })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Root) fillMunicipalityRegions(ctx context.Context, sel selection, items []*ent.Municipality) error {
	copies := map[string]*ent.Region{}
	for _, m := range items {
		if m.Regions != nil {
			for _, g := range m.Regions {
				copies[g.Key] = g
			}
		}
	}
	for _, m := range items {
		shared := r.Store.RegionsOf(m.AGS)
		m.Regions = make([]*ent.Region, len(shared))
		for i, g := range shared {
			if copies[g.Key] == nil {
				c := *g
				copies[g.Key] = &c
			}
			m.Regions[i] = copies[g.Key]
		}
	}
	all := make([]*ent.Region, 0, len(copies))
	for _, g := range copies {
		all = append(all, g)
	}
	return r.fillRegions(ctx, sel, all)
}

func (r *Root) fillMunicipalityProviders(ctx context.Context, f field, items []*ent.Municipality) error {
	keys := make([]string, len(items))
	for i, m := range items {
		keys[i] = m.AGS
	}
	pages, err := r.Store.ProvidersOf(ctx, keys, f.page("ProviderConnection"))
	for _, m := range items {
		if err != nil {
			m.Loaded.Set(keyOf(f.CollectedField), err)
			continue
		}
		m.Loaded.Set(keyOf(f.CollectedField), pages[m.AGS])
	}
	var all []*ent.Provider
	for _, c := range pages {
		all = append(all, c.Nodes()...)
	}
	return fillPage(ctx, f.sub, "ProviderConnection", "ProviderEdge", all, r.fillProviders)
}

func (r *Root) fillRegions(ctx context.Context, sel selection, items []*ent.Region) error {
	if len(items) == 0 {
		return nil
	}
	for _, f := range sel.on("Region", "Node", "Suggestion") {
		var err error
		switch f.Name {
		case "parent":
			var parents []*ent.Region
			for _, g := range items {
				if g.ParentKey == nil {
					continue
				}
				if p := r.Store.Region(*g.ParentKey); g.Parent == nil && p != nil {
					c := *p
					g.Parent = &c
				}
				parents = append(parents, g.Parent)
			}
			err = r.fillRegions(ctx, f.sub, parents)
		case "municipalities":
			var all []*ent.Municipality
			for _, g := range items {
				c, err := r.Store.Municipalities(nil, &g.Key, f.page("MunicipalityConnection"))
				if err != nil {
					g.Loaded.Set(keyOf(f.CollectedField), err)
					continue
				}
				copyNodes(&c.Page)
				g.Loaded.Set(keyOf(f.CollectedField), c)
				all = append(all, c.Nodes()...)
			}
			err = fillPage(ctx, f.sub, "MunicipalityConnection", "MunicipalityEdge", all, r.fillMunicipalities)
		case "offerings":
			err = fillOfferingsOf(ctx, r, f, store.OfRegion, items,
				func(g *ent.Region) (string, *ent.Loaded) { return g.Key, &g.Loaded })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fillOfferingsOf loads the nested list of offerings for all parents at once.
func fillOfferingsOf[T any](ctx context.Context, r *Root, f field, parent store.Parent, items []*T, of func(*T) (key string, l *ent.Loaded)) error {
	filter := arg(f, "filter", func(v any) (x ent.OfferingFilter, err error) {
		return x, graphql.UnmarshalNamedInputFromContext(ctx, "OfferingFilter", v, &x)
	})
	order := arg(f, "orderBy", func(v any) (ent.OfferingOrder, error) {
		s, err := graph.UnmarshalText(v)
		return ent.OfferingOrder(s), err
	})
	keys := make([]string, len(items))
	for i, it := range items {
		keys[i], _ = of(it)
	}
	pages, err := r.Store.OfferingsOf(ctx, parent, keys, r.offeringQuery(f.sub, filter, order, f.page("OfferingConnection")))
	for _, it := range items {
		key, l := of(it)
		if err != nil {
			l.Set(keyOf(f.CollectedField), err)
			continue
		}
		l.Set(keyOf(f.CollectedField), pages[key])
	}
	return r.fillOfferingPages(ctx, f.sub, slices.Collect(maps.Values(pages)))
}

// offeringQuery is the question that a list of offerings with this selection asks.
func (r *Root) offeringQuery(sel selection, filter *ent.OfferingFilter, order *ent.OfferingOrder, p store.PageArgs) store.OfferingQuery {
	p.Total = sel.has("OfferingConnection", "totalCount")
	q := store.OfferingQuery{Filter: filter, Order: order, Page: p, Now: r.minute(), Facets: sel.has("OfferingConnection", "facets"), CountOnly: true}
	for _, f := range sel.on("OfferingConnection") {
		switch f.Name {
		case "edges":
			q.Snippets = q.Snippets || f.sub.has("OfferingEdge", "snippet")
			q.CountOnly = false
		case "nodes", "pageInfo":
			q.CountOnly = false
		}
	}
	q.Reading = reading(sel.nodes("OfferingConnection", "OfferingEdge")...)
	return q
}

func (r *Root) fillOfferingPages(ctx context.Context, sel selection, pages []*ent.OfferingConnection) error {
	var nodes []*ent.Offering
	for _, c := range pages {
		nodes = append(nodes, c.Nodes()...)
	}
	if err := fillPage(ctx, sel, "OfferingConnection", "OfferingEdge", nodes, r.fillOfferings); err != nil {
		return err
	}
	for _, facets := range sel.under("OfferingConnection", "facets") {
		for _, counts := range facets.under("OfferingFacets", "municipalities") {
			for _, below := range counts.under("MunicipalityCount", "municipality") {
				var towns []*ent.Municipality
				for _, c := range pages {
					for _, m := range c.Facets.Municipalities {
						towns = append(towns, m.Municipality)
					}
				}
				if err := r.fillMunicipalities(ctx, below, towns); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// reading says what of offerings the selections ask for. Entities that are reached from the offering and lead back to it ask for all.
func reading(sels ...selection) store.Reading {
	r := store.Reading{Columns: []string{}}
	all := false
	for _, sel := range sels {
		for _, f := range sel.on("Offering", "Node", "Suggestion") {
			switch f.Name {
			case "__typename", "id", "kind", "municipality": // are read always
			case "provider":
				r.Provider = true
			case "place":
				r.Place = true
			case "title", "summary", "description":
				r.Columns = append(r.Columns, f.Name)
				if len(f.Arguments) > 0 {
					r.Columns = append(r.Columns, "translations", "description_html")
				}
			case "price":
				r.Columns = append(r.Columns, "price_free", "price_from_cents", "price_to_cents", "price_note")
			case "occurrences", "nextOccurrence":
				r.Columns = append(r.Columns, "schedule")
				all = all || leadsTo("offering", f.Selections)
			case "createdAt":
				r.Columns = append(r.Columns, "created_at")
			case "updatedAt":
				r.Columns = append(r.Columns, "updated_at")
			case "publishedAt":
				r.Columns = append(r.Columns, "published_at")
			case "categories", "audiences", "wheelchair", "languages", "contact", "links", "images", "online", "status", "version":
				r.Columns = append(r.Columns, f.Name)
			case "provenance":
				all = all || f.sub.has("Provenance", "fields")
				r.Columns = append(r.Columns, "source_id", "source_key", "external_id", "source_url", "licence", "attribution", "retrieved_at", "confirmed_at")
			default:
				all = true
			}
		}
	}
	if all {
		r.Columns = nil
	}
	return r
}

// readingOfDates says what of their offerings the selections on dates ask for, nil for nothing.
func readingOfDates(sels []selection) *store.Reading {
	var below []selection
	asked, place := false, false
	for _, sel := range sels {
		for _, f := range sel.on("Occurrence", "Node") {
			place = place || f.Name == "place" // that of the offering, unless the date has its own
			if f.Name == "offering" {
				asked = true
				below = append(below, f.sub)
			}
		}
	}
	if !asked && !place {
		return nil
	}
	r := reading(below...)
	r.Place = r.Place || place
	return &r
}

// leadsTo tells whether a field of the name is selected somewhere below.
func leadsTo(name string, set ast.SelectionSet) bool {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == name || leadsTo(name, s.SelectionSet) {
				return true
			}
		case *ast.InlineFragment:
			if leadsTo(name, s.SelectionSet) {
				return true
			}
		case *ast.FragmentSpread:
			if leadsTo(name, s.Definition.SelectionSet) {
				return true
			}
		}
	}
	return false
}

// copyNodes puts copies in the place of shared entities, to be filled.
func copyNodes[T any](p *ent.Page[T]) {
	for _, e := range p.Edges {
		c := *e.Node
		e.Node = &c
	}
}
