package spool

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"

	"airside/supervisor/internal/wire"
)

type segment struct {
	path  string
	first uint64
	size  int64
	gone  bool
}

const sumSize = 4

var table = crc32.MakeTable(crc32.Castagnoli)

// seal writes the checksum of a frame in front of it.
func seal(frame []byte) []byte {
	entry := make([]byte, sumSize+len(frame))
	binary.BigEndian.PutUint32(entry, crc32.Checksum(frame, table))
	copy(entry[sumSize:], frame)
	return entry
}

// recover reads the segments in order and truncates them after the last complete record.
func (s *Spool) recover() error {
	names, err := segmentNames(s.dir)
	if err != nil {
		return err
	}
	for i, name := range names {
		first, _ := strconv.ParseUint(name, 10, 64)
		if i > 0 && first != s.next {
			return removeAll(s.dir, names[i:])
		}
		s.next = first
		seg := &segment{path: filepath.Join(s.dir, name), first: first}
		whole, err := s.scan(seg)
		if err != nil {
			return err
		}
		if err := s.reopen(seg); err != nil {
			return err
		}
		if !whole {
			return removeAll(s.dir, names[i+1:])
		}
	}
	return nil
}

func (s *Spool) reopen(seg *segment) error {
	file, err := os.OpenFile(seg.path, os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if s.file != nil {
		s.file.Close()
	}
	s.file = file
	s.segments = append(s.segments, seg)
	return file.Truncate(seg.size)
}

// scan counts the complete records of a segment. It returns false if something else follows them.
func (s *Spool) scan(seg *segment) (whole bool, err error) {
	file, err := os.Open(seg.path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 256<<10)
	for {
		entry, err := readEntry(in)
		if err == io.EOF {
			return true, nil
		}
		if err != nil {
			return false, nil
		}
		record, err := wire.ParseRecord(entry[sumSize+wire.HeaderSize:])
		if err != nil || record.Seq != s.next {
			return false, nil
		}
		s.next++
		seg.size += int64(len(entry))
		s.pending += int64(len(entry))
		s.sizes.push(len(entry))
	}
}

func readEntry(in io.Reader) ([]byte, error) {
	var head [sumSize + 4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[sumSize:])
	if length > wire.MaxLong {
		return nil, io.ErrUnexpectedEOF
	}
	entry := make([]byte, len(head)+int(length))
	copy(entry, head[:])
	if _, err := io.ReadFull(in, entry[len(head):]); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	if crc32.Checksum(entry[sumSize:], table) != binary.BigEndian.Uint32(entry) || len(entry) < sumSize+wire.HeaderSize {
		return nil, io.ErrUnexpectedEOF
	}
	return entry, nil
}

func segmentNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if _, err := strconv.ParseUint(entry.Name(), 10, 64); err == nil && len(entry.Name()) == 20 {
			names = append(names, entry.Name())
		}
	}
	sort.Strings(names)
	return names, nil
}

func removeAll(dir string, names []string) error {
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
