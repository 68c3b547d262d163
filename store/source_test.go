package store_test

import (
	"testing"

	"umland/ent"
	"umland/store"
	"umland/store/storetest"
)

// A municipality's source that names no provider is the municipality's itself, not that of one of its offices, and twice the same one's.
func TestSourceProvider(t *testing.T) {
	t.Parallel()
	st := storetest.Demo(t)
	for _, want := range []struct{ ags, name string }{{"12069020", "Stadtverwaltung Bad Belzig"}, {"12069020", "Stadtverwaltung Bad Belzig"}, {"12069345", "Gemeinde Linthe"}} {
		x, err := st.SaveSource(t.Context(), ent.System("test"), storetest.Noon, store.SourceSave{Formats: []string{"ical"}, Edit: func(x *ent.Source) {
			x.Name, x.Format, x.URL, x.AGS = "Kalender", "ical", new("https://example.org/"+ent.NewID().String()+".ics"), &want.ags
		}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := st.Provider(t.Context(), *x.ProviderID)
		if err != nil || p.Name != want.name || p.AGS != want.ags {
			t.Errorf("%s: %+v, %v", want.ags, p, err)
		}
	}
}
