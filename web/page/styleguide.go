package page

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/web/component"
	"waymark/web/layout"
)

// storyVariant tells the copies of a story apart, so that no id comes twice.
type storyVariant string

func (v storyVariant) id(name string) string { return string(v) + "-" + name }

// story shows one component in all its states.
type story struct {
	name string
	// tall sets the copies under each other instead of side by side.
	tall bool
	draw func(storyVariant) templ.Component
}

// screen is a whole page made of components with sample data.
type screen struct {
	name string
	draw func() templ.Component
}

func stories() []story {
	return []story{
		{"badge", false, storyBadge},
		{"button", false, storyButton},
		{"clause-colour", false, storyClauseColour},
		{"clause-tree", false, storyClauseTree},
		{"colours", false, storyColours},
		{"criteria-list", true, storyCriteria},
		{"date-list", false, storyDates},
		{"definitions", false, storyDefinitions},
		{"dialog", false, storyDialog},
		{"dumbbell", false, storyDumbbell},
		{"empty-state", false, storyEmpty},
		{"error-summary", false, storyErrors},
		{"field", false, storyFields},
		{"filter-bar", true, storyFilters},
		{"finish-panel", false, storyFinish},
		{"history", false, storyHistory},
		{"icon", false, storyIcons},
		{"key-bar", true, storyKeys},
		{"meter", false, storyMeter},
		{"next-list", true, storyNext},
		{"note", false, storyNotes},
		{"pager", false, storyPager},
		{"rating-mark", false, storyRating},
		{"step-mark", false, storyStepMark},
		{"step-path", true, storyStepPath},
		{"step-rail", false, storyStepRail},
		{"step-strip", true, storyStepStrip},
		{"table", false, storyTable},
		{"tabs", true, storyTabs},
		{"toast", false, storyToast},
		{"type", false, storyType},
	}
}

func screens() []screen {
	return []screen{
		{"screen-dashboard", screenDashboard},
		{"screen-step", screenStep},
		{"screen-assessment", screenAssessment},
		{"screen-form", screenForm},
		{"screen-tasks", screenTasks},
		{"screen-sign-in", screenSignIn},
	}
}

// StyleguideNames lists the addresses below /styleguide/, in order.
func StyleguideNames() []string {
	var names []string
	for _, s := range stories() {
		names = append(names, s.name)
	}
	for _, s := range screens() {
		names = append(names, s.name)
	}
	return names
}

// StyleguideComponent is the page of one component or sample screen, nil if
// there is none of that name.
func StyleguideComponent(name string) templ.Component {
	for _, s := range stories() {
		if s.name == name {
			return storyPage(s)
		}
	}
	for _, s := range screens() {
		if s.name == name {
			return s.draw()
		}
	}
	return nil
}

// sg is a text of the samples.
func sg(ctx context.Context, key string) string { return i18n.T(ctx, "styleguide."+key) }

func sampleSteps(ctx context.Context, current int) []component.StepView {
	states := []component.StepState{
		component.StepFinished, component.StepFinished, component.StepFinished,
		component.StepFinished, component.StepOpen, component.StepAgain,
		component.StepLocked, component.StepLocked, component.StepLocked,
	}
	steps := make([]component.StepView, 0, len(states))
	for i, state := range states {
		n := string(rune('1' + i))
		steps = append(steps, component.StepView{
			Number: i + 1, Title: sg(ctx, "step.t"+n), Note: sg(ctx, "step.n"+n),
			State: state, Href: "#", Current: i+1 == current,
		})
	}
	return steps
}

// sampleAllFinished and sampleBarelyBegun are the two ends of the way.
func sampleAllFinished(ctx context.Context) []component.StepView {
	steps := sampleSteps(ctx, 0)
	for i := range steps {
		steps[i].State = component.StepFinished
		steps[i].Note = ""
	}
	return steps
}

func sampleBarelyBegun(ctx context.Context) []component.StepView {
	steps := sampleSteps(ctx, 0)
	for i := range steps {
		steps[i].State = component.StepLocked
		steps[i].Note = ""
	}
	steps[0].State = component.StepOpen
	return steps
}

