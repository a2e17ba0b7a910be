package main

import (
	"os"
	"syscall"
	"testing"
	"time"
)

func TestAWaitingSandboxThatIsReplacedEndsWithAStatusThatKeepsItsPod(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signals <- syscall.SIGTERM
	if code := awaitReplacement(signals, nil); code == 0 {
		t.Error("it ended with 0, which ends the pod")
	}
}

func TestAWaitingSandboxThatNobodyTakesEndsItsPod(t *testing.T) {
	idle := make(chan time.Time, 1)
	idle <- time.Time{}
	if code := awaitReplacement(nil, idle); code != 0 {
		t.Errorf("it ended with %d, so the kubelet starts it again", code)
	}
}

func TestASandboxWaitsUntilItHasAStepsImage(t *testing.T) {
	for value, want := range map[string]bool{"": false, "taken": false, "warm": true, "claimed": true, "unknown": true} {
		if got := waits(value); got != want {
			t.Errorf("waits(%q) = %v", value, got)
		}
	}
}
