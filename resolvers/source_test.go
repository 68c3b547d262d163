package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"umland/ent"
)

const icsHead, icsTail = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "END:VCALENDAR\r\n"

func icsEvent(uid, title, day, more string) string {
	return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nSUMMARY:" + title + "\r\nDTSTART:202612" + day + "T180000Z\r\nDTEND:202612" + day + "T200000Z\r\n" + more + "END:VEVENT\r\n"
}

// Whoever decides on a municipality's sources adds one, reads it, looks at what came of it, decides, and ends it; all of it over the API.
func TestSources(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var feed atomic.Value
	whole := icsEvent("a", "Lesung im Park", "01", "") + icsEvent("b", "Blutspende", "02", "") + icsEvent("c", "Chorkonzert", "03", "DESCRIPTION:Eintritt frei\r\n") +
		icsEvent("d", "Skatturnier", "04", "") + icsEvent("e", "Yoga", "05", "") + icsEvent("f", "Vortrag", "06", "") + icsEvent("g", "Filmabend", "07", "")
	feed.Store(icsHead + whole + "BEGIN:VEVENT\r\nUID:x\r\nSUMMARY:Ohne Beginn\r\nEND:VEVENT\r\n" + icsTail)
	listener, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Fatal(err)
	}
	var slow atomic.Bool
	goOn := make(chan struct{})
	srv := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slow.Load() {
			<-goOn
		}
		if strings.HasSuffix(r.URL.Path, ".ics") {
			_, _ = w.Write([]byte(feed.Load().(string)))
			return
		}
		http.NotFound(w, r)
	})}}
	srv.Start()
	t.Cleanup(srv.Close)
	reviewer := a.key(belzig, ent.ScopeSource, ent.ScopeWrite, ent.ScopePublish)
	add := `mutation($in: SourceInput!) { saveSource(input: $in) { source { id name format everyMinutes health records options { name value } provider { name kind } municipality { name } } userErrors { path code } } }`
	bad := a.get(reviewer, add, map[string]any{"in": map[string]any{"format": "fax", "url": "ftp://x", "municipality": belzig, "everyMinutes": 1, "licence": "?"}})
	want(t, bad.list("data.saveSource.userErrors", "code"), `["INVALID", "INVALID", "INVALID", "INVALID"]`)
	out := a.get(reviewer, add, map[string]any{"in": map[string]any{"name": "Stadtkalender", "format": "ical", "url": srv.URL + "/a.ics", "municipality": belzig, "licence": "CC-BY-4.0", "attribution": "Stadt Bad Belzig",
		"options": []any{map[string]any{"name": "x", "value": "y"}}}})
	id := out.text("data.saveSource.source.id")
	s := object(out.at("data.saveSource.source").(map[string]any))
	delete(s, "id")
	want(t, s, `{"name": "Stadtkalender", "format": "ical", "everyMinutes": 360, "health": "NEW", "records": 0, "options": [{"name": "x", "value": "y"}],
		"provider": {"name": "Stadt Bad Belzig", "kind": "MUNICIPALITY"}, "municipality": {"name": "Bad Belzig"}}`)
	read := `mutation($id: ID!, $dry: Boolean) { harvestSource(id: $id, dryRun: $dry) { run { outcome httpStatus new changed same gone refused error refusals { item message } } source { health records } userErrors { code } } }`
	want(t, a.get(reviewer, read, map[string]any{"id": id, "dry": true}).at("data.harvestSource.run.outcome"), `"DRY_RUN"`)
	difference := `{ nodes { dryRun changes { action title externalId offering status fields { name before } } } }`
	dry := a.get(reviewer, `{ sources(managed: true) { totalCount nodes { lastRun { outcome } runs(first: 1) `+difference+` } } }`, nil)
	want(t, dry.at("data.sources.totalCount"), `1`)
	want(t, dry.at("data.sources.nodes.0.lastRun"), `null`)
	first := object(dry.at("data.sources.nodes.0.runs.nodes.0.changes.0").(map[string]any))
	if n := len(first.list("fields", "name")); n < 3 {
		t.Errorf("a new offering has %d fields", n)
	}
	delete(first, "fields")
	want(t, first, `{"action": "NEW", "title": "Lesung im Park", "externalId": "a", "offering": null, "status": "PUBLISHED"}`)
	for who, n := range map[string]string{"": "0", a.key(brandis, ent.ScopeSource): "0", a.key("", ent.ScopeSource): "1", a.key("12069", ent.ScopeSource): "1"} {
		want(t, a.get(who, `{ sources(managed: true) { totalCount } }`, nil).at("data.sources.totalCount"), n)
	}
	want(t, a.get(reviewer, read, map[string]any{"id": id}).at("data.harvestSource"), `{"run": {"outcome": "OK", "httpStatus": 200, "new": 7, "changed": 0, "same": 0, "gone": 0, "refused": 1, "error": null,
		"refusals": [{"item": "VEVENT 8 (UID x)", "message": "Der Termin hat keinen Beginn (DTSTART)."}]}, "source": {"health": "OK", "records": 7}, "userErrors": []}`)
	list := a.get("", `{ offerings(filter: {search: "Chorkonzert"}) { nodes { title price { free } categories { slug } municipality { ags } provenance { source { name } externalId licence attribution url retrievedAt
		records { externalId url source { name lastRun { outcome refused refusals { item } } } } } } } }`, nil).at("data.offerings.nodes.0").(map[string]any)
	p := object(list["provenance"].(map[string]any))
	if p.text("retrievedAt") == "" {
		t.Error("it was never retrieved")
	}
	delete(p, "retrievedAt")
	delete(p, "url")
	want(t, list, `{"title": "Chorkonzert", "price": {"free": true}, "categories": [{"slug": "konzert"}], "municipality": {"ags": "12069020"}, "provenance": {"source": {"name": "Stadtkalender"}, "externalId": "c",
		"licence": "CC-BY-4.0", "attribution": "Stadt Bad Belzig", "records": [{"externalId": "c", "url": null, "source": {"name": "Stadtkalender", "lastRun": {"outcome": "OK", "refused": 1, "refusals": []}}}]}}`)
	// A run does not end with its request.
	slow.Store(true)
	body, err := json.Marshal(map[string]any{"query": read, "variables": map[string]any{"id": id, "dry": true}})
	if err != nil {
		t.Fatal(err)
	}
	brief, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(brief, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+reviewer)
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Fatal("the request was to end before the run")
	}
	close(goOn)
	slow.Store(false)
	runs := `{ sources { nodes { runs { totalCount } } } }`
	for deadline := time.Now().Add(10 * time.Second); a.get(reviewer, runs, nil).at("data.sources.nodes.0.runs.totalCount") != 3.0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the run ended with its request")
		}
	}
	feed.Store(icsHead + icsTail)
	want(t, a.get(reviewer, read, map[string]any{"id": id}).at("data.harvestSource.source"), `{"health": "QUARANTINED", "records": 7}`)
	want(t, a.get("", `{ sources { nodes { health runs { totalCount } options { name } lastRun { gone decidedBy changes { title } } } } }`, nil).at("data.sources.nodes.0"),
		`{"health": "QUARANTINED", "runs": null, "options": null, "lastRun": {"gone": 7, "decidedBy": null, "changes": []}}`)
	if gone := a.get(reviewer, `{ sources { nodes { lastRun { changes { action } } } } }`, nil).list("data.sources.nodes.0.lastRun.changes", "action"); len(gone) != 7 || gone[0] != "GONE" {
		t.Errorf("the quarantined run names %v", gone)
	}
	decide := `mutation($id: ID!, $d: HarvestDecision!) { decideQuarantine(id: $id, decision: $d) { source { health } userErrors { code } } }`
	want(t, a.get(reviewer, decide, map[string]any{"id": id, "d": "REJECT"}).at("data.decideQuarantine"), `{"source": {"health": "FAILING"}, "userErrors": []}`)
	want(t, a.get(reviewer, decide, map[string]any{"id": id, "d": "ACCEPT"}).list("data.decideQuarantine.userErrors", "code"), `["INVALID"]`)
	want(t, a.get(reviewer, `query { sources { nodes { runs(first: 2) { totalCount nodes { outcome decision } pageInfo { hasNextPage } } } } }`, nil).at("data.sources.nodes.0.runs"),
		`{"totalCount": 4, "nodes": [{"outcome": "QUARANTINED", "decision": "REJECT"}, {"outcome": "DRY_RUN", "decision": null}], "pageInfo": {"hasNextPage": true}}`)
	want(t, a.get(reviewer, `mutation($id: ID!) { pauseSource(id: $id, paused: true) { source { health nextRunAt } } }`, map[string]any{"id": id}).at("data.pauseSource.source"), `{"health": "PAUSED", "nextRunAt": null}`)
	if n := len(a.get("", `{ offerings { nodes { id } } }`, nil).at("data.offerings.nodes").([]any)); n != 7 {
		t.Errorf("%d stand", n)
	}
	want(t, a.get(reviewer, `mutation($id: ID!) { deleteSource(id: $id) { userErrors { code } } }`, map[string]any{"id": id}).at("data.deleteSource"), `{"userErrors": []}`)
	want(t, a.get("", `{ offerings { totalCount } sources { totalCount } }`, nil).at("data"), `{"offerings": {"totalCount": 0}, "sources": {"totalCount": 0}}`)
	// Kept, they are as if posted.
	feed.Store(icsHead + whole + icsTail)
	out = a.get(reviewer, add, map[string]any{"in": map[string]any{"format": "ical", "url": srv.URL + "/a.ics", "municipality": belzig, "paused": true}})
	id = out.text("data.saveSource.source.id")
	want(t, out.at("data.saveSource.source.health"), `"PAUSED"`)
	a.get(reviewer, read, map[string]any{"id": id})
	a.get(reviewer, `mutation($id: ID!) { deleteSource(id: $id, keepOfferings: true) { userErrors { code } } }`, map[string]any{"id": id})
	want(t, a.get("", `{ offerings { totalCount nodes { provenance { source { id } } } } }`, nil).at("data.offerings.totalCount"), `7`)
}

