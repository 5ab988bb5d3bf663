package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/pgtest"
)

// payloads are what no form expects, by name.
func payloads() map[string]string {
	return map[string]string{
		"empty":             "",
		"spaces":            " \t \n ",
		"NUL":               "a\x00b",
		"NUL alone":         "\x00",
		"invalid UTF-8":     "a\xff\xfe\x80b",
		"half a character":  "\xe4\xbd",
		"surrogate":         "\xed\xa0\x80",
		"control":           "a\x01\x1b[31m\x7fb",
		"right to left":     "\u202egnp.exe\u2066",
		"lone combining":    strings.Repeat("\u0301", 300),
		"emoji":             strings.Repeat("👩‍👩‍👧‍👦", 80),
		"huge":              strings.Repeat("x", 1<<20),
		"long":              strings.Repeat("長", 11_000),
		"long word":         strings.Repeat("W", 301),
		"quote":             `'; DROP TABLE person; --`,
		"union":             `1) UNION SELECT password FROM person --`,
		"dollar":            `$1 $$ @organization {organization} %s %d %n`,
		"markup":            `<script>alert(1)</script><img src=x onerror=alert(1)>`,
		"attribute":         `" autofocus onfocus=alert(1) x="`,
		"template":          `{{.}}${7*7}<%= 7*7 %>`,
		"formula":           `=cmd|' /C calc'!A0`,
		"script address":    `javascript:alert(1)`,
		"file address":      `file:///etc/passwd`,
		"path":              `../../../../etc/passwd`,
		"header":            "x\r\nSet-Cookie: waymark=1",
		"negative":          "-1",
		"overflow":          "99999999999999999999999999",
		"int32":             "2147483648",
		"int64":             "9223372036854775808",
		"fraction":          "1.5",
		"exponent":          "1e308",
		"not a number":      "NaN",
		"hexadecimal":       "0x10",
		"full width digits": "１２",
		"no such day":       "2026-02-30",
		"year zero":         "0000-00-00",
		"far year":          "999999-12-31",
		"day before Christ": "-4713-01-01",
		"infinity":          "infinity",
		"id of nothing":     "00000000-0000-0000-0000-000000000000",
		"id in capitals":    "0198FFFF-FFFF-7FFF-BFFF-FFFFFFFFFFFF",
		"id too long":       "0198ffff-ffff-7fff-bfff-ffffffffffff0",
		"word":              "nonsense",
		"array":             "[]",
		"object":            `{"$ne":null}`,
	}
}

// internals are what no page may show.
var internals = regexp.MustCompile(`(?i)sqlstate|pgx|pgconn|goroutine \d|runtime error|\.go:\d+|invalid byte sequence|violates .* constraint|syntax error at|stack trace|/internal/|panic:|relation "`)

// attack is one hostile request.
type attack struct {
	act         *act
	name        string
	method      string
	path        string
	body        func() (io.Reader, string)
	kept        string // must be shown again with 409 and 422
	mayRedirect bool
}

// shape is a way to spoil a whole request.
func shapes(g *grounds, a *act) []attack {
	good := a.path(g.ours.IDs)
	form := func(v url.Values) func() (io.Reader, string) {
		return func() (io.Reader, string) { return strings.NewReader(v.Encode()), formType }
	}
	raw := func(body, kind string) func() (io.Reader, string) {
		return func() (io.Reader, string) { return strings.NewReader(body), kind }
	}
	values := func() url.Values { return a.values(g.ours.IDs, newKey()) }
	many := values()
	for i := range 2100 {
		many.Add("more", fmt.Sprint(i))
	}
	stale := values()
	stale.Set("version", "0")
	future := values()
	future.Set("version", "77")
	long := values()
	long.Set(strings.Repeat("n", 5000), "x")
	return []attack{
		{name: "nothing", body: form(url.Values{})},
		{name: "json", body: raw(`{"version":1}`, "application/json")},
		{name: "no type", body: raw(values().Encode(), "")},
		{name: "text", body: raw("x", "text/plain")},
		{name: "broken type", body: raw("x", "multipart/form-data")},
		{name: "broken parts", body: raw("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", "multipart/form-data; boundary=b")},
		{name: "broken escape", body: raw("version=%zz&a=%", formType)},
		{name: "semicolons", body: raw("a=1;version=1", formType)},
		{name: "over the limit", body: raw("a="+strings.Repeat("x", 300<<10), formType)},
		{name: "many fields", body: form(many)},
		{name: "a long name", body: form(long), mayRedirect: true},
		{name: "as parts", mayRedirect: true, body: func() (io.Reader, string) {
			b, kind := multipartForm(values())
			return b, kind
		}},
		{name: "stale", body: form(stale), mayRedirect: true},
		{name: "from the future", body: form(future), mayRedirect: true},
		{name: "a deep query", path: good + "?" + strings.Repeat("a[b]=1&", 500) + "language=zh&text=%00%ff", body: form(url.Values{})},
		{name: "a wrong method", method: http.MethodPut, body: form(values())},
	}
}

