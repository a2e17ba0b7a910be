package tree

import (
	"bytes"
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// readNames lists an open folder. Names of folders end in a slash, so that sorted names give the order of complete paths.
func readNames(fd int) ([]string, error) {
	var names []string
	buf := make([]byte, 32<<10)
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n <= 0 {
			return names, nil
		}
		for rest := buf[:n]; len(rest) > 19; {
			// struct linux_dirent64: u64 inode, u64 offset, u16 length, u8 type, name
			length := int(binary.NativeEndian.Uint16(rest[16:]))
			if length < 20 || length > len(rest) {
				return nil, unix.EIO
			}
			kind, name := rest[18], rest[19:length]
			rest = rest[length:]
			if end := bytes.IndexByte(name, 0); end >= 0 {
				name = name[:end]
			}
			if text := string(name); text != "." && text != ".." {
				names = append(names, withSlash(fd, text, kind))
			}
		}
	}
}

func withSlash(fd int, name string, kind byte) string {
	folder := kind == unix.DT_DIR
	if kind == unix.DT_UNKNOWN {
		var stat unix.Stat_t
		folder = unix.Fstatat(fd, name, &stat, unix.AT_SYMLINK_NOFOLLOW) == nil && stat.Mode&unix.S_IFMT == unix.S_IFDIR
	}
	if folder {
		return name + "/"
	}
	return name
}

func readlink(fd int, name string) (string, error) {
	for size := 256; ; size *= 2 {
		buf := make([]byte, size)
		n, err := unix.Readlinkat(fd, name, buf)
		if err != nil {
			return "", err
		}
		if n < size {
			return string(buf[:n]), nil
		}
	}
}

func modTime(stat *unix.Stat_t) time.Time {
	return time.Unix(stat.Mtim.Unix())
}
