package e2e

import (
	"archive/tar"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"airside/supervisor/internal/wire"
)

// server implements the server's side of the protocol for tests: it acknowledges and keeps what it receives.
type server struct {
	t    testing.TB
	cert tls.Certificate

	mu        sync.Mutex
	changed   chan struct{}
	control   *serverConn
	hellos    []wire.Hello
	records   []wire.RecordView // in order, each once
	acked     uint64
	artifacts map[string][]byte
	puts      []string
	gets      map[string]int
	wants     int
	session   string
	assigned  bool // an assignment was sent: a hello without the session key gets a new key
	// hold keeps acknowledgements back.
	hold bool
	// refuse is the answer to every hello, if it is set.
	refuse *wire.Incoming
	// wrap may replace a connection, to disturb it.
	wrap func(net.Conn) net.Conn
	// artifactFailures is how many requests are answered with failed, retryable.
	artifactFailures int
	listener         net.Listener
}

type serverConn struct {
	net.Conn
	mu sync.Mutex
	in *wire.Reader
}

func newServer(t testing.TB) *server {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	s := &server{t: t, changed: make(chan struct{}), artifacts: map[string][]byte{}, gets: map[string]int{}, session: "the-session"}
	s.cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return s
}

func (s *server) pin() string {
	cert, _ := x509.ParseCertificate(s.cert.Certificate[0])
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// listen serves a tcp (TLS) or unix address until the test ends, and returns the value of AIRSIDE_HOME.
func (s *server) listen(network, address string) string {
	listener, err := net.Listen(network, address)
	must(s.t, err)
	s.mu.Lock()
	s.listener = listener
	s.mu.Unlock()
	s.t.Cleanup(func() { listener.Close(); s.cut() })
	go func() {
		for {
			stream, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(stream, network == "tcp")
		}
	}()
	if network == "unix" {
		return "unix://" + address
	}
	return "tcp://" + listener.Addr().String()
}

func (s *server) serve(stream net.Conn, secure bool) {
	s.mu.Lock()
	if s.wrap != nil {
		stream = s.wrap(stream)
	}
	s.mu.Unlock()
	if secure {
		stream = tls.Server(stream, &tls.Config{Certificates: []tls.Certificate{s.cert}, NextProtos: []string{"airside/1"}})
	}
	defer stream.Close()
	conn := &serverConn{Conn: stream, in: wire.NewReader(stream)}
	var hello wire.Hello
	if conn.expect(&hello) != nil {
		return
	}
	s.mu.Lock()
	s.hellos = append(s.hellos, hello)
	refuse, acked := s.refuse, s.acked
	resumed := s.assigned && hello.Proof.Session != s.session
	s.mu.Unlock()
	if refuse != nil {
		s.signal()
		conn.send(map[string]any{"type": "refused", "reason": refuse.Reason, "final": refuse.Final})
		return
	}
	welcome := map[string]any{"type": "welcome", "session": s.session, "acked": acked}
	if resumed {
		welcome["session"], welcome["resumed"] = "another-session", true
	}
	if conn.send(welcome) != nil {
		return
	}
	if hello.Purpose == "artifact" {
		s.serveArtifacts(conn)
		return
	}
	s.mu.Lock()
	s.control = conn
	s.mu.Unlock()
	s.signal()
	s.serveControl(conn)
	s.mu.Lock()
	if s.control == conn {
		s.control = nil
	}
	s.mu.Unlock()
	s.signal()
}

func (s *server) serveControl(conn *serverConn) {
	for {
		kind, payload, err := conn.in.Next()
		if err != nil {
			return
		}
		if kind == wire.FrameMessage {
			var message struct {
				Type     string
				Channels int
			}
			json.Unmarshal(payload, &message)
			if message.Type == "want" {
				s.mu.Lock()
				s.wants += message.Channels
				s.mu.Unlock()
				s.signal()
			}
			continue
		}
		record, err := wire.ParseRecord(payload)
		if err != nil {
			s.t.Errorf("record: %v", err)
			return
		}
		record.Data = bytes.Clone(record.Data)
		s.mu.Lock()
		last := uint64(0)
		if n := len(s.records); n > 0 {
			last = s.records[n-1].Seq
		}
		if record.Seq > last {
			if record.Seq != last+1 {
				s.t.Errorf("record %d after %d", record.Seq, last)
			}
			s.records = append(s.records, record)
		}
		acknowledge := !s.hold
		if acknowledge {
			s.acked = record.Seq
		}
		s.mu.Unlock()
		s.signal()
		if acknowledge {
			conn.send(map[string]any{"type": "ack", "seq": record.Seq})
		}
	}
}

func (s *server) serveArtifacts(conn *serverConn) {
	for {
		var request struct{ Type, Digest, Name string }
		if conn.expect(&request) != nil {
			return
		}
		if request.Type == "ping" || request.Type == "pong" {
			continue
		}
		s.mu.Lock()
		fail := s.artifactFailures > 0
		if fail {
			s.artifactFailures--
		}
		data, known := s.artifacts[request.Digest]
		s.mu.Unlock()
		switch {
		case fail:
			conn.send(map[string]any{"type": "failed", "message": "try again", "retryable": true})
		case request.Type == "get" && !known:
			conn.send(map[string]any{"type": "failed", "message": "no such artifact", "retryable": false})
		case request.Type == "get":
			conn.send(map[string]any{"type": "artifact", "digest": request.Digest, "size": len(data)})
			for rest := data; len(rest) > 0; {
				n := min(len(rest), 100_000)
				frame := make([]byte, wire.HeaderSize+n)
				copy(frame[wire.HeaderSize:], rest[:n])
				wire.PutHeader(frame, wire.FrameData)
				if conn.write(frame) != nil {
					return
				}
				rest = rest[n:]
			}
			conn.send(map[string]any{"type": "done", "digest": request.Digest})
			s.mu.Lock()
			s.gets[request.Digest]++
			s.mu.Unlock()
			s.signal()
		case request.Type == "put":
			if s.receive(conn, request.Name) != nil {
				return
			}
		}
	}
}

func (s *server) receive(conn *serverConn, name string) error {
	var data bytes.Buffer
	for {
		kind, payload, err := conn.in.Next()
		if err != nil {
			return err
		}
		if kind == wire.FrameData {
			data.Write(payload)
			continue
		}
		if kind == wire.FrameZeros {
			n, err := wire.ParseZeros(payload)
			must(s.t, err)
			data.Write(make([]byte, n))
			continue
		}
		var message struct {
			Type, Digest string
			Size         int
		}
		json.Unmarshal(payload, &message)
		if message.Type != "done" {
			continue
		}
		digest := digestOf(data.Bytes())
		if digest != message.Digest || data.Len() != message.Size {
			s.t.Errorf("put %s: said %s (%d), sent %s (%d)", name, message.Digest, message.Size, digest, data.Len())
		}
		s.mu.Lock()
		s.artifacts[digest] = data.Bytes()
		s.puts = append(s.puts, name)
		s.mu.Unlock()
		return conn.send(map[string]any{"type": "stored", "digest": digest, "size": data.Len(), "receipt": "receipt of " + digest})
	}
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (c *serverConn) expect(into any) error {
	kind, payload, err := c.in.Next()
	if err != nil {
		return err
	}
	if kind != wire.FrameMessage {
		return fmt.Errorf("frame of type %d", kind)
	}
	return json.Unmarshal(payload, into)
}

func (c *serverConn) send(message any) error {
	frame, err := wire.Message(message)
	if err != nil {
		return err
	}
	return c.write(frame)
}

func (c *serverConn) write(frame []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.Write(frame)
	return err
}

func (s *server) signal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// until waits for a condition, which is evaluated with the server's state locked.
func (s *server) until(what string, condition func() bool) {
	s.t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		s.mu.Lock()
		ok, changed := condition(), s.changed
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			s.t.Fatalf("never: %s", what)
		}
	}
}

