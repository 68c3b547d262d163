package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"umland/ent"
	"umland/store"
)

const payload = ` { offering { id status version } userErrors { path code } } }`

func event(provider, title string) map[string]any {
	return map[string]any{"kind": "EVENT", "title": title, "provider": provider, "externalId": title, "schedule": map[string]any{"start": "2026-12-01T19:00:00+01:00", "end": "2026-12-01T21:00:00+01:00"}}
}

// From a draft to the public, by way of a review that returns it once.
func TestReview(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish, ent.ScopeReview)
	provider := a.provider(town, belzig, "Verein")
	member := a.key(provider, ent.ScopeRead, ent.ScopeWrite)
	in := event(provider, "Fest")
	in["publish"] = false
	id := map[string]any{"id": a.save(member, in).text("id")}
	want(t, a.get(member, `mutation($id: ID!) { submitOffering(id: $id)`+payload, id).at("data.submitOffering.offering.status"), `"IN_REVIEW"`)
	want(t, a.ask(member, `mutation($id: ID!) { reviewOffering(id: $id, decision: APPROVE)`+payload, id).errorCode(), `"FORBIDDEN"`)
	queue := `{ managedOfferings(needsAttention: true) { totalCount nodes { title status editorial { mayEdit mayPublish mayReview reviewNote } } } }`
	want(t, a.get(town, queue, nil).at("data.managedOfferings"),
		`{"totalCount": 1, "nodes": [{"title": "Fest", "status": "IN_REVIEW", "editorial": {"mayEdit": true, "mayPublish": true, "mayReview": true, "reviewNote": null}}]}`)
	want(t, a.get(town, `mutation($id: ID!) { reviewOffering(id: $id, decision: RETURN, note: "Bitte den Eintritt nennen.")`+payload, id).at("data.reviewOffering.offering.status"), `"DRAFT"`)
	want(t, a.get(member, queue, nil).at("data.managedOfferings"),
		`{"totalCount": 1, "nodes": [{"title": "Fest", "status": "DRAFT", "editorial": {"mayEdit": true, "mayPublish": false, "mayReview": false, "reviewNote": "Bitte den Eintritt nennen."}}]}`)
	in["price"], in["publish"] = map[string]any{"free": true}, true
	if o := a.save(member, in); o["status"] != "IN_REVIEW" {
		t.Errorf("saved again: %v", o)
	}
	want(t, a.get(town, `mutation($id: ID!) { reviewOffering(id: $id, decision: APPROVE)`+payload, id).at("data.reviewOffering.offering.status"), `"PUBLISHED"`)
	want(t, a.get(town, `mutation($id: ID!) { reviewOffering(id: $id, decision: APPROVE)`+payload, id).at("data.reviewOffering.userErrors"), `[{"path": ["id"], "code": "INVALID"}]`)
	history := a.get(member, `query($id: ID!) { offering(id: $id) { editorial { revisions { totalCount nodes { version action byKind status changes { name } } } } } }`, id)
	want(t, history.at("data.offering.editorial.revisions"), `{"totalCount": 5, "nodes": [
		{"version": 5, "action": "APPROVE", "byKind": "KEY", "status": "PUBLISHED", "changes": []},
		{"version": 4, "action": "SAVE", "byKind": "KEY", "status": "IN_REVIEW", "changes": [{"name": "price"}]},
		{"version": 3, "action": "RETURN", "byKind": "KEY", "status": "DRAFT", "changes": []},
		{"version": 2, "action": "SUBMIT", "byKind": "KEY", "status": "IN_REVIEW", "changes": []},
		{"version": 1, "action": "SAVE", "byKind": "KEY", "status": "DRAFT", "changes": `+firstChanges(history)+`}]}`)
	want(t, a.get("", `query($id: ID!) { offering(id: $id) { editorial { mayEdit } } }`, id).at("data.offering.editorial"), `null`)
	audit := a.get(a.operator(), `{ audit { nodes { action subject detail } } }`, nil)
	want(t, audit.at("data.audit.nodes.1.action"), `"APPROVE"`)
	want(t, audit.at("data.audit.nodes.2.detail.note"), `"Bitte den Eintritt nennen."`)
}

func firstChanges(o object) string {
	nodes := o.at("data.offering.editorial.revisions.nodes").([]any)
	b, _ := json.Marshal(nodes[len(nodes)-1].(map[string]any)["changes"])
	return string(b)
}

