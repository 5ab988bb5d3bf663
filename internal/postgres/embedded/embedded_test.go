package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestFirstStartMakesASafeClusterAndTheNextFindsIt(t *testing.T) {
	dir := filepath.Join(testFolder(t), "data", "db")
	began := time.Now()
	s := start(t, options(t, dir))
	t.Logf("first start: %s", time.Since(began).Round(time.Millisecond))

	admin := connect(t, s, Superuser)
	for setting, want := range map[string]string{
		"data_checksums": "on", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
		"listen_addresses": "", "server_encoding": "UTF8", "TimeZone": "UTC", "jit": "off",
		"max_connections": "50", "shared_buffers": "64MB", "restart_after_crash": "on",
		"unix_socket_permissions": "0700", "logging_collector": "off",
	} {
		require.Equal(t, want, ask[string](t, admin, "SELECT current_setting($1)", setting), setting)
	}
	require.Equal(t, "C", ask[string](t, admin, "SELECT datcollate FROM pg_database WHERE datname = 'waymark'"))
	require.Contains(t, ask[string](t, admin, "SELECT datctype FROM pg_database WHERE datname = 'waymark'"), "UTF-8")
	require.True(t, ask[bool](t, admin, "SELECT bool_and(rolpassword IS NULL) FROM pg_authid"), "there is no password at all")
	require.GreaterOrEqual(t, s.Version().Major, oldestMajor)
	require.FileExists(t, filepath.Join(s.BinDir(), "initdb"))

	for path, mode := range map[string]os.FileMode{"cluster": 0o700, "run": 0o700} {
		info, err := os.Stat(filepath.Join(s.Dir(), path))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
	leftovers, err := filepath.Glob(filepath.Join(s.Dir(), unfinished+"*"))
	require.NoError(t, err)
	require.Empty(t, leftovers)

	owner := connect(t, s, Owner)
	run(t, owner, "CREATE TABLE kept (n int PRIMARY KEY); INSERT INTO kept SELECT generate_series(1, 100)")
	require.NoError(t, s.Stop(t.Context()))
	require.NoError(t, s.Stop(t.Context()), "a second stop is harmless")
	final, open := <-s.Done()
	require.NoError(t, final)
	require.True(t, open)
	_, open = <-s.Done()
	require.False(t, open)
	require.NoFileExists(t, filepath.Join(dir, "cluster", pidFile))

	began = time.Now()
	s = start(t, options(t, dir))
	t.Logf("next start: %s", time.Since(began).Round(time.Millisecond))
	require.Equal(t, 100, ask[int](t, connect(t, s, Owner), "SELECT count(*)::int FROM kept"))
}

func TestOnlyTheListedRolesLogIn(t *testing.T) {
	s := start(t, options(t, existing(t)))
	run(t, connect(t, s, Superuser), "CREATE ROLE stranger LOGIN SUPERUSER")
	for _, role := range []string{"stranger", Definer} {
		_, err := pgx.Connect(t.Context(), s.DSN(role, Database))
		require.ErrorContains(t, err, "no pg_hba.conf entry", role)
	}
	if os.Geteuid() == 0 { // another account of this machine cannot even reach the socket
		nobody, err := accountOfID(65534)
		require.NoError(t, err)
		cmd := exec.Command(filepath.Join(s.BinDir(), "psql"), s.DSN(App, Database), "-c", "SELECT 1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: nobody.credential()}
		cmd.Dir = "/"
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), "Permission denied")
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := existing(t)
	start(t, options(t, dir))

	second := startChild(t, dir)
	require.Contains(t, second.line(t), "in use by another Waymark (process "+strconv.Itoa(os.Getpid())+")")

	p := refused(t, options(t, dir))
	require.Equal(t, InUse, p.Kind)
	require.Equal(t, os.Getpid(), p.PID)
}

func TestRacersForOneNewFolder(t *testing.T) {
	dir := filepath.Join(testFolder(t), "db")
	var racers []*child
	for range 4 {
		racers = append(racers, startChild(t, dir))
	}
	winners := 0
	for _, r := range racers {
		if line := r.line(t); line == "ready" {
			winners++
		} else {
			require.Contains(t, line, "in use by another Waymark")
		}
	}
	require.Equal(t, 1, winners)
}

func TestAKilledServerComesBackWithEveryAcknowledgedRow(t *testing.T) {
	dir := existing(t)
	s := start(t, options(t, dir))
	owner := connect(t, s, Owner)
	run(t, owner, "CREATE TABLE kept (n int PRIMARY KEY)")
	acknowledged := 0
	for range 5 {
		victim := headOfServer(t, dir)
		killed := make(chan struct{})
		time.AfterFunc(50*time.Millisecond, func() {
			_ = syscall.Kill(victim, syscall.SIGKILL)
			close(killed)
		})
		for {
			if _, err := owner.Exec(t.Context(), "INSERT INTO kept VALUES ($1)", acknowledged+1); err != nil {
				break
			}
			acknowledged++
			if !alive(victim) {
				break // the orphaned child would serve us on for a while
			}
		}
		<-killed
		_ = owner.Close(t.Context())
		require.Eventually(t, func() bool { pid := headOf(filepath.Join(dir, "cluster")); return pid != 0 && pid != victim },
			time.Minute, time.Millisecond)
		owner = await(t, s, Owner)
		rows := ask[int](t, owner, "SELECT count(*)::int FROM kept WHERE n <= $1", acknowledged)
		require.Equal(t, acknowledged, rows)
		// A row whose answer was lost may be there or not.
		run(t, owner, "DELETE FROM kept WHERE n > "+strconv.Itoa(acknowledged))
	}
	require.Positive(t, acknowledged)
	select {
	case err := <-s.Done():
		t.Fatalf("gave up: %v", err)
	default:
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestAKilledChildOfTheServerIsOvercome(t *testing.T) {
	dir := existing(t)
	s := start(t, options(t, dir))
	owner := connect(t, s, Owner)
	run(t, owner, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
	require.NoError(t, syscall.Kill(int(owner.PgConn().PID()), syscall.SIGKILL)) //nolint:gosec // a process number
	_, err := owner.Exec(t.Context(), "SELECT 1")
	require.Error(t, err)
	require.Equal(t, 1, ask[int](t, await(t, s, Owner), "SELECT count(*)::int FROM kept"))
}

func TestAKilledWaymarkLeavesAFolderThatStarts(t *testing.T) {
	dir := existing(t)
	for round := range 3 {
		c := startChild(t, dir)
		require.Equal(t, "ready", c.line(t))
		conf := &Server{folder: &folder{dir: dir, socketDir: filepath.Join(dir, "run")}}
		owner := connect(t, conf, Owner)
		run(t, owner, "CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)")
		c.kill(t)

		s := start(t, options(t, dir)) // at once, while the old server still stops
		require.Equal(t, round+1, ask[int](t, connect(t, s, Owner), "SELECT count(*)::int FROM kept"))
		require.NoError(t, s.Stop(t.Context()))
	}
}

func TestEverythingKilledAtOnce(t *testing.T) {
	dir := existing(t)
	c := startChild(t, dir)
	require.Equal(t, "ready", c.line(t))
	conf := &Server{folder: &folder{dir: dir, socketDir: filepath.Join(dir, "run")}}
	run(t, connect(t, conf, Owner), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
	require.NoError(t, syscall.Kill(c.cmd.Process.Pid, syscall.SIGSTOP)) // so that it cannot bring anything back
	for _, pid := range mustServers(t, filepath.Join(dir, "cluster")) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	c.kill(t)
	s := start(t, options(t, dir))
	require.Equal(t, 1, ask[int](t, connect(t, s, Owner), "SELECT count(*)::int FROM kept"))
}

func mustServers(t *testing.T, cluster string) []int {
	t.Helper()
	self, err := ownAccount()
	require.NoError(t, err)
	pids, err := serversIn(cluster, self)
	require.NoError(t, err)
	require.NotEmpty(t, pids)
	return pids
}

func TestKilledWhileTheClusterIsMade(t *testing.T) {
	for name, reached := range map[string]string{
		"at once": "", "with files": "PG_VERSION", "with a catalogue": "global/pg_control",
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(testFolder(t), "db")
			c := startChild(t, dir)
			require.Eventually(t, func() bool {
				found, _ := filepath.Glob(filepath.Join(dir, unfinished+"*", reached))
				return len(found) > 0
			}, time.Minute, time.Millisecond)
			c.kill(t)
			require.NoDirExists(t, filepath.Join(dir, "cluster"))

			s := start(t, options(t, dir))
			require.Equal(t, 1, ask[int](t, connect(t, s, App), "SELECT 1"))
			left, err := filepath.Glob(filepath.Join(dir, unfinished+"*"))
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func TestAStalePidFileOfALivingProcess(t *testing.T) {
	dir := existing(t)
	f := &folder{dir: dir}
	uid, gid, err := ownerOf(f.cluster())
	require.NoError(t, err)
	// PostgreSQL refuses when the number belongs to a process of its account.
	other := exec.Command("sleep", "600")
	if os.Geteuid() == 0 {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	}
	require.NoError(t, other.Start())
	t.Cleanup(func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	})
	number := strconv.Itoa(other.Process.Pid)
	stale := filepath.Join(f.cluster(), pidFile)
	require.NoError(t, os.WriteFile(stale, []byte(number+"\n"+f.cluster()+"\n1\n5432\n\n\n\nready   \n"), 0o600))
	give(t, stale)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "run"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "run", socketName+".lock"), []byte(number+"\n"), 0o600))

	s := start(t, options(t, dir))
	require.Equal(t, 1, ask[int](t, connect(t, s, App), "SELECT 1"))
	require.True(t, alive(other.Process.Pid), "the process that happens to have the number is left alone")
}

func TestAnOrphanedServerIsStoppedAndReplaced(t *testing.T) {
	dir := existing(t)
	s := start(t, options(t, dir))
	run(t, connect(t, s, Owner), "CREATE TABLE kept (n int)")
	bin := s.BinDir()
	require.NoError(t, s.Stop(t.Context()))

	// The same server, but nobody's child that would end with its parent.
	uid, gid, err := ownerOf(filepath.Join(dir, "cluster"))
	require.NoError(t, err)
	orphan := exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "cluster"),
		"-c", "config_file="+filepath.Join(dir, "conf", "postgresql.conf"),
		"-c", "hba_file="+filepath.Join(dir, "conf", "pg_hba.conf"),
		"-c", "ident_file="+filepath.Join(dir, "conf", "pg_ident.conf"),
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+filepath.Join(dir, "run"))
	orphan.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		orphan.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	}
	orphan.Dir = filepath.Join(dir, "cluster")
	require.NoError(t, orphan.Start())
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	conn := await(t, s, Owner)
	run(t, conn, "INSERT INTO kept VALUES (1)")

	s = start(t, options(t, dir))
	require.NoError(t, <-ended, "the orphan was stopped cleanly")
	require.Equal(t, 1, ask[int](t, connect(t, s, Owner), "SELECT count(*)::int FROM kept"))
}

