// Package signin lets people in: by OpenID Connect, by a link that is sent to them once, and into a demo. It keeps them signed in by a cookie that only the server
// reads, and keeps other sites from making use of it.
//
// Somebody who signs in for the first time has no grants and sees what the public sees, until somebody who may do so grants them a role.
package signin

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"umland/ent"
	"umland/store"
)

// Options say how people may sign in. Ways that are not set up answer 404.
type Options struct {
	Store *store.Store

	// BaseURL is where browsers reach this server, such as https://umland.example.org, without a path. Plain http is for this machine only (localhost):
	// elsewhere it would give cookies and links away.
	BaseURL string

	OIDC *OIDC  // nil: nobody signs in by OpenID Connect
	SMTP *SMTP  // nil: nobody signs in by mail
	Demo []Demo // none: nobody signs in without showing who they are

	// Operators are the mail addresses of those who get the role OPERATOR when they sign in. Whoever is not named any more loses it when the server starts.
	Operators []string

	// Proxies are the networks of the proxies in front of this server, whose X-Forwarded-For is believed.
	Proxies []netip.Prefix

	Now func() time.Time
	Log zerolog.Logger
}

// OIDC is an issuer of OpenID Connect (Core 1.0, with Discovery 1.0). Its redirect address is BaseURL/auth/oidc/callback.
type OIDC struct {
	Issuer       string // an https address; plain http on this machine only
	ClientID     string
	ClientSecret string // "" for a public client, which PKCE protects
	Name         string // how people know it: "BundID", "Konto des Landkreises"
}

// SMTP is the server that takes mail to be sent.
type SMTP struct {
	Addr     string // host:port
	From     string // the sender: umland@example.org, or Umland <umland@example.org>
	User     string // "" to send without signing in
	Password string
	TLS      TLSMode
}

// TLSMode says how mail is protected on its way to the SMTP server.
type TLSMode string

// The modes.
const (
	StartTLS    TLSMode = "starttls" // STARTTLS, and nothing without it; mostly port 587
	ImplicitTLS TLSMode = "tls"      // from the first byte; mostly port 465
	NoTLS       TLSMode = "none"     // never, for a relay on the same machine; not together with a password
)

// Demo is somebody whom POST /auth/demo signs everybody in as who asks for it.
type Demo struct {
	Key    string // by which it is asked for
	Name   string
	Text   string // what they may, in German, for whoever chooses
	Grants []ent.Grant
}

// demoIssuer stands where people who came by OpenID Connect have their issuer, which is an address.
const demoIssuer = "demo"

// Handler answers what lies below /auth/:
//
//	GET  /auth/ways           which ways there are: {"oidc": {"name": "…"} or null, "mail": true, "demo": [{"key", "name", "text"}]}
//	GET  /auth/oidc           leads to the issuer; ?returnTo= says where to come back to
//	GET  /auth/oidc/callback  where the issuer leads back to
//	POST /auth/mail           email, returnTo: sends a link
//	GET  /auth/link           where the link leads: asks for a click, so that a program that looks through mail does not use the link up
//	POST /auth/link           token: signs in
//	POST /auth/demo           person, returnTo: signs in to the demo, as the first of its people where none is named
//	POST /auth/sign-out       returnTo: ends the session
//
// Posts take forms and JSON. A form is answered with a page or a redirect; whoever sends JSON, or asks for it by Accept, gets JSON:
// {"returnTo": "/…"} after signing in or out, {"code": "…", "message": "…"} for what went wrong. returnTo is a path on this server; anything else becomes "/".
type Handler struct {
	o         Options
	base      *url.URL
	secure    bool
	operators []string
	issuer    *issuer
	mailer    *mailer
	mux       *http.ServeMux
	sites     *http.CrossOriginProtection

	perAddress, perNetwork, inAll *limiter // of mails
	tries                         *limiter // of everything else that signs in
	sending                       chan struct{}
	sent                          sync.WaitGroup
}

