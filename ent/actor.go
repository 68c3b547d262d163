package ent

import (
	"slices"

	"github.com/google/uuid"
)

// Role is what somebody is to a provider, to a municipality or region, or to the whole server. It says what they may do there; docs/rights.md
// has the table.
type Role string

// The roles, from the least to the most.
const (
	RoleMember   Role = "MEMBER"   // of a provider: what they post waits for a review
	RoleTrusted  Role = "TRUSTED"  // of a provider: what they post is public at once
	RoleEditor   Role = "EDITOR"   // of a municipality or region: posts and publishes for it and the providers there
	RoleReviewer Role = "REVIEWER" // of a municipality or region: also decides what others post, and which feeds are read
	RoleOperator Role = "OPERATOR" // of the server: everything
)

// Scopes lists what the role allows at the most.
func (r Role) Scopes() []Scope {
	switch r {
	case RoleMember:
		return []Scope{ScopeRead, ScopeWrite}
	case RoleTrusted, RoleEditor:
		return []Scope{ScopeRead, ScopeWrite, ScopePublish}
	case RoleReviewer:
		return []Scope{ScopeRead, ScopeWrite, ScopePublish, ScopeReview, ScopeSource}
	case RoleOperator:
		return []Scope{ScopeRead, ScopeWrite, ScopePublish, ScopeReview, ScopeSource, ScopeAdmin}
	}
	return nil
}

// Grant is a role and over what it is held: one of the three, none for RoleOperator.
type Grant struct {
	Role       Role       `bun:"role"`
	AGS        *string    `bun:"ags"`
	RegionKey  *string    `bun:"region_key"`
	ProviderID *uuid.UUID `bun:"provider_id,type:uuid"`

	Provider     *Provider     `bun:"-"`
	Municipality *Municipality `bun:"-"`
	Region       *Region       `bun:"-"`
}

// ScopeNames are the actor's scopes as they are shown, in lower case.
func (a *Actor) ScopeNames() []string { return scopeNames(a.Scopes) }

// ActorKind is what sort of actor a request has.
type ActorKind string

// The kinds of actors.
const (
	ActorKey    ActorKind = "KEY"    // a program with an API key
	ActorPerson ActorKind = "PERSON" // somebody who signed in
	ActorLink   ActorKind = "LINK"   // whoever holds a link that posts once
	ActorSource ActorKind = "SOURCE" // a feed that is harvested
	ActorSystem ActorKind = "SYSTEM" // the server itself, such as when something expires
)

// Actor is who a request acts as. nil is the public.
type Actor struct {
	Kind   ActorKind
	ID     uuid.UUID // of the key, person, link or source
	Name   string    // as it stands in histories
	Grants []Grant
	// Scopes narrows what the grants' roles allow.
	Scopes []Scope
}

// System is the server itself, and who runs it at the command line: it may everything.
func System(name string) *Actor {
	return &Actor{Kind: ActorSystem, Name: name, Grants: []Grant{{Role: RoleOperator}}, Scopes: RoleOperator.Scopes()}
}

// May tells whether the actor carries the scope for at least one of its grants. A nil actor, the public, carries none.
func (a *Actor) May(s Scope) bool {
	if a == nil || !slices.Contains(a.Scopes, s) {
		return false
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return slices.Contains(g.Role.Scopes(), s) })
}

// LogID names the actor in the log.
func (a *Actor) LogID() string {
	if a.Kind == ActorPerson {
		return prefixPerson + a.ID.String()
	}
	return prefixKey + a.ID.String()
}
