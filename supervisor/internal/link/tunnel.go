package link

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// maxHandshakes bounds the connections to the tunnel's port whose peer has not proved that it has the server's key. Any process of
// the pod can dial the port.
const maxHandshakes = 64

type tunnel struct {
	mu      sync.Mutex
	waiting []chan net.Conn // callers that wait for an artifact channel
	pending []net.Conn      // in the handshake
}

func (l *Link) accept(ctx context.Context, listener net.Listener) {
	go func() {
		<-ctx.Done()
		listener.Close()
	}()
	var pause backoff
	for {
		stream, err := listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			pause.wait(ctx)
			continue
		}
		pause = backoff{}
		l.tunnel.begin(stream)
		go l.accepted(ctx, stream)
	}
}

func (t *tunnel) begin(stream net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending = append(t.pending, stream)
	if len(t.pending) > maxHandshakes {
		t.pending[0].Close()
	}
}

func (t *tunnel) end(stream net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending = slices.DeleteFunc(t.pending, func(c net.Conn) bool { return c == stream })
}

func (l *Link) accepted(ctx context.Context, stream net.Conn) {
	secured, err := secure(ctx, stream, l.config.ServerKey)
	l.tunnel.end(stream)
	if err != nil {
		return
	}
	l.mu.Lock()
	up := l.control != nil && l.byTunnel
	l.mu.Unlock()
	if up && l.tunnel.give(secured) {
		return
	}
	l.serveControl(secured, true)
}

// give hands a stream to the first caller that waits for one.
func (t *tunnel) give(stream net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		return false
	}
	first := t.waiting[0]
	t.waiting = t.waiting[1:]
	first <- stream // buffered
	return true
}

type want struct {
	Type     string `json:"type"`
	Channels int    `json:"channels"`
}

// await asks the server to dial and returns the stream.
func (l *Link) await(ctx context.Context, control *Conn) (net.Conn, error) {
	arrived := make(chan net.Conn, 1)
	l.tunnel.mu.Lock()
	l.tunnel.waiting = append(l.tunnel.waiting, arrived)
	l.tunnel.mu.Unlock()
	defer func() {
		l.tunnel.mu.Lock()
		l.tunnel.waiting = slices.DeleteFunc(l.tunnel.waiting, func(c chan net.Conn) bool { return c == arrived })
		l.tunnel.mu.Unlock()
		select {
		case late := <-arrived:
			late.Close()
		default:
		}
	}()
	if err := control.Send(want{"want", 1}); err != nil {
		return nil, err
	}
	timer := time.NewTimer(15 * time.Second)
	defer timer.Stop()
	select {
	case stream := <-arrived:
		return stream, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-control.Closed():
		return nil, net.ErrClosed
	case <-timer.C:
		return nil, errors.New("the server did not dial")
	}
}
