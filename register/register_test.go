package register

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"

	"umland/ent"
)

func load(t testing.TB) ([]*ent.Municipality, map[string]*ent.Municipality) {
	t.Helper()
	list, err := Municipalities()
	if err != nil {
		t.Fatal(err)
	}
	byAGS := make(map[string]*ent.Municipality, len(list))
	for _, m := range list {
		byAGS[m.AGS] = m
	}
	if len(byAGS) != len(list) {
		t.Fatalf("%d keys for %d municipalities", len(byAGS), len(list))
	}
	return list, byAGS
}

func loadRegions(t testing.TB) ([]*ent.Region, map[string]*ent.Region) {
	t.Helper()
	list, err := Regions()
	if err != nil {
		t.Fatal(err)
	}
	byKey := make(map[string]*ent.Region, len(list))
	for _, r := range list {
		byKey[r.Key] = r
	}
	if len(byKey) != len(list) {
		t.Fatalf("%d keys for %d regions", len(byKey), len(list))
	}
	return list, byKey
}

func TestMunicipalities(t *testing.T) {
	t.Parallel()
	list, _ := load(t)
	_, regions := loadRegions(t)

	if !slices.IsSortedFunc(list, func(a, b *ent.Municipality) int { return cmp.Compare(a.AGS, b.AGS) }) {
		t.Error("not in the order of the AGS")
	}
	unincorporated, people := 0, 0
	var outside []string
	for _, m := range list {
		if strings.HasPrefix(m.Kind, "gemeindefreies Gebiet") {
			unincorporated++
		} else if m.Population == nil || *m.Population < 1 {
			t.Errorf("%s %s has no people", m.AGS, m.Name)
		}
		if m.Population != nil {
			people += *m.Population
		}
		if ags, ok := ent.ParseAGS(m.AGS); !ok || ags != m.AGS {
			t.Errorf("%q is no AGS", m.AGS)
		}
		if len(m.ARS) != 12 || m.ARS[:5] != m.AGS[:5] || m.ARS[9:] != m.AGS[5:] || m.AssociationKey != m.ARS[:9] {
			t.Errorf("%s: ARS %s, association %s do not fit", m.AGS, m.ARS, m.AssociationKey)
		}
		if m.AreaKm2 <= 0 || m.Longitude < 5.8 || m.Longitude > 15.1 || m.Latitude < 47.2 || m.Latitude > 55.1 {
			t.Errorf("%s %s: area %v, point %v %v", m.AGS, m.Name, m.AreaKm2, m.Longitude, m.Latitude)
		}
		if m.PostalCode == "" && !strings.HasPrefix(m.Kind, "gemeindefreies Gebiet") {
			t.Errorf("%s %s has no postal code", m.AGS, m.Name)
		}

		association := regions[m.AssociationKey]
		state := regions[m.StateKey]
		if association == nil || association.Kind != ent.RegionAssociation || state == nil || state.Kind != ent.RegionState {
			t.Errorf("%s %s: association %s or state %s is missing", m.AGS, m.Name, m.AssociationKey, m.StateKey)
			continue
		}
		above := m.StateKey
		if m.DistrictKey == nil {
			outside = append(outside, m.AGS)
		} else {
			above = *m.DistrictKey
			if d := regions[above]; d == nil || d.Kind != ent.RegionDistrict || *d.ParentKey != m.StateKey || above != m.AGS[:5] {
				t.Errorf("%s %s: district %s does not fit", m.AGS, m.Name, above)
			}
		}
		if *association.ParentKey != above {
			t.Errorf("%s %s: the association's parent is %s, not %s", m.AGS, m.Name, *association.ParentKey, above)
		}
	}
	if len(list) != 10952 || unincorporated != 201 {
		t.Errorf("%d entries, %d unincorporated; want 10952 and 201", len(list), unincorporated)
	}
	if people < 83_000_000 || people > 84_000_000 {
		t.Errorf("%d people", people)
	}
	if want := []string{"07000999", "13000999"}; !slices.Equal(outside, want) {
		t.Errorf("in no district: %v, want %v", outside, want)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	list, byKey := loadRegions(t)
	seen := map[string]bool{}
	count := map[ent.RegionKind]int{}
	digits := map[ent.RegionKind]int{ent.RegionState: 2, ent.RegionDistrict: 5, ent.RegionAssociation: 9}
	for _, r := range list {
		count[r.Kind]++
		seen[r.Key] = true
		if len(r.Key) != digits[r.Kind] || r.Name == "" || r.Label == "" {
			t.Errorf("%+v", r)
		}
		if (r.ParentKey == nil) != (r.Kind == ent.RegionState) {
			t.Errorf("%s %s: parent %v", r.Key, r.Name, r.ParentKey)
		}
		if r.ParentKey != nil && (!seen[*r.ParentKey] || !strings.HasPrefix(r.Key, *r.ParentKey)) {
			t.Errorf("%s %s: parent %s is missing or comes later", r.Key, r.Name, *r.ParentKey)
		}
	}
	if count[ent.RegionState] != 16 || count[ent.RegionDistrict] != 400 || count[ent.RegionAssociation] != 4590 {
		t.Errorf("%v", count)
	}
	for key, want := range map[string][3]string{ // name, label, parent
		"12":        {"Brandenburg", "Land", ""},
		"12069":     {"Potsdam-Mittelmark", "Landkreis", "12"},
		"120690020": {"Bad Belzig", "Verbandsfreie Gemeinde", "12069"},
		"09663":     {"Würzburg", "Kreisfreie Stadt", "09"},
		"09679":     {"Würzburg", "Landkreis", "09"},
		"05154":     {"Kleve", "Kreis", "05"},
		"10041":     {"Regionalverband Saarbrücken", "Regionalverband", "10"},
		"06611":     {"Kassel", "Kreisfreie Stadt", "06"},
		"08111":     {"Stuttgart", "Stadtkreis", "08"},
		"010575727": {"Lütjenburg", "Amt", "01057"},
		"010585864": {"Nortorfer Land", "Amt", "01058"},
		"160615051": {"Uder", "Erfüllende Gemeinde", "16061"},
		"070009999": {"Gemeinsames deutsch-luxemburgisches Hoheitsgebiet", "Verbandsfreie Gemeinde", "07"},
		"145235122": {"Oelsnitz/Vogtl., Bösenbrunn, Eichigt und Triebel/Vogtl.", "Verwaltungsgemeinschaft", "14523"},
	} {
		r := byKey[key]
		if r == nil {
			t.Errorf("no region %s", key)
			continue
		}
		parent := ""
		if r.ParentKey != nil {
			parent = *r.ParentKey
		}
		if got := [3]string{r.Name, r.Label, parent}; got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

func TestBadBelzig(t *testing.T) {
	t.Parallel()
	_, byAGS := load(t)
	m := byAGS["12069020"]
	if m == nil {
		t.Fatal("missing")
	}
	if m.Name != "Bad Belzig" || m.Designation != "Stadt" || m.Kind != "Stadt" || m.ARS != "120690020020" ||
		m.AssociationKey != "120690020" || *m.DistrictKey != "12069" || m.StateKey != "12" ||
		*m.Population != 11118 || m.AreaKm2 != 236.09 || m.PostalCode != "14806" {
		t.Errorf("%+v", m)
	}
}

// TestNames holds every name to what a reader expects, and every designation to the words that were looked at.
func TestNames(t *testing.T) {
	t.Parallel()
	list, byAGS := load(t)
	regions, _ := loadRegions(t)

	odd := regexp.MustCompile(`^\s|\s$|\s\s|\S/ |gemfr|bez\.|VGem|\bGVV\b|\bVVG\b|^EG `)
	for _, m := range list {
		if odd.MatchString(m.Name) || strings.Contains(m.Name, ",") || odd.MatchString(m.Designation) {
			t.Errorf("%s: %q, %q", m.AGS, m.Name, m.Designation)
		}
	}
	for _, r := range regions {
		if odd.MatchString(r.Name) || strings.Contains(r.Name, ",") && r.Key != "145235122" {
			t.Errorf("%s: %q", r.Key, r.Name)
		}
	}

	usual := regexp.MustCompile(`(?i)(stadt|gemeinde|flecken|bad|kurort|markt)$`)
	looked := []string{
		"gemeindefreies Gebiet", "gemeindefreier Bezirk", "Fischerdorf", "Fundort des Neanderthalers",
		"Hansestadt an der Ruhr", "NRW-Klimakommune", "Stadt auf der Höhe", "Stadt der Burgmannshöfe",
		"Stadt der FernUniversität", "Stadt der Kluterthöhle", "Stadt der Osterräder", "Stadt des Roten Porphyr",
		"Tor zur Eifel", "NRW-Klimakommune",
	}
	for _, m := range list {
		for part := range strings.SplitSeq(m.Designation, ", ") {
			if part != "" && !usual.MatchString(part) && !slices.Contains(looked, part) {
				t.Errorf("%s %s: is %q a designation?", m.AGS, m.Name, part)
			}
		}
	}

	for ags, want := range map[string][2]string{
		"01003000": {"Lübeck", "Hansestadt"},
		"09663000": {"Würzburg", ""},
		"06435010": {"Gelnhausen", "Barbarossastadt, Kreisstadt"},
		"01053105": {"Sachsenwald (Forstgutsbezirk)", "gemeindefreies Gebiet"},
		"03153504": {"Harz (Landkreis Goslar)", "gemeindefreies Gebiet"},
		"01054035": {"Kirchspiel Garding", ""},
		"01054036": {"Garding", "Stadt"},
		"01053083": {"Lauenburg/Elbe", "Stadt"},
		"05958032": {"Meschede", "Kreis- und Hochschulstadt"},
		"13075136": {"Ueckermünde", "Seebad, Stadt"},
		"14625020": {"Bautzen / Budyšin", "Stadt, Hochschulstadt"},
		"14626600": {"Weißwasser/O.L. / Běła Woda", "Stadt"},
		"09177117": {"Erding", "Große Kreisstadt"},
	} {
		m := byAGS[ags]
		if m == nil {
			t.Errorf("no municipality %s", ags)
			continue
		}
		if got := [2]string{m.Name, m.Designation}; got != want {
			t.Errorf("%s: %q, want %q", ags, got, want)
		}
	}
}

func TestAttribution(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"Destatis", "GeoBasis-DE / BKG", "dl-de/by-2-0", "verändert", "31.08.2025", "2021"} {
		if !strings.Contains(Attribution(), want) {
			t.Errorf("the credits do not name %q", want)
		}
	}
}

func BenchmarkMunicipalities(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Municipalities(); err != nil {
			b.Fatal(err)
		}
	}
}
