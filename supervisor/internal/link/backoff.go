package link

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is a delay that doubles from 0.1 s to 5 s, with jitter.
type backoff struct{ next time.Duration }

func (b *backoff) wait(ctx context.Context) {
	b.next = min(max(2*b.next, 100*time.Millisecond), 5*time.Second)
	timer := time.NewTimer(b.next*3/4 + rand.N(b.next/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
