package harvest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"umland/ent"
	"umland/harvest"
	"umland/store"
)

// The same event in three feeds: one offering with three records and the best of each, taken apart and put together again without loss, and remembered.
func TestThreeSourcesOneEvent(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	ctx, operator := context.Background(), ent.System("Frau Klug")
	town := calendar("t1|Adventskonzert des Männerchors|12|LOCATION:St. Marien\\, Kirchplatz 2\\, 14806 Bad Belzig", "t2|Yoga für alle|03", "t3|Yoga für alle|10")
	club := calendar("c1|Adventskonzert|12|LOCATION:St.-Marien-Kirche Bad Belzig|DESCRIPTION:Der Männerchor singt alte und neue Lieder zum Advent. Eintritt frei\\, Spenden sind willkommen.|ORGANIZER;CN=Männerchor Bad Belzig e. V.:mailto:chor@example.org")
	tourism := "Titel;Beginn;Ort;Straße;PLZ;Stadt;Veranstalter\nAdventskonzert Männerchor;12.12.2026 19:00;Kirche St. Marien;Kirchplatz 2;14806;Bad Belzig;Männerchor Bad Belzig e. V.\nYoga für alle;17.12.2026 19:00;Bürgerhaus;;14806;Bad Belzig;\n"
	g.answer("/town.ics", town)
	g.answer("/club.ics", club)
	g.answer("/tourism.csv", tourism)
	a, b, c := g.add("ical", "/town.ics"), g.add("ical", "/club.ics"), g.add("csv", "/tourism.csv")
	g.expect(a, "OK 3 new 0 changed 0 same 0 gone 0 refused")
	g.expect(b, "OK 1 new 0 changed 0 same 0 gone 0 refused")
	g.expect(c, "OK 2 new 0 changed 0 same 0 gone 0 refused")
	concert := func() []string {
		return g.rows(`SELECT o.title, o.status, (SELECT count(*) FROM record r WHERE r.offering_id = o.id) FROM offering o WHERE title LIKE 'Advent%' ORDER BY o.created_at, o.id`)
	}
	if got := concert(); len(got) != 1 || !strings.HasSuffix(got[0], "PUBLISHED | 3") {
		t.Fatalf("three feeds made %v", got)
	}
	if got := g.rows("SELECT o.price_free, o.description LIKE 'Der Männerchor%', p.street FROM offering o JOIN place p ON p.id = o.place_id WHERE o.title LIKE 'Advent%'"); got[0] != "true | true | Kirchplatz 2" {
		t.Errorf("the best of each: %v", got)
	}
	if got := g.rows("SELECT count(*) FROM offering WHERE title = 'Yoga für alle'"); got[0] != "3" {
		t.Errorf("three dates of one series: %v", got)
	}
	for source, has := range map[uuid.UUID]int{a: 3, b: 1, c: 2} {
		list, err := g.runner.Store.Offerings(ctx, store.OfferingQuery{Filter: &ent.OfferingFilter{Sources: []string{(&ent.Source{ID: source}).NodeID()}}, Page: store.PageArgs{Total: true}, Now: g.clock()})
		if err != nil || list.TotalCount != has {
			t.Errorf("a source with %d offerings lists %+v %v", has, list, err)
		}
	}
	before := g.state()
	for _, id := range []uuid.UUID{a, b, c} {
		g.run(id)
	}
	if g.state() != before {
		t.Error("running again changed something")
	}
	one := uuid.MustParse(g.rows("SELECT id::text FROM offering WHERE title LIKE 'Advent%'")[0])
	rest, split, err := g.runner.Split(ctx, operator, g.clock(), harvest.Split{ID: one, Source: b, Key: "c1"})
	if err != nil {
		t.Fatal(err)
	}
	if rest.Price.Free != nil || split.Title != "Adventskonzert" || split.Status != ent.StatusPublished {
		t.Errorf("split: %+v and %+v", rest, split)
	}
	if got := concert(); len(got) != 2 || !strings.HasSuffix(got[0], " | 2") || !strings.HasSuffix(got[1], " | 1") {
		t.Errorf("after the split: %v", got)
	}
	// A later run remembers, also when the item changes.
	g.answer("/club.ics", strings.Replace(club, "alte und neue", "neue und alte", 1))
	g.expect(b, "OK 0 new 1 changed 0 same 0 gone 0 refused")
	if got := concert(); len(got) != 2 {
		t.Errorf("after the next run: %v", got)
	}
	pairs, err := g.runner.Duplicates(ctx, operator, belzig, g.clock())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		if p.A.ID == one && p.B.ID == split.ID {
			t.Error("what was called different is suspected again")
		}
	}
	merged, err := g.runner.Merge(ctx, operator, g.clock(), one, []uuid.UUID{split.ID})
	if err != nil {
		t.Fatal(err)
	}
	if merged.Price.Free == nil || !strings.Contains(text(merged.Description), "neue und alte") {
		t.Errorf("merged again: %+v", merged)
	}
	if got := concert(); !strings.HasSuffix(got[0], "PUBLISHED | 3") || !strings.Contains(got[1], "WITHDRAWN | 0") {
		t.Errorf("merged again: %v", got)
	}
	g.answer("/club.ics", club)
	g.expect(b, "OK 0 new 1 changed 0 same 0 gone 0 refused")
	if got := concert(); !strings.HasSuffix(got[0], "PUBLISHED | 3") {
		t.Errorf("and run again: %v", got)
	}
	_, again, err := g.runner.Split(ctx, operator, g.clock(), harvest.Split{ID: one, Source: b, Key: "c1"})
	if err != nil || again.ID != split.ID || again.Status != ent.StatusPublished {
		t.Errorf("split again: %+v %v", again, err)
	}
	if _, err := g.runner.Merge(ctx, operator, g.clock(), one, []uuid.UUID{split.ID}); err != nil {
		t.Fatal(err)
	}
	// It leaves two of the feeds: it stands. It leaves the last one: it does not.
	g.answer("/town.ics", calendar("t2|Yoga für alle|03", "t3|Yoga für alle|10"))
	g.expect(a, "OK 0 new 0 changed 2 same 1 gone 0 refused")
	g.answer("/tourism.csv", "Titel;Beginn;Ort\nYoga für alle;17.12.2026 19:00;Bürgerhaus\n")
	g.run(c)
	if got := concert(); !strings.Contains(got[0], "PUBLISHED") {
		t.Errorf("in one feed still: %v", got)
	}
	g.answer("/club.ics", calendar("c9|Sommerfest|20"))
	g.run(b)
	if got := concert(); !strings.Contains(got[0], "WITHDRAWN") {
		t.Errorf("in no feed: %v", got)
	}
}

