package ent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// OfferingField is one part of an offering that whoever posts it can set. It is named as in the schema's OfferingInput; what only one kind has is
// "details", and exceptions of the schedule are "occurrences".
type OfferingField struct {
	Name  string
	parts func(*Offering) []any // pointers to what it is made of
	shown func(*Offering) any   // nil: its only part
}

// OfferingFields lists all fields, in the order of the schema.
func OfferingFields() []OfferingField {
	return []OfferingField{
		{Name: "kind", parts: func(o *Offering) []any { return []any{&o.Kind} }},
		{Name: "title", parts: func(o *Offering) []any { return []any{&o.Title, &o.TitleKey} }, shown: func(o *Offering) any { return o.Title }},
		{Name: "summary", parts: func(o *Offering) []any { return []any{&o.Summary} }},
		{Name: "description", parts: func(o *Offering) []any { return []any{&o.Description, &o.DescriptionHTML} }, shown: func(o *Offering) any {
			if o.DescriptionHTML != nil {
				return o.DescriptionHTML
			}
			return o.Description
		}},
		{Name: "place", parts: func(o *Offering) []any { return []any{&o.PlaceID, &o.AGS} }, shown: func(o *Offering) any {
			switch p := o.Place; {
			case o.PlaceID == nil:
				return nil
			case p == nil:
				return placeShown{ID: prefixPlace + o.PlaceID.String()}
			default:
				return placeShown{prefixPlace + o.PlaceID.String(), p.Name, p.Street, p.PostalCode, p.Locality, p.Longitude, p.Latitude}
			}
		}},
		{Name: "categories", parts: func(o *Offering) []any { return []any{&o.CategorySlugs} }},
		{Name: "audiences", parts: func(o *Offering) []any { return []any{&o.Audiences} }},
		{Name: "wheelchair", parts: func(o *Offering) []any { return []any{&o.Wheelchair} }},
		{Name: "languages", parts: func(o *Offering) []any { return []any{&o.Languages} }},
		{Name: "price", parts: func(o *Offering) []any { return []any{&o.Price} }},
		{Name: "contact", parts: func(o *Offering) []any { return []any{&o.Contact} }},
		{Name: "links", parts: func(o *Offering) []any { return []any{&o.Links} }},
		{Name: "images", parts: func(o *Offering) []any { return []any{&o.Images} }},
		{Name: "openingHours", parts: func(o *Offering) []any { return []any{&o.Hours} }},
		{Name: "schedule", parts: func(o *Offering) []any { return []any{&o.Schedule} }},
		{Name: "occurrences", parts: func(o *Offering) []any { return []any{&o.Exceptions} }},
		{Name: "online", parts: func(o *Offering) []any { return []any{&o.Online} }},
		{Name: "serviceArea", parts: func(o *Offering) []any { return []any{&o.ServiceArea} }},
		{Name: "details", parts: func(o *Offering) []any { return []any{&o.Details} }},
		{Name: "licence", parts: func(o *Offering) []any { return []any{&o.Licence} }},
		{Name: "translations", parts: func(o *Offering) []any { return []any{&o.Translations} }},
		{Name: "publishAt", parts: func(o *Offering) []any { return []any{&o.PublishAt} }},
		{Name: "expiresAt", parts: func(o *Offering) []any { return []any{&o.ExpiresAt} }},
	}
}

// placeShown is how a place is shown among the fields of an offering.
type placeShown struct {
	ID         string   `json:"id"`
	Name       string   `json:"name,omitempty"`
	Street     *string  `json:"street,omitempty"`
	PostalCode *string  `json:"postalCode,omitempty"`
	Locality   *string  `json:"locality,omitempty"`
	Longitude  *float64 `json:"longitude,omitempty"`
	Latitude   *float64 `json:"latitude,omitempty"`
}

// FieldNamed gives the field with the name.
func FieldNamed(name string) (f OfferingField, ok bool) {
	for _, f := range OfferingFields() {
		if f.Name == name {
			return f, true
		}
	}
	return OfferingField{}, false
}

