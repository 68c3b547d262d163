package harvest

import (
	"github.com/prometheus/client_golang/prometheus"

	"umland/ent"
)

// metrics are what /metrics tells of the runs of this process.
type metrics struct {
	runs    *prometheus.CounterVec
	items   *prometheus.CounterVec
	seconds prometheus.Histogram
	bytes   prometheus.Counter
}

func newMetrics() *metrics {
	return &metrics{
		runs:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "umland_harvest_runs_total", Help: "Runs of sources by outcome."}, []string{"outcome"}),
		items: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "umland_harvest_items_total", Help: "Items of runs that changed something, by what came of them."}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "umland_harvest_run_seconds", Help: "How long runs take, fetching included.",
			Buckets: []float64{.01, .1, .5, 1, 5, 15, 60, 300, 1200}}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{Name: "umland_harvest_bytes_total", Help: "Bytes that were fetched, inflated."}),
	}
}

// Collectors are the metrics of the runner.
func (r *Runner) Collectors() []prometheus.Collector {
	return []prometheus.Collector{r.metrics.runs, r.metrics.items, r.metrics.seconds, r.metrics.bytes}
}

func (m *metrics) count(run *ent.Harvest) {
	m.runs.WithLabelValues(string(run.Outcome)).Inc()
	m.seconds.Observe(run.FinishedAt.Sub(run.StartedAt).Seconds())
	m.bytes.Add(float64(run.Bytes))
	if run.Outcome != ent.HarvestOK {
		return
	}
	for result, n := range map[string]int{"new": run.New, "changed": run.Changed, "same": run.Same, "gone": run.Gone, "refused": run.Refused} {
		m.items.WithLabelValues(result).Add(float64(n))
	}
}
