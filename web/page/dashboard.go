package page

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// stage1Readiness is the readiness that the gate before stage 1 asks for.
func stage1Readiness() int { return assessment.DefaultThresholds().Stage1Readiness }

// headline says in a sentence what is blocked: the first thing a project
// manager has to know.
func headline(ctx context.Context, d *readmodel.Dashboard) string {
	var parts []i18n.Message
	for _, s := range certification.Steps() {
		state := d.Project.State(s)
		switch state.Status {
		case certification.ToConfirm:
			parts = append(parts, i18n.M("dashboard.headline.confirm", "number", s.Number()))
		case certification.Open:
			lacking, all := 0, d.Project.Criteria(s)
			for _, c := range all {
				if !c.Holds() {
					lacking++
				}
			}
			if lacking == 0 && len(state.FinishAfter) == 0 {
				parts = append(parts, i18n.M("dashboard.headline.ready", "number", s.Number()))
			} else if lacking > 0 {
				parts = append(parts, i18n.M("dashboard.headline.lacks", "number", s.Number(), "n", lacking, "of", len(all)))
			}
		case certification.Finished, certification.Locked:
		}
	}
	if len(parts) == 0 {
		return i18n.T(ctx, "dashboard.headline.quiet")
	}
	text := parts[0].In(ctx)
	for _, p := range parts[1:] {
		text = i18n.T(ctx, "dashboard.headline.both", "first", text, "second", p)
	}
	sentence := []rune(i18n.T(ctx, "dashboard.headline.sentence", "parts", text))
	sentence[0] = unicode.ToUpper(sentence[0])
	return string(sentence)
}

// targetLine says how long it is to the target date.
func targetLine(ctx context.Context, c *readmodel.Caller) string {
	days := c.Today().DaysUntil(c.TargetOn)
	date := i18n.DateLong(ctx, c.TargetOn)
	switch {
	case days > 0:
		return i18n.T(ctx, "dashboard.target.left", "n", days, "date", date)
	case days == 0:
		return i18n.T(ctx, "dashboard.target.today", "date", date)
	}
	return i18n.T(ctx, "dashboard.target.past", "n", -days, "date", date)
}

// readinessMeter is the headline figure with its baseline and target.
func readinessMeter(ctx context.Context, c *readmodel.Caller, d *readmodel.Dashboard) component.MeterView {
	today := d.Total.Readiness().Percent()
	v := component.MeterView{
		Label: i18n.T(ctx, "assessment.readiness"), Value: today, Text: i18n.Percent(ctx, today),
		Target: &component.MeterMark{At: stage1Readiness(), Label: i18n.T(ctx, "dashboard.stage1_target", "percent", i18n.Percent(ctx, stage1Readiness()))},
	}
	if d.Latest != nil {
		then := d.Latest.Total.Readiness().Percent()
		v.Note = i18n.T(ctx, "dashboard.since", "change", signed(today-then))
		v.Baseline = &component.MeterMark{At: then, Label: i18n.T(ctx, "dashboard.baseline",
			"date", i18n.DateShort(ctx, Day(c, d.Latest.At)), "percent", i18n.Percent(ctx, then))}
	}
	return v
}

// coverageMeter stands beside it, always.
func coverageMeter(ctx context.Context, c *readmodel.Caller, d *readmodel.Dashboard) component.MeterView {
	today := d.Total.Coverage().Percent()
	v := component.MeterView{Label: i18n.T(ctx, "assessment.coverage"), Value: today, Text: i18n.Percent(ctx, today), Quiet: true}
	if d.Latest != nil {
		v.Note = i18n.T(ctx, "dashboard.baseline", "date", i18n.DateShort(ctx, Day(c, d.Latest.At)), "percent", i18n.Percent(ctx, d.Latest.Total.Coverage().Percent()))
	}
	if n := d.Project.Facts.Gap.Unrated; n > 0 {
		v.Below = i18n.T(ctx, "dashboard.unrated", "n", n)
	}
	return v
}

func signed(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	if n < 0 {
		return "−" + strconv.Itoa(-n)
	}
	return "±0"
}

// nextLimit keeps the list of next acts to what fits above the fold.
const nextLimit = 7

