package signin

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"umland/ent"
	"umland/store"
	"umland/store/storetest"
)

func withPost(p *post) func(o *Options) {
	return func(o *Options) {
		o.SMTP = &SMTP{Addr: p.StartTLS, From: "Umland Fläming <umland@example.org>", User: "umland", Password: "geheim", TLS: StartTLS}
		o.Operators = []string{"chefin@example.org"}
		o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
}

// parts reads a letter: its header, and what is in it, plain and HTML.
func (l letter) parts(t *testing.T) (header mail.Header, text, html string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(l.Data))
	if err != nil {
		t.Fatal(err)
	}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/alternative" {
		t.Fatalf("the letter is %s, %v", media, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return m.Header, text, html
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		switch media, params, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); {
		case media == "text/plain" && strings.EqualFold(params["charset"], "utf-8"):
			text = strings.ReplaceAll(string(b), "\r\n", "\n")
		case media == "text/html" && strings.EqualFold(params["charset"], "utf-8"):
			html = string(b)
		default:
			t.Errorf("a part is %q", p.Header.Get("Content-Type"))
		}
	}
}

var linkIn = regexp.MustCompile(`https?://\S+/auth/link\?token=([\w-]{43})`)

// link gives what a letter's link leads to, and its token.
func (l letter) link(t *testing.T) (address, token string) {
	t.Helper()
	_, text, _ := l.parts(t)
	m := linkIn.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no link in\n%s", text)
	}
	return m[0], m[1]
}

