// Package assignment runs one assignment, from its inputs to its result.
package assignment

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"airside/supervisor/internal/artifacts"
	"airside/supervisor/internal/cgroup"
	"airside/supervisor/internal/journal"
	"airside/supervisor/internal/mounts"
	"airside/supervisor/internal/process"
	"airside/supervisor/internal/procs"
	"airside/supervisor/internal/reaper"
	"airside/supervisor/internal/spool"
	"airside/supervisor/internal/staging"
	"airside/supervisor/internal/tree"
	"airside/supervisor/internal/users"
	"airside/supervisor/internal/wire"
)

// Tools are what all assignments of a supervisor share.
type Tools struct {
	Spool     *spool.Spool
	Reaper    *reaper.Reaper
	Tracker   *procs.Tracker
	Opener    artifacts.Opener
	Staging   *staging.Store
	Protected []string
	// Below is the folder where content is put aside that mounts cover.
	Below string
	// Seal signs a result with the session key.
	Seal func(id string, result []byte) [wire.SealSize]byte
	// Note writes to the journal.
	Note func(journal.Entry)
	// Waits is called when a run needs the server again, after its process has ended.
	Waits func()
}

// Run is an assignment that is being done.
type Run struct {
	tools  *Tools
	assign wire.Assign
	mark   string
	stdin  *feed

	aborted    flag // by the server
	terminated flag // the node shuts the container down
	mu         sync.Mutex
	process    *process.Process
	// collecting is cancelled by an abort that comes after the process has ended.
	collecting context.CancelFunc
	// waitsSince is since when it has needed the server: to begin, later to store its outputs.
	waitsSince time.Time
	// owner of inputs, outputs and caches; nil keeps the owners that the artifacts name.
	owner *tree.Owner
}

// New returns an assignment that has not begun; Execute runs it.
func New(tools *Tools, assign wire.Assign) *Run {
	var random [16]byte
	rand.Read(random[:])
	run := &Run{tools: tools, assign: assign, mark: hex.EncodeToString(random[:]), stdin: newFeed(), aborted: newFlag(), terminated: newFlag(), waitsSince: time.Now()}
	if assign.Stdin != nil {
		run.stdin.add(*assign.Stdin, true)
	}
	return run
}

// Process returns the process that it runs.
func (r *Run) Process() wire.Process { return r.assign.Process }

// Inherit takes the environment, folder and user of the step for a session that does not set its own.
func Inherit(own, step wire.Process) wire.Process {
	env := slices.DeleteFunc(slices.Clone(step.Env), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		_, has := process.Get(own.Env, name)
		return has
	})
	own.Env = append(env, own.Env...)
	if own.Dir == "" {
		own.Dir = step.Dir
	}
	if own.User == "" {
		own.User = step.User
	}
	return own
}

// Interactive reports whether it is a session beside the main assignment.
func (r *Run) Interactive() bool { return r.assign.Interactive }

// Waiting returns since when it has needed the server to go on. It returns false while its process runs.
func (r *Run) Waiting() (since time.Time, waiting bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waitsSince, r.process == nil || r.collecting != nil
}

// Abort ends the assignment. A process that has not started never starts; a running one gets TERM and, after the grace, KILL.
// Only the first call has an effect.
func (r *Run) Abort() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.aborted.raise() && r.collecting != nil {
		r.collecting()
	}
}

// Terminate is like Abort, for a node that shuts the container down: the result is not marked as aborted by the server.
func (r *Run) Terminate() {
	r.event(wire.Event{Event: "terminating"})
	r.terminated.raise()
}

// Stdin passes input to an interactive session. It waits for a while if the process does not read.
func (r *Run) Stdin(data []byte, eof bool) {
	if !r.stdin.offer(data, eof) {
		r.notice("the process does not read its input; it was closed")
	}
}

// Resize sets the terminal's size.
func (r *Run) Resize(columns, rows uint16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process != nil {
		r.process.Resize(columns, rows)
	}
}

// Execute runs the assignment and records its result.
func (r *Run) Execute() {
	entry := journal.Entry{ID: r.assign.ID, State: journal.Running, Mark: r.mark, Kills: cgroup.Kills()}
	result := r.run(&entry)
	Finish(r.tools, entry, result)
}

// below returns the folder where content is put aside that this assignment's mounts cover.
func (r *Run) below() string { return filepath.Join(r.tools.Below, r.mark) }

