package store

import (
	"context"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
)

// tracer sees every statement: it logs the slow ones, without their arguments, and counts them for who wants to know.
type tracer struct {
	log  zerolog.Logger
	slow time.Duration
}

type (
	countKey struct{}
	startKey struct{}
	started  struct {
		at  time.Time
		sql string
	}
)

// CountStatements gives a context in which n counts the statements that are sent to the database.
func CountStatements(ctx context.Context, n *atomic.Int64) context.Context {
	return context.WithValue(ctx, countKey{}, n)
}

// TraceQueryStart implements pgx.QueryTracer.
func (t tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
	if t.slow <= 0 {
		return ctx
	}
	return context.WithValue(ctx, startKey{}, started{time.Now(), data.SQL})
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	s, ok := ctx.Value(startKey{}).(started)
	if !ok {
		return
	}
	if took := time.Since(s.at); took >= t.slow {
		sql := strings.Join(strings.Fields(withoutValues(s.sql)), " ")
		log := zerolog.Ctx(ctx) // the request's, with its id
		if log.GetLevel() == zerolog.Disabled {
			log = &t.log
		}
		log.Warn().Dur("took", took).Str("sql", sql[:min(len(sql), 500)]).Err(data.Err).Msg("slow statement")
	}
}

// withoutValues gives SQL with its texts taken out: bun writes arguments into it, and what somebody is called is not for a log. Of what is very long it
// gives the beginning.
func withoutValues(sql string) string {
	return literal.ReplaceAllString(sql[:min(len(sql), 100_000)], "'…'")
}

// literal is a text in SQL, also one that was cut off. Backslashes mean nothing in it (standard_conforming_strings).
var literal = regexp.MustCompile(`'(?:[^']|'')*(?:'|$)`)
