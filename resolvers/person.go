package resolvers

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/store"
)

type image struct{ *Root }

// Image implements graph.ResolverRoot.
func (r *Root) Image() graph.ImageResolver { return image{r} }

// Variants answers Image.variants.
func (r image) Variants(_ context.Context, i *ent.Image) ([]*graph.ImageVariant, error) {
	if r.Root.Variants == nil {
		return []*graph.ImageVariant{}, nil
	}
	if v := r.Root.Variants(i.URL); v != nil {
		return v, nil
	}
	return []*graph.ImageVariant{}, nil
}

// People answers Query.people.
func (r query) People(ctx context.Context, search *string, first *int, after *string) (*ent.PersonConnection, error) {
	sel := selected(ctx)
	c, err := r.Store.People(ctx, search, nil, store.PageArgs{First: first, After: after, Total: sel.has("PersonConnection", "totalCount")})
	if err != nil {
		return nil, err
	}
	return c, fillPage(ctx, sel, "PersonConnection", "PersonEdge", c.Nodes(), r.fillPeople)
}

func (r *Root) fillPeople(ctx context.Context, sel selection, people []*ent.Person) error {
	var grants []*ent.Grant
	for _, p := range people {
		for _, m := range p.Memberships {
			grants = append(grants, &m.Grant)
		}
	}
	for _, below := range sel.under("Person", "memberships") {
		if err := r.fillGrants(ctx, below, "Membership", grants); err != nil {
			return err
		}
	}
	return nil
}

// ExportPersonalData answers Query.exportPersonalData.
func (r query) ExportPersonalData(ctx context.Context) (json.RawMessage, error) {
	actor := auth.From(ctx)
	if actor == nil || actor.Kind != ent.ActorPerson {
		return nil, nil
	}
	x, err := r.Store.ExportPerson(ctx, actor.ID)
	if x == nil || err != nil {
		return nil, err
	}
	return json.Marshal(x)
}

// GrantRole answers Mutation.grantRole.
func (r mutation) GrantRole(ctx context.Context, input graph.RoleGrantInput) (*graph.PersonPayload, error) {
	person, err := r.grantRole(ctx, &input)
	return r.personPayload(ctx, person, err, "input")
}

func (r mutation) grantRole(ctx context.Context, in *graph.RoleGrantInput) (person uuid.UUID, err error) {
	var address string
	g := ent.Grant{Role: in.Role, AGS: in.Municipality.Value(), RegionKey: in.Region.Value()}
	if id := in.Provider.Value(); id != nil {
		key, ok := ent.ParseProviderID(*id)
		if !ok {
			return person, ent.UserErrors{{Path: []string{"provider"}, Code: ent.UserNotFound, Message: "There is no such provider."}}
		}
		g.ProviderID = &key
	}
	switch id, email := in.Person.Value(), in.Email.Value(); {
	case (id == nil) == (email == nil):
		return person, ent.UserErrors{{Path: []string{"email"}, Code: ent.UserRequired, Message: "Say who it is: person or email, one of the two."}}
	case id != nil:
		key, ok := ent.ParsePersonID(*id)
		if !ok {
			return person, ent.UserErrors{{Path: []string{"person"}, Code: ent.UserNotFound, Message: "There is no such person."}}
		}
		person = key
	default:
		folded, ok := ent.FoldEmail(*email)
		if !ok {
			return person, ent.UserErrors{{Path: []string{"email"}, Code: ent.UserInvalid, Message: "Must be a mail address such as verein@example.org."}}
		}
		address = folded
	}
	return r.Store.GrantRole(ctx, auth.From(ctx), person, address, g, r.now())
}

// RevokeRole answers Mutation.revokeRole.
func (r mutation) RevokeRole(ctx context.Context, id string) (*graph.PersonPayload, error) {
	var person uuid.UUID
	var err error = ent.UserErrors{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such membership."}}
	if key, ok := ent.ParseMembershipID(id); ok {
		person, err = r.Store.RevokeRole(ctx, auth.From(ctx), key, r.now())
	}
	return r.personPayload(ctx, person, err)
}

func (r mutation) personPayload(ctx context.Context, id uuid.UUID, err error, path ...string) (*graph.PersonPayload, error) {
	faults, err := userErrors(err, path...)
	if err != nil || len(faults) > 0 {
		return &graph.PersonPayload{UserErrors: faults}, err
	}
	p, err := r.Store.Person(ctx, id)
	if err != nil || p == nil {
		return &graph.PersonPayload{UserErrors: faults}, err
	}
	for _, below := range selected(ctx).under("PersonPayload", "person") {
		if err := r.fillPeople(ctx, below, []*ent.Person{p}); err != nil {
			return nil, err
		}
	}
	return &graph.PersonPayload{Person: p, UserErrors: faults}, nil
}

// DeletePerson answers Mutation.deletePerson. It needs no scope: who has no role may be forgotten, too.
func (r mutation) DeletePerson(ctx context.Context, id *string) (*graph.ErasePayload, error) {
	actor := auth.From(ctx)
	if actor == nil {
		return nil, &ent.Error{Code: ent.CodeUnauthenticated, Message: "This needs somebody who is signed in."}
	}
	person, known := actor.ID, true
	if id != nil {
		person, known = ent.ParsePersonID(*id)
	}
	themselves := known && actor.Kind == ent.ActorPerson && person == actor.ID
	if !themselves && (id == nil || !actor.May(ent.ScopeAdmin)) {
		return nil, &ent.Error{Code: ent.CodeForbidden, Message: "Everybody may have themselves forgotten; others, only an operator."}
	}
	if !known {
		return &graph.ErasePayload{UserErrors: []*ent.UserError{{Path: []string{"id"}, Code: ent.UserNotFound, Message: "There is no such person."}}}, nil
	}
	if err := r.Store.ErasePerson(ctx, actor, person, r.now()); err != nil {
		return nil, err
	}
	gone := ent.PersonID(person)
	return &graph.ErasePayload{ID: &gone, UserErrors: []*ent.UserError{}}, nil
}
