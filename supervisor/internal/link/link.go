package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"airside/supervisor/internal/config"
	"airside/supervisor/internal/wire"
)

// Handler handles control channels. Its methods are called one at a time, except for Disconnected.
type Handler interface {
	// Describe fills in the state that the hello of a control channel reports.
	Describe(hello *wire.Hello)
	// Welcomed is called with the number of the last record that is durable at the server, before anything is sent.
	Welcomed(acked uint64) error
	// Stream sends records until the channel is closed.
	Stream(conn *Conn, from uint64)
	// Message handles a message of the server.
	Message(message wire.Incoming, raw []byte) error
	// Disconnected is called when there is no control channel any more, perhaps during another call.
	Disconnected()
	// Unwanted is called when the server does not want this container any more.
	Unwanted(reason string)
}

// Link opens channels and keeps a control channel open.
type Link struct {
	config   config.Config
	version  string
	restarts int
	handler  Handler
	session  *session
	tunnel   tunnel

	mu          sync.Mutex
	control     *Conn
	byTunnel    bool
	changed     chan struct{} // closed when control changes
	lastContact time.Time
	handling    sync.Mutex
}

// New returns a link that is not running; Run runs it.
func New(c config.Config, version string, restarts int, handler Handler) *Link {
	return &Link{
		config: c, version: version, restarts: restarts, handler: handler,
		session: &session{}, changed: make(chan struct{}), lastContact: time.Now(),
	}
}

// Run listens and dials until the context ends. It returns an error if it cannot listen.
func (l *Link) Run(ctx context.Context) error {
	if l.config.Listen != "" {
		listener, err := net.Listen("tcp", l.config.Listen)
		if err != nil {
			return fmt.Errorf("AIRSIDE_LISTEN: %w", err)
		}
		go l.accept(ctx, listener)
	}
	if l.config.Address != "" {
		go l.dialHome(ctx)
	}
	return nil
}

// Contact reports whether a control channel is up, or since when there has been none.
func (l *Link) Contact() (connected bool, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.control != nil, l.lastContact
}

// Disconnect closes the control channel.
func (l *Link) Disconnect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.control != nil {
		l.control.Close()
	}
}

// dialHome keeps a control channel to home while there is none through the tunnel.
func (l *Link) dialHome(ctx context.Context) {
	var pause backoff
	for ctx.Err() == nil {
		if !l.untilNeeded(ctx) {
			return
		}
		began := time.Now()
		welcomed := false
		if stream, err := l.dial(ctx); err == nil {
			welcomed = l.serveControl(stream, false)
		}
		if welcomed {
			pause = backoff{}
			if time.Since(began) > time.Second {
				continue // at once
			}
		}
		pause.wait(ctx)
	}
}

// untilNeeded waits as long as a control channel through the tunnel is up.
func (l *Link) untilNeeded(ctx context.Context) bool {
	for {
		l.mu.Lock()
		up, changed := l.control != nil && l.byTunnel, l.changed
		l.mu.Unlock()
		if !up {
			return ctx.Err() == nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

func (l *Link) dial(ctx context.Context) (net.Conn, error) {
	dialer := net.Dialer{Timeout: handshakeTimeout}
	stream, err := dialer.DialContext(ctx, l.config.Network, l.config.Address)
	if err != nil || l.config.Network == "unix" {
		return stream, err
	}
	return secure(ctx, stream, l.config.ServerKey)
}

// serveControl runs a control channel to its end and reports whether it was ever welcomed.
func (l *Link) serveControl(stream net.Conn, byTunnel bool) (welcomed bool) {
	conn := newConn(stream)
	defer conn.Close()
	hello := l.hello("control")
	l.handler.Describe(&hello)
	answer, err := l.greet(conn, hello)
	if err != nil {
		return false
	}
	l.handling.Lock()
	err = l.handler.Welcomed(answer.Acked)
	l.handling.Unlock()
	if err != nil {
		return false
	}
	l.install(conn, byTunnel)
	defer l.uninstall(conn)
	go func() {
		defer conn.Close()
		l.handler.Stream(conn, answer.Acked+1)
	}()
	l.read(conn)
	return true
}

func (l *Link) read(conn *Conn) {
	for {
		kind, payload, err := conn.Next()
		if err != nil || kind != wire.FrameMessage {
			return
		}
		message, err := Decode(payload)
		if err != nil {
			return
		}
		l.mu.Lock()
		current := l.control == conn
		l.mu.Unlock()
		if !current {
			return
		}
		l.handling.Lock()
		err = l.handler.Message(message, payload)
		l.handling.Unlock()
		if err != nil {
			return
		}
	}
}

func (l *Link) hello(purpose string) wire.Hello {
	return wire.Hello{
		Type: "hello", Protocol: wire.Version, Purpose: purpose, Container: l.config.Container, UID: l.config.UID,
		Proof: l.proof(), Version: l.version, Arch: runtime.GOARCH, Restarts: l.restarts,
	}
}

func (l *Link) proof() wire.Proof {
	if key := l.session.get(); key != "" {
		return wire.Proof{Session: key}
	}
	if l.config.TokenFile != "" {
		if token, err := os.ReadFile(l.config.TokenFile); err == nil {
			return wire.Proof{Token: strings.TrimSpace(string(token))}
		}
	}
	return wire.Proof{First: true}
}

var errRefused = errors.New("refused")

// greet sends the hello and waits for the welcome, for as long as the server delays it.
func (l *Link) greet(conn *Conn, hello wire.Hello) (wire.Incoming, error) {
	if err := conn.Send(hello); err != nil {
		return wire.Incoming{}, err
	}
	for {
		answer, err := conn.Message()
		if err != nil {
			return answer, err
		}
		switch answer.Type {
		case "welcome":
			l.session.set(answer.Session, answer.Resumed)
			return answer, nil
		case "refused":
			if answer.Final {
				l.handler.Unwanted(answer.Reason)
			}
			return answer, fmt.Errorf("%w: %s", errRefused, answer.Reason)
		}
	}
}

func (l *Link) install(conn *Conn, byTunnel bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.control != nil {
		l.control.Close() // the newer channel replaces the older one
	}
	l.control, l.byTunnel = conn, byTunnel
	l.signal()
}

func (l *Link) uninstall(conn *Conn) {
	l.mu.Lock()
	last := l.control == conn
	if last {
		l.control, l.lastContact = nil, time.Now()
		l.signal()
	}
	l.mu.Unlock()
	if last {
		l.handler.Disconnected()
	}
}

func (l *Link) signal() {
	close(l.changed)
	l.changed = make(chan struct{})
}
