package browsertest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// quiet is how long nothing may happen on the network before a page counts as
// at rest. A page that reacts to a click sends its request within this time;
// links and submit buttons are waited for longer (see Person.click).
const quiet = 60 * time.Millisecond

// watcher follows one tab: what is still loading, and what went wrong. The
// events come in on the goroutine that reads the browser's messages.
type watcher struct {
	mu       sync.Mutex
	main     cdp.FrameID
	inflight map[network.RequestID]request
	loading  bool
	changed  time.Time // the last time a request or a navigation began or ended
	activity int       // counts the requests and navigations that began
	status   int       // of the last main document
	problems []string
	dialog   func() // answers an alert, on a goroutine of its own
}

type request struct {
	url    string
	loader cdp.LoaderID
}

func newWatcher() *watcher {
	return &watcher{inflight: map[network.RequestID]request{}, changed: time.Now()}
}

// event takes one event of the tab. It must not block and must not send a
// command.
func (w *watcher) event(ev any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		w.requested(ev)
	case *network.EventResponseReceived:
		w.responded(ev)
	case *network.EventLoadingFinished:
		w.ended(ev.RequestID)
	case *network.EventLoadingFailed:
		w.failed(ev)
	case *page.EventFrameStartedLoading:
		if ev.FrameID == w.main {
			w.loading = true
			w.began()
		}
	case *page.EventFrameStoppedLoading:
		if ev.FrameID == w.main {
			w.loading = false
			w.changed = time.Now()
		}
	case *page.EventFrameNavigated:
		if ev.Frame.ID == w.main {
			w.navigated(ev.Frame.LoaderID)
		}
	case *page.EventJavascriptDialogOpening:
		w.problem("dialog %q: %s", ev.Type, ev.Message)
		if w.dialog != nil {
			go w.dialog()
		}
	case *log.EventEntryAdded:
		w.logged(ev.Entry)
	case *audits.EventIssueAdded:
		w.issue(ev.Issue)
	case *runtime.EventExceptionThrown:
		w.problem("uncaught exception: %s", exceptionText(ev.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeAssert {
			w.problem("console.%s: %s", ev.Type, argumentsText(ev.Args))
		}
	case *inspector.EventTargetCrashed:
		w.problem("the page crashed")
	}
}

func (w *watcher) requested(ev *network.EventRequestWillBeSent) {
	if foreign(ev.Request.URL) {
		w.problem("request to another host: %s", ev.Request.URL)
	}
	w.began()
	if streams(ev) {
		return
	}
	w.inflight[ev.RequestID] = request{url: ev.Request.URL, loader: ev.LoaderID}
}

// streams tells the requests that stay open by design (live pages) or whose end
// no page waits for.
func streams(ev *network.EventRequestWillBeSent) bool {
	switch ev.Type {
	case network.ResourceTypeEventSource, network.ResourceTypeWebSocket, network.ResourceTypePing:
		return true
	default:
		accept, _ := header(ev.Request.Headers, "Accept")
		return strings.Contains(accept, "text/event-stream")
	}
}

func (w *watcher) responded(ev *network.EventResponseReceived) {
	status := int(ev.Response.Status)
	if ev.Type == network.ResourceTypeDocument && ev.FrameID == w.main {
		w.status = status
	}
	// A document or a fetch may answer 4xx: that is what the test is about. A
	// missing file or an error of ours is always a mistake.
	asked := ev.Type == network.ResourceTypeDocument || ev.Type == network.ResourceTypeFetch || ev.Type == network.ResourceTypeXHR
	if status >= 500 || (status >= 400 && !asked) {
		w.problem("%d from %s", status, ev.Response.URL)
	}
}

func (w *watcher) failed(ev *network.EventLoadingFailed) {
	req := w.inflight[ev.RequestID]
	w.ended(ev.RequestID)
	if ev.Canceled || ev.ErrorText == "net::ERR_ABORTED" {
		return
	}
	reason := ev.ErrorText
	if ev.BlockedReason != "" {
		reason += ", blocked: " + string(ev.BlockedReason)
	}
	w.problem("request failed (%s): %s", reason, req.url)
}

func (w *watcher) began() {
	w.activity++
	w.changed = time.Now()
}

func (w *watcher) ended(id network.RequestID) {
	delete(w.inflight, id)
	w.changed = time.Now()
}

// navigated forgets the requests of the page that was left: Chromium does not
// always report their end.
func (w *watcher) navigated(loader cdp.LoaderID) {
	maps.DeleteFunc(w.inflight, func(_ network.RequestID, r request) bool { return r.loader != loader })
	w.began()
}

func (w *watcher) logged(e *log.Entry) {
	// Failed requests are reported by the network events, with their reason;
	// violations of the policy by the issues, with their directive.
	if e.Level != log.EntryLevelError || e.Source == log.EntrySourceNetwork || e.Source == log.EntrySourceSecurity {
		return
	}
	w.problem("browser log (%s): %s", e.Source, e.Text)
}

func (w *watcher) issue(i *audits.InspectorIssue) {
	if d := i.Details.ContentSecurityPolicyIssueDetails; d != nil {
		where := ""
		if at := d.SourceCodeLocation; at != nil {
			where = fmt.Sprintf(" at %s:%d", at.URL, at.LineNumber+1)
		}
		w.problem("content security policy: %s violated (%s) %s%s",
			d.ViolatedDirective, d.ContentSecurityPolicyViolationType, d.BlockedURL, where)
	}
	if d := i.Details.QuirksModeIssueDetails; d != nil {
		w.problem("quirks mode (no doctype?): %s", d.URL)
	}
}

func (w *watcher) problem(format string, args ...any) {
	if s := strings.TrimSpace(fmt.Sprintf(format, args...)); !slices.Contains(w.problems, s) {
		w.problems = append(w.problems, s)
	}
}

// atRest reports whether nothing is under way and nothing was for a while, and
// else what is.
func (w *watcher) atRest(now time.Time) (bool, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case len(w.inflight) > 0:
		urls := make([]string, 0, len(w.inflight))
		for _, r := range w.inflight {
			urls = append(urls, r.url)
		}
		slices.Sort(urls)
		return false, "waiting for " + strings.Join(urls, ", ")
	case w.loading:
		return false, "the page is still loading"
	default:
		return now.Sub(w.changed) >= quiet, "the page keeps sending requests"
	}
}

// touch starts the time of rest anew: somebody did something, and what it sets
// off may come a moment later.
func (w *watcher) touch() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed = time.Now()
}

func (w *watcher) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.activity
}

func (w *watcher) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.problems
	w.problems = nil
	return taken
}

// foreign reports whether a URL leads off this machine: a page of ours asks
// nobody else for anything.
func foreign(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return true
	}
	switch u.Scheme {
	case "data", "blob", "about", "chrome-error":
		return false
	}
	switch host := u.Hostname(); host {
	case "127.0.0.1", "::1", "localhost":
		return false
	default:
		return !strings.HasSuffix(host, ".localhost")
	}
}
