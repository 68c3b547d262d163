// Command pack turns the published register and boundaries into the compact files that package register embeds.
//
//	go run ./pack SOURCE TARGET
//
// SOURCE holds gemeinden_2025-08-31.csv, gemeindeverbaende_2025-08-31.csv, kreise_2025-08-31.csv, laender.csv and
// gemeinden_vg5000_2021.geojson.gz. The same SOURCE gives the same files, byte for byte, with one version of Go.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pack SOURCE TARGET")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(source, target string) error {
	files, err := pack(source)
	if err != nil {
		return err
	}
	for name, content := range files {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(content); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, name+".gz"), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pack gives the content of each file by its name, not yet compressed.
func pack(source string) (map[string][]byte, error) {
	r, err := readRegister(source)
	if err != nil {
		return nil, err
	}
	boundaries, err := packBoundaries(filepath.Join(source, "gemeinden_vg5000_2021.geojson.gz"), r)
	if err != nil {
		return nil, err
	}
	municipalities, err := table(r.municipalityRows())
	if err != nil {
		return nil, err
	}
	rows, err := r.regionRows()
	if err != nil {
		return nil, err
	}
	regions, err := table(rows)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"municipalities.tsv": municipalities,
		"regions.tsv":        regions,
		"boundaries.bin":     boundaries,
	}, nil
}

// table writes rows as tab-separated values, quoted where needed.
func table(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = '\t'
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// readTable reads a comma-separated file with a header into one map per row.
func readTable(path string) ([]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("%s: no rows", filepath.Base(path))
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := make(map[string]string, len(row))
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out, nil
}
