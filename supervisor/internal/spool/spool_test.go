package spool

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"airside/supervisor/internal/wire"
)

func open(t testing.TB, dir string, limit int64) *Spool {
	t.Helper()
	s, err := Open(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.file.Close() })
	return s
}

func fill(s *Spool, from, to int) {
	for i := from; i <= to; i++ {
		s.AppendOutput(wire.KindStdout, "a", fmt.Appendf(nil, "line %d", i))
	}
}

// read returns the numbers and the data of the records from one on.
func read(t testing.TB, s *Spool, from uint64) (seqs []uint64, data []string) {
	t.Helper()
	cursor := s.From(from)
	defer cursor.Close()
	_, next := s.Range()
	for cursor.seq < next {
		frames, err := cursor.Next(nil)
		if err != nil {
			t.Fatal(err)
		}
		in := wire.NewReader(bytes.NewReader(frames))
		for {
			_, payload, err := in.Next()
			if err != nil {
				break
			}
			record, err := wire.ParseRecord(payload)
			if err != nil {
				t.Fatal(err)
			}
			seqs, data = append(seqs, record.Seq), append(data, string(record.Data))
		}
	}
	return seqs, data
}

func expectRange(t testing.TB, s *Spool, first, next uint64) {
	t.Helper()
	if f, n := s.Range(); f != first || n != next {
		t.Fatalf("records %d to %d, expected %d to %d", f, n-1, first, next-1)
	}
}

func TestRecordsAreReadFromAnyPositionAcrossSegments(t *testing.T) {
	s := open(t, t.TempDir(), 8<<10) // segments of 4 KiB
	s.limit = 1 << 30
	fill(s, 1, 1000)
	if len(s.segments) < 5 {
		t.Fatalf("%d segments", len(s.segments))
	}
	for _, from := range []uint64{1, 2, 500, 999, 1000} {
		seqs, data := read(t, s, from)
		if len(seqs) != int(1000-from+1) || seqs[0] != from || data[0] != fmt.Sprintf("line %d", from) || seqs[len(seqs)-1] != 1000 {
			t.Errorf("from %d: %d records, the first is %d", from, len(seqs), seqs[0])
		}
	}
}

func TestAcknowledgedSegmentsAreRemovedAndReadingContinuesAfterThem(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 8<<10)
	s.limit = 1 << 30
	fill(s, 1, 1000)
	cursor := s.From(1)
	defer cursor.Close()
	s.Ack(900)
	expectRange(t, s, 901, 1001)
	names, err := segmentNames(dir)
	if err != nil || len(names) != len(s.segments) || len(names) > 3 {
		t.Errorf("%d files, %d segments, %v", len(names), len(s.segments), err)
	}
	if seqs, _ := read(t, s, 1); seqs[0] != 901 {
		t.Errorf("reading goes on at %d", seqs[0])
	}
	s.Ack(5000) // more than were written
	expectRange(t, s, 1001, 1001)
	if s.Unacknowledged() || s.pending != 0 {
		t.Errorf("%d bytes are left", s.pending)
	}
	s.Ack(3) // an older one changes nothing
	expectRange(t, s, 1001, 1001)
}

func TestNumbersContinueAfterARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	fill(s, 1, 10)
	s.Append(wire.KindResult, "a", []byte("{}"), nil)
	again := open(t, dir, 1<<20)
	expectRange(t, again, 1, 12)
	if again.pending != s.pending {
		t.Errorf("%d bytes in place of %d", again.pending, s.pending)
	}
	var results []uint64
	if err := again.Each(func(r wire.RecordView) {
		if r.Kind == wire.KindResult {
			results = append(results, r.Seq)
		}
	}); err != nil || !slices.Equal(results, []uint64{11}) {
		t.Error(results, err)
	}
	fill(again, 12, 12)
	if seqs, data := read(t, again, 11); !slices.Equal(seqs, []uint64{11, 12}) || data[1] != "line 12" {
		t.Error(seqs, data)
	}
}