func samplePage(ctx context.Context, title, active string) layout.Page {
	var tabs []layout.Tab
	counts := map[string]string{"findings": "111", "tasks": "61"}
	for _, key := range []string{"path", "assessment", "findings", "tasks", "documents", "committee", "audits", "reports", "history"} {
		tabs = append(tabs, layout.Tab{
			Label: sg(ctx, "tab."+key), Href: "/styleguide/screen-dashboard#" + key, Count: counts[key], Active: key == active,
		})
	}
	return layout.Page{
		Title:             title,
		Person:            &layout.Person{Name: sg(ctx, "person"), Initials: sg(ctx, "initials")},
		Organization:      &layout.Place{Name: sg(ctx, "org"), Href: "/styleguide/screen-dashboard"},
		Organizations:     []layout.Place{{Name: sg(ctx, "org"), Href: "#", Current: true}, {Name: sg(ctx, "org2"), Href: "#"}},
		OrganizationLinks: []component.Link{{Label: sg(ctx, "settings"), Href: "#"}},
		Project:           &layout.Place{Name: sg(ctx, "project"), Href: "/styleguide/screen-dashboard"},
		Projects:          []layout.Place{{Name: sg(ctx, "project"), Href: "#", Current: true}, {Name: sg(ctx, "project2"), Href: "#"}},
		ProjectLinks:      []component.Link{{Label: sg(ctx, "new_project"), Href: "#"}},
		Tabs:              tabs,
		Bottom: []layout.BottomLink{
			{Icon: component.IconTask, Label: sg(ctx, "tab.tasks"), Href: "/styleguide/screen-tasks", Active: active == "tasks"},
			{Icon: component.IconRoute, Label: sg(ctx, "tab.path"), Href: "/styleguide/screen-dashboard", Active: active == "path"},
			{Icon: component.IconClock, Label: sg(ctx, "tasks.inbox"), Href: "#", Count: "3"},
		},
		SearchAction: "#", InboxHref: "#", Unread: 3,
		Account:     []component.Link{{Label: sg(ctx, "profile"), Href: "#"}},
		SignOut:     "#",
		ThemeAction: "#",
	}
}

func sampleNext(ctx context.Context) []component.NextView {
	you, pm := sg(ctx, "next.you"), sg(ctx, "next.pm")
	return []component.NextView{
		{
			Icon: component.IconOpen, Title: sg(ctx, "next.a"), Note: sg(ctx, "next.a_note"), Who: you, Role: pm, Date: sg(ctx, "day.d29may"), Here: true,
			Act: &component.ButtonView{Label: sg(ctx, "next.a_act"), Kind: component.ButtonPrimary, Size: component.SizeRow, Href: "#"},
		},
		{
			Icon: component.IconOpen, Title: sg(ctx, "next.b"), Note: sg(ctx, "next.b_note"), Who: you, Role: pm, Date: sg(ctx, "day.d29may"),
			Act: &component.ButtonView{Label: sg(ctx, "assign"), Size: component.SizeRow, Href: "#"},
		},
		{
			Icon: component.IconAgain, Title: sg(ctx, "next.c"), Note: sg(ctx, "next.c_note"), Who: you, Role: pm, Date: sg(ctx, "day.d5jun"),
			Act: &component.ButtonView{Label: sg(ctx, "next.c_act"), Size: component.SizeRow, Href: "#"},
		},
		{
			Icon: component.IconStop, Title: sg(ctx, "next.d"), Badge: sg(ctx, "severity.late"), BadgeTone: component.ToneBad,
			Note: sg(ctx, "next.d_note"), Who: sg(ctx, "next.kirsten"), Role: sg(ctx, "next.delivery"), Date: sg(ctx, "day.d15may"),
			Act: &component.ButtonView{Label: sg(ctx, "next.d_act"), Size: component.SizeRow, Href: "#"},
		},
		{
			Icon: component.IconClock, Title: sg(ctx, "next.e"), Note: sg(ctx, "next.e_note"), Who: sg(ctx, "next.ingrid"),
			Role: sg(ctx, "next.chair"), Date: sg(ctx, "day.d12jun"), Waits: sg(ctx, "next.e_wait"),
		},
	}
}

func sampleDates(ctx context.Context) []component.DateView {
	return []component.DateView{
		{Title: sg(ctx, "date.plan"), Date: sg(ctx, "date.plan_d"), Left: sg(ctx, "date.plan_l")},
		{Title: sg(ctx, "date.ready"), Date: sg(ctx, "date.ready_d"), Left: sg(ctx, "date.ready_l"), Soft: true},
		{
			Title: sg(ctx, "date.s1"), Date: sg(ctx, "date.s1_d"), Left: sg(ctx, "date.s1_l"), Main: true,
			Badge: sg(ctx, "severity.holds"), BadgeTone: component.ToneGood,
		},
		{Title: sg(ctx, "date.cert"), Date: sg(ctx, "date.cert_d"), Left: sg(ctx, "date.cert_l")},
	}
}

