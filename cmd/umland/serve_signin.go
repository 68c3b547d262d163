package main

import (
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"umland/ent"
	"umland/signin"
	"umland/store"
)

// signInFlags say how people sign in.
type signInFlags struct {
	OIDCIssuer       string `name:"oidc-issuer" env:"UMLAND_OIDC_ISSUER" placeholder:"URL" help:"Issuer of OpenID Connect by which people sign in."`
	OIDCClientID     string `name:"oidc-client-id" env:"UMLAND_OIDC_CLIENT_ID" placeholder:"ID" help:"Client id at the issuer."`
	OIDCClientSecret string `name:"oidc-client-secret" env:"UMLAND_OIDC_CLIENT_SECRET" placeholder:"SECRET" help:"Client secret at the issuer. Not set: a public client."`
	OIDCName         string `name:"oidc-name" env:"UMLAND_OIDC_NAME" default:"Konto" placeholder:"TEXT" help:"How people know the issuer."`

	SMTP         string `name:"smtp" env:"UMLAND_SMTP" placeholder:"HOST:PORT" help:"Server that sends the mails by which people sign in."`
	SMTPFrom     string `name:"smtp-from" env:"UMLAND_SMTP_FROM" placeholder:"ADDRESS" help:"Sender of the mails."`
	SMTPUser     string `name:"smtp-user" env:"UMLAND_SMTP_USER" placeholder:"NAME" help:"Who signs in to the mail server. Not set: nobody."`
	SMTPPassword string `name:"smtp-password" env:"UMLAND_SMTP_PASSWORD" placeholder:"SECRET" help:"Password for the mail server."`
	SMTPTLS      string `name:"smtp-tls" env:"UMLAND_SMTP_TLS" default:"starttls" enum:"starttls,tls,none" help:"starttls, tls from the first byte, or none."`

	Operators []string       `env:"UMLAND_OPERATORS" placeholder:"ADDRESS" help:"Mail addresses of those who may everything, parted by commas."`
	Proxies   []netip.Prefix `env:"UMLAND_PROXIES" placeholder:"NETWORK" help:"Networks of the proxies in front, whose X-Forwarded-For is believed, parted by commas."`
}

// base is how the public reaches the server: as the setting says, else at its own address.
func (c serveCmd) base(own string) string {
	if c.PublicURL != "" {
		return trimSlash(c.PublicURL)
	}
	return own
}

func trimSlash(s string) string {
	for len(s) > 0 && s[len(s)-1] == '/' {
		s = s[:len(s)-1]
	}
	return s
}

// signIn lets people in by the ways that are set up; nil where there are none.
func (c serveCmd) signIn(env *environment, st *store.Store, base string) (*signin.Handler, error) {
	o := signin.Options{Store: st, BaseURL: base, Operators: c.Operators, Proxies: c.Proxies, Now: env.now, Log: env.log}
	if c.OIDCIssuer != "" {
		o.OIDC = &signin.OIDC{Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, ClientSecret: c.OIDCClientSecret, Name: c.OIDCName}
	}
	if c.SMTP != "" {
		o.SMTP = &signin.SMTP{Addr: c.SMTP, From: c.SMTPFrom, User: c.SMTPUser, Password: c.SMTPPassword, TLS: signin.TLSMode(c.SMTPTLS)}
	}
	if c.Demo {
		people, err := demoPeople(env, st)
		if err != nil {
			return nil, err
		}
		o.Demo = people
	}
	if o.OIDC == nil && o.SMTP == nil && len(o.Demo) == 0 {
		return nil, nil
	}
	h, err := signin.New(env.ctx, o)
	if err != nil && o.OIDC == nil && o.SMTP == nil { // a demo shows what it can, also at an address that is not safe for cookies
		env.log.Warn().Err(err).Msg("nobody signs in to this demo; --public-url can say how the public reaches it")
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("people cannot sign in: %w", err)
	}
	return h, nil
}

// demoPeople are a clerk who decides, and a club whose posts wait for the clerk.
func demoPeople(env *environment, st *store.Store) ([]signin.Demo, error) {
	const town, club = "12069020", "Heimatverein Bad Belzig e. V."
	ags, first, name := town, 1, club
	people := []signin.Demo{{
		Key: "rathaus", Name: "Rathaus Bad Belzig", Text: "prüft und veröffentlicht",
		Grants: []ent.Grant{{Role: ent.RoleReviewer, AGS: &ags}},
	}}
	found, err := st.Providers(env.ctx, &name, &ags, nil, store.PageArgs{First: &first})
	if err != nil {
		return nil, err
	}
	for _, p := range found.Nodes() {
		people = append(people, signin.Demo{
			Key: "verein", Name: p.Name, Text: "reicht ein, das Rathaus prüft",
			Grants: []ent.Grant{{Role: ent.RoleMember, ProviderID: &p.ID}},
		})
	}
	return people, nil
}

// mountSignIn adds what people sign in by to what the server serves. ended waits for mails on their way.
func mountSignIn(env *environment, st *store.Store, h *signin.Handler, mount map[string]http.Handler) (ended func()) {
	if h == nil {
		return func() {}
	}
	mount["/auth/"] = h
	go env.repeat(time.Hour, "sign-ins that are over forgotten", func() (int, error) { return st.CleanSignIns(env.ctx, 10_000, env.now().UTC()) })
	return h.Close
}
