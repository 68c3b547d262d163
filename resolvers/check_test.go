package resolvers_test

import (
	"testing"

	"umland/ent"
)

// A dry run tells what a save would do, faults and all, and leaves nothing behind.
func TestDryRun(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	town := a.key(belzig, ent.ScopeRead, ent.ScopeWrite, ent.ScopePublish)
	provider := a.provider(town, belzig, "Verein")
	member := a.key(provider, ent.ScopeRead, ent.ScopeWrite)
	event := func(title, rule string) map[string]any {
		return map[string]any{"kind": "EVENT", "title": title, "provider": provider, "externalId": title, "openingHours": "Mo 10:00-12:00",
			"place": map[string]any{"name": "Saal " + title}, "schedule": map[string]any{"start": "2026-12-14T19:00:00+01:00", "rrule": rule}}
	}
	const check = `mutation($in: [OfferingInput!]!, $dry: Boolean) { saveOfferings(inputs: $in, dryRun: $dry) { results {
		offering { status openingHours { text } schedule { text dates(first: 3) } } userErrors { path code } } } }`
	in := []any{event("a", "FREQ=MONTHLY;BYDAY=2MO"), event("", "FREQ=MONTHLY"), event("a", "FREQ=YEARLY")}
	out := a.get(member, check, map[string]any{"in": in, "dry": true})
	want(t, out.at("data.saveOfferings.results.0"), `{"offering": {"status": "IN_REVIEW", "openingHours": {"text": "Mo 10–12 Uhr"}, "schedule": {
		"text": "jeden 2. Montag im Monat, 19:00 Uhr",
		"dates": ["2026-12-14T19:00:00+01:00", "2027-01-11T19:00:00+01:00", "2027-02-08T19:00:00+01:00"]}}, "userErrors": []}`)
	want(t, out.at("data.saveOfferings.results.1"), `{"offering": null, "userErrors": [{"path": ["inputs", "1", "title"], "code": "REQUIRED"}]}`)
	want(t, a.get(town, `{ managedOfferings { totalCount } changes { totalCount } }`, nil)["data"], `{"managedOfferings": {"totalCount": 0}, "changes": {"totalCount": 0}}`)
	want(t, a.get(member, check, map[string]any{"in": in[:1], "dry": false}).at("data.saveOfferings.results.0.userErrors"), `[]`)
	want(t, a.get(town, `{ managedOfferings { totalCount nodes { version } } }`, nil).at("data.managedOfferings"), `{"totalCount": 1, "nodes": [{"version": 1}]}`)
}
