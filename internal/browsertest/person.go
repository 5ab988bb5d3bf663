package browsertest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a helper waits for what it looks for, unless the option
// Patience says otherwise. It is generous: a test that passes never waits for
// it, and a busy machine is slow.
const patience = 15 * time.Second

// finder locates and measures elements, see the file.
//
//go:embed finder.js
var finder string

// Person is somebody at a browser: one tab, with cookies of its own. Its
// methods fail the test of t when they cannot do what they are asked.
type Person struct {
	*tab
	t     testing.TB
	scope string
}

type tab struct {
	ctx   context.Context
	base  string
	agent string
	watch *watcher
	media map[string]string
	wait  time.Duration
}

// Option changes how a person comes to the site.
type Option func(*Person)

// Language sets the languages the browser asks for, the preferred one first,
// such as "zh-CN,zh,en"; the browser adds the weights.
func Language(accept string) Option { return func(p *Person) { p.Language(accept) } }

// NoScript turns JavaScript off: every form and page must work without it.
func NoScript() Option { return func(p *Person) { p.call(scriptOff()) } }

// Dark makes the system theme dark.
func Dark() Option { return func(p *Person) { p.EmulateDark(true) } }

// Size sets the size of the window; without it a person has 1280 × 900.
func Size(width, height int) Option { return func(p *Person) { p.Viewport(width, height) } }

// Patience sets how long helpers wait before they fail the test.
func Patience(d time.Duration) Option { return func(p *Person) { p.wait = d } }

// Visit opens an empty tab for a new person. base, such as the URL of an
// httptest server, stands before the paths given to Open. When the test ends the
// tab is closed, and what the browser complained about fails the test.
func (b *Browser) Visit(t testing.TB, base string, options ...Option) *Person {
	t.Helper()
	w := newWatcher()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.event))
	p := &Person{t: t, tab: &tab{
		ctx: ctx, wait: patience, base: strings.TrimSuffix(base, "/"), agent: b.agent, watch: w,
		// Movement is for people; a test would meet half-faded colours.
		media: map[string]string{"prefers-reduced-motion": "reduce", "prefers-color-scheme": "light"},
	}}
	t.Cleanup(func() {
		defer cancel()
		for _, problem := range w.take() {
			t.Errorf("browser: %s", problem)
		}
	})

	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browsertest: opening a tab: %v", err)
	}
	w.mu.Lock()
	// The main frame of a page bears the name of its target.
	w.main = cdp.FrameID(chromedp.FromContext(ctx).Target.TargetID)
	w.dialog = func() {
		_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	}
	w.mu.Unlock()

	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, audits.Enable, cdp.Empty{})
		return err
	})
	p.call(func(ctx context.Context) error {
		// A tab in the background must behave as one that somebody looks at.
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	})
	p.Viewport(1280, 900)
	p.applyMedia()
	for _, option := range options {
		option(p)
	}
	return p
}

// With returns the same person, reporting to another test: the one of a subtest.
func (p *Person) With(t testing.TB) *Person {
	return &Person{tab: p.tab, t: t, scope: p.scope}
}

// Within returns the same person, looking only inside the first element that
// matches the CSS selector: the row of a table, a dialog, the navigation.
func (p *Person) Within(css string) *Person {
	return &Person{tab: p.tab, t: p.t, scope: strings.TrimSpace(p.scope + " " + css)}
}

// Language sets the languages the browser asks for from the next request on.
func (p *Person) Language(accept string) {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
			UserAgent: p.agent, AcceptLanguage: accept,
		})
		return err
	})
}

// Viewport sets the size of the window in CSS pixels.
func (p *Person) Viewport(width, height int) {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(width), Height: int64(height), DeviceScaleFactor: 1, Mobile: width < 600,
		})
		return err
	})
}

// EmulateDark sets the theme of the person's system.
func (p *Person) EmulateDark(dark bool) {
	p.t.Helper()
	p.media["prefers-color-scheme"] = "light"
	if dark {
		p.media["prefers-color-scheme"] = "dark"
	}
	p.applyMedia()
}

func (p *Person) applyMedia() {
	p.t.Helper()
	params := emulation.SetEmulatedMediaParams{}
	for name, value := range p.media {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, params)
		return err
	})
}

