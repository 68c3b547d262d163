package ent

import (
	"slices"
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

// Key is an API key. It acts for a municipality or for a provider, never for both; the token itself is not kept, only its SHA-256.
type Key struct {
	bun.BaseModel `bun:"table:api_key,alias:k"`

	ID         uuid.UUID  `bun:"id,pk"`
	Name       string     `bun:"name"`
	Hash       []byte     `bun:"hash"`
	AGS        *string    `bun:"ags"`
	ProviderID *uuid.UUID `bun:"provider_id"`
	Scopes     []Scope    `bun:"scopes,array"`
	CreatedAt  time.Time  `bun:"created_at"`
	ExpiresAt  *time.Time `bun:"expires_at"`
	RevokedAt  *time.Time `bun:"revoked_at"`
}

// NodeID is the global id. Keys are not nodes of the graph; operators name them by it.
func (k *Key) NodeID() string { return prefixKey + k.ID.String() }

// ParseKeyID is the way back from Key.NodeID.
func ParseKeyID(id string) (uuid.UUID, bool) { return parseID(prefixKey, id) }

// May tells whether the key carries the scope. A nil key, the public, carries none.
func (k *Key) May(s Scope) bool { return k != nil && slices.Contains(k.Scopes, s) }
