// Package fetch goes out to addresses that come from outside: feeds, images given by URL, webhooks. It is a wary guest: it speaks only to public
// addresses, and no answer may take more than its share of memory and time. And it is a good one: it says who it is, heeds robots.txt (RFC 9309),
// asks only for what has changed, and leaves each host its peace.
package fetch

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"code.dny.dev/ssrf"
	"golang.org/x/net/http/httpguts"
)

const (
	defaultMaxBytes      = 50_000_000
	defaultTimeout       = 60 * time.Second
	defaultHeaderTimeout = 15 * time.Second
	defaultInterval      = 100 * time.Millisecond

	maxRedirects   = 5
	maxURL         = 8 << 10  // bytes
	maxHeaderBytes = 64 << 10 // of a response's header
	maxValue       = 1 << 10  // bytes of a header field that is passed on
)

// Options are what a Client is made of. The zero value of a field stands for the default that it names.
type Options struct {
	Version string // of Umland, for the User-Agent
	Contact string // URL where a host finds out who visits it, for the User-Agent; "" for none

	// Allow lists networks that may be spoken to although they are not public.
	Allow []netip.Prefix
	// Roots are the certificate authorities that are trusted; nil for the system's.
	Roots *x509.CertPool

	MaxBytes      int64         // of a response's body, 50 MB, for what comes over the wire and for what it inflates to alike
	Timeout       time.Duration // of an exchange from its first redirect to the end of the body, 60 s; waiting for its turn does not count
	HeaderTimeout time.Duration // from dialling to the end of a response's header, 15 s
	Interval      time.Duration // between the starts of two requests to one host, 100 ms; none when negative
	// AllowedInterval is the same for hosts that are named by an address in Allow, which are one's own; Interval when it is 0.
	AllowedInterval time.Duration

	Now func() time.Time // time.Now
}

// Client fetches. It is safe for concurrent use, and there should be one: what is known of the hosts is kept in it.
type Client struct {
	opt       Options
	agent     string
	transport *http.Transport

	mu    sync.Mutex
	hosts map[string]*host // by origin
	uses  uint64
}

// New makes a Client. It uses no proxy, whatever the environment says, and speaks HTTP/1.1.
func New(opt Options) *Client {
	opt.MaxBytes = cmp.Or(opt.MaxBytes, defaultMaxBytes)
	opt.Timeout = cmp.Or(opt.Timeout, defaultTimeout)
	opt.HeaderTimeout = cmp.Or(opt.HeaderTimeout, defaultHeaderTimeout)
	opt.Interval = cmp.Or(opt.Interval, defaultInterval)
	if opt.Now == nil {
		opt.Now = time.Now
	}
	agent := "Umland/" + cmp.Or(opt.Version, "dev")
	if opt.Contact != "" {
		agent += " (+" + opt.Contact + ")"
	}
	// The dialer asks the guard about every address that a name leads to, just before it connects: DNS cannot change its mind in between.
	dialer := &net.Dialer{Timeout: opt.HeaderTimeout, Control: guard(opt.Allow).Safe}
	return &Client{
		opt: opt, agent: agent, hosts: map[string]*host{},
		transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: opt.Roots},
			DisableCompression:     true, // inflated here, within bounds
			MaxResponseHeaderBytes: maxHeaderBytes,
			MaxIdleConns:           100,
			MaxIdleConnsPerHost:    maxVisits,
			IdleConnTimeout:        30 * time.Second,
		},
	}
}

// guard refuses all that the registries of IANA do not call public unicast, with every form in which IPv6 wraps an IPv4 address.
func guard(allow []netip.Prefix) *ssrf.Guardian {
	var v4, v6 []netip.Prefix
	for _, p := range allow {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...),
		// A public address by the registries, but in Azure it is the host's own service for its virtual machines.
		ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix("168.63.129.16/32")))
}

// Request is what to fetch: a GET, or a POST where there is a body.
type Request struct {
	URL string // absolute, http or https, without user info
	// Header is sent along, and to no other host when a redirect leads there: it may hold what is secret. Accept, Accept-Language and
	// Content-Type go everywhere. User-Agent and Accept-Encoding are the client's.
	Header http.Header
	Body   []byte // JSON, unless Header has a Content-Type

	// ETag and LastModified are those of the last Response, for a GET; "" where there is none.
	ETag, LastModified string

	// NoRobots leaves robots.txt aside: for an address that a person gave for just this visit.
	NoRobots bool
	MaxBytes int64 // of the body; 0 for the client's
}

