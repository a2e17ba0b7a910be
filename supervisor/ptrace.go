package main

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// keepTracingFromChildren drops CAP_SYS_PTRACE for the processes that this one will start: with it they could read the memory of a
// process that is not dumpable. Engines give it to containers only if they are configured to. A privileged container keeps it,
// since CAP_SYS_ADMIN gives other ways.
func keepTracingFromChildren() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return os.NewSyscallError("capget", err)
	}
	const tracing = 1 << unix.CAP_SYS_PTRACE
	privileged := sets[0].Permitted&(1<<unix.CAP_SYS_ADMIN) != 0
	if os.Geteuid() != 0 || privileged || sets[0].Permitted&tracing == 0 {
		return nil
	}
	// In all threads, since each can start processes. A capability that is not inheritable cannot be ambient either.
	if _, _, errno := syscall.AllThreadsSyscall(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, unix.CAP_SYS_PTRACE, 0); errno != 0 {
		if errno == unix.EPERM { // without CAP_SETPCAP it cannot be dropped: the engine was configured so
			return nil
		}
		return os.NewSyscallError("prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE)", errno)
	}
	sets[0].Inheritable &^= tracing
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets[0])), 0)
	if errno != 0 {
		return os.NewSyscallError("capset", errno)
	}
	return nil
}