// What a person had posted before a feed had it stays what the person said; the feed adds what is missing, and takes it away again.
func TestPostedFirst(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	ctx, person := context.Background(), ent.System("Frau Klug")
	id := g.add("ical", "/a.ics")
	x, err := g.st.Source(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	post := func(title, summary string, day int) *ent.Offering {
		o, err := g.st.SaveOffering(ctx, person, g.clock(), store.OfferingSave{ProviderID: *x.ProviderID, Publish: true, Edit: func(o *ent.Offering) ent.UserErrors {
			end := time.Date(2026, 12, day, 20, 0, 0, 0, time.UTC)
			o.Kind, o.Title, o.Schedule = ent.KindEvent, title, &ent.Schedule{Start: time.Date(2026, 12, day, 18, 0, 0, 0, time.UTC), End: &end, TimeZone: "Europe/Berlin"}
			if summary != "" {
				o.Summary = &summary
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	posted := post("Großes Chorkonzert im Advent", "Mit Glühwein", 12)
	g.answer("/a.ics", calendar("a|Chorkonzert im Advent|12|DESCRIPTION:Eintritt frei|LOCATION:Kirche"))
	g.expect(id, "OK 1 new 0 changed 0 same 0 gone 0 refused")
	show := "SELECT title, summary, coalesce(description, '-'), status, coalesce(price_free::text, '-'), source_id IS NOT NULL, (SELECT count(*) FROM record r WHERE r.offering_id = o.id) FROM offering o WHERE id = $1"
	if got := g.rows(show, posted.ID); got[0] != "Großes Chorkonzert im Advent | Mit Glühwein | Eintritt frei | PUBLISHED | true | true | 1" {
		t.Fatalf("both: %v", got)
	}
	_, split, err := g.runner.Split(ctx, person, g.clock(), harvest.Split{ID: posted.ID, Source: id, Key: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if got := g.rows(show, posted.ID); got[0] != "Großes Chorkonzert im Advent | Mit Glühwein | - | PUBLISHED | - | false | 0" {
		t.Errorf("taken apart: %v", got)
	}
	if split.Title != "Chorkonzert im Advent" {
		t.Errorf("taken out: %+v", split)
	}
	// Two that were posted are one, and two again.
	other := post("Adventskonzert", "Der Chor singt", 12)
	merged, err := g.runner.Merge(ctx, person, g.clock(), posted.ID, []uuid.UUID{other.ID, split.ID})
	if err != nil {
		t.Fatal(err)
	}
	if merged.Title != "Großes Chorkonzert im Advent" || *merged.Summary != "Mit Glühwein" {
		t.Errorf("merged: %+v", merged)
	}
	if _, back, err := g.runner.Split(ctx, person, g.clock(), harvest.Split{ID: posted.ID, Offering: &other.ID}); err != nil || back.ID != other.ID || back.Title != "Adventskonzert" || back.Status != ent.StatusPublished {
		t.Errorf("split: %+v %v", back, err)
	}
	// What a person posted stays when the feed has it no more.
	g.answer("/a.ics", calendar("b|Bastelnachmittag|14"))
	g.run(id)
	if got := g.rows("SELECT status FROM offering WHERE id = $1", posted.ID); got[0] != "PUBLISHED" {
		t.Errorf("left the feed: %v", got)
	}
}

// Suspects are told with their reasons.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	g := newRegion(t)
	g.answer("/a.ics", calendar("a|Tanzabend mit Kapelle|12|LOCATION:Bürgerhaus"))
	g.answer("/b.ics", calendar("b|Großer Tanzabend im Winter|12"))
	g.run(g.add("ical", "/a.ics"))
	g.run(g.add("ical", "/b.ics"))
	ctx, operator := context.Background(), ent.System("Test")
	if n := g.rows("SELECT count(*) FROM offering"); n[0] != "2" {
		t.Fatalf("merged at once: %v", n)
	}
	pairs, err := g.runner.Duplicates(ctx, operator, belzig, g.clock())
	if err != nil || len(pairs) != 1 || len(pairs[0].Reasons) < 2 {
		t.Fatalf("%v %v", pairs, err)
	}
	if _, err := g.runner.KeepApart(ctx, operator, g.clock(), pairs[0].A.ID, pairs[0].B.ID); err != nil {
		t.Fatal(err)
	}
	if pairs, err = g.runner.Duplicates(ctx, operator, belzig, g.clock()); err != nil || len(pairs) != 0 {
		t.Errorf("%v %v", fmt.Sprint(pairs), err)
	}
}
