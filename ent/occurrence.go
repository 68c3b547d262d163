package ent

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// OccurrenceStatus is what has become of one date.
type OccurrenceStatus string

// The states of a date.
const (
	OccurrenceScheduled OccurrenceStatus = "SCHEDULED"
	OccurrenceCancelled OccurrenceStatus = "CANCELLED"
	OccurrencePostponed OccurrenceStatus = "POSTPONED"
	OccurrenceMoved     OccurrenceStatus = "MOVED"
	OccurrenceSoldOut   OccurrenceStatus = "SOLD_OUT"
)

// Occurrence is one date of an offering, made from its schedule. It is identified by the offering and the start that
// the schedule gives it (RFC 5545 RECURRENCE-ID), so that it stays the same when the rows are made anew.
type Occurrence struct {
	bun.BaseModel `bun:"table:occurrence,alias:oc"`

	OfferingID uuid.UUID        `bun:"offering_id,pk"`
	Original   time.Time        `bun:"original,pk"`
	StartsAt   time.Time        `bun:"starts_at"`
	EndsAt     *time.Time       `bun:"ends_at"` // exclusive
	AllDay     bool             `bun:"all_day"`
	Status     OccurrenceStatus `bun:"status"`
	PlaceID    *uuid.UUID       `bun:"place_id"` // when this date is elsewhere than the offering

	TimeZone string    `bun:"-"` // the offering's
	Offering *Offering `bun:"-"`
	Place    *Place    `bun:"-"`
}

// NodeID is the global id.
func (o *Occurrence) NodeID() string {
	return prefixOccurrence + o.OfferingID.String() + "_" + strconv.FormatInt(o.Original.Unix(), 10)
}

// IsNode marks the type as a GraphQL Node.
func (*Occurrence) IsNode() {}

// Start is the start on the wall clock of the offering's zone.
func (o *Occurrence) Start() time.Time { return inZone(o.StartsAt, o.TimeZone) }

// End is the end, exclusive, on the wall clock of the offering's zone.
func (o *Occurrence) End() *time.Time {
	if o.EndsAt == nil {
		return nil
	}
	end := inZone(*o.EndsAt, o.TimeZone)
	return &end
}

// ParseOccurrenceID is the way back from Occurrence.NodeID.
func ParseOccurrenceID(id string) (offering uuid.UUID, original time.Time, ok bool) {
	rest, ok := strings.CutPrefix(id, prefixOccurrence)
	if !ok || len(rest) < 38 || rest[36] != '_' {
		return uuid.Nil, time.Time{}, false
	}
	offering, ok = parseID("", rest[:36])
	seconds, err := strconv.ParseInt(rest[37:], 10, 64)
	if !ok || err != nil || strconv.FormatInt(seconds, 10) != rest[37:] || seconds < -1e11 || seconds > 1e11 {
		return uuid.Nil, time.Time{}, false
	}
	return offering, time.Unix(seconds, 0).UTC(), true
}

func inZone(t time.Time, zone string) time.Time {
	if loc, ok := zones.Load(zone); ok {
		return t.In(loc.(*time.Location))
	}
	loc, err := time.LoadLocation(zone)
	switch {
	case err != nil || zone == "":
		return t
	case loc == time.UTC: // which stands for times without a zone of their own
		loc = time.FixedZone("UTC", 0)
	}
	zones.Store(zone, loc)
	return t.In(loc)
}

// zones keeps what LoadLocation has read: it would read it again each time. There are some six hundred.
var zones sync.Map