// nextActs lists what stands between the reader and the next step: what the
// reader was asked, steps ready to finish, what criteria lack, steps to
// confirm, waivers that wait, and tasks that are late.
func nextActs(ctx context.Context, c *readmodel.Caller, d *readmodel.Dashboard) []component.NextView {
	var out []component.NextView
	for _, a := range d.Asked {
		out = append(out, component.NextView{
			Icon: component.IconOpen, Title: i18n.T(ctx, "next.appointment", "role", i18n.M("role."+a.Role)), Note: clauseTitle(ctx, a.Clause),
			Who: i18n.T(ctx, "dashboard.you"), Act: goThere(ctx, "next.answer", StepPath(c, "committee")+"#appointments"),
		})
	}
	for _, w := range d.Project.OpenWaivers() {
		if w.State() == certification.WaiverAsked && c.Can(permission.AnswerWaiver) && w.AskedBy != c.Person {
			out = append(out, component.NextView{
				Icon: component.IconOpen, Title: i18n.T(ctx, "next.waiver", "criterion", string(w.Criterion)), Note: w.Reason,
				Who: i18n.T(ctx, "dashboard.you"), Act: goThere(ctx, "next.answer", StepPath(c, w.Criterion.Step().String())+"#waiver-"+w.ID.String()),
			})
		}
	}
	for _, s := range certification.Steps() {
		out = append(out, stepActs(ctx, c, d, s)...)
	}
	if c.Can(permission.ReadTasks) {
		for _, t := range d.Tasks {
			out = append(out, lateTask(ctx, c, t))
		}
	}
	if len(out) > nextLimit {
		out = out[:nextLimit]
	}
	if len(out) > 0 {
		out[0].Here = true
		if out[0].Act != nil {
			out[0].Act.Kind = component.ButtonPrimary
		}
	}
	return out
}

// stepActs lists what an open step, or one to confirm, asks for.
func stepActs(ctx context.Context, c *readmodel.Caller, d *readmodel.Dashboard, s certification.Step) []component.NextView {
	state := d.Project.State(s)
	if state.Status != certification.Open && state.Status != certification.ToConfirm {
		return nil
	}
	var out []component.NextView
	for _, cs := range d.Project.Criteria(s) {
		if cs.Holds() {
			continue
		}
		out = append(out, component.NextView{
			Icon: component.IconOpen, Title: i18n.T(ctx, "next.do."+strings.ReplaceAll(string(cs.ID), ".", "_")),
			Note: i18n.T(ctx, "next.criterion", "number", s.Number(), "criterion", string(cs.ID), "note", CriterionNote(ctx, cs)),
			Who:  whoDoes(ctx, c, cs.ByWhom()), Act: goThere(ctx, "next.go", CriterionPath(c, cs.ID)),
		})
	}
	if len(out) > 0 || len(state.FinishAfter) > 0 {
		return out
	}
	v := component.NextView{
		Icon: component.IconOpen, Title: i18n.T(ctx, "next.finish", "number", s.Number()), Note: StepTitle(ctx, s),
		Who: whoDoes(ctx, c, certification.ProjectManager), Act: goThere(ctx, "next.finish_go", StepPath(c, s.String())),
	}
	if state.Status == certification.ToConfirm {
		v.Icon, v.Title = component.IconAgain, i18n.T(ctx, "next.confirm", "number", s.Number())
		v.Act.Label = i18n.T(ctx, "next.confirm_go")
	}
	return []component.NextView{v}
}

func lateTask(ctx context.Context, c *readmodel.Caller, t readmodel.LateTask) component.NextView {
	v := component.NextView{
		Icon: component.IconStop, Title: t.Title, Note: t.Reason, Who: deref(t.Owner), Date: i18n.DateShort(ctx, t.DueOn),
		Badge: i18n.T(ctx, "task.late", "n", t.DueOn.DaysUntil(c.Today())), BadgeTone: component.ToneBad,
		Act: goThere(ctx, "next.open", At(c)+"/tasks/"+t.ID.String()),
	}
	if t.State != "blocked" {
		v.Icon = component.IconClock
	}
	if t.Mine {
		v.Who = i18n.T(ctx, "dashboard.you")
	}
	return v
}

func goThere(ctx context.Context, key, href string) *component.ButtonView {
	return &component.ButtonView{Label: i18n.T(ctx, key), Href: href}
}

