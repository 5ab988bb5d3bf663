package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const lockName = "waymark.lock"

// folder is the data folder, held by this process alone until release.
type folder struct {
	dir       string   // absolute, links resolved
	root      *os.Root // writes stay inside dir whatever links another account plants
	lock      *os.File
	self      account // this process
	server    account // the server programs
	socketDir string  // set by socketFolder
	ownSocket bool    // socketDir lies outside dir and is removed on release
}

func (f *folder) cluster() string { return filepath.Join(f.dir, "cluster") }

// openFolder chooses the folder and the account, makes the folder where there
// is none, and locks it. A folder with files of somebody else, or a cluster of
// another account, is refused before anything is written.
func openFolder(dataDir, systemDir string, log *slog.Logger) (*folder, error) {
	if dataDir == "" {
		return nil, errors.New("embedded: Options.DataDir is empty")
	}
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	self, err := ownAccount()
	if err != nil {
		return nil, err
	}
	f := &folder{dir: dir, self: self, server: self}
	if self.uid == 0 {
		err = f.chooseAsRoot(systemDir, log)
	} else {
		err = f.chooseAsUser(systemDir, log)
	}
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(f.dir); err == nil {
		f.dir = real
	}
	if f.root, err = os.OpenRoot(f.dir); err != nil {
		return nil, folderProblem(f.dir, err)
	}
	if err := f.takeLock(); err != nil {
		_ = f.root.Close()
		return nil, err
	}
	return f, nil
}

func (f *folder) chooseAsUser(systemDir string, log *slog.Logger) error {
	if err := checkOurs(f.dir); err != nil {
		return err
	}
	uid, _, err := ownerOf(f.cluster())
	switch {
	case err == nil && uid != f.self.uid:
		name := strconv.FormatUint(uint64(uid), 10)
		if owner, err := accountOfID(uid); err == nil {
			name = owner.name
		}
		return &Problem{Kind: OtherOwner, Dir: f.dir, Account: name}
	case err == nil:
		return nil
	case !errors.Is(err, os.ErrNotExist):
		return folderProblem(f.dir, err)
	}
	if away := systemFolder(systemDir, f.dir); exists(away) {
		log.Warn("an earlier start as root kept its database elsewhere; this start makes another one",
			"earlier", away, "new", f.dir)
	}
	_, err = makeFolder(f.dir, 0o700)
	return err
}

// chooseAsRoot keeps an existing cluster with its owner. A new one goes to an
// account without rights, and to the system's folder where that account cannot
// enter the one asked for.
func (f *folder) chooseAsRoot(systemDir string, log *slog.Logger) error {
	asked := f.dir
	away := systemFolder(systemDir, asked)
	for _, dir := range []string{asked, away} {
		f.dir = dir
		uid, _, err := ownerOf(f.cluster())
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			continue
		}
		if err != nil {
			return folderProblem(dir, err)
		}
		if uid == 0 { // PostgreSQL never made this
			return &Problem{Kind: NotOurs, Dir: dir, Detail: "cluster"}
		}
		if err := checkOurs(dir); err != nil {
			return err
		}
		if f.server, err = accountOfID(uid); err != nil {
			return err
		}
		if dir == away {
			log.Info("the private database is kept apart, as its account cannot enter the data folder",
				"data", asked, "database", away, "account", f.server.name)
		}
		return nil
	}
	if err := checkOurs(asked); err != nil {
		return err
	}
	var err error
	if f.server, err = serverAccount(); err != nil {
		return err
	}
	f.dir = asked
	made, err := makeFolder(asked, 0o711)
	if err != nil {
		return err
	}
	if info, err := os.Stat(asked); err == nil && len(made) == 0 {
		if uid, _, err := ownerOf(asked); err == nil && uid == 0 { // root's own empty folder: let the account through
			_ = os.Chmod(asked, info.Mode().Perm()|0o111)
		}
	}
	if f.server.canEnter(asked) {
		return nil
	}
	for _, dir := range made {
		_ = os.Remove(dir) // only what was just made, and only while empty
	}
	f.dir = away
	if err := checkOurs(away); err != nil {
		return err
	}
	if _, err := makeFolder(away, 0o711); err != nil {
		return err
	}
	if !f.server.canEnter(away) {
		return &Problem{Kind: Unreachable, Dir: away, Account: f.server.name}
	}
	log.Warn("the account that runs the database cannot enter the data folder; the database is kept elsewhere",
		"data", asked, "database", away, "account", f.server.name)
	return nil
}

// systemFolder is where root keeps the cluster of a folder that the server's
// account cannot enter: one per folder asked for, found again by its name.
func systemFolder(systemDir, dataDir string) string {
	sum := sha256.Sum256([]byte(dataDir))
	return filepath.Join(systemDir, hex.EncodeToString(sum[:6]))
}

// checkOurs refuses a folder that holds anything before Waymark locked it for
// the first time. What a file system or a desktop puts there by itself is let
// through.
func checkOurs(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return folderProblem(dir, err)
	}
	foreign := ""
	for _, e := range entries {
		switch e.Name() {
		case lockName:
			return nil
		case "lost+found", ".DS_Store":
		default:
			if foreign == "" {
				foreign = e.Name()
			}
		}
	}
	if foreign != "" {
		return &Problem{Kind: NotOurs, Dir: dir, Detail: foreign}
	}
	return nil
}

