package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"umland/ent"
	"umland/store"
	"umland/store/storetest"
)

func ptr[T any](v T) *T { return &v }

// walk reads a list page by page, forward or backward, and gives all items in the order of the list.
func walk[T any](t *testing.T, size int, backward bool, read func(p store.PageArgs) (ent.Page[T], error), id func(*T) string) (all []string) {
	t.Helper()
	var p store.PageArgs
	for range 1000 {
		if p.First = &size; backward {
			p.First, p.Last = nil, &size
		}
		page, err := read(p)
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]string, len(page.Edges))
		for i, e := range page.Edges {
			ids[i] = id(e.Node)
		}
		if backward {
			all = append(ids, all...)
			p.Before = page.PageInfo.StartCursor
		} else {
			all = append(all, ids...)
			p.After = page.PageInfo.EndCursor
		}
		if more := page.PageInfo.HasNextPage && !backward || page.PageInfo.HasPreviousPage && backward; !more {
			return all
		}
	}
	t.Fatal("the list does not end")
	return nil
}

// What is looked at first to find the nearest changes nothing: all pages together are what another order finds, by distance.
func TestNearest(t *testing.T) {
	t.Parallel()
	st := storetest.Demo(t)
	for _, test := range []struct {
		name   string
		filter ent.OfferingFilter
	}{
		{"town", ent.OfferingFilter{Near: &ent.Near{Longitude: 12.5955, Latitude: 52.1421, RadiusKm: ptr(25.0)}}},
		{"between towns", ent.OfferingFilter{Near: &ent.Near{Longitude: 12.45, Latitude: 52.2, RadiusKm: ptr(100.0)}}},
		{"few", ent.OfferingFilter{Near: &ent.Near{Longitude: 12.5955, Latitude: 52.1421, RadiusKm: ptr(1.0)}}},
		{"tours", ent.OfferingFilter{Kinds: []ent.OfferingKind{ent.KindTour}, Near: &ent.Near{Longitude: 12.5955, Latitude: 52.1421, RadiusKm: ptr(60.0)}}},
		{"none", ent.OfferingFilter{Near: &ent.Near{Longitude: 0, Latitude: 90, RadiusKm: ptr(100.0)}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			type found struct {
				id string
				km float64
			}
			var want []found
			var after *string
			for {
				c, err := st.Offerings(t.Context(), store.OfferingQuery{
					Filter: &test.filter, Order: ptr(ent.OrderTitle), Now: storetest.Noon, Page: store.PageArgs{First: ptr(100), After: after},
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range c.Edges {
					want = append(want, found{e.Node.ID.String(), *e.DistanceKm})
				}
				if after = c.PageInfo.EndCursor; !c.PageInfo.HasNextPage {
					break
				}
			}
			slices.SortFunc(want, func(a, b found) int { return cmp.Or(cmp.Compare(a.km, b.km), cmp.Compare(a.id, b.id)) })
			if test.name != "none" && len(want) < 3 {
				t.Fatalf("only %d offerings to compare", len(want))
			}
			ids := make([]string, len(want))
			for i, f := range want {
				ids[i] = f.id
			}
			for _, size := range []int{1, 7, 20, 100} {
				for _, backward := range []bool{false, true} {
					if size == 1 && len(ids) > 100 {
						continue
					}
					got := walk(t, size, backward, func(p store.PageArgs) (page ent.Page[ent.Offering], err error) {
						c, err := st.Offerings(t.Context(), store.OfferingQuery{Filter: &test.filter, Order: ptr(ent.OrderDistance), Now: storetest.Noon, Page: p})
						if err != nil {
							return page, err
						}
						page.PageInfo = c.PageInfo
						for _, e := range c.Edges {
							page.Edges = append(page.Edges, &ent.Edge[ent.Offering]{Cursor: e.Cursor, Node: e.Node})
						}
						return page, nil
					}, func(o *ent.Offering) string { return o.ID.String() })
					if !slices.Equal(got, ids) {
						t.Errorf("pages of %d, backward %t: %d offerings, want %d in this order", size, backward, len(got), len(ids))
					}
				}
			}
		})
	}
}

// A district's calendar, which has an index of its own, is what its municipalities' calendars are together, which have none.
func TestDistrictCalendar(t *testing.T) {
	t.Parallel()
	st := storetest.Demo(t)
	const district = "12069"
	list, err := st.Municipalities(nil, ptr(district), store.PageArgs{First: ptr(100)})
	if err != nil || list.PageInfo.HasNextPage {
		t.Fatal(list, err)
	}
	var members []string
	for _, e := range list.Edges {
		members = append(members, e.Node.AGS)
	}
	for _, test := range []struct {
		from time.Time
		days int
		f    ent.OfferingFilter
	}{
		{storetest.Noon, 14, ent.OfferingFilter{}},
		{storetest.Noon.AddDate(0, 0, 3).Add(7 * time.Hour), 1, ent.OfferingFilter{}},
		{storetest.Noon.AddDate(0, -2, 0), 300, ent.OfferingFilter{Kinds: []ent.OfferingKind{ent.KindEvent}}},
		{storetest.Noon, 100, ent.OfferingFilter{Audiences: []ent.Audience{ent.AudienceChildren}}},
	} {
		t.Run(fmt.Sprint(test.from, test.days), func(t *testing.T) {
			calendar := func(f ent.OfferingFilter, size int) (ids []string, total int) {
				ids = walk(t, size, false, func(p store.PageArgs) (ent.Page[ent.Occurrence], error) {
					p.Total = true
					c, err := st.Occurrences(t.Context(), &f, test.from, test.from.AddDate(0, 0, test.days), storetest.Noon, p, nil)
					if err != nil {
						return ent.Page[ent.Occurrence]{}, err
					}
					total = c.TotalCount
					return c.Page, nil
				}, func(o *ent.Occurrence) string {
					return o.StartsAt.UTC().Format(time.RFC3339) + o.OfferingID.String() + o.Original.UTC().Format(time.RFC3339)
				})
				return ids, total
			}
			var want []string
			for _, ags := range members {
				f := test.f
				f.Municipalities = []string{ags}
				ids, _ := calendar(f, 100)
				want = append(want, ids...)
			}
			slices.Sort(want)
			if len(want) < 3 {
				t.Fatalf("only %d dates to compare", len(want))
			}
			byRegion, byMunicipalities := test.f, test.f
			byRegion.Regions, byMunicipalities.Municipalities = []string{district}, members
			for _, f := range []ent.OfferingFilter{byRegion, byMunicipalities} {
				for _, size := range []int{9, 100} {
					got, total := calendar(f, size)
					if !slices.Equal(got, want) || total != len(want) {
						t.Errorf("pages of %d: %d dates and a total of %d, want %d in order", size, len(got), total, len(want))
					}
				}
			}
		})
	}
}
