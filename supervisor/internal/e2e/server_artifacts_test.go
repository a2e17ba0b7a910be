package e2e

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"testing"

	"airside/supervisor/internal/wire"
)

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
