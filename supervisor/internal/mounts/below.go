package mounts

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"airside/supervisor/internal/tree"
)

// keepBelow puts aside what an outer mount's content has at an inner mount's path, when the outer one is collected later:
// its artifact has this content there, as a volume has that another one is mounted over. What a fetch of the inner mount
// left at an earlier try is not that content, so only the first call does anything.
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

// Below gives, by path, where the content that mounts cover was put aside.
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
