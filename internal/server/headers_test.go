package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"waymark/internal/server"
)

// expectedHeaders are what every answer carries. The nonce of the policy is
// another for each.
func expectedHeaders() map[string]string {
	return map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"X-Frame-Options":              "DENY",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=()",
	}
}

var pagePolicy = regexp.MustCompile(`^default-src 'none'; script-src 'nonce-([A-Za-z0-9+/=]{24,})' 'strict-dynamic'; style-src 'self'; img-src 'self'; ` +
	`connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default$`)

// faultsOfHeaders names what is wrong with an answer's headers.
func faultsOfHeaders(path string, h http.Header) []string {
	var out []string
	for name, want := range expectedHeaders() {
		if got := h.Values(name); len(got) != 1 || got[0] != want {
			out = append(out, fmt.Sprintf("%s is %q", name, got))
		}
	}
	csp := h.Values("Content-Security-Policy")
	if len(csp) != 1 || (!pagePolicy.MatchString(csp[0]) && csp[0] != "sandbox; default-src 'none'") {
		out = append(out, fmt.Sprintf("Content-Security-Policy is %q", csp))
	}
	if !strings.HasPrefix(path, "/static/") && h.Get("Cache-Control") != "no-store" {
		out = append(out, "may be kept: "+h.Get("Cache-Control"))
	}
	for _, name := range []string{"Server", "X-Powered-By"} {
		if h.Get(name) != "" {
			out = append(out, "tells "+name)
		}
	}
	return out
}

var tags = regexp.MustCompile(`(?s)<!--.*?-->|<!doctype[^>]*>|<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*(/?)>`)

// void are the elements that have no end tag.
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// unclosed walks through a page's tags and names those that do not match. What
// a script holds is no markup.
func unclosed(page string) []string {
	var out, open []string
	for _, m := range tags.FindAllStringSubmatch(page, -1) {
		name := strings.ToLower(m[2])
		inScript := len(open) > 0 && (open[len(open)-1] == "script" || open[len(open)-1] == "style")
		switch {
		case name == "", inScript && (m[1] == "" || name != open[len(open)-1]), slices.Contains(void, name):
		case m[1] == "" && m[4] == "/": // an element of SVG
		case m[1] == "":
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			return append(out, "</"+name+"> inside "+strings.Join(open, " "))
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		out = append(out, "unclosed: "+strings.Join(open, " "))
	}
	return out
}

// faultsOfPage names what is wrong with a page's markup.
func faultsOfPage(body string, policy string) []string {
	out := unclosed(body)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader([]byte(body)))
	if err != nil {
		return append(out, err.Error())
	}
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	nonce := ""
	if m := pagePolicy.FindStringSubmatch(policy); m != nil {
		nonce = m[1]
	}
	if doc.Find("h1").Length() != 1 {
		say("%d headings of the first rank", doc.Find("h1").Length())
	}
	if lang := doc.Find("html").AttrOr("lang", ""); lang != "en" && lang != "zh-Hans" {
		say("language %q", lang)
	}
	if doc.Find("title").First().Text() == "" || doc.Find("main").Length() != 1 {
		say("no title, or not one main")
	}
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); id == "" || ids[id] {
			say("id %q twice or empty", id)
		} else {
			ids[id] = true
		}
	})
	for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form"} {
		doc.Find("[" + name + "]").Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr(name, "")) {
				if !ids[id] {
					say("%s of %s leads to no %s", name, goquery.NodeName(s), id)
				}
			}
		})
	}
	doc.Find(`input:not([type=hidden]):not([type=submit]):not([hidden]):not([aria-hidden=true]), select, textarea`).Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if s.AttrOr("aria-label", s.AttrOr("aria-labelledby", "")) == "" && s.Closest("label").Length() == 0 && (id == "" || doc.Find(`label[for="`+id+`"]`).Length() == 0) {
			say("field %s has no label", s.AttrOr("name", id))
		}
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, attr := range s.Nodes[0].Attr {
			switch {
			case attr.Key == "style", strings.HasPrefix(attr.Key, "on"):
				say("%s of %s", attr.Key, goquery.NodeName(s))
			case strings.HasPrefix(strings.ToLower(strings.TrimSpace(attr.Val)), "javascript:"):
				say("an address that is a script")
			case strings.HasPrefix(attr.Val, "http") && (attr.Key == "src" || (attr.Key == "href" && goquery.NodeName(s) == "link")):
				say("loads %s", attr.Val)
			}
		}
	})
	if doc.Find("style").Length() > 0 {
		say("a style sheet within the page")
	}
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		if s.AttrOr("nonce", "") != nonce || nonce == "" {
			say("a script without the nonce")
		}
	})
	return out
}

