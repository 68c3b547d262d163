package hours

import (
	"testing"
	"time"
)

// Whatever the year, time goes on: also where the zone's table has ended and its rules go on alone.
func TestEveryYear(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	h, err := Parse("Mo-Fr 08:00-18:00; PH off")
	if err != nil {
		t.Fatal(err)
	}
	p := Place{AGS: "12069020"}
	for year := 1900; year <= 2200; year++ {
		for hour := range 72 {
			at := time.Date(year, 12, 30, hour, 0, 0, 0, berlin)
			next, ok := h.NextChange(at, p)
			if !ok || !next.After(at) || next.Sub(at) > 14*24*time.Hour {
				t.Fatalf("after %v comes %v, %v", at, next, ok)
			}
			for _, i := range h.Intervals(at, at.Add(48*time.Hour), p) {
				if !i.End.After(i.Start) {
					t.Fatalf("from %v: %v", at, i)
				}
			}
		}
	}
}
