package backup

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// program finds pg_dump or pg_restore: of the server's own major version where
// there is one, else the next newer. Dumping needs no older one than the server.
func program(ctx context.Context, name string, major int, dirs ...string) (string, error) {
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin",
		"/opt/homebrew/opt/libpq/bin", "/usr/local/opt/postgresql@*/bin", "/usr/local/opt/libpq/bin",
	} {
		matches, _ := filepath.Glob(pattern) // its only error is a bad pattern
		dirs = append(dirs, matches...)
	}
	if path, err := exec.LookPath(name); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	best, bestMajor := "", 0
	var have []string
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		path := filepath.Join(dir, name)
		out, err := exec.CommandContext(ctx, path, "--version").Output() //nolint:gosec // a PostgreSQL program of this machine
		if err != nil {
			continue
		}
		found := regexp.MustCompile(`\(PostgreSQL\) (\d+)`).FindStringSubmatch(string(out))
		if found == nil {
			continue
		}
		n, err := strconv.Atoi(found[1])
		if err != nil {
			continue
		}
		have = append(have, found[1])
		if n >= major && (best == "" || n < bestMajor) {
			best, bestMajor = path, n
		}
	}
	if best == "" {
		seen := "none was found"
		if len(have) > 0 {
			slices.Sort(have)
			seen = "found: " + strings.Join(slices.Compact(have), ", ")
		}
		return "", &Error{Text: fmt.Sprintf("%[1]s of PostgreSQL %[2]d or newer is needed (%[3]s). Install it (Debian and Ubuntu: sudo apt-get install postgresql-client-%[2]d; macOS: brew install postgresql@%[2]d), or name its folder in WAYMARK_PG_BIN.", name, major, seen)}
	}
	return best, nil
}

// forProgram takes the password out of a database's address: what stands on a
// command line is seen by everybody on the machine.
func forProgram(dsn string) (address string, env []string) {
	env = os.Environ()
	if !strings.Contains(dsn, "://") {
		pair := regexp.MustCompile(`(^|\s)password\s*=\s*('((?:\\.|[^'\\])*)'|((?:\\.|\S)*))`)
		found := pair.FindStringSubmatch(dsn)
		if found == nil {
			return dsn, env
		}
		password := regexp.MustCompile(`\\(.)`).ReplaceAllString(found[3]+found[4], "$1")
		return pair.ReplaceAllString(dsn, "$1"), append(env, "PGPASSWORD="+password)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return dsn, env
	}
	if password, ok := u.User.Password(); ok {
		u.User = url.User(u.User.Username())
		env = append(env, "PGPASSWORD="+password)
	}
	query := u.Query()
	if query.Has("password") {
		env = append(env, "PGPASSWORD="+query.Get("password"))
		query.Del("password")
	}
	for name := range query { // settings of the pool mean nothing to the programs
		if strings.HasPrefix(name, "pool_") || name == "default_query_exec_mode" || strings.HasSuffix(name, "_cache_capacity") {
			query.Del(name)
		}
	}
	// The programs take a plus sign for itself, not for a space.
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return u.String(), env
}

// tail is the last lines that a program said: what went wrong stands there.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	const kept = 4096
	t.text = append(t.text, p...)
	if len(t.text) > kept {
		t.text = t.text[len(t.text)-kept:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	if len(lines) > 3 {
		lines = lines[len(lines)-3:]
	}
	return strings.Join(lines, " / ")
}
