//go:build unix

package pgdev

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	maxLog  = 4 << 20 // bytes of postgres.log, and of postgres.log.1
	maxTail = 2 << 10 // bytes of log that an error quotes

	// A fast shutdown writes everything to disk first.
	fastShutdown      = 2 * time.Minute
	immediateShutdown = 10 * time.Second
)

// errOccupied: Postgres refused because of another one in the same directory.
// When nobody listens on the socket, that other one is on its way out.
var errOccupied = errors.New("another PostgreSQL still uses the cluster")

// occupied is how Postgres says it.
var occupied = regexp.MustCompile(`lock file ".*" already exists|pre-existing shared memory block .* still in use`)

// child is a process that this process started and must end.
type child struct {
	cmd  *exec.Cmd
	log  *logFile
	done chan struct{} // closed when the process is gone
}

// launch starts Postgres, after making the cluster when there is none, and returns
// when it accepts connections. The caller holds the lock.
func (s *Server) launch(ctx context.Context) (*child, error) {
	data := s.path("data")
	pg, err := chooseInstall(s.opts.BinDir, data)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(data); errors.Is(err, fs.ErrNotExist) {
		if err := s.initdb(ctx, pg, data); err != nil {
			return nil, err
		}
	}
	for _, file := range []string{filepath.Join(data, "postmaster.pid"), filepath.Join(s.socket, ".s.PGSQL."+port+".lock")} {
		if err := removeStalePID(file, data); err != nil {
			return nil, err
		}
	}
	log, err := openLog(s.path("postgres.log"))
	if err != nil {
		return nil, err
	}
	// On the command line they hold for clusters made by older versions too.
	args := []string{"-D", data}
	for _, setting := range s.settings() {
		args = append(args, "-c", setting)
	}
	c, err := s.spawn(log, syscall.SIGINT, filepath.Join(pg.bin, "postgres"), args...)
	if err != nil {
		log.close()
		return nil, err
	}
	for {
		conn, err := s.connect(ctx)
		if err == nil {
			conn.Close(ctx)
			return c, nil
		}
		// Recovery after a crash takes its time: Postgres decides, and ctx.
		if !isBusy(err) && !isAbsent(err) || ctx.Err() != nil {
			return nil, errors.Join(err, c.stop())
		}
		select {
		case <-c.done:
			if occupied.Match(log.tail) {
				return nil, fmt.Errorf("%w:\n%s", errOccupied, log.tail)
			}
			return nil, fmt.Errorf("postgres ended at once (%v):\n%s", c.cmd.ProcessState, log.tail)
		case <-time.After(pollInterval):
		}
	}
}

func (s *Server) settings() []string {
	set := []string{
		"listen_addresses=",
		"port=" + port,
		"unix_socket_directories=" + quoteList(s.socket),
		"unix_socket_permissions=0700",
		"max_connections=100",
		"shared_buffers=128MB",
		"wal_level=minimal",
		"max_wal_senders=0",
		"jit=off",
		"timezone=UTC",
		"log_timezone=UTC",
		"log_destination=stderr",
		"logging_collector=off",
	}
	if s.opts.Throwaway {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=128MB",
			// Autovacuum would hold template databases, and statistics would
			// depend on the weather.
			"autovacuum=off")
	} else {
		set = append(set, "fsync=on", "synchronous_commit=on", "full_page_writes=on")
	}
	return append(set, s.opts.Settings...)
}

// quoteList makes a path one element of a list setting.
func quoteList(path string) string { return `"` + strings.ReplaceAll(path, `"`, `""`) + `"` }

// initdb makes the cluster in a folder beside data and renames it when it is
// whole: data is complete or missing, whenever this process dies.
func (s *Server) initdb(ctx context.Context, pg install, data string) error {
	if old, err := filepath.Glob(s.path("init-*")); err == nil {
		for _, dir := range old {
			os.RemoveAll(dir) // only rubbish of an interrupted run; if it stays it does no harm
		}
	}
	err := s.initdbLocale(ctx, pg, data, "C.UTF-8")
	if err != nil && ctx.Err() == nil {
		err = s.initdbLocale(ctx, pg, data, "C") // some systems have no C.UTF-8
	}
	return err
}

