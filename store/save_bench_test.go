package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"umland/ent"
	"umland/pgdev/pgtest"
	"umland/store"
	"umland/store/storetest"
)

// A save with all that it looks up, checks and derives, against a transaction with nothing but the inserts that it ends in.
func BenchmarkSaveOffering(b *testing.B) {
	dsn := pgtest.NewDB(b, storetest.Prepare)
	st := storetest.Open(b, dsn)
	operator := ent.System("bench")
	provider, err := st.SaveProvider(b.Context(), operator, storetest.Noon, store.ProviderSave{
		AGS: belzig, Edit: func(p *ent.Provider) ent.UserErrors { p.Name, p.Kind = "Sportverein Belzig", "CLUB"; return nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	save := func() *ent.Offering {
		n++
		o, err := st.SaveOffering(b.Context(), operator, storetest.Noon, store.OfferingSave{
			ProviderID: provider.ID, ExternalID: ptr(fmt.Sprint("bench-", n)), Publish: true,
			Edit: func(o *ent.Offering) ent.UserErrors {
				o.Kind, o.Title = ent.KindEvent, fmt.Sprint("Kinderturnen in der Albert-Baur-Halle ", n)
				o.Summary = ptr("Turnen, Klettern und Spielen für Kinder von drei bis sechs Jahren, mit ihren Eltern.")
				o.Description = ptr(strings.Repeat("Wir treffen uns in der Halle; Hallenschuhe und etwas zu trinken bringen alle selbst mit. ", 6))
				o.CategorySlugs, o.Audiences = []string{"sport"}, []ent.Audience{ent.AudienceChildren}
				o.Place = &ent.Place{Name: "Albert-Baur-Halle", Longitude: ptr(12.5955), Latitude: ptr(52.1421)}
				o.Schedule = &ent.Schedule{Start: storetest.Noon.AddDate(0, 0, 7), TimeZone: "Europe/Berlin"}
				return nil
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		return o
	}
	saved := save()
	b.Run("save", func(b *testing.B) {
		for b.Loop() {
			save()
		}
	})
	b.Run("bare", func(b *testing.B) {
		conn, err := pgx.Connect(b.Context(), dsn)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = conn.Close(b.Context()) }()
		offering, offeringArgs := copied(b, conn, "offering", "id", saved.ID)
		date, dateArgs := copied(b, conn, "occurrence", "offering_id", saved.ID)
		place, placeArgs := copied(b, conn, "place", "id", *saved.PlaceID)
		change, changeArgs := copied(b, conn, "change", "key", saved.ID)
		for b.Loop() {
			n++
			id, external := uuid.New().String(), fmt.Sprint("bench-", n)
			err := pgx.BeginFunc(b.Context(), conn, func(tx pgx.Tx) error {
				for _, insert := range []struct {
					sql  string
					args map[string]*string
				}{{place, placeArgs}, {offering, offeringArgs}, {date, dateArgs}, {change, changeArgs}} {
					for name := range insert.args {
						switch {
						case name == "external_id":
							insert.args[name] = &external
						case name == "offering_id", name == "key", name == "id" && insert.sql == offering:
							insert.args[name] = &id
						}
					}
					args := pgx.NamedArgs{}
					for name, v := range insert.args {
						args[name] = v
					}
					if _, err := tx.Exec(b.Context(), insert.sql, args); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// copied gives the statement that inserts a row like one that is there, and its values as text.
func copied(b *testing.B, conn *pgx.Conn, table, key string, id uuid.UUID) (sql string, args map[string]*string) {
	b.Helper()
	rows, err := conn.Query(b.Context(), `SELECT column_name, udt_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' AND is_identity = 'NO'`, table)
	if err != nil {
		b.Fatal(err)
	}
	type column struct{ Name, Type string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		b.Fatal(err)
	}
	var names, places, texts []string
	for _, c := range columns {
		names, places, texts = append(names, c.Name), append(places, "@"+c.Name+"::text::"+c.Type), append(texts, c.Name+"::text")
	}
	values := make([]*string, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := conn.QueryRow(b.Context(), "SELECT "+strings.Join(texts, ", ")+" FROM "+table+" WHERE "+key+" = $1", id).Scan(into...); err != nil {
		b.Fatal(err)
	}
	args = map[string]*string{}
	for i, c := range columns {
		args[c.Name] = values[i]
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(places, ", ") + ") ON CONFLICT DO NOTHING", args
}
