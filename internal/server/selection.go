package server

import (
	"context"
	"net/http"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func selectionRoutes() []Route {
	at := steps + "/selection"
	return []Route{
		get(at, permission.ReadProject, showSelection),
		get(at+"/candidates/new", permission.Propose, showNewCandidate),
		post(at+"/candidates", permission.Propose, "candidate.added", addCandidate),
		get(at+"/candidates/{candidate}", permission.Propose, showCandidate),
		post(at+"/candidates/{candidate}", permission.Propose, "candidate.saved", saveCandidate),
		post(at+"/candidates/{candidate}/remove", permission.Propose, "candidate.removed", removeCandidate),
		post(at+"/engagements", permission.Propose, "engagement.added", addEngagement),
		get(at+"/engagements/{engagement}", permission.Propose, showEngagement),
		post(at+"/engagements/{engagement}", permission.Propose, "engagement.saved", saveEngagement),
		post(at+"/choice", permission.Propose, "selection.saved", saveChoice),
		post(at+"/contract", permission.EditPlan, "contract.recorded", saveContract),
		post(at+"/decision", permission.Approve, "approval.selection", decideSelection),
	}
}

func showSelection(s *Server, w http.ResponseWriter, r *http.Request) error {
	return selectionPage(s, w, r, nil, http.StatusOK)
}

func selectionPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.SelectionPage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Selection), page.Selection(&frame.Caller, &p, f, newKey()))
}

func (s *Server) selection(w http.ResponseWriter, r *http.Request, creates bool, part string, read func(f *form.Form) func(readmodel.Access) error) error {
	return s.submit(w, r, submission{
		creates: creates, read: read,
		show: func(f *form.Form, code int) error { return selectionPage(s, w, r, f, code) },
		to:   stepAddress(certification.Selection, part),
	})
}

func showNewCandidate(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.candidatePage(w, r, id.Candidate{}, nil, http.StatusOK)
}

func showCandidate(s *Server, w http.ResponseWriter, r *http.Request) error {
	candidate, err := param[id.Candidate](r, "candidate")
	if err != nil {
		return err
	}
	return s.candidatePage(w, r, candidate, nil, http.StatusOK)
}

// candidatePage shows the page of a candidate; the zero id is a new one.
func (s *Server) candidatePage(w http.ResponseWriter, r *http.Request, candidate id.Candidate, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.CandidatePage(r.Context(), acc, candidate)
	if err != nil {
		return err
	}
	title := func(ctx context.Context) string { return page.CandidateTitle(ctx, &p) }
	return s.show(w, r, code, frame, page.TabPath, title, page.Candidate(&frame.Caller, &p, f, newKey()))
}

func parseYes(word string) (yes, ok bool) { return word == "yes", word == "yes" || word == "no" }

// readCandidate reads the fields of a candidate. Whoever says that a body is
// accredited says by whom and under which number, and the other way round.
func readCandidate(f *form.Form) readmodel.Candidate {
	in := readmodel.Candidate{Name: f.Text("name", form.Required, form.Max(200), form.Label("selection.candidate.name"))}
	accredited := form.Enum(f, "accredited", parseYes, form.Required, form.Label("selection.candidate.accredited"))
	body := []form.Option{form.Max(200), form.Label("selection.candidate.body")}
	number := []form.Option{form.Max(100), form.Label("selection.candidate.number")}
	if accredited {
		body = append(body, form.RequiredSaying("selection.candidate.body_missing"))
		number = append(number, form.RequiredSaying("selection.candidate.number_missing"))
	}
	in.AccreditationBody = f.Text("accreditation_body", body...)
	in.AccreditationNumber = f.Text("accreditation_number", number...)
	if !accredited && in.Accredited() == "yes" {
		f.Fail("accredited", i18n.M("selection.candidate.accredited_after_all"))
	}
	in.AccreditationCheckedOn = f.Date("checked_on", form.Label("selection.candidate.checked"))
	in.CoversStandard = f.Bool("covers")
	in.QuoteUntil = f.Date("quote_until", form.Label("selection.candidate.quote"))
	in.AuditTenths = auditTenths(f)
	in.Price = f.Text("price", form.Max(200), form.Label("selection.candidate.price"))
	in.Auditors = f.LongText("auditors", form.Max(2000), form.Label("selection.candidate.auditors"))
	in.Ties = f.LongText("ties", form.Max(2000), form.Label("selection.candidate.ties"))
	in.Notes = f.LongText("notes", form.Max(4000), form.Label("selection.candidate.notes"))
	return in
}

// auditTenths reads the audit time, in half days; nil where nothing was typed.
func auditTenths(f *form.Form) *int {
	const half, most = 5, 10_000
	n := f.Decimal("audit_days", 1, form.AtLeast(half), form.AtMost(most), form.Label("selection.candidate.days"))
	switch {
	case f.Value("audit_days") == "":
		return nil
	case n%half != 0:
		f.Fail("audit_days", i18n.M("selection.candidate.halves"))
	}
	return &n
}

func addCandidate(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		creates: true,
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readCandidate(f)
			return func(acc readmodel.Access) error { return s.app.AddCandidate(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return s.candidatePage(w, r, id.Candidate{}, f, code) },
		to:   stepAddress(certification.Selection, "candidates"),
	})
}

