package core

import (
	"context"
	"os"
	"syscall"
	"time"

	"airside/supervisor/internal/procs"
)

const (
	// unwantedGrace is the time between TERM and KILL in a container that the server no longer wants.
	unwantedGrace = 10 * time.Second
	// deliverAfterTerm is how long results are delivered after a TERM to the supervisor.
	deliverAfterTerm = 30 * time.Second
)

// untilOver waits until the supervisor has nothing left to do.
func (s *Supervisor) untilOver(signals <-chan os.Signal) int {
	for {
		code, over, again := s.over()
		if over {
			return code
		}
		timer := time.NewTimer(again)
		select {
		case <-signals:
			s.terminate()
		case <-s.changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// over reports whether the supervisor is to end now; if not, again is when to decide anew at the latest.
func (s *Supervisor) over() (code int, over bool, again time.Duration) {
	const later = time.Hour
	s.mu.Lock()
	unwanted, ending, stopped, kept := s.unwanted, s.ending, s.stopped, s.kept
	sessions := s.sessions()
	working, running, idleSince := s.work()
	s.mu.Unlock()
	if unwanted != "" {
		s.stopEveryone()
		return 0, true, 0
	}
	if sessions > 0 {
		return 0, false, s.attended()
	}
	connected, since := s.link.Contact()
	if running || working && connected {
		return 0, false, later
	}
	owing := working || s.spool.Unacknowledged()
	if ending && !owing {
		return 0, true, 0
	}
	if !stopped.IsZero() {
		left := time.Until(stopped.Add(deliverAfterTerm))
		return 1, left <= 0, left // 1: if the container is started again, the new supervisor delivers
	}
	if !kept.IsZero() {
		left := time.Until(kept)
		return 0, left <= 0, left // the server that keeps the container has the result
	}
	if connected {
		return 0, false, later
	}
	patience := s.config.Idle
	if owing {
		patience = s.config.Keep
	}
	if idleSince.After(since) {
		since = idleSince
	}
	left := time.Until(since.Add(patience))
	return 0, left <= 0, max(left, time.Millisecond)
}

// work reports whether there is a main assignment and whether its process runs, or since when none has. mu is held.
func (s *Supervisor) work() (working, running bool, idleSince time.Time) {
	working, idleSince = s.recovers > 0, s.rested
	for _, run := range s.live {
		if run.Interactive() {
			continue
		}
		working = true
		since, waiting := run.Waiting()
		running = running || !waiting
		if since.After(idleSince) {
			idleSince = since
		}
	}
	return working, running, idleSince
}

// terminate handles a TERM to the supervisor: the node shuts the container down.
func (s *Supervisor) terminate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped.IsZero() {
		return
	}
	s.ending, s.stopped = true, time.Now()
	for _, run := range s.live {
		run.Terminate()
	}
}

func (s *Supervisor) stopEveryone() {
	procs.Terminate(s.tracker.Everyone, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(context.Background(), unwantedGrace)
	defer cancel()
	procs.WaitGone(ctx, s.tracker.Everyone, s.reaper.Reaped)
}
