package resolvers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"

	"umland/ent"
)

// syncApp keeps a copy by the change feed, as an app does.
type syncApp struct {
	a      *api
	cursor string
	copy   map[string]string // title by id
	seen   map[string]bool   // cursors
}

// pull reads all pages that there are.
func (s *syncApp) pull() {
	for {
		vars := map[string]any{}
		if s.cursor != "" {
			vars["after"] = s.cursor
		}
		out := s.a.get("", `query($after: String) { changes(after: $after, first: 7) { nodes { cursor id offering { title } } pageInfo { hasNextPage endCursor } } }`, vars)
		for _, n := range out.at("data.changes.nodes").([]any) {
			n := object(n.(map[string]any))
			if s.seen[n.text("cursor")] {
				s.a.t.Errorf("%s came twice", n.text("cursor"))
			}
			s.seen[n.text("cursor")] = true
			if n.at("offering") == nil {
				delete(s.copy, n.text("id"))
			} else {
				s.copy[n.text("id")] = n.text("offering.title")
			}
		}
		if end := out.text("data.changes.pageInfo.endCursor"); end != "" {
			s.cursor = end
		}
		if out.at("data.changes.pageInfo.hasNextPage") != true {
			return
		}
	}
}

// An app that follows the feed while many write ends with exactly what is published.
func TestChangesWhileWriting(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	app := &syncApp{a: a, copy: map[string]string{}, seen: map[string]bool{}}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(w)))
			for i := range 25 {
				in := map[string]any{"kind": "SERVICE", "title": fmt.Sprintf("%d %d", w, i), "provider": provider, "externalId": fmt.Sprintf("%d-%d", w, r.IntN(8))}
				out := a.ask(town, saveOffering, map[string]any{"in": in})
				if id := out.text("data.saveOffering.offering.id"); r.IntN(3) == 0 && id != "" {
					verb := []string{"withdrawOffering", "publishOffering"}[r.IntN(2)]
					a.ask(town, `mutation($id: ID!) { `+verb+`(id: $id)`+payload, map[string]any{"id": id})
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		app.pull()
	}
	app.pull()
	published := map[string]string{}
	for _, n := range a.get("", `{ offerings(first: 100) { nodes { id title } } }`, nil).at("data.offerings.nodes").([]any) {
		n := object(n.(map[string]any))
		published[n.text("id")] = n.text("title")
	}
	b, _ := json.Marshal(published)
	want(t, app.copy, string(b))
	if n := a.count("SELECT count(*) FROM change WHERE noun = 'OFFERING'"); n != len(app.seen) {
		t.Errorf("the log has %d changes, the app saw %d", n, len(app.seen))
	}
}

// A transaction that began first and ends last is not missed by who has read what came after it.
func TestChangesOutOfOrder(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	first := a.save(town, event(provider, "Eins")).text("id")
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, a.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	slow, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slow.Exec(ctx, "INSERT INTO change (at, noun, key, gone) SELECT now(), 'OFFERING', id, false FROM offering"); err != nil {
		t.Fatal(err)
	}
	second := a.save(town, event(provider, "Zwei")).text("id")
	app := &syncApp{a: a, copy: map[string]string{}, seen: map[string]bool{}}
	app.pull()
	before := len(app.seen)
	if err := slow.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	app.pull()
	if len(app.seen) != before+1 || before != 2 || app.copy[first] != "Eins" || app.copy[second] != "Zwei" {
		t.Errorf("before %d, then %d: %v", before, len(app.seen), app.copy)
	}
}

