package tree

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Owner is a user and a group.
type Owner struct{ UID, GID int }

// UnpackOptions are the options of Unpack.
type UnpackOptions struct {
	// Owner of all entries; nil keeps the owners that the archive names, if this process is root.
	Owner *Owner
	// MaxBytes bounds the sum of the files' lengths. A sparse archive can claim any length without sending its bytes.
	MaxBytes int64
}

// ErrHostile is the error of an archive that is refused.
var ErrHostile = errors.New("refused archive")

// Unpack writes a tar stream into an existing folder, and never outside of it.
func Unpack(ctx context.Context, in io.Reader, folder string, options UnpackOptions) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	u := &unpacker{ctx: ctx, root: root, tar: tar.NewReader(in), options: options, left: options.MaxBytes,
		buf: make([]byte, 256<<10), chown: os.Geteuid() == 0,
		self:  Owner{os.Geteuid(), os.Getegid()},
		known: map[string]int{}}
	defer u.closeParent()
	for {
		header, err := u.tar.Next()
		if err == io.EOF {
			return u.finish()
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := u.entry(header); err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
	}
}

type unpacker struct {
	ctx     context.Context
	root    *os.Root
	tar     *tar.Reader
	options UnpackOptions
	left    int64
	buf     []byte
	chown   bool
	self    Owner // the owner of a new file
	// The parent of the last entry is kept open: in a sorted archive the next entry mostly has the same.
	parentPath string
	parent     *os.File
	folders    []folder
	known      map[string]int // path → place in folders
}

// folder is finished last: its mode may forbid writing, and writing changes its time.
type folder struct {
	path     string
	mode     uint32
	modified time.Time
	owner    Owner
}

func (u *unpacker) entry(header *tar.Header) error {
	name, err := clean(header.Name)
	if err != nil {
		return err
	}
	if name == "." {
		if header.Typeflag != tar.TypeDir {
			return fmt.Errorf("%w: the root is no folder", ErrHostile)
		}
		u.remember(name, header)
		return nil
	}
	dir, base := path.Split(name)
	fd, err := u.open(strings.TrimSuffix(dir, "/"))
	if err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		return u.file(fd, base, header)
	case tar.TypeDir:
		return u.folder(fd, base, name, header)
	case tar.TypeSymlink:
		if err := replacing(fd, base, func() error { return unix.Symlinkat(header.Linkname, fd, base) }); err != nil {
			return err
		}
		return u.attributes(fd, base, header, false)
	case tar.TypeLink:
		return u.hardlink(fd, base, header)
	case tar.TypeFifo:
		if err := replacing(fd, base, func() error { return unix.Mknodat(fd, base, unix.S_IFIFO|0o600, 0) }); err != nil {
			return err
		}
		return u.attributes(fd, base, header, true)
	case tar.TypeChar, tar.TypeBlock:
		return fmt.Errorf("%w: a device", ErrHostile)
	case tar.TypeXGlobalHeader:
		return nil
	default:
		return fmt.Errorf("%w: entry of type %q", ErrHostile, header.Typeflag)
	}
}

// clean returns a relative path without dots; "." is the root.
func clean(name string) (string, error) {
	if strings.HasPrefix(name, "/") || strings.ContainsRune(name, 0) {
		return "", fmt.Errorf("%w: not a relative path", ErrHostile)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "", fmt.Errorf("%w: a path with ..", ErrHostile)
		}
	}
	return path.Clean("./" + name), nil
}

// open returns the descriptor of a folder, which it creates if the archive does not name it. os.Root keeps it inside of the root.
func (u *unpacker) open(dir string) (int, error) {
	if dir == "" {
		dir = "."
	}
	if u.parent != nil && u.parentPath == dir {
		return int(u.parent.Fd()), nil
	}
	file, err := u.root.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if errors.Is(err, os.ErrNotExist) {
		if err = u.makeAll(dir); err == nil {
			file, err = u.root.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY, 0)
		}
	}
	if err != nil {
		return 0, err
	}
	u.closeParent()
	u.parent, u.parentPath = file, dir
	return int(file.Fd()), nil
}

func (u *unpacker) makeAll(dir string) error {
	for i := 1; i <= len(dir); i++ {
		if i < len(dir) && dir[i] != '/' {
			continue
		}
		err := u.root.Mkdir(dir[:i], 0o700)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		u.remember(dir[:i], &tar.Header{Mode: 0o755, ModTime: time.Now()})
	}
	return nil
}

func (u *unpacker) closeParent() {
	if u.parent != nil {
		u.parent.Close()
		u.parent = nil
	}
}

func (u *unpacker) folder(fd int, base, name string, header *tar.Header) error {
	err := unix.Mkdirat(fd, base, 0o700)
	if err == unix.EEXIST {
		var stat unix.Stat_t
		if err := unix.Fstatat(fd, base, &stat, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return err
		}
		if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
			return fmt.Errorf("%w: a folder in the place of something else", ErrHostile)
		}
		err = nil
	}
	if err == nil {
		u.remember(name, header)
	}
	return err
}

func (u *unpacker) hardlink(fd int, base string, header *tar.Header) error {
	target, err := clean(header.Linkname)
	if err != nil {
		return err
	}
	dir, file := path.Split(target)
	if file == "." || file == "" {
		return fmt.Errorf("%w: a hardlink to the root", ErrHostile)
	}
	if dir == "" {
		dir = "."
	}
	from, err := u.root.OpenFile(strings.TrimSuffix(dir, "/"), os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer from.Close()
	// Without AT_SYMLINK_FOLLOW a symlink itself is linked, not its target.
	return replacing(fd, base, func() error { return unix.Linkat(int(from.Fd()), file, fd, base, 0) })
}

// replacing creates an entry in place of an earlier one of the same name that is no folder, as tar does.
func replacing(fd int, base string, make func() error) error {
	err := make()
	if err != unix.EEXIST {
		return err
	}
	if err := unix.Unlinkat(fd, base, 0); err != nil {
		return fmt.Errorf("%w: something in the place of a folder (%v)", ErrHostile, err)
	}
	return make()
}
