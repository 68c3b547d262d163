package fetch

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	maxVisits     = 2       // at once to one host
	maxHosts      = 1000    // known at once, but for those that are being visited
	maxRobotsKept = 8 << 20 // bytes of their rules
)

// host is what is known of an origin: scheme, name and port.
type host struct {
	visits  chan struct{}
	pace    *rate.Limiter
	reading chan struct{} // held by whoever reads robots.txt

	// Under the mutex of the client.
	users  int
	used   uint64
	robots *verdict
}

func origin(u *url.URL) string {
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port(u))
}

// host gives what is known of the origin of u, and a function that says that it is needed no more.
func (c *Client) host(u *url.URL) (*host, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := origin(u)
	h := c.hosts[key]
	if h == nil {
		c.forget()
		h = &host{visits: make(chan struct{}, maxVisits), pace: rate.NewLimiter(rate.Every(c.interval(u)), 1), reading: make(chan struct{}, 1)}
		c.hosts[key] = h
	}
	c.uses++
	h.users++
	h.used = c.uses
	return h, func() {
		c.mu.Lock()
		h.users--
		c.mu.Unlock()
	}
}

// interval gives how long the host of u is left in peace between two requests.
func (c *Client) interval(u *url.URL) time.Duration {
	addr, err := netip.ParseAddr(u.Hostname())
	if err == nil && c.opt.AllowedInterval != 0 && slices.ContainsFunc(c.opt.Allow, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return c.opt.AllowedInterval
	}
	return c.opt.Interval
}

// forget makes room for one more host: those that nobody visits go, the longest unused first.
func (c *Client) forget() {
	for {
		kept, oldest := 0, ""
		for key, h := range c.hosts {
			if h.robots != nil {
				kept += h.robots.rules.bytes
			}
			if h.users == 0 && (oldest == "" || h.used < c.hosts[oldest].used) {
				oldest = key
			}
		}
		if oldest == "" || len(c.hosts) < maxHosts && kept <= maxRobotsKept {
			return
		}
		delete(c.hosts, oldest)
	}
}

// visit waits for a turn at the host of u. done must be called when the visit is over; more than once does no harm.
func (c *Client) visit(ctx context.Context, u *url.URL) (done func(), err error) {
	h, leave := c.host(u)
	select {
	case h.visits <- struct{}{}:
	case <-ctx.Done():
		leave()
		return nil, fault(ctx, u, ctx.Err())
	}
	done = sync.OnceFunc(func() {
		<-h.visits
		leave()
	})
	// Not pace.Wait: it gives up at once where the context's deadline would come first, with an error of its own.
	place := h.pace.Reserve()
	turn := time.NewTimer(place.Delay())
	defer turn.Stop()
	select {
	case <-turn.C:
		return done, nil
	case <-ctx.Done():
		place.Cancel()
		done()
		return nil, fault(ctx, u, ctx.Err())
	}
}