// attacks makes the hostile requests of one form: every field with every
// payload, missing, and twice; and the request as a whole spoilt.
func (g *grounds) attacks(a *act) []attack {
	out := shapes(g, a)
	values := a.values(g.ours.IDs, newKey())
	keeps := filled(a.keeps, a.with, g.ours.IDs)
	for _, field := range sortedKeys(values) {
		add := func(name string, spoil func(url.Values)) {
			v := a.values(g.ours.IDs, newKey())
			at := attack{name: field + ": " + name, mayRedirect: true}
			if keeps != "" && keeps != field && keeps != "email" {
				at.kept = "Kept for you"
				v.Set(keeps, at.kept)
			}
			spoil(v)
			at.body = func() (io.Reader, string) { return strings.NewReader(v.Encode()), formType }
			out = append(out, at)
		}
		add("missing", func(v url.Values) { v.Del(field) })
		add("twice", func(v url.Values) { v.Add(field, "another") })
		for name, payload := range payloads() {
			add(name, func(v url.Values) { v.Set(field, payload) })
		}
		add("theirs", func(v url.Values) { v.Set(field, g.theirs.IDs["task"]) })
	}
	for i := range out {
		out[i].act = a
		if out[i].path == "" {
			out[i].path = a.path(g.ours.IDs)
		}
		if out[i].method == "" {
			out[i].method = http.MethodPost
		}
	}
	slices.SortFunc(out, func(x, y attack) int { return strings.Compare(x.name, y.name) })
	return out
}

// fits says what is wrong with the answer to something hostile.
func fits(at *attack, answer *answer, chinese bool) string {
	switch answer.status {
	case http.StatusSeeOther:
		if !at.mayRedirect {
			return "was taken"
		}
		return ""
	case http.StatusInsufficientStorage: // where commits are made to fail
		return ""
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusMethodNotAllowed, http.StatusUnauthorized:
	default:
		return fmt.Sprintf("answered %d", answer.status)
	}
	if answer.doc == nil {
		return "no page: " + answer.header.Get("Content-Type")
	}
	text := answer.text("main")
	switch {
	case internals.MatchString(text):
		return "shows " + internals.FindString(text)
	case len([]rune(text)) < 8, strings.Contains(text, "["+"form."), strings.Contains(text, "[fault."):
		return "says nothing: " + text
	case chinese && !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }):
		return "is not in the reader's language: " + text
	case strings.Contains(answer.body, "<script>alert(1)"), strings.Contains(answer.body, `" autofocus onfocus=alert(1)`):
		return "shows markup as it was typed"
	}
	form := answer.status == http.StatusUnprocessableEntity || answer.status == http.StatusConflict
	if form && at.kept != "" && answer.doc.Find("main form").Length() > 0 && answer.doc.Find(`[role="alert"], .summary`).Length() == 0 {
		return "does not say what is wrong"
	}
	if answer.status == http.StatusUnprocessableEntity && at.kept != "" && !strings.Contains(answer.body, at.kept) {
		return "lost what was typed"
	}
	return ""
}

// TestHostileInput posts what no page of ours would to every form and every
// field of it (S5): never a failure of ours, always a sentence in the reader's
// language, nothing typed lost, nothing internal shown. Commits fail while it
// runs, so that every request meets the same rows. The long form takes
// everything, the short one an even share.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	g.setPassword("manager", actPassword)
	g.exec(`UPDATE person SET language = 'zh' WHERE email IN ('manager@example.org', 'owner@example.org')`)
	g.exec(`UPDATE task SET finding_id = NULL WHERE organization_id = $1`, g.ours.Organization) // so that it can be planned
	g.counts.failCommits(true)
	before := pgtest.Contents(t, g.owner, g.ours.Organization)
	share, sent, all := 12, 0, 0
	if prove() {
		share = 1
	}
	var found []string
	chinese := map[string]bool{"": true, "manager": true, "owner": true}
	for _, a := range acts() {
		if a.route == "POST /set-up" {
			continue // is over; the tests of set-up post to it
		}
		v := g.as(t, a.as)
		if chinese[a.as] {
			v.header.Set("Accept-Language", "zh-CN")
		}
		for _, at := range g.attacks(&a) {
			if all++; all%share != 0 {
				continue
			}
			sent++
			body, kind := at.body()
			answer := v.do(at.method, at.path, body, kind)
			if problem := fits(&at, answer, chinese[a.as]); problem != "" {
				found = append(found, fmt.Sprintf("%s, %s: %s", a.route, at.name, problem))
			}
		}
	}
	require.Empty(t, sorted(found))
	require.Equal(t, before, pgtest.Contents(t, g.owner, g.ours.Organization))
	require.Greater(t, all, 10_000)
	t.Logf("%d of %d hostile inputs", sent, all)
}

