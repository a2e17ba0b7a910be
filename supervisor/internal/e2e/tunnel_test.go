package e2e

import (
	"io"
	"net"
	"testing"

	"airside/supervisor/internal/wire"
)

// tunnel starts a supervisor that only listens, and returns its address.
func tunnel(t *testing.T, srv *server, env ...string) (*supervisor, string) {
	t.Helper()
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := probe.Addr().String()
	probe.Close()
	sup := newSupervisor(t, append(env, "AIRSIDE_SERVER_KEY="+srv.pin(), "AIRSIDE_LISTEN="+address)...)
	sup.start()
	return sup, address
}

func (s *server) dial(address string) {
	s.t.Helper()
	var stream net.Conn
	s.until("a listening supervisor", func() bool {
		var err error
		if stream, err = net.Dial("tcp", address); err != nil {
			go s.signal()
		}
		return err == nil
	})
	go s.serve(stream, true)
}

func TestTunnel(t *testing.T) {
	srv := newServer(t)
	sup, address := tunnel(t, srv)
	srv.dial(address)
	srv.tell(sup.shell("one", "cat in/file; cp in/file out/", map[string]any{
		"inputs": []any{srv.mount("in", sup.path("work/in"), archive(t, [2]string{"file", "through"}))}, "outputs": []any{folder("out", sup.path("work/out"))},
	}))
	answered := 0
	finished := false
	for !finished {
		dial := false
		srv.until("a wish or the result", func() bool {
			for _, r := range srv.records {
				finished = finished || r.Kind == wire.KindResult
			}
			dial = srv.wants > answered
			return dial || finished
		})
		if dial {
			answered++
			srv.dial(address)
		}
	}
	same(t, "output", srv.output("one", wire.KindStdout), "through")
	if r := srv.result("one"); srv.files(r.Outputs[0].Digest)["file"] != "through" {
		t.Errorf("result %+v", r)
	}
	// The connection is cut and the server dials again: it is the same session, and nothing is sent twice.
	srv.cut()
	srv.until("the end of the channel", func() bool { return srv.control == nil })
	srv.dial(address)
	srv.tell(sup.shell("two", "exit 2", nil))
	srv.result("two")
	if hello := srv.hellos[len(srv.hellos)-1]; hello.Purpose != "control" || hello.Proof.Session != "the-session" {
		t.Errorf("hello %+v", hello)
	}
}

// stuck reads a number of bytes, and then nothing more until it is closed.
type stuck struct {
	net.Conn
	left    int
	reached chan struct{}
}

func (s *stuck) Read(b []byte) (int, error) {
	if s.left <= 0 {
		close(s.reached)
		select {} // until the test ends
	}
	n, err := s.Conn.Read(b[:min(len(b), s.left)])
	s.left -= n
	return n, err
}

func TestTransferStartsAgainWithTheNextServer(t *testing.T) {
	srv := newServer(t)
	sup, address := tunnel(t, srv)
	srv.dial(address)
	srv.tell(sup.shell("one", "head -c 8000000 /dev/zero > out/big", map[string]any{"outputs": []any{folder("out", sup.path("work/out"))}}))
	srv.until("a wish", func() bool { return srv.wants == 1 })
	stream, err := net.Dial("tcp", address)
	must(t, err)
	dead := &stuck{Conn: stream, left: 100_000, reached: make(chan struct{})}
	go srv.serve(dead, true)
	<-dead.reached
	// The next server dials while the connection to the one before still seems to be open.
	srv.dial(address)
	srv.until("another wish", func() bool { return srv.wants > 1 })
	srv.dial(address)
	if r := srv.result("one"); len(srv.files(r.Outputs[0].Digest)["big"]) != 8_000_000 {
		t.Errorf("result %+v", r)
	}
}

func TestTunnelRefusesAPeerWithAnotherKey(t *testing.T) {
	srv, neighbour := newServer(t), newServer(t)
	sup, address := tunnel(t, srv)
	neighbour.dial(address) // with another key
	plain, err := net.Dial("tcp", address)
	must(t, err)
	defer plain.Close()
	plain.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
	io.Copy(io.Discard, plain) // until it is closed
	// Connections without a handshake do not keep the server out.
	for range 100 {
		silent, err := net.Dial("tcp", address)
		must(t, err)
		defer silent.Close()
	}
	srv.dial(address)
	srv.tell(sup.shell("one", "exit 0", nil))
	srv.result("one")
	neighbour.mu.Lock()
	defer neighbour.mu.Unlock()
	if len(neighbour.hellos) != 0 {
		t.Errorf("a neighbour got a hello: %+v", neighbour.hellos)
	}
}

func TestHomeWithAnotherKeyGetsNoHello(t *testing.T) {
	srv, other := newServer(t), newServer(t)
	sup := newSupervisor(t, "AIRSIDE_SERVER_KEY="+srv.pin(), "AIRSIDE_HOME="+other.listen("tcp", "127.0.0.1:0"))
	refused := make(chan struct{}, 100)
	other.wrap = func(c net.Conn) net.Conn { refused <- struct{}{}; return c }
	sup.start()
	<-refused
	<-refused // it dials again, and sends no hello again
	<-refused
	other.mu.Lock()
	defer other.mu.Unlock()
	if len(other.hellos) != 0 {
		t.Errorf("hello %+v", other.hellos)
	}
}
