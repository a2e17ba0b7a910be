package tree

import (
	"context"
	"io"
)

// Copy copies the content of one folder into another one.
func Copy(ctx context.Context, from, to string, owner *Owner) error {
	in, out := io.Pipe()
	go func() {
		out.CloseWithError(Pack(ctx, from, out, PackOptions{}))
	}()
	err := Unpack(ctx, in, to, UnpackOptions{Owner: owner, MaxBytes: 1 << 50})
	if err == nil {
		_, err = io.Copy(io.Discard, in)
	}
	in.CloseWithError(err)
	return err
}
