//go:build unix

// Package pgdev runs a private Postgres: for a server without a DATABASE_URL, for
// the subcommands beside it, and (see pgtest) for tests.
//
// A cluster is one directory. Any number of processes of one user may use it at
// the same time: the first one starts Postgres and owns it, the others attach, and
// when the owner goes one of the others starts it again. Postgres listens on a
// Unix socket only, in a directory that only its user may enter; nothing is
// reachable from the network.
//
// A directory holds:
//
//	data/          the cluster, owned by the user that Postgres runs as
//	socket/        the Unix socket (elsewhere when the path would be too long)
//	lock           held while a process starts or stops Postgres
//	postgres.log   what Postgres says, and postgres.log.1 before that
//
// Postgres refuses to run as root. A root process runs it as the user postgres,
// else nobody, and the directory must lie where that user can reach it.
package pgdev

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"
)

const (
	superuser = "umland"
	port      = "5432" // part of the socket's file name; no TCP port is opened

	// The shortest limit of the supported systems for a socket's path is 104
	// bytes with its final NUL.
	maxSocketPath = 103

	probeTimeout = 10 * time.Second
	pollInterval = 20 * time.Millisecond

	// How long a new Postgres waits for an old one that is on its way out.
	leaveTimeout = time.Minute

	minBackoff = 50 * time.Millisecond
	maxBackoff = 30 * time.Second
	steadyTime = time.Minute
)

// Options says where a cluster is and how to run it.
type Options struct {
	// Dir is the directory of the cluster; it is created when missing.
	Dir string
	// BinDir holds the programs postgres and initdb; empty: see Find.
	BinDir string
	// Throwaway turns durability off: fast, and a crash of the machine may
	// destroy the cluster. For tests only.
	Throwaway bool
	// Settings are more of Postgres', as "shared_buffers=1GB", in force where this
	// process is the one that starts it. They come last, so that they stand.
	Settings []string
	// Log receives starts, stops and repairs. Postgres' own words go to
	// postgres.log in Dir.
	Log zerolog.Logger
}

// Server is a running private Postgres, started by this process or by another.
// It stays usable until Stop: when Postgres goes away, because it crashed or
// because the process that owned it ended, it is started again under the same
// DSN. Connections that were open then are lost; a pool opens new ones.
type Server struct {
	opts    Options
	dir     string // absolute, without symbolic links
	socket  string // directory of the socket
	account *account

	// Exactly one of these is set while Postgres runs. They belong to Start,
	// then to the goroutine watch, then to Stop.
	child  *child         // Postgres, when this process owns it
	beacon *pgconn.PgConn // breaks when a Postgres of somebody else ends

	cancel   context.CancelFunc
	watched  chan struct{} // closed when watch has returned
	stopOnce sync.Once
	stopErr  error
}

// DefaultDir returns the directory to use when nobody named one: for root
// /var/lib/umland, else $XDG_DATA_HOME/umland, else ~/.local/share/umland.
// It does not create it.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/umland", nil
	}
	// The XDG specification says to ignore relative paths.
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "umland"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("pgdev: no directory for the private Postgres: %w", err)
	}
	return filepath.Join(home, ".local", "share", "umland"), nil
}

// Start returns when the Postgres of opts.Dir accepts connections. It attaches to
// one that already runs, else makes the cluster if there is none, and starts it.
// ctx bounds the start only. The caller must call Stop.
func Start(ctx context.Context, opts Options) (*Server, error) {
	s := &Server{opts: opts, watched: make(chan struct{})}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("pgdev: %w", err)
	}
	if err := s.ensure(ctx); err != nil {
		return nil, fmt.Errorf("pgdev: start Postgres in %s: %w", s.dir, err)
	}
	watching, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go s.watch(watching)
	return s, nil
}

// Options returns what Start was given. After Stop, Start(ctx, s.Options()) runs
// the same cluster under the same DSN again.
func (s *Server) Options() Options { return s.opts }

// DSN returns the connection URL of a database, for pgx and for psql. It is the
// same for every process and every start of a cluster. The role is a superuser.
// The database postgres always exists; see CreateDatabase for others.
func (s *Server) DSN(database string) string {
	u := url.URL{
		Scheme: "postgres",
		User:   url.User(superuser),
		Path:   "/" + database,
		RawQuery: url.Values{
			"host": {s.socket}, "port": {port}, "sslmode": {"disable"},
		}.Encode(),
	}
	return u.String()
}

