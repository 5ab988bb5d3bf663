package page

import (
	"context"
	"strings"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/task"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

func planHead(ctx context.Context, first string) []component.Column {
	return []component.Column{
		{Label: i18n.T(ctx, first)},
		{Label: i18n.T(ctx, "plan.column.total"), Number: true},
		{Label: i18n.T(ctx, "plan.column.open"), Number: true},
		{Label: i18n.T(ctx, "plan.column.late"), Number: true},
		{Label: i18n.T(ctx, "plan.column.blocked"), Number: true},
	}
}

// ownerTasks is the list of the open tasks of a line's owner.
func ownerTasks(c *readmodel.Caller, line readmodel.PlanLine) string {
	f := readmodel.TaskFilter{Owner: readmodel.Nobodys}
	if line.OwnerID != nil {
		f.Owner, f.Person = readmodel.OnePersons, *line.OwnerID
	}
	return taskListPath(c, f)
}

func lineOwner(ctx context.Context, line readmodel.PlanLine) string {
	if line.Owner == nil {
		return i18n.T(ctx, "task.owner.none")
	}
	return *line.Owner
}

// lineStep is the step that a line sums, 0 for none.
func lineStep(line readmodel.PlanLine) certification.Step {
	for _, s := range certification.Steps() {
		if line.Step != nil && *line.Step == s.Number() {
			return s
		}
	}
	return 0
}

// sinceBaseline says how the plan differs from its latest baseline.
func sinceBaseline(ctx context.Context, s readmodel.PlanChanges) string {
	if s == (readmodel.PlanChanges{}) {
		return i18n.T(ctx, "plan.since.nothing")
	}
	var parts []string
	add := func(key string, n int) {
		if n > 0 {
			parts = append(parts, i18n.T(ctx, key, "n", n))
		}
	}
	add("plan.since.added", s.Added)
	add("plan.since.moved", s.Moved)
	add("plan.since.reassigned", s.Reassigned)
	return i18n.T(ctx, "plan.since.some", "changes", i18n.List(ctx, parts))
}

// freezeReasons says why the plan cannot be frozen yet, all at once.
func freezeReasons(ctx context.Context, c *readmodel.Caller, p *readmodel.PlanPage) []component.Reason {
	refused, _ := task.MayFreeze(p.Project).(certification.Refused) //nolint:errorlint // the domain answers this very type
	var out []component.Reason
	for _, reason := range refused {
		r := component.Reason{Text: RefusalText(ctx, reason)}
		if unmet, ok := reason.(certification.CriterionUnmet); ok {
			r.Label = string(unmet.State.ID) + " " + CriterionTitle(ctx, unmet.State.ID)
			r.Href, r.Text = CriterionPath(c, unmet.State.ID), CriterionNote(ctx, unmet.State)
		}
		out = append(out, r)
	}
	return out
}

func freezeButton(ctx context.Context, p *readmodel.PlanPage) component.ButtonView {
	b := component.ButtonView{Label: i18n.T(ctx, "plan.baseline.freeze")}
	if len(p.Baselines) > 0 {
		b.Label = i18n.T(ctx, "plan.baseline.again")
	}
	if task.MayFreeze(p.Project) != nil {
		b.Refused = "freeze-reasons"
	}
	return b
}

// plannedForm gives the form of a finding's row: what was typed, or what is
// proposed for it.
func plannedForm(f *form.Form, p *readmodel.PlanFindings, finding readmodel.Uncovered) *form.Form {
	row := finding.ID.String()
	if f.Has("title-" + row) {
		return f
	}
	out := form.New(nil)
	if f == nil {
		out.Set("row", row)
	}
	severity, _ := assessment.ParseSeverity(finding.Severity) // the column holds nothing else
	clause, _, _ := strings.Cut(finding.CheckID, "-")
	out.Set("title-"+row, task.TitleFrom(finding.Statement))
	out.Set("priority-"+row, task.PriorityOf(severity).String())
	if owner := task.OwnerOf(clause, p.Owners); !owner.IsZero() {
		out.Set("owner-"+row, owner.String())
	}
	return out
}
