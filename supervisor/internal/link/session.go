package link

import (
	"sync"

	"airside/supervisor/internal/wire"
)

// session keeps the key of the first welcome, in memory only, since a root process of the step could read a file. A supervisor that
// was started again gets another key, which opens channels but does not sign results.
type session struct {
	mu      sync.Mutex
	key     string
	resumed bool
}

func (s *session) get() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key
}

func (s *session) set(key string, resumed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key != "" {
		s.key, s.resumed = key, resumed
	}
}

// Seal signs a result, so that the server knows it comes from the supervisor that ran the assignment. It returns an empty seal if
// that supervisor was killed.
func (l *Link) Seal(id string, result []byte) [wire.SealSize]byte {
	l.session.mu.Lock()
	defer l.session.mu.Unlock()
	if l.session.resumed || l.session.key == "" {
		return [wire.SealSize]byte{}
	}
	return wire.Seal(l.session.key, id, result)
}
