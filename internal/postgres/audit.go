package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/cycle"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	ofCycle   = ` JOIN project j ON j.organization_id = x.organization_id AND j.id = x.project_id AND j.cycle = x.cycle WHERE x.organization_id = @organization AND x.project_id = @project`
	stagesSQL = `
		SELECT x.stage, x.planned_on, x.began_on, x.ended_on, x.lead_auditor, x.conclusion, x.version FROM audit_stage x` + ofCycle
	nonconformitiesSQL = `
		SELECT x.id, x.grade, x.clause, x.statement, x.answer, x.due_on, x.accepted_on, x.closed_on, x.version FROM nonconformity x` + ofCycle
	decisionSQL    = `SELECT x.granted, x.decided_on, x.reference, x.version FROM certification_decision x` + ofCycle
	certificateSQL = `SELECT x.number, x.scope, x.decided_on, x.expires_on, x.version FROM certificate x` + ofCycle
	visitsSQL      = `SELECT x.visit, x.planned_on, x.held_on, x.conclusion, x.version FROM surveillance x` + ofCycle
)

// AuditPage reads the page of step 8.
func (db *DB) AuditPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.AuditPage, error) {
	var s stepPage
	var p readmodel.AuditPage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Audit)
		b.Queue(stagesSQL+` ORDER BY x.stage`, where(acc)).Query(collect(&p.Stages))
		b.Queue(nonconformitiesSQL+` ORDER BY x.created_at, x.id LIMIT 500`, where(acc)).Query(collect(&p.Nonconformities))
		b.Queue(decisionSQL, where(acc)).Query(maybe(&p.Decision))
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	if last := p.Project.Facts.Audit.Stage2; !last.IsZero() {
		p.MajorsDue = cycle.DefaultRules().MajorDeadline(last)
	}
	return frame, p, nil
}

// SaveAuditStage stores the dates, the auditor and the conclusion of a stage.
func (db *DB) SaveAuditStage(ctx context.Context, acc readmodel.Access, in readmodel.AuditStage) error {
	var stored readmodel.AuditStage
	args := where(acc)
	args["stage"] = in.Stage
	_, err := db.write(ctx, acc, fact{
		step: certification.Audit, kind: certification.Frozen,
		read: func(b *pgx.Batch) {
			stored = readmodel.AuditStage{}
			b.Queue(stagesSQL+` AND x.stage = @stage FOR UPDATE OF x`, args).Query(maybe(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			switch {
			case !in.EndedOn.IsZero() && in.BeganOn.IsZero():
				return fault.InvalidField("began_on", "form.missing")
			case in.EndedOn.Before(in.BeganOn):
				return fault.InvalidField("ended_on", "form.date.order")
			case in.EndedOn.After(c.Today()):
				return fault.InvalidField("ended_on", "form.date.future")
			}
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"planned_on", in.PlannedOn.String(), stored.PlannedOn.String()}, {"began_on", in.BeganOn.String(), stored.BeganOn.String()},
				{"ended_on", in.EndedOn.String(), stored.EndedOn.String()}, {"lead_auditor", in.LeadAuditor, stored.LeadAuditor},
				{"conclusion", in.Conclusion, stored.Conclusion},
			}}.judge()
			if !write {
				return err
			}
			args["cycle"], args["planned"], args["began"], args["ended"] = c.Cycle, in.PlannedOn, in.BeganOn, in.EndedOn
			args["lead"], args["conclusion"], args["person"], args["version"] = in.LeadAuditor, in.Conclusion, c.Person, stored.Version
			w.Must(`
				INSERT INTO audit_stage (organization_id, project_id, cycle, stage, planned_on, began_on, ended_on, lead_auditor, conclusion, updated_by, updated_at)
				VALUES (@organization, @project, @cycle, @stage, @planned, @began, @ended, @lead, @conclusion, @person, @now)
				ON CONFLICT (organization_id, project_id, cycle, stage) DO UPDATE
				   SET planned_on = excluded.planned_on, began_on = excluded.began_on, ended_on = excluded.ended_on,
				       lead_auditor = excluded.lead_auditor, conclusion = excluded.conclusion,
				       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = audit_stage.version + 1
				 WHERE audit_stage.version = @version`, args)
			w.Event(acc.Project, "stage.saved", "audit", map[string]any{"stage": in.Stage})
			return nil
		},
	})
	return err
}

// clauseKnown tells whether a clause stands in the catalogue.
func clauseKnown(clause string) bool {
	_, ok := standard.Current().Clause(standard.ClauseNumber(clause))
	return ok
}