func TestSpoolEndsAtItsLastCompleteRecord(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	fill(s, 1, 3)
	path := s.last().path
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := len(whole) / 3
	damage := map[string]func([]byte) []byte{}
	for n := 1; n < size; n++ {
		damage[fmt.Sprintf("cut %d bytes after the second", n)] = func(b []byte) []byte { return b[:2*size+n] }
		damage[fmt.Sprintf("byte %d of the third is another", n)] = func(b []byte) []byte { b[2*size+n] ^= 0x20; return b }
	}
	for name, change := range damage {
		if err := os.WriteFile(path, change(bytes.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		again := open(t, dir, 1<<20)
		if _, next := again.Range(); next != 3 {
			t.Fatalf("%s: the next record is %d", name, next)
		}
		again.AppendOutput(wire.KindStdout, "a", []byte("new"))
		if _, data := read(t, open(t, dir, 1<<20), 1); !slices.Equal(data, []string{"line 1", "line 2", "new"}) {
			t.Fatalf("%s: %q", name, data)
		}
	}
}

func TestSegmentsAfterADamagedOneAreDropped(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 8<<10)
	s.limit = 1 << 30
	fill(s, 1, 1000)
	second := s.segments[1]
	text, err := os.ReadFile(second.path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-1] ^= 1
	if err := os.WriteFile(second.path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, 8<<10)
	if _, next := again.Range(); next != s.segments[2].first-1 || len(again.segments) != 2 {
		t.Errorf("the next record is %d, of %d segments", next, len(again.segments))
	}
}

func TestOutputWaitsWhileTheSpoolIsFullAndNothingIsLost(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const limit = 10_000
		s := open(t, dir, limit)
		done := false
		go func() {
			for range 100 {
				s.AppendOutput(wire.KindStdout, "a", make([]byte, 1000))
			}
			done = true
		}()
		for acked := uint64(0); !done; {
			synctest.Wait()
			if s.pending > limit+2000 {
				t.Fatalf("%d bytes of %d", s.pending, limit)
			}
			_, next := s.Range()
			if !done && next == acked+1 {
				t.Fatal("it waits though all is acknowledged")
			}
			acked = next - 1
			s.Ack(acked)
			synctest.Wait()
		}
	})
	full, drained, output := 0, 0, 0
	s := open(t, dir, 1<<30)
	_ = s.Each(func(r wire.RecordView) {
		switch {
		case r.Kind == wire.KindStdout:
			output++
		case string(r.Data) == `{"event":"spool-full"}`:
			full++
		case string(r.Data) == `{"event":"spool-drained"}`:
			drained++
		}
	})
	if output == 0 || full < drained || full > drained+1 {
		t.Errorf("%d times full, %d times drained, %d records of output are left", full, drained, output)
	}
}

func TestEventsAndResultsAreStoredBeyondTheBound(t *testing.T) {
	s := open(t, t.TempDir(), 1)
	s.Append(wire.KindEvent, "a", make([]byte, 10_000), nil)
	called := false
	if seq := s.Append(wire.KindResult, "a", make([]byte, 10_000), func() { called = true }); seq != 2 || !called {
		t.Error(seq, called)
	}
}

func TestNumbersContinueAfterThoseOfAServerThatIsAhead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	fill(s, 1, 3)
	if err := s.Welcome(10); err != nil {
		t.Fatal(err)
	}
	expectRange(t, s, 11, 11)
	fill(s, 11, 11)
	if seqs, _ := read(t, open(t, dir, 1<<20), 1); !slices.Equal(seqs, []uint64{11}) {
		t.Error(seqs)
	}
}

func TestTheLargestResultIsReadBackAndSent(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<30)
	id := string(bytes.Repeat([]byte("i"), wire.MaxID))
	data := make([]byte, wire.MaxLong-1-wire.RecordHeader-wire.MaxID)
	fill(s, 1, 1)
	s.Append(wire.KindResult, id, data, nil)
	fill(s, 3, 3)
	again := open(t, dir, 1<<30)
	if seqs, got := read(t, again, 1); !slices.Equal(seqs, []uint64{1, 2, 3}) || len(got[1]) != len(data) {
		t.Error(seqs)
	}
}

func FuzzOpen(f *testing.F) {
	entry := func(seq uint64, data string) []byte {
		return seal(wire.Record(seq, 1, wire.KindStdout, "a", []byte(data)))
	}
	f.Add(slices.Concat(entry(1, "x"), entry(2, "y")))
	f.Add(slices.Concat(entry(1, "x"), entry(3, "out of order")))
	f.Add(slices.Concat(entry(1, "x"), entry(2, "cut")[:20]))
	f.Add(binary.BigEndian.AppendUint32(make([]byte, sumSize), 0xffff_ffff))
	f.Add(seal([]byte{0, 0, 0, 0}))
	f.Add(seal([]byte{0, 0, 0, 1, wire.FrameRecord}))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%020d", 1)), text, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, 1<<20)
		s.AppendOutput(wire.KindStdout, "a", []byte("after"))
		first, next := s.Range()
		seqs, data := read(t, open(t, dir, 1<<20), 1)
		if first != 1 || len(seqs) != int(next-1) || data[len(data)-1] != "after" {
			t.Fatalf("records %v of %d to %d", seqs, first, next-1)
		}
		for i, seq := range seqs {
			if seq != uint64(i+1) {
				t.Fatalf("records %v", seqs)
			}
		}
	})
}
