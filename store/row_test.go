package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"umland/ent"
	"umland/pgdev/pgtest"
)

// every has a field of each type that models have.
type every struct {
	Text   string            `bun:"text"`
	Texts  []string          `bun:"texts,array"`
	Kinds  []ent.Audience    `bun:"kinds,array"`
	Kind   ent.OfferingKind  `bun:"kind"`
	Maybe  *string           `bun:"maybe"`
	ID     uuid.UUID         `bun:"id"`
	Other  *uuid.UUID        `bun:"other"`
	At     time.Time         `bun:"at"`
	Later  *time.Time        `bun:"later"`
	Yes    bool              `bun:"yes"`
	Free   *bool             `bun:"free"`
	N      int               `bun:"n"`
	Long   *int64            `bun:"long"`
	Far    float64           `bun:"far"`
	Near   *float64          `bun:"near"`
	Hash   []byte            `bun:"hash"`
	Links  []ent.Link        `bun:"links,type:jsonb"`
	Labels map[string]string `bun:"labels,type:jsonb"`
	When   *ent.Schedule     `bun:"schedule,type:jsonb"`

	Place    *ent.Place    `bun:"-"`
	Offering *ent.Offering `bun:"-"`
}

func TestScan(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.NewDB(t, nil)
	s, err := Open(ctx, dsn, Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	id := uuid.MustParse("0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000")
	at := time.Date(2026, 11, 28, 14, 0, 0, 123_456_000, time.UTC)
	early := time.Date(1902, 1, 2, 3, 4, 5, 0, time.UTC)
	text, yes, long, near := "Straße", true, int64(-1<<40), -0.5
	for sql, want := range map[string]every{
		`SELECT 'Straße' AS text, '{a,"b c",""}'::text[] AS texts, '{YOUTH}'::text[] AS kinds, 'TOUR' AS kind, 'Straße' AS maybe`: {
			Text: text, Texts: []string{"a", "b c", ""}, Kinds: []ent.Audience{ent.AudienceYouth}, Kind: ent.KindTour, Maybe: &text},
		`SELECT '{}'::text[] AS texts, NULL::text[] AS kinds, NULL::text AS maybe, NULL::uuid AS other, NULL::timestamptz AS later, NULL::jsonb AS schedule`: {
			Texts: []string{}},
		`SELECT ?::uuid AS id, ?::uuid AS other, ?::timestamptz AS at, '1902-01-02T03:04:05Z'::timestamptz AS later`: {
			ID: id, Other: &id, At: at, Later: &early},
		`SELECT true AS yes, true AS free, -7::int AS n, -1099511627776::bigint AS long, 52.5::float8 AS far, -0.5::float8 AS near, '\x00ff'::bytea AS hash`: {
			Yes: yes, Free: &yes, N: -7, Long: &long, Far: 52.5, Near: &near, Hash: []byte{0, 255}},
		`SELECT '[{"url": "https://example.org"}]'::jsonb AS links, '{"de": "Sport"}'::jsonb AS labels, '{"start": "2026-11-28T14:00:00Z", "timeZone": "Europe/Berlin"}'::jsonb AS schedule`: {
			Links: []ent.Link{{URL: "https://example.org"}}, Labels: map[string]string{"de": "Sport"}, When: &ent.Schedule{Start: at.Truncate(time.Second), TimeZone: "Europe/Berlin"}},
		`SELECT 'Haus' AS "place.name", 1.5::float8 AS "place.longitude", NULL::text AS "offering.title", 'Hof' AS "offering.place.name"`: {
			Place: &ent.Place{Name: "Haus", Longitude: func() *float64 { x := 1.5; return &x }()}, Offering: &ent.Offering{Place: &ent.Place{Name: "Hof"}}},
		`SELECT NULL::text AS "place.name", NULL::uuid AS "place.id"`: {},
	} {
		q := new(query).add(sql)
		if sql[7] == '?' {
			q = new(query).add(sql, id, id, at)
		}
		var rows []*every
		if err := s.scan(ctx, q, &rows); err != nil || len(rows) != 1 || !reflect.DeepEqual(*rows[0], want) {
			t.Errorf("%s\n%+v, %v", sql, rows, err)
		}
	}
	for _, sql := range []string{
		"SELECT 1::bigint AS nothing", `SELECT 'x' AS "text.name"`, `SELECT 'x' AS "place.nothing"`, "SELECT 1::smallint AS n", "SELECT 'x' AS id", "SELECT 1.5::float4 AS far",
		"SELECT 'x' AS at", "SELECT 'true' AS yes", "SELECT '{{a},{b}}'::text[] AS texts", "SELECT '{a,NULL}'::text[] AS texts", "SELECT 'x' AS labels", "SELECT 1/0 AS n",
	} {
		var rows []every
		if err := s.scan(ctx, new(query).add(sql), &rows); err == nil {
			t.Errorf("%s was read: %+v", sql, rows)
		}
	}
	var rows []every
	if err := s.scan(ctx, new(query).add("SELECT n FROM generate_series(1, 3) AS n"), &rows); err != nil || len(rows) != 3 || rows[2].N != 3 {
		t.Errorf("%v, %v", rows, err)
	}

	// A connection that has ended is no fault of who asks next; a statement that ends its own is.
	other, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(ctx) }()
	if _, err := other.Exec(ctx, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
	if rows = nil; s.scan(ctx, new(query).add("SELECT 1 AS n"), &rows) != nil || len(rows) != 1 {
		t.Errorf("%v", rows)
	}
	if err := s.scan(ctx, new(query).add("SELECT CASE WHEN pg_terminate_backend(pg_backend_pid()) THEN 1 END AS n"), &rows); !errors.Is(err, driver.ErrBadConn) {
		t.Errorf("%v", err)
	}
}
