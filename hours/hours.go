// Package hours parses and evaluates opening hours in the syntax of
// OpenStreetMap's opening_hours key (specification 0.7), says them in German
// and English, and knows the public holidays of the sixteen German states.
//
// The strict grammar stands in parse.go; what people write instead ("Mo.–Fr.
// 8–12 Uhr") is rewritten to it in tolerant.go before the grammar sees it.
// Evaluation goes day by day in the wall time of the place (eval.go).
//
// What is not known is never claimed: comments, "unknown", open ends, school
// holidays without data, sun times without coordinates and holidays that hold
// in only a part of the area asked for all give Unknown.
package hours

import (
	"fmt"
	"time"
)

// Limits that Parse and the evaluation keep whatever the input is.
const (
	MaxBytes     = 1000  // length of a value
	MaxRules     = 64    // rules in a value
	MaxDays      = 732   // look-ahead of NextChange and span of Intervals, in days
	MaxIntervals = 10000 // intervals that Intervals returns
)

// State is what is known about a moment.
type State uint8

const (
	Closed State = iota
	Open
	Unknown
)

// String is the keyword of the syntax: "off", "open" or "unknown".
func (s State) String() string {
	switch s {
	case Open:
		return "open"
	case Unknown:
		return "unknown"
	}
	return "off"
}

// Hours is a parsed value. It is immutable and safe for concurrent use. The zero
// Hours is always closed.
type Hours struct {
	rules []rule
}

// Place says where hours are evaluated. The zero Place is somewhere unknown in
// Germany: only nationwide holidays are certain, sun times are Unknown.
type Place struct {
	Longitude, Latitude float64 // WGS 84 degrees; both 0 = not known
	State               string  // first two digits of the AGS, "" = not known
	AGS                 string  // municipality, 8 digits, "" = not known; wins over State
	// SchoolHoliday tells whether schools have holidays on a day; known is
	// false for days without data. A nil func knows no day. It must be safe for
	// the concurrency with which the hours are evaluated.
	SchoolHoliday func(Date) (holiday, known bool)
}

// Interval is a stretch of time [Start, End) with one state and comment.
type Interval struct {
	Start, End time.Time
	State      State
	Comment    string
}

// Date is a day of the proleptic Gregorian calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// String is the date as YYYY-MM-DD.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Code is the stable reason of a refusal.
type Code string

const (
	CodeEmpty    Code = "empty"        // nothing in the value
	CodeTooLong  Code = "too_long"     // more than MaxBytes
	CodeTooMany  Code = "too_many"     // more than MaxRules, or too many points in time or times by the sun
	CodeEncoding Code = "encoding"     // not UTF-8, or control characters
	CodeComment  Code = "open_comment" // a quote is not closed
	CodeWord     Code = "unknown_word" // a word that the syntax does not know
	CodeSyntax   Code = "syntax"       // a known sign in the wrong place
	CodeTime     Code = "bad_time"     // no such time of day
	CodeDate     Code = "bad_date"     // no such day, month, week or year
	CodeOffset   Code = "bad_offset"   // more days of offset than a year has
	CodeBareDate Code = "date_only"    // a date without hours, as in a survey date
	CodeRepeat   Code = "repeated"     // a second selector of a kind in one rule
	CodeInterval Code = "bad_interval" // a repetition that cannot be
)

// Error is a refusal of Parse.
type Error struct {
	Code Code
	Pos  int // byte offset in the value
	Text string
}

// Error names the position (bytes, counted from 1) and the reason.
func (e *Error) Error() string {
	return fmt.Sprintf("opening hours: at position %d: %s", e.Pos+1, e.Text)
}
