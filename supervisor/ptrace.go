package main

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// keepTracingFromChildren takes CAP_SYS_PTRACE from the processes that this one will start: it is the capability that reads
// the memory of a process that is not dumpable. Engines give it to containers only when they are configured to. A privileged
// container keeps what it was given: with CAP_SYS_ADMIN there are other ways.
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
	// All threads: each starts processes. What is not inheritable cannot be ambient either.
	if _, _, errno := syscall.AllThreadsSyscall(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, unix.CAP_SYS_PTRACE, 0); errno != 0 {
		if errno == unix.EPERM { // no CAP_SETPCAP: who gives one and takes the other has decided so
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
