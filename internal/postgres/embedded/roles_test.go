package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestRolesMayWhatTheyShould(t *testing.T) {
	s := start(t, options(t, existing(t)))
	require.NoError(t, s.EnsureDatabase(t.Context(), Database), "may be run again")
	require.ErrorContains(t, s.EnsureDatabase(t.Context(), "a; b"), "no name for a database")
	requireRoles(t, s, true)

	owner, app := connect(t, s, Owner), connect(t, s, App)
	for _, sql := range []string{
		"CREATE TABLE x ()", "CREATE TEMPORARY TABLE x ()", "CREATE SCHEMA x", "SET ROLE " + Owner, "SET ROLE " + Definer,
	} {
		_, err := app.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "permission denied", sql)
	}
	for _, database := range []string{"postgres", "template1"} {
		_, err := pgx.Connect(t.Context(), s.DSN(App, database))
		require.ErrorContains(t, err, "permission denied", database)
	}

	// How a migration hands a function to the definer.
	run(t, owner, `
		CREATE TABLE secret (n int);
		INSERT INTO secret VALUES (1), (2);
		ALTER TABLE secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
		GRANT SELECT ON secret TO waymark_definer;
		CREATE FUNCTION total() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public
			AS 'SELECT count(*) FROM secret';
		GRANT CREATE ON SCHEMA public TO waymark_definer;
		ALTER FUNCTION total() OWNER TO waymark_definer;
		REVOKE CREATE ON SCHEMA public FROM waymark_definer`)
	require.Equal(t, 2, ask[int](t, owner, "SELECT count(*)::int FROM secret"), "the owner sees behind forced row-level security")
	require.EqualValues(t, 2, ask[int64](t, app, "SELECT total()"), "and so does the definer's function")
	run(t, owner, "CREATE OR REPLACE FUNCTION total() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT 3::bigint'")
	_, err := app.Exec(t.Context(), "SELECT FROM secret")
	require.ErrorContains(t, err, "permission denied")
}

// requireRoles reads the catalogue.
func requireRoles(t *testing.T, s *Server, bypass bool) {
	t.Helper()
	type role struct {
		Name                     string
		Login, Super, Bypass     bool
		CreateDatabase, MakeRole bool
	}
	admin, err := pgx.Connect(t.Context(), s.DSN(Superuser, Database))
	require.NoError(t, err)
	defer func() { require.NoError(t, admin.Close(t.Context())) }()
	rows, err := admin.Query(t.Context(), `
		SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole
		FROM pg_roles WHERE rolname LIKE 'waymark%' ORDER BY rolname`)
	require.NoError(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[role])
	require.NoError(t, err)
	require.Equal(t, []role{
		{Name: App, Login: true},
		{Name: Definer, Bypass: bypass},
		{Name: Owner, Login: true, Bypass: bypass},
	}, got)
	require.Equal(t, Owner, ask[string](t, admin, "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"))
	require.False(t, ask[bool](t, admin, "SELECT has_database_privilege('public', current_database(), 'CONNECT')"))
	require.False(t, ask[bool](t, admin, "SELECT has_schema_privilege('public', 'public', 'CREATE')"))
	require.True(t, ask[bool](t, admin, "SELECT has_database_privilege('waymark_app', current_database(), 'CONNECT')"))
	require.True(t, ask[bool](t, admin, "SELECT pg_has_role('waymark_owner', 'waymark_definer', 'MEMBER')"))
	require.False(t, ask[bool](t, admin, "SELECT pg_has_role('waymark_app', 'waymark_definer', 'MEMBER') OR pg_has_role('waymark_app', 'waymark_owner', 'MEMBER')"))
}

// TestScriptForAdministrators runs what "waymark roles" prints, with psql, as
// a superuser and as an administrator who is none.
func TestScriptForAdministrators(t *testing.T) {
	s := start(t, options(t, existing(t)))
	psql := func(role, script string) {
		t.Helper()
		cmd := exec.Command(filepath.Join(s.BinDir(), "psql"), "-qXv", "owner_password=o'w", "-v", "app_password=a", //nolint:gosec // the server's own client
			"-f", "-", s.DSN(Superuser, "postgres"))
		cmd.Env = append(os.Environ(), "PGOPTIONS=-c role="+role)
		cmd.Stdin = strings.NewReader(script)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	wipe := func() {
		t.Helper()
		psql("none", "DROP DATABASE waymark; DROP ROLE waymark_owner, waymark_definer, waymark_app;")
	}

	wipe()
	for range 2 {
		psql("none", RolesSQL(RolesOptions{}))
		requireRoles(t, s, true)
	}
	require.True(t, ask[bool](t, connect(t, s, Superuser),
		"SELECT count(*) = 2 FROM pg_authid WHERE rolname LIKE 'waymark%' AND rolpassword LIKE 'SCRAM-SHA-256%'"))

	run(t, connect(t, s, Superuser), "CREATE ROLE administrator CREATEROLE CREATEDB")
	terminate(t, s)
	wipe()
	psql("administrator", RolesSQL(RolesOptions{NoBypassRLS: true}))
	requireRoles(t, s, false)
	owner := connect(t, s, Owner)
	run(t, owner, `
		CREATE TABLE walled (n int);
		INSERT INTO walled VALUES (1);
		ALTER TABLE walled ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
		GRANT SELECT ON walled TO waymark_app`)
	require.Zero(t, ask[int](t, owner, "SELECT count(*)::int FROM walled"))
	for range 2 {
		psql("administrator", RolesSQL(RolesOptions{NoBypassRLS: true}))
	}
	require.Equal(t, 1, ask[int](t, owner, "SELECT count(*)::int FROM walled"))
	require.Zero(t, ask[int](t, connect(t, s, App), "SELECT count(*)::int FROM walled"))
}

// terminate ends the connections to the database, so that it can be dropped.
func terminate(t *testing.T, s *Server) {
	t.Helper()
	admin, err := pgx.Connect(t.Context(), s.DSN(Superuser, "postgres"))
	require.NoError(t, err)
	defer func() { require.NoError(t, admin.Close(t.Context())) }()
	run(t, admin, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'waymark'")
}

func TestTheScriptHoldsNoSecretAndNoRemainder(t *testing.T) {
	for _, o := range []RolesOptions{{}, {NoBypassRLS: true}} {
		sql := RolesSQL(o)
		require.NotContains(t, sql, "--@")
		require.NotContains(t, sql, "{{")
		require.NotContains(t, sql, "<no value>")
		require.Contains(t, sql, ":'owner_password'")
		require.Equal(t, o.NoBypassRLS, !strings.Contains(sql, "ALTER ROLE waymark_owner BYPASSRLS"))
	}
}
