// Package spool keeps records on disk until the server has acknowledged them.
//
// A segment file is named by its first record's number and holds entries of `u32 CRC-32C · frame`, so what is sent is a
// copy of what is stored. It is not synced: it must survive the supervisor's death, not the node's.
package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"airside/supervisor/internal/wire"
)

// Spool is safe for use by several goroutines.
type Spool struct {
	dir         string
	limit       int64
	segmentSize int64

	mu       sync.Mutex
	segments []*segment // never empty; the last one is written to
	file     *os.File   // of the last one
	next     uint64
	acked    uint64
	// Bytes of records that are not acknowledged, and each one's size is found again by `sizes`.
	pending int64
	sizes   sizeQueue
	full    bool
	changed chan struct{} // closed at every change
}

// Open reads back what a folder holds, up to its last whole record. limit bounds the unacknowledged bytes.
func Open(dir string, limit int64) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &Spool{dir: dir, limit: limit, segmentSize: max(4<<10, min(8<<20, limit/8)), changed: make(chan struct{})}
	if err := s.recover(); err != nil {
		return nil, err
	}
	if len(s.segments) == 0 {
		s.next = 1
		if err := s.rotate(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Range gives the first record that is kept and the number of the next one.
func (s *Spool) Range() (first, next uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.segments[0].first, s.acked+1), s.next
}

// Unacknowledged says whether anything is still to be delivered.
func (s *Spool) Unacknowledged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acked+1 < s.next
}

// Changed is closed at the next append or acknowledgement.
func (s *Spool) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Append stores an event or result, also beyond the bound: there are few of them. It waits only while the disk is full.
// then is called before anyone can send the record.
func (s *Spool) Append(kind byte, id string, data []byte, then func()) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq := s.write(kind, id, data)
	if then != nil {
		then()
	}
	s.signal()
	return seq
}

// AppendOutput stores output; while the spool is full it waits, which is how a process is held back.
func (s *Spool) AppendOutput(kind byte, id string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.full && s.pending+int64(len(data)) > s.limit {
		s.full = true
		s.write(wire.KindEvent, id, []byte(`{"event":"spool-full"}`))
		s.signal()
	}
	for s.full {
		changed := s.changed
		s.mu.Unlock()
		<-changed
		s.mu.Lock()
		// Some room first, so that it does not turn from full to drained with every record.
		if s.full && (s.pending+int64(len(data)) <= s.limit*3/4 || s.pending == 0) {
			s.full = false
			s.write(wire.KindEvent, id, []byte(`{"event":"spool-drained"}`))
		}
	}
	s.write(kind, id, data)
	s.signal()
}

func (s *Spool) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// write appends one record; mu is held, and given up while the disk is full.
func (s *Spool) write(kind byte, id string, data []byte) uint64 {
	for {
		seq := s.next
		entry := seal(wire.Record(seq, time.Now().UnixMilli(), kind, id, data))
		if s.store(entry) == nil {
			s.next++
			s.pending += int64(len(entry))
			s.sizes.push(len(entry))
			return seq
		}
		s.mu.Unlock()
		time.Sleep(250 * time.Millisecond) // no event tells that a disk has room again
		s.mu.Lock()
	}
}

func (s *Spool) store(entry []byte) error {
	if last := s.last(); last.size >= s.segmentSize {
		if err := s.rotate(); err != nil {
			return err
		}
	}
	last := s.last()
	// At a fixed place: what a failed write left is overwritten.
	if _, err := s.file.WriteAt(entry, last.size); err != nil {
		return err
	}
	last.size += int64(len(entry))
	return nil
}

func (s *Spool) last() *segment { return s.segments[len(s.segments)-1] }

// rotate starts the segment whose first record is s.next.
func (s *Spool) rotate() error {
	next := &segment{path: filepath.Join(s.dir, fmt.Sprintf("%020d", s.next)), first: s.next}
	file, err := os.OpenFile(next.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if s.file != nil {
		s.file.Close()
	}
	s.file = file
	s.segments = append(s.segments, next)
	s.drop()
	return nil
}

// Ack says that everything up to seq is durable at the server.
func (s *Spool) Ack(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ack(min(seq, s.next-1))
}

func (s *Spool) ack(seq uint64) {
	if seq <= s.acked {
		return
	}
	first := max(s.acked+1, s.segments[0].first)
	for ; first <= seq; first++ {
		s.pending -= int64(s.sizes.pop())
	}
	s.acked = seq
	s.drop()
	s.signal()
}

// drop removes segments that are acknowledged as a whole; the last one stays, its name holds the count.
func (s *Spool) drop() {
	n := 0
	for n+1 < len(s.segments) && s.segments[n+1].first <= s.acked+1 {
		os.Remove(s.segments[n].path)
		s.segments[n].gone = true
		n++
	}
	s.segments = s.segments[n:]
}

// Welcome takes the server's count. It may be ahead of ours after a node lost what was never synced: those records
// are delivered, and ours go on behind them.
func (s *Spool) Welcome(acked uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ack(min(acked, s.next-1))
	if acked < s.next {
		return nil
	}
	s.acked, s.next = acked, acked+1
	err := s.rotate()
	s.signal()
	return err
}
