package server

import (
	"context"
	"net/http"
	"strconv"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/task"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/page"
)

func taskRoutes() []Route {
	all := project + "/tasks"
	one := all + "/{task}"
	return []Route{
		get(all, permission.ReadTasks, showTasks),
		get(project+"/tasks.csv", permission.ReadTasks, taskFile),
		get(all+"/mine", permission.ReadTasks, showMyTasks),
		get(all+"/new", permission.EditTasks, showNewTask),
		post(all, permission.EditTasks, "task.added", addTask),
		get(one, permission.ReadTasks, showTask),
		get(one+"/edit", permission.EditTasks, showEditTask),
		post(one, permission.EditTasks, "task.saved", saveTask),
		post(one+"/state", permission.WorkOnTasks, "task.done", moveTask),
		post(one+"/comments", permission.WorkOnTasks, "task.commented", commentTask),
		post(one+"/evidence", permission.WorkOnTasks, "task.evidence_added", addTaskEvidence),
		post(one+"/after", permission.EditTasks, "dependency.added", addDependency),
		post(one+"/after/{after}/remove", permission.EditTasks, "dependency.removed", removeDependency),
	}
}

// titled is the title of a page by its key.
func titled(key string) func(context.Context) string {
	return func(ctx context.Context) string { return i18n.T(ctx, key) }
}

// taskTitle is the title of a task's page.
func taskTitle(number int, title string) func(context.Context) string {
	return func(context.Context) string { return strconv.Itoa(number) + " " + title }
}

// taskAddress leads back to a task's page, or to a part of it.
func taskAddress(t id.Task, part string) func(readmodel.Access) string {
	return func(acc readmodel.Access) string {
		to := page.ProjectPath(acc.Organization, acc.Project) + "/tasks/" + t.String()
		if part != "" {
			to += "#" + part
		}
		return to
	}
}

func showTask(s *Server, w http.ResponseWriter, r *http.Request) error {
	t, err := param[id.Task](r, "task")
	if err != nil {
		return err
	}
	return s.taskPage(w, r, t, r.URL.Query().Get("answer"), nil, http.StatusOK)
}

// taskPage shows a task; answer is the move whose questions stand open.
func (s *Server) taskPage(w http.ResponseWriter, r *http.Request, t id.Task, answer string, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.TaskPage(r.Context(), acc, t)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabTasks, taskTitle(p.Task.Number, p.Task.Title), page.Task(&frame.Caller, &p, answer, f, newKey()))
}

func showMyTasks(s *Server, w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	t, _ := id.Parse[id.Task](query.Get("task")) // none opens none
	return s.myTasksPage(w, r, t, query.Get("answer"), nil, http.StatusOK)
}

// myTasksPage shows the reader's tasks; of one, the questions of a move stand
// open.
func (s *Server) myTasksPage(w http.ResponseWriter, r *http.Request, t id.Task, answer string, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.MyTasks(r.Context(), acc)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabMine, titled("task.mine.title"), page.MyTasks(&frame.Caller, &p, t, answer, f))
}

func showNewTask(s *Server, w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	finding, _ := id.Parse[id.Finding](query.Get("finding")) // none is a task of no finding
	step, _ := certification.ParseStep(query.Get("step"))
	return s.newTaskPage(w, r, finding, step, nil, http.StatusOK)
}

func (s *Server) newTaskPage(w http.ResponseWriter, r *http.Request, finding id.Finding, step certification.Step, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.NewTaskPage(r.Context(), acc, finding)
	if err != nil {
		return err
	}
	if f == nil {
		f = newTaskForm(&p, step)
	}
	return s.show(w, r, code, frame, page.TabTasks, titled("task.new.title"), page.NewTask(&frame.Caller, &p, f, newKey()))
}

// newTaskForm proposes what follows from the finding and the step.
func newTaskForm(p *readmodel.TaskForm, step certification.Step) *form.Form {
	f := form.New(nil)
	priority := task.Normal
	if p.Finding != nil {
		severity, _ := assessment.ParseSeverity(p.Finding.Severity) // the column holds nothing else
		priority, step = task.PriorityOf(severity), certification.Plan
		f.Set("title", task.TitleFrom(p.Finding.Statement))
	}
	f.Set("priority", priority.String())
	for _, open := range task.Writable(p.Project) {
		if step == 0 && p.Project.Status(open) == certification.Open {
			step = open
		}
	}
	if step != 0 {
		f.Set("step", step.String())
	}
	return f
}

// readTask reads the fields that a task's form has, new or not.
func readTask(f *form.Form) readmodel.TaskEdit {
	return readmodel.TaskEdit{
		Title:       f.Text("title", form.Required, form.Max(300), form.Label("task.title.label")),
		Description: f.LongText("description", form.Max(10000), form.Label("task.description.label")),
		Owner:       form.ID[id.Person](f, "owner", form.Label("task.owner.label")),
		Due:         f.Date("due", form.Label("task.due.label")),
		Priority:    form.Enum(f, "priority", task.ParsePriority, form.Required, form.Label("task.priority.label")),
		Step:        form.Enum(f, "step", certification.ParseStep, form.Required, form.Label("task.step.label")),
	}
}

