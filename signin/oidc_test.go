package signin

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"umland/ent"
	"umland/store"
	"umland/store/storetest"
)

func withIssuer(i *idp) func(o *Options) {
	return func(o *Options) {
		o.OIDC = &OIDC{Issuer: i.URL, ClientID: clientID, ClientSecret: clientSecret, Name: "Konto"}
		o.Operators = []string{"chefin@example.org"}
		withDemo(o)
	}
}

// atIssuer goes to the issuer, signs in there as user, and gives the address to which that leads back.
func (b *browser) atIssuer(user, returnTo string) string {
	b.t.Helper()
	start := b.do("GET", "/auth/oidc?"+url.Values{"returnTo": {returnTo}}.Encode(), "")
	if start.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("start: %s %s", start.Status, start.body)
	}
	form := b.do("GET", start.Header.Get("Location"), "")
	action := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(form.body)
	if form.StatusCode != 200 || action == nil {
		b.t.Fatalf("the issuer says %s %s", form.Status, form.body)
	}
	at, err := url.Parse(start.Header.Get("Location"))
	if err != nil {
		b.t.Fatal(err)
	}
	back := b.do("POST", "http://"+at.Host+html.UnescapeString(action[1]), url.Values{"user": {user}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if back.StatusCode != http.StatusFound {
		b.t.Fatalf("the issuer says %s %s", back.Status, back.body)
	}
	return back.Header.Get("Location")
}

func TestOpenIDConnect(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	i := startIssuer(t)
	s := open(t, st, false, withIssuer(i))
	person := func(search string) *ent.Person {
		t.Helper()
		c, err := st.People(t.Context(), &search, nil, store.PageArgs{})
		if err != nil || len(c.Edges) != 1 {
			t.Fatalf("%q finds %d people, %v", search, len(c.Edges), err)
		}
		return c.Nodes()[0]
	}
	b := s.browser(t)
	a := b.do("GET", b.atIssuer("anna", "/angebote?ort=belzig"), "")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/angebote?ort=belzig" {
		t.Fatalf("%s to %q: %s", a.Status, a.Header.Get("Location"), a.body)
	}
	if got := b.me(); got != "Anna []" { // known, and without any grant
		t.Errorf("she is %q", got)
	}
	if b.cookie("umland-oidc") != "" {
		t.Error("the cookie of the flow stays")
	}
	anna := person("anna")
	if *anna.Email != "anna@example.org" || *anna.Issuer != i.URL || *anna.Subject != "sub-anna" || len(anna.Memberships) != 0 {
		t.Errorf("she is stored as %+v", anna)
	}
	for range 2 {
		if a := b.do("GET", b.atIssuer("anna", "/"), ""); a.StatusCode != http.StatusSeeOther {
			t.Errorf("again: %s %s", a.Status, a.body)
		}
	}
	if again := person("anna"); again.ID != anna.ID {
		t.Error("she is somebody else the second time")
	}

	for _, tc := range []struct{ user, me, email string }{
		{"boss", "Boss [READ WRITE PUBLISH REVIEW SOURCE ADMIN]", "chefin@example.org"},
		{"impostor", "Impostor []", ""},
		{"silent", "Silent []", ""},
		{"cognito", "Cognito []", "cognito@example.org"},
		{"carl:userinfo", "Carl []", "carl@example.org"},
	} {
		b := s.browser(t)
		if a := b.do("GET", b.atIssuer(tc.user, "/"), ""); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s %s", tc.user, a.Status, a.body)
			continue
		}
		if got := b.me(); got != tc.me {
			t.Errorf("%s is %q", tc.user, got)
		}
		name, _, _ := strings.Cut(tc.user, ":")
		if p := person(name); (p.Email == nil) != (tc.email == "") || p.Email != nil && *p.Email != tc.email {
			t.Errorf("%s is stored as %+v", tc.user, p)
		}
	}

	// Disabled people stay out, and do not become new ones.
	if err := st.DisablePerson(t.Context(), anna.ID, true, s.now()); err != nil {
		t.Fatal(err)
	}
	out := s.browser(t)
	if a := out.do("GET", out.atIssuer("anna", "/"), "", "Accept", "text/html"); a.StatusCode != http.StatusForbidden || !strings.Contains(a.body, "gesperrt") || out.cookie("umland") != "" {
		t.Errorf("disabled: %s %s", a.Status, a.body)
	}

	// Whoever is not on the list any more is no operator after the next start.
	later := open(t, st, false, func(o *Options) { withIssuer(i)(o); o.Operators = nil })
	c := later.browser(t)
	if c.do("GET", c.atIssuer("boss", "/"), ""); c.me() != "Boss []" {
		t.Errorf("the former operator is %q", c.me())
	}
}

