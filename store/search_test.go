package store_test

import (
	"fmt"
	"testing"

	"umland/ent"
	"umland/store"
	"umland/store/storetest"
)

// A search whose words are frequent is done in two parts, and gives what it gives in one, on whatever pages, both ways.
func TestSearchInTwoParts(t *testing.T) {
	t.Parallel()
	st := storetest.Demo(t)
	ctx := t.Context()
	if err := st.LoadVocabulary(ctx); err != nil {
		t.Fatal(err)
	}
	walk := func(f *ent.OfferingFilter, size int, backward bool) (all []string) {
		var at *string
		for range 1000 {
			args := store.PageArgs{First: &size, After: at}
			if backward {
				args = store.PageArgs{Last: &size, Before: at}
			}
			c, err := st.Offerings(ctx, store.OfferingQuery{Filter: f, Order: new(ent.OrderRelevance), Page: args, Now: storetest.Noon})
			if err != nil {
				t.Fatal(err)
			}
			var page []string
			for _, e := range c.Edges {
				page = append(page, fmt.Sprint(e.Node.Title, " ", *e.Score, " ", e.Node.ID))
			}
			if backward {
				all, at = append(page, all...), c.PageInfo.StartCursor
			} else {
				all, at = append(all, page...), c.PageInfo.EndCursor
			}
			if more := c.PageInfo.HasNextPage; backward && !c.PageInfo.HasPreviousPage || !backward && !more {
				return all
			}
		}
		t.Fatal("the walk does not end")
		return nil
	}
	for _, f := range []ent.OfferingFilter{
		{Search: new("Kinder")}, {Search: new("Weihnachtsmarkt")}, {Search: new("Gottesdienst Kirche")}, {Search: new("yog")},
		{Search: new("Chor"), Kinds: []ent.OfferingKind{ent.KindActivity}}, {Search: new("Wochenmarkt"), NearMunicipality: &ent.NearMunicipality{Ags: "04011000", RadiusKm: new(50.0)}},
	} {
		st.SetManyMatches(1 << 30)
		whole := walk(&f, 100, false)
		if len(whole) < 3 {
			t.Errorf("%s: %d only", *f.Search, len(whole))
		}
		st.SetManyMatches(0)
		for _, size := range []int{100, 7} {
			for _, backward := range []bool{false, true} {
				if got := walk(&f, size, backward); fmt.Sprint(got) != fmt.Sprint(whole) {
					t.Errorf("%s, pages of %d, backward %v: %d\n%v\nin one part %d\n%v", *f.Search, size, backward, len(got), got, len(whole), whole)
				}
			}
		}
	}
}

// No change of what a search finds is thought not to touch it; most others are.
func TestSearchTouches(t *testing.T) {
	t.Parallel()
	st := storetest.Demo(t)
	if err := st.LoadVocabulary(t.Context()); err != nil {
		t.Fatal(err)
	}
	vectors, err := st.Vectors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{
		"Yoga", "Kinder Turnen", "Schwimmkurs", "Biblothek Kleve", "Weihnachtsm", "Kinder Theater Weihnachten", `"Tag der offenen Tür"`, "Markt -Weihnachten", "fire brigade", "Mit dem Rad nach Wiesenburg",
		"24.12.", "Wohnsitz anmelden", "wann ist der nächste Blutspendetermin", "E-Bike", "Bad",
		"Reisepass verlieren", "Tanzkurs", "Flohmarkt Sonntag", "Sport Potsdam-Mittelmark", "Fahradtour", "am Wochenende", "wie melde ich meinen Hund an",
	} {
		size, touched := 100, 0
		may := map[string]bool{}
		for id, v := range vectors {
			if st.Finds(words, v) {
				may[id] = true
				touched++
			}
		}
		c, err := st.Offerings(t.Context(), store.OfferingQuery{Filter: &ent.OfferingFilter{Search: &words}, Page: store.PageArgs{First: &size, Total: true}, Now: storetest.Noon})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Edges {
			if !may[e.Node.ID.String()] {
				t.Errorf("%q finds %q, whose changes would not be noticed", words, e.Node.Title)
			}
		}
		prefix := words == "Weihnachtsm" || words == "Tanzkurs" || words == "Fahradtour" // any word may begin with one
		if most := 2*c.TotalCount + len(vectors)/10; touched > most && !prefix {
			t.Errorf("%q finds %d and is touched by %d of %d", words, c.TotalCount, touched, len(vectors))
		}
	}
}
