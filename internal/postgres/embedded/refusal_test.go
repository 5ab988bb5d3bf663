package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// script is a program of a fake PostgreSQL.
func script(t *testing.T, dir, name, body string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755)) //nolint:gosec // run by the server's account
}

func TestAFolderOfSomebodyElseIsLeftAlone(t *testing.T) {
	for name, make := range map[string]func(dir string){
		"a file": func(dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("x"), 0o600))
		},
		"another PostgreSQL": func(dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("15\n"), 0o600))
		},
		"a cluster without its version": func(dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, lockName), nil, 0o600))
			require.NoError(t, os.Mkdir(filepath.Join(dir, "cluster"), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "cluster", "thesis.txt"), []byte("x"), 0o600))
			give(t, filepath.Join(dir, "cluster"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := testFolder(t)
			make(dir)
			before := contents(t, dir)
			p := refused(t, options(t, dir))
			require.Equal(t, NotOurs, p.Kind)
			require.Contains(t, p.Error(), "nothing was changed")
			require.Equal(t, before, contents(t, dir))
		})
	}
}

func TestWhatAFileSystemPutsThereIsNoHindrance(t *testing.T) {
	dir := testFolder(t)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "lost+found"), 0o700))
	require.NoError(t, checkOurs(dir))
	require.NoError(t, checkOurs(filepath.Join(dir, "missing")))
}

func TestAnotherMajorVersionIsLeftAlone(t *testing.T) {
	for _, major := range []string{"14", "99"} {
		dir := existing(t)
		version := filepath.Join(dir, "cluster", "PG_VERSION")
		require.NoError(t, os.WriteFile(version, []byte(major+"\n"), 0o600))
		before := contents(t, dir)
		p := refused(t, options(t, dir))
		require.Equal(t, OtherMajor, p.Kind)
		require.Equal(t, major, p.Want)
		require.Contains(t, p.Error(), "made by PostgreSQL "+major+"; installed here: "+p.Have)
		require.Contains(t, p.Error(), "waymark restore")
		require.Equal(t, before, contents(t, dir))
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	base := testFolder(t)
	file := filepath.Join(base, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	dirs := []string{file, filepath.Join(file, "below"), "/proc/waymark"}
	if os.Geteuid() != 0 {
		closed := filepath.Join(base, "closed")
		require.NoError(t, os.Mkdir(closed, 0o500))
		dirs = append(dirs, closed, filepath.Join(closed, "below"), "/waymark-test")
	}
	for _, dir := range dirs {
		p := refused(t, options(t, dir))
		require.Equal(t, NotWritable, p.Kind, dir)
		require.Contains(t, p.Error(), "WAYMARK_DATA")
	}
}

func TestClosedParentFolder(t *testing.T) {
	parent := testFolder(t)
	require.NoError(t, os.Chmod(parent, 0o700)) //nolint:gosec // a folder needs its x
	dir := filepath.Join(parent, "data", "db")
	o := options(t, dir)
	o.SystemDir = filepath.Join(testFolder(t), "lib", "waymark")
	s := start(t, o)
	if os.Geteuid() != 0 {
		require.Equal(t, dir, s.Dir())
		return
	}
	away := s.Dir()
	require.True(t, strings.HasPrefix(away, o.SystemDir), away)
	require.NoDirExists(t, filepath.Join(parent, "data"), "nothing is left where it could not be used")
	run(t, connect(t, s, Owner), "CREATE TABLE kept ()")
	require.NoError(t, s.Stop(t.Context()))

	require.NoError(t, os.Chmod(parent, 0o755)) //nolint:gosec // now it could be entered
	s = start(t, o)
	require.Equal(t, away, s.Dir(), "the data made before is found again")
	run(t, connect(t, s, Owner), "TABLE kept")
}

func TestPathsThatASocketCannotHave(t *testing.T) {
	for name, part := range map[string]string{
		"long": strings.Repeat("a", 120), "comma": "a,b", "odd": "sp ace 'q' \"d\" 标准",
	} {
		t.Run(name, func(t *testing.T) {
			from := existing(t)
			dir := filepath.Join(testFolder(t), part)
			require.NoError(t, os.Mkdir(dir, 0o755)) //nolint:gosec // entered by the server's account
			require.NoError(t, os.Rename(from, filepath.Join(dir, "db")))
			s := start(t, options(t, filepath.Join(dir, "db")))
			require.Equal(t, 1, ask[int](t, connect(t, s, App), "SELECT 1"))
			socket := s.folder.socketDir
			info, err := os.Stat(socket)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
			require.Equal(t, name != "odd", s.folder.ownSocket)
			require.NoError(t, s.Stop(t.Context()))
			if s.folder.ownSocket {
				require.NoDirExists(t, socket)
			}
		})
	}
}

func TestAPlantedSocketFolderIsNotUsed(t *testing.T) {
	base := testFolder(t)
	self, err := ownAccount()
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(base, "planted"), 0o777)) //nolint:gosec // that is the attack
	require.NoError(t, os.Symlink(base, filepath.Join(base, "link")))
	for _, name := range []string{"planted", "link"} {
		dir, err := privateFolder(base, name, self)
		require.NoError(t, err)
		require.NotEqual(t, filepath.Join(base, name), dir)
	}
	first, err := privateFolder(base, "mine", self)
	require.NoError(t, err)
	again, err := privateFolder(base, "mine", self)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestPrograms(t *testing.T) {
	empty := testFolder(t)
	_, err := findPrograms(t.Context(), empty, "", 0, map[string]Version{})
	var p *Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, ProgramsMissing, p.Kind)
	require.Contains(t, p.Error(), empty)

	old := testFolder(t)
	script(t, old, "initdb", "exit 1")
	script(t, old, "postgres", "echo 'postgres (PostgreSQL) 14.2'")
	_, err = findPrograms(t.Context(), old, "", 0, map[string]Version{})
	require.ErrorAs(t, err, &p)
	require.Equal(t, ProgramsMissing, p.Kind)
	require.Equal(t, "14.2", p.Have)

	found, err := findPrograms(t.Context(), old, "", 14, map[string]Version{})
	require.NoError(t, err, "an existing cluster gets exactly its major version")
	require.Equal(t, Version{Major: 14, Text: "14.2"}, found.version)

	message := (&Problem{Kind: ProgramsMissing}).Error()
	require.Contains(t, message, "apt-get install postgresql")
	require.Contains(t, message, "brew install postgresql@")
}

