// Package docs_test holds the documentation to the code.
package docs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"umland/resolvers"
	"umland/server"
	"umland/store/storetest"
)

// The table of folders in architecture.md is the rule that imports follow: no folder imports what its row does not name, no row names
// what is not imported, and no folder is without a row. Tests may import more.
func TestImports(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|.*\\|([^|]*)\\|$").FindAllStringSubmatch(string(page), -1) {
		allowed[row[1]] = strings.FieldsFunc(row[2], func(r rune) bool { return r == ',' || r == ' ' })
	}
	list := exec.Command("go", "list", "-json=ImportPath,Imports,GoFiles", "./...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath       string
			Imports, GoFiles []string
		}
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) == 0 { // tests only
			continue
		}
		folder := strings.TrimPrefix(p.ImportPath, "umland/")
		may, ok := allowed[folder]
		if !ok {
			t.Errorf("%s has no row in the table", folder)
		}
		delete(allowed, folder)
		for _, path := range p.Imports {
			ours, ok := strings.CutPrefix(path, "umland/")
			if !ok {
				continue
			}
			if i := slices.Index(may, ours); i >= 0 {
				may = slices.Delete(may, i, i+1)
			} else {
				t.Errorf("%s imports %s, which its row does not name", folder, ours)
			}
		}
		for _, unused := range may {
			t.Errorf("%s does not import %s, which its row names", folder, unused)
		}
	}
	for folder := range allowed {
		t.Errorf("there is no folder %s", folder)
	}
}

// Links within the documentation lead somewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"../README.md", "../CONTRIBUTING.md", "architecture.md", "api.md", "settings.md", "limits.md", "performance.md", "pages.md", "rights.md", "webhooks.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Error(err)
			continue
		}
		dir := ""
		if strings.HasPrefix(page, "../") {
			dir = "../"
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(dir + m[1]); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			}
		}
	}
}

// limits.md names every limit with its number, and no others.
func TestLimits(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("limits.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Z]\w+) \| (.*?) \|$`).FindAllStringSubmatch(string(b), -1) {
		documented[row[1]] = strings.ReplaceAll(row[2], ",", "")
	}
	limits := server.DefaultLimits()
	of := func(v reflect.Value) string {
		if d, ok := v.Interface().(time.Duration); ok {
			return d.String()
		}
		return strconv.FormatInt(v.Int(), 10)
	}
	known := map[string]string{}
	all := reflect.ValueOf(limits)
	for i := range all.NumField() {
		if all.Field(i).Kind() != reflect.Struct {
			known[all.Type().Field(i).Name] = of(all.Field(i)) + " |"
		}
	}
	public, keyed := reflect.ValueOf(limits.Public), reflect.ValueOf(limits.Keyed)
	for i := range public.NumField() {
		known[public.Type().Field(i).Name] = of(public.Field(i)) + " | " + of(keyed.Field(i)) + " |"
	}
	for name, want := range known {
		if !strings.HasPrefix(documented[name]+" |", want) {
			t.Errorf("%s is %q, limits.md says %q", name, want, documented[name])
		}
		delete(documented, name)
	}
	for name := range documented {
		t.Errorf("limits.md has %s, which there is not", name)
	}
}

var update = flag.Bool("update", false, "write the answers of README.md anew")

// The queries of README.md give the answers that stand below them.
func TestReadme(t *testing.T) {
	t.Parallel()
	st := storetest.Demo(t)
	handler := server.Handler(server.Options{
		Schema: resolvers.Schema(&resolvers.Root{Store: st, Now: func() time.Time { return storetest.Noon }}), Limits: server.DefaultLimits(),
	})
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	page := regexp.MustCompile("(?s)```graphql\n(.*?)```\n```json\n(.*?)```").ReplaceAllStringFunc(string(b), func(block string) string {
		n++
		query, rest, _ := strings.Cut(strings.TrimPrefix(block, "```graphql\n"), "```\n```json\n")
		body, _ := json.Marshal(map[string]string{"query": query})
		req := httptest.NewRequest("POST", "/graphql", bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		res := httptest.NewRecorder()
		handler.ServeHTTP(res, req)
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, res.Body.Bytes(), "", "  "); err != nil {
			t.Fatal(err)
		}
		answer := strings.TrimSpace(pretty.String()) + "\n"
		if strings.Contains(answer, `"errors"`) {
			t.Errorf("%s\n%s", query, answer)
		}
		if want := strings.TrimSuffix(rest, "```"); answer != want && !*update {
			t.Errorf("%s\nanswers\n%s\nREADME.md says\n%s", query, answer, want)
		}
		return "```graphql\n" + query + "```\n```json\n" + answer + "```"
	})
	if n < 5 {
		t.Errorf("README.md has %d queries", n)
	}
	if *update {
		if err := os.WriteFile("../README.md", []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
