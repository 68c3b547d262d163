package ent

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Source is a feed or data set that offerings come from.
type Source struct {
	bun.BaseModel `bun:"table:source,alias:s"`

	ID      uuid.UUID `bun:"id,pk"`
	Name    string    `bun:"name"`
	NameKey string    `bun:"name_key"` // SortKey of the name
	Format  string    `bun:"format"`   // "geojson", "ical", …
	URL     *string   `bun:"url"`
	AGS     *string   `bun:"ags"` // the municipality that answers for it; nil when it covers more
	Licence string    `bun:"licence"`

	ProviderID   *uuid.UUID        `bun:"provider_id,type:uuid"` // whose its items are that name nobody; nil for a data set that is not harvested
	EverySeconds int               `bun:"every_seconds"`         // between two runs; 0: not by itself
	Options      map[string]string `bun:"options,type:jsonb"`    // of the format
	Attribution  *string           `bun:"attribution"`
	// Everywhere says that it publishes in all municipalities, not only in its own: an operator has said so.
	Everywhere bool `bun:"everywhere"`

	ETag         string     `bun:"etag"` // of the last body; of a feed of changes, up to where it was read
	LastModified string     `bun:"last_modified"`
	SHA256       string     `bun:"sha256"`     // of the last body that was taken over, with the release that understood it
	ReadAt       *time.Time `bun:"read_at"`    // when what is known of it was last seen to be so
	NotBefore    *time.Time `bun:"not_before"` // it asked to be left alone until then
	PausedAt     *time.Time `bun:"paused_at"`
	NextAt       *time.Time `bun:"next_at"`  // when it is due
	Failures     int        `bun:"failures"` // in a row
	Refused      int        `bun:"refused"`  // items refused when none that was known was missing
	Accepted     int        `bun:"accepted"` // how many items may leave at the next run, by somebody's decision
	CreatedAt    time.Time  `bun:"created_at"`
	CreatedBy    string     `bun:"created_by"`

	Municipality *Municipality `bun:"-"`
	Provider     *Provider     `bun:"-"`
	LastRun      *Harvest      `bun:"-"`
	Records      int           `bun:"-"` // that are in it now
	Loaded       Loaded        `bun:"-"`
}

// NodeID is the global id.
func (s *Source) NodeID() string { return prefixSource + s.ID.String() }

// IsNode marks the type as a GraphQL Node.
func (*Source) IsNode() {}

// ParseSourceID is the way back from Source.NodeID.
func ParseSourceID(id string) (uuid.UUID, bool) { return parseID(prefixSource, id) }

// EveryMinutes is EverySeconds in minutes.
func (s *Source) EveryMinutes() int { return s.EverySeconds / 60 }

// NextRunAt is when the source is due; nil when it is paused or not read by itself.
func (s *Source) NextRunAt() *time.Time {
	if s.PausedAt != nil {
		return nil
	}
	return s.NextAt
}

// SourceHealth is how it goes with a source.
type SourceHealth string

// The states of health.
const (
	HealthOK          SourceHealth = "OK"
	HealthFailing     SourceHealth = "FAILING"     // the last run failed
	HealthQuarantined SourceHealth = "QUARANTINED" // the last run waits for a decision
	HealthPaused      SourceHealth = "PAUSED"
	HealthNew         SourceHealth = "NEW" // has not run yet
)

// Health tells how it goes with the source. LastRun must be set where there is one.
func (s *Source) Health() SourceHealth {
	switch r := s.LastRun; {
	case s.PausedAt != nil:
		return HealthPaused
	case r == nil:
		return HealthNew
	case r.Outcome == HarvestQuarantined && r.Decision == nil:
		return HealthQuarantined
	case r.Outcome == HarvestFailed, r.Outcome == HarvestQuarantined:
		return HealthFailing
	}
	return HealthOK
}

// Actor is who the source's runs act as.
func (s *Source) Actor() *Actor {
	a := &Actor{Kind: ActorSource, ID: s.ID, Name: s.Name, Scopes: RoleOperator.Scopes()}
	if s.Everywhere || s.AGS == nil {
		a.Grants = []Grant{{Role: RoleOperator}}
	} else {
		a.Grants = []Grant{{Role: RoleEditor, AGS: s.AGS}}
		if s.ProviderID != nil {
			a.Grants = append(a.Grants, Grant{Role: RoleTrusted, ProviderID: s.ProviderID})
		}
	}
	return a
}
