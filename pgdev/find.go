//go:build unix

package pgdev

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const minMajor = 15

const installHint = "install PostgreSQL %d or newer (Debian, Ubuntu: apt-get install postgresql; " +
	"Fedora: dnf install postgresql-server postgresql-contrib; macOS: brew install postgresql), " +
	"name the folder of its programs in UMLAND_PG_BIN, or set DATABASE_URL to a PostgreSQL of yours"

// install is one installed Postgres.
type install struct {
	bin   string // absolute
	major int
}

// Find returns the folder with the programs of the newest Postgres, 15 at least:
// binDir and nothing else when it is not empty, else the newest of
// /usr/lib/postgresql/*/bin, else the PATH. The error says what to install.
func Find(binDir string) (string, error) {
	found, err := search(binDir, "/usr/lib/postgresql/*/bin", os.Getenv("PATH"))
	if err != nil {
		return "", fmt.Errorf("pgdev: %w", err)
	}
	return found[0].bin, nil
}

// search returns at least one install, or an error: the best one first.
func search(binDir, pattern, path string) ([]install, error) {
	var dirs, seen []string
	if binDir != "" {
		dirs = []string{binDir}
	} else {
		dirs, _ = filepath.Glob(pattern) // the only error is a bad pattern
		for _, dir := range filepath.SplitList(path) {
			if filepath.IsAbs(dir) { // never what lies in the working directory
				dirs = append(dirs, dir)
			}
		}
	}
	var found []install
	for _, dir := range dirs {
		in, err := inspect(dir)
		switch {
		case err != nil && binDir != "":
			return nil, fmt.Errorf("no usable PostgreSQL in %s (%w): "+installHint, binDir, err, minMajor)
		case err == nil && in.major < minMajor:
			seen = append(seen, fmt.Sprintf("%d in %s", in.major, dir))
		case err == nil:
			found = append(found, in)
		}
	}
	if len(found) == 0 {
		what := "no PostgreSQL found"
		if seen != nil {
			what = "PostgreSQL is too old (" + strings.Join(seen, ", ") + ")"
		}
		return nil, fmt.Errorf(what+": "+installHint, minMajor)
	}
	// Stable: the pattern goes before the PATH.
	slices.SortStableFunc(found, func(a, b install) int { return b.major - a.major })
	return found, nil
}

// inspect asks the Postgres in dir for its version.
func inspect(dir string) (install, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return install{}, err
	}
	// A folder of client programs only has no initdb.
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return install{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return install{}, err
	}
	m := regexp.MustCompile(`\(PostgreSQL\) (\d{1,4})`).FindSubmatch(out)
	if m == nil {
		return install{}, fmt.Errorf("postgres --version does not tell a version: %.80q", out)
	}
	major, err := strconv.Atoi(string(m[1]))
	return install{bin: dir, major: major}, err
}

// chooseInstall returns the Postgres for the cluster in data: one of the version
// that made it, or the newest when there is no cluster yet.
func chooseInstall(binDir, data string) (install, error) {
	found, err := search(binDir, "/usr/lib/postgresql/*/bin", os.Getenv("PATH"))
	if err != nil {
		return install{}, err
	}
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if os.IsNotExist(err) {
		return found[0], nil
	}
	if err != nil {
		return install{}, err
	}
	version := strings.TrimSpace(string(b))
	for _, in := range found {
		if strconv.Itoa(in.major) == version {
			return in, nil
		}
	}
	return install{}, fmt.Errorf("the cluster is of PostgreSQL %s, but only PostgreSQL %d is installed (%s): "+
		"install version %s, or dump and restore the data", version, found[0].major, found[0].bin, version)
}
