package e2e

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"airside/supervisor/internal/wire"
)

// stubborn starts, beside the main process, a child in a session of its own, an orphan, and an orphan that has cleared its
// environment. All of them ignore TERM, and print their pid.
const stubborn = `
report() { echo "pid $$ $1"; }
setsid sh -c 'trap "" TERM; echo "pid $$"; while :; do sleep 300; done' &
(setsid sh -c 'trap "" TERM; echo "pid $$"; while :; do sleep 300; done' &)
(setsid env -i /bin/sh -c 'trap "" TERM; echo "pid $$"; while :; do sleep 300; done' &)
sh -c 'trap "echo grandchild saw TERM; exit" TERM; echo "pid $$"; while :; do sleep 0.02; done' &
trap "" TERM
while :; do wait; done
`

func TestAbortEndsAllDescendants(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("intercept", "echo here; read line; echo \"got $line\"", map[string]any{"interactive": true}))
	srv.tell(sup.shell("main", stubborn, map[string]any{"graceMs": 300}))
	srv.until("all processes", func() bool {
		return strings.Count(srv.outputLocked("main", wire.KindStdout), "pid ") == 4 && srv.outputLocked("intercept", wire.KindStdout) != ""
	})
	srv.tell(map[string]any{"type": "abort", "id": "main"})
	result := srv.result("main")
	if !result.Aborted || result.TimedOut || result.Outcome.Kind != "signaled" || result.Outcome.Signal != "KILL" {
		t.Errorf("result %+v", result)
	}
	out := srv.output("main", wire.KindStdout)
	if !strings.Contains(out, "grandchild saw TERM\n") {
		t.Errorf("output after TERM: %q", out)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if pid, ok := strings.CutPrefix(line, "pid "); ok {
			if state := processState(t, pid); state != "" {
				t.Errorf("process %s is still there: %s", pid, state)
			}
		}
	}
	if left := children(t, sup.cmd.Process.Pid); len(left) != 1 {
		t.Errorf("children of the supervisor: %v", left)
	}
	srv.tell(map[string]any{"type": "stdin", "id": "intercept", "data": []byte("still alive\n"), "eof": true})
	if o := srv.result("intercept").Outcome; o.Kind != "exited" {
		t.Errorf("the session beside it: %+v", o)
	}
	same(t, "session", srv.output("intercept", wire.KindStdout), "here\ngot still alive\n")
	sup.noChildren()
}

func TestDescendantsEndWithTheProcess(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("daemon", "(setsid sleep 300 &) ; (setsid sleep 300 >/dev/null 2>&1 &); echo done", map[string]any{"drainMs": 50}))
	if o := srv.result("daemon").Outcome; o.Kind != "exited" || *o.Status != 0 {
		t.Errorf("outcome %+v", o)
	}
	same(t, "output", srv.output("daemon", wire.KindStdout), "done\n")
	sup.noChildren()
}

func TestAbortEndsAForkStorm(t *testing.T) {
	srv, sup := pair(t)
	script := `storm() { while :; do (trap "" TERM; setsid sleep 1 & ); done; }; for i in 1 2 3; do storm & done; echo up; wait`
	srv.tell(sup.shell("storm", script, map[string]any{"graceMs": 50}))
	srv.until("storm", func() bool { return srv.outputLocked("storm", wire.KindStdout) != "" })
	srv.tell(map[string]any{"type": "abort", "id": "storm"})
	srv.result("storm")
	sup.noChildren()
}

func TestAbortBeforeTheStartRunsNothing(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("first", "echo up; sleep 300", nil))
	srv.until("first", func() bool { return srv.outputLocked("first", wire.KindStdout) != "" })
	srv.tell(sup.shell("second", "echo never", nil))
	srv.tell(map[string]any{"type": "abort", "id": "second"})
	srv.tell(map[string]any{"type": "abort", "id": "first"})
	if r := srv.result("second"); r.Outcome.Kind != "never-started" || !r.Aborted {
		t.Errorf("second: %+v", r)
	}
	if r := srv.result("first"); r.Outcome.Signal != "TERM" || !r.Aborted {
		t.Errorf("first: %+v", r)
	}
	same(t, "output", srv.output("second", wire.KindStdout), "")
}