func sampleEvents(ctx context.Context) []component.HistoryView {
	return []component.HistoryView{
		{When: "09:12", ISO: "2026-05-21T09:12:00+02:00", Who: sg(ctx, "event.amira"), Text: sg(ctx, "event.rated")},
		{When: "08:40", ISO: "2026-05-21T08:40:00+02:00", Who: sg(ctx, "event.jonas"), Text: sg(ctx, "event.blocked"), Href: "#", Link: sg(ctx, "event.report")},
		{When: sg(ctx, "day.d20may"), Who: sg(ctx, "event.lena"), Text: sg(ctx, "event.added")},
		{When: sg(ctx, "day.d20may"), Text: sg(ctx, "event.triggered")},
	}
}

func sampleCriteria(ctx context.Context) []component.CriterionView {
	view := &component.ButtonView{Label: sg(ctx, "view"), Kind: component.ButtonText, Href: "#", Size: component.SizeRow}
	return []component.CriterionView{
		{ID: "4.1", Sentence: sg(ctx, "s4.c1"), Note: sg(ctx, "s4.c1n"), State: component.CriterionMet, Act: view},
		{
			ID: "4.2", Sentence: sg(ctx, "s4.c2"), Note: sg(ctx, "s4.c2n"), Who: sg(ctx, "next.ingrid"),
			Act: &component.ButtonView{Label: sg(ctx, "s4.remind"), Size: component.SizeRow, Href: "#"},
		},
		{ID: "4.3", Sentence: sg(ctx, "s4.c3"), Note: sg(ctx, "s4.c3n"), State: component.CriterionMet, Act: view},
		{
			ID: "4.4", Sentence: sg(ctx, "s4.c4"), Note: sg(ctx, "s4.c4n"), Who: sg(ctx, "next.you"),
			Act: &component.ButtonView{Label: sg(ctx, "s4.appoint"), Kind: component.ButtonPrimary, Size: component.SizeRow, Href: "#"},
		},
		{ID: "4.5", Sentence: sg(ctx, "s4.c5"), Note: sg(ctx, "s4.c5n"), State: component.CriterionMet, Act: view},
	}
}

func sampleFinish(ctx context.Context, number int) component.FinishView {
	return component.FinishView{
		Number: number, Title: sg(ctx, "finish4"), Text: sg(ctx, "s4.panel"), Label: sg(ctx, "finish4"), Action: "#",
		ReasonsTitle: sg(ctx, "s4.not_yet"),
		Reasons: []component.Reason{
			{Label: sg(ctx, "s4.r1"), Href: "#", Text: sg(ctx, "s4.r1t")},
			{Label: sg(ctx, "s4.r2"), Href: "#", Text: sg(ctx, "s4.r2t")},
		},
	}
}

func sampleTree(ctx context.Context, action string) component.TreeView {
	leaf := func(number, key string, rated, total int) component.ClauseNode {
		return component.ClauseNode{Number: number, Title: sg(ctx, "clause."+key), Href: "#", Rated: rated, Total: total, Leaf: true}
	}
	return component.TreeView{
		Action: action, Name: "clause",
		Nodes: []component.ClauseNode{
			{Number: "4", Title: sg(ctx, "clause.c4"), Href: "#", Rated: 10, Total: 10},
			{Number: "5", Title: sg(ctx, "clause.c5"), Href: "#", Rated: 15, Total: 15},
			{Number: "6", Title: sg(ctx, "clause.c6"), Href: "#", Rated: 20, Total: 20},
			{Number: "7", Title: sg(ctx, "clause.c7"), Href: "#", Rated: 22, Total: 22},
			{
				Number: "8", Title: sg(ctx, "clause.c8"), Href: "#", Rated: 100, Total: 125, Open: true,
				Children: []component.ClauseNode{
					{Number: "8.1", Title: sg(ctx, "clause.c81"), Href: "#", Rated: 4, Total: 4},
					{
						Number: "8.6", Title: sg(ctx, "clause.c86"), Href: "#", Rated: 11, Total: 15, Open: true, Current: true,
						Children: []component.ClauseNode{leaf("8.6.1", "c861", 6, 6), leaf("8.6.2", "c862", 3, 3), leaf("8.6.3", "c863", 2, 6)},
					},
					{Number: "8.7", Title: sg(ctx, "clause.c87"), Href: "#", Total: 21},
				},
			},
			{Number: "9", Title: sg(ctx, "clause.c9"), Href: "#", Total: 19},
			{Number: "10", Title: sg(ctx, "clause.c10"), Href: "#", Total: 9},
		},
	}
}

