package page

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/form"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// AssessmentView is the assessment as a reader asked for it.
type AssessmentView struct {
	Caller *readmodel.Caller
	Page   *readmodel.AssessmentPage
	Query  readmodel.AssessmentQuery
	// Form is the open check's form where it was refused, else nil.
	Form *form.Form
	// Key is for the forms that create.
	Key string
}

// AssessmentQueryValues writes a query as the address of the assessment has it.
func AssessmentQueryValues(q readmodel.AssessmentQuery) url.Values {
	values := url.Values{}
	for name, value := range map[string]string{
		"clause": string(q.Clause), "rating": q.Rating, "severity": q.Severity, "lack": q.Lack,
		"evidence": q.Evidence, "text": q.Text, "check": string(q.Check),
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// AssessmentPath is the address of the assessment, narrowed down as asked, at
// the row of the open check.
func AssessmentPath(c *readmodel.Caller, q readmodel.AssessmentQuery) string {
	return withQuery(At(c)+"/assessment", q)
}

func withQuery(path string, q readmodel.AssessmentQuery) string {
	if values := AssessmentQueryValues(q).Encode(); values != "" {
		path += "?" + values
	}
	if q.Check != "" {
		path += "#" + rowID(q.Check)
	}
	return path
}

// checkPlace is where a check is read and rated, among those of its clause.
func checkPlace(c *readmodel.Caller, id string) string {
	check := standard.CheckID(id)
	return AssessmentPath(c, readmodel.AssessmentQuery{Clause: readmodel.ClauseOf(check), Check: check})
}

func rowID(check standard.CheckID) string             { return "check-" + string(check) }
func clauseRowID(clause standard.ClauseNumber) string { return "clause-" + string(clause) }

// checkPath is the address that a check's form is sent to. It carries the
// filters along, so that the way back leads to the same list.
func (v *AssessmentView) checkPath(check standard.CheckID) string {
	q := v.Query
	q.Check = ""
	path := At(v.Caller) + "/assessment/checks/" + string(check)
	if values := AssessmentQueryValues(q).Encode(); values != "" {
		path += "?" + values
	}
	return path
}

func evidencePath(c *readmodel.Caller, check standard.CheckID) string {
	return At(c) + "/assessment/checks/" + string(check) + "/evidence"
}

// texts are the catalogue's words in the reader's language.
func texts(ctx context.Context, c *standard.Catalogue) standard.Texts {
	return c.Texts(i18n.From(ctx).String())
}

// gapOpen tells whether facts of step 3 may be written at all: it is not
// locked, and nothing is archived.
func gapOpen(c *readmodel.Caller, p *certification.Project) bool {
	return p.Status(certification.Gap) != certification.Locked && !c.ProjectGone && !c.OrganizationGone
}

// mayRate and mayComment tell what the reader may do with a check now.
func mayRate(c *readmodel.Caller, p *certification.Project) bool {
	return gapOpen(c, p) && c.Can(permission.Rate)
}

func mayComment(c *readmodel.Caller, p *certification.Project, clause standard.ClauseNumber) bool {
	return mayRate(c, p) || (gapOpen(c, p) && c.Can(permission.CommentOwn) && c.AnswersFor(clause))
}

// clauseGroup is a lowest-level clause with those of its checks that are shown.
type clauseGroup struct {
	Number standard.ClauseNumber
	Checks []int // positions in the catalogue
}

// groups lists the clauses and checks that the query asks for. The open check
// is always among them; a clause without checks is shown unless something is
// searched for.
func (v *AssessmentView) groups(ctx context.Context) []clauseGroup {
	c := v.Page.Sheet.Catalogue
	words := texts(ctx, c)
	narrowed := v.narrowed()
	search := strings.ToLower(strings.TrimSpace(v.Query.Text))
	var out []clauseGroup
	for _, clause := range c.Clauses() {
		if !clause.Leaf || !within(clause.Number, v.Query.Clause) {
			continue
		}
		g := clauseGroup{Number: clause.Number}
		first, end := c.Span(clause.Number)
		for i := first; i < end; i++ {
			if c.CheckAt(i).ID == v.Query.Check || v.matches(i, words, search) {
				g.Checks = append(g.Checks, i)
			}
		}
		if len(g.Checks) > 0 || (!narrowed && first == end) {
			out = append(out, g)
		}
	}
	return out
}

func within(clause, branch standard.ClauseNumber) bool {
	return branch == "" || clause == branch || strings.HasPrefix(string(clause), string(branch)+".")
}

// narrowed tells whether a filter beside the clause is set.
func (v *AssessmentView) narrowed() bool {
	q := v.Query
	return q.Rating != "" || q.Severity != "" || q.Lack != "" || q.Evidence != "" || q.Text != ""
}

func (v *AssessmentView) matches(i int, words standard.Texts, search string) bool {
	q, record := v.Query, &v.Page.Records[i]
	check := v.Page.Sheet.Catalogue.CheckAt(i)
	rating := v.Page.Sheet.Ratings[i]
	findings := v.Page.Findings[string(check.ID)]
	switch {
	case q.Rating != "" && rating.String() != q.Rating,
		q.Evidence == "some" && record.Evidence == 0,
		q.Evidence == "none" && record.Evidence > 0,
		q.Lack == "finding" && (!rating.Gap() || len(findings) > 0):
		return false
	case q.Lack == "support":
		lack := assessment.Deliverable(rating, record.Evidence > 0, record.Comment != "")
		if lack == assessment.LacksNothing || lack == assessment.LacksRating {
			return false
		}
	case q.Lack == "again" && !record.RateAgain:
		return false
	}
	if q.Severity != "" {
		found := false
		for _, f := range findings {
			found = found || f.Severity.String() == q.Severity
		}
		if !found {
			return false
		}
	}
	if search == "" {
		return true
	}
	for _, text := range []string{string(check.ID), words.Question(check.ID), record.Comment} {
		if strings.Contains(strings.ToLower(text), search) {
			return true
		}
	}
	for _, f := range findings {
		if strings.Contains(strings.ToLower(f.Statement), search) {
			return true
		}
	}
	return false
}

// tree maps all clauses to the tree at the side. Without a chosen clause every
// branch is open; with one, only the way to it.
func (v *AssessmentView) tree(ctx context.Context) component.TreeView {
	c := v.Page.Sheet.Catalogue
	words := texts(ctx, c)
	link := func(number standard.ClauseNumber) string {
		q := v.Query
		q.Clause, q.Check = number, ""
		return withQuery(v.near(), q)
	}
	var branch func(parent standard.ClauseNumber) []component.ClauseNode
	below := map[standard.ClauseNumber][]standard.Clause{}
	for _, clause := range c.Clauses() {
		below[clause.Parent] = append(below[clause.Parent], clause)
	}
	branch = func(parent standard.ClauseNumber) []component.ClauseNode {
		nodes := make([]component.ClauseNode, 0, len(below[parent]))
		for _, clause := range below[parent] {
			rated, total := v.progress(clause.Number)
			n := component.ClauseNode{
				Number: string(clause.Number), Title: words.Title(clause.Number), Href: link(clause.Number),
				Rated: rated, Total: total, Current: clause.Number == v.Query.Clause, Leaf: clause.Leaf,
				Open: v.Query.Clause == "" || within(v.Query.Clause, clause.Number),
			}
			if n.Open {
				n.Children = branch(clause.Number)
			}
			nodes = append(nodes, n)
		}
		return nodes
	}
	rated, total := v.progress("")
	all := component.ClauseNode{
		Title: i18n.T(ctx, "assessment.tree.all"), Href: link(""), Rated: rated, Total: total,
		Current: v.Query.Clause == "", Leaf: true,
	}
	return component.TreeView{
		Nodes:  append([]component.ClauseNode{all}, branch("")...),
		Action: At(v.Caller) + "/assessment", Name: "clause",
	}
}

// progress counts the checks of a clause that are rated or not triggered.
func (v *AssessmentView) progress(clause standard.ClauseNumber) (rated, total int) {
	first, end := 0, v.Page.Sheet.Catalogue.Len()
	if clause != "" {
		first, end = v.Page.Sheet.Catalogue.Span(clause)
	}
	for i := first; i < end; i++ {
		if v.Page.Sheet.Ratings[i] != assessment.NotAssessed {
			rated++
		}
	}
	return rated, end - first
}

// title is the chosen clause, or the whole.
func (v *AssessmentView) title(ctx context.Context) string {
	if v.Query.Clause == "" {
		return i18n.T(ctx, "assessment.title")
	}
	return string(v.Query.Clause) + " " + texts(ctx, v.Page.Sheet.Catalogue).Title(v.Query.Clause)
}

// whole says the figures of all checks together, beside the baseline.
func (v *AssessmentView) whole(ctx context.Context) string {
	score := v.Page.Sheet.Score("")
	rated, total := v.progress("")
	text := i18n.T(ctx, "assessment.whole", "readiness", percentOf(ctx, score.Readiness()), "coverage", percentOf(ctx, score.Coverage()),
		"conformity", percentOf(ctx, score.Conformity()), "rated", rated, "total", total)
	return text
}

// then says the latest baseline, and the first where it is another.
func (v *AssessmentView) then(ctx context.Context) string {
	if v.Page.Latest == nil {
		return ""
	}
	text := baselineText(ctx, v.Caller, v.Page.Latest)
	if v.Page.First.Number != v.Page.Latest.Number {
		text = baselineText(ctx, v.Caller, v.Page.First) + " " + text
	}
	return text
}

func baselineText(ctx context.Context, c *readmodel.Caller, b *readmodel.BaselineSheet) string {
	score := b.Sheet.Score("")
	return i18n.T(ctx, "assessment.then", "number", b.Number, "date", i18n.DateLong(ctx, Day(c, b.At)),
		"readiness", percentOf(ctx, score.Readiness()), "coverage", percentOf(ctx, score.Coverage()))
}

// figures are what a clause's row says at its end, last first: figures float to
// the end of the line.
func (v *AssessmentView) figures(ctx context.Context, clause standard.ClauseNumber) []string {
	score := v.Page.Sheet.Score(clause)
	if score.Checks() == 0 {
		return []string{i18n.T(ctx, "assessment.no_checks")}
	}
	rated, total := v.progress(clause)
	if score.Applicable == 0 {
		return []string{i18n.T(ctx, "assessment.figure.nothing_triggered", "total", total)}
	}
	out := []string{
		i18n.T(ctx, "assessment.figure.readiness", "percent", percentOf(ctx, score.Readiness())),
		i18n.T(ctx, "assessment.figure.coverage", "percent", percentOf(ctx, score.Coverage())),
		i18n.T(ctx, "assessment.figure.rated", "rated", rated, "total", total),
	}
	if v.Page.Latest != nil {
		then := v.Page.Latest.Sheet.Score(clause)
		out = append(out, i18n.T(ctx, "assessment.figure.then", "percent", percentOf(ctx, then.Readiness())))
	}
	return out
}

// ratingMark is the shape and word of a rating.
func ratingMark(r assessment.Rating) component.Rating {
	switch r {
	case assessment.Conforms:
		return component.Conforms
	case assessment.Partly:
		return component.Partly
	case assessment.Not:
		return component.Not
	case assessment.NotTriggered:
		return component.NotTriggered
	case assessment.NotAssessed:
	}
	return component.NotAssessed
}

// ratingOptions are the ratings that a check may be given, each with its key.
func ratingOptions(check standard.Check) []component.RatingOption {
	var out []component.RatingOption
	for i, r := range []assessment.Rating{assessment.Conforms, assessment.Partly, assessment.Not, assessment.NotAssessed, assessment.NotTriggered} {
		if assessment.Allowed(r, check.HasCondition) {
			out = append(out, component.RatingOption{Rating: ratingMark(r), Value: r.String(), Key: strconv.Itoa(i + 1)})
		}
	}
	return out
}

// severityTone is the colour of a severity; its word says the same.
func severityTone(s assessment.Severity) component.Tone {
	switch s {
	case assessment.Major:
		return component.ToneBad
	case assessment.Minor:
		return component.ToneWarn
	case assessment.Opportunity:
		return component.ToneGood
	case assessment.Observation, assessment.None:
	}
	return component.ToneQuiet
}

func severityWord(ctx context.Context, s assessment.Severity) string {
	return i18n.T(ctx, "finding.severity."+s.String())
}

func severityOptions(ctx context.Context) []component.Option {
	return options(ctx, "finding.severity.", "major", "minor", "observation", "opportunity")
}

// proposalText says what the rules propose, and why.
func proposalText(ctx context.Context, p assessment.Proposal, gap bool) string {
	if !gap {
		return i18n.T(ctx, "finding.proposal.none")
	}
	return i18n.T(ctx, "finding.proposal.text", "severity", severityWord(ctx, p.Severity), "reason", i18n.M("finding.reason."+p.Reason.String()))
}

// openForm is the form of the open check: what was refused, or what is stored.
func (v *AssessmentView) openForm() *form.Form {
	d := v.Page.Open
	pairs := []string{"rating", d.Recorded.Rating.String(), "comment", d.Recorded.Comment}
	if len(d.Findings) > 0 {
		pairs = append(pairs, "finding", d.Findings[0].Statement, "severity", d.Findings[0].Severity.String())
	}
	return filled(v.Form, "comment", d.Version(), pairs...)
}

// chosenRating is the rating to show as taken.
func chosenRating(f *form.Form, stored assessment.Rating) component.Rating {
	if r, err := assessment.ParseRating(f.Value("rating")); err == nil {
		return ratingMark(r)
	}
	return ratingMark(stored)
}

// firstFinding is the id of the finding that the row edits, "" for none.
func firstFinding(d *readmodel.CheckDetail) string {
	if len(d.Findings) == 0 {
		return ""
	}
	return d.Findings[0].ID.String()
}

// savedText tells who saved last and when; fresh is true right after the reader
// has saved it.
func savedText(ctx context.Context, c *readmodel.Caller, s readmodel.CheckState) (text string, fresh bool) {
	if s.UpdatedAt == nil {
		return "", false
	}
	at := i18n.Clock(ctx, *s.UpdatedAt, c.Location())
	if s.UpdatedBy != nil && *s.UpdatedBy == c.Person && c.Now.Sub(*s.UpdatedAt) < time.Minute {
		return i18n.T(ctx, "assessment.saved", "time", at), true
	}
	return i18n.T(ctx, "assessment.saved_by", "name", deref(s.Name), "moment", i18n.Moment(ctx, *s.UpdatedAt, c.Location())), false
}

// expectation is the line under the question: what to look for, its weight and
// who usually answers.
func expectation(ctx context.Context, c *standard.Catalogue, check standard.Check) string {
	words := texts(ctx, c)
	return i18n.T(ctx, "assessment.expected", "evidence", words.Evidence(check.ID), "weight", check.Weight, "owner", words.Owner(check.Owner))
}

// CheckRowAsked names the row that a script asks for alone, "" for none: the
// value of layout.SwapHeader is then nothing but that row's id.
func CheckRowAsked(swap string) standard.CheckID {
	check, ok := strings.CutPrefix(swap, "check-")
	if !ok || strings.Contains(check, " ") {
		return ""
	}
	return standard.CheckID(check)
}

// ListAsked tells whether a script asks for the list of checks alone.
func ListAsked(swap string) bool { return swap == checksListID }

const checksListID = "checks-list"

func keyHints(ctx context.Context) []component.KeyHint {
	return []component.KeyHint{
		{Keys: []string{"1", "5"}, Joined: i18n.T(ctx, "assessment.key.to"), Text: i18n.T(ctx, "assessment.key.rate")},
		{Keys: []string{"c"}, Text: i18n.T(ctx, "assessment.key.comment")},
		{Keys: []string{"f"}, Text: i18n.T(ctx, "assessment.key.finding")},
		{Keys: []string{"e"}, Text: i18n.T(ctx, "assessment.key.evidence")},
		{Keys: []string{"j", "k"}, Text: i18n.T(ctx, "assessment.key.walk")},
		{Keys: []string{"/"}, Text: i18n.T(ctx, "assessment.key.find")},
	}
}

func countChecks(groups []clauseGroup) int {
	n := 0
	for _, g := range groups {
		n += len(g.Checks)
	}
	return n
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// near is the address of the assessment as its own page may write it: relative,
// for 220 rows and 88 clauses carry it. A form that was refused is shown under
// the form's address, from where it is written in full.
func (v *AssessmentView) near() string {
	if v.Form != nil {
		return At(v.Caller) + "/assessment"
	}
	return "assessment"
}

// rowLink is the beginning of every row's link; the check's id ends it.
func (v *AssessmentView) rowLink() string {
	q := v.Query
	q.Check = ""
	values := AssessmentQueryValues(q).Encode()
	if values != "" {
		values += "&"
	}
	return v.near() + "?" + values + "check="
}

// closedPath leads back to the list with the check's row closed.
func (v *AssessmentView) closedPath(check standard.CheckID) string {
	q := v.Query
	q.Check = ""
	return withQuery(At(v.Caller)+"/assessment", q) + "#" + rowID(check)
}

// severityField is the choice of a severity beside a finding: the decision,
// with the proposal said below it.
func severityField(ctx context.Context, d *readmodel.CheckDetail, prefix string) component.FieldView {
	v := component.FieldView{
		Name: "severity", Prefix: prefix, Label: i18n.T(ctx, "finding.severity_label"), Options: severityOptions(ctx),
		Hint: proposalText(ctx, d.Proposal, d.HasGap),
	}
	if len(d.Findings) == 0 {
		v.Blank = i18n.T(ctx, "finding.as_proposed")
	}
	return v
}

// lastLine says who saved the check last, and its rating at the baseline.
func lastLine(ctx context.Context, v *AssessmentView, d *readmodel.CheckDetail) string {
	text, fresh := savedText(ctx, v.Caller, d.Recorded)
	if fresh {
		text = ""
	}
	if d.Baselined != nil {
		then := i18n.T(ctx, "assessment.at_baseline", "number", v.Page.Latest.Number, "rating", i18n.M("assessment.rating_word."+d.Baselined.String()))
		text = strings.TrimSpace(then + " " + text)
	}
	return text
}

// assessorRows shows who assesses to who may not change it.
func assessorRows(ctx context.Context, a readmodel.Assessor) []component.Row {
	rows := []component.Row{
		{Term: i18n.T(ctx, "assessment.assessor.mode"), Text: i18n.T(ctx, "assessment.assessor."+a.Mode)},
		{Term: i18n.T(ctx, "assessment.assessor.name"), Text: a.Assessor},
	}
	if a.Firm != "" {
		rows = append(rows,
			component.Row{Term: i18n.T(ctx, "assessment.assessor.firm"), Text: a.Firm},
			component.Row{Term: i18n.T(ctx, "assessment.assessor.people"), Text: orDash(a.People)},
			component.Row{Term: i18n.T(ctx, "assessment.assessor.began"), Text: i18n.DateLong(ctx, a.BeganOn)},
			component.Row{Term: i18n.T(ctx, "assessment.assessor.ended"), Text: orDash(i18n.DateLong(ctx, a.EndedOn))})
	}
	return rows
}

// lackOptions, evidenceOptions and their like are the choices of the filters.
func lackOptions(ctx context.Context) []component.Option {
	return []component.Option{
		{Value: "support", Label: i18n.T(ctx, "assessment.filter.lacks.support")},
		{Value: "finding", Label: i18n.T(ctx, "assessment.filter.lacks.finding")},
		{Value: "again", Label: i18n.T(ctx, "assessment.filter.lacks.again")},
	}
}

func evidenceOptions(ctx context.Context) []component.Option {
	return []component.Option{
		{Value: "some", Label: i18n.T(ctx, "assessment.filter.evidence.some")},
		{Value: "none", Label: i18n.T(ctx, "assessment.filter.evidence.none")},
	}
}

// ratingCount is how many checks are rated alike.
type ratingCount struct {
	Rating assessment.Rating
	Count  int
}

func ratingCounts(s assessment.Score) []ratingCount {
	return []ratingCount{
		{assessment.Conforms, s.Conforms}, {assessment.Partly, s.Partly}, {assessment.Not, s.Not},
		{assessment.NotTriggered, s.NotTriggered}, {assessment.NotAssessed, s.NotAssessed},
	}
}
