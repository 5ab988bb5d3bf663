package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const oldestMajor = 15

// Version is the version of a set of PostgreSQL programs.
type Version struct {
	Major int
	Text  string // as the program prints it: "15.18", "18beta1"
}

func (v Version) String() string { return v.Text }

type programs struct {
	dir     string
	version Version
}

func (p programs) path(name string) string { return filepath.Join(p.dir, name) }

// findPrograms looks for initdb and postgres of one installation. With major
// 0 the newest of version 15 or newer is taken, else exactly that major, as
// another one cannot read the files. A folder named by the administrator is
// the only one looked at.
//
// known holds versions by stamp, so that a program need not be asked twice.
func findPrograms(ctx context.Context, named, dataDir string, major int, known map[string]Version) (programs, error) {
	dirs := []string{named}
	if named == "" {
		dirs = programFolders()
	}
	var found []programs
	candidates := resolve(dirs)
	if len(candidates) == 0 && named == "" {
		candidates = resolve(builtInto(ctx))
	}
	for _, dir := range candidates {
		version, ok := known[stamp(dir)]
		if !ok {
			if version, ok = askVersion(ctx, dir); !ok {
				continue
			}
			known[stamp(dir)] = version
		}
		p := programs{dir: dir, version: version}
		if major != 0 && p.version.Major == major {
			return p, nil
		}
		found = append(found, p)
	}
	slices.SortStableFunc(found, func(a, b programs) int { return b.version.Major - a.version.Major })
	if major == 0 && len(found) > 0 && found[0].version.Major >= oldestMajor {
		return found[0], nil
	}
	var texts []string
	for _, p := range found {
		texts = append(texts, p.version.Text)
	}
	have := strings.Join(slices.Compact(texts), ", ")
	if major != 0 && len(found) > 0 {
		return programs{}, &Problem{Kind: OtherMajor, Dir: dataDir, Have: have, Want: strconv.Itoa(major)}
	}
	return programs{}, &Problem{Kind: ProgramsMissing, Dir: named, Have: have}
}

// programFolders lists where packages put the server programs: on the PATH, on
// Debian and Ubuntu, Red Hat, with Homebrew on both processors, Postgres.app,
// and a build from source.
func programFolders() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/usr/local/pgsql/bin",
	} {
		matches, _ := filepath.Glob(pattern) // its only error is a bad pattern
		dirs = append(dirs, matches...)
	}
	return dirs
}

// builtInto asks pg_config, for an installation in a place of its own.
func builtInto(ctx context.Context) []string {
	path, err := exec.LookPath("pg_config")
	if err != nil {
		return nil
	}
	out, err := exec.CommandContext(ctx, path, "--bindir").Output() //nolint:gosec // found on the account's own PATH
	if err != nil {
		return nil
	}
	return []string{strings.TrimSpace(string(out))}
}

// resolve keeps the folders that hold both programs, each once. A link such as
// /usr/local/bin/postgres is followed, as initdb lies beside the real one.
func resolve(dirs []string) []string {
	var out []string
	for _, dir := range dirs {
		postgres, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil {
			continue
		}
		dir = filepath.Dir(postgres)
		info, err := os.Stat(filepath.Join(dir, "initdb"))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 || slices.Contains(out, dir) {
			continue
		}
		out = append(out, dir)
	}
	return out
}

// askVersion asks the program itself; one that does not run is none.
func askVersion(ctx context.Context, dir string) (Version, bool) {
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output() //nolint:gosec // a PostgreSQL program of this machine
	if err != nil {
		return Version{}, false
	}
	return parseVersion(string(out))
}

// parseVersion reads "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
func parseVersion(out string) (Version, bool) {
	m := regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`).FindStringSubmatch(out)
	if m == nil {
		return Version{}, false
	}
	major, err := strconv.Atoi(m[2])
	if err != nil {
		return Version{}, false
	}
	return Version{Major: major, Text: m[1]}, true
}

// clusterMajor reads PG_VERSION of a cluster; 0 when there is no cluster.
func clusterMajor(cluster string) (int, error) {
	if _, err := os.Lstat(cluster); os.IsNotExist(err) {
		return 0, nil
	}
	raw, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION")) //nolint:gosec // below the configured data folder
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || major < 1 {
		return 0, fmt.Errorf("PG_VERSION holds %q", strings.TrimSpace(string(raw)))
	}
	return major, nil
}