// Subscribers hear of what matches their filter, what leaves it, and after a lost connection of what they missed.
func TestSubscription(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	go func() {
		for ctx.Err() == nil {
			_ = a.st.Listen(ctx)
		}
	}()
	town, other := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish), a.key(brandis, ent.ScopeWrite, ent.ScopePublish)
	provider, elsewhere := a.provider(town, belzig, "Verein"), a.provider(other, brandis, "Chor")
	dial := func(after string) *websocket.Conn {
		t.Helper()
		conn, _, err := websocket.Dial(ctx, strings.Replace(a.url, "http", "ws", 1), &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			t.Fatal(err)
		}
		vars := map[string]any{"filter": map[string]any{"municipalities": []string{belzig}}}
		if after != "" {
			vars["after"] = after
		}
		write := func(m map[string]any) {
			b, _ := json.Marshal(m)
			if err := conn.Write(ctx, websocket.MessageText, b); err != nil {
				t.Fatal(err)
			}
		}
		write(map[string]any{"type": "connection_init"})
		if _, b, err := conn.Read(ctx); err != nil || !strings.Contains(string(b), "connection_ack") {
			t.Fatalf("%s %v", b, err)
		}
		write(map[string]any{"id": "1", "type": "subscribe", "payload": map[string]any{"variables": vars,
			"query": `subscription($filter: OfferingFilter, $after: String) { offeringChanged(filter: $filter, after: $after) { cursor id offering { title provider { name } } } }`}})
		return conn
	}
	next := func(conn *websocket.Conn) object {
		t.Helper()
		_, b, err := conn.Read(ctx)
		var m object
		if err == nil {
			err = json.Unmarshal(b, &m)
		}
		if err != nil || m.text("type") != "next" {
			t.Fatalf("%s %v", b, err)
		}
		o, _ := m.at("payload.data.offeringChanged").(map[string]any)
		return o
	}
	conn := dial("")
	time.Sleep(200 * time.Millisecond) // until it follows
	a.save(other, event(elsewhere, "Anderswo"))
	id := a.save(town, event(provider, "Fest")).text("id")
	m := next(conn)
	want(t, m["offering"], `{"title": "Fest", "provider": {"name": "Verein"}}`)
	_ = conn.CloseNow()
	a.get(town, `mutation($id: ID!) { withdrawOffering(id: $id)`+payload, map[string]any{"id": id})
	a.save(other, event(elsewhere, "Noch anderswo"))
	a.save(town, event(provider, "Markt"))
	conn = dial(m.text("cursor"))
	m = next(conn)
	if m["id"] != id || m["offering"] != nil {
		t.Errorf("after the connection was lost: %v", m)
	}
	want(t, next(conn).at("offering.title"), `"Markt"`)
	// It moves away: who asked for this town is told that it is gone.
	away := event(provider, "Markt")
	away["place"] = map[string]any{"name": "Markt", "longitude": 12.6108, "latitude": 51.3366}
	a.save(a.operator(), away)
	want(t, next(conn)["offering"], `null`)
	_ = conn.CloseNow()

	bad := a.as(nil, `subscription { offeringChanged(after: "x") { id } }`)
	if bad.errorCode() != "BAD_USER_INPUT" {
		t.Errorf("a cursor of nothing: %v", bad)
	}
}

