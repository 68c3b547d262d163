package ent

import (
	"slices"
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

// normalExceptions puts exceptions into their one stored form: by date, the last one of a date only, in UTC, cut to seconds.
func normalExceptions(list []Exception) []Exception {
	out := make([]Exception, 0, len(list))
	at := map[int64]int{}
	for _, e := range list {
		e.Original = e.Original.UTC().Truncate(time.Second)
		for _, t := range []**time.Time{&e.Start, &e.End} {
			if *t != nil {
				utc := (*t).UTC().Truncate(time.Second)
				*t = &utc
			}
		}
		if e.Status == "" {
			e.Status = OccurrenceScheduled
		}
		if i, seen := at[e.Original.Unix()]; seen {
			out[i] = e
			continue
		}
		at[e.Original.Unix()] = len(out)
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Exception) int { return a.Original.Compare(b.Original) })
	return out
}

// PlaceNodeID is the global id of the place where the date takes place instead.
func (e *Exception) PlaceNodeID() *string {
	if e.PlaceID == nil {
		return nil
	}
	id := prefixPlace + e.PlaceID.String()
	return &id
}
