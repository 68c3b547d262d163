package pgdev

import "syscall"

// setDeathSignal makes the kernel send sig to the child when the thread that
// starts it ends, and so when this process is killed.
func setDeathSignal(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }
