package e2e

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"airside/supervisor/internal/wire"
)

// cutter cuts a connection after a number of bytes, in either direction.
type cutter struct {
	net.Conn
	mu   sync.Mutex
	left int
}

func (c *cutter) take(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n = min(n, c.left)
	c.left -= n
	if c.left == 0 {
		if tcp, ok := c.Conn.(*net.TCPConn); ok && rand.IntN(2) == 0 {
			tcp.SetLinger(0) // RST
		}
		c.Conn.Close()
	}
	return n
}

func (c *cutter) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if got := c.take(n); got < n {
		return got, net.ErrClosed
	}
	return n, err
}

func (c *cutter) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.take(n)
	return n, err
}

func TestOutputSurvivesCutsAtAnyByte(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			srv := newServer(t)
			sup := newSupervisor(t, "AIRSIDE_SERVER_KEY="+srv.pin())
			address := "127.0.0.1:0"
			if network == "unix" {
				address = shortSocket(t)
			}
			cuts := 0
			srv.wrap = func(c net.Conn) net.Conn {
				if cuts++; cuts > 25 {
					return c
				}
				return &cutter{Conn: c, left: 1 + rand.IntN(20_000)}
			}
			sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen(network, address))
			sup.start()
			// The assign may be lost with its channel: it is sent again on each new one until the supervisor has it.
			message := sup.shell("lines", "seq 1 50000; head -c 300000 /dev/zero > out/zeros", map[string]any{
				"outputs": []any{map[string]any{"name": "out", "path": sup.path("work/out")}},
			})
			srv.tell(message)
			for told := 0; ; {
				known := false
				srv.until("a hello that knows it, or the result", func() bool {
					if told == len(srv.hellos) && len(srv.records) == 0 {
						return false
					}
					told = len(srv.hellos)
					last := srv.hellos[len(srv.hellos)-1]
					known = len(srv.records) > 0 || len(last.Assignments) > 0
					return true
				})
				if known {
					break
				}
				srv.tell(message)
			}
			result := srv.result("lines")
			var want strings.Builder
			for i := range 50_000 {
				fmt.Fprintf(&want, "%d\n", i+1)
			}
			if sha256.Sum256([]byte(srv.output("lines", wire.KindStdout))) != sha256.Sum256([]byte(want.String())) {
				t.Error("the output is not what was written")
			}
			if o := result.Outcome; o.Kind != "exited" || *o.Status != 0 {
				t.Errorf("outcome %+v", o)
			}
			if files := srv.files(result.Outputs[0].Digest); len(files["zeros"]) != 300_000 {
				t.Errorf("output of %d bytes", len(files["zeros"]))
			}
			if srv.mu.Lock(); cuts < 3 {
				t.Errorf("only %d channels", cuts)
			}
			srv.mu.Unlock()
		})
	}
}

func TestResendsWhatIsNotAcknowledged(t *testing.T) {
	srv, sup := pair(t)
	srv.hold = true
	srv.tell(sup.shell("one", "echo text", nil))
	srv.result("one")
	count := len(srv.records)
	// A server that has lost all records but the first.
	srv.mu.Lock()
	srv.acked, srv.records = 1, srv.records[:1]
	srv.mu.Unlock()
	srv.cut()
	srv.until("all records again", func() bool { return len(srv.records) == count })
	srv.mu.Lock()
	hello := srv.hellos[len(srv.hellos)-1]
	srv.mu.Unlock()
	if hello.Proof.Session != "the-session" || hello.NextSeq != uint64(count+1) || hello.FirstSeq != 1 {
		t.Errorf("hello %+v", hello)
	}
	if len(hello.Assignments) != 1 || hello.Assignments[0] != (wire.Assignment{ID: "one", State: "finished"}) {
		t.Errorf("assignments %+v", hello.Assignments)
	}
	srv.tell(map[string]any{"type": "end"})
	srv.release()
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestFullSpoolHoldsTheProcessBack(t *testing.T) {
	const bound = 1 << 20
	srv, sup := pair(t, fmt.Sprintf("AIRSIDE_SPOOL_BYTES=%d", bound))
	srv.hold = true
	srv.tell(sup.shell("much", "head -c 10000000 /dev/urandom | tee copy | base64 -w 100; sha256sum < copy; echo written > done", nil))
	srv.until("a full spool", func() bool { return len(srv.eventsLocked("much", "spool-full")) == 1 })
	var size int64
	files, err := filepath.Glob(sup.path("state/spool/*"))
	must(t, err)
	for _, file := range files {
		info, err := os.Stat(file)
		must(t, err)
		size += info.Size()
	}
	if size > bound*5/4 {
		t.Errorf("the spool has %d bytes", size)
	}
	if _, err := os.Stat(sup.path("work/done")); err == nil {
		t.Error("the process was not held back")
	}
	srv.release()
	if o := srv.result("much").Outcome; o.Kind != "exited" || *o.Status != 0 {
		t.Errorf("outcome %+v", o)
	}
	out := srv.output("much", wire.KindStdout)
	if n := strings.Count(out, "\n"); n < 133_334 || !strings.HasSuffix(out, "  -\n") {
		t.Errorf("%d lines", n)
	}
	if len(srv.events("much", "spool-drained")) == 0 {
		t.Error("no event spool-drained")
	}
}

func TestAbortWhileTheSpoolIsFull(t *testing.T) {
	srv, sup := pair(t, "AIRSIDE_SPOOL_BYTES=200000")
	srv.hold = true
	srv.tell(sup.shell("yes", "yes", nil))
	srv.until("a full spool", func() bool { return len(srv.eventsLocked("yes", "spool-full")) == 1 })
	srv.tell(map[string]any{"type": "abort", "id": "yes"})
	sup.noChildren()
	srv.release()
	if r := srv.result("yes"); !r.Aborted || r.Outcome.Signal != "TERM" {
		t.Errorf("result %+v", r)
	}
}

func TestWaitsForAServerThatIsNotThereYet(t *testing.T) {
	srv := newServer(t)
	sup := newSupervisor(t)
	socket := shortSocket(t)
	sup.env = append(sup.env, "AIRSIDE_HOME=unix://"+socket)
	sup.start()
	srv.listen("unix", socket)
	srv.until("hello", func() bool { return len(srv.hellos) > 0 })
	// A refusal that is not final: the supervisor dials again.
	srv.mu.Lock()
	srv.refuse = &wire.Incoming{Reason: "not yet"}
	before := len(srv.hellos)
	srv.mu.Unlock()
	srv.cut()
	srv.until("a refused hello", func() bool { return len(srv.hellos) > before+1 })
	srv.mu.Lock()
	srv.refuse = nil
	srv.mu.Unlock()
	srv.tell(sup.shell("one", "exit 0", nil))
	srv.result("one")
}

func TestEndsIfNoServerEverConnects(t *testing.T) {
	sup := newSupervisor(t, "AIRSIDE_IDLE_SECONDS=1", "AIRSIDE_HOME=unix://"+shortSocket(t))
	sup.start()
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestEndsIfNoServerConnectsAgain(t *testing.T) {
	srv, sup := pair(t, "AIRSIDE_IDLE_SECONDS=1")
	artifact := srv.mount("in", sup.path("in"), archive(t, [2]string{"file", "x"}))
	srv.tell(map[string]any{"type": "prefetch", "artifacts": []any{artifact}})
	// By then it has checked whether to end, and found that it is connected.
	srv.until("a prefetch", func() bool { return len(srv.gets) == 1 })
	srv.listener.Close()
	srv.cut()
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestKeepTimeOfAResultBeginsAtItsEnd(t *testing.T) {
	srv := newServer(t)
	// The server dials, at once when it is back: a supervisor that dials may pause for longer than it keeps a result here.
	sup, address := tunnel(t, srv, "AIRSIDE_KEEP_SECONDS=5")
	srv.dial(address)
	// There is no server for longer than results are kept.
	srv.tell(sup.shell("one", "echo begun; sleep 6", nil))
	srv.until("start", func() bool { return srv.outputLocked("one", wire.KindStdout) != "" })
	srv.cut()
	sup.poll("the end of the process", func() bool {
		journal, err := os.ReadFile(sup.path("state/journal"))
		must(t, err)
		return strings.Contains(string(journal), `"state":"finished"`)
	})
	srv.dial(address)
	if o := srv.result("one").Outcome; o.Kind != "exited" || *o.Status != 0 {
		t.Errorf("outcome %+v", o)
	}
}

func TestEndsIfNoServerTakesItsOutput(t *testing.T) {
	srv := newServer(t)
	sup := newSupervisor(t, "AIRSIDE_KEEP_SECONDS=2")
	socket := shortSocket(t)
	sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen("unix", socket))
	sup.start()
	srv.tell(sup.shell("one", "echo begun; while ! test -e go; do sleep 0.05; done; echo made > out/file", map[string]any{"outputs": []any{folder("out", sup.path("work/out"))}}))
	srv.until("start", func() bool { return srv.outputLocked("one", wire.KindStdout) != "" })
	srv.listener.Close()
	srv.cut()
	must(t, os.WriteFile(sup.path("work/go"), nil, 0o644))
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	// If it is started again in the same container, it delivers.
	srv.listen("unix", socket)
	sup.start()
	if r := srv.result("one"); r.Outcome.Kind != "killed" || srv.files(r.Outputs[0].Digest)["file"] != "made\n" {
		t.Errorf("result %+v", r)
	}
}

func TestKeepsItsResultForAWhileAndEnds(t *testing.T) {
	srv := newServer(t)
	sup := newSupervisor(t, "AIRSIDE_IDLE_SECONDS=1", "AIRSIDE_KEEP_SECONDS=2")
	sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen("unix", shortSocket(t)))
	sup.start()
	srv.tell(sup.shell("one", "echo begun; while ! test -e go; do sleep 0.05; done", nil))
	srv.until("start", func() bool { return srv.outputLocked("one", wire.KindStdout) != "" })
	srv.listener.Close()
	srv.cut()
	// The process runs to its end, however long that takes; then the result is kept for a while.
	must(t, os.WriteFile(sup.path("work/go"), nil, 0o644))
	if code := sup.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	journal, err := os.ReadFile(sup.path("state/journal"))
	must(t, err)
	if !strings.Contains(string(journal), `"state":"finished"`) {
		t.Errorf("journal %s", journal)
	}
}
