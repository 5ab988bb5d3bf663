package server

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func auditRoutes() []Route {
	at, certificate := steps+"/audit", steps+"/certificate"
	return []Route{
		get(at, permission.ReadProject, showAudit),
		post(at+"/stages/{stage}", permission.EditPlan, "stage.saved", saveAuditStage),
		post(at+"/nonconformities", permission.EditPlan, "nonconformity.added", addNonconformity),
		get(at+"/nonconformities/{nonconformity}", permission.EditPlan, showNonconformity),
		post(at+"/nonconformities/{nonconformity}", permission.EditPlan, "nonconformity.saved", saveNonconformity),
		post(at+"/decision", permission.EditPlan, "decision.recorded", recordDecision),
		get(certificate, permission.ReadProject, showCertificate),
		post(certificate, permission.EditPlan, "certificate.saved", saveCertificate),
		post(certificate+"/visits/{visit}", permission.EditPlan, "surveillance.saved", saveSurveillance),
	}
}

func showAudit(s *Server, w http.ResponseWriter, r *http.Request) error {
	return auditPage(s, w, r, nil, http.StatusOK)
}

func auditPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.AuditPage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Audit), page.Audit(&frame.Caller, &p, f, newKey()))
}

func (s *Server) audit(w http.ResponseWriter, r *http.Request, creates bool, part string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		creates: creates, read: read,
		show: func(f *form.Form, code int) error { return auditPage(s, w, r, f, code) },
		to:   stepAddress(certification.Audit, part),
	})
}

// small parses a number of the address between 1 and most.
func small(r *http.Request, name string, most int) (int, error) {
	n, err := strconv.Atoi(chi.URLParam(r, name))
	if err != nil || n < 1 || n > most || strconv.Itoa(n) != chi.URLParam(r, name) {
		return 0, fault.NotFound
	}
	return n, nil
}

func saveAuditStage(s *Server, w http.ResponseWriter, r *http.Request) error {
	stage, err := small(r, "stage", 2)
	if err != nil {
		return err
	}
	return s.audit(w, r, false, "stage-"+strconv.Itoa(stage), func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.AuditStage{
			Stage:       stage,
			PlannedOn:   f.Date("planned_on", form.Label("audit.stage.planned_on")),
			BeganOn:     f.Date("began_on", form.Label("audit.stage.began_on")),
			EndedOn:     f.Date("ended_on", form.Label("audit.stage.ended_on")),
			LeadAuditor: f.Text("lead_auditor", form.Max(200), form.Label("audit.stage.lead_auditor")),
			Conclusion:  f.LongText("conclusion", form.Max(4000), form.Label("audit.stage.conclusion")),
			Version:     f.Version(),
		}
		return func(acc readmodel.Access) error { return s.app.SaveAuditStage(r.Context(), acc, in) }
	})
}

func parseGrade(word string) (string, bool) {
	return word, slices.Contains([]string{"concern", "major", "minor"}, word)
}

func addNonconformity(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.audit(w, r, true, "nonconformities", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.Nonconformity{
			Grade:     form.Enum(f, "grade", parseGrade, form.Required, form.Label("audit.grade.label")),
			Clause:    f.Text("clause", form.Required, form.Max(10), form.Label("audit.clause.label")),
			Statement: f.LongText("statement", form.Required, form.Max(4000), form.Label("audit.statement.label")),
			DueOn:     f.Date("due_on", form.Label("audit.due_on.label")),
		}
		return func(acc readmodel.Access) error { return s.app.AddNonconformity(r.Context(), acc, in) }
	})
}

func showNonconformity(s *Server, w http.ResponseWriter, r *http.Request) error {
	n, err := param[id.Nonconformity](r, "nonconformity")
	if err != nil {
		return err
	}
	return s.nonconformityPage(w, r, n, nil, http.StatusOK)
}

func (s *Server) nonconformityPage(w http.ResponseWriter, r *http.Request, n id.Nonconformity, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, found, err := s.app.NonconformityPage(r.Context(), acc, n)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Audit), page.Nonconformity(&frame.Caller, &found, f))
}

func saveNonconformity(s *Server, w http.ResponseWriter, r *http.Request) error {
	n, err := param[id.Nonconformity](r, "nonconformity")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readmodel.Nonconformity{
				ID:         n,
				Statement:  f.LongText("statement", form.Required, form.Max(4000), form.Label("audit.statement.label")),
				Answer:     f.LongText("answer", form.Max(4000), form.Label("audit.answer.label")),
				DueOn:      f.Date("due_on", form.Label("audit.due_on.label")),
				AcceptedOn: f.Date("accepted_on", form.Label("audit.accepted_on.label")),
				ClosedOn:   f.Date("closed_on", form.Label("audit.closed_on.label")),
				Version:    f.Version(),
			}
			return func(acc readmodel.Access) error { return s.app.SaveNonconformity(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return s.nonconformityPage(w, r, n, f, code) },
		to:   stepAddress(certification.Audit, "nonconformities"),
	})
}

func parseGranted(word string) (granted, ok bool) {
	return word == "granted", word == "granted" || word == "refused"
}

func recordDecision(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.audit(w, r, false, "decision", func(f *form.Form) func(readmodel.Access) error {
		in := readmodel.CertificationDecision{
			Granted:   form.Enum(f, "granted", parseGranted, form.Required, form.Label("audit.decision.label")),
			DecidedOn: f.Date("decided_on", form.Required, form.Label("audit.decision.decided_on")),
			Reference: f.Text("reference", form.Required, form.Max(200), form.Label("audit.decision.reference")),
			Version:   f.Version(),
		}
		return func(acc readmodel.Access) error { return s.app.RecordDecision(r.Context(), acc, in) }
	})
}

func showCertificate(s *Server, w http.ResponseWriter, r *http.Request) error {
	return certificatePage(s, w, r, nil, http.StatusOK)
}

func certificatePage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.CertificatePage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Certificate), page.Certificate(&frame.Caller, &p, f))
}

func saveCertificate(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readmodel.Certificate{
				Number:    f.Text("number", form.Required, form.Max(100), form.Label("certificate.number")),
				Scope:     f.LongText("certificate_scope", form.Max(4000), form.Label("certificate.scope")),
				DecidedOn: f.Date("certified_on", form.Required, form.Label("certificate.decided_on")),
				ExpiresOn: f.Date("expires_on", form.Required, form.Label("certificate.expires_on")),
				Version:   f.Version(),
			}
			return func(acc readmodel.Access) error { return s.app.SaveCertificate(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return certificatePage(s, w, r, f, code) },
		to:   stepAddress(certification.Certificate, "certificate"),
	})
}

func saveSurveillance(s *Server, w http.ResponseWriter, r *http.Request) error {
	visit, err := small(r, "visit", 3)
	if err != nil {
		return err
	}
	prefix := "visit_" + strconv.Itoa(visit) + "_"
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readmodel.Surveillance{
				Visit:      visit,
				PlannedOn:  f.Date(prefix+"planned_on", form.Label("certificate.visit.planned_on")),
				HeldOn:     f.Date(prefix+"held_on", form.Label("certificate.visit.held_on")),
				Conclusion: f.LongText(prefix+"conclusion", form.Max(4000), form.Label("certificate.visit.conclusion")),
				Version:    f.Version(),
			}
			return func(acc readmodel.Access) error { return s.app.SaveSurveillance(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return certificatePage(s, w, r, f, code) },
		to:   stepAddress(certification.Certificate, "surveillance"),
	})
}
