package assignment

import "sync"

// flag is a condition that is set once and can be waited for.
type flag struct {
	once *sync.Once
	c    chan struct{}
}

func newFlag() flag { return flag{new(sync.Once), make(chan struct{})} }

// raise sets the flag and reports whether it was not set before.
func (f flag) raise() (first bool) {
	f.once.Do(func() {
		first = true
		close(f.c)
	})
	return first
}

func (f flag) raised() bool {
	select {
	case <-f.c:
		return true
	default:
		return false
	}
}
