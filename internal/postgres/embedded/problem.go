package embedded

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// Kind tells apart why the private database cannot run.
type Kind uint8

// The kinds of problem that Start, Server.Stop and Server.Done report.
const (
	// ProgramsMissing: no PostgreSQL of version 15 or newer was found.
	ProgramsMissing Kind = iota + 1
	// InUse: another process runs the cluster of this folder.
	InUse
	// OtherMajor: the cluster was made by a major version that is not
	// installed here.
	OtherMajor
	// NotWritable: the data folder cannot be made or written.
	NotWritable
	// NotOurs: the data folder holds something that is not a Waymark cluster.
	NotOurs
	// OtherOwner: the cluster belongs to another account of this machine.
	OtherOwner
	// NoAccount: this process runs under a user id without an account.
	NoAccount
	// Unreachable: the account that runs the server cannot enter the folder.
	Unreachable
	// DiskFull: the file system of the data folder has no space left.
	DiskFull
	// StillRunning: a server left over in this folder does not stop.
	StillRunning
	// InitFailed: initdb failed for a reason not listed here.
	InitFailed
	// StartFailed: the server exited while starting.
	StartFailed
	// Vanished: the cluster's files disappeared while it was running.
	Vanished
	// StopForced: the server had to be killed; it recovers at its next start.
	StopForced
)

// Problem says why the private database cannot run and what to do about it.
// Fields that a kind does not use are zero.
type Problem struct {
	Kind    Kind
	Dir     string // the data folder
	Account string // the account of the operating system in question
	PID     int    // the process in the way
	Have    string // the version there is
	Want    string // the version needed
	Log     string // where the server's log is
	Detail  string // what the program itself said last
	Err     error  // the cause, where there is one
}

const installHint = "On Debian or Ubuntu: sudo apt-get install postgresql. " +
	"On macOS: brew install postgresql@17. " +
	"Elsewhere set WAYMARK_PG_BIN to the folder of initdb and postgres, or DATABASE_URL to a server that runs already."

// Error is one or two sentences in English: what is wrong, and what to do.
func (p *Problem) Error() string {
	switch p.Kind {
	case ProgramsMissing:
		switch {
		case p.Dir != "":
			return fmt.Sprintf("WAYMARK_PG_BIN names %s, which does not hold initdb and postgres of PostgreSQL 15 or newer%s. Correct it, or unset it to have them looked for.", p.Dir, parens(p.Have))
		case p.Have != "":
			return fmt.Sprintf("Waymark needs PostgreSQL 15 or newer; this machine has %s only. %s", p.Have, installHint)
		default:
			return "Waymark needs the server programs of PostgreSQL 15 or newer and found none. " + installHint
		}
	case InUse:
		return fmt.Sprintf("The data folder %s is in use by another Waymark%s. Stop that one first, or set WAYMARK_DATA to another folder.", p.Dir, parens(pid(p.PID)))
	case OtherMajor:
		have := "none that fits"
		if p.Have != "" {
			have = p.Have
		}
		return fmt.Sprintf("The database in %[1]s was made by PostgreSQL %[2]s; installed here: %[3]s. Nothing was changed. Install PostgreSQL %[2]s beside it (Debian and Ubuntu: postgresql-%[2]s; macOS: brew install postgresql@%[2]s), or run \"waymark backup\" where PostgreSQL %[2]s is installed and \"waymark restore\" that file here into an empty data folder.", p.Dir, p.Want, have)
	case NotWritable:
		return fmt.Sprintf("The data folder %s cannot be written: %s. Give the account that runs Waymark a folder of its own and name it in WAYMARK_DATA.", p.Dir, cause(p))
	case NotOurs:
		return fmt.Sprintf("The folder %s holds files that are not Waymark's%s; nothing was changed. Set WAYMARK_DATA to an empty or a new folder.", p.Dir, parens(p.Detail))
	case OtherOwner:
		return fmt.Sprintf("The database in %s belongs to the account %q, Waymark runs as another. Start Waymark as %s, or set WAYMARK_DATA to another folder.", p.Dir, p.Account, p.Account)
	case NoAccount:
		return fmt.Sprintf("Waymark runs under %s, which has no account on this machine, and PostgreSQL needs one. Add the account (in a container: a line in /etc/passwd), or set DATABASE_URL to a server that runs already.", p.Account)
	case Unreachable:
		return fmt.Sprintf("The account %q, which runs the database server, cannot enter %s. Make every folder above it enterable (chmod o+x), or move the data folder elsewhere.", p.Account, p.Dir)
	case DiskFull:
		return fmt.Sprintf("The disk that holds %s is full%s. Free some space (a new database needs about 100 MB) and start Waymark again; what was saved stays saved.", p.Dir, parens(p.Detail))
	case StillRunning:
		return fmt.Sprintf("A database server left over in %s%s does not stop. End that process and start Waymark again.", p.Dir, parens(pid(p.PID)))
	case InitFailed:
		return fmt.Sprintf("The database could not be made in %s: %s. Nothing was left behind; correct that and start Waymark again.", p.Dir, cause(p))
	case StartFailed:
		return fmt.Sprintf("The database server in %s did not start: %s. Its log is %s.", p.Dir, cause(p), p.Log)
	case Vanished:
		return fmt.Sprintf("The database files in %s have disappeared while Waymark was running. Put the folder back, or restore the latest backup with \"waymark restore\", and start Waymark again.", p.Dir)
	case StopForced:
		return fmt.Sprintf("The database server in %s did not stop in time and was ended by force; it recovers at its next start and nothing saved is lost.", p.Dir)
	}
	return fmt.Sprintf("the private database in %s cannot run: %s", p.Dir, cause(p))
}

// Unwrap gives the cause, if there is one.
func (p *Problem) Unwrap() error { return p.Err }

func cause(p *Problem) string {
	switch {
	case p.Detail != "":
		return strings.TrimRight(p.Detail, ". \n")
	case p.Err != nil:
		return strings.TrimRight(p.Err.Error(), ". \n")
	}
	return "no reason was given"
}

func parens(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func pid(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("process %d", n)
}

// folderProblem sorts an error of the file system into a Problem about dir.
func folderProblem(dir string, err error) *Problem {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &Problem{Kind: DiskFull, Dir: dir, Err: err}
	}
	return &Problem{Kind: NotWritable, Dir: dir, Err: err}
}

// outputProblem sorts what a server program said, with fallback for what it
// does not know. The programs run with English messages, so the words hold.
func outputProblem(fallback Kind, dir string, lines []string, err error) *Problem {
	p := &Problem{Kind: fallback, Dir: dir, Err: err}
	for _, line := range lines {
		for _, words := range []string{"No space left on device", "Disk quota exceeded", "Check free disk space", "bytes at block"} {
			if strings.Contains(line, words) {
				p.Kind, p.Detail = DiskFull, afterSeverity(line)
				return p
			}
		}
	}
	for _, line := range lines {
		for _, word := range []string{"PANIC:", "FATAL:", "error:", "ERROR:"} {
			if p.Detail == "" && strings.Contains(line, word) {
				p.Detail = afterSeverity(line)
			}
		}
	}
	if p.Detail == "" && len(lines) > 0 {
		p.Detail = lines[len(lines)-1]
	}
	return p
}

func afterSeverity(line string) string {
	for _, word := range []string{"PANIC:", "FATAL:", "error:", "ERROR:", "LOG:"} {
		if _, rest, ok := strings.Cut(line, word); ok {
			return strings.TrimSpace(rest)
		}
	}
	return strings.TrimSpace(line)
}
