package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	t.Parallel()
	const good = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.5}
{"Action":"pass","Package":"p","Elapsed":0.6}
`
	for name, c := range map[string]struct {
		events string
		ok     bool
		says   []string
		hides  string
	}{
		"passes": {good, true, []string{"ok  \tp\t0.6s", "1 passed, 0 failed, 0 skipped"}, "=== RUN"},
		"a failure shows what the test said": {good + `{"Action":"output","Package":"q","Test":"TestB","Output":"b went wrong\n"}
{"Action":"fail","Package":"q","Test":"TestB"}
{"Action":"fail","Package":"q"}
`, false, []string{"b went wrong", "failed:  q TestB", "1 passed, 1 failed, 0 skipped"}, "outside its tests"},
		"a skip fails": {good + `{"Action":"skip","Package":"q","Test":"TestB"}
{"Action":"pass","Package":"q"}
`, false, []string{"skipped, which is not allowed: q TestB", "1 passed, 0 failed, 1 skipped"}, ""},
		"a package that does not build fails": {good + `{"ImportPath":"q","Action":"build-output","Output":"q.go:1: syntax error\n"}
{"ImportPath":"q","Action":"build-fail"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
`, false, []string{"syntax error", "outside its tests"}, ""},
		"a panic outside the tests fails": {good + `{"Action":"output","Package":"q","Output":"panic: TestMain\n"}
{"Action":"fail","Package":"q"}
`, false, []string{"panic: TestMain", "outside its tests"}, ""},
		"a package without tests is no failure": {good + `{"Action":"skip","Package":"q"}` + "\n", true, []string{"0 skipped"}, ""},
		"nothing ran":                           {`{"Action":"pass","Package":"p"}`, false, []string{"no test ran"}, ""},
		"messages that are no events are shown": {good + "go: downloading something\n", true, []string{"go: downloading"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			r := newReport(&out)
			require.NoError(t, r.read(strings.NewReader(c.events)))
			require.Equal(t, c.ok, r.close(), out.String())
			for _, s := range c.says {
				require.Contains(t, out.String(), s)
			}
			if c.hides != "" {
				require.NotContains(t, out.String(), c.hides)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	require.Equal(t, [][]string{{"-race", "./a"}, {"./b"}}, groups([]string{"-race", "./a", "--", "./b"}))
	require.Equal(t, [][]string{{"./..."}}, groups([]string{"./..."}))
}

func TestAPatternThatMatchesNothingFails(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	ok, err := run(t.Context(), []string{"-run", "NoSuchTestAnywhere", "waymark/internal/no-such-package"}, &out)
	require.NoError(t, err)
	require.False(t, ok)
}
