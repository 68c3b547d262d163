package server

import (
	"database/sql"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The outcomes of an operation.
const (
	outcomeOK      = "ok"
	outcomePartial = "partial" // answered, with errors
	outcomeRefused = "refused" // never ran
	outcomeFailed  = "failed"  // answered, with an error that is ours
)

type metrics struct {
	registry   *prometheus.Registry
	operations *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	inFlight   prometheus.Gauge
	streams    *prometheus.GaugeVec
	responses  *prometheus.CounterVec

	mu    sync.Mutex
	names map[string]time.Time // of operations, when last seen
}

func newMetrics(version string, stats func() sql.DBStats) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "umland_operations_total",
			Help: "GraphQL operations by name and outcome; beyond 200 names within an hour the name is other."}, []string{"operation", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "umland_operation_seconds",
			Help:    "How long GraphQL operations take, from the parsed request to the answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}}, []string{"kind"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "umland_operations_in_flight",
			Help: "GraphQL operations that are worked on."}),
		streams: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "umland_streams",
			Help: "Open WebSocket (ws) and event streams (sse)."}, []string{"transport"}),
		responses: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "umland_http_responses_total",
			Help: "HTTP answers by status."}, []string{"status"}),
		names: map[string]time.Time{},
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "umland_build_info", Help: "Always 1; the label tells the version.",
		ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.streams.WithLabelValues("ws")
	m.streams.WithLabelValues("sse")
	m.registry.MustRegister(m.operations, m.seconds, m.inFlight, m.streams, m.responses, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if stats != nil {
		pool := func(name, help string, value func(sql.DBStats) float64) {
			m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "umland_db_" + name, Help: help},
				func() float64 { return value(stats()) }))
		}
		pool("connections_open", "Open connections to the database.", func(s sql.DBStats) float64 { return float64(s.OpenConnections) })
		pool("connections_in_use", "Connections to the database in use.", func(s sql.DBStats) float64 { return float64(s.InUse) })
		pool("connections_max", "The most connections to the database; 0: no limit.", func(s sql.DBStats) float64 { return float64(s.MaxOpenConnections) })
		pool("waits", "How often a connection had to be waited for, since the start.", func(s sql.DBStats) float64 { return float64(s.WaitCount) })
		pool("wait_seconds", "How long connections were waited for, since the start.", func(s sql.DBStats) float64 { return s.WaitDuration.Seconds() })
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) answered(status int) {
	m.responses.WithLabelValues(strconv.Itoa(status)).Inc()
}

// refused counts a request whose operation never ran, whatever it calls itself.
func (m *metrics) refused() {
	m.operations.WithLabelValues("none", outcomeRefused).Inc()
}

func (m *metrics) ran(name, kind, outcome string, start, end time.Time) {
	m.operations.WithLabelValues(m.label(name, end), outcome).Inc()
	m.seconds.WithLabelValues(kind).Observe(end.Sub(start).Seconds())
}

// label bounds how many time series clients can make. A new name takes the place of the one that was not seen for longest, once that
// is an hour, so that names nobody uses any more do not keep out the others.
func (m *metrics) label(name string, now time.Time) string {
	const most, fresh = 200, time.Hour
	if name == "" {
		return "anonymous"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.names[name]; !known && len(m.names) >= most {
		oldest, seen := "", now
		for n, t := range m.names {
			if t.Before(seen) {
				oldest, seen = n, t
			}
		}
		if now.Sub(seen) < fresh {
			return "other"
		}
		delete(m.names, oldest)
		m.operations.DeletePartialMatch(prometheus.Labels{"operation": oldest})
	}
	m.names[name] = now
	return name
}
