package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"umland/pgdev/pgtest"
)

// The server tells a receiver in a network that is allowed, and takes no address in another.
func TestServeWebhooks(t *testing.T) {
	t.Parallel()
	told := make(chan string, 1)
	l, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Fatal(err)
	}
	receiver := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		told <- string(b)
	})}}
	receiver.Start()
	t.Cleanup(receiver.Close)

	dsn := pgtest.NewDB(t, nil)
	reader, writer := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(t.Context(), []string{"serve", "--database-url", dsn, "--listen", "127.0.0.1:0", "--log-format", "json",
			"--webhook-allow", "127.0.0.9/32,fd00::/8", "--public-url", "https://umland.example"}, io.Discard, writer)
		_ = writer.Close()
	}()
	t.Cleanup(func() { <-done })
	var url string
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		var line struct{ URL string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.URL != "" {
			url = line.URL
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	_, out, stderr := umland(t, dsn, "key", "create", "--municipality", "12069020", "--scope", "write,publish")
	words := strings.Fields(out)
	if url == "" || len(words) == 0 {
		t.Fatalf("%q %q", url, stderr)
	}
	ask := func(query string) string {
		req, _ := http.NewRequest(http.MethodPost, url+"/graphql", strings.NewReader(`{"query":`+quote(query)+`}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+words[len(words)-1])
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return string(b)
	}
	hook := func(address string) string {
		return ask(`mutation { saveWebhook(input: {name: "App", url: "` + address + `", municipality: "12069020"}) { userErrors { path } } }`)
	}
	if body := hook("http://127.0.0.8/"); body != `{"data":{"saveWebhook":{"userErrors":[{"path":["input","url"]}]}}}` {
		t.Error(body)
	}
	if body := hook(receiver.URL); body != `{"data":{"saveWebhook":{"userErrors":[]}}}` {
		t.Error(body)
	}
	var saved struct {
		Data struct {
			SaveProvider struct{ Provider struct{ ID string } }
		}
	}
	_ = json.Unmarshal([]byte(ask(`mutation { saveProvider(input: {name: "Verein", kind: CLUB, municipality: "12069020"}) { provider { id } } }`)), &saved)
	ask(`mutation { saveOffering(input: {kind: SERVICE, title: "Bücherei", provider: "` + saved.Data.SaveProvider.Provider.ID + `"}) { userErrors { message } } }`)
	select {
	case body := <-told:
		if !strings.Contains(body, `"title":"Bücherei"`) || !strings.Contains(body, `"api":"https://umland.example/graphql"`) {
			t.Error(body)
		}
	case <-time.After(30 * time.Second):
		t.Error("the receiver was not told")
	}
}
