package procs

import (
	"os"
	"sync"
)

// Tracker tells whose a process is.
//
// A descendant of this process belongs to the assignment whose mark its environment shows, else whose session it is in,
// else to its parent's. One whose trail is lost (own session, cleared environment, parent dead) belongs to the main
// assignment: intercept sessions are spared only where they can be told apart.
type Tracker struct {
	mu       sync.Mutex
	sessions map[int]string // first process's pid, which is its session's id → mark
	main     string
}

// NewTracker knows nobody yet.
func NewTracker() *Tracker { return &Tracker{sessions: map[int]string{}} }

// Add says that a process of an assignment leads session pid. main: it gets those whose trail is lost.
func (t *Tracker) Add(mark string, pid int, main bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions[pid] = mark
	if main {
		t.main = mark
	}
}

// Forget is called when nothing of an assignment is left.
func (t *Tracker) Forget(mark string, pid int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sessions, pid)
	if t.main == mark {
		t.main = ""
	}
}

// Members lists an assignment's living processes.
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
	for range 4096 { // a snapshot is no instant: parents may form a ring in it
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
	owners[pid] = t.main // ends a ring
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

// Marked lists the processes anywhere that show a mark: those that outlived a supervisor.
func Marked(mark string) []int {
	var found []int
	for pid, e := range snapshot() {
		if !e.zombie && pid != os.Getpid() && markOf(pid) == mark {
			found = append(found, pid)
		}
	}
	return found
}
