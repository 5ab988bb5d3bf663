package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	socketName = ".s.PGSQL.5432"
	port       = "5432" // names the socket; there is no TCP
	pidFile    = "postmaster.pid"

	pollEvery     = 4 * time.Millisecond
	orphanFast    = 20 * time.Second // for an orphan to stop cleanly
	orphanByForce = 2 * time.Second
)

// postmaster is one running server process.
type postmaster struct {
	process *os.Process
	exited  chan struct{} // closed when it has ended and was waited for
	err     error         // how it ended; read after exited
	drained chan struct{} // closed when its last word is in the log
}

// launch starts the server and waits until it takes connections. Recovery
// after a crash takes the time it takes; only ctx bounds it.
func (f *folder) launch(ctx context.Context, p programs, logs *logFile, log *slog.Logger) (*postmaster, error) {
	for _, stale := range []string{socketName, socketName + ".lock"} {
		if err := os.Remove(filepath.Join(f.socketDir, stale)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, folderProblem(f.socketDir, err)
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open a pipe for the server's log: %w", err)
	}
	conf := filepath.Join(f.dir, "conf")
	// What decides who may connect stands on the command line, above any file.
	cmd := exec.Command(p.path("postgres"), "-D", f.cluster(), //nolint:gosec,noctx // lives longer than ctx; stopped by signal
		"-c", "config_file="+filepath.Join(conf, "postgresql.conf"),
		"-c", "hba_file="+filepath.Join(conf, "pg_hba.conf"),
		"-c", "ident_file="+filepath.Join(conf, "pg_ident.conf"),
		"-c", "listen_addresses=", "-c", "port="+port,
		"-c", `unix_socket_directories="`+strings.ReplaceAll(f.socketDir, `"`, `""`)+`"`,
		"-c", "unix_socket_permissions=0700",
	)
	cmd.Dir = f.cluster()
	cmd.Env = serverEnvironment()
	cmd.Stdout, cmd.Stderr = write, write
	cmd.SysProcAttr = childAttributes(f.server, syscall.SIGINT)

	logs.forget()
	pm := &postmaster{exited: make(chan struct{}), drained: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// See runOnOwnThread: the thread has to live as long as the server.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			pm.err = cmd.Wait()
			close(pm.exited)
		}
	}()
	err = <-started
	_ = write.Close()
	if err != nil {
		_ = read.Close()
		return nil, f.startProblem(err)
	}
	pm.process = cmd.Process
	go func() {
		logs.consume(read)
		close(pm.drained)
	}()
	if err := f.awaitReady(ctx, pm, logs, log); err != nil {
		return nil, err
	}
	return pm, nil
}

func (f *folder) startProblem(err error) error {
	err = f.entryProblem(err)
	if problem, ok := errors.AsType[*Problem](err); ok {
		return problem
	}
	return &Problem{Kind: StartFailed, Dir: f.dir, Log: f.logPath(), Err: err}
}

func (f *folder) logPath() string { return filepath.Join(f.dir, "log", "server.log") }

func (f *folder) awaitReady(ctx context.Context, pm *postmaster, logs *logFile, log *slog.Logger) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	patience := time.NewTicker(10 * time.Second)
	defer patience.Stop()
	for {
		select {
		case <-pm.exited:
			select {
			case <-pm.drained:
			case <-time.After(time.Second):
			}
			problem := outputProblem(StartFailed, f.dir, logs.lines(), pm.err)
			problem.Log = f.logPath()
			return problem
		case <-ctx.Done():
			pm.stop(ctx, 0)
			return fmt.Errorf("start the private database: %w", context.Cause(ctx))
		case <-patience.C:
			log.Info("the database is recovering; this may take a while")
		case <-tick.C:
			if f.ready(pm.process.Pid) {
				return nil
			}
		}
	}
}

// ready reads the line of the pid file in which the server says so.
func (f *folder) ready(pid int) bool {
	raw, err := f.root.ReadFile("cluster/" + pidFile)
	if err != nil {
		return false
	}
	lines := strings.Split(string(raw), "\n")
	return len(lines) > 7 && strings.TrimSpace(lines[0]) == strconv.Itoa(pid) && strings.TrimSpace(lines[7]) == "ready"
}

// stop shuts down: connections are ended and everything is written (SIGINT);
// after the patience or the end of ctx without the writing (SIGQUIT), at last
// by force. It reports whether the stop was clean.
func (pm *postmaster) stop(ctx context.Context, patience time.Duration) bool {
	if patience > 0 {
		_ = pm.process.Signal(syscall.SIGINT)
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-pm.exited:
			return pm.err == nil
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	_ = pm.process.Signal(syscall.SIGQUIT)
	select {
	case <-pm.exited:
	case <-time.After(6 * time.Second): // PostgreSQL itself kills its children after 5
		_ = pm.process.Kill()
		<-pm.exited
	}
	return false
}

// sweep ends what still works in cluster and clears away what a dead server
// left, so that a new one starts. It is called with the folder's lock held: a
// server in there is an orphan of an earlier Waymark. patience is for its
// clean stop.
//
// PostgreSQL clears a stale pid file by itself, but not when the number in it
// is that of a living process again, which is usual in containers, or of a
// zombie that nobody waits for.
func (f *folder) sweep(cluster string, patience time.Duration) error {
	running, err := serversIn(cluster, f.server)
	if err != nil {
		return &Problem{Kind: StillRunning, Dir: f.dir, Err: err}
	}
	if len(running) > 0 {
		head := headOf(cluster)
		if patience > 0 && slices.Contains(running, head) {
			_ = syscall.Kill(head, syscall.SIGINT)
			running = awaitGone(cluster, f.server, running, patience)
		}
		for _, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
			for _, pid := range running {
				_ = syscall.Kill(pid, signal)
			}
			running = awaitGone(cluster, f.server, running, orphanByForce)
		}
		if len(running) > 0 {
			return &Problem{Kind: StillRunning, Dir: f.dir, PID: running[0]}
		}
	}
	if err := os.Remove(filepath.Join(cluster, pidFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return folderProblem(f.dir, err)
	}
	return nil
}

// headOf reads the number of the postmaster that works in cluster; 0: none.
func headOf(cluster string) int {
	raw, err := os.ReadFile(filepath.Join(cluster, pidFile)) //nolint:gosec // below the configured data folder
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

func awaitGone(cluster string, owner account, running []int, patience time.Duration) []int {
	for deadline := time.Now().Add(patience); len(running) > 0 && time.Now().Before(deadline); {
		time.Sleep(pollEvery)
		if now, err := serversIn(cluster, owner); err == nil {
			running = now
		}
	}
	return running
}