// Finish records the result, which is the last record of an assignment.
func Finish(tools *Tools, entry journal.Entry, result wire.Result) {
	if entry.Mark != "" {
		os.RemoveAll(filepath.Join(tools.Below, filepath.Base(entry.Mark)))
	}
	data := result.JSON()
	seal := tools.Seal(entry.ID, data)
	tools.Spool.Append(wire.KindResult, entry.ID, append(seal[:], data...), func() {
		tools.Note(journal.Entry{ID: entry.ID, State: journal.Finished})
	})
}

func (r *Run) run(entry *journal.Entry) wire.Result {
	all, planError := mounts.Plan(r.assign)
	if planError == nil {
		entry.Outputs = append(append(entry.Outputs, r.assign.Outputs...), r.assign.Caches...)
		entry.Mounts, entry.OutputLimit = mounts.Paths(all), r.assign.OutputLimit
	}
	r.tools.Note(*entry)
	if planError != nil {
		return r.failed("input-failed", planError)
	}
	user, err := users.Lookup("/", r.assign.Process.User, users.Self{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())})
	if err != nil {
		return r.failed("user-not-found", err)
	}
	if err := process.CheckUser(user); err != nil {
		return r.failed("start-failed", err)
	}
	if err := r.prepare(all, user); err != nil {
		if r.stopped() {
			return wire.Result{Outcome: wire.NeverStarted(), Aborted: r.aborted.raised()}
		}
		return r.failed("input-failed", err)
	}
	entry.Below = mounts.Below(all)
	result := r.runProcess(user, entry)
	if result.StartedAt == 0 {
		return result
	}
	result.Outputs = r.collect(entry)
	result.Aborted = r.aborted.raised()
	return withOutputs(result, r.assign.Outputs)
}

// stopped reports whether the process must not start any more.
func (r *Run) stopped() bool { return r.aborted.raised() || r.terminated.raised() }

func (r *Run) failed(reason string, err error) wire.Result {
	return wire.Result{Outcome: wire.Failed(reason, err.Error()), Aborted: r.aborted.raised()}
}

// prepare creates the mounts and folders. It returns early if the assignment is stopped.
func (r *Run) prepare(all []*mounts.Mount, user users.User) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-r.aborted.c:
		case <-r.terminated.c:
		case <-ctx.Done():
		}
		cancel()
	}()
	owner := r.ownerFor(user)
	r.owner = owner
	pool := artifacts.NewPool(r.tools.Opener)
	defer pool.Close()
	maker := &mounts.Maker{Pool: pool, Owner: owner, Protected: r.tools.Protected, Below: r.below(), Fetched: func(name string, artifact wire.Artifact) {
		r.event(wire.Event{Event: "fetched", Name: name, Size: &artifact.Size})
	}}
	if !r.assign.Interactive {
		maker.Staging = r.tools.Staging
		defer r.tools.Staging.Drop()
	}
	if err := maker.Make(ctx, all); err != nil {
		return err
	}
	for _, path := range r.assign.Mkdir {
		if err := mounts.MakeAll(path); err != nil {
			return err
		}
	}
	return r.makeDir(owner)
}

// ownerFor returns the owner that inputs, outputs and caches get. For root their owners are kept: root can use all of them, and a
// database's folder in a cache must still belong to the database's user.
func (r *Run) ownerFor(user users.User) *tree.Owner {
	if !r.assign.Chown || user.UID == 0 {
		return nil
	}
	return &tree.Owner{UID: int(user.UID), GID: int(user.GID)}
}

// makeDir creates the working directory. One that the image already has keeps its owner.
func (r *Run) makeDir(owner *tree.Owner) error {
	dir := r.dir()
	if err := mounts.MakeAll(dir); err != nil {
		return err
	}
	if dir == "/" {
		return nil
	}
	return mounts.Give(dir, owner)
}

func (r *Run) dir() string {
	if dir := r.assign.Process.Dir; strings.HasPrefix(dir, "/") {
		return dir
	}
	return "/" + r.assign.Process.Dir
}

func (r *Run) event(event wire.Event) { Event(r.tools, r.assign.ID, event) }

func (r *Run) notice(text string) { r.event(wire.Event{Event: "notice", Text: text}) }

// Event records an event.
func Event(tools *Tools, id string, event wire.Event) {
	tools.Spool.Append(wire.KindEvent, id, event.JSON(), nil)
}

func now() int64 { return time.Now().UnixMilli() }

// ID returns the server's id of the assignment.
func (r *Run) ID() string { return r.assign.ID }
