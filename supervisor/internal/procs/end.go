package procs

import (
	"context"
	"maps"
	"slices"
	"syscall"
	"time"
)

// Signal sends a signal to each process that list returns, and returns their number.
func Signal(pids []int, signal syscall.Signal) int {
	for _, pid := range pids {
		syscall.Kill(pid, signal)
	}
	return len(pids)
}

// Terminate sends a signal (TERM, HUP) to every process that list returns. The processes are stopped meanwhile, so that none escapes
// by forking. What a handler of the signal starts later is not signalled.
func Terminate(list func() []int, signal syscall.Signal) {
	held := map[int]bool{}
	for range 100 { // each pass finds fewer; a process that forks faster gets KILL later
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
	// Children first: the kernel sends HUP to a stopped process whose parent dies.
	pids := slices.Sorted(maps.Keys(held))
	slices.Reverse(pids)
	Signal(pids, signal)
	Signal(pids, syscall.SIGCONT)
}

// WaitGone waits until list returns no process (true) or the context ends (false). It looks again whenever reaped is closed.
func WaitGone(ctx context.Context, list func() []int, reaped func() <-chan struct{}) bool {
	pause := 10 * time.Millisecond
	for {
		again := reaped()
		if len(list()) == 0 {
			return true
		}
		// The end of a grandchild is not reported to this process.
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

// Kill sends KILL until list returns no process. It returns false if some are still there in the end, since they hang in the kernel.
func Kill(list func() []int, reaped func() <-chan struct{}, within time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for pass := 0; ctx.Err() == nil; pass++ {
		again := reaped()
		pids := list()
		if pass > 3 { // they fork as fast as they are killed: stop them first
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
