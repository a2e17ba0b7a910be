// Package spool keeps records on disk until the server has acknowledged them.
//
// A segment file is named after the number of its first record and holds entries of a CRC-32C (u32) and a frame, so that frames are
// sent as they are stored. Files are not synced: they must survive the end of the supervisor, not a crash of the node.
package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"airside/supervisor/internal/wire"
)

// Spool is safe for concurrent use.
type Spool struct {
	dir         string
	limit       int64
	segmentSize int64

	mu       sync.Mutex
	segments []*segment // never empty; the last one is written to
	file     *os.File   // of the last one
	next     uint64
	acked    uint64
	// pending is the bytes of the records that are not acknowledged; sizes has the size of each.
	pending int64
	sizes   sizeQueue
	full    bool
	changed chan struct{} // closed at each change
}

// Open reads a folder's records up to the last complete one. limit bounds the unacknowledged bytes.
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

// Range returns the number of the first record that is kept, and that of the next one to be written.
func (s *Spool) Range() (first, next uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.segments[0].first, s.acked+1), s.next
}

// Unacknowledged reports whether records are still to be delivered.
func (s *Spool) Unacknowledged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acked+1 < s.next
}

// Changed returns a channel that is closed at the next append or acknowledgement.
func (s *Spool) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Append stores an event or result, beyond the bound too, since there are few of them. It blocks only while the disk is full.
// then is called before the record can be sent.
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

// AppendOutput stores output. It blocks while the spool is full, which in turn blocks the process.
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
		// Waits until some space is free, so that the spool does not become full again with each record.
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

// write appends one record. mu is held, and released while the disk is full.
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
		time.Sleep(250 * time.Millisecond) // nothing signals that a disk has space again
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
	// At a fixed offset, so that the rest of a failed write is overwritten.
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

// Ack records that all records up to seq are durable at the server.
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

// drop removes the segments whose records are all acknowledged. The last segment is kept, since its name holds the count.
func (s *Spool) drop() {
	n := 0
	for n+1 < len(s.segments) && s.segments[n+1].first <= s.acked+1 {
		os.Remove(s.segments[n].path)
		s.segments[n].gone = true
		n++
	}
	s.segments = s.segments[n:]
}

// Welcome takes the server's count. It is ahead of ours if a crash of the node has lost records that were delivered and never
// synced; further records are numbered after it.
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
