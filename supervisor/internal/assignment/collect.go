package assignment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"airside/supervisor/internal/artifacts"
	"airside/supervisor/internal/journal"
	"airside/supervisor/internal/mounts"
	"airside/supervisor/internal/tree"
	"airside/supervisor/internal/wire"
)

// collect stores outputs and caches. An abort that comes now ends it.
func (r *Run) collect(entry *journal.Entry) []wire.Output {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.mu.Lock()
	r.collecting, r.waitsSince = cancel, time.Now()
	r.mu.Unlock()
	r.tools.Waits()
	r.makeRemoved(entry.Outputs)
	return Collect(ctx, r.tools, *entry)
}

// makeRemoved creates the folders of outputs and caches that the process has removed. Were they mount points of volumes, as in
// Concourse, they could only have been emptied. A folder that cannot be created is reported when it is collected.
func (r *Run) makeRemoved(outputs []wire.Mount) {
	for _, output := range outputs {
		folder := filepath.Clean(output.Path)
		if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) || mounts.MakeAll(folder) != nil {
			continue
		}
		_ = mounts.Give(folder, r.owner) // the folder is empty, so that a wrong owner does no harm
	}
}

// Collect stores the outputs of an assignment that the journal names.
func Collect(ctx context.Context, tools *Tools, entry journal.Entry) []wire.Output {
	results := make([]wire.Output, len(entry.Outputs))
	pool := artifacts.NewPool(tools.Opener)
	defer pool.Close()
	slots := make(chan struct{}, artifacts.Parallel)
	var group sync.WaitGroup
	for i, output := range entry.Outputs {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = store(ctx, tools, pool, entry, output)
		})
	}
	group.Wait()
	return results
}

func store(ctx context.Context, tools *Tools, pool *artifacts.Pool, entry journal.Entry, output wire.Mount) wire.Output {
	folder := filepath.Clean(output.Path)
	stored, err := pool.Store(ctx, output.Name, folder, tree.PackOptions{
		Skip:   mounts.Within(entry.Mounts, folder),
		Below:  entry.Below,
		Limit:  entry.OutputLimit,
		Notice: func(text string) { Event(tools, entry.ID, wire.Event{Event: "notice", Text: text}) },
	})
	switch {
	case errors.Is(err, context.Canceled):
		return wire.Output{Name: output.Name, Error: "aborted"}
	case errors.Is(err, fs.ErrNotExist):
		return wire.Output{Name: output.Name, Error: fmt.Sprintf("%s does not exist any more", folder)}
	case err != nil:
		return wire.Output{Name: output.Name, Error: err.Error()}
	}
	Event(tools, entry.ID, wire.Event{Event: "stored", Name: output.Name, Digest: stored.Digest, Size: &stored.Size})
	return wire.Output{Name: output.Name, Digest: stored.Digest, Size: &stored.Size, Receipt: stored.Receipt}
}

// withOutputs turns a success into an error if an output could not be stored. A lost cache only costs time.
func withOutputs(result wire.Result, outputs []wire.Mount) wire.Result {
	if result.Outcome.Kind != "exited" || *result.Outcome.Status != 0 || result.Aborted {
		return result
	}
	for i := range outputs {
		if text := result.Outputs[i].Error; text != "" {
			result.Outcome = wire.Failed("output-failed", fmt.Sprintf("output %s: %s", outputs[i].Name, text))
			break
		}
	}
	return result
}
