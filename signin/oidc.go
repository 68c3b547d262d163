package signin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"umland/ent"
)

const (
	flowLife     = 15 * time.Minute // for signing in at the issuer
	discoverLife = 10 * time.Second // between attempts to reach an issuer that does not answer
)

// issuer is an OpenID Connect issuer, which is asked who it is when somebody first wants to go there.
type issuer struct {
	o        OIDC
	redirect string
	client   *http.Client
	now      func() time.Time

	mu     sync.Mutex
	found  *oidc.Provider
	failed error
	again  time.Time // not before, after a failure
}

func newIssuer(o OIDC, base *url.URL, now func() time.Time) (*issuer, error) {
	if _, err := webAddress(o.Issuer); err != nil {
		return nil, fmt.Errorf("the issuer %q must be an https address", o.Issuer)
	}
	if o.ClientID == "" {
		return nil, errors.New("the issuer needs a client id")
	}
	if o.Name == "" {
		return nil, errors.New("the issuer needs a name")
	}
	return &issuer{
		o: o, redirect: base.JoinPath("/auth/oidc/callback").String(), now: now,
		client: &http.Client{Timeout: 10 * time.Second, Transport: bounded{http.DefaultTransport}},
	}, nil
}

// bounded cuts answers at a mebibyte.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, 1<<20), res.Body}
	}
	return res, err
}

// context is for asking the issuer: with its client, and a bound on the time in all.
func (i *issuer) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(oidc.ClientContext(ctx, i.client), 20*time.Second)
}

func (i *issuer) provider(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found != nil {
		return i.found, nil
	}
	if i.now().Before(i.again) {
		return nil, i.failed
	}
	ctx, cancel := i.context(context.WithoutCancel(ctx)) // others wait for the answer, too
	defer cancel()
	i.found, i.failed = oidc.NewProvider(ctx, i.o.Issuer)
	i.again = i.now().Add(discoverLife)
	return i.found, i.failed
}

// config says how to speak to the issuer. How the client shows its secret is taken from what the issuer says: to find out by trying would use codes up.
func (i *issuer) config(p *oidc.Provider) *oauth2.Config {
	c := &oauth2.Config{
		ClientID: i.o.ClientID, ClientSecret: i.o.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: i.redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
	var says struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"` // without it client_secret_basic (Discovery 1.0, section 3)
	}
	_ = p.Claims(&says) // it has been read once, or there were no provider
	c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if i.o.ClientSecret == "" || len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") {
		c.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return c
}

// flow is what a browser remembers in a cookie of its own while it is at the issuer. state, nonce and the PKCE verifier are made from the secret, so that each
// knows only what it is to know; the state covers the rest, so that none of it can be changed on the way.
type flow struct {
	Secret   string `json:"s"`
	Until    int64  `json:"u"` // Unix seconds
	ReturnTo string `json:"r"`
}

func (f flow) derive(what string) string {
	mac := hmac.New(sha256.New, []byte(f.Secret))
	_, _ = fmt.Fprintf(mac, "%s\n%s\n%s", what, strconv.FormatInt(f.Until, 10), f.ReturnTo)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (h *Handler) flowCookie() string { return h.cookieName() + "-oidc" }

func (h *Handler) oidcStart(w http.ResponseWriter, r *http.Request) error {
	provider, err := h.issuer.provider(r.Context())
	if err != nil {
		return issuerAway(err)
	}
	secret, _ := newToken()
	f := flow{Secret: secret, Until: h.o.Now().Add(flowLife).Unix(), ReturnTo: localPath(r.URL.Query().Get("returnTo"))}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	h.setCookie(w, h.flowCookie(), base64.RawURLEncoding.EncodeToString(b), int(flowLife.Seconds()))
	http.Redirect(w, r, h.issuer.config(provider).AuthCodeURL(f.derive("state"), oidc.Nonce(f.derive("nonce")), oauth2.S256ChallengeOption(f.derive("verifier"))), http.StatusSeeOther)
	return nil
}

func (h *Handler) oidcCallback(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet { // HEAD must not use the code up
		w.Header().Set("Allow", "GET")
		return unreadable(http.StatusMethodNotAllowed)
	}
	if !h.tries.allow(h.network(r), h.o.Now()) {
		return tooMany()
	}
	query := r.URL.Query()
	f, err := h.readFlow(r)
	if err != nil || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(f.derive("state"))) != 1 {
		return flowBroken(errors.Join(errors.New("the state is not the one that this browser was given"), err))
	}
	h.setCookie(w, h.flowCookie(), "", -1)
	if h.o.Now().Unix() > f.Until {
		return flowBroken(errors.New("it took too long"))
	}
	if iss := query.Get("iss"); iss != "" && iss != h.issuer.o.Issuer { // RFC 9207
		return flowBroken(errors.New("the answer is of another issuer"))
	}
	if query.Has("error") {
		return declined(fmt.Errorf("the issuer answers %.200q", query.Get("error")))
	}
	identity, err := h.issuer.identify(r.Context(), f, query.Get("code"))
	if err != nil {
		return err
	}
	p, err := h.o.Store.PersonByIdentity(r.Context(), *identity, h.o.Now().UTC())
	if err != nil {
		return err
	}
	return h.begin(w, r, p, f.ReturnTo)
}

