package generate

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"umland/ent"
	"umland/register"
	"umland/store"
)

// The shape of the world.
const (
	perProvider = 10   // offerings
	perPlace    = 5    // offerings
	headTowns   = 3    // flattens the head of the Zipf distribution: the largest town has about 3 % of all
	unpublished = 0.02 // half of them drafts, half withdrawn
	back        = 3 * 365 * 24 * time.Hour
)

// world makes the offerings one after the other, from one source of chance.
type world struct {
	Options
	rng       *rand.Rand
	providers []*ent.Provider
	places    []*ent.Place
	towns     []*ent.Municipality // the largest first
	makers    [][]maker           // by town
	order     []int32             // the town of each offering
	made      int
	titles    map[uint64]uint8 // how often a title was given
}

// maker is a provider with what it offers, and where.
type maker struct {
	*ent.Provider
	trade  *trade
	part   string
	places []*ent.Place
}

func newWorld(o Options) (*world, error) {
	if o.N < 1 || o.N > 10_000_000 {
		return nil, fmt.Errorf("between 1 and 10,000,000 offerings can be made, not %d", o.N)
	}
	o.Now = o.Now.UTC().Truncate(time.Second)
	municipalities, err := register.Municipalities()
	if err != nil {
		return nil, err
	}
	boundaries, err := register.LoadBoundaries()
	if err != nil {
		return nil, err
	}
	trades, err := templates(o.Now, municipalities)
	if err != nil {
		return nil, err
	}
	w := &world{Options: o, rng: rand.New(rand.NewPCG(o.Seed, 1)), towns: municipalities, titles: make(map[uint64]uint8, o.N)}
	slices.SortStableFunc(w.towns, func(a, b *ent.Municipality) int { return cmp.Compare(population(b), population(a)) })
	weights := make([]float64, len(w.towns))
	for i := range weights {
		weights[i] = 1 / float64(i+1+headTowns)
	}
	pick := newPicker(weights)
	w.order = make([]int32, o.N)
	counts := make([]int, len(w.towns))
	for i := range w.order {
		t := pick.pick(w.rng)
		w.order[i] = int32(t)
		counts[t]++
	}
	weights = weights[:0]
	for _, t := range trades {
		weights = append(weights, float64(len(t.offerings)))
	}
	pick = newPicker(weights)
	w.makers = make([][]maker, len(w.towns))
	for t, n := range counts {
		w.settle(t, n, func() *trade { return trades[pick.pick(w.rng)] }, boundaries)
	}
	return w, nil
}

func population(m *ent.Municipality) int {
	if m.Population == nil {
		return 0
	}
	return *m.Population
}

// settle makes the providers and places of a town with n offerings.
func (w *world) settle(t, n int, draw func() *trade, boundaries *register.Boundaries) {
	if n == 0 {
		return
	}
	town := w.towns[t]
	names := map[string]bool{}
	providers := max(1, (n+perProvider/2)/perProvider)
	for i := range providers {
		m := maker{Provider: new(ent.Provider), trade: draw(), part: w.part()}
		*m.Provider = *one(w.rng, m.trade.providers)
		id := "gen-" + strconv.Itoa(i)
		m.ID, m.ExternalID, m.AGS = w.id(w.Now.Add(-back)), &id, town.AGS
		m.Name = w.name(m.Name, town.Name, m.part)
		if names[m.Name] {
			m.Name += " " + m.part
		}
		for k := 2; names[m.Name]; k++ {
			m.Name = strings.TrimSuffix(m.Name, " "+strconv.Itoa(k-1)) + " " + strconv.Itoa(k)
		}
		names[m.Name] = true
		m.Normalize()
		m.CreatedAt = w.Now.Add(-back)
		m.UpdatedAt = m.CreatedAt
		w.providers = append(w.providers, m.Provider)
		for range max(1, n/perPlace/providers) {
			if p := w.place(m, town, boundaries); p != nil {
				m.places = append(m.places, p)
			}
		}
		w.makers[t] = append(w.makers[t], m)
	}
}