func nonconformityArgs(acc readmodel.Access, in readmodel.Nonconformity) pgx.NamedArgs {
	args := where(acc)
	args["id"], args["grade"], args["clause"], args["statement"], args["answer"] = in.ID, in.Grade, in.Clause, in.Statement, in.Answer
	args["due"], args["accepted"], args["closed"] = in.DueOn, in.AcceptedOn, in.ClosedOn
	return args
}

// AddNonconformity records what the certification body found.
func (db *DB) AddNonconformity(ctx context.Context, acc readmodel.Access, in readmodel.Nonconformity) error {
	args := nonconformityArgs(acc, in)
	_, err := db.write(ctx, acc, fact{
		step: certification.Audit, kind: certification.Frozen,
		decide: func(c *readmodel.Caller, w *writes) error {
			if !clauseKnown(in.Clause) {
				return fault.InvalidField("clause", "audit.clause.unknown")
			}
			args["cycle"] = c.Cycle
			w.Queue(`
				INSERT INTO nonconformity (organization_id, project_id, id, cycle, grade, clause, statement, answer, due_on, created_at)
				VALUES (@organization, @project, @id, @cycle, @grade, @clause, @statement, @answer, @due, @now)`, args)
			w.Event(acc.Project, "nonconformity.added", "audit", map[string]any{"grade": in.Grade, "clause": in.Clause})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

// NonconformityPage reads one nonconformity to be answered.
func (db *DB) NonconformityPage(ctx context.Context, acc readmodel.Access, n id.Nonconformity) (readmodel.Frame, readmodel.Nonconformity, error) {
	var found readmodel.Nonconformity
	args := where(acc)
	args["id"] = n
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(nonconformitiesSQL+` AND x.id = @id`, args).Query(one(&found))
	})
	return frame, found, err
}

// SaveNonconformity stores the answer and the dates of acceptance and closing.
func (db *DB) SaveNonconformity(ctx context.Context, acc readmodel.Access, in readmodel.Nonconformity) error {
	var stored readmodel.Nonconformity
	args := nonconformityArgs(acc, in)
	_, err := db.write(ctx, acc, fact{
		step: certification.Audit, kind: certification.Living,
		read: func(b *pgx.Batch) {
			b.Queue(nonconformitiesSQL+` AND x.id = @id FOR UPDATE OF x`, args).Query(one(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			for _, day := range []struct {
				field string
				on    civil.Date
			}{{"accepted_on", in.AcceptedOn}, {"closed_on", in.ClosedOn}} {
				if day.on.After(c.Today()) {
					return fault.InvalidField(day.field, "form.date.future")
				}
			}
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"statement", in.Statement, stored.Statement}, {"answer", in.Answer, stored.Answer}, {"due_on", in.DueOn.String(), stored.DueOn.String()},
				{"accepted_on", in.AcceptedOn.String(), stored.AcceptedOn.String()}, {"closed_on", in.ClosedOn.String(), stored.ClosedOn.String()},
			}}.judge()
			if !write {
				return err
			}
			args["version"] = stored.Version
			w.Must(`
				UPDATE nonconformity SET statement = @statement, answer = @answer, due_on = @due, accepted_on = @accepted, closed_on = @closed, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @id AND version = @version`, args)
			w.Event(acc.Project, "nonconformity.saved", "audit", map[string]any{"grade": stored.Grade, "clause": stored.Clause})
			return nil
		},
	})
	return err
}

// RecordDecision stores the certification body's decision.
func (db *DB) RecordDecision(ctx context.Context, acc readmodel.Access, in readmodel.CertificationDecision) error {
	var stored readmodel.CertificationDecision
	args := where(acc)
	_, err := db.write(ctx, acc, fact{
		step: certification.Audit, kind: certification.Frozen,
		read: func(b *pgx.Batch) {
			stored = readmodel.CertificationDecision{}
			b.Queue(decisionSQL+` FOR UPDATE OF x`, args).Query(maybe(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if in.DecidedOn.After(c.Today()) {
				return fault.InvalidField("decided_on", "form.date.future")
			}
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"granted", granted(in.Granted), granted(stored.Granted)}, {"decided_on", in.DecidedOn.String(), stored.DecidedOn.String()},
				{"reference", in.Reference, stored.Reference},
			}}.judge()
			if !write {
				return err
			}
			args["cycle"], args["granted"], args["decided"], args["reference"] = c.Cycle, in.Granted, in.DecidedOn, in.Reference
			args["person"], args["version"] = c.Person, stored.Version
			w.Must(`
				INSERT INTO certification_decision (organization_id, project_id, cycle, granted, decided_on, reference, updated_by, updated_at)
				VALUES (@organization, @project, @cycle, @granted, @decided, @reference, @person, @now)
				ON CONFLICT (organization_id, project_id, cycle) DO UPDATE
				   SET granted = excluded.granted, decided_on = excluded.decided_on, reference = excluded.reference,
				       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = certification_decision.version + 1
				 WHERE certification_decision.version = @version`, args)
			w.Event(acc.Project, "decision.recorded", "audit", map[string]any{"granted": granted(in.Granted)})
			return nil
		},
	})
	return err
}

