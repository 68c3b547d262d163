package hours

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// sharedData is the folder of real input beside the repository; tests that read
// it pass with a note in a plain checkout.
const sharedData = "../../shared/data"

// value is a real value and the place where it was read.
type value struct {
	text string
	at   string // file, or row of the table
}

// marketValues reads the opening_hours of the weekly markets.
func marketValues(t testing.TB) []value {
	t.Helper()
	files, err := filepath.Glob(sharedData + "/feeds/geojson/wochenmarkt-*.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []value
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Features []struct {
				Properties struct {
					Hours *string `json:"opening_hours"`
				} `json:"properties"`
			} `json:"features"`
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for _, feature := range doc.Features {
			if h := feature.Properties.Hours; h != nil {
				list = append(list, value{*h, filepath.Base(f)})
			}
		}
	}
	return list
}

// realValues reads the first column of the table of values.
func realValues(t testing.TB) []value {
	t.Helper()
	f, err := os.Open(sharedData + "/hours/real_values.csv")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := csv.NewReader(f)
	rows.FieldsPerRecord = -1
	rows.LazyQuotes = true
	all, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []value
	for i, row := range all[1:] {
		list = append(list, value{row[0], "row " + itoa(i+2)})
	}
	return list
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

func berlinTime(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// parseAll parses values and holds that what parses has a stable canonical form.
// Survey dates (an ISO date and nothing else) are counted apart: they say no hours.
func parseAll(t *testing.T, list []value) (good, dates int, refused []string) {
	for _, v := range list {
		h, err := Parse(v.text)
		var e *Error
		switch {
		case errors.As(err, &e) && e.Code == CodeBareDate:
			dates++
		case err != nil:
			refused = append(refused, v.at+": "+err.Error())
		default:
			good++
			again, err := Parse(h.String())
			if err != nil || again.String() != h.String() {
				t.Errorf("%s: canonical form is not stable: %q, then %v, %v", v.at, h, again, err)
			}
		}
	}
	return good, dates, refused
}

func TestMarketValuesParse(t *testing.T) {
	t.Parallel()
	list := marketValues(t)
	if len(list) == 0 {
		t.Log("no ../../shared/data: nothing to compare")
		return
	}
	good, dates, refused := parseAll(t, list)
	t.Logf("%d of %d market values parse", good, len(list))
	if good != len(list) || len(list) < 100 {
		t.Errorf("refused of %d: %v (%d dates)", len(list), refused, dates)
	}
}

func TestRealValuesParse(t *testing.T) {
	t.Parallel()
	list := realValues(t)
	if len(list) == 0 {
		t.Log("no ../../shared/data: nothing to compare")
		return
	}
	good, dates, refused := parseAll(t, list)
	hours := len(list) - dates
	t.Logf("%d of %d values with hours parse (%.1f %%); %d survey dates are refused as such", good, hours, 100*float64(good)/float64(hours), dates)
	if good*100 < hours*98 || dates > 200 {
		t.Errorf("refused: %v", refused)
	}
}
