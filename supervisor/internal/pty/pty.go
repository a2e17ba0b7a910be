// Package pty opens pseudo terminals.
package pty

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Open opens a terminal. The process's end is a blocking file, ours can be polled.
func Open(columns, rows uint16) (ours, process *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("/dev/ptmx: %w", err)
	}
	process, err = openPeer(fd)
	if err != nil {
		unix.Close(fd)
		return nil, nil, err
	}
	ours = os.NewFile(uintptr(fd), "/dev/ptmx") // polls, since the file is non-blocking
	if err := Resize(ours, columns, rows); err != nil {
		ours.Close()
		process.Close()
		return nil, nil, err
	}
	return ours, process, nil
}

func openPeer(fd int) (*os.File, error) {
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, fmt.Errorf("unlocking the terminal: %w", err)
	}
	// The ioctl works without /dev/pts in this mount namespace; kernels before 4.13 have only the path.
	flags := uintptr(unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC)
	if peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, flags); errno == 0 {
		return os.NewFile(peer, "terminal"), nil
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, fmt.Errorf("naming the terminal: %w", err)
	}
	path := fmt.Sprintf("/dev/pts/%d", number)
	process, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return os.NewFile(uintptr(process), path), nil
}

// Resize sets the terminal's size; the kernel signals the foreground processes.
func Resize(ours *os.File, columns, rows uint16) error {
	raw, err := ours.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows})
	})
	if err != nil {
		return err
	}
	return failed
}
