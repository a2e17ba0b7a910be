// Package procs finds the processes of an assignment by walking /proc, and ends them.
package procs

import (
	"bytes"
	"os"
	"strconv"
)

// Mark is the environment variable that marks the processes of an assignment.
const Mark = "AIRSIDE_ASSIGNMENT"

type entry struct {
	pid, parent, session int
	zombie               bool
}

// snapshot lists the processes in /proc.
func snapshot() map[int]entry {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	all := make(map[int]entry, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if e, ok := readStat(pid); ok {
			all[pid] = e
		}
	}
	return all
}

func readStat(pid int) (entry, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return entry{}, false
	}
	// The name may hold any characters, parentheses too. After the last parenthesis come the numbers.
	end := bytes.LastIndexByte(text, ')')
	if end < 0 {
		return entry{}, false
	}
	fields := bytes.Fields(text[end+1:]) // state, parent, group, session …
	if len(fields) < 4 {
		return entry{}, false
	}
	parent, _ := strconv.Atoi(string(fields[1]))
	session, _ := strconv.Atoi(string(fields[3]))
	state := fields[0][0]
	return entry{pid: pid, parent: parent, session: session, zombie: state == 'Z' || state == 'X'}, true
}

// markOf returns the mark of a process, or "" if it has none or its environment cannot be read.
func markOf(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return ""
	}
	prefix := []byte(Mark + "=")
	for len(text) > 0 {
		variable, rest, _ := bytes.Cut(text, []byte{0})
		if bytes.HasPrefix(variable, prefix) {
			return string(variable[len(prefix):])
		}
		text = rest
	}
	return ""
}