func sampleKeys(ctx context.Context) []component.KeyHint {
	return []component.KeyHint{
		{Keys: []string{"1", "5"}, Joined: sg(ctx, "grid.k_to"), Text: sg(ctx, "grid.k_rate")},
		{Keys: []string{"c"}, Text: sg(ctx, "grid.k_comment")},
		{Keys: []string{"f"}, Text: sg(ctx, "grid.k_finding")},
		{Keys: []string{"e"}, Text: sg(ctx, "grid.k_evidence")},
		{Keys: []string{"j", "k"}, Text: sg(ctx, "grid.k_walk")},
		{Keys: []string{"?"}, Text: sg(ctx, "grid.k_all")},
	}
}

type sampleClauseRow struct {
	number, key string
	colour      component.Colour
	today, base int
	majors      string
	open        string
}

func sampleClauses() []sampleClauseRow {
	return []sampleClauseRow{
		{"4", "c4", component.ColourRed, 83, 72, "1", "2"},
		{"5", "c5", component.ColourAmber, 67, 55, "0", "6"},
		{"6", "c6", component.ColourRed, 58, 22, "0", "13"},
		{"7", "c7", component.ColourAmber, 76, 50, "0", "9"},
		{"8", "c8", component.ColourRed, 62, 42, "4", "64"},
		{"9", "c9", component.ColourRed, 45, 31, "1", "13"},
		{"10", "c10", component.ColourGrey, 75, 45, "0", "4"},
	}
}

// number keeps the ids of numbered panels apart.
func (v storyVariant) number(n int) int {
	if v == "d" {
		return 10 + n
	}
	return n
}

func storyCriteriaOf(ctx context.Context) []component.CriterionView {
	criteria := sampleCriteria(ctx)
	criteria[2].State = component.CriterionBroken
	criteria[4].State = component.CriterionWaived
	criteria[1].Also = &component.ButtonView{Label: sg(ctx, "s4.waive"), Kind: component.ButtonText, Href: "#"}
	return criteria
}

func sampleFinishAllowed(ctx context.Context, number int) component.FinishView {
	view := sampleFinish(ctx, number)
	view.Reasons = nil
	return view
}

func sampleFinishDone(ctx context.Context, number int) component.FinishView {
	view := sampleFinishAllowed(ctx, number)
	view.Done = sg(ctx, "s4.done")
	return view
}

func sampleStepFour(ctx context.Context) []component.StepView {
	steps := sampleSteps(ctx, 4)
	steps[3].State = component.StepOpen
	return steps
}

func sampleStrip(ctx context.Context) []component.StepView {
	steps := sampleSteps(ctx, 3)
	steps[2].State = component.StepOpen
	steps[2].Note = sg(ctx, "step.strip")
	for i := 3; i < len(steps); i++ {
		steps[i].State = component.StepLocked
	}
	return steps
}

func sampleAssessmentPage(ctx context.Context) layout.Page {
	p := samplePage(ctx, sg(ctx, "tab.assessment"), "assessment")
	p.Wide = true
	p.Strip = component.StepStrip(sampleStrip(ctx))
	return p
}

func sampleRatings() []component.RatingOption {
	return []component.RatingOption{
		{Rating: component.Conforms, Value: "conforms", Key: "1"},
		{Rating: component.Partly, Value: "partly", Key: "2"},
		{Rating: component.Not, Value: "not", Key: "3"},
		{Rating: component.NotAssessed, Value: "not_assessed", Key: "4"},
	}
}

// sampleForm is a candidate as typed; wrong adds what the server found.
func sampleForm(ctx context.Context, wrong bool) *form.Form {
	f := form.New(url.Values{
		"name": {sg(ctx, "form.told_value")}, "by": {"na"}, "until": {sg(ctx, "form.until_value")},
		"time": {"-7"}, "impartial": {sg(ctx, "form.impartial_value")},
	})
	if wrong {
		f.Fail("number", i18n.M("styleguide.form.number_error"))
		f.Fail("until", i18n.M("styleguide.form.until_error"))
		f.Fail("time", i18n.M("styleguide.form.time_error"))
	}
	return f
}

func sampleReason(ctx context.Context) *form.Form {
	return form.New(url.Values{"reason": {sg(ctx, "dialog.value")}})
}

func sampleEdit(ctx context.Context) *form.Form {
	return form.New(url.Values{"comment": {sg(ctx, "grid.cx")}, "finding": {sg(ctx, "grid.fx")}})
}
