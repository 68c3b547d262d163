package resolvers

import (
	"context"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/store"
)

// Provider answers Query.provider.
func (r query) Provider(ctx context.Context, id string) (*ent.Provider, error) {
	key, ok := ent.ParseProviderID(id)
	if !ok {
		return nil, nil
	}
	p, err := r.Store.Provider(ctx, key)
	if err != nil || p == nil {
		return nil, err
	}
	return p, r.fillProviders(ctx, selected(ctx), []*ent.Provider{p})
}

// Providers answers Query.providers.
func (r query) Providers(ctx context.Context, search, municipality, region *string, first *int, after *string) (*ent.ProviderConnection, error) {
	sel := selected(ctx)
	c, err := r.Store.Providers(ctx, search, municipality, region, store.PageArgs{
		First: first, After: after, Total: sel.has("ProviderConnection", "totalCount"),
	})
	if err != nil {
		return nil, err
	}
	return c, fillPage(ctx, sel, "ProviderConnection", "ProviderEdge", c.Nodes(), r.fillProviders)
}

// Offerings answers Provider.offerings.
func (r provider) Offerings(ctx context.Context, p *ent.Provider, _ *ent.OfferingFilter, _ *ent.OfferingOrder, _ *int, _ *string) (*ent.OfferingConnection, error) {
	return loaded[ent.OfferingConnection](ctx, p.Loaded)
}

// SaveProvider answers Mutation.saveProvider.
func (r mutation) SaveProvider(ctx context.Context, input graph.ProviderInput) (*graph.SaveProviderPayload, error) {
	p, err := r.Store.SaveProvider(ctx, auth.From(ctx), r.now(), providerSave(input))
	return r.providerPayload(ctx, p, err, "input")
}

func (r mutation) providerPayload(ctx context.Context, p *ent.Provider, err error, path ...string) (*graph.SaveProviderPayload, error) {
	faults, err := userErrors(err, path...)
	if err != nil {
		return nil, err
	}
	payload := &graph.SaveProviderPayload{UserErrors: faults}
	if len(faults) > 0 {
		return payload, nil
	}
	payload.Provider = p
	for _, below := range selected(ctx).under("SaveProviderPayload", "provider") {
		if err := r.fillProviders(ctx, below, []*ent.Provider{p}); err != nil {
			return nil, err
		}
	}
	return payload, nil
}

// providerSave turns the input into a save. What is left out stays as it is, null empties.
func providerSave(in graph.ProviderInput) store.ProviderSave {
	save := store.ProviderSave{ExternalID: text(in.ExternalID.Value())}
	var ok bool
	if save.AGS, ok = ent.ParseAGS(in.Municipality); !ok {
		save.Faults = append(save.Faults, ent.UserError{Path: []string{"municipality"}, Code: ent.UserInvalid, Message: "Must be an AGS of 8 digits."})
	}
	if id := in.ID.Value(); id != nil {
		key, ok := ent.ParseProviderID(*id)
		if !ok {
			save.Faults = append(save.Faults, ent.UserError{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such provider."})
		}
		save.ID = &key
	}
	save.Edit = func(p *ent.Provider) ent.UserErrors {
		p.Name, p.Kind = in.Name, in.Kind
		set(&p.Website, in.Website)
		if in.Contact.IsSet() {
			p.Contact = contact(in.Contact.Value())
		}
		return nil
	}
	return save
}

// VerifyProvider answers Mutation.verifyProvider.
func (r mutation) VerifyProvider(ctx context.Context, id string, verified bool) (*graph.SaveProviderPayload, error) {
	key, ok := ent.ParseProviderID(id)
	var p *ent.Provider
	var err error = ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such provider."}}
	if ok {
		p, err = r.Store.VerifyProvider(ctx, auth.From(ctx), r.now(), key, verified)
	}
	return r.providerPayload(ctx, p, err)
}
