package page

import (
	"context"
	"time"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// Day gives the organization's day of a moment.
func Day(c *readmodel.Caller, t time.Time) civil.Date { return civil.Of(t, c.Location()) }

// Steps maps the project's steps to the path, rail and strip.
func Steps(ctx context.Context, c *readmodel.Caller, p *certification.Project, current certification.Step) []component.StepView {
	out := make([]component.StepView, 0, len(certification.Steps()))
	for _, s := range certification.Steps() {
		state := p.State(s)
		out = append(out, component.StepView{
			Number: s.Number(), Title: StepTitle(ctx, s), Href: StepPath(c, s.String()),
			Current: s == current, State: stepState(state.Status), Note: stepNote(ctx, c, p, state),
		})
	}
	return out
}

func stepState(s certification.Status) component.StepState {
	switch s {
	case certification.Finished:
		return component.StepFinished
	case certification.ToConfirm:
		return component.StepAgain
	case certification.Open:
		return component.StepOpen
	case certification.Locked:
	}
	return component.StepLocked
}

// stepNote is the line under a step: when it was finished, how far it is, or
// what opens it.
func stepNote(ctx context.Context, c *readmodel.Caller, p *certification.Project, s certification.StepState) string {
	switch s.Status {
	case certification.Finished:
		day := i18n.DateShort(ctx, Day(c, s.Finished.At))
		if s.Reopened.Seq > 0 {
			return i18n.T(ctx, "step.note.finished_again", "date", day)
		}
		return i18n.T(ctx, "step.note.finished", "date", day)
	case certification.ToConfirm:
		return i18n.T(ctx, "step.note.to_confirm", "number", s.Because.Number())
	case certification.Locked:
		return i18n.T(ctx, "step.note.locked", "after", stepNumbers(ctx, s.StartAfter))
	case certification.Open:
	}
	held, all := 0, p.Criteria(s.Step)
	for _, criterion := range all {
		if criterion.Holds() {
			held++
		}
	}
	return i18n.T(ctx, "step.note.open", "n", held, "of", len(all))
}

// criterionViews maps the criteria of a step to the list on its page.
func criterionViews(ctx context.Context, c *readmodel.Caller, sp *readmodel.StepPage) []component.CriterionView {
	state := sp.Project.State(sp.Step)
	var out []component.CriterionView
	for _, cs := range sp.Project.Criteria(sp.Step) {
		v := component.CriterionView{
			ID: string(cs.ID), Anchor: criterionAnchor(cs.ID), Sentence: CriterionTitle(ctx, cs.ID),
			Note: CriterionNote(ctx, cs), Who: WhoText(ctx, cs.ByWhom()),
		}
		switch {
		case cs.Met:
			v.State = component.CriterionMet
		case cs.Holds():
			v.State = component.CriterionWaived
			v.Note = i18n.T(ctx, "waiver.granted_note", "reason", cs.Waiver.Reason, "asked", sp.Names[cs.Waiver.AskedBy], "answered", sp.Names[cs.Waiver.AnsweredBy])
		case state.Status == certification.Finished || state.Status == certification.ToConfirm:
			v.State = component.CriterionBroken
		}
		if state.Status != certification.Locked {
			label := i18n.T(ctx, "step.criterion.go")
			if cs.Met {
				label = i18n.T(ctx, "step.criterion.view")
			}
			v.Act = &component.ButtonView{
				Label: label, Size: component.SizeRow, Kind: component.ButtonText, Href: CriterionPath(c, cs.ID),
				Says: label + " " + string(cs.ID),
			}
		}
		if cs.Waivable && !cs.Holds() && cs.Waiver == nil && state.Status == certification.Open && c.Can(permission.AskWaiver) {
			v.Also = &component.ButtonView{
				Label: i18n.T(ctx, "waiver.ask.button"), Size: component.SizeRow, Kind: component.ButtonText,
				Href: At(c) + "/waivers/new?criterion=" + string(cs.ID),
				Says: i18n.T(ctx, "waiver.ask.button") + " " + string(cs.ID),
			}
		}
		out = append(out, v)
	}
	return out
}

func criterionAnchor(c certification.CriterionID) string { return "criterion-" + string(c) }

// finishView maps what finishing would answer now to the panel.
func finishView(ctx context.Context, c *readmodel.Caller, sp *readmodel.StepPage) component.FinishView {
	step := sp.Step
	state := sp.Project.State(step)
	v := component.FinishView{
		Number: step.Number(), Action: StepPath(c, step.String()) + "/finish",
		Title: i18n.T(ctx, "step.finish.title", "number", step.Number()),
		Label: i18n.T(ctx, "step.finish.button", "number", step.Number()),
		Text:  finishText(ctx, step),
	}
	if state.Status == certification.ToConfirm {
		v.Title = i18n.T(ctx, "step.confirm.title", "number", step.Number())
		v.Label = i18n.T(ctx, "step.confirm.button", "number", step.Number())
		v.Text = i18n.T(ctx, "step.confirm.text", "because", stepMessage(state.Because))
	}
	if state.Status == certification.Finished {
		v.Text = ""
		v.Done = i18n.T(ctx, "step.finish.done", "name", sp.Names[state.Finished.Person], "date", i18n.DateLong(ctx, Day(c, state.Finished.At)))
		return v
	}
	v.ReasonsTitle = i18n.T(ctx, "step.finish.not_yet")
	if !c.Can(permission.FinishStep) {
		v.Reasons = append(v.Reasons, component.Reason{Label: i18n.T(ctx, "step.finish.who"), Text: i18n.T(ctx, "step.finish.who_text")})
	}
	refused, _ := sp.Project.MayFinish(step).(certification.Refused) //nolint:errorlint // the domain answers this very type
	for _, reason := range refused {
		r := component.Reason{Text: RefusalText(ctx, reason)}
		switch reason := reason.(type) {
		case certification.CriterionUnmet:
			r.Label = string(reason.State.ID) + " " + CriterionTitle(ctx, reason.State.ID)
			r.Href = "#" + criterionAnchor(reason.State.ID)
			r.Text = CriterionNote(ctx, reason.State) + " " + i18n.T(ctx, "step.finish.by", "who", WhoText(ctx, reason.State.ByWhom()))
		case certification.StepLocked:
			r.Label = i18n.T(ctx, "step.first", "after", stepNames(ctx, reason.After))
			r.Href = StepPath(c, reason.After[0].String())
		case certification.FinishLater:
			if state.Status == certification.Locked {
				continue
			}
			r.Label = i18n.T(ctx, "step.first", "after", stepNames(ctx, reason.After))
			r.Href = StepPath(c, reason.After[0].String())
		}
		v.Reasons = append(v.Reasons, r)
	}
	return v
}

func finishText(ctx context.Context, step certification.Step) string {
	if step == certification.Certificate {
		return i18n.T(ctx, "step.finish.cycle")
	}
	return i18n.T(ctx, "step.finish.text", "opens", stepNumbers(ctx, step.Opens()), "n", len(step.Opens()))
}

// editable tells whether facts of a step can be written by this caller, and
// with which permission.
func editable(c *readmodel.Caller, sp *readmodel.StepPage, kind certification.Kind, p permission.Permission) bool {
	status := sp.Project.Status(sp.Step)
	if status == certification.Locked || c.ProjectGone || c.OrganizationGone || !c.Can(p) {
		return false
	}
	return kind == certification.Living || status == certification.Open
}

// historyViews maps events to the list of what happened.
func historyViews(ctx context.Context, c *readmodel.Caller, events []readmodel.Event) []component.HistoryView {
	out := make([]component.HistoryView, len(events))
	for i, e := range events {
		out[i] = component.HistoryView{
			When: historyTime(ctx, c, e.At), ISO: e.At.Format(time.RFC3339), Who: deref(e.Name), Text: EventText(ctx, e),
		}
	}
	return out
}

// historyTime shows the hour of today, else the day.
func historyTime(ctx context.Context, c *readmodel.Caller, t time.Time) string {
	if Day(c, t) == Day(c, c.Now) {
		return i18n.Clock(ctx, t, c.Location())
	}
	return i18n.DateShort(ctx, Day(c, t))
}

// EventText is an event in the reader's language, the person's name left out.
func EventText(ctx context.Context, e readmodel.Event) string {
	args := []any{"subject", e.Subject}
	if step, ok := certification.ParseStep(e.Subject); ok {
		args = append(args, "step", stepMessage(step))
	}
	for name, value := range e.Data {
		switch v := value.(type) {
		case string:
			if key := "event.value." + name + "." + v; i18n.Has(key) {
				value = i18n.M(key)
			} else if day, err := civil.Parse(v); err == nil {
				value = day
			}
		case float64:
			value = int(v)
		}
		if name != "step" && name != "subject" {
			args = append(args, name, value)
		}
	}
	return i18n.T(ctx, "event."+e.Kind, args...)
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// nameOf names a person of the names map.
func nameOf(names map[id.Person]string, p id.Person) string { return names[p] }
