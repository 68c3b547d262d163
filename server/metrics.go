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
	names map[string]bool
}

func newMetrics(version string, stats func() sql.DBStats) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "umland_operations_total",
			Help: "GraphQL operations by name and outcome; beyond 200 names the name is other."}, []string{"operation", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "umland_operation_seconds",
			Help:    "How long GraphQL operations take, from the parsed request to the answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}}, []string{"kind"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "umland_operations_in_flight",
			Help: "GraphQL operations that are worked on."}),
		streams: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "umland_streams",
			Help: "Open WebSocket (ws) and event streams (sse)."}, []string{"transport"}),
		responses: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "umland_http_responses_total",
			Help: "HTTP answers by status."}, []string{"status"}),
		names: map[string]bool{},
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

func (m *metrics) ran(name, kind, outcome string, took time.Duration) {
	m.operations.WithLabelValues(m.label(name), outcome).Inc()
	m.seconds.WithLabelValues(kind).Observe(took.Seconds())
}

// label bounds how many time series clients can make.
func (m *metrics) label(name string) string {
	const most = 200
	if name == "" {
		return "anonymous"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.names[name] {
		if len(m.names) >= most {
			return "other"
		}
		m.names[name] = true
	}
	return name
}
