package core

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const deliverAfterSession = 5 * time.Second

// keep makes the container stay for sessions until the given time, whether or not a server is connected.
func (s *Supervisor) keep(span time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = time.Now().Add(span)
	// If the disk is full, the time is lost only after a restart of the supervisor.
	_ = os.WriteFile(s.keptFile(), []byte(strconv.FormatInt(s.kept.Unix(), 10)), 0o600)
	s.wake()
}

func (s *Supervisor) keptFile() string { return filepath.Join(s.config.State, "kept") }

func readKept(path string) time.Time {
	text, _ := os.ReadFile(path)
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// left delays the end of a kept container whose time is over until the server has had time to receive the end of a session.
// mu is held.
func (s *Supervisor) left() {
	if soonest := time.Now().Add(deliverAfterSession); !s.kept.IsZero() && s.kept.Before(soonest) {
		s.kept = soonest
	}
}

// sessions counts the running sessions. mu is held.
func (s *Supervisor) sessions() int {
	n := 0
	for _, run := range s.live {
		if run.Interactive() {
			n++
		}
	}
	return n
}

// attended ends the sessions after no server has been connected for the hang-up time. It returns when it should be called
// again.
func (s *Supervisor) attended() time.Duration {
	connected, since := s.link.Contact()
	if connected {
		return s.config.Hangup
	}
	if left := time.Until(since.Add(s.config.Hangup)); left > 0 {
		return left
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangUp()
	return s.config.Hangup
}
