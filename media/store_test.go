package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// stores gives an empty store of each kind; that of S3 speaks to a server of that protocol.
func stores(t *testing.T) map[string]Store {
	t.Helper()
	dir, err := OpenDir(filepath.Join(t.TempDir(), "media"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Close() })
	backend := s3mem.New()
	if err := backend.CreateBucket("pictures"); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(srv.Close)
	s3, err := NewS3(S3Options{Endpoint: srv.URL, Bucket: "pictures", Key: "key", Secret: "secret", PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Store{"directory": dir, "S3": s3}
}

func fileName(i int) string { return fmt.Sprintf("%064x-800x600/640.jpg", i) }

func content(t testing.TB, s Store, name string) string {
	t.Helper()
	f, err := s.Get(t.Context(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return "(none)"
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		t.Error(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Error(err)
	}
	b, err := io.ReadAll(f)
	if err != nil || int64(len(b)) != size {
		t.Errorf("%d bytes of %d: %v", len(b), size, err)
	}
	return string(b)
}

func TestStores(t *testing.T) {
	t.Parallel()
	for kind, s := range stores(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			put := func(name, b string) {
				t.Helper()
				if err := s.Put(t.Context(), name, "image/jpeg", []byte(b)); err != nil {
					t.Error(err)
				}
			}
			is := func(name, want string) {
				t.Helper()
				if got := content(t, s, name); got != want {
					t.Errorf("%s is %.40q, want %.40q", name, got, want)
				}
			}
			one, other := fileName(1), strings.Replace(fileName(1), "640", "320", 1)
			is(one, "(none)")
			put(one, "first")
			put(other, "smaller")
			put(one, "second") // what is there stays
			is(one, "first")
			is(other, "smaller")
			large := strings.Repeat("0123456789", 1_000_000)
			put(fileName(2), large)
			is(fileName(2), large)

			for range 2 {
				if err := s.Delete(t.Context(), one); err != nil {
					t.Error(err)
				}
			}
			is(one, "(none)")
			is(other, "smaller")
			put(one, "third")
			is(one, "third")

			for _, bad := range []string{"", ".", "..", "/etc/passwd", "../" + one, one + "/..", "unfinished/x", strings.Replace(one, "/", "/../", 1), one + "\x00", strings.TrimSuffix(one, "/640.jpg")} {
				if err := s.Put(t.Context(), bad, "image/jpeg", []byte("x")); err == nil {
					t.Errorf("took %q", bad)
				}
				if _, err := s.Get(t.Context(), bad); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%q: %v", bad, err)
				}
				if err := s.Delete(t.Context(), bad); err == nil {
					t.Errorf("deleted %q", bad)
				}
			}
		})
	}
}

// Readers see whole files or none, whatever writers and deleters do.
func TestStoresConcurrently(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("x", 300_000)
	for kind, s := range stores(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var wg sync.WaitGroup
			for i := range 6 {
				wg.Go(func() {
					for range 20 {
						switch i % 3 {
						case 0:
							if err := s.Put(t.Context(), fileName(1), "image/jpeg", []byte(whole)); err != nil {
								t.Error(err)
							}
						case 1:
							if kind == "S3" { // a reader there would find the object gone while it reads
								continue
							}
							if err := s.Delete(t.Context(), fileName(1)); err != nil {
								t.Error(err)
							}
						default:
							if got := content(t, s, fileName(1)); got != whole && got != "(none)" {
								t.Errorf("%d bytes", len(got))
							}
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestDir(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), t.TempDir()
	d, err := OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Put(t.Context(), fileName(1), "image/jpeg", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(root, "00", filepath.FromSlash(fileName(1)))); err != nil || string(b) != "x" {
		t.Errorf("%q, %v", b, err)
	}
	if left, err := os.ReadDir(filepath.Join(root, unfinished)); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if err := d.Delete(t.Context(), fileName(1)); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(root, "00")); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}

	// A link that leads out of the directory leads nowhere.
	name := "ab" + fileName(1)[2:]
	if err := os.Symlink(outside, filepath.Join(root, "ab")); err != nil {
		t.Fatal(err)
	}
	if err := d.Put(t.Context(), name, "image/jpeg", []byte("x")); err == nil {
		t.Error("followed a link")
	}
	if found, err := os.ReadDir(outside); err != nil || len(found) != 0 {
		t.Errorf("outside: %v, %v", found, err)
	}
	if left, err := os.ReadDir(filepath.Join(root, unfinished)); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestS3Faults(t *testing.T) {
	t.Parallel()
	good := S3Options{Endpoint: "https://s3.example.org", Bucket: "pictures", Key: "key", Secret: "secret"}
	for name, change := range map[string]func(*S3Options){
		"no scheme":  func(o *S3Options) { o.Endpoint = "s3.example.org" },
		"ftp":        func(o *S3Options) { o.Endpoint = "ftp://s3.example.org" },
		"a path":     func(o *S3Options) { o.Endpoint += "/pictures" },
		"a user":     func(o *S3Options) { o.Endpoint = "https://key@s3.example.org" },
		"no bucket":  func(o *S3Options) { o.Bucket = "" },
		"no key":     func(o *S3Options) { o.Key = "" },
		"no secret":  func(o *S3Options) { o.Secret = "" },
		"no address": func(o *S3Options) { o.Endpoint = "" },
	} {
		o := good
		change(&o)
		if _, err := NewS3(o); err == nil {
			t.Errorf("%s is taken", name)
		} else if strings.Contains(err.Error(), good.Secret+"\"") {
			t.Errorf("%s: the error tells the secret", name)
		}
	}
	if _, err := NewS3(good); err != nil {
		t.Error(err)
	}

	// A bucket that is not there is an error of its own, not a picture that is not there.
	srv := httptest.NewServer(gofakes3.New(s3mem.New(), gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(srv.Close)
	s, err := NewS3(S3Options{Endpoint: srv.URL + "/", Bucket: "elsewhere", Key: "key", Secret: "secret", PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), fileName(1), "image/jpeg", []byte("x")); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ctx, fileName(1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
