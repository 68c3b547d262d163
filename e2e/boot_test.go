// Package e2e drives the built program as a person would: the real binary with the demo region,
// its private Postgres, and Chromium.
package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startLimit bounds the start of the program: a new Postgres, migrations and the demo data.
const startLimit = 3 * time.Minute

// boot builds the program, starts it with the demo region on a free port of this machine and gives
// its base URL without a final slash. With UMLAND_E2E_URL set, it takes the server that runs there.
func boot(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("UMLAND_E2E_URL"); url != "" {
		return strings.TrimSuffix(url, "/")
	}
	return bootWith(t)
}

// bootWith is boot with settings besides, and always starts the program.
func bootWith(t *testing.T, settings ...string) string {
	t.Helper()
	return bootAfter(t, nil, settings...)
}

// bootAfter is bootWith after another of the program's commands was run on the same data.
func bootAfter(t *testing.T, before []string, settings ...string) string {
	t.Helper()
	// Not t.TempDir(): as root, Postgres runs as another user, who must be able to reach its data.
	dir, err := os.MkdirTemp("", "umland-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "umland")
	build := exec.Command("go", "build", "-o", binary, "./cmd/umland")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}

	serve := exec.Command(binary, "serve", "--demo", "--listen", "127.0.0.1:0")
	serve.Env = append(withoutSettings(os.Environ()), "UMLAND_DATA_DIR="+filepath.Join(dir, "data"))
	if len(before) > 0 {
		first := exec.Command(binary, before...)
		first.Env = serve.Env
		if out, err := first.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", before, err, out)
		}
	}
	serve.Env = append(serve.Env, settings...)
	stderr, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	url, log := make(chan string, 1), &tail{}
	go func() {
		defer close(url)
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		found := false
		for lines.Scan() {
			log.add(lines.Text())
			var entry struct{ URL string }
			if err := json.Unmarshal(lines.Bytes(), &entry); err == nil && entry.URL != "" && !found {
				found = true
				url <- entry.URL
			}
		}
	}()
	t.Cleanup(func() { stop(t, serve, url, log) })

	select {
	case u, ok := <-url:
		if !ok {
			t.Fatalf("the program ended before it said its url:\n%s", log)
		}
		return strings.TrimSuffix(u, "/")
	case <-time.After(startLimit):
		t.Fatalf("the program did not say its url within %s:\n%s", startLimit, log)
	}
	return ""
}

// stop asks the program to end and fails the test when it does not, or not cleanly.
func stop(t *testing.T, serve *exec.Cmd, closed <-chan string, log *tail) {
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	kill := time.AfterFunc(30*time.Second, func() { _ = serve.Process.Kill() })
	defer kill.Stop()
	for range closed { // Wait closes the pipe: only after all of it was read
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("the program did not end cleanly: %v\n%s", err, log)
	} else if t.Failed() {
		t.Logf("the program's log:\n%s", log)
	}
}

// withoutSettings drops the settings of whoever runs the tests, so that all is as on a new machine.
func withoutSettings(environ []string) []string {
	var kept []string
	for _, v := range environ {
		if !strings.HasPrefix(v, "UMLAND_") && !strings.HasPrefix(v, "DATABASE_URL=") {
			kept = append(kept, v)
		}
	}
	return kept
}

// tail keeps the last lines of a log.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (l *tail) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if len(l.lines) > 30 {
		l.lines = l.lines[1:]
	}
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
