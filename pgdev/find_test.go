//go:build unix

package pgdev

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// installs makes folders root/NAME/bin whose postgres tells a version; an empty
// one stands for a folder of client programs only.
func installs(t *testing.T, versions map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, version := range versions {
		bin := filepath.Join(root, name, "bin")
		check(t, os.MkdirAll(bin, 0o755))
		if version == "" {
			continue
		}
		script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s'\n", version)
		for _, program := range []string{"postgres", "initdb"} {
			check(t, os.WriteFile(filepath.Join(bin, program), []byte(script), 0o755))
		}
	}
	return root
}

func TestSearch(t *testing.T) {
	t.Parallel()
	root := installs(t, map[string]string{
		"9.6": "9.6.24", "14": "14.2", "15": "15.18 (Debian 15.18-0+deb12u1)", "18": "18beta1", "17": "", "odd": "odd",
	})
	bin := func(name string) string { return filepath.Join(root, name, "bin") }
	tests := map[string]struct {
		binDir, pattern, path string
		want                  string
		wantErr               string
	}{
		"newest":           {pattern: bin("*"), want: bin("18")},
		"explicit":         {binDir: bin("15"), pattern: bin("*"), path: bin("18"), want: bin("15")},
		"PATH":             {path: "::relative:" + bin("17") + ":" + bin("15"), want: bin("15")},
		"newest in PATH":   {pattern: bin("15"), path: bin("18"), want: bin("18")},
		"none":             {pattern: bin("17"), path: "/nowhere", wantErr: "no PostgreSQL found: install PostgreSQL 15"},
		"explicit nowhere": {binDir: "/nowhere", pattern: bin("*"), wantErr: "no usable PostgreSQL in /nowhere"},
		"explicit too old": {binDir: bin("14"), pattern: bin("*"), wantErr: "too old (14 in " + bin("14")},
		"explicit odd":     {binDir: bin("odd"), pattern: bin("*"), wantErr: "does not tell a version"},
		"too old":          {pattern: bin("9.6"), path: bin("14"), wantErr: "too old (9 in " + bin("9.6") + ", 14 in " + bin("14") + ")"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := search(tt.binDir, tt.pattern, tt.path)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Fatalf("got %v, want %q", err, tt.wantErr)
				}
				for _, hint := range []string{"apt-get install postgresql", "DATABASE_URL", "UMLAND_PG_BIN"} {
					if !strings.Contains(err.Error(), hint) {
						t.Errorf("no word of %s in: %v", hint, err)
					}
				}
				return
			}
			check(t, err)
			if got[0].bin != tt.want {
				t.Errorf("got %v, want %s first", got, tt.want)
			}
		})
	}
}

func TestFindInstalled(t *testing.T) {
	t.Parallel()
	bin, err := Find("")
	check(t, err)
	again, err := Find(bin)
	check(t, err)
	if again != bin {
		t.Errorf("Find(%q) = %q", bin, again)
	}
}

func TestStartWithoutPostgres(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{Dir: tempDir(t), BinDir: t.TempDir(), Log: zerolog.Nop()})
	if err == nil || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("got %v", err)
	}
}

func TestInstallFitsTheCluster(t *testing.T) {
	t.Parallel()
	root := installs(t, map[string]string{"16": "16.1"})
	bin := filepath.Join(root, "16", "bin")
	data := t.TempDir()
	for _, tt := range []struct{ version, wantErr string }{
		{"16\n", ""}, {"15\n", "install version 15"},
	} {
		check(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(tt.version), 0o600))
		got, err := chooseInstall(bin, data)
		if tt.wantErr == "" {
			check(t, err)
			if got.bin != bin || got.major != 16 {
				t.Errorf("got %v", got)
			}
		} else if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
			t.Errorf("cluster of version %q: %v", tt.version, err)
		}
	}
}