// Response is a success: status 2xx but for 206, or 304 where the request was conditional.
type Response struct {
	URL         *url.URL // after redirects
	Status      int
	NotModified bool // nothing new since the ETag or LastModified of the request; no body
	// The header fields of these names; "" where there is none, or one that is no printable ASCII of up to 1 kB.
	ContentType, ETag, LastModified string
	// Body is never nil. Its errors are *Error, but for io.EOF and http.ErrBodyReadAfterClose. It must be closed: until it is, or is read to its
	// end, or its time is up, it counts as one of the two visits at once to its host.
	Body *Body
}

// Do fetches. It follows up to five redirects, each of which must pass all checks anew; a POST follows only those that keep it one (307, 308).
// All errors are *Error, a status other than success among them. ctx also bounds the reading of the body.
func (c *Client) Do(ctx context.Context, req Request) (*Response, error) {
	u, bad := parseURL(req.URL)
	if bad != nil {
		return nil, bad
	}
	for name, values := range req.Header {
		for _, v := range values {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(v) {
				return nil, &Error{Kind: KindRequest, URL: req.URL, Message: "Die Anfrage hat eine ungültige Kopfzeile.", Err: fmt.Errorf("header %.100q", name)}
			}
		}
	}
	began := c.opt.Now()
	stats, left, seen := Stats{}, c.opt.Timeout, map[string]bool{}
	for {
		seen[u.String()] = true
		if !req.NoRobots {
			if err := c.heedRobots(ctx, u); err != nil {
				return nil, err
			}
		}
		done, err := c.visit(ctx, u)
		if err != nil {
			return nil, err
		}
		start := c.opt.Now()
		res, body, err := c.exchange(ctx, u, &req, left, done)
		if err != nil {
			return nil, err
		}
		spent := c.opt.Now().Sub(start)
		left -= spent
		stats.Header += spent
		next, err := c.redirect(res, u, &req)
		if next != nil {
			switch {
			case seen[next.String()]:
				err = redirectError(u, res.StatusCode, "Die Adresse leitet im Kreis weiter.")
			case len(seen) > maxRedirects:
				err = redirectError(u, res.StatusCode, fmt.Sprintf("Die Adresse leitet mehr als %d-mal weiter.", maxRedirects))
			}
		}
		if err == nil && next == nil {
			err = c.accept(res, body, u, &req)
		}
		if err != nil {
			body.Close()
			return nil, err
		}
		if next != nil {
			body.Close()
			u = next
			continue
		}
		body.began, body.stats = began, stats
		body.stats.Wait = c.opt.Now().Sub(began) - stats.Header
		out := &Response{
			URL: u, Status: res.StatusCode, NotModified: res.StatusCode == http.StatusNotModified, Body: body,
			ContentType: field(res, "Content-Type"), ETag: field(res, "ETag"), LastModified: field(res, "Last-Modified"),
		}
		if out.NotModified {
			body.Close()
			body.err = io.EOF
			out.ETag, out.LastModified = cmp.Or(out.ETag, req.ETag), cmp.Or(out.LastModified, req.LastModified)
		}
		return out, nil
	}
}

// exchange sends one request and waits for the header of its response. It sees to it that done is called, once, when the exchange is over.
func (c *Client) exchange(ctx context.Context, u *url.URL, req *Request, left time.Duration, done func()) (*http.Response, *Body, error) {
	ctx, cancelTime := context.WithTimeoutCause(ctx, left, lateError{c.opt.Timeout, "Die Antwort war nach %v noch nicht vollständig."})
	ctx, cancel := context.WithCancelCause(ctx)
	context.AfterFunc(ctx, done)
	end := func() { cancel(nil); cancelTime() }
	header := time.AfterFunc(c.opt.HeaderTimeout, func() {
		cancel(lateError{c.opt.HeaderTimeout, "Der Server hat nach %v noch nicht geantwortet."})
	})
	res, err := c.transport.RoundTrip(c.request(ctx, u, req))
	header.Stop()
	if err != nil {
		err = fault(ctx, u, err)
		end()
		return nil, nil, err
	}
	return res, newBody(ctx, u, res, cmp.Or(req.MaxBytes, c.opt.MaxBytes), c.opt.Now, end), nil
}

func (c *Client) request(ctx context.Context, u *url.URL, req *Request) *http.Request {
	out := (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}).WithContext(ctx)
	if req.Body != nil {
		out.Method, out.ContentLength = http.MethodPost, int64(len(req.Body))
		// With it the transport may try again when a kept connection turns out to be closed.
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body)), nil }
		out.Body, _ = out.GetBody()
		out.Header.Set("Content-Type", "application/json")
	} else {
		if req.ETag != "" {
			out.Header.Set("If-None-Match", req.ETag)
		}
		if req.LastModified != "" {
			out.Header.Set("If-Modified-Since", req.LastModified)
		}
	}
	for name, values := range req.Header {
		out.Header[http.CanonicalHeaderKey(name)] = values
	}
	out.Header.Set("User-Agent", c.agent)
	out.Header.Set("Accept-Encoding", "gzip")
	return out
}

