//go:build unix

package pgdev

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is the user that a root process runs Postgres as. A nil account is the
// user of this process.
type account struct {
	name     string
	uid, gid uint32
	groups   []uint32
}

// chooseAccount returns the owner of the cluster in data, or for a new cluster
// postgres, else nobody. The account can reach dir.
func chooseAccount(dir, data string) (*account, error) {
	// Root writes in dir, so nobody else may lay links there.
	if uid, err := owner(dir); err != nil {
		return nil, err
	} else if uid != 0 {
		return nil, fmt.Errorf("%s belongs to user %d and not to root: run as that user, or choose another directory", dir, uid)
	}
	var u *user.User
	uid, err := owner(data)
	switch {
	case err == nil && uid == 0:
		return nil, fmt.Errorf("%s belongs to root, but PostgreSQL does not run as root: chown -R postgres %[1]s", data)
	case err == nil:
		u, err = user.LookupId(strconv.Itoa(int(uid)))
	case errors.Is(err, fs.ErrNotExist):
		if u, err = user.Lookup("postgres"); err != nil {
			u, err = user.Lookup("nobody")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user to run it as: %w", err)
	}
	a := &account{name: u.Username}
	ids, err := u.GroupIds()
	if err != nil {
		return nil, err
	}
	for _, id := range append([]string{u.Uid, u.Gid}, ids...) {
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return nil, err
		}
		a.groups = append(a.groups, uint32(n))
	}
	a.uid, a.gid, a.groups = a.groups[0], a.groups[1], a.groups[2:]
	return a, a.reach(dir)
}

// reach returns an error that names the folder on the way to dir which the
// account may not enter.
func (a *account) reach(dir string) error {
	if parent := filepath.Dir(dir); parent != dir {
		if err := a.reach(parent); err != nil {
			return err
		}
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return err
	}
	st := fi.Sys().(*syscall.Stat_t)
	enter := fs.FileMode(0o001)
	switch {
	case st.Uid == a.uid:
		enter = 0o100
	case st.Gid == a.gid || slices.Contains(a.groups, st.Gid):
		enter = 0o010
	}
	if fi.Mode()&enter == 0 {
		return fmt.Errorf("PostgreSQL does not run as root, and the user %s may not enter %s: "+
			"choose another directory, such as /var/lib/umland, or chmod a+x %[2]s", a.name, dir)
	}
	return nil
}

func owner(path string) (uid uint32, err error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	return fi.Sys().(*syscall.Stat_t).Uid, nil
}

// makePrivate makes a folder that only a may enter. One that exists must be so
// already: /tmp is everybody's.
func makePrivate(dir string, a *account) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	uid := fi.Sys().(*syscall.Stat_t).Uid
	if a != nil && uid == 0 && fi.IsDir() {
		if err := os.Lchown(dir, int(a.uid), int(a.gid)); err != nil {
			return err
		}
		uid = a.uid
	}
	want := uint32(os.Geteuid())
	if a != nil {
		want = a.uid
	}
	if !fi.IsDir() || uid != want || fi.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s is not a folder of user %d alone: remove it", dir, want)
	}
	return nil
}

// sysProcAttr makes a child that runs as a, in a process group of its own so that
// Ctrl-C in a terminal does not reach it.
func (a *account) sysProcAttr(deathSignal syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	setDeathSignal(attr, deathSignal)
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}
	}
	return attr
}

// lock waits for the lock of a directory. The kernel gives it back when the
// process dies.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if err == syscall.EWOULDBLOCK {
			err = wait(ctx, pollInterval)
		}
		if err != nil && err != syscall.EINTR {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}
