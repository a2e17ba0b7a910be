package procs

import (
	"os"
	"sync"
)

// Tracker finds out which assignment a process belongs to.
//
// A descendant of this process belongs to the assignment whose mark is in its environment, else to the one whose session it is in,
// else to that of its parent. A process with none of these (a session of its own, a cleared environment, a dead parent) counts as
// the main assignment's, and is ended with it.
type Tracker struct {
	mu       sync.Mutex
	sessions map[int]string // pid of a session's first process, which is the session's id → mark
	main     string
}

// NewTracker returns a tracker without assignments.
func NewTracker() *Tracker { return &Tracker{sessions: map[int]string{}} }

// Add records that a process of an assignment leads session pid. Processes that belong to none count as the main one's.
func (t *Tracker) Add(mark string, pid int, main bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions[pid] = mark
	if main {
		t.main = mark
	}
}

// Forget removes an assignment of which no process is left.
func (t *Tracker) Forget(mark string, pid int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sessions, pid)
	if t.main == mark {
		t.main = ""
	}
}

// Members lists the living processes of an assignment.
func (t *Tracker) Members(mark string) []int {
	return t.pick(func(owner string) bool { return owner == mark })
}

// Everyone lists all living descendants of this process.
func (t *Tracker) Everyone() []int {
	return t.pick(func(string) bool { return true })
}

func (t *Tracker) pick(wanted func(owner string) bool) []int {
	all := snapshot()
	self := os.Getpid()
	owners := map[int]string{}
	t.mu.Lock()
	defer t.mu.Unlock()
	var members []int
	for pid, e := range all {
		if pid == self || e.zombie || !descends(all, pid, self) {
			continue
		}
		if wanted(t.owner(all, owners, pid, self)) {
			members = append(members, pid)
		}
	}
	return members
}

func descends(all map[int]entry, pid, from int) bool {
	for range 4096 { // a snapshot takes a while, so that parents may form a cycle in it
		e, ok := all[pid]
		if !ok || e.parent == 0 {
			return false
		}
		if e.parent == from {
			return true
		}
		pid = e.parent
	}
	return false
}

func (t *Tracker) owner(all map[int]entry, owners map[int]string, pid, self int) string {
	if pid == self || pid == 0 {
		return t.main
	}
	if owner, known := owners[pid]; known {
		return owner
	}
	owners[pid] = t.main // ends a cycle
	e, ok := all[pid]
	if !ok {
		return t.main
	}
	owner := markOf(pid)
	if owner == "" {
		owner = t.sessions[e.session]
	}
	if owner == "" {
		owner = t.owner(all, owners, e.parent, self)
	}
	owners[pid] = owner
	return owner
}

// Marked lists all processes with a mark: those that have outlived an earlier supervisor.
func Marked(mark string) []int {
	var found []int
	for pid, e := range snapshot() {
		if !e.zombie && pid != os.Getpid() && markDuringExec(pid) == mark {
			found = append(found, pid)
		}
	}
	return found
}
