package server

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
)

// assessmentFile gives all checks as a file for spreadsheets (RFC 4180), its
// texts in the reader's language.
func assessmentFile(s *Server, w http.ResponseWriter, r *http.Request) error {
	acc, err := s.access(r)
	if err != nil {
		return err
	}
	frame, p, findings, err := s.app.AssessmentSheet(r.Context(), acc)
	if err != nil {
		return err
	}
	if !frame.Caller.Can(permission.ReadTasks) {
		for i := range findings {
			findings[i].Tasks = nil
		}
	}
	ctx := readerContext(r, &frame.Caller)
	var b bytes.Buffer
	b.WriteString("\uFEFF") // spreadsheets read UTF-8 only behind this mark
	out := csv.NewWriter(&b)
	out.UseCRLF = true
	if err := out.WriteAll(assessmentRows(ctx, &p, findings)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="assessment.csv"`)
	_, _ = w.Write(b.Bytes()) // a visitor who went away is no failure of ours
	return nil
}

// assessmentRows is the sheet: a heading, then a row for every check.
func assessmentRows(ctx context.Context, p *readmodel.AssessmentPage, findings []readmodel.Finding) [][]string {
	var head []string
	for _, key := range []string{
		"finding.clause", "assessment.file.clause_title", "assessment.check", "assessment.file.question", "assessment.file.expected",
		"assessment.file.condition", "assessment.file.weight", "assessment.file.owner", "assessment.rating", "assessment.comment",
		"assessment.evidence", "assessment.file.again", "assessment.file.then", "finding.number", "assessment.finding",
		"finding.severity_label", "assessment.file.proposed", "finding.recommendation", "finding.tasks",
	} {
		head = append(head, i18n.T(ctx, key))
	}
	by := map[string][]readmodel.Finding{}
	for _, f := range findings {
		by[f.CheckID] = append(by[f.CheckID], f)
	}
	c := p.Sheet.Catalogue
	words := c.Texts(i18n.From(ctx).String())
	out := append(make([][]string, 0, c.Len()+1), head)
	for i := range c.Len() {
		check := c.CheckAt(i)
		record := p.Records[i]
		then, again := "", ""
		if p.Latest != nil {
			then = i18n.T(ctx, "assessment.rating_word."+p.Latest.Sheet.Ratings[i].String())
		}
		if record.RateAgain {
			again = i18n.T(ctx, "assessment.rate_again")
		}
		row := []string{
			string(check.Clause), words.Title(check.Clause), string(check.ID), words.Question(check.ID), words.Evidence(check.ID),
			words.Condition(check.ID), strconv.Itoa(check.Weight), words.Owner(check.Owner),
			i18n.T(ctx, "assessment.rating_word."+p.Sheet.Ratings[i].String()), record.Comment, strconv.Itoa(record.Evidence), again, then,
		}
		row = append(row, findingCells(ctx, p.Sheet, check.ID, by[string(check.ID)])...)
		for k := range row {
			row[k] = cell(row[k])
		}
		out = append(out, row)
	}
	return out
}

// findingCells puts the open findings of a check into its row, a line each.
func findingCells(ctx context.Context, sheet readmodel.Sheet, check standard.CheckID, findings []readmodel.Finding) []string {
	var numbers, statements, severities, recommendations, tasks []string
	for _, f := range findings {
		numbers = append(numbers, strconv.Itoa(f.Number))
		statements = append(statements, f.Statement)
		severities = append(severities, i18n.T(ctx, "finding.severity."+f.Severity.String()))
		if f.Recommendation != "" {
			recommendations = append(recommendations, f.Recommendation)
		}
		for _, task := range f.Tasks {
			tasks = append(tasks, i18n.T(ctx, "finding.task_named", "number", task.Number, "title", task.Title))
		}
	}
	proposed := ""
	if proposal, gap := sheet.Proposal(check); gap && proposal.Severity != assessment.None {
		proposed = i18n.T(ctx, "finding.severity."+proposal.Severity.String())
	}
	lines := func(list []string) string { return strings.Join(list, "\n") }
	return []string{lines(numbers), lines(statements), lines(severities), proposed, lines(recommendations), lines(tasks)}
}
