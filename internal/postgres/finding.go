package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// findingPageSize is how many findings a page of the list shows.
const findingPageSize = 100

// findingsSQL lists findings by number. The filters behind the key only thin
// out what the index gives; each is skipped where it is empty.
const findingsSQL = `
	SELECT ` + findingColumns + `, ` + findingTasks + `
	  FROM ` + findingTables + `
	 WHERE f.organization_id = @organization AND f.project_id = @project AND f.number > @after
	   AND (@state = 'all' OR (f.closed_at IS NULL) = (@state = ''))
	   AND (@severity = '' OR f.severity = @severity)
	   AND (@clause = '' OR split_part(f.check_id, '-', 1) = @clause OR starts_with(f.check_id, @clause || '.'))
	   AND (@task = '' OR NOT EXISTS (SELECT 1 FROM task k
	         WHERE k.organization_id = f.organization_id AND k.project_id = f.project_id AND k.finding_id = f.id))
	 ORDER BY f.number LIMIT @limit`

// FindingsPage reads the list of findings.
func (db *DB) FindingsPage(ctx context.Context, acc readmodel.Access, q readmodel.FindingQuery) (readmodel.Frame, readmodel.FindingsPage, error) {
	var s sheetRead
	var p readmodel.FindingsPage
	args := where(acc)
	args["after"], args["state"], args["severity"], args["clause"], args["task"] = q.After, q.State, q.Severity, string(q.Clause), q.Task
	args["limit"] = findingPageSize + 1
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, glance)
		b.Queue(findingsSQL, args).Query(collect(&p.Findings))
	})
	if err != nil {
		return frame, p, err
	}
	sheet := s.page(acc)
	p.Project, p.Sheet, p.Open = sheet.Project, sheet.Sheet, s.findings
	if len(p.Findings) > findingPageSize {
		p.Findings = p.Findings[:findingPageSize]
		p.Next = p.Findings[findingPageSize-1].Number
	}
	return frame, p, nil
}

// FindingPage reads one finding with its check.
func (db *DB) FindingPage(ctx context.Context, acc readmodel.Access, finding id.Finding) (readmodel.Frame, readmodel.FindingPage, error) {
	var s sheetRead
	var p readmodel.FindingPage
	args := where(acc)
	args["id"] = finding
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, glance)
		b.Queue(`
			SELECT `+findingColumns+`, `+findingTasks+`
			  FROM `+findingTables+`
			 WHERE f.organization_id = @organization AND f.project_id = @project AND f.id = @id`, args).Query(one(&p.Finding))
		b.Queue(`
			SELECT `+eventColumns+`
			  FROM event e LEFT JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
			 WHERE e.organization_id = @organization AND e.project_id = @project
			   AND e.subject = (SELECT f.check_id FROM finding f WHERE f.organization_id = @organization AND f.project_id = @project AND f.id = @id)
			 ORDER BY e.seq DESC LIMIT 20`, args).Query(collect(&p.History))
	})
	if err != nil {
		return frame, p, err
	}
	sheet := s.page(acc)
	p.Project, p.Sheet = sheet.Project, sheet.Sheet
	clause := readmodel.ClauseOf(standard.CheckID(p.Finding.CheckID))
	for _, mark := range s.findings {
		if readmodel.ClauseOf(standard.CheckID(mark.CheckID)) == clause {
			p.Siblings = append(p.Siblings, mark)
		}
	}
	return frame, p, nil
}

// NewFindingPage reads what the form for a finding under a check needs.
func (db *DB) NewFindingPage(ctx context.Context, acc readmodel.Access, check standard.CheckID) (readmodel.Frame, readmodel.NewFindingPage, error) {
	var s sheetRead
	var p readmodel.NewFindingPage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) { s.queue(b, acc, glance) })
	if err != nil {
		return frame, p, err
	}
	sheet := s.page(acc)
	p.Project, p.Sheet = sheet.Project, sheet.Sheet
	k, ok := p.Sheet.Catalogue.Check(check)
	if !ok {
		return frame, p, fault.NotFound
	}
	p.Check = k
	return frame, p, nil
}

// addFinding queues a new finding with the next number of its project, whose
// row is held alone.
func (w *writes) addFinding(acc readmodel.Access, c *readmodel.Caller, number int, f readmodel.Finding) {
	args := where(acc)
	args["id"], args["number"], args["check"], args["statement"], args["recommendation"] = f.ID, number, f.CheckID, f.Statement, f.Recommendation
	args["proposed"], args["severity"], args["person"] = f.Proposed, f.Severity, c.Person
	w.Queue(`UPDATE project SET last_finding = @number WHERE organization_id = @organization AND id = @project`, args)
	w.Queue(`
		INSERT INTO finding (organization_id, project_id, id, number, check_id, statement, recommendation, proposed, severity,
		                     created_by, created_at, updated_at)
		VALUES (@organization, @project, @id, @number, @check, @statement, @recommendation, @proposed, @severity, @person, @now, @now)`, args)
	w.Event(acc.Project, "finding.added", f.CheckID, map[string]any{"check": f.CheckID, "number": number, "severity": f.Severity.String()})
	w.Result = f.ID.String()
}

