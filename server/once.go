package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"umland/auth"
	"umland/ent"
)

// maxOnceKey bounds an Idempotency-Key.
const maxOnceKey = 200

// runOnce is run, but a mutation with an Idempotency-Key is done once: whoever sends it again gets the same answer.
func (a *api) runOnce(ctx context.Context, op *operation, p *params, header []string) (*graphql.Response, *refusal) {
	if len(header) == 0 || op.Operation.Operation != ast.Mutation || a.once == nil {
		return a.run(ctx, op), nil
	}
	key := header[0]
	if len(header) > 1 || key == "" || len(key) > maxOnceKey || strings.ContainsFunc(key, func(r rune) bool { return r < 0x21 || r > 0x7e }) {
		return nil, refuse(http.StatusBadRequest, codeBadRequest, "Idempotency-Key must be one text of 1 to %d visible ASCII characters, such as a UUID.", maxOnceKey)
	}
	request := sha256.New()
	enc := json.NewEncoder(request)
	if err := enc.Encode([]any{p.query, p.operation, p.variables}); err != nil { // they came as JSON
		panic(err)
	}
	who := uuid.Nil
	if actor := auth.From(ctx); actor != nil {
		who = actor.ID
	}
	ctx, cancel := context.WithTimeout(ctx, a.limits.MutationTime)
	defer cancel()
	stored, err := a.once(ctx, who, key, request.Sum(nil), func(ctx context.Context) ([]byte, bool) {
		resp := a.run(ctx, op)
		keep := worse(outcomeOK, resp.Errors) != outcomeFailed
		if !keep {
			resp.Data = json.RawMessage("null") // it is taken back
		}
		b, err := json.Marshal(resp)
		if err != nil { // it is strings, numbers, and JSON that was made before
			panic(err)
		}
		return b, keep
	})
	resp := new(graphql.Response)
	if err == nil {
		err = json.Unmarshal(stored, resp)
	}
	if safe := (*ent.Error)(nil); errors.As(err, &safe) && safe.Code == ent.CodeBadInput {
		return nil, refuse(http.StatusUnprocessableEntity, codeBadInput, "%s", safe.Message)
	}
	if err != nil {
		return &graphql.Response{Errors: gqlerror.List{present(ctx, err)}, Data: json.RawMessage("null")}, nil
	}
	return resp, nil
}
