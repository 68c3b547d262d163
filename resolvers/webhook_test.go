package resolvers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"umland/ent"
)

const saveWebhook = `mutation($in: WebhookInput!) { saveWebhook(input: $in) { webhook { id name url filter createdBy pausedAt provider { name } municipality { name } region { name } } secret userErrors { path code } } }`

// A program makes a webhook for what it writes for, changes it, stops it and ends it; others do not see it.
func TestWebhook(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town, other := a.key(belzig, ent.ScopeWrite, ent.ScopePublish), a.key(brandis, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	club := a.key(provider, ent.ScopeWrite)
	in := map[string]any{"name": "  App  der Region ", "url": "https://app.example/hook?key=1", "provider": provider,
		"filter": map[string]any{"kinds": []string{"EVENT"}, "municipalities": []string{}, "free": false, "search": nil,
			"during": map[string]any{"to": "2027-01-01T00:00:00+01:00"}, "nearMunicipality": map[string]any{"ags": belzig}}}
	out := a.get(club, saveWebhook, map[string]any{"in": in})
	w, _ := out.at("data.saveWebhook.webhook").(map[string]any)
	id, secret := object(w).text("id"), out.text("data.saveWebhook.secret")
	delete(w, "id")
	want(t, w, `{"name": "App der Region", "url": "https://app.example/hook?key=1", "createdBy": "Test", "pausedAt": null,
		"filter": {"kinds": ["EVENT"], "free": false, "during": {"to": "2027-01-01T00:00:00+01:00"}, "nearMunicipality": {"ags": "12069020", "radiusKm": 10}},
		"provider": {"name": "Verein"}, "municipality": null, "region": null}`)
	if !strings.HasPrefix(id, "hook_") || !strings.HasPrefix(secret, "whs_") || len(secret) < 30 {
		t.Errorf("%s %s", id, secret)
	}
	list := func(token string) any { return a.get(token, `{ webhooks { id } }`, nil).at("data.webhooks") }
	mine := fmt.Sprintf(`[{"id": %q}]`, id)
	want(t, list(club), mine)
	want(t, list(town), mine)
	want(t, list(a.key("", ent.ScopeWrite, ent.ScopeAdmin)), mine)
	want(t, list(other), `[]`)

	// Another address; what is left out stays.
	out = a.get(town, saveWebhook, map[string]any{"in": map[string]any{"id": id, "name": "Neu", "url": "https://neu.example/"}})
	want(t, out.at("data.saveWebhook.secret"), `null`)
	want(t, out.at("data.saveWebhook.webhook.filter.kinds"), `["EVENT"]`)
	want(t, out.at("data.saveWebhook.webhook.provider.name"), `"Verein"`)
	// To the town, which the club may not see any more; of everything.
	out = a.get(town, saveWebhook, map[string]any{"in": map[string]any{"id": id, "name": "Neu", "url": "https://neu.example/", "municipality": belzig, "filter": nil}})
	want(t, out.at("data.saveWebhook.webhook"), `{"id": "`+id+`", "name": "Neu", "url": "https://neu.example/", "createdBy": "Test", "pausedAt": null, "filter": null,
		"provider": null, "municipality": {"name": "Bad Belzig"}, "region": null}`)
	want(t, list(club), `[]`)

	out = a.get(town, `mutation($id: ID!) { rotateWebhookSecret(id: $id) { secret webhook { id } userErrors { code } } }`, map[string]any{"id": id})
	if again := out.text("data.rotateWebhookSecret.secret"); again == secret || !strings.HasPrefix(again, "whs_") {
		t.Errorf("the secret is still %s", again)
	}
	pause := func(paused bool) object {
		return a.get(town, `mutation($id: ID!, $p: Boolean!) { pauseWebhook(id: $id, paused: $p) { webhook { pausedAt pausedReason } secret userErrors { code } } }`, map[string]any{"id": id, "p": paused})
	}
	want(t, pause(true).at("data.pauseWebhook"), `{"webhook": {"pausedAt": "2026-11-23T12:00:00+01:00", "pausedReason": null}, "secret": null, "userErrors": []}`)
	a.wait(time.Hour)
	want(t, pause(true).at("data.pauseWebhook.webhook.pausedAt"), `"2026-11-23T12:00:00+01:00"`)
	want(t, pause(false).at("data.pauseWebhook.webhook.pausedAt"), `null`)
	for _, token := range []string{club, other} {
		out = a.get(token, `mutation($id: ID!) { deleteWebhook(id: $id) { id userErrors { path code } } }`, map[string]any{"id": id})
		want(t, out.at("data.deleteWebhook"), `{"id": null, "userErrors": [{"path": ["id"], "code": "NOT_FOUND"}]}`)
	}
	out = a.get(town, `mutation($id: ID!) { deleteWebhook(id: $id) { id userErrors { path code } } }`, map[string]any{"id": id})
	want(t, out.at("data.deleteWebhook"), `{"id": "`+id+`", "userErrors": []}`)
	want(t, list(town), `[]`)
	log := a.get(a.key("", ent.ScopeAdmin), `{ audit(first: 9) { nodes { action subject detail } } }`, nil)
	want(t, log.at("data.audit.nodes.1"), `{"action": "DELETE_WEBHOOK", "subject": "`+id+`", "detail": {"name": "Neu"}}`)
}

// What a webhook cannot be is told field by field.
func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeWrite)
	foreign := a.provider(a.key(brandis, ent.ScopeWrite), brandis, "Chor")
	for name, c := range map[string]struct {
		in     map[string]any
		faults string
	}{
		"private":            {map[string]any{"url": "http://192.168.1.1/hook"}, "input.url INVALID"},
		"here":               {map[string]any{"url": "http://localhost:5432/"}, "input.url INVALID"},
		"cloud":              {map[string]any{"url": "http://169.254.169.254/latest"}, "input.url INVALID"},
		"no address":         {map[string]any{"url": "umland"}, "input.url INVALID"},
		"all at once":        {map[string]any{"name": " ", "url": "ftp://app.example", "region": "none", "municipality": nil}, "input.name REQUIRED, input.url INVALID, input.region NOT_FOUND"},
		"of two":             {map[string]any{"region": "12069"}, "input.provider INVALID"},
		"of nobody":          {map[string]any{"municipality": nil}, "input.provider FORBIDDEN"},
		"of another town":    {map[string]any{"municipality": brandis}, "input.provider FORBIDDEN"},
		"of another's club":  {map[string]any{"municipality": nil, "provider": foreign}, "input.provider FORBIDDEN"},
		"of the district":    {map[string]any{"municipality": nil, "region": "12069"}, "input.provider FORBIDDEN"},
		"an unknown one":     {map[string]any{"id": "hook_01932c1e-7b1c-7c3a-8000-000000000000"}, "input.id NOT_FOUND"},
		"no id":              {map[string]any{"id": "x"}, "input.id NOT_FOUND"},
		"an unknown filter":  {map[string]any{"filter": map[string]any{"categories": []string{"nichts"}}}, "input.filter.categories INVALID"},
		"two places":         {map[string]any{"filter": map[string]any{"near": map[string]any{"longitude": 12, "latitude": 52}, "nearMunicipality": map[string]any{"ags": belzig}}}, "input.filter.nearMunicipality INVALID"},
		"too much to filter": {map[string]any{"filter": map[string]any{"providers": many(foreign, 300)}}, "input.filter TOO_LONG"},
	} {
		in := map[string]any{"name": "App", "url": "https://app.example/", "municipality": belzig}
		for k, v := range c.in {
			in[k] = v
		}
		out := a.get(town, saveWebhook, map[string]any{"in": in})
		if got := strings.Join(faultList(out.at("data.saveWebhook.userErrors")), ", "); got != c.faults || out.at("data.saveWebhook.webhook") != nil {
			t.Errorf("%s: %s, expected %s", name, got, c.faults)
		}
	}
	link := a.as(ent.System("Test"), `mutation { createPostingLink(input: {municipality: "`+belzig+`", providerName: "Neu"}) { token provider { id } } }`)
	out := a.get(link.text("data.createPostingLink.token"), saveWebhook, map[string]any{"in": map[string]any{"name": "App", "url": "https://app.example/", "provider": link.text("data.createPostingLink.provider.id")}})
	want(t, out.at("data.saveWebhook.userErrors.0.code"), `"FORBIDDEN"`)
	for i := range 21 {
		out = a.get(town, saveWebhook, map[string]any{"in": map[string]any{"name": "App", "url": "https://app.example/", "municipality": belzig}})
		if (out.at("data.saveWebhook.webhook") == nil) != (i == 20) {
			t.Errorf("the %d.: %v", i+1, out)
		}
	}
}

