package component_test

import (
	"bytes"
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"

	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/web/component"
	"waymark/web/static"
)

func draw(t *testing.T, c templ.Component) *goquery.Selection {
	t.Helper()
	return drawIn(i18n.With(t.Context(), i18n.EN), t, c)
}

func drawIn(ctx context.Context, t *testing.T, c templ.Component) *goquery.Selection {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, c.Render(ctx, &out))
	doc, err := goquery.NewDocumentFromReader(&out)
	require.NoError(t, err)
	return doc.Find("body")
}

func attr(t *testing.T, s *goquery.Selection, name string) string {
	t.Helper()
	require.Equal(t, 1, s.Length())
	value, ok := s.Attr(name)
	require.True(t, ok, name)
	return value
}

func words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

func TestIconsAreInTheSprite(t *testing.T) {
	sprite, ok := static.Content("icons.svg")
	require.True(t, ok)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(sprite))
	require.NoError(t, err)
	require.LessOrEqual(t, doc.Find("symbol").Length(), 24)
	require.Len(t, component.Icons(), doc.Find("symbol").Length())
	for _, icon := range component.Icons() {
		require.Equal(t, 1, doc.Find(`symbol[id="`+string(icon)+`"]`).Length(), icon)
	}
	require.Zero(t, draw(t, component.Icon("")).Find("svg").Length())
	svg := draw(t, component.Icon(component.IconTick)).Find("svg")
	require.Equal(t, "true", attr(t, svg, "aria-hidden"))
	require.Equal(t, static.URL("icons.svg")+"#tick", attr(t, svg.Find("use"), "href"))
}

func TestButton(t *testing.T) {
	plain := draw(t, component.Button(component.ButtonView{Label: "Save", Name: "do", Value: "save"})).Find("button")
	require.Equal(t, "submit", attr(t, plain, "type"))
	require.Equal(t, "do", attr(t, plain, "name"))
	require.Equal(t, "Save", words(plain))

	link := draw(t, component.Button(component.ButtonView{Label: "Open", Href: "/x?a=1&b=2", Opens: "ask"}))
	require.Zero(t, link.Find("button").Length())
	require.Equal(t, "/x?a=1&b=2", attr(t, link.Find("a.button"), "href"))
	require.Equal(t, "ask", attr(t, link.Find("a"), "data-opens"))

	opener := draw(t, component.Button(component.ButtonView{Label: "Reopen", Opens: "ask"})).Find("button")
	require.Equal(t, "button", attr(t, opener, "type"))
	require.Equal(t, "ask", attr(t, opener, "commandfor"))
	require.Equal(t, "show-modal", attr(t, opener, "command"))

	busy := draw(t, component.Button(component.ButtonView{Label: "Save", Busy: true})).Find("button")
	require.Equal(t, "true", attr(t, busy, "aria-busy"))
	require.Equal(t, "Save", words(busy), "the label stays")
}

func TestButtonRefused(t *testing.T) {
	b := draw(t, component.Button(component.ButtonView{
		Label: "Finish", Kind: component.ButtonPrimary, Name: "do", Value: "finish", Refused: "why", Href: "/never",
	})).Find("button")
	require.Equal(t, "true", attr(t, b, "aria-disabled"))
	require.Equal(t, "why", attr(t, b, "aria-describedby"))
	require.Equal(t, "button", attr(t, b, "type"), "it must not send the form")
	for _, name := range []string{"disabled", "name", "href"} {
		_, ok := b.Attr(name)
		require.False(t, ok, name)
	}
	require.Equal(t, 1, b.Find("svg.i-stop").Length())
}

