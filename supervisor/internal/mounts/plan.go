// Package mounts creates the folders of an assignment: inputs, outputs and caches, which may nest and share paths.
//
// Each path is a new folder, as a mounted volume would be. What an outer mount has at the path of an inner one is put aside, and is
// part of the artifact that the outer mount is collected into.
package mounts

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"airside/supervisor/internal/wire"
)

// Mount is one path.
type Mount struct {
	Path string
	// Name and Artifact are what the folder holds at first; Artifact.Digest is empty for an empty folder.
	Name     string
	Artifact wire.Artifact
	// Outer is the innermost mount that contains this one, or nil.
	Outer *Mount
	// Collected is set for outputs and caches.
	Collected bool
	// Below is where the content that it covers was put aside, or empty.
	Below   string
	covered bool
	index   int
	ready   chan struct{}
}

// Plan sorts an assignment's paths, outer ones first. If several share a path, the first with content counts.
func Plan(assign wire.Assign) ([]*Mount, error) {
	byPath := map[string]*Mount{}
	var all []*Mount
	for i, list := range [][]wire.Mount{assign.Inputs, assign.Caches, assign.Outputs} {
		for _, m := range list {
			path, err := Clean(m.Path)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Name, err)
			}
			known := byPath[path]
			if known == nil {
				known = &Mount{Path: path, Name: m.Name, ready: make(chan struct{})}
				byPath[path] = known
				all = append(all, known)
			}
			known.Collected = known.Collected || i > 0
			if known.Artifact.Digest == "" && m.Digest != "" {
				known.Name, known.Artifact = m.Name, wire.Artifact{Digest: m.Digest, Size: m.Size}
			}
		}
	}
	slices.SortFunc(all, func(a, b *Mount) int { return strings.Compare(a.Path+"/", b.Path+"/") })
	for i, m := range all {
		m.index = i
		for _, outer := range all[:i] {
			if Inside(m.Path, outer.Path) {
				m.Outer = outer // the last one is the innermost
			}
		}
	}
	return all, nil
}

// Clean checks and cleans a mount's path.
func Clean(path string) (string, error) {
	if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
		return "", fmt.Errorf("path %q is not absolute", path)
	}
	path = filepath.Clean(path)
	if path == "/" {
		return "", fmt.Errorf("the root directory cannot be an input, output or cache")
	}
	return path, nil
}

// Inside reports whether a path lies in a folder and is not the folder itself.
func Inside(path, folder string) bool {
	return len(path) > len(folder) && strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// Paths returns the paths of all mounts.
func Paths(all []*Mount) []string {
	paths := make([]string, len(all))
	for i, m := range all {
		paths[i] = m.Path
	}
	return paths
}

// Within returns the paths that lie in a folder.
func Within(paths []string, folder string) []string {
	var inner []string
	for _, path := range paths {
		if Inside(path, folder) {
			inner = append(inner, path)
		}
	}
	return inner
}
