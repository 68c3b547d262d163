package hours

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// dates lists the days of a year as MM-DD, "~" before those in parts only.
func dates(year int, area string) string {
	var list []string
	for _, h := range Holidays(year, area) {
		s := fmt.Sprintf("%02d-%02d", h.Date.Month, h.Date.Day)
		if h.Regional {
			s = "~" + s
		}
		list = append(list, s)
	}
	return strings.Join(list, " ")
}

// TestHolidays2026 gives every state's days beside the nine nationwide ones:
// 01-01, Good Friday 04-03, Easter Monday 04-06, 05-01, Ascension 05-14, Whit
// Monday 05-25, 10-03, 12-25, 12-26.
func TestHolidays2026(t *testing.T) {
	t.Parallel()
	nationwide := strings.Fields("01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26")
	for state, own := range map[string]string{
		schleswigHolstein: "10-31",
		hamburg:           "10-31",
		niedersachsen:     "10-31",
		bremen:            "10-31",
		nordrheinWestf:    "06-04 11-01",
		hessen:            "06-04",
		rheinlandPfalz:    "06-04 11-01",
		badenWuertt:       "01-06 06-04 11-01",
		bayern:            "01-06 06-04 ~08-08 ~08-15 11-01",
		saarland:          "06-04 08-15 11-01",
		berlin:            "03-08",
		brandenburg:       "04-05 05-24 10-31",
		mecklenburgVorp:   "03-08 10-31",
		sachsen:           "~06-04 10-31 11-18",
		sachsenAnhalt:     "01-06 10-31",
		thueringen:        "~06-04 09-20 10-31",
	} {
		got := dates(2026, strings.TrimSpace(state))
		days := map[string]bool{}
		for _, d := range strings.Fields(got) {
			days[d] = true
		}
		want := append(strings.Fields(own), nationwide...)
		for _, d := range want {
			if !days[d] {
				t.Errorf("%s: %s is missing in %s", state, d, got)
			}
		}
		if len(days) != len(want) {
			t.Errorf("%s: %s, want %v", state, got, want)
		}
	}
}

func TestHolidaysByYearAndPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		year int
		area string
		day  string // MM-DD
		want string // "" no, "yes", "part"
	}{
		{2016, brandenburg, "10-31", "yes"},
		{2016, hamburg, "10-31", ""},
		{2017, bayern, "10-31", "yes"},
		{2017, hamburg, "10-31", "yes"},
		{2018, hamburg, "10-31", "yes"},
		{2018, bayern, "10-31", ""},
		{2018, berlin, "03-08", ""},
		{2019, berlin, "03-08", "yes"},
		{2022, mecklenburgVorp, "03-08", ""},
		{2023, mecklenburgVorp, "03-08", "yes"},
		{2018, thueringen, "09-20", ""},
		{2019, thueringen, "09-20", "yes"},
		{2020, berlin, "05-08", "yes"},
		{2021, berlin, "05-08", ""},
		{2025, berlin, "05-08", "yes"},
		{2025, brandenburg, "05-08", ""},
		{2028, berlin, "06-17", "yes"},
		{2027, berlin, "06-17", ""},
		{2024, sachsen, "11-20", "yes"},
		{2023, sachsen, "11-22", "yes"},
		{2028, sachsen, "11-22", "yes"},
		{2027, sachsen, "11-17", "yes"},
		{2026, "09761000", "08-08", "yes"},
		{2026, "09162000", "08-08", ""},
		{2026, "09761000", "08-15", "yes"},
		{2026, "09564000", "08-15", ""},
		{2026, "09180117", "08-15", "part"},
		{2026, "14625080", "06-04", "yes"},
		{2026, "14625240", "06-04", "part"},
		{2026, "14612000", "06-04", ""},
		{2026, "14625", "06-04", "part"},
		{2026, "16061045", "06-04", "yes"},
		{2026, "16063032", "06-04", "part"},
		{2026, "16051000", "06-04", ""},
		{2026, "12069020", "04-05", "yes"},
		{2026, "", "10-03", "yes"},
		{2026, "", "06-04", "part"},
		{2038, brandenburg, "04-25", "yes"}, // the latest Easter
		{2008, brandenburg, "03-23", "yes"},
	} {
		got := ""
		for _, d := range strings.Fields(dates(c.year, strings.TrimSpace(c.area))) {
			switch d {
			case c.day:
				got = "yes"
			case "~" + c.day:
				got = "part"
			}
		}
		if got != c.want {
			t.Errorf("%d-%s in %q: %q, want %q (%s)", c.year, c.day, c.area, got, c.want, dates(c.year, c.area))
		}
	}
}

func TestHolidayNames(t *testing.T) {
	t.Parallel()
	list := Holidays(2026, "12069020")
	for i, h := range list {
		if h.Name == "" || h.NameEN == "" || i > 0 && list[i-1].Date.String() >= h.Date.String() {
			t.Errorf("%d: %+v", i, h)
		}
	}
	if h := list[2]; h.Name != "Ostersonntag" || h.NameEN != "Easter Sunday" || h.Date.String() != "2026-04-05" {
		t.Errorf("the third holiday of Brandenburg is %+v", h)
	}
}

// TestCalendar holds the day arithmetic against known days.
func TestCalendar(t *testing.T) {
	t.Parallel()
	for n := -800000; n < 3000000; n += 977 {
		c := civilOf(n)
		if back := dayNumber(c.year, c.month, c.day); back != n {
			t.Fatalf("day %d is %+v, which is %d", n, c, back)
		}
	}
	for _, c := range []struct{ year, month, day, week, weekday int }{
		{2026, 6, 1, 23, 0}, {2026, 12, 31, 53, 3}, {2027, 1, 3, 53, 6}, {2027, 1, 4, 1, 0}, {2024, 12, 30, 1, 0}, {1970, 1, 1, 1, 3},
	} {
		d := civilOf(dayNumber(c.year, time.Month(c.month), c.day))
		if d.isoWeek() != c.week || d.weekday != c.weekday {
			t.Errorf("%+v: week %d, weekday %d", c, d.isoWeek(), d.weekday)
		}
	}
	for year, want := range map[int]string{2024: "03-31", 2025: "04-20", 2026: "04-05", 2027: "03-28", 2038: "04-25", 2285: "03-22"} {
		if c := civilOf(easter(year)); fmt.Sprintf("%02d-%02d", c.month, c.day) != want {
			t.Errorf("Easter %d is %d-%d, want %s", year, c.month, c.day, want)
		}
	}
}