func TestFieldOrderAndTies(t *testing.T) {
	f := form.New(url.Values{"due": {`31 June "2026"`}})
	f.Fail("due", i18n.M("component.close"))
	field := draw(t, component.TextField(f, component.FieldView{
		Name: "due", Label: "Due", Hint: "Day, month, year", Prefix: "row", Optional: true, Max: 20, Guard: true,
	})).Find(".field")
	require.True(t, field.HasClass("wrong"))
	var order []string
	field.Children().Each(func(_ int, s *goquery.Selection) {
		order = append(order, goquery.NodeName(s)+"."+s.AttrOr("class", ""))
	})
	require.Equal(t, []string{"label.", "p.hint", "p.error", "input."}, order)
	input := field.Find("input")
	require.Equal(t, component.FieldID("row", "due"), attr(t, input, "id"))
	require.Equal(t, attr(t, input, "id"), attr(t, field.Find("label"), "for"))
	require.Equal(t, `31 June "2026"`, attr(t, input, "value"))
	require.Equal(t, "true", attr(t, input, "aria-invalid"))
	require.Equal(t, "20", attr(t, input, "maxlength"))
	for id := range strings.FieldsSeq(attr(t, input, "aria-describedby")) {
		require.Equal(t, 1, field.Find("#"+id).Length(), id)
	}
	require.Contains(t, words(field.Find("label")), "(optional)")
}

