package ent

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// ProviderKind is what sort of body a provider is.
type ProviderKind string

// The kinds of providers.
const (
	ProviderMunicipality ProviderKind = "MUNICIPALITY"
	ProviderClub         ProviderKind = "CLUB"
	ProviderChurch       ProviderKind = "CHURCH"
	ProviderBusiness     ProviderKind = "BUSINESS"
	ProviderInitiative   ProviderKind = "INITIATIVE"
	ProviderEducation    ProviderKind = "EDUCATION"
	ProviderHealth       ProviderKind = "HEALTH"
	ProviderOther        ProviderKind = "OTHER"
)

// Provider is who offers: a town hall, a club, a parish, a farm shop.
type Provider struct {
	bun.BaseModel `bun:"table:provider,alias:p"`

	ID         uuid.UUID    `bun:"id,pk"`
	ExternalID *string      `bun:"external_id"` // unique within the municipality
	Name       string       `bun:"name"`
	NameKey    string       `bun:"name_key"` // SortKey of the name
	Kind       ProviderKind `bun:"kind"`
	AGS        string       `bun:"ags"`
	Website    *string      `bun:"website"`
	Contact    *Contact     `bun:"contact,type:jsonb"`
	Verified   bool         `bun:"verified"` // the municipality vouches that it is who it says
	CreatedAt  time.Time    `bun:"created_at"`
	UpdatedAt  time.Time    `bun:"updated_at"`

	Municipality *Municipality `bun:"-"`
	Loaded       Loaded        `bun:"-"`
}

// Contact is how to reach someone, as published.
type Contact struct {
	Name  *string `json:"name,omitempty"`
	Email *string `json:"email,omitempty"`
	Phone *string `json:"phone,omitempty"` // as written by whoever posted it
}

// NodeID is the global id.
func (p *Provider) NodeID() string { return ProviderID(p.ID) }

// IsNode marks the type as a GraphQL Node.
func (*Provider) IsNode() {}

// ProviderID is the global id of the provider with this key.
func ProviderID(id uuid.UUID) string { return prefixProvider + id.String() }

// ParseProviderID is the way back from ProviderID.
func ParseProviderID(id string) (uuid.UUID, bool) { return parseID(prefixProvider, id) }
