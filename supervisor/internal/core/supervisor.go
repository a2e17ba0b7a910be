// Package core runs the supervisor: it reports in, takes assignments, delivers their records and ends.
package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
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

// ownFolder makes a folder that only this user can read. A supervisor that is not root (in a namespace that enforces restricted)
// cannot change the mode of a volume's mount point, which belongs to root, so that it uses a folder inside.
func ownFolder(path string) (string, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", err
	}
	err := os.Chmod(path, 0o700)
	if !errors.Is(err, fs.ErrPermission) {
		return path, err
	}
	own := filepath.Join(path, "own")
	if err := os.MkdirAll(own, 0o700); err != nil {
		return "", err
	}
	return own, os.Chmod(own, 0o700)
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

// protected are the paths that no mount may empty.
func protected(state string) []string {
	paths := []string{filepath.Clean(state)}
	if own, err := os.Executable(); err == nil {
		paths = append(paths, own)
	}
	return paths
}

// lock locks the state against a second supervisor. The lock ends with the process.
func lock(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("another supervisor uses %s", filepath.Dir(path))
	}
	held = file
	return nil
}

var held *os.File // so that the lock's file is not garbage-collected and closed

func count(path string) (before int, err error) {
	text, _ := os.ReadFile(path)
	before, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	return before, os.WriteFile(path, []byte(strconv.Itoa(before+1)), 0o600)
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

// Message implements link.Handler.
func (s *Supervisor) Message(message wire.Incoming, raw []byte) error {
	switch message.Type {
	case "ack":
		s.spool.Ack(message.Seq)
		s.wake()
	case "assign":
		s.take(message.ID, raw)
	case "abort":
		if run := s.find(message.ID); run != nil {
			run.Abort()
		}
	case "stdin":
		if run := s.find(message.ID); run != nil {
			run.Stdin(message.Data, message.EOF)
		}
	case "resize":
		if run := s.find(message.ID); run != nil {
			run.Resize(message.Columns, message.Rows)
		}
	case "prefetch":
		s.staging.Prefetch(message.Artifacts)
	case "keep":
		s.keep(time.Duration(message.Seconds) * time.Second)
	case "end":
		s.end()
	case "refused":
		if message.Final {
			s.Unwanted(message.Reason)
		}
	}
	return nil
}

func (s *Supervisor) find(id string) *assignment.Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[id]
}

// take begins an assignment, unless it was begun before.
func (s *Supervisor) take(id string, raw []byte) {
	var assign wire.Assign
	err := json.Unmarshal(raw, &assign)
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == "" || len(id) > wire.MaxID || s.live[id] != nil || s.journal.Has(id) {
		return
	}
	if err != nil || s.ending {
		result := wire.Result{Outcome: wire.NeverStarted()}
		if err != nil {
			result.Outcome = wire.Failed("start-failed", "the assignment cannot be read: "+err.Error())
		}
		go assignment.Finish(s.tools, journal.Entry{ID: id}, result)
		return
	}
	if assign.Inherit {
		assign.Process = assignment.Inherit(assign.Process, s.process)
	}
	run := assignment.New(s.tools, assign)
	s.live[id] = run
	if assign.Interactive {
		go s.execute(id, run)
		return
	}
	s.waiting = append(s.waiting, run)
	s.next()
}

// next starts the first main assignment that waits. mu is held.
func (s *Supervisor) next() {
	if s.busy || s.recovers > 0 || len(s.waiting) == 0 {
		return
	}
	run := s.waiting[0]
	s.waiting = s.waiting[1:]
	s.busy, s.process = true, run.Process()
	go s.execute(run.ID(), run)
}

func (s *Supervisor) execute(id string, run *assignment.Run) {
	run.Execute()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, id)
	if run.Interactive() {
		s.left()
	} else {
		s.busy, s.rested = false, time.Now()
		s.next()
	}
	s.wake()
}

// end takes no further assignments, lets the main ones finish, and ends the sessions, which would hold the container.
func (s *Supervisor) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	s.hangUp()
	s.wake()
}

// hangUp ends all sessions. mu is held.
func (s *Supervisor) hangUp() {
	for _, run := range s.live {
		if run.Interactive() {
			run.Abort()
		}
	}
}
