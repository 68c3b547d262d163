package ent

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// SchoolHoliday is a time in which the schools of a state have holidays.
type SchoolHoliday struct {
	bun.BaseModel `bun:"table:school_holiday,alias:sh"`

	State string    `bun:"state,pk"` // first two digits of the AGS
	Name  string    `bun:"name"`
	From  time.Time `bun:"from_day,pk,type:date"` // midnight UTC stands for the day
	To    time.Time `bun:"to_day,type:date"`      // included
}

// states are the two letters of ISO 3166-2 in the order of the official keys, 01 to 16.
const states = "SH HH NI HB NW HE RP BW BY SL BE BB MV SN ST TH"

const maxSchoolHolidays = 5_000

// ReadSchoolHolidays reads a CSV table with the columns state, name, from and to, in any order and with a comma or semicolon between them. A state is two digits, or two letters as in
// ISO 3166-2 (BB, DE-BB); days are YYYY-MM-DD or DD.MM.YYYY, both included. The error names the line.
func ReadSchoolHolidays(r io.Reader) (all []*SchoolHoliday, err error) {
	b, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, err
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	table := csv.NewReader(bytes.NewReader(b))
	if first, _, _ := bytes.Cut(b, []byte("\n")); bytes.ContainsRune(first, ';') {
		table.Comma = ';'
	}
	table.TrimLeadingSpace = true
	head, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("the table has no first line: %w", err)
	}
	columns := map[string]int{}
	for i, name := range head {
		columns[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"state", "name", "from", "to"} {
		if _, ok := columns[name]; !ok {
			return nil, fmt.Errorf("the table has no column %q", name)
		}
	}
	for {
		row, err := table.Read()
		if err == io.EOF {
			return all, nil
		}
		line, _ := table.FieldPos(0)
		if err == nil && len(all) == maxSchoolHolidays {
			err = fmt.Errorf("line %d: %d rows are the most", line, maxSchoolHolidays)
		}
		if err != nil {
			return nil, err
		}
		h := &SchoolHoliday{Name: strings.TrimSpace(row[columns["name"]])}
		if h.State = parseState(row[columns["state"]]); h.State == "" {
			return nil, fmt.Errorf("line %d: %q is no state: two digits such as 12, or two letters such as BB", line, row[columns["state"]])
		}
		for _, day := range []struct {
			name string
			to   *time.Time
		}{{"from", &h.From}, {"to", &h.To}} {
			text := strings.TrimSpace(row[columns[day.name]])
			if *day.to, err = time.Parse(time.DateOnly, text); err != nil {
				if *day.to, err = time.Parse("02.01.2006", text); err != nil {
					return nil, fmt.Errorf("line %d: %s: %q is no day such as 2026-12-23", line, day.name, text)
				}
			}
		}
		if h.Name == "" || h.To.Before(h.From) || h.To.Sub(h.From) > 100*24*time.Hour {
			return nil, fmt.Errorf("line %d: a holiday has a name, and ends on the day it begins or later, within 100 days", line)
		}
		all = append(all, h)
	}
}

func parseState(s string) string {
	s = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "DE-")
	for i, letters := range strings.Fields(states) {
		if digits := fmt.Sprintf("%02d", i+1); s == digits || s == letters {
			return digits
		}
	}
	return ""
}

// SchoolCalendar knows school holidays. nil knows none.
type SchoolCalendar struct {
	of    map[string][]*SchoolHoliday // by state, in order
	known map[string]bool             // state and year of which there are any
}

// NewSchoolCalendar makes a calendar of holidays.
func NewSchoolCalendar(all []*SchoolHoliday) *SchoolCalendar {
	c := &SchoolCalendar{of: map[string][]*SchoolHoliday{}, known: map[string]bool{}}
	for _, h := range all {
		c.of[h.State] = append(c.of[h.State], h)
		c.known[fmt.Sprint(h.State, h.From.Year())], c.known[fmt.Sprint(h.State, h.To.Year())] = true, true
	}
	for _, list := range c.of {
		slices.SortFunc(list, func(a, b *SchoolHoliday) int { return a.From.Compare(b.From) })
	}
	return c
}

// On tells whether schools of the state have holidays on the day; known is false for years without any.
func (c *SchoolCalendar) On(state string, year int, month time.Month, day int) (holiday, known bool) {
	if c == nil || !c.known[fmt.Sprint(state, year)] {
		return false, false
	}
	at := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return slices.ContainsFunc(c.of[state], func(h *SchoolHoliday) bool { return !at.Before(h.From) && !at.After(h.To) }), true
}

// Between gives the holidays of the state that touch the time from from to to, which is exclusive, by their first day.
func (c *SchoolCalendar) Between(state string, from, to time.Time) (list []*SchoolHoliday) {
	if c == nil {
		return nil
	}
	for _, h := range c.of[state] {
		if h.Start().Before(to) && h.End().After(from) {
			list = append(list, h)
		}
	}
	return list
}

// Start is midnight of the first day in Germany.
func (h *SchoolHoliday) Start() time.Time {
	return time.Date(h.From.Year(), h.From.Month(), h.From.Day(), 0, 0, 0, 0, Berlin)
}

// End is midnight after the last day in Germany.
func (h *SchoolHoliday) End() time.Time {
	return time.Date(h.To.Year(), h.To.Month(), h.To.Day()+1, 0, 0, 0, 0, Berlin)
}