func (s *Server) initdbLocale(ctx context.Context, pg install, data, locale string) (err error) {
	tmp, err := os.MkdirTemp(s.dir, "init-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // nothing there after the rename
	if s.account != nil {
		if err := os.Chown(tmp, int(s.account.uid), int(s.account.gid)); err != nil {
			return err
		}
	}
	args := []string{"-D", tmp, "--username=" + superuser, "--auth=trust", "--encoding=UTF8", "--locale=" + locale, "--lc-messages=C"}
	if s.opts.Throwaway {
		args = append(args, "--no-sync")
	}
	out := &logFile{}
	c, err := s.spawn(out, syscall.SIGKILL, filepath.Join(pg.bin, "initdb"), args...)
	if err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		c.cmd.Process.Kill()
		<-c.done
		return fmt.Errorf("initdb: %w", ctx.Err())
	}
	if !c.cmd.ProcessState.Success() {
		return fmt.Errorf("initdb: %v:\n%s", c.cmd.ProcessState, out.tail)
	}
	if err := os.Rename(tmp, data); err != nil {
		return err
	}
	if s.opts.Throwaway {
		return nil
	}
	d, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// spawn starts a program that ends by deathSignal when this process is killed.
func (s *Server) spawn(log *logFile, deathSignal syscall.Signal, name string, args ...string) (*child, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	cmd.Env = childEnv(os.Environ())
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = s.account.sysProcAttr(deathSignal)
	cmd.WaitDelay = time.Second
	c := &child{cmd: cmd, log: log, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The death signal belongs to the thread that starts the child: it must
		// live as long as the child does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		cmd.Wait() // the ProcessState tells how it went
		log.close()
		close(c.done)
	}()
	return c, <-started
}

// childEnv leaves out what would change the settings of Postgres, or its
// language, and the socket on which this process reports to systemd.
func childEnv(environ []string) []string {
	env := []string{"LC_ALL=C"}
	for _, kv := range environ {
		if strings.HasPrefix(kv, "PG") || strings.HasPrefix(kv, "LC_") || strings.HasPrefix(kv, "LANG") ||
			strings.HasPrefix(kv, "NOTIFY_SOCKET=") {
			continue
		}
		env = append(env, kv)
	}
	return env
}

// stop ends Postgres and waits until it is gone: open transactions are rolled
// back and everything is written. When that takes too long it gives up writing
// (Postgres recovers at the next start), and returns an error.
func (c *child) stop() error {
	for _, step := range []struct {
		sig   syscall.Signal
		limit time.Duration
	}{{syscall.SIGINT, fastShutdown}, {syscall.SIGQUIT, immediateShutdown}, {syscall.SIGKILL, immediateShutdown}} {
		c.cmd.Process.Signal(step.sig) // fails when it is gone already
		select {
		case <-c.done:
			if step.sig != syscall.SIGINT {
				return fmt.Errorf("pgdev: postgres had to be stopped by %v", step.sig)
			}
			return nil
		case <-time.After(step.limit):
		}
	}
	return fmt.Errorf("pgdev: postgres (pid %d) does not end", c.cmd.Process.Pid)
}

// removeStalePID removes a lock file of Postgres whose process is certainly not
// the Postgres of data. Postgres itself only asks whether a process with that
// number lives, and would not start after a crash when another process got the
// number: usual in a container, where numbers are small and start anew. Where the
// system does not tell about processes, the file stays.
func removeStalePID(path, data string) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	pid, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if err != nil || pid <= 0 {
		return nil // for Postgres to judge
	}
	cwd, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid)) // a postmaster works in its cluster
	if err != nil {
		return nil
	}
	cluster, err := os.Stat(data)
	if err != nil || os.SameFile(cwd, cluster) {
		return err
	}
	return os.Remove(path)
}

// logFile keeps the last bytes written to it, and at most 2×maxLog of them on disk.
// A zero logFile has no file. It never fails: Postgres must not stop because a
// disk is full of logs.
type logFile struct {
	path string
	f    *os.File
	size int64
	tail []byte // to be read when the writer is done
}

func openLog(path string) (*logFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	l := &logFile{path: path, f: f}
	if fi, err := f.Stat(); err == nil {
		l.size = fi.Size()
	}
	return l, nil
}

func (l *logFile) Write(p []byte) (int, error) {
	l.tail = append(l.tail, p...)
	l.tail = l.tail[max(0, len(l.tail)-maxTail):]
	if l.f != nil && l.size+int64(len(p)) > maxLog {
		l.close()
		if os.Rename(l.path, l.path+".1") == nil {
			if fresh, err := openLog(l.path); err == nil {
				l.f, l.size = fresh.f, fresh.size
			}
		}
	}
	if l.f != nil {
		n, _ := l.f.Write(p)
		l.size += int64(n)
	}
	return len(p), nil
}

func (l *logFile) close() {
	if l.f != nil {
		l.f.Close()
		l.f = nil
	}
}
