package tree

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

var zeros [32 << 10]byte

func (u *unpacker) file(fd int, base string, header *tar.Header) error {
	if u.left -= header.Size; u.left < 0 {
		return fmt.Errorf("%w: its files are longer than the %d bytes that are allowed", ErrHostile, u.options.MaxBytes)
	}
	var out int
	err := replacing(fd, base, func() (err error) {
		out, err = unix.Openat(fd, base, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		return err
	})
	if err != nil {
		return err
	}
	err = u.content(out, header.Size)
	if err == nil {
		err = u.finishFile(out, header)
	}
	if closed := unix.Close(out); err == nil && closed != nil {
		err = closed
	}
	return err
}

// finishFile is like attributes, by descriptor, which saves looking up the name three times.
func (u *unpacker) finishFile(fd int, header *tar.Header) error {
	if owner := u.owner(header); u.chown && owner != u.self {
		if err := unix.Fchown(fd, owner.UID, owner.GID); err != nil {
			return err
		}
	}
	if err := unix.Fchmod(fd, uint32(header.Mode)&0o7777); err != nil {
		return err
	}
	return futimens(fd, times(header.ModTime))
}

func futimens(fd int, t [2]unix.Timespec) error {
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(&t)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// content copies an entry's content, with holes for long runs of zeros.
func (u *unpacker) content(out int, size int64) error {
	var at int64
	hole := false
	for at < size {
		n, err := io.ReadFull(u.tar, u.buf[:min(size-at, int64(len(u.buf)))])
		if err != nil {
			return err
		}
		chunk := u.buf[:n]
		hole = n == len(u.buf) && zero(chunk)
		if !hole {
			if err := writeAt(out, chunk, at); err != nil {
				return err
			}
		}
		at += int64(n)
		if err := u.ctx.Err(); err != nil {
			return err
		}
	}
	if hole {
		return unix.Ftruncate(out, size)
	}
	return nil
}

func zero(b []byte) bool {
	for len(b) > 0 {
		n := min(len(b), len(zeros))
		if !bytes.Equal(b[:n], zeros[:n]) {
			return false
		}
		b = b[n:]
	}
	return true
}

func writeAt(fd int, b []byte, at int64) error {
	for len(b) > 0 {
		n, err := unix.Pwrite(fd, b, at)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		b, at = b[n:], at+int64(n)
	}
	return nil
}

// attributes sets owner, mode and time, in this order, since a change of owner clears the setuid bit.
func (u *unpacker) attributes(fd int, base string, header *tar.Header, mode bool) error {
	if owner := u.owner(header); u.chown && owner != u.self {
		if err := unix.Fchownat(fd, base, owner.UID, owner.GID, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return err
		}
	}
	if mode {
		if err := unix.Fchmodat(fd, base, uint32(header.Mode)&0o7777, 0); err != nil {
			return err
		}
	}
	t := times(header.ModTime)
	return unix.UtimesNanoAt(fd, base, t[:], unix.AT_SYMLINK_NOFOLLOW)
}

func (u *unpacker) owner(header *tar.Header) Owner {
	if u.options.Owner != nil {
		return *u.options.Owner
	}
	return Owner{header.Uid, header.Gid}
}

func times(modified time.Time) [2]unix.Timespec {
	t, err := unix.TimeToTimespec(modified)
	if err != nil {
		t = unix.Timespec{}
	}
	return [2]unix.Timespec{t, t}
}

// remember records the attributes of a folder; the last entry of a path counts.
func (u *unpacker) remember(path string, header *tar.Header) {
	f := folder{path, uint32(header.Mode) & 0o7777, header.ModTime, u.owner(header)}
	if i, again := u.known[path]; again {
		u.folders[i] = f
		return
	}
	u.known[path] = len(u.folders)
	u.folders = append(u.folders, f)
}

// finish sets the attributes of all folders, children before parents.
func (u *unpacker) finish() error {
	u.closeParent()
	for i := len(u.folders) - 1; i >= 0; i-- {
		f := u.folders[i]
		file, err := u.root.OpenFile(f.path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
		if err != nil {
			return err
		}
		err = f.apply(file, u.chown)
		file.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
	}
	return nil
}

func (f folder) apply(file *os.File, chown bool) error {
	fd := int(file.Fd())
	if err := futimens(fd, times(f.modified)); err != nil {
		return err
	}
	if chown {
		if err := unix.Fchown(fd, f.owner.UID, f.owner.GID); err != nil {
			return err
		}
	}
	return unix.Fchmod(fd, f.mode)
}
