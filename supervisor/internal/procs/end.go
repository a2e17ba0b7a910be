package procs

import (
	"context"
	"maps"
	"slices"
	"syscall"
	"time"
)

// Signal sends a signal to each of a list of processes and says how many there were.
func Signal(pids []int, signal syscall.Signal) int {
	for _, pid := range pids {
		syscall.Kill(pid, signal)
	}
	return len(pids)
}

// Terminate sends a signal (TERM, HUP) to everyone that list finds. They are held while it looks, so that nobody slips through by forking
// in between, and what a handler of TERM starts later gets none.
func Terminate(list func() []int, signal syscall.Signal) {
	held := map[int]bool{}
	for range 100 { // each pass finds fewer; who forks that fast all the same meets KILL
		more := false
		for _, pid := range list() {
			if !held[pid] && syscall.Kill(pid, syscall.SIGSTOP) == nil {
				held[pid], more = true, true
			}
		}
		if !more {
			break
		}
	}
	// Children first: one that is held when its parent dies would get a HUP from the kernel.
	pids := slices.Sorted(maps.Keys(held))
	slices.Reverse(pids)
	Signal(pids, signal)
	Signal(pids, syscall.SIGCONT)
}

// WaitGone waits until list finds nobody (true) or the context ends (false). reaped tells when to look again.
func WaitGone(ctx context.Context, list func() []int, reaped func() <-chan struct{}) bool {
	pause := 10 * time.Millisecond
	for {
		again := reaped()
		if len(list()) == 0 {
			return true
		}
		// A grandchild's end is no event for us.
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-again:
			timer.Stop()
		case <-timer.C:
			pause = min(2*pause, 200*time.Millisecond)
		}
	}
}

// Kill sends KILL until list finds nobody; false: some could not be killed within the time (stuck in the kernel).
func Kill(list func() []int, reaped func() <-chan struct{}, within time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for pass := 0; ctx.Err() == nil; pass++ {
		again := reaped()
		pids := list()
		if pass > 3 { // they fork as fast as they are killed: hold them first
			Signal(pids, syscall.SIGSTOP)
		}
		if Signal(pids, syscall.SIGKILL) == 0 {
			return true
		}
		timer := time.NewTimer(10 * time.Millisecond)
		select {
		case <-again:
		case <-timer.C:
		}
		timer.Stop()
	}
	return len(list()) == 0
}
