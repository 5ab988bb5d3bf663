package server

import (
	"context"
	"net/http"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/fault"
	"waymark/internal/form"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

// stepTitle is the title of a step's page.
func stepTitle(step certification.Step) func(context.Context) string {
	return func(ctx context.Context) string { return page.StepTitle(ctx, step) }
}

// stepPages shows each step's own page; the address is the step's word.
func stepPages() map[certification.Step]func(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	return map[certification.Step]func(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error{
		certification.Awareness:   awarenessPage,
		certification.Scope:       scopePage,
		certification.Plan:        planPage,
		certification.Gap:         gapPage,
		certification.Committee:   committeePage,
		certification.Selection:   selectionPage,
		certification.Certificate: certificatePage,
		certification.Audit:       auditPage,
		certification.Preparation: preparationPage,
	}
}

// showStepPage shows a step's page again, with a form and a status.
func (s *Server) showStepPage(w http.ResponseWriter, r *http.Request, step certification.Step, f *form.Form, code int) error {
	show, ok := stepPages()[step]
	if !ok {
		return fault.NotFound
	}
	return show(s, w, r, f, code)
}

func showStep(s *Server, w http.ResponseWriter, r *http.Request) error {
	step, err := stepOf(r)
	if err != nil {
		return err
	}
	return s.showStepPage(w, r, step, nil, http.StatusOK)
}

// actOnStep runs an act on the step of the address and goes back to its page;
// a refusal shows the page with the reasons.
func (s *Server) actOnStep(w http.ResponseWriter, r *http.Request, act func(readmodel.Access, certification.Step) error) error {
	step, err := stepOf(r)
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(*form.Form) func(readmodel.Access) error {
			return func(acc readmodel.Access) error { return act(acc, step) }
		},
		show: func(f *form.Form, code int) error { return s.showStepPage(w, r, step, f, code) },
		to:   stepAddress(step),
	})
}

// stepAddress leads back to a step's page, or to a part of it.
func stepAddress(step certification.Step, part ...string) func(readmodel.Access) string {
	return func(acc readmodel.Access) string {
		to := page.ProjectPath(acc.Organization, acc.Project) + "/steps/" + step.String()
		for _, p := range part {
			to += "#" + p
		}
		return to
	}
}

func startStep(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.actOnStep(w, r, func(acc readmodel.Access, step certification.Step) error {
		return s.app.StartStep(r.Context(), acc, step)
	})
}

func finishStep(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.actOnStep(w, r, func(acc readmodel.Access, step certification.Step) error {
		return s.app.FinishStep(r.Context(), acc, step)
	})
}

func showReopen(s *Server, w http.ResponseWriter, r *http.Request) error {
	step, err := stepOf(r)
	if err != nil {
		return err
	}
	return s.reopenPage(w, r, step, nil, http.StatusOK)
}

func (s *Server) reopenPage(w http.ResponseWriter, r *http.Request, step certification.Step, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, sp, err := s.app.ReopenPage(r.Context(), acc, step)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(step), page.Reopen(&frame.Caller, &sp, f))
}

func reopenStep(s *Server, w http.ResponseWriter, r *http.Request) error {
	step, err := stepOf(r)
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			reason := f.LongText("reason", form.Required, form.Max(1000), form.Label("step.reopen.reason"))
			return func(acc readmodel.Access) error { return s.app.ReopenStep(r.Context(), acc, step, reason) }
		},
		show: func(f *form.Form, code int) error { return s.reopenPage(w, r, step, f, code) },
		to:   stepAddress(step),
	})
}

func showAskWaiver(s *Server, w http.ResponseWriter, r *http.Request) error {
	criterion, ok := certification.FindCriterion(certification.CriterionID(r.URL.Query().Get("criterion")))
	if !ok {
		return fault.NotFound
	}
	return s.askWaiverPage(w, r, criterion.ID, nil, http.StatusOK)
}

func (s *Server) askWaiverPage(w http.ResponseWriter, r *http.Request, criterion certification.CriterionID, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, sp, err := s.app.AskWaiverPage(r.Context(), acc, criterion.Step())
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(criterion.Step()), page.AskWaiver(&frame.Caller, &sp, criterion, f))
}

func askWaiver(s *Server, w http.ResponseWriter, r *http.Request) error {
	var criterion certification.Criterion
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			criterion, _ = certification.FindCriterion(certification.CriterionID(f.Text("criterion", form.Required, form.Max(8))))
			reason := f.LongText("reason", form.Required, form.Max(1000), form.Label("waiver.reason"))
			return func(acc readmodel.Access) error { return s.app.AskWaiver(r.Context(), acc, criterion.ID, reason) }
		},
		show: func(f *form.Form, code int) error {
			if criterion.ID == "" {
				return fault.NotFound
			}
			return s.askWaiverPage(w, r, criterion.ID, f, code)
		},
		to: func(acc readmodel.Access) string { return stepAddress(criterion.ID.Step())(acc) },
	})
}

func answerWaiver(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	waiver, err := param[id.Waiver](r, "waiver")
	if err != nil {
		return err
	}
	f, err := s.posted(r)
	if err != nil {
		return err
	}
	switch f.Value("answer") {
	case "consent":
		err = s.app.AnswerWaiver(r.Context(), acc, waiver, true)
	case "refuse":
		err = s.app.AnswerWaiver(r.Context(), acc, waiver, false)
	case "withdraw":
		err = s.app.WithdrawWaiver(r.Context(), acc, waiver)
	default:
		err = fault.Invalid
	}
	if err != nil {
		return err
	}
	return done(w, r, backTo(r, page.ProjectPath(acc.Organization, acc.Project)))
}