// tell sends a message on the control channel, and waits for a control channel first.
func (s *server) tell(message map[string]any) {
	s.t.Helper()
	for {
		var conn *serverConn
		s.until("a control channel", func() bool { conn = s.control; return conn != nil })
		if conn.send(message) == nil {
			s.mu.Lock()
			s.assigned = s.assigned || message["type"] == "assign"
			s.mu.Unlock()
			return
		}
		s.until("another control channel", func() bool { return s.control != conn })
	}
}

// away makes the server unreachable until back is called.
func (s *server) away() {
	s.mu.Lock()
	s.refuse = &wire.Incoming{Reason: "away"}
	s.mu.Unlock()
	s.cut()
}

func (s *server) back() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = nil
}

// cut closes the control channel.
func (s *server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.control != nil {
		s.control.Close()
	}
}

// release sends the acknowledgements that were held back.
func (s *server) release() {
	s.mu.Lock()
	s.hold = false
	if n := len(s.records); n > 0 {
		s.acked = s.records[n-1].Seq
	}
	acked := s.acked
	s.mu.Unlock()
	s.tell(map[string]any{"type": "ack", "seq": acked})
}

// result waits for the result of an assignment.
func (s *server) result(id string) wire.Result {
	s.t.Helper()
	var result wire.Result
	s.until("the result of "+id, func() bool {
		for i := len(s.records) - 1; i >= 0; i-- {
			if r := s.records[i]; r.ID == id && r.Kind == wire.KindResult {
				must(s.t, json.Unmarshal(r.Data[wire.SealSize:], &result))
				return true
			}
		}
		return false
	})
	return result
}

// sealed reports whether the result of an assignment is sealed with the session key.
func (s *server) sealed(id string) bool {
	s.t.Helper()
	record := s.last(id)
	seal := wire.Seal(s.session, id, record.Data[wire.SealSize:])
	return record.Kind == wire.KindResult && bytes.Equal(seal[:], record.Data[:wire.SealSize])
}

// last returns the last record of an assignment.
func (s *server) last(id string) wire.RecordView {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.records) - 1; i >= 0; i-- {
		if s.records[i].ID == id {
			return s.records[i]
		}
	}
	return wire.RecordView{}
}

// output returns what an assignment has written to one stream.
func (s *server) output(id string, kind byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outputLocked(id, kind)
}

func (s *server) outputLocked(id string, kind byte) string {
	var out bytes.Buffer
	for _, r := range s.records {
		if r.ID == id && r.Kind == kind {
			out.Write(r.Data)
		}
	}
	return out.String()
}

func (s *server) events(id, name string) (found []wire.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.eventsLocked(id, name)
}

func (s *server) eventsLocked(id, name string) (found []wire.Event) {
	for _, r := range s.records {
		var event wire.Event
		if r.ID == id && r.Kind == wire.KindEvent && json.Unmarshal(r.Data, &event) == nil && event.Event == name {
			found = append(found, event)
		}
	}
	return found
}

// add stores an artifact and returns its digest and size.
func (s *server) add(data []byte) (string, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	digest := digestOf(data)
	s.artifacts[digest] = data
	return digest, len(data)
}

// files lists a stored artifact: name → content, or "→ target" of links.
func (s *server) files(digest string) map[string]string {
	s.t.Helper()
	s.mu.Lock()
	data, known := s.artifacts[digest]
	s.mu.Unlock()
	if !known {
		s.t.Fatalf("artifact %q is not stored", digest)
	}
	files := map[string]string{}
	in := tar.NewReader(bytes.NewReader(data))
	for {
		header, err := in.Next()
		if err == io.EOF {
			return files
		}
		must(s.t, err)
		content, err := io.ReadAll(in)
		must(s.t, err)
		files[header.Name] = string(content)
		if header.Linkname != "" {
			files[header.Name] = "→ " + header.Linkname
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
