package pgdev

import "testing"

func TestKilledOwnerLeavesNoPostgres(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	h := startHelper(t, dir, nil)
	h.waitReady(t)
	postmaster(t, dir) // runs
	check(t, h.cmd.Process.Kill())
	waitEnded(t, dir)
}
