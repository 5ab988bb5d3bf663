// Package component holds the parts that pages are made of. Each takes a small
// typed view; pages map their read models to these. Strings arrive translated;
// the few words a component brings itself are its own keys (component.…).
//
// # Words of the frame
//
// A page is layout.Shell(layout.Page{…}) or layout.Plain(…) around:
//
//	PageHead(HeadView) {meters, buttons}       title, sentence
//	WithSide(side) {work}                      dashboard, lists: work and a side column
//	StepColumns(rail, side) {work}             a step's page
//	GridColumns(tree) {work}                   the grid; layout.Page{Wide: true}
//	Section(SectionView) {part}                a heading on a rule, and what is below
//	SectionHead(SectionView)                   the heading alone
//
// # Acts
//
//	Button(ButtonView)                         plain, primary, danger, text; refused, busy; link with Href
//	Buttons() {buttons}                        the line of buttons under a form
//	Dialog(DialogView) {form}                  native dialog; open with ButtonView.Opens (+ Href without scripts)
//	FinishPanel(FinishView) {hidden inputs}    explains, refuses with reasons, or finishes
//	Reasons(id, title, []Reason)               what a refused button points at
//	CriteriaList([]CriterionView)              the criteria of a step
//
// # Forms
//
// Wrap in <form method="post" class="form">. Every field takes the *form.Form
// (nil for an empty one) and a FieldView; FieldID names its control.
//
//	ErrorSummary(f), ErrorSummaryFor(f, prefix)
//	TextField, EmailField, NumberField, PasswordField, DateField, LongField,
//	SelectField, RadiosField, CheckboxField, ChecksField, FileField (f, FieldView)
//	FieldPair() {two fields}                   side by side, under each other on phones
//	Version(n), IdempotencyKey(key), Hidden(name, value)
//
// # Marks
//
//	Icon(name), IconWord(name, word), IconWordTone(name, tone, word)
//	StepMark(state), StepMarkAlone(state)      with its word; word for screen readers only
//	RatingMark(rating)                         shape and word
//	ClauseColour(colour)                       shape, word for screen readers
//	Badge(tone, text), BadgeTicked(tone, text)
//	Person(initials, name)
//
// # The way
//
//	StepPath([]StepView), StepLegend()         the picture of the nine steps
//	StepRail([]StepView)                       beside a step's page
//	StepStrip([]StepView)                      one line, for layout.Page.Strip
//
// # Figures
//
//	Meter(MeterView)                           bar with baseline and target
//	MiniMeter(done, total)
//	Dumbbell(DumbbellView)                     baseline to today, in a table cell class "chart"
//
// # Lists
//
//	Table(TableView) {rows}, GroupRow(columns, title, figures…), Pager(PagerView)
//	NextList([]NextView), DateList([]DateView), HistoryList([]HistoryView)
//	Definitions([]Row), Tabs(label, []Link), ClauseTree(TreeView)
//	FilterBar(action, swap, count) {FilterText, FilterSelect}
//	KeyBar([]KeyHint), RatingChoice(id, name, chosen, []RatingOption)
//
// # Answers
//
//	Note(NoteView) {more}                      banner in the page: reopened, locked, waived
//	EmptyState(EmptyView)
//	Toast(ToastView) {undo form}               in layout.Page.Toasts; bulk acts only
//	Saved(text), NotSent(text)                 in place, for single acts
//
// # Classes for large tables
//
// Rows of large tables are written by the page, without components per cell:
//
//	<tr class="selected|edit|saved|here">
//	<td class="n">      number, right aligned      <td class="act">   buttons at the end
//	<td class="dim">    secondary                  <td class="chart"> a Dumbbell
//	<td class="cut">    at most two lines          <td class="wide">  the edit row, colspan
//	<b class="id">      the number of a check
//
// # Attributes for scripts
//
// Everything works as plain forms and links; web/static/js/app.js adds:
//
//	data-swap="id id"    on form or link: only these elements are replaced by those of the answer
//	data-auto            on form: a change of any control sends it
//	data-key="c"         on control, link or button: the key that focuses or presses it
//	data-row             on the rows that j and k walk through (focusable, tabindex="-1")
//	data-edit            on the link of a row that opens it for editing
//	data-guard           on text that must not be lost when leaving
//	data-focus           takes the focus when it appears
//	data-opens="id"      on a link: opens that dialog instead of following it
package component