func TestFieldsWithoutAForm(t *testing.T) {
	v := component.FieldView{Name: "x", Label: "X", Options: []component.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B", Hint: "why"}}}
	for name, c := range map[string]templ.Component{
		"text": component.TextField(nil, v), "email": component.EmailField(nil, v), "number": component.NumberField(nil, v),
		"password": component.PasswordField(nil, v), "date": component.DateField(nil, v), "long": component.LongField(nil, v),
		"select": component.SelectField(nil, v), "radios": component.RadiosField(nil, v), "checkbox": component.CheckboxField(nil, v),
		"checks": component.ChecksField(nil, v), "file": component.FileField(nil, v),
	} {
		t.Run(name, func(t *testing.T) {
			field := draw(t, c)
			require.Equal(t, 1, field.Find("#f-x").Length(), "the summary's link has a target")
			require.Zero(t, field.Find(".wrong, [aria-invalid], [checked], [selected]").Length())
			field.Find("input, select, textarea").Each(func(_ int, control *goquery.Selection) {
				named := control.Closest("label").Length() + field.Find(`label[for="`+control.AttrOr("id", "")+`"]`).Length()
				require.Positive(t, named, "every control has a label")
			})
		})
	}
}

func TestFieldsKeepWhatWasTyped(t *testing.T) {
	f := form.New(url.Values{"x": {"b", "c"}, "on": {"on"}, "long": {"\n\nthird line </textarea><b>"}})
	v := component.FieldView{Name: "x", Label: "X", Options: []component.Option{{Value: "a"}, {Value: "b"}, {Value: "c"}}}
	require.Equal(t, "b", draw(t, component.SelectField(f, v)).Find("option[selected]").First().AttrOr("value", ""))
	require.Equal(t, 2, draw(t, component.ChecksField(f, v)).Find("input[checked]").Length())
	require.Equal(t, 1, draw(t, component.CheckboxField(f, component.FieldView{Name: "on"})).Find("input[checked]").Length())
	long := draw(t, component.LongField(f, component.FieldView{Name: "long"}))
	require.Equal(t, "\n\nthird line </textarea><b>", long.Find("textarea").Text(), "leading lines survive")
	require.Zero(t, long.Find("b").Length())
	_, has := draw(t, component.PasswordField(f, v)).Find("input").Attr("value")
	require.False(t, has, "passwords are never sent back")
}

func TestErrorSummary(t *testing.T) {
	require.Zero(t, draw(t, component.ErrorSummary(nil)).Children().Length())
	require.Zero(t, draw(t, component.ErrorSummary(form.New(nil))).Children().Length())
	f := form.New(nil)
	f.Fail("due", i18n.M("component.close"))
	f.Fail("", i18n.M("component.side"))
	s := draw(t, component.ErrorSummary(f)).Find(`.summary[role=alert][tabindex="-1"][data-focus]`)
	require.Equal(t, "#f-due", attr(t, s.Find("a"), "href"))
	require.Equal(t, "Close", words(s.Find("a")))
	require.Equal(t, 2, s.Find("li").Length())
}

func TestMarksSpeak(t *testing.T) {
	for state, word := range map[component.StepState]string{
		component.StepLocked: "Locked", component.StepOpen: "Open", component.StepFinished: "Finished", component.StepAgain: "To confirm again",
	} {
		require.Equal(t, word, words(draw(t, component.StepMark(state))))
		require.Equal(t, word, words(draw(t, component.StepMarkAlone(state)).Find(".quiet")))
	}
	for rating, word := range map[component.Rating]string{
		component.NotAssessed: "Not assessed", component.Conforms: "Conforms", component.Partly: "Partly",
		component.Not: "Not", component.NotTriggered: "Not triggered",
	} {
		require.Equal(t, word, words(draw(t, component.RatingMark(rating))))
	}
	for _, colour := range []component.Colour{component.ColourGrey, component.ColourRed, component.ColourAmber, component.ColourGreen} {
		require.NotEmpty(t, words(draw(t, component.ClauseColour(colour)).Find(".quiet")))
	}
	zh := i18n.With(t.Context(), i18n.ZH)
	require.Equal(t, "需再次确认", words(drawIn(zh, t, component.StepMark(component.StepAgain))))
}

func TestTextIsEscaped(t *testing.T) {
	const attack = `<img src=x onerror=alert(1)>`
	for name, c := range map[string]templ.Component{
		"badge": component.Badge(component.ToneBad, attack), "ticked": component.BadgeTicked(component.ToneGood, attack),
		"icon": component.IconWord(component.IconTick, attack), "tone": component.IconWordTone(component.IconTick, component.ToneBad, attack),
		"meter":   component.Meter(component.MeterView{Label: attack, Text: attack, Baseline: &component.MeterMark{At: 3, Label: attack}}),
		"toast":   component.Toast(component.ToastView{Text: attack}),
		"history": component.HistoryList([]component.HistoryView{{When: attack, Who: attack, Text: attack}}),
	} {
		t.Run(name, func(t *testing.T) {
			body := draw(t, c)
			require.Zero(t, body.Find("img").Length())
			require.Contains(t, body.Text(), "<img")
		})
	}
}

func TestSentencesJoinAsTheirLanguageDoes(t *testing.T) {
	note := component.Note(component.NoteView{Strong: "A.", Text: "B.", Href: `/x?a="1"`, LinkLabel: "C<"})
	en := draw(t, note)
	require.Equal(t, "A. B. C<", words(en))
	require.Equal(t, `/x?a="1"`, attr(t, en.Find("a"), "href"))
	require.Equal(t, "A.B.C<", words(drawIn(i18n.With(t.Context(), i18n.ZH), t, note)), "Chinese puts no space between sentences")
}

func path(states ...component.StepState) []component.StepView {
	var steps []component.StepView
	for i, state := range states {
		steps = append(steps, component.StepView{Number: i + 1, Title: "Step", State: state, Href: "/s", Current: i == 3})
	}
	return steps
}

func TestStepPath(t *testing.T) {
	const f, o, l = component.StepFinished, component.StepOpen, component.StepLocked
	list := draw(t, component.StepPath(path(f, f, f, f, o, component.StepAgain, l, l, l))).Find("ol.path")
	require.Equal(t, 9, list.Find("li").Length())
	require.False(t, list.HasClass("joined"))
	require.True(t, list.Find("li").Eq(5).HasClass("s6"))
	require.True(t, list.Find("li").Eq(5).HasClass("is-again"))
	require.Equal(t, "step", attr(t, list.Find("a[aria-current]"), "aria-current"))
	require.Equal(t, "4 Step Finished", words(list.Find("li").Eq(3)), "without a note the state is said")
	require.True(t, draw(t, component.StepPath(path(f, f, f, f, f, f, o, l, l))).Find("ol.path").HasClass("joined"))

	rail := draw(t, component.StepRail(path(f, f, f, o, l, l, l, l, l)))
	require.Equal(t, 1, rail.Find("nav[aria-label] li[data-current]").Length())
	strip := draw(t, component.StepStrip(path(f, f, f, o, l, l, l, l, l)))
	require.Equal(t, 9, strip.Find("nav[aria-label] li a").Length())
	require.Equal(t, "4 Step: Open", words(strip.Find("li a .quiet").Eq(3)))
	require.Equal(t, "4 Step", words(strip.Find("nav > p")))
}

func TestMeter(t *testing.T) {
	m := draw(t, component.Meter(component.MeterView{
		Label: "Readiness", Text: "63 %", Value: 163,
		Baseline: &component.MeterMark{At: 43, Label: "Baseline: 43 %"}, Target: &component.MeterMark{At: 75, Label: "stage 1: 75 %"},
	}))
	svg := m.Find("svg[role=img]")
	require.Equal(t, "Readiness 63 %, Baseline: 43 %, stage 1: 75 %", attr(t, svg, "aria-label"))
	require.Equal(t, "100%", attr(t, svg.Find(".fill"), "width"), "never longer than its track")
	require.Equal(t, "43%", attr(t, svg.Find(".base"), "x1"))
	require.Equal(t, "75%", attr(t, svg.Find(".goal"), "x1"))
	require.Zero(t, draw(t, component.Meter(component.MeterView{Label: "Coverage"})).Find("line, text").Length())

	near := draw(t, component.Meter(component.MeterView{Baseline: &component.MeterMark{At: 20}, Target: &component.MeterMark{At: 22}}))
	require.NotEqual(t, near.Find("text").Eq(0).AttrOr("y", ""), near.Find("text").Eq(1).AttrOr("y", ""), "labels that would meet")
	behind := draw(t, component.Meter(component.MeterView{Baseline: &component.MeterMark{At: 90}, Target: &component.MeterMark{At: 80}}))
	require.NotEqual(t, behind.Find("text").Eq(0).AttrOr("y", ""), behind.Find("text").Eq(1).AttrOr("y", ""))
}

func TestDumbbell(t *testing.T) {
	d := draw(t, component.Dumbbell(component.DumbbellView{Today: 62, Baseline: 42, Target: 80, Label: "62 %, was 42 %"}))
	require.Equal(t, "62 %, was 42 %", attr(t, d.Find("svg[role=img]"), "aria-label"))
	require.Equal(t, "42%", attr(t, d.Find(".then"), "cx"))
	require.Equal(t, "62%", attr(t, d.Find(".now"), "cx"))
	bare := draw(t, component.Dumbbell(component.DumbbellView{Today: 62, Baseline: -1, Target: -1}))
	require.Zero(t, bare.Find(".then, .span, .goal").Length())
}

func TestFinishPanel(t *testing.T) {
	v := component.FinishView{Number: 4, Title: "Finish step 4", Label: "Finish", Action: "/finish"}
	open := draw(t, component.FinishPanel(v))
	require.Equal(t, "submit", attr(t, open.Find("form[method=post] button"), "type"))
	require.Zero(t, open.Find(".reasons").Length())

	v.Reasons = []component.Reason{{Label: "4.2", Href: "#4.2", Text: "Ingrid can accept."}}
	v.ReasonsTitle = "Not yet."
	refused := draw(t, component.FinishPanel(v))
	require.Equal(t, 1, refused.Find("#"+attr(t, refused.Find("button"), "aria-describedby")+`[tabindex="-1"]`).Length())

	v.Done = "Finished on 24 April"
	require.Zero(t, draw(t, component.FinishPanel(v)).Find("form, button").Length())
}

func TestCriteriaList(t *testing.T) {
	list := draw(t, component.CriteriaList([]component.CriterionView{
		{ID: "1.1", State: component.CriterionMet, Who: "Ravi"},
		{ID: "1.2", State: component.CriterionMissing, Who: "Ingrid", Anchor: "c-1.2"},
		{ID: "1.3", State: component.CriterionWaived},
		{ID: "1.4", State: component.CriterionBroken},
	})).Find("ul.criteria > li")
	require.Equal(t, "Met", words(list.Eq(0).Find(".who")))
	require.Equal(t, "Not met Ingrid", words(list.Eq(1).Find(".who")))
	require.Equal(t, "c-1.2", list.Eq(1).AttrOr("id", ""))
	require.Equal(t, "Waived", words(list.Eq(2).Find(".badge.dashed")))
	require.Equal(t, "No longer holds", words(list.Eq(3).Find(".badge.warn")))
}

func TestTable(t *testing.T) {
	table := draw(t, component.Table(component.TableView{Caption: "Tasks", Columns: []component.Column{
		{Label: "Title", SortHref: "?sort=title", Sorted: "descending"}, {Label: "Days", Number: true}, {Label: "Acts", Quiet: true},
	}})).Find("table")
	require.Equal(t, "Tasks", words(table.Find("caption")))
	require.Equal(t, 3, table.Find(`thead th[scope=col]`).Length())
	require.Equal(t, "descending", attr(t, table.Find("th[aria-sort]"), "aria-sort"))
	require.Equal(t, 1, table.Find("th.n").Length())
	require.Zero(t, draw(t, component.Pager(component.PagerView{})).Children().Length())
	require.Equal(t, 1, draw(t, component.Pager(component.PagerView{NextHref: "?after=1"})).Find(`a[rel=next]`).Length())
}

func TestClauseTree(t *testing.T) {
	tree := draw(t, component.ClauseTree(component.TreeView{Action: "/a", Name: "clause", Nodes: []component.ClauseNode{
		{Number: "4", Title: "Context", Href: "?clause=4", Rated: 10, Total: 10},
		{Number: "8", Title: "Operation", Href: "?clause=8", Rated: 1, Total: 4, Open: true, Current: true, Children: []component.ClauseNode{
			{Number: "8.1", Title: "Planning", Href: "?clause=8.1", Leaf: true, Total: 2},
		}},
		{Number: "9", Title: "Evaluation", Href: "?clause=9", Total: 3, Children: []component.ClauseNode{{Number: "9.1"}}},
	}})).Find("nav.tree")
	require.Equal(t, 4, tree.Find("li > a").Length(), "closed branches are not written")
	require.Equal(t, "?clause=8", attr(t, tree.Find("a[aria-current=page]"), "href"))
	require.Equal(t, "1/4", words(tree.Find("a[aria-current] small")))
	require.Equal(t, 1, tree.Find("svg.mini").Length())
	require.Equal(t, "8", attr(t, tree.Find("select#tree-clause[name=clause] option[selected]"), "value"))
	require.Equal(t, 1, tree.Find("form[method=get] button[type=submit]").Length(), "the list works without scripts")
}

func TestSmallParts(t *testing.T) {
	require.Equal(t, "7", attr(t, draw(t, component.Version(7)).Find("input[type=hidden][name=version]"), "value"))
	require.Equal(t, "k", attr(t, draw(t, component.IdempotencyKey("k")).Find("input[type=hidden][name=key]"), "value"))
	require.Equal(t, "v", attr(t, draw(t, component.Hidden("n", "v")).Find("input[name=n]"), "value"))
	require.Equal(t, "d-title", attr(t, draw(t, component.Dialog(component.DialogView{ID: "d", Title: "Sure?"})).Find("dialog#d"), "aria-labelledby"))
	require.Equal(t, 1, draw(t, component.Dialog(component.DialogView{ID: "d", Open: true})).Find("dialog[open][data-modal]").Length())
	require.Equal(t, "page", attr(t, draw(t, component.Tabs("Views", []component.Link{{Label: "A", Href: "/a", Current: true}, {Label: "B", Href: "/b"}})).Find("nav[aria-label=Views] a[aria-current]"), "aria-current"))
	require.Equal(t, "2", words(draw(t, component.KeyBar([]component.KeyHint{{Keys: []string{"1", "2"}}})).Find("kbd").Eq(1)))
	require.Equal(t, "partly", attr(t, draw(t, component.RatingChoice("r", "rating", component.Partly, []component.RatingOption{
		{Rating: component.Conforms, Value: "conforms", Key: "1"}, {Rating: component.Partly, Value: "partly", Key: "2"},
	})).Find("input[type=radio][checked]"), "value"))
	filter := draw(t, component.FilterSelect("rating", "Rating", "b", []component.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}))
	require.Equal(t, "Rating: B", words(filter.Find("option[selected]")))
	require.Equal(t, 1, filter.Find("select.set").Length())
	require.Equal(t, "status", attr(t, draw(t, component.Saved("Saved")).Find(".saved"), "role"))
	require.Equal(t, "alert", attr(t, draw(t, component.NotSent("Not sent")).Find(".not-sent"), "role"))
	require.Equal(t, "/do", attr(t, draw(t, component.EmptyState(component.EmptyView{Text: "Nothing.", Href: "/do", LinkLabel: "Do"})).Find("a"), "href"))
	require.True(t, draw(t, component.Note(component.NoteView{Tone: component.ToneWarn, Text: "x"})).Find(".note").HasClass("warn"))
}
