// Package cgroup reads the counters that tell an out-of-memory kill from any other one.
package cgroup

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Kills is the number of out-of-memory kills that this container's cgroup has counted; 0 where nothing is known.
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

// paths in the order of trust: our own cgroup as the host names it, then the mount's root, which is ours inside a container.
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
