package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// list returns the packages of the module as go list sees them.
func list(t *testing.T) []pkg {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-e",
		"-json=ImportPath,Name,Dir,Imports,TestImports,XTestImports,GoFiles,TestGoFiles,XTestGoFiles", "./...")
	command.Dir = root
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, stderr.String())

	var packages []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		packages = append(packages, p)
	}
	require.Greater(t, len(packages), 5, "go list found hardly any package")
	return packages
}

func TestImports(t *testing.T) {
	t.Parallel()
	require.Empty(t, offences(rules, list(t)), "see the table in rules_test.go")
}

// The control: each planted import must be found.
func TestImportsFindsPlantedOnes(t *testing.T) {
	t.Parallel()
	at := func(path string, imports ...string) pkg {
		return pkg{ImportPath: module + "/" + path, Name: path[strings.LastIndex(path, "/")+1:], Imports: imports}
	}
	for name, c := range map[string]struct {
		pkg  pkg
		says string // empty: allowed
	}{
		"domain to domain":              {at("internal/domain/cycle", "waymark/internal/domain/civil", "time"), ""},
		"domain to a library":           {at("internal/domain/cycle", "github.com/google/uuid"), "not of the standard library"},
		"domain to the store":           {at("internal/domain/cycle", "waymark/internal/postgres"), "imports internal/postgres"},
		"domain's tests to the store":   {pkg{ImportPath: "waymark/internal/domain/cycle", XTestImports: []string{"waymark/internal/pgtest"}}, "its tests import"},
		"server to app":                 {at("internal/server", "waymark/internal/app", "github.com/go-chi/chi/v5"), ""},
		"server to the store":           {at("internal/server", "waymark/internal/postgres"), "imports internal/postgres"},
		"server to SQL":                 {at("internal/server", "github.com/jackc/pgx/v5"), "belongs to internal/postgres"},
		"a page to app":                 {at("web/page", "waymark/internal/app"), "imports internal/app"},
		"a page to a layout":            {at("web/page", "waymark/web/layout", "github.com/a-h/templ"), ""},
		"app to pgtest":                 {at("internal/app", "waymark/internal/pgtest"), "for tests only"},
		"cmd to pgtest":                 {at("cmd/waymark", "waymark/internal/pgtest"), "for tests only"},
		"cmd to anything":               {at("cmd/waymark", "waymark/internal/server", "waymark/migrations"), ""},
		"app's tests to pgtest":         {pkg{ImportPath: "waymark/internal/app", XTestImports: []string{"waymark/internal/pgtest"}}, ""},
		"fault to anything of ours":     {at("internal/fault", "waymark/internal/domain/id"), "imports internal/domain/id"},
		"an unlisted package":           {at("internal/novel"), "in no row"},
		"an unlisted place":             {at("pkg/thing"), "in no row"},
		"a vague name":                  {at("internal/domain/util"), "says nothing"},
		"testify outside tests":         {at("internal/app", "github.com/stretchr/testify/require"), "belongs to"},
		"the old random numbers":        {at("internal/app", "math/rand"), "belongs to"},
		"the new random numbers":        {at("internal/app", "math/rand/v2"), ""},
		"a name that only begins alike": {at("internal/apparition"), "in no row"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := offences(rules, []pkg{c.pkg})
			if c.says == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Contains(t, found[0], c.says)
		})
	}
}

func TestEveryRowIsUsed(t *testing.T) {
	t.Parallel()
	packages := list(t)
	var stale []string
	for _, r := range rules {
		used := slices.ContainsFunc(packages, func(p pkg) bool {
			path, _ := below(p.ImportPath)
			return covers(r.place, path)
		})
		if !used {
			stale = append(stale, r.place)
		}
	}
	require.Empty(t, stale, "these rows cover no package")
}
