package browsertest_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waymark/internal/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// policy is as strict as the one of the product: what works under it here works
// there.
const policy = "default-src 'none'; script-src 'nonce-n1' 'strict-dynamic'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types default"

const head = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Harness</title>
<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/style.css"></head><body><main><h1>Harness</h1>`

const foot = `</main></body></html>`

// site serves a page for every ability of the harness.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	page := func(path, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			write(w, http.StatusOK, body)
		})
	}
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		_, _ = io.WriteString(w, `body { color: #111; background: #fff }
			@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } }
			@media (width < 600px) { .wide { display: none } }
			.faint { color: #ccc; background: #fff }
			.veil { position: fixed; inset: 0; background: #fff }
			.check { position: absolute; opacity: 0; width: 1px; height: 1px; clip-path: inset(50%) }`)
	})
	mux.HandleFunc("GET /icon.svg", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg"/>`)
	})
	page("/form", `<form method="post" action="/form" enctype="multipart/form-data">
		<p><label for="name">Name <span>(required)</span></label><input id="name" name="name" required></p>
		<p><label for="note">Note</label><textarea id="note" name="note"></textarea></p>
		<p><label for="due">Due</label><input id="due" name="due" type="date"></p>
		<p><label for="role">Role</label><select id="role" name="role"><option value="">Choose</option><option value="lead">Project lead</option></select></p>
		<p><input class="check" type="checkbox" id="agree" name="agree"><label for="agree">I agree</label></p>
		<p><label for="file">Evidence</label><input id="file" name="file" type="file"></p>
		<button>Save</button></form>`)
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(120 * time.Millisecond) // slower than the time that counts as rest
		write(w, http.StatusConflict, fmt.Sprintf("<p id=got>%s|%s|%s|%s|%s|%s</p>", r.FormValue("name"), r.FormValue("note"),
			r.FormValue("due"), r.FormValue("role"), r.FormValue("agree"), uploaded(r)))
	})
	page("/links", `<p class="wide">Wide only</p><p><a href="/form">Open the form</a></p>
		<table><tr id="a"><td>Alpha</td><td><a href="/alpha">Edit</a></td></tr><tr id="b"><td>Beta</td><td><a href="/beta">Edit</a></td></tr></table>`)
	page("/alpha", `<p>Alpha page</p>`)
	page("/beta", `<p>Beta page</p>`)
	page("/script", `<p id="out">before</p><button id="go">Go</button><script nonce="n1">
		document.getElementById("go").addEventListener("click", async () => {
			const answer = await fetch("/slow");
			document.getElementById("out").textContent = await answer.text();
		});
		new EventSource("/events");</script><noscript>Scripts are off</noscript>`)
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(150 * time.Millisecond)
		_, _ = io.WriteString(w, "after")
	})
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("GET /language", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes", HttpOnly: true})
		_, err := r.Cookie("seen")
		write(w, http.StatusOK, fmt.Sprintf("<p>%s, again: %t</p>", r.Header.Get("Accept-Language"), err == nil))
	})
	mux.HandleFunc("GET /boom", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusInternalServerError, "<p>Sorry</p>")
	})
	page("/axe", `<p class="faint">Hard to read</p><input type="text">`)
	page("/csp", `<p style="color:red">Styled in place</p><img src="http://elsewhere.example/x.png" alt="Far away"><script>document.title = "run"</script>`)
	page("/types", `<p id="out">Safe</p><script nonce="n1">document.getElementById("out").innerHTML = "<b>unsafe</b>"</script>`)
	page("/console", `<script nonce="n1">console.error("planted", "error"); setTimeout(() => { throw new Error("planted throw") })</script><img src="/gone.png" alt="Gone">`)
	page("/alert", `<button id="ask">Ask</button><script nonce="n1">document.getElementById("ask").addEventListener("click", () => alert("Sure?"))</script>`)
	page("/covered", `<button>Under</button><div class="veil"></div>`)
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

func uploaded(r *http.Request) string {
	_, file, err := r.FormFile("file")
	if err != nil {
		return ""
	}
	return file.Filename
}

func write(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, head+body+foot)
}

