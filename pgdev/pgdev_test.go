//go:build unix

package pgdev

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
)

// deadline is for a machine under heavy load; nothing waits for it to pass.
const deadline = 2 * time.Minute

const (
	helperDir     = "PGDEV_TEST_HELPER_DIR"
	helperProgram = "PGDEV_TEST_HELPER_PROGRAM"
)

// TestMain turns the process into a helper when the environment asks for it: it
// starts a Postgres, says "ready", and stops it when its input ends.
func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		if err := helper(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// Before any test: a file cannot be run while another thread's child, just
	// forked, still has it open for writing.
	tmp, err := copySelf()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Setenv(helperProgram, filepath.Join(tmp, "helper"))
	code := m.Run()
	os.RemoveAll(tmp)
	os.Exit(code)
}

// copySelf copies the test binary into a new folder, where every user may run it.
func copySelf() (dir string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp("", "umland-pgdev-"); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "helper"), program, 0o755)
}

func helper(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	s, err := Start(ctx, Options{Dir: dir, Throwaway: true, Log: zerolog.Nop()})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	return s.Stop()
}

type helperProcess struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
}

// startHelper runs this test binary as a helper process, as a when it is not nil.
func startHelper(t *testing.T, dir string, a *account, env ...string) *helperProcess {
	t.Helper()
	cmd := exec.Command(os.Getenv(helperProgram))
	cmd.Env = append(os.Environ(), append(env, helperDir+"="+dir)...)
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	if a != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}}
	}
	stdin, err := cmd.StdinPipe()
	check(t, err)
	stdout, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return &helperProcess{cmd, stdin, bufio.NewReader(stdout)}
}

func (h *helperProcess) waitReady(t *testing.T) {
	t.Helper()
	if line, err := h.out.ReadString('\n'); line != "ready\n" {
		rest, _ := io.ReadAll(h.out)
		t.Fatalf("helper process: %s%s (%v)", line, rest, err)
	}
}

// tempDir is a t.TempDir that other users may enter.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "umland-pgdev-")
	check(t, err)
	check(t, os.Chmod(dir, 0o755))
	// A Postgres whose owner was killed may still be writing.
	t.Cleanup(func() { eventually(t, "remove "+dir, func() error { return os.RemoveAll(dir) }) })
	return dir
}

func start(t *testing.T, opts Options) *Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	s, err := Start(ctx, opts)
	check(t, err)
	t.Cleanup(func() { check(t, s.Stop()) })
	return s
}

func throwaway(dir string) Options {
	return Options{Dir: dir, Throwaway: true, Log: zerolog.Nop()}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually tries f until it returns nil.
func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := f()
		if err == nil {
			return
		}
		if time.Since(began) > deadline {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

func query(dsn, sql string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return "", err
	}
	return pgx.CollectOneRow(rows, pgx.RowTo[string])
}

func mustQuery(t *testing.T, dsn, sql string) string {
	t.Helper()
	got, err := query(dsn, sql)
	check(t, err)
	return got
}

// instance tells one run of Postgres from the next.
const instance = "SELECT pg_postmaster_start_time()::text"

func postmaster(t *testing.T, dir string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	check(t, err)
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(line)
	check(t, err)
	return pid
}

// waitEnded returns when Postgres has ended in good order.
func waitEnded(t *testing.T, dir string) {
	t.Helper()
	eventually(t, "Postgres ends", func() error {
		_, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("postmaster.pid is still there (%w)", err)
	})
}

func TestStopAndStartAgainKeepsData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "new", "cluster")
	s := start(t, Options{Dir: dir, Log: zerolog.Nop()})
	var dsn string
	for range 2 { // the second time it exists
		var err error
		dsn, err = s.CreateDatabase(t.Context(), `Größe "1"`)
		check(t, err)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	check(t, err)
	_, err = conn.Exec(t.Context(), "CREATE TABLE t AS SELECT 'kept' AS v")
	check(t, err)
	check(t, conn.Close(t.Context()))

	for setting, want := range map[string]string{
		"listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
		"jit": "off", "server_encoding": "UTF8", "max_connections": "100", "shared_buffers": "128MB",
		"wal_level": "minimal", "TimeZone": "UTC",
	} {
		if got := mustQuery(t, dsn, "SHOW "+setting); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	for _, name := range []string{"data", "socket"} {
		fi, err := os.Stat(filepath.Join(dir, name))
		check(t, err)
		if fi.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", name, fi.Mode())
		}
	}

	check(t, s.Stop())
	check(t, s.Stop())
	waitEnded(t, dir)
	if got, err := query(dsn, "SELECT v FROM t"); err == nil {
		t.Fatalf("after Stop the database answers %q", got)
	}
	again := start(t, s.Options())
	if again.DSN(`Größe "1"`) != dsn {
		t.Errorf("DSN changed from %s to %s", dsn, again.DSN(`Größe "1"`))
	}
	if got := mustQuery(t, dsn, "SELECT v FROM t"); got != "kept" {
		t.Errorf("got %q", got)
	}
}

