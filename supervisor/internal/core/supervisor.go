// Package core runs the supervisor: it reports in, takes assignments, delivers their records and ends.
package core

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"airside/supervisor/internal/assignment"
	"airside/supervisor/internal/config"
	"airside/supervisor/internal/journal"
	"airside/supervisor/internal/link"
	"airside/supervisor/internal/procs"
	"airside/supervisor/internal/reaper"
	"airside/supervisor/internal/spool"
	"airside/supervisor/internal/staging"
	"airside/supervisor/internal/wire"
)

// Supervisor is the supervisor of one container.
type Supervisor struct {
	config  config.Config
	spool   *spool.Spool
	reaper  *reaper.Reaper
	tracker *procs.Tracker
	link    *link.Link
	staging *staging.Store
	tools   *assignment.Tools

	mu       sync.Mutex
	journal  *journal.Journal
	live     map[string]*assignment.Run // that wait or run
	waiting  []*assignment.Run
	busy     bool         // a main assignment runs
	process  wire.Process // of the latest main assignment, for sessions beside it
	rested   time.Time    // when the last main assignment ended
	kept     time.Time    // until when the server keeps the container for sessions
	recovers int          // assignments of an earlier supervisor whose results are not recorded yet
	ending   bool         // no further assignment is taken
	stopped  time.Time
	unwanted string
	welcomed chan struct{}
	changed  chan struct{}
}

// Open reads the state of earlier supervisors of this container; restarts is how many there were.
func Open(c config.Config, version string) (*Supervisor, error) {
	state, err := ownFolder(c.State)
	if err != nil {
		return nil, err
	}
	c.State = state
	if err := lock(filepath.Join(c.State, "lock")); err != nil {
		return nil, err
	}
	restarts, err := count(filepath.Join(c.State, "starts"))
	if err != nil {
		return nil, err
	}
	s := &Supervisor{
		config: c, reaper: reaper.New(), tracker: procs.NewTracker(),
		live: map[string]*assignment.Run{}, welcomed: make(chan struct{}), changed: make(chan struct{}, 1),
	}
	if s.journal, err = journal.Open(filepath.Join(c.State, "journal")); err != nil {
		return nil, err
	}
	if s.spool, err = spool.Open(filepath.Join(c.State, "spool"), c.SpoolBytes); err != nil {
		return nil, err
	}
	s.kept = readKept(s.keptFile())
	s.link = link.New(c, version, restarts, s)
	if s.staging, err = staging.Open(filepath.Join(c.State, "staging"), s.link); err != nil {
		return nil, err
	}
	s.tools = &assignment.Tools{
		Spool: s.spool, Reaper: s.reaper, Tracker: s.tracker, Opener: s.link, Staging: s.staging,
		Protected: protected(c.State), Below: filepath.Join(c.State, "below"), Note: s.note, Seal: s.link.Seal, Waits: s.wake,
	}
	return s, s.recover()
}

// Run runs until nothing is left to do and returns the exit status.
func (s *Supervisor) Run(ctx context.Context, signals <-chan os.Signal) (int, error) {
	if err := s.link.Run(ctx); err != nil {
		return 1, err
	}
	code := s.untilOver(signals)
	s.link.Disconnect()
	procs.Kill(s.tracker.Everyone, s.reaper.Reaped, 5*time.Second)
	return code, nil
}

// Describe implements link.Handler.
func (s *Supervisor) Describe(hello *wire.Hello) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hello.Assignments = s.journal.States(64)
	for id := range s.live {
		if !s.journal.Has(id) {
			hello.Assignments = append(hello.Assignments, wire.Assignment{ID: id, State: journal.Running})
		}
	}
	hello.Assignments = wire.Listed(hello.Assignments)
	hello.FirstSeq, hello.NextSeq = s.spool.Range()
}

// Welcomed implements link.Handler.
func (s *Supervisor) Welcomed(acked uint64) error {
	if err := s.spool.Welcome(acked); err != nil {
		return err
	}
	select {
	case <-s.welcomed:
	default:
		close(s.welcomed)
	}
	return nil
}

// Stream implements link.Handler.
func (s *Supervisor) Stream(conn *link.Conn, from uint64) {
	s.wake()
	defer s.wake() // the sessions may have lost their user
	cursor := s.spool.From(from)
	defer cursor.Close()
	for {
		frames, err := cursor.Next(conn.Closed())
		if err != nil || frames == nil || conn.Write(frames) != nil {
			return
		}
	}
}

// Disconnected implements link.Handler. The time without a server counts from now.
func (s *Supervisor) Disconnected() { s.wake() }

// Unwanted implements link.Handler.
func (s *Supervisor) Unwanted(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unwanted = reason; reason == "" {
		s.unwanted = "the server does not want this container"
	}
	s.ending = true
	s.wake()
}

func (s *Supervisor) note(entry journal.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// If the disk is full, the entry is lost only after a restart of the supervisor.
	_ = s.journal.Write(entry)
}

func (s *Supervisor) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}
