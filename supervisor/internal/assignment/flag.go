package assignment

import "sync"

// flag is raised once and can be waited for.
type flag struct {
	once *sync.Once
	c    chan struct{}
}

func newFlag() flag { return flag{new(sync.Once), make(chan struct{})} }

// raise says whether it was not raised before.
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
