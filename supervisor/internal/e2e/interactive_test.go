package e2e

import (
	"os"
	"strings"
	"testing"

	"airside/supervisor/internal/wire"
)

func TestInteractiveSessionOnATerminal(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("main", "echo up; sleep 300", nil))
	message := sup.shell("shell", "stty -echo; echo ready; while read line; do case $line in size) stty size;; *) echo \"<$line>\";; esac; done; echo over", map[string]any{"interactive": true})
	srv.tell(with(message, "tty", map[string]any{"columns": 80, "rows": 24}))
	said := func(text string) {
		t.Helper()
		srv.until(text, func() bool { return strings.Contains(srv.outputLocked("shell", wire.KindStdout), text) })
	}
	said("ready")
	srv.tell(map[string]any{"type": "stdin", "id": "shell", "data": []byte("hello\n")})
	said("<hello>")
	srv.tell(map[string]any{"type": "resize", "id": "shell", "columns": 132, "rows": 50})
	srv.tell(map[string]any{"type": "stdin", "id": "shell", "data": []byte("size\n")})
	said("50 132")
	srv.tell(map[string]any{"type": "stdin", "id": "shell", "data": []byte{}, "eof": true})
	if o := srv.result("shell").Outcome; o.Kind != "exited" || *o.Status != 0 {
		t.Errorf("outcome %+v", o)
	}
	said("over")
	srv.tell(map[string]any{"type": "abort", "id": "main"})
	srv.result("main")
}

func TestKeptDescendantsRunUntilTheSupervisorEnds(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("session", "sleep 300 & echo $!", map[string]any{"interactive": true, "keepDescendants": true, "drainMs": 50}))
	srv.result("session")
	pid := strings.TrimSpace(srv.output("session", wire.KindStdout))
	srv.tell(sup.shell("main", "true", nil))
	srv.result("main")
	if processState(t, pid) == "" {
		t.Error("it is gone")
	}
	srv.tell(map[string]any{"type": "end"})
	sup.exit()
	if state := processState(t, pid); state != "" && !strings.Contains(state, "(zombie)") {
		t.Error("it outlived the supervisor")
	}
}

func TestEndOfTheSupervisorEndsSessions(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("session", "echo up; cat", map[string]any{"interactive": true}))
	srv.until("start", func() bool { return srv.outputLocked("session", wire.KindStdout) != "" })
	srv.tell(map[string]any{"type": "end"})
	if r := srv.result("session"); !r.Aborted {
		t.Errorf("result %+v", r)
	}
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestSessionHasTheEnvironmentFolderAndUserOfTheStep(t *testing.T) {
	srv, sup := pair(t)
	main := sup.shell("main", "echo up; sleep 300", nil)
	srv.tell(with(with(main, "env", []string{"TOKEN=of the step", "TERM=dumb"}), "dir", sup.path("elsewhere")))
	srv.until("start", func() bool { return srv.outputLocked("main", wire.KindStdout) != "" })
	session := sup.shell("session", "echo $TOKEN $TERM; pwd; env | grep -c ^TERM=", map[string]any{"interactive": true, "inherit": true})
	srv.tell(with(with(with(session, "env", []string{"TERM=xterm"}), "dir", ""), "user", ""))
	srv.result("session")
	same(t, "session", srv.output("session", wire.KindStdout), "of the step xterm\n"+sup.path("elsewhere")+"\n1\n")
	own := sup.shell("own", "echo $TOKEN; pwd", map[string]any{"interactive": true, "inherit": true})
	srv.tell(with(own, "dir", "/"))
	srv.result("own")
	same(t, "own folder", srv.output("own", wire.KindStdout), "of the step\n/\n")
	srv.tell(map[string]any{"type": "abort", "id": "main"})
	srv.result("main")
}

