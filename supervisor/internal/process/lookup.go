// Package process starts a step's process and reads its output.
package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"airside/supervisor/internal/users"
)

// DefaultPath is the PATH of an environment that sets none.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// ErrNotFound is the error of a program that does not exist.
var ErrNotFound = errors.New("executable not found")

// Executable finds the program as a shell would: a name in PATH, a path with a slash relative to dir.
func Executable(path, dir, pathList string, user users.User) (string, error) {
	if path == "" {
		return "", fmt.Errorf("%w: the path is empty", ErrNotFound)
	}
	if strings.Contains(path, "/") {
		full := path
		if !filepath.IsAbs(full) {
			full = filepath.Join(dir, full)
		}
		return full, check(full, user)
	}
	var denied error
	for _, folder := range filepath.SplitList(pathList) {
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder) // "" and "." are the current folder
		}
		full := filepath.Join(folder, path)
		err := check(full, user)
		if err == nil {
			return full, nil
		}
		if !errors.Is(err, ErrNotFound) && denied == nil {
			denied = err
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", fmt.Errorf("%w: %q is not in PATH (%s)", ErrNotFound, path, pathList)
}

func check(full string, user users.User) error {
	info, err := os.Stat(full)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%w: %s does not exist", ErrNotFound, full)
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a directory", full)
	}
	if !mayExecute(info, user) {
		return fmt.Errorf("%s: user %s may not execute it (mode %04o)", full, user.Name, info.Mode().Perm())
	}
	return nil
}

func mayExecute(info fs.FileInfo, user users.User) bool {
	mode := info.Mode().Perm()
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok || user.UID == 0:
		return mode&0o111 != 0
	case stat.Uid == user.UID:
		return mode&0o100 != 0
	case stat.Gid == user.GID || slices.Contains(user.Groups, stat.Gid):
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