func addTask(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in readmodel.TaskEdit
	var made string
	return s.submit(w, r, submission{
		creates: true,
		read: func(f *form.Form) func(readmodel.Access) error {
			in = readTask(f)
			in.Finding = form.ID[id.Finding](f, "finding")
			return func(acc readmodel.Access) (err error) {
				made, err = s.app.AddTask(r.Context(), acc, in)
				return err
			}
		},
		show: func(f *form.Form, code int) error { return s.newTaskPage(w, r, in.Finding, in.Step, f, code) },
		to: func(acc readmodel.Access) string {
			return page.ProjectPath(acc.Organization, acc.Project) + "/tasks/" + made
		},
	})
}

func showEditTask(s *Server, w http.ResponseWriter, r *http.Request) error {
	t, err := param[id.Task](r, "task")
	if err != nil {
		return err
	}
	return s.editTaskPage(w, r, t, nil, http.StatusOK)
}

func (s *Server) editTaskPage(w http.ResponseWriter, r *http.Request, t id.Task, f *form.Form, code int) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, err := s.app.EditTaskPage(r.Context(), acc, t)
	if err != nil {
		return err
	}
	return s.show(w, r, code, frame, page.TabTasks, taskTitle(p.Task.Number, p.Task.Title), page.EditTask(&frame.Caller, &p, f))
}

func saveTask(s *Server, w http.ResponseWriter, r *http.Request) error {
	t, err := param[id.Task](r, "task")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			in := readTask(f)
			in.ID, in.Version = t, f.Version()
			return func(acc readmodel.Access) error { return s.app.SaveTask(r.Context(), acc, in) }
		},
		show: func(f *form.Form, code int) error { return s.editTaskPage(w, r, t, f, code) },
		to:   taskAddress(t, ""),
	})
}

// moveTask takes the one move of a task: from its own page, or from the page of
// my tasks, where the reader stays.
func moveTask(s *Server, w http.ResponseWriter, r *http.Request) error {
	t, err := param[id.Task](r, "task")
	if err != nil {
		return err
	}
	mine := false
	return s.submit(w, r, submission{
		read: func(f *form.Form) func(readmodel.Access) error {
			mine = f.Value("from") == "mine"
			m := task.Move{Answer: form.Enum(f, "answer", task.ParseAnswer, form.Required, form.Label("task.answer.label"))}
			switch m.Answer {
			case task.Block:
				m.Reason = f.Text("reason", form.Required, form.Max(2000), form.Label("task.reason.label"))
				m.Unblocker = form.ID[id.Person](f, "unblocker", form.Required, form.Label("task.unblocker.label"))
			case task.Propose:
				m.On = f.Date("on", form.Required, form.Label("task.on.label"))
			case task.Start, task.Finish, task.Reopen, task.Accept, task.Keep:
			}
			return func(acc readmodel.Access) error { return s.app.MoveTask(r.Context(), acc, t, m) }
		},
		show: func(f *form.Form, code int) error {
			if mine {
				return s.myTasksPage(w, r, t, f.Value("answer"), f, code)
			}
			return s.taskPage(w, r, t, f.Value("answer"), f, code)
		},
		to: func(acc readmodel.Access) string {
			if mine {
				return page.ProjectPath(acc.Organization, acc.Project) + "/tasks/mine#task-" + t.String()
			}
			return taskAddress(t, "")(acc)
		},
	})
}

// onTask runs a form of a task's own page.
func (s *Server) onTask(w http.ResponseWriter, r *http.Request, creates bool, part string, read func(f *form.Form, t id.Task) func(readmodel.Access) error) error {
	t, err := param[id.Task](r, "task")
	if err != nil {
		return err
	}
	return s.submit(w, r, submission{
		creates: creates,
		read:    func(f *form.Form) func(readmodel.Access) error { return read(f, t) },
		show:    func(f *form.Form, code int) error { return s.taskPage(w, r, t, "", f, code) },
		to:      taskAddress(t, part),
	})
}

func commentTask(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.onTask(w, r, true, "comments", func(f *form.Form, t id.Task) func(readmodel.Access) error {
		body := f.LongText("body", form.Required, form.Max(10000), form.Label("task.comment.label"))
		return func(acc readmodel.Access) error { return s.app.CommentTask(r.Context(), acc, t, body) }
	})
}

func addTaskEvidence(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.onTask(w, r, true, "evidence", func(f *form.Form, t id.Task) func(readmodel.Access) error {
		in := readmodel.TaskEvidence{
			Title: f.Text("evidence", form.Required, form.Max(300), form.Label("task.evidence.label")),
			Link:  f.URL("link", form.Label("task.link.label")),
			Note:  f.LongText("note", form.Max(10000), form.Label("task.note.label")),
		}
		return func(acc readmodel.Access) error { return s.app.AddTaskEvidence(r.Context(), acc, t, in) }
	})
}

func addDependency(s *Server, w http.ResponseWriter, r *http.Request) error {
	return s.onTask(w, r, false, "waits", func(f *form.Form, t id.Task) func(readmodel.Access) error {
		number := f.Int("after", form.Required, form.AtLeast(1), form.AtMost(1_000_000_000), form.Label("task.after.label"))
		return func(acc readmodel.Access) error { return s.app.AddDependency(r.Context(), acc, t, number) }
	})
}

func removeDependency(s *Server, w http.ResponseWriter, r *http.Request) error {
	after, err := param[id.Task](r, "after")
	if err != nil {
		return err
	}
	return s.onTask(w, r, false, "waits", func(_ *form.Form, t id.Task) func(readmodel.Access) error {
		return func(acc readmodel.Access) error { return s.app.RemoveDependency(r.Context(), acc, t, after) }
	})
}