// The table in docs/rights.md is what the server does.
func TestRightsTable(t *testing.T) {
	t.Parallel()
	table := rightsTable(t)
	a := newAPI(t)
	roles := []string{"PUBLIC", "MEMBER", "TRUSTED", "EDITOR", "REVIEWER", "OPERATOR"}
	operator := ent.System("Test")
	town := a.key(belzig, ent.RoleReviewer.Scopes()...)
	away := a.key(brandis, ent.ScopeWrite, ent.ScopePublish)
	provider, foreign := a.provider(town, belzig, "Verein"), a.provider(away, brandis, "Chor")
	ags := belzig
	own, _ := ent.ParseProviderID(provider)
	actor := func(role string) *ent.Actor {
		r := ent.Role(role)
		g := ent.Grant{Role: r}
		switch r {
		case "PUBLIC":
			return nil
		case ent.RoleMember, ent.RoleTrusted:
			g.ProviderID = &own
		case ent.RoleEditor, ent.RoleReviewer:
			g.AGS = &ags
		}
		return &ent.Actor{Kind: ent.ActorPerson, ID: ent.NewID(), Name: role, Grants: []ent.Grant{g}, Scopes: r.Scopes()}
	}
	n := 0
	// subject makes an offering in the state that the mutation needs, and gives its id.
	subject := func(mutation, provider string, public bool) string {
		n++
		make := func(query string) object { return a.as(operator, query) }
		in := fmt.Sprintf(`kind: EVENT, title: "Nr. %d", provider: %q, schedule: {start: "2026-12-01T19:00:00+01:00"}`, n, provider)
		publish := public || !slices.Contains([]string{"submitOffering", "reviewOffering", "publishOffering"}, mutation)
		id := make(fmt.Sprintf(`mutation { saveOffering(input: {%s, publish: %v}) { offering { id } } }`, in, publish)).text("data.saveOffering.offering.id")
		switch {
		case public:
		case mutation == "reviewOffering":
			make(`mutation { submitOffering(id: "` + id + `") { offering { id } } }`)
		case mutation == "undoWithdraw":
			make(`mutation { withdrawOffering(id: "` + id + `") { offering { id } } }`)
		case mutation == "restoreOffering":
			make(`mutation { saveOffering(input: {id: "` + id + `", ` + in + `, summary: "neu"}) { offering { id } } }`)
		}
		return id
	}
	key := func(provider string) string {
		return a.as(operator, `mutation { createKey(input: {name: "x", provider: "`+provider+`", scopes: [READ]}) { key { id } } }`).text("data.createKey.key.id")
	}
	// hook makes a webhook of the provider's with a delivery.
	hook := func(mutation, provider string) (id, delivery string) {
		if !strings.HasSuffix(mutation, "Webhook") && mutation != "rotateWebhookSecret" && mutation != "redeliver" || mutation == "saveWebhook" {
			return "", ""
		}
		a.sql("DELETE FROM webhook") // one owner may have 20
		id = a.as(operator, `mutation { saveWebhook(input: {name: "x", url: "https://app.example/", provider: "`+provider+`", filter: {kinds: [TOUR]}}) { webhook { id } } }`).text("data.saveWebhook.webhook.id")
		delivery = ent.NewID().String()
		a.sql(`INSERT INTO webhook_delivery (id, webhook_id, position, at, offering_id, gone, state, next_at, created_at)
			VALUES ($1, $2, 1, now(), $1, true, 'DONE', now(), now())`, delivery, strings.TrimPrefix(id, "hook_"))
		return id, "dlv_" + delivery
	}
	person := func() string {
		n++
		p, err := a.st.PersonByEmail(context.Background(), fmt.Sprintf("jemand%d@example.org", n), a.clock())
		if err != nil {
			t.Fatal(err)
		}
		return p.NodeID()
	}
	role := func(provider string) string {
		return a.as(operator, `mutation { grantRole(input: {person: "`+person()+`", role: MEMBER, provider: "`+provider+`"}) { person { memberships { id } } } }`).
			text("data.grantRole.person.memberships.0.id")
	}
	// ask runs the mutation on something of the provider's.
	ask := func(who *ent.Actor, mutation, provider, ags string, public bool) object {
		const result = `{ offering { status } userErrors { code message } }`
		id := ""
		if strings.Contains(mutation, "Offering") || mutation == "keepApart" || mutation == "undoWithdraw" || mutation == "releaseField" || mutation == "saveOccurrence" {
			id = subject(mutation, provider, public)
		}
		src, other := "", ""
		switch mutation {
		case "deleteSource", "pauseSource", "harvestSource", "decideQuarantine", "saveSource":
			src = a.as(operator, fmt.Sprintf(`mutation { saveSource(input: {format: "ical", url: "http://127.0.0.1:1/x.ics", municipality: %q}) { source { id } } }`, ags)).text("data.saveSource.source.id")
			if key, _ := ent.ParseSourceID(src); mutation == "decideQuarantine" {
				a.sql(`INSERT INTO harvest (id, source_id, started_at, finished_at, outcome, bytes, sha256, fetch_ms, parse_ms, save_ms, added, changed, same, gone, refused)
					VALUES ($1, $2, now(), now(), 'QUARANTINED', 0, '', 0, 0, 0, 0, 0, 0, 9, 0)`, ent.NewID(), key)
			}
		case "mergeOfferings", "keepApart":
			other = subject("withdrawOffering", provider, public)
		case "splitOffering":
			other = subject("withdrawOffering", provider, public)
			if out := a.as(operator, fmt.Sprintf(`mutation { mergeOfferings(id: %q, others: [%q]) { userErrors { message } } }`, id, other)); len(out.list("data.mergeOfferings.userErrors", "message")) > 0 {
				t.Errorf("%v", out)
			}
		}
		n++
		save := fmt.Sprintf(`{id: %q, kind: EVENT, title: "Neu %d", provider: %q}`, id, n, provider)
		webhook, delivery := hook(mutation, provider)
		call := map[string]string{
			"saveOffering":        `(input: ` + save + `) ` + result,
			"saveOfferings":       `(inputs: [` + save + `]) { results ` + result + ` }`,
			"reviewOffering":      `(id: "` + id + `", decision: APPROVE) ` + result,
			"restoreOffering":     `(id: "` + id + `", version: 1) ` + result,
			"releaseField":        `(id: "` + id + `", field: "title") ` + result,
			"saveOccurrence":      `(input: {offering: "` + id + `", original: "2026-12-01T19:00:00+01:00", status: CANCELLED}) ` + result,
			"eraseOffering":       `(id: "` + id + `") { userErrors { code message } }`,
			"saveProvider":        fmt.Sprintf(`(input: {id: %q, name: "Verein %d", kind: CLUB, municipality: %q}) { userErrors { code message } }`, provider, n, ags),
			"verifyProvider":      `(id: "` + provider + `", verified: true) { userErrors { code message } }`,
			"createKey":           `(input: {name: "x", provider: "` + provider + `", scopes: [READ]}) { userErrors { code message } }`,
			"rotateKey":           `(id: "` + key(provider) + `") { userErrors { code message } }`,
			"revokeKey":           `(id: "` + key(provider) + `") { userErrors { code message } }`,
			"saveWebhook":         `(input: {name: "x", url: "https://app.example/", provider: "` + provider + `"}) { userErrors { code message } }`,
			"deleteWebhook":       `(id: "` + webhook + `") { userErrors { code message } }`,
			"pauseWebhook":        `(id: "` + webhook + `", paused: true) { userErrors { code message } }`,
			"redeliver":           `(deliveryId: "` + delivery + `") { userErrors { code message } }`,
			"rotateWebhookSecret": `(id: "` + webhook + `") { userErrors { code message } }`,
			"createPostingLink":   `(input: {provider: "` + provider + `"}) { userErrors { code message } }`,
			"grantRole":           fmt.Sprintf(`(input: {email: "verein%d@example.org", role: MEMBER, provider: %q}) { userErrors { code message } }`, n, provider),
			"revokeRole":          `(id: "` + role(provider) + `") { userErrors { code message } }`,
			"deletePerson":        map[bool]string{false: "", true: `(id: "` + person() + `")`}[public] + ` { userErrors { code message } }`,
			"saveSource":          fmt.Sprintf(`(input: {format: "ical", url: "http://127.0.0.1:1/y.ics", municipality: %q}) { userErrors { code message } }`, ags),
			"deleteSource":        `(id: "` + src + `") { userErrors { code message } }`,
			"pauseSource":         `(id: "` + src + `", paused: true) { userErrors { code message } }`,
			"harvestSource":       `(id: "` + src + `") { userErrors { code message } }`,
			"decideQuarantine":    `(id: "` + src + `", decision: REJECT) { userErrors { code message } }`,
			"mergeOfferings":      fmt.Sprintf(`(id: %q, others: [%q]) `, id, other) + result,
			"keepApart":           fmt.Sprintf(`(id: %q, other: %q) `, id, other) + result,
			"splitOffering":       fmt.Sprintf(`(id: %q, offering: %q) `, id, other) + result,
		}[mutation]
		if call == "" {
			call = `(id: "` + id + `") ` + result
		}
		return a.as(who, "mutation { "+mutation+call+" }")
	}
	outcome := func(mutation string, out object) string {
		if code := out.errorCode(); code == "UNAUTHENTICATED" || code == "FORBIDDEN" {
			return "–"
		}
		path := "data." + mutation
		if mutation == "saveOfferings" {
			path += ".results.0"
		}
		if faults, _ := out.at(path + ".userErrors").([]any); len(faults) > 0 {
			for _, f := range faults {
				if code := f.(map[string]any)["code"]; code != "FORBIDDEN" && code != "NOT_FOUND" {
					t.Errorf("%s: %v", mutation, out)
				}
			}
			return "–"
		}
		if out.at(path) == nil {
			t.Errorf("%s: %v", mutation, out)
		}
		if status := out.text(path + ".offering.status"); status == "IN_REVIEW" {
			return "◐"
		}
		return "✓"
	}
	for _, f := range a.schema().Mutation.Fields {
		row, ok := table[f.Name]
		if !ok {
			t.Errorf("docs/rights.md does not have %s", f.Name)
			continue
		}
		delete(table, f.Name)
		for i, role := range roles {
			if got := outcome(f.Name, ask(actor(role), f.Name, provider, belzig, false)); got != row[i] {
				t.Errorf("%s as %s: %s, the docs say %s", f.Name, role, got, row[i])
			}
			if role == "PUBLIC" || role == "OPERATOR" {
				continue
			}
			if got := outcome(f.Name, ask(actor(role), f.Name, foreign, brandis, true)); got != row[len(roles)] {
				t.Errorf("%s as %s on another's: %s, the docs say %s", f.Name, role, got, row[len(roles)])
			}
		}
	}
	for name := range table {
		t.Errorf("docs/rights.md has %s, the schema has not", name)
	}
}
