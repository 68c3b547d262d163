package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/google/uuid"

	"umland/answers"
	"umland/auth"
	"umland/demo"
	"umland/ent"
	"umland/graph"
	"umland/register"
	"umland/resolvers"
	"umland/server"
	"umland/store"
	"umland/web"
)

type serveCmd struct {
	Listen string `env:"UMLAND_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen; port 0 takes a free one."`
	Demo   bool   `env:"UMLAND_DEMO" help:"Load the demo region, once."`

	AnswerCache int `env:"UMLAND_ANSWER_CACHE" default:"64" placeholder:"MB" help:"Megabytes of answers to the public that are kept as long as they are right; 0 keeps none."`

	PublicURL     string `name:"public-url" env:"UMLAND_PUBLIC_URL" placeholder:"URL" help:"How the public reaches the server, such as https://umland.example. Not set: http://localhost with the port, and on pages as each request says."`
	Basemap       string `env:"UMLAND_BASEMAP" placeholder:"URL" help:"Raster tiles below the map, with {z}, {x} and {y}. Not set: the map has none, and no request leaves the server."`
	BasemapCredit string `env:"UMLAND_BASEMAP_CREDIT" placeholder:"TEXT" help:"Whom the map names for the raster tiles."`

	ImprintURL       string `name:"imprint-url" env:"UMLAND_IMPRINT_URL" placeholder:"URL" help:"The operator's Impressum, linked at the foot of every page."`
	PrivacyURL       string `name:"privacy-url" env:"UMLAND_PRIVACY_URL" placeholder:"URL" help:"The operator's privacy statement (Datenschutzerklärung), linked there."`
	AccessibilityURL string `name:"accessibility-url" env:"UMLAND_ACCESSIBILITY_URL" placeholder:"URL" help:"The operator's accessibility statement (Erklärung zur Barrierefreiheit), linked there."`

	WebhookAllow []netip.Prefix `env:"UMLAND_WEBHOOK_ALLOW" placeholder:"NETWORK,…" help:"Networks that webhooks may lead into although they are not public, such as 10.1.0.0/16."`

	signInFlags
	mediaFlags
}

// Run serves until the context ends, then lets open requests finish.
func (c serveCmd) Run(env *environment) error {
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		return ent.BadInput("public-url", "--public-url must be an address such as https://umland.example.")
	}
	listener, err := net.Listen("tcp", c.Listen) // first, so that a taken port is told at once
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", c.Listen, err)
	}
	defer func() { _ = listener.Close() }()
	return env.withStore(func(st *store.Store) error {
		if c.Demo {
			if err := demo.Load(env.ctx, st, env.now()); err != nil {
				return err
			}
		}
		go env.repeat(24*time.Hour, "dates of series extended", func() (int, error) { return st.ExtendOccurrences(env.ctx, env.now().UTC()) })
		go env.repeat(time.Second, "offerings published or withdrawn as planned", func() (int, error) { return st.PublishDue(env.ctx, env.now().UTC().Truncate(time.Microsecond)) })
		go env.repeat(time.Hour, "kept answers forgotten", func() (int, error) { return st.ForgetAnswers(env.ctx, env.now().UTC()) })
		go env.repeat(time.Second, "", func() (int, error) { return 0, st.Listen(env.ctx) })
		go env.repeat(time.Hour, "", func() (int, error) { return 0, st.LoadVocabulary(env.ctx) })
		defer c.sendWebhooks(env, st)()
		runner, err := env.runner(st, c.PublicURL)
		if err != nil {
			return err
		}
		go runner.Serve(env.ctx, time.Second)
		go env.repeat(24*time.Hour, "audit rows of old runs forgotten", func() (int, error) { return st.ForgetHarvests(env.ctx, env.now().UTC()) })
		owed, err := credits(env.ctx, st)
		if err != nil {
			return err
		}
		pages, err := c.pages(env, st)
		if err != nil {
			return err
		}
		address := "http://" + listener.Addr().String()
		if addr, ok := listener.Addr().(*net.TCPAddr); ok && (addr.IP.IsLoopback() || addr.IP.IsUnspecified()) {
			address = fmt.Sprintf("http://localhost:%d", addr.Port)
		}
		base := c.base(address)
		key := func(ctx context.Context, token string) (*ent.Actor, error) {
			hash, ok := auth.Hash(token)
			if !ok {
				return nil, nil
			}
			key, err := st.KeyByHash(ctx, hash, env.now().UTC())
			if key == nil || err != nil {
				return nil, err
			}
			return key.Actor(), nil
		}
		people, err := c.signIn(env, st, base)
		if err != nil {
			return err
		}
		images, closeImages, err := c.open(env)
		if err != nil {
			return err
		}
		defer func() { _ = closeImages() }()
		mount := map[string]http.Handler{}
		defer mountSignIn(env, st, people, mount)()
		mountMedia(env, images, base, key, people, mount)
		limits := server.DefaultLimits()
		var kept *answers.Cache
		if c.AnswerCache > 0 {
			kept = answers.New(st, int64(c.AnswerCache)<<20, env.now)
		}
		options := server.Options{
			Schema: resolvers.Schema(&resolvers.Root{Store: st, Now: env.now, Credits: owed, Variants: variants(base), WebhookAllow: c.WebhookAllow, Harvest: runner}),
			Key:    key, Mount: mount,
			Once: func(ctx context.Context, actor uuid.UUID, key string, request []byte, do func(context.Context) ([]byte, bool)) ([]byte, error) {
				return st.Once(ctx, actor, key, request, env.now().UTC(), do)
			},
			Answers: kept,
			Ready:   st.Ready, Stats: st.Stats, Collectors: runner.Collectors(), Playground: web.Playground(), Pages: pages, Version: versionText(), Log: env.log, Limits: limits,
		}
		if people != nil {
			options.Session = people.Actor
		}
		handler := server.Handler(options)
		env.log.Info().Str("url", address).Str("playground", address+"/playground/").Str("version", versionText()).Msg("Umland serves")
		err = server.Serve(env.ctx, listener, handler, limits, env.log)
		env.log.Info().Err(err).Msg("Umland stops")
		return err
	})
}

// repeat works at once and then at intervals until the context ends; where it fails, it tries again within the hour. What is done is logged as
// done, unless that is nothing.
func (env *environment) repeat(interval time.Duration, done string, work func() (n int, err error)) {
	for {
		wait := interval
		n, err := work()
		switch {
		case err != nil && env.ctx.Err() == nil:
			wait = min(wait, time.Hour)
			env.log.Warn().Err(err).Msg("a task in the background failed and is tried again")
		case n > 0:
			env.log.Info().Int("n", n).Msg(done)
		}
		select {
		case <-env.ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// credits says whose data the graph is built on: the register's, and that of the sources in the database.
func credits(ctx context.Context, st *store.Store) ([]*graph.Credit, error) {
	const dlDe = "DL-DE-BY-2.0"
	address := "https://www.govdata.de/dl-de/by-2-0"
	all := []*graph.Credit{
		{Text: register.CreditRegister, Licence: dlDe, URL: &address},
		{Text: register.CreditBoundaries, Licence: dlDe, URL: &address},
	}
	first := store.MaxPage
	sources, err := st.Sources(ctx, store.SourceQuery{}, store.PageArgs{First: &first})
	if err != nil {
		return nil, err
	}
	for _, s := range sources.Nodes() {
		all = append(all, &graph.Credit{Text: s.Name, Licence: s.Licence, URL: s.URL})
	}
	return all, nil
}
