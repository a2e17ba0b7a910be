// Package reaper starts and reaps all processes of the supervisor. As PID 1 (or subreaper) the supervisor inherits orphans and has
// to wait for any child; a second wait, for one child, would race with it for the exit status.
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

// New returns a reaper and starts it.
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

// Start starts a program. Its status is sent on the channel once. The lock prevents that the process is reaped before its pid is
// known here.
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

// Reaped returns a channel that is closed when the next child has been reaped.
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