func TestFillsAndSendsAForm(t *testing.T) {
	t.Parallel()
	b, s := browsertest.New(t), site(t)
	evidence := filepath.Join(t.TempDir(), "evidence.txt")
	require.NoError(t, os.WriteFile(evidence, []byte("minutes"), 0o600))
	for name, options := range map[string][]browsertest.Option{
		"with scripts":    nil,
		"without scripts": {browsertest.NoScript()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := b.Visit(t, s.URL, options...)
			p.Open("/form")
			require.Equal(t, 200, p.Status())
			p.Fill("Name", "first")
			p.Fill("Name", "王伟 Ada")
			p.Fill("Note", "one\ntwo")
			p.Fill("Due", "2026-06-12")
			p.Select("Role", "Project lead")
			p.Check("I agree")
			p.Check("I agree")
			p.Upload("Evidence", evidence)
			require.Equal(t, "王伟 Ada", p.Value("Name"))
			require.Equal(t, "true", p.Value("I agree"))

			p.ClickText("Save")
			require.Equal(t, "王伟 Ada|one two|2026-06-12|lead|on|evidence.txt", p.Text("#got"))
			require.Equal(t, 409, p.Status())
			require.Equal(t, "/form", p.Path())
		})
	}
}

func TestFindsByTextWithinAPart(t *testing.T) {
	t.Parallel()
	p := browsertest.New(t).Visit(t, site(t).URL)
	p.Open("/links")
	p.Within("#b").ClickText("Edit")
	p.See("Beta page")
	require.Equal(t, "/beta", p.Path())
	p.Back()
	require.Equal(t, []string{"Alpha", "Beta"}, p.Texts("td:first-child"))
	p.Click("#a a")
	p.See("Alpha page")
	p.NotSee("Beta page")
}

func TestWorksTheKeyboard(t *testing.T) {
	t.Parallel()
	p := browsertest.New(t).Visit(t, site(t).URL)
	p.Open("/form")
	require.Empty(t, p.Focused())
	p.Press("Tab")
	require.Equal(t, "Name (required)", p.Focused())
	p.Type("Ada")
	p.Press("Tab", "Shift+Tab")
	require.Equal(t, "Name (required)", p.Focused())
	p.Press("Enter")
	require.Equal(t, "Ada|||||", p.Text("#got"))
}

func TestWaitsForScriptsAndNotForStreams(t *testing.T) {
	t.Parallel()
	p := browsertest.New(t).Visit(t, site(t).URL)
	p.Open("/script")
	p.Click("#go")
	require.Equal(t, "after", p.Text("#out"))

	var sum int
	p.Eval("1 + 2", &sum)
	require.Equal(t, 3, sum)
}

func TestTurnsScriptsOff(t *testing.T) {
	t.Parallel()
	p := browsertest.New(t).Visit(t, site(t).URL, browsertest.NoScript())
	p.Open("/script")
	p.See("Scripts are off")
	p.Click("#go")
	require.Equal(t, "before", p.Text("#out"))
}

func TestPeopleShareNothing(t *testing.T) {
	t.Parallel()
	b, s := browsertest.New(t), site(t)
	ada := b.Visit(t, s.URL, browsertest.Language("zh-CN,zh"))
	ada.Open("/language")
	ada.Reload()
	ada.See("zh-CN,zh;q=0.9, again: true")
	require.True(t, ada.Cookies()["seen"].HTTPOnly)

	bo := b.Visit(t, s.URL, browsertest.Language("en"))
	bo.Open("/language")
	bo.See("en, again: false")
}

func TestEmulatesWindowAndTheme(t *testing.T) {
	t.Parallel()
	p := browsertest.New(t).Visit(t, site(t).URL, browsertest.Dark(), browsertest.Size(1000, 700))
	p.Open("/links")
	p.See("Wide only")
	var background string
	p.Eval("getComputedStyle(document.body).backgroundColor", &background)
	require.Equal(t, "rgb(17, 17, 17)", background)

	p.EmulateDark(false)
	p.Viewport(400, 700)
	p.NotSee("Wide only")
	p.Eval("getComputedStyle(document.body).backgroundColor", &background)
	require.Equal(t, "rgb(255, 255, 255)", background)

	file := filepath.Join(t.TempDir(), "page.png")
	p.Screenshot(file)
	p.FullScreenshot("full.png")
	for _, f := range []string{file, filepath.Join(t.ArtifactDir(), "full.png")} {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(data), "\x89PNG"), f)
	}
}

