// Package resolvers answers the fields of the schema: one file per noun. Each checks the arguments, calls the store, and fills what the
// query selects below, one statement for each relation that the query names, however many items there are (see fill.go).
package resolvers

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"umland/auth"
	"umland/ent"
	"umland/graph"
	"umland/harvest"
	"umland/store"
)

// Root is what all resolvers share.
type Root struct {
	Store   *store.Store
	Now     func() time.Time
	Credits []*graph.Credit
	// WebhookAllow lists networks that webhooks may lead into although they are not public.
	WebhookAllow []netip.Prefix
	// Variants gives the sizes of a picture by its URL, none for one that is not ours. May be nil: no picture has any.
	Variants func(url string) []*graph.ImageVariant
	// Harvest reads feeds and decides what is one thing; nil for a server that does not.
	Harvest *harvest.Runner
}

// Schema gives the engine that answers the whole API.
func Schema(r *Root) graphql.ExecutableSchema {
	cfg := graph.Config{Resolvers: r, Directives: graph.DirectiveRoot{Needs: auth.Needs}}
	schema := *graph.NewExecutableSchema(cfg).Schema()
	schema.Directives = maps.Clone(schema.Directives)
	delete(schema.Directives, "defer") // gqlgen declares it, but answers null where the schema promises a value
	cfg.Schema = &schema
	return graph.NewExecutableSchema(cfg)
}

type (
	query        struct{ *Root }
	mutation     struct{ *Root }
	municipality struct{ *Root }
	region       struct{ *Root }
	provider     struct{ *Root }
	offering     struct{ *Root }
	openingHours struct{ *Root }
	editorial    struct{ *Root }
	hook         struct{ *Root }
)

// Query implements graph.ResolverRoot.
func (r *Root) Query() graph.QueryResolver { return query{r} }

// Mutation implements graph.ResolverRoot.
func (r *Root) Mutation() graph.MutationResolver { return mutation{r} }

// Municipality implements graph.ResolverRoot.
func (r *Root) Municipality() graph.MunicipalityResolver { return municipality{r} }

// Region implements graph.ResolverRoot.
func (r *Root) Region() graph.RegionResolver { return region{r} }

// Provider implements graph.ResolverRoot.
func (r *Root) Provider() graph.ProviderResolver { return provider{r} }

// Offering implements graph.ResolverRoot.
func (r *Root) Offering() graph.OfferingResolver { return offering{r} }

// Editorial implements graph.ResolverRoot.
func (r *Root) Editorial() graph.EditorialResolver { return editorial{r} }

// Webhook implements graph.ResolverRoot.
func (r *Root) Webhook() graph.WebhookResolver { return hook{r} }

// Subscription implements graph.ResolverRoot.
func (r *Root) Subscription() graph.SubscriptionResolver { return subscription{r} }

// OpeningHours implements graph.ResolverRoot.
func (r *Root) OpeningHours() graph.OpeningHoursResolver { return openingHours{r} }

// now is the current instant with the precision of the database, so that what is saved equals what is read again.
func (r *Root) now() time.Time { return r.Now().UTC().Truncate(time.Microsecond) }

// minute is the current instant as answers know it: to the minute, so that within a minute the same question has the same answer.
func (r *Root) minute() time.Time { return r.Now().UTC().Truncate(time.Minute) }

// orNow gives the instant that was asked for, else the current minute.
func (r *Root) orNow(ctx context.Context, at *time.Time) time.Time {
	if at == nil {
		store.NoteClock(ctx)
		return r.minute()
	}
	return *at
}

// userErrors takes the faults of an input out of the error of a save, with the path of the argument before each.
func userErrors(err error, path ...string) ([]*ent.UserError, error) {
	var faults ent.UserErrors
	if !errors.As(err, &faults) {
		return []*ent.UserError{}, err
	}
	out := make([]*ent.UserError, len(faults))
	for i, f := range faults {
		f.Path = append(append([]string{}, path...), f.Path...)
		out[i] = &f
	}
	return out, nil
}

// asFaults is errors.As for the faults of an input.
func asFaults(err error, faults *ent.UserErrors) bool { return errors.As(err, faults) }

// loaded gives what fill put there for the field that is being resolved.
func loaded[T any](ctx context.Context, l ent.Loaded) (*T, error) {
	field := graphql.GetFieldContext(ctx).Field
	switch v := l[keyOf(field)].(type) {
	case *T:
		return v, nil
	case error:
		return nil, v
	default:
		return nil, errors.New("resolvers: nothing was loaded for " + field.Name)
	}
}
