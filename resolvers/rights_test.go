package resolvers_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"umland/ent"
	"umland/pgdev"
	"umland/pgdev/pgtest"
	"umland/store/storetest"
)

// What is not published shows to nobody but its owner: not in lists, by id, through node, in counts, or in the calendar.
func TestVisibility(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	owner := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(owner, belzig, "Verein")
	stranger, club := a.key(brandis, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish), a.key(provider, ent.ScopeRead, ent.ScopeWrite)
	event := func(token, title string, publish bool) string {
		return a.save(token, map[string]any{"kind": "EVENT", "title": title, "provider": provider, "publish": publish, "place": map[string]any{"name": "Saal " + title},
			"schedule": map[string]any{"start": "2026-12-01T19:00:00+01:00"}}).text("id")
	}
	ids := map[string]string{"DRAFT": event(owner, "Entwurf", false), "IN_REVIEW": event(club, "Zur Prüfung", true), "PUBLISHED": event(owner, "Fest", true), "WITHDRAWN": event(owner, "Zurück", true)}
	out := a.get(owner, `mutation($id: ID!) { withdrawOffering(id: $id, reason: "Regen") { offering { status version } userErrors { code } } }`, map[string]any{"id": ids["WITHDRAWN"]})
	want(t, out.at("data.withdrawOffering"), `{"offering": {"status": "WITHDRAWN", "version": 2}, "userErrors": []}`)

	for status, id := range ids {
		own := a.get(owner, `query($id: ID!) { offering(id: $id) { status place { id } occurrences { nodes { id } } } }`, map[string]any{"id": id})
		if own.text("data.offering.status") != status {
			t.Errorf("%s is %v to its owner", status, own)
		}
		place, date := own.text("data.offering.place.id"), own.text("data.offering.occurrences.nodes.0.id")
		for who, token := range map[string]string{"the public": "", "a stranger": stranger} {
			out := a.get(token, `query($id: ID!, $ids: [ID!]!) { offering(id: $id) { id } node(id: $id) { id } nodes(ids: $ids) { id } }`,
				map[string]any{"id": id, "ids": []string{id, place, date}})
			seen := out.at("data.offering") != nil
			for _, path := range []string{"node", "nodes.0", "nodes.1", "nodes.2"} {
				if (out.at("data."+path) != nil) != seen {
					t.Errorf("%s: %s differs for %s: %v", status, path, who, out["data"])
				}
			}
			if seen != (status == "PUBLISHED") {
				t.Errorf("%s shows to %s: %v", status, who, seen)
			}
		}
	}
	for _, token := range []string{"", stranger, owner} {
		out := a.get(token, `query($provider: ID!) { offerings { totalCount nodes { title } } occurrences(from: "2026-11-01T00:00:00Z", to: "2027-01-01T00:00:00Z") { totalCount nodes { offering { title } } }
			municipality(ags: "12069020") { offerings { totalCount nodes { title } } } region(key: "12069") { offerings { totalCount nodes { title } } }
			provider(id: $provider) { offerings { totalCount nodes { title } } } }`, map[string]any{"provider": provider})
		fest := `{"totalCount": 1, "nodes": [{"title": "Fest"}]}`
		want(t, out.at("data"), `{"offerings": `+fest+`, "occurrences": {"totalCount": 1, "nodes": [{"offering": {"title": "Fest"}}]},
			"municipality": {"offerings": `+fest+`}, "region": {"offerings": `+fest+`}, "provider": {"offerings": `+fest+`}}`)
	}
}

