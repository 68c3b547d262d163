package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestEmbeddedFilesAreCurrent packs the published data again and compares. A plain checkout has no published data.
func TestEmbeddedFilesAreCurrent(t *testing.T) {
	t.Parallel()
	source := filepath.Join("..", "..", "..", "shared", "data", "register")
	if _, err := os.Stat(source); err != nil {
		t.Logf("not compared: %v", err)
		return
	}
	files, err := pack(source)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		f, err := os.Open(filepath.Join("..", "data", name+".gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs: run go generate in register", name)
		}
	}
}

func TestSplitName(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"Bad Belzig, Stadt", "Bad Belzig", "Stadt"},
		{"Brandis", "Brandis", ""},
		{"Markt Berolzheim, M", "Markt Berolzheim", "Markt"},
		{"Erding, GKSt", "Erding", "Große Kreisstadt"},
		{"Gelnhausen, Barbarossastadt, Kreisstadt", "Gelnhausen", "Barbarossastadt, Kreisstadt"},
		{"Ueckermünde, Seebad , Stadt", "Ueckermünde", "Seebad, Stadt"},
		{"Meschede, Kreis- und  Hochschulstadt", "Meschede", "Kreis- und Hochschulstadt"},
		{"Lauenburg/ Elbe, Stadt", "Lauenburg/Elbe", "Stadt"},
		{"Neuhausen/Spree / Kopańce/Sprjewja", "Neuhausen/Spree / Kopańce/Sprjewja", ""},
		{"Harz (Landkreis Goslar), gemfr. Gebiet", "Harz (Landkreis Goslar)", "gemeindefreies Gebiet"},
		{"Sachsenwald (Forstgutsbez.),gemfr.Geb.", "Sachsenwald (Forstgutsbezirk)", "gemeindefreies Gebiet"},
		{"Lohheide, gemfr. Bezirk", "Lohheide", "gemeindefreier Bezirk"},
		{"Garding, Kirchspiel", "Kirchspiel Garding", ""},
		{"Weißwasser/O.L., Stadt / Běła Woda", "Weißwasser/O.L. / Běła Woda", "Stadt"},
		{"Bautzen / Budyšin, Stadt, Hochschulstadt / Wysokoš", "Bautzen / Budyšin", "Stadt, Hochschulstadt"},
		{"Mainz, kreisfreie Stadt", "Mainz", "kreisfreie Stadt"},
	} {
		if name, designation := splitName(c[0]); name != c[1] || designation != c[2] {
			t.Errorf("%q: %q, %q, want %q, %q", c[0], name, designation, c[1], c[2])
		}
	}
}

func TestAssociationName(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"Amt Lütjenburg", "Amt", "Lütjenburg"},
		{"Altes Amt Lemförde", "Samtgemeinde", "Altes Amt Lemförde"},
		{"Amt Creuzburg, Stadt", "Verbandsfreie Gemeinde", "Amt Creuzburg"},
		{"Selent/ Schlesen", "Amt", "Selent/Schlesen"},
		{"Ihrlerstein (VGem)", "Verwaltungsgemeinschaft", "Ihrlerstein"},
		{"VVG der Stadt Ehingen (Donau)", "Verwaltungsgemeinschaft", "Ehingen (Donau)"},
		{"VVG der Gemeinde Vogt", "Verwaltungsgemeinschaft", "Vogt"},
		{"GVV Oberes Gäu", "Verwaltungsverband", "Oberes Gäu"},
		{"GVV Verwaltungsgemeinschaft Munderkingen", "Verwaltungsverband", "Munderkingen"},
		{"GVV Nachbarschaftsverband Bischweier-Kuppenheim", "Verwaltungsverband", "Bischweier-Kuppenheim"},
		{"EG Uder", "Erfüllende Gemeinde", "Uder"},
		{"Bad Sulza, Stadt", "Erfüllende Gemeinde", "Bad Sulza"},
		{"Oelsnitz/Vogtl., Bösenbrunn, Eichigt und Triebel/V", "Verwaltungsgemeinschaft",
			"Oelsnitz/Vogtl., Bösenbrunn, Eichigt und Triebel/Vogtl."},
	} {
		if got := associationName(c[0], c[1]); got != c[2] {
			t.Errorf("%q: %q, want %q", c[0], got, c[2])
		}
	}
}

// square is a ring around a square, counter-clockwise.
func square(x, y, side int32) ring {
	return ring{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}}
}

func TestDissolve(t *testing.T) {
	t.Parallel()
	ringAround := []ring{square(0, 0, 30), square(10, 10, 10).oriented(false)}
	for _, c := range []struct {
		what  string
		areas [][]ring
		want  []int64 // twice the signed area of each ring
	}{
		{"neighbours", [][]ring{{square(0, 0, 10)}, {square(10, 0, 10)}}, []int64{400}},
		{"apart", [][]ring{{square(0, 0, 10)}, {square(20, 0, 10)}}, []int64{200, 200}},
		{"a hole that is filled", [][]ring{ringAround, {square(10, 10, 10)}}, []int64{1800}},
		{"a hole that stays", [][]ring{ringAround, {{{30, 0}, {40, 0}, {40, 30}, {30, 30}}}}, []int64{2400, -200}},
		{"touching at a corner", [][]ring{{square(0, 0, 10)}, {square(10, 10, 10)}}, []int64{200, 200}},
		{"around a gap that touches the outside",
			[][]ring{{{{0, 0}, {20, 0}, {20, 10}, {10, 10}, {10, 20}, {0, 20}}}, {{{20, 10}, {30, 10}, {30, 30}, {0, 30}, {0, 20}, {10, 20}, {20, 20}}}},
			[]int64{1400}},
	} {
		rings, err := dissolve(c.areas)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		var got []int64
		for _, r := range rings {
			got = append(got, r.area())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func TestDivide(t *testing.T) {
	t.Parallel()
	whole := []ring{square(0, 0, 10)}
	right, left, err := divide(whole, "0.0000 0.0000, 0.0004 0.0006, 0.0010 0.0010")
	if err != nil {
		t.Fatal(err)
	}
	if want := (ring{{0, 0}, {10, 0}, {10, 10}, {4, 6}}); !slices.Equal(right, want) {
		t.Errorf("right of the cut: %v, want %v", right, want)
	}
	if want := (ring{{10, 10}, {0, 10}, {0, 0}, {4, 6}}); !slices.Equal(left, want) {
		t.Errorf("left of the cut: %v, want %v", left, want)
	}
	if right.area() <= 0 || left.area() <= 0 || right.area()+left.area() != whole[0].area() {
		t.Errorf("areas %d and %d of %d", right.area(), left.area(), whole[0].area())
	}
	for _, c := range []struct {
		rings []ring
		cut   string
	}{
		{whole, "0 0"},
		{whole, "0 0, 0 0"},
		{whole, "0 0, 0.0005 0.0005"},
		{whole, "0 0, here"},
		{append(whole, square(20, 0, 10)), "0 0, 0.0010 0.0010"},
	} {
		if _, _, err := divide(c.rings, c.cut); err == nil {
			t.Errorf("%d rings cut along %q", len(c.rings), c.cut)
		}
	}
}
