// Package artifacts moves trees over artifact channels.
package artifacts

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"airside/supervisor/internal/link"
)

// Opener makes artifact channels.
type Opener interface {
	Artifact(ctx context.Context, attempts int) (*link.Conn, error)
}

const (
	// attempts is how often a transfer is tried while the server can be reached.
	attempts = 60
	// Parallel transfers.
	Parallel = 4
)

// Pool keeps channels open for reuse within one phase of an assignment.
type Pool struct {
	opener Opener
	mu     sync.Mutex
	idle   []*link.Conn
	closed bool
}

// NewPool returns a pool without channels; they are opened when they are needed.
func NewPool(opener Opener) *Pool { return &Pool{opener: opener} }

// Close closes the idle channels.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, conn := range p.idle {
		conn.Close()
	}
	p.idle = nil
}

func (p *Pool) take(ctx context.Context) (*link.Conn, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		conn := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return conn, nil
	}
	p.mu.Unlock()
	return p.opener.Artifact(ctx, attempts)
}

func (p *Pool) put(conn *link.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		conn.Close()
		return
	}
	p.idle = append(p.idle, conn)
}

// permanent is an error after which a transfer is not tried again.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// refusal is the server's answer `failed`.
type refusal struct {
	message   string
	retryable bool
}

func (r refusal) Error() string { return r.message }

// try runs a transfer until it succeeds, fails for good, or has used up its attempts. Each attempt starts from the beginning.
func (p *Pool) try(ctx context.Context, transfer func(*link.Conn) error) error {
	for failed := 1; ; failed++ {
		conn, err := p.take(ctx)
		if err != nil {
			return err
		}
		stop := context.AfterFunc(ctx, conn.Close)
		err = transfer(conn)
		if stop() && err == nil {
			p.put(conn)
			return nil
		}
		conn.Close()
		if err == nil {
			return nil
		}
		var final permanent
		var refused refusal
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &final), errors.As(err, &refused) && !refused.retryable, failed >= attempts:
			return err
		}
		longest := 5 * time.Second
		if refused.message == "" { // a broken channel
			longest = time.Second
		}
		wait(ctx, min(longest, 50*time.Millisecond<<min(failed, 10)))
	}
}

func wait(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause*3/4 + rand.N(pause/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
