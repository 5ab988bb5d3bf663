package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const maxSocketPath = 107 // sun_path holds 108 bytes with its end

// childAttributes give the child a process group of its own, so that Ctrl-C in
// a terminal reaches Waymark alone, and a signal for when Waymark dies.
func childAttributes(a account, whenParentDies syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: whenParentDies, Credential: a.credential()}
}

// serversIn lists the living PostgreSQL processes that work in dir: server and
// children all have it as their working folder. A zombie has none.
func serversIn(dir string, owner account) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var found, hidden []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		name, err := os.ReadFile(filepath.Join("/proc", e.Name(), "comm"))
		if err != nil || strings.TrimSpace(string(name)) != "postgres" {
			continue
		}
		cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		switch {
		case err == nil && cwd == dir:
			found = append(found, pid)
		case errors.Is(err, os.ErrPermission):
			hidden = append(hidden, pid)
		}
	}
	return append(found, reveal(hidden, dir, owner)...), nil
}

// reveal looks as the cluster's account: in a container root often may not
// look at the processes of others, while the account itself may.
func reveal(pids []int, dir string, owner account) []int {
	if !owner.drop {
		return nil // an ordinary account sees its own; the others' are none of ours
	}
	var found []int
	for _, pid := range pids {
		cmd := exec.Command("readlink", fmt.Sprintf("/proc/%d/cwd", pid)) //nolint:gosec,noctx // a number of ours; ends at once
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner.credential()}
		cmd.Dir = "/"
		if out, err := cmd.Output(); err == nil && strings.TrimSuffix(string(out), "\n") == dir {
			found = append(found, pid)
		}
	}
	return found
}
