package mounts

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"airside/supervisor/internal/artifacts"
	"airside/supervisor/internal/staging"
	"airside/supervisor/internal/tree"
	"airside/supervisor/internal/wire"
)

// Maker creates the mounts of one assignment.
type Maker struct {
	Pool *artifacts.Pool
	// Staging may be nil.
	Staging *staging.Store
	// Owner of all files; nil keeps the owners that the artifacts name.
	Owner *tree.Owner
	// Protected are paths that no mount may empty.
	Protected []string
	// Below is the folder where content is put aside that mounts cover.
	Below string
	// Fetched is called for each artifact that is in place.
	Fetched func(name string, artifact wire.Artifact)
}

// Make creates all mounts, several at a time, each after the mount that it lies in.
func (m *Maker) Make(ctx context.Context, all []*Mount) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, artifacts.Parallel)
	var group sync.WaitGroup
	for _, mount := range all {
		group.Go(func() {
			defer close(mount.ready)
			if mount.Outer != nil {
				<-mount.Outer.ready
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			if err := m.one(ctx, mount); err != nil {
				cancel(fmt.Errorf("%s: %w", mount.Name, err))
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return nil
}

func (m *Maker) one(ctx context.Context, mount *Mount) error {
	fresh := func() (string, error) { return mount.Path, m.fresh(ctx, mount) }
	if mount.Artifact.Digest == "" {
		_, err := fresh()
		return err
	}
	if m.Staging != nil {
		if _, err := fresh(); err != nil {
			return err
		}
		if m.Staging.Take(ctx, mount.Artifact.Digest, mount.Path, m.Owner) {
			m.Fetched(mount.Name, mount.Artifact)
			return nil
		}
	}
	if err := m.Pool.Fetch(ctx, mount.Artifact, fresh, m.Owner); err != nil {
		return err
	}
	m.Fetched(mount.Name, mount.Artifact)
	return nil
}

// ErrProtected is the error of a mount at a path that must not be emptied.
var ErrProtected = errors.New("is needed by Airside itself")