func TestAttach(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	owner := start(t, throwaway(dir))
	link := filepath.Join(tempDir(t), "link")
	check(t, os.Symlink(dir, link))
	other := start(t, throwaway(link))
	if owner.DSN("postgres") != other.DSN("postgres") {
		t.Errorf("two DSNs: %s, %s", owner.DSN("postgres"), other.DSN("postgres"))
	}
	first := mustQuery(t, owner.DSN("postgres"), instance)
	check(t, other.Stop())
	if got := mustQuery(t, owner.DSN("postgres"), instance); got != first {
		t.Errorf("Stop of an attached server restarted Postgres")
	}
}

func TestConcurrentStart(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	helpers := []*helperProcess{startHelper(t, dir, nil), startHelper(t, dir, nil)}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			defer cancel()
			s, err := Start(ctx, throwaway(dir))
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { check(t, s.Stop()) })
			if _, err := query(s.DSN("postgres"), "SELECT 'ok'"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, h := range helpers {
		h.waitReady(t)
	}
	log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	check(t, err)
	if n := strings.Count(string(log), "starting PostgreSQL"); n != 1 {
		t.Errorf("Postgres was started %d times:\n%s", n, log)
	}
}

func TestHeal(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, dir string, owner *helperProcess){
		"owner stops":     func(t *testing.T, _ string, owner *helperProcess) { check(t, owner.stdin.Close()) },
		"owner is killed": func(t *testing.T, _ string, owner *helperProcess) { check(t, owner.cmd.Process.Kill()) },
		"Postgres is killed": func(t *testing.T, dir string, _ *helperProcess) {
			check(t, syscall.Kill(postmaster(t, dir), syscall.SIGKILL))
		},
		"Postgres is stopped by hand": func(t *testing.T, dir string, _ *helperProcess) {
			check(t, syscall.Kill(postmaster(t, dir), syscall.SIGINT))
		},
	}
	for name, strike := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t)
			owner := startHelper(t, dir, nil)
			owner.waitReady(t)
			s := start(t, throwaway(dir))
			before := mustQuery(t, s.DSN("postgres"), instance)
			strike(t, dir, owner)
			eventually(t, "heal", func() error {
				after, err := query(s.DSN("postgres"), instance)
				if err == nil && after == before {
					err = errors.New("the old Postgres still answers")
				}
				return err
			})
		})
	}
}

func TestHealOwner(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	s := start(t, throwaway(dir))
	for range 3 {
		before := mustQuery(t, s.DSN("postgres"), instance)
		check(t, syscall.Kill(postmaster(t, dir), syscall.SIGKILL))
		eventually(t, "heal", func() error {
			after, err := query(s.DSN("postgres"), instance)
			if err == nil && after == before {
				err = errors.New("the old Postgres still answers")
			}
			return err
		})
	}
}

