// Package graph is the generated GraphQL engine; written by hand are only the scalars.
package graph

//go:generate go -C .. tool gqlgen generate
