// Package graph is the generated GraphQL engine; written by hand are the scalars, and in engine.go what takes the place of
// gqlgen's machinery for fields and lists.
package graph

//go:generate go -C .. tool gqlgen generate
//go:generate go run ./lean