func granted(yes bool) string {
	if yes {
		return "granted"
	}
	return "refused"
}

// CertificatePage reads the page of step 9.
func (db *DB) CertificatePage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.CertificatePage, error) {
	var s stepPage
	var p readmodel.CertificatePage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Certificate)
		b.Queue(decisionSQL, where(acc)).Query(maybe(&p.Decision))
		b.Queue(certificateSQL, where(acc)).Query(maybe(&p.Certificate))
		b.Queue(visitsSQL+` ORDER BY x.visit`, where(acc)).Query(collect(&p.Visits))
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	return frame, p, nil
}

// SaveCertificate stores the certificate of this cycle.
func (db *DB) SaveCertificate(ctx context.Context, acc readmodel.Access, in readmodel.Certificate) error {
	var stored readmodel.Certificate
	args := where(acc)
	_, err := db.write(ctx, acc, fact{
		step: certification.Certificate, kind: certification.Frozen,
		read: func(b *pgx.Batch) {
			stored = readmodel.Certificate{}
			b.Queue(certificateSQL+` FOR UPDATE OF x`, args).Query(maybe(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if !in.ExpiresOn.After(in.DecidedOn) {
				return fault.InvalidField("expires_on", "form.date.order")
			}
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"number", in.Number, stored.Number}, {"certificate_scope", in.Scope, stored.Scope},
				{"certified_on", in.DecidedOn.String(), stored.DecidedOn.String()}, {"expires_on", in.ExpiresOn.String(), stored.ExpiresOn.String()},
			}}.judge()
			if !write {
				return err
			}
			args["cycle"], args["number"], args["scope"], args["decided"], args["expires"] = c.Cycle, in.Number, in.Scope, in.DecidedOn, in.ExpiresOn
			args["person"], args["version"] = c.Person, stored.Version
			w.Must(`
				INSERT INTO certificate (organization_id, project_id, cycle, number, scope, decided_on, expires_on, updated_by, updated_at)
				VALUES (@organization, @project, @cycle, @number, @scope, @decided, @expires, @person, @now)
				ON CONFLICT (organization_id, project_id, cycle) DO UPDATE
				   SET number = excluded.number, scope = excluded.scope, decided_on = excluded.decided_on, expires_on = excluded.expires_on,
				       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = certificate.version + 1
				 WHERE certificate.version = @version`, args)
			w.Event(acc.Project, "certificate.saved", "certificate", map[string]any{"number": in.Number})
			return nil
		},
	})
	return err
}

// SaveSurveillance stores the plan and the outcome of a surveillance or the
// recertification audit.
func (db *DB) SaveSurveillance(ctx context.Context, acc readmodel.Access, in readmodel.Surveillance) error {
	var stored readmodel.Surveillance
	args := where(acc)
	args["visit"] = in.Visit
	_, err := db.write(ctx, acc, fact{
		step: certification.Certificate, kind: certification.Living,
		read: func(b *pgx.Batch) {
			stored = readmodel.Surveillance{}
			b.Queue(visitsSQL+` AND x.visit = @visit FOR UPDATE OF x`, args).Query(maybe(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			prefix := "visit_" + strconv.Itoa(in.Visit) + "_"
			if in.HeldOn.After(c.Today()) {
				return fault.InvalidField(prefix+"held_on", "form.date.future")
			}
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{prefix + "planned_on", in.PlannedOn.String(), stored.PlannedOn.String()}, {prefix + "held_on", in.HeldOn.String(), stored.HeldOn.String()},
				{prefix + "conclusion", in.Conclusion, stored.Conclusion},
			}}.judge()
			if !write {
				return err
			}
			args["cycle"], args["planned"], args["held"], args["conclusion"] = c.Cycle, in.PlannedOn, in.HeldOn, in.Conclusion
			args["person"], args["version"] = c.Person, stored.Version
			w.Must(`
				INSERT INTO surveillance (organization_id, project_id, cycle, visit, planned_on, held_on, conclusion, updated_by, updated_at)
				VALUES (@organization, @project, @cycle, @visit, @planned, @held, @conclusion, @person, @now)
				ON CONFLICT (organization_id, project_id, cycle, visit) DO UPDATE
				   SET planned_on = excluded.planned_on, held_on = excluded.held_on, conclusion = excluded.conclusion,
				       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = surveillance.version + 1
				 WHERE surveillance.version = @version`, args)
			w.Event(acc.Project, "surveillance.saved", "certificate", map[string]any{"visit": in.Visit})
			return nil
		},
	})
	return err
}
