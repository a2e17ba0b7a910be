// Package procs finds the processes of an assignment by walking /proc, and ends them.
package procs

import (
	"bytes"
	"os"
	"strconv"
	"time"
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
	fields := statFields(pid)
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
	mark, _ := readMark(pid)
	return mark
}

// markDuringExec returns the mark of a process, also of one that runs execve.
//
// While execve replaces a process's memory, its environment reads as empty, or ends early: in that moment it would be taken for a
// process without a mark, and left alive. It is read again then, for some 50 ms: one without any variable looks the same. What asks
// often is better off with markOf and the process's session.
func markDuringExec(pid int) string {
	for end := time.Now().Add(50 * time.Millisecond); ; time.Sleep(200 * time.Microsecond) {
		if mark, sure := readMark(pid); sure || time.Now().After(end) {
			return mark
		}
	}
}

// readMark returns the mark of a process, and false if it found none but may have seen a part of the environment only.
func readMark(pid int) (string, bool) {
	folder := "/proc/" + strconv.Itoa(pid)
	text, err := os.ReadFile(folder + "/environ")
	if err != nil {
		return "", true
	}
	size := len(text)
	prefix := []byte(Mark + "=")
	for len(text) > 0 {
		variable, rest, _ := bytes.Cut(text, []byte{0})
		if bytes.HasPrefix(variable, prefix) {
			return string(variable[len(prefix):]), true
		}
		text = rest
	}
	// A kernel thread has no program, and no environment.
	if _, err := os.Readlink(folder + "/exe"); err != nil {
		return "", true
	}
	return "", size > 0 && size == environmentSize(pid)
}

// environmentSize returns the bytes of a process's environment, or -1 if execve has not set it yet.
func environmentSize(pid int) int {
	fields := statFields(pid)
	const start, end = 47, 48 // env_start and env_end of proc_pid_stat(5), counted from the state
	if len(fields) <= end {
		return -1
	}
	from, _ := strconv.ParseUint(string(fields[start]), 10, 64)
	to, _ := strconv.ParseUint(string(fields[end]), 10, 64)
	if to == 0 {
		return -1
	}
	return int(to - from)
}

// statFields returns what /proc/PID/stat says after the process's name: state, parent, group, session …
func statFields(pid int) [][]byte {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	// The name may hold any characters, parentheses too. After the last parenthesis come the numbers.
	end := bytes.LastIndexByte(text, ')')
	if end < 0 {
		return nil
	}
	return bytes.Fields(text[end+1:])
}
