package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/id"
	"waymark/internal/pgtest"
)

// call is one request of the crawl and what it must answer.
type call struct {
	route, as, path string
	form            string
	expect          []int
	why             string
}

// reader gives somebody who may read a route, and what its address needs.
func (g *grounds) reader(route string) (name, query string) {
	allowed := who()[demands()[route]]
	name = "manager"
	if !slices.Contains(allowed, name) {
		name = allowed[0]
	}
	return name, queryOf(route)
}

func queryOf(route string) string {
	switch {
	case strings.HasSuffix(route, "/waivers/new"):
		return "?criterion=1.2"
	case strings.HasSuffix(route, "/findings/new"):
		return "?check=4.1-a"
	}
	return ""
}

// may tells what a person gets on a route with ids of Halden's: nothing there,
// refused, or let in.
func may(route, name string) int {
	permission := demands()[route]
	allowed := who()[permission]
	if narrowed, ok := only()[route]; ok {
		allowed = narrowed
	}
	switch {
	case slices.Contains(allowed, name):
		return http.StatusOK
	case name == "":
		return http.StatusUnauthorized
	case permission == "administer", permission == "signed_in":
		return http.StatusNotFound
	case permission == "organization.manage" && name == "nobody":
		return http.StatusForbidden
	// What one may not read does not exist.
	case permission == "task.read", !slices.Contains(inProject(), name):
		return http.StatusNotFound
	}
	return http.StatusForbidden
}

// special are routes whose outcome hangs on more than who asks.
func special(route string) bool {
	switch route {
	case "GET /static/*", "GET /readyz", "GET /set-up", "POST /set-up", "GET /password/reset", "POST /password/reset", "GET /invitations/accept",
		"POST /invitations/accept", "POST /sign-in", "POST /password/forgot", "POST /profile/email", "POST /profile/password":
		return true
	}
	return false
}

// words are the ids that an address has after organization and project.
func words(pattern string) []string {
	var out []string
	for _, part := range strings.Split(pattern, "/") {
		word := strings.Trim(part, "{}")
		if word != part && !slices.Contains([]string{"organization", "project", "step", "subject", "check", "stage", "visit", "role"}, word) {
			out = append(out, word)
		}
	}
	return out
}

// calls makes the whole crawl. Every route of the policy × people × ids.
func (g *grounds) calls() []call {
	forms := map[string]act{}
	for _, a := range acts() {
		forms[a.route] = a
	}
	var out []call
	add := func(route, as string, ids map[string]string, why string, expect ...int) {
		method, pattern, _ := strings.Cut(route, " ")
		a := forms[route]
		given := a.with
		if strings.HasSuffix(route, "/file") {
			given = with("evidence", "{file}")
		}
		if _, word, one := strings.Cut(why, " "); one && (strings.HasPrefix(why, "foreign") || strings.HasPrefix(why, "random")) {
			given = maps.Clone(given)
			delete(given, word)
		}
		c := call{route: route, as: as, why: why, expect: expect, path: filled(pattern, given, ids) + queryOf(route)}
		if method == http.MethodPost {
			c.form = a.values(g.ours.IDs, newKey()).Encode()
		}
		out = append(out, c)
	}
	random := maps.Clone(g.ours.IDs)
	for word := range random {
		if _, fixed := map[string]bool{"check": true, "stage": true, "visit": true, "step": true, "subject": true, "role": true}[word]; !fixed {
			random[word] = newID[id.Row]().String()
		}
	}
	for _, route := range sortedKeys(demands()) {
		if special(route) {
			continue
		}
		_, pattern, _ := strings.Cut(route, " ")
		for _, name := range everybody() {
			outcome := may(route, name)
			switch {
			case route == "POST /profile/sessions/{session}/end" && name != "manager" && name != "":
				outcome = http.StatusNotFound // not theirs
			case outcome == http.StatusUnauthorized && strings.HasPrefix(route, "GET "):
				outcome = http.StatusSeeOther
			}
			switch {
			case outcome != http.StatusOK:
				add(route, name, g.ours.IDs, "not allowed", outcome)
			case strings.HasPrefix(route, "GET "):
				add(route, name, g.ours.IDs, "allowed", http.StatusOK, http.StatusSeeOther)
			default:
				// Committing fails, so that all that is left out is the effect.
				// Halden is no sample.
				done := http.StatusInsufficientStorage
				if strings.HasSuffix(route, "/delete-sample") {
					done = http.StatusNotFound
				}
				add(route, name, g.ours.IDs, "allowed", done, http.StatusConflict, http.StatusUnprocessableEntity)
			}
			if !strings.Contains(pattern, "{organization}") {
				continue
			}
			if name == "" || name == "stranger" {
				continue
			}
			// Another organization, another's project under one's own, and the
			// other way round; ids that nothing has.
			for why, ids := range map[string]map[string]string{
				"other organization": g.theirs.IDs,
				"no organization":    random,
				"other project":      idsWith(g.ours.IDs, "project", g.theirs.Project),
				"no project":         idsWith(g.ours.IDs, "project", random["project"]),
				"own project there":  idsWith(g.ours.IDs, "organization", g.theirs.Organization),
			} {
				if strings.HasSuffix(why, "project") && !strings.Contains(pattern, "{project}") {
					continue
				}
				if !prove() && name != "owner" && name != "manager" && name != "consultant" && name != "administrator" {
					continue
				}
				add(route, name, ids, why, http.StatusNotFound)
			}
		}
		// One id after the other is another's or nobody's; both look alike.
		for _, word := range words(pattern) {
			for _, name := range everybody()[:10] {
				if may(route, name) != http.StatusOK || name == "stranger" || pattern == "/admin/outbox/{mail}" {
					continue
				}
				for why, from := range map[string]map[string]string{"foreign " + word: g.theirs.IDs, "random " + word: random} {
					gone := []int{http.StatusNotFound}
					if word == "after" { // taking away what is not there is no mistake
						gone = []int{http.StatusNotFound, http.StatusInsufficientStorage}
					}
					add(route, name, idsWith(g.ours.IDs, word, from[word]), why, gone...)
				}
			}
		}
	}
	return out
}

