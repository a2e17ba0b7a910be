package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
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