func many(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

// The log of several webhooks is paged below them, in one statement.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeWrite)
	for range 2 {
		out := a.get(town, saveWebhook, map[string]any{"in": map[string]any{"name": "App", "url": "https://app.example/", "municipality": belzig}})
		id := out.text("data.saveWebhook.webhook.id")
		a.sql(`INSERT INTO webhook_delivery (id, webhook_id, position, at, offering_id, gone, state, next_at, created_at, attempts, error, status)
			SELECT gen_random_uuid(), $1, n, $2, gen_random_uuid(), false, CASE n WHEN 5 THEN 'PENDING' ELSE 'FAILED' END, $2, $2, n, 'Nr. ' || n, 500 FROM generate_series(1, 5) n`,
			strings.TrimPrefix(id, "hook_"), a.clock())
	}
	const page = `query($after: String) { webhooks { id deliveries(first: 2, after: $after) { totalCount nodes { id error status state attempts nextAttemptAt gone } pageInfo { hasNextPage endCursor } } } }`
	out := a.get(town, page, nil)
	for i := range 2 {
		at := fmt.Sprintf("data.webhooks.%d.", i)
		want(t, out.list(at+"deliveries.nodes", "error"), `["Nr. 5", "Nr. 4"]`)
		want(t, out.at(at+"deliveries.totalCount"), `5`)
	}
	want(t, out.list("data.webhooks.0.deliveries.nodes", "nextAttemptAt"), `["2026-11-23T12:00:00+01:00", null]`)
	out = a.get(town, page, map[string]any{"after": out.text("data.webhooks.0.deliveries.pageInfo.endCursor")})
	want(t, out.list("data.webhooks.0.deliveries.nodes", "error"), `["Nr. 3", "Nr. 2"]`)
	if bad := a.ask(town, page, map[string]any{"after": "x"}); bad.errorCode() != "BAD_USER_INPUT" {
		t.Errorf("a cursor of nothing: %v", bad)
	}
	failed := out.text("data.webhooks.0.deliveries.nodes.0.id")
	const redeliver = `mutation($id: ID!) { redeliver(deliveryId: $id) { delivery { state attempts error nextAttemptAt } userErrors { path code } } }`
	want(t, a.get(a.key(brandis, ent.ScopeWrite), redeliver, map[string]any{"id": failed}).at("data.redeliver"), `{"delivery": null, "userErrors": [{"path": ["deliveryId"], "code": "NOT_FOUND"}]}`)
	want(t, a.get(town, redeliver, map[string]any{"id": "dlv_x"}).at("data.redeliver.userErrors.0.code"), `"NOT_FOUND"`)
	want(t, a.get(town, redeliver, map[string]any{"id": failed}).at("data.redeliver"),
		`{"delivery": {"state": "PENDING", "attempts": 0, "error": "Nr. 3", "nextAttemptAt": "2026-11-23T12:00:00+01:00"}, "userErrors": []}`)
}