func TestAbortOfATerminalSessionSendsHUP(t *testing.T) {
	srv, sup := pair(t)
	session := sup.shell("session", "trap 'echo hung up; exit 3' HUP; echo up; while :; do sleep 0.02; done", map[string]any{"interactive": true})
	srv.tell(with(session, "tty", map[string]any{"columns": 80, "rows": 24}))
	srv.until("start", func() bool { return strings.Contains(srv.outputLocked("session", wire.KindStdout), "up") })
	srv.tell(map[string]any{"type": "abort", "id": "session"})
	if o := srv.result("session").Outcome; o.Kind != "exited" || *o.Status != 3 {
		t.Errorf("outcome %+v", o)
	}
	sup.noChildren()
}

func TestSessionsEndWithoutAServer(t *testing.T) {
	srv, sup := pair(t, "AIRSIDE_HANGUP_SECONDS=1")
	srv.tell(sup.shell("main", "until test -e go; do sleep 0.02; done; echo over", nil))
	srv.tell(sup.shell("session", "echo $$; exec cat", map[string]any{"interactive": true}))
	srv.until("start", func() bool { return srv.outputLocked("session", wire.KindStdout) != "" })
	pid := strings.TrimSpace(srv.output("session", wire.KindStdout))
	srv.away()
	sup.poll("the end of the session", func() bool { return processState(t, pid) == "" })
	srv.back()
	if r := srv.result("session"); !r.Aborted {
		t.Errorf("result %+v", r)
	}
	must(t, os.WriteFile(sup.path("work/go"), nil, 0o600))
	srv.result("main")
	same(t, "the step beside it", srv.output("main", wire.KindStdout), "over\n")
}

func TestKeptContainerEndsWhenItsTimeIsOver(t *testing.T) {
	srv, sup := pair(t, "AIRSIDE_IDLE_SECONDS=3600")
	srv.tell(sup.shell("main", "true", nil))
	srv.result("main")
	srv.tell(map[string]any{"type": "keep", "seconds": 1})
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestKeptContainerStaysWithoutAServer(t *testing.T) {
	srv, sup := pair(t, "AIRSIDE_IDLE_SECONDS=1")
	srv.tell(sup.shell("main", "true", nil))
	srv.result("main")
	srv.tell(map[string]any{"type": "keep", "seconds": 3600})
	srv.tell(sup.shell("session", "true", map[string]any{"interactive": true}))
	srv.result("session") // the message keep has been handled by now
	srv.away()
	srv.until("more than a second of dialling", func() bool { return len(srv.hellos) > 6 })
	srv.back()
	srv.tell(sup.shell("later", "echo entered", map[string]any{"interactive": true}))
	srv.result("later")
	same(t, "session", srv.output("later", wire.KindStdout), "entered\n")
}

func TestKeptContainerStaysAfterARestart(t *testing.T) {
	srv, sup := pair(t, "AIRSIDE_IDLE_SECONDS=3600")
	srv.tell(sup.shell("main", "true", nil))
	srv.result("main")
	srv.tell(map[string]any{"type": "keep", "seconds": 2})
	srv.tell(sup.shell("session", "true", map[string]any{"interactive": true}))
	srv.result("session") // the message keep has been handled by now
	sup.kill()
	sup.start()
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestKeptContainerEndsAfterItsSession(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("main", "true", nil))
	srv.result("main")
	srv.tell(sup.shell("session", "echo up; read line; echo \"$line\"", map[string]any{"interactive": true}))
	srv.until("start", func() bool { return srv.outputLocked("session", wire.KindStdout) != "" })
	srv.tell(map[string]any{"type": "keep", "seconds": 1})
	srv.tell(sup.shell("longer", "sleep 1.5; echo longer than its time", map[string]any{"interactive": true}))
	srv.result("longer")
	srv.tell(map[string]any{"type": "stdin", "id": "session", "data": []byte("still here\n")})
	srv.result("session")
	same(t, "session", srv.output("session", wire.KindStdout), "up\nstill here\n")
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}