// What the issuer says is not believed unless everything about it is right.
func TestIssuerFaults(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	s := open(t, st, false, withIssuer(startIssuer(t)))
	for _, tc := range []struct {
		fault  string
		status int
	}{
		{"wrong-nonce", 400}, {"no-nonce", 400}, {"wrong-audience", 400}, {"other-party", 400}, {"no-party", 400}, {"expired", 400}, {"wrong-issuer", 400},
		{"no-subject", 400}, {"stolen-key", 400}, {"unsigned", 400}, {"no-token", 400}, {"userinfo-other", 400}, {"down", 502}, {"huge", 502},
	} {
		b := s.browser(t)
		a := b.do("GET", b.atIssuer("anna:"+tc.fault, "/"), "", "Accept", "text/html")
		if a.StatusCode != tc.status || b.cookie("umland") != "" || b.me() != "the public" || !strings.Contains(a.body, `<html lang="de">`) {
			t.Errorf("%s: %s, %q: %s", tc.fault, a.Status, b.me(), a.body)
		}
	}
	b := s.browser(t)
	a := b.do("GET", b.atIssuer("", "/"), "", "Accept", "text/html")
	if a.StatusCode != http.StatusForbidden || !strings.Contains(a.body, "abgebrochen") {
		t.Errorf("declined: %s %s", a.Status, a.body)
	}
	// The token is good for five minutes by our clock, too.
	s.later(10 * time.Minute)
	if a := b.do("GET", b.atIssuer("anna", "/"), ""); a.StatusCode != 400 || b.me() != "the public" {
		t.Errorf("expired by our clock: %s", a.Status)
	}
	if c, err := st.People(t.Context(), nil, nil, store.PageArgs{}); err != nil || len(c.Edges) != 0 {
		t.Errorf("there are %d people, %v", len(c.Edges), err)
	}
}

