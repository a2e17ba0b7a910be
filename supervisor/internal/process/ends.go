package process

import (
	"os"
	"syscall"
)

// ends holds both ends of the process's files until it has started.
type ends struct {
	stdin, stdout, stderr *os.File
	ours, theirs          []*os.File
}

// pipe returns our end, which can be polled, and the process's end, which is blocking as programs expect.
func (e *ends) pipe(weWrite bool) (ours, theirs *os.File, err error) {
	var fds [2]int
	if err := syscall.Pipe2(fds[:], syscall.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	our, their := fds[0], fds[1]
	if weWrite {
		our, their = their, our
	}
	if err := syscall.SetNonblock(our, true); err != nil {
		syscall.Close(our)
		syscall.Close(their)
		return nil, nil, err
	}
	ours, theirs = os.NewFile(uintptr(our), "pipe"), os.NewFile(uintptr(their), "pipe")
	e.ours, e.theirs = append(e.ours, ours), append(e.theirs, theirs)
	return ours, theirs, nil
}

func (e *ends) child() []uintptr {
	return []uintptr{e.stdin.Fd(), e.stdout.Fd(), e.stderr.Fd()}
}

func (e *ends) closeTheirs() {
	for _, file := range e.theirs {
		file.Close()
	}
	if e.stdout != nil {
		e.stdout.Close() // the terminal's
	}
}

func (e *ends) closeOurs() {
	for _, file := range e.ours {
		file.Close()
	}
}
