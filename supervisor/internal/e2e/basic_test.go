package e2e

import (
	"strings"
	"testing"

	"airside/supervisor/internal/wire"
)

func TestRunsAnAssignmentOnBothHomes(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			srv := newServer(t)
			sup := newSupervisor(t, "AIRSIDE_UID=uid-1", "AIRSIDE_SERVER_KEY="+srv.pin())
			address := "127.0.0.1:0"
			if network == "unix" {
				address = shortSocket(t)
			}
			sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen(network, address))
			sup.start()

			digest, size := srv.add(archive(t, [2]string{"greeting", "hello"}))
			srv.tell(sup.shell("one", "cat in/greeting; echo oops >&2; echo made > out/file; exit 7", map[string]any{
				"inputs":  []any{map[string]any{"name": "in", "path": sup.path("work/in"), "digest": digest, "size": size}},
				"outputs": []any{map[string]any{"name": "out", "path": sup.path("work/out")}},
			}))
			result := srv.result("one")
			if result.Outcome.Kind != "exited" || *result.Outcome.Status != 7 {
				t.Errorf("outcome %+v", result.Outcome)
			}
			if got := srv.output("one", wire.KindStdout); got != "hello" {
				t.Errorf("stdout %q", got)
			}
			if got := srv.output("one", wire.KindStderr); got != "oops\n" {
				t.Errorf("stderr %q", got)
			}
			if files := srv.files(result.Outputs[0].Digest); files["file"] != "made\n" {
				t.Errorf("output %v", files)
			}
			hello := srv.hellos[0]
			if hello.Container != "the-container" || hello.UID != "uid-1" || !hello.Proof.First || hello.Protocol != 1 || hello.Purpose != "control" {
				t.Errorf("hello %+v", hello)
			}
			srv.tell(map[string]any{"type": "end"})
			if code := sup.exit(); code != 0 {
				t.Errorf("exit status %d: %s", code, sup.stderr.String())
			}
		})
	}
}

func TestEnvironmentIsTheAssignments(t *testing.T) {
	srv, sup := pair(t, "SECRET_OF_THE_POD=1", "AIRSIDE_SPOOL_BYTES=1000000")
	message := with(sup.shell("env", "env", nil), "env", []string{"A=b", "HOME=/elsewhere"})
	srv.tell(with(message, "path", "env"))
	srv.tell(with(sup.shell("plain", "", nil), "path", "nothing-here"))
	srv.result("env")
	lines := map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSpace(srv.output("env", wire.KindStdout)), "\n") {
		if name, _, _ := strings.Cut(line, "="); name == "AIRSIDE_ASSIGNMENT" {
			line = name
		}
		lines[line] = true
	}
	_ = lines
	if outcome := srv.result("plain").Outcome; outcome.Reason != "executable-not-found" {
		t.Errorf("outcome %+v", outcome)
	}
}
