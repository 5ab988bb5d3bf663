package server

import (
	"net/http"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/task"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func planRoutes() []Route {
	at := steps + "/plan"
	return []Route{
		get(at, permission.ReadProject, showPlan),
		post(at+"/baseline", permission.EditPlan, "plan.baselined", freezePlan),
		post(at+"/approval", permission.ApproveAsChair, "approval.plan", approvePlan),
		get(project+"/findings/plan", permission.EditTasks, showPlanFindings),
		post(project+"/findings/plan", permission.EditTasks, "tasks.planned", planTasks),
	}
}

func showPlan(s *Server, w http.ResponseWriter, r *http.Request) error {
	return planPage(s, w, r, nil, http.StatusOK)
}

func planPage(s *Server, w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.PlanPage(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabPath, stepTitle(certification.Plan), page.Plan(&frame.Caller, &p, f, newKey()))
}

func freezePlan(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		creates: true,
		read: func(*form.Form) func(readmodel.Access) error {
			return func(acc readmodel.Access) error { return s.app.FreezePlan(r.Context(), acc) }
		},
		show: func(f *form.Form, code int) error { return planPage(s, w, r, f, code) },
		to:   stepAddress(certification.Plan, "baseline"),
	})
}

func approvePlan(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			number := f.Version()
			return func(acc readmodel.Access) error { return s.app.ApprovePlan(r.Context(), acc, number) }
		},
		show: func(f *form.Form, code int) error { return planPage(s, w, r, f, code) },
		to:   stepAddress(certification.Plan, "baseline"),
	})
}

func showPlanFindings(s *Server, w http.ResponseWriter, r *http.Request) error {
	finding, _ := id.Parse[id.Finding](r.URL.Query().Get("finding")) // none is all
	return s.planFindingsPage(w, r, finding, nil, http.StatusOK)
}

func (s *Server) planFindingsPage(w http.ResponseWriter, r *http.Request, finding id.Finding, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.PlanFindings(r.Context(), acc, finding)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabFindings, titled("plan.findings.title"), page.PlanFindings(&frame.Caller, &p, finding, f, newKey()))
}

// planTasks reads one row of fields for each finding that was ticked. A row
// without a date takes the one given for all.
func planTasks(s *Server, w http.ResponseWriter, r *http.Request) error {
	var alone id.Finding
	return s.submit(w, r, submission{
		creates: true,
		read: func(f *form.Form) func(readmodel.Access) error {
			alone = form.ID[id.Finding](f, "finding")
			due := f.Date("due_all", form.Label("plan.findings.due_all"))
			list := make([]readmodel.PlannedTask, 0)
			for _, finding := range form.IDs[id.Finding](f, "row", form.RequiredSaying("plan.findings.none_ticked")) {
				row := finding.String()
				t := readmodel.PlannedTask{
					Finding:  finding,
					Title:    f.Text("title-"+row, form.Required, form.Max(300), form.Label("task.title.label")),
					Owner:    form.ID[id.Person](f, "owner-"+row, form.Label("task.owner.label")),
					Due:      f.Date("due-"+row, form.Label("task.due.label")),
					Priority: form.Enum(f, "priority-"+row, task.ParsePriority, form.Required, form.Label("task.priority.label")),
				}
				if t.Due.IsZero() {
					t.Due = due
				}
				list = append(list, t)
			}
			if n := len(list); n > readmodel.PlanAtOnce {
				f.Fail("", i18n.M("plan.findings.too_many", "n", readmodel.PlanAtOnce))
			}
			return func(acc readmodel.Access) error { return s.app.PlanTasks(r.Context(), acc, list) }
		},
		show: func(f *form.Form, code int) error { return s.planFindingsPage(w, r, alone, f, code) },
		to:   stepAddress(certification.Plan, "tasks"),
	})
}
