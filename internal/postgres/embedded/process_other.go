//go:build !linux

package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

const maxSocketPath = 103 // macOS and the BSDs: sun_path holds 104 bytes with its end

// childAttributes give the child a process group of its own, so that Ctrl-C in
// a terminal reaches Waymark alone. There is no signal for a dead parent here:
// a server that outlives Waymark is stopped by the next start.
func childAttributes(a account, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: a.credential()}
}

// serversIn lists the living PostgreSQL processes that work in dir, asking
// lsof, which macOS brings along.
func serversIn(dir string, _ account) ([]int, error) {
	out, err := exec.Command("lsof", "-a", "-c", "postgres", "-d", "cwd", "-F", "pn").Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(bytes.TrimSpace(out)) == 0 {
		return nil, nil // nothing found
	}
	if err != nil && len(out) == 0 {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var found []int
	pid := 0
	for line := range strings.Lines(string(out)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "p"):
			pid, _ = strconv.Atoi(line[1:])
		case line == "n"+dir && pid > 1:
			found = append(found, pid)
		}
	}
	return found, nil
}
