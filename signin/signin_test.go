package signin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"umland/ent"
	"umland/store"
	"umland/store/storetest"
)

// site is a server with people, and a clock that can be put forward.
type site struct {
	*httptest.Server
	h     *Handler
	st    *store.Store
	ahead atomic.Int64
}

func (s *site) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

func (s *site) later(d time.Duration) { s.ahead.Add(int64(d)) }

// open starts a site. Besides /auth/ it has /me, protected, which says who asks.
func open(t *testing.T, st *store.Store, https bool, change func(o *Options)) *site {
	t.Helper()
	s := &site{st: st}
	mux := http.NewServeMux()
	s.Server = httptest.NewUnstartedServer(mux)
	o := Options{Store: st, BaseURL: "http://" + s.Listener.Addr().String(), Now: s.now, Log: zerolog.Nop()}
	if https {
		o.BaseURL = "https://" + s.Listener.Addr().String()
	}
	if change != nil {
		change(&o)
	}
	var err error
	if s.h, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	mux.Handle("/auth/", s.h)
	mux.Handle("/me", s.h.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := s.h.Actor(r)
		var safe *ent.Error
		switch {
		case errors.As(err, &safe) && safe.Code == ent.CodeUnauthenticated:
			s.h.Forget(w)
			http.Error(w, safe.Message, http.StatusUnauthorized)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		case a == nil:
			_, _ = io.WriteString(w, "the public")
		default:
			_, _ = fmt.Fprintf(w, "%s %v", a.Name, a.Scopes)
		}
	})))
	if https {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(func() {
		s.Close()
		s.h.Close()
	})
	return s
}

// browser keeps cookies, and follows no redirect by itself.
type browser struct {
	t *testing.T
	*http.Client
	site *site
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := *s.Client()
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{t, &client, s}
}

type answer struct {
	*http.Response
	body string
}

// do sends a request; headers come in pairs.
func (b *browser) do(method, address, body string, headers ...string) answer {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.site.URL + address
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res, string(read)}
}

