package assignment

import (
	"os"
	"sync"
	"time"
)

const (
	feedBytes    = 4 << 20
	feedPatience = 10 * time.Second
	endOfInput   = 4 // end of input on a terminal (^D)
)

// feed buffers a session's input that the process has not read yet.
type feed struct {
	mu      sync.Mutex
	chunks  [][]byte
	bytes   int
	eof     bool
	changed chan struct{}
}

func newFeed() *feed { return &feed{changed: make(chan struct{})} }

func (f *feed) signal() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *feed) add(data []byte, eof bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.eof {
		f.chunks, f.bytes, f.eof = append(f.chunks, data), f.bytes+len(data), eof
		f.signal()
	}
}

// offer adds input if the buffer has room, and waits a while for it. It returns false when there was none; the feed is closed then.
func (f *feed) offer(data []byte, eof bool) bool {
	timer := time.NewTimer(feedPatience)
	defer timer.Stop()
	for {
		f.mu.Lock()
		room, changed := f.bytes < feedBytes || f.eof, f.changed
		f.mu.Unlock()
		if room {
			f.add(data, eof)
			return true
		}
		select {
		case <-changed:
		case <-timer.C:
			f.add(nil, true)
			return false
		}
	}
}

// close ends take.
func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chunks, f.eof = nil, true
	f.signal()
}

func (f *feed) take() (data []byte, ok bool) {
	for {
		f.mu.Lock()
		if len(f.chunks) > 0 {
			data := f.chunks[0]
			f.chunks, f.bytes = f.chunks[1:], f.bytes-len(f.chunks[0])
			f.signal()
			f.mu.Unlock()
			return data, true
		}
		eof, changed := f.eof, f.changed
		f.mu.Unlock()
		if eof {
			return nil, false
		}
		<-changed
	}
}

// pump writes the input to the process. It is no error if the process closes its input.
func (f *feed) pump(to *os.File, terminal bool) {
	for {
		data, ok := f.take()
		if !ok {
			break
		}
		if _, err := to.Write(data); err != nil {
			f.close()
			break
		}
	}
	if terminal {
		to.Write([]byte{endOfInput})
		return
	}
	to.Close()
}
