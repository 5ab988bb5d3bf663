package archtest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// root is the project's folder, seen from this package's.
const root = "../.."

// longest is the number of lines after which a file of ours is two files.
const longest = 600

// walk calls visit with the name and content of each file of the project that is
// text and not made by a program.
func walk(t *testing.T, visit func(name string, content []byte)) {
	t.Helper()
	skipped := map[string]bool{".git": true, "bin": true, "data": true, "_artifacts": true, ".idea": true, ".vscode": true}
	seen := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if skipped[filepath.ToSlash(name)] {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || strings.HasSuffix(name, ".min.js") || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !utf8.Valid(content) || bytes.ContainsRune(content, 0) {
			return nil
		}
		seen++
		visit(filepath.ToSlash(name), content)
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, seen, 20, "hardly any file was looked at")
}

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	walk(t, func(name string, content []byte) {
		switch filepath.Ext(name) {
		case ".go", ".templ":
			lines := bytes.Count(content, []byte("\n"))
			require.LessOrEqual(t, lines, longest, "%s has %d lines; split it by what it is about", name, lines)
		}
	})
}

// foreign finds what has no place in the project: paths of somebody's machine,
// and folders beside the checkout. It is put together so that it does not find
// itself.
func foreign(name, content string) []string {
	patterns := []string{
		`(^|[\s"'` + "`" + `(=:,])/` + `(work|home/[a-z]+|Users/[A-Za-z]+)/`,
		`\.` + `library\b`,
		`\.\./` + `shared\b`,
	}
	var found []string
	for _, p := range patterns {
		if name == ".ci/run" && strings.Contains(p, "shared") {
			continue // takes a vulnerability database from there when there is one
		}
		if m := regexp.MustCompile(`(?m)` + p).FindString(content); m != "" {
			found = append(found, strings.TrimSpace(m))
		}
	}
	return found
}

func TestFilesSpeakOfTheProjectAlone(t *testing.T) {
	t.Parallel()
	walk(t, func(name string, content []byte) {
		require.Empty(t, foreign(name, string(content)), "%s names a place outside the project", name)
	})
}

func TestForeignPlacesAreFound(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]int{
		"see /wor" + "k/main/README.md":      1,
		"cp ../sha" + "red/x y":              1,
		`open("/home/` + `ada/waymark")`:     1,
		"the .libr" + "ary folder":           1,
		"https://example.org/wor" + "k/x":    0,
		"GET /o/acme/network/3":              0,
		"a shared folder, a library of ours": 0,
	} {
		require.Len(t, foreign("docs/x.md", content), want, content)
	}
	require.Empty(t, foreign(".ci/run", "../sha"+"red/x"))
}
