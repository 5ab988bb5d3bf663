package page

import (
	"context"
	"net/url"
	"strconv"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
)

// FindingsPath is the address of the list of findings, narrowed down as asked.
func FindingsPath(c *readmodel.Caller, q readmodel.FindingQuery) string {
	values := url.Values{}
	for name, value := range map[string]string{"severity": q.Severity, "clause": string(q.Clause), "state": q.State, "task": q.Task} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.After > 0 {
		values.Set("after", strconv.Itoa(q.After))
	}
	path := At(c) + "/findings"
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return path
}

func findingPath(c *readmodel.Caller, finding id.Finding) string {
	return At(c) + "/findings/" + finding.String()
}

// clauseOptions are clauses 4 to 10 and those below them that have checks.
func clauseOptions(ctx context.Context, c *standard.Catalogue) []component.Option {
	words := texts(ctx, c)
	var out []component.Option
	for _, clause := range c.Clauses() {
		if first, end := c.Span(clause.Number); clause.Level <= 2 && first < end {
			out = append(out, component.Option{Value: string(clause.Number), Label: string(clause.Number) + " " + words.Title(clause.Number)})
		}
	}
	return out
}

// openText counts the open findings by severity.
func openText(ctx context.Context, open []readmodel.FindingMark) string {
	count := map[assessment.Severity]int{}
	for _, f := range open {
		count[f.Severity]++
	}
	return i18n.T(ctx, "finding.lead", "n", len(open), "major", count[assessment.Major], "minor", count[assessment.Minor],
		"observation", count[assessment.Observation], "opportunity", count[assessment.Opportunity])
}

// threeMinorsText names the clauses whose minors propose a major.
func threeMinorsText(ctx context.Context, open []readmodel.FindingMark) string {
	clauses := readmodel.ThreeMinors(open)
	if len(clauses) == 0 {
		return ""
	}
	list := make([]string, len(clauses))
	for i, clause := range clauses {
		list[i] = clauseTitle(ctx, string(clause))
	}
	return i18n.T(ctx, "finding.three_minors", "clauses", i18n.List(ctx, list))
}

// mayPlan tells whether the reader may plan a task for a finding.
func mayPlan(c *readmodel.Caller) bool {
	return c.Can(permission.EditTasks) && !c.ProjectGone && !c.OrganizationGone
}

// proposalOf is the present proposal for a finding's check, in words.
func proposalOf(ctx context.Context, sheet readmodel.Sheet, check string) string {
	p, gap := sheet.Proposal(standard.CheckID(check))
	return proposalText(ctx, p, gap)
}

func findingStates(ctx context.Context) []component.Option {
	return []component.Option{
		{Value: "", Label: i18n.T(ctx, "finding.state_word.open")},
		{Value: "closed", Label: i18n.T(ctx, "finding.state_word.closed")},
		{Value: "all", Label: i18n.T(ctx, "finding.state_word.all")},
	}
}

// readableTasks gives a finding's tasks to those who may read tasks.
func readableTasks(c *readmodel.Caller, f readmodel.Finding) []readmodel.FindingTask {
	if c.Can(permission.ReadTasks) {
		return f.Tasks
	}
	return nil
}