func (h *Handler) readFlow(r *http.Request) (f flow, err error) {
	c, err := r.Cookie(h.flowCookie())
	if err != nil {
		return f, err
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, err
	}
	if _, ok := hashToken(f.Secret); !ok {
		return f, errors.New("the cookie has no secret")
	}
	f.ReturnTo = localPath(f.ReturnTo)
	return f, nil
}

// claims is what is read of an ID token, and of what the issuer's userinfo says.
type claims struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // some issuers write "true"
	Name     string `json:"name"`
	Username string `json:"preferred_username"`
	Party    string `json:"azp"`
}

// identify exchanges the code for an ID token, checks that, and reads who it is about.
func (i *issuer) identify(ctx context.Context, f flow, code string) (*ent.Identity, error) {
	provider, err := i.provider(ctx)
	if err != nil {
		return nil, issuerAway(err)
	}
	ctx, cancel := i.context(ctx)
	defer cancel()
	tokens, err := i.config(provider).Exchange(ctx, code, oauth2.VerifierOption(f.derive("verifier")))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response.StatusCode < 500 {
		return nil, flowBroken(fmt.Errorf("the issuer refuses the code: %d %.200q", refused.Response.StatusCode, refused.ErrorCode))
	}
	if err != nil {
		return nil, issuerAway(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: i.o.ClientID, Now: i.now}).Verify(ctx, raw)
	if err != nil {
		return nil, flowBroken(fmt.Errorf("the ID token is refused: %w", err))
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.derive("nonce"))) != 1 {
		return nil, flowBroken(errors.New("the ID token was made for another sign-in"))
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return nil, flowBroken(fmt.Errorf("the ID token cannot be read: %w", err))
	}
	if c.Party != "" && c.Party != i.o.ClientID || c.Party == "" && len(token.Audience) > 1 { // OpenID Connect Core 3.1.3.7
		return nil, flowBroken(errors.New("the ID token was made for another client"))
	}
	if token.Subject == "" || len(token.Subject) > 255 || strings.ContainsRune(token.Subject, 0) {
		return nil, flowBroken(errors.New("the ID token names nobody"))
	}
	if c.Email == "" && provider.UserInfoEndpoint() != "" {
		info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
		if err != nil {
			return nil, issuerAway(fmt.Errorf("userinfo: %w", err))
		}
		if info.Subject != token.Subject { // OpenID Connect Core 5.3.2
			return nil, flowBroken(errors.New("userinfo is about somebody else"))
		}
		var more claims
		if err := info.Claims(&more); err != nil {
			return nil, flowBroken(fmt.Errorf("userinfo cannot be read: %w", err))
		}
		c.Email, c.Verified = more.Email, more.Verified
		if c.Name == "" {
			c.Name, c.Username = more.Name, more.Username
		}
	}
	identity := &ent.Identity{Issuer: i.o.Issuer, Subject: token.Subject, Name: c.Name}
	if c.Name == "" {
		identity.Name = c.Username
	}
	if slices.Contains([]any{true, "true"}, c.Verified) {
		identity.Email, _ = ent.FoldEmail(c.Email)
	}
	return identity, nil
}
