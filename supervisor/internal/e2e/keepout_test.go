package e2e

import (
	"os"
	"os/exec"
	"testing"

	"airside/supervisor/internal/wire"
)

// readMemory tries to read a process's memory, environment and descriptors, and prints what worked.
func readMemory(pid string) string {
	return `p=/proc/` + pid + `
for f in environ maps auxv mem; do head -c 1 $p/$f >/dev/null 2>&1 && echo read $f; done
for l in exe fd/0; do readlink $p/$l >/dev/null 2>&1 && echo followed $l; done
(: >$p/mem) 2>/dev/null && echo wrote mem
echo "tracing $(( (0x$(awk '/^CapBnd/ { print $2 }' /proc/self/status) >> 19) & 1 ))"`
}

func TestRootStepWithTheTracingCapabilityReadsNothingOfItsSupervisor(t *testing.T) {
	setpriv, err := exec.LookPath("setpriv")
	if os.Geteuid() != 0 || err != nil {
		t.Skip("needs root and setpriv")
	}
	srv := newServer(t)
	sup := newSupervisor(t)
	sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen("unix", shortSocket(t)))
	// Like an engine that gives SYS_PTRACE to containers: with it, a process that is not dumpable can be read. (PERFMON can read maps
	// and environment, but not memory, and no engine gives it.)
	sup.command = []string{setpriv, "--bounding-set=-sys_admin,-perfmon", "--inh-caps=-sys_admin,-perfmon", binary}
	sup.start()
	srv.tell(sup.shell("one", readMemory(itoa(sup.cmd.Process.Pid)), nil))
	srv.result("one")
	same(t, "output", srv.output("one", wire.KindStdout), "tracing 0\n")
	same(t, "errors", srv.output("one", wire.KindStderr), "")
}
