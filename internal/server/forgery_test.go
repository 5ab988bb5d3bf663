package server_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"waymark/internal/pgtest"
)

// forged are the headers that a browser sends with a form of another site, or
// of one that hides where it is from.
func forged() map[string]map[string]string {
	return map[string]map[string]string{
		"cross-site":                {"Sec-Fetch-Site": "cross-site"},
		"same-site":                 {"Sec-Fetch-Site": "same-site"},
		"cross-site with origin":    {"Sec-Fetch-Site": "cross-site", "Origin": "https://example.net"},
		"origin of another":         {"Origin": "https://example.net"},
		"origin null":               {"Origin": "null"},
		"origin null, cross-site":   {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
		"another port":              {"Origin": "http://127.0.0.1:1"},
		"a name that begins alike":  {"Origin": "http://127.0.0.1.example.net"},
		"cross-site, origin of own": {"Sec-Fetch-Site": "cross-site", "Origin": "own"},
	}
}

// accepted sends every form with forged headers, and gives those that were not
// refused.
func accepted(t *testing.T, h http.Handler, g *grounds) []string {
	t.Helper()
	var out []string
	for _, a := range acts() {
		for name, headers := range forged() {
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
				if method != http.MethodPost && name != "cross-site" {
					continue
				}
				r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8080"+a.path(g.ours.IDs), strings.NewReader(a.values(g.ours.IDs, newKey()).Encode()))
				r.Header.Set("Content-Type", formType)
				r.Header.Set("Cookie", "waymark="+g.tokens[a.as])
				for k, v := range headers {
					if v == "own" {
						v = "http://" + r.Host
					}
					r.Header.Set(k, v)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusForbidden {
					out = append(out, method+" "+a.route+" "+name)
				}
			}
		}
	}
	return out
}

// TestForgedFormsAreRefused sends every form as another site would (S12).
func TestForgedFormsAreRefused(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	g.counts.failCommits(true)
	before := pgtest.Contents(t, g.owner, "")
	require.Empty(t, accepted(t, g.server.Handler(), g))
	require.Equal(t, before, pgtest.Contents(t, g.owner, ""))

	// The control: the same forms from our own pages are taken, and a handler
	// without the protection takes the forged ones.
	for _, a := range acts() {
		if a.before != nil || special(a.route) {
			continue
		}
		v := g.as(t, a.as)
		v.header.Set("Sec-Fetch-Site", "same-origin")
		require.Contains(t, []int{http.StatusInsufficientStorage, http.StatusConflict}, g.send(v, &a, g.ours.IDs, newKey()).status, a.route)
	}
	open := chi.NewRouter()
	open.HandleFunc("/*", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusSeeOther) })
	require.Greater(t, len(accepted(t, open, g)), len(acts()))
}

// changedBy visits every page and names the tables that differ afterwards.
func changedBy(t *testing.T, g *grounds, visit func()) []string {
	t.Helper()
	before := pgtest.Contents(t, g.owner, "")
	visit()
	after := pgtest.Contents(t, g.owner, "")
	maps.DeleteFunc(after, func(table, digest string) bool { return before[table] == digest })
	return slices.Collect(maps.Keys(after))
}

// TestReadingChangesNothing visits every page, commits allowed: only the stamp
// of the last visit moves, at most once a minute (S12).
func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	visit := func() {
		for _, route := range g.server.Routes() {
			if route.Method == http.MethodGet {
				who, query := g.reader("GET " + route.Pattern)
				path := filled(route.Pattern, nil, g.ours.IDs) + query
				g.as(t, who).get(path)
				g.as(t, "").do(http.MethodHead, path, nil, "")
			}
		}
	}
	require.Empty(t, changedBy(t, g, visit))

	stamps := func() []time.Time {
		return []time.Time{value[time.Time](g.site, `SELECT max(last_seen_at) FROM session WHERE person_id = $1`, g.People["manager"])}
	}
	first := stamps()
	g.now = g.now.Add(30 * time.Second)
	g.as(t, "manager").get("/profile").ok()
	require.Equal(t, first, stamps(), "not within a minute")
	g.now = g.now.Add(45 * time.Second)
	g.as(t, "manager").get("/profile").ok()
	second := stamps()
	require.NotEqual(t, first, second)
	g.now = g.now.Add(10 * time.Second)
	require.Empty(t, changedBy(t, g, visit))
	require.Equal(t, second, stamps())

	// The control: a page that changes something is found.
	require.Equal(t, []string{"project"}, changedBy(t, g, func() { g.exec(`UPDATE project SET version = version + 1`) }))
}