// operator makes a key that may everything.
func (a *api) operator() string { return a.key("", ent.RoleOperator.Scopes()...) }

// What is to come out at a time comes out then, and what expires goes; nothing of it shows before or after.
func TestPlanned(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeWrite, ent.ScopePublish, ent.ScopeReview)
	provider := a.provider(town, belzig, "Verein")
	member := a.key(provider, ent.ScopeRead, ent.ScopeWrite)
	titles := func() []any {
		return a.get("", `{ offerings(orderBy: TITLE) { nodes { title } } }`, nil).list("data.offerings.nodes", "title")
	}
	at := a.clock().Add(time.Hour)
	for i, token := range []string{town, member} {
		in := event(provider, fmt.Sprint("Fest ", i))
		in["publishAt"], in["expiresAt"] = at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339)
		if o := a.save(token, in); o["status"] != []string{"DRAFT", "IN_REVIEW"}[i] {
			t.Errorf("%d: %v", i, o)
		}
	}
	// What its member changes is not what was to be published.
	in := event(provider, "Fest 0")
	in["summary"] = "Neu"
	if o := a.save(member, in); o["status"] != "IN_REVIEW" {
		t.Errorf("changed by a member: %v", o)
	}
	if o := a.save(town, in); o["status"] != "DRAFT" {
		t.Errorf("wanted again by the town: %v", o)
	}
	due := func() {
		t.Helper()
		if _, err := a.st.PublishDue(context.Background(), a.clock()); err != nil {
			t.Fatal(err)
		}
	}
	due()
	want(t, titles(), `[]`)
	a.wait(time.Hour)
	due()
	want(t, titles(), `["Fest 0"]`)
	a.wait(time.Hour)
	due()
	want(t, titles(), `[]`)
	bad := event(provider, "Falsch")
	bad["publishAt"], bad["expiresAt"] = at.Format(time.RFC3339), at.Format(time.RFC3339)
	want(t, a.faults(town, bad), `["input.expiresAt INVALID"]`)
	// What has expired already is never public, not even until somebody looks; what is published after all stays.
	old := event(provider, "Vorbei")
	old["expiresAt"] = a.clock().Format(time.RFC3339)
	o := a.save(town, old)
	if again := a.save(town, old); o["status"] != "WITHDRAWN" || again["status"] != "WITHDRAWN" || again["version"] != o["version"] {
		t.Errorf("expired when it was saved: %v, again %v", o, again)
	}
	want(t, titles(), `[]`)
	out := a.get(town, `mutation { publishOffering(id: "`+o.text("id")+`") { offering { status } } }`, nil)
	due()
	if out.at("data.publishOffering.offering.status") != "PUBLISHED" {
		t.Errorf("%v", out)
	}
	want(t, titles(), `["Vorbei"]`)
	old["title"], old["expiresAt"], old["externalId"] = "Wartet", a.clock().Add(time.Hour).Format(time.RFC3339), "wartet"
	waiting := a.save(member, old).text("id")
	a.wait(2 * time.Hour)
	out = a.get(town, `mutation { reviewOffering(id: "`+waiting+`", decision: APPROVE) { offering { status } } }`, nil)
	if out.at("data.reviewOffering.offering.status") != "WITHDRAWN" {
		t.Errorf("approved when it had expired: %v", out)
	}
}

