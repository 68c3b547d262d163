package store_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"umland/ent"
	"umland/store"
	"umland/store/storetest"
)

// Only what everyone may see is on the map, each once, in whatever cells.
func TestTilePoints(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	st := storetest.Demo(t)
	germany := ent.BoundingBox{West: 5, South: 47, East: 16, North: 56}
	list, err := st.Offerings(ctx, store.OfferingQuery{Filter: &ent.OfferingFilter{Within: &germany}, Page: store.PageArgs{Total: true}, Now: storetest.Noon})
	if err != nil {
		t.Fatal(err)
	}
	before := 0
	for _, level := range []int{3, 8, 16, 24} {
		points, err := st.TilePoints(ctx, nil, germany, level, 100_000, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i, p := range points {
			n += p.Count
			const e = 1e-9 // a middle is rounded
			if p.West > p.Longitude+e || p.East < p.Longitude-e || p.South > p.Latitude+e || p.North < p.Latitude-e || p.ID == "" || p.Title == "" {
				t.Fatalf("%+v", p)
			}
			if i > 0 && p.Count > points[i-1].Count {
				t.Fatal("not in order")
			}
		}
		if n == 0 || n > list.TotalCount || level > 3 && len(points) <= before {
			t.Errorf("level %d: %d in %d cells, the list has %d", level, n, len(points), list.TotalCount)
		}
		before = len(points)
	}
	few, err := st.TilePoints(ctx, nil, germany, 16, 5, storetest.Noon)
	if err != nil || len(few) != 5 {
		t.Errorf("%d %v", len(few), err)
	}
	if _, err := st.TilePoints(ctx, &ent.OfferingFilter{Categories: []string{"nix"}}, germany, 5, 10, storetest.Noon); err == nil {
		t.Error("a category that there is not was taken")
	}
}

func TestTilePointsAreThePublics(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	st := storetest.Demo(t)
	germany := ent.BoundingBox{West: 5, South: 47, East: 16, North: 56}
	count := func() (n int) {
		points, err := st.TilePoints(ctx, nil, germany, 1, 100, storetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range points {
			n += p.Count
		}
		return n
	}
	all := count()
	points, err := st.TilePoints(ctx, nil, germany, 28, 1_000_000, storetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	var one string
	for _, p := range points {
		if p.Count == 1 {
			one = p.ID
		}
	}
	id, ok := ent.ParseOfferingID(one)
	if !ok {
		t.Fatalf("no id: %q", one)
	}
	found, err := st.OfferingsByID(ctx, nil, []uuid.UUID{id})
	if err != nil || len(found) != 1 {
		t.Fatal(err)
	}
	if _, err := st.WithdrawOffering(ctx, ent.System("Test"), storetest.Noon, id, nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != all-1 {
		t.Errorf("%d of %d after one was withdrawn", got, all)
	}
}