// Get gives the field's content as it can be set again.
func (f OfferingField) Get(o *Offering) json.RawMessage { return mustJSON(f.parts(o)) }

// Set puts what Get gave into an offering.
func (f OfferingField) Set(o *Offering, content json.RawMessage) error {
	var raw []json.RawMessage
	parts := f.parts(o)
	if err := json.Unmarshal(content, &raw); err != nil || len(raw) != len(parts) {
		return fmt.Errorf("ent: not the content of the field %s", f.Name)
	}
	for i, p := range parts {
		reflect.ValueOf(p).Elem().SetZero()
		if err := json.Unmarshal(raw[i], p); err != nil {
			return fmt.Errorf("ent: field %s: %w", f.Name, err)
		}
	}
	return nil
}

// Value gives the field as it is shown, as JSON; null for nothing. A place shows what it is where the offering's Place is set.
func (f OfferingField) Value(o *Offering) json.RawMessage {
	if f.shown != nil {
		return mustJSON(f.shown(o))
	}
	return mustJSON(f.parts(o)[0])
}

// Shown gives content that Get gave as Value would show it.
func (f OfferingField) Shown(content json.RawMessage) json.RawMessage {
	var o Offering
	if f.Set(&o, content) != nil {
		return json.RawMessage("null")
	}
	return f.Value(&o)
}

// FieldChange is a field that differs between two states of an offering.
type FieldChange struct {
	Name   string          `json:"name"`
	Before json.RawMessage `json:"before"` // as OfferingField.Value shows them
	After  json.RawMessage `json:"after"`
}

// Differences lists the fields in which two states of an offering differ.
func Differences(before, after *Offering) (changes []*FieldChange) {
	for _, f := range OfferingFields() {
		if !f.Same(before, after) {
			changes = append(changes, &FieldChange{f.Name, f.Value(before), f.Value(after)})
		}
	}
	return changes
}

// Same tells whether the field has the same content in both. No list and an empty one are the same.
func (f OfferingField) Same(a, b *Offering) bool {
	x, y := f.parts(a), f.parts(b)
	for i := range x {
		u, v := mustJSON(x[i]), mustJSON(y[i])
		if !bytes.Equal(u, v) && !(empty(u) && empty(v)) {
			return false
		}
	}
	return true
}

func empty(b []byte) bool { return string(b) == "null" || string(b) == "[]" }

func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // cannot be: validated floats are finite, and nothing else can fail
	}
	return b
}

// Held is a field that a person has set, against what its source says.
type Held struct {
	At time.Time `json:"at"`
	// Proposed is the field's content (OfferingField.Get) as the source has it now.
	Proposed json.RawMessage `json:"proposed,omitempty"`
}

// FieldOrigin is where a field's content comes from.
type FieldOrigin string

// The origins.
const (
	OriginSource FieldOrigin = "SOURCE"
	OriginPerson FieldOrigin = "PERSON"
)

// FieldProvenance is a field with its origin.
type FieldProvenance struct {
	Name     string
	Origin   FieldOrigin
	Current  json.RawMessage
	Proposed json.RawMessage // what the source has instead; nil where it is the same
	At       *time.Time      // when it was set against the source
}

// FieldProvenances lists all fields with their origins.
func (o *Offering) FieldProvenances() []*FieldProvenance {
	fields := OfferingFields()
	out := make([]*FieldProvenance, len(fields))
	for i, f := range fields {
		p := &FieldProvenance{Name: f.Name, Origin: OriginPerson, Current: f.Value(o)}
		if o.SourceID != nil {
			p.Origin = OriginSource
		}
		if h, ok := o.Held[f.Name]; ok {
			p.Origin, p.At = OriginPerson, &h.At
			if h.Proposed != nil && !bytes.Equal(h.Proposed, f.Get(o)) {
				p.Proposed = f.Shown(h.Proposed)
			}
		}
		out[i] = p
	}
	return out
}
