package spool

import (
	"bufio"
	"io"
	"os"

	"airside/supervisor/internal/wire"
)

// Each calls visit for every record that is kept. It must be called before the spool is used otherwise.
func (s *Spool) Each(visit func(wire.RecordView)) error {
	for _, seg := range s.segments {
		if err := eachIn(seg, visit); err != nil {
			return err
		}
	}
	return nil
}

func eachIn(seg *segment, visit func(wire.RecordView)) error {
	file, err := os.Open(seg.path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(io.LimitReader(file, seg.size), 256<<10)
	for {
		entry, err := readEntry(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if record, err := wire.ParseRecord(entry[sumSize+wire.HeaderSize:]); err == nil {
			visit(record)
		}
	}
}
