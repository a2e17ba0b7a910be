package artifacts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"

	"airside/supervisor/internal/link"
	"airside/supervisor/internal/tree"
	"airside/supervisor/internal/wire"
)

// frameSize is the largest number of an artifact's bytes in one frame.
const frameSize = 256 << 10

type done struct {
	Type   string `json:"type"`
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
}

// Stored is an artifact with the server's receipt.
type Stored struct {
	wire.Artifact
	Receipt string
}

// Store sends a folder's content under a name and returns the artifact that the server has stored.
func (p *Pool) Store(ctx context.Context, name, folder string, options tree.PackOptions) (Stored, error) {
	var stored Stored
	err := p.try(ctx, func(conn *link.Conn) error {
		var err error
		stored, err = store(ctx, conn, name, folder, options)
		options.Notice = nil // the first attempt has logged them
		return err
	})
	return stored, err
}

func store(ctx context.Context, conn *link.Conn, name, folder string, options tree.PackOptions) (Stored, error) {
	if err := conn.Send(request{Type: "put", Name: name}); err != nil {
		return Stored{}, err
	}
	// The server may answer failed at any time, so its messages are read while the artifact is sent.
	answers := make(chan answer, 1)
	go func() {
		message, err := verdict(conn)
		answers <- answer{message, err}
		if err != nil || message.Type == "failed" {
			conn.Close() // ends a write that blocks
		}
	}()
	out := &outgoing{conn: conn, hash: sha256.New(), buf: make([]byte, wire.HeaderSize, wire.HeaderSize+frameSize)}
	err := tree.Pack(ctx, folder, out, options)
	if err == nil {
		err = out.flush()
	}
	if err == nil {
		err = out.skip()
	}
	own := Stored{Artifact: wire.Artifact{Digest: digest(out.hash), Size: out.size}}
	if err == nil {
		err = conn.Send(done{"done", own.Digest, own.Size})
	}
	if source := sourceError(err); source != nil {
		conn.Close()
		<-answers
		return own, source
	}
	got := <-answers
	switch {
	case got.err != nil:
		return own, got.err
	case got.message.Type == "failed":
		return own, refusal{got.message.Message, got.message.Retryable}
	case err != nil:
		return own, err
	case got.message.Digest != own.Digest || got.message.Size != own.Size:
		return own, fmt.Errorf("the server stored %s (%d bytes) in place of %s (%d bytes)", got.message.Digest, got.message.Size, own.Digest, own.Size)
	}
	own.Receipt = got.message.Receipt
	return own, nil
}

type answer struct {
	message wire.Incoming
	err     error
}

func verdict(conn *link.Conn) (wire.Incoming, error) {
	for {
		message, err := conn.Message()
		if err != nil || message.Type == "stored" || message.Type == "failed" {
			return message, err
		}
	}
}

// sourceError distinguishes a tree that cannot be read from a channel that broke.
func sourceError(err error) error {
	var source *tree.SourceError
	var path *fs.PathError
	if errors.As(err, &source) || errors.As(err, &path) {
		return permanent{err}
	}
	return nil
}

// outgoing sends what is written to it as data frames.
type outgoing struct {
	conn *link.Conn
	hash hash.Hash
	buf  []byte // a frame's header, and bytes that are not sent yet
	size int64
	// zeros is how many zero bytes were written and are not sent yet.
	zeros int64
}

var zeros [frameSize]byte

func (o *outgoing) Write(b []byte) (int, error) {
	total := len(b)
	for len(b) > 0 {
		room := cap(o.buf) - len(o.buf)
		n := min(room, len(b))
		o.buf = append(o.buf, b[:n]...)
		b = b[n:]
		if n == room {
			if err := o.flush(); err != nil {
				return 0, err
			}
		}
	}
	return total, nil
}

// skip sends the collected zero bytes as a frame that holds their number.
func (o *outgoing) skip() error {
	n := o.zeros
	if n == 0 {
		return nil
	}
	o.zeros = 0
	return o.conn.Write(wire.Zeros(n))
}

func (o *outgoing) flush() error {
	data := o.buf[wire.HeaderSize:]
	if len(data) == 0 {
		return nil
	}
	o.hash.Write(data)
	o.size += int64(len(data))
	if bytes.Equal(data, zeros[:len(data)]) {
		o.zeros += int64(len(data))
		o.buf = o.buf[:wire.HeaderSize]
		return nil
	}
	if err := o.skip(); err != nil {
		return err
	}
	wire.PutHeader(o.buf, wire.FrameData)
	err := o.conn.Write(o.buf)
	o.buf = o.buf[:wire.HeaderSize]
	return err
}
