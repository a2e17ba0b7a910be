package assignment

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"airside/supervisor/internal/process"
	"airside/supervisor/internal/wire"
)

const (
	standardResponse = 4 << 20
	longestResponse  = 8 << 20
)

// streams passes a process's outputs to the spool or collects them as the response.
type streams struct {
	outputs []*process.Output
	all     chan struct{}
	tooLong flag

	mu        sync.Mutex
	collected *bytes.Buffer // nil: stdout goes to the log
	total     int64
	limit     int64
}

// read starts reading all outputs of a process.
func (r *Run) read(p *process.Process) *streams {
	s := &streams{all: make(chan struct{}), tooLong: newFlag()}
	record := func(kind byte) func([]byte) {
		return func(data []byte) { r.tools.Spool.AppendOutput(kind, r.assign.ID, data) }
	}
	stdout := record(wire.KindStdout)
	if r.assign.Stdout == "response" {
		s.collected = &bytes.Buffer{}
		s.limit = standardResponse
		if r.assign.ResponseLimit > 0 {
			s.limit = int64(min(r.assign.ResponseLimit, longestResponse))
		}
		stdout = s.collect
	}
	s.outputs = append(s.outputs, process.ReadOutput(p.Stdout, stdout))
	if p.Stderr != nil {
		s.outputs = append(s.outputs, process.ReadOutput(p.Stderr, record(wire.KindStderr)))
	}
	go func() {
		for _, output := range s.outputs {
			<-output.Done()
		}
		close(s.all)
	}()
	return s
}

func (s *streams) collect(data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total += int64(len(data))
	if s.total > s.limit {
		s.collected.Reset()
		s.tooLong.raise()
		return
	}
	s.collected.Write(data)
}

func (s *streams) done() <-chan struct{} { return s.all }

func (s *streams) end(limit time.Duration) {
	for _, output := range s.outputs {
		output.End(limit)
	}
}

func (s *streams) response() *[]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.collected == nil {
		return nil
	}
	data := s.collected.Bytes()
	if data == nil {
		data = []byte{}
	}
	return &data
}

func (s *streams) tooLongText() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("the process wrote at least %d bytes to its stdout; a response may have %d", s.total, s.limit)
}
