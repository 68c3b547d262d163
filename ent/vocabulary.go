package ent

import (
	"crypto/sha256"
	_ "embed" // the vocabulary
	"encoding/csv"
	"fmt"
	"strings"
)

//go:embed categories.csv
var categoriesCSV string

// Vocabulary gives the categories that Umland ships, each after the one above it, and the release, which changes whenever they do.
func Vocabulary() (categories []*Category, release string, err error) {
	rows, err := csv.NewReader(strings.NewReader(categoriesCSV)).ReadAll()
	if err != nil {
		return nil, "", fmt.Errorf("categories.csv: %w", err)
	}
	for i, r := range rows[1:] {
		c := &Category{Slug: r[0], Position: i, Labels: map[string]string{"de": r[2], "en": r[3], "de-simple": r[4]}}
		if r[1] != "" {
			c.ParentSlug = &r[1]
		}
		categories = append(categories, c)
	}
	return categories, fmt.Sprintf("%x", sha256.Sum256([]byte(categoriesCSV)))[:16], nil
}
