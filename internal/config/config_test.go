package config

import (
	"flag"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, environ []string, args ...string) (Config, error) {
	t.Helper()
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	source := Bind(flags)
	require.NoError(t, flags.Parse(args))
	return source.Read(environ)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := read(t, []string{"HOME=/srv/ada"})
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:8080", c.Listen)
	require.True(t, c.Loopback())
	require.Nil(t, c.URL)
	require.Equal(t, "/srv/ada/.local/state/waymark", c.Data)
	require.Equal(t, int64(25<<20), c.MaxFile)
	require.True(t, c.Migrate)
	require.Zero(t, c.DrainDelay)
	require.Equal(t, slog.LevelInfo, c.LogLevel)
	require.False(t, c.LogJSON || c.Demo || c.Styleguide)
	require.Empty(t, c.Warnings)
}

func TestEverythingCanBeSet(t *testing.T) {
	t.Parallel()
	c, err := read(t, []string{
		"WAYMARK_LISTEN=0.0.0.0:9000", "WAYMARK_URL=https://Plan.Example.org/", "WAYMARK_TRUSTED_PROXIES=10.1.2.3/8, ::1",
		"DATABASE_URL=postgres://app:one@a,b/waymark?target_session_attrs=read-write", "WAYMARK_MIGRATE_URL=host=a user=o password=two dbname=waymark",
		"WAYMARK_MIGRATE=off", "SMTP_URL=smtps://u:three@mail.example.org", "WAYMARK_MAIL_FROM=Waymark <w@example.org>",
		"WAYMARK_MAX_FILE=1.5MB", "WAYMARK_LOG=json,debug", "WAYMARK_PG_BIN=/opt/pg/bin", "WAYMARK_DRAIN_DELAY=3s", "WAYMARK_STYLEGUIDE=1",
	})
	require.NoError(t, err)
	require.Equal(t, "https://plan.example.org", c.URL.String())
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}, c.TrustedProxies)
	require.False(t, c.Migrate)
	require.Equal(t, int64(1_500_000), c.MaxFile)
	require.True(t, c.LogJSON)
	require.Equal(t, slog.LevelDebug, c.LogLevel)
	require.Equal(t, 3*time.Second, c.DrainDelay)
	require.True(t, c.Styleguide)
	require.Empty(t, c.Warnings)
}