func TestVersionsAsPrinted(t *testing.T) {
	for out, want := range map[string]Version{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": {15, "15.18"},
		"postgres (PostgreSQL) 17.2 (Homebrew)\n":                {17, "17.2"},
		"postgres (PostgreSQL) 18beta1\n":                        {18, "18beta1"},
		"postgres (PostgreSQL) 9.6.24\n":                         {9, "9.6.24"},
		"command not found\n":                                    {},
	} {
		got, ok := parseVersion(out)
		require.Equal(t, want, got)
		require.Equal(t, want.Major != 0, ok)
	}
}

func TestFailingPrograms(t *testing.T) {
	for name, c := range map[string]struct {
		initdb, postgres string
		want             Kind
		says             string
	}{
		"disk full while making": {
			"echo 'initdb: error: could not write file \"x\": No space left on device'; exit 1", "", DiskFull, "Free some space",
		},
		"making fails": {"echo 'initdb: error: something odd'; exit 1", "", InitFailed, "something odd"},
		"disk full while starting": {
			"", "echo '2026-01-01 [1] FATAL:  could not write lock file \"postmaster.pid\": No space left on device' >&2; exit 1", DiskFull, "Free some space",
		},
		"starting fails": {"", "echo '2026-01-01 [1] FATAL:  something odd' >&2; exit 1", StartFailed, "something odd"},
	} {
		t.Run(name, func(t *testing.T) {
			bin := testFolder(t)
			script(t, bin, "initdb", c.initdb)
			script(t, bin, "postgres", `[ "$1" = --version ] && { echo 'postgres (PostgreSQL) 15.1'; exit; }`+"\n"+c.postgres)
			dir := filepath.Join(testFolder(t), "db")
			o := options(t, dir)
			o.BinDir = bin
			p := refused(t, o)
			require.Equal(t, c.want, p.Kind, p.Error())
			require.Contains(t, p.Error(), c.says)
			left, err := filepath.Glob(filepath.Join(dir, unfinished+"*"))
			require.NoError(t, err)
			require.Empty(t, left)
			if c.initdb != "" {
				require.NoDirExists(t, filepath.Join(dir, "cluster"))
			}
		})
	}
}

func TestEveryProblemIsASentence(t *testing.T) {
	for kind := ProgramsMissing; kind <= StopForced; kind++ {
		for _, p := range []*Problem{
			{Kind: kind},
			{Kind: kind, Dir: "/data", Account: "anna", PID: 7, Have: "16.1", Want: "15", Log: "/log", Detail: "it says", Err: os.ErrExist},
		} {
			require.NotContains(t, p.Error(), "%!")
			require.NotContains(t, p.Error(), "the private database in", "kind %d has no sentence", kind)
			require.True(t, strings.HasSuffix(p.Error(), "."), p.Error())
		}
	}
}