// Cookies returns the person's cookies by name, those hidden from scripts too.
func (p *Person) Cookies() map[string]*network.Cookie {
	p.t.Helper()
	cookies := map[string]*network.Cookie{}
	p.call(func(ctx context.Context) error {
		got, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{p.base}})
		for _, c := range got.Cookies {
			cookies[c.Name] = c
		}
		return err
	})
	return cookies
}

// Problems returns what the browser complained about since the last call: errors
// on the console, violations of the content security policy, exceptions, failed
// requests, answers of 500 and above, requests to other hosts. What is taken
// here does not fail the test at its end.
func (p *Person) Problems() []string {
	p.t.Helper()
	p.Settle()
	return p.watch.take()
}

// Screenshot writes what the window shows to a PNG file. A relative name is
// taken in the test's folder of artifacts (kept with go test -artifacts).
func (p *Person) Screenshot(file string) {
	p.t.Helper()
	p.Settle()
	p.capture(file, false)
}

// FullScreenshot writes the whole page, beyond the window, to a PNG file.
func (p *Person) FullScreenshot(file string) {
	p.t.Helper()
	p.Settle()
	p.capture(file, true)
}

func (p *Person) capture(file string, full bool) {
	p.t.Helper()
	if err := p.shoot(file, full); err != nil {
		p.t.Fatalf("taking the picture %s: %v", file, err)
	}
}

func (p *Person) shoot(file string, full bool) error {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &full})
	if err != nil {
		return err
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(p.t.ArtifactDir(), file)
	}
	return os.WriteFile(file, shot.Data, 0o600)
}

// fatalf fails the test, saying where the person was, with a picture of it.
func (p *Person) fatalf(format string, args ...any) {
	p.t.Helper()
	message := fmt.Sprintf(format, args...)
	if err := p.shoot("failure.png", true); err == nil {
		message += "\n  picture: failure.png in " + p.t.ArtifactDir() + " (go test -artifacts keeps it)"
	}
	p.t.Fatalf("at %s: %s", p.here(), message)
}

func (p *Person) call(do func(context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, max(patience, p.wait))
	defer cancel()
	if err := do(ctx); err != nil {
		p.t.Fatalf("browsertest: %v", err)
	}
}

// evaluate runs an expression in the tests' own world of the page and returns
// its value as JSON.
func (p *Person) evaluate(expression string, await bool) (json.RawMessage, error) {
	result, err := p.object(expression, await, true)
	if err != nil {
		return nil, err
	}
	if len(result.Value) == 0 {
		return json.RawMessage("null"), nil
	}
	return json.RawMessage(result.Value), nil
}

func (p *Person) object(expression string, await, byValue bool) (*runtime.RemoteObject, error) {
	ctx, cancel := context.WithTimeout(p.ctx, max(patience, p.wait))
	defer cancel()
	world, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: p.watch.main, WorldName: "browsertest",
	})
	if err != nil {
		return nil, err
	}
	got, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ContextID: world.ExecutionContextID, ReturnByValue: &byValue, AwaitPromise: &await,
	})
	if err != nil {
		return nil, err
	}
	if got.ExceptionDetails != nil {
		return nil, errors.New(exceptionText(got.ExceptionDetails))
	}
	return got.Result, nil
}

func scriptOff() func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}
}

func userAgent(ctx context.Context) (string, error) {
	if err := chromedp.Do(ctx); err != nil { // starts the browser
		return "", err
	}
	version, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{})
	return version.UserAgent, err
}

func exceptionText(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func argumentsText(args []*runtime.RemoteObject) string {
	texts := make([]string, 0, len(args))
	for _, a := range args {
		var s string
		if err := json.Unmarshal(a.Value, &s); err == nil {
			texts = append(texts, s)
		} else {
			texts = append(texts, a.Description+string(a.Value))
		}
	}
	return strings.Join(texts, " ")
}

// header reads a header of a request as the browser reports it.
func header(headers network.Headers, name string) (string, bool) {
	for key, value := range headers {
		if strings.EqualFold(key, name) {
			return fmt.Sprint(value), true
		}
	}
	return "", false
}