// place makes a place of the provider, nil where its sort has none.
func (w *world) place(m maker, town *ent.Municipality, boundaries *register.Boundaries) *ent.Place {
	from := one(w.rng, m.trade.offerings).place
	if from == nil {
		return nil
	}
	street := one(w.rng, streets) + " " + strconv.Itoa(1+w.rng.IntN(120))
	locality := town.Name
	p := &ent.Place{Name: w.name(from.Name, town.Name, m.part), Street: &street, PostalCode: town.PostalCodeOrNil(), Locality: &locality, AGS: town.AGS}
	// Most places lie near the middle; a point that falls into the neighbour's is moved towards it.
	radius := 0.4 * math.Sqrt(town.AreaKm2/math.Pi)
	for range 6 {
		north, east := w.rng.NormFloat64()*radius, w.rng.NormFloat64()*radius
		latitude := round(town.Latitude+north/111.2, 6)
		longitude := round(town.Longitude+east/(111.2*math.Cos(town.Latitude*math.Pi/180)), 6)
		p.Longitude, p.Latitude = &longitude, &latitude
		ags, ok := boundaries.NearHome(longitude, latitude, town.AGS)
		if p.AGS = town.AGS; !ok || ags == town.AGS { // what lies nowhere counts as at home
			break
		}
		p.AGS = ags
		radius /= 2
	}
	p.Normalize()
	p.ID = p.DescribedID()
	if w.known(p) {
		return nil
	}
	w.places = append(w.places, p)
	return p
}

// known tells whether a place with the same description was made already.
func (w *world) known(p *ent.Place) bool {
	for i := len(w.places) - 1; i >= 0 && w.places[i].AGS == p.AGS; i-- {
		if w.places[i].ID == p.ID {
			return true
		}
	}
	return false
}

// next makes the next offering and its dates.
func (w *world) next() (*ent.Offering, []store.OccurrenceRow, error) {
	i := w.made
	w.made++
	t := w.order[i]
	town := w.towns[t]
	m := one(w.rng, w.makers[t])
	from := one(w.rng, m.trade.offerings)
	o := *from.offering
	// In the order in which they were made, over the three years, none in the last second.
	step := back / time.Duration(w.N)
	created := w.Now.Add(-back + time.Duration(i)*step + time.Duration(w.rng.Int64N(int64(step/2)+1))).Truncate(time.Microsecond)
	external := "gen-" + strconv.Itoa(i)
	o.ID, o.ProviderID, o.ExternalID = w.id(created), m.ID, &external
	part := m.part
	if w.rng.IntN(3) == 0 {
		part = w.part()
	}
	w.text(&o, town.Name, part)
	w.price(&o)
	o.AGS, o.PlaceID, o.Place = m.AGS, nil, nil
	if from.place != nil && len(m.places) > 0 {
		o.Place = one(w.rng, m.places)
		o.AGS, o.PlaceID = o.Place.AGS, &o.Place.ID
	}
	if o.ServiceArea != nil {
		o.ServiceArea = []string{town.AGS}
	}
	if d := o.Details.Tour; d != nil {
		o.Details.Tour = moved(*d, town)
	}
	w.schedule(&o)
	o.Normalize()
	o.Version, o.CreatedAt, o.UpdatedAt = 1, created, created
	if w.rng.IntN(4) == 0 {
		o.Version += 1 + w.rng.IntN(5)
		o.UpdatedAt = created.Add(time.Duration(w.rng.Int64N(int64(w.Now.Sub(created)) + 1))).Truncate(time.Microsecond)
	}
	published := created
	o.Status, o.PublishedAt, o.ConfirmedAt, o.RetrievedAt = ent.StatusPublished, &published, &o.UpdatedAt, nil
	switch r := w.rng.Float64(); {
	case r < unpublished/2:
		o.Status, o.PublishedAt = ent.StatusDraft, nil
	case r < unpublished:
		reason := "Findet nicht mehr statt."
		o.Status, o.WithdrawnReason = ent.StatusWithdrawn, &reason
	}
	o.ContentHash = o.Hash()
	dates, err := store.Expand(&o, w.Now)
	if err != nil {
		return nil, nil, fmt.Errorf("%q: %w", o.Title, err)
	}
	return &o, dates, nil
}

// text puts names into the offering's texts and makes them differ from others of the same template.
func (w *world) text(o *ent.Offering, town, part string) {
	name := func(text *string) *string {
		if text == nil {
			return nil
		}
		t := w.name(*text, town, part)
		return &t
	}
	o.Title = *name(&o.Title)
	for _, more := range []string{" " + one(w.rng, additions[o.Kind]), " in " + part, ", " + one(w.rng, streets)} {
		if !w.often(o.Title) {
			break
		}
		o.Title += more
	}
	o.Summary, o.Description, o.DescriptionHTML = name(o.Summary), name(o.Description), name(o.DescriptionHTML)
	if o.Description != nil && o.DescriptionHTML == nil {
		text := *o.Description
		for range w.rng.IntN(4) {
			text += " " + one(w.rng, sentences)
		}
		o.Description = &text
	}
	o.Translations = slices.Clone(o.Translations)
	for i := range o.Translations {
		t := &o.Translations[i]
		t.Title, t.Summary, t.Description = *name(&t.Title), name(t.Summary), name(t.Description)
	}
}

