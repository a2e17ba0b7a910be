package e2e

import (
	"bytes"
	"encoding/json"
	"time"

	"airside/supervisor/internal/wire"
)

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
