// Package journal keeps, over a restart of the container, which assignments ran: their ids and states, never their environment or
// stdin.
package journal

import (
	"bufio"
	"encoding/json"
	"os"

	"airside/supervisor/internal/wire"
)

// States of an assignment.
const (
	Running  = "running"
	Finished = "finished"
)

// Entry is the last known state of an assignment.
type Entry struct {
	ID    string `json:"id"`
	State string `json:"state"`
	// Mark is the value of AIRSIDE_ASSIGNMENT in the process's environment.
	Mark      string `json:"mark,omitempty"`
	StartedAt int64  `json:"startedAt,omitempty"`
	// Kills is the cgroup's counter of out-of-memory kills when it began.
	Kills int64 `json:"kills,omitempty"`
	// Outputs are the outputs to collect; Mounts are all mounted paths, none of which is part of another.
	Outputs []wire.Mount `json:"outputs,omitempty"`
	// OutputLimit bounds the bytes of each of them; 0: no limit.
	OutputLimit int64    `json:"outputLimit,omitempty"`
	Mounts      []string `json:"mounts,omitempty"`
	// Below is, by path, where the content that mounts cover was put aside.
	Below map[string]string `json:"below,omitempty"`
}

// Journal is not safe for concurrent use; its owner locks.
type Journal struct {
	file    *os.File
	entries map[string]*Entry
	order   []string
}

// Open reads a journal. An incomplete last line is dropped.
func Open(path string) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: file, entries: map[string]*Entry{}}
	in := bufio.NewReader(file)
	var whole int64
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		whole += int64(len(line))
		var entry Entry
		if json.Unmarshal(line, &entry) == nil && entry.ID != "" {
			j.remember(entry)
		}
	}
	if err := file.Truncate(whole); err != nil {
		return nil, err
	}
	if _, err := file.Seek(whole, 0); err != nil {
		return nil, err
	}
	return j, nil
}

func (j *Journal) remember(entry Entry) {
	if _, known := j.entries[entry.ID]; !known {
		j.order = append(j.order, entry.ID)
	}
	j.entries[entry.ID] = &entry
}

// Write records a state.
func (j *Journal) Write(entry Entry) error {
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	j.remember(entry)
	_, err = j.file.Write(append(line, '\n'))
	return err
}

// Has reports whether an assignment was ever begun.
func (j *Journal) Has(id string) bool { return j.entries[id] != nil }

// Empty reports whether no assignment was ever begun.
func (j *Journal) Empty() bool { return len(j.entries) == 0 }

// Running returns the assignments that never finished.
func (j *Journal) Running() []Entry {
	var running []Entry
	for _, id := range j.order {
		if entry := j.entries[id]; entry.State == Running {
			running = append(running, *entry)
		}
	}
	return running
}

// States returns the running assignments and the last recent ones, oldest first.
func (j *Journal) States(recent int) []wire.Assignment {
	var states []wire.Assignment
	for i, id := range j.order {
		entry := j.entries[id]
		if entry.State == Running || i >= len(j.order)-recent {
			states = append(states, wire.Assignment{ID: id, State: entry.State})
		}
	}
	return states
}
