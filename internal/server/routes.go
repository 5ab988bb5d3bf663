package server

import (
	"net/http"
	"slices"

	"waymark/internal/domain/permission"
)

// Route is one address and method: who may call it, and the event that it must
// leave on the audit trail. The list below is the only place where addresses
// are named to the router, and the table that the crawl is made from.
type Route struct {
	Method, Pattern string
	// Who must hold this permission; the use case enforces it.
	Who permission.Permission
	// Event is the kind of event that a call leaves behind, "" where it changes
	// nothing.
	Event string

	handle Handler
}

func get(pattern string, who permission.Permission, handle Handler) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Who: who, handle: handle}
}

func post(pattern string, who permission.Permission, event string, handle Handler) Route {
	return Route{Method: http.MethodPost, Pattern: pattern, Who: who, Event: event, handle: handle}
}

// The places that most addresses begin with.
const (
	organization = "/o/{organization}"
	project      = organization + "/p/{project}"
	steps        = project + "/steps"
)

// Routes lists every address, topic by topic.
func (s *Server) Routes() []Route {
	return slices.Concat(
		systemRoutes(),
		setUpRoutes(),
		signInRoutes(),
		profileRoutes(),
		invitationRoutes(),
		outboxRoutes(),
		organizationRoutes(),
		peopleRoutes(),
		projectSettingsRoutes(),
		stepRoutes(),
		dashboardRoutes(),
		awarenessRoutes(),
		scopeRoutes(),
		assessmentRoutes(),
		findingRoutes(),
		evidenceRoutes(),
		committeeRoutes(),
		selectionRoutes(),
		taskRoutes(),
		planRoutes(),
		auditRoutes(),
		preparationRoutes(),
	)
}

func stepRoutes() []Route {
	return []Route{
		get(steps+"/{step}", permission.ReadProject, showStep),
		get(steps+"/{step}/reopen", permission.ReopenStep, showReopen),
		post(steps+"/{step}/start", permission.FinishStep, "step.started", startStep),
		post(steps+"/{step}/finish", permission.FinishStep, "step.finished", finishStep),
		post(steps+"/{step}/reopen", permission.ReopenStep, "step.reopened", reopenStep),
		get(project+"/waivers/new", permission.AskWaiver, showAskWaiver),
		post(project+"/waivers", permission.AskWaiver, "waiver.asked", askWaiver),
		post(project+"/waivers/{waiver}", permission.AnswerWaiver, "waiver.granted", answerWaiver),
	}
}

func awarenessRoutes() []Route {
	return []Route{
		get(steps+"/awareness", permission.ReadProject, showAwareness),
		post(steps+"/awareness", permission.EditPlan, "awareness.saved", saveAwareness),
		post(steps+"/awareness/audiences", permission.EditPlan, "audience.added", addAudience),
		post(steps+"/awareness/audiences/{audience}/remove", permission.EditPlan, "audience.removed", removeAudience),
		post(steps+"/awareness/communications", permission.EditPlan, "audience.told", addCommunication),
		post(steps+"/awareness/mandate", permission.Approve, "approval.mandate", signMandate),
	}
}
