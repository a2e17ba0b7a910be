package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"airside/supervisor/internal/config"
)

// waits reports whether a pod with this value of AIRSIDE_SANDBOX has no step's image yet. Values that it does not know wait: a
// supervisor that reported in from the sandbox's own image would be given the step's work there.
func waits(sandbox string) bool {
	return sandbox != "" && sandbox != "taken"
}

// replaced is the status of a waiting program that was told to end. It is not 0: a pod whose container ended with 0 is over, and
// the kubelet would not start the step's container in it.
const replaced = 3

// waitInSandbox lives until the kubelet replaces its container by that of a step, which it announces by a TERM. When no step has
// come for as long as a supervisor waits for work it ends with 0, and its pod with it: the server may be gone.
func waitInSandbox() int {
	idle, err := config.Idle(os.Getenv)
	if err != nil {
		complain(err)
		return 2
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	return awaitReplacement(signals, time.After(idle))
}

func awaitReplacement(signals <-chan os.Signal, idle <-chan time.Time) int {
	select {
	case <-signals:
		return replaced
	case <-idle:
		return 0
	}
}
