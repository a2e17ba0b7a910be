// Package cgroup reads the counter of out-of-memory kills.
package cgroup

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Kills returns the number of out-of-memory kills that this container's cgroup has counted, or 0 if it cannot be read.
func Kills() int64 {
	for _, path := range paths() {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for _, line := range bytes.Split(text, []byte("\n")) {
			if count, ok := strings.CutPrefix(string(line), "oom_kill "); ok {
				n, _ := strconv.ParseInt(strings.TrimSpace(count), 10, 64)
				return n
			}
		}
	}
	return 0
}

// paths returns where the counter may be: in our cgroup as /proc/self/cgroup names it, or in the root of the mount, which is the
// container's own cgroup inside of a container.
func paths() []string {
	var own []string
	text, _ := os.ReadFile("/proc/self/cgroup")
	for _, line := range strings.Split(string(text), "\n") {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 {
			continue
		}
		switch {
		case fields[1] == "memory":
			own = append(own, filepath.Join("/sys/fs/cgroup/memory", fields[2], "memory.oom_control"))
		case fields[0] == "0" && fields[2] != "/":
			own = append(own, filepath.Join("/sys/fs/cgroup", fields[2], "memory.events"))
		}
	}
	return append(own, "/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
}
