package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
	"waymark/internal/readmodel"
)

const (
	editionSQL = `SELECT edition, last_finding FROM project WHERE organization_id = @organization AND id = @project`
	recordsSQL = `
		SELECT check_id, rating, left(comment, @length) AS comment, evidence, rate_again
		  FROM rating WHERE organization_id = @organization AND project_id = @project`
	openFindingsSQL = `
		SELECT check_id, id, number, severity, left(statement, @length) AS statement
		  FROM finding WHERE organization_id = @organization AND project_id = @project AND closed_at IS NULL ORDER BY number`
	checkStateSQL = `
		SELECT r.rating, r.comment, r.evidence, r.rate_again, r.version, r.updated_by, n.name, r.updated_at
		  FROM rating r LEFT JOIN membership n ON n.organization_id = r.organization_id AND n.person_id = r.updated_by
		 WHERE r.organization_id = @organization AND r.project_id = @project AND r.check_id = @check`
	findingColumns = `
		f.id, f.number, f.check_id, f.statement, f.recommendation, f.proposed, f.severity, n.name, f.created_at,
		f.closed_at, m.name AS closed_name, f.version`
	findingTables = `
		finding f
		  JOIN membership n ON n.organization_id = f.organization_id AND n.person_id = f.created_by
		  LEFT JOIN membership m ON m.organization_id = f.organization_id AND m.person_id = f.closed_by`
	findingTasks = `
		(SELECT jsonb_agg(jsonb_build_object('ID', k.id, 'Number', k.number, 'Title', k.title, 'State', k.state) ORDER BY k.number)
		   FROM task k WHERE k.organization_id = f.organization_id AND k.project_id = f.project_id AND k.finding_id = f.id) AS tasks`
	checkFindingsSQL = `
		SELECT ` + findingColumns + `, ` + findingTasks + `
		  FROM ` + findingTables + `
		 WHERE f.organization_id = @organization AND f.project_id = @project AND f.check_id = @check AND f.closed_at IS NULL
		 ORDER BY f.number`
	subjectHistorySQL = `
		SELECT ` + eventColumns + `
		  FROM event e LEFT JOIN membership n ON n.organization_id = e.organization_id AND n.person_id = e.person_id
		 WHERE e.organization_id = @organization AND e.project_id = @project AND e.subject = @check
		 ORDER BY e.seq DESC LIMIT 20`
	assessorSQL = `
		SELECT m.mode, m.assessor, e.id AS engagement, coalesce(e.firm, '') AS firm, coalesce(e.people, '') AS people,
		       e.began_on, e.ended_on, m.version * 100000 + coalesce(e.version, 0) AS version
		  FROM assessment m
		  LEFT JOIN engagement e ON e.organization_id = m.organization_id AND e.project_id = m.project_id AND e.id = m.engagement_id
		 WHERE m.organization_id = @organization AND m.project_id = @project`
	baselineListSQL = `
		SELECT b.number, b.cycle, n.name, b.at, b.note
		  FROM baseline b JOIN membership n ON n.organization_id = b.organization_id AND n.person_id = b.person_id
		 WHERE b.organization_id = @organization AND b.project_id = @project ORDER BY b.number DESC LIMIT 50`
)

// How much of a comment or statement a row of the assessment shows, and the
// whole of it.
const (
	glance = 240
	whole  = 10_000
)

type (
	edition struct {
		Edition     string
		LastFinding int
	}
	assessorRow struct {
		Mode, Assessor   string
		Engagement       *id.Engagement
		Firm, People     string
		BeganOn, EndedOn civil.Date
		Version          int
	}
)

// catalogueOf gives the catalogue that a project is assessed against.
func catalogueOf(edition string) *standard.Catalogue {
	if c, err := standard.Load(edition); err == nil {
		return c
	}
	return standard.Current()
}

// sheetRead collects a project's sheet: what was recorded, open findings and
// baselines.
type sheetRead struct {
	loaded   loaded
	edition  edition
	records  []readmodel.CheckRecord
	findings []readmodel.FindingMark
	frozen   []frozenRatings
	assessor assessorRow
}

func (s *sheetRead) queue(b *pgx.Batch, acc readmodel.Access, length int) {
	args := where(acc)
	args["length"] = length
	queueOrder(b, acc, noLock, &s.loaded)
	b.Queue(editionSQL, where(acc)).Query(one(&s.edition))
	b.Queue(recordsSQL, args).Query(collect(&s.records))
	b.Queue(openFindingsSQL, args).Query(collect(&s.findings))
	b.Queue(baselinesSQL, where(acc)).Query(collect(&s.frozen))
	b.Queue(assessorSQL, where(acc)).Query(maybe(&s.assessor))
}

