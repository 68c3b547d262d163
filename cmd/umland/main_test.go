package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"umland/pgdev/pgtest"
)

// TestMain lets the tests' program be the real one, for what is to be seen of its own process.
func TestMain(m *testing.M) {
	if os.Getenv("UMLAND_TEST_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

// process makes a command on a database that is a process of its own; it allows feeds from 127.0.0.9. It is killed at the end of the test.
func process(t *testing.T, dsn string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"--database-url", dsn, "--log-level", "error", "--harvest-allow", "127.0.0.9/32"}, args...)...)
	cmd.Env = append(os.Environ(), "UMLAND_TEST_MAIN=1", "UMLAND_DEMO=false")
	t.Cleanup(func() {
		if cmd.Process != nil && cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return cmd
}

// umland runs a command on a database and gives what it printed.
func umland(t *testing.T, dsn string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, log bytes.Buffer
	code = run(t.Context(), append([]string{"--database-url", dsn, "--log-level", "warn"}, args...), &out, &log)
	return code, out.String(), log.String()
}

// The whole program: it serves on a free port, keys are made and ended beside it, and it stops when it is told to.
func TestServe(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reader, writer := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"serve", "--database-url", dsn, "--listen", "127.0.0.1:0", "--log-format", "json", "--data-dir", t.TempDir()}, io.Discard, writer)
		_ = writer.Close()
	}()
	var url string
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		var line struct{ URL string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.URL != "" {
			url = line.URL
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	if url == "" {
		t.Fatalf("it did not serve: %d", <-done)
	}
	ask := func(token, query string) (status int, body string) {
		req, _ := http.NewRequest(http.MethodPost, url+"/graphql", strings.NewReader(`{"query":`+quote(query)+`}`))
		req.Header.Set("Content-Type", "application/json")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	if _, body := ask("", `{ municipality(ags: "12069020") { name } regions(kind: COOPERATION) { totalCount } offerings { totalCount } }`); body !=
		`{"data":{"municipality":{"name":"Bad Belzig"},"regions":{"totalCount":0},"offerings":{"totalCount":0}}}` {
		t.Errorf("without the demo: %s", body)
	}
	for path, want := range map[string]int{"/": 200, "/healthz": 200, "/readyz": 200, "/metrics": 200, "/playground": 200, "/nowhere": 404} {
		res, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want && (path != "/playground" || res.StatusCode != http.StatusServiceUnavailable) {
			t.Errorf("%s: %s", path, res.Status)
		}
	}

	code, out, stderr := umland(t, dsn, "key", "create", "--municipality", "12069020", "--scope", "write,publish")
	words := strings.Fields(out)
	if code != 0 || len(words) == 0 || !strings.HasPrefix(words[len(words)-1], "uml_") {
		t.Fatalf("key create: %d %q %q", code, out, stderr)
	}
	token := words[len(words)-1]
	if _, body := ask(token, `{ viewer { name scopes } }`); body != `{"data":{"viewer":{"name":"Bad Belzig","scopes":["write","publish"]}}}` {
		t.Errorf("with the key: %s", body)
	}
	_, list, _ := umland(t, dsn, "key", "list")
	id := regexp.MustCompile(`key_\S+`).FindString(list)
	if id == "" || strings.Contains(list, token) {
		t.Errorf("key list: %q", list)
	}
	if code, _, stderr := umland(t, dsn, "key", "revoke", id); code != 0 {
		t.Errorf("key revoke: %d %q", code, stderr)
	}
	if status, body := ask(token, `{ viewer { name } }`); status != http.StatusUnauthorized {
		t.Errorf("with the revoked key: %d %s", status, body)
	}
	stop()
	select {
	case code := <-done:
		if code != 0 {
			t.Errorf("serve ended with %d", code)
		}
	case <-time.After(30 * time.Second):
		t.Error("serve did not end")
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestBadCommands(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, nil)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"key", "create", "--municipality", "99999999"}, 1, "There is no municipality with the AGS"},
		{[]string{"key", "create", "--provider", "prv_x"}, 1, "is not the id of a provider"},
		{[]string{"key", "create"}, 2, "--"},
		{[]string{"key", "create", "--municipality", "12069020", "--provider", "prv_x"}, 2, "--"},
		{[]string{"key", "create", "--municipality", "12069020", "--scope", "everything"}, 2, "scope"},
		{[]string{"key", "revoke", "key_01932c1e-7b1c-7c3a-8000-000000000000"}, 1, "There is no such key."},
		{[]string{"nonsense"}, 2, "nonsense"},
		{[]string{"serve", "--listen", "nowhere:1:2"}, 1, "cannot listen"},
	} {
		if code, _, stderr := umland(t, dsn, c.args...); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: %d %q", c.args, code, stderr)
		}
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &out, io.Discard); code != 0 || !strings.Contains(out.String(), "serve") {
		t.Errorf("--help: %d %q", code, out.String())
	}
	if code := run(t.Context(), []string{"migrate", "--database-url", "postgres://nobody@127.0.0.1:1/x"}, io.Discard, &out); code != 1 {
		t.Errorf("a database that is not there: %d", code)
	}
}

