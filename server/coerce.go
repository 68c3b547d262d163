package server

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerce gives the operation's variables their types (GraphQL specification, CoerceVariableValues). It does so instead of gqlparser,
// which takes enum values in any case and numbers as strings, and speaks of Go types. Scalars of the schema's own are read by the
// graph package when a field takes them.
func coerce(schema *ast.Schema, op *ast.OperationDefinition, given map[string]any) (map[string]any, *gqlerror.Error) {
	vars := make(map[string]any, len(op.VariableDefinitions))
	for _, def := range op.VariableDefinitions {
		value, ok := given[def.Variable]
		if !ok {
			if def.DefaultValue != nil {
				v, err := def.DefaultValue.Value(nil)
				if err != nil {
					return nil, badVariable(def.Variable, "has a default that is not valid")
				}
				vars[def.Variable] = v
				continue
			}
			if !def.Type.NonNull {
				continue
			}
			return nil, badVariable(def.Variable, "is required")
		}
		v, bad := coerceValue(schema, def.Type, value)
		if bad != nil {
			return nil, badVariable(def.Variable+bad.path, bad.reason)
		}
		vars[def.Variable] = v
	}
	return vars, nil
}

func badVariable(path, reason string) *gqlerror.Error {
	path = shorten(path, 200)
	err := fault(codeBadInput, "Variable $%s %s.", path, shorten(reason, 500))
	err.Extensions["field"] = path
	return err
}

// badValue says what is wrong where, from the value down; the path grows on the way back up.
type badValue struct{ path, reason string }

func (b *badValue) under(step string) *badValue {
	b.path = step + b.path
	return b
}

func coerceValue(schema *ast.Schema, t *ast.Type, v any) (any, *badValue) {
	if v == nil {
		if t.NonNull {
			return nil, &badValue{reason: "must not be null"}
		}
		return nil, nil
	}
	if t.Elem != nil {
		list, ok := v.([]any)
		if !ok { // the specification takes one item for a list of one
			item, bad := coerceValue(schema, t.Elem, v)
			return []any{item}, bad
		}
		out := make([]any, len(list))
		for i, item := range list {
			var bad *badValue
			if out[i], bad = coerceValue(schema, t.Elem, item); bad != nil {
				return nil, bad.under("[" + strconv.Itoa(i) + "]")
			}
		}
		return out, nil
	}
	def := schema.Types[t.NamedType]
	switch def.Kind {
	case ast.InputObject:
		return coerceObject(schema, def, v)
	case ast.Enum:
		if s, ok := v.(string); ok && def.EnumValues.ForName(s) != nil {
			return s, nil
		}
		names := make([]string, len(def.EnumValues))
		for i, e := range def.EnumValues {
			names[i] = e.Name
		}
		return nil, &badValue{reason: "must be one of " + strings.Join(names, ", ")}
	}
	if want := wanted(def.Name, v); want != "" {
		return nil, &badValue{reason: "must be " + want}
	}
	return v, nil
}

func coerceObject(schema *ast.Schema, def *ast.Definition, v any) (any, *badValue) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, &badValue{reason: "must be an object of the type " + def.Name}
	}
	out := make(map[string]any, len(object))
	for _, f := range def.Fields {
		value, ok := object[f.Name]
		if !ok {
			if f.Type.NonNull && f.DefaultValue == nil {
				return nil, &badValue{path: "." + f.Name, reason: "is required"}
			}
			continue // the engine knows the default
		}
		var bad *badValue
		if out[f.Name], bad = coerceValue(schema, f.Type, value); bad != nil {
			return nil, bad.under("." + f.Name)
		}
	}
	if len(out) < len(object) {
		for name := range object {
			if def.Fields.ForName(name) == nil {
				return nil, &badValue{path: "." + name, reason: "is not a field of " + def.Name}
			}
		}
	}
	return out, nil
}

// wanted says what a value of a built-in scalar must be, "" when it is.
func wanted(scalar string, v any) string {
	_, isString := v.(string)
	_, isBool := v.(bool)
	number, isNumber := v.(json.Number)
	switch scalar {
	case "String":
		if !isString {
			return "a string"
		}
	case "Boolean":
		if !isBool {
			return "true or false"
		}
	case "ID":
		if _, err := number.Int64(); !isString && (!isNumber || err != nil) {
			return "a string or a whole number"
		}
	case "Int":
		if n, err := number.Int64(); !isNumber || err != nil || n < math.MinInt32 || n > math.MaxInt32 {
			return "a whole number of 32 bits"
		}
	case "Float":
		if _, err := number.Float64(); !isNumber || err != nil {
			return "a finite number"
		}
	}
	return ""
}

// toInt reads a coerced Int, or one from a document.
func toInt(v any) (int, error) {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		return int(n), err
	case int64:
		return int(v), nil
	}
	return 0, errors.New("not a whole number")
}
