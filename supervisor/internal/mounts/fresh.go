package mounts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"airside/supervisor/internal/tree"
)

// fresh makes the mount's path an empty folder. It belongs to the mount's owner, or else to root, as a new volume does.
func (m *Maker) fresh(ctx context.Context, mount *Mount) error {
	for _, path := range m.Protected {
		if path == mount.Path || Inside(path, mount.Path) || Inside(mount.Path, path) {
			return fmt.Errorf("%s %w", mount.Path, ErrProtected)
		}
	}
	var err error
	if mount.Outer != nil {
		err = m.within(mount.Outer.Path, mount.Path)
	} else {
		err = MakeAll(mount.Path)
	}
	if err != nil {
		return err
	}
	if err := m.keepBelow(ctx, mount); err != nil {
		return err
	}
	if err := empty(mount.Path); err != nil {
		return err
	}
	if err := os.Chmod(mount.Path, 0o755); err != nil && !errors.Is(err, syscall.EPERM) {
		return err
	}
	owner := m.Owner
	if owner == nil {
		owner = &tree.Owner{}
	}
	return Give(mount.Path, owner)
}

// within makes a folder inside of an outer mount. The outer mount's content is untrusted: symlinks that lead out are refused, and
// what stands in the folder's place is removed.
func (m *Maker) within(outer, path string) error {
	root, err := os.OpenRoot(outer)
	if err != nil {
		return err
	}
	defer root.Close()
	rel := strings.TrimPrefix(path, outer+"/")
	for i := 1; i <= len(rel); i++ {
		if i < len(rel) && rel[i] != '/' {
			continue
		}
		part := rel[:i]
		info, err := root.Lstat(part)
		if err == nil && !info.IsDir() && (i == len(rel) || info.Mode()&os.ModeSymlink == 0) {
			if err := root.Remove(part); err != nil {
				return err
			}
			err = os.ErrNotExist
		}
		if errors.Is(err, os.ErrNotExist) || err == nil && !info.IsDir() && info.Mode()&os.ModeSymlink == 0 {
			if err := root.Mkdir(part, 0o755); err != nil {
				return err
			}
			if m.Owner != nil && os.Geteuid() == 0 {
				if err := root.Lchown(part, m.Owner.UID, m.Owner.GID); err != nil {
					return err
				}
			}
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// MakeAll creates a folder and its parents.
func MakeAll(path string) error {
	err := os.MkdirAll(path, 0o755)
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is, or lies in, something that is no folder", path)
	}
	return err
}

// Give changes the owner of a folder, if one is given and this process may do so.
func Give(path string, owner *tree.Owner) error {
	if owner == nil || os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(path, owner.UID, owner.GID)
}

// empty removes the content of a folder, except mount points in it.
func empty(folder string) error {
	names, err := readNames(folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(folder, name)
		if err := os.RemoveAll(path); err != nil && !errors.Is(err, syscall.EBUSY) {
			return err
		}
	}
	return nil
}

func readNames(folder string) ([]string, error) {
	dir, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}
