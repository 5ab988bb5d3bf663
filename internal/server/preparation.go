package server

import (
	"net/http"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/permission"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func preparationRoutes() []Route {
	at := steps + "/preparation"
	return []Route{
		get(at, permission.ReadProject, showPreparation),
		post(at+"/internal-audits", permission.AuditInside, "internal_audit.added", addInternalAudit),
		post(at+"/management-reviews", permission.EditPlan, "management_review.added", addManagementReview),
		post(at+"/go", permission.ApproveAsChair, "approval.go", decideToGo),
	}
}

func showPreparation(s *Server, w http.ResponseWriter, r *http.Request) error {
	return preparationPage(s, w, r, nil, http.StatusOK)
}

func preparationPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.PreparationPage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Preparation), page.Preparation(&frame.Caller, &p, f, newKey()))
}

func (s *Server) preparation(w http.ResponseWriter, r *http.Request, creates bool, part string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		creates: creates, read: read,
		show: func(f *form.Form, code int) error { return preparationPage(s, w, r, f, code) },
		to:   stepAddress(certification.Preparation, part),
	})
}

func addInternalAudit(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.preparation(w, r, true, "internal-audit", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.InternalAudit{
			BeganOn:     f.Date("audit_began", form.Required, form.Label("preparation.audit.began")),
			EndedOn:     f.Date("audit_ended", form.Required, form.Label("preparation.audit.ended")),
			Auditor:     f.Text("auditor", form.Required, form.Max(200), form.Label("preparation.audit.auditor")),
			AllClauses:  f.Bool("all_clauses"),
			Independent: f.Bool("independent"),
			Conclusion:  f.LongText("audit_conclusion", form.Required, form.Max(4000), form.Label("preparation.audit.conclusion")),
		}
		return func(acc readmodel.Access) error { return s.app.AddInternalAudit(r.Context(), acc, in) }
	})
}

func addManagementReview(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.preparation(w, r, true, "management-review", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.ManagementReview{
			HeldOn:    f.Date("review_held", form.Required, form.Label("preparation.review.held")),
			ChairedBy: f.Text("chaired_by", form.Required, form.Max(200), form.Label("preparation.review.chaired_by")),
			AllInputs: f.Bool("all_inputs"),
			Decisions: f.LongText("decisions", form.Required, form.Max(4000), form.Label("preparation.review.decisions")),
		}
		return func(acc readmodel.Access) error { return s.app.AddManagementReview(r.Context(), acc, in) }
	})
}

func decideToGo(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.preparation(w, r, false, "go", func(f *form.Form) func(readmodel.Access) error {
		note := f.LongText("go_note", form.Max(1000), form.Label("preparation.go.note"))
		return func(acc readmodel.Access) error { return s.app.DecideToGo(r.Context(), acc, note) }
	})
}
