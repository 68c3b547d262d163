package resolvers

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/store"
	"umland/webhook"
)

// Webhooks answers Query.webhooks.
func (r query) Webhooks(ctx context.Context) ([]*ent.Webhook, error) {
	hooks, err := r.Store.Webhooks(ctx, auth.From(ctx))
	if err != nil {
		return nil, err
	}
	return hooks, r.fillWebhooks(ctx, selected(ctx), hooks)
}

// Deliveries answers Webhook.deliveries.
func (r hook) Deliveries(ctx context.Context, w *ent.Webhook, _ *int, _ *string) (*ent.WebhookDeliveryConnection, error) {
	return loaded[ent.WebhookDeliveryConnection](ctx, w.Loaded)
}

func (r *Root) fillWebhooks(ctx context.Context, sel selection, hooks []*ent.Webhook) error {
	grants, ids := make([]*ent.Grant, len(hooks)), make([]uuid.UUID, len(hooks))
	for i, w := range hooks {
		grants[i], ids[i] = &w.Grant, w.ID
	}
	for _, f := range sel.on("Webhook") {
		if f.Name != "deliveries" {
			continue
		}
		pages, err := r.Store.DeliveriesOf(ctx, ids, f.page("WebhookDeliveryConnection"))
		for _, w := range hooks {
			if err != nil {
				w.Loaded.Set(keyOf(f.CollectedField), err)
			} else {
				w.Loaded.Set(keyOf(f.CollectedField), pages[w.ID])
			}
		}
	}
	return r.fillGrants(ctx, sel, "Webhook", grants)
}

// SaveWebhook answers Mutation.saveWebhook.
func (r mutation) SaveWebhook(ctx context.Context, input graph.WebhookInput) (*graph.WebhookPayload, error) {
	var w *ent.Webhook
	var secret *string
	save, err := r.webhookSave(&input)
	if err == nil {
		if save.ID == nil {
			save.Secret = ent.NewWebhookSecret()
			secret = &save.Secret
		}
		w, err = r.Store.SaveWebhook(ctx, auth.From(ctx), r.now(), *save)
	}
	return r.webhookPayload(ctx, w, secret, err, "input")
}

func (r *Root) webhookSave(in *graph.WebhookInput) (*store.WebhookSave, error) {
	var faults ent.UserErrors
	add := func(code ent.UserErrorCode, message string, field string) {
		faults = append(faults, ent.UserError{Path: []string{field}, Code: code, Message: message})
	}
	save := &store.WebhookSave{Name: strings.Join(strings.Fields(in.Name), " "), URL: in.URL, Filter: in.Filter.Value(), KeepFilter: !in.Filter.IsSet()}
	if id := in.ID.Value(); id != nil {
		if key, ok := ent.ParseWebhookID(*id); ok {
			save.ID = &key
		} else {
			add(ent.UserNotFound, "There is no such webhook.", "id")
		}
	}
	if save.Name == "" {
		add(ent.UserRequired, "Must not be empty.", "name")
	} else if len([]rune(save.Name)) > ent.MaxName {
		add(ent.UserTooLong, "200 characters are the most.", "name")
	}
	if wrong := webhook.CheckURL(in.URL, r.WebhookAllow); wrong != "" {
		add(ent.UserInvalid, wrong, "url")
	}
	g, n := new(ent.Grant), 0
	if id := in.Provider.Value(); id != nil {
		n++
		if key, ok := ent.ParseProviderID(*id); ok {
			g.ProviderID = &key
		} else {
			add(ent.UserNotFound, "There is no such provider.", "provider")
		}
	}
	if id := in.Municipality.Value(); id != nil {
		n++
		if ags, ok := ent.ParseAGS(*id); ok && r.Store.Municipality(ags) != nil {
			g.AGS = &ags
		} else {
			add(ent.UserNotFound, "There is no municipality with this AGS.", "municipality")
		}
	}
	if key := in.Region.Value(); key != nil {
		n++
		if r.Store.Region(*key) != nil {
			g.RegionKey = key
		} else {
			add(ent.UserNotFound, "There is no region with this key.", "region")
		}
	}
	if n > 1 {
		add(ent.UserInvalid, "A webhook is for one of provider, municipality and region.", "provider")
	}
	if n > 0 {
		save.Owner = g
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return save, nil
}

// DeleteWebhook answers Mutation.deleteWebhook.
func (r mutation) DeleteWebhook(ctx context.Context, id string) (*graph.DeleteWebhookPayload, error) {
	key, err := webhookKey(id)
	if err == nil {
		err = r.Store.DeleteWebhook(ctx, auth.From(ctx), r.now(), key)
	}
	faults, err := userErrors(err)
	if err != nil || len(faults) > 0 {
		return &graph.DeleteWebhookPayload{UserErrors: faults}, err
	}
	return &graph.DeleteWebhookPayload{ID: &id, UserErrors: faults}, nil
}

// PauseWebhook answers Mutation.pauseWebhook.
func (r mutation) PauseWebhook(ctx context.Context, id string, paused bool) (*graph.WebhookPayload, error) {
	var w *ent.Webhook
	key, err := webhookKey(id)
	if err == nil {
		w, err = r.Store.PauseWebhook(ctx, auth.From(ctx), r.now(), key, paused)
	}
	return r.webhookPayload(ctx, w, nil, err)
}

// RotateWebhookSecret answers Mutation.rotateWebhookSecret.
func (r mutation) RotateWebhookSecret(ctx context.Context, id string) (*graph.WebhookPayload, error) {
	var w *ent.Webhook
	secret := ent.NewWebhookSecret()
	key, err := webhookKey(id)
	if err == nil {
		w, err = r.Store.RotateWebhookSecret(ctx, auth.From(ctx), r.now(), key, secret)
	}
	return r.webhookPayload(ctx, w, &secret, err)
}

// Redeliver answers Mutation.redeliver.
func (r mutation) Redeliver(ctx context.Context, deliveryID string) (*graph.RedeliverPayload, error) {
	var d *ent.WebhookDelivery
	var err error
	if key, ok := ent.ParseDeliveryID(deliveryID); ok {
		d, err = r.Store.Redeliver(ctx, auth.From(ctx), r.now(), key)
	} else {
		err = ent.UserErrors{{Path: []string{"deliveryId"}, Code: ent.UserNotFound, Message: "There is no such delivery."}}
	}
	faults, err := userErrors(err)
	return &graph.RedeliverPayload{Delivery: d, UserErrors: faults}, err
}

func webhookKey(id string) (uuid.UUID, error) {
	key, ok := ent.ParseWebhookID(id)
	if !ok {
		return key, ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such webhook."}}
	}
	return key, nil
}

func (r mutation) webhookPayload(ctx context.Context, w *ent.Webhook, secret *string, err error, path ...string) (*graph.WebhookPayload, error) {
	faults, err := userErrors(err, path...)
	if err != nil || len(faults) > 0 {
		return &graph.WebhookPayload{UserErrors: faults}, err
	}
	payload := &graph.WebhookPayload{Webhook: w, Secret: secret, UserErrors: faults}
	for _, below := range selected(ctx).under("WebhookPayload", "webhook") {
		if err := r.fillWebhooks(ctx, below, []*ent.Webhook{w}); err != nil {
			return nil, err
		}
	}
	return payload, nil
}
