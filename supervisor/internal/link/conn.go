// Package link makes and secures the channels to the server, and ends those that are silent for too long.
package link

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"airside/supervisor/internal/wire"
)

const (
	pingAfter = 20 * time.Second
	deadAfter = 60 * time.Second
)

// Conn is a channel after its hello.
type Conn struct {
	net    net.Conn
	frames *wire.Reader
	closed chan struct{}
	once   sync.Once
	pong   chan struct{}

	writing  sync.Mutex
	lastSent atomic.Int64 // unix nanoseconds
	moved    atomic.Int64 // bytes, in either direction
}

func newConn(stream net.Conn) *Conn {
	c := &Conn{net: stream, closed: make(chan struct{}), pong: make(chan struct{}, 1)}
	c.frames = wire.NewReader(bufio.NewReaderSize(deadlineReader{stream, &c.moved}, 256<<10))
	c.lastSent.Store(time.Now().UnixNano())
	go c.keepAlive()
	return c
}

// deadlineReader ends a channel after 60 s of silence.
type deadlineReader struct {
	net.Conn
	moved *atomic.Int64
}

func (d deadlineReader) Read(b []byte) (int, error) {
	if err := d.SetReadDeadline(time.Now().Add(deadAfter)); err != nil {
		return 0, err
	}
	n, err := d.Conn.Read(b)
	d.moved.Add(int64(n))
	return n, err
}

// Close closes the channel. Further calls do nothing.
func (c *Conn) Close() {
	c.once.Do(func() {
		close(c.closed)
		c.net.Close()
	})
}

// Closed returns a channel that is closed when the connection is.
func (c *Conn) Closed() <-chan struct{} { return c.closed }

// Write sends complete frames.
func (c *Conn) Write(frames []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	n, err := c.net.Write(frames)
	c.moved.Add(int64(n))
	c.lastSent.Store(time.Now().UnixNano())
	if err != nil {
		c.Close()
	}
	return err
}

// Send sends a message.
func (c *Conn) Send(message any) error {
	frame, err := wire.Message(message)
	if err != nil {
		return err
	}
	return c.Write(frame)
}

type bare struct {
	Type string `json:"type"`
}

// Next returns the next frame that is neither ping nor pong. The payload is valid until the next call.
func (c *Conn) Next() (kind byte, payload []byte, err error) {
	for {
		kind, payload, err = c.frames.Next()
		if err != nil || kind != wire.FrameMessage || len(payload) > 256 {
			return kind, payload, err
		}
		var message bare
		if json.Unmarshal(payload, &message) != nil {
			return 0, nil, fmt.Errorf("a message that is no JSON object")
		}
		switch message.Type {
		case "ping":
			// In a goroutine of its own: reading must not wait for a write.
			select {
			case c.pong <- struct{}{}:
			default:
			}
		case "pong":
		default:
			return kind, payload, nil
		}
	}
}

// Message returns the next frame, which must be a message.
func (c *Conn) Message() (wire.Incoming, error) {
	kind, payload, err := c.Next()
	if err != nil {
		return wire.Incoming{}, err
	}
	if kind != wire.FrameMessage {
		return wire.Incoming{}, fmt.Errorf("frame of type %d in place of a message", kind)
	}
	return Decode(payload)
}

// Decode parses a message.
func Decode(payload []byte) (wire.Incoming, error) {
	var message wire.Incoming
	if err := json.Unmarshal(payload, &message); err != nil {
		return message, fmt.Errorf("message: %w", err)
	}
	return message, nil
}

func (c *Conn) keepAlive() {
	tick := time.NewTicker(pingAfter / 4)
	defer tick.Stop()
	for {
		select {
		case <-c.closed:
			return
		case <-c.pong:
			c.Send(bare{"pong"})
		case <-tick.C:
			if time.Since(time.Unix(0, c.lastSent.Load())) >= pingAfter*3/4 {
				c.Send(bare{"ping"})
			}
		}
	}
}