// redirect gives where a response leads to, nil when it leads nowhere, and takes from req what may not go there.
func (c *Client) redirect(res *http.Response, from *url.URL, req *Request) (*url.URL, error) {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	location := res.Header.Get("Location")
	if location == "" {
		return nil, redirectError(from, res.StatusCode, "Die Adresse leitet weiter, sagt aber nicht, wohin.")
	}
	ref, err := url.Parse(location)
	if err != nil {
		return nil, redirectError(from, res.StatusCode, "Die Adresse leitet auf etwas weiter, was keine Adresse ist.")
	}
	next, bad := parseURL(from.ResolveReference(ref).String())
	if bad != nil {
		bad.URL, bad.Status = from.String(), res.StatusCode
		return nil, bad
	}
	if req.Body != nil && res.StatusCode < http.StatusTemporaryRedirect {
		return nil, redirectError(from, res.StatusCode, fmt.Sprintf("Die Adresse ist umgezogen nach %.200s", next))
	}
	public := http.Header{}
	for name, values := range req.Header {
		switch name = http.CanonicalHeaderKey(name); name {
		case "Accept", "Accept-Language", "Content-Type":
			public[name] = values
		}
	}
	if from.Scheme == "https" && next.Scheme == "http" && (req.Body != nil || len(public) < len(req.Header)) {
		return nil, redirectError(from, res.StatusCode, "Die Adresse leitet von https auf http weiter: Zugangsdaten und Inhalte gehen nicht unverschlüsselt hinaus.")
	}
	samePort := port(from) == port(next) || port(from) == "80" && port(next) == "443"
	if !strings.EqualFold(from.Hostname(), next.Hostname()) || !samePort {
		req.Header = public
	}
	return next, nil
}

// accept tells whether a response that is no redirect is one to give out.
func (c *Client) accept(res *http.Response, body *Body, u *url.URL, req *Request) error {
	conditional := req.Body == nil && (req.ETag != "" || req.LastModified != "")
	if res.StatusCode == http.StatusNotModified && conditional {
		return nil
	}
	if res.StatusCode < 200 || res.StatusCode > 299 || res.StatusCode == http.StatusPartialContent { // nobody asked for a part
		e := statusError(u, res.StatusCode)
		if res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable {
			e.RetryAfter = retryAfter(res.Header.Get("Retry-After"), c.opt.Now())
		}
		return e
	}
	return body.open(res)
}

// retryAfter reads a Retry-After field (RFC 9110, section 10.2.3): 0 when there is none to be understood, or it is over already.
func retryAfter(v string, now time.Time) time.Duration {
	const most = 7 * 24 * time.Hour
	n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 64)
	switch {
	case err == nil && n < uint64(most/time.Second):
		return time.Duration(n) * time.Second
	case err == nil || errors.Is(err, strconv.ErrRange):
		return most
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(t.Sub(now), 0), most)
}

// parseURL takes what can be visited. Its errors do not repeat the address: it may hold a password.
func parseURL(s string) (*url.URL, *Error) {
	bad := func(message string) *Error { return &Error{Kind: KindRequest, Message: message} }
	if len(s) > maxURL {
		return nil, bad(fmt.Sprintf("Die Adresse ist länger als %d Zeichen.", maxURL))
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, bad("Das ist keine gültige Adresse.")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, &Error{Kind: KindScheme, Message: "Nur Adressen mit http:// oder https:// können abgerufen werden."}
	}
	if u.User != nil {
		return nil, bad("In der Adresse dürfen kein Benutzername und kein Passwort stehen.")
	}
	if u.Hostname() == "" {
		return nil, bad("In der Adresse fehlt der Servername.")
	}
	if _, err := strconv.ParseUint(port(u), 10, 16); err != nil {
		return nil, bad("Der Port in der Adresse ist ungültig.")
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = escapeQuery(u.RawQuery)
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// escapeQuery escapes what people write into a query as it is, but HTTP does not take: "?q=Bad Belzig".
func escapeQuery(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c > ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// port gives the port of u, that of its scheme where none is written.
func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// field gives what is safe to keep and to send back.
func field(res *http.Response, name string) string {
	v := res.Header.Get(name)
	if len(v) > maxValue || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return v
}
