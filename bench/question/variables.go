package question

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variables are those of one request, as Umland takes them.
type Variables map[string]any

// PoolSize is how many different variables there are at the least for each question that only reads, given a database of 10 thousand
// offerings.
const PoolSize = 1_000

// ForPostGraphile gives the same variables as its schema takes them.
func (v Variables) ForPostGraphile() Variables {
	out := Variables{}
	for name, value := range v {
		switch name {
		case "id":
			value = strings.TrimPrefix(value.(string), "off_")
		case "inputs":
			out["provider"] = strings.TrimPrefix(value.([]Variables)[0]["provider"].(string), "prv_")
		}
		out[name] = value
	}
	return out
}

// Pools draws the variables of each question by its number from what the database holds, in an order of chance. Questions 7 and 8
// have none: their variables are cursors, which each server has its own of, and new offerings, see Bulk.
func Pools(ctx context.Context, conn *pgx.Conn, now time.Time) (map[int][]Variables, error) {
	now = now.UTC().Truncate(time.Minute)
	rng := rand.New(rand.NewPCG(8, 8))
	pools := map[int][]Variables{}
	for _, p := range []struct {
		question int
		sql      string
		args     []any
		make     func(values []any) Variables
	}{
		{1, `SELECT 'off_' || id FROM offering WHERE status = 'PUBLISHED' ORDER BY md5(id::text) LIMIT $1`, []any{5 * PoolSize},
			func(v []any) Variables { return Variables{"id": v[0]} }},
		// Towns are asked for as often as people ask: those with much are asked for more.
		{2, `SELECT ags FROM (SELECT ags, count(*) AS n FROM offering WHERE status = 'PUBLISHED' GROUP BY ags ORDER BY n DESC, ags LIMIT $1) x`,
			[]any{2 * PoolSize}, func(v []any) Variables { return Variables{"ags": v[0]} }},
		{3, `SELECT district, h FROM (
				SELECT rm.region_key AS district FROM occurrence oc JOIN offering o ON o.id = oc.offering_id JOIN region_member rm ON rm.ags = o.ags
				JOIN region r ON r.key = rm.region_key AND r.kind = 'DISTRICT'
				WHERE o.status = 'PUBLISHED' AND oc.starts_at > $2::timestamptz + interval '13 days' AND oc.starts_at < $2::timestamptz + interval '14 days'
				GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 250) d, generate_series(0, 11) AS h ORDER BY md5(district || h) LIMIT $1`,
			[]any{3 * PoolSize, now}, func(v []any) Variables {
				from := now.Add(time.Duration(v[1].(int32)) * time.Hour)
				return Variables{"district": v[0], "from": from.Format(time.RFC3339), "to": from.Add(14 * 24 * time.Hour).Format(time.RFC3339)}
			}},
		// Two words of one title: people type little.
		{4, `SELECT DISTINCT w[1] || ' ' || w[2] FROM (
				SELECT (SELECT array_agg(w) FROM regexp_split_to_table(title, '[ ,:]+') AS w WHERE w ~ '^[[:alpha:]]{6,}$') AS w FROM offering
				WHERE status = 'PUBLISHED' ORDER BY md5(id::text) LIMIT $1) x
			WHERE cardinality(w) > 1 AND w[1] <> w[2] ORDER BY 1`, []any{20 * PoolSize},
			func(v []any) Variables { return Variables{"words": v[0]} }},
		{5, `SELECT round((p.longitude + (ascii(md5(o.id::text)) - 75) * 0.0005)::numeric, 5)::float8, p.latitude
			FROM offering o JOIN place p ON p.id = o.place_id WHERE o.status = 'PUBLISHED' AND p.longitude IS NOT NULL
			ORDER BY md5(o.id::text) LIMIT $1`, []any{5 * PoolSize},
			func(v []any) Variables { return Variables{"longitude": v[0], "latitude": v[1]} }},
		{6, `SELECT district, k FROM (
				SELECT rm.region_key AS district FROM offering o JOIN region_member rm ON rm.ags = o.ags
				JOIN region r ON r.key = rm.region_key AND r.kind = 'DISTRICT' WHERE o.status = 'PUBLISHED'
				GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 300) d, (VALUES (''), ('EVENT'), ('EVENT ACTIVITY'), ('FACILITY SERVICE')) AS k (k)
			ORDER BY md5(district || k) LIMIT $1`, []any{2 * PoolSize}, func(v []any) Variables {
			return Variables{"district": v[0], "kinds": strings.Fields(v[1].(string))}
		}},
	} {
		rows, err := conn.Query(ctx, p.sql, p.args...)
		if err != nil {
			return nil, fmt.Errorf("variables of question %d: %w", p.question, err)
		}
		pool, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Variables, error) {
			values, err := row.Values()
			if err != nil {
				return nil, err
			}
			return p.make(values), nil
		})
		if err != nil {
			return nil, fmt.Errorf("variables of question %d: %w", p.question, err)
		}
		rng.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
		pools[p.question] = pool
	}
	return pools, nil
}

