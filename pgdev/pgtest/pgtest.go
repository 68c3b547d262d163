//go:build unix

// Package pgtest gives tests a real Postgres.
//
// Every test process starts a cluster of its own at its first NewDB: packages that
// `go test ./...` runs at the same time share nothing, so nothing has to be locked,
// reaped or kept from an earlier run. Within the process the migrations run once,
// into a template; a database for one test is a copy of that. The cluster goes away
// with the process, however that ends: the kernel ends Postgres, and a shell that
// waits for the process to end removes the files.
//
// Without an installed Postgres tests fail, and say what to install. Programs in
// the folder of the environment variable UMLAND_PG_BIN go first, as for the server.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"umland/pgdev"
)

// limit of one step (start, migrate, copy, drop), also on a busy machine.
const limit = 2 * time.Minute

// NewDB returns the DSN of a database that t alone uses and that is dropped when t
// ends, open connections or not. It has what migrate makes of an empty database;
// a nil migrate leaves it empty. migrate gets the DSN of a database, runs once per
// process for each function, and must close its connections. Two functions made
// from the same function literal count as one. NewDB may be called in parallel.
func NewDB(t testing.TB, migrate func(ctx context.Context, dsn string) error) (dsn string) {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	template := "template0"
	if migrate != nil {
		if template, err = c.template(migrate); err != nil {
			t.Fatalf("pgtest: %v", err)
		}
	}
	name := fmt.Sprintf("test_%d", c.count.Add(1))
	// Copying files is faster here than the default, which writes all to the WAL.
	if err := c.exec(fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy", name, template)); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := c.exec(fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return c.server.DSN(name)
}

// NewServer starts a Postgres with an empty cluster that t alone uses, for tests
// in which Postgres goes away. Stop it, and bring it back under the same DSN with
// pgdev.Start(ctx, server.Options()); the test stops what it started itself.
// The cluster is removed when t ends.
func NewServer(t testing.TB) *pgdev.Server {
	t.Helper()
	dir, remove, err := newDir()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(remove)
	s, err := start(dir)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s
}

// cluster is the Postgres that the tests of one process share.
type cluster struct {
	server    *pgdev.Server
	remove    func() // keeps the pipe to the janitor open: a forgotten one would be closed
	count     atomic.Int64
	templates sync.Map // code pointer of a migrate → func() (name string, err error)
}

// shared starts the cluster of this process. It has no end to hook onto: see newDir.
var shared = sync.OnceValues(func() (*cluster, error) {
	dir, remove, err := newDir()
	if err != nil {
		return nil, err
	}
	s, err := start(dir)
	if err != nil {
		return nil, err
	}
	return &cluster{server: s, remove: remove}, nil
})

func start(dir string) (*pgdev.Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return pgdev.Start(ctx, pgdev.Options{
		Dir: dir, BinDir: os.Getenv("UMLAND_PG_BIN"), Throwaway: true, Log: zerolog.Nop(),
	})
}

// template returns the database that migrate has migrated.
func (c *cluster) template(migrate func(ctx context.Context, dsn string) error) (string, error) {
	build, _ := c.templates.LoadOrStore(reflect.ValueOf(migrate).Pointer(), sync.OnceValues(func() (string, error) {
		name := fmt.Sprintf("template_%d", c.count.Add(1))
		if err := c.exec("CREATE DATABASE " + name); err != nil {
			return "", err
		}
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := migrate(ctx, c.server.DSN(name)); err != nil {
			return "", fmt.Errorf("migrate: %w", err)
		}
		// A connection to a template would make copying it fail.
		return name, c.exec("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false")
	}))
	return build.(func() (string, error))()
}

func (c *cluster) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.server.DSN("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// janitor removes the folder $1 when its input ends. Postgres has ended by then
// where pgdev has a death signal; elsewhere it is ended here.
const janitor = `cat >/dev/null
p=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$p" 2>/dev/null
i=0
while [ -e "$1/data/postmaster.pid" ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
rm -rf -- "$1"`

// newDir makes a folder that is removed by remove, or else when this process ends,
// even if it is killed: only then does the pipe to the janitor end.
func newDir() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp(scratch(), "umland-pgtest-"); err != nil {
		return "", nil, err
	}
	// When root runs the tests, Postgres runs as somebody else.
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", janitor, "janitor", dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is not for it
	alive, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	return dir, func() {
		alive.Close()
		cmd.Wait() // whatever it leaves behind is temporary anyway
	}, nil
}
