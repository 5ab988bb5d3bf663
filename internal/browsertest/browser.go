// Package browsertest drives a real Chromium for the browser tests: it opens
// pages as a person would, and watches what a person would not see (messages on
// the console, violations of the content security policy, failed requests).
//
// It is imported by tests only. A test binary that uses it declares
//
//	func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }
//
// and each test asks for people:
//
//	ada := browsertest.New(t).Visit(t, server.URL)
//	ada.Open("/sign-in")
//	ada.Fill("E-mail", "ada@example.com")
//	ada.ClickText("Sign in")
//	ada.See("Dashboard")
//	ada.Axe()
//
// Every helper waits for the page to come to rest and for what it looks for to
// appear, and fails the test with a sentence when it does not. Nothing sleeps
// for a fixed time. At the end of a test any unexpected console error, policy
// violation or failed request fails it; Problems takes them when they are
// expected.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Browser is one Chromium process. Its people share the process and nothing
// else: each has cookies, storage and cache of their own.
type Browser struct {
	ctx   context.Context
	close func()
	agent string // user agent, read once at start
}

// shared holds the browser of this test binary. It is package state because a
// browser takes longer to start than a test to run, and go test offers no other
// place that outlives one test; Run closes it.
var shared struct {
	sync.Mutex
	running bool
	browser *Browser
}

// Run runs the tests of the binary and closes the browser that they started.
// Its result is for os.Exit.
func Run(m *testing.M) int {
	shared.Lock()
	shared.running = true
	shared.Unlock()

	code := m.Run()

	shared.Lock()
	defer shared.Unlock()
	shared.running = false
	if shared.browser != nil {
		shared.browser.close()
		shared.browser = nil
	}
	return code
}

// New returns the browser of this test binary, started by the first call. It
// fails the test, and never skips it, when no Chromium is installed.
func New(t testing.TB) *Browser {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.running {
		t.Fatal("browsertest: TestMain must call browsertest.Run, which closes the browser at the end")
	}
	if shared.browser == nil {
		b, err := start()
		if err != nil {
			t.Fatalf("browsertest: %v", err)
		}
		shared.browser = b
	}
	return shared.browser
}

// candidates are the names under which Linux and macOS install a browser that
// speaks the DevTools protocol, the one we test with first.
func candidates() []string {
	return []string{
		"chromium",
		"chromium-browser",
		"google-chrome-stable",
		"google-chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	}
}

// find returns the path of the browser to run: WAYMARK_CHROMIUM, else the first
// candidate that exists. The error says how to install one.
func find(lookPath func(string) (string, error), names []string) (string, error) {
	if path := os.Getenv("WAYMARK_CHROMIUM"); path != "" {
		names = []string{path}
	}
	for _, name := range names {
		if path, err := lookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no Chromium found (looked for %s): run `make test`, which installs it, "+
		"or `sudo apt-get install chromium chromium-driver fonts-noto-cjk`, "+
		"or name one in WAYMARK_CHROMIUM", strings.Join(names, ", "))
}

func start() (*Browser, error) {
	path, err := find(exec.LookPath, candidates())
	if err != nil {
		return nil, err
	}
	dir, err := profileDir(path)
	if err != nil {
		return nil, err
	}

	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(dir),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// The root user of a container has no sandbox to give away: the pages
		// are our own, served from this machine.
		chromedp.Flag("no-sandbox", os.Getuid() == 0),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	quiet := func(string, ...any) {} // the library's remarks about events it does not know
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(quiet), chromedp.WithLogf(quiet))

	closeAll := func() {
		// Asking first lets Chromium end its own children.
		polite, done := context.WithTimeout(ctx, 5*time.Second)
		_ = chromedp.Cancel(polite)
		done()
		cancel()
		stop()
		_ = os.RemoveAll(dir)
	}
	agent, err := userAgent(ctx)
	if err != nil {
		closeAll()
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	return &Browser{ctx: ctx, close: closeAll, agent: agent}, nil
}

// profileDir makes an empty profile folder. A browser from a snap may not read
// the machine's temporary folder, so it gets one in the place a snap may use.
func profileDir(path string) (string, error) {
	base := ""
	if target, err := filepath.EvalSymlinks(path); err == nil && strings.Contains(target, "snap") {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("finding the home folder: %w", err)
		}
		base = filepath.Join(home, "snap", "chromium", "common")
		if err := os.MkdirAll(base, 0o700); err != nil {
			return "", fmt.Errorf("making the browser's profile folder: %w", err)
		}
	}
	dir, err := os.MkdirTemp(base, "waymark-browser-")
	if err != nil {
		return "", fmt.Errorf("making the browser's profile folder: %w", err)
	}
	return dir, nil
}
