package static

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// policy is the content security policy that every page is served with.
const policy = "default-src 'none'; script-src 'nonce-n' 'strict-dynamic'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"

// browser opens one tab; exceptions and reports of the policy fail the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		program, err = exec.LookPath("google-chrome")
	}
	require.NoError(t, err, "no browser: make test installs chromium through the package manager")
	folder, err := os.MkdirTemp("", "waymark-browser-") //nolint:usetesting // the browser may still write while the test ends; a folder of the test would fail it
	require.NoError(t, err)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(folder),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, cancelBrowser := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	ctx, cancelTime := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() {
		cancelTime()
		cancelTab()
		cancelBrowser()
		_ = os.RemoveAll(folder) // the browser may still hold a file for a moment
	})
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		if thrown, ok := event.(*runtime.EventExceptionThrown); ok {
			t.Errorf("the page threw: %s %s", thrown.ExceptionDetails.Text, thrown.ExceptionDetails.Exception.Description)
		}
	}))
	return ctx
}

func run[T any](ctx context.Context, t *testing.T, script string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	require.NoError(t, err, script)
	return value
}

// until waits for a condition in the page.
func until(ctx context.Context, t *testing.T, condition string) {
	t.Helper()
	require.Eventually(t, func() bool { return run[bool](ctx, t, condition) }, 20*time.Second, 20*time.Millisecond, condition)
}

// press types as a keyboard does: the character belongs to the key going down,
// so a page that uses the key up for itself gets no character.
func press(ctx context.Context, t *testing.T, keys string) {
	t.Helper()
	for _, key := range keys {
		var down *input.DispatchKeyEventParams
		for _, event := range kb.Encode(key) {
			switch event.Type {
			case kb.KeyChar:
				down.Text, down.UnmodifiedText = event.Text, event.UnmodifiedText
			case kb.KeyDown:
				down = event
			default:
				_, err := chromedp.Call(ctx, input.DispatchKeyEvent, *down)
				require.NoError(t, err)
				_, err = chromedp.Call(ctx, input.DispatchKeyEvent, *event)
				require.NoError(t, err)
			}
		}
	}
}

func document(content string) string {
	return `<!doctype html><html lang="en"><head><title>t</title><link rel="stylesheet" href="` + URL("app.css") + `">` +
		`<script type="module" nonce="n" src="` + URL("app.js") + `"></script></head>` +
		`<body data-say-unsent="unsent" data-say-refused="refused" data-say-close="close">` + content +
		`<div id="toasts" role="status"></div></body></html>`
}

func row(rating, note string, version int64) string {
	checked := func(value string) string {
		if rating == value {
			return " checked"
		}
		return ""
	}
	return fmt.Sprintf(`<form id="row" data-row tabindex="-1" method="post" action="/save" data-auto data-swap="row">`+
		`<input type="hidden" name="version" value="%d">`+
		`<input type="radio" name="rating" id="r1" value="1" data-key="1"%s><input type="radio" name="rating" id="r2" value="2" data-key="2"%s>`+
		`<textarea id="note" name="note" data-key="c" data-guard>%s</textarea></form>`, version, checked("1"), checked("2"), note)
}

const page = `<main id="main">
<button id="refused" type="button" aria-disabled="true" data-reasons="why">Finish</button><div id="why" tabindex="-1">Because</div>
<button id="opener" type="button" commandfor="ask" command="show-modal">Reopen</button>
<a id="link" href="/elsewhere" data-opens="ask">Reopen</a>
<dialog id="ask"><button id="closer" type="button" commandfor="ask" command="close">Keep</button></dialog>
<details class="menu" id="menu"><summary>Menu</summary><a href="#x">x</a></details>
<form id="plain" method="post" action="/plain"><button id="send" type="submit">Send</button></form>
<form id="script" method="post" action="/script" data-swap="row"><button id="scripted" type="submit">S</button></form>
<form id="broken" method="post" action="/broken" data-swap="row"><button id="breaks" type="submit">S</button></form>
<form data-themes method="post" action="/theme"><button id="dark" name="theme" value="dark">Dark</button></form>
</main>`

