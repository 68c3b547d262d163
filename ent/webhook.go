package ent

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Webhook is an address that is told of changes that the public can see. Who writes for what its grant is over may change and end it.
type Webhook struct {
	bun.BaseModel `bun:"table:webhook,alias:wh"`

	ID     uuid.UUID `bun:"id,pk"`
	Name   string    `bun:"name"`
	URL    string    `bun:"url"`
	Secret string    `bun:"secret"` // deliveries are signed with it
	Grant
	Filter       json.RawMessage `bun:"filter,type:jsonb"` // as OfferingFilter.JSON gives it; nil: all offerings
	Position     int64           `bun:"position"`          // of the last change that is queued
	NotBefore    time.Time       `bun:"not_before"`        // until then a delivery is under way, or the receiver is left alone
	CreatedAt    time.Time       `bun:"created_at"`
	CreatedBy    string          `bun:"created_by"`
	PausedAt     *time.Time      `bun:"paused_at"`
	PausedReason *string         `bun:"paused_reason"` // nil when somebody paused it
	FailingSince *time.Time      `bun:"failing_since"` // nothing has arrived since; nil when the last delivery did

	Loaded Loaded `bun:"-"`
}

// NewWebhookSecret gives a secret of 130 random bits.
func NewWebhookSecret() string { return "whs_" + strings.ToLower(rand.Text()) }

// NodeID is the global id. Webhooks are not nodes of the graph.
func (w *Webhook) NodeID() string { return prefixWebhook + w.ID.String() }

// ParseWebhookID is the way back from Webhook.NodeID.
func ParseWebhookID(id string) (uuid.UUID, bool) { return parseID(prefixWebhook, id) }

// DeliveryState is how far a delivery is.
type DeliveryState string

// The states.
const (
	DeliveryPending DeliveryState = "PENDING" // to be sent, or sent again
	DeliveryDone    DeliveryState = "DONE"    // the receiver has taken it
	DeliveryFailed  DeliveryState = "FAILED"  // given up
)

// WebhookDelivery is one change that a webhook is told of, and what became of it.
type WebhookDelivery struct {
	bun.BaseModel `bun:"table:webhook_delivery,alias:wd"`

	ID         uuid.UUID     `bun:"id,pk"`
	WebhookID  uuid.UUID     `bun:"webhook_id"`
	Position   int64         `bun:"position"` // of the change
	At         time.Time     `bun:"at"`       // of the change
	OfferingID uuid.UUID     `bun:"offering_id"`
	Gone       bool          `bun:"gone"` // as it was sent last, or before that as it was when it was queued
	State      DeliveryState `bun:"state"`
	Attempts   int           `bun:"attempts"` // begun so far
	NextAt     time.Time     `bun:"next_at"`  // when it is due, where it is pending
	Status     *int          `bun:"status"`   // HTTP status of the last answer; nil when there was none
	Error      *string       `bun:"error"`    // why the last attempt failed
	TookMs     *int          `bun:"took_ms"`  // of the last attempt
	CreatedAt  time.Time     `bun:"created_at"`
	DoneAt     *time.Time    `bun:"done_at"` // when it ended, either way

	Cursor  string   `bun:"-"` // of the change in the feed
	Webhook *Webhook `bun:"-"` // set on what is claimed
}

// NodeID is the global id. Deliveries are not nodes of the graph.
func (d *WebhookDelivery) NodeID() string { return prefixDelivery + d.ID.String() }

// OfferingNodeID is the global id of the offering.
func (d *WebhookDelivery) OfferingNodeID() string { return OfferingID(d.OfferingID) }

// NextAttemptAt is when it is sent (again); nil when it is not.
func (d *WebhookDelivery) NextAttemptAt() *time.Time {
	if d.State != DeliveryPending {
		return nil
	}
	return &d.NextAt
}

// ParseDeliveryID is the way back from WebhookDelivery.NodeID.
func ParseDeliveryID(id string) (uuid.UUID, bool) { return parseID(prefixDelivery, id) }

// DeliveryResult is what came of an attempt.
type DeliveryResult struct {
	At     time.Time // when it ended
	Took   time.Duration
	Gone   bool   // as it was sent
	Status int    // HTTP status; 0 when there was no answer
	Error  string // "" when the receiver has taken it
	// Of an attempt that failed:
	Retry *time.Time    // when to try again; nil: never
	Rest  time.Duration // how long the receiver is to be left alone, whatever else there is for it
	Pause string        // why the webhook is to be paused; "" when it is not
}

// WebhookDeliveryConnection is a page of deliveries.
type WebhookDeliveryConnection struct{ Page[WebhookDelivery] }

// WebhookDeliveryEdge is a delivery in a list.
type WebhookDeliveryEdge = Edge[WebhookDelivery]

// JSON gives the filter as it is written in a request, in one normal form: without what is no condition, its fields sorted. It is nil for a filter
// that has no conditions.
func (f *OfferingFilter) JSON() (json.RawMessage, error) {
	if f == nil {
		return nil, nil
	}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, err
	}
	if fields = written(fields); len(fields) == 0 {
		return nil, nil
	}
	return json.Marshal(fields)
}

// ParseFilter is the way back from OfferingFilter.JSON; nil gives nil.
func ParseFilter(b json.RawMessage) (*OfferingFilter, error) {
	if b == nil {
		return nil, nil
	}
	f := new(OfferingFilter)
	return f, json.Unmarshal(b, f) // which does not mind the case of names
}

// written names fields as the schema does, and leaves out what is empty.
func written(fields map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range fields {
		switch x := v.(type) {
		case nil:
			continue
		case []any:
			if len(x) == 0 {
				continue
			}
		case map[string]any:
			v = written(x)
		}
		out[strings.ToLower(name[:1])+name[1:]] = v
	}
	return out
}
