package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"airside/supervisor/internal/wire"
)

func TestRunsAnAssignmentOverUnixAndTCP(t *testing.T) {
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
			same(t, "stdout", srv.output("one", wire.KindStdout), "hello")
			same(t, "stderr", srv.output("one", wire.KindStderr), "oops\n")
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
	srv.tell(with(sup.shell("env", "env", nil), "env", []string{"A=b c", "HOME=/elsewhere", "EMPTY=", "AIRSIDE_ASSIGNMENT=forged"}))
	srv.result("env")
	var names []string
	mark := ""
	for line := range strings.SplitSeq(strings.TrimSpace(srv.output("env", wire.KindStdout)), "\n") {
		name, value, _ := strings.Cut(line, "=")
		if name == "AIRSIDE_ASSIGNMENT" {
			mark = value
			line = name
		}
		if name != "PWD" && name != "OLDPWD" && name != "SHLVL" && name != "_" { // set by the shell
			names = append(names, line)
		}
	}
	slices.Sort(names)
	want := []string{"A=b c", "AIRSIDE_ASSIGNMENT", "EMPTY=", "HOME=/elsewhere", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "USER=root"}
	if !slices.Equal(names, want) {
		t.Errorf("environment %q, want %q", names, want)
	}
	if len(mark) != 32 {
		t.Errorf("mark %q", mark)
	}
}

func TestErrorsAreDistinguishedFromExits(t *testing.T) {
	srv, sup := pair(t)
	must(t, os.WriteFile(sup.path("script"), []byte("#!/no/such/interpreter\n"), 0o755))
	must(t, os.WriteFile(sup.path("plain"), []byte("text"), 0o644))
	cases := []struct{ id, path, user, reason, says string }{
		{"missing", "no-such-program", "root", "executable-not-found", "no-such-program"},
		{"missing-path", "/no/such/program", "root", "executable-not-found", "/no/such/program"},
		{"relative", "./none", "root", "executable-not-found", "work/none"},
		{"interpreter", sup.path("script"), "root", "start-failed", "interpreter"},
		{"no-execute", sup.path("plain"), "root", "start-failed", "may not execute"},
		{"folder", "/etc", "root", "start-failed", "is a directory"},
		{"user", "/bin/sh", "nobody-here", "user-not-found", "nobody-here"},
		{"group", "/bin/sh", "root:nothing-here", "user-not-found", "nothing-here"},
		{"empty", "", "root", "executable-not-found", "empty"},
	}
	for _, c := range cases {
		message := with(with(sup.shell(c.id, "exit 0", nil), "path", c.path), "user", c.user)
		srv.tell(message)
		result := srv.result(c.id)
		if result.Outcome.Kind != "error" || result.Outcome.Reason != c.reason || !strings.Contains(result.Outcome.Message, c.says) {
			t.Errorf("%s: %+v", c.id, result.Outcome)
		}
		if len(srv.events(c.id, "started")) != 0 || result.StartedAt != 0 {
			t.Errorf("%s: started", c.id)
		}
	}
	srv.tell(sup.shell("signal", "kill -SEGV $$", nil))
	if o := srv.result("signal").Outcome; o.Kind != "signaled" || o.Signal != "SEGV" || o.OOM == nil || *o.OOM {
		t.Errorf("signal: %+v", o)
	}
}

func TestStdinAndResponse(t *testing.T) {
	srv, sup := pair(t)
	request := strings.Repeat("a request\n", 100_000)
	srv.tell(sup.shell("echo", "cat; echo log >&2", map[string]any{"stdin": []byte(request), "stdout": "response"}))
	result := srv.result("echo")
	if result.Response == nil || string(*result.Response) != request {
		t.Errorf("the response is not the request")
	}
	same(t, "log", srv.output("echo", wire.KindStderr), "log\n")
	same(t, "stdout", srv.output("echo", wire.KindStdout), "")

	srv.tell(sup.shell("empty", "exec cat", map[string]any{"stdout": "response"}))
	if r := srv.result("empty").Response; r == nil || len(*r) != 0 {
		t.Errorf("response %v", r)
	}
	srv.tell(sup.shell("unread", "exit 3", map[string]any{"stdin": []byte(request)}))
	if o := srv.result("unread").Outcome; o.Kind != "exited" || *o.Status != 3 {
		t.Errorf("unread: %+v", o)
	}
	srv.tell(sup.shell("long", "yes", map[string]any{"stdout": "response", "responseLimit": 100_000}))
	result = srv.result("long")
	if o := result.Outcome; o.Reason != "response-too-large" || !strings.Contains(o.Message, "100000") || result.Response != nil {
		t.Errorf("long: %+v", o)
	}
}

func TestOneMainAssignmentAtATimeAndEachOnce(t *testing.T) {
	srv, sup := pair(t)
	script := "test -e busy && echo overlap; touch busy; echo run >> runs; sleep 0.1; rm busy"
	for _, id := range []string{"a", "b", "a", "c", "b"} {
		srv.tell(sup.shell(id, script, nil))
	}
	for _, id := range []string{"a", "b", "c"} {
		srv.result(id)
		same(t, "output of "+id, srv.output(id, wire.KindStdout), "")
	}
	srv.tell(sup.shell("a", script, nil))
	srv.tell(sup.shell("count", "cat runs", nil))
	srv.result("count")
	same(t, "runs", srv.output("count", wire.KindStdout), "run\nrun\nrun\n")
}

func TestTerminal(t *testing.T) {
	srv, sup := pair(t)
	message := sup.shell("tty", "test -t 1 && test -t 2 && stty size <&1; echo err >&2; cat; tty <&1 >/dev/null && echo named; exit 4", nil)
	srv.tell(with(message, "tty", map[string]any{"columns": 500, "rows": 400}))
	if o := srv.result("tty").Outcome; *o.Status != 4 {
		t.Errorf("outcome %+v", o)
	}
	same(t, "output", srv.output("tty", wire.KindStdout), "400 500\r\nerr\r\nnamed\r\n")
	srv.tell(with(sup.shell("many", "seq 1 20000", nil), "tty", map[string]any{"columns": 500, "rows": 500}))
	srv.result("many")
	if got := srv.output("many", wire.KindStdout); strings.Count(got, "\r\n") != 20000 || !strings.HasSuffix(got, "\r\n20000\r\n") {
		t.Errorf("%d lines", strings.Count(got, "\r\n"))
	}
}

func TestInvalidConfigurationIsToldInOneLine(t *testing.T) {
	cases := map[string][]string{
		"AIRSIDE_CONTAINER is not set": {},
		"there is no way":              {"AIRSIDE_CONTAINER=c"},
		"must be tcp://":               {"AIRSIDE_CONTAINER=c", "AIRSIDE_HOME=http://x"},
		"AIRSIDE_SERVER_KEY is not":    {"AIRSIDE_CONTAINER=c", "AIRSIDE_HOME=tcp://x:1"},
		"only a loopback":              {"AIRSIDE_CONTAINER=c", "AIRSIDE_LISTEN=0.0.0.0:1"},
		"not a positive number":        {"AIRSIDE_CONTAINER=c", "AIRSIDE_HOME=unix:///x", "AIRSIDE_IDLE_SECONDS=soon"},
	}
	for want, env := range cases {
		sup := newSupervisor(t)
		sup.env = env
		sup.start()
		code := sup.exit()
		if text := sup.stderr.String(); code != 2 || !strings.Contains(text, want) || strings.Count(text, "\n") != 1 {
			t.Errorf("%q: exit status %d, %q", want, code, text)
		}
	}
}

func same(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		if len(got) > 200 {
			got = got[:200] + "…"
		}
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
