package procs

import (
	"os"
	"os/exec"
	"slices"
	"testing"
)

// A step's process that replaces itself all the time is found in each moment.
func TestMarkedFindsAProcessDuringExec(t *testing.T) {
	command := exec.Command("/bin/sh", "-c", `exec /bin/sh -c "$LOOP"`)
	command.Env = append(os.Environ(), Mark+"=loop", `LOOP=exec /bin/sh -c "$LOOP"`)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Wait()
	defer command.Process.Kill()
	for range 200 {
		if !slices.Contains(Marked("loop"), command.Process.Pid) {
			t.Fatal("the process is not found")
		}
	}
}