// TestHostileAddresses asks for pages with queries and ids that no link has.
func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	manager := g.as(t, "manager")
	payload := payloads()
	delete(payload, "huge") // no server reads an address that long
	delete(payload, "long")
	names := sortedKeys(payload)
	n := 0
	for _, route := range g.server.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		path := filled(route.Pattern, nil, g.ours.IDs)
		var queries []string
		for _, field := range []string{"state", "owner", "step", "late", "finding", "sort", "after", "before", "behind", "clause", "severity", "text", "show", "rating", "check", "criterion", "language", "next", "token", "saved", "answer", "task", "role", "evidence"} {
			n++
			queries = append(queries, url.Values{field: {payload[names[n%len(names)]]}}.Encode())
		}
		queries = append(queries, "%zz", "a=%00;b", strings.Repeat("a[]=1&", 900))
		for i, query := range queries {
			if !prove() && i%3 != n%3 {
				continue
			}
			answer := manager.get(path + "?" + query)
			require.Less(t, answer.status, 500, "%s?%s", path, query)
			require.NotRegexp(t, internals, answer.text("main"), path)
		}
		for _, word := range words(route.Pattern) {
			for _, name := range []string{"quote", "path", "id of nothing", "id in capitals", "huge number", "NUL"} {
				value := url.PathEscape(payload[name])
				answer := manager.get(filled(route.Pattern, nil, idsWith(g.ours.IDs, word, value)))
				require.Less(t, answer.status, 500, "%s with %s", route.Pattern, name)
			}
		}
	}
}

// TestFormsOfPagesAreAttacked holds the list of fields complete: every form
// that a page shows goes to a route that is attacked, with fields that are.
func TestFormsOfPagesAreAttacked(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	fields := map[string]map[string]bool{}
	for _, a := range acts() {
		path := strings.Split(a.path(g.ours.IDs), "?")[0]
		if fields[path] == nil {
			fields[path] = map[string]bool{}
		}
		for name := range a.values(g.ours.IDs, "") {
			fields[path][name] = true
		}
	}
	missing := map[string]bool{}
	for _, route := range g.server.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		for _, name := range []string{"owner", "manager", "sponsor", "member"} {
			answer := g.as(t, name).get(filled(route.Pattern, nil, g.ours.IDs) + queryOf("GET "+route.Pattern))
			if answer.doc == nil {
				continue
			}
			for _, form := range answer.doc.Find(`form[method="post"], form[method="POST"]`).EachIter() {
				action := strings.Split(form.AttrOr("action", ""), "?")[0]
				for _, field := range form.Find("[name]").EachIter() {
					known, listed := fields[action]
					if name := field.AttrOr("name", ""); listed && name != "back" && name != "username" && name != "file" && !known[name] {
						missing[action+" "+name] = true
					}
				}
			}
		}
	}
	require.Empty(t, sortedKeys(missing))
}

// TestCarelessAnswersAreFound is the control: answers as they would be with a
// validation removed.
func TestCarelessAnswersAreFound(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	page := g.as(t, "manager").post(g.path("/steps/awareness"), "version", "x").is(http.StatusUnprocessableEntity)
	at := &attack{kept: "Kept for you"}
	for name, spoil := range map[string]func(*answer){
		"a failure": func(a *answer) { a.status = http.StatusInternalServerError },
		"taken":     func(a *answer) { a.status = http.StatusSeeOther },
		"an internal": func(a *answer) {
			a.doc.Find("main").SetText("ERROR: invalid byte sequence for encoding (SQLSTATE 22021)")
		},
		"nothing":            func(a *answer) { a.doc.Find("main").SetText("") },
		"another language":   func(a *answer) { a.doc.Find("main").SetText("This is not what was expected") },
		"what was typed":     func(a *answer) { a.body = strings.ReplaceAll(a.body, at.kept, "") },
		"markup as typed in": func(a *answer) { a.body += "<script>alert(1)</script>" },
	} {
		spoilt := *page
		spoilt.body += at.kept
		spoilt.doc = g.as(t, "manager").post(g.path("/steps/awareness"), "version", "x").doc
		spoil(&spoilt)
		require.NotEmpty(t, fits(at, &spoilt, true), name)
	}
}
