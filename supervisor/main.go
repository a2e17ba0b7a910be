// airside-supervisor is PID 1 of every step's container; see PROTOCOL.md and README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"airside/supervisor/internal/config"
	"airside/supervisor/internal/core"
	"airside/supervisor/internal/wire"
	"golang.org/x/sys/unix"
)

// version is set by the build.
var version = "development"

const usage = `airside-supervisor runs a step's process in its container, as Airside tells it.
  airside-supervisor             PID 1 of a step's container; configured by AIRSIDE_* variables
  airside-supervisor copy DIR    copies itself to DIR
  airside-supervisor connect HOST:PORT
                                 joins stdin and stdout to the port that another one listens on
  airside-supervisor hold        lives for a minute: a helper container, while its postStart hook copies
  airside-supervisor --version   prints its version and the protocol's
`

func main() {
	switch arguments := os.Args[1:]; {
	case len(arguments) == 0 && waits(os.Getenv("AIRSIDE_SANDBOX")):
		os.Exit(waitInSandbox())
	case len(arguments) == 0:
		os.Exit(supervise())
	case len(arguments) == 1 && arguments[0] == "--version":
		fmt.Printf("airside-supervisor %s protocol %d\n", version, wire.Version)
	case len(arguments) == 1 && (arguments[0] == "--help" || arguments[0] == "-h"):
		fmt.Print(usage)
	case len(arguments) == 2 && arguments[0] == "copy":
		finish(copySelf(arguments[1]))
	case len(arguments) == 2 && arguments[0] == "connect":
		finish(connect(arguments[1]))
	case len(arguments) == 1 && arguments[0] == "hold":
		hold()
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
}

func finish(err error) {
	if err != nil {
		os.Exit(complain(err))
	}
}

func complain(err error) int {
	fmt.Fprintf(os.Stderr, "airside-supervisor: %v\n", err)
	return 1
}

func supervise() int {
	c, err := config.Read(os.Getenv)
	if err != nil {
		complain(err)
		return 2
	}
	debug.SetMemoryLimit(40 << 20)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	// All other signals are caught and dropped, so that a process of the step cannot end its supervisor by QUIT or SEGV. They are
	// not ignored, since the step's process would inherit that.
	signal.Notify(make(chan os.Signal, 1))
	if err := harden(); err != nil {
		return complain(err)
	}
	s, err := core.Open(c, version)
	if err != nil {
		return complain(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	code, err := s.Run(ctx, signals)
	if err != nil {
		return complain(err)
	}
	return code
}

// harden protects this process's memory, which holds the session key, from other processes, and makes this process the parent of
// orphans if it is not PID 1.
func harden() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl(PR_SET_DUMPABLE)", err)
	}
	if err := keepTracingFromChildren(); err != nil {
		return err
	}
	if os.Getpid() == 1 {
		return nil
	}
	return os.NewSyscallError("prctl(PR_SET_CHILD_SUBREAPER)", unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
}
