package page

import (
	"context"
	"slices"
	"strconv"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/task"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// answers is what a reader can say of a task: three buttons, and the questions
// of one of them.
type answers struct {
	task   id.Task
	state  task.State
	action string
	// page is where the buttons stand: "mine" or "".
	page string
	// at is that page's address, to open the questions of a move.
	at string
	// swap is the element that an answer replaces.
	swap string
	// open is the move whose questions stand open, form what was typed.
	open   string
	form   *form.Form
	people []readmodel.Colleague
	// manages tells that a new date holds at once.
	manages bool
}

// opens is the address that shows the questions of a move, or hides them.
func (a *answers) opens(answer task.Answer) string {
	anchor := "#task-" + a.task.String()
	if a.open == answer.String() {
		return a.at + anchor
	}
	if a.page == "mine" {
		return a.at + "?task=" + a.task.String() + "&answer=" + answer.String() + anchor
	}
	return a.at + "?answer=" + answer.String() + anchor
}

// offered are three buttons at most: starting stands elsewhere, save where it
// is how a blocked task goes on.
func (a *answers) offered() []task.Answer {
	return slices.DeleteFunc(task.Offered(a.state), func(answer task.Answer) bool {
		return answer == task.Start && a.state != task.Blocked
	})
}

func (a *answers) label(ctx context.Context, answer task.Answer) string {
	if answer == task.Start && a.state == task.Blocked {
		return i18n.T(ctx, "task.answer.resume")
	}
	return i18n.T(ctx, "task.answer."+answer.String())
}

func (a *answers) expanded(answer task.Answer) string {
	return strconv.FormatBool(a.open == answer.String())
}

// workable tells whether the reader may answer for a task now: it is theirs or
// they manage, and its step can be written.
func workable(c *readmodel.Caller, p *readmodel.TaskPage) bool {
	mine := p.Task.OwnerID != nil && *p.Task.OwnerID == c.Person && c.Can(permission.WorkOnTasks)
	return (mine || c.Can(permission.EditTasks)) && taskWritable(p.Project, p.Task.Step)
}

// manageable tells whether the reader may change everything on a task now.
func manageable(c *readmodel.Caller, p *readmodel.TaskPage) bool {
	return c.Can(permission.EditTasks) && taskWritable(p.Project, p.Task.Step)
}

func taskWritable(p *certification.Project, step certification.Step) bool {
	return !p.Archived && p.Status(step) != certification.Locked
}

func taskAnswers(c *readmodel.Caller, p *readmodel.TaskPage, open string, f *form.Form) *answers {
	return &answers{
		task: p.Task.ID, state: p.Task.State, action: TaskPath(c, p.Task.ID) + "/state", at: TaskPath(c, p.Task.ID), swap: "task",
		open: open, form: own(f, "answer"), people: p.People, manages: c.Can(permission.EditTasks),
	}
}

// taskHelpers are the people who can unblock a task: everybody but who reports it.
func taskHelpers(c *readmodel.Caller, people []readmodel.Colleague) []component.Option {
	var out []component.Option
	for _, p := range people {
		if p.Person != c.Person {
			out = append(out, component.Option{Value: p.Person.String(), Label: p.Name})
		}
	}
	return out
}

// taskFacts are the facts beside a task.
func taskFacts(ctx context.Context, c *readmodel.Caller, p *readmodel.TaskPage) []component.Row {
	t := &p.Task
	owner := i18n.T(ctx, "task.owner.none")
	if t.Owner != nil {
		owner = *t.Owner
	}
	rows := []component.Row{
		{Term: i18n.T(ctx, "task.owner.label"), Text: owner},
		{Term: i18n.T(ctx, "task.due.label"), Text: orDash(i18n.DateLong(ctx, t.DueOn))},
		{Term: i18n.T(ctx, "task.priority.label"), Text: i18n.T(ctx, "task.priority."+t.Priority.String())},
		{Term: i18n.T(ctx, "task.step.label"), Text: i18n.T(ctx, "step.named_plain", "number", t.Step.Number(), "title", StepTitle(ctx, t.Step)), Href: StepPath(c, t.Step.String())},
	}
	if p.Finding != nil {
		rows = append(rows, component.Row{
			Term: i18n.T(ctx, "task.finding.label"), Text: i18n.T(ctx, "task.finding.named", "number", p.Finding.Number, "check", p.Finding.CheckID),
			Href: FindingPath(c, p.Finding.ID),
		})
	}
	rows = append(rows, component.Row{Term: i18n.T(ctx, "task.created.label"), Text: i18n.T(ctx, "task.created.by", "name", t.CreatedBy, "date", i18n.DateLong(ctx, Day(c, t.CreatedAt)))})
	if t.DoneAt != nil {
		rows = append(rows, component.Row{Term: i18n.T(ctx, "task.file.done"), Text: i18n.DateLong(ctx, Day(c, *t.DoneAt))})
	}
	return rows
}

// taskForm gives the edit form: the refused one, or one filled with the task.
func taskForm(f *form.Form, t *readmodel.Task) *form.Form {
	owner := ""
	if t.OwnerID != nil {
		owner = t.OwnerID.String()
	}
	return filled(f, "title", t.Version, "title", t.Title, "description", t.Description, "owner", owner,
		"due", t.DueOn.String(), "priority", t.Priority.String(), "step", t.Step.String())
}

// taskSteps are the steps that a task may name: those that can be written, and
// the one it has.
func taskSteps(p *certification.Project, has certification.Step) []certification.Step {
	var out []certification.Step
	for _, s := range certification.Steps() {
		if s == has || taskWritable(p, s) {
			out = append(out, s)
		}
	}
	return out
}

// mineLead says how many tasks are open and late, and the day they lead to.
func mineLead(ctx context.Context, c *readmodel.Caller, m *readmodel.MyTasks) string {
	open, late := 0, 0
	for _, t := range m.Tasks {
		if t.State == task.Done {
			continue
		}
		open++
		if task.DaysLate(t.State, t.DueOn, c.Today()) > 0 {
			late++
		}
	}
	lead := i18n.T(ctx, "task.mine.open", "n", open)
	if late > 0 {
		lead = i18n.T(ctx, "task.mine.open_late", "n", open, "late", late)
	}
	if !m.Stage1.IsZero() {
		lead = i18n.T(ctx, "task.mine.stage1", "lead", lead, "date", nearDay(ctx, m.Stage1, c.Today()))
	}
	return lead
}

// mineOf gives the tasks of a group, and how many of them are open.
func mineOf(m *readmodel.MyTasks, g task.Group, today civil.Date) (list []readmodel.MyTask, open int) {
	for _, t := range m.Tasks {
		if task.GroupOf(t.DueOn, today) != g {
			continue
		}
		list = append(list, t)
		if t.State != task.Done {
			open++
		}
	}
	return list, open
}

func taskGroupTone(g task.Group) component.Tone {
	if g == task.Late {
		return component.ToneBad
	}
	return component.ToneQuiet
}

// mineAnswers are the buttons of one of my tasks.
func mineAnswers(c *readmodel.Caller, m *readmodel.MyTasks, t *readmodel.MyTask, asked id.Task, open string, f *form.Form) *answers {
	a := &answers{
		task: t.ID, state: t.State, action: TaskPath(c, t.ID) + "/state", page: "mine", at: At(c) + "/tasks/mine", swap: "mine",
		people: m.People, manages: c.Can(permission.EditTasks),
	}
	if t.ID == asked {
		a.open, a.form = open, f
	}
	return a
}

// mineDue says for what a task is and when it is due.
func mineDue(ctx context.Context, c *readmodel.Caller, t *readmodel.MyTask) string {
	what := checkOr(ctx, t.CheckID, t.Step)
	if t.DueOn.IsZero() {
		return i18n.T(ctx, "task.mine.undated", "what", what)
	}
	return i18n.T(ctx, "task.mine.due", "what", what, "date", nearDay(ctx, t.DueOn, c.Today()))
}
