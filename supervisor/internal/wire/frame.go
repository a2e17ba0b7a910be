// Package wire has the frames and messages of the protocol (see PROTOCOL.md).
package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Version of the protocol.
const Version = 1

// Types of frames.
const (
	FrameMessage byte = 1
	FrameRecord  byte = 2
	FrameData    byte = 3
	// FrameZeros stands for a number of zero bytes of an artifact.
	FrameZeros byte = 4
)

// Kinds of records.
const (
	KindStdout byte = 1
	KindStderr byte = 2
	KindEvent  byte = 3
	KindResult byte = 4
)

const (
	// MaxLong is the largest length of a message's or a result record's frame: what follows the length field, in bytes.
	MaxLong = 16 << 20
	// MaxShort is the largest length of every other frame.
	MaxShort = 1 << 20
	// zerosSize is the payload of a frame of zeros.
	zerosSize = 8
	// HeaderSize is the length field and the type.
	HeaderSize = 5
	// RecordHeader is seq, time, kind and the length of the assignment's id.
	RecordHeader = 8 + 8 + 1 + 2
)

// PutHeader writes the header of a frame into the first five bytes of b. The rest of b is the payload.
func PutHeader(b []byte, kind byte) {
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	b[4] = kind
}

// Zeros encodes a frame that stands for n zero bytes.
func Zeros(n int64) []byte {
	frame := make([]byte, HeaderSize+zerosSize)
	binary.BigEndian.PutUint64(frame[HeaderSize:], uint64(n))
	PutHeader(frame, FrameZeros)
	return frame
}

// ParseZeros parses the payload of a FrameZeros frame.
func ParseZeros(b []byte) (int64, error) {
	if len(b) != zerosSize || b[0]&0x80 != 0 {
		return 0, fmt.Errorf("zeros of %d bytes", len(b))
	}
	return int64(binary.BigEndian.Uint64(b)), nil
}

// Message encodes a message as a complete frame.
func Message(message any) ([]byte, error) {
	text, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	if 1+len(text) > MaxLong {
		return nil, fmt.Errorf("a message of %d bytes is longer than %d", len(text), MaxLong-1)
	}
	frame := make([]byte, HeaderSize+len(text))
	copy(frame[HeaderSize:], text)
	PutHeader(frame, FrameMessage)
	return frame, nil
}

// Record encodes a record as a complete frame. time is in milliseconds since 1970.
func Record(seq uint64, time int64, kind byte, id string, data []byte) []byte {
	frame := make([]byte, HeaderSize+RecordHeader+len(id)+len(data))
	b := frame[HeaderSize:]
	binary.BigEndian.PutUint64(b, seq)
	binary.BigEndian.PutUint64(b[8:], uint64(time))
	b[16] = kind
	binary.BigEndian.PutUint16(b[17:], uint16(len(id)))
	copy(b[RecordHeader:], id)
	copy(b[RecordHeader+len(id):], data)
	PutHeader(frame, FrameRecord)
	return frame
}

// RecordView is a parsed record. Its slices point into the payload.
type RecordView struct {
	Seq  uint64
	Time int64
	Kind byte
	ID   string
	Data []byte
}

// ParseRecord parses the payload of a record's frame.
func ParseRecord(b []byte) (RecordView, error) {
	if len(b) < RecordHeader {
		return RecordView{}, fmt.Errorf("record of %d bytes", len(b))
	}
	n := int(binary.BigEndian.Uint16(b[17:]))
	if len(b) < RecordHeader+n {
		return RecordView{}, fmt.Errorf("record's id of %d bytes in %d", n, len(b))
	}
	return RecordView{
		Seq:  binary.BigEndian.Uint64(b),
		Time: int64(binary.BigEndian.Uint64(b[8:])),
		Kind: b[16],
		ID:   string(b[RecordHeader : RecordHeader+n]),
		Data: b[RecordHeader+n:],
	}, nil
}

// Reader reads frames from a stream.
type Reader struct {
	r   io.Reader
	buf []byte
}

// NewReader reads frames from r, which should be buffered.
func NewReader(r io.Reader) *Reader { return &Reader{r: r} }

// Next returns the next frame. The payload is valid until the next call.
func (f *Reader) Next() (kind byte, payload []byte, err error) {
	var header [HeaderSize]byte
	if _, err := io.ReadFull(f.r, header[:]); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(header[:])
	kind = header[4]
	limit := uint32(MaxShort)
	switch kind {
	case FrameMessage, FrameRecord:
		limit = MaxLong
	case FrameData:
	case FrameZeros:
		limit = 1 + zerosSize
	default:
		return 0, nil, fmt.Errorf("frame of unknown type %d", kind)
	}
	if length == 0 || length > limit || kind == FrameZeros && length < limit {
		return 0, nil, fmt.Errorf("frame of type %d with length %d; at most %d are allowed", kind, length, limit)
	}
	payload = f.room(int(length - 1))
	if _, err := io.ReadFull(f.r, payload); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	if kind == FrameRecord && length > MaxShort && payload[RecordHeader-3] != KindResult {
		return 0, nil, fmt.Errorf("record of kind %d with length %d; at most %d are allowed", payload[RecordHeader-3], length, MaxShort)
	}
	return kind, payload, nil
}

func (f *Reader) room(n int) []byte {
	if n > MaxShort {
		return make([]byte, n) // large and rare: not kept for reuse
	}
	if cap(f.buf) < n {
		f.buf = make([]byte, max(n, min(2*cap(f.buf), MaxShort)))
	}
	return f.buf[:n]
}
