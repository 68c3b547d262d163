package main

import (
	"strings"
	"time"

	"umland/fetch"
	"umland/store"
	"umland/webhook"
)

// sendWebhooks begins to send what webhooks are to be told, until the environment's context ends. The function that it gives waits for attempts that are under way
// then.
func (c serveCmd) sendWebhooks(env *environment, st *store.Store) (wait func()) {
	sender := &webhook.Sender{
		Store: st, Now: env.now, Log: env.log,
		Fetch: fetch.New(fetch.Options{
			Version: versionText(), Contact: c.PublicURL, Allow: c.WebhookAllow,
			MaxBytes: webhook.MaxBytes, Timeout: webhook.Timeout, HeaderTimeout: webhook.Timeout, Interval: -1,
		}),
	}
	if c.PublicURL != "" {
		sender.API = strings.TrimSuffix(c.PublicURL, "/") + "/graphql"
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		sender.Run(env.ctx)
	}()
	go env.repeat(10*time.Minute, "deliveries of webhooks forgotten", func() (int, error) { return st.ForgetDeliveries(env.ctx, env.now().UTC()) })
	return func() { <-done }
}
