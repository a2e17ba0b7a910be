package e2e

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "airside-supervisor-test-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "airside-supervisor")
	build := exec.Command("go", "build", "-o", binary, "airside/supervisor")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	code := 1
	if build.Run() == nil {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// supervisor is the real program, though not as PID 1.
type supervisor struct {
	t       testing.TB
	dir     string // of the test: state, home socket, work
	env     []string
	command []string
	cmd     *exec.Cmd
	stderr  bytes.Buffer
	exited  chan error
}

func newSupervisor(t testing.TB, env ...string) *supervisor {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o755))
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	base := []string{"AIRSIDE_CONTAINER=the-container", "AIRSIDE_STATE=" + filepath.Join(dir, "state")}
	return &supervisor{t: t, dir: dir, env: append(base, env...), command: []string{binary}}
}

func (s *supervisor) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.command[0], s.command[1:]...)
	s.cmd.Env, s.cmd.Stderr = s.env, &s.stderr
	must(s.t, s.cmd.Start())
	s.exited = make(chan error, 1)
	cmd, exited := s.cmd, s.exited
	go func() { exited <- cmd.Wait(); close(exited) }()
	s.t.Cleanup(func() { cmd.Process.Kill(); <-exited })
}

func (s *supervisor) kill() {
	s.cmd.Process.Kill()
	<-s.exited
}

// exit waits for the supervisor's end and returns its exit status.
func (s *supervisor) exit() int {
	s.t.Helper()
	select {
	case <-s.exited:
		return s.cmd.ProcessState.ExitCode()
	case <-time.After(60 * time.Second):
		s.t.Fatal("the supervisor does not end")
		return -1
	}
}

// poll waits for what nothing signals: a file, the end of a process that is not a child of the test.
func (s *supervisor) poll(what string, condition func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("never: %s", what)
		}
	}
}

func (s *supervisor) path(name string) string { return filepath.Join(s.dir, name) }

// pair starts a server on a unix socket and a supervisor that dials it.
func pair(t testing.TB, env ...string) (*server, *supervisor) {
	t.Helper()
	srv := newServer(t)
	sup := newSupervisor(t, env...)
	sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen("unix", shortSocket(t)))
	sup.start()
	return srv, sup
}

// shortSocket returns a socket's path of less than 108 bytes, the limit of unix addresses; a test's folder may be longer.
func shortSocket(t testing.TB) string {
	dir, err := os.MkdirTemp("", "as")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// shell returns an assignment that runs a script in the folder work.
func (s *supervisor) shell(id, script string, more map[string]any) map[string]any {
	message := map[string]any{
		"type": "assign", "id": id, "stdout": "log", "chown": false,
		"process": map[string]any{"path": "/bin/sh", "args": []string{"-c", script}, "env": []string{}, "dir": s.path("work"), "user": "root"},
		"inputs":  []any{}, "outputs": []any{}, "caches": []any{}, "graceMs": 10000, "drainMs": 1000,
	}
	for key, value := range more {
		message[key] = value
	}
	return message
}

// linkArchive returns an archive of a symlink and further files.
func (s *supervisor) linkArchive(name, target string, entries ...[2]string) []byte {
	s.t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	must(s.t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}))
	for _, e := range entries {
		must(s.t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: e[0], Mode: 0o644, Size: int64(len(e[1]))}))
		_, err := w.Write([]byte(e[1]))
		must(s.t, err)
	}
	must(s.t, w.Close())
	return out.Bytes()
}

// with changes the process of an assignment.
func with(message map[string]any, key string, value any) map[string]any {
	message["process"].(map[string]any)[key] = value
	return message
}

// archive makes a tar of name → content; names ending in a slash are folders.
func archive(t testing.TB, entries ...[2]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	must(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755}))
	for _, e := range entries {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: e[0], Mode: 0o644, Size: int64(len(e[1]))}
		if strings.HasSuffix(e[0], "/") {
			header.Typeflag, header.Mode = tar.TypeDir, 0o755
		}
		must(t, w.WriteHeader(header))
		_, err := w.Write([]byte(e[1]))
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

func itoa(n int) string { return strconv.Itoa(n) }
