package store_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"umland/ent"
	"umland/pgdev/pgtest"
	"umland/store/storetest"
)

// What a newer version has made of a database is not for an older one.
func TestMigrateNewerDatabase(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, storetest.Prepare)
	st := storetest.Open(t, dsn)
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatalf("again: %v", err)
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec("INSERT INTO bun_migrations (name, group_id) VALUES ('0998', 2), ('0999', 2)"); err != nil {
		t.Fatal(err)
	}
	var refused *ent.Error
	if err := st.Migrate(t.Context()); !errors.As(err, &refused) || !strings.Contains(refused.Message, "newer Umland (to 0999;") {
		t.Errorf("a newer database: %v", err)
	}
}
