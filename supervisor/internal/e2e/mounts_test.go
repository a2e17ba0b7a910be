package e2e

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"airside/supervisor/internal/wire"
)

// mount returns an input or cache with content.
func (s *server) mount(name, path string, data []byte) map[string]any {
	digest, size := s.add(data)
	return map[string]any{"name": name, "path": path, "digest": digest, "size": size}
}

func folder(name, path string) map[string]any { return map[string]any{"name": name, "path": path} }

func TestNestedAndSharedMounts(t *testing.T) {
	srv, sup := pair(t)
	w := sup.path("work")
	// A file of an earlier assignment, which must not be in the new mount.
	must(t, os.MkdirAll(filepath.Join(w, "in/stale"), 0o755))
	outer := archive(t, [2]string{"a/"}, [2]string{"a/kept", "outer"}, [2]string{"a/b/"}, [2]string{"a/b/hidden", "x"}, [2]string{"build/"}, [2]string{"build/old", "x"})
	script := `find in top shared | sort; cat in/a/kept in/a/b/inner; echo new > in/build/made; echo more > in/cache/c; echo s >> shared/s; echo top > file`
	srv.tell(sup.shell("one", script, map[string]any{
		"inputs": []any{
			srv.mount("outer", w+"/in", outer),
			srv.mount("inner", w+"/in/a/b", archive(t, [2]string{"inner", "inner"})),
			srv.mount("shared", w+"/shared", archive(t, [2]string{"s", "s"})),
		},
		"caches":  []any{srv.mount("cache", w+"/in/cache/", archive(t, [2]string{"c", "c"}))},
		"outputs": []any{folder("build", w+"/in/build"), folder("dot", w+"/."), folder("shared", w+"/shared"), folder("top", w+"/top")},
	}))
	result := srv.result("one")
	if o := result.Outcome; o.Kind != "exited" || *o.Status != 0 {
		t.Fatalf("outcome %+v", o)
	}
	same(t, "what it found", srv.output("one", wire.KindStdout), strings.Join([]string{
		"in", "in/a", "in/a/b", "in/a/b/inner", "in/a/kept", "in/build", "in/cache", "in/cache/c", "shared", "shared/s", "top", "outerinner"}, "\n"))
	want := map[string]map[string]string{
		"build":  {"./": "", "made": "new\n"},
		"dot":    {"./": "", "file": "top\n", "in/": "", "shared/": "", "top/": ""},
		"shared": {"./": "", "s": "ss\n"},
		"top":    {"./": ""},
		"cache":  {"./": "", "c": "more\n"},
	}
	if len(result.Outputs) != len(want) {
		t.Errorf("outputs %+v", result.Outputs)
	}
	for _, o := range result.Outputs {
		if got := srv.files(o.Digest); !maps.Equal(got, want[o.Name]) {
			t.Errorf("%s: %q, want %q", o.Name, got, want[o.Name])
		}
	}
	if n := len(srv.events("one", "fetched")); n != 4 {
		t.Errorf("%d events fetched", n)
	}
	if n := len(srv.events("one", "stored")); n != 5 {
		t.Errorf("%d events stored", n)
	}
}

func TestMountsRefuseProtectedPathsAndSymlinks(t *testing.T) {
	srv, sup := pair(t)
	w := sup.path("work")
	must(t, os.MkdirAll(sup.path("precious/sub"), 0o755))
	hostile := sup.linkArchive("way", sup.path("precious"))
	cases := map[string]map[string]any{
		"output through a link":  {"inputs": []any{srv.mount("in", w+"/in", hostile)}, "outputs": []any{folder("out", w+"/in/way/sub")}},
		"root":                   {"outputs": []any{folder("out", "/")}},
		"relative":               {"outputs": []any{folder("out", "work")}},
		"over the state":         {"outputs": []any{folder("out", sup.dir)}},
		"in the state":           {"outputs": []any{folder("out", sup.path("state/spool"))}},
		"an artifact of no-one":  {"inputs": []any{map[string]any{"name": "in", "path": w, "digest": "sha256:" + strings.Repeat("0", 64), "size": 1}}},
		"longer than announced":  {"inputs": []any{srv.mount("in", w, []byte("this is no archive"))}},
		"a link out of the root": {"inputs": []any{srv.mount("in", w, sup.linkArchive("way", "/tmp", [2]string{"way/file", "x"}))}},
	}
	for _, id := range slices.Sorted(maps.Keys(cases)) {
		srv.tell(sup.shell(id, "echo never", cases[id]))
		if o := srv.result(id).Outcome; o.Kind != "error" || o.Reason != "input-failed" || o.Message == "" {
			t.Errorf("%s: %+v", id, o)
		}
	}
	// The last component may be a link: it is replaced by a folder.
	srv.tell(sup.shell("leaf", "readlink in/way; ls in/way", map[string]any{
		"inputs": []any{srv.mount("in", w+"/in", hostile)}, "outputs": []any{folder("out", w+"/in/way")},
	}))
	srv.result("leaf")
	same(t, "leaf", srv.output("leaf", wire.KindStdout), "")
	if _, err := os.Stat(sup.path("precious/sub")); err != nil {
		t.Error(err)
	}
}

func TestMountsGetTheirOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to become others")
	}
	srv, sup := pair(t)
	w := sup.path("work")
	script := `id -u; id -g; id -G; stat -c '%u:%g %n' . in in/file out deep deep/er deep/er/cache; echo "$HOME $USER"; touch in/new out/new deep/new; kill -0 ` + itoa(sup.cmd.Process.Pid) + ` 2>/dev/null || echo apart`
	message := sup.shell("one", script, map[string]any{
		"chown": true, "inputs": []any{srv.mount("in", w+"/in", archive(t, [2]string{"file", ""}))},
		"outputs": []any{folder("out", w+"/out"), folder("dot", w)}, "caches": []any{folder("cache", w+"/deep/er/cache")},
	})
	srv.tell(with(message, "user", "12345:54321"))
	srv.result("one")
	same(t, "output", srv.output("one", wire.KindStdout),
		"12345\n54321\n54321\n12345:54321 .\n12345:54321 in\n12345:54321 in/file\n12345:54321 out\n12345:54321 deep\n12345:54321 deep/er\n12345:54321 deep/er/cache\n/ 12345\napart\n")
	same(t, "errors", srv.output("one", wire.KindStderr), "")

	srv.tell(with(sup.shell("daemon", "id -un; echo $HOME $USER; id -g", nil), "user", "daemon"))
	srv.result("daemon")
	same(t, "daemon", srv.output("daemon", wire.KindStdout), "daemon\n/usr/sbin daemon\n1\n")
}

func TestPrefetchedArtifactIsUsed(t *testing.T) {
	srv, sup := pair(t)
	digest, size := srv.add(archive(t, [2]string{"file", "ahead"}))
	other, otherSize := srv.add(archive(t, [2]string{"file", "not needed"}))
	prefetch := map[string]any{"type": "prefetch", "artifacts": []any{
		map[string]any{"digest": digest, "size": size}, map[string]any{"digest": other, "size": otherSize},
		map[string]any{"digest": "sha256:../../escape", "size": 1}, map[string]any{"digest": "sha256:" + strings.Repeat("f", 64), "size": 1},
	}}
	srv.tell(prefetch)
	srv.tell(prefetch)
	srv.until("both fetched", func() bool { return srv.gets[digest] == 1 && srv.gets[other] == 1 })
	info, err := os.Stat(sup.path("state/staging"))
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("staging has mode %v", info.Mode())
	}
	in := func(name string) map[string]any {
		return map[string]any{"name": name, "path": sup.path("work/" + name), "digest": digest, "size": size}
	}
	srv.tell(sup.shell("one", "cat a/file b/file; ls -A ../state/staging", map[string]any{"inputs": []any{in("a"), in("b")}}))
	srv.result("one")
	same(t, "output", srv.output("one", wire.KindStdout), "aheadahead")
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.gets[digest] != 2 { // once in advance, once for the second input
		t.Errorf("fetched %d times", srv.gets[digest])
	}
}

func TestRetriesTransfers(t *testing.T) {
	srv, sup := pair(t)
	srv.artifactFailures = 2
	srv.tell(sup.shell("one", "cp in/file out/", map[string]any{
		"inputs": []any{srv.mount("in", sup.path("work/in"), archive(t, [2]string{"file", "x"}))}, "outputs": []any{folder("out", sup.path("work/out"))},
	}))
	if r := srv.result("one"); r.Outcome.Kind != "exited" || srv.files(r.Outputs[0].Digest)["file"] != "x" {
		t.Errorf("result %+v", r)
	}
}

func TestOutputsThatCannotBeStored(t *testing.T) {
	srv, sup := pair(t)
	w := sup.path("work")
	srv.tell(sup.shell("file", "rmdir file; echo x > file", map[string]any{"outputs": []any{folder("out", w+"/file"), folder("other", w+"/other")}}))
	r := srv.result("file")
	if r.Outcome.Reason != "output-failed" || r.Outputs[0].Error == "" || r.Outputs[1].Digest == "" {
		t.Errorf("result %+v", r)
	}
	srv.tell(sup.shell("failed", "rmdir other; echo x > other; exit 3", map[string]any{"outputs": []any{folder("out", w+"/other")}}))
	if r := srv.result("failed"); r.Outcome.Kind != "exited" || *r.Outcome.Status != 3 {
		t.Errorf("result %+v", r)
	}
	script := `mkfifo out/pipe; perl -e 'use IO::Socket::UNIX; IO::Socket::UNIX->new(Local => "out/socket", Listen => 1) or die'; mknod out/device c 1 3; echo x > out/file; ln out/file out/hard; ln -s file out/link`
	srv.tell(sup.shell("special", script, map[string]any{"outputs": []any{folder("out", w+"/out")}}))
	r = srv.result("special")
	got := srv.files(r.Outputs[0].Digest)
	if want := map[string]string{"./": "", "file": "x\n", "hard": "→ file", "link": "→ file", "pipe": ""}; !maps.Equal(got, want) {
		t.Errorf("output %q", got)
	}
	if notices := srv.events("special", "notice"); len(notices) != 2 {
		t.Errorf("notices %+v", notices)
	}
}

