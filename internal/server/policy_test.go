package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
)

// everybody are the people that the crawl goes as: Halden's, then those who are
// nobody there, then a visitor without a session.
func everybody() []string {
	return []string{"owner", "manager", "sponsor", "consultant", "member", "chair", "auditor", "guest", "nobody", "stranger", "administrator", ""}
}

// inProject are those who hold something in Halden's project.
func inProject() []string { return everybody()[:8] }

// who says which people a permission is for. Written down from the product's
// table by hand; the product's own rules are not asked.
func who() map[string][]string {
	return map[string][]string{
		"anybody":              everybody(),
		"signed_in":            everybody()[:11],
		"administer":           {"administrator"},
		"organization.read":    everybody()[:9],
		"organization.manage":  {"owner"},
		"project.read":         inProject(),
		"project.manage":       {"owner", "manager"},
		"project.delete":       {"owner"},
		"people.invite":        {"owner", "manager"},
		"step.finish":          {"owner", "manager"},
		"step.reopen":          {"owner", "manager", "sponsor"},
		"waiver.ask":           {"owner", "manager"},
		"waiver.answer":        {"sponsor"},
		"plan.edit":            {"owner", "manager"},
		"propose":              {"owner", "manager", "consultant"},
		"approve":              {"sponsor"},
		"approve.chair":        {"chair"},
		"check.rate":           {"owner", "manager", "consultant", "auditor"},
		"check.comment":        {"owner", "manager", "consultant", "auditor", "member", "chair"},
		"baseline.sign":        {"owner", "manager", "consultant"},
		"internal_audit.write": {"owner", "auditor"},
		"task.read":            {"owner", "manager", "sponsor", "consultant", "member", "chair", "auditor"},
		"task.edit":            {"owner", "manager"},
		"task.work":            {"owner", "manager", "consultant", "member", "chair", "auditor"},
		"appointment.answer":   inProject(),
	}
}

// only narrows a route down to some of those whom its permission names: to whom
// the row of the crawl belongs.
func only() map[string][]string {
	one := inP + "/tasks/{task}"
	owns := []string{"owner", "manager", "member"}
	return map[string][]string{
		one + "/state": owns, one + "/comments": owns, one + "/evidence": owns,
		// The crawl's form rates, which process owners may not.
		inP + "/assessment/checks/{check}":                   {"owner", "manager", "consultant", "auditor"},
		inP + "/assessment/checks/{check}/evidence":          {"owner", "manager", "consultant", "auditor", "member"},
		inP + "/evidence/{evidence}/withdraw":                {"owner", "manager", "consultant", "auditor", "member"},
		inS + "/committee/appointments/{appointment}/answer": {"member"},
	}
}

// policy is the table of all routes: which permission each demands.
func policy() map[string][]string {
	o, p := "/o/{organization}", "/o/{organization}/p/{project}"
	s := p + "/steps"
	return map[string][]string{
		"anybody": {
			"GET /healthz", "GET /readyz", "GET /static/*", "GET /set-up", "POST /set-up", "GET /sign-in", "POST /sign-in", "GET /password/forgot",
			"POST /password/forgot", "GET /password/reset", "POST /password/reset", "GET /invitations/accept", "POST /invitations/accept",
		},
		"signed_in": {
			"POST /sign-out", "GET /profile", "POST /profile", "POST /profile/theme", "POST /profile/email", "POST /profile/password",
			"POST /profile/sessions/end", "POST /profile/sessions/{session}/end", "GET /", "GET /organizations", "GET /organizations/new", "POST /organizations",
		},
		"administer": {"GET /set-up/sample", "POST /set-up/sample", "GET /admin/outbox", "GET /admin/outbox/{mail}"},
		"organization.read": {
			"GET " + o, "GET " + o + "/settings", "GET " + o + "/people",
		},
		"organization.manage": {
			inO + "/settings", inO + "/settings/archive", inO + "/settings/restore", inO + "/settings/delete", inO + "/settings/delete-sample",
			"GET " + o + "/projects/new", inO + "/projects", inO + "/people/invitations", inO + "/people/invitations/{invitation}/withdraw",
			"GET " + o + "/people/{person}", inO + "/people/{person}/role", inO + "/people/{person}/remove",
		},
		"project.read": {
			"GET " + p, "GET " + p + "/history", "GET " + p + "/people", "GET " + p + "/settings", "GET " + s + "/{step}",
			"GET " + s + "/awareness", "GET " + s + "/scope", "GET " + s + "/gap", "GET " + s + "/committee", "GET " + s + "/selection", "GET " + s + "/plan",
			"GET " + s + "/preparation", "GET " + s + "/audit", "GET " + s + "/certificate",
			"GET " + p + "/assessment", "GET " + p + "/assessment.csv", "GET " + p + "/findings", "GET " + p + "/findings/{finding}",
			"GET " + p + "/assessment/checks/{check}/evidence", "GET " + p + "/evidence/{evidence}/file",
		},
		"task.read":      {"GET " + p + "/tasks", "GET " + p + "/tasks.csv", "GET " + p + "/tasks/mine", "GET " + p + "/tasks/{task}"},
		"project.manage": {inP + "/settings", inP + "/settings/target", inP + "/settings/archive", inP + "/settings/restore"},
		"project.delete": {inP + "/settings/delete"},
		"people.invite": {
			inP + "/people/roles", inP + "/people/{person}/roles/{role}/remove", inP + "/people/invitations", inP + "/people/invitations/{invitation}/withdraw",
		},
		"step.finish":   {inS + "/{step}/start", inS + "/{step}/finish"},
		"step.reopen":   {"GET " + s + "/{step}/reopen", inS + "/{step}/reopen"},
		"waiver.ask":    {"GET " + p + "/waivers/new", inP + "/waivers"},
		"waiver.answer": {inP + "/waivers/{waiver}"},
		"plan.edit": {
			inS + "/awareness", inS + "/awareness/audiences", inS + "/awareness/audiences/{audience}/remove", inS + "/awareness/communications",
			inS + "/{step}/confirmations/{subject}", inS + "/{step}/confirmations/{subject}/withdraw",
			inS + "/committee/appointments", inS + "/committee/appointments/{appointment}/end", inS + "/committee/meetings",
			"GET " + s + "/committee/meetings/{meeting}", inS + "/committee/meetings/{meeting}", inS + "/selection/contract", inS + "/plan/baseline",
			inS + "/preparation/management-reviews", inS + "/audit/stages/{stage}", inS + "/audit/nonconformities",
			"GET " + s + "/audit/nonconformities/{nonconformity}", inS + "/audit/nonconformities/{nonconformity}", inS + "/audit/decision",
			inS + "/certificate", inS + "/certificate/visits/{visit}",
		},
		"propose": {
			inS + "/scope", inS + "/scope/items", "GET " + s + "/scope/items/{item}", inS + "/scope/items/{item}", inS + "/scope/items/{item}/remove",
			"GET " + s + "/selection/candidates/new", inS + "/selection/candidates", "GET " + s + "/selection/candidates/{candidate}",
			inS + "/selection/candidates/{candidate}", inS + "/selection/candidates/{candidate}/remove", inS + "/selection/engagements",
			"GET " + s + "/selection/engagements/{engagement}", inS + "/selection/engagements/{engagement}", inS + "/selection/choice",
		},
		"approve":       {inS + "/awareness/mandate", inS + "/scope/approval", inS + "/selection/decision"},
		"approve.chair": {inS + "/plan/approval", inS + "/preparation/go"},
		"baseline.sign": {inS + "/gap", inS + "/gap/baseline"},
		"check.rate": {
			"GET " + p + "/findings/new", inP + "/findings", inP + "/findings/{finding}", inP + "/findings/{finding}/close", inP + "/findings/{finding}/reopen",
		},
		"check.comment":        {inP + "/assessment/checks/{check}", inP + "/assessment/checks/{check}/evidence", inP + "/evidence/{evidence}/withdraw"},
		"internal_audit.write": {inS + "/preparation/internal-audits"},
		"task.edit": {
			"GET " + p + "/tasks/new", inP + "/tasks", "GET " + p + "/tasks/{task}/edit", inP + "/tasks/{task}", inP + "/tasks/{task}/after",
			inP + "/tasks/{task}/after/{after}/remove", "GET " + p + "/findings/plan", inP + "/findings/plan",
		},
		"task.work":          {inP + "/tasks/{task}/state", inP + "/tasks/{task}/comments", inP + "/tasks/{task}/evidence"},
		"appointment.answer": {inS + "/committee/appointments/{appointment}/answer"},
	}
}

