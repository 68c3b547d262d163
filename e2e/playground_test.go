package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"umland/web"
)

const (
	executeButton = chromedp.CSS(`.graphiql-execute-button`)
	shareButton   = chromedp.CSS(`button[aria-label^="Link teilen"]`)
	// No real key: it must only be found again wherever one would be found.
	secret = "umland_geheim_4711"
)

func TestPlayground(t *testing.T) {
	base := boot(t)
	page, err := http.Get(base + "/playground/")
	if err != nil {
		t.Fatal(err)
	}
	if err := page.Body.Close(); err != nil {
		t.Error(err)
	}
	if page.StatusCode == http.StatusServiceUnavailable {
		t.Fatal("the program has no playground in it: make web")
	}
	browser := startBrowser(t)

	t.Run("opens with the examples, and they work", func(t *testing.T) {
		p := openPlayground(t, openPage(t, browser), base, "")
		var want []string
		for _, e := range web.Examples() {
			want = append(want, operationName(t, e))
		}
		if got := p.tabs(t); !slices.Equal(got, want) {
			t.Fatalf("tabs %q, want %q", got, want)
		}
		if got := eval[string](t, p.page, `document.title + '|' + document.documentElement.lang`); got != "Umland Playground|de" {
			t.Errorf("title and language %q", got)
		}
		for i, e := range web.Examples() {
			if strings.Contains(e.Query, "\nmutation ") {
				continue
			}
			p.selectTab(t, i)
			if strings.Contains(e.Query, "\nsubscription ") {
				p.noted(t)
				p.run(t, chromedp.Click(executeButton))
				p.await(t, `document.querySelector('.graphiql-execute-button').getAttribute('aria-label').startsWith('Stop')`)
				time.Sleep(300 * time.Millisecond) // an error would have come
				if got := p.text(t, "response.json"); strings.Contains(got, "errors") {
					t.Errorf("%s: %s", e.Name, got)
				}
				p.run(t, chromedp.Click(executeButton)) // which stops it
				p.await(t, `!document.querySelector('.graphiql-execute-button').getAttribute('aria-label').startsWith('Stop')`)
				continue
			}
			result := p.execute(t)
			p.await(t, `/^Kosten [\d.]+ von 10\.000$/.test(document.querySelector('.umland-cost').textContent.trim())`)
			if len(result.Errors) > 0 || len(result.Data) == 0 {
				t.Errorf("%s: errors %s, data %s", e.Name, result.Errors, result.Data)
			}
			if i == 0 {
				var data struct {
					Occurrences struct {
						TotalCount int
						Edges      []struct{ Node struct{ Start string } }
					}
				}
				if err := json.Unmarshal(result.Data, &data); err != nil || data.Occurrences.TotalCount == 0 ||
					len(data.Occurrences.Edges) == 0 || data.Occurrences.Edges[0].Node.Start == "" {
					t.Errorf("nothing is on at the weekend: %v %s", err, result.Data)
				}
			}
		}
		p.isQuiet(t, base)
		p.write(t, "operation.graphql", "query Teuer { offerings(first: 100) { nodes { occurrences(first: 100) { nodes { offering { title provider { name } } } } } } }")
		if result := p.execute(t); !strings.Contains(string(result.Errors), "LIMIT_EXCEEDED") {
			t.Errorf("what costs too much gives %s", result.Errors)
		}
		p.await(t, `document.querySelector('.umland-cost').textContent.includes('zu teuer')`)
		if n := eval[int](t, p.page, `localStorage.length`); n != 0 {
			t.Errorf("%d entries in localStorage outlive the tab", n)
		}
	})

	t.Run("a key stays in the page", func(t *testing.T) {
		p := openPlayground(t, openPage(t, browser), base, "")
		i := slices.IndexFunc(web.Examples(), func(e web.Example) bool { return e.Headers != "" })
		if i < 0 {
			t.Fatal("no example with headers")
		}
		p.selectTab(t, i)
		if got := p.text(t, "request-headers.json"); got != web.Examples()[i].Headers {
			t.Fatalf("headers %q", got)
		}
		p.write(t, "request-headers.json", `{"Authorization": "Bearer `+secret+`"}`)
		p.write(t, "operation.graphql", "# Übung\nquery Versuch { viewer { name } }")
		p.execute(t)
		p.run(t, chromedp.Click(shareButton))
		p.await(t, `location.hash.startsWith('#q=')`)
		if link := eval[string](t, p.page, `location.href`); carries(t, link, secret) {
			t.Errorf("the link has the key: %s", link)
		}
		// The page writes to its storage with a delay; once the query is there, all is.
		p.await(t, `(sessionStorage.getItem('graphiql:tabState') ?? '').includes('Übung')`)
		stored := eval[string](t, p.page, `JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])`)
		if strings.Contains(stored, secret) {
			t.Errorf("the key is stored: %s", stored)
		}
		p.run(t, chromedp.Click(chromedp.CSS(`button[aria-label="Open settings dialog"]`)),
			chromedp.WaitVisible(chromedp.CSS(`.graphiql-dialog`)))
		dialog := eval[string](t, p.page, `document.querySelector('.graphiql-dialog').innerText`)
		if !strings.Contains(dialog, "Theme") || strings.Contains(strings.ToLower(dialog), "persist headers") {
			t.Errorf("settings: %s", dialog)
		}
	})

	t.Run("a reload keeps the tabs and their texts", func(t *testing.T) {
		p := openPlayground(t, openPage(t, browser), base, "")
		before := p.text(t, "variables.json")
		if !regexp.MustCompile(`"von": "\d{4}-\d\d-\d\dT00:00:00\+0[12]:00"`).MatchString(before) {
			t.Fatalf("variables of the first tab: %s", before)
		}
		p.await(t, `sessionStorage.getItem('graphiql:tabState') !== null`)
		p.run(t, chromedp.Reload())
		p.ready(t)
		if got := p.text(t, "variables.json"); got != before {
			t.Errorf("variables %q, were %q", got, before)
		}
		if got := len(p.tabs(t)); got != len(web.Examples()) {
			t.Errorf("%d tabs", got)
		}
		p.isQuiet(t, base)
	})

	t.Run("a shared link opens in its own tab and does not run", func(t *testing.T) {
		const query = "# Grüße aus Görzke 🌻\nquery Teilen($slug: String!) {\n  category(slug: $slug) {\n    label(locale: \"de\")\n  }\n}\n"
		const variables = `{"slug": "größe-ß"}`
		p := openPlayground(t, openPage(t, browser), base, "")
		p.write(t, "operation.graphql", query)
		p.write(t, "variables.json", variables)
		p.run(t, chromedp.Click(shareButton))
		p.await(t, `location.hash.startsWith('#q=')`)
		p.await(t, `document.querySelector('[role=status]').textContent.startsWith('Link ')`)
		fragment := eval[string](t, p.page, `location.hash`)
		// Sharing opens nothing and leaves the link in the address, also once GraphiQL has noted the edit.
		p.await(t, `(sessionStorage.getItem('graphiql:tabState') ?? '').includes('Görzke')`)
		if got := len(p.tabs(t)); got != len(web.Examples()) {
			t.Errorf("%d tabs after sharing", got)
		}
		if got := eval[string](t, p.page, `location.hash`); got != fragment {
			t.Errorf("the address lost the link: %q", got)
		}

		for name, open := range map[string]func(t *testing.T) *playground{
			"in a new window": func(t *testing.T) *playground {
				return openPlayground(t, openPage(t, browser), base, fragment)
			},
			"pasted into an open one": func(t *testing.T) *playground {
				q := openPlayground(t, openPage(t, browser), base, "")
				q.paste(t, fragment)
				return q
			},
			"pasted where it is open": func(t *testing.T) *playground {
				q := openPlayground(t, openPage(t, browser), base, fragment)
				q.await(t, `location.hash === ''`)
				q.selectTab(t, 1)
				q.paste(t, fragment)
				return q
			},
		} {
			t.Run(name, func(t *testing.T) {
				q := open(t)
				q.await(t, `document.querySelector('.graphiql-tab[aria-selected=true]').innerText.trim() === 'Teilen'`)
				q.await(t, `location.hash === ''`)
				if got := len(q.tabs(t)); got != len(web.Examples())+1 {
					t.Errorf("%d tabs", got)
				}
				if got := q.text(t, "operation.graphql"); got != query {
					t.Errorf("query %q", got)
				}
				if got := q.text(t, "variables.json"); got != variables {
					t.Errorf("variables %q", got)
				}
				if got := q.text(t, "request-headers.json"); got != "" {
					t.Errorf("headers %q", got)
				}
				if got := q.operations(t); !slices.Equal(got, []string{"IntrospectionQuery"}) {
					t.Errorf("the page has sent %q", got)
				}
				q.isQuiet(t, base)
			})
		}
	})

	t.Run("a broken link does no harm", func(t *testing.T) {
		p := openPlayground(t, openPage(t, browser), base, "#q=WyJ7YX0iLCIi"+strings.Repeat("A", 100_000))
		if got := len(p.tabs(t)); got != len(web.Examples()) {
			t.Errorf("%d tabs", got)
		}
		p.isQuiet(t, base)
	})

	t.Run("the policy refuses another host", func(t *testing.T) {
		p := openPlayground(t, openPage(t, browser), base, "")
		refused := eval[string](t, p.page, `new Promise((resolve) => {
			document.addEventListener('securitypolicyviolation', (e) => resolve(e.effectiveDirective));
			fetch('https://other.invalid/').then(() => resolve('sent'), () => {});
		})`)
		if refused != "connect-src" {
			t.Errorf("%s", refused)
		}
		if len(p.said()) == 0 {
			t.Error("the refusal was not noticed: the checks for a quiet page see nothing")
		}
	})
}