// submit sends a form as a browser does that shows a page of the site.
func (b *browser) submit(path string, fields ...string) answer {
	b.t.Helper()
	v := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return b.do("POST", path, v.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html,*/*;q=0.8",
		"Origin", b.site.URL, "Sec-Fetch-Site", "same-origin")
}

func (b *browser) me() string {
	b.t.Helper()
	return strings.TrimSpace(b.do("GET", "/me", "").body)
}

func (b *browser) cookie(name string) string {
	u, _ := url.Parse(b.site.URL)
	for _, c := range b.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) setCookie(name, value string) {
	u, _ := url.Parse(b.site.URL)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: u.Scheme == "https"}})
}

// withDemo lets everybody in as a demo clerk.
func withDemo(o *Options) {
	ags := "12069020"
	o.Demo = []Demo{
		{Key: "clerk", Name: "Demo", Grants: []ent.Grant{{Role: ent.RoleEditor, AGS: &ags}}},
		{Key: "guest", Name: "Gast", Text: "sieht sich um"},
	}
}

const demoActs = "Demo [READ WRITE PUBLISH]"

func (b *browser) signIn() {
	b.t.Helper()
	if a := b.submit("/auth/demo"); a.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("signing in to the demo: %s %s", a.Status, a.body)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	good := SMTP{Addr: "localhost:587", From: "Umland <umland@example.org>", TLS: StartTLS}
	mail := func(change func(m *SMTP)) func(o *Options) {
		return func(o *Options) {
			m := good
			change(&m)
			o.SMTP = &m
		}
	}
	for _, tc := range []struct {
		name   string
		change func(o *Options)
		ok     bool
	}{
		{"nothing else", func(*Options) {}, true},
		{"loopback", func(o *Options) { o.BaseURL = "http://127.0.0.1:8080/" }, true},
		{"loopback of IPv6", func(o *Options) { o.BaseURL = "http://[::1]:8080" }, true},
		{"http elsewhere", func(o *Options) { o.BaseURL = "http://umland.example.org" }, false},
		{"no address", func(o *Options) { o.BaseURL = "" }, false},
		{"a path", func(o *Options) { o.BaseURL = "https://example.org/umland" }, false},
		{"another scheme", func(o *Options) { o.BaseURL = "ftp://example.org" }, false},
		{"operators", func(o *Options) { o.Operators = []string{"Chefin@Example.org"} }, true},
		{"an operator without an address", func(o *Options) { o.Operators = []string{"Chefin"} }, false},
		{"an issuer that is away", func(o *Options) { o.OIDC = &OIDC{Issuer: "https://id.example.org", ClientID: "x", Name: "ID"} }, true},
		{"an issuer over http", func(o *Options) { o.OIDC = &OIDC{Issuer: "http://id.example.org", ClientID: "x", Name: "ID"} }, false},
		{"an issuer without a client", func(o *Options) { o.OIDC = &OIDC{Issuer: "https://id.example.org", Name: "ID"} }, false},
		{"an issuer without a name", func(o *Options) { o.OIDC = &OIDC{Issuer: "https://id.example.org", ClientID: "x"} }, false},
		{"mail", mail(func(*SMTP) {}), true},
		{"mail without a port", mail(func(m *SMTP) { m.Addr = "localhost" }), false},
		{"mail without a host", mail(func(m *SMTP) { m.Addr = ":25" }), false},
		{"mail from nobody", mail(func(m *SMTP) { m.From = "Umland" }), false},
		{"mail in an unknown mode", mail(func(m *SMTP) { m.TLS = "ssl" }), false},
		{"mail in no mode", mail(func(m *SMTP) { m.TLS = "" }), false},
		{"mail with a password in the clear", mail(func(m *SMTP) { m.TLS, m.User, m.Password = NoTLS, "x", "y" }), false},
		{"mail without a password", mail(func(m *SMTP) { m.User = "x" }), false},
	} {
		o := Options{Store: st, BaseURL: "https://umland.example.org", Now: time.Now, Log: zerolog.Nop()}
		tc.change(&o)
		if _, err := New(t.Context(), o); (err == nil) != tc.ok {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestWays(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	bare := open(t, st, false, nil).browser(t)
	if a := bare.do("GET", "/auth/ways", ""); a.body != `{"oidc":null,"mail":false,"demo":[]}`+"\n" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("without ways: %s", a.body)
	}
	for _, path := range []string{"/auth/demo", "/auth/mail", "/auth/link", "/auth/", "/auth/x"} {
		if a := bare.submit(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	all := open(t, st, false, func(o *Options) {
		withDemo(o)
		o.OIDC = &OIDC{Issuer: "https://id.example.org", ClientID: "x", Name: "Konto"}
		o.SMTP = &SMTP{Addr: "localhost:587", From: "umland@example.org", TLS: StartTLS}
	}).browser(t)
	if a := all.do("GET", "/auth/ways", ""); a.body != `{"oidc":{"name":"Konto"},"mail":true,"demo":[{"key":"clerk","name":"Demo"},{"key":"guest","name":"Gast","text":"sieht sich um"}]}`+"\n" {
		t.Errorf("with all ways: %s", a.body)
	}
	for _, tc := range []struct{ method, path, allow string }{
		{"GET", "/auth/mail", "POST"}, {"GET", "/auth/demo", "POST"}, {"GET", "/auth/sign-out", "POST"}, {"DELETE", "/auth/link", "GET, POST"},
		{"POST", "/auth/oidc", "GET"}, {"HEAD", "/auth/oidc/callback", "GET"},
	} {
		if a := all.do(tc.method, tc.path, ""); a.StatusCode != http.StatusMethodNotAllowed || a.Header.Get("Allow") != tc.allow {
			t.Errorf("%s %s: %s, Allow: %q", tc.method, tc.path, a.Status, a.Header.Get("Allow"))
		}
	}
}

// Every page is German, has no script, and a policy that allows nothing but its own style and forms.
func TestPages(t *testing.T) {
	t.Parallel()
	b := open(t, storetest.New(t), false, nil).browser(t)
	a := b.do("GET", "/auth/nothing", "", "Accept", "text/html")
	sum := sha256.Sum256([]byte(regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(a.body)[1]))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	if got := a.Header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("the policy is %s, want %s", got, policy)
	}
	if !strings.Contains(a.body, `<html lang="de">`) || strings.Contains(a.body, "<script") || !strings.Contains(a.body, "nicht eingerichtet") {
		t.Error(a.body)
	}
	if a := b.do("GET", "/auth/nothing", "", "Accept", "application/json"); a.body != `{"code":"NOT_FOUND","message":"There is nothing here, or this way to sign in is not set up."}`+"\n" {
		t.Errorf("as JSON: %s", a.body)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	s := open(t, st, false, withDemo)
	b := s.browser(t)
	if b.me() != "the public" {
		t.Error("somebody is signed in from the start")
	}
	a := b.submit("/auth/demo", "returnTo", "/redaktion?x=1")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/redaktion?x=1" {
		t.Errorf("%s to %q", a.Status, a.Header.Get("Location"))
	}
	if got := a.Header.Get("Set-Cookie"); !regexp.MustCompile(`^umland=[\w-]{43}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax$`).MatchString(got) {
		t.Errorf("the cookie is %q", got)
	}
	if got := b.me(); got != demoActs {
		t.Errorf("the demo is %q", got)
	}
	guest := s.browser(t)
	if guest.submit("/auth/demo", "person", "guest"); guest.me() != "Gast []" {
		t.Errorf("the other person is %q", guest.me())
	}
	if a := guest.submit("/auth/demo", "person", "nobody"); a.StatusCode != http.StatusNotFound {
		t.Errorf("nobody: %s", a.Status)
	}
	if a := s.browser(t).do("POST", "/auth/demo", `{"returnTo":"/x"}`, "Content-Type", "application/json"); a.StatusCode != 200 || a.body != `{"returnTo":"/x"}`+"\n" {
		t.Errorf("by JSON: %s %s", a.Status, a.body)
	}
	for range 2 {
		open(t, st, false, nil) // a start without the demo
	}
	if got := b.me(); got != "The session has ended. Please sign in again." {
		t.Errorf("after the demo: %q", got)
	}
}

// Over https the cookie has the prefix by which browsers refuse it from other hosts and over http.
func TestSecureCookie(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), true, withDemo)
	b := s.browser(t)
	a := b.submit("/auth/demo")
	if got := a.Header.Get("Set-Cookie"); !regexp.MustCompile(`^__Host-umland=[\w-]{43}; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax$`).MatchString(got) {
		t.Errorf("the cookie is %q", got)
	}
	if got := b.me(); got != demoActs {
		t.Errorf("the demo is %q", got)
	}
	plain := s.browser(t)
	plain.setCookie("umland", b.cookie("__Host-umland"))
	if got := plain.me(); got != "the public" {
		t.Errorf("a cookie without the prefix is %q", got)
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	const ended = "The session has ended. Please sign in again."
	for _, tc := range []struct {
		name string
		end  func(s *site, b *browser)
		want string
	}{
		{"nothing", func(*site, *browser) {}, demoActs},
		{"less than 12 hours", func(s *site, _ *browser) { s.later(12*time.Hour - time.Minute) }, demoActs},
		{"12 hours", func(s *site, _ *browser) { s.later(12 * time.Hour) }, ended},
		{"12 hours with use", func(s *site, b *browser) { s.later(7 * time.Hour); b.me(); s.later(7 * time.Hour) }, demoActs},
		{"30 days with use", func(s *site, b *browser) {
			for range 30 * 3 {
				s.later(8 * time.Hour)
				b.me()
			}
		}, ""},
		{"the person disabled", func(s *site, _ *browser) {
			people(t, s.st, func(p *ent.Person) error { return s.st.DisablePerson(t.Context(), p.ID, true, s.now()) })
		}, ended},
		{"the person deleted", func(s *site, _ *browser) {
			people(t, s.st, func(p *ent.Person) error { return s.st.DeletePerson(t.Context(), p.ID) })
		}, ended},
		{"all sessions ended", func(s *site, _ *browser) {
			people(t, s.st, func(p *ent.Person) error { return s.st.EndSessions(t.Context(), p.ID) })
		}, ended},
	} {
		s := open(t, st, false, withDemo)
		b := s.browser(t)
		b.signIn()
		tc.end(s, b)
		got := b.me()
		if tc.want == "" { // the answer before told the browser to drop the cookie
			tc.want = "the public"
		}
		if got != tc.want {
			t.Errorf("after %s: %q", tc.name, got)
		}
		if tc.want == ended && b.cookie("umland") != "" {
			t.Errorf("after %s: the cookie stays", tc.name)
		}
	}
}

// people does something to everybody.
func people(t *testing.T, st *store.Store, do func(p *ent.Person) error) {
	t.Helper()
	c, err := st.People(t.Context(), nil, nil, store.PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Edges) == 0 {
		t.Error("there is nobody")
	}
	for _, p := range c.Nodes() {
		if err := do(p); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), false, withDemo)
	b, other := s.browser(t), s.browser(t)
	b.signIn()
	other.signIn()
	stolen := s.browser(t)
	stolen.setCookie("umland", b.cookie("umland"))
	if stolen.me() != demoActs {
		t.Fatal("the copied cookie does not work to begin with")
	}
	a := b.submit("/auth/sign-out", "returnTo", "/bye")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/bye" || b.cookie("umland") != "" || b.me() != "the public" {
		t.Errorf("%s, %q", a.Status, b.me())
	}
	if got := stolen.me(); got != "The session has ended. Please sign in again." {
		t.Errorf("a copy of the cookie is %q", got)
	}
	if got := other.me(); got != demoActs {
		t.Errorf("another session is %q", got)
	}
	stolen.setCookie("umland", "rubbish")
	if a := stolen.submit("/auth/sign-out"); a.StatusCode != http.StatusSeeOther || stolen.cookie("umland") != "" {
		t.Errorf("with rubbish: %s", a.Status)
	}
}

func TestForgedCookies(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), false, withDemo)
	b := s.browser(t)
	b.signIn()
	real := b.cookie("umland")
	if len(real) != 43 {
		t.Fatalf("the cookie is %q", real)
	}
	flipped := "A" + real[1:]
	if flipped == real {
		flipped = "B" + real[1:]
	}
	hash, _ := hashToken(real)
	const forged, ended = "The session cookie is not one that this server has given. Please sign in.", "The session has ended. Please sign in again."
	for _, tc := range []struct{ name, cookie, want string }{
		{"the real one", "umland=" + real, demoActs},
		{"empty", "umland=", forged},
		{"short", "umland=" + real[:42], forged},
		{"long", "umland=" + real + "A", forged},
		{"very long", "umland=" + strings.Repeat("A", 8000), forged},
		{"with other letters", "umland=" + strings.Repeat("ä", 21) + "A", "the public"}, // no cookie at all to net/http
		{"with other bits at its end", "umland=" + real[:42] + "_", forged},
		{"changed", "umland=" + flipped, ended},
		{"of zeros", "umland=" + strings.Repeat("A", 43), ended},
		{"the hash in the database", "umland=" + base64.RawURLEncoding.EncodeToString(hash), ended},
		{"SQL", "umland=' OR 1=1 --aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", forged},
		{"the real one twice", "umland=" + real + "; umland=" + real, forged},
		{"a forged one before the real one", "umland=" + flipped + "; umland=" + real, forged},
		{"another name", "Umland=" + real, "the public"},
		{"the name for https", "__Host-umland=" + real, "the public"},
	} {
		a := s.browser(t).do("GET", "/me", "", "Cookie", tc.cookie)
		want := http.StatusOK
		if tc.want == forged || tc.want == ended {
			want = http.StatusUnauthorized
		}
		if got := strings.TrimSpace(a.body); got != tc.want || a.StatusCode != want {
			t.Errorf("%s: %d %q", tc.name, a.StatusCode, got)
		}
		if dropped := strings.HasPrefix(a.Header.Get("Set-Cookie"), "umland=; Path=/; Max-Age=0"); dropped != (want == http.StatusUnauthorized) {
			t.Errorf("%s: the cookie is set to %q", tc.name, a.Header.Get("Set-Cookie"))
		}
	}
	if got := b.do("GET", "/me", "", "Authorization", "Bearer uml_x").body; got != "the public" {
		t.Errorf("beside a key the cookie is %q", got)
	}
}

// A token that somebody else knows beforehand is worth nothing after signing in, and an old one neither.
func TestFixation(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), false, withDemo)
	victim, attacker := s.browser(t), s.browser(t)
	planted, _ := newToken()
	for _, b := range []*browser{victim, attacker} {
		b.setCookie("umland", planted)
	}
	victim.signIn()
	first := victim.cookie("umland")
	if first == planted || victim.me() != demoActs {
		t.Errorf("the planted token is kept, or the session does not work: %q", victim.me())
	}
	if got := attacker.me(); got == demoActs {
		t.Error("the planted token signs in")
	}
	attacker.setCookie("umland", first)
	if attacker.me() != demoActs {
		t.Fatal("the first token does not work to begin with")
	}
	victim.signIn()
	if victim.cookie("umland") == first {
		t.Error("signing in again keeps the token")
	}
	if got := attacker.me(); got == demoActs {
		t.Error("the token of before the second sign-in still works")
	}
}

func TestCrossSite(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), false, withDemo)
	b := s.browser(t)
	b.signIn()
	own := s.URL
	const foreign = "https://evil.example"
	for _, tc := range []struct {
		name, method, path string
		headers            []string
		cookie             bool
		status             int
	}{
		{"post from here", "POST", "/me", []string{"Sec-Fetch-Site", "same-origin", "Origin", own}, true, 200},
		{"post from here, old browser", "POST", "/me", []string{"Origin", own}, true, 200},
		{"post from a program", "POST", "/me", nil, true, 200},
		{"post by hand", "POST", "/me", []string{"Sec-Fetch-Site", "none"}, true, 200},
		{"post from another site", "POST", "/me", []string{"Sec-Fetch-Site", "cross-site", "Origin", foreign}, true, 403},
		{"post from a neighbour", "POST", "/me", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"}, true, 403},
		{"post from another site, old browser", "POST", "/me", []string{"Origin", foreign}, true, 403},
		{"post from nowhere, old browser", "POST", "/me", []string{"Origin", "null"}, true, 403},
		{"put from another site", "PUT", "/me", []string{"Sec-Fetch-Site", "cross-site"}, true, 403},
		{"delete from another site", "DELETE", "/me", []string{"Sec-Fetch-Site", "cross-site"}, true, 403},
		{"get from another site", "GET", "/me", []string{"Sec-Fetch-Site", "cross-site"}, true, 200},
		{"WebSocket from another site", "GET", "/me", []string{"Upgrade", "websocket", "Connection", "Upgrade", "Sec-Fetch-Site", "cross-site", "Origin", foreign}, true, 403},
		{"WebSocket from another site, old browser", "GET", "/me", []string{"Upgrade", "websocket", "Connection", "Upgrade", "Origin", foreign}, true, 403},
		{"WebSocket from here", "GET", "/me", []string{"Upgrade", "websocket", "Connection", "Upgrade", "Origin", own}, true, 200},
		{"post from another site without our cookie", "POST", "/me", []string{"Sec-Fetch-Site", "cross-site", "Origin", foreign}, false, 200},
		{"post from another site with a key", "POST", "/me", []string{"Sec-Fetch-Site", "cross-site", "Origin", foreign, "Authorization", "Bearer uml_x"}, true, 200},
		{"sign-out by another site", "POST", "/auth/sign-out", []string{"Sec-Fetch-Site", "cross-site"}, true, 403},
		{"sign-in by another site", "POST", "/auth/demo", []string{"Sec-Fetch-Site", "cross-site"}, false, 403},
		{"a link used by another site", "POST", "/auth/link", []string{"Origin", foreign}, false, 403},
		{"mail asked for by another site", "POST", "/auth/mail", []string{"Sec-Fetch-Site", "cross-site"}, false, 403},
		{"sign-in by another site with a key", "POST", "/auth/demo", []string{"Sec-Fetch-Site", "cross-site", "Authorization", "Bearer uml_x"}, false, 403},
	} {
		use := s.browser(t)
		if tc.cookie {
			use.setCookie("umland", b.cookie("umland"))
		}
		a := use.do(tc.method, tc.path, "", append(tc.headers, "Accept", "application/json")...)
		if a.StatusCode != tc.status {
			t.Errorf("%s: %s %s", tc.name, a.Status, a.body)
		}
		if tc.status == 403 && a.body != `{"code":"FORBIDDEN","message":"The request came from another site."}`+"\n" {
			t.Errorf("%s: %s", tc.name, a.body)
		}
		if key := strings.Contains(tc.name, "with a key"); key && tc.status == 200 && a.body != "the public" {
			t.Errorf("%s: acts as %s", tc.name, a.body)
		}
	}
	if b.me() != demoActs {
		t.Error("another site has ended the session")
	}
}

func TestReturnTo(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), false, withDemo)
	for _, tc := range []struct{ in, want string }{
		{"/", "/"}, {"/redaktion", "/redaktion"}, {"/a?b=c&d=%20#e", "/a?b=c&d=%20#e"}, {"/a//b", "/a//b"},
		{"", "/"}, {"redaktion", "/"}, {"//evil.example", "/"}, {"///evil.example", "/"}, {`/\evil.example`, "/"}, {`\\evil.example`, "/"}, {`/a\..\b`, "/"},
		{"https://evil.example", "/"}, {"https:/evil.example", "/"}, {"javascript:alert(1)", "/"}, {"/\t/evil.example", "/"}, {"/\n/evil.example", "/"},
		{"\t//evil.example", "/"}, {" //evil.example", "/"}, {"/\r\nSet-Cookie: a=b", "/"}, {"/\u2028", "/"}, {"/%zz", "/"}, {"/auth/oidc", "/"},
		{"/" + strings.Repeat("a", 1000), "/"}, {"http://127.0.0.1/", "/"}, {"/\x00", "/"},
	} {
		if got := localPath(tc.in); got != tc.want {
			t.Errorf("%q becomes %q, want %q", tc.in, got, tc.want)
		}
		// As a browser sees it, on this server always.
		b := s.browser(t)
		s.later(time.Minute)
		a := b.submit("/auth/demo", "returnTo", tc.in)
		to, err := a.Location()
		if err != nil || to.Scheme+"://"+to.Host != s.URL {
			t.Errorf("%q leads to %v, %v", tc.in, to, err)
		}
	}
	for _, in := range []string{"/.//evil.example", "/..//evil.example", "/a/..//evil.example"} {
		a := s.browser(t).submit("/auth/demo", "returnTo", in)
		if strings.HasPrefix(a.Header.Get("Location"), "//") {
			t.Errorf("%q leads to %q", in, a.Header.Get("Location"))
		}
	}
}

func TestBadPosts(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), false, func(o *Options) {
		o.SMTP = &SMTP{Addr: "localhost:1", From: "umland@example.org", TLS: StartTLS}
	})
	for _, tc := range []struct {
		name, media, body string
		status            int
	}{
		{"nothing", "", "", 400},
		{"no address", "application/x-www-form-urlencoded", "email=", 400},
		{"rubbish", "application/x-www-form-urlencoded", "email=rathaus", 400},
		{"two addresses", "application/x-www-form-urlencoded", "email=a%40x.de,b%40x.de", 400},
		{"a header", "application/x-www-form-urlencoded", "email=a%40x.de%0d%0aBcc:b%40x.de", 400},
		{"a broken form", "application/x-www-form-urlencoded", "email=%zz", 400},
		{"an address in the query", "application/x-www-form-urlencoded", "?email=a%40x.de", 400},
		{"JSON that is none", "application/json", "{", 400},
		{"JSON with more", "application/json", `{"email":"a@x.de"}{}`, 400},
		{"JSON of another kind", "application/json", `{"email":["a@x.de"]}`, 400},
		{"a list", "application/json", `[]`, 400},
		{"another media type", "text/plain", "email=a@x.de", 415},
		{"multipart", "multipart/form-data; boundary=x", "--x--", 415},
		{"a large form", "application/x-www-form-urlencoded", "email=a%40x.de&x=" + strings.Repeat("x", 9000), 413},
		{"large JSON", "application/json", `{"email":"a@x.de","x":"` + strings.Repeat("x", 9000) + `"}`, 413},
	} {
		path := "/auth/mail"
		if q, ok := strings.CutPrefix(tc.body, "?"); ok {
			path, tc.body = path+"?"+q, ""
		}
		a := s.browser(t).do("POST", path, tc.body, "Content-Type", tc.media, "Accept", "application/json")
		var e struct{ Code, Message string }
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.StatusCode != tc.status || e.Code != "BAD_USER_INPUT" || e.Message == "" {
			t.Errorf("%s: %s %s", tc.name, a.Status, a.body)
		}
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	h := &Handler{o: Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}}
	for _, tc := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:1234", nil, "192.0.2.1"},
		{"192.0.2.1:1234", []string{"198.51.100.7"}, "192.0.2.1"}, // no proxy of ours
		{"10.0.0.1:1", []string{"198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:1", []string{"203.0.113.1, 198.51.100.7"}, "198.51.100.7"}, // what the client made up stands before
		{"10.0.0.1:1", []string{"203.0.113.1", "198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		{"10.0.0.1:1", []string{"rubbish"}, "10.0.0.1"},
		{"10.0.0.1:1", []string{"203.0.113.1, rubbish"}, "10.0.0.1"},
		{"10.0.0.1:1", nil, "10.0.0.1"},
		{"[::ffff:10.0.0.1]:1", []string{"198.51.100.7:99"}, "198.51.100.7"},
		{"[2001:db8:1:1ff::1]:1", nil, "2001:db8:1:100::/56"},
		{"[2001:db8:1:1aa:9::1]:1", nil, "2001:db8:1:100::/56"},
		{"[fd00::1]:1", []string{"2001:db8:1:2ff::1"}, "2001:db8:1:200::/56"},
		{"[fe80::1%eth0]:1", nil, "fe80::/56"},
	} {
		r := &http.Request{RemoteAddr: tc.remote, Header: http.Header{"X-Forwarded-For": tc.forwarded}}
		if got := h.network(r); got != tc.want {
			t.Errorf("%s, %q: %s, want %s", tc.remote, tc.forwarded, got, tc.want)
		}
	}
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	now := storetest.Noon
	l := newLimiter(64, 3, time.Minute)
	count := func(key string) (n int) {
		for range 10 {
			if l.allow(key, now) {
				n++
			}
		}
		return n
	}
	if n := count("a"); n != 3 {
		t.Errorf("%d at once", n)
	}
	now = now.Add(2 * time.Minute)
	if n := count("a"); n != 2 {
		t.Errorf("%d after two minutes", n)
	}
	for i := range 10_000 {
		l.allow(fmt.Sprint(i), now)
	}
	if n := count("a"); n != 0 {
		t.Errorf("%d after others have pushed", n)
	}
	if len(l.places) != 64 {
		t.Errorf("it holds %d places", len(l.places))
	}
	now = now.Add(time.Hour)
	if n := count("a"); n != 3 {
		t.Errorf("%d after an hour", n)
	}
}
