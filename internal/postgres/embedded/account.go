package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is whom the server programs run as.
type account struct {
	name     string
	uid, gid uint32
	drop     bool // this process is root and must give its rights up for them
}

// credential is nil when the programs run as this process does.
func (a account) credential() *syscall.Credential {
	if !a.drop {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// canEnter tries it, so that access lists and mounts count as well as modes.
func (a account) canEnter(dir string) bool {
	cmd := exec.Command("/bin/sh", "-c", ":") //nolint:noctx // ends at once
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential()}
	return cmd.Run() == nil
}

// ownAccount is the account of this process, by whose name PostgreSQL knows it
// at the other end of the socket.
func ownAccount() (account, error) {
	uid := os.Geteuid()
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return account{}, &Problem{Kind: NoAccount, Account: fmt.Sprintf("user id %d", uid), Err: err}
	}
	return account{name: u.Username, uid: uint32(uid), gid: uint32(os.Getegid())}, nil //nolint:gosec // ids are never negative on unix
}

// serverAccount is an account without rights that root runs a new cluster as.
func serverAccount() (account, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		return accountOf(u)
	}
	return account{}, &Problem{Kind: NoAccount, Account: "root"}
}

// accountOfID finds the account that owns an existing cluster.
func accountOfID(uid uint32) (account, error) {
	u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return account{}, &Problem{Kind: NoAccount, Account: fmt.Sprintf("user id %d", uid), Err: err}
	}
	return accountOf(u)
}

func accountOf(u *user.User) (account, error) {
	// macOS gives "nobody" the id -2, so the numbers are read as signed.
	uid, err := strconv.ParseInt(u.Uid, 10, 64)
	if err != nil {
		return account{}, fmt.Errorf("user id of %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseInt(u.Gid, 10, 64)
	if err != nil {
		return account{}, fmt.Errorf("group id of %s: %w", u.Username, err)
	}
	return account{name: u.Username, uid: uint32(uid), gid: uint32(gid), drop: true}, nil //nolint:gosec // kernel ids are 32 bits
}

// ownerOf gives the numeric owner of a file, without following a last link.
func ownerOf(path string) (uid, gid uint32, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("owner of %s: unknown", path)
	}
	return stat.Uid, stat.Gid, nil
}