func TestMail(t *testing.T) {
	t.Parallel()
	p := startPost(t)
	st := storetest.New(t)
	s := open(t, st, false, withPost(p))
	b := s.browser(t)
	const address = "anna@example.org"
	a := b.submit("/auth/mail", "email", " Anna@Example.org ", "returnTo", "/redaktion")
	if a.StatusCode != http.StatusAccepted || !strings.Contains(a.body, "Bitte sehen Sie in Ihr Postfach") {
		t.Fatalf("%s %s", a.Status, a.body)
	}
	l := p.wait(t, address, 1)
	if !l.TLS || l.User != "umland" || l.From != "umland@example.org" {
		t.Errorf("the letter came by %+v", l)
	}
	header, text, html := l.parts(t)
	for name, want := range map[string]string{
		"From": `=\?utf-8\?q\?Umland_Fl=C3=A4ming\?= <umland@example\.org>`, "To": `<anna@example\.org>`, "Subject": `Ihr Link zur Anmeldung bei Umland`,
		"Auto-Submitted": "auto-generated", "Content-Language": "de", "Message-Id": `<[0-9a-f-]{36}@example\.org>`, "Date": `.+ \+0[12]00`,
	} {
		if got := header.Get(name); !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%s: %q", name, got)
		}
	}
	link, token := l.link(t)
	if !strings.HasPrefix(link, s.URL+"/auth/link?") {
		t.Errorf("the link is %s", link)
	}
	until := s.now().Add(30 * time.Minute).In(ent.Berlin)
	for _, part := range []string{text, html} {
		for _, want := range []string{link, "30 Minuten", "nur einmal", "Sie haben keine Anmeldung angefordert?"} {
			if !strings.Contains(part, want) {
				t.Errorf("%q is not in\n%s", want, part)
			}
		}
		if !strings.Contains(part, until.Format("15:04")+" Uhr") && !strings.Contains(part, until.Add(-time.Minute).Format("15:04")+" Uhr") {
			t.Errorf("it does not say until %s:\n%s", until.Format("15:04"), part)
		}
	}
	if strings.Contains(html, "<img") || strings.Contains(html, "<script") || !strings.Contains(html, `<html lang="de">`) {
		t.Errorf("the HTML is\n%s", html)
	}

	// Looking at the link, as programs that look through mail do, changes nothing.
	for _, method := range []string{"GET", "HEAD", "GET"} {
		page := s.browser(t).do(method, link, "", "Accept", "text/html")
		if page.StatusCode != http.StatusOK || page.Header.Get("Set-Cookie") != "" || page.Header.Get("Referrer-Policy") != "same-origin" || page.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %s %v", method, page.Status, page.Header)
		}
		if method == "GET" && (!strings.Contains(page.body, "Sie melden sich an als <strong>anna@example.org</strong>") || !strings.Contains(page.body, `name="token" value="`+token+`"`)) {
			t.Errorf("the page is %s", page.body)
		}
	}
	if b.me() != "the public" {
		t.Errorf("before the click she is %q", b.me())
	}
	a = b.submit("/auth/link", "token", token)
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/redaktion" || b.me() != "anna@example.org []" {
		t.Errorf("%s to %q, %q", a.Status, a.Header.Get("Location"), b.me())
	}

	// Once is once.
	again := s.browser(t)
	if a := again.submit("/auth/link", "token", token); a.StatusCode != http.StatusGone || again.me() != "the public" || !strings.Contains(a.body, "gilt nicht mehr") {
		t.Errorf("a second time: %s, %q", a.Status, again.me())
	}
	if a := again.do("GET", link, ""); a.StatusCode != http.StatusGone {
		t.Errorf("the page a second time: %s", a.Status)
	}

	// The operator's address makes an operator.
	boss := s.browser(t)
	if a := boss.do("POST", "/auth/mail", `{"email":"chefin@example.org","returnTo":"https://evil.example"}`, "Content-Type", "application/json"); a.StatusCode != http.StatusAccepted || !strings.HasPrefix(a.body, `{"message":`) {
		t.Errorf("by JSON: %s %s", a.Status, a.body)
	}
	_, token = p.wait(t, "chefin@example.org", 1).link(t)
	if a := boss.submit("/auth/link", "token", token); a.Header.Get("Location") != "/" || boss.me() != "chefin@example.org [READ WRITE PUBLISH REVIEW SOURCE ADMIN]" {
		t.Errorf("the operator goes to %q as %q", a.Header.Get("Location"), boss.me())
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	p := startPost(t)
	st := storetest.New(t)
	s := open(t, st, false, withPost(p))
	b := s.browser(t)
	ask := func(address string, n int) string {
		t.Helper()
		if a := b.submit("/auth/mail", "email", address); a.StatusCode != http.StatusAccepted {
			t.Fatalf("%s %s", a.Status, a.body)
		}
		_, token := p.wait(t, address, n).link(t)
		return token
	}
	// Eight at once: one gets in.
	token := ask("many@example.org", 1)
	var in, out atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		use := s.browser(t)
		wg.Go(func() {
			switch use.submit("/auth/link", "token", token).StatusCode {
			case http.StatusSeeOther:
				in.Add(1)
			case http.StatusGone:
				out.Add(1)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 || out.Load() != 7 {
		t.Errorf("%d get in, %d do not", in.Load(), out.Load())
	}

	// Whoever has used one link does not leave the others lying about.
	first, second := ask("twice@example.org", 1), ask("twice@example.org", 2)
	if first == second {
		t.Error("two links are the same")
	}
	if a := s.browser(t).submit("/auth/link", "token", second); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the second link: %s", a.Status)
	}
	if a := s.browser(t).submit("/auth/link", "token", first); a.StatusCode != http.StatusGone {
		t.Errorf("the first link: %s", a.Status)
	}

	// Half an hour.
	late := ask("late@example.org", 1)
	s.later(30*time.Minute - 10*time.Second)
	if a := b.do("GET", "/auth/link?token="+late, ""); a.StatusCode != http.StatusOK {
		t.Errorf("just before its end: %s", a.Status)
	}
	s.later(11 * time.Second)
	if a := b.submit("/auth/link", "token", late); a.StatusCode != http.StatusGone {
		t.Errorf("after its end: %s", a.Status)
	}

	// The person is deleted, or disabled, before the link is used.
	gone := ask("gone@example.org", 1)
	person, err := st.PersonByEmail(t.Context(), "gone@example.org", s.now())
	if err != nil {
		t.Fatal(err)
	}
	if err := st.DeletePerson(t.Context(), person.ID); err != nil {
		t.Fatal(err)
	}
	if a := b.submit("/auth/link", "token", gone); a.StatusCode != http.StatusGone {
		t.Errorf("after the person was deleted: %s", a.Status)
	}
	person, err = st.PersonByEmail(t.Context(), "off@example.org", s.now())
	if err != nil {
		t.Fatal(err)
	}
	if err := st.DisablePerson(t.Context(), person.ID, true, s.now()); err != nil {
		t.Fatal(err)
	}
	if a := b.submit("/auth/link", "token", ask("off@example.org", 1)); a.StatusCode != http.StatusForbidden || !strings.Contains(a.body, "gesperrt") {
		t.Errorf("disabled: %s", a.Status)
	}

	// Guessing: whatever is tried, nothing is found, and soon nothing can be tried.
	guesser := s.browser(t)
	refused := 0
	hash, _ := hashToken(gone)
	for _, guess := range []string{"", "x", "'; DROP TABLE person; --", strings.Repeat("A", 43), strings.Repeat("A", 44), string(hash)} {
		if a := guesser.submit("/auth/link", "token", guess); a.StatusCode != http.StatusGone {
			t.Errorf("the guess %q: %s", guess, a.Status)
		}
	}
	for range 40 {
		guess, _ := newToken()
		switch a := guesser.submit("/auth/link", "token", guess); a.StatusCode {
		case http.StatusGone:
		case http.StatusTooManyRequests:
			refused++
		default:
			t.Errorf("a guess: %s", a.Status)
		}
	}
	if refused < 10 || refused > 25 {
		t.Errorf("of 46 guesses %d are not looked at", refused)
	}
	if a := guesser.do("GET", "/auth/link?token="+strings.Repeat("A", 43), ""); a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("then: %s", a.Status)
	}
}

// Whether somebody is known, disabled, an operator, or has just had three mails: the answer is the same, byte for byte, and does not wait for anything that
// differs.
func TestAnswersAreAlike(t *testing.T) {
	t.Parallel()
	p := startPost(t)
	st := storetest.New(t)
	s := open(t, st, false, withPost(p))
	for _, email := range []string{"known@example.org", "off@example.org"} {
		if _, err := st.PersonByEmail(t.Context(), email, s.now()); err != nil {
			t.Fatal(err)
		}
	}
	people(t, st, func(p *ent.Person) error {
		return st.DisablePerson(t.Context(), p.ID, *p.Email == "off@example.org", s.now())
	})
	b := s.browser(t)
	ask := func(email string) answer {
		t.Helper()
		a := b.submit("/auth/mail", "email", email)
		a.Header.Del("Date")
		return a
	}
	want := ask("unknown@example.org")
	for _, email := range []string{"known@example.org", "off@example.org", "chefin@example.org", "unknown@example.org", "unknown@example.org", "unknown@example.org", "unknown@example.org"} {
		s.later(time.Second)
		got := ask(email)
		if got.StatusCode != want.StatusCode || got.body != want.body || len(got.Header) != len(want.Header) {
			t.Errorf("%s: %s %s", email, got.Status, got.body)
		}
		for name := range want.Header {
			if got.Header.Get(name) != want.Header.Get(name) {
				t.Errorf("%s: %s is %q, was %q", email, name, got.Header.Get(name), want.Header.Get(name))
			}
		}
	}
	s.h.Close()
	p.wait(t, "unknown@example.org", 3)
	ask("last@example.org") // what must not come would have come before it
	p.wait(t, "last@example.org", 1)
	if n := len(p.to("unknown@example.org")); n != 3 {
		t.Errorf("%d mails within seconds to one address", n)
	}
	s.later(10 * time.Minute)
	ask("unknown@example.org")
	p.wait(t, "unknown@example.org", 4)
	if c, err := st.People(t.Context(), nil, nil, store.PageArgs{}); err != nil || len(c.Edges) != 2 {
		t.Errorf("asking makes %d people, %v", len(c.Edges), err)
	}
}

func TestMailLimits(t *testing.T) {
	t.Parallel()
	p := startPost(t)
	s := open(t, storetest.New(t), false, withPost(p))
	b := s.browser(t)
	n := 0
	ask := func(client string) answer {
		t.Helper()
		n++
		return b.do("POST", "/auth/mail", `{"email":"a`+strings.Repeat("x", n%60)+"@n"+strings.Repeat("x", n/60)+`.example.org"}`,
			"Content-Type", "application/json", "X-Forwarded-For", "198.51.100.250, "+client)
	}
	accepted := func(client string, times int) (ok int) {
		t.Helper()
		for range times {
			switch a := ask(client); a.StatusCode {
			case http.StatusAccepted:
				ok++
			case http.StatusTooManyRequests:
				if a.Header.Get("Retry-After") != "60" || !strings.Contains(a.body, `"code":"BUSY"`) {
					t.Errorf("it is refused with %v %s", a.Header, a.body)
				}
			default:
				t.Errorf("%s %s", a.Status, a.body)
			}
			s.h.Close() // one mail after another: how many are on their way at once is another limit
		}
		return ok
	}
	if n := accepted("192.0.2.1", 12); n != 10 {
		t.Errorf("%d for one network", n)
	}
	if n := accepted("2001:db8::1", 6) + accepted("2001:db8:0:ff::1", 6); n != 10 {
		t.Errorf("%d for one network of IPv6", n)
	}
	s.later(time.Minute)
	if n := accepted("192.0.2.1", 3); n != 1 {
		t.Errorf("%d after a minute", n)
	}
	// Everybody together: 100 at once, then one every two seconds.
	all := 0
	for i := range 12 {
		all += accepted("203.0.113."+string(rune('0'+i%10))+strings.Repeat("1", i/10), 10)
	}
	if all < 95 || all > 105 {
		t.Errorf("%d for everybody", all)
	}
}

// The mail server's ways, and its moods.
func TestMailServers(t *testing.T) {
	t.Parallel()
	p := startPost(t)
	st := storetest.New(t)
	for _, tc := range []struct {
		name, to string
		change   func(o *SMTP)
		comes    bool
	}{
		{"TLS from the start", "tls@example.org", func(o *SMTP) { o.Addr, o.TLS = p.TLS, ImplicitTLS }, true},
		{"no TLS", "plain@example.org", func(o *SMTP) { o.Addr, o.TLS, o.User, o.Password = p.Plain, NoTLS, "", "" }, true},
		{"come again", "later@example.org", func(*SMTP) {}, true},
		{"to an international domain", "amt@xn--grnewald-75a.de", func(*SMTP) {}, true},
		{"STARTTLS where there is none", "a1@example.org", func(o *SMTP) { o.Addr, o.User, o.Password = p.Plain, "", "" }, false},
		{"a wrong password", "a2@example.org", func(o *SMTP) { o.Password = "x" }, false},
		{"a certificate for another name", "a3@example.org", func(o *SMTP) { o.Addr = strings.Replace(p.StartTLS, "localhost", "127.0.0.1", 1) }, false},
		{"no password", "a4@example.org", func(o *SMTP) { o.User, o.Password = "", "" }, false},
	} {
		s := open(t, st, false, func(o *Options) {
			withPost(p)(o)
			tc.change(o.SMTP)
		})
		if a := s.browser(t).submit("/auth/mail", "email", tc.to); a.StatusCode != http.StatusAccepted {
			t.Errorf("%s: %s", tc.name, a.Status)
		}
		s.h.Close()
		if tc.comes {
			p.wait(t, tc.to, 1)
		}
	}
	s := open(t, st, false, withPost(p))
	s.browser(t).submit("/auth/mail", "email", "last@example.org")
	p.wait(t, "last@example.org", 1) // what must not come would have come before it
	for i := range 4 {
		if n := len(p.to(fmt.Sprintf("a%d@example.org", i+1))); n != 0 {
			t.Errorf("%d mails come to a%d", n, i+1)
		}
	}
}
