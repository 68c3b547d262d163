package ent

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// OfferingChange is one entry of the change feed.
type OfferingChange struct {
	Cursor     string
	At         time.Time
	OfferingID uuid.UUID
	Offering   *Offering // as it is now; nil when it is gone
}

// NodeID is the global id of the offering.
func (c *OfferingChange) NodeID() string { return OfferingID(c.OfferingID) }

// Revision is one version of an offering.
type Revision struct {
	Version  int
	At       time.Time
	Change   Change
	Status   OfferingStatus
	Offering *Offering      // as it was
	Changes  []*FieldChange // against the version before; all that is set for the first
}

// Action is what was done.
func (r *Revision) Action() string { return string(r.Change.Action) }

// By is who did it.
func (r *Revision) By() string { return r.Change.ActorName }

// ByKind is what sort of actor did it.
func (r *Revision) ByKind() string { return string(r.Change.ActorKind) }

// Editorial is an offering behind the scenes, for an actor who may edit it or decide on it.
type Editorial struct {
	*Offering
	MayEdit, MayPublish, MayReview bool
	Merged                         []*Offering // those that were merged into it
	Loaded                         Loaded
}

// MergedIntoID is the global id of the offering that stands for it, nil when there is none.
func (e *Editorial) MergedIntoID() *string {
	if e.MergedInto == nil {
		return nil
	}
	id := OfferingID(*e.MergedInto)
	return &id
}

// Audit is an entry of the audit log.
type Audit struct {
	ID        int64           `bun:"id"`
	At        time.Time       `bun:"at"`
	ActorKind ActorKind       `bun:"actor_kind"`
	ActorName string          `bun:"actor_name"`
	Action    string          `bun:"action"`
	Subject   string          `bun:"subject"` // the global id of what it was done to
	Detail    json.RawMessage `bun:"detail,type:jsonb"`
}

// ByKind is what sort of actor it was.
func (a *Audit) ByKind() string { return string(a.ActorKind) }