// playground is a page with the playground in it.
type playground struct{ *page }

func openPlayground(t *testing.T, p *page, base, fragment string) *playground {
	t.Helper()
	p.run(t, chromedp.Navigate(base+"/playground/"+fragment))
	g := &playground{p}
	g.ready(t)
	return g
}

// ready waits for the editors and for the answer with the schema.
func (p *playground) ready(t *testing.T) {
	t.Helper()
	p.run(t, chromedp.WaitVisible(executeButton))
	p.await(t, `['operation.graphql', 'variables.json', 'request-headers.json', 'response.json'].every((name) =>
		globalThis.__MONACO?.editor.getModels().some((m) => m.uri.path.endsWith(name)))`)
	p.await(t, `document.querySelector('button[aria-label^="Re-fetch GraphQL schema"]')?.disabled === false`)
	p.await(t, `performance.getEntriesByType('resource').some((e) => new URL(e.name).pathname === '/graphql')`)
}

// paste puts a fragment into the address as a person does who pastes a link.
func (p *playground) paste(t *testing.T, fragment string) {
	t.Helper()
	p.run(t, chromedp.Evaluate[chromedp.Void](`location.hash = `+strconv.Quote(fragment)))
}

func (p *playground) tabs(t *testing.T) []string {
	t.Helper()
	return eval[[]string](t, p.page, `[...document.querySelectorAll('.graphiql-tab')].map((tab) => tab.innerText.trim())`)
}

