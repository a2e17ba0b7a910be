package core

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ownFolder makes a folder that only this user can read. A supervisor that is not root (in a namespace that enforces restricted)
// cannot change the mode of a volume's mount point, which belongs to root, so that it uses a folder inside.
func ownFolder(path string) (string, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", err
	}
	err := os.Chmod(path, 0o700)
	if !errors.Is(err, fs.ErrPermission) {
		return path, err
	}
	own := filepath.Join(path, "own")
	if err := os.MkdirAll(own, 0o700); err != nil {
		return "", err
	}
	return own, os.Chmod(own, 0o700)
}

// protected are the paths that no mount may empty.
func protected(state string) []string {
	paths := []string{filepath.Clean(state)}
	if own, err := os.Executable(); err == nil {
		paths = append(paths, own)
	}
	return paths
}

// lock locks the state against a second supervisor. The lock ends with the process.
func lock(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("another supervisor uses %s", filepath.Dir(path))
	}
	held = file
	return nil
}

var held *os.File // so that the lock's file is not garbage-collected and closed

func count(path string) (before int, err error) {
	text, _ := os.ReadFile(path)
	before, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	return before, os.WriteFile(path, []byte(strconv.Itoa(before+1)), 0o600)
}
