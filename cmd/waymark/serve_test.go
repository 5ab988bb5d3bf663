package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waymark/internal/pgtest"
	"waymark/migrations"
)

// TestPrivateDatabase goes the way of a small installation: started on an empty
// folder, backed up while it runs, stopped, brought back elsewhere.
func TestPrivateDatabase(t *testing.T) {
	t.Parallel()
	data := filepath.Join(folder(t), "data")
	env := []string{"WAYMARK_DATA=" + data, "WAYMARK_DRAIN_DELAY=300ms"}
	site := begin(t, env, "")
	address := site.address()
	require.Regexp(t, `Set-up code: \S+ \(open `+address+`/set-up`, site.stdout.String())
	status, _ := get(t, address+"/healthz")
	require.Equal(t, http.StatusOK, status)
	status, _ = get(t, address+"/readyz")
	require.Equal(t, http.StatusOK, status)

	refused(t, env, "is in use by another Waymark", "serve")
	refused(t, env, "is in use by another program", "serve", "--listen="+strings.TrimPrefix(address, "http://"))
	refused(t, env, "only brought back into an empty place", "restore", copied(t, env))

	file := copied(t, env) // of the running one, through its note
	site.stop()
	require.Eventually(t, func() bool {
		resp, err := http.Get(address + "/readyz")
		if err != nil {
			return true // over before we asked
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode == http.StatusServiceUnavailable
	}, 10*time.Second, time.Millisecond, "readiness says no while the server still answers")
	require.Zero(t, site.ends())
	require.NoFileExists(t, filepath.Join(data, runningName))
	require.NotContains(t, site.err.String(), "by force")

	code, stdout, stderr := ran(t, env, "backup", "--force", file) // of the stopped one
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "holds all")
	elsewhere := []string{"WAYMARK_DATA=" + filepath.Join(folder(t), "data")}
	code, stdout, stderr = ran(t, elsewhere, "restore", file)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "are back and compared")
	refused(t, elsewhere, "The database is not empty", "restore", file)
	code, stdout, stderr = ran(t, elsewhere, "doctor")
	require.Zero(t, code, stdout+stderr)
	require.Contains(t, stdout, "ok    schema")
}

// copied makes a backup in a folder of its own.
func copied(t *testing.T, env []string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "waymark.backup")
	code, _, stderr := ran(t, env, "backup", file)
	require.Zero(t, code, stderr)
	return file
}

func TestDemo(t *testing.T) {
	dir := folder(t)
	t.Setenv("TMPDIR", dir)
	site := begin(t, nil, "", "serve", "--demo")
	address := site.address()
	for _, role := range append(roleNames(), "administrator") {
		require.Regexp(t, `(?m)^  `+role+` +\S+@\S+ +\S+$`, site.stdout.String())
	}
	status, body := get(t, address+"/sign-in")
	require.Equal(t, http.StatusOK, status, body)
	site.stop()
	require.Zero(t, site.ends())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "the throw-away folder is gone")
}