func TestFlagsWin(t *testing.T) {
	t.Parallel()
	env := []string{"WAYMARK_LISTEN=127.0.0.1:1", "WAYMARK_URL=https://a.example.org", "WAYMARK_LOG="}
	c, err := read(t, env, "--listen=[::1]:2", "--url=", "--demo", "--migrate=off")
	require.NoError(t, err)
	require.Equal(t, "[::1]:2", c.Listen)
	require.Nil(t, c.URL, "an empty flag takes the variable back")
	require.True(t, c.Demo)
	require.False(t, c.Migrate)
	from := map[string]string{}
	for _, line := range c.Lines() {
		from[line.Name] = line.From
	}
	require.Equal(t, "flag", from["WAYMARK_LISTEN"])
	require.Equal(t, "default", from["WAYMARK_URL"])
	require.Equal(t, "default", from["WAYMARK_LOG"])
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ set, says string }{
		"no port":             {"WAYMARK_LISTEN=localhost", "WAYMARK_LISTEN is \"localhost\": write an address and a port"},
		"port by name":        {"WAYMARK_LISTEN=localhost:http", "not a number from 0 to 65535"},
		"port too large":      {"WAYMARK_LISTEN=:70000", "not a number"},
		"address with path":   {"WAYMARK_LISTEN=http://x:80", "WAYMARK_LISTEN"},
		"url without scheme":  {"WAYMARK_URL=plan.example.org", "such as https://waymark.example.org"},
		"url of another kind": {"WAYMARK_URL=ftp://plan.example.org", "WAYMARK_URL"},
		"url with a path":     {"WAYMARK_URL=https://example.org/waymark", "write https://example.org."},
		"url with a person":   {"WAYMARK_URL=https://ada@example.org", "user name"},
		"proxy by name":       {"WAYMARK_TRUSTED_PROXIES=10.0.0.1,proxy", "\"proxy\" is no address"},
		"everybody a proxy":   {"WAYMARK_TRUSTED_PROXIES=0.0.0.0/0", "everybody"},
		"database":            {"DATABASE_URL=postgres://u:hush hush@h:p/x", "DATABASE_URL is not the address of a database"},
		"database unnamed":    {"DATABASE_URL=postgres://u:hush@h", "names no database"},
		"migrate":             {"WAYMARK_MIGRATE=yes", "write auto or off"},
		"owner alone":         {"WAYMARK_MIGRATE_URL=postgres://o:hush@h/x", "without DATABASE_URL"},
		"mail scheme":         {"SMTP_URL=http://u:hush@h", "SMTP_URL must begin with smtp://"},
		"mail parameter":      {"SMTP_URL=smtp://u:hush@h?tls=no", "SMTP_URL may only have the parameter starttls"},
		"mail without sender": {"SMTP_URL=smtp://u:hush@h", "WAYMARK_MAIL_FROM is not set"},
		"sender":              {"WAYMARK_MAIL_FROM=Ada", "no sender"},
		"size":                {"WAYMARK_MAX_FILE=lots", "from 1 KiB to 1 GiB"},
		"size nothing":        {"WAYMARK_MAX_FILE=0", "from 1 KiB to 1 GiB"},
		"size too large":      {"WAYMARK_MAX_FILE=2 GiB", "from 1 KiB to 1 GiB"},
		"size not a number":   {"WAYMARK_MAX_FILE=NaN", "from 1 KiB to 1 GiB"},
		"log":                 {"WAYMARK_LOG=xml", "text or json"},
		"programs":            {"WAYMARK_PG_BIN=bin", "whole path"},
		"delay":               {"WAYMARK_DRAIN_DELAY=5", "from 0s to 60s"},
		"delay for ever":      {"WAYMARK_DRAIN_DELAY=1h", "from 0s to 60s"},
		"switch":              {"WAYMARK_DEMO=maybe", "on or off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, []string{c.set})
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "hush", "a secret is never repeated")
			for line := range strings.Lines(err.Error()) {
				require.Regexp(t, `^(WAYMARK_[A-Z_]+|DATABASE_URL|SMTP_URL)\b.*\.\n?$`, line, "a sentence that names the setting")
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := read(t, []string{
		"WAYMARK_LISTEN=x", "WAYMARK_URL=x", "WAYMARK_TRUSTED_PROXIES=x", "DATABASE_URL=x", "WAYMARK_MIGRATE_URL=x", "WAYMARK_MIGRATE=x",
		"SMTP_URL=x", "WAYMARK_MAIL_FROM=x", "WAYMARK_MAX_FILE=x", "WAYMARK_PG_BIN=x", "WAYMARK_DRAIN_DELAY=x", "WAYMARK_STYLEGUIDE=x",
	}, "--log=x", "--demo=x")
	var wrong Mistakes
	require.ErrorAs(t, err, &wrong)
	for _, setting := range Settings() {
		if setting.Env == "WAYMARK_DATA" {
			continue // any text is a path
		}
		named := setting.Env
		if named == "WAYMARK_LOG" || named == "WAYMARK_DEMO" {
			named = "--" + setting.Flag
		}
		require.Regexp(t, `(?m)^`+regexp.QuoteMeta(named)+`\b`, err.Error())
	}
}

func TestDemoNeedsNoServer(t *testing.T) {
	t.Parallel()
	_, err := read(t, []string{"DATABASE_URL=postgres://u@h/x"}, "--demo")
	require.ErrorContains(t, err, "leave one of the two out")
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  []string
		says string
	}{
		"no url":      {[]string{"WAYMARK_LISTEN=:8080"}, "WAYMARK_URL is not set"},
		"plain http":  {[]string{"WAYMARK_URL=http://plan.example.org"}, "in the clear"},
		"unused data": {[]string{"DATABASE_URL=postgres://u@h/x", "WAYMARK_DATA=/x"}, "WAYMARK_DATA is not used"},
		"slip":        {[]string{"WAYMARK_PROXIES=10.0.0.1"}, "WAYMARK_PROXIES is no setting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, c.env)
			require.NoError(t, err)
			require.Len(t, got.Warnings, 1)
			require.Contains(t, got.Warnings[0], c.says)
		})
	}
	c, err := read(t, []string{"WAYMARK_LISTEN=:8080", "WAYMARK_URL=https://plan.example.org"})
	require.NoError(t, err)
	require.Empty(t, c.Warnings)
	require.Equal(t, 2*time.Second, c.DrainDelay)
}

func TestWhereDataIsKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  map[string]string
		uid  int
		want string
	}{
		{map[string]string{"XDG_STATE_HOME": "/s", "HOME": "/h"}, 1, "/s/waymark"},
		{map[string]string{"XDG_STATE_HOME": "s", "HOME": "/h"}, 1, "/h/.local/state/waymark"},
		{map[string]string{"HOME": "/root"}, 0, "/root/.local/state/waymark"},
		{map[string]string{"HOME": "/"}, 0, "/var/lib/waymark"},
		{map[string]string{}, 0, "/var/lib/waymark"},
	} {
		require.Equal(t, c.want, defaultData(c.env, c.uid))
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"postgres://u:hush@h:5432/db?sslmode=require":       "postgres://u:xxxxx@h:5432/db?sslmode=require",
		"postgres://u@h/db":                                 "postgres://u@h/db",
		"postgres://h/db?user=u&password=hush":              "postgres://h/db?password=xxxxx&user=u",
		"postgres://h/db?sslpassword=hush":                  "postgres://h/db?sslpassword=xxxxx",
		"postgres://u:hu%2Fsh@h,i/db":                       "postgres://u:xxxxx@h,i/db",
		"smtps://u:hush@h":                                  "smtps://u:xxxxx@h",
		"postgres://u:hush%zz@h/db":                         "(set, cannot be read)",
		"host=h password=hush dbname=db":                    "host=h password=xxxxx dbname=db",
		`host=h password = 'hush \' hush' dbname=db`:        "host=h password=xxxxx dbname=db",
		"host=h PASSWORD=hu\\ sh dbname=db":                 "host=h PASSWORD=xxxxx dbname=db",
		"host=h sslpassword='hush":                          "host=h sslpassword=xxxxx",
		"host=/run/postgresql user=waymark_app dbname=x":    "host=/run/postgresql user=waymark_app dbname=x",
		"postgres://u:hush@h/db?passfile=/x&password=hush2": "postgres://u:xxxxx@h/db?passfile=%2Fx&password=xxxxx",
	} {
		got := Redact(address)
		require.Equal(t, want, got)
		require.NotContains(t, got, "hush")
	}
}

func TestLinesHoldNoSecret(t *testing.T) {
	t.Parallel()
	c, err := read(t, []string{
		"DATABASE_URL=postgres://u:hush@h/x", "WAYMARK_MIGRATE_URL=host=h password='hush' dbname=x",
		"SMTP_URL=smtp://u:hush@h", "WAYMARK_MAIL_FROM=w@example.org",
	})
	require.NoError(t, err)
	require.Len(t, c.Lines(), len(Settings()))
	for _, line := range c.Lines() {
		require.NotContains(t, line.Value, "hush")
	}
}

// The table of settings in the handbook is this one.
func TestOperationsListsTheSettings(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	var documented [][]string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| `--([a-z-]+)` \\| (.*?) \\| (.*?) \\|$").FindAllStringSubmatch(string(raw), -1) {
		documented = append(documented, row[1:])
	}
	var want [][]string
	for _, s := range Settings() {
		value := s.Default
		if value != "" {
			value = "`" + value + "`"
		}
		want = append(want, []string{s.Env, s.Flag, value, s.Purpose})
	}
	require.Equal(t, want, documented, "write the rows as Settings has them")
}