// demands gives each route's permission.
func demands() map[string]string {
	out := map[string]string{}
	for name, routes := range policy() {
		for _, route := range routes {
			out[route] = name
		}
	}
	return out
}

// unlisted compares the routes that a router answers with the table: what is
// missing on either side.
func unlisted(routes []string) (missing []string) {
	table := demands()
	for _, route := range routes {
		if _, ok := table[route]; !ok {
			missing = append(missing, route+" stands in no policy")
		}
	}
	for route := range table {
		if !slices.Contains(routes, route) {
			missing = append(missing, route+" is not there")
		}
	}
	return sorted(missing)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

func walked(t *testing.T, h http.Handler) []string {
	t.Helper()
	router, ok := h.(chi.Routes)
	require.True(t, ok)
	var routes []string
	require.NoError(t, chi.Walk(router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		routes = append(routes, method+" "+route)
		return nil
	}))
	return routes
}

// TestPolicyNamesEveryRoute holds the table, the product's list and the router
// together.
func TestPolicyNamesEveryRoute(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var listed []string
	table := demands()
	for _, route := range s.server.Routes() {
		word := route.Method + " " + route.Pattern
		listed = append(listed, word)
		require.Equal(t, table[word], route.Who.Name, word)
		if route.Method != http.MethodGet {
			require.NotEmpty(t, route.Event, word)
		} else {
			require.Empty(t, route.Event, word)
		}
	}
	require.Empty(t, unlisted(listed))
	routes := walked(t, s.server.Handler())
	if slices.Contains(routes, "GET /styleguide") { // behind a flag that only development sets
		routes = slices.DeleteFunc(routes, func(r string) bool { return strings.HasPrefix(r, "GET /styleguide") })
	}
	require.Empty(t, unlisted(routes))
	require.Len(t, table, len(routes), "a route stands under two permissions")
	for name := range policy() {
		require.Contains(t, who(), name)
	}
}

// TestPolicyFindsARouteMore is the control: a route that nobody wrote down.
func TestPolicyFindsARouteMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := chi.NewRouter()
	r.Mount("/", s.server.Handler())
	r.Post("/o/{organization}/planted", func(http.ResponseWriter, *http.Request) {})
	require.NotEmpty(t, unlisted(append(walked(t, s.server.Handler()), "POST /o/{organization}/planted")))
	require.Contains(t, walked(t, r), "POST /o/{organization}/planted")
}

// TestActsNameEveryForm holds the list of forms complete, so that no route is
// left out of what goes over all of them.
func TestActsNameEveryForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var listed, routes []string
	for _, a := range acts() {
		listed = append(listed, a.route)
	}
	for _, route := range s.server.Routes() {
		if route.Method != http.MethodGet {
			routes = append(routes, route.Method+" "+route.Pattern)
		}
	}
	require.Equal(t, sorted(routes), sorted(listed))
}
