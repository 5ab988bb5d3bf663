package server

import (
	"context"
	"net/http"
	"strconv"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/permission"
	"waymark/internal/i18n"
	"waymark/web/page"
)

func dashboardRoutes() []Route {
	return []Route{
		get(project, permission.ReadProject, showDashboard),
		get(project+"/history", permission.ReadProject, showHistory),
	}
}

func showDashboard(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, d, err := s.app.Dashboard(r.Context(), acc)
	if err != nil {
		return err
	}
	title := func(context.Context) string { return frame.Caller.ProjectName }
	return s.show(w, r, http.StatusOK, frame, page.TabPath, title, page.Dashboard(&frame.Caller, &d))
}

func showHistory(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	subject := ""
	if step, ok := certification.ParseStep(r.URL.Query().Get("step")); ok {
		subject = step.String()
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // anything else starts at the newest
	frame, h, err := s.app.History(r.Context(), acc, subject, max(before, 0))
	if err != nil {
		return err
	}
	title := func(ctx context.Context) string { return i18n.T(ctx, "history.title") }
	return s.show(w, r, http.StatusOK, frame, page.TabHistory, title, page.History(&frame.Caller, &h))
}
