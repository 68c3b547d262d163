//go:build unix && !linux

package pgtest

import "os"

// scratch returns where clusters go.
func scratch() string { return os.TempDir() }
