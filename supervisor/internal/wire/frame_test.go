package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// frame returns a frame of the given length, which includes the type and the payload.
func frame(kind byte, length int, payload ...byte) []byte {
	b := make([]byte, 4+length)
	copy(b[HeaderSize:], payload)
	PutHeader(b, kind)
	return b
}

func recordOf(kind byte, length int) []byte {
	return Record(1, 2, kind, "a", make([]byte, length-1-RecordHeader-1))
}

func TestReaderAcceptsFramesUpToTheLimit(t *testing.T) {
	for _, test := range []struct {
		name    string
		largest int
		make    func(length int) []byte
	}{
		{"message", MaxLong, func(n int) []byte { return frame(FrameMessage, n) }},
		{"result", MaxLong, func(n int) []byte { return recordOf(KindResult, n) }},
		{"stdout", MaxShort, func(n int) []byte { return recordOf(KindStdout, n) }},
		{"event", MaxShort, func(n int) []byte { return recordOf(KindEvent, n) }},
		{"data", MaxShort, func(n int) []byte { return frame(FrameData, n) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, stream := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader} {
				_, payload, err := NewReader(stream(bytes.NewReader(test.make(test.largest)))).Next()
				if err != nil || len(payload) != test.largest-1 {
					t.Fatalf("at the limit: %d bytes, %v", len(payload), err)
				}
			}
			_, _, err := NewReader(bytes.NewReader(test.make(test.largest + 1))).Next()
			if err == nil || !strings.Contains(err.Error(), "at most") {
				t.Fatalf("beyond the limit: %v", err)
			}
		})
	}
}

func TestReaderAcceptsFramesByteByByte(t *testing.T) {
	stream := append(recordOf(KindResult, 100_000), frame(FrameMessage, 3, '{', '}')...)
	in := NewReader(iotest.OneByteReader(bytes.NewReader(stream)))
	if kind, payload, err := in.Next(); err != nil || kind != FrameRecord || len(payload) != 99_999 {
		t.Fatal(kind, len(payload), err)
	}
	if kind, payload, err := in.Next(); err != nil || kind != FrameMessage || string(payload) != "{}" {
		t.Fatal(kind, string(payload), err)
	}
	if _, _, err := in.Next(); err != io.EOF {
		t.Fatal(err)
	}
}

func TestReaderDistinguishesACutFrameFromTheEnd(t *testing.T) {
	whole := frame(FrameMessage, 3, '{', '}')
	for n := 1; n < len(whole); n++ {
		if _, _, err := NewReader(bytes.NewReader(whole[:n])).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestReaderRefusesInvalidFrames(t *testing.T) {
	for _, bytes_ := range [][]byte{{0, 0, 0, 0, FrameMessage}, {0, 0, 0, 1, 0}, {0, 0, 0, 1, 4}, []byte("GET / HTTP/1.1\r\n")} {
		if _, _, err := NewReader(bytes.NewReader(bytes_)).Next(); err == nil {
			t.Errorf("%q was taken", bytes_)
		}
	}
}

func TestMessageBeyondTheReadersLimitIsRefused(t *testing.T) {
	text := func(n int) map[string]string { return map[string]string{"t": strings.Repeat("x", n)} }
	longest := MaxLong - 1 - len(`{"t":""}`)
	encoded, err := Message(text(longest))
	if err != nil {
		t.Fatal(err)
	}
	if _, payload, err := NewReader(bytes.NewReader(encoded)).Next(); err != nil || len(payload) != MaxLong-1 {
		t.Fatal(len(payload), err)
	}
	if _, err := Message(text(longest + 1)); err == nil {
		t.Error("a message beyond the limit was made")
	}
}

func FuzzReader(f *testing.F) {
	f.Add(append(recordOf(KindStdout, 100), frame(FrameMessage, 3, '{', '}')...))
	f.Add(frame(FrameData, 1))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{0, 0x10, 0, 1, 2})
	f.Fuzz(func(t *testing.T, stream []byte) {
		in := NewReader(bytes.NewReader(stream))
		again := NewReader(iotest.OneByteReader(bytes.NewReader(stream)))
		for read := 0; ; {
			kind, payload, err := in.Next()
			kind2, payload2, err2 := again.Next()
			if kind != kind2 || !bytes.Equal(payload, payload2) || (err == nil) != (err2 == nil) {
				t.Fatalf("read at once %d %x %v, byte by byte %d %x %v", kind, payload, err, kind2, payload2, err2)
			}
			if err != nil {
				return
			}
			if read += HeaderSize + len(payload); read > len(stream) {
				t.Fatal("more was read than there is")
			}
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add(Record(1, 2, KindEvent, "an-id", []byte("data"))[HeaderSize:])
	f.Add(make([]byte, RecordHeader))
	f.Add(binary.BigEndian.AppendUint16(make([]byte, RecordHeader-2), 0xffff))
	f.Fuzz(func(t *testing.T, payload []byte) {
		record, err := ParseRecord(payload)
		if err != nil {
			return
		}
		if back := Record(record.Seq, record.Time, record.Kind, record.ID, record.Data)[HeaderSize:]; !bytes.Equal(back, payload) {
			t.Fatalf("%x became %x", payload, back)
		}
	})
}
