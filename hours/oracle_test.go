package hours

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// oracleAnswer is a line of oracle/ask.mjs.
type oracleAnswer struct {
	Error    bool
	Warnings int
	States   string
	Next     []*int64
}

type oracleQuestion struct {
	Value string  `json:"value"`
	At    []int64 `json:"at"`
	Next  []int64 `json:"next"`
}

// oracleInstants draws the same moments every time: most in 2026 and 2027,
// some in the years that old values speak of.
func oracleInstants(loc *time.Location) (at, next []int64) {
	r := rand.New(rand.NewPCG(12, 69020))
	between := func(from, to time.Time) int64 { return from.Unix() + r.Int64N((to.Unix()-from.Unix())/60)*60 }
	day := func(y int, m time.Month) time.Time { return time.Date(y, m, 1, 0, 0, 0, 0, loc) }
	for range 150 {
		at = append(at, between(day(2026, 1), day(2028, 1)))
	}
	for range 50 {
		at = append(at, between(day(2017, 1), day(2026, 1)))
	}
	return at, at[:3]
}

// ask puts all questions to the reference implementation in one process.
func ask(t *testing.T, list []oracleQuestion) []oracleAnswer {
	t.Helper()
	var in bytes.Buffer
	for _, q := range list {
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command("node", "ask.mjs")
	cmd.Dir = "oracle"
	cmd.Env = append(os.Environ(), "TZ=Europe/Berlin")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node ask.mjs: %v", err)
	}
	var answers []oracleAnswer
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a oracleAnswer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("answer %q: %v", lines.Text(), err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(list) {
		t.Fatalf("%d answers to %d questions", len(answers), len(list))
	}
	return answers
}

// TestOracle compares with npm opening_hours. It needs the packages of oracle/:
//
//	(cd hours/oracle && npm ci) && go test -run TestOracle -v ./hours
//
// Every value on which the two differ has to stand in oracle/DISAGREEMENTS.md.
func TestOracle(t *testing.T) {
	if _, err := os.Stat("oracle/node_modules/opening_hours"); err != nil {
		t.Log("oracle/node_modules is not installed: run npm ci in hours/oracle to compare")
		return
	}
	known, err := os.ReadFile("oracle/DISAGREEMENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	loc := berlinTime(t)
	at, next := oracleInstants(loc)
	for _, set := range []struct {
		name      string
		values    []value
		agreement float64
	}{{"weekly markets", marketValues(t), 0.99}, {"real values", realValues(t), 0.97}} {
		values := slices.DeleteFunc(set.values, func(v value) bool { _, err := Parse(v.text); return err != nil })
		if len(values) == 0 {
			t.Log("no ../../shared/data: nothing to compare")
			return
		}
		var questions []oracleQuestion
		for _, v := range values {
			questions = append(questions, oracleQuestion{v.text, at, next})
		}
		place := Place{Longitude: 12.59, Latitude: 52.14, State: "12", SchoolHoliday: oracleSchoolHolidays(t, loc)}
		var states, sameStates, changes, sameChanges, agreeing, refused int
		var differ []string
		for i, a := range ask(t, questions) {
			if a.Error {
				refused++
				continue
			}
			h, err := Parse(values[i].text)
			if err != nil {
				t.Fatal(err)
			}
			wrong := ""
			for j, want := range a.States {
				if want == 'e' {
					continue
				}
				states++
				moment := time.Unix(at[j], 0).In(loc)
				s, _ := h.At(moment, place)
				if got := rune("cou"[s]); got == want {
					sameStates++
				} else {
					wrong = fmt.Sprintf("%s is %c, oracle %c", moment.Format("Mon 2006-01-02 15:04"), got, want)
				}
			}
			for j, want := range a.Next {
				if want != nil && *want == -1 {
					continue
				}
				moment := time.Unix(next[j], 0).In(loc)
				got, ok := h.NextChange(moment, place)
				if ok && got.Sub(moment) > 700*24*time.Hour {
					ok = false
				}
				changes++
				if ok == (want != nil) && (!ok || got.Unix() == *want) {
					sameChanges++
				} else {
					if want == nil {
						want = new(int64)
					}
					wrong = fmt.Sprintf("change after %s is %v (%v), oracle %v", moment.Format("Mon 2006-01-02 15:04"), got, ok, time.Unix(*want, 0).In(loc))
				}
			}
			if wrong == "" {
				agreeing++
				continue
			}
			differ = append(differ, values[i].at)
			if !strings.Contains(string(known), "`"+values[i].at+"`") {
				t.Errorf("%s %q: %s; not listed in oracle/DISAGREEMENTS.md", values[i].at, values[i].text, wrong)
			}
		}
		compared := len(values) - refused
		share := float64(agreeing) / float64(compared)
		t.Logf("%s: %d values parse here, %d of them there; agreement on %d values (%.2f %%), %d of %d states (%.3f %%), %d of %d next changes (%.2f %%)",
			set.name, len(values), compared, agreeing, 100*share, sameStates, states, 100*float64(sameStates)/float64(states),
			sameChanges, changes, 100*float64(sameChanges)/float64(changes))
		t.Logf("they differ on %v", differ)
		if share < set.agreement {
			t.Errorf("%s: agreement %.2f %% is less than %.0f %%", set.name, 100*share, 100*set.agreement)
		}
	}
}

// oracleSchoolHolidays asks which days are school holidays there, so that SH
// rules compare; years without data stay unknown.
func oracleSchoolHolidays(t *testing.T, loc *time.Location) func(Date) (bool, bool) {
	q := oracleQuestion{Value: "SH", Next: []int64{}}
	var dates []Date
	for day := time.Date(2017, 1, 1, 12, 0, 0, 0, loc); day.Year() < 2030; day = day.AddDate(0, 0, 1) {
		q.At = append(q.At, day.Unix())
		dates = append(dates, Date{day.Year(), day.Month(), day.Day()})
	}
	known := map[Date]bool{}
	for i, s := range ask(t, []oracleQuestion{q})[0].States {
		if s != 'e' {
			known[dates[i]] = s == 'o'
		}
	}
	if len(known) < 365 {
		t.Fatalf("the oracle knows the school holidays of %d days only", len(known))
	}
	return func(d Date) (bool, bool) {
		is, ok := known[d]
		return is, ok
	}
}
