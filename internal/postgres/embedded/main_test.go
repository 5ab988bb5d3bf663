package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

const (
	childFolder = "WAYMARK_TEST_CHILD_FOLDER"
	childBin    = "WAYMARK_TEST_CHILD_BIN"
)

// made is a cluster that tests begin with, made once and copied.
var made struct {
	once sync.Once
	base string
	err  error
}

// TestMain is also the supervising process that tests kill: called again with
// a folder in the environment it runs a cluster there until its input ends.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		os.Exit(childMain(dir))
	}
	code := m.Run()
	if made.base != "" {
		_ = os.RemoveAll(made.base)
	}
	os.Exit(code)
}

func childMain(dir string) int {
	server, err := Start(context.Background(), Options{
		DataDir: dir, BinDir: os.Getenv(childBin), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println("refused:", err)
		return 1
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Stop(context.Background()); err != nil {
		fmt.Println("stop:", err)
		return 1
	}
	return 0
}

// child is a process of its own that runs, or tries to run, a cluster.
type child struct {
	cmd *exec.Cmd
	out *bufio.Reader
	in  io.Closer
}

func startChild(t *testing.T, dir string, env ...string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(append(os.Environ(), childFolder+"="+dir), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &child{cmd: cmd, out: bufio.NewReader(out), in: in}
}

func (c *child) line(t *testing.T) string {
	t.Helper()
	line, err := c.out.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Kill())
	_ = c.cmd.Wait()
}

// testFolder is an empty folder that every account may enter, in memory where
// that is possible; t.TempDir is closed to the account that root drops to.
func testFolder(t *testing.T) string {
	t.Helper()
	dir, err := openTemp()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func openTemp() (string, error) {
	base := "/dev/shm"
	if info, err := os.Stat(base); err != nil || !info.IsDir() {
		base = ""
	}
	dir, err := os.MkdirTemp(base, "waymark-embedded-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) //nolint:gosec // entered by the account of the server
}

func options(t *testing.T, dir string) Options {
	t.Helper()
	return Options{DataDir: dir, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

// existing is the folder of a cluster that was started and stopped before.
func existing(t *testing.T) string {
	t.Helper()
	made.once.Do(func() {
		if made.base, made.err = openTemp(); made.err != nil {
			return
		}
		var server *Server
		if server, made.err = Start(context.Background(), options(t, filepath.Join(made.base, "db"))); made.err == nil {
			made.err = server.Stop(context.Background())
		}
	})
	require.NoError(t, made.err)
	dir := filepath.Join(testFolder(t), "db")
	out, err := exec.Command("cp", "-a", filepath.Join(made.base, "db"), dir).CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	server, err := Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			if p, ok := errors.AsType[*Problem](err); !ok || p.Kind != StopForced {
				t.Errorf("stop: %v", err)
			}
		}
	})
	return server
}

func refused(t *testing.T, o Options) *Problem {
	t.Helper()
	server, err := Start(t.Context(), o)
	if err == nil {
		_ = server.Stop(context.Background())
	}
	var p *Problem
	require.ErrorAs(t, err, &p)
	return p
}

func connect(t *testing.T, s *Server, role string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN(role, Database))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func ask[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	require.NoError(t, err)
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	require.NoError(t, err)
	return value
}

// await tries until the server answers again.
func await(t *testing.T, s *Server, role string) *pgx.Conn {
	t.Helper()
	began := time.Now()
	for {
		conn, err := pgx.Connect(t.Context(), s.DSN(role, Database))
		if err == nil {
			t.Logf("answers again after %s", time.Since(began).Round(time.Millisecond))
			t.Cleanup(func() { _ = conn.Close(context.Background()) })
			return conn
		}
		require.Less(t, time.Since(began), time.Minute, "the server does not come back: %v", err)
		time.Sleep(5 * time.Millisecond)
	}
}

func headOfServer(t *testing.T, dir string) int {
	t.Helper()
	pid := headOf(filepath.Join(dir, "cluster"))
	require.NotZero(t, pid)
	return pid
}

// give hands files to the account that the server would run as.
func give(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	a, err := serverAccount()
	require.NoError(t, err)
	require.NoError(t, os.Chown(path, int(a.uid), int(a.gid)))
}

// contents is every file below dir with what it holds.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Base(path) == lockName {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all[path] = info.Mode().String()
		if d.Type().IsRegular() {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all[path] += string(raw)
		}
		return nil
	}))
	return all
}
