package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"umland/bench/question"
)

// server is one of those that are compared, running.
type server struct {
	name   string
	cmd    *exec.Cmd
	url    string
	client *http.Client
	key    string // API key for writes
	has    map[string]bool
}

// request is one that is ready to be sent.
type request struct {
	url   string
	body  []byte
	holds string // is in every right answer
	key   string // API key; "" for none
}

// request makes that of a question with these variables.
func (s *server) request(q question.Question, v question.Variables) (r request, err error) {
	r = request{url: s.url + "/graphql", holds: q.Holds}
	if q.Write {
		r.key = s.key
	}
	switch s.name {
	case "thin":
		r.url = s.url + "/" + strconv.Itoa(q.Number)
		r.body, err = json.Marshal(v)
	case "postgraphile":
		r.body, err = json.Marshal(map[string]any{"query": q.PostGraphile, "variables": v.ForPostGraphile()})
	default:
		r.body, err = json.Marshal(map[string]any{"query": q.Umland, "variables": v})
	}
	return r, err
}

// ask sends a request and gives the answer, which must be whole and without errors.
func (s *server) ask(ctx context.Context, r request, into *bytes.Buffer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	into.Reset()
	if _, err := into.ReadFrom(resp.Body); err != nil {
		return err
	}
	answer := into.Bytes()
	if resp.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"errors":`)) || bytes.Contains(answer, []byte(`"userErrors":[{`)) {
		if i := bytes.Index(answer, []byte(`"userErrors":[{`)); i > 0 {
			answer = answer[i:]
		}
		return fmt.Errorf("%s: status %d, %.500s", s.name, resp.StatusCode, answer)
	}
	return nil
}

// graphql asks a GraphQL server something aside.
func (s *server) graphql(ctx context.Context, query string, variables any, data any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	var answer bytes.Buffer
	if err := s.ask(ctx, request{url: s.url + "/graphql", body: body}, &answer); err != nil {
		return err
	}
	return json.Unmarshal(answer.Bytes(), &struct {
		Data any `json:"data"`
	}{data})
}

// introspect reads which fields the schema has: Type.field, and Type.field of input types.
func (s *server) introspect(ctx context.Context) error {
	var data struct {
		Schema struct {
			Types []struct {
				Name        string
				Fields      []struct{ Name string }
				InputFields []struct{ Name string }
			}
		} `json:"__schema"`
	}
	err := s.graphql(ctx, `{ __schema { types { name fields { name } inputFields { name } } } }`, nil, &data)
	s.has = map[string]bool{}
	for _, t := range data.Schema.Types {
		for _, f := range append(t.Fields, t.InputFields...) {
			s.has[t.Name+"."+f.Name] = true
		}
	}
	return err
}

// lacks names the first thing that the server has not got and the question needs.
func (s *server) lacks(q question.Question) string {
	if s.name != "umland" {
		return ""
	}
	for _, need := range q.Needs {
		if !s.has[need] {
			return need
		}
	}
	return ""
}

// takes tells whether the server is asked the question: traffic is for the Umland that keeps answers, all else for the one that does not.
func (s *server) takes(q question.Question) bool {
	switch s.name {
	case "umland":
		return !q.Traffic
	case cached:
		return q.Traffic
	}
	return true
}

// cached is the name of the Umland that keeps answers, as it does by default.
const cached = "umland-cached"

// start builds and starts a server.
func (b *bench) start(ctx context.Context, name string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	address := "127.0.0.1:" + strconv.Itoa(port)
	var cmd *exec.Cmd
	env := append(os.Environ(), "DATABASE_URL="+b.dsn)
	switch name {
	case "umland", cached:
		cmd = exec.Command(filepath.Join(b.dir, "umland"), "serve", "--listen", address, "--log-level", "warn")
		if name == "umland" {
			cmd.Args = append(cmd.Args, "--answer-cache", "0")
		}
		err = b.build(ctx, "./cmd/umland", cmd.Path)
	case "thin":
		cmd = exec.Command(filepath.Join(b.dir, "thin"), "-listen", address)
		err = b.build(ctx, "./bench/cmd/thin", cmd.Path)
	case "postgraphile":
		cmd, err = b.postgraphile(ctx)
		env = append(env, "PORT="+strconv.Itoa(port), "NODE_ENV=production", "GRAPHILE_ENV=production")
	default:
		return fmt.Errorf("there is no such server")
	}
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(b.dir, name+".log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd.Env, cmd.Stdout, cmd.Stderr = env, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	s := &server{name: name, cmd: cmd, url: "http://" + address, client: &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: b.concurrency, MaxConnsPerHost: b.concurrency, DisableCompression: true},
	}}
	b.servers = append(b.servers, s)
	for deadline := time.Now().Add(time.Minute); ; {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = conn.Close()
			break
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("it did not start: see %s", log.Name())
		}
		time.Sleep(100 * time.Millisecond)
	}
	if name == "umland" || name == cached {
		s.key = b.key
		return s.introspect(ctx)
	}
	return nil
}

func (b *bench) build(ctx context.Context, pkg, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", to, pkg)
	cmd.Dir = b.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// postgraphile installs what it needs, makes its own schema in the database, and gives the command that serves.
func (b *bench) postgraphile(ctx context.Context) (*exec.Cmd, error) {
	folder := filepath.Join(b.root, "bench", "postgraphile")
	node := filepath.Join(folder, "node_modules", ".bin", "node")
	if _, err := os.Stat(node); err != nil {
		cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("npm ci: %w\n%s", err, out)
		}
	}
	cmd := exec.Command(node, "server.mjs")
	cmd.Dir = folder
	return cmd, nil
}

// walk reads the cursors of the list of question 7, as many as 200,000, and draws a pool of them that is spread evenly.
func (s *server) walk(ctx context.Context, q question.Question) (pool []question.Variables, err error) {
	var all []string
	var after *string
	for len(all) < 200_000 {
		page, err := s.walkPage(ctx, q, after)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		after = &all[len(all)-1]
	}
	all = all[:max(0, len(all)-question.PageSize)] // behind the last there is nothing
	for i := range min(len(all), 5*question.PoolSize) {
		pool = append(pool, question.Variables{"after": all[i*len(all)/min(len(all), 5*question.PoolSize)]})
	}
	return pool, nil
}

// walkPage gives the cursors of the items behind one: of each, or of the last.
func (s *server) walkPage(ctx context.Context, q question.Question, after *string) (cursors []string, err error) {
	var data struct {
		Offerings struct {
			Edges    []struct{ Cursor string }
			PageInfo struct{ EndCursor *string }
		}
	}
	document := question.WalkUmland
	switch s.name {
	case "postgraphile":
		document = question.WalkPostGraphile
	case "thin":
		r, err := s.request(q, question.Variables{"after": after})
		if err != nil {
			return nil, err
		}
		var answer bytes.Buffer
		if err := s.ask(ctx, r, &answer); err != nil {
			return nil, err
		}
		err = json.Unmarshal(answer.Bytes(), &struct {
			Data any `json:"data"`
		}{&data})
		if err != nil || data.Offerings.PageInfo.EndCursor == nil {
			return nil, err
		}
		return []string{*data.Offerings.PageInfo.EndCursor}, nil
	}
	if err := s.graphql(ctx, document, map[string]any{"after": after}, &data); err != nil {
		return nil, err
	}
	for _, e := range data.Offerings.Edges {
		cursors = append(cursors, e.Cursor)
	}
	return cursors, nil
}

// stop ends the server.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = s.cmd.Process.Kill()
		<-done
	}
	s.client.CloseIdleConnections()
}

// freePort finds a port of the loopback that is free now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
