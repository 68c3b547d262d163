package resolvers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"umland/answers"
	"umland/ent"
	"umland/pgdev/pgtest"
	"umland/store/storetest"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, c := range []struct{ name, query, want string }{
		{"a municipality with its regions", `{ municipality(ags: "12069020") { id ags ars name designation kind postalCode regions { key kind name label parent { key } } } }`,
			`{"municipality": {"id": "mun_12069020", "ags": "12069020", "ars": "120690020020", "name": "Bad Belzig", "designation": "Stadt", "kind": "Stadt",
			  "postalCode": "14806", "regions": [
			   {"key": "12", "kind": "STATE", "name": "Brandenburg", "label": "Land", "parent": null},
			   {"key": "12069", "kind": "DISTRICT", "name": "Potsdam-Mittelmark", "label": "Landkreis", "parent": {"key": "12"}},
			   {"key": "120690020", "kind": "ASSOCIATION", "name": "Bad Belzig", "label": "Verbandsfreie Gemeinde", "parent": {"key": "12069"}}]}}`},
		{"unknown keys are null", `{ municipality(ags: "99999999") { name } region(key: "99") { name } category(slug: "gibt-es-nicht") { slug } provider(id: "prv_x") { name } offering(id: "12") { title } }`,
			`{"municipality": null, "region": null, "category": null, "provider": null, "offering": null}`},
		{"umlauts any way", `{ a: municipalities(search: "würzb") { nodes { name } totalCount } b: municipalities(search: "Wuerzburg") { nodes { name } } c: municipalities(search: "WURZBURG") { nodes { name } } }`,
			`{"a": {"nodes": [{"name": "Wurzbach"}, {"name": "Würzburg"}, {"name": "Hausen b.Würzburg"}], "totalCount": 3}, "b": {"nodes": [{"name": "Würzburg"}, {"name": "Hausen b.Würzburg"}]},
			  "c": {"nodes": [{"name": "Würzburg"}, {"name": "Hausen b.Würzburg"}]}}`},
		{"a word in the name", `{ municipalities(search: "belzig") { nodes { name } } }`, `{"municipalities": {"nodes": [{"name": "Bad Belzig"}]}}`},
		{"postal code", `{ municipalities(search: "04821") { nodes { name } } }`, `{"municipalities": {"nodes": [{"name": "Brandis"}]}}`},
		{"in a region", `{ municipalities(search: "B", region: "12069", first: 3) { nodes { name } totalCount pageInfo { hasNextPage } } }`,
			`{"municipalities": {"nodes": [{"name": "Bad Belzig"}, {"name": "Beelitz"}, {"name": "Beetzsee"}], "totalCount": 9, "pageInfo": {"hasNextPage": true}}}`},
		{"nothing to search for", `{ a: municipalities(search: "%") { totalCount } b: municipalities(search: "") { totalCount } }`,
			`{"a": {"totalCount": 0}, "b": {"totalCount": 0}}`},
		{"the whole register", `{ municipalities(first: 1) { totalCount nodes { name } } states: regions(kind: STATE) { totalCount } districts: regions(kind: DISTRICT, first: 0) { totalCount nodes { key } pageInfo { hasNextPage endCursor } } associations: regions(kind: ASSOCIATION) { totalCount } }`,
			`{"municipalities": {"totalCount": 10952, "nodes": [{"name": "Aach"}]}, "states": {"totalCount": 16},
			  "districts": {"totalCount": 400, "nodes": [], "pageInfo": {"hasNextPage": true, "endCursor": null}}, "associations": {"totalCount": 4590}}`},
		{"a point", `{ a: municipalityAt(longitude: 12.5925, latitude: 52.1423) { name } b: municipalityAt(longitude: 2.35, latitude: 48.85) { name } }`,
			`{"a": {"name": "Bad Belzig"}, "b": null}`},
		{"a region's members", `{ region(key: "120690020") { municipalities { totalCount nodes { name regions { key } } } } }`,
			`{"region": {"municipalities": {"totalCount": 1, "nodes": [{"name": "Bad Belzig", "regions": [{"key": "12"}, {"key": "12069"}, {"key": "120690020"}]}]}}}`},
		{"the category tree", `{ category(slug: "freibad-hallenbad") { slug label en: label(locale: "en") simple: label(locale: "de-simple") hsb: label(locale: "hsb") broader { slug broader { slug } narrower { slug } } narrower { slug } } }`,
			`{"category": {"slug": "freibad-hallenbad", "label": "Freibad und Hallenbad", "en": "Swimming pools", "simple": "Schwimm-Bad", "hsb": "Freibad und Hallenbad",
			  "broader": {"slug": "sport", "broader": null, "narrower": [{"slug": "ballsport"}, {"slug": "turnen-gymnastik"}, {"slug": "schwimmen"}, {"slug": "freibad-hallenbad"},
			   {"slug": "laufen-wandern"}, {"slug": "radfahren"}, {"slug": "yoga-entspannung"}, {"slug": "kampfsport"}, {"slug": "schiesssport"}, {"slug": "reitsport"}, {"slug": "sportstaette"}]}, "narrower": []}}`},
		{"nodes of the register", `{ nodes(ids: ["reg_12069", "mun_12069020", "cat_kultur", "mun_00000000", "off_1", "?"]) { id ... on Region { name } ... on Municipality { ags regions { key } } ... on Category { label } } }`,
			`{"nodes": [{"id": "reg_12069", "name": "Potsdam-Mittelmark"}, {"id": "mun_12069020", "ags": "12069020", "regions": [{"key": "12"}, {"key": "12069"}, {"key": "120690020"}]},
			  {"id": "cat_kultur", "label": "Kultur"}, null, null, null]}`},
		{"whose data it is", `{ credits { text licence url } viewer { name } }`, `{"credits": [{"text": "Destatis", "licence": "DL-DE-BY-2.0", "url": null}], "viewer": null}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want(t, a.get("", c.query, nil).at("data"), c.want)
		})
	}
}

func TestRegisterBadArguments(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	cursor := a.get("", `{ regions(kind: STATE, first: 1) { pageInfo { endCursor } } }`, nil).text("data.regions.pageInfo.endCursor")
	for query, message := range map[string]string{
		`{ municipality(ags: "1234") { name } }`:                                                                                  "ags must have 8 digits.",
		`{ municipalities(first: 101) { totalCount } }`:                                                                           "first must lie between 0 and 100.",
		`{ municipalities(first: -1) { totalCount } }`:                                                                            "first must lie between 0 and 100.",
		`{ municipalities(after: "Zm9v") { totalCount } }`:                                                                        "after is not a cursor of this list.",
		`{ municipalities(after: "` + cursor + `") { totalCount } }`:                                                              "after is a cursor of another list, or of this list with another filter or order.",
		`{ regions(kind: DISTRICT, after: "` + cursor + `") { totalCount } }`:                                                     "after is a cursor of another list, or of this list with another filter or order.",
		`{ municipalities(region: "xy") { totalCount } }`:                                                                         `There is no region with the key "xy".`,
		`{ municipality(ags: "12069020") { schoolHolidays(from: "2026-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z") { name } } }`: "to must lie after from.",
		`{ municipality(ags: "12069020") { schoolHolidays(from: "2026-01-01T00:00:00Z", to: "2030-01-01T00:00:00Z") { name } } }`: "to may be 3 years after from at the most.",
		`{ municipalityAt(longitude: 200, latitude: 50) { name } }`:                                                               "longitude must lie between -180 and 180 degrees.",
	} {
		out := a.ask("", query, nil)
		if out.errorCode() != "BAD_USER_INPUT" || out.text("errors.0.message") != message {
			t.Errorf("%s: %v", query, out["errors"])
		}
	}
	ids := `"` + strings.Repeat(`cat_kultur", "`, 100) + `cat_kultur"`
	if out := a.ask("", fmt.Sprintf(`{ nodes(ids: [%s]) { id } }`, ids), nil); out.text("errors.0.message") == "" {
		t.Error("101 ids were taken")
	}
}

// Walking a list page by page gives each item once, in order.
func TestRegisterPages(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var walked []any
	var after any
	for {
		out := a.get("", `query($after: String) { municipalities(region: "12069", first: 7, after: $after) { totalCount nodes { name ags } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
			map[string]any{"after": after})
		if previous := out.at("data.municipalities.pageInfo.hasPreviousPage"); previous != (after != nil) {
			t.Errorf("hasPreviousPage is %v after %v", previous, after)
		}
		walked = append(walked, out.list("data.municipalities.nodes", "ags")...)
		if out.at("data.municipalities.pageInfo.hasNextPage") == false {
			if total := out.at("data.municipalities.totalCount"); total != float64(len(walked)) {
				t.Errorf("walked %d of %v", len(walked), total)
			}
			break
		}
		after = out.at("data.municipalities.pageInfo.endCursor")
	}
	all := a.get("", `{ municipalities(region: "12069", first: 100) { nodes { ags } } }`, nil).list("data.municipalities.nodes", "ags")
	if fmt.Sprint(walked) != fmt.Sprint(all) {
		t.Errorf("walked %v\nwant %v", walked, all)
	}
}

// School holidays are those of the municipality's state that are loaded; a server takes them, in what it keeps too, while it runs and another process loads them.
func TestSchoolHolidays(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, storetest.Prepare)
	st, loader := storetest.Open(t, dsn), storetest.Open(t, dsn)
	a := serveWith(t, st, answers.New(st, 8<<20, func() time.Time { return storetest.Noon }))
	go func() { _ = st.Listen(t.Context()) }()
	ask := `{ municipality(ags: "12069020") { schoolHolidays(from: "2026-12-24T00:00:00+01:00", to: "2027-07-22T00:00:00+02:00") { name start end } } }`
	open := `{ offerings(filter: {openAt: "2027-02-03T10:00:00+01:00"}) { totalCount } }`
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	save := fmt.Sprintf(`mutation { saveOffering(input: {kind: FACILITY, title: "Ferienbad", provider: %q, openingHours: "SH 09:00-12:00; PH off"}) { offering { id } } }`, a.provider(token, belzig, "Bad"))
	if out := a.get(token, save, nil); out.text("data.saveOffering.offering.id") == "" {
		t.Fatal(out)
	}
	for range 3 { // from the second time on it is kept
		want(t, a.get("", ask, nil).at("data.municipality.schoolHolidays"), `[]`)
		want(t, a.get("", open, nil).at("data.offerings.totalCount"), `0`)
	}
	all, err := ent.ReadSchoolHolidays(strings.NewReader("state,name,from,to\nBB,Sommerferien,2027-07-22,2027-09-04\nBB,Winterferien,2027-02-01,2027-02-06\nBB,Weihnachtsferien,2026-12-23,2027-01-02\n" +
		"BB,Herbstferien,2026-10-19,2026-10-30\nSN,Winterferien,2027-02-08,2027-02-19\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := loader.LoadSchoolHolidays(t.Context(), a.clock(), all); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); len(a.get("", ask, nil).at("data.municipality.schoolHolidays").([]any)) == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	want(t, a.get("", open, nil).at("data.offerings.totalCount"), `1`)
	want(t, a.get("", ask, nil).at("data.municipality.schoolHolidays"), `[{"name": "Weihnachtsferien", "start": "2026-12-23T00:00:00+01:00", "end": "2027-01-03T00:00:00+01:00"},
		{"name": "Winterferien", "start": "2027-02-01T00:00:00+01:00", "end": "2027-02-07T00:00:00+01:00"}]`)
}
