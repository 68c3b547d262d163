package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	robotsAgent = "umland"
	robotsBytes = 500 << 10 // of a robots.txt that are read; what follows counts as absent
	robotsKept  = 24 * time.Hour
	robotsRetry = time.Minute // after a failure of the server, unless it says when
)

// verdict is what a host's robots.txt said, and until when it holds.
type verdict struct {
	until  time.Time
	rules  rules
	status int       // of the failure for which all is forbidden for now; 0 for none
	after  time.Time // when the server said to ask again; zero where it did not
}

// heedRobots gives an error when robots.txt keeps u from being visited.
func (c *Client) heedRobots(ctx context.Context, u *url.URL) error {
	h, leave := c.host(u)
	defer leave()
	select {
	case h.reading <- struct{}{}:
		defer func() { <-h.reading }()
	case <-ctx.Done():
		return fault(ctx, u, ctx.Err())
	}
	c.mu.Lock()
	v := h.robots
	c.mu.Unlock()
	if v == nil || !c.opt.Now().Before(v.until) {
		var err error
		if v, err = c.readRobots(ctx, u); err != nil {
			return err
		}
		c.mu.Lock()
		h.robots = v
		c.mu.Unlock()
	}
	if v.status != 0 {
		return &Error{Kind: KindRobots, URL: u.String(), Status: v.status, RetryAfter: max(0, v.after.Sub(c.opt.Now())),
			Message: fmt.Sprintf("Der Server antwortet auf die Frage nach seiner robots.txt mit %d; bis sie lesbar ist, wird dort nichts abgerufen.", v.status)}
	}
	path := u.EscapedPath()
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	if !v.rules.allow(path) {
		return &Error{Kind: KindRobots, URL: u.String(), Message: "Der Server erlaubt in seiner robots.txt nicht, dass diese Adresse automatisch abgerufen wird."}
	}
	return nil
}

// readRobots asks the host of u for its robots.txt (RFC 9309, section 2.3.1). A host that cannot be reached at all is an error that says so.
func (c *Client) readRobots(ctx context.Context, u *url.URL) (*verdict, error) {
	at := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	res, err := c.Do(ctx, Request{URL: at.String(), NoRobots: true, MaxBytes: defaultMaxBytes})
	var text []byte
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(res.Body, robotsBytes))
		res.Body.Close()
	}
	v := &verdict{until: c.opt.Now().Add(robotsKept)}
	var e *Error
	switch {
	case err == nil:
		if len(text) == robotsBytes { // half a path forbids or allows more than was meant
			text = text[:bytes.LastIndexByte(text, '\n')+1]
		}
		v.rules = parseRobots(string(text))
	case !errors.As(err, &e):
		return nil, err
	case e.Kind == KindStatus && e.Status >= http.StatusInternalServerError:
		v.status = e.Status
		if e.RetryAfter > 0 {
			v.after = c.opt.Now().Add(e.RetryAfter)
		}
		v.until = c.opt.Now().Add(min(max(e.RetryAfter, robotsRetry), robotsKept))
	case e.Kind == KindStatus, e.Kind == KindRedirect: // there is none
	case e.Kind == KindBroken, e.Kind == KindTooLarge, e.Kind == KindScheme, e.Kind == KindRequest:
		return nil, &Error{Kind: KindRobots, URL: u.String(), Status: e.Status, Message: "Die robots.txt des Servers ist nicht lesbar; daher wird dort nichts abgerufen.", Err: e}
	default:
		return nil, err
	}
	return v, nil
}

// rules are those of a robots.txt that concern Umland.
type rules struct {
	list  []rule
	bytes int // about what they take
}

// rule is a pattern: parts with anything in between, from the start of a path, to its end or not.
type rule struct {
	parts  []string
	toEnd  bool
	allow  bool
	length int // of the pattern in octets: the longest that matches decides
}

// parseRobots reads a robots.txt (RFC 9309, section 2.2). It passes over what it does not understand.
func parseRobots(text string) rules {
	var ours, everyones rules
	var named, forUs, forAll, inRules bool // named: there is a group for Umland; inRules: the next user-agent starts another group
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = strings.Cut(line, "#")
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key = strings.ToLower(strings.TrimSpace(key)); key {
		case "user-agent":
			if inRules {
				forUs, forAll, inRules = false, false, false
			}
			if agent := productToken(value); strings.EqualFold(agent, robotsAgent) {
				forUs, named = true, true
			}
			if value == "*" || strings.HasPrefix(value, "* ") {
				forAll = true
			}
		case "allow", "disallow":
			inRules = true
			if value == "" {
				continue
			}
			if forUs {
				ours.add(value, key == "allow")
			}
			if forAll {
				everyones.add(value, key == "allow")
			}
		}
	}
	if named {
		return ours
	}
	return everyones
}

// productToken gives the name in a user-agent line, without the version that some write behind it.
func productToken(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '_')
	})
	if end < 0 {
		return s
	}
	return s[:end]
}

func (r *rules) add(pattern string, allow bool) {
	if pattern[0] != '/' && pattern[0] != '*' {
		pattern = "/" + pattern
	}
	one := rule{allow: allow}
	open, toEnd := strings.CutSuffix(pattern, "$")
	one.toEnd = toEnd
	for part := range strings.SplitSeq(open, "*") {
		part = normalizePath(part)
		one.parts = append(one.parts, part)
		one.length += len(part) + 1
		r.bytes += len(part) + 16
	}
	if toEnd {
		one.length++
	}
	r.bytes += 64
	r.list = append(r.list, one)
}

// allow tells whether a path with its query may be visited: the longest rule that matches says so, of two as long the one that allows.
func (r rules) allow(path string) bool {
	if path == "/robots.txt" {
		return true
	}
	path = normalizePath(path)
	allow, length := true, 0
	for _, one := range r.list {
		if (one.length > length || one.length == length && one.allow) && one.match(path) {
			allow, length = one.allow, one.length
		}
	}
	return allow
}

// match takes each part where it first occurs: with nothing but * between them, no later place could do better. So a pattern costs no more than
// its length and that of the path together.
func (r rule) match(path string) bool {
	rest, ok := strings.CutPrefix(path, r.parts[0])
	if !ok {
		return false
	}
	parts := r.parts[1:]
	if len(parts) == 0 {
		return !r.toEnd || rest == ""
	}
	last := parts[len(parts)-1]
	if r.toEnd {
		parts = parts[:len(parts)-1]
	}
	for _, part := range parts {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return !r.toEnd || strings.HasSuffix(rest, last)
}

// normalizePath writes a path so that two ways to write the same are the same: what needs no escape has none, what is not ASCII has one.
// * and $ count as what needs none: in patterns they have been taken out before.
func normalizePath(s string) string {
	const upper = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c, escaped := s[i], false
		if c == '%' && i+2 < len(s) {
			hi, lo := strings.IndexByte(upper, upperByte(s[i+1])), strings.IndexByte(upper, upperByte(s[i+2]))
			if hi >= 0 && lo >= 0 {
				c, escaped = byte(hi<<4|lo), true
				i += 2
			}
		}
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~*$", c) >= 0
		if plain || !escaped && c > ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', upper[c>>4], upper[c&15]})
		}
	}
	return b.String()
}

func upperByte(c byte) byte {
	if 'a' <= c && c <= 'f' {
		return c - 'a' + 'A'
	}
	return c
}