// whoDoes says "You" to whom the role belongs.
func whoDoes(ctx context.Context, c *readmodel.Caller, w certification.Who) string {
	mine := map[certification.Who]permission.Permission{
		certification.ProjectManager: permission.FinishStep, certification.Sponsor: permission.Approve,
		certification.Chair: permission.ApproveAsChair, certification.Consultant: permission.SignOff, certification.Auditor: permission.AuditInside,
	}
	if p, ok := mine[w]; ok && c.Can(p) {
		return i18n.T(ctx, "dashboard.you")
	}
	return WhoText(ctx, w)
}

// clauseTitle is a clause with its number, "" for none.
func clauseTitle(ctx context.Context, number string) string {
	if number == "" {
		return ""
	}
	return number + " " + standard.Current().Texts(i18n.From(ctx).String()).Title(standard.ClauseNumber(number))
}

// dateViews lists the days that matter, the certificate's target in bold.
func dateViews(ctx context.Context, c *readmodel.Caller, d *readmodel.Dashboard) []component.DateView {
	var out []component.DateView
	for _, day := range d.Dates {
		v := component.DateView{
			Title: i18n.T(ctx, "dashboard.date."+day.Kind), Date: i18n.DateLong(ctx, day.On), Main: day.Kind == "target",
		}
		left := c.Today().DaysUntil(day.On)
		switch {
		case day.Held:
			v.Badge, v.BadgeTone = i18n.T(ctx, "dashboard.held"), component.ToneGood
		case left >= 0:
			v.Left = i18n.T(ctx, "dashboard.days", "n", left)
		default:
			v.Left = i18n.T(ctx, "dashboard.days_ago", "n", -left)
			v.Badge, v.BadgeTone = i18n.T(ctx, "dashboard.past"), component.ToneWarn
		}
		out = append(out, v)
	}
	return out
}

// colourOf maps a score's colour to its mark.
func colourOf(s assessment.Score) component.Colour {
	switch assessment.DefaultThresholds().Colour(s) {
	case assessment.Red:
		return component.ColourRed
	case assessment.Amber:
		return component.ColourAmber
	case assessment.Green:
		return component.ColourGreen
	case assessment.Grey:
	}
	return component.ColourGrey
}

// percentOf shows a ratio, or a dash where it is not defined.
func percentOf(ctx context.Context, r assessment.Ratio) string {
	if !r.Defined() {
		return "–"
	}
	return i18n.Percent(ctx, r.Percent())
}

// clauseBell is the row of a clause from its baseline to today.
func clauseBell(ctx context.Context, line readmodel.ClauseLine) component.DumbbellView {
	v := component.DumbbellView{Today: line.Today.Readiness().Percent(), Baseline: -1, Target: 80}
	v.Label = i18n.T(ctx, "dashboard.bell", "clause", clauseTitle(ctx, line.Number), "today", i18n.Percent(ctx, v.Today))
	if line.Baseline != nil {
		v.Baseline = line.Baseline.Readiness().Percent()
		v.Label = i18n.T(ctx, "dashboard.bell_baseline", "clause", clauseTitle(ctx, line.Number), "today", i18n.Percent(ctx, v.Today), "baseline", i18n.Percent(ctx, v.Baseline))
	}
	return v
}

// fullHistory is historyViews with the hour of every event.
func fullHistory(ctx context.Context, c *readmodel.Caller, events []readmodel.Event) []component.HistoryView {
	out := historyViews(ctx, c, events)
	for i, e := range events {
		out[i].When = i18n.Moment(ctx, e.At, c.Location())
	}
	return out
}

func historyNext(c *readmodel.Caller, h *readmodel.History) string {
	next := At(c) + "/history?before=" + strconv.FormatInt(h.Next, 10)
	if h.Step != 0 {
		next += "&step=" + h.Step.String()
	}
	return next
}

// warningViews lists criteria of finished steps that no longer hold.
func warningViews(ctx context.Context, c *readmodel.Caller, warnings []certification.CriterionState) []component.CriterionView {
	out := make([]component.CriterionView, len(warnings))
	for i, w := range warnings {
		out[i] = component.CriterionView{
			ID: string(w.ID), Sentence: CriterionTitle(ctx, w.ID), Note: CriterionNote(ctx, w), State: component.CriterionBroken,
			Act: &component.ButtonView{Label: i18n.T(ctx, "next.go"), Size: component.SizeRow, Href: CriterionPath(c, w.ID), Says: i18n.T(ctx, "next.go") + " " + string(w.ID)},
		}
	}
	return out
}
