// Command waymark takes an organization through its certification plan: it
// serves the pages, and looks after its own database.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	p := program{
		environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		now: time.Now, patience: 30 * time.Second, drainBound: 15 * time.Second, tick: 30 * time.Second,
	}
	soft, hard, release := interrupts()
	p.hard = hard
	code := p.run(soft, os.Args[1:])
	release()
	os.Exit(code)
}

// program is what the commands know of their surroundings.
type program struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	hard           context.Context //nolint:containedctx // ends the process at once, whatever a command waits for
	patience       time.Duration   // for a database elsewhere to answer
	drainBound     time.Duration   // for requests under way when stopping
	tick           time.Duration   // between two rounds of the worker
}

// interrupts turns signals into contexts: the first ends soft, upon which a
// command stops in good order; the second ends hard, upon which it stops at
// once; the third is the system's own. What follows at the heels of the first is
// the same wish: some senders signal a process and then its group.
func interrupts() (soft, hard context.Context, release func()) {
	soft, endSoft := context.WithCancel(context.Background())
	hard, endHard := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		endSoft()
		for heels := time.After(time.Second); ; {
			select {
			case <-signals:
				continue
			case <-heels:
			}
			break
		}
		<-signals
		endHard()
		signal.Stop(signals)
	}()
	return soft, hard, func() { endSoft(); endHard() }
}
