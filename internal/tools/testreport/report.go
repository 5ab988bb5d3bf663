package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of go test -json, see go doc test2json.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Elapsed    float64
	Output     string
}

type key struct{ pkg, test string }

type result struct {
	key
	seconds float64
}

// report sums the events of one or more runs.
type report struct {
	out     io.Writer
	output  map[key][]string
	passed  int
	failed  []result
	skipped []result
	timed   []result
	broken  bool // something failed that is no test: a build, a package, go test itself
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[key][]string{}}
}

func (r *report) printf(format string, args ...any) {
	// There is nobody to tell when the terminal is gone.
	_, _ = fmt.Fprintf(r.out, format, args...)
}

func (r *report) take(e event) {
	at := key{e.Package, e.Test}
	switch e.Action {
	case "output":
		r.output[at] = append(r.output[at], e.Output)
	case "build-output":
		r.printf("%s", e.Output)
	case "build-fail":
		r.broken = true
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e)
		} else {
			r.endTest(e)
		}
		delete(r.output, at)
	}
}

func (r *report) endTest(e event) {
	at := result{key{e.Package, e.Test}, e.Elapsed}
	switch e.Action {
	case "pass":
		r.passed++
		if !strings.Contains(e.Test, "/") { // a part's time counts in the whole
			r.timed = append(r.timed, at)
		}
	case "fail":
		r.failed = append(r.failed, at)
		r.printf("%s", strings.Join(r.output[at.key], ""))
	case "skip":
		r.skipped = append(r.skipped, at)
		r.printf("%s", strings.Join(r.output[at.key], ""))
	}
}

func (r *report) endPackage(e event) {
	switch e.Action {
	case "pass":
		r.printf("ok  \t%s\t%.1fs\n", e.Package, e.Elapsed)
	case "fail":
		r.broken = true
		// What was printed outside any test: a panic, the race detector, TestMain.
		r.printf("%sFAIL\t%s\t%.1fs\n", strings.Join(r.output[key{pkg: e.Package}], ""), e.Package, e.Elapsed)
	}
}

// close prints the sums and reports whether all is well.
func (r *report) close() bool {
	slices.SortFunc(r.timed, func(a, b result) int { return cmp.Compare(b.seconds, a.seconds) })
	if len(r.timed) > 1 {
		r.printf("\nSlowest tests:\n")
		for _, t := range r.timed[:min(5, len(r.timed))] {
			r.printf("  %6.1fs  %s %s\n", t.seconds, t.pkg, t.test)
		}
	}
	for _, t := range r.failed {
		r.printf("failed:  %s %s\n", t.pkg, t.test)
	}
	for _, t := range r.skipped {
		r.printf("skipped, which is not allowed: %s %s\n", t.pkg, t.test)
	}
	ran := r.passed + len(r.failed)
	switch {
	case ran == 0:
		r.printf("no test ran\n")
	case r.broken && len(r.failed) == 0:
		r.printf("a package failed outside its tests, see above\n")
	}
	r.printf("\n%d passed, %d failed, %d skipped\n", r.passed, len(r.failed), len(r.skipped))
	return ran > 0 && !r.broken && len(r.failed) == 0 && len(r.skipped) == 0
}
