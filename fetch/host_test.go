package fetch

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// However many hosts there are, only so many are remembered: those in use, and the last.
func TestForget(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	at := func(i int) *url.URL { return &url.URL{Scheme: "http", Host: fmt.Sprintf("host%d.example", i)} }
	busy, leave := c.host(at(0))
	for i := 1; i <= 3*maxHosts; i++ {
		_, leave := c.host(at(i))
		leave()
	}
	if n := len(c.hosts); n != maxHosts {
		t.Errorf("%d hosts are kept, want %d", n, maxHosts)
	}
	if c.hosts[origin(at(0))] != busy || c.hosts[origin(at(3*maxHosts))] == nil || c.hosts[origin(at(1))] != nil {
		t.Error("the wrong ones are kept")
	}
	leave()
	large := parseRobots("User-agent: *\n" + strings.Repeat("Disallow: /\n", 40_000))
	for i := range 20 {
		h, leave := c.host(at(-1 - i))
		h.robots = &verdict{rules: large}
		leave()
	}
	kept := 0
	for _, h := range c.hosts {
		if h.robots != nil {
			kept += h.robots.rules.bytes
		}
	}
	if kept < maxRobotsKept/2 || kept > maxRobotsKept+large.bytes {
		t.Errorf("%d bytes of rules are kept", kept)
	}
}
