//go:build unix && !linux

package pgdev

import "syscall"

// setDeathSignal does nothing: this system has no such signal. A Postgres whose
// owner was killed goes on running, and the next process attaches to it.
func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}
