package server

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The audits of graphql-http, all 61: nothing but "ok" passes.
func TestAudits(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("audit/node_modules"); err != nil {
		const how = "the audits are not installed; run: npm ci --prefix server/audit"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Log(how)
		return
	}
	url := start(t, nil).url
	out, err := exec.CommandContext(t.Context(), "node", "audit/run.js", url+"/graphql").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "61 of 61 audits clean") {
		t.Fatalf("%v\n%s", err, out)
	}
}