// Stop must win over a repair that is going on.
func TestStopWhileHealing(t *testing.T) {
	t.Parallel()
	s := start(t, throwaway(tempDir(t)))
	before := mustQuery(t, s.DSN("postgres"), instance)
	check(t, syscall.Kill(postmaster(t, s.Options().Dir), syscall.SIGKILL))
	eventually(t, "Postgres goes", func() error {
		if now, err := query(s.DSN("postgres"), instance); err == nil && now == before {
			return errors.New("the old Postgres still answers")
		}
		return nil
	})
	check(t, s.Stop())
	if got, err := query(s.DSN("postgres"), instance); err == nil {
		t.Errorf("after Stop the database answers %q", got)
	}
	start(t, s.Options()) // after a crash, it starts
}

func TestInterruptedInit(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	h := startHelper(t, dir, nil)
	var half string
	eventually(t, "initdb begins", func() error {
		found, _ := filepath.Glob(filepath.Join(dir, "init-*", "PG_VERSION"))
		if len(found) == 0 {
			if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
				return nil // too late on this machine: half stays empty
			}
			return errors.New("no init-*/PG_VERSION")
		}
		half = filepath.Dir(found[0])
		return nil
	})
	check(t, h.cmd.Process.Kill())
	h.cmd.Wait()
	if half == "" { // what a kill leaves
		half = filepath.Join(dir, "init-1")
		check(t, os.RemoveAll(filepath.Join(dir, "data")))
		check(t, os.Mkdir(half, 0o700))
		check(t, os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600))
	}
	s := start(t, throwaway(dir))
	if got := mustQuery(t, s.DSN("postgres"), "SELECT 'ok'"); got != "ok" {
		t.Errorf("got %q", got)
	}
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there (%v)", half, err)
	}
}

// A user without rights runs Postgres as itself. The environment of other
// Postgres programs must not matter.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	var a *account
	want := strconv.Itoa(os.Geteuid())
	if os.Geteuid() == 0 {
		u, err := user.Lookup("nobody")
		check(t, err)
		uid, err := strconv.Atoi(u.Uid)
		check(t, err)
		gid, err := strconv.Atoi(u.Gid)
		check(t, err)
		a = &account{name: u.Username, uid: uint32(uid), gid: uint32(gid)}
		check(t, os.Chown(dir, uid, gid))
		want = u.Uid
	}
	h := startHelper(t, dir, a, "PGPORT=1", "PGDATA=/nowhere", "LC_ALL=xx_XX", "PGHOST=nowhere.invalid")
	h.waitReady(t)
	uid, err := owner(filepath.Join(dir, "data", "postmaster.pid"))
	check(t, err)
	if got := strconv.Itoa(int(uid)); got != want {
		t.Errorf("Postgres runs as user %s, want %s", got, want)
	}
	check(t, h.stdin.Close())
	check(t, h.cmd.Wait())
	waitEnded(t, dir)

	if os.Geteuid() == 0 {
		_, err := Start(t.Context(), throwaway(dir))
		if err == nil || !strings.Contains(err.Error(), "run as that user") {
			t.Errorf("root in the folder of another user: %v", err)
		}
	}
}

func TestRootNeedsAFolderThatOthersMayEnter(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(tempDir(t), "closed")
	check(t, os.Mkdir(closed, 0o700))
	dir := filepath.Join(closed, "cluster")
	check(t, os.Mkdir(dir, 0o755))
	stranger := &account{name: "stranger", uid: 54321, gid: 54321}
	err := stranger.reach(dir)
	if err == nil || !strings.Contains(err.Error(), "stranger may not enter "+closed+":") {
		t.Errorf("closed folder: %v", err)
	}
	check(t, os.Chmod(closed, 0o711))
	check(t, stranger.reach(dir))
	check(t, os.Chmod(closed, 0o700))
	if os.Geteuid() == 0 {
		_, err := Start(t.Context(), throwaway(dir))
		if err == nil || !strings.Contains(err.Error(), "may not enter "+closed+":") {
			t.Errorf("Start: %v", err)
		}
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), strings.Repeat("long/", 40), "it's \"quoted\", 100% ä")
	s := start(t, throwaway(dir))
	t.Cleanup(func() {
		check(t, s.Stop())
		if _, err := os.Stat(s.socket); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", s.socket, err)
		}
	})
	u, err := url.Parse(s.DSN("postgres"))
	check(t, err)
	if host := u.Query().Get("host"); strings.HasPrefix(host, dir) || len(host) > 90 {
		t.Errorf("socket in %s", host)
	}
	if got := mustQuery(t, s.DSN("postgres"), "SELECT 'ok'"); got != "ok" {
		t.Errorf("got %q", got)
	}
}

