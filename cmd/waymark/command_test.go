package main

import (
	"net/url"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/config"
	"waymark/internal/pgtest"
)

func TestUserCreate(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	env := on(db)
	person := func(args ...string) []string {
		return append([]string{"user", "create", "--name", "Ada Berg"}, args...)
	}

	code, _, stderr := ran(t, env, person("--email", "ada@example.org")...)
	require.Equal(t, codeUsage, code)
	require.Contains(t, stderr, "not set up yet")
	require.Zero(t, ask[int](t, db.OwnerDSN(), "SELECT count(*) FROM person"))

	code, stdout, stderr := ran(t, env, person("--email", "ada@example.org", "--administrator", "--organization", "Halden", "--time-zone", "Europe/Oslo")...)
	require.Zero(t, code, stderr)
	require.Regexp(t, `with the password [A-Z2-7]{26} `, stdout)
	require.Equal(t, "ada@example.org", ask[string](t, db.OwnerDSN(), "SELECT email FROM person JOIN installation ON administrator_id = id"))
	halden := ask[string](t, db.OwnerDSN(), "SELECT id::text FROM organization WHERE name = 'Halden' AND time_zone = 'Europe/Oslo'")

	given := begin(t, env, "trellis umbrella quarry\n", person("--email", "bo@example.org", "--password-stdin", "--organization", halden, "--role", "owner")...)
	require.Zero(t, given.ends(), given.err.String())
	require.NotContains(t, given.stdout.String(), "trellis")
	require.Equal(t, "owner", ask[string](t, db.OwnerDSN(), "SELECT role FROM membership WHERE email = 'bo@example.org'"))

	code, _, stderr = ran(t, env, person("--email", "cleo@example.org", "--administrator")...)
	require.Zero(t, code, stderr)
	require.Equal(t, "cleo@example.org", ask[string](t, db.OwnerDSN(), "SELECT email FROM person JOIN installation ON administrator_id = id"))
	require.Equal(t, 1, ask[int](t, db.OwnerDSN(), "SELECT count(*) FROM event WHERE kind = 'installation.administrator'"))

	refused(t, env, "signs in as BO@example.org already", person("--email", "BO@example.org")...)
	refused(t, env, "There is no organization", person("--email", "dan@example.org", "--organization", "00000000-0000-7000-8000-000000000000")...)
	weak := begin(t, env, "password\n", person("--email", "dan@example.org", "--password-stdin")...)
	require.Equal(t, codeFailed, weak.ends())
	require.Contains(t, weak.err.String(), "may not be chosen (too_short)")
	code, _, stderr = ran(t, env, "user", "create", "--email", "x", "--role", "king", "--language", "tlh", "--time-zone", "Mars", "--name", "")
	require.Equal(t, codeUsage, code)
	for _, flag := range []string{"--email", "--role", "--language", "--time-zone", "--name"} {
		require.Contains(t, stderr, flag+" is")
	}
	require.Equal(t, 3, ask[int](t, db.OwnerDSN(), "SELECT count(*) FROM person"))
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	env := on(db)
	code, _, stderr := ran(t, env, "migrate")
	require.Zero(t, code, stderr)
	code, stdout, stderr := ran(t, env, "doctor")
	require.Zero(t, code, stdout+stderr)
	require.NotContains(t, stdout, markFail)

	code, stdout, _ = ran(t, env[:1], "doctor")
	require.Zero(t, code)
	require.Contains(t, stdout, "warn  owner")

	// Each illness is found.
	for illness, cure := range map[string]string{
		"ALTER TABLE task DISABLE ROW LEVEL SECURITY":  "ALTER TABLE task ENABLE ROW LEVEL SECURITY",
		"ALTER TABLE task NO FORCE ROW LEVEL SECURITY": "ALTER TABLE task FORCE ROW LEVEL SECURITY",
		"UPDATE schema_migrations SET dirty = true":    "UPDATE schema_migrations SET dirty = false",
	} {
		do(t, db.OwnerDSN(), illness)
		code, stdout, _ := ran(t, env, "doctor")
		require.Equal(t, codeFailed, code, illness)
		require.Contains(t, stdout, markFail)
		require.Contains(t, stdout, "1 of these must be mended")
		do(t, db.OwnerDSN(), cure)
	}
	code, stdout, _ = ran(t, append(env, "SMTP_URL=smtp://127.0.0.1:1", "WAYMARK_MAIL_FROM=w@example.org"), "doctor")
	require.Equal(t, codeFailed, code)
	require.Contains(t, stdout, "does not answer")
	code, stdout, _ = ran(t, []string{"DATABASE_URL=" + db.OwnerDSN()}, "doctor")
	require.Equal(t, codeFailed, code)
	require.Contains(t, stdout, "FAIL  role")
	code, stdout, _ = ran(t, []string{"WAYMARK_LISTEN=x"}, "doctor")
	require.Equal(t, codeFailed, code)
	require.Contains(t, stdout, "FAIL  settings")
}

// TestSeededAndBack fills another server's database, backs it up and brings it
// back, all by command.
func TestSeededAndBack(t *testing.T) {
	t.Parallel()
	db, blank := pgtest.New(t), pgtest.Blank(t)
	code, stdout, stderr := ran(t, on(db), "seed", "--organizations=1", "--projects=2", "--tasks=50")
	require.Zero(t, code, stderr)
	require.Regexp(t, regexp.MustCompile(`(?m)^Sign in as person-1-1@seed\.example\.org .* password \S+$`), stdout)
	file := filepath.Join(t.TempDir(), "b")
	code, stdout, stderr = ran(t, on(db), "backup", file)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "holds all")
	code, _, stderr = ran(t, on(blank), "restore", file)
	require.Zero(t, code, stderr)
	require.Equal(t, 50, ask[int](t, blank.OwnerDSN(), "SELECT count(*) FROM task"))
	site := begin(t, on(blank), "")
	site.address()
	site.stop()
	require.Zero(t, site.ends())
}

func TestAddressOf(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080", "[::1]:80": "http://[::1]:80", "localhost:81": "http://localhost:81",
		":82": "http://localhost:82", "0.0.0.0:83": "http://localhost:83", "[::]:84": "http://localhost:84", "10.1.2.3:85": "http://10.1.2.3:85",
	} {
		require.Equal(t, want, addressOf(config.Config{Listen: listen}, nil).String())
	}
	require.Equal(t, "https://x.example.org", addressOf(config.Config{Listen: ":1", URL: &url.URL{Scheme: "https", Host: "x.example.org"}}, nil).String())
}
