package process

import (
	"errors"
	"os"
	"sync"
	"time"
)

const (
	chunk = 64 << 10
	// join is how long small reads are collected into one.
	join = 5 * time.Millisecond
	// quiet is how long a pipe must be silent to count as empty, once no process is left that could write to it.
	quiet = 20 * time.Millisecond
)

// Output reads one of a process's streams.
type Output struct {
	file *os.File
	emit func([]byte)
	done chan struct{}

	mu     sync.Mutex
	ending bool
	until  time.Time
}

// ReadOutput starts reading. emit gets pieces of at most 64 KiB, in order. If it blocks, so does the process.
// The first byte after a pause is passed on at once; what follows within 5 ms is joined.
func ReadOutput(file *os.File, emit func([]byte)) *Output {
	o := &Output{file: file, emit: emit, done: make(chan struct{})}
	go o.run()
	return o
}

// Done is closed after the last byte was passed on.
func (o *Output) Done() <-chan struct{} { return o.done }

// End stops reading as soon as nothing is left to read, for when all processes that could write have ended. If some may go on
// writing, limit (not 0) stops it too.
func (o *Output) End(limit time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ending = true
	if limit > 0 {
		o.until = time.Now().Add(limit)
	}
	o.file.SetReadDeadline(time.Now().Add(quiet))
}

func (o *Output) run() {
	defer close(o.done)
	buf := make([]byte, chunk)
	n := 0
	var last time.Time
	flush := func() {
		if n > 0 {
			o.emit(buf[:n])
			n, last = 0, time.Now()
		}
	}
	defer flush()
	for {
		ending := o.setDeadline(n > 0, last)
		m, err := o.file.Read(buf[n:])
		n += m
		if n == len(buf) || n > 0 && time.Since(last) >= join {
			flush()
		}
		switch {
		case err == nil:
			if ending && o.late() {
				return
			}
		case errors.Is(err, os.ErrDeadlineExceeded):
			if ending {
				return
			}
			flush()
		default: // EOF, or EIO from a terminal that no process has open
			return
		}
	}
}

func (o *Output) setDeadline(holding bool, last time.Time) (ending bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.ending:
		o.file.SetReadDeadline(time.Now().Add(quiet))
	case holding:
		o.file.SetReadDeadline(last.Add(join))
	default:
		o.file.SetReadDeadline(time.Time{})
	}
	return o.ending
}

func (o *Output) late() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.until.IsZero() && time.Now().After(o.until)
}
