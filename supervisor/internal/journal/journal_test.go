package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"airside/supervisor/internal/wire"
)

func open(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.file.Close() })
	return j
}

func write(t testing.TB, j *Journal, entries ...Entry) {
	t.Helper()
	for _, entry := range entries {
		if err := j.Write(entry); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEntriesAreReadBackInTheirLastState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	if !j.Empty() || j.Has("a") {
		t.Fatal("a new journal holds something")
	}
	running := Entry{ID: "b", State: Running, Mark: "m", StartedAt: 5, Kills: 2, Outputs: []wire.Mount{{Name: "o", Path: "/o"}}, Mounts: []string{"/o"}}
	write(t, j, Entry{ID: "a", State: Running}, running, Entry{ID: "a", State: Finished})
	for _, j := range []*Journal{j, open(t, path)} {
		if j.Empty() || !j.Has("a") || !j.Has("b") || j.Has("c") {
			t.Error("not what was written")
		}
		if got := fmt.Sprint(j.Running()); got != fmt.Sprint([]Entry{running}) {
			t.Errorf("running: %s", got)
		}
		if got := j.States(10); !slices.Equal(got, []wire.Assignment{{ID: "a", State: Finished}, {ID: "b", State: Running}}) {
			t.Errorf("states: %v", got)
		}
	}
}

func TestStatesAreTheLatestAndAllThatRun(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal"))
	write(t, j, Entry{ID: "old", State: Running})
	for i := range 10 {
		write(t, j, Entry{ID: fmt.Sprint(i), State: Finished})
	}
	var ids []string
	for _, state := range j.States(2) {
		ids = append(ids, state.ID)
	}
	if !slices.Equal(ids, []string{"old", "8", "9"}) {
		t.Error(ids)
	}
}

func TestIncompleteLineIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	write(t, open(t, path), Entry{ID: "whole", State: Running}, Entry{ID: "torn", State: Running})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(text, '\n') + 1
	for length := first; length < len(text); length++ {
		if err := os.WriteFile(path, text[:length], 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, path)
		if !j.Has("whole") || j.Has("torn") {
			t.Fatalf("of %d bytes of %d", length, len(text))
		}
		write(t, j, Entry{ID: "next", State: Finished})
		if again := open(t, path); !again.Has("whole") || !again.Has("next") {
			t.Fatalf("what is written behind %d bytes of %d is not read back", length, len(text))
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"id":"a","state":"running"}` + "\n" + `{"id":"a","state":"finished"}` + "\n"))
	f.Add([]byte("{\n\n[]\nnull\n\x00"))
	f.Add([]byte(`{"id":"a","outputs":[null,{}],"mounts":null}` + "\n" + `{"id":`))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		before := open(t, path)
		write(t, before, Entry{ID: "written after", State: Finished})
		after := open(t, path)
		if !slices.Equal(before.order, after.order) || fmt.Sprint(before.States(1000)) != fmt.Sprint(after.States(1000)) {
			t.Fatalf("%v became %v", before.order, after.order)
		}
	})
}
