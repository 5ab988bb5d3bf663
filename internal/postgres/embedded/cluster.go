package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

const unfinished = "cluster.new-" // initdb works in a folder of this prefix

// ctypes are names of the locale that gives UTF-8 its character classes; the
// later ones are for macOS before it knew C.UTF-8. Sorting stays that of C.
var ctypes = []string{"C.UTF-8", "en_US.UTF-8", "UTF-8"} //nolint:gochecknoglobals // a constant list

// makeCluster runs initdb in a folder beside the final one and renames it when
// it is complete and on disk, so that a cluster either exists whole or not.
func (f *folder) makeCluster(ctx context.Context, p programs, throwaway bool) error {
	for _, ctype := range ctypes {
		out, err := f.tryCluster(ctx, p, ctype, throwaway)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("make the private database: %w", context.Cause(ctx))
		case strings.Contains(out, "invalid locale name") && ctype != ctypes[len(ctypes)-1]:
			continue
		}
		if problem, ok := errors.AsType[*Problem](err); ok {
			return problem
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		return outputProblem(InitFailed, f.dir, lines, err)
	}
	return nil
}

func (f *folder) tryCluster(ctx context.Context, p programs, ctype string, throwaway bool) (output string, err error) {
	name := fmt.Sprintf("%s%d", unfinished, os.Getpid())
	if err := f.mkdirOwned(name, 0o700, true); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = f.root.RemoveAll(name)
		}
	}()
	args := []string{
		"--pgdata=" + filepath.Join(f.dir, name), "--username=" + Superuser,
		"--encoding=UTF8", "--locale-provider=libc", "--locale=C", "--lc-collate=C", "--lc-ctype=" + ctype,
		"--text-search-config=simple", "--data-checksums", "--no-instructions",
		"--auth-local=peer", "--auth-host=reject",
	}
	if throwaway {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, p.path("initdb"), args...) //nolint:gosec // a PostgreSQL program of this machine
	cmd.Dir = filepath.Join(f.dir, name)
	cmd.Env = serverEnvironment()
	cmd.SysProcAttr = childAttributes(f.server, syscall.SIGKILL)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := runOnOwnThread(cmd); err != nil {
		return out.String(), f.entryProblem(err)
	}
	if err := f.root.Rename(name, "cluster"); err != nil {
		return "", folderProblem(f.dir, err)
	}
	if !throwaway {
		if err := syncFolder(f.dir); err != nil {
			return "", folderProblem(f.dir, err)
		}
	}
	return out.String(), nil
}

// entryProblem explains an account that cannot enter the folder; any other
// error is handed on.
func (f *folder) entryProblem(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok && e.Op == "chdir" {
		return &Problem{Kind: Unreachable, Dir: f.dir, Account: f.server.name, Err: err}
	}
	if errors.Is(err, syscall.EACCES) && f.server.drop && !f.server.canEnter(f.dir) {
		return &Problem{Kind: Unreachable, Dir: f.dir, Account: f.server.name, Err: err}
	}
	return err
}

// runOnOwnThread runs cmd to its end. Linux sends the signal of a dead parent
// when the thread that started the child ends, so that thread is kept.
func runOnOwnThread(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- cmd.Run()
	}()
	return <-done
}

// serverEnvironment leaves out what could turn the programs' behaviour: the
// PG variables, and the locale, as their messages are read in English.
func serverEnvironment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "HOME=/"}
}

// removeUnfinished clears away folders that an initdb was killed in.
func (f *folder) removeUnfinished() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return folderProblem(f.dir, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinished) && e.IsDir() {
			// Without initdb its server has nothing more to read and ends.
			dir := filepath.Join(f.dir, e.Name())
			if running, err := serversIn(dir, f.server); err == nil {
				awaitGone(dir, f.server, running, orphanByForce)
			}
			if err := f.sweep(dir, 0); err != nil {
				return err
			}
			if err := f.root.RemoveAll(e.Name()); err != nil {
				return folderProblem(f.dir, err)
			}
		}
	}
	return nil
}

// baseSettings suit one small server with the application beside it.
func baseSettings(throwaway bool) map[string]string {
	s := map[string]string{ //nolint:gosec // password_encryption is no password
		"cluster_name":                     "waymark",
		"max_connections":                  "50",
		"shared_buffers":                   "64MB",
		"effective_cache_size":             "512MB",
		"work_mem":                         "8MB",
		"maintenance_work_mem":             "64MB",
		"huge_pages":                       "off",
		"jit":                              "off",
		"max_parallel_workers_per_gather":  "0", // pages are small; and containers give /dev/shm little room
		"max_parallel_maintenance_workers": "0",
		"random_page_cost":                 "1.1",
		"fsync":                            "on",
		"synchronous_commit":               "on",
		"full_page_writes":                 "on",
		"wal_level":                        "minimal",
		"max_wal_senders":                  "0",
		"min_wal_size":                     "32MB",
		"max_wal_size":                     "256MB", // bounds the time of a recovery
		"wal_compression":                  "on",
		"restart_after_crash":              "on",
		"timezone":                         "UTC",
		"log_timezone":                     "UTC",
		"datestyle":                        "iso, ymd",
		"lc_messages":                      "C",
		"default_text_search_config":       "pg_catalog.simple",
		"password_encryption":              "scram-sha-256",
		"logging_collector":                "off",
		"log_destination":                  "stderr",
		"log_checkpoints":                  "off",
		"log_error_verbosity":              "terse", // details repeat stored values, such as an address
		"log_line_prefix":                  "%m [%p] %q%u@%d ",
	}
	if throwaway {
		maps.Copy(s, map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
			"dynamic_shared_memory_type": "mmap", // goes with the folder, however the server ends
		})
	}
	return s
}

// configure writes the configuration anew, so that a newer Waymark brings its
// own and an edited file never decides who may connect.
func (f *folder) configure(throwaway bool, extra map[string]string) error {
	if err := f.mkdirOwned("conf", 0o755, false); err != nil {
		return err
	}
	var conf strings.Builder
	conf.WriteString("# Written by Waymark at every start. Your own settings go to local.conf beside this file.\n")
	all := baseSettings(throwaway)
	maps.Copy(all, extra)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&conf, "%s = '%s'\n", name, strings.ReplaceAll(all[name], "'", "''"))
	}
	conf.WriteString("include_if_exists = 'local.conf'\n")

	var ident strings.Builder
	ident.WriteString("# Written by Waymark at every start: the account that runs Waymark, and the roles it may log in as.\n")
	account := strings.ReplaceAll(f.self.name, `"`, `""`)
	for _, role := range []string{Superuser, Owner, App} {
		fmt.Fprintf(&ident, "waymark \"%s\" %s\n", account, role)
	}
	hba := "# Written by Waymark at every start. What is not listed is refused.\n" +
		fmt.Sprintf("local all %s,%s,%s peer map=waymark\n", Superuser, Owner, App)

	return errors.Join(
		f.writeFile("conf/postgresql.conf", conf.String()),
		f.writeFile("conf/pg_hba.conf", hba),
		f.writeFile("conf/pg_ident.conf", ident.String()),
	)
}

// syncFolder makes a rename in dir survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the configured data folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
