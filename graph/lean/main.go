// Command lean makes graph/generated.go call what engine.go has in place of gqlgen's functions of the same purpose. `go generate` runs it after
// gqlgen.
package main

import (
	"bytes"
	"fmt"
	"os"
)

// replaced are calls with another callee.
var replaced = [][2]string{
	{"graphql.NewFieldSet(", "newFieldSet("},
	{"graphql.NewDeferredGroup(", "noDeferredGroup("},
	{"graphql.MarshalSliceConcurrently(", "marshalSlice("},
	{"out.ResolveConcurrently(", "out.ResolveConcurrently(ctx, "},
}

func main() {
	const path = "generated.go"
	code, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, lean(code), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lean:", err)
		os.Exit(1)
	}
}

// lean gives the code with these calls. A field that has no resolver, no arguments and no directive is a plain one.
func lean(code []byte) []byte {
	for _, r := range replaced {
		code = bytes.ReplaceAll(code, []byte(r[0]), []byte(r[1]))
	}
	functions := bytes.SplitAfter(code, []byte("\n}\n"))
	for i, f := range functions {
		if !bytes.Contains(f, []byte("ec.Resolvers.")) && !bytes.Contains(f, []byte("graphql.GetFieldContext(ctx)")) && bytes.Contains(f, []byte("\t\tnil,\n\t\tfunc(ctx context.Context, selections")) {
			functions[i] = bytes.Replace(f, []byte("return graphql.ResolveField("), []byte("return plainField("), 1)
		}
	}
	return bytes.Join(functions, nil)
}