func TestTimeLimitEndsTheProcess(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("slow", "trap 'echo cleaned > out/file; exit 5' TERM; echo up; while :; do sleep 0.02; done", map[string]any{
		"timeoutMs": 300, "outputs": []any{map[string]any{"name": "out", "path": sup.path("work/out")}},
	}))
	r := srv.result("slow")
	if !r.TimedOut || r.Aborted || r.Outcome.Kind != "exited" || *r.Outcome.Status != 5 {
		t.Errorf("result %+v", r)
	}
	if files := srv.files(r.Outputs[0].Digest); files["file"] != "cleaned\n" {
		t.Errorf("output %v", files)
	}
}

func TestTermOfTheSupervisorEndsTheProcess(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("main", "trap 'echo bye; exit 6' TERM; echo up; while :; do sleep 0.02; done", nil))
	srv.until("start", func() bool { return srv.outputLocked("main", wire.KindStdout) != "" })
	must(t, sup.cmd.Process.Signal(os.Interrupt))
	r := srv.result("main")
	if r.Aborted || r.Outcome.Kind != "exited" || *r.Outcome.Status != 6 {
		t.Errorf("result %+v", r)
	}
	same(t, "output", srv.output("main", wire.KindStdout), "up\nbye\n")
	if len(srv.events("main", "terminating")) != 1 {
		t.Error("no event terminating")
	}
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestUnwantedContainerEnds(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("main", "trap '' HUP; echo up; sleep 300", nil))
	srv.until("start", func() bool { return srv.outputLocked("main", wire.KindStdout) != "" })
	srv.mu.Lock()
	srv.refuse = &wire.Incoming{Reason: "gone", Final: true}
	srv.mu.Unlock()
	srv.cut()
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestReapsOrphansAsPID1(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a process namespace")
	}
	srv := newServer(t)
	sup := newSupervisor(t)
	sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen("unix", shortSocket(t)))
	sup.command = []string{"unshare", "--pid", "--fork", "--kill-child", "--mount-proc", binary}
	sup.start()
	srv.tell(sup.shell("main", "test $PPID = 1 || echo wrong parent;"+stubborn, map[string]any{"graceMs": 300}))
	srv.until("all processes", func() bool { return strings.Count(srv.outputLocked("main", wire.KindStdout), "pid ") == 4 })
	srv.tell(map[string]any{"type": "abort", "id": "main"})
	srv.result("main")
	srv.tell(sup.shell("look", "ls -d /proc/[0-9]*; grep -l '^State:.Z' /proc/[0-9]*/status; true", nil))
	srv.result("look")
	out := srv.output("look", wire.KindStdout)
	for line := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		// PID 1 and the shell, which reads the folder before it starts ls
		if strings.HasSuffix(line, "/status") {
			t.Errorf("a zombie: %s", line)
		}
	}
	if n := strings.Count(out, "/proc/"); n != 2 {
		t.Errorf("processes %q", out)
	}
	if strings.Contains(srv.output("main", wire.KindStdout), "wrong") {
		t.Error("the supervisor is not PID 1")
	}
}

func processState(t testing.TB, pid string) string {
	t.Helper()
	text, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return ""
	}
	return string(text)
}

func children(t testing.TB, pid int) []string {
	t.Helper()
	out, err := exec.Command("ps", "--no-headers", "-o", "pid,stat,args", "--ppid", strconv.Itoa(pid)).Output()
	if err != nil && len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// noChildren waits until the supervisor has no children, neither living ones nor zombies.
func (s *supervisor) noChildren() {
	s.t.Helper()
	var left []string
	defer func() {
		if len(left) > 0 {
			s.t.Errorf("children of the supervisor: %v", left)
		}
	}()
	s.poll("the end of the supervisor's children", func() bool {
		left = children(s.t, s.cmd.Process.Pid)
		return len(left) == 0
	})
}
