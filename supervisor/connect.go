package main

import (
	"io"
	"net"
	"os"
)

// connect joins stdin and stdout to a port of this container, for engines where only an exec reaches the supervisor.
// It carries the tunnel's TLS stream.
func connect(address string) error {
	stream, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer stream.Close()
	go func() {
		io.Copy(stream, os.Stdin)
		stream.Close() // the engine has closed its end
	}()
	io.Copy(os.Stdout, stream)
	return nil
}
