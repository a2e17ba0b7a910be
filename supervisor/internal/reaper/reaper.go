// Package reaper owns every wait. As PID 1 (or subreaper) the supervisor inherits orphans, and two waits for "any child"
// and for one child would steal each other's exit statuses; so processes are started and reaped here and nowhere else.
package reaper

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// Reaper reaps all children of this process.
type Reaper struct {
	mu      sync.Mutex
	waiting map[int]chan syscall.WaitStatus
	reaped  chan struct{}
}

// New starts it.
func New() *Reaper {
	r := &Reaper{waiting: map[int]chan syscall.WaitStatus{}, reaped: make(chan struct{})}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	go func() {
		for {
			r.reap()
			<-signals
		}
	}()
	return r
}

// Start runs a program; its status comes on the channel, once. The lock keeps its status from being reaped before
// anybody waits for it.
func (r *Reaper) Start(path string, argv []string, attr *syscall.ProcAttr) (int, <-chan syscall.WaitStatus, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := syscall.ForkExec(path, argv, attr)
	if err != nil {
		return 0, nil, err
	}
	exited := make(chan syscall.WaitStatus, 1)
	r.waiting[pid] = exited
	return pid, exited, nil
}

// Reaped is closed when the next child has been reaped.
func (r *Reaper) Reaped() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reaped
}

func (r *Reaper) reap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	any := false
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			break
		}
		any = true
		if exited := r.waiting[pid]; exited != nil {
			exited <- status
			delete(r.waiting, pid)
		}
	}
	if any {
		close(r.reaped)
		r.reaped = make(chan struct{})
	}
}