func saveCandidate(s *Server, w http.ResponseWriter, r *http.Request) error {
	candidate, err := param[id.Candidate](r, "candidate")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readCandidate(f)
			in.ID, in.Version = candidate, f.Version()
			return func(acc readmodel.Access) error { return s.app.SaveCandidate(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return s.candidatePage(w, r, candidate, f, code) },
		to:   stepAddress(certification.Selection, "candidates"),
	})
}

func removeCandidate(s *Server, w http.ResponseWriter, r *http.Request) error {
	candidate, err := param[id.Candidate](r, "candidate")
	if err != nil {
		return err
	}
	return s.selection(w, r, false, "candidates", func(*form.Form) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.RemoveCandidate(r.Context(), acc, candidate) }
	})
}

func parseEngagementKind(word string) (string, bool) {
	return word, word == "consultancy" || word == "internal_audit"
}

func readEngagement(f *form.Form) readmodel.Engagement {
	in := readmodel.Engagement{
		Kind:    form.Enum(f, "engagement_kind", parseEngagementKind, form.Required, form.Label("selection.engagement.kind")),
		Firm:    f.Text("engagement_firm", form.Required, form.Max(200), form.Label("selection.engagement.firm")),
		People:  f.LongText("engagement_people", form.Max(2000), form.Label("selection.engagement.people")),
		BeganOn: f.Date("engagement_began", form.Required, form.Label("selection.engagement.began")),
	}
	in.EndedOn = f.Date("engagement_ended", form.NotBefore(in.BeganOn), form.Label("selection.engagement.ended"))
	return in
}

func addEngagement(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.selection(w, r, true, "engagements", func(f *form.Form) func(readmodel.Access) error {
		in := readEngagement(f)
		return func(acc readmodel.Access) error { return s.app.AddEngagement(r.Context(), acc, in) }
	})
}

func showEngagement(s *Server, w http.ResponseWriter, r *http.Request) error {
	engagement, err := param[id.Engagement](r, "engagement")
	if err != nil {
		return err
	}
	return s.engagementPage(w, r, engagement, nil, http.StatusOK)
}

func (s *Server) engagementPage(w http.ResponseWriter, r *http.Request, engagement id.Engagement, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.EngagementPage(r.Context(), acc, engagement)
	if err != nil {
		return err
	}
	title := func(ctx context.Context) string { return i18n.T(ctx, "selection.engagement.edit") }
	return s.show(w, r, code, frame, page.TabPath, title, page.Engagement(&frame.Caller, &p, f))
}

func saveEngagement(s *Server, w http.ResponseWriter, r *http.Request) error {
	engagement, err := param[id.Engagement](r, "engagement")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readEngagement(f)
			in.ID, in.Version = engagement, f.Version()
			return func(acc readmodel.Access) error { return s.app.SaveEngagement(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return s.engagementPage(w, r, engagement, f, code) },
		to:   stepAddress(certification.Selection, "engagements"),
	})
}

func parseConsultant(word string) (string, bool) { return word, word == "none" || word == "engaged" }

// readChoice reads the choice. An answer about the consultant is whole: an
// engagement, or a reason for having none.
func readChoice(f *form.Form) readmodel.Selection {
	in := readmodel.Selection{
		CandidateID: optionalID[id.Candidate](f, "chosen", "selection.choice.body"),
		Reason:      f.LongText("choice_reason", form.Max(4000), form.Label("selection.choice.reason")),
		Consultant:  form.Enum(f, "consultant", parseConsultant, form.Label("selection.choice.consultant")),
		Version:     f.Version(),
	}
	engagement := optionalID[id.Engagement](f, "engagement", "selection.choice.engagement")
	in.ConsultantReason = f.LongText("consultant_reason", form.Max(4000), form.Label("selection.choice.consultant_reason"))
	switch {
	case in.Consultant == "engaged" && engagement == nil:
		f.Fail("engagement", i18n.M("selection.choice.engagement_missing"))
	case in.Consultant == "engaged":
		in.EngagementID = engagement
	case in.Consultant == "none" && in.ConsultantReason == "":
		f.Fail("consultant_reason", i18n.M("selection.choice.reason_missing"))
	}
	return in
}

// optionalID reads an id that may be left open, nil where it was.
func optionalID[T ~[16]byte](f *form.Form, field, label string) *T {
	v := form.ID[T](f, field, form.Label(label))
	if [16]byte(v) == [16]byte{} {
		return nil
	}
	return &v
}

func saveChoice(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.selection(w, r, false, "choice", func(f *form.Form) func(readmodel.Access) error {
		in := readChoice(f)
		return func(acc readmodel.Access) error { return s.app.SaveChoice(r.Context(), acc, in) }
	})
}

func saveContract(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.selection(w, r, false, "choice", func(f *form.Form) func(readmodel.Access) error {
		signed, version := f.Date("contract_signed", form.Label("selection.contract.signed")), f.Version()
		return func(acc readmodel.Access) error { return s.app.SaveContract(r.Context(), acc, version, signed) }
	})
}

func decideSelection(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.selection(w, r, false, "decision", func(f *form.Form) func(readmodel.Access) error {
		version, note := f.Version(), f.LongText("decision_note", form.Max(1000), form.Label("selection.decision.note"))
		return func(acc readmodel.Access) error { return s.app.DecideSelection(r.Context(), acc, version, note) }
	})
}
