// Package demo builds the demo region: Germany's thirteen regional open-government labs, their real weekly markets as
// far as an open data set knows them, and more than two thousand made-up offerings that read like real ones. It is pure:
// data files in, entities out. README.md describes the files and the little template grammar.
package demo

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"umland/ent"
)

// IDCardOffering is the global id of a service that every set has and that the docs may point to:
// "Personalausweis beantragen" at the town hall of Bad Belzig.
const IDCardOffering = "off_01b2fc07-b03c-5688-ba3c-58fbda884c1b"

// Attribution and licence of everything made up.
const (
	madeUpAttribution = "Erfundenes Beispiel der Umland-Demo"
	madeUpLicence     = "CC0-1.0"
)

//go:embed cooperations.csv data
var files embed.FS

// namespace is the fixed namespace of all version 5 ids of the demo.
var namespace = uuid.MustParse("5a1c7a2e-6f0d-4d5e-9b6e-2f6d0c1e4b77")

// Set is the whole demo region. It is deterministic for one day: the same now (its date in Europe/Berlin) gives the
// same set, ids included. The ids are those of every other day too, so that links survive a reload.
type Set struct {
	Cooperations []*ent.Region      // kind COOPERATION
	Members      []ent.RegionMember // of the cooperations, expanded to municipalities
	Sources      []*ent.Source
	Providers    []*ent.Provider
	Offerings    []*ent.Offering // with Place; columns that are computed from others are left out
}

// builder collects a Set for one day.
type builder struct {
	set       *Set
	berlin    *time.Location
	today     time.Time // midnight in Berlin
	register  map[string]*ent.Municipality
	labs      map[string][]string // AGS of the members by cooperation
	phrases   map[string]string
	providers map[string]*provider
	places    map[string]*ent.Place // by AGS and name
	used      map[*record]int       // offerings by template
	source    uuid.UUID
}

// Build makes the set for the day that now is on in Europe/Berlin. The municipalities are the whole register; the error
// names the key that it lacks, or the line of a data file that is wrong.
func Build(now time.Time, municipalities []*ent.Municipality) (*Set, error) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, err
	}
	y, m, d := now.In(berlin).Date()
	b := &builder{
		set: &Set{}, berlin: berlin, today: time.Date(y, m, d, 0, 0, 0, 0, berlin),
		register: map[string]*ent.Municipality{}, labs: map[string][]string{}, phrases: map[string]string{},
		providers: map[string]*provider{}, places: map[string]*ent.Place{}, used: map[*record]int{},
	}
	for _, m := range municipalities {
		b.register[m.AGS] = m
	}
	for _, step := range []func() error{b.cooperations, b.markets, b.madeUp} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
	}
	// Whoever takes the order of the set for an order of time gets a mixture of the labs.
	slices.SortFunc(b.set.Offerings, func(x, y *ent.Offering) int { return bytes.Compare(x.ID[:], y.ID[:]) })
	return b.set, nil
}

// id is the key of the thing with this name, on whatever day.
func id(name ...string) uuid.UUID { return uuid.NewSHA1(namespace, []byte(strings.Join(name, "/"))) }

func (b *builder) cooperations() error {
	records, err := readRecords("data/cooperations.txt")
	if err != nil {
		return err
	}
	for _, r := range records {
		region := &ent.Region{
			Key: r.get("key"), Kind: ent.RegionCooperation, Name: r.get("name"), Label: "Regionales Open-Government-Labor",
			Note: optional(r.get("note")),
		}
		b.set.Cooperations = append(b.set.Cooperations, region)
		b.labs[region.Key] = nil
	}
	rows, err := readCSV("cooperations.csv")
	if err != nil {
		return err
	}
	for _, row := range rows {
		lab, key := row[0], row[1]
		if _, ok := b.labs[lab]; !ok {
			return fmt.Errorf("cooperations.csv: no cooperation %q", lab)
		}
		members := b.municipalitiesOf(key)
		if len(members) == 0 {
			return fmt.Errorf("cooperations.csv: the register has no %s", key)
		}
		for _, ags := range members {
			if !slices.Contains(b.labs[lab], ags) {
				b.labs[lab] = append(b.labs[lab], ags)
				b.set.Members = append(b.set.Members, ent.RegionMember{RegionKey: lab, AGS: ags, Assumed: row[2] == "true"})
			}
		}
	}
	return nil
}

