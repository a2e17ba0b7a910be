package spool

import (
	"encoding/binary"
	"io"
	"os"

	"airside/supervisor/internal/wire"
)

// Cursor reads the frames that one channel sends.
type Cursor struct {
	spool *Spool
	seq   uint64 // of the next record
	seg   *segment
	at    int64
	file  *os.File
	buf   []byte
	out   []byte
}

const batch = 256 << 10

// From returns a cursor at record seq, or at the first record that is kept if that is later.
func (s *Spool) From(seq uint64) *Cursor {
	return &Cursor{spool: s, seq: seq}
}

// Close closes the cursor's file.
func (c *Cursor) Close() {
	if c.file != nil {
		c.file.Close()
		c.file = nil
	}
}

// Next returns complete frames, at least one and about 256 KiB, or nil if stop was closed. They are valid until the next call.
func (c *Cursor) Next(stop <-chan struct{}) ([]byte, error) {
	for {
		end, wait, err := c.place()
		if err != nil {
			return nil, err
		}
		if end > c.at {
			return c.read(end)
		}
		select {
		case <-stop:
			return nil, nil
		case <-wait:
		}
	}
}

// place finds the segment of the next record and the end of what is written in it. If end equals at, there is no record yet.
func (c *Cursor) place() (end int64, wait <-chan struct{}, err error) {
	s := c.spool
	s.mu.Lock()
	defer s.mu.Unlock()
	first := max(s.segments[0].first, s.acked+1)
	if c.seq < first {
		c.seq, c.seg = first, nil
	}
	if c.seg != nil && (c.seg.gone || c.at == c.seg.size && c.seg != s.last()) {
		c.seg = nil
	}
	if c.seg == nil {
		if err := c.seek(); err != nil {
			return 0, nil, err
		}
	}
	return c.seg.size, s.changed, nil
}

// seek opens the segment of c.seq and skips the records before it.
func (c *Cursor) seek() error {
	s := c.spool
	seg := s.segments[0]
	for _, candidate := range s.segments[1:] {
		if candidate.first <= c.seq {
			seg = candidate
		}
	}
	file, err := os.Open(seg.path)
	if err != nil {
		return err
	}
	c.Close()
	c.seg, c.file, c.at = seg, file, 0
	var head [sumSize + 4]byte
	for seq := seg.first; seq < c.seq && c.at < seg.size; seq++ {
		if _, err := file.ReadAt(head[:], c.at); err != nil {
			return err
		}
		c.at += int64(len(head)) + int64(binary.BigEndian.Uint32(head[sumSize:]))
	}
	return nil
}

func (c *Cursor) read(end int64) ([]byte, error) {
	size := min(end-c.at, batch)
	c.buf = grow(c.buf, int(size))
	if _, err := c.file.ReadAt(c.buf, c.at); err != nil {
		return nil, err
	}
	if need := entrySize(c.buf); need > len(c.buf) { // a record that is longer than a batch
		c.buf = grow(c.buf, need)
		if _, err := c.file.ReadAt(c.buf, c.at); err != nil {
			return nil, err
		}
	}
	c.out = c.out[:0]
	used := 0
	for used+sumSize+wire.HeaderSize <= len(c.buf) {
		n := entrySize(c.buf[used:])
		if used+n > len(c.buf) {
			break
		}
		c.out = append(c.out, c.buf[used+sumSize:used+n]...)
		used += n
		c.seq++
	}
	if used == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	c.at += int64(used)
	return c.out, nil
}

func entrySize(b []byte) int {
	if len(b) < sumSize+4 {
		return sumSize + wire.HeaderSize
	}
	return sumSize + 4 + int(binary.BigEndian.Uint32(b[sumSize:]))
}

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}