// docs/settings.md names every setting with its variable and default, and every command; and no others.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "settings.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	parser, err := kong.New(new(cli))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	var walk func(n *kong.Node, path string)
	walk = func(n *kong.Node, path string) {
		if n.Leaf() && !strings.Contains(page, "| `umland"+path) {
			t.Errorf("the command umland%s is not in settings.md", path)
		}
		for _, f := range n.Flags {
			if f.Name == "help" {
				continue
			}
			name := strings.TrimSpace(path + " --" + f.Name)
			if len(f.Envs) == 0 {
				if !strings.Contains(page, "--"+f.Name) {
					t.Errorf("%s is not in settings.md", name)
				}
				continue
			}
			known[name] = true
			row := regexp.MustCompile("(?m)^\\| `" + name + "` \\| `" + f.Envs[0] + "` \\| (.*?) \\|").FindStringSubmatch(page)
			if row == nil {
				t.Errorf("%s (%s) has no row in settings.md", name, f.Envs[0])
			} else if f.Default != "" && row[1] != "`"+f.Default+"`" {
				t.Errorf("the default of %s is %s, not %s", name, f.Default, row[1])
			}
		}
		for _, c := range n.Children {
			walk(c, path+" "+c.Name)
		}
	}
	walk(parser.Model.Node, "")
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]*--[^`]+)` \\| `[A-Z_]+`").FindAllStringSubmatch(page, -1) {
		if !known[row[1]] {
			t.Errorf("settings.md has %s, which there is not", row[1])
		}
	}
}

// A feed is added, looked at, read twice, and removed at the command line.
func TestHarvest(t *testing.T) {
	t.Parallel()
	dsn := pgtest.NewDB(t, nil)
	listener, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		t.Fatal(err)
	}
	event := "BEGIN:VEVENT\r\nUID:%\r\nSUMMARY:Lesung %\r\nDTSTART:20301201T180000Z\r\nEND:VEVENT\r\n"
	srv := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.ics" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, "BEGIN:VCALENDAR\r\n"+strings.ReplaceAll(event, "%", "eins")+strings.ReplaceAll(event, "%", "zwei")+"END:VCALENDAR\r\n")
	})}}
	srv.Start()
	t.Cleanup(srv.Close)
	code, out, stderr := umland(t, dsn, "source", "add", "--municipality", "12069020", "--format", "ical", "--url", srv.URL+"/a.ics", "--name", "Kalender", "--licence", "CC-BY-4.0", "--every", "6h")
	words := strings.Fields(out)
	if code != 0 || len(words) == 0 || !strings.HasPrefix(words[len(words)-1], "src_") {
		t.Fatalf("source add: %d %q %q", code, out, stderr)
	}
	id := words[len(words)-1]
	type line struct {
		Source                            string
		New, Changed, Same, Gone, Refused int
		Quarantined                       bool
		Error                             *string
	}
	run := func(args ...string) line {
		t.Helper()
		code, out, stderr := umland(t, dsn, append([]string{"harvest", "--json", "--harvest-allow", "127.0.0.9/32"}, args...)...)
		var l line
		if err := json.Unmarshal([]byte(out), &l); code != 0 || err != nil {
			t.Fatalf("harvest: %d %q %q", code, out, stderr)
		}
		return l
	}
	if l := run("--dry-run"); l != (line{Source: id, New: 2}) {
		t.Errorf("dry: %+v", l)
	}
	if l := run("--source", id); l != (line{Source: id, New: 2}) {
		t.Errorf("first: %+v", l)
	}
	if l := run(); l != (line{Source: id, Same: 2}) {
		t.Errorf("second: %+v", l)
	}
	if code, out, _ := umland(t, dsn, "harvest"); code != 0 || !strings.Contains(out, "FAILED") || !strings.Contains(out, "öffentlichen Internet") {
		t.Errorf("a private network that is not allowed: %d %q", code, out)
	}
	if code, out, _ := umland(t, dsn, "source", "list"); code != 0 || !strings.Contains(out, id) || !strings.Contains(out, "FAILING") {
		t.Errorf("source list: %d %q", code, out)
	}
	if code, _, stderr := umland(t, dsn, "source", "add", "--municipality", "12069020", "--format", "fax", "--url", "x"); code != 1 || !strings.Contains(stderr, "--format") || !strings.Contains(stderr, "--url") {
		t.Errorf("a bad source: %d %q", code, stderr)
	}
	if code, _, stderr := umland(t, dsn, "source", "remove", id); code != 0 {
		t.Errorf("source remove: %d %q", code, stderr)
	}
	if code, _, stderr := umland(t, dsn, "harvest", "--source", id); code != 1 || !strings.Contains(stderr, "There is no source") {
		t.Errorf("a source that is gone: %d %q", code, stderr)
	}
}
