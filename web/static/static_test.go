package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func get(t *testing.T, method, url string, header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) []byte {
	t.Helper()
	content, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return content
}

func TestHandlerServesEveryFile(t *testing.T) {
	kinds := map[string]string{
		"app.css":     "text/css; charset=utf-8",
		"app.js":      "text/javascript; charset=utf-8",
		"favicon.svg": "image/svg+xml",
		"icons.svg":   "image/svg+xml",
	}
	require.Len(t, Names(), len(kinds), "a first visit fetches the page and these")
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			want, ok := Content(name)
			require.True(t, ok)
			require.Regexp(t, `^/static/[a-z]+\.[0-9a-f]{12}\.[a-z]+$`, URL(name))

			plain := get(t, http.MethodGet, URL(name), nil)
			require.Equal(t, http.StatusOK, plain.StatusCode)
			require.Equal(t, kind, plain.Header.Get("Content-Type"))
			require.Equal(t, "public, max-age=31536000, immutable", plain.Header.Get("Cache-Control"))
			require.Equal(t, "nosniff", plain.Header.Get("X-Content-Type-Options"))
			require.Equal(t, want, body(t, plain))

			packed := get(t, http.MethodGet, URL(name), map[string]string{"Accept-Encoding": "br, gzip;q=0.8"})
			require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"))
			require.Equal(t, "Accept-Encoding", packed.Header.Get("Vary"))
			wire := body(t, packed)
			require.Len(t, wire, PackedSize(name))
			unzip, err := gzip.NewReader(bytes.NewReader(wire))
			require.NoError(t, err)
			got, err := io.ReadAll(unzip)
			require.NoError(t, err)
			require.Equal(t, want, got)

			again := get(t, http.MethodGet, URL(name), map[string]string{"If-None-Match": plain.Header.Get("ETag")})
			require.Equal(t, http.StatusNotModified, again.StatusCode)
			require.Empty(t, body(t, again))

			head := get(t, http.MethodHead, URL(name), nil)
			require.Equal(t, http.StatusOK, head.StatusCode)
			require.Empty(t, body(t, head))
		})
	}
}

func TestHandlerRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		method, url string
		status      int
	}{
		"no hash":      {http.MethodGet, "/static/app.css", http.StatusNotFound},
		"wrong hash":   {http.MethodGet, "/static/app.000000000000.css", http.StatusNotFound},
		"the folder":   {http.MethodGet, "/static/", http.StatusNotFound},
		"a source":     {http.MethodGet, "/static/css/reset.css", http.StatusNotFound},
		"outside":      {http.MethodGet, "/static/../static.go", http.StatusNotFound},
		"other method": {http.MethodPost, URL("app.css"), http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			res := get(t, c.method, c.url, nil)
			require.Equal(t, c.status, res.StatusCode)
			require.Empty(t, res.Header.Get("ETag"))
			require.NoError(t, res.Body.Close())
		})
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br": false, "deflate, gzip;q=1.0, *;q=0.5": true,
		"gzip;q=0": false, "gzip; q=0.000": false, "*": true, "identity": false,
	} {
		require.Equal(t, want, acceptsGzip(header), header)
	}
}

func TestURLPanicsForUnknownNames(t *testing.T) {
	require.Panics(t, func() { URL("missing.css") })
	_, ok := Content("missing.css")
	require.False(t, ok)
	require.Zero(t, PackedSize("missing.css"))
}

// Weight is a promise of docs/design.md: the first visit costs at most 30 KB,
// of which the page itself is about 6.
func TestWeight(t *testing.T) {
	require.LessOrEqual(t, PackedSize("app.css"), 12<<10)
	total := 0
	for _, name := range Names() {
		total += PackedSize(name)
	}
	require.LessOrEqual(t, total, 18<<10)
}

func TestStyleSheetAsksForNothingElse(t *testing.T) {
	css, _ := Content("app.css")
	require.NotContains(t, string(css), "url(", "the content security policy allows no further files")
	require.NotContains(t, string(css), "@import")
	require.NotContains(t, string(css), "/*")
	require.True(t, bytes.HasPrefix(css, []byte("@layer reset, tokens, base, layout, components, page, print;")))
	require.Equal(t, strings.Count(string(css), "{"), strings.Count(string(css), "}"))

	// Right-to-left languages must cost nothing: no physical sides.
	physical := regexp.MustCompile(`(margin|padding|border)-(left|right|top|bottom)|[^-](left|right): |text-align: (left|right)`)
	require.Empty(t, physical.FindString(string(css)))
}

func TestScriptTurnsNoTextIntoCode(t *testing.T) {
	source, err := files.ReadFile("js/app.js")
	require.NoError(t, err)
	banned := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\bFunction\(|setAttribute\('on|import\(|javascript:`)
	require.Empty(t, banned.FindString(string(source)))
	require.NotContains(t, string(source), "`", "whole lines are dropped when they are comments: no text over several lines")
	require.True(t, banned.MatchString("node.innerHTML = text"), "the check can fail")
}
