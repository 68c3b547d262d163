package web

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"time"
)

//go:embed examples
var exampleFiles embed.FS

// Example is one tab of the playground: a GraphQL document with one named operation, and the JSON
// texts of its variables and request headers ("" for none).
type Example struct {
	Name      string // file name without its ending: "01-wochenende"
	Title     string // German, the first line of the query's comment
	Query     string
	Variables string // may hold {{samstag}}, {{montag}} and {{jetzt}}, see VariablesAt
	Headers   string // may ask for a key by the word SCHLUESSEL
}

// Examples gives the playground's tabs in their order.
func Examples() []Example { return examples(exampleFiles) }

func examples(files fs.FS) []Example {
	// The pattern is well-formed, the only error that Glob has.
	queries, _ := fs.Glob(files, "examples/*.graphql")
	list := make([]Example, 0, len(queries))
	for _, file := range queries {
		stem := strings.TrimSuffix(file, ".graphql")
		query := text(files, file)
		title, _, _ := strings.Cut(query, "\n")
		list = append(list, Example{
			Name:      path.Base(stem),
			Title:     strings.TrimPrefix(title, "# "),
			Query:     query,
			Variables: text(files, stem+".variables.json"),
			Headers:   text(files, stem+".headers.json"),
		})
	}
	return list
}

// text is "" for a file that is not there: not every example has variables or headers.
func text(files fs.FS, name string) string {
	content, _ := fs.ReadFile(files, name)
	return string(content)
}

// VariablesAt gives the variables as the playground shows them at the instant now: {{samstag}} and
// {{montag}} are the bounds of the weekend that runs in the zone of now, or else of the next one:
// Saturday 00:00 and the Monday 00:00 after it, RFC 3339; {{jetzt}} is now. Pass now in Europe/Berlin.
func (e Example) VariablesAt(now time.Time) string {
	toSaturday := int(time.Saturday - now.Weekday())
	if now.Weekday() == time.Sunday {
		toSaturday = -1
	}
	midnight := func(days int) string {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 0, 0, 0, 0, now.Location()).Format(time.RFC3339)
	}
	return strings.NewReplacer(
		"{{samstag}}", midnight(toSaturday), "{{montag}}", midnight(toSaturday+2), "{{jetzt}}", now.UTC().Format(time.RFC3339),
	).Replace(e.Variables)
}
