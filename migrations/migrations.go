// Package migrations holds the database schema as SQL files, one up and one down per step, each in a transaction.
package migrations

import (
	"crypto/sha256"
	"embed"
	"fmt"

	"github.com/uptrace/bun/migrate"
)

//go:embed *.sql
var files embed.FS

// All gives the migrations in order.
func All() (*migrate.Migrations, error) {
	m := migrate.NewMigrations()
	if err := m.Discover(files); err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return m, nil
}

// Fingerprint changes whenever a migration does.
func Fingerprint() (string, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, e := range entries {
		b, err := files.ReadFile(e.Name())
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s\n%s\n", e.Name(), b)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}
