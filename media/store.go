package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Store keeps files by their names. It takes the names of pictures' files only (File.Name), and what is under a name never changes.
// It may be used by several goroutines, and by several processes.
type Store interface {
	// Put keeps b under the name. A file that is there stays.
	Put(ctx context.Context, name, contentType string, b []byte) error
	// Get opens a file, to be closed by the caller; fs.ErrNotExist when there is none. Reading ends with ctx.
	Get(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Delete removes a file; it is no error when there is none.
	Delete(ctx context.Context, name string) error
}

func checkName(s string) error {
	if _, ok := parseName(s); !ok {
		return fmt.Errorf("%q is not the name of a picture: %w", s, fs.ErrNotExist)
	}
	return nil
}

// Dir is a Store in a directory of the file system: a folder for each picture, below one for the first two characters of its name.
// Nothing outside of the directory is reached, through symbolic links neither.
type Dir struct{ root *os.Root }

// unfinished is the folder for what is being written. A crash can leave files there; they can be removed at any time.
const unfinished = "unfinished"

// OpenDir gives the store in a directory, which is made when it is not there.
func OpenDir(directory string) (*Dir, error) {
	if err := os.MkdirAll(filepath.Join(directory, unfinished), 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	return &Dir{root}, nil
}

// Close lets go of the directory.
func (d *Dir) Close() error { return d.root.Close() }

// Put implements Store. A reader never sees half a file, and what it has given back nil for survives a crash.
func (d *Dir) Put(_ context.Context, name, _ string, b []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	to := sharded(name)
	if _, err := d.root.Stat(to); err == nil {
		return nil
	}
	tmp := path.Join(unfinished, rand.Text())
	if err := d.write(tmp, b); err != nil {
		_ = d.root.Remove(tmp)
		return err
	}
	err := fs.ErrNotExist
	for range 3 { // Delete can remove the folder in between
		if err = d.root.MkdirAll(path.Dir(to), 0o755); err != nil {
			break
		}
		if err = d.root.Rename(tmp, to); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		_ = d.root.Remove(tmp)
		return err
	}
	return d.sync(path.Dir(to))
}

func (d *Dir) write(name string, b []byte) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func (d *Dir) sync(folder string) error {
	f, err := d.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted since
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Get implements Store.
func (d *Dir) Get(_ context.Context, name string) (io.ReadSeekCloser, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return d.root.Open(sharded(name))
}

// Delete implements Store.
func (d *Dir) Delete(_ context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	file := sharded(name)
	if err := d.root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_ = d.root.Remove(path.Dir(file)) // stays while other variants are in it
	return nil
}

func sharded(name string) string { return path.Join(name[:2], name) }
