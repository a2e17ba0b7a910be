// Package staging fetches artifacts that an assignment will probably need, before it comes.
package staging

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"airside/supervisor/internal/artifacts"
	"airside/supervisor/internal/tree"
	"airside/supervisor/internal/wire"
)

// Store is a folder that only the supervisor can read. It is emptied before the process of an assignment starts.
type Store struct {
	dir    string
	opener artifacts.Opener

	mu    sync.Mutex
	items map[string]*item
	slots chan struct{}
}

type item struct {
	folder string
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Open empties the folder of what an earlier supervisor has left.
func Open(dir string, opener artifacts.Opener) (*Store, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	return &Store{dir: dir, opener: opener, items: map[string]*item{}, slots: make(chan struct{}, 2)}, os.Mkdir(dir, 0o700)
}

// Prefetch starts fetching the artifacts that are not there yet.
func (s *Store) Prefetch(wanted []wire.Artifact) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, artifact := range wanted {
		hex, ok := strings.CutPrefix(artifact.Digest, "sha256:")
		if !ok || len(hex) != 64 || strings.ContainsAny(hex, "/.") || s.items[artifact.Digest] != nil {
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		it := &item{folder: filepath.Join(s.dir, hex), cancel: cancel, done: make(chan struct{})}
		s.items[artifact.Digest] = it
		go s.fetch(ctx, it, artifact)
	}
}

func (s *Store) fetch(ctx context.Context, it *item, artifact wire.Artifact) {
	defer close(it.done)
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		it.err = ctx.Err()
		return
	}
	pool := artifacts.NewPool(s.opener)
	defer pool.Close()
	it.err = pool.Fetch(ctx, artifact, func() (string, error) {
		if err := os.RemoveAll(it.folder); err != nil {
			return "", err
		}
		return it.folder, os.Mkdir(it.folder, 0o700)
	}, nil)
	if it.err != nil {
		os.RemoveAll(it.folder)
	}
}

// Take moves an artifact into an empty folder, waiting for it if it is being fetched. It returns false if the artifact was not
// prefetched.
func (s *Store) Take(ctx context.Context, digest, folder string, owner *tree.Owner) bool {
	s.mu.Lock()
	it := s.items[digest]
	delete(s.items, digest)
	s.mu.Unlock()
	if it == nil {
		return false
	}
	defer os.RemoveAll(it.folder)
	select {
	case <-it.done:
	case <-ctx.Done():
		it.cancel()
		<-it.done
	}
	if it.err != nil {
		return false
	}
	if os.Rename(it.folder, folder) == nil {
		return owner == nil || tree.Chown(folder, *owner) == nil
	}
	// Another filesystem, or a mount point that cannot be replaced.
	return tree.Copy(ctx, it.folder, folder, owner) == nil
}

// Drop cancels the fetches and removes all artifacts.
func (s *Store) Drop() {
	s.mu.Lock()
	items := s.items
	s.items = map[string]*item{}
	s.mu.Unlock()
	for _, it := range items {
		it.cancel()
		<-it.done
		os.RemoveAll(it.folder)
	}
}
