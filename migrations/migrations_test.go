package migrations_test

import (
	"context"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/pgtest"
	"waymark/migrations"
)

// A number that is missing would be passed over without a word, so there is none:
// every number from 1 on has one step up and one down, of the same name.
func TestNumbersWithoutGaps(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations.FS, "*.sql")
	require.NoError(t, err)
	step := regexp.MustCompile(`^(\d{6})_([a-z_]+)\.(up|down)\.sql$`)
	up, down := map[string]string{}, map[string]string{}
	for _, name := range names {
		m := step.FindStringSubmatch(name)
		require.NotNil(t, m, name)
		into := up
		if m[3] == "down" {
			into = down
		}
		require.NotContains(t, into, m[1], name)
		into[m[1]] = m[2]
	}
	require.Equal(t, up, down)
	for n := range len(up) {
		require.Contains(t, up, fmt.Sprintf("%06d", n+1))
	}
	newest, err := migrations.Version()
	require.NoError(t, err)
	require.Equal(t, uint(len(up)), newest)
}

// A migration waits a bounded time for locks, so that it cannot stop a running
// installation behind one long transaction.
func TestMigrationsBoundTheirLocks(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations.FS, "*.up.sql")
	require.NoError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(migrations.FS, name)
		require.NoError(t, err)
		require.Contains(t, string(text), "SET lock_timeout", name)
	}
}

// dump writes a database down, definitions and rows, without the counter of
// migrations and without what differs from run to run.
func dump(t *testing.T, db *pgtest.DB) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(db.BinDir(), "pg_dump"), //nolint:gosec // G204: a program of the test's own server
		"--exclude-table=schema_migrations", "--dbname="+db.OwnerDSN())
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, stderr.String())
	var kept []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "--") && !strings.HasPrefix(line, `\`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// Taking every step back leaves nothing, and doing them again makes the same
// database.
func TestUpDownUp(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	empty := dump(t, db)
	require.NotContains(t, empty, "CREATE TABLE")

	require.NoError(t, migrations.Up(t.Context(), db.OwnerDSN()))
	first := dump(t, db)
	require.Contains(t, first, "CREATE TABLE public.step_act")
	require.Contains(t, first, "FORCE ROW LEVEL SECURITY")
	require.NoError(t, migrations.Up(t.Context(), db.OwnerDSN()), "nothing to do is no failure")
	require.Equal(t, first, dump(t, db))

	require.NoError(t, migrations.Down(t.Context(), db.OwnerDSN()))
	require.Equal(t, empty, dump(t, db))

	require.NoError(t, migrations.Up(t.Context(), db.OwnerDSN()))
	require.Equal(t, first, dump(t, db))
}

// Processes that start at the same moment do not disturb each other.
func TestUpAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.Blank(t)
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = migrations.Up(context.Background(), db.OwnerDSN()) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	newest, err := migrations.Version()
	require.NoError(t, err)
	var version uint
	var dirty bool
	require.NoError(t, db.Owner(t).QueryRow(t.Context(), `SELECT version, dirty FROM schema_migrations`).Scan(&version, &dirty))
	require.Equal(t, newest, version)
	require.False(t, dirty)
}

// Every table has row-level security, enabled and forced, so that not even the
// owner reads past it by accident. A migration that fills a column does: its
// role is allowed to pass, and it reaches the rows of every organization.
func TestBackfillReachesEveryRow(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	owner := db.Owner(t)

	rows, err := owner.Query(t.Context(), `
		SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
		   AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1`)
	require.NoError(t, err)
	open, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Equal(t, []string{"schema_migrations"}, open)

	for _, id := range []string{"00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"} {
		_, err := owner.Exec(t.Context(), `INSERT INTO organization (id, name, time_zone, language, created_at) VALUES ($1, 'Halden', 'UTC', 'en', now())`, id)
		require.NoError(t, err)
	}
	const backfill = `UPDATE organization SET name = name || ' Ltd'`
	done, err := db.App(t).Exec(t.Context(), backfill)
	require.NoError(t, err)
	require.Zero(t, done.RowsAffected(), "the application's role reaches nothing without a tenant")
	done, err = owner.Exec(t.Context(), backfill)
	require.NoError(t, err)
	require.Equal(t, int64(2), done.RowsAffected())

	rows, err = owner.Query(t.Context(), `SELECT name FROM organization`)
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Equal(t, []string{"Halden Ltd", "Halden Ltd"}, names)
}