// Who may what, by key.
func TestRights(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	one, two := a.provider(town, belzig, "Eins"), a.provider(town, belzig, "Zwei")
	member, trusted := a.key(one, ent.ScopeWrite), a.key(one, ent.ScopeWrite, ent.ScopePublish)
	reader, elsewhere := a.key(belzig, ent.ScopeRead), a.key(brandis, ent.ScopeWrite, ent.ScopePublish)
	service := func(provider, title string) map[string]any {
		return map[string]any{"kind": "SERVICE", "title": title, "provider": provider, "externalId": title}
	}

	if out := a.ask("", saveOffering, map[string]any{"in": service(one, "a")}); out.errorCode() != "UNAUTHENTICATED" || out.at("data.saveOffering") != nil {
		t.Errorf("the public: %v", out)
	}
	if out := a.ask(reader, saveOffering, map[string]any{"in": service(one, "a")}); out.errorCode() != "FORBIDDEN" {
		t.Errorf("a key that only reads: %v", out)
	}
	want(t, a.faults(member, service(two, "a")), `["input.provider FORBIDDEN"]`)
	want(t, a.faults(elsewhere, service(one, "a")), `["input.provider FORBIDDEN"]`)
	review := a.save(member, service(one, "a"))
	if review["status"] != "IN_REVIEW" {
		t.Errorf("a member published: %v", review)
	}
	if o := a.save(trusted, service(one, "b")); o["status"] != "PUBLISHED" {
		t.Errorf("a trusted member could not publish: %v", o)
	}
	// What was approved and is then changed by someone who may not publish waits again.
	publish := `mutation($id: ID!) { publishOffering(id: $id) { offering { status version } userErrors { path code } } }`
	id := map[string]any{"id": review["id"]}
	want(t, a.get(member, publish, id).at("data.publishOffering"), `{"offering": {"status": "IN_REVIEW", "version": 1}, "userErrors": []}`)
	want(t, a.get(elsewhere, publish, id).at("data.publishOffering"), `{"offering": null, "userErrors": [{"path": ["id"], "code": "NOT_FOUND"}]}`)
	want(t, a.get(town, publish, id).at("data.publishOffering"), `{"offering": {"status": "PUBLISHED", "version": 2}, "userErrors": []}`)
	want(t, a.get(town, publish, id).at("data.publishOffering"), `{"offering": {"status": "PUBLISHED", "version": 2}, "userErrors": []}`)
	want(t, a.get(elsewhere, publish, id).at("data.publishOffering"), `{"offering": null, "userErrors": [{"path": ["id"], "code": "FORBIDDEN"}]}`)
	if o := a.save(member, service(one, "a")); o["status"] != "PUBLISHED" || o["version"] != 2.0 {
		t.Errorf("the same again: %v", o)
	}
	changed := service(one, "a")
	changed["summary"] = "Neu"
	if o := a.save(member, changed); o["status"] != "IN_REVIEW" || o["version"] != 3.0 {
		t.Errorf("a change without review: %v", o)
	}
	// What stands in another municipality is for that one to review, and to publish.
	away := service(one, "c")
	away["place"] = map[string]any{"name": "Markt", "longitude": 12.6108, "latitude": 51.3366}
	o := a.save(trusted, away)
	want(t, o["municipality"], `{"ags": "`+brandis+`"}`)
	if o["status"] != "IN_REVIEW" {
		t.Errorf("published elsewhere: %v", o)
	}
	want(t, a.get(elsewhere, publish, map[string]any{"id": o["id"]}).at("data.publishOffering"), `{"offering": {"status": "PUBLISHED", "version": 2}, "userErrors": []}`)
	// What was withdrawn stays so until it is published again.
	a.get(town, `mutation($id: ID!) { withdrawOffering(id: $id) { offering { id } } }`, id)
	if o := a.save(member, changed); o["status"] != "WITHDRAWN" {
		t.Errorf("a repeated save brought it back: %v", o)
	}
	want(t, a.get(town, publish, id).at("data.publishOffering.offering.status"), `"PUBLISHED"`)

	save := func(token, in string) []string {
		return faultList(a.get(token, `mutation { saveProvider(input: {`+in+`}) { userErrors { path code message } } }`, nil).at("data.saveProvider.userErrors"))
	}
	want(t, save(member, `name: "Drei", kind: CLUB, municipality: "12069020"`), `["input.id FORBIDDEN"]`)
	want(t, save(member, `id: "`+two+`", name: "Drei", kind: CLUB, municipality: "12069020"`), `["input.id FORBIDDEN"]`)
	want(t, save(member, `id: "`+one+`", name: "Eins e. V.", kind: CLUB, municipality: "12069020"`), `null`)
	want(t, save(town, `name: "Drei", kind: CLUB, municipality: "14729070"`), `["input.municipality FORBIDDEN"]`)
	want(t, save(town, `name: "Drei", kind: CLUB, municipality: "99999999"`), `["input.municipality NOT_FOUND"]`)

	want(t, a.get(trusted, `{ viewer { name scopes municipality { name } provider { name } } }`, nil).at("data.viewer"), `{"name": "Test", "scopes": ["write", "publish"], "municipality": null, "provider": {"name": "Eins e. V."}}`)
	want(t, a.get(town, `{ viewer { municipality { name regions { key } } provider { name } } }`, nil).at("data.viewer"),
		`{"municipality": {"name": "Bad Belzig", "regions": [{"key": "12"}, {"key": "12069"}, {"key": "120690020"}]}, "provider": null}`)
}

