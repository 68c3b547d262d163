package ent

import (
	"strings"
	"testing"
	"time"
)

func TestSchoolHolidays(t *testing.T) {
	t.Parallel()
	all, err := ReadSchoolHolidays(strings.NewReader("\ufeffname;state;from;to\nWeihnachtsferien;BB;23.12.2026;02.01.2027\nWinterferien;DE-SN;2026-02-09;2026-02-21\n"))
	if err != nil || len(all) != 2 || all[0].State != "12" || all[1].State != "14" {
		t.Fatal(all, err)
	}
	c := NewSchoolCalendar(all)
	for _, tc := range []struct {
		state, day     string
		holiday, known bool
	}{
		{"12", "2026-12-22", false, true}, {"12", "2026-12-23", true, true}, {"12", "2027-01-02", true, true}, {"12", "2027-01-03", false, true},
		{"12", "2025-12-24", false, false}, {"14", "2026-02-10", true, true}, {"13", "2026-12-24", false, false},
	} {
		at, _ := time.Parse(time.DateOnly, tc.day)
		if holiday, known := c.On(tc.state, at.Year(), at.Month(), at.Day()); holiday != tc.holiday || known != tc.known {
			t.Errorf("%s %s: %v %v", tc.state, tc.day, holiday, known)
		}
	}
	hours := "Mo-Fr 08:00-16:00; SH off"
	o := Offering{AGS: "12069020", Hours: &hours}
	at := time.Date(2026, 12, 28, 10, 0, 0, 0, Berlin)
	if open := o.OpeningHours().OpenAt(at); open != nil {
		t.Errorf("without school holidays it is claimed to be %v", *open)
	}
	if open := o.OpeningHours().In(nil, c).OpenAt(at); open == nil || *open {
		t.Errorf("in the holidays: %v", open)
	}
	if open := o.OpeningHours().In(nil, c).OpenAt(at.AddDate(0, 0, -14)); open == nil || !*open {
		t.Errorf("before the holidays: %v", open)
	}
	for text, want := range map[string]string{
		"": "no first line", "a,b\n": "no column", "state,name,from,to\nXX,F,2026-01-01,2026-01-02\n": "line 2", "state,name,from,to\nBB,F,gestern,2026-01-02\n": "line 2: from",
		"state,name,from,to\nBB,F,2026-01-03,2026-01-02\n": "line 2", "state,name,from,to\nBB,F,2026-01-03\n": "line 2",
	} {
		if _, err := ReadSchoolHolidays(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
