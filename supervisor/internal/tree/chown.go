package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Chown changes the owner of a tree. Setuid bits are kept.
func Chown(folder string, owner Owner) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info() // before the change of owner, which clears the setuid bit
		if err != nil {
			return err
		}
		if err := os.Lchown(path, owner.UID, owner.GID); err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if ok && entry.Type().IsRegular() && stat.Mode&0o6000 != 0 {
			return syscall.Chmod(path, stat.Mode&0o7777)
		}
		return nil
	})
}
