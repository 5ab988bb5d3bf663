package server

import (
	"net/http"
	"strconv"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func findingRoutes() []Route {
	at := project + "/findings"
	return []Route{
		get(at, permission.ReadProject, showFindings),
		post(at, permission.Rate, "finding.added", addFinding),
		get(at+"/new", permission.Rate, showNewFinding),
		get(at+"/{finding}", permission.ReadProject, showFinding),
		post(at+"/{finding}", permission.Rate, "finding.saved", saveFinding),
		post(at+"/{finding}/close", permission.Rate, "finding.closed", closeFinding),
		post(at+"/{finding}/reopen", permission.Rate, "finding.reopened", reopenFinding),
	}
}

func showFindings(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	values := r.URL.Query()
	q := readmodel.FindingQuery{
		Severity: severityOf(values.Get("severity")), State: oneOf(values.Get("state"), "closed", "all"), Task: oneOf(values.Get("task"), "none"),
	}
	if word := values.Get("clause"); word != "" {
		clause, ok := standard.ParseClauseNumber(word, standard.Current())
		if !ok {
			return fault.NotFound
		}
		q.Clause = clause
	}
	if n, err := strconv.ParseInt(values.Get("after"), 10, 32); err == nil && n > 0 {
		q.After = int(n)
	}
	frame, p, err := s.app.FindingsPage(r.Context(), acc, q)
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, frame, page.TabFindings, keyTitle("finding.title"), page.Findings(&frame.Caller, &p, q))
}

func showFinding(s *Server, w http.ResponseWriter, r *http.Request) error {
	finding, err := param[id.Finding](r, "finding")
	if err != nil {
		return err
	}
	return s.findingPage(w, r, finding, nil, http.StatusOK)
}

func (s *Server) findingPage(w http.ResponseWriter, r *http.Request, finding id.Finding, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.FindingPage(r.Context(), acc, finding)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabFindings, keyTitle("finding.named", "number", p.Finding.Number), page.Finding(&frame.Caller, &p, f))
}

// findingAddress leads back to a finding.
func findingAddress(finding id.Finding) func(readmodel.Access) string {
	return func(acc readmodel.Access) string {
		return page.ProjectPath(acc.Organization, acc.Project) + "/findings/" + finding.String()
	}
}

// readFinding reads the fields that a new finding and a changed one share.
func readFinding(f *form.Form) readmodel.Finding {
	return readmodel.Finding{
		Statement:      f.LongText("statement", form.Required, form.Max(10000), form.Label("finding.statement")),
		Severity:       form.Enum(f, "severity", parseSeverity, form.Label("finding.severity_label")),
		Recommendation: f.LongText("recommendation", form.Max(10000), form.Label("finding.recommendation")),
	}
}

func saveFinding(s *Server, w http.ResponseWriter, r *http.Request) error {
	finding, err := param[id.Finding](r, "finding")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readFinding(f)
			in.ID, in.Version = finding, f.Version()
			return func(acc readmodel.Access) error { return s.app.SaveFinding(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return s.findingPage(w, r, finding, f, code) },
		to:   findingAddress(finding),
	})
}

func closeFinding(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.setFinding(w, r, true)
}

func reopenFinding(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.setFinding(w, r, false)
}

// setFinding closes a finding or opens it again; the form of a check's row goes
// back to that row.
func (s *Server) setFinding(w http.ResponseWriter, r *http.Request, closed bool) error {
	finding, err := param[id.Finding](r, "finding")
	if err != nil {
		return err
	}
	to := findingAddress(finding)
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			if f.Value("back") == "check" {
				to = func(acc readmodel.Access) string { return backTo(r, findingAddress(finding)(acc)) }
			}
			return func(acc readmodel.Access) error { return s.app.CloseFinding(r.Context(), acc, finding, closed) }
		},
		show: func(f *form.Form, code int) error { return s.findingPage(w, r, finding, f, code) },
		to:   func(acc readmodel.Access) string { return to(acc) },
	})
}

func showNewFinding(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.newFindingPage(w, r, standard.CheckID(r.URL.Query().Get("check")), nil, http.StatusOK)
}

func (s *Server) newFindingPage(w http.ResponseWriter, r *http.Request, check standard.CheckID, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.NewFindingPage(r.Context(), acc, check)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabFindings, keyTitle("finding.new", "check", string(check)), page.NewFinding(&frame.Caller, &p, f, newKey()))
}

func addFinding(s *Server, w http.ResponseWriter, r *http.Request) error {
	var check standard.CheckID
	made := ""
	return s.submit(w, r, submission{
		creates: true,
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readFinding(f)
			check, _ = standard.ParseCheckID(f.Value("check"), standard.Current())
			in.CheckID = string(check)
			return func(acc readmodel.Access) (err error) {
				if check == "" {
					return fault.NotFound
				}
				made, err = s.app.AddFinding(r.Context(), acc, in)
				return err
			}
		},
		show: func(f *form.Form, code int) error { return s.newFindingPage(w, r, check, f, code) },
		to: func(acc readmodel.Access) string {
			return page.ProjectPath(acc.Organization, acc.Project) + "/findings/" + made
		},
	})
}