// often counts a title, and tells whether it was given three times already.
func (w *world) often(title string) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(title))
	k := h.Sum64()
	if w.titles[k] == 3 {
		return true
	}
	w.titles[k]++
	return false
}

// price moves an amount a little.
func (w *world) price(o *ent.Offering) {
	if c := o.Price.FromCents; c != nil && *c > 0 && o.Price.ToCents == nil {
		v := max(50, (*c*(70+w.rng.IntN(61))/100)/50*50)
		o.Price.FromCents = &v
	}
}

// schedule moves the dates by whole weeks, up to a year back and ahead, and gives most series an end: an event has about three dates.
func (w *world) schedule(o *ent.Offering) {
	if o.Schedule == nil {
		return
	}
	s := *o.Schedule
	o.Schedule = &s
	weeks := w.rng.IntN(96) - 44
	s.Start = s.Start.AddDate(0, 0, 7*weeks)
	if s.End != nil {
		end := s.End.AddDate(0, 0, 7*weeks)
		s.End = &end
	}
	s.Exclude, s.Include = nil, nil
	count := 0
	var rule string
	switch {
	case s.RRule != nil && w.rng.IntN(12) > 0:
		rule, count = *s.RRule, 5+w.rng.IntN(8)
		if o.Kind == ent.KindEvent {
			count = 1 + w.rng.IntN(4)
		}
	case s.RRule == nil && o.Kind == ent.KindEvent && w.rng.IntN(2) == 0:
		rule, count = one(w.rng, []string{"FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY"}), 2+w.rng.IntN(6)
		if s.End != nil && s.End.Sub(s.Start) >= 24*time.Hour {
			rule = "FREQ=WEEKLY;INTERVAL=4" // what lasts for days does not begin daily
		}
	}
	if count > 0 && !strings.Contains(rule, "COUNT=") && !strings.Contains(rule, "UNTIL=") {
		rule += ";COUNT=" + strconv.Itoa(count)
		s.RRule = &rule
	}
	if r := registration(&o.Details); r != nil && *r != nil && (*r).Until != nil {
		c := **r
		until := c.Until.AddDate(0, 0, 7*weeks)
		c.Until = &until
		*r = &c
	}
}

// registration is where the details keep it, in copies of their own; nil where they have none.
func registration(d *ent.Details) **ent.Registration {
	switch {
	case d.Event != nil:
		c := *d.Event
		d.Event = &c
		return &c.Registration
	case d.Activity != nil:
		c := *d.Activity
		d.Activity = &c
		return &c.Registration
	}
	return nil
}

// moved puts a tour's line to the town.
func moved(d ent.TourDetails, town *ent.Municipality) *ent.TourDetails {
	if len(d.Line) == 0 {
		return &d
	}
	line := make([][]float64, len(d.Line))
	for i, p := range d.Line {
		line[i] = []float64{round(p[0]-d.Line[0][0]+town.Longitude, 5), round(p[1]-d.Line[0][1]+town.Latitude, 5)}
	}
	d.Line = line
	return &d
}

func (w *world) name(text, town, part string) string {
	return strings.NewReplacer(townMark, town, partMark, part).Replace(text)
}

func (w *world) part() string { return one(w.rng, partBeginnings) + one(w.rng, partEnds) }

// id makes a key as ent.NewID does (RFC 9562 UUID version 7), of the instant.
func (w *world) id(at time.Time) (id uuid.UUID) {
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	a, b := w.rng.Uint64(), w.rng.Uint64()
	for i := range 2 {
		id[6+i] = byte(a >> (8 * i))
	}
	for i := range 8 {
		id[8+i] = byte(b >> (8 * i))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

func one[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

func round(x float64, digits int) float64 {
	f := math.Pow10(digits)
	return math.Round(x*f) / f
}

// picker draws numbers by weight.
type picker []float64

func newPicker(weights []float64) picker {
	p, sum := make(picker, len(weights)), 0.0
	for i, w := range weights {
		sum += w
		p[i] = sum
	}
	return p
}

func (p picker) pick(rng *rand.Rand) int {
	i, _ := slices.BinarySearch(p, rng.Float64()*p[len(p)-1])
	return min(i, len(p)-1)
}
