package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
)

// estimates are points for the areas that the register gives none for; they lie on the water that the area covers.
var estimates = map[string][2]string{
	"07000999": {"6.436", "49.654"},   // the Mosel west of Nittel
	"10042999": {"6.3665", "49.4705"}, // the Mosel between Perl and Schengen
	"13000999": {"12.1", "54.35"},     // the Baltic Sea north of Warnemünde
}

// register is the published register, every list ordered by key.
type register struct {
	municipalities, associations, districts, states []map[string]string
}

func readRegister(source string) (*register, error) {
	var r register
	for _, f := range []struct {
		name, key string
		rows      *[]map[string]string
	}{
		{"gemeinden_2025-08-31.csv", "ags", &r.municipalities},
		{"gemeindeverbaende_2025-08-31.csv", "ars9", &r.associations},
		{"kreise_2025-08-31.csv", "ags", &r.districts},
		{"laender.csv", "ags", &r.states},
	} {
		rows, err := readTable(filepath.Join(source, f.name))
		if err != nil {
			return nil, err
		}
		slices.SortFunc(rows, func(a, b map[string]string) int { return cmp.Compare(a[f.key], b[f.key]) })
		*f.rows = rows
	}
	return &r, nil
}

func (r *register) municipalityRows() [][]string {
	rows := [][]string{{"ags", "ars", "name", "designation", "kind", "population", "area_km2", "postal_code",
		"longitude", "latitude", "association", "district", "state"}}
	for _, m := range r.municipalities {
		name, designation := splitName(m["name"])
		point := [2]string{m["lon"], m["lat"]}
		if point[0] == "" {
			point = estimates[m["ags"]]
		}
		district := m["kreis_ags"]
		if m["kreis_name"] == "" {
			district = ""
		}
		rows = append(rows, []string{m["ags"], m["ars"], name, designation, m["typ"], m["einwohner"], m["flaeche_km2"],
			m["plz_sitz"], point[0], point[1], m["verband_ars"], district, m["land_ags"]})
	}
	return rows
}

func (r *register) regionRows() ([][]string, error) {
	rows := [][]string{{"key", "kind", "name", "label", "parent"}}
	for _, s := range r.states {
		rows = append(rows, []string{s["ags"], "STATE", s["name"], "Land", ""})
	}
	for _, d := range r.districts {
		name, _ := splitName(d["name"])
		rows = append(rows, []string{d["ags"], "DISTRICT", name, d["typ"], d["land_ags"]})
	}

	members := map[string][]map[string]string{}
	for _, m := range r.municipalities {
		members[m["verband_ars"]] = append(members[m["verband_ars"]], m)
	}
	for _, a := range r.associations {
		in := members[a["ars9"]]
		if len(in) == 0 {
			return nil, fmt.Errorf("association %s has no municipality", a["ars9"])
		}
		name := associationName(a["name"], a["typ"])
		if a["typ"] == "Verbandsfreie Gemeinde" && len(in) == 1 {
			// It is its only municipality; where the register writes the two differently the municipality is right.
			name, _ = splitName(in[0]["name"])
		}
		parent := in[0]["kreis_ags"]
		if in[0]["kreis_name"] == "" {
			parent = in[0]["land_ags"]
		}
		rows = append(rows, []string{a["ars9"], "ASSOCIATION", name, a["typ"], parent})
	}
	return rows, nil
}