// Only the browser that went to the issuer comes back, once, soon, and to where it said.
func TestFlow(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), false, withIssuer(startIssuer(t)))
	const cookie = "umland-oidc"
	change := func(key, value string) func(*browser, *url.URL) {
		return func(_ *browser, u *url.URL) {
			q := u.Query()
			q.Set(key, value)
			u.RawQuery = q.Encode()
		}
	}
	edit := func(do func(f *flow)) func(*browser, *url.URL) {
		return func(b *browser, _ *url.URL) {
			raw, err := base64.RawURLEncoding.DecodeString(b.cookie(cookie))
			var f flow
			if err != nil || json.Unmarshal(raw, &f) != nil {
				t.Fatal("the cookie cannot be read")
			}
			do(&f)
			raw, _ = json.Marshal(f)
			b.setCookie(cookie, base64.RawURLEncoding.EncodeToString(raw))
		}
	}
	other := s.browser(t)
	stolen := other.atIssuer("mallory", "/")
	for _, tc := range []struct {
		name   string
		change func(b *browser, back *url.URL)
		ok     bool
	}{
		{"nothing", func(*browser, *url.URL) {}, true},
		{"another state", change("state", strings.Repeat("A", 43)), false},
		{"no state", change("state", ""), false},
		{"another code", change("code", "guess"), false},
		{"no code", change("code", ""), false},
		{"another issuer", change("iss", "https://id.example.org"), false},
		{"no cookie", func(b *browser, _ *url.URL) { b.setCookie(cookie, "") }, false},
		{"a cookie of rubbish", func(b *browser, _ *url.URL) { b.setCookie(cookie, "rubbish") }, false},
		{"a cookie with nothing in it", func(b *browser, _ *url.URL) { b.setCookie(cookie, base64.RawURLEncoding.EncodeToString([]byte("{}"))) }, false},
		{"the cookie of another browser", func(b *browser, _ *url.URL) { b.setCookie(cookie, other.cookie(cookie)) }, false},
		{"the answer to another browser", func(_ *browser, u *url.URL) { v, _ := url.Parse(stolen); *u = *v }, false},
		{"another returnTo", edit(func(f *flow) { f.ReturnTo = "/elsewhere" }), false},
		{"more time", edit(func(f *flow) { f.Until += 3600 }), false},
		{"another secret", edit(func(f *flow) { f.Secret, _ = newToken() }), false},
	} {
		b := s.browser(t)
		back, err := url.Parse(b.atIssuer("anna", "/"))
		if err != nil {
			t.Fatal(err)
		}
		tc.change(b, back)
		a := b.do("GET", back.String(), "")
		want, status := "the public", http.StatusBadRequest
		if tc.ok {
			want, status = "Anna []", http.StatusSeeOther
		}
		if a.StatusCode != status || b.me() != want {
			t.Errorf("%s: %s, %q", tc.name, a.Status, b.me())
		}
		if tc.ok {
			if a := b.do("GET", back.String(), ""); a.StatusCode != http.StatusBadRequest {
				t.Errorf("a second time: %s", a.Status)
			}
		}
		s.later(2 * time.Second) // for the limit
	}

	b := s.browser(t)
	back := b.atIssuer("anna", "//evil.example")
	if a := b.do("HEAD", back, ""); a.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("HEAD: %s", a.Status)
	}
	if a := b.do("GET", back, ""); a.Header.Get("Location") != "/" {
		t.Errorf("it leads to %q", a.Header.Get("Location"))
	}
	soon, late := s.browser(t), s.browser(t)
	back = soon.atIssuer("anna:long", "/")
	s.later(14 * time.Minute)
	if a := soon.do("GET", back, ""); a.StatusCode != http.StatusSeeOther || soon.me() != "Anna []" {
		t.Errorf("after less than a quarter of an hour: %s", a.Status)
	}
	back = late.atIssuer("anna:long", "/")
	s.later(15*time.Minute + time.Second)
	if a := late.do("GET", back, ""); a.StatusCode != http.StatusBadRequest || late.me() != "the public" {
		t.Errorf("after a quarter of an hour: %s", a.Status)
	}
}

// A token that was planted before is worth nothing after signing in at the issuer.
func TestFixationAtIssuer(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t), false, withIssuer(startIssuer(t)))
	b, copied := s.browser(t), s.browser(t)
	b.signIn()
	copied.setCookie("umland", b.cookie("umland"))
	if copied.me() != demoActs {
		t.Fatal("the copied cookie does not work to begin with")
	}
	b.do("GET", b.atIssuer("anna", "/"), "")
	if b.me() != "Anna []" {
		t.Errorf("she is %q", b.me())
	}
	if got := copied.me(); got != "The session has ended. Please sign in again." {
		t.Errorf("the token of before is %q", got)
	}
}

// An issuer that is away keeps nobody else from signing in, and is found when it is back.
func TestIssuerAway(t *testing.T) {
	t.Parallel()
	first := startIssuer(t)
	first.stop()
	s := open(t, storetest.New(t), false, withIssuer(first))
	b := s.browser(t)
	for range 2 {
		if a := b.do("GET", "/auth/oidc", "", "Accept", "text/html"); a.StatusCode != http.StatusBadGateway || !strings.Contains(a.body, "antwortet nicht") || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s %s", a.Status, a.body)
		}
	}
	b.signIn()
	if b.me() != demoActs {
		t.Error("the demo does not work")
	}
	u, err := url.Parse(first.URL)
	if err != nil {
		t.Fatal(err)
	}
	startIssuer(t, "SIGNIN_TEST_PORT="+u.Port())
	if a := b.do("GET", "/auth/oidc", ""); a.StatusCode != http.StatusBadGateway {
		t.Errorf("it is asked again at once: %s", a.Status)
	}
	s.later(discoverLife)
	if b.do("GET", b.atIssuer("anna", "/"), ""); b.me() != "Anna []" {
		t.Errorf("she is %q", b.me())
	}
}
