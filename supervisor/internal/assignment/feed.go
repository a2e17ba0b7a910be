package assignment

import (
	"os"
	"sync"
	"time"
)

const (
	feedBytes    = 4 << 20
	feedPatience = 10 * time.Second
	endOfInput   = 4 // what a terminal understands as its end
)

// feed holds what the process is still to read.
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

// offer adds when there is room; false: there was none for a while, and nothing more is taken.
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

// close makes take end.
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

// pump writes it all to the process. A process that closed its input is no error.
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