// Bulk has what a save of many needs: providers of one municipality, and texts.
type Bulk struct {
	AGS       string
	providers []string
	texts     []Variables
	now       time.Time
}

// NewBulk reads them for the municipality with the most offerings.
func NewBulk(ctx context.Context, conn *pgx.Conn, now time.Time) (*Bulk, error) {
	b := &Bulk{now: now.UTC().Truncate(time.Hour)}
	if err := conn.QueryRow(ctx, `SELECT ags FROM offering GROUP BY ags ORDER BY count(*) DESC, ags LIMIT 1`).Scan(&b.AGS); err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT 'prv_' || id FROM provider WHERE ags = $1 ORDER BY id`, b.AGS)
	if err != nil {
		return nil, err
	}
	if b.providers, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return nil, err
	}
	rows, err = conn.Query(ctx, `SELECT o.kind, o.title, o.summary, o.description, o.categories, o.audiences, p.name, p.street, p.postal_code, p.locality,
			p.longitude, p.latitude
		FROM offering o JOIN place p ON p.id = o.place_id WHERE o.ags = $1 AND p.longitude IS NOT NULL AND o.status = 'PUBLISHED' AND o.kind <> 'TOUR'
			AND p.street IS NOT NULL AND p.postal_code IS NOT NULL AND o.description IS NOT NULL AND o.summary IS NOT NULL ORDER BY o.id LIMIT 5000`, b.AGS)
	if err != nil {
		return nil, err
	}
	b.texts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Variables, error) {
		v, err := row.Values()
		if err != nil {
			return nil, err
		}
		return Variables{
			"kind": v[0], "title": v[1], "summary": v[2], "description": v[3], "categories": v[4], "audiences": v[5],
			"place": Variables{"name": v[6], "street": v[7], "postalCode": v[8], "locality": v[9], "longitude": v[10], "latitude": v[11]},
		}, nil
	})
	if err == nil && (len(b.providers) == 0 || len(b.texts) == 0) {
		err = fmt.Errorf("the database holds too little for a bulk save")
	}
	return b, err
}

// BulkPrefix begins the external ids of all that Bulk makes.
const BulkPrefix = "bench-"

// Variables gives the i-th bulk save of a run: offerings of one provider that are not there yet, those that are events with a date. The run's name
// keeps the runs apart.
func (b *Bulk) Variables(run string, i int) Variables { return b.variables(run, i, BulkSize) }

// One is a save of one offering only.
func (b *Bulk) One(run string, i int) Variables { return b.variables(run, i, 1) }

func (b *Bulk) variables(run string, i, size int) Variables {
	inputs := make([]Variables, size)
	provider := b.providers[i%len(b.providers)]
	for k := range inputs {
		in := Variables{}
		for name, value := range b.texts[(i*BulkSize+k)%len(b.texts)] {
			in[name] = value
		}
		in["provider"], in["externalId"] = provider, fmt.Sprintf("%s%s-%d-%d", BulkPrefix, run, i, k)
		in["title"] = fmt.Sprintf("%s %d", in["title"], i*BulkSize+k)
		if in["kind"] == "EVENT" {
			start := b.now.Add(time.Duration(24*(k+1)) * time.Hour)
			in["schedule"] = Variables{"start": start.Format(time.RFC3339), "end": start.Add(2 * time.Hour).Format(time.RFC3339)}
		}
		inputs[k] = in
	}
	return Variables{"inputs": inputs}
}
