package browsertest_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// failing is a test that may fail without failing the one that runs it.
type failing struct {
	*testing.T
	mu       sync.Mutex
	said     strings.Builder
	cleanups []func()
}

func (f *failing) Helper() {}

func (f *failing) Cleanup(clean func()) { f.cleanups = append(f.cleanups, clean) }

func (f *failing) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Fprintf(&f.said, format+"\n", args...)
}

func (f *failing) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

func (f *failing) cleanUp() {
	for _, clean := range f.cleanups {
		clean()
	}
}
