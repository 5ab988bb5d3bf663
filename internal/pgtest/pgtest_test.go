package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"waymark/internal/postgres/embedded"
	"waymark/migrations"
)

func value[T any](t *testing.T, pool *pgxpool.Pool, sql string) T {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql)
	require.NoError(t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	require.NoError(t, err)
	return v
}

func do(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	_, err := pool.Exec(t.Context(), sql)
	require.NoError(t, err)
}

// use runs a test of its own on a database and gives its name.
func use(t *testing.T, work func(t *testing.T, db *DB)) string {
	t.Helper()
	name := ""
	require.True(t, t.Run("uses a database", func(t *testing.T) {
		db := New(t)
		name = db.Name()
		work(t, db)
	}))
	return name
}

// tables lists every table with its rows.
const allRows = `
	SELECT coalesce(string_agg(format('%s %s', c.oid::regclass,
		query_to_xml(format('SELECT * FROM %s AS t ORDER BY t::text', c.oid::regclass), true, false, '')), E'\n' ORDER BY c.oid::regclass::text), '')
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema$)'`

func TestADatabaseIsMigratedAndHasItsRoles(t *testing.T) {
	db := New(t)
	for role, pool := range map[string]*pgxpool.Pool{
		embedded.Owner: db.Owner(t), embedded.App: db.App(t), embedded.Superuser: db.Superuser(t),
	} {
		require.Equal(t, role, value[string](t, pool, "SELECT current_user::text"))
		require.Equal(t, db.Name(), value[string](t, pool, "SELECT current_database()::text"))
	}
	version, err := migrations.Version()
	require.NoError(t, err)
	require.EqualValues(t, version, value[int64](t, db.Superuser(t), "SELECT version FROM schema_migrations"))
	require.False(t, value[bool](t, db.Superuser(t), "SELECT has_database_privilege('public', current_database(), 'CONNECT')"))
	require.Same(t, db.App(t), db.App(t))
}

func TestADatabaseIsHandedOnClean(t *testing.T) {
	before := ""
	first := use(t, func(t *testing.T, db *DB) { before = value[string](t, db.Superuser(t), allRows) })

	// Something in every table, against every trigger and key.
	second := use(t, func(t *testing.T, db *DB) {
		super := db.Superuser(t)
		do(t, super, `
			DO $$
			DECLARE
				t record;
			BEGIN
				SET LOCAL session_replication_role = replica;
				DELETE FROM installation;
				INSERT INTO trail_head (organization_id, seq, hash)
					SELECT gen_random_uuid(), n, decode(repeat('00', 32), 'hex') FROM generate_series(1, 50) n;
				INSERT INTO event (organization_id, seq, kind, subject, at, data, hash)
					SELECT gen_random_uuid(), n, 'a.b', '', now(), '{}', decode(repeat('00', 32), 'hex') FROM generate_series(1, 50) n;
			END $$`)
		_, err := super.Exec(t.Context(), "TRUNCATE event")
		require.ErrorContains(t, err, "never changed", "the trail refuses as ever")
	})
	require.Equal(t, first, second)

	third := use(t, func(t *testing.T, db *DB) {
		require.Equal(t, before, value[string](t, db.Superuser(t), allRows))
		require.Equal(t, "origin", value[string](t, db.Superuser(t), "SHOW session_replication_role"))
	})
	require.Equal(t, first, third)
}

