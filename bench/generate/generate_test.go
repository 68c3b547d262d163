package generate_test

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"umland/bench/generate"
	"umland/ent"
	"umland/pgdev/pgtest"
	"umland/register"
	"umland/store"
	"umland/store/storetest"
)

const n = 2_000

func fill(t *testing.T, seed uint64) (string, *pgx.Conn, generate.Counts) {
	t.Helper()
	ctx := context.Background()
	dsn := pgtest.NewDB(t, storetest.Prepare)
	counts, err := generate.Fill(ctx, dsn, generate.Options{N: n, Seed: seed, Now: storetest.Noon, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	return dsn, conn, counts
}

func strings(t *testing.T, conn *pgx.Conn, sql string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// content is a fingerprint of each table that is filled.
func content(t *testing.T, conn *pgx.Conn) (sums []string) {
	for _, table := range []string{"provider", "place", "offering", "occurrence", "hours"} {
		sums = append(sums, strings(t, conn, "SELECT coalesce(md5(string_agg(x::text, ',' ORDER BY x::text COLLATE \"C\")), '') FROM "+table+" x")...)
	}
	return sums
}

func TestDeterministic(t *testing.T) {
	t.Parallel()
	_, a, _ := fill(t, 1)
	_, b, _ := fill(t, 1)
	_, other, _ := fill(t, 2)
	if x, y := content(t, a), content(t, b); !slices.Equal(x, y) {
		t.Errorf("the same options gave other rows: %v and %v", x, y)
	}
	if x, y := content(t, a), content(t, other); x[2] == y[2] {
		t.Error("another seed gave the same offerings")
	}
}

// What is counted lies within what the package promises.
func TestShape(t *testing.T) {
	t.Parallel()
	dsn, conn, counts := fill(t, 1)
	if counts.Offerings != n {
		t.Errorf("%d offerings were made, not %d", counts.Offerings, n)
	}
	for _, c := range []struct {
		what, sql string
		from, to  float64
	}{
		{"offerings", "SELECT count(*) FROM offering", n, n},
		{"providers", "SELECT count(*) FROM provider", float64(counts.Providers), float64(counts.Providers)},
		{"places", "SELECT count(*) FROM place", float64(counts.Places), float64(counts.Places)},
		{"dates", "SELECT count(*) FROM occurrence", float64(counts.Occurrences), float64(counts.Occurrences)},
		{"kinds", "SELECT count(DISTINCT kind) FROM offering", 6, 6},
		{"share of what is not published", "SELECT avg((status <> 'PUBLISHED')::int) FROM offering", 0.01, 0.035},
		{"states of publication", "SELECT count(DISTINCT status) FROM offering", 3, 3},
		{"dates per event", "SELECT count(*)::float8 / count(DISTINCT o.id) FROM offering o LEFT JOIN occurrence oc ON oc.offering_id = o.id WHERE kind = 'EVENT'", 2.5, 3.8},
		{"events without a date", "SELECT count(*) FROM offering o WHERE kind = 'EVENT' AND NOT EXISTS (SELECT FROM occurrence WHERE offering_id = o.id)", 0, n / 20},
		{"municipalities", "SELECT count(DISTINCT ags) FROM offering", 700, 1_600},
		{"share of the 100 largest", "SELECT sum(n) / 2000 FROM (SELECT count(*) AS n FROM offering GROUP BY ags ORDER BY n DESC LIMIT 100) x", 0.35, 0.55},
		{"the largest", "SELECT count(*) / 2000.0 FROM offering GROUP BY ags ORDER BY count(*) DESC LIMIT 1", 0.02, 0.06},
		{"years", "SELECT extract(epoch FROM max(published_at) - min(published_at)) / 86400 / 365 FROM offering", 2.8, 3},
		{"published in the future", "SELECT count(*) FROM offering WHERE published_at > '2026-11-23T11:00Z' OR updated_at > '2026-11-23T11:00Z'", 0, 0},
		{"the same title", "SELECT max(n) FROM (SELECT count(*) AS n FROM offering GROUP BY title) x", 1, 4},
		{"points more than 60 km off", "SELECT count(*) FROM place p JOIN municipality m USING (ags) WHERE great_circle_km(p.longitude, p.latitude, m.longitude, m.latitude) > 60", 0, 0},
		{"marks left in texts", `SELECT count(*) FROM offering o WHERE o::text ~ '[\x01\x02]'`, 0, 0},
		{"offerings that cannot be found", "SELECT count(*) FROM offering WHERE vector = ''", 0, 0},
		{"categories that are not derived", "SELECT count(*) FROM offering WHERE NOT categories <@ category_path", 0, 0},
		{"places that are not derived", "SELECT count(*) FROM offering o JOIN place p ON p.id = place_id WHERE p.longitude IS NOT NULL AND extent IS NULL", 0, 0},
	} {
		var got float64
		if err := conn.QueryRow(context.Background(), c.sql).Scan(&got); err != nil {
			t.Errorf("%s: %v", c.what, err)
		} else if got < c.from || got > c.to {
			t.Errorf("%s: %v is not between %v and %v", c.what, got, c.from, c.to)
		}
	}
	if _, err := generate.Fill(context.Background(), dsn, generate.Options{N: 1, Now: storetest.Noon}); err == nil {
		t.Error("a filled database was filled again")
	}
	migrated, err := pgx.Connect(context.Background(), pgtest.NewDB(t, storetest.Prepare))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = migrated.Close(context.Background()) })
	const indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
	if got, want := strings(t, conn, indexes), strings(t, migrated, indexes); !slices.Equal(got, want) {
		t.Errorf("indexes are %v, not %v", got, want)
	}
}

// The rows are those that the store would have written: to save an offering as it is changes nothing, and to write it anew gives the same
// dates and derived columns.
func TestAsTheStoreWrites(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn, conn, _ := fill(t, 3)
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(ctx, dsn, store.Options{Locate: boundaries.NearHome})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.LoadReference(ctx); err != nil {
		t.Fatal(err)
	}
	rest := func(id string) []string {
		return strings(t, conn, `SELECT (to_jsonb(o) - '{title,title_key,vector,version,content_hash,updated_at,confirmed_at,review_by,change_action,change_actor_kind,change_actor_id,change_actor_name}'::text[])::text FROM offering o WHERE id = $1
			UNION ALL SELECT oc::text FROM occurrence oc WHERE offering_id = $1 ORDER BY 1`, id)
	}
	ids := strings(t, conn, "SELECT id::text FROM offering WHERE status = 'PUBLISHED' ORDER BY md5(id::text) LIMIT 300")
	for _, text := range ids {
		id := uuid.MustParse(text)
		found, err := st.OfferingsByID(ctx, nil, []uuid.UUID{id})
		if err != nil || len(found) != 1 {
			t.Fatal(len(found), err)
		}
		old := found[0]
		p, err := st.Provider(ctx, old.ProviderID)
		if err != nil {
			t.Fatal(err)
		}
		key := &ent.Actor{Grants: []ent.Grant{{Role: ent.RoleEditor, AGS: &p.AGS}}, Scopes: []ent.Scope{ent.ScopeWrite, ent.ScopePublish}}
		save := func(title string) *ent.Offering {
			saved, err := st.SaveOffering(ctx, key, storetest.Noon, store.OfferingSave{
				ID: &id, ProviderID: old.ProviderID, ExternalID: old.ExternalID, Publish: true,
				Edit: func(o *ent.Offering) ent.UserErrors { o.Title = title; return nil },
			})
			if err != nil {
				t.Fatalf("%s: %v", old.Title, err)
			}
			return saved
		}
		if saved := save(old.Title); saved.Version != old.Version || !reflect.DeepEqual(saved.ContentHash, old.ContentHash) {
			t.Errorf("%s: to save it as it is made version %d of %d", old.Title, saved.Version, old.Version)
		}
		before := rest(text)
		if saved := save(old.Title + " neu"); saved.Version != old.Version+1 {
			t.Errorf("%s: a change made version %d of %d", old.Title, saved.Version, old.Version)
		}
		if saved, err := st.OfferingsByID(ctx, key, []uuid.UUID{id}); err != nil || len(saved) != 1 || saved[0].Status != ent.StatusPublished {
			continue // what lies in the neighbour's waits for its review: the status differs
		}
		if after := rest(text); !slices.Equal(before, after) {
			t.Errorf("%s: the store writes\n%v\nnot\n%v", old.Title, after, before)
		}
	}
	if extended, err := st.ExtendOccurrences(ctx, storetest.Noon.Add(time.Hour)); extended != 0 || err != nil {
		t.Errorf("dates of %d series were missing: %v", extended, err)
	}
}