func TestStopIsBounded(t *testing.T) {
	dir := existing(t)
	s := start(t, options(t, dir))
	owner := connect(t, s, Owner)
	run(t, owner, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
	busy := make(chan error, 1)
	go func() {
		_, err := owner.Exec(context.Background(), "SELECT pg_sleep(600)")
		busy <- err
	}()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Stop(gone)
	require.Error(t, <-busy)
	if err != nil {
		var p *Problem
		require.ErrorAs(t, err, &p)
		require.Equal(t, StopForced, p.Kind)
	}
	s = start(t, options(t, dir))
	require.Equal(t, 1, ask[int](t, connect(t, s, Owner), "SELECT count(*)::int FROM kept"))
	busyAgain := connect(t, s, Owner)
	run(t, busyAgain, "BEGIN; INSERT INTO kept VALUES (2)")
	require.NoError(t, s.Stop(t.Context()), "an open transaction does not hold up a clean stop")
}

func TestFilesThatVanishEndTheWatch(t *testing.T) {
	dir := existing(t)
	s := start(t, options(t, dir))
	pid := headOfServer(t, dir)
	require.NoError(t, os.Rename(filepath.Join(dir, "cluster"), filepath.Join(dir, "moved")))
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	var p *Problem
	require.ErrorAs(t, <-s.Done(), &p)
	require.Equal(t, Vanished, p.Kind)

	require.NoError(t, os.Rename(filepath.Join(dir, "moved"), filepath.Join(dir, "cluster")))
	start(t, options(t, dir))
}

func TestACancelledStartLeavesNothingRunning(t *testing.T) {
	dir := existing(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Start(ctx, options(t, dir))
	require.ErrorIs(t, err, context.Canceled)
	start(t, options(t, dir))
}

func TestSettingsOfTheAdministratorAreReadLast(t *testing.T) {
	dir := existing(t)
	local := filepath.Join(dir, "conf", "local.conf")
	require.NoError(t, os.WriteFile(local, []byte("work_mem = '5MB'\nlisten_addresses = '*'\n"), 0o644)) //nolint:gosec // read by the server's account
	o := options(t, dir)
	o.Settings = map[string]string{"work_mem": "6MB", "cluster_name": "it's ours"}
	s := start(t, o)
	admin := connect(t, s, Superuser)
	require.Equal(t, "5MB", ask[string](t, admin, "SHOW work_mem"))
	require.Equal(t, "it's ours", ask[string](t, admin, "SHOW cluster_name"))
	require.Empty(t, ask[string](t, admin, "SHOW listen_addresses"), "never reached over the network")
}

func TestTheLogIsBounded(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	require.NoError(t, err)
	self, err := ownAccount()
	require.NoError(t, err)
	logs, err := openLog(&folder{dir: root.Name(), root: root, self: self, server: self})
	require.NoError(t, err)
	line := []byte(strings.Repeat("x", 1<<16) + "\n")
	for range 5 * logLimit / len(line) {
		logs.add(line)
	}
	logs.close()
	files, err := os.ReadDir(filepath.Join(root.Name(), "log"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		require.LessOrEqual(t, info.Size(), int64(logLimit+len(line)))
	}
	require.Len(t, logs.lines(), tailLines)
}
