package process

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"airside/supervisor/internal/pty"
	"airside/supervisor/internal/reaper"
	"airside/supervisor/internal/users"
	"airside/supervisor/internal/wire"
)

// Spec describes the process to start.
type Spec struct {
	Path string // as Executable found it
	Name string // argv[0]
	Args []string
	Env  []string
	Dir  string
	User users.User
	TTY  *wire.Size
	// Stdin makes stdin a pipe, or the terminal if Interactive; otherwise it is /dev/null.
	Stdin       bool
	Interactive bool
}

// Process is a started process, which leads a session of its own.
type Process struct {
	PID    int
	Exited <-chan syscall.WaitStatus
	// Stdin is nil for /dev/null. With a terminal it is the terminal.
	Stdin *os.File
	// Stdout holds both when Stderr is nil.
	Stdout, Stderr *os.File
	// Terminal is nil without one.
	Terminal *os.File
	// NoTerminal is why there is no terminal although one was asked for.
	NoTerminal error
}

// Start starts a process.
func Start(r *reaper.Reaper, spec Spec) (*Process, error) {
	p := &Process{}
	files := &ends{}
	defer files.closeTheirs()
	if err := p.connect(spec, files); err != nil {
		files.closeOurs()
		return nil, err
	}
	attr := &syscall.ProcAttr{Dir: spec.Dir, Env: spec.Env, Files: files.child(), Sys: attributes(spec.User)}
	if p.Terminal != nil {
		attr.Sys.Setctty, attr.Sys.Ctty = true, 1
		files.stdout.Chown(int(spec.User.UID), -1) // so that it may open /dev/tty's path again
	}
	argv := append([]string{spec.Name}, spec.Args...)
	pid, exited, err := r.Start(spec.Path, argv, attr)
	if errors.Is(err, syscall.EPERM) && attr.Sys.Credential != nil && sameUser(spec.User) {
		// setgroups may be forbidden, and is not needed to stay the same user.
		attr.Sys.Credential = nil
		pid, exited, err = r.Start(spec.Path, argv, attr)
	}
	if err != nil {
		files.closeOurs()
		return nil, explain(err, spec)
	}
	p.PID, p.Exited = pid, exited
	preferVictim(pid)
	return p, nil
}

func attributes(user users.User) *syscall.SysProcAttr {
	sys := &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() == 0 {
		sys.Credential = &syscall.Credential{Uid: user.UID, Gid: user.GID, Groups: user.Groups}
	}
	return sys
}

func sameUser(user users.User) bool {
	return int(user.UID) == os.Geteuid() && int(user.GID) == os.Getegid()
}

// ErrOtherUser is the error of a user that only root could become.
var ErrOtherUser = errors.New("this container runs with a fixed user")

// CheckUser returns an error if this process cannot become the user.
func CheckUser(user users.User) error {
	if os.Geteuid() == 0 || int(user.UID) == os.Geteuid() {
		return nil
	}
	return fmt.Errorf("the step asks for user %s (%d), but %w, %d", user.Name, user.UID, ErrOtherUser, os.Geteuid())
}

func explain(err error, spec Spec) error {
	if errors.Is(err, syscall.ENOENT) {
		if _, missing := os.Stat(spec.Dir); missing != nil {
			return fmt.Errorf("working directory %s: %w", spec.Dir, missing)
		}
		return fmt.Errorf("%s exists, but its interpreter or loader does not: %w", spec.Path, err)
	}
	if errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("%s (user %s, in %s): %w", spec.Path, spec.User.Name, spec.Dir, err)
	}
	return fmt.Errorf("%s: %w", spec.Path, err)
}

// connect opens the files of both ends.
func (p *Process) connect(spec Spec, files *ends) (err error) {
	if spec.TTY != nil {
		ours, theirs, err := pty.Open(spec.TTY.Columns, spec.TTY.Rows)
		if err != nil {
			p.NoTerminal = err
		} else {
			files.ours = append(files.ours, ours)
			files.stdout, files.stderr = theirs, theirs
			p.Terminal, p.Stdout = ours, ours
		}
	}
	if p.Terminal == nil {
		if p.Stdout, files.stdout, err = files.pipe(false); err != nil {
			return err
		}
		files.stderr = files.stdout
		if spec.TTY == nil {
			if p.Stderr, files.stderr, err = files.pipe(false); err != nil {
				return err
			}
		}
	}
	switch {
	case spec.Interactive && p.Terminal != nil:
		files.stdin, p.Stdin = files.stdout, p.Terminal
	case spec.Stdin || spec.Interactive:
		p.Stdin, files.stdin, err = files.pipe(true)
	default:
		files.stdin, err = os.Open(os.DevNull)
		files.theirs = append(files.theirs, files.stdin)
	}
	return err
}

// preferVictim makes the kernel kill the step's process, rather than the supervisor, when memory runs out.
func preferVictim(pid int) {
	own, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(own)))
	if err != nil {
		return
	}
	os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte(strconv.Itoa(min(1000, n+100))), 0)
}

// Resize sets the size of the terminal, if there is one.
func (p *Process) Resize(columns, rows uint16) {
	if p.Terminal != nil {
		pty.Resize(p.Terminal, columns, rows)
	}
}

// Close closes our ends of the files.
func (p *Process) Close() {
	for _, file := range []*os.File{p.Stdin, p.Stdout, p.Stderr} {
		if file != nil {
			file.Close()
		}
	}
}
