package core

import (
	"context"
	"time"

	"airside/supervisor/internal/assignment"
	"airside/supervisor/internal/cgroup"
	"airside/supervisor/internal/journal"
	"airside/supervisor/internal/procs"
	"airside/supervisor/internal/wire"
)

// recover reports the results of assignments that ran when an earlier supervisor of this container was killed. They are not run
// again.
func (s *Supervisor) recover() error {
	running := s.journal.Running()
	if len(running) == 0 {
		return nil
	}
	told := map[string]bool{}
	err := s.spool.Each(func(record wire.RecordView) {
		if record.Kind == wire.KindResult {
			told[record.ID] = true
		}
	})
	if err != nil {
		return err
	}
	for _, entry := range running {
		if told[entry.ID] {
			s.note(journal.Entry{ID: entry.ID, State: journal.Finished})
			continue
		}
		s.recovers++
		go s.recoverOne(entry)
	}
	return nil
}

func (s *Supervisor) recoverOne(entry journal.Entry) {
	// The processes of a supervisor that is PID 1 die with it; those of another one may still run.
	if entry.Mark != "" {
		procs.Kill(func() []int { return procs.Marked(entry.Mark) }, s.reaper.Reaped, 10*time.Second)
	}
	// Waits for the server's count of records: the spool may have lost records that the server has.
	<-s.welcomed
	oom := cgroup.Kills() > entry.Kills
	message := "the container's supervisor was killed while the process ran"
	if entry.StartedAt == 0 {
		message = "the container's supervisor was killed before the process started"
	}
	if oom {
		message += ": out of memory"
	}
	result := wire.Result{Outcome: wire.Killed(oom, message), StartedAt: entry.StartedAt}
	if entry.StartedAt != 0 {
		result.Outputs = assignment.Collect(context.Background(), s.tools, entry)
	}
	assignment.Finish(s.tools, entry, result)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recovers--
	s.rested = time.Now()
	s.next()
	s.wake()
}
