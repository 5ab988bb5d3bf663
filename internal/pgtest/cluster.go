package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waymark/internal/postgres/embedded"
	"waymark/migrations"
)

const (
	prefix  = "waymark-pgtest-"
	bounded = time.Minute // for anything that a test waits for here
)

// shared is the one cluster of this test process. There is no other place to
// keep it: the tests of a package know nothing of each other.
var shared struct { //nolint:gochecknoglobals // see above
	once    sync.Once
	cluster *cluster
	err     error
}

// cluster is a private PostgreSQL with a migrated template database.
type cluster struct {
	server  *embedded.Server
	inspect inspection

	mu     sync.Mutex // for free and made
	free   []*database
	made   int
	making sync.Mutex // for admin
	admin  *pgx.Conn
}

// running starts the cluster at its first call.
func running(t testing.TB) *cluster {
	t.Helper()
	shared.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*bounded)
		defer cancel()
		shared.cluster, shared.err = startCluster(ctx)
	})
	if shared.err != nil {
		t.Fatalf("no database for the tests: %v", shared.err)
	}
	return shared.cluster
}

func startCluster(ctx context.Context) (*cluster, error) {
	dir, err := openFolder()
	if err != nil {
		return nil, err
	}
	if err := leaveCaretaker(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	server, err := startMigrated(ctx, filepath.Join(dir, "db"))
	if err != nil {
		return nil, err
	}
	c := &cluster{server: server}
	template, err := pgx.Connect(ctx, server.DSN(embedded.Superuser, embedded.Database))
	if err == nil {
		c.inspect, err = prepareInspection(ctx, template)
		err = errors.Join(err, template.Close(ctx)) // a template is cloned while nobody uses it
	}
	if err == nil {
		c.admin, err = pgx.Connect(ctx, server.DSN(embedded.Superuser, "postgres"))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the template database: %w", err), server.Stop(ctx))
	}
	return c, nil
}

// startMigrated starts a cluster with a migrated database in data: a copy of
// the stored template, or a new one, which then is stored.
func startMigrated(ctx context.Context, data string) (*embedded.Server, error) {
	stored, err := openStore()
	if err != nil {
		return nil, err
	}
	defer stored.close()
	if stored.copyTo(ctx, data) {
		server, err := startAndMigrate(ctx, data)
		if err == nil {
			return server, nil
		}
		// Such as a template of another major version: make it anew.
		if err := os.RemoveAll(data); err != nil {
			return nil, fmt.Errorf("remove an unfit test template: %w", err)
		}
	}
	server, err := startAndMigrate(ctx, data)
	if err != nil {
		return nil, err
	}
	if err := server.Stop(ctx); err != nil {
		return nil, err
	}
	if err := stored.keep(ctx, data); err != nil {
		return nil, err
	}
	return startAndMigrate(ctx, data)
}

func startAndMigrate(ctx context.Context, data string) (*embedded.Server, error) {
	server, err := embedded.Start(ctx, embedded.Options{
		DataDir: data, Throwaway: true,
		BinDir: os.Getenv("WAYMARK_PG_BIN"),
		Logger: slog.New(slog.DiscardHandler),
		Settings: map[string]string{
			"max_connections": "200",
			"autovacuum":      "off", // or plans would change between two runs
		},
	})
	if err != nil {
		return nil, err
	}
	if err := migrations.Up(ctx, server.DSN(embedded.Owner, embedded.Database)); err != nil {
		return nil, errors.Join(err, server.Stop(ctx))
	}
	return server, nil
}

// openFolder makes the folder of this process's cluster, in memory where the
// machine has such a place, after clearing away those of dead processes.
func openFolder() (string, error) {
	base := "/dev/shm"
	if info, err := os.Stat(base); err != nil || !info.IsDir() {
		base = os.TempDir()
	}
	old, _ := filepath.Glob(filepath.Join(base, prefix+"*")) // its only error is a bad pattern
	for _, dir := range old {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), prefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir) // somebody else's stays
		}
	}
	dir, err := os.MkdirTemp(base, fmt.Sprintf("%s%d-", prefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("make a folder for the test cluster: %w", err)
	}
	// Root runs the server as another account, which has to pass through.
	return dir, os.Chmod(dir, 0o711)
}