func TestEnhancement(t *testing.T) {
	var saves, plains atomic.Int64
	hold := make(chan struct{}, 8)
	// Nothing may wait once the test is over, or it could not report why.
	wait := func(r *http.Request) {
		select {
		case <-hold:
		case <-r.Context().Done():
		case <-t.Context().Done():
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/static/", Handler())
	html := func(w http.ResponseWriter, status int, content string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, content)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		html(w, http.StatusOK, document(page+row("", "", 1)))
	})
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		n := saves.Add(1)
		wait(r)
		// A whole page, script tag and all: only the element asked for is taken.
		html(w, http.StatusUnprocessableEntity, document("<h1>other</h1>"+row(r.PostFormValue("rating"), r.PostFormValue("note"), n+1)))
	})
	mux.HandleFunc("POST /plain", func(w http.ResponseWriter, r *http.Request) {
		plains.Add(1)
		wait(r)
		html(w, http.StatusOK, document("<p id=done>done</p>"))
	})
	mux.HandleFunc("POST /script", func(w http.ResponseWriter, _ *http.Request) {
		html(w, http.StatusOK, `<form id="row"><script>window.ran = true</script></form>`)
	})
	mux.HandleFunc("POST /broken", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusInternalServerError)
	})
	mux.HandleFunc("POST /theme", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx := browser(t)
	open := func(t *testing.T) {
		t.Helper()
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(server.URL+"/")))
		until(ctx, t, `document.documentElement.classList.contains('js')`)
	}

	t.Run("a refused button leads to the reasons", func(t *testing.T) {
		open(t)
		require.Equal(t, "why", run[string](ctx, t, `document.getElementById('refused').click(); document.activeElement.id`))
	})
	t.Run("dialogs open and close", func(t *testing.T) {
		open(t)
		for _, opener := range []string{"opener", "link"} {
			run[any](ctx, t, `document.getElementById('`+opener+`').click()`)
			require.True(t, run[bool](ctx, t, `document.getElementById('ask').matches(':modal')`), opener)
			run[any](ctx, t, `document.getElementById('closer').click()`)
			require.False(t, run[bool](ctx, t, `document.getElementById('ask').open`))
		}
		require.Equal(t, "/", run[string](ctx, t, `location.pathname`))
	})
	t.Run("menus close", func(t *testing.T) {
		open(t)
		run[any](ctx, t, `document.getElementById('menu').open = true; document.getElementById('main').click()`)
		require.False(t, run[bool](ctx, t, `document.getElementById('menu').open`))
		run[any](ctx, t, `document.getElementById('menu').open = true; document.querySelector('#menu a').focus()`)
		press(ctx, t, "\x1b")
		require.False(t, run[bool](ctx, t, `document.getElementById('menu').open`))
	})
	t.Run("keys rate, and text typed meanwhile is kept", func(t *testing.T) {
		open(t)
		saves.Store(0)
		press(ctx, t, "j")
		require.Equal(t, "row", run[string](ctx, t, `document.activeElement.id`))
		press(ctx, t, "2")
		until(ctx, t, `document.getElementById('row').hasAttribute('data-sent')`)
		press(ctx, t, "c")
		require.Equal(t, "note", run[string](ctx, t, `document.activeElement.id`))
		press(ctx, t, "typed")
		hold <- struct{}{}
		until(ctx, t, `document.querySelector('[name=version]').value === '2'`)
		require.Equal(t, "typed", run[string](ctx, t, `document.getElementById('note').value`))
		require.Equal(t, "note", run[string](ctx, t, `document.activeElement.id`), "the focus stays")
		require.True(t, run[bool](ctx, t, `document.getElementById('r2').checked`))
		require.Zero(t, run[int](ctx, t, `document.querySelectorAll('h1').length`), "the rest of the answer is left")
		press(ctx, t, "\x1b")
		require.Equal(t, "row", run[string](ctx, t, `document.activeElement.id`), "Escape leads back to the row")
		hold <- struct{}{}
		until(ctx, t, `document.querySelector('[name=version]').value === '3'`)
		require.Equal(t, "typed", run[string](ctx, t, `document.getElementById('note').defaultValue`), "leaving the field saved it")
		require.EqualValues(t, 2, saves.Load())
	})
	t.Run("a form is not sent twice", func(t *testing.T) {
		open(t)
		// The browser answers no question while it waits for the next page, so
		// the page notes what it saw.
		run[any](ctx, t, `document.getElementById('send').click(); setTimeout(() => {
			const send = document.getElementById('send');
			sessionStorage.busy = send.getAttribute('aria-busy') + ' ' + send.textContent;
			send.click();
			sessionStorage.again = 'pressed';
		}, 50)`)
		require.Eventually(t, func() bool { return plains.Load() > 0 }, 20*time.Second, 10*time.Millisecond)
		time.Sleep(200 * time.Millisecond) // for the second press
		hold <- struct{}{}
		until(ctx, t, `document.getElementById('done') !== null`)
		require.EqualValues(t, 1, plains.Load())
		require.Equal(t, "true Send pressed", run[string](ctx, t, `sessionStorage.busy + ' ' + sessionStorage.again`), "busy, the label stays")
	})
	t.Run("scripts in an answer are refused", func(t *testing.T) {
		open(t)
		run[any](ctx, t, `document.getElementById('scripted').click()`)
		until(ctx, t, `document.querySelector('.toast p')?.textContent === 'refused'`)
		require.True(t, run[bool](ctx, t, `window.ran === undefined && document.getElementById('note') !== null`))
		run[any](ctx, t, `document.querySelector('.toast [data-close]').click()`)
		require.Zero(t, run[int](ctx, t, `document.querySelectorAll('.toast').length`))
	})
	t.Run("text never becomes code", func(t *testing.T) {
		open(t)
		for _, attempt := range []string{
			`eval('1')`, `new Function('1')()`, `document.body.insertAdjacentHTML('beforeend', '<script>1</scr' + 'ipt>')`,
			`document.createElement('script').src = '/x.js'`, `window.trustedTypes.createPolicy('other', {})`,
		} {
			// Later, because the debugger's own evaluation is let through.
			require.True(t, run[bool](ctx, t, `new Promise((done) => setTimeout(() => { try { `+attempt+`; done(false) } catch { done(true) } }))`), attempt)
		}
	})
	t.Run("a broken answer keeps the page", func(t *testing.T) {
		open(t)
		run[any](ctx, t, `document.getElementById('breaks').click()`)
		until(ctx, t, `document.querySelector('.toast p')?.textContent === 'refused'`)
		require.False(t, run[bool](ctx, t, `document.getElementById('broken').hasAttribute('data-sent')`), "it can be sent again")
	})
	t.Run("the theme shows at once", func(t *testing.T) {
		open(t)
		run[any](ctx, t, `document.getElementById('dark').click()`)
		require.Equal(t, "dark", run[string](ctx, t, `document.documentElement.dataset.theme`))
		require.Equal(t, "rgb(19, 23, 21)", run[string](ctx, t, `getComputedStyle(document.documentElement).backgroundColor`))
	})
	t.Run("no connection says so", func(t *testing.T) {
		open(t)
		server.CloseClientConnections()
		run[any](ctx, t, `document.getElementById('broken').action = 'http://127.0.0.1:1/'; document.getElementById('breaks').click()`)
		until(ctx, t, `['unsent', 'refused'].includes(document.querySelector('.toast p')?.textContent)`)
	})
	require.NotContains(t, strings.ToLower(page), "<script")
}
