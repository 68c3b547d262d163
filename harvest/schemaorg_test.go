package harvest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"umland/hours"
)

// golden compares what the format finds in each file of testdata/FOLDER with the .golden.json beside it; UPDATE_GOLDEN=1 writes these anew.
func golden(t *testing.T, f Format, folder string) {
	files, err := filepath.Glob("testdata/" + folder + "/*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".golden.json") {
			continue
		}
		n++
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			records, refused, err := webRead(t, f, &Feed{URL: &url.URL{Scheme: "https", Host: "www.hoher-flaeming.example", Path: "/termine/"}}, body)
			var got struct {
				Error   string    `json:",omitempty"`
				Refused []Refusal `json:",omitempty"`
				Records []any     `json:",omitempty"`
			}
			if err != nil {
				got.Error = err.Error()
			}
			got.Refused = refused
			for _, rec := range records {
				if len(rec.Raw) == 0 || rec.Key == "" || rec.Item == "" {
					t.Errorf("a record without Raw, Key or Item: %+v", rec)
				}
				if rec.Hours != "" {
					if _, err := hours.Parse(rec.Hours); err != nil {
						t.Errorf("%s: %q are no hours: %v", rec.Key, rec.Hours, err)
					}
				}
				rec.Raw = nil
				b, err := json.Marshal(rec)
				if err != nil {
					t.Fatal(err)
				}
				var m map[string]any
				if err := json.Unmarshal(b, &m); err != nil {
					t.Fatal(err)
				}
				for k, v := range m { // what is empty says nothing
					if v == nil || v == "" || v == false || k == "Details" && len(v.(map[string]any)) == 0 {
						delete(m, k)
					}
				}
				got.Records = append(got.Records, m)
			}
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(got); err != nil {
				t.Fatal(err)
			}
			name := file + ".golden.json"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, b.Bytes()) {
				t.Errorf("not as in %s:\n%s", name, b.String())
			}
		})
	}
	if n == 0 {
		t.Errorf("testdata/%s is empty", folder)
	}
}

func TestSchemaOrgGolden(t *testing.T) {
	t.Parallel()
	golden(t, SchemaOrg{}, "schemaorg")
}

// What the real pages have is all there.
func TestSchemaOrgReal(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"extruct__tests__samples__schema.org__Event.001.html":            "1 0",
		"extruct__tests__samples__schema.org__Event.002.html":            "2 0",
		"extruct__tests__samples__schema.org__Event.003.html":            "1 0",
		"extruct__tests__samples__schema.org__Event.004.html":            "1 0",
		"extruct__tests__samples__schema.org__Event.008.html":            "1 0",
		"extruct__tests__samples__songkick__elysianfields.html":          "4 0",
		"extruct__tests__samples__songkick__elysianfields_1.html":        "4 0",
		"extruct__tests__samples__songkick__jsonld_empty_item_test.html": "0 53 Auf der Seite stehen keine Angebote nach schema.org.",
		"extruct__tests__samples__songkick__tovestyrke.html":             "1 0",
	}
	files, err := filepath.Glob("../../shared/data/feeds/jsonld/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("no ../../shared/data: nothing to read")
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		feed := &Feed{URL: &url.URL{Scheme: "https", Host: "www.example.com", Path: "/"}}
		feed.Get = func(ctx context.Context, req Request) (*Response, error) {
			t.Errorf("%s: fetches %s", file, req.URL)
			return nil, io.EOF
		}
		records, refused, err := webRead(t, SchemaOrg{}, feed, body)
		got := fmt.Sprintf("%d %d", len(records), len(refused))
		if err != nil {
			got += " " + err.Error()
		}
		name := filepath.Base(file)
		if got != want[name] {
			t.Errorf("%s: %s, want %s: %v", name, got, want[name], refused)
		}
	}
}