// municipalitiesOf gives the municipality with an 8-digit key, or the inhabited ones of the district with a 5-digit key.
func (b *builder) municipalitiesOf(key string) []string {
	if b.register[key] != nil {
		return []string{key}
	}
	var out []string
	for ags, m := range b.register {
		if m.DistrictKey != nil && *m.DistrictKey == key && !strings.HasPrefix(m.Kind, "gemeindefrei") {
			out = append(out, ags)
		}
	}
	slices.Sort(out)
	return out
}

// marketsCollected is the day from which the weekly markets are. The files bear no date; it is that of the municipal
// register with which they were collected.
var marketsCollected = time.Date(2025, 8, 31, 0, 0, 0, 0, time.UTC)

// markets adds the weekly markets of markets.csv: facts, nothing made up.
func (b *builder) markets() error {
	rows, err := readCSV("data/markets.csv")
	if err != nil {
		return err
	}
	source := &ent.Source{
		ID: id("source", "wo-ist-markt"), Name: "wo-ist-markt", Format: "geojson",
		URL: pointer("https://github.com/wo-ist-markt/wo-ist-markt.github.io"), Licence: "MIT",
	}
	b.set.Sources = append(b.set.Sources, source)
	for i, row := range rows {
		ags, town, title, location, lon, lat, hours, page := row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
		m := b.register[ags]
		if m == nil {
			return fmt.Errorf("markets.csv: the register has no %s", ags)
		}
		var longitude, latitude float64
		if _, err := fmt.Sscan(lon+" "+lat, &longitude, &latitude); err != nil {
			return fmt.Errorf("markets.csv: row %d: %w", i+1, err)
		}
		provider := id("provider", ags, "markets")
		if !slices.ContainsFunc(b.set.Providers, func(p *ent.Provider) bool { return p.ID == provider }) {
			b.set.Providers = append(b.set.Providers, &ent.Provider{
				ID: provider, ExternalID: pointer("demo-markets"), Name: "Wochenmärkte in " + town, Kind: ent.ProviderOther,
				AGS: ags, CreatedAt: marketsCollected, UpdatedAt: marketsCollected,
			})
		}
		place := &ent.Place{
			Name: location, Locality: pointer(town),
			Longitude: &longitude, Latitude: &latitude, AGS: ags,
		}
		if location == "" {
			place.Name = title
		}
		place.ID = place.DescribedID()
		external := "demo-market-" + slug(title+" "+location)
		b.set.Offerings = append(b.set.Offerings, &ent.Offering{
			ID: id("market", ags, title, location), ProviderID: provider, ExternalID: &external, Kind: ent.KindFacility,
			Title: title, Summary: pointer(fmt.Sprintf("Markt in %s, %s", town, place.Name)), AGS: ags, PlaceID: &place.ID, Place: place,
			CategorySlugs: []string{"wochenmarkt"}, Wheelchair: ent.AnswerUnknown, Hours: &hours,
			Details: ent.Details{Facility: &ent.FacilityDetails{}}, Status: ent.StatusPublished,
			CreatedAt: marketsCollected, UpdatedAt: marketsCollected, PublishedAt: &marketsCollected,
			SourceID: &source.ID, SourceURL: optional(page), Licence: "MIT", Attribution: pointer("wo-ist-markt, Wochenmärkte"),
			RetrievedAt: &marketsCollected,
		})
	}
	return nil
}

// readCSV gives the rows below the heading.
func readCSV(name string) ([][]string, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return rows[1:], nil
}

func pointer[T any](v T) *T { return &v }

// optional is nil for "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
