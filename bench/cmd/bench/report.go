package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// report is what a run gave.
type report struct {
	N, Rounds, Concurrency int
	Seconds                float64
	Lacks                  map[int]string // by question: what Umland has not got yet
	Turns                  []turn
}

// of gives the median over the rounds of a number of a server's turns at a question; ok is false when there were none.
func (r *report) of(number int, server string, value func(turn) float64) (m float64, ok bool) {
	var values []float64
	for _, t := range r.Turns {
		if t.Question == number && t.Server == server {
			values = append(values, value(t))
		}
	}
	return median(values), len(values) > 0
}

func perSecond(t turn) float64 { return t.PerSecond }
func cpu(t turn) float64       { return t.ServerCPU + t.PostgresCPU }

// print writes the tables.
func (r *report) print(to io.Writer) {
	_, _ = fmt.Fprintf(to, "%d offerings, concurrency %d, medians over %d rounds of %g s\n\n", r.N, r.Concurrency, r.Rounds, r.Seconds)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "question\tserver\trequests/s\tp50 ms\tp99 ms\tCPU-ms server\tCPU-ms Postgres\tsum\tbytes\tMB\t")
	for _, q := range questions() {
		for _, server := range []string{"umland", cached, "thin", "postgraphile"} {
			if r.Lacks[q.Number] != "" && server == "umland" {
				_, _ = fmt.Fprintf(w, "(%d)\t%s\tnot yet: %s\t\t\t\t\t\t\t\t\n", q.Number, server, r.Lacks[q.Number])
				continue
			}
			if _, ok := r.of(q.Number, server, perSecond); !ok {
				continue
			}
			get := func(value func(turn) float64) float64 { m, _ := r.of(q.Number, server, value); return m }
			_, _ = fmt.Fprintf(w, "(%d)\t%s\t%.0f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t%.0f\t\n", q.Number, server, get(perSecond),
				get(func(t turn) float64 { return t.P50 }), get(func(t turn) float64 { return t.P99 }),
				get(func(t turn) float64 { return t.ServerCPU }), get(func(t turn) float64 { return t.PostgresCPU }), get(cpu),
				get(func(t turn) float64 { return float64(t.Bytes) }), get(func(t turn) float64 { return t.Memory }))
		}
	}
	_ = w.Flush()
	_, _ = fmt.Fprintln(to)
	w = tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "Umland's ratios\tCPU / thin\tp99 / thin\trequests/s / PostGraphile\tCPU / PostGraphile\t\t")
	product, n := 1.0, 0
	for _, q := range questions() {
		ours := "umland"
		if q.Traffic {
			ours = cached
		}
		ratio := func(other string, value func(turn) float64) string {
			a, okA := r.of(q.Number, ours, value)
			b, okB := r.of(q.Number, other, value)
			if !okA || !okB || b == 0 {
				return "–"
			}
			return fmt.Sprintf("%.2f", a/b)
		}
		a, okA := r.of(q.Number, ours, perSecond)
		if !okA {
			continue
		}
		b, okB := r.of(q.Number, "postgraphile", perSecond)
		if okB && !q.Write && !q.Traffic {
			product *= a / b
			n++
		}
		_, _ = fmt.Fprintf(w, "(%d)\t%s\t%s\t%s\t%s\t%s\t\n", q.Number, ratio("thin", cpu), ratio("thin", func(t turn) float64 { return t.P99 }),
			ratio("postgraphile", perSecond), ratio("postgraphile", cpu), q.Title)
	}
	_ = w.Flush()
	if n > 0 {
		_, _ = fmt.Fprintf(to, "\nRequests/s / PostGraphile, geometric mean of those %d of (1) to (7): %.2f\n", n, math.Pow(product, 1/float64(n)))
	}
}