// page puts the sheet together. The project knows the order and the facts of
// step 3, and nothing of the other steps.
func (s *sheetRead) page(acc readmodel.Access) readmodel.AssessmentPage {
	c := catalogueOf(s.edition.Edition)
	p := readmodel.AssessmentPage{
		Sheet:   readmodel.Sheet{Catalogue: c, Ratings: make([]assessment.Rating, c.Len())},
		Records: make([]readmodel.CheckRecord, c.Len()), Findings: make(map[string][]readmodel.FindingMark, len(s.findings)),
	}
	f := facts{Edition: s.edition.Edition, Assessor: s.assessor.Mode != "" && s.assessor.Assessor != "", Baselined: len(s.frozen) > 0}
	for _, r := range s.records {
		at := c.Index(standard.CheckID(r.CheckID))
		if at < 0 {
			continue
		}
		p.Sheet.Ratings[at], p.Records[at] = r.Rating, r
		f.CheckIDs = append(f.CheckIDs, r.CheckID)
		f.Ratings = append(f.Ratings, r.Rating.String())
		f.Commented = append(f.Commented, r.Comment != "")
		f.Evidenced = append(f.Evidenced, r.Evidence > 0)
	}
	for _, mark := range s.findings {
		p.Findings[mark.CheckID] = append(p.Findings[mark.CheckID], mark)
		f.Found = append(f.Found, mark.CheckID)
	}
	p.Project = s.loaded.project(acc)
	p.Project.Facts.Gap = f.gap()
	p.First, p.Latest = baselineSheets(c, s.frozen)
	return p
}

// baselineSheets gives the first and the latest baseline; with one, it is both.
func baselineSheets(c *standard.Catalogue, frozen []frozenRatings) (first, latest *readmodel.BaselineSheet) {
	for _, f := range frozen {
		latest = &readmodel.BaselineSheet{Number: f.Number, At: f.At, Sheet: readmodel.NewSheet(c, f.Checks, f.Ratings)}
		if first == nil {
			first = latest
		}
	}
	return first, latest
}

// AssessmentPage reads the assessment, with one check in full where the query
// names one. What the query leaves out is left out by the page.
func (db *DB) AssessmentPage(ctx context.Context, acc readmodel.Access, q readmodel.AssessmentQuery) (readmodel.Frame, readmodel.AssessmentPage, error) {
	var s sheetRead
	var d readmodel.CheckDetail
	length := glance
	if q.Text != "" {
		length = whole
	}
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, length)
		if q.Check != "" {
			queueCheck(b, acc, q.Check, &d)
			args := where(acc)
			args["check"] = string(q.Check)
			b.Queue(checkFindingsSQL, args).Query(collect(&d.Findings))
		}
	})
	if err != nil {
		return frame, readmodel.AssessmentPage{}, err
	}
	p := s.page(acc)
	if k, ok := p.Sheet.Catalogue.Check(q.Check); ok {
		d.Check = k
		d.Proposal, d.HasGap = p.Sheet.Proposal(k.ID)
		if p.Latest != nil {
			then := p.Latest.Sheet.Rating(k.ID)
			d.Baselined = &then
		}
		p.Open = &d
	}
	return frame, p, nil
}

// queueCheck reads one check's record, evidence and history.
func queueCheck(b *pgx.Batch, acc readmodel.Access, check standard.CheckID, d *readmodel.CheckDetail) {
	args := where(acc)
	args["check"] = string(check)
	b.Queue(checkStateSQL, args).Query(maybe(&d.Recorded))
	b.Queue(evidenceSQL, args).Query(collect(&d.Evidence))
	b.Queue(subjectHistorySQL, args).Query(collect(&d.History))
}

// AssessmentSheet reads the whole assessment with its findings in full, for a
// file of all checks.
func (db *DB) AssessmentSheet(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.AssessmentPage, []readmodel.Finding, error) {
	var s sheetRead
	var findings []readmodel.Finding
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, whole)
		b.Queue(`
			SELECT `+findingColumns+`, `+findingTasks+`
			  FROM `+findingTables+`
			 WHERE f.organization_id = @organization AND f.project_id = @project AND f.closed_at IS NULL ORDER BY f.number`, where(acc)).
			Query(collect(&findings))
	})
	if err != nil {
		return frame, readmodel.AssessmentPage{}, nil, err
	}
	return frame, s.page(acc), findings, nil
}