// TestDatabaseElsewhere tries what can be wrong with another server's database.
func TestDatabaseElsewhere(t *testing.T) {
	t.Parallel()
	want, err := migrations.Version()
	require.NoError(t, err)
	blank := pgtest.Blank(t)

	// Nothing there yet.
	refused(t, append(on(blank), "WAYMARK_MIGRATE=off"), "schema of an older Waymark (0, needed is", "serve")
	refused(t, on(blank)[:1], "schema of an older Waymark (0, needed is")
	refused(t, on(blank)[:1], "may not change the schema", "migrate")
	refused(t, on(blank), "nothing to back up", "backup", filepath.Join(t.TempDir(), "b"))

	// Two at once: both find it done.
	first, second := begin(t, on(blank), "", "migrate"), begin(t, on(blank), "", "migrate")
	require.Zero(t, first.ends())
	require.Zero(t, second.ends())
	code, stdout, _ := ran(t, on(blank), "migrate")
	require.Zero(t, code)
	require.Contains(t, stdout, fmt.Sprintf("up to date: %d.", want))

	// Served without the owner's address, and without migrations.
	for _, env := range [][]string{on(blank)[:1], append(on(blank), "WAYMARK_MIGRATE=off")} {
		site := begin(t, env, "")
		status, _ := get(t, site.address()+"/readyz")
		require.Equal(t, http.StatusOK, status)
		site.stop()
		require.Zero(t, site.ends())
	}

	// Roles that see through the walls.
	refused(t, []string{"DATABASE_URL=" + blank.SuperuserDSN()}, "is a superuser")
	refused(t, []string{"DATABASE_URL=" + blank.OwnerDSN()}, "may pass row-level security")

	// A server that is away, and one that does not know us.
	refused(t, []string{"DATABASE_URL=postgres://u:hush@127.0.0.1:1/x?connect_timeout=1"}, "postgres://u:xxxxx@127.0.0.1:1/x?connect_timeout=1 does not answer")
	refused(t, []string{"DATABASE_URL=" + strings.Replace(blank.AppDSN(), "waymark_app", "nobody_known", 1)}, "does not let this program in")
	refused(t, []string{"DATABASE_URL=" + strings.Replace(blank.AppDSN(), blank.Name(), "none_such", 1)}, "none_such")

	// Schemas that are not this program's.
	do(t, blank.OwnerDSN(), "UPDATE schema_migrations SET version = $1", want+1)
	for _, env := range [][]string{on(blank), append(on(blank), "WAYMARK_MIGRATE=off")} {
		refused(t, env, "changed by a newer Waymark")
	}
	refused(t, on(blank), "changed by a newer Waymark", "migrate")
	do(t, blank.OwnerDSN(), "UPDATE schema_migrations SET version = $1", want-1)
	refused(t, append(on(blank), "WAYMARK_MIGRATE=off"), "schema of an older Waymark")
	do(t, blank.OwnerDSN(), "UPDATE schema_migrations SET version = $1, dirty = true", want)
	refused(t, on(blank), "is not whole")
	refused(t, append(on(blank), "WAYMARK_MIGRATE=off"), "is not whole")
	do(t, blank.OwnerDSN(), "UPDATE schema_migrations SET dirty = false")
	do(t, blank.OwnerDSN(), "REVOKE SELECT ON schema_migrations FROM waymark_app")
	refused(t, on(blank)[:1], "may not read which schema")
}

// TestRequestsUnderWayEnd sends half a form, stops the server, sends the rest,
// and gets its answer.
func TestRequestsUnderWayEnd(t *testing.T) {
	t.Parallel()
	site := begin(t, on(pgtest.New(t)), "")
	address := strings.TrimPrefix(site.address(), "http://")
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "POST /set-up HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\ncode=", address)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return strings.Contains(site.stdout.String(), "Set-up code") }, time.Minute, time.Millisecond)
	time.Sleep(50 * time.Millisecond) // the head has to arrive; when it has not, the answer is still due
	site.stop()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, time.Minute, time.Millisecond, "no new visitors")
	_, err = conn.Write([]byte("123456"))
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)
	require.Zero(t, site.ends())
}

// TestASecondSignalCutsOff leaves a request hanging, and does not wait for it.
func TestASecondSignalCutsOff(t *testing.T) {
	t.Parallel()
	site := begin(t, append(on(pgtest.New(t)), "WAYMARK_DRAIN_DELAY=1m"), "")
	address := strings.TrimPrefix(site.address(), "http://")
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "POST /set-up HTTP/1.1\r\nHost: %s\r\nContent-Length: 11\r\n\r\n", address)
	require.NoError(t, err)
	site.stop()
	site.kill()
	require.Zero(t, site.ends())
}

func TestTheWorkerForgetsOldKeys(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	do(t, db.OwnerDSN(), `WITH p AS (INSERT INTO person (id, email, name, created_at) VALUES (gen_random_uuid(), 'a@b.c', 'A', now()) RETURNING id)
		INSERT INTO form_key SELECT id, gen_random_uuid(), sha256(''), '', now() - d * interval '1 day' FROM p, generate_series(0, 20) d`)
	site := begin(t, on(db), "")
	site.address()
	require.Eventually(t, func() bool {
		return ask[int](t, db.OwnerDSN(), "SELECT count(*) FROM form_key") == 7
	}, time.Minute, 5*time.Millisecond)
	site.stop()
	require.Zero(t, site.ends())
	require.Equal(t, 7, ask[int](t, db.OwnerDSN(), "SELECT count(*) FROM form_key WHERE created_at > now() - interval '7 days'"))
}

// TestWork: a job that fails or panics does not keep the others from theirs.
func TestWork(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var log output
	var done atomic.Int32
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		work(ctx, slog.New(slog.NewTextHandler(&log, nil)), time.Millisecond, time.Now, []job{
			{"bad", func(context.Context, time.Time) error { return os.ErrInvalid }},
			{"worse", func(context.Context, time.Time) error { panic("at the disco") }},
			{"good", func(context.Context, time.Time) error { done.Add(1); return nil }},
		})
	}()
	require.Eventually(t, func() bool { return done.Load() > 3 }, time.Minute, time.Millisecond)
	stop()
	<-finished
	require.Contains(t, log.String(), "at the disco")
	require.Contains(t, log.String(), "job=bad")
}
