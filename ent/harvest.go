package ent

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// HarvestOutcome is what came of a run.
type HarvestOutcome string

// The outcomes.
const (
	HarvestOK          HarvestOutcome = "OK"
	HarvestUnchanged   HarvestOutcome = "UNCHANGED"   // the source has nothing new
	HarvestFailed      HarvestOutcome = "FAILED"      // nothing was changed
	HarvestQuarantined HarvestOutcome = "QUARANTINED" // nothing was changed, and somebody should look at it
	HarvestDryRun      HarvestOutcome = "DRY_RUN"     // nothing was changed, as was asked for
)

// HarvestDecision is what somebody said of a quarantined run.
type HarvestDecision string

// The decisions.
const (
	DecisionAccept HarvestDecision = "ACCEPT" // it is right: as many items may leave
	DecisionReject HarvestDecision = "REJECT" // it is wrong: what stands stays until the source is well again
)

// MaxRefusals is how many refusals of a run are kept.
const MaxRefusals = 200

// Harvest is one run of a source.
type Harvest struct {
	bun.BaseModel `bun:"table:harvest,alias:h"`

	ID         uuid.UUID      `bun:"id,pk"`
	SourceID   uuid.UUID      `bun:"source_id"`
	StartedAt  time.Time      `bun:"started_at"`
	FinishedAt time.Time      `bun:"finished_at"`
	Outcome    HarvestOutcome `bun:"outcome"`
	HTTPStatus *int           `bun:"http_status"` // nil when there was no answer
	Bytes      int64          `bun:"bytes"`       // inflated
	SHA256     string         `bun:"sha256"`      // of these, in hex
	FetchMs    int            `bun:"fetch_ms"`
	ParseMs    int            `bun:"parse_ms"`
	SaveMs     int            `bun:"save_ms"`
	// The counts are of items. Of a quarantined run and a dry one they are what would have been.
	New      int       `bun:"added"`
	Changed  int       `bun:"changed"`
	Same     int       `bun:"same"`
	Gone     int       `bun:"gone"`
	Refused  int       `bun:"refused"`
	Error    *string   `bun:"error"`               // German, for a clerk
	Refusals []Refusal `bun:"refusals,type:jsonb"` // the first MaxRefusals

	Dry     bool            `bun:"dry"`                // it was to change nothing
	Changes []HarvestChange `bun:"changes,type:jsonb"` // of a dry or quarantined run; a run that is read has them only where they were asked for

	Decision  *HarvestDecision `bun:"decision"`
	DecidedAt *time.Time       `bun:"decided_at"`
	DecidedBy *string          `bun:"decided_by"`
}

// Refusal is an item that was left out, and why, in German.
type Refusal struct {
	Item    string `json:"item"`
	Message string `json:"message"`
}

// HarvestAction is what becomes of an item.
type HarvestAction string

// The actions, in the order in which a run lists them.
const (
	ActionGone    HarvestAction = "GONE" // it has left the source
	ActionChanged HarvestAction = "CHANGED"
	ActionNew     HarvestAction = "NEW"
)

// The bounds of what a run says of its items.
const (
	MaxHarvestChanges = 100       // of each action
	MaxHarvestFields  = 256 << 10 // bytes of all fields' values
)

// HarvestChange is what a run would do to an item.
type HarvestChange struct {
	Action   HarvestAction  `json:"action"`
	Key      string         `json:"key"` // what the source knows it by
	Title    string         `json:"title"`
	Offering *uuid.UUID     `json:"offering,omitempty"` // that there is; nil for one that would be made
	Status   OfferingStatus `json:"status,omitempty"`   // of the offering then; "" when it is not known
	Fields   []FieldChange  `json:"fields,omitempty"`
}

// OfferingNodeID is the global id of the offering, nil when there is none.
func (c *HarvestChange) OfferingNodeID() *string {
	if c.Offering == nil {
		return nil
	}
	id := OfferingID(*c.Offering)
	return &id
}

// StatusThen is Status, nil when it is not known.
func (c *HarvestChange) StatusThen() *OfferingStatus {
	if c.Status == "" {
		return nil
	}
	return &c.Status
}

// FieldChanges are Fields.
func (c *HarvestChange) FieldChanges() []*FieldChange {
	out := make([]*FieldChange, len(c.Fields))
	for i := range c.Fields {
		out[i] = &c.Fields[i]
	}
	return out
}

// NodeID names the run.
func (h *Harvest) NodeID() string { return prefixHarvest + h.ID.String() }

// ByteCount is Bytes as far as it goes.
func (h *Harvest) ByteCount() int { return int(h.Bytes) }

// ParseHarvestID is the way back from Harvest.NodeID.
func ParseHarvestID(id string) (uuid.UUID, bool) { return parseID(prefixHarvest, id) }

// Record is what a source says of one thing.
type Record struct {
	bun.BaseModel `bun:"table:record,alias:r"`

	SourceID   uuid.UUID  `bun:"source_id,pk"`
	Key        string     `bun:"key,pk"`
	OfferingID *uuid.UUID `bun:"offering_id,type:uuid"` // nil: somebody erased it
	HomeID     *uuid.UUID `bun:"home_id,type:uuid"`     // the offering that was made for the record alone, where it was merged into another one
	Hash       []byte     `bun:"hash"`                  // of the content
	Ident      []byte     `bun:"ident"`                 // of the title and time
	Item       string     `bun:"item"`                  // how a clerk finds it in the feed
	URL        *string    `bun:"url"`
	Content    string     `bun:"content"` // JSON
	Raw        []byte     `bun:"raw"`     // as it came
	FirstSeen  time.Time  `bun:"first_seen"`
	ChangedAt  time.Time  `bun:"changed_at"`
	GoneAt     *time.Time `bun:"gone_at"` // when it had left the source

	Source *Source `bun:"-"`
}

// RetrievedAt is when the source was last seen to say so.
func (r *Record) RetrievedAt() *time.Time {
	if r.GoneAt == nil && r.Source != nil && r.Source.ReadAt != nil && r.Source.ReadAt.After(r.ChangedAt) {
		return r.Source.ReadAt
	}
	return &r.ChangedAt
}

// Duplicate is a pair of offerings that may be the same thing.
type Duplicate struct {
	A, B    *Offering
	Score   float64
	Reasons []DuplicateReason
}

// DuplicateReason is what one field says of it.
type DuplicateReason struct {
	Field string
	Score float64
	Text  string // German
}