// caretaker waits until the test process is gone, which closes its input, ends
// what is left of the server and removes the folder.
const caretaker = `
cat >/dev/null
file="$1/db/cluster/postmaster.pid"
pid=$(head -n 1 "$file" 2>/dev/null)
[ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null
n=0
while [ -e "$file" ] && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
rm -rf "$1"
`

func leaveCaretaker(dir string) error {
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("open a pipe to the caretaker: %w", err)
	}
	cmd := exec.Command("/bin/sh", "-c", caretaker, "caretaker", dir) //nolint:noctx // outlives this process on purpose
	cmd.Dir = "/"
	cmd.Stdin = read
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is not for it
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the caretaker: %w", err)
	}
	_ = read.Close()
	go func() {
		_ = cmd.Wait()
		_ = write.Close() // never before this process ends: keeps the pipe from being collected
	}()
	return nil
}

// do runs statements beside all tests, one at a time.
func (c *cluster) do(ctx context.Context, statements ...string) error {
	c.making.Lock()
	defer c.making.Unlock()
	if c.admin.IsClosed() {
		admin, err := pgx.Connect(ctx, c.server.DSN(embedded.Superuser, "postgres"))
		if err != nil {
			return fmt.Errorf("connect to the test cluster: %w", err)
		}
		c.admin = admin
	}
	for _, sql := range statements {
		if _, err := c.admin.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// take hands out a database that nobody uses, or clones another.
func (c *cluster) take(ctx context.Context) (*database, error) {
	c.mu.Lock()
	if n := len(c.free); n > 0 {
		d := c.free[n-1]
		c.free = c.free[:n-1]
		c.mu.Unlock()
		return d, nil
	}
	c.mu.Unlock()
	return c.clone(ctx)
}

// clone makes another database from the template.
func (c *cluster) clone(ctx context.Context) (*database, error) {
	name := c.nextName()
	err := c.do(ctx,
		fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s OWNER %s STRATEGY file_copy", name, embedded.Database, embedded.Owner),
		// A clone has the contents of its template, not the rights to connect.
		fmt.Sprintf("REVOKE ALL ON DATABASE %s FROM PUBLIC", name),
		fmt.Sprintf("GRANT CONNECT ON DATABASE %s TO %s", name, embedded.App))
	if err != nil {
		return nil, fmt.Errorf("clone a database: %w", err)
	}
	d := &database{name: name, pools: map[string]*pgxpool.Pool{}}
	if d.admin, err = c.connectForEmptying(ctx, name); err != nil {
		return nil, err
	}
	if d.marks, err = c.inspect.take(ctx, d.admin); err != nil {
		return nil, fmt.Errorf("inspect a new database: %w", err)
	}
	return d, nil
}

func (c *cluster) nextName() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	return fmt.Sprintf("test_%d", c.made)
}

// giveBack empties a database for the next test, or drops it. What keeps it
// from being handed on fails the test only when it is a leak of the test's.
func (c *cluster) giveBack(ctx context.Context, d *database) error {
	leak := d.rest(ctx, leakPatience)
	if leak == nil && d.admin != nil {
		if clean, err := c.inspect.empty(ctx, d); err == nil && clean {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.free = append(c.free, d)
			return nil
		}
	}
	for _, pool := range d.pools {
		go pool.Close() // waits for a leaked connection, for ever
	}
	if d.admin != nil {
		_ = d.admin.Close(ctx)
	}
	return errors.Join(leak, c.drop(ctx, d.name))
}

func (c *cluster) drop(ctx context.Context, name string) error {
	return c.do(ctx, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name))
}

// connectForEmptying opens the connection that empties a database. It acts as
// replication does, so that no trigger and no foreign key stands in the way;
// the audit trail's refusal to be emptied is one.
func (c *cluster) connectForEmptying(ctx context.Context, name string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(c.server.DSN(embedded.Superuser, name))
	if err != nil {
		return nil, fmt.Errorf("read the address of a test database: %w", err)
	}
	config.RuntimeParams["session_replication_role"] = "replica"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to a test database: %w", err)
	}
	return conn, nil
}
