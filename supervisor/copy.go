package main

import (
	"io"
	"os"
	"path/filepath"
)

// copySelf writes this program to a folder. The file appears there complete, by a rename.
func copySelf(folder string) error {
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	to, err := os.CreateTemp(folder, ".airside-supervisor-*")
	if err != nil {
		return err
	}
	defer os.Remove(to.Name())
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	if err := to.Chmod(0o755); err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	return os.Rename(to.Name(), filepath.Join(folder, "airside-supervisor"))
}
