package core

import (
	"encoding/json"
	"time"

	"airside/supervisor/internal/assignment"
	"airside/supervisor/internal/journal"
	"airside/supervisor/internal/wire"
)

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