// makeFolder makes dir and what is missing above it, whatever the umask, and
// returns what it made, innermost first.
func makeFolder(dir string, mode os.FileMode) (made []string, err error) {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return nil, folderProblem(dir, syscall.ENOTDIR)
		}
		return nil, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, folderProblem(dir, err)
	}
	if parent := filepath.Dir(dir); !exists(parent) {
		if made, err = makeFolder(parent, mode); err != nil {
			return made, err
		}
	}
	if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, os.ErrExist) {
		return made, folderProblem(dir, err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		return made, folderProblem(dir, err)
	}
	return append([]string{dir}, made...), nil
}

// takeLock holds the folder for this process. The kernel lets the lock go when
// the process ends in whatever way, so there is no stale one; the number
// written into it serves the sentence only.
func (f *folder) takeLock() error {
	lock, err := f.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return folderProblem(f.dir, err)
	}
	err = flock(lock)
	if err != nil {
		defer func() { _ = lock.Close() }()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return folderProblem(f.dir, err)
		}
		raw, _ := io.ReadAll(io.LimitReader(lock, 32))
		holder, _ := strconv.Atoi(strings.TrimSpace(string(raw)))
		return &Problem{Kind: InUse, Dir: f.dir, PID: holder}
	}
	f.lock = lock
	err = errors.Join(lock.Truncate(0), f.giveToFolderOwner(lock))
	if err == nil {
		_, err = lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = lock.Close()
		return folderProblem(f.dir, err)
	}
	return nil
}

// lockPatience is how long a lock is waited for. A process that was killed while
// it started a program holds its files for a moment longer, in the copy of it
// that was about to become that program.
const lockPatience = 500 * time.Millisecond

// flock takes the lock of a file for this process alone, or answers
// syscall.EWOULDBLOCK where another holds it.
func flock(file *os.File) error {
	const pause = 10 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || waited >= lockPatience {
			return err
		}
		time.Sleep(pause)
	}
}

// giveToFolderOwner lets the person who made the folder use it again without
// root after a start with root.
func (f *folder) giveToFolderOwner(file *os.File) error {
	if f.self.uid != 0 {
		return nil
	}
	uid, gid, err := ownerOf(f.dir)
	if err != nil || uid == 0 {
		return err
	}
	return file.Chown(int(uid), int(gid))
}

// mkdirOwned makes a folder directly below the data folder; a folder for the
// server belongs to the server's account.
func (f *folder) mkdirOwned(name string, mode os.FileMode, forServer bool) error {
	if err := f.root.Mkdir(name, mode); err != nil && !errors.Is(err, os.ErrExist) {
		return folderProblem(f.dir, err)
	}
	dir, err := f.root.Open(name)
	if err != nil {
		return folderProblem(f.dir, err)
	}
	defer func() { _ = dir.Close() }()
	if err := dir.Chmod(mode); err != nil {
		return folderProblem(f.dir, err)
	}
	if forServer && f.server.drop {
		err = dir.Chown(int(f.server.uid), int(f.server.gid))
	} else {
		err = f.giveToFolderOwner(dir)
	}
	if err != nil {
		return folderProblem(f.dir, err)
	}
	return nil
}

// writeFile puts a small file in place whole: written beside it, then renamed.
func (f *folder) writeFile(name, content string) error {
	next := name + ".new"
	if err := f.root.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return folderProblem(f.dir, err)
	}
	file, err := f.root.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return folderProblem(f.dir, err)
	}
	_, err = file.WriteString(content)
	err = errors.Join(err, file.Chmod(0o644), f.giveToFolderOwner(file), file.Close())
	if err == nil {
		err = f.root.Rename(next, name)
	}
	if err != nil {
		return folderProblem(f.dir, err)
	}
	return nil
}

// socketFolder makes the folder of the socket: run/ in the data folder, or a
// folder of the same mode under TMPDIR where that path would not fit into the
// address of a socket, or holds the comma that divides a list of hosts.
func (f *folder) socketFolder() error {
	dir := filepath.Join(f.dir, "run")
	if socketFits(dir) {
		f.socketDir = dir
		return f.mkdirOwned("run", 0o700, true)
	}
	sum := sha256.Sum256([]byte(f.dir))
	name := fmt.Sprintf("waymark-%d-%s", f.server.uid, hex.EncodeToString(sum[:6]))
	for _, base := range []string{os.TempDir(), "/tmp"} {
		if !socketFits(filepath.Join(base, name)) || !f.server.canEnter(base) {
			continue
		}
		dir, err := privateFolder(base, name, f.server)
		if err != nil {
			return folderProblem(base, err)
		}
		f.socketDir, f.ownSocket = dir, true
		return nil
	}
	return folderProblem(os.TempDir(), errors.New("no folder short enough for a socket"))
}

func socketFits(dir string) bool {
	return len(dir)+len("/"+socketName) <= maxSocketPath && !strings.ContainsAny(dir, ",\n")
}

// privateFolder makes base/name for the account, or takes it over from an
// earlier run. In a folder that everybody writes to somebody else may have
// made it first: then a name that cannot be guessed is used.
func privateFolder(base, name string, owner account) (string, error) {
	dir := filepath.Join(base, name)
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, os.ErrExist) {
		info, statErr := os.Lstat(dir)
		uid, _, ownerErr := ownerOf(dir)
		if statErr == nil && ownerErr == nil && info.IsDir() && uid == owner.uid && info.Mode().Perm() == 0o700 {
			return dir, nil
		}
		dir, err = os.MkdirTemp(base, "waymark-")
	}
	if err == nil && owner.drop {
		err = os.Chown(dir, int(owner.uid), int(owner.gid))
	}
	return dir, err
}

// release gives the folder back. The lock file stays: removing it would let
// two processes lock two files of the same name.
func (f *folder) release() {
	if f.ownSocket {
		_ = os.RemoveAll(f.socketDir)
	}
	_ = f.root.Close()
	_ = f.lock.Close()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