// Two editors on one offering: one is told what differs, and can put both together.
func TestConflict(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	in := event(provider, "Fest")
	a.save(town, in)
	in["summary"] = "Von der einen"
	a.save(town, in)
	delete(in, "summary")
	in["expectedVersion"], in["description"] = 1, "Vom anderen"
	out := a.get(town, `mutation($in: OfferingInput!) { saveOffering(input: $in) { offering { id } userErrors { path code message }
		conflict { current { version summary } since { name before after } mine { name before after } } } }`, map[string]any{"in": in})
	want(t, out.at("data.saveOffering"), `{"offering": null, "userErrors": [{"path": ["input", "expectedVersion"], "code": "CONFLICT",
		"message": "The offering has version 2 by now. Since the version that you expected changed: summary."}],
		"conflict": {"current": {"version": 2, "summary": "Von der einen"}, "since": [{"name": "summary", "before": null, "after": "Von der einen"}],
			"mine": [{"name": "description", "before": null, "after": "Vom anderen"}]}}`)
	in["expectedVersion"] = 2
	a.save(town, in)
	id := map[string]any{"id": a.get("", `{ offerings { nodes { id } } }`, nil).text("data.offerings.nodes.0.id")}
	want(t, a.get("", `query($id: ID!) { offering(id: $id) { summary description version } }`, id).at("data.offering"), `{"summary": "Von der einen", "description": "Vom anderen", "version": 3}`)
	// Back to an earlier version, and withdrawn and brought back.
	want(t, a.get(town, `mutation($id: ID!) { restoreOffering(id: $id, version: 1) { offering { version summary description } } }`, id).at("data.restoreOffering.offering"), `{"version": 4, "summary": null, "description": null}`)
	want(t, a.get(town, `mutation($id: ID!) { restoreOffering(id: $id, version: 99) { userErrors { path code } } }`, id).at("data.restoreOffering.userErrors"), `[{"path": ["version"], "code": "NOT_FOUND"}]`)
	a.get(town, `mutation($id: ID!) { withdrawOffering(id: $id, reason: "Regen")`+payload, id)
	want(t, a.get(town, `mutation($id: ID!) { undoWithdraw(id: $id)`+payload, id).at("data.undoWithdraw.offering.status"), `"PUBLISHED"`)
}