// TestEveryAnswerIsSafeToShow looks at the headers and the markup of every page
// and of every kind of failure (S11).
func TestEveryAnswerIsSafeToShow(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	g.counts.failCommits(true)
	nonces := map[string]bool{}
	var found []string
	check := func(path string, a *answer) {
		for _, f := range faultsOfHeaders(path, a.header) {
			found = append(found, path+": "+f)
		}
		if m := pagePolicy.FindStringSubmatch(a.header.Get("Content-Security-Policy")); m != nil {
			if nonces[m[1]] {
				found = append(found, path+": a nonce twice")
			}
			nonces[m[1]] = true
		}
		if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.status != http.StatusSeeOther {
			for _, f := range faultsOfPage(a.body, a.header.Get("Content-Security-Policy")) {
				found = append(found, fmt.Sprintf("%s (%d): %s", path, a.status, f))
			}
		}
	}
	for _, lang := range []string{"en", "zh"} {
		g.exec(`UPDATE person SET language = $1`, lang)
		for _, route := range g.server.Routes() {
			if route.Method != http.MethodGet {
				continue
			}
			who, query := g.reader("GET " + route.Pattern)
			path := filled(route.Pattern, nil, g.ours.IDs) + query
			for _, name := range []string{who, "sponsor", "member", "guest", "nobody", ""} {
				check(path, g.as(t, name).get(path))
			}
		}
		manager := g.as(t, "manager")
		for _, a := range acts() {
			check(a.path(g.ours.IDs), g.as(t, a.as).do(http.MethodPost, a.path(g.ours.IDs), strings.NewReader("version=x&key=x"), formType))
			check(a.path(g.ours.IDs), manager.do(http.MethodPost, a.path(g.ours.IDs), strings.NewReader("{}"), "application/json"))
		}
		for _, path := range []string{"/nowhere", "/o/x", g.path("/steps/nowhere"), "/static/nowhere.css", "/static/../go.mod", "/%00", "/admin/outbox/x"} {
			check(path, manager.get(path))
			check(path, manager.post(path))
			check(path, manager.do(http.MethodPut, path, nil, ""))
		}
		check("/sign-out", manager.do(http.MethodDelete, "/sign-out", nil, ""))
	}
	slices.Sort(found)
	require.Empty(t, slices.Compact(found))
	for asset := range strings.SplitSeq(g.as(t, "").get("/sign-in").attr(`link[rel="stylesheet"]`, "href"), ",") {
		check(asset, g.as(t, "").get(asset).ok())
	}
	require.Empty(t, found)
}

// TestSecureCookieAndTransport looks at what https adds.
func TestSecureCookieAndTransport(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	g.setPassword("manager", actPassword)
	s := g.serving(t, g.use(t), func(o *server.Options) { o.URL = baseURL(t, "https://waymark.example.org") })
	answer := s.as(t, "").post("/sign-in", "email", "manager@example.org", "password", actPassword).is(http.StatusSeeOther)
	require.Equal(t, "max-age=31536000; includeSubDomains", answer.header.Get("Strict-Transport-Security"))
	cookie := answer.header.Get("Set-Cookie")
	for _, word := range []string{"__Host-waymark=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"} {
		require.Contains(t, cookie, word)
	}
	require.NotContains(t, cookie, "Domain")
}

// TestUnsafeAnswersAreFound is the control: a header less, and each fault of
// markup planted into a page of ours.
func TestUnsafeAnswersAreFound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name := range expectedHeaders() {
		w := httptest.NewRecorder()
		s.server.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/sign-in", http.NoBody))
		require.Empty(t, faultsOfHeaders("/sign-in", w.Header()))
		w.Header().Del(name)
		require.NotEmpty(t, faultsOfHeaders("/sign-in", w.Header()), name)
	}
	page := s.as(t, "manager").get(s.path("/steps/awareness")).ok()
	policy := page.header.Get("Content-Security-Policy")
	require.Empty(t, faultsOfPage(page.body, policy))
	for _, planted := range []string{
		`<div>`, `</section>`, `<p style="color: red">x</p>`, `<b onclick="x()">x</b>`, `<script>x()</script>`, `<style>b{}</style>`, `<h1>Again</h1>`,
		`<label for="nothing">x</label>`, `<input name="bare">`, `<a href="javascript:x()">x</a>`, `<i id="twin"></i><i id="twin"></i>`, `<img alt="" src="https://example.net/x.png">`,
	} {
		require.NotEmpty(t, faultsOfPage(strings.Replace(page.body, "</main>", planted+"</main>", 1), policy), planted)
	}
}