func (p *playground) selectTab(t *testing.T, i int) {
	t.Helper()
	p.run(t, chromedp.Click(chromedp.CSS(fmt.Sprintf(`.graphiql-tab:nth-child(%d) button`, i+1))))
	p.await(t, model("operation.graphql")+`.getValue().includes(`+strconv.Quote(operationName(t, web.Examples()[i]))+`)`)
}

// model is the script expression for the text of an editor; GraphiQL leaves Monaco in a global.
func model(name string) string {
	return `__MONACO.editor.getModels().find((m) => m.uri.path.endsWith(` + strconv.Quote(name) + `))`
}

func (p *playground) text(t *testing.T, name string) string {
	t.Helper()
	return eval[string](t, p.page, model(name)+`.getValue()`)
}

func (p *playground) write(t *testing.T, name, text string) {
	t.Helper()
	p.run(t, chromedp.Evaluate[chromedp.Void](model(name)+`.setValue(`+strconv.Quote(text)+`)`))
}

type response struct {
	Data   json.RawMessage
	Errors json.RawMessage
}

// noted waits until GraphiQL has taken over the text of the editor, from which it takes the operation's name.
func (p *playground) noted(t *testing.T) {
	t.Helper()
	p.await(t, `sessionStorage.getItem('graphiql:query') === `+model("operation.graphql")+`.getValue()`)
}

// execute presses the button and gives the answer that the page then shows.
func (p *playground) execute(t *testing.T) response {
	t.Helper()
	p.noted(t)
	p.run(t, chromedp.Evaluate[chromedp.Void](model("response.json")+`.setValue('')`), chromedp.Click(executeButton))
	p.await(t, model("response.json")+`.getValue().trimEnd().endsWith('}')`)
	var r response
	if err := json.Unmarshal([]byte(p.text(t, "response.json")), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// isQuiet fails the test when the page asked another host or complained about anything.
func (p *playground) isQuiet(t *testing.T, base string) {
	t.Helper()
	if got := p.strangers(base); len(got) > 0 {
		t.Errorf("asked other hosts: %q", got)
	}
	if got := p.said(); len(got) > 0 {
		t.Errorf("the page complains: %q", got)
	}
}

func operationName(t *testing.T, e web.Example) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^(?:query|mutation|subscription) (\w+)`).FindStringSubmatch(e.Query)
	if match == nil {
		t.Fatalf("%s has no named operation", e.Name)
	}
	return match[1]
}

// carries reports whether the link holds the text, openly or in its fragment.
func carries(t *testing.T, link, text string) bool {
	t.Helper()
	_, fragment, found := strings.Cut(link, "#q=")
	content, err := base64.RawURLEncoding.DecodeString(fragment)
	if !found || err != nil || !json.Valid(content) {
		t.Fatalf("no link of ours: %s %v", link, err)
	}
	return strings.Contains(link, text) || strings.Contains(string(content), text)
}
