package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/pgtest"
)

// asProgram makes the test binary be the program itself.
const asProgram = "WAYMARK_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// output is what a command prints, readable while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// call is a command under way.
type call struct {
	t           *testing.T
	stdout, err *output
	stop, kill  context.CancelFunc
	code        chan int
}

// begin runs a command with an environment of these pairs alone.
func begin(t *testing.T, env []string, stdin string, args ...string) *call {
	t.Helper()
	c := &call{t: t, stdout: &output{}, err: &output{}, code: make(chan int, 1)}
	soft, stop := context.WithCancel(context.Background())
	hard, kill := context.WithCancel(context.Background())
	c.stop, c.kill = stop, kill
	p := program{
		environ: append([]string{"WAYMARK_LISTEN=127.0.0.1:0", "WAYMARK_PG_BIN=" + os.Getenv("WAYMARK_PG_BIN")}, env...),
		stdin:   strings.NewReader(stdin), stdout: c.stdout, stderr: c.err,
		now: time.Now, hard: hard, patience: time.Second, drainBound: 10 * time.Second, tick: 50 * time.Millisecond,
	}
	go func() { c.code <- p.run(soft, args) }()
	t.Cleanup(func() {
		stop()
		kill()
		if t.Failed() {
			t.Logf("waymark %s:\n%s%s", strings.Join(args, " "), c.stdout, c.err)
		}
	})
	return c
}

// ends waits for the command and gives its code.
func (c *call) ends() int {
	c.t.Helper()
	select {
	case code := <-c.code:
		c.code <- code
		return code
	case <-time.After(2 * time.Minute):
		c.t.Fatalf("still running:\n%s%s", c.stdout, c.err)
		return -1
	}
}

// ran is a command that ended.
func ran(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	c := begin(t, env, "", args...)
	code = c.ends()
	return code, c.stdout.String(), c.err.String()
}

// refused runs a command that has to fail with a sentence.
func refused(t *testing.T, env []string, says string, args ...string) {
	t.Helper()
	code, stdout, stderr := ran(t, env, args...)
	require.Equal(t, codeFailed, code, stdout+stderr)
	require.Contains(t, stderr, says)
}

// address waits until the command serves.
func (c *call) address() string {
	c.t.Helper()
	line := regexp.MustCompile(`Waymark runs at (http\S+)\n`)
	var found []string
	require.Eventually(c.t, func() bool {
		select {
		case code := <-c.code:
			c.code <- code
			c.t.Fatalf("ended with %d:\n%s%s", code, c.stdout, c.err)
		default:
		}
		found = line.FindStringSubmatch(c.stdout.String())
		return found != nil
	}, 2*time.Minute, 5*time.Millisecond)
	return found[1]
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(address)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

// folder is one that every account may enter, in memory where that is possible:
// root runs the database as another account.
func folder(t *testing.T) string {
	t.Helper()
	base := "/dev/shm"
	if info, err := os.Stat(base); err != nil || !info.IsDir() {
		base = ""
	}
	dir, err := os.MkdirTemp(base, "waymark-cmd-") //nolint:usetesting // t.TempDir is closed to the account of the database
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// on is the environment of an installation on a database of pgtest.
func on(db *pgtest.DB) []string {
	return []string{"DATABASE_URL=" + db.AppDSN(), "WAYMARK_MIGRATE_URL=" + db.OwnerDSN(), "WAYMARK_PG_BIN=" + db.BinDir()}
}

func do(t *testing.T, dsn, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func ask[T any](t *testing.T, dsn, sql string, args ...any) (v T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&v))
	require.NoError(t, conn.Close(t.Context()))
	return v
}

func TestHelpAndMisuse(t *testing.T) {
	t.Parallel()
	code, stdout, _ := ran(t, nil, "help")
	require.Zero(t, code)
	for _, c := range commands() {
		require.Contains(t, stdout, "waymark "+c.name)
	}
	require.Contains(t, stdout, "WAYMARK_TRUSTED_PROXIES")
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"server"}, `"server" is no command`},
		{[]string{"user"}, `"user" is no command`},
		{[]string{"migrate", "--to=3"}, "-to"},
		{[]string{"migrate", "now"}, `does not know what to do with "now"`},
		{[]string{"backup"}, `Write "waymark backup FILE"`},
		{[]string{"backup", "a", "b"}, `Write "waymark backup FILE"`},
		{[]string{"user", "create"}, "--email is"},
		{[]string{"seed", "--organizations=0", "--database-url=x"}, "DATABASE_URL"},
	} {
		code, stdout, stderr := ran(t, nil, c.args...)
		require.Equal(t, codeUsage, code, c.args)
		require.Empty(t, stdout)
		if strings.Contains(c.says, "DATABASE_URL") {
			require.Contains(t, stderr, "--database-url")
			continue
		}
		require.Contains(t, stderr, c.says)
	}
}

func TestConfigIsPrintedWithoutSecrets(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=postgres://waymark_app:hush@db.example.org/waymark", "WAYMARK_PROXY=x"}
	code, stdout, stderr := ran(t, env, "config", "--listen=127.0.0.1:9999")
	require.Zero(t, code)
	require.Contains(t, stdout, "WAYMARK_LISTEN=127.0.0.1:9999  # flag\n")
	require.Contains(t, stdout, "DATABASE_URL=postgres://waymark_app:xxxxx@db.example.org/waymark  # environment\n")
	require.Contains(t, stderr, "WAYMARK_PROXY is no setting")
	require.NotContains(t, stdout+stderr, "hush")

	code, _, stderr = ran(t, append(env, "WAYMARK_LISTEN=nowhere", "WAYMARK_MAX_FILE=much"), "config")
	require.Equal(t, codeUsage, code)
	require.Contains(t, stderr, "WAYMARK_LISTEN is")
	require.Contains(t, stderr, "WAYMARK_MAX_FILE is")
	require.NotContains(t, stderr, "hush")
	code, _, stderr = ran(t, append(env, "WAYMARK_LISTEN=nowhere", "WAYMARK_MAX_FILE=much"))
	require.Equal(t, codeUsage, code, "serve is refused as well")
	require.Contains(t, stderr, "WAYMARK_LISTEN is")
	require.Contains(t, stderr, "WAYMARK_MAX_FILE is")
}

func TestRolesAndVersion(t *testing.T) {
	t.Parallel()
	code, stdout, _ := ran(t, nil, "roles")
	require.Zero(t, code)
	require.Contains(t, stdout, "CREATE ROLE waymark_owner LOGIN")
	require.Contains(t, stdout, "BYPASSRLS;")
	_, without, _ := ran(t, nil, "roles", "--no-bypassrls")
	require.Contains(t, without, "CREATE POLICY maintenance")
	code, stdout, _ = ran(t, nil, "version")
	require.Zero(t, code)
	require.Regexp(t, `^waymark \S+, schema \d+, go`, stdout)
}

// TestSignals runs the program as a process and stops it as systemd does.
func TestSignals(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	cmd := exec.Command(os.Args[0])
	var stdout, stderr output
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(on(db), asProgram+"=1", "WAYMARK_LISTEN=127.0.0.1:0")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	require.Eventually(t, func() bool { return strings.Contains(stdout.String(), "Waymark runs at") }, time.Minute, 5*time.Millisecond, stderr.String())
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM), "twice at once is once")
	require.NoError(t, cmd.Wait(), stderr.String())
	require.Contains(t, stderr.String(), "stopped taking visitors")
	require.NotContains(t, stderr.String(), "cut off")
}
