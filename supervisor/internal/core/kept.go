package core

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const deliverAfterSession = 5 * time.Second

// keep makes the container stay for sessions until its time is over, whether or not there is a server.
func (s *Supervisor) keep(span time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = time.Now().Add(span)
	// A full disk costs at most this container's time after a restart.
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

// left gives the server time to hear of a session's end when the container's own is due; mu is held.
func (s *Supervisor) left() {
	if soonest := time.Now().Add(deliverAfterSession); !s.kept.IsZero() && s.kept.Before(soonest) {
		s.kept = soonest
	}
}

// sessions counts those that live; mu is held.
func (s *Supervisor) sessions() int {
	n := 0
	for _, run := range s.live {
		if run.Interactive() {
			n++
		}
	}
	return n
}

// attended ends the sessions when there has been no server for so long that nobody can be at their other end. It says
// when to ask again.
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
