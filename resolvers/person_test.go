package resolvers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A role and its row in the audit log are written together, or neither, nor the person for whom it was meant.
func TestRolesAndTheirAudit(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	operator := a.operator()
	state := func() [3]int {
		return [3]int{a.count("SELECT count(*) FROM person"), a.count("SELECT count(*) FROM membership"), a.count("SELECT count(*) FROM audit WHERE action LIKE '%_ROLE'")}
	}
	const grant = `mutation { grantRole(input: {email: "verein@example.org", role: MEMBER, provider: "prv_00000000-0000-7000-8000-000000000000"}) { person { id } userErrors { path code } } }`
	want(t, a.get(operator, grant, nil).at("data.grantRole"), `{"person": null, "userErrors": [{"path": ["input", "provider"], "code": "NOT_FOUND"}]}`)
	if got := state(); got != [3]int{} {
		t.Errorf("after a grant that was refused: people, roles, audit rows %v", got)
	}
	// With an Idempotency-Key the answer is read before anybody else can see what was done.
	send := func(key, query string) string {
		body, _ := json.Marshal(map[string]any{"query": query})
		req, _ := http.NewRequest(http.MethodPost, a.url, bytes.NewReader(body))
		req.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + operator}, "Idempotency-Key": {key}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return string(b)
	}
	const editor = `mutation { grantRole(input: {email: "amt@example.org", role: EDITOR, municipality: "12069020"}) { person { email memberships { id role } } userErrors { code } } }`
	first := send("eins", editor)
	if again := send("eins", editor); again != first || !strings.Contains(first, `"email":"amt@example.org","memberships":[{"id":"`) {
		t.Errorf("%s\nand again\n%s", first, again)
	}
	if got := state(); got != [3]int{1, 1, 1} {
		t.Errorf("after a grant: people, roles, audit rows %v", got)
	}
	var out object
	if err := json.Unmarshal([]byte(first), &out); err != nil {
		t.Fatal(err)
	}
	revoke := `mutation { revokeRole(id: "` + out.text("data.grantRole.person.memberships.0.id") + `") { person { memberships { id } } userErrors { code } } }`
	a.sql("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (action <> 'REVOKE_ROLE')")
	if out := a.ask(operator, revoke, nil); out.errorCode() != "INTERNAL_SERVER_ERROR" {
		t.Errorf("where the audit log takes nothing: %v", out)
	}
	if got := state(); got != [3]int{1, 1, 1} {
		t.Errorf("after a revocation that could not be noted: people, roles, audit rows %v", got)
	}
	a.sql("ALTER TABLE audit DROP CONSTRAINT full_up")
	want(t, a.get(operator, revoke, nil).at("data.revokeRole"), `{"person": {"memberships": []}, "userErrors": []}`)
	if got := state(); got != [3]int{1, 0, 2} {
		t.Errorf("after a revocation: people, roles, audit rows %v", got)
	}
}
