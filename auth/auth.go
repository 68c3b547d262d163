// Package auth knows who a request acts as and what that allows.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"umland/ent"
)

const tokenPrefix = "uml_" // so that secret scanners find a leaked key

// NewToken makes an API key: 256 random bits behind "uml_", and the hash to store.
func NewToken() (token string, hash []byte) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(b)
	hash, _ = Hash(token)
	return token, hash
}

// Hash gives what is stored of a token, its SHA-256: a token is random enough to need no slower one. ok is false for what cannot be a token.
func Hash(token string) (hash []byte, ok bool) {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(rest) != 43 {
		return nil, false
	}
	sum := sha256.Sum256([]byte(token))
	return sum[:], true
}

type contextKey struct{}

// With gives a context for requests that act as the actor.
func With(ctx context.Context, actor *ent.Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, actor)
}

// From gives the actor of the request, nil for the public.
func From(ctx context.Context) *ent.Actor {
	actor, _ := ctx.Value(contextKey{}).(*ent.Actor)
	return actor
}

// Needs is the schema's directive @needs.
func Needs(ctx context.Context, _ any, next graphql.Resolver, scope ent.Scope) (any, error) {
	actor := From(ctx)
	switch {
	case actor == nil:
		return nil, &ent.Error{Code: ent.CodeUnauthenticated, Message: "This needs an API key: Authorization: Bearer …"}
	case actor.May(scope):
		return next(ctx)
	case actor.Kind == ent.ActorPerson:
		return nil, &ent.Error{Code: ent.CodeForbidden, Message: "You have no role that may " + strings.ToLower(string(scope)) + "."}
	default:
		return nil, &ent.Error{Code: ent.CodeForbidden, Message: "The API key lacks the scope " + strings.ToLower(string(scope)) + "."}
	}
}