// run makes the calls and gives every deviation.
func (g *grounds) run(t *testing.T, calls []call) []string {
	t.Helper()
	var mu sync.Mutex
	var found []string
	jobs := make(chan call)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			visitors := map[string]*visitor{}
			for c := range jobs {
				if visitors[c.as] == nil {
					visitors[c.as] = g.as(t, c.as)
				}
				method, _, _ := strings.Cut(c.route, " ")
				kind := ""
				if method == http.MethodPost {
					kind = formType
				}
				answer := visitors[c.as].do(method, c.path, strings.NewReader(c.form), kind)
				problem := ""
				switch {
				case !slices.Contains(c.expect, answer.status):
					problem = fmt.Sprintf("answered %d, not %v", answer.status, c.expect)
				case c.as != "stranger" && strings.Contains(answer.body, otherMarker):
					problem = "shows the other organization"
				case answer.status == http.StatusSeeOther && c.as == "" && !strings.HasPrefix(answer.location, "/sign-in"):
					problem = "leads to " + answer.location
				}
				if problem != "" {
					mu.Lock()
					found = append(found, fmt.Sprintf("%s as %q (%s): %s", c.route, c.as, c.why, problem))
					mu.Unlock()
				}
			}
		})
	}
	for _, c := range calls {
		jobs <- c
	}
	close(jobs)
	wg.Wait()
	return sorted(found)
}

// TestCrawl goes over every route as everybody, with ids of their own, of the
// other organization, and that nothing has (S1). Commits fail while it runs, so
// that nothing may have changed in the end: neither by who was refused, nor by
// a page that was only looked at (S12).
func TestCrawl(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	g.counts.failCommits(true)
	calls := g.calls()
	before := pgtest.Contents(t, g.owner, "")
	require.Empty(t, g.run(t, calls))
	require.Equal(t, before, pgtest.Contents(t, g.owner, ""))
	require.Greater(t, len(calls), 2500)
	t.Logf("%d calls", len(calls))
}

// TestCrawlOfForeignValues sends forms of Halden's whose fields name rows of
// the other organization: no such form is accepted.
func TestCrawlOfForeignValues(t *testing.T) {
	t.Parallel()
	g := newGrounds(t)
	g.counts.failCommits(true)
	before := pgtest.Contents(t, g.owner, g.theirs.Organization)
	tried := 0
	for _, a := range acts() {
		for i := 1; i < len(a.form); i += 2 {
			if !strings.HasPrefix(a.form[i], "{") || a.form[i] == "{code}" {
				continue
			}
			tried++
			word := strings.Trim(a.form[i], "{}")
			values := a.values(g.ours.IDs, newKey())
			foreign := g.theirs.IDs[word]
			if strings.HasPrefix(word, "p:") {
				foreign = g.People["stranger"].String()
			}
			values.Set(filled(a.form[i-1], a.with, g.ours.IDs), foreign)
			answer := g.as(t, a.as).do(http.MethodPost, a.path(g.ours.IDs), strings.NewReader(values.Encode()), formType)
			require.Contains(t, []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}, answer.status, "%s with %s", a.route, a.form[i])
			require.NotContains(t, answer.body, otherMarker, a.route)
		}
	}
	require.Greater(t, tried, 5)
	require.Equal(t, before, pgtest.Contents(t, g.owner, g.theirs.Organization))
}

// TestCrawlFindsHoles is the control: three faults that the crawl must find.
func TestCrawlFindsHoles(t *testing.T) {
	t.Parallel()
	plant := func(t *testing.T, sql string, take func(c call) bool) ([]string, bool) {
		g := newGrounds(t)
		before := pgtest.Contents(t, g.owner, "")
		g.exec(sql)
		calls := slices.DeleteFunc(g.calls(), func(c call) bool { return !take(c) })
		require.NotEmpty(t, calls)
		found := g.run(t, calls)
		after := pgtest.Contents(t, g.owner, "")
		return found, maps.Equal(before, after)
	}
	t.Run("a guest who is let in as a manager", func(t *testing.T) {
		t.Parallel()
		found, _ := plant(t, `UPDATE project_role SET role = 'project_manager', until_on = NULL WHERE role = 'guest_auditor'`,
			func(c call) bool { return c.as == "guest" && c.why == "not allowed" })
		require.NotEmpty(t, found)
	})
	t.Run("a membership that reaches across", func(t *testing.T) {
		t.Parallel()
		found, _ := plant(t, `INSERT INTO membership (organization_id, person_id, role, name, email, created_at)
			SELECT o.id, p.id, 'owner', p.name, p.email, now() FROM organization o, person p WHERE o.name LIKE 'Zanzibar%' AND p.email = 'consultant@example.org'`,
			func(c call) bool { return c.as == "consultant" && c.why == "other organization" })
		require.NotEmpty(t, found)
		require.True(t, slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, "answered 200") }))
	})
	t.Run("a form that changes something though it should not", func(t *testing.T) {
		t.Parallel()
		_, same := plant(t, `SELECT 1`, func(c call) bool { return c.route == inS+"/awareness" && c.as == "manager" && c.why == "allowed" })
		require.False(t, same, "commits were not made to fail here")
	})
}
