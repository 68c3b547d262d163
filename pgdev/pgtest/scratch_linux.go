package pgtest

import (
	"os"
	"syscall"
)

// scratch returns where clusters go: into memory when TMPDIR does not say
// otherwise and a gigabyte is free there (containers often have 64 MB). Copying a
// database makes 300 files, which took 15 times as long on a disk with ext4.
func scratch() string {
	const shm = "/dev/shm"
	var st syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs(shm, &st) == nil && st.Bavail*uint64(st.Bsize) >= 1<<30 {
		return shm
	}
	return os.TempDir()
}
