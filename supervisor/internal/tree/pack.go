// Package tree turns directories into canonical tar streams and back (see PROTOCOL.md, artifact channels).
package tree

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// PackOptions of a tree.
type PackOptions struct {
	// Skip holds absolute paths of folders that belong to other mounts: they appear empty, or with the content of the folder
	// that Below names for them.
	Skip  []string
	Below map[string]string
	// Limit bounds the bytes of the archive; 0: no limit.
	Limit int64
	// Notice is called with what is left out, and why.
	Notice func(text string)
}

// Pack writes the content of a folder. Entries are sorted by the bytes of their names; those of folders end in a slash.
func Pack(ctx context.Context, root string, out io.Writer, options PackOptions) error {
	fd, err := unix.Open(root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: root, Err: err}
	}
	defer unix.Close(fd)
	counter := &counter{out: out, root: root, limit: options.Limit}
	p := &packer{
		ctx: ctx, root: root, tar: tar.NewWriter(counter), counter: counter, options: options,
		links: map[inode]string{}, buf: make([]byte, 256<<10),
	}
	if p.options.Notice == nil {
		p.options.Notice = func(string) {}
	}
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	header := p.header("./", &stat, tar.TypeDir)
	if err := p.tar.WriteHeader(header); err != nil {
		return err
	}
	if err := p.folder(fd, ""); err != nil {
		return err
	}
	return p.tar.Close()
}

type inode struct{ device, number uint64 }

type packer struct {
	ctx     context.Context
	root    string
	tar     *tar.Writer
	options PackOptions
	links   map[inode]string
	buf     []byte
	counter *counter
	covered bool // what is being packed lies below another mount
}

// folder writes the content of an open folder; prefix is "" or ends in a slash.
func (p *packer) folder(fd int, prefix string) error {
	names, err := readNames(fd)
	if err != nil {
		return p.fail(prefix, err)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if err := p.entry(fd, prefix, strings.TrimSuffix(name, "/")); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) entry(parent int, prefix, name string) error {
	full := prefix + name
	var stat unix.Stat_t
	if err := unix.Fstatat(parent, name, &stat, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		if err == unix.ENOENT {
			return nil // it was removed meanwhile
		}
		return p.fail(full, err)
	}
	kind := stat.Mode & unix.S_IFMT
	if kind != unix.S_IFDIR && stat.Nlink > 1 {
		id := inode{uint64(stat.Dev), stat.Ino}
		if first, seen := p.links[id]; seen {
			header := p.header(full, &stat, tar.TypeLink)
			header.Linkname = first
			return p.tar.WriteHeader(header)
		}
		if kind == unix.S_IFREG || kind == unix.S_IFLNK || kind == unix.S_IFIFO {
			p.links[id] = full
		}
	}
	switch kind {
	case unix.S_IFREG:
		return p.file(parent, name, full)
	case unix.S_IFDIR:
		return p.subfolder(parent, name, full)
	case unix.S_IFLNK:
		target, err := readlink(parent, name)
		if err != nil {
			return p.fail(full, err)
		}
		header := p.header(full, &stat, tar.TypeSymlink)
		header.Linkname = target
		return p.tar.WriteHeader(header)
	case unix.S_IFIFO:
		return p.tar.WriteHeader(p.header(full, &stat, tar.TypeFifo))
	case unix.S_IFSOCK:
		p.options.Notice(fmt.Sprintf("%s is a socket and is left out", filepath.Join(p.root, full)))
	default:
		p.options.Notice(fmt.Sprintf("%s is a device and is left out", filepath.Join(p.root, full)))
	}
	return nil
}

func (p *packer) subfolder(parent int, name, full string) error {
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return p.fail(full, err)
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return p.fail(full, err)
	}
	if at := path.Join(p.root, full); !p.covered && slices.Contains(p.options.Skip, at) {
		return p.below(p.options.Below[at], full, &stat)
	}
	if err := p.tar.WriteHeader(p.header(full+"/", &stat, tar.TypeDir)); err != nil {
		return err
	}
	return p.folder(fd, full+"/")
}

// below writes a folder that another mount covers. aside is where its content was put, or "" if there was none.
func (p *packer) below(aside, full string, covering *unix.Stat_t) error {
	if aside == "" {
		return p.tar.WriteHeader(p.header(full+"/", covering, tar.TypeDir))
	}
	fd, err := unix.Open(aside, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return p.fail(full, err)
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return p.fail(full, err)
	}
	if err := p.tar.WriteHeader(p.header(full+"/", &stat, tar.TypeDir)); err != nil {
		return err
	}
	p.covered = true
	defer func() { p.covered = false }()
	return p.folder(fd, full+"/")
}

func (p *packer) file(parent int, name, full string) error {
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return p.fail(full, err)
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return p.fail(full, err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return p.fail(full, fmt.Errorf("changed while it was read"))
	}
	header := p.header(full, &stat, tar.TypeReg)
	header.Size = stat.Size
	if err := p.fits(stat.Size); err != nil {
		return p.fail(full, err)
	}
	if err := p.tar.WriteHeader(header); err != nil {
		return err
	}
	return p.content(fd, full, stat.Size)
}

// fits returns an error if a file leads beyond the limit, before it is read. A sparse file counts with its holes.
func (p *packer) fits(size int64) error {
	if limit := p.options.Limit; limit > 0 && size > limit-p.counter.written {
		return fmt.Errorf("%w: this file has %d bytes, holes included", tooLarge(limit), size)
	}
	return nil
}

func tooLarge(limit int64) error {
	return fmt.Errorf("%w of %d bytes, which --output-limit sets", ErrTooLarge, limit)
}

// ErrTooLarge is the error of a tree that is larger than its limit.
var ErrTooLarge = errors.New("the output is larger than the limit")

type counter struct {
	out     io.Writer
	root    string
	limit   int64
	written int64
}

func (c *counter) Write(b []byte) (int, error) {
	if c.limit > 0 && int64(len(b)) > c.limit-c.written {
		return 0, &SourceError{c.root, tooLarge(c.limit)}
	}
	n, err := c.out.Write(b)
	c.written += int64(n)
	return n, err
}

func (p *packer) content(fd int, full string, left int64) error {
	for left > 0 {
		n, err := unix.Read(fd, p.buf[:min(left, int64(len(p.buf)))])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return p.fail(full, err)
		}
		if n == 0 {
			return p.fail(full, fmt.Errorf("became shorter while it was read"))
		}
		if _, err := p.tar.Write(p.buf[:n]); err != nil {
			return err
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		left -= int64(n)
	}
	return nil
}

func (p *packer) header(name string, stat *unix.Stat_t, kind byte) *tar.Header {
	return &tar.Header{
		Format:   tar.FormatPAX,
		Typeflag: kind,
		Name:     name,
		Mode:     int64(stat.Mode & 0o7777),
		Uid:      int(stat.Uid),
		Gid:      int(stat.Gid),
		ModTime:  modTime(stat),
	}
}

// SourceError is the error of a tree that cannot be read, as opposed to a stream that cannot be written.
type SourceError struct {
	Path string
	Err  error
}

func (e *SourceError) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

func (p *packer) fail(full string, err error) error {
	return &SourceError{filepath.Join(p.root, full), err}
}