// CreateDatabase creates a database unless it exists, also when several processes
// do so at once, and returns its DSN.
func (s *Server) CreateDatabase(ctx context.Context, name string) (dsn string, err error) {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return "", fmt.Errorf("pgdev: create database %s: %w", name, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	// The loser of a race sees the unique index of the catalogue.
	if err != nil && !hasCode(err, "42P04", "23505") {
		return "", fmt.Errorf("pgdev: create database %s: %w", name, err)
	}
	return s.DSN(name), nil
}

// Stop ends Postgres when this process owns it (open transactions are rolled
// back) and waits until it is gone; otherwise it only detaches. Further calls
// return what the first one did.
func (s *Server) Stop() error {
	s.stopOnce.Do(func() {
		s.cancel()
		<-s.watched
		s.dropBeacon()
		if s.child == nil {
			return
		}
		// The lock makes whoever takes over wait until Postgres is gone. Not
		// getting it is no reason to leave Postgres running.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		unlock, lockErr := lock(ctx, s.path("lock"))
		s.stopErr = s.child.stop()
		if lockErr == nil {
			os.Remove(s.socket) // stays when another Postgres has its socket there
			unlock()
		}
		s.opts.Log.Info().Str("dir", s.dir).Msg("private Postgres stopped")
	})
	return s.stopErr
}

func (s *Server) path(name string) string { return filepath.Join(s.dir, name) }

// prepare makes the directory and finds out who Postgres runs as and where its
// socket is.
func (s *Server) prepare() (err error) {
	dir, err := filepath.Abs(s.opts.Dir)
	if err != nil {
		return err
	}
	root := os.Geteuid() == 0
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o700)
	if root {
		mode = 0o711 // the user of Postgres must get through to data
	}
	if err := os.Mkdir(dir, mode); err == nil {
		err = os.Chmod(dir, mode) // whatever the umask
		if err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if s.dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	if root {
		if s.account, err = chooseAccount(s.dir, s.path("data")); err != nil {
			return err
		}
	}
	s.socket = s.path("socket")
	if len(s.socket+"/.s.PGSQL."+port) > maxSocketPath {
		// Not os.TempDir: all processes must come to the same place, whatever
		// their environment.
		sum := sha256.Sum256([]byte(s.dir))
		s.socket = "/tmp/umland-" + hex.EncodeToString(sum[:12])
	}
	return nil
}

// ensure attaches to a running Postgres or starts one: s.child or s.beacon is set
// when it returns nil.
func (s *Server) ensure(ctx context.Context) error {
	s.dropBeacon()
	s.child = nil
	began := time.Now()
	for slow := false; ; {
		again, err := s.attempt(ctx)
		if err == nil || !again {
			return err
		}
		if !slow && time.Since(began) > 5*time.Second {
			slow = true
			s.opts.Log.Warn().Err(err).Str("dir", s.dir).Msg("waiting for private Postgres")
		}
		if errors.Is(err, errOccupied) && time.Since(began) > leaveTimeout {
			return err
		}
		if wait(ctx, pollInterval) != nil {
			return fmt.Errorf("%w (%w)", err, ctx.Err())
		}
	}
}

// attempt is one try of ensure; again tells that a later one may succeed.
func (s *Server) attempt(ctx context.Context) (again bool, err error) {
	unlock, err := lock(ctx, s.path("lock"))
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := makePrivate(s.socket, s.account); err != nil {
		return false, err
	}
	conn, err := s.connect(ctx)
	switch {
	case err == nil:
		s.beacon = conn
		s.opts.Log.Info().Str("dir", s.dir).Msg("attached to running private Postgres")
		return false, nil
	case isBusy(err):
		return true, err
	case !isAbsent(err):
		return false, err
	}
	c, err := s.launch(ctx)
	if err != nil {
		return errors.Is(err, errOccupied), err
	}
	s.child = c
	s.opts.Log.Info().Str("dir", s.dir).Int("pid", c.cmd.Process.Pid).Msg("private Postgres started")
	return false, nil
}

func (s *Server) connect(ctx context.Context) (*pgconn.PgConn, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return pgconn.Connect(ctx, s.DSN("postgres"))
}

// watch starts Postgres again, or attaches again, whenever it is gone.
func (s *Server) watch(ctx context.Context) {
	defer close(s.watched)
	backoff := minBackoff
	for {
		began := time.Now()
		s.waitGone(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steadyTime {
			backoff = minBackoff
		}
		s.opts.Log.Warn().Str("dir", s.dir).Bool("owner", s.child != nil).Msg("private Postgres is gone; starting it again")
		for {
			if wait(ctx, backoff) != nil {
				return
			}
			backoff = min(2*backoff, maxBackoff)
			err := s.ensure(ctx)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			s.opts.Log.Error().Err(err).Str("dir", s.dir).Dur("retry_in", backoff).Msg("private Postgres does not start")
		}
	}
}

func (s *Server) dropBeacon() {
	if s.beacon == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.beacon.Close(ctx) // of no interest: it is broken, or about to be
	s.beacon = nil
}

// waitGone returns when Postgres is gone or ctx is done.
func (s *Server) waitGone(ctx context.Context) {
	if s.child != nil {
		select {
		case <-s.child.done:
		case <-ctx.Done():
		}
		return
	}
	for s.beacon.WaitForNotification(ctx) == nil {
	}
}

// isBusy tells that a Postgres is there which may accept connections later: it is
// starting, recovering, stopping, full, or slow.
func isBusy(err error) bool {
	return hasCode(err, "57P01", "57P03", "53300") ||
		errors.Is(err, syscall.EAGAIN) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// isAbsent tells that nobody listens on the socket.
func isAbsent(err error) bool {
	return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED)
}

func hasCode(err error, codes ...string) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	for _, c := range codes {
		if pg.Code == c {
			return true
		}
	}
	return false
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