// A sitemap leads to its pages on a real server: each once, those of other hosts and those that are missing refused.
func TestSchemaOrgSitemap(t *testing.T) {
	t.Parallel()
	event := func(id, name string) string {
		return `<html><script type="application/ld+json">{"@context":"https://schema.org","@type":"Event","@id":"` + id + `","name":"` + name + `","startDate":"2027-05-12"}</script></html>`
	}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	pages := map[string]string{
		"/sitemap.xml":     `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>URL/sub.xml</loc></sitemap></sitemapindex>`,
		"/sub.xml":         `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>URL/termine/1</loc></url><url><loc>URL/termine/1</loc></url><url><loc>URL/termine/2</loc></url><url><loc>URL/termine/fehlt</loc></url><url><loc>https://other.example/termine/3</loc></url><url><loc>URL/impressum</loc></url></urlset>`,
		"/termine/1":       event("https://x.example/1", "Eins"),
		"/termine/2":       event("https://x.example/2", "Zwei") + event("https://x.example/1", "Eins, noch einmal"),
		"/impressum":       event("https://x.example/4", "Nicht gefragt"),
		"/liste":           `<script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"@type":"ListItem","url":"/termine/1"},{"@type":"ListItem","url":"/termine/2"}]}</script>`,
		"/sitemap-dtd.xml": `<!DOCTYPE urlset [<!ENTITY a "b">]><urlset></urlset>`,
	}
	for path, body := range pages {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.ReplaceAll(body, "URL", server.URL))
		})
	}
	read := func(path string) (string, error) {
		fetch := func(address string) (*Response, error) {
			res, err := server.Client().Get(address)
			if err != nil {
				return nil, err
			}
			if res.StatusCode != http.StatusOK {
				res.Body.Close()
				return nil, fmt.Errorf("HTTP %d", res.StatusCode)
			}
			return &Response{URL: res.Request.URL, ContentType: res.Header.Get("Content-Type"), Body: res.Body}, nil
		}
		res, err := fetch(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		records, refused, err := webRead(t, SchemaOrg{}, &Feed{URL: res.URL, Options: map[string]string{"path": "/termine/"},
			Get: func(_ context.Context, req Request) (*Response, error) { return fetch(req.URL) }}, body)
		var out []string
		for _, rec := range records {
			out = append(out, rec.Title)
		}
		for _, r := range refused {
			out = append(out, strings.ReplaceAll(r.Item, server.URL, "")+": "+r.Message)
		}
		return strings.Join(out, "; "), err
	}
	for path, want := range map[string]string{
		"/sitemap.xml": "Eins; Zwei; /termine/fehlt: Die Seite ist nicht abrufbar: HTTP 404; https://other.example/termine/3: Die Seite liegt nicht auf der Website der Quelle.",
		"/liste":       "Eins; Zwei",
	} {
		if got, err := read(path); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", path, got, err, want)
		}
	}
	if got, err := read("/sitemap-dtd.xml"); err == nil || !strings.Contains(err.Error(), "DOCTYPE") {
		t.Errorf("a sitemap with entities: %s, %v", got, err)
	}
}

// Hostile pages end, with what they have before their limits or with a reason.
func TestSchemaOrgHostile(t *testing.T) {
	t.Parallel()
	event := `{"@type":"Event","name":"X","startDate":"2026-05-12"}`
	ld := func(s string) string { return `<script type="application/ld+json">` + s + `</script>` }
	for name, c := range map[string]struct{ body, want string }{
		"deep JSON":        {ld(strings.Repeat(`{"@type":"ItemList","item":`, 5000) + event + strings.Repeat("}", 5000)), "Auf der Seite stehen keine Angebote nach schema.org."},
		"very deep JSON":   {ld(strings.Repeat("[", 20000) + strings.Repeat("]", 20000)), "Der Datenblock ist kein lesbares JSON-LD."},
		"deep HTML":        {strings.Repeat("<div>", 100_000), "Die Seite ist kein lesbares HTML."},
		"nested microdata": {strings.Repeat(`<div itemscope itemtype="https://schema.org/Event" itemprop="subEvent"><p itemprop="name">A`, 200), "Der Termin hat keinen Beginn (startDate); seine Teile stehen für sich."},
		"a circle":         {ld(`[{"@type":"Event","@id":"a","name":"A","startDate":"2026-05-12","subEvent":{"@id":"b"}},{"@type":"Event","@id":"b","name":"B","startDate":"2026-05-12","subEvent":{"@id":"a"}}]`), "A B"},
		"a page of 17 MB":  {strings.Repeat("<p>", 17<<20/3+1), "Die Seite ist größer als 16 MB."},
		"many blocks":      {strings.Repeat(ld(event), 3000), "X"},
		"a wild year":      {ld(`{"@type":"Event","name":"X","startDate":"9999-05-12"}`), "Der Beginn liegt nicht in den Jahren 1900 bis 2200."},
		"wrong kinds":      {ld(`{"@type":{"a":1},"name":[[["X"]]],"@graph":5}`) + ld(`{"@type":"Event","name":{"a":1},"startDate":7,"location":[1,[2]],"offers":"x"}`), "Es fehlt der Titel (name)."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if text := webSays(t, SchemaOrg{}, &Feed{URL: &url.URL{Scheme: "https", Host: "x.example", Path: "/"}}, c.body); !strings.HasPrefix(text, c.want) {
				t.Errorf("%.300s, want %s", text, c.want)
			}
		})
	}
}

// A block that is broken in a harmless way is read.
func TestSchemaJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":1,}`:                     `{"a":1}`,
		`[1,2,]`:                       `[1,2]`,
		"<!-- {\"a\":\"x\ny\tz\"} -->": `{"a":"x\ny z"}`,
		`//<![CDATA[` + "\n{}\n//]]>":  `{}`,
		`{"a":"O\'Reilly"};`:           `{"a":"O'Reilly"}`,
		`{"a":"\u00e4, \"b\",}"}`:      `{"a":"ä, \"b\",}"}`,
		`{"a":1`:                       "",
		`{"a":1} {"b":2}`:              "",
		`{a:1}`:                        "",
		``:                             "",
	} {
		got := ""
		if v, err := schemaJSON(text); err == nil {
			b, _ := json.Marshal(v)
			got = string(b)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
