package resolvers

import (
	"context"
	"math"
	"time"

	"umland/ent"
	"umland/store"
)

// Municipality answers Query.municipality.
func (r query) Municipality(ctx context.Context, ags string) (*ent.Municipality, error) {
	key, ok := ent.ParseAGS(ags)
	if !ok {
		return nil, ent.BadInput("ags", "ags must have 8 digits.")
	}
	return r.fillMunicipality(ctx, r.Store.Municipality(key))
}

// MunicipalityAt answers Query.municipalityAt.
func (r query) MunicipalityAt(ctx context.Context, longitude, latitude float64) (*ent.Municipality, error) {
	if math.Abs(longitude) > 180 {
		return nil, ent.BadInput("longitude", "longitude must lie between -180 and 180 degrees.")
	}
	if math.Abs(latitude) > 90 {
		return nil, ent.BadInput("latitude", "latitude must lie between -90 and 90 degrees.")
	}
	return r.fillMunicipality(ctx, r.Store.MunicipalityAt(longitude, latitude))
}

func (r query) fillMunicipality(ctx context.Context, m *ent.Municipality) (*ent.Municipality, error) {
	if m == nil {
		return nil, nil
	}
	c := *m
	return &c, r.fillMunicipalities(ctx, selected(ctx), []*ent.Municipality{&c})
}

// Municipalities answers Query.municipalities.
func (r query) Municipalities(ctx context.Context, search, region *string, first *int, after *string) (*ent.MunicipalityConnection, error) {
	c, err := r.Store.Municipalities(search, region, store.PageArgs{First: first, After: after})
	if err != nil {
		return nil, err
	}
	copyNodes(&c.Page)
	return c, fillPage(ctx, selected(ctx), "MunicipalityConnection", "MunicipalityEdge", c.Nodes(), r.fillMunicipalities)
}

// Providers answers Municipality.providers.
func (r municipality) Providers(ctx context.Context, m *ent.Municipality, _ *int, _ *string) (*ent.ProviderConnection, error) {
	return loaded[ent.ProviderConnection](ctx, m.Loaded)
}

// Offerings answers Municipality.offerings.
func (r municipality) Offerings(ctx context.Context, m *ent.Municipality, _ *ent.OfferingFilter, _ *ent.OfferingOrder, _ *int, _ *string) (*ent.OfferingConnection, error) {
	return loaded[ent.OfferingConnection](ctx, m.Loaded)
}

// maxSchoolSpan is the longest time for which school holidays are asked.
const maxSchoolSpan = 3 * 366 * 24 * time.Hour

// SchoolHolidays answers Municipality.schoolHolidays.
func (r municipality) SchoolHolidays(ctx context.Context, m *ent.Municipality, since, until *time.Time) ([]*ent.SchoolHoliday, error) {
	from := r.orNow(ctx, since)
	to := from.AddDate(2, 0, 0)
	if until != nil {
		to = *until
	}
	switch {
	case !to.After(from):
		return nil, ent.BadInput("to", "to must lie after from.")
	case to.Sub(from) > maxSchoolSpan:
		return nil, ent.BadInput("to", "to may be 3 years after from at the most.")
	}
	list := r.Store.SchoolHolidays().Between(m.AGS[:2], from, to)
	if list == nil {
		list = []*ent.SchoolHoliday{}
	}
	return list, nil
}
