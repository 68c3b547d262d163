package harvest_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"umland/ent"
)

var (
	benchFeeds = flag.Int("feeds", 10, "feeds of BenchmarkHarvest; 100 is the target's")
	benchItems = flag.Int("items", 200, "items of each; 1000 is the target's")
)

// benchFeed makes a calendar as clubs and towns have them.
func benchFeed(feed, items int) string {
	r := rand.New(rand.NewPCG(uint64(feed), 7))
	what := []string{"Lesung", "Konzert", "Vortrag", "Wanderung", "Skatturnier", "Chorprobe", "Flohmarkt", "Blutspende", "Filmabend", "Gottesdienst", "Kinderfest", "Yoga", "Stammtisch", "Radtour", "Tanzabend", "Basteln", "Führung", "Sprechstunde", "Turnier", "Probe"}
	of := []string{"der Feuerwehr", "im Advent", "mit Gästen", "für Anfänger", "am Abend", "des Heimatvereins", "im Grünen", "mit Orgel", "für Familien", "der Landfrauen", "im Schloss", "unter Linden", "am See", "der Jugend", "zum Mitmachen", "bei Kerzenschein"}
	who := []string{"Müller", "Schmidt", "Krause", "Lehmann", "Richter", "Wolf", "Neumann", "Schwarz", "Zimmermann", "Braun", "Hofmann", "Hartmann", "Lange", "Werner", "Krüger", "Franke"}
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//DE\r\n")
	for i := range items {
		day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(500))
		hour := 8 + r.IntN(13)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d-%d@example.org\r\nDTSTAMP:20261123T100000Z\r\nSUMMARY:%s %s mit %s\r\nDTSTART;TZID=Europe/Berlin:%sT%02d0000\r\nDTEND;TZID=Europe/Berlin:%sT%02d3000\r\n"+
			"LOCATION:Saal %d\\, Dorfstraße %d\\, 14806 Bad Belzig\r\nDESCRIPTION:Der Verein lädt herzlich ein. Es gibt Kaffee und Kuchen\\, und wer mag\\, bringt etwas mit. Eintritt: %d €. Anmeldung unter 033841 %d erbeten.\r\nCATEGORIES:Kultur\r\nURL:https://example.org/%d/%d\r\nEND:VEVENT\r\n",
			feed, i, what[r.IntN(len(what))], of[r.IntN(len(of))], who[r.IntN(len(who))], day.Format("20060102"), hour, day.Format("20060102"), hour+1, r.IntN(40), 1+r.IntN(90), r.IntN(20), 1000+r.IntN(9000), feed, i)
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// cpu is the processor time that this process has taken.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory that this process has had, in MB.
func peak() float64 {
	b, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	var kb float64
	_, _ = fmt.Sscan(rest, &kb)
	return kb / 1024
}

// Many feeds are read for the first time, and again when nothing has changed: go test ./harvest -bench Harvest -benchtime 1x -feeds 100 -items 1000.
func BenchmarkHarvest(b *testing.B) {
	for range b.N {
		b.StopTimer()
		g := newRegion(b)
		ids := make([]uuid.UUID, *benchFeeds)
		for i := range ids {
			feed := benchFeed(i, *benchItems)
			path := fmt.Sprintf("/%d.ics", i)
			g.handle(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(feed)) })
			ids[i] = g.add("ical", path)
		}
		all := func(outcome ent.HarvestOutcome) (wall, took time.Duration, items int) {
			runtime.GC()
			began, used := time.Now(), cpu()
			g.wait(time.Hour)
			g.runner.RunAll(context.Background(), ids, false, func(_ uuid.UUID, run *ent.Harvest, err error) {
				if err != nil || run.Outcome != outcome {
					b.Errorf("%+v %v", run, err)
					return
				}
				items += run.New + run.Same
			})
			return time.Since(began), cpu() - used, items
		}
		b.StartTimer()
		wall, took, n := all(ent.HarvestOK)
		b.StopTimer()
		b.ReportMetric(float64(n)/wall.Seconds(), "items/s")
		b.ReportMetric(float64(n)/took.Seconds(), "items/cpu-s")
		again, _, _ := all(ent.HarvestUnchanged)
		b.ReportMetric(wall.Seconds()/again.Seconds(), "x-faster-again")
		b.ReportMetric(peak(), "MB-peak")
	}
}
