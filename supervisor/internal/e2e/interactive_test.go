package e2e

import (
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

func TestKeptDescendantsLiveOnUntilTheEnd(t *testing.T) {
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

func TestEndClosesSessions(t *testing.T) {
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