// A key that was revoked, has expired, or never was is told so, whatever is asked.
func TestDeadKeys(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite)
	keys, err := a.st.Keys(context.Background(), ent.System("Test"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.st.RevokeKey(context.Background(), ent.System("Test"), a.clock(), keys[0].ID); err != nil {
		t.Fatal(err)
	}
	for _, dead := range []string{token, "uml_" + strings.Repeat("a", 43), "x", strings.Repeat("y", 10_000)} {
		req, _ := http.NewRequest(http.MethodPost, a.url, strings.NewReader(`{"query": "{ credits { text } }"}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+dead)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized || res.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%.20s: %s", dead, res.Status)
		}
		if out := a.ask(dead, `{ credits { text } }`, nil); out.errorCode() != "UNAUTHENTICATED" || out["data"] != nil {
			t.Errorf("%.20s: %v", dead, out)
		}
	}
}

// The same offering, posted many times at once, is one.
func TestConcurrentSaves(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "Verein")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			in := map[string]any{"kind": "SERVICE", "title": "Gleich", "provider": provider}
			if i%2 == 0 {
				in["externalId"] = "gleich"
			}
			out := a.ask(token, saveOffering, map[string]any{"in": in})
			if out["errors"] != nil || len(faultList(out.at("data.saveOffering.userErrors"))) > 0 {
				t.Errorf("%v", out)
			}
		})
	}
	wg.Wait()
	want(t, a.get("", `{ offerings { totalCount nodes { version } } }`, nil).at("data.offerings"), `{"totalCount": 2, "nodes": [{"version": 1}, {"version": 1}]}`)
}

// While Postgres is away every answer says so, and when it is back all goes on; nothing is half-written.
func TestPostgresAway(t *testing.T) {
	t.Parallel()
	pg := pgtest.NewServer(t)
	dsn, err := pg.CreateDatabase(context.Background(), "umland")
	if err != nil {
		t.Fatal(err)
	}
	if err := storetest.Prepare(context.Background(), dsn); err != nil {
		t.Fatal(err)
	}
	a := serve(t, storetest.Open(t, dsn))
	token := a.key(belzig, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(token, belzig, "Verein")
	a.save(token, map[string]any{"kind": "SERVICE", "title": "Vorher", "provider": provider})
	if err := pg.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{`{ offerings { totalCount } }`, `{ provider(id: "` + provider + `") { name } }`} {
		out := a.ask("", query, nil)
		if code := out.errorCode(); code != "SERVICE_UNAVAILABLE" {
			t.Errorf("%s: %v", query, out)
		}
		if message := out.text("errors.0.message"); strings.Contains(message, "connect") || strings.Contains(message, "/") {
			t.Errorf("it says %q", message)
		}
	}
	if out := a.ask(token, saveOffering, map[string]any{"in": map[string]any{"kind": "SERVICE", "title": "Jetzt", "provider": provider}}); out.errorCode() != "SERVICE_UNAVAILABLE" {
		t.Errorf("a save: %v", out)
	}
	want(t, a.ask("", `{ municipality(ags: "12069020") { name } }`, nil).at("data.municipality.name"), `"Bad Belzig"`) // which needs none
	again, err := pgdev.Start(context.Background(), pg.Options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Stop() })
	deadline := time.Now().Add(20 * time.Second)
	for {
		out := a.ask("", `{ offerings { totalCount nodes { title } } }`, nil)
		if out["errors"] == nil {
			want(t, out.at("data.offerings"), `{"totalCount": 1, "nodes": [{"title": "Vorher"}]}`)
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("still %v", out)
		}
	}
	a.save(token, map[string]any{"kind": "SERVICE", "title": "Nachher", "provider": provider})
}
