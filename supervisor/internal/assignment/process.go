package assignment

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"time"

	"airside/supervisor/internal/cgroup"
	"airside/supervisor/internal/journal"
	"airside/supervisor/internal/process"
	"airside/supervisor/internal/procs"
	"airside/supervisor/internal/users"
	"airside/supervisor/internal/wire"
	"golang.org/x/sys/unix"
)

// killPatience is how long the result waits for processes that do not end by KILL because they hang in the kernel.
const killPatience = 30 * time.Second

// runProcess starts the process and waits until it and its descendants have ended.
func (r *Run) runProcess(user users.User, entry *journal.Entry) wire.Result {
	p, err := r.start(user)
	if err != nil {
		reason := "start-failed"
		if errors.Is(err, process.ErrNotFound) {
			reason = "executable-not-found"
		}
		return r.failed(reason, err)
	}
	if p == nil {
		return wire.Result{Outcome: wire.NeverStarted(), Aborted: r.aborted.raised()}
	}
	result := wire.Result{StartedAt: now()}
	r.event(wire.Event{Event: "started", PID: p.PID})
	entry.StartedAt = result.StartedAt
	r.tools.Note(*entry)
	if p.NoTerminal != nil {
		r.notice("no terminal: " + p.NoTerminal.Error() + "; output goes through a pipe")
	}
	streams := r.read(p)
	if p.Stdin != nil {
		go r.stdin.pump(p.Stdin, p.Terminal != nil && p.Stdin == p.Terminal)
	}
	status, timedOut, stopping := r.wait(p, streams)
	result.ExitedAt, result.TimedOut = now(), timedOut
	r.windUp(p, streams, stopping)
	result.Aborted = r.aborted.raised()
	r.outcome(&result, status, streams, entry.Kills)
	return result
}

// start returns nil if the assignment was stopped before the process started.
func (r *Run) start(user users.User) (*process.Process, error) {
	env := process.Environment(r.assign.Process.Env, user, r.mark)
	path, _ := process.Get(env, "PATH")
	program, err := process.Executable(r.assign.Process.Path, r.dir(), path, user)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped() {
		return nil, nil
	}
	p, err := process.Start(r.tools.Reaper, process.Spec{
		Path: program, Name: r.assign.Process.Path, Args: r.assign.Process.Args, Env: env, Dir: filepath.Clean(r.dir()), User: user,
		TTY: r.assign.Process.TTY, Stdin: r.assign.Stdin != nil, Interactive: r.assign.Interactive && r.assign.Stdin == nil,
	})
	if err != nil {
		return nil, err
	}
	r.tools.Tracker.Add(r.mark, p.PID, !r.assign.Interactive)
	r.process = p
	return p, nil
}

func (r *Run) members() []int { return r.tools.Tracker.Members(r.mark) }

// wait returns when the first process has exited. stopping is closed after TERM, grace and KILL; it is nil if the assignment was
// not stopped.
func (r *Run) wait(p *process.Process, streams *streams) (status syscall.WaitStatus, timedOut bool, stopping chan struct{}) {
	var timeout <-chan time.Time
	if r.assign.TimeoutMs > 0 {
		timer := time.NewTimer(time.Duration(r.assign.TimeoutMs) * time.Millisecond)
		defer timer.Stop()
		timeout = timer.C
	}
	aborted, terminated, tooLong := r.aborted.c, r.terminated.c, streams.tooLong.c
	stop := func() {
		if stopping == nil {
			stopping = make(chan struct{})
			go r.stop(stopping)
		}
	}
	for {
		select {
		case status = <-p.Exited:
			return status, timedOut, stopping
		case <-timeout:
			timedOut = true
			stop()
		case <-aborted:
			aborted = nil
			stop()
		case <-terminated:
			terminated = nil
			stop()
		case <-tooLong:
			tooLong = nil
			r.kill()
		}
	}
}

// stop sends TERM to all processes, and KILL to those that are left after the grace. A session on a terminal gets HUP, as if the
// terminal had closed, since interactive shells ignore TERM.
func (r *Run) stop(done chan struct{}) {
	defer close(done)
	ctx, cancel := context.WithTimeout(context.Background(), milliseconds(r.assign.GraceMs, 10000))
	defer cancel()
	signal := syscall.SIGTERM
	if r.assign.Interactive && r.assign.Process.TTY != nil {
		signal = syscall.SIGHUP
	}
	procs.Terminate(r.members, signal)
	if !procs.WaitGone(ctx, r.members, r.tools.Reaper.Reaped) {
		r.kill()
	}
}

func (r *Run) kill() {
	if !procs.Kill(r.members, r.tools.Reaper.Reaped, killPatience) {
		r.notice("some processes cannot be killed; they hang in the kernel")
	}
}

// windUp reads the rest of the output and ends descendants, unless they are to be kept.
func (r *Run) windUp(p *process.Process, streams *streams, stopping chan struct{}) {
	if stopping != nil {
		<-stopping // processes that got TERM have their grace
	}
	drain := milliseconds(r.assign.DrainMs, 1000)
	timer := time.NewTimer(drain)
	defer timer.Stop()
	select {
	case <-streams.done():
	case <-timer.C:
	}
	if r.assign.KeepDescendants {
		streams.end(max(drain, time.Millisecond))
	} else {
		r.kill()
		streams.end(0)
	}
	<-streams.done()
	r.stdin.close()
	r.mu.Lock()
	p.Close()
	r.process = nil
	r.mu.Unlock()
	if len(r.members()) == 0 {
		r.tools.Tracker.Forget(r.mark, p.PID)
	}
}

func (r *Run) outcome(result *wire.Result, status syscall.WaitStatus, streams *streams, kills int64) {
	oom := cgroup.Kills() > kills
	switch {
	case streams.tooLong.raised():
		result.Outcome = wire.Failed("response-too-large", streams.tooLongText())
		return
	case status.Signaled():
		oom = oom && status.Signal() == syscall.SIGKILL
		result.Outcome = wire.Signaled(signalName(status.Signal()), oom)
	case oom && status.ExitStatus() == 128+int(syscall.SIGKILL):
		// A shell exits with 137 when its child was killed; the counter shows whether that was for lack of memory.
		result.Outcome = wire.Signaled("KILL", true)
	default:
		result.Outcome = wire.Exited(status.ExitStatus())
		if oom {
			r.notice("a process in this container was killed: out of memory")
		}
	}
	result.Response = streams.response()
}

func signalName(signal syscall.Signal) string {
	name := unix.SignalName(signal)
	if len(name) > 3 && name[:3] == "SIG" {
		return name[3:]
	}
	return signal.String()
}

func milliseconds(given *int64, standard int64) time.Duration {
	if given != nil && *given >= 0 {
		standard = *given
	}
	return time.Duration(standard) * time.Millisecond
}
