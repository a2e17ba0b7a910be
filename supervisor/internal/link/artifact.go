package link

import (
	"context"
	"fmt"
	"net"
	"time"
)

// Artifact opens an artifact channel in the same way as the control channel (by dialling home, or through the tunnel). It waits for
// a control channel, and tries until the context ends or it has failed attempts times in a row while there was one.
func (l *Link) Artifact(ctx context.Context, attempts int) (*Conn, error) {
	var pause backoff
	for failed := 0; ; {
		control, byTunnel, err := l.untilUp(ctx)
		if err != nil {
			return nil, err
		}
		conn, err := l.openArtifact(ctx, control, byTunnel)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		select {
		case <-control.Closed():
			failed = 0
		default:
			failed++
		}
		if failed >= attempts {
			return nil, fmt.Errorf("no artifact channel: %w", err)
		}
		pause.wait(ctx)
	}
}

func (l *Link) untilUp(ctx context.Context) (control *Conn, byTunnel bool, err error) {
	for {
		l.mu.Lock()
		control, byTunnel = l.control, l.byTunnel
		changed := l.changed
		l.mu.Unlock()
		if control != nil {
			return control, byTunnel, nil
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-changed:
		}
	}
}

func (l *Link) openArtifact(ctx context.Context, control *Conn, byTunnel bool) (*Conn, error) {
	var stream net.Conn
	var err error
	if byTunnel {
		stream, err = l.await(ctx, control)
	} else {
		stream, err = l.dial(ctx)
	}
	if err != nil {
		return nil, err
	}
	conn := newConn(stream)
	stop := context.AfterFunc(ctx, conn.Close)
	defer stop()
	if _, err := l.greet(conn, l.hello("artifact")); err != nil {
		conn.Close()
		return nil, err
	}
	go conn.followControl(control)
	return conn, nil
}

// deadWithoutControl is how long an artifact channel may be silent once its control channel has ended.
const deadWithoutControl = 5 * time.Second

// followControl closes an artifact channel that is silent after its control channel has ended. A relay in between does not always
// pass on that the server has gone, and without this the next server would wait a minute for the transfer.
func (c *Conn) followControl(control *Conn) {
	select {
	case <-c.closed:
		return
	case <-control.closed:
	}
	tick := time.NewTicker(deadWithoutControl)
	defer tick.Stop()
	for before := c.moved.Load(); ; {
		select {
		case <-c.closed:
			return
		case <-tick.C:
		}
		after := c.moved.Load()
		if after == before {
			c.Close()
			return
		}
		before = after
	}
}