func TestMakePrivate(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	open, link, file := filepath.Join(dir, "open"), filepath.Join(dir, "link"), filepath.Join(dir, "file")
	check(t, os.Mkdir(open, 0o755))
	check(t, os.Symlink(tempDir(t), link))
	check(t, os.WriteFile(file, nil, 0o700))
	for _, path := range []string{open, link, file} {
		if err := makePrivate(path, nil); err == nil || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%s: %v", path, err)
		}
	}
	for range 2 {
		check(t, makePrivate(filepath.Join(dir, "mine"), nil))
	}
}

// After a crash the number of the old Postgres may be that of any process.
func TestStaleLockFiles(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	s := start(t, throwaway(dir))
	check(t, s.Stop())
	bystander := exec.Command("sleep", "600")
	bystander.Dir = "/"
	bystander.SysProcAttr = s.account.sysProcAttr(syscall.SIGKILL)
	check(t, bystander.Start())
	t.Cleanup(func() {
		bystander.Process.Kill()
		bystander.Wait()
	})
	data := filepath.Join(dir, "data")
	check(t, makePrivate(s.socket, s.account))
	content := fmt.Sprintf("%d\n%s\n1\n%s\n%s\n\n", bystander.Process.Pid, data, port, s.socket)
	for _, path := range []string{filepath.Join(data, "postmaster.pid"), filepath.Join(s.socket, ".s.PGSQL."+port+".lock")} {
		check(t, os.WriteFile(path, []byte(content), 0o644))
	}
	start(t, throwaway(dir))
	if pid := postmaster(t, dir); pid == bystander.Process.Pid {
		t.Errorf("postmaster.pid still names process %d", pid)
	}
}

func TestStartGivesUpWithContext(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, throwaway(dir)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "init-*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
	start(t, throwaway(dir))
}

func TestPostgresThatDoesNotStart(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	s := start(t, throwaway(dir))
	check(t, s.Stop())
	f, err := os.OpenFile(filepath.Join(dir, "data", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	_, err = f.WriteString("\nno_such_setting = 1\n")
	check(t, err)
	check(t, f.Close())
	_, err = Start(t.Context(), throwaway(dir))
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v", err)
	}
}

func TestLogFileIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postgres.log")
	l, err := openLog(path)
	check(t, err)
	line := []byte(strings.Repeat("x", 1<<16-1) + "\n")
	for range 3 * maxLog / len(line) {
		n, err := l.Write(line)
		check(t, err)
		if n != len(line) {
			t.Fatalf("wrote %d bytes of %d", n, len(line))
		}
	}
	l.close()
	for _, p := range []string{path, path + ".1"} {
		fi, err := os.Stat(p)
		check(t, err)
		if fi.Size() == 0 || fi.Size() > maxLog {
			t.Errorf("%s has %d bytes", p, fi.Size())
		}
	}
	if len(l.tail) != maxTail {
		t.Errorf("the tail has %d bytes", len(l.tail))
	}
}

func TestDefaultDir(t *testing.T) {
	home := t.TempDir()
	for _, tt := range []struct{ xdg, want string }{
		{"/xdg", "/xdg/umland"},
		{"relative", filepath.Join(home, ".local/share/umland")},
		{"", filepath.Join(home, ".local/share/umland")},
	} {
		t.Setenv("HOME", home)
		t.Setenv("XDG_DATA_HOME", tt.xdg)
		if os.Geteuid() == 0 {
			tt.want = "/var/lib/umland"
		}
		got, err := DefaultDir()
		check(t, err)
		if got != tt.want {
			t.Errorf("XDG_DATA_HOME=%q: %s, want %s", tt.xdg, got, tt.want)
		}
	}
}
