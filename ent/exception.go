package ent

import (
	"time"

	"github.com/google/uuid"
)

// MaxExceptions bounds the exceptions of one offering.
const MaxExceptions = 1000

// Exception is what is different about one date of a schedule, or a date besides it. It stands apart from the schedule, so that it survives
// changes of the series that keep its date.
type Exception struct {
	Original time.Time        `json:"original"`        // the start that the schedule gives (RFC 5545 RECURRENCE-ID); of an added date its own
	Added    bool             `json:"added,omitempty"` // the schedule does not give it
	Status   OccurrenceStatus `json:"status"`
	Start    *time.Time       `json:"start,omitempty"` // when it takes place instead; nil: as planned
	End      *time.Time       `json:"end,omitempty"`   // exclusive; nil with Start: as long as planned
	PlaceID  *uuid.UUID       `json:"place,omitempty"` // where it takes place instead; nil: as planned
}