// New checks the options, and brings the operators in the database up to date. Neither the issuer nor the mail server is asked yet: that they are away keeps no
// server from starting.
func New(ctx context.Context, o Options) (*Handler, error) {
	h := &Handler{
		o: o, sites: http.NewCrossOriginProtection(), sending: make(chan struct{}, 16),
		perAddress: newLimiter(4096, 3, 10*time.Minute),
		perNetwork: newLimiter(4096, 10, time.Minute),
		inAll:      newLimiter(1, 100, 2*time.Second),
		tries:      newLimiter(4096, 30, 2*time.Second),
	}
	base, err := webAddress(o.BaseURL)
	if err != nil || strings.Trim(base.Path, "/") != "" {
		return nil, fmt.Errorf("the public address %q must be https://host, or http://localhost:port, without a path", o.BaseURL)
	}
	h.base = &url.URL{Scheme: base.Scheme, Host: base.Host}
	h.secure = base.Scheme == "https"
	if err := h.sites.AddTrustedOrigin(h.base.String()); err != nil {
		return nil, err
	}
	for _, address := range o.Operators {
		folded, ok := ent.FoldEmail(address)
		if !ok {
			return nil, fmt.Errorf("%q among the operators is not a mail address", address)
		}
		h.operators = append(h.operators, folded)
	}
	if o.OIDC != nil {
		if h.issuer, err = newIssuer(*o.OIDC, h.base, o.Now); err != nil {
			return nil, err
		}
	}
	if o.SMTP != nil {
		if h.mailer, err = newMailer(*o.SMTP, h.base); err != nil {
			return nil, err
		}
	}
	if err := o.Store.SetOperators(ctx, h.operators, o.Now().UTC()); err != nil {
		return nil, err
	}
	if err := o.Store.DeletePeopleOf(ctx, demoIssuer); err != nil { // the demo may be over, or its grants others
		return nil, err
	}
	h.mux = http.NewServeMux()
	allowed := map[string][]string{}
	for _, route := range []struct {
		method, path string
		there        bool
		serve        func(w http.ResponseWriter, r *http.Request) error
	}{
		{http.MethodGet, "/auth/ways", true, h.ways},
		{http.MethodGet, "/auth/oidc", o.OIDC != nil, h.oidcStart},
		{http.MethodGet, "/auth/oidc/callback", o.OIDC != nil, h.oidcCallback},
		{http.MethodPost, "/auth/mail", o.SMTP != nil, h.mail},
		{http.MethodGet, "/auth/link", o.SMTP != nil, h.linkPage},
		{http.MethodPost, "/auth/link", o.SMTP != nil, h.link},
		{http.MethodPost, "/auth/demo", len(o.Demo) > 0, h.demo},
		{http.MethodPost, "/auth/sign-out", true, h.signOut},
	} {
		if route.there {
			h.handle(route.method+" "+route.path, route.serve)
			allowed[route.path] = append(allowed[route.path], route.method)
		}
	}
	for path, methods := range allowed {
		h.handle(path, func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			return unreadable(http.StatusMethodNotAllowed)
		})
	}
	h.handle("/", func(http.ResponseWriter, *http.Request) error { return missing() })
	return h, nil
}

// webAddress reads an https address, or an http address of this machine.
func webAddress(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	ip, err := netip.ParseAddr(u.Hostname())
	loopback := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	if u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback) {
		return nil, errors.New("neither https nor on this machine")
	}
	return u, nil
}

func (h *Handler) handle(pattern string, serve func(w http.ResponseWriter, r *http.Request) error) {
	h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := serve(w, r); err != nil {
			h.fail(w, r, err)
		}
	})
}

// ServeHTTP answers what the type's documentation lists. Posts from other sites are refused, with and without a session: they could sign somebody in as
// somebody else.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src '"+styleHash()+"'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "same-origin") // a link's token must not leave; no-referrer would hide the origin of our own forms
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Robots-Tag", "noindex")
	if err := h.sites.Check(r); err != nil {
		h.fail(w, r, foreign())
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	h.mux.ServeHTTP(w, r)
}

