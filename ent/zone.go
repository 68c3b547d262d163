package ent

import (
	"time"
	_ "time/tzdata" // servers in slim containers have no zone files
)

// Berlin is the zone of whatever does not say its own.
var Berlin = mustZone("Europe/Berlin")

// BadTime stands for a date and time in an input that is none: the validation refuses it.
var BadTime = time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC)

func mustZone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // cannot be: the zones are part of the binary
	}
	return loc
}