// The controls: each fault is planted, and the harness must find it.

func TestFindsAccessibilityFaults(t *testing.T) {
	t.Parallel()
	p := browsertest.New(t).Visit(t, site(t).URL)
	p.Open("/form")
	p.Axe()
	p.Open("/axe")
	rules := map[string]bool{}
	text := ""
	for _, v := range p.Violations() {
		rules[v.Rule] = true
		text += v.String()
	}
	require.Equal(t, map[string]bool{"color-contrast": true, "label": true}, rules)
	require.Contains(t, text, "Hard to read")

	failed := failure(t, func(t testing.TB) { p.With(t).Axe() })
	require.Contains(t, failed, "2 accessibility violations")
	require.Contains(t, failed, "color-contrast (serious)")
}

func TestFindsPolicyViolations(t *testing.T) {
	t.Parallel()
	p := browsertest.New(t).Visit(t, site(t).URL)
	p.Open("/csp")
	got := strings.Join(p.Problems(), "\n")
	require.Contains(t, got, "style-src")
	require.Contains(t, got, "img-src")
	require.Contains(t, got, "script-src")
	require.Contains(t, got, "request to another host: http://elsewhere.example/x.png")

	p.Open("/types")
	require.Contains(t, strings.Join(p.Problems(), "\n"), "trusted")
	require.Empty(t, p.Problems())
}

func TestFindsErrors(t *testing.T) {
	t.Parallel()
	b, s := browsertest.New(t), site(t)
	p := b.Visit(t, s.URL)
	p.Open("/console")
	got := strings.Join(p.Problems(), "\n")
	require.Contains(t, got, "console.error: planted error")
	require.Contains(t, got, "planted throw")
	require.Contains(t, got, "404 from "+s.URL+"/gone.png")

	p.Open("/boom")
	require.Equal(t, 500, p.Status())
	require.Equal(t, []string{"500 from " + s.URL + "/boom"}, p.Problems())

	p.Open("/alert")
	p.Click("#ask")
	require.Equal(t, []string{`dialog "alert": Sure?`}, p.Problems())
}

func TestFailsTheTestOnWhatNobodyTook(t *testing.T) {
	t.Parallel()
	b, s := browsertest.New(t), site(t)
	failed := failure(t, func(t testing.TB) { b.Visit(t, s.URL).Open("/console") })
	require.Contains(t, failed, "console.error: planted error")
	require.Empty(t, failure(t, func(t testing.TB) { b.Visit(t, s.URL).Open("/form") }))
}

func TestSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	b, s := browsertest.New(t), site(t)
	for path, c := range map[string]struct{ press, says string }{
		"/covered": {"Under", "lies under <div>"},
		"/links":   {"Edit", "is not one"},
		"/alpha":   {"Delete", "is not there"},
	} {
		t.Run(c.press, func(t *testing.T) {
			t.Parallel()
			p := b.Visit(t, s.URL, browsertest.Patience(time.Second))
			p.Open(path)
			failed := failure(t, func(t testing.TB) { p.With(t).ClickText(c.press) })
			require.Contains(t, failed, c.says)
			require.Contains(t, failed, path)
		})
	}
}

func TestAxeIsTheOneItSays(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("axe/axe.min.js")
	require.NoError(t, err)
	readme, err := os.ReadFile("axe/README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), fmt.Sprintf("SHA-256: %x", sha256.Sum256(source)))
}

// failure runs a test that is expected to fail and returns what it said. Its
// clean-up has run when failure returns.
func failure(t *testing.T, test func(testing.TB)) string {
	t.Helper()
	f := &failing{T: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer f.cleanUp()
		test(f)
	}()
	<-done
	return f.said.String()
}
