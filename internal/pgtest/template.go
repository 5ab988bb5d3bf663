package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"waymark/internal/postgres/embedded"
	"waymark/migrations"
)

// store keeps one stopped, migrated cluster between test processes, as making
// one costs ten times what copying it does. It is found by a hash of what goes
// into it, so that a changed migration makes a new one.
type store struct {
	dir  string // belongs to this account alone
	key  string
	lock *os.File
}

// openStore waits until no other test process makes or copies a template.
func openStore() (*store, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("waymark-pgtemplate-%d", os.Geteuid()))
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return nil, fmt.Errorf("make the folder of the test template: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, fmt.Errorf("look at the folder of the test template: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != os.Geteuid() || info.Mode().Perm() != 0o700 {
		return nil, fmt.Errorf("%s is not a folder of this account alone; remove it", dir)
	}
	key, err := templateKey()
	if err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the test template: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("wait for the test template: %w", err)
	}
	return &store{dir: dir, key: key, lock: lock}, nil
}

func (s *store) close() { _ = s.lock.Close() }

// templateKey changes with every migration and with the roles.
func templateKey() (string, error) {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%s\n", embedded.RolesSQL(embedded.RolesOptions{}))
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(migrations.FS, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(hash, "%s %d\n%s", path, len(raw), raw)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the migrations: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

// copyTo puts the template at data, if there is one.
func (s *store) copyTo(ctx context.Context, data string) bool {
	kept := filepath.Join(s.dir, s.key)
	if _, err := os.Stat(kept); err != nil {
		return false
	}
	if err := copyFolder(ctx, kept, data); err != nil {
		_ = os.RemoveAll(data)
		return false
	}
	return true
}

// keep stores a stopped cluster as the template, in place of older ones.
func (s *store) keep(ctx context.Context, data string) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("look for older test templates: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			_ = os.RemoveAll(filepath.Join(s.dir, e.Name()))
		}
	}
	next := filepath.Join(s.dir, "new")
	if err := copyFolder(ctx, data, next); err != nil {
		_ = os.RemoveAll(next)
		return err
	}
	if err := os.Rename(next, filepath.Join(s.dir, s.key)); err != nil {
		return fmt.Errorf("keep the test template: %w", err)
	}
	return nil
}

// copyFolder keeps owners and modes, which PostgreSQL insists on.
func copyFolder(ctx context.Context, from, to string) error {
	if out, err := exec.CommandContext(ctx, "cp", "-Rp", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the test template: %w: %s", err, out)
	}
	return nil
}
