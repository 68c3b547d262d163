// Package register is the German municipal register: every municipality with the association, district and state above
// it, and simplified boundaries that tell in which one a point lies. All of it is inside the binary.
package register

//go:generate go run ./pack ../../shared/data/register data

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"umland/ent"
)

// The credits that the licence of the data asks for (Datenlizenz Deutschland – Namensnennung – Version 2.0), in German.
// Whoever shows or passes on data of this package shows them too.
const (
	CreditRegister = "Gemeindeverzeichnis (GV-ISys), Gebietsstand 31.08.2025: © Statistisches Bundesamt (Destatis), 2025, " +
		"dl-de/by-2-0 (www.govdata.de/dl-de/by-2-0), Daten verändert"
	CreditBoundaries = "Gemeindegrenzen (VG5000), Gebietsstand 01.01.2021: © GeoBasis-DE / BKG (2021), " +
		"dl-de/by-2-0 (www.govdata.de/dl-de/by-2-0), Daten verändert"
)

// Attribution gives both credits, one a line.
func Attribution() string { return CreditRegister + "\n" + CreditBoundaries }

//go:embed data/municipalities.tsv.gz data/regions.tsv.gz data/boundaries.bin.gz
var data embed.FS

// Municipalities gives the whole register as of 2025-08-31, ordered by AGS: 10,751 municipalities and 201 unincorporated
// areas. Names are everyday names ("Bad Belzig"); what the register adds is the designation ("Stadt"). Points are WGS 84;
// those of three areas that lie in water are estimates. The slice and what it holds are the caller's own.
func Municipalities() ([]*ent.Municipality, error) {
	rows, err := table("data/municipalities.tsv.gz", 13)
	if err != nil {
		return nil, err
	}
	out := make([]*ent.Municipality, 0, len(rows))
	for _, row := range rows {
		m := &ent.Municipality{
			AGS: row[0], ARS: row[1], Name: row[2], Designation: row[3], Kind: row[4], PostalCode: row[7],
			AssociationKey: row[10], DistrictKey: known(row[11]), StateKey: row[12],
		}
		if row[5] != "" {
			n, err := strconv.Atoi(row[5])
			if err != nil {
				return nil, fmt.Errorf("register: population of %s: %w", m.AGS, err)
			}
			m.Population = &n
		}
		var faults [3]error
		m.AreaKm2, faults[0] = strconv.ParseFloat(row[6], 64)
		m.Longitude, faults[1] = strconv.ParseFloat(row[8], 64)
		m.Latitude, faults[2] = strconv.ParseFloat(row[9], 64)
		if err := errors.Join(faults[:]...); err != nil {
			return nil, fmt.Errorf("register: %s: %w", m.AGS, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// Regions gives what is above the municipalities, parents before children: 16 states (keys of 2 digits), 400 districts
// (5) and 4,590 associations (9; a municipality that belongs to none is an association of its own). The label is the
// register's type ("Landkreis", "Amt"). A district's parent is its state, an association's its district, or its state for
// the two areas that lie in no district. The slice and what it holds are the caller's own.
func Regions() ([]*ent.Region, error) {
	rows, err := table("data/regions.tsv.gz", 5)
	if err != nil {
		return nil, err
	}
	out := make([]*ent.Region, 0, len(rows))
	for _, row := range rows {
		out = append(out, &ent.Region{
			Key: row[0], Kind: ent.RegionKind(row[1]), Name: row[2], Label: row[3], ParentKey: known(row[4]),
		})
	}
	return out, nil
}

// table reads an embedded table of tab-separated values without its header.
func table(name string, columns int) ([][]string, error) {
	b, err := content(name)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = '\t'
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("register: %s: %w", name, err)
	}
	return rows[1:], nil
}

func content(name string) ([]byte, error) {
	f, err := data.Open(name)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("register: %s: %w", name, err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("register: %s: %w", name, err)
	}
	return b, nil
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