func TestRemovedOutputsAndCachesAreEmpty(t *testing.T) {
	srv, sup := pair(t)
	w := sup.path("work")
	srv.tell(sup.shell("one", "rm -r parent cache", map[string]any{"outputs": []any{folder("out", w+"/parent/out")}, "caches": []any{folder("cache", w+"/cache")}}))
	r := srv.result("one")
	if r.Outcome.Kind != "exited" || *r.Outcome.Status != 0 {
		t.Fatalf("result %+v", r)
	}
	for _, output := range r.Outputs {
		if got, want := srv.files(output.Digest), map[string]string{"./": ""}; !maps.Equal(got, want) {
			t.Errorf("%s holds %q", output.Name, got)
		}
	}
}

func TestOutputKeepsWhatACacheCovers(t *testing.T) {
	srv, sup := pair(t)
	w := sup.path("work")
	content := archive(t, [2]string{"main.c", "src"}, [2]string{"target/", ""}, [2]string{"target/.gitignore", "*"}, [2]string{"target/deep/", ""}, [2]string{"target/deep/file", "below"})
	repo := srv.mount("repo", w+"/repo", content)
	build := map[string]any{
		"inputs": []any{repo}, "outputs": []any{folder("repo", w+"/repo")},
		"caches": []any{folder("target", w+"/repo/target"), folder("deep", w+"/repo/target/deep")},
	}
	srv.tell(sup.shell("one", "find repo -type f; echo new > repo/new.c; echo o > repo/target/main.o; echo d > repo/target/deep/d.o", build))
	r := srv.result("one")
	same(t, "files that the process sees", srv.output("one", wire.KindStdout), "repo/main.c\n")
	for i, want := range []map[string]string{
		{"./": "", "main.c": "src", "new.c": "new\n", "target/": "", "target/.gitignore": "*", "target/deep/": "", "target/deep/file": "below"},
		{"./": "", "main.o": "o\n", "deep/": ""},
		{"./": "", "d.o": "d\n"},
	} {
		if got := srv.files(r.Outputs[i].Digest); !maps.Equal(got, want) {
			t.Errorf("%s holds %q", r.Outputs[i].Name, got)
		}
	}
	// The outputs of a failed process are collected in the same way, and nothing is left behind.
	srv.tell(sup.shell("two", "exit 1", build))
	if got := srv.files(srv.result("two").Outputs[0].Digest); got["target/.gitignore"] != "*" {
		t.Errorf("output of the failed process holds %q", got)
	}
	if left, err := os.ReadDir(sup.path("state/below")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRootKeepsOwners(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root for files of others")
	}
	srv, sup := pair(t)
	w := sup.path("work")
	var data bytes.Buffer
	tw := tar.NewWriter(&data)
	must(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755}))
	must(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "pgdata/", Mode: 0o700, Uid: 1000, Gid: 1001}))
	must(t, tw.Close())
	message := sup.shell("one", "stat -c '%u:%g %a %n' in/pgdata cache/pgdata", map[string]any{
		"chown": true, "inputs": []any{srv.mount("in", w+"/in", data.Bytes())}, "caches": []any{srv.mount("cache", w+"/cache", data.Bytes())},
	})
	srv.tell(message)
	srv.result("one")
	same(t, "owners", srv.output("one", wire.KindStdout), "1000:1001 700 in/pgdata\n1000:1001 700 cache/pgdata\n")
}

func TestMemoryIsBoundedDuringTransfers(t *testing.T) {
	srv, sup := pair(t)
	srv.tell(sup.shell("make", "head -c 200000000 /dev/urandom > out/big; seq 1 200000", map[string]any{"outputs": []any{folder("out", sup.path("work/out"))}}))
	r := srv.result("make")
	digest, size := r.Outputs[0].Digest, *r.Outputs[0].Size
	srv.tell(sup.shell("take", "stat -c %s in/big", map[string]any{"inputs": []any{
		map[string]any{"name": "in", "path": sup.path("work/in"), "digest": digest, "size": size}}}))
	srv.result("take")
	same(t, "size", srv.output("take", wire.KindStdout), "200000000\n")
	// Not ru_maxrss: a process made by vfork inherits that of its parent, which is this test.
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", sup.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var peak int
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &peak); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MB", peak>>10)
	if peak > 64<<10 {
		t.Errorf("the supervisor took %d KiB", peak)
	}
}
