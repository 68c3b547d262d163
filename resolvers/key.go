package resolvers

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/graph"
)

// Keys answers Query.keys.
func (r query) Keys(ctx context.Context) ([]*ent.Key, error) {
	keys, err := r.Store.Keys(ctx, auth.From(ctx))
	if err != nil {
		return nil, err
	}
	return keys, r.fillKeys(ctx, selected(ctx), keys)
}

func (r *Root) fillKeys(ctx context.Context, sel selection, keys []*ent.Key) error {
	grants := make([]*ent.Grant, len(keys))
	for i, k := range keys {
		grants[i] = &k.Grant
	}
	return r.fillGrants(ctx, sel, "ApiKey", grants)
}

// fillGrants fills over what grants are held, below the type that shows them.
func (r *Root) fillGrants(ctx context.Context, sel selection, typ string, grants []*ent.Grant) error {
	for _, f := range sel.on(typ) {
		var err error
		switch f.Name {
		case "provider":
			var all []*ent.Provider
			all, err = relate(grants,
				func(g *ent.Grant) *uuid.UUID { return g.ProviderID },
				func(g *ent.Grant) **ent.Provider { return &g.Provider },
				func(ids []uuid.UUID) ([]*ent.Provider, error) { return r.Store.ProvidersByID(ctx, ids) },
				func(p *ent.Provider) uuid.UUID { return p.ID })
			if err == nil {
				err = r.fillProviders(ctx, f.sub, all)
			}
		case "municipality":
			var with []*ent.Grant
			for _, g := range grants {
				if g.AGS != nil {
					with = append(with, g)
				}
			}
			all := r.relateMunicipalities(len(with), func(i int) (string, **ent.Municipality) { return *with[i].AGS, &with[i].Municipality })
			err = r.fillMunicipalities(ctx, f.sub, all)
		case "region":
			var all []*ent.Region
			for _, g := range grants {
				if g.RegionKey != nil && g.Region == nil {
					copied := *r.Store.Region(*g.RegionKey)
					g.Region = &copied
				}
				if g.Region != nil {
					all = append(all, g.Region)
				}
			}
			err = r.fillRegions(ctx, f.sub, all)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refuseProgram keeps programs other than an operator's from handing on what they may: a key that leaks must not make others.
func refuseProgram(ctx context.Context) error {
	if a := auth.From(ctx); a.Kind != ent.ActorPerson && !a.May(ent.ScopeAdmin) {
		return ent.UserErrors{{Path: []string{}, Code: ent.UserForbidden, Message: "Only people who are signed in, and operators, make keys and links."}}
	}
	return nil
}

// CreateKey answers Mutation.createKey.
func (r mutation) CreateKey(ctx context.Context, input graph.APIKeyInput) (*graph.APIKeyPayload, error) {
	token, hash := auth.NewToken()
	k := &ent.Key{ID: ent.NewID(), Hash: hash, Scopes: input.Scopes, CreatedAt: r.now(), ExpiresAt: input.ExpiresAt.Value()}
	err := refuseProgram(ctx)
	if err == nil {
		err = r.keyFrom(&input, k)
	}
	if err == nil {
		err = r.Store.GrantKey(ctx, auth.From(ctx), k)
	}
	return r.keyPayload(ctx, k, &token, err, "input")
}

func (r mutation) keyFrom(in *graph.APIKeyInput, k *ent.Key) error {
	var faults ent.UserErrors
	add := func(code ent.UserErrorCode, message string, field string) {
		faults = append(faults, ent.UserError{Path: []string{field}, Code: code, Message: message})
	}
	if k.Name = strings.Join(strings.Fields(in.Name), " "); k.Name == "" {
		add(ent.UserRequired, "Must not be empty.", "name")
	} else if len([]rune(k.Name)) > ent.MaxName {
		add(ent.UserTooLong, "200 characters are the most.", "name")
	}
	if len(in.Scopes) == 0 {
		add(ent.UserRequired, "A key without scopes may nothing.", "scopes")
	}
	if e := k.ExpiresAt; e != nil && !e.After(k.CreatedAt) {
		add(ent.UserInvalid, "Must lie in the future.", "expiresAt")
	}
	n := 0
	if id := in.Provider.Value(); id != nil {
		n++
		if key, ok := ent.ParseProviderID(*id); ok {
			k.ProviderID = &key
		} else {
			add(ent.UserNotFound, "There is no such provider.", "provider")
		}
	}
	if id := in.Municipality.Value(); id != nil {
		n++
		if ags, ok := ent.ParseAGS(*id); ok && r.Store.Municipality(ags) != nil {
			k.AGS = &ags
		} else {
			add(ent.UserNotFound, "There is no municipality with this AGS.", "municipality")
		}
	}
	if key := in.Region.Value(); key != nil {
		n++
		if r.Store.Region(*key) != nil {
			k.RegionKey = key
		} else {
			add(ent.UserNotFound, "There is no region with this key.", "region")
		}
	}
	if n > 1 {
		add(ent.UserInvalid, "A key acts for one of provider, municipality and region.", "provider")
	}
	if role := in.Role.Value(); role != nil {
		k.Role = *role
		if (k.Role == ent.RoleOperator) != (n == 0) || (k.ProviderID != nil) != (k.Role == ent.RoleMember || k.Role == ent.RoleTrusted) {
			add(ent.UserInvalid, "This role does not go with what the key acts for.", "role")
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// RotateKey answers Mutation.rotateKey.
func (r mutation) RotateKey(ctx context.Context, id string) (*graph.APIKeyPayload, error) {
	token, hash := auth.NewToken()
	err := refuseProgram(ctx)
	var k *ent.Key
	if key, ok := ent.ParseKeyID(id); err == nil && ok {
		k, err = r.Store.RotateKey(ctx, auth.From(ctx), r.now(), key, hash)
	} else if err == nil {
		err = ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such key."}}
	}
	return r.keyPayload(ctx, k, &token, err)
}

// RevokeKey answers Mutation.revokeKey.
func (r mutation) RevokeKey(ctx context.Context, id string) (*graph.APIKeyPayload, error) {
	err := refuseProgram(ctx)
	var k *ent.Key
	if key, ok := ent.ParseKeyID(id); err == nil && ok {
		k, err = r.Store.RevokeKey(ctx, auth.From(ctx), r.now(), key)
	} else if err == nil {
		err = ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such key."}}
	}
	return r.keyPayload(ctx, k, nil, err)
}

func (r mutation) keyPayload(ctx context.Context, k *ent.Key, token *string, err error, path ...string) (*graph.APIKeyPayload, error) {
	faults, err := userErrors(err, path...)
	if err != nil || len(faults) > 0 {
		return &graph.APIKeyPayload{UserErrors: faults}, err
	}
	payload := &graph.APIKeyPayload{Key: k, Token: token, UserErrors: faults}
	for _, below := range selected(ctx).under("ApiKeyPayload", "key") {
		if err := r.fillKeys(ctx, below, []*ent.Key{k}); err != nil {
			return nil, err
		}
	}
	return payload, nil
}

// linkLife is how long a posting link is good.
const linkLife = 14 * 24 * time.Hour

// CreatePostingLink answers Mutation.createPostingLink.
func (r mutation) CreatePostingLink(ctx context.Context, input graph.PostingLinkInput) (*graph.PostingLinkPayload, error) {
	payload, err := r.createPostingLink(ctx, &input)
	faults, err := userErrors(err, "input")
	if err != nil || len(faults) > 0 {
		return &graph.PostingLinkPayload{UserErrors: faults}, err
	}
	payload.UserErrors = faults
	for _, below := range selected(ctx).under("PostingLinkPayload", "provider") {
		if err := r.fillProviders(ctx, below, []*ent.Provider{payload.Provider}); err != nil {
			return nil, err
		}
	}
	return payload, nil
}

func (r mutation) createPostingLink(ctx context.Context, in *graph.PostingLinkInput) (*graph.PostingLinkPayload, error) {
	actor := auth.From(ctx)
	if err := refuseProgram(ctx); err != nil {
		return nil, err
	}
	var p *ent.Provider
	var err error
	switch id, ags, name := in.Provider.Value(), in.Municipality.Value(), in.ProviderName.Value(); {
	case id != nil && (ags != nil || name != nil):
		return nil, ent.UserErrors{{Path: []string{"provider"}, Code: ent.UserInvalid, Message: "A provider is named by its id or described, not both."}}
	case id != nil:
		key, ok := ent.ParseProviderID(*id)
		if ok {
			p, err = r.Store.Provider(ctx, key)
		}
		if err == nil && p == nil {
			err = ent.UserErrors{{Path: []string{"provider"}, Code: ent.UserNotFound, Message: "There is no such provider."}}
		}
	case ags == nil || name == nil:
		return nil, ent.UserErrors{{Path: []string{"provider"}, Code: ent.UserRequired, Message: "Say for which provider, or for which providerName in which municipality."}}
	default:
		p, err = r.Store.SaveProvider(ctx, actor, r.now(), providerSave(graph.ProviderInput{Name: *name, Kind: ent.ProviderClub, Municipality: *ags}))
		if faults := (ent.UserErrors)(nil); asFaults(err, &faults) {
			for i := range faults {
				if faults[i].Path[0] == "name" {
					faults[i].Path[0] = "providerName"
				}
			}
		}
	}
	if err != nil {
		return nil, err
	}
	token, hash := auth.NewToken()
	once, until := 1, r.now().Add(linkLife)
	k := &ent.Key{
		ID: ent.NewID(), Name: p.Name, Hash: hash, Scopes: []ent.Scope{ent.ScopeWrite}, CreatedAt: r.now(), ExpiresAt: &until, UsesLeft: &once,
		Grant: ent.Grant{Role: ent.RoleMember, ProviderID: &p.ID},
	}
	if err := r.Store.GrantKey(ctx, actor, k); err != nil {
		return nil, err
	}
	return &graph.PostingLinkPayload{Token: &token, Provider: p, ExpiresAt: &until}, nil
}
