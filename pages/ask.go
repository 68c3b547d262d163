package pages

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

//go:embed queries/*.graphql
var queries embed.FS

// documents gives each operation of queries/ by its file's name, with the fragment that it spreads.
func documents() (map[string]string, error) {
	entries, err := queries.ReadDir("queries")
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, e := range entries {
		b, err := queries.ReadFile("queries/" + e.Name())
		if err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(e.Name(), ".graphql")] = string(b)
	}
	for name, text := range all {
		if strings.Contains(text, "...Card") {
			all[name] = text + "\n" + all["card"]
		}
	}
	delete(all, "card")
	return all, nil
}

// A fault is an answer that is not the page that was asked for.
type fault struct {
	status int
	code   string // of the API, for the log
	field  string // of the API's argument
	detail string
}

func (f *fault) Error() string {
	return fmt.Sprintf("%d %s %s: %s", f.status, f.code, f.field, f.detail)
}

var errNotFound = &fault{status: http.StatusNotFound}

// ask runs one of queries/ and reads its data into a pointer to the struct that goes with it.
func (s *site) ask(ctx context.Context, name string, variables map[string]any, into any) error {
	document, ok := s.documents[name]
	if !ok {
		return fmt.Errorf("pages: there is no query %q", name)
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code, Field string }
		}
	}
	if err := json.Unmarshal(s.query(ctx, document, variables), &answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		first := answer.Errors[0]
		f := &fault{status: http.StatusInternalServerError, code: first.Extensions.Code, field: first.Extensions.Field, detail: first.Message}
		switch f.code {
		case "BAD_USER_INPUT", "LIMIT_EXCEEDED":
			f.status = http.StatusBadRequest
		case "BUSY", "SERVICE_UNAVAILABLE":
			f.status = http.StatusServiceUnavailable
		}
		return f
	}
	return json.Unmarshal(answer.Data, into)
}

// variablesOf gives a struct as GraphQL has it: names begin in lower case, and what is nil or an empty list is left out.
func variablesOf(v any) any {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() {
			return nil
		}
		return variablesOf(r.Elem().Interface())
	case reflect.Struct:
		if t, ok := v.(time.Time); ok {
			return t.Format(time.RFC3339)
		}
		object := map[string]any{}
		for i := range r.NumField() {
			f := r.Field(i)
			if (f.Kind() == reflect.Pointer && f.IsNil()) || (f.Kind() == reflect.Slice && f.Len() == 0) {
				continue
			}
			name := r.Type().Field(i).Name
			first, size := utf8.DecodeRuneInString(name)
			object[string(unicode.ToLower(first))+name[size:]] = variablesOf(f.Interface())
		}
		return object
	}
	return v
}
