package procs

import (
	"context"
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
