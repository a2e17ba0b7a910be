package link

import (
	"context"
	"fmt"
	"net"
)

// Artifact opens an artifact channel the way the control channel came. It waits for a control channel, and tries again
// until the context ends or it has failed `attempts` times in a row although there was one.
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
	go conn.followReplaced(control)
	return conn, nil
}

// followReplaced closes an artifact channel whose control channel was replaced while it seemed to be up: the server at the
// other end of both is gone, and what stands between (a relay that an engine runs) does not say so for a minute.
func (c *Conn) followReplaced(control *Conn) {
	select {
	case <-c.closed:
	case <-control.closed:
		if control.replaced.Load() {
			c.Close()
		}
	}
}
