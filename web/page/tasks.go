package page

import (
	"context"
	"net/url"
	"strconv"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// TaskPath is the address of a task's page.
func TaskPath(c *readmodel.Caller, t id.Task) string { return At(c) + "/tasks/" + t.String() }

// FindingPath is the address of a finding's page.
func FindingPath(c *readmodel.Caller, f id.Finding) string { return At(c) + "/findings/" + f.String() }

// taskListPath is the address of the list with filters and a place in it.
func taskListPath(c *readmodel.Caller, f readmodel.TaskFilter) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("state", taskStateFilter(f))
	set("owner", taskOwnerFilter(f))
	if f.Step != 0 {
		set("step", f.Step.String())
	}
	set("lack", taskLackFilter(f))
	set("late", taskLateFilter(f))
	if !f.Finding.IsZero() {
		set("finding", f.Finding.String())
	}
	if f.Newest {
		set("sort", "number")
	}
	if f.Cursor.Number > 0 {
		side := "after"
		if f.Cursor.Before {
			side = "before"
		}
		set(side, f.Cursor.Due.String()+"."+strconv.Itoa(f.Cursor.Number))
	}
	if len(q) == 0 {
		return At(c) + "/tasks"
	}
	return At(c) + "/tasks?" + q.Encode()
}

func taskStateFilter(f readmodel.TaskFilter) string {
	if f.Any {
		return "all"
	}
	return f.State.String()
}

func taskOwnerFilter(f readmodel.TaskFilter) string {
	switch f.Owner {
	case readmodel.Mine:
		return "me"
	case readmodel.Nobodys:
		return "none"
	case readmodel.OnePersons:
		return f.Person.String()
	case readmodel.Anyones:
	}
	return ""
}

func taskLackFilter(f readmodel.TaskFilter) string {
	switch f.Lack {
	case readmodel.LackOwner:
		return "owner"
	case readmodel.LackDue:
		return "due"
	case readmodel.LackNothing:
	}
	return ""
}

func taskLateFilter(f readmodel.TaskFilter) string {
	if f.Late {
		return "1"
	}
	return ""
}

func taskStepFilter(f readmodel.TaskFilter) string {
	if f.Step == 0 {
		return ""
	}
	return f.Step.String()
}

// taskFiltered tells whether a list shows less than all that is open.
func taskFiltered(f readmodel.TaskFilter) bool {
	f.Newest, f.Cursor = false, readmodel.TaskCursor{}
	return f != readmodel.TaskFilter{}
}

// taskSorted is the list from its start, sorted otherwise.
func taskSorted(f readmodel.TaskFilter, newest bool) readmodel.TaskFilter {
	f.Newest, f.Cursor = newest, readmodel.TaskCursor{}
	return f
}

// taskPager leads through the list.
func taskPager(ctx context.Context, c *readmodel.Caller, l *readmodel.TaskList) component.PagerView {
	v := component.PagerView{Text: i18n.T(ctx, "task.list.count", "n", l.Count, "shown", len(l.Rows))}
	if l.Count >= 1000 {
		v.Text = i18n.T(ctx, "task.list.many", "count", i18n.Count(l.Count), "shown", len(l.Rows))
	}
	turn := func(at *readmodel.TaskCursor) string {
		if at == nil {
			return ""
		}
		f := l.Filter
		f.Cursor = *at
		return taskListPath(c, f)
	}
	v.PrevHref, v.NextHref = turn(l.Prev), turn(l.Next)
	return v
}

func taskOwnerOptions(ctx context.Context, c *readmodel.Caller, people []readmodel.Colleague) []component.Option {
	out := []component.Option{
		{Value: "me", Label: i18n.T(ctx, "task.filter.me")},
		{Value: "none", Label: i18n.T(ctx, "task.filter.nobody")},
	}
	for _, p := range people {
		if p.Person != c.Person {
			out = append(out, component.Option{Value: p.Person.String(), Label: p.Name})
		}
	}
	return out
}

// stepOptions makes the choices of steps, with their numbers.
func stepOptions(ctx context.Context, steps []certification.Step) []component.Option {
	out := make([]component.Option, len(steps))
	for i, s := range steps {
		out[i] = component.Option{Value: s.String(), Label: i18n.T(ctx, "step.named_plain", "number", s.Number(), "title", StepTitle(ctx, s))}
	}
	return out
}

func priorityOptions(ctx context.Context) []component.Option {
	out := make([]component.Option, 0, len(task.Priorities()))
	for _, p := range task.Priorities() {
		out = append(out, component.Option{Value: p.String(), Label: i18n.T(ctx, "task.priority."+p.String())})
	}
	return out
}

func taskStateOptions(ctx context.Context) []component.Option {
	out := make([]component.Option, 0, len(task.States()))
	for _, s := range task.States() {
		out = append(out, component.Option{Value: s.String(), Label: i18n.T(ctx, "task.state."+s.String())})
	}
	return out
}

// taskStateIcon is the shape of a state.
func taskStateIcon(s task.State) component.IconName {
	switch s {
	case task.Done:
		return component.IconFinished
	case task.Blocked:
		return component.IconStop
	case task.InProgress:
		return component.IconPartly
	case task.Open:
	}
	return component.IconNotAssessed
}

func taskStateTone(s task.State) component.Tone {
	if s == task.Blocked {
		return component.ToneBad
	}
	return component.ToneQuiet
}

// lateBadge is how many days a task is late, "" where it is not.
func lateBadge(ctx context.Context, s task.State, due, today civil.Date) string {
	if n := task.DaysLate(s, due, today); n > 0 {
		return i18n.T(ctx, "task.late", "n", n)
	}
	return ""
}

// nearDay writes a due date: without its year while it is this one's.
func nearDay(ctx context.Context, d, today civil.Date) string {
	if d.Year() == today.Year() {
		return i18n.Date(ctx, d)
	}
	return i18n.DateLong(ctx, d)
}

// checkOr names the check of a task's finding, or its step.
func checkOr(ctx context.Context, check *string, step certification.Step) string {
	if check != nil {
		return *check
	}
	return i18n.T(ctx, "task.of_step", "number", step.Number())
}

// taskHead heads the columns of the list; two of them sort it.
func taskHead(ctx context.Context, c *readmodel.Caller, f readmodel.TaskFilter) []component.Column {
	number := component.Column{Label: i18n.T(ctx, "task.list.task"), SortHref: taskListPath(c, taskSorted(f, true))}
	due := component.Column{Label: i18n.T(ctx, "task.due.label"), SortHref: taskListPath(c, taskSorted(f, false))}
	switch {
	case f.Lack != readmodel.LackNothing: // always by number
		number.SortHref, due.SortHref = "", ""
		number.Sorted = "descending"
	case f.Newest:
		number.Sorted = "descending"
	default:
		due.Sorted = "ascending"
	}
	return []component.Column{
		number, {Label: i18n.T(ctx, "task.for")}, {Label: i18n.T(ctx, "task.owner.label")}, due, {Label: i18n.T(ctx, "task.state.label")},
	}
}
