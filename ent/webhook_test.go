package ent_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"umland/ent"
)

// A filter is kept as it is written in a request, whatever it has, and comes back as it was.
func TestFilterJSON(t *testing.T) {
	t.Parallel()
	word, radius, no, yes := "Chor", 12.5, false, true
	wheelchair := ent.Answer("YES")
	at := time.Date(2026, 12, 1, 19, 0, 0, 0, time.UTC)
	full := &ent.OfferingFilter{
		Search: &word, Kinds: []ent.OfferingKind{ent.KindService}, Categories: []string{"sport"}, Municipalities: []string{"12069020"}, Regions: []string{"12069"},
		Providers: []string{"prv_x"}, Near: &ent.Near{Longitude: 12.5, Latitude: 52, RadiusKm: &radius}, NearMunicipality: &ent.NearMunicipality{Ags: "12069020"},
		Within: &ent.BoundingBox{West: 12, South: 52, East: 13, North: 53}, During: &ent.TimeWindow{From: &at}, OpenAt: &at, Free: &no, Online: &yes,
		Audiences: []ent.Audience{"FAMILIES"}, Wheelchair: &wheelchair, Languages: []string{"de"}, Sources: []string{"src_x"}, UpdatedSince: &at,
	}
	fields := reflect.ValueOf(*full)
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() {
			t.Errorf("%s is not tested", fields.Type().Field(i).Name)
		}
	}
	b, err := full.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var names map[string]json.RawMessage
	if err := json.Unmarshal(b, &names); err != nil || len(names) != fields.NumField() || string(names["nearMunicipality"]) != `{"ags":"12069020"}` || string(names["free"]) != "false" {
		t.Errorf("%s", b)
	}
	if back, err := ent.ParseFilter(b); err != nil || !reflect.DeepEqual(back, full) {
		t.Errorf("%+v %v", back, err)
	}
	for _, f := range []*ent.OfferingFilter{nil, {}, {Kinds: []ent.OfferingKind{}}} {
		if b, err := f.JSON(); b != nil || err != nil {
			t.Errorf("%+v: %s %v", f, b, err)
		}
	}
}