// GapPage reads the page of step 3.
func (db *DB) GapPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.GapPage, error) {
	var s stepPage
	var p readmodel.GapPage
	var row assessorRow
	var counts []findingCount
	var frozen []frozenRatings
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Gap)
		b.Queue(assessorSQL, where(acc)).Query(maybe(&row))
		b.Queue(findingCountsSQL, where(acc)).Query(collect(&counts))
		b.Queue(baselinesSQL, where(acc)).Query(collect(&frozen))
		b.Queue(baselineListSQL, where(acc)).Query(collect(&p.Baselines))
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	p.Assessor = row.model()
	p.Progress = readmodel.Dashboard{StepPage: p.StepPage}
	catalogue := s.loaded.facts.catalogue()
	for i, f := range frozen {
		score := baselineScore(catalogue, f)
		if i == 0 {
			p.Progress.First = &score
		}
		p.Progress.Latest = &score
	}
	for i, score := range s.loaded.facts.scores() {
		p.Progress.Total = p.Progress.Total.Plus(score.Score)
		line := readmodel.ClauseLine{Number: score.Clause, Today: score.Score}
		if p.Progress.Latest != nil {
			line.Baseline = &p.Progress.Latest.Clauses[i].Score
		}
		for _, c := range counts {
			if under(c.Check, score.Clause) {
				line.Majors += c.Majors
				line.Open += c.Open
			}
		}
		p.Progress.Clauses = append(p.Progress.Clauses, line)
	}
	return frame, p, nil
}

// under tells whether a check stands under a clause or one below it.
func under(check, clause string) bool {
	return ownedBy([]string{clause}, string(readmodel.ClauseOf(standard.CheckID(check))))
}

func (r assessorRow) model() readmodel.Assessor {
	return readmodel.Assessor{
		Mode: r.Mode, Assessor: r.Assessor, Engagement: deref(r.Engagement), Firm: r.Firm, People: r.People,
		BeganOn: r.BeganOn, EndedOn: r.EndedOn, Version: r.Version,
	}
}

// SaveAssessor stores who assesses. An external consultant's engagement goes
// into the list that step 6 judges impartiality by; it stays there when the
// assessment becomes a self-assessment, because it took place.
func (db *DB) SaveAssessor(ctx context.Context, acc readmodel.Access, in readmodel.Assessor, engagement id.Engagement) error {
	var row assessorRow
	_, err := db.write(ctx, acc, fact{
		step: certification.Gap, kind: certification.Frozen, act: true,
		read: func(b *pgx.Batch) {
			row = assessorRow{}
			b.Queue(assessorSQL, where(acc)).Query(maybe(&row))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: row.Version, fields: []edited{
				{"mode", in.Mode, row.Mode}, {"assessor", in.Assessor, row.Assessor}, {"firm", in.Firm, row.Firm},
				{"people", in.People, row.People}, {"began_on", in.BeganOn.String(), row.BeganOn.String()},
				{"ended_on", in.EndedOn.String(), row.EndedOn.String()},
			}}.judge()
			if !write {
				return err
			}
			args := where(acc)
			args["mode"], args["assessor"], args["person"], args["engagement"] = in.Mode, in.Assessor, c.Person, nil
			if in.Mode == "external" {
				args["firm"], args["people"], args["began"], args["ended"] = in.Firm, in.People, in.BeganOn, in.EndedOn
				if row.Engagement != nil {
					args["engagement"] = *row.Engagement
					w.Must(`
						UPDATE engagement SET firm = @firm, people = @people, began_on = @began, ended_on = @ended, version = version + 1
						 WHERE organization_id = @organization AND project_id = @project AND id = @engagement`, args)
				} else {
					args["engagement"] = engagement
					w.Queue(`
						INSERT INTO engagement (organization_id, project_id, id, kind, firm, people, began_on, ended_on, created_at)
						VALUES (@organization, @project, @engagement, 'consultancy', @firm, @people, @began, @ended, @now)`, args)
				}
			}
			w.Queue(`
				INSERT INTO assessment (organization_id, project_id, mode, assessor, engagement_id, updated_by, updated_at)
				VALUES (@organization, @project, @mode, @assessor, @engagement, @person, @now)
				ON CONFLICT (organization_id, project_id) DO UPDATE
				   SET mode = excluded.mode, assessor = excluded.assessor, engagement_id = excluded.engagement_id,
				       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = assessment.version + 1`, args)
			w.Event(acc.Project, "assessment.saved", certification.Gap.String(), map[string]any{"mode": in.Mode})
			return nil
		},
	})
	return err
}
