// Command testreport runs go test and reports on it as people read it: failures
// with their output, a line a package, the slowest tests, and one closing line
// of sums.
//
// Its arguments go to go test; a lone "--" separates runs, which are summed:
//
//	testreport -race ./internal/domain/... -- ./internal/server
//
// It fails when a test failed, when a test was skipped (a test that skips proves
// nothing, and nobody notices), when a package does not build, and when no test
// ran at all.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

func main() {
	ok, err := run(context.Background(), os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run executes one go test for each group of arguments and reports on all.
func run(ctx context.Context, args []string, out io.Writer) (bool, error) {
	r := newReport(out)
	for _, group := range groups(args) {
		if err := r.test(ctx, group); err != nil {
			return false, err
		}
	}
	return r.close(), nil
}

func groups(args []string) [][]string {
	var all [][]string
	for {
		i := slices.Index(args, "--")
		if i < 0 {
			return append(all, args)
		}
		all, args = append(all, args[:i]), args[i+1:]
	}
}

// test runs go test once. Its exit code counts too: it knows of failures that
// never became an event, such as a pattern that matches no package.
func (r *report) test(ctx context.Context, args []string) error {
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	command.Stderr = os.Stderr
	events, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("reading from go test: %w", err)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("starting go test: %w", err)
	}
	if err := r.read(events); err != nil {
		return err
	}
	if err := command.Wait(); err != nil {
		r.broken = true
	}
	return nil
}

// read takes the events of one go test until it ends.
func (r *report) read(events io.Reader) error {
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			r.printf("%s\n", lines.Bytes()) // not an event: a message of the go command
			continue
		}
		r.take(e)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading from go test: %w", err)
	}
	return nil
}
