package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"airside/supervisor/internal/wire"
)

func TestKilledSupervisorDeliversAndRunsNothingAgain(t *testing.T) {
	srv, sup := pair(t)
	srv.hold = true
	srv.tell(sup.shell("one", "echo run >> runs; seq 1 1000; echo half > out/file; echo up; exec sleep 300", map[string]any{
		"outputs": []any{map[string]any{"name": "out", "path": sup.path("work/out")}, map[string]any{"name": "gone", "path": sup.path("work/gone")}},
	}))
	srv.until("the process", func() bool { return strings.HasSuffix(srv.outputLocked("one", wire.KindStdout), "up\n") })
	pid := srv.events("one", "started")[0].PID
	sup.kill()
	// The server has lost what it never acknowledged.
	srv.mu.Lock()
	srv.records, srv.hold = nil, false
	srv.mu.Unlock()
	must(t, os.Remove(sup.path("work/gone")))
	sup.start()
	result := srv.result("one")
	if o := result.Outcome; o.Kind != "killed" || o.OOM == nil || *o.OOM || result.StartedAt == 0 {
		t.Errorf("result %+v", result)
	}
	if out := srv.output("one", wire.KindStdout); strings.Count(out, "\n") != 1001 {
		t.Errorf("%d lines", strings.Count(out, "\n"))
	}
	if files := srv.files(result.Outputs[0].Digest); files["file"] != "half\n" {
		t.Errorf("output %v", files)
	}
	if result.Outputs[1].Error == "" {
		t.Errorf("the output that is gone: %+v", result.Outputs[1])
	}
	if state := processState(t, itoa(pid)); state != "" && !strings.Contains(state, "(zombie)") {
		t.Errorf("its process is still there: %s", state)
	}
	srv.tell(sup.shell("one", "echo again", nil))
	srv.tell(sup.shell("two", "cat runs", nil))
	srv.result("two")
	same(t, "runs", srv.output("two", wire.KindStdout), "run\n")
	hello := srv.hellos[len(srv.hellos)-1]
	if hello.Purpose == "artifact" {
		hello = srv.hellos[1]
	}
	if hello.Restarts != 1 || !hello.Proof.First {
		t.Errorf("hello %+v", hello)
	}
	if srv.sealed("one") || srv.sealed("two") {
		t.Error("a supervisor without the session key has sealed a result")
	}
}

func TestResultIsDeliveredOnceAfterAKill(t *testing.T) {
	srv, sup := pair(t)
	srv.hold = true
	srv.tell(sup.shell("one", "echo text; exit 9", nil))
	srv.result("one")
	count := len(srv.records)
	sup.kill()
	// As if it had been killed after the result was written to the spool and before it was written to the journal.
	journal, err := os.ReadFile(sup.path("state/journal"))
	must(t, err)
	lines := strings.SplitAfter(string(journal), "\n")
	must(t, os.WriteFile(sup.path("state/journal"), []byte(strings.Join(lines[:len(lines)-2], "")+`{"id":"o`), 0o600))
	srv.mu.Lock()
	srv.records, srv.hold = nil, false
	srv.mu.Unlock()
	sup.start()
	if o := srv.result("one").Outcome; o.Kind != "exited" || *o.Status != 9 || !srv.sealed("one") {
		t.Errorf("outcome %+v, sealed: %v", o, srv.sealed("one"))
	}
	srv.tell(sup.shell("two", "", nil))
	srv.result("two")
	srv.mu.Lock()
	defer srv.mu.Unlock()
	results := 0
	for _, r := range srv.records[:count] {
		if r.Kind == wire.KindResult {
			results++
		}
	}
	if results != 1 || srv.records[count].ID != "two" {
		t.Errorf("%d results; then %+v", results, srv.records[count])
	}
}

func TestRecordsGoOnAfterThoseOfAServerThatIsAhead(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("one", "echo a; echo up; exec sleep 300", nil))
	srv.until("the process", func() bool { return strings.HasSuffix(srv.outputLocked("one", wire.KindStdout), "up\n") })
	sup.kill()
	// A crash of the node, which loses what was never synced.
	files, err := filepath.Glob(sup.path("state/spool/*"))
	must(t, err)
	must(t, os.Truncate(files[0], 10))
	sup.start()
	if o := srv.result("one").Outcome; o.Kind != "killed" {
		t.Errorf("outcome %+v", o)
	}
}

func TestSignalsOfAStepDoNotEndItsSupervisor(t *testing.T) {
	srv, sup := pair(t)
	pid := itoa(sup.cmd.Process.Pid)
	srv.tell(sup.shell("one", "for s in QUIT ABRT SEGV BUS ILL TRAP HUP PIPE USR1 USR2 ALRM VTALRM PROF; do kill -$s "+pid+"; done; echo sent", nil))
	if o := srv.result("one").Outcome; o.Kind != "exited" || *o.Status != 0 || !srv.sealed("one") {
		t.Errorf("outcome %+v", o)
	}
	srv.tell(sup.shell("two", "echo here", nil))
	srv.result("two")
	same(t, "output", srv.output("two", wire.KindStdout), "here\n")
}

func TestTheSessionKeyIsInNoFile(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("one", "mkdir -p out; echo x > out/file", map[string]any{"outputs": []any{folder("out", sup.path("work/out"))}}))
	if r := srv.result("one"); r.Outputs[0].Receipt != "receipt of "+r.Outputs[0].Digest {
		t.Errorf("output %+v", r.Outputs[0])
	}
	must(t, filepath.Walk(sup.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), srv.session) {
			t.Errorf("%s holds the session key", path)
		}
		return err
	}))
}

func TestStateIsPrivate(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("one", "echo x", nil))
	srv.result("one")
	err := filepath.Walk(sup.path("state"), func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	must(t, err)
	journal, err := os.ReadFile(sup.path("state/journal"))
	must(t, err)
	if strings.Contains(string(journal), "echo") {
		t.Errorf("journal %s", journal)
	}
	// Not dumpable: its /proc files belong to root, and it cannot be traced.
	info, err := os.Stat("/proc/" + itoa(sup.cmd.Process.Pid) + "/environ")
	must(t, err)
	if info.Mode().Perm() != 0o400 {
		t.Errorf("mode %v", info.Mode())
	}
	second := newSupervisor(t)
	second.env = sup.env
	second.start()
	if code := second.exit(); code != 1 || !strings.Contains(second.stderr.String(), "another supervisor") {
		t.Errorf("exit status %d, %q", code, second.stderr.String())
	}
}