// Protect refuses what another site makes a browser send with our cookie: unsafe requests, and WebSockets, from an origin other than ours. Requests without the
// cookie, or with an Authorization header, for which Actor does not look at the cookie, go through.
func (h *Handler) Protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.CookiesNamed(h.cookieName())) == 0 || len(r.Header.Values("Authorization")) > 0 {
			next.ServeHTTP(w, r)
			return
		}
		asked := r
		if len(r.Header.Values("Upgrade")) > 0 { // what is sent over it later changes things, too
			asked = r.Clone(r.Context())
			asked.Method = http.MethodPost
		}
		if err := h.sites.Check(asked); err != nil {
			h.fail(w, r, foreign())
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Close waits for the mails that are on their way, a minute at the most. Call it when no requests come any more.
func (h *Handler) Close() { h.sent.Wait() }

func (h *Handler) ways(w http.ResponseWriter, _ *http.Request) error {
	type way struct {
		Key  string `json:"key,omitempty"`
		Name string `json:"name"`
		Text string `json:"text,omitempty"`
	}
	answer := struct {
		OIDC *way  `json:"oidc"`
		Mail bool  `json:"mail"`
		Demo []way `json:"demo"`
	}{Mail: h.mailer != nil, Demo: []way{}}
	for _, d := range h.o.Demo {
		answer.Demo = append(answer.Demo, way{d.Key, d.Name, d.Text})
	}
	if h.issuer != nil {
		answer.OIDC = &way{Name: h.o.OIDC.Name}
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// demo signs in as one of the demo, whom everybody shares.
func (h *Handler) demo(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if !h.tries.allow(h.network(r), h.o.Now()) {
		return tooMany()
	}
	who := h.o.Demo[0]
	if i := slices.IndexFunc(h.o.Demo, func(d Demo) bool { return d.Key == form.Person }); i >= 0 {
		who = h.o.Demo[i]
	} else if form.Person != "" {
		return missing()
	}
	now := h.o.Now().UTC()
	p, err := h.o.Store.PersonByIdentity(r.Context(), ent.Identity{Issuer: demoIssuer, Subject: who.Key, Name: who.Name}, now)
	if err != nil {
		return err
	}
	for _, g := range who.Grants {
		if _, err := h.o.Store.Grant(r.Context(), p.ID, g, ent.ByConfiguration, now); err != nil {
			return err
		}
	}
	return h.begin(w, r, p, form.ReturnTo)
}

// form is what a post may hold.
type form struct {
	Email    string `json:"email"`
	ReturnTo string `json:"returnTo"`
	Token    string `json:"token"`
	Person   string `json:"person"` // of the demo
}

// readForm reads a form or JSON; returnTo is safe to go to.
func readForm(r *http.Request) (f form, err error) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch media {
	case "application/json":
		err = decodeJSON(r.Body, &f)
	case "application/x-www-form-urlencoded", "":
		if err = r.ParseForm(); err == nil {
			f = form{Email: r.PostForm.Get("email"), ReturnTo: r.PostForm.Get("returnTo"), Token: r.PostForm.Get("token"), Person: r.PostForm.Get("person")}
		}
	default:
		return f, unreadable(http.StatusUnsupportedMediaType)
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return f, unreadable(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return f, unreadable(http.StatusBadRequest)
	}
	f.ReturnTo = localPath(f.ReturnTo)
	return f, nil
}

// localPath gives the path if a browser that is sent there stays on this server, else "/".
func localPath(s string) string {
	if len(s) > 1000 || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.HasPrefix(s, "/auth/") {
		return "/"
	}
	for _, c := range s {
		if c <= ' ' || c == '\\' || c >= 0x7f { // browsers drop tabs and line ends, and read \ as /
			return "/"
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return "/"
	}
	return s
}

// network is the client's, as far as one owner's addresses go: a single one of IPv4, a /56 of IPv6.
func (h *Handler) network(r *http.Request) string {
	ip := address(r.RemoteAddr)
	if h.isProxy(ip) {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0 && h.isProxy(ip); i-- {
			next := address(strings.TrimSpace(hops[i]))
			if !next.IsValid() {
				break
			}
			ip = next
		}
	}
	if ip.Is6() {
		if p, err := ip.WithZone("").Prefix(56); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

func (h *Handler) isProxy(ip netip.Addr) bool {
	for _, p := range h.o.Proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// address reads an address with or without a port; it is not valid where there is none.
func address(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	ip, _ := netip.ParseAddr(strings.Trim(s, "[]"))
	return ip.Unmap()
}
