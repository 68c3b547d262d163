//go:build unix

package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const helperMode = "PGTEST_TEST_HELPER"

// TestMain turns the process into a helper when the environment asks for it: it
// starts the cluster of the process, names its folder, and ends with its input.
func TestMain(m *testing.M) {
	if os.Getenv(helperMode) == "" {
		os.Exit(m.Run())
	}
	c, err := shared()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(c.server.Options().Dir)
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	check(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func count(t testing.TB, conn *pgx.Conn, sql string) (n int) {
	t.Helper()
	check(t, conn.QueryRow(t.Context(), sql).Scan(&n))
	return n
}

func TestNewDB(t *testing.T) {
	t.Parallel()
	var runs atomic.Int64
	migrate := func(ctx context.Context, dsn string) error {
		runs.Add(1)
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "CREATE TABLE t (v int)")
		return err
	}
	t.Run("databases", func(t *testing.T) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				conn := connect(t, NewDB(t, migrate))
				_, err := conn.Exec(t.Context(), "INSERT INTO t VALUES (1)")
				check(t, err)
				runtime.GC() // nothing may hang on a finalizer
				if n := count(t, conn, "SELECT count(*) FROM t"); n != 1 {
					t.Errorf("%d rows: not a database of its own", n)
				}
			})
		}
	})
	if n := runs.Load(); n > 1 { // 0 when go test -count repeats the test
		t.Errorf("migrated %d times", n)
	}
	empty := connect(t, NewDB(t, nil))
	if n := count(t, empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); n != 0 {
		t.Errorf("%d tables without migrations", n)
	}
}

func TestDatabaseIsDroppedThoughConnected(t *testing.T) {
	t.Parallel()
	var dsn string
	t.Run("user", func(t *testing.T) {
		dsn = NewDB(t, nil)
		conn, err := pgx.Connect(context.Background(), dsn)
		check(t, err)
		check(t, conn.Ping(context.Background())) // and stays open
	})
	if _, err := pgx.Connect(t.Context(), dsn); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("got %v", err)
	}
}

func TestMigrateFails(t *testing.T) {
	t.Parallel()
	c, err := shared()
	check(t, err)
	for range 2 {
		_, err := c.template(func(context.Context, string) error { return errors.New("broken migration") })
		if err == nil || !strings.Contains(err.Error(), "broken migration") {
			t.Errorf("got %v", err)
		}
	}
}

func TestNewServerGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	var dir string
	t.Run("user", func(t *testing.T) {
		s := NewServer(t)
		dir = s.Options().Dir
		dsn, err := s.CreateDatabase(t.Context(), "kept")
		check(t, err)
		connect(t, dsn)
		check(t, s.Stop())
		if _, err := pgx.Connect(t.Context(), dsn); err == nil {
			t.Error("connects to a stopped server")
		}
		again, err := start(dir)
		check(t, err)
		t.Cleanup(func() { check(t, again.Stop()) })
		connect(t, dsn)
	})
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there (%v)", dir, err)
	}
}

func TestNothingStaysBehind(t *testing.T) {
	t.Parallel()
	tests := map[string]func(cmd *exec.Cmd, stdin io.Closer) error{
		"exit": func(_ *exec.Cmd, stdin io.Closer) error { return stdin.Close() },
		"kill": func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Kill() },
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			check(t, err)
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), helperMode+"=1")
			stdin, err := cmd.StdinPipe()
			check(t, err)
			stdout, err := cmd.StdoutPipe()
			check(t, err)
			check(t, cmd.Start())
			line, err := bufio.NewReader(stdout).ReadString('\n')
			check(t, err)
			dir := strings.TrimSpace(line)
			if _, err := os.Stat(dir + "/data/postmaster.pid"); err != nil {
				t.Fatalf("helper process: %s (%v)", line, err)
			}
			check(t, end(cmd, stdin))
			cmd.Wait()
			for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
				if _, err = os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
					return
				}
				if time.Since(began) > limit {
					t.Fatalf("%s is still there (%v)", dir, err)
				}
			}
		})
	}
}

func BenchmarkNewDB(b *testing.B) {
	for b.Loop() {
		NewDB(b, nil)
	}
}
