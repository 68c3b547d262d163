package ent

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Scope is what an API key may do.
type Scope string

// The scopes.
const (
	ScopeRead    Scope = "READ"
	ScopeWrite   Scope = "WRITE"
	ScopePublish Scope = "PUBLISH"
	ScopeReview  Scope = "REVIEW"
	ScopeSource  Scope = "SOURCE"
	ScopeAdmin   Scope = "ADMIN"
)

// Key is an API key, or a link that posts once. It acts in a role over a municipality, a region, a provider or, for RoleOperator, everything; the token
// itself is not kept, only its SHA-256.
type Key struct {
	bun.BaseModel `bun:"table:api_key,alias:k"`

	ID   uuid.UUID `bun:"id,pk"`
	Name string    `bun:"name"`
	Hash []byte    `bun:"hash"`
	Grant
	Scopes     []Scope    `bun:"scopes,array"`
	CreatedAt  time.Time  `bun:"created_at"`
	CreatedBy  string     `bun:"created_by"`
	ExpiresAt  *time.Time `bun:"expires_at"`
	RevokedAt  *time.Time `bun:"revoked_at"`
	LastUsedAt *time.Time `bun:"last_used_at"` // to the minute
	UsesLeft   *int       `bun:"uses_left"`    // how many offerings a link may still post; nil for a key
}

// ScopeNames are the scopes as they are shown, in lower case.
func (k *Key) ScopeNames() []string { return scopeNames(k.Scopes) }

func scopeNames(scopes []Scope) []string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = strings.ToLower(string(s))
	}
	return names
}

// NodeID is the global id. Keys are not nodes of the graph; operators name them by it.
func (k *Key) NodeID() string { return prefixKey + k.ID.String() }

// ParseKeyID is the way back from Key.NodeID.
func ParseKeyID(id string) (uuid.UUID, bool) { return parseID(prefixKey, id) }

// Actor is who a request with the key acts as.
func (k *Key) Actor() *Actor {
	kind := ActorKey
	if k.UsesLeft != nil {
		kind = ActorLink
	}
	return &Actor{Kind: kind, ID: k.ID, Name: k.Name, Grants: []Grant{k.Grant}, Scopes: k.Scopes}
}