func TestAChangedDatabaseIsNotHandedOn(t *testing.T) {
	for name, sql := range map[string]string{
		"table":      "CREATE TABLE extra ()",
		"column":     "ALTER TABLE event ADD COLUMN extra int",
		"default":    "ALTER TABLE event ALTER COLUMN subject SET DEFAULT 'x'",
		"not null":   "ALTER TABLE event ALTER COLUMN subject DROP NOT NULL",
		"trigger":    "ALTER TABLE event DISABLE TRIGGER ALL",
		"row level":  "ALTER TABLE event DISABLE ROW LEVEL SECURITY",
		"policy":     "CREATE POLICY extra ON event USING (true)",
		"function":   "CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'",
		"grant":      "GRANT ALL ON event TO PUBLIC",
		"schema":     "GRANT ALL ON SCHEMA public TO PUBLIC",
		"index":      "DROP INDEX event_subject",
		"setting":    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''1MB''', current_database()); END $$",
		"statistics": "INSERT INTO trail_head VALUES (gen_random_uuid(), 1, decode(repeat('00', 32), 'hex')); ANALYZE trail_head",
		"size": `INSERT INTO event (organization_id, seq, kind, subject, at, data, hash)
			SELECT gen_random_uuid(), n, 'a.b', repeat(md5(n::text), 40), now(), '{}', decode(repeat('00', 32), 'hex') FROM generate_series(1, 10000) n`,
	} {
		t.Run(name, func(t *testing.T) {
			changed := use(t, func(t *testing.T, db *DB) { do(t, db.Superuser(t), sql) })
			next := use(t, func(t *testing.T, db *DB) {
				require.Zero(t, value[int](t, db.Superuser(t),
					"SELECT count(*)::int FROM pg_database WHERE datname = '"+changed+"'"))
			})
			require.NotEqual(t, changed, next)
		})
	}
}

func TestAConnectionLeftBehindIsEnded(t *testing.T) {
	var left *pgx.Conn
	name := use(t, func(t *testing.T, db *DB) {
		var err error
		left, err = pgx.Connect(t.Context(), db.SuperuserDSN())
		require.NoError(t, err)
		_, err = left.Exec(t.Context(), "BEGIN; INSERT INTO trail_head VALUES (gen_random_uuid(), 1, decode(repeat('00', 32), 'hex'))")
		require.NoError(t, err)
	})
	_, err := left.Exec(t.Context(), "COMMIT")
	require.Error(t, err)
	require.Equal(t, name, use(t, func(t *testing.T, db *DB) {
		require.Zero(t, value[int](t, db.Superuser(t), "SELECT count(*)::int FROM trail_head"))
	}))
}

func TestPoolsAreHandedOnAsNew(t *testing.T) {
	var pool *pgxpool.Pool
	first := use(t, func(t *testing.T, db *DB) {
		pool = db.Superuser(t)
		do(t, pool, "CREATE TEMPORARY TABLE left_over (); SET ROLE waymark_app; SET app.org = 'x'; SET work_mem = '1MB'; SELECT pg_advisory_lock(1)")
		db.App(t).Close() // as a server does that is tested to its end
	})
	require.Equal(t, first, use(t, func(t *testing.T, db *DB) {
		require.Same(t, pool, db.Superuser(t))
		require.Equal(t, embedded.Superuser, value[string](t, pool, "SELECT current_user::text"))
		require.Empty(t, value[string](t, pool, "SELECT coalesce(current_setting('app.org', true), '')"))
		require.Equal(t, "8MB", value[string](t, pool, "SHOW work_mem"))
		require.Zero(t, value[int](t, pool, "SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
		require.Zero(t, value[int](t, pool, "SELECT count(*)::int FROM pg_class WHERE relname = 'left_over'"))
		require.Equal(t, 1, value[int](t, db.App(t), "SELECT 1"))
	}))
}

func TestALeakedConnectionIsNoticed(t *testing.T) {
	db := New(t)
	conn, err := db.App(t).Acquire(t.Context())
	require.NoError(t, err)
	require.ErrorContains(t, db.database.rest(t.Context(), time.Millisecond), "1 connections as waymark_app were never given back")
	conn.Release()
}

func TestTheTemplateFollowsTheMigrations(t *testing.T) {
	s := &store{dir: t.TempDir(), key: "a"}
	require.False(t, s.copyTo(t.Context(), filepath.Join(t.TempDir(), "data")))
	from := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(from, "file"), []byte("x"), 0o600))
	require.NoError(t, s.keep(t.Context(), from))
	to := filepath.Join(t.TempDir(), "data")
	require.True(t, s.copyTo(t.Context(), to))
	require.FileExists(t, filepath.Join(to, "file"))
	s.key = "b"
	require.False(t, s.copyTo(t.Context(), filepath.Join(t.TempDir(), "data")))
	require.NoError(t, s.keep(t.Context(), from))
	require.NoDirExists(t, filepath.Join(s.dir, "a"), "the older one is gone")
}

func TestParallelTestsHaveDatabasesOfTheirOwn(t *testing.T) {
	for i := range 6 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db := New(t)
			super := db.Superuser(t)
			require.Zero(t, value[int](t, super, "SELECT count(*)::int FROM trail_head"))
			do(t, super, "INSERT INTO trail_head VALUES (gen_random_uuid(), 1, decode(repeat('00', 32), 'hex'))")
			time.Sleep(20 * time.Millisecond)
			require.Equal(t, 1, value[int](t, super, "SELECT count(*)::int FROM trail_head"))
		})
	}
}

func TestABlankDatabaseTakesTheMigrations(t *testing.T) {
	db := Blank(t)
	require.Zero(t, value[int](t, db.Owner(t), "SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'"))
	require.NoError(t, migrations.Up(t.Context(), db.OwnerDSN()))
	require.Positive(t, value[int](t, db.Owner(t), "SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'"))
	require.FileExists(t, filepath.Join(db.BinDir(), "pg_dump"))
}

// TestNothingIsLeftBehind kills a test process and looks for its cluster.
func TestNothingIsLeftBehind(t *testing.T) {
	const asked = "WAYMARK_TEST_HANG"
	if os.Getenv(asked) != "" {
		db := New(t)
		_, err := os.Stdout.WriteString("folder " + filepath.Dir(db.cluster.server.Dir()) + "\n")
		require.NoError(t, err)
		select {} // until killed
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeftBehind$")
	cmd.Env = append(os.Environ(), asked+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line := make([]byte, 256)
	n, err := out.Read(line)
	require.NoError(t, err)
	dir, ok := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "folder ")
	require.True(t, ok, string(line[:n]))
	require.DirExists(t, dir)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.Eventually(t, func() bool {
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	}, time.Minute, 10*time.Millisecond)
}

// BenchmarkHandedOn is what a test pays for its database: taking one, a row
// over its pool, and emptying it.
func BenchmarkHandedOn(b *testing.B) {
	c := running(b)
	warm, err := c.take(b.Context())
	require.NoError(b, err)
	require.NoError(b, c.giveBack(b.Context(), warm))
	b.Run("with a row", func(b *testing.B) {
		for b.Loop() {
			d, err := c.take(b.Context())
			require.NoError(b, err)
			pool, err := d.pool(embedded.Superuser, c.server.DSN(embedded.Superuser, d.name))
			require.NoError(b, err)
			_, err = pool.Exec(b.Context(), "INSERT INTO trail_head VALUES (gen_random_uuid(), 1, decode(repeat('00', 32), 'hex'))")
			require.NoError(b, err)
			require.NoError(b, c.giveBack(b.Context(), d))
		}
	})
	b.Run("handing on alone", func(b *testing.B) {
		for b.Loop() {
			d, err := c.take(b.Context())
			require.NoError(b, err)
			require.NoError(b, c.giveBack(b.Context(), d))
		}
	})
	b.Run("cloning instead", func(b *testing.B) {
		for b.Loop() {
			d, err := c.clone(b.Context())
			require.NoError(b, err)
			require.NoError(b, d.admin.Close(b.Context()))
			require.NoError(b, c.drop(b.Context(), d.name))
		}
	})
}
