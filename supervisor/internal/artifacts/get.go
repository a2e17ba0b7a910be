package artifacts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"airside/supervisor/internal/link"
	"airside/supervisor/internal/tree"
	"airside/supervisor/internal/wire"
)

type request struct {
	Type   string `json:"type"`
	Digest string `json:"digest,omitempty"`
	Name   string `json:"name,omitempty"`
}

// Fetch unpacks an artifact into the folder that fresh returns. fresh empties the folder, and is called for each attempt.
func (p *Pool) Fetch(ctx context.Context, artifact wire.Artifact, fresh func() (string, error), owner *tree.Owner) error {
	return p.try(ctx, func(conn *link.Conn) error {
		folder, err := fresh()
		if err != nil {
			return permanent{err}
		}
		return fetch(ctx, conn, artifact, folder, owner)
	})
}

func fetch(ctx context.Context, conn *link.Conn, artifact wire.Artifact, folder string, owner *tree.Owner) error {
	if err := conn.Send(request{Type: "get", Digest: artifact.Digest}); err != nil {
		return err
	}
	answer, err := conn.Message()
	if err != nil {
		return err
	}
	switch {
	case answer.Type == "failed":
		return refusal{answer.Message, answer.Retryable}
	case answer.Type != "artifact" || answer.Digest != artifact.Digest:
		return fmt.Errorf("a %q in place of the artifact", answer.Type)
	}
	in := &incoming{conn: conn, hash: sha256.New(), left: answer.Size}
	// The files of an archive without holes are never longer than the archive, and no artifact has holes.
	if err := tree.Unpack(ctx, in, folder, tree.UnpackOptions{Owner: owner, MaxBytes: answer.Size}); err != nil {
		if in.err != nil && in.err != io.EOF {
			return in.err // the stream broke; the unpacker's error only follows from that
		}
		return permanent{err}
	}
	if _, err := io.Copy(io.Discard, in); err != nil { // padding, and the end
		return err
	}
	if in.left != 0 {
		return fmt.Errorf("the artifact ended %d bytes early", in.left)
	}
	if got := digest(in.hash); got != artifact.Digest {
		return fmt.Errorf("the artifact has digest %s in place of %s", got, artifact.Digest)
	}
	return nil
}

func digest(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }

// incoming reads the bytes of data frames up to the message done.
type incoming struct {
	conn *link.Conn
	hash hash.Hash
	left int64 // bytes that are still to come of the announced size
	rest []byte
	// zeros is how many zero bytes follow rest.
	zeros int64
	err   error
}

func (in *incoming) Read(b []byte) (int, error) {
	for len(in.rest) == 0 {
		if in.zeros > 0 {
			n := int(min(int64(len(b)), in.zeros))
			clear(b[:n])
			in.hash.Write(b[:n])
			in.zeros -= int64(n)
			return n, nil
		}
		if in.err != nil {
			return 0, in.err
		}
		in.err = in.next()
	}
	n := copy(b, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

func (in *incoming) next() error {
	kind, payload, err := in.conn.Next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // io.EOF would mean the end of the artifact
		}
		return err
	}
	if kind == wire.FrameData {
		if in.left -= int64(len(payload)); in.left < 0 {
			return permanent{errors.New("the artifact is longer than announced")}
		}
		in.hash.Write(payload)
		in.rest = payload
		return nil
	}
	if kind == wire.FrameZeros {
		n, err := wire.ParseZeros(payload)
		if err != nil {
			return err
		}
		if n > in.left {
			return permanent{errors.New("the artifact is longer than announced")}
		}
		in.left, in.zeros = in.left-n, n
		return nil
	}
	if kind != wire.FrameMessage {
		return fmt.Errorf("frame of type %d within an artifact", kind)
	}
	message, err := link.Decode(payload)
	if err != nil {
		return err
	}
	switch message.Type {
	case "done":
		return io.EOF
	case "failed":
		return refusal{message.Message, message.Retryable}
	}
	return nil // unknown messages are ignored
}
