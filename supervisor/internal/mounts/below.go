package mounts

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"airside/supervisor/internal/tree"
)

// keepBelow moves aside what an outer mount has at the path of an inner mount, if the outer one is collected later: its artifact
// holds that content, like a volume that another one is mounted over. Only the first call does anything, since after it the path
// may hold what an earlier attempt to fetch the inner mount has left.
func (m *Maker) keepBelow(ctx context.Context, mount *Mount) error {
	if m.Below == "" || mount.Outer == nil || !mount.Outer.Collected || mount.covered {
		return nil
	}
	mount.covered = true
	names, err := readNames(mount.Path)
	if err != nil || len(names) == 0 {
		return err
	}
	if err := os.MkdirAll(m.Below, 0o700); err != nil {
		return err
	}
	aside := filepath.Join(m.Below, strconv.Itoa(mount.index))
	if os.Rename(mount.Path, aside) == nil {
		mount.Below = aside
		return os.Mkdir(mount.Path, 0o755)
	}
	// Another filesystem, or a mount point.
	if err := os.Mkdir(aside, 0o700); err != nil {
		return err
	}
	mount.Below = aside
	return tree.Copy(ctx, mount.Path, aside, nil)
}

// Below returns, by path, where the content that mounts cover was put aside.
func Below(all []*Mount) map[string]string {
	var below map[string]string
	for _, m := range all {
		if m.Below != "" {
			if below == nil {
				below = map[string]string{}
			}
			below[m.Path] = m.Below
		}
	}
	return below
}