// What a person has set stands against every later import until it is released; what the source has instead is kept and shown.
func TestFieldProvenance(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	key, _ := ent.ParseProviderID(provider)
	source := ent.NewID()
	a.sql(`INSERT INTO source (id, name, name_key, format, licence) VALUES ($1, 'Kalender', 'kalender', 'ical', 'CC0-1.0')`, source)
	harvest := func(title, summary string) *ent.Offering {
		t.Helper()
		external := "uid-1"
		actor := &ent.Actor{Kind: ent.ActorSource, ID: source, Name: "Kalender", Grants: []ent.Grant{{Role: ent.RoleEditor, ProviderID: &key}, {Role: ent.RoleTrusted, ProviderID: &key}}, Scopes: ent.RoleTrusted.Scopes()}
		o, err := a.st.SaveOffering(context.Background(), actor, a.clock(), store.OfferingSave{ProviderID: key, ExternalID: &external, Publish: true, Edit: func(o *ent.Offering) ent.UserErrors {
			o.Kind, o.Title, o.Summary, o.SourceID = ent.KindService, title, &summary, &source
			o.Place = &ent.Place{Name: "Rathaus", Locality: &[]string{"Bad Belzig"}[0]}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	first := harvest("Termin", "eins")
	id := map[string]any{"id": first.NodeID()}
	if again := harvest("Termin", "eins"); again.Version != 1 {
		t.Errorf("the same again made version %d", again.Version)
	}
	a.save(town, map[string]any{"id": first.NodeID(), "kind": "SERVICE", "title": "Sprechstunde", "provider": provider, "place": map[string]any{"name": "Bürgerhaus", "locality": "Bad Belzig"}})
	if o := harvest("Termin neu", "zwei"); o.Title != "Sprechstunde" || *o.Summary != "zwei" || o.Version != 3 {
		t.Errorf("after the import: %q %q %d", o.Title, *o.Summary, o.Version)
	}
	if o := harvest("Termin neu", "zwei"); o.Version != 3 {
		t.Errorf("the same import made version %d", o.Version)
	}
	if o := harvest("Termin ganz neu", "zwei"); o.Version != 3 {
		t.Errorf("only what is proposed changed, and made version %d", o.Version)
	}
	fields := func() map[string]any {
		out := map[string]any{}
		for _, f := range a.get(town, `query($id: ID!) { offering(id: $id) { provenance { fields { name origin current proposed } } } }`, id).at("data.offering.provenance.fields").([]any) {
			f := f.(map[string]any)
			out[f["name"].(string)] = []any{f["origin"], f["current"], f["proposed"]}
		}
		return out
	}
	want(t, fields()["title"], `["PERSON", "Sprechstunde", "Termin ganz neu"]`)
	want(t, fields()["summary"], `["SOURCE", "zwei", null]`)
	want(t, a.get("", `query($id: ID!) { offering(id: $id) { place { name } } }`, id).at("data.offering.place.name"), `"Bürgerhaus"`)
	release := `mutation($id: ID!, $field: String!) { releaseField(id: $id, field: $field) { offering { title place { name } version } userErrors { path code } } }`
	want(t, a.get(town, release, map[string]any{"id": id["id"], "field": "title"}).at("data.releaseField.offering"), `{"title": "Termin ganz neu", "place": {"name": "Bürgerhaus"}, "version": 4}`)
	want(t, a.get(town, release, map[string]any{"id": id["id"], "field": "place"}).at("data.releaseField.offering"), `{"title": "Termin ganz neu", "place": {"name": "Rathaus"}, "version": 5}`)
	want(t, a.get(town, release, map[string]any{"id": id["id"], "field": "nichts"}).at("data.releaseField.userErrors"), `[{"path": ["field"], "code": "NOT_FOUND"}]`)
	want(t, fields()["title"], `["SOURCE", "Termin ganz neu", null]`)
	if o := harvest("Letzter", "drei"); o.Title != "Letzter" {
		t.Errorf("released, but it is %q", o.Title)
	}
}

// One date is cancelled, moved, added: the series stays, and so do they when it changes around them.
func TestOccurrenceExceptions(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	in := event(provider, "Yoga")
	in["schedule"] = map[string]any{"start": "2026-12-01T19:00:00+01:00", "end": "2026-12-01T20:00:00+01:00", "rrule": "FREQ=WEEKLY;COUNT=4"}
	id := a.save(town, in).text("id")
	change := func(more string) []string {
		return faultList(a.get(town, `mutation { saveOccurrence(input: {offering: "`+id+`", `+more+`}) { userErrors { path code } } }`, nil).at("data.saveOccurrence.userErrors"))
	}
	dates := func() any {
		return a.get("", `query($id: ID!) { offering(id: $id) { occurrences(from: "2026-11-01T00:00:00Z") { nodes { start end status } } } }`, map[string]any{"id": id}).at("data.offering.occurrences.nodes")
	}
	want(t, change(`original: "2026-12-08T19:00:00+01:00", status: CANCELLED`), `null`)
	want(t, change(`original: "2026-12-15T19:00:00+01:00", status: MOVED, start: "2026-12-16T18:00:00+01:00"`), `null`)
	want(t, change(`original: "2026-12-30T10:00:00+01:00"`), `null`)
	expected := `[{"start": "2026-12-01T19:00:00+01:00", "end": "2026-12-01T20:00:00+01:00", "status": "SCHEDULED"},
		{"start": "2026-12-08T19:00:00+01:00", "end": "2026-12-08T20:00:00+01:00", "status": "CANCELLED"},
		{"start": "2026-12-16T18:00:00+01:00", "end": "2026-12-16T19:00:00+01:00", "status": "MOVED"},
		{"start": "2026-12-22T19:00:00+01:00", "end": "2026-12-22T20:00:00+01:00", "status": "SCHEDULED"},
		{"start": "2026-12-30T10:00:00+01:00", "end": "2026-12-30T11:00:00+01:00", "status": "SCHEDULED"}]`
	want(t, dates(), expected)
	in["title"], in["externalId"] = "Yoga für alle", "Yoga"
	a.save(town, in)
	want(t, dates(), expected)
	in["schedule"].(map[string]any)["rrule"] = "FREQ=WEEKLY;COUNT=2"
	a.save(town, in)
	want(t, dates(), `[{"start": "2026-12-01T19:00:00+01:00", "end": "2026-12-01T20:00:00+01:00", "status": "SCHEDULED"},
		{"start": "2026-12-08T19:00:00+01:00", "end": "2026-12-08T20:00:00+01:00", "status": "CANCELLED"},
		{"start": "2026-12-30T10:00:00+01:00", "end": "2026-12-30T11:00:00+01:00", "status": "SCHEDULED"}]`)
	want(t, change(`original: "2026-12-08T19:00:00+01:00", reset: true`), `null`)
	want(t, change(`original: "2026-12-30T10:00:00+01:00", reset: true`), `null`)
	want(t, dates().([]any)[1].(map[string]any)["status"], `"SCHEDULED"`)
	want(t, len(dates().([]any)), `2`)
	want(t, change(`original: "2026-12-08T19:00:00+01:00", start: "2026-12-08T19:00:00+01:00", end: "2026-12-08T18:00:00+01:00"`), `["input.end INVALID"]`)
}

// The same Idempotency-Key does the same thing once, also at the same moment, and whatever it is.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	send := func(key, query string) (int, string) {
		body, _ := json.Marshal(map[string]any{"query": query})
		req, _ := http.NewRequest(http.MethodPost, a.url, bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+town)
		req.Header.Set("Idempotency-Key", key)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	// Each save changes the summary of the same offering: done twice it would be two versions.
	save := func(summary string) string {
		return `mutation { saveOffering(input: {kind: SERVICE, title: "Rat", provider: "` + provider + `", externalId: "rat", summary: "` + summary + `"}) { offering { version provider { name } editorial { mayEdit revisions { nodes { version } } } } userErrors { code } } }`
	}
	var wg sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		wg.Go(func() { _, answers[i] = send("eins", save("a")) })
	}
	wg.Wait()
	for _, b := range answers {
		if b != answers[0] || !strings.Contains(b, `"version":1`) {
			t.Errorf("%s\nnot\n%s", b, answers[0])
		}
	}
	send("zwei", save("b"))
	if _, again := send("eins", save("a")); again != answers[0] {
		t.Errorf("repeated later: %s", again)
	}
	want(t, a.get("", `{ offerings { nodes { version summary } } }`, nil).at("data.offerings.nodes"), `[{"version": 2, "summary": "b"}]`)
	if status, b := send("eins", save("c")); status != http.StatusUnprocessableEntity || !strings.Contains(b, "BAD_USER_INPUT") {
		t.Errorf("the key for another request: %d %s", status, b)
	}
	for _, bad := range []string{strings.Repeat("x", 201), "mit leer"} {
		if status, _ := send(bad, save("a")); status != http.StatusBadRequest {
			t.Errorf("%.20q: %d", bad, status)
		}
	}
}

// A link posts one offering, for a provider that had no account, and that waits for review.
func TestPostingLink(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	operator := a.operator()
	out := a.get(operator, `mutation { createPostingLink(input: {municipality: "12069020", providerName: "Chor"}) { token expiresAt provider { id name verified } userErrors { code } } }`, nil)
	token, provider := out.text("data.createPostingLink.token"), out.text("data.createPostingLink.provider.id")
	want(t, out.at("data.createPostingLink.provider.verified"), `false`)
	if o := a.save(token, event(provider, "Konzert")); o["status"] != "IN_REVIEW" {
		t.Errorf("posted: %v", o)
	}
	if out := a.ask(token, saveOffering, map[string]any{"in": event(provider, "Noch eins")}); out.errorCode() != "UNAUTHENTICATED" {
		t.Errorf("used twice: %v", out)
	}
	want(t, a.get("", `{ offerings { totalCount } }`, nil).at("data.offerings.totalCount"), `0`)
	town := a.key(belzig, ent.ScopeWrite)
	want(t, faultList(a.get(town, `mutation { createPostingLink(input: {municipality: "12069020", providerName: "Chor"}) { userErrors { path code } } }`, nil).at("data.createPostingLink.userErrors")), `["input FORBIDDEN"]`)
}

// Keys are made, listed, rotated and ended; nobody hands on more than they have.
func TestKeys(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	operator := a.operator()
	out := a.get(operator, `mutation { createKey(input: {name: "App", municipality: "12069020", scopes: [READ, WRITE]}) { token key { id role scopes municipality { name } lastUsedAt } userErrors { code } } }`, nil)
	want(t, out.at("data.createKey.key.role"), `"EDITOR"`)
	token, id := out.text("data.createKey.token"), out.text("data.createKey.key.id")
	want(t, a.get(token, `{ viewer { name scopes grants { role municipality { name } } } }`, nil).at("data.viewer"), `{"name": "App", "scopes": ["read", "write"], "grants": [{"role": "EDITOR", "municipality": {"name": "Bad Belzig"}}]}`)
	rotated := a.get(operator, `mutation { rotateKey(id: "`+id+`") { token userErrors { code } } }`, nil).text("data.rotateKey.token")
	if out := a.ask(token, `{ viewer { name } }`, nil); out.errorCode() != "UNAUTHENTICATED" {
		t.Errorf("the old token: %v", out)
	}
	want(t, a.get(rotated, `{ viewer { name } }`, nil).at("data.viewer.name"), `"App"`)
	var used any
	for _, k := range a.get(operator, `{ keys { id lastUsedAt } }`, nil).at("data.keys").([]any) {
		if k.(map[string]any)["id"] == id {
			used = k.(map[string]any)["lastUsedAt"]
		}
	}
	if used == nil {
		t.Error("when the key was used is not known")
	}
	a.get(operator, `mutation { revokeKey(id: "`+id+`") { userErrors { code } } }`, nil)
	if out := a.ask(rotated, `{ viewer { name } }`, nil); out.errorCode() != "UNAUTHENTICATED" {
		t.Errorf("the revoked one: %v", out)
	}
	// A person may hand on what they have.
	ags := belzig
	person := &ent.Actor{Kind: ent.ActorPerson, ID: uuid.New(), Name: "Amt", Grants: []ent.Grant{{Role: ent.RoleEditor, AGS: &ags}}, Scopes: ent.RoleEditor.Scopes()}
	make := func(in string) []string {
		return faultList(a.as(person, `mutation { createKey(input: {name: "x", `+in+`}) { userErrors { path code } } }`).at("data.createKey.userErrors"))
	}
	want(t, make(`municipality: "12069020", scopes: [READ, PUBLISH]`), `null`)
	want(t, make(`municipality: "12069020", scopes: [REVIEW]`), `["input.scopes FORBIDDEN"]`)
	want(t, make(`municipality: "14729070", scopes: [READ]`), `["input.scopes FORBIDDEN"]`)
	want(t, make(`region: "12069", scopes: [READ]`), `["input.scopes FORBIDDEN"]`)
	want(t, make(`scopes: [READ]`), `["input.scopes FORBIDDEN"]`)
	want(t, make(`municipality: "12069020", scopes: []`), `["input.scopes REQUIRED"]`)
}

// What is erased is gone with its history; apps are told.
func TestErase(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	id := map[string]any{"id": a.save(town, event(provider, "Fest")).text("id")}
	a.get(town, `mutation($id: ID!) { withdrawOffering(id: $id)`+payload, id)
	a.get(town, `mutation($id: ID!) { undoWithdraw(id: $id)`+payload, id)
	want(t, a.get(town, `mutation($id: ID!) { eraseOffering(id: $id) { id userErrors { code } } }`, id).at("data.eraseOffering.userErrors"), `[]`)
	want(t, a.get(town, `query($id: ID!) { offering(id: $id) { id } }`, id).at("data.offering"), `null`)
	changes := a.get("", `{ changes { nodes { id offering { title } } } }`, nil).at("data.changes.nodes").([]any)
	if last := object(changes[len(changes)-1].(map[string]any)); last["id"] != id["id"] || last["offering"] != nil || len(changes) != 4 {
		t.Errorf("the feed says %v", changes)
	}
	want(t, a.count("SELECT count(*) FROM revision"), `0`)
}

// Who is forgotten leaves what they did, and not their name.
func TestForgotten(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeWrite)
	provider := a.provider(town, belzig, "Verein")
	p, err := a.st.PersonByEmail(context.Background(), "erika@example.org", a.clock())
	if err != nil {
		t.Fatal(err)
	}
	ags := belzig
	person := &ent.Actor{Kind: ent.ActorPerson, ID: p.ID, Name: "Erika Muster", Grants: []ent.Grant{{Role: ent.RoleReviewer, AGS: &ags}}, Scopes: ent.RoleReviewer.Scopes()}
	id := a.as(person, `mutation { saveOffering(input: {kind: SERVICE, title: "Rat", provider: "`+provider+`"}) { offering { id } } }`).text("data.saveOffering.offering.id")
	a.as(person, `mutation { withdrawOffering(id: "`+id+`") { offering { id } } }`)
	a.as(person, `mutation { verifyProvider(id: "`+provider+`", verified: true) { userErrors { code } } }`)
	named := func() int {
		return a.count("SELECT (SELECT count(*) FROM offering o WHERE o::text LIKE '%Erika%') + (SELECT count(*) FROM revision r WHERE r::text LIKE '%Erika%') + (SELECT count(*) FROM audit x WHERE x::text LIKE '%Erika%')")
	}
	if n := named(); n != 3 {
		t.Fatalf("named %d times", n)
	}
	want(t, a.as(person, `mutation { deletePerson { userErrors { code } } }`).at("data.deletePerson.userErrors"), `[]`)
	if n := named(); n != 0 {
		t.Errorf("still named %d times", n)
	}
	want(t, a.as(ent.System("Test"), `query { offering(id: "`+id+`") { editorial { revisions { nodes { by action } } } } }`).at("data.offering.editorial.revisions.nodes"),
		`[{"by": "Gelöschtes Konto", "action": "WITHDRAW"}, {"by": "Gelöschtes Konto", "action": "SAVE"}]`)
}