// AddFinding adds a finding under a check, beside those it has.
func (db *DB) AddFinding(ctx context.Context, acc readmodel.Access, in readmodel.Finding) (string, error) {
	var s checkRead
	return db.write(ctx, acc, fact{
		step: certification.Gap, kind: certification.Living, act: true,
		read: func(b *pgx.Batch) { s.queue(b, acc, standard.CheckID(in.CheckID)) },
		decide: func(c *readmodel.Caller, w *writes) error {
			check, err := s.known(standard.CheckID(in.CheckID))
			if err != nil {
				return err
			}
			in.Proposed = s.proposed(check, s.state.Rating)
			in.Severity = in.Severity.Or(in.Proposed, s.state.Rating)
			w.addFinding(acc, c, s.edition.LastFinding+1, in)
			return nil
		},
	})
}

// storedFinding is a finding under lock.
type storedFinding struct {
	Number         int
	CheckID        string
	Statement      string
	Recommendation string
	Severity       assessment.Severity
	Version        int
	Closed         bool
}

const findingForUpdateSQL = `
	SELECT number, check_id, statement, recommendation, severity, version, closed_at IS NOT NULL AS closed
	  FROM finding WHERE organization_id = @organization AND project_id = @project AND id = @id FOR UPDATE`

// SaveFinding stores a finding's statement, severity and recommendation. What
// the rules propose at this moment is kept beside what was decided.
func (db *DB) SaveFinding(ctx context.Context, acc readmodel.Access, in readmodel.Finding) error {
	var f storedFinding
	var s checkRead
	args := where(acc)
	args["id"] = in.ID
	_, err := db.write(ctx, acc, fact{
		step: certification.Gap, kind: certification.Living,
		read: func(b *pgx.Batch) {
			f, s = storedFinding{}, checkRead{}
			b.Queue(findingForUpdateSQL, args).Query(one(&f))
			b.Queue(editionSQL, args).Query(one(&s.edition))
			b.Queue(`
				SELECT r.check_id AS check, r.rating FROM rating r JOIN finding f
				    ON f.organization_id = r.organization_id AND f.project_id = r.project_id
				   AND split_part(f.check_id, '-', 1) = split_part(r.check_id, '-', 1)
				 WHERE r.organization_id = @organization AND r.project_id = @project AND f.id = @id`, args).Query(collect(&s.clause))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			severity := in.Severity
			if severity == assessment.None {
				severity = f.Severity
			}
			write, err := edit{from: in.Version, now: f.Version, fields: []edited{
				{"statement", in.Statement, f.Statement}, {"severity", severity.String(), f.Severity.String()},
				{"recommendation", in.Recommendation, f.Recommendation},
			}}.judge()
			if !write {
				return err
			}
			set := where(acc)
			set["id"], set["statement"], set["severity"], set["recommendation"] = in.ID, in.Statement, severity, in.Recommendation
			set["version"], set["proposed"] = f.Version, s.proposedFor(standard.CheckID(f.CheckID))
			w.Must(`
				UPDATE finding SET statement = @statement, severity = @severity, recommendation = @recommendation, proposed = @proposed,
				       updated_at = @now, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @id AND version = @version`, set)
			w.Event(acc.Project, "finding.saved", f.CheckID, map[string]any{"check": f.CheckID, "number": f.Number, "severity": severity.String()})
			return nil
		},
	})
	return err
}

// proposedFor is the proposal for a check at its stored rating.
func (s *checkRead) proposedFor(check standard.CheckID) assessment.Severity {
	checks, ratings := make([]string, len(s.clause)), make([]string, len(s.clause))
	for i, one := range s.clause {
		checks[i], ratings[i] = one.Check, one.Rating
	}
	p, _ := readmodel.NewSheet(catalogueOf(s.edition.Edition), checks, ratings).Proposal(check)
	return p.Severity
}

// CloseFinding closes a finding, or takes the closing back. Doing what is done
// already changes nothing.
func (db *DB) CloseFinding(ctx context.Context, acc readmodel.Access, finding id.Finding, closed bool) error {
	var f storedFinding
	args := where(acc)
	args["id"] = finding
	_, err := db.write(ctx, acc, fact{
		step: certification.Gap, kind: certification.Living,
		read: func(b *pgx.Batch) {
			f = storedFinding{}
			b.Queue(findingForUpdateSQL, args).Query(one(&f))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if f.Closed == closed {
				return nil
			}
			set := where(acc)
			set["id"], set["person"], set["at"], set["by"] = finding, c.Person, nil, nil
			kind := "finding.reopened"
			if closed {
				kind = "finding.closed"
				set["at"], set["by"] = acc.Now, c.Person
			}
			w.Must(`
				UPDATE finding SET closed_at = @at, closed_by = @by, updated_at = @now, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @id`, set)
			w.Event(acc.Project, kind, f.CheckID, map[string]any{"check": f.CheckID, "number": f.Number})
			return nil
		},
	})
	return err
}