// What was merged says so, and into what; both can be found to undo it.
func TestMerged(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	clerk := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(clerk, belzig, "Verein")
	save := func(title string) string {
		return a.save(clerk, map[string]any{"kind": "SERVICE", "title": title, "provider": provider,
			"translations": []any{map[string]any{"locale": "en", "title": "English " + title, "description": "In English"}}}).text("id")
	}
	one, two := save("Beratung"), save("Beratungsstelle")
	a.get(clerk, `mutation($id: ID!, $others: [ID!]!) { mergeOfferings(id: $id, others: $others) { userErrors { code } } }`, map[string]any{"id": one, "others": []string{two}})
	look := `query($id: ID!) { offering(id: $id) { status translations { description } editorial { mergedInto merged { id title provider { name municipality { ags } } source { name } } } } }`
	want(t, a.get(clerk, look, map[string]any{"id": one}).at("data.offering"), `{"status": "PUBLISHED", "translations": [{"description": "In English"}], "editorial": {"mergedInto": null, "merged": [{"id": "`+two+`", "title": "Beratungsstelle",
		"provider": {"name": "Verein", "municipality": {"ags": "12069020"}}, "source": null}]}}`)
	want(t, a.get(clerk, look, map[string]any{"id": two}).at("data.offering"), `{"status": "WITHDRAWN", "translations": [{"description": "In English"}], "editorial": {"mergedInto": "`+one+`", "merged": []}}`)
	a.get(clerk, `mutation($id: ID!, $two: ID!) { splitOffering(id: $id, offering: $two) { userErrors { code } } }`, map[string]any{"id": one, "two": two})
	want(t, a.get(clerk, look, map[string]any{"id": two}).at("data.offering.editorial"), `{"mergedInto": null, "merged": []}`)
}
