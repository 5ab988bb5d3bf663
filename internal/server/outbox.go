package server

import (
	"net/http"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/web/page"
)

func outboxRoutes() []Route {
	return []Route{
		get("/admin/outbox", permission.Administer, showOutbox),
		get("/admin/outbox/{mail}", permission.Administer, showMail),
	}
}

func showOutbox(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	var behind id.Mail
	if word := r.URL.Query().Get("behind"); word != "" {
		if behind, err = id.Parse[id.Mail](word); err != nil {
			return fault.NotFound
		}
	}
	frame, outbox, err := s.app.OutboxPage(r.Context(), acc, behind)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, frame, page.NoTab, titled("outbox.title"),
		page.Outbox(&frame.Caller, &outbox, s.app.SendsMail()))
}

func showMail(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	mail, err := param[id.Mail](r, "mail")
	if err != nil {
		return err
	}
	frame, m, err := s.app.MailPage(r.Context(), acc, mail)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, frame, page.NoTab, titled("outbox.title"),
		page.OutboxMail(&frame.Caller, &m, s.app.BaseURL(), s.app.SendsMail()))
}
