package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	internalAuditsSQL = `
		SELECT a.id, a.began_on, a.ended_on, a.auditor, a.all_clauses, a.independent, a.conclusion, n.name, a.version
		  FROM internal_audit a JOIN membership n ON n.organization_id = a.organization_id AND n.person_id = a.person_id
		  JOIN project j ON j.organization_id = a.organization_id AND j.id = a.project_id AND j.cycle = a.cycle
		 WHERE a.organization_id = @organization AND a.project_id = @project ORDER BY a.ended_on DESC, a.id LIMIT 200`
	reviewsSQL = `
		SELECT r.id, r.held_on, r.chaired_by, r.all_inputs, r.decisions, n.name, r.version
		  FROM management_review r JOIN membership n ON n.organization_id = r.organization_id AND n.person_id = r.person_id
		  JOIN project j ON j.organization_id = r.organization_id AND j.id = r.project_id AND j.cycle = r.cycle
		 WHERE r.organization_id = @organization AND r.project_id = @project ORDER BY r.held_on DESC, r.id LIMIT 200`
)

// PreparationPage reads the page of step 7.
func (db *DB) PreparationPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.PreparationPage, error) {
	var s stepPage
	var p readmodel.PreparationPage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Preparation)
		b.Queue(confirmationsSQL, where(acc)).Query(collect(&p.Confirmations))
		b.Queue(internalAuditsSQL, where(acc)).Query(collect(&p.Audits))
		b.Queue(reviewsSQL, where(acc)).Query(collect(&p.Reviews))
		queueApprovals(b, acc, "go", &p.Decisions)
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	for _, c := range s.loaded.facts.scores() {
		p.Total = p.Total.Plus(c.Score)
	}
	return frame, p, nil
}

// AddInternalAudit records an internal audit that was held.
func (db *DB) AddInternalAudit(ctx context.Context, acc readmodel.Access, in readmodel.InternalAudit) error {
	args := where(acc)
	args["id"], args["began"], args["ended"], args["auditor"] = in.ID, in.BeganOn, in.EndedOn, in.Auditor
	args["all"], args["independent"], args["conclusion"] = in.AllClauses, in.Independent, in.Conclusion
	_, err := db.write(ctx, acc, fact{
		step: certification.Preparation, kind: certification.Frozen,
		decide: func(c *readmodel.Caller, w *writes) error {
			switch {
			case in.EndedOn.Before(in.BeganOn):
				return fault.InvalidField("audit_ended", "form.date.order")
			case in.EndedOn.After(c.Today()):
				return fault.InvalidField("audit_ended", "form.date.future")
			}
			args["person"], args["cycle"] = c.Person, c.Cycle
			w.Queue(`
				INSERT INTO internal_audit (organization_id, project_id, id, cycle, began_on, ended_on, auditor, all_clauses, independent,
				                            conclusion, person_id, created_at)
				VALUES (@organization, @project, @id, @cycle, @began, @ended, @auditor, @all, @independent, @conclusion, @person, @now)`, args)
			w.Event(acc.Project, "internal_audit.added", "preparation", map[string]any{"on": in.EndedOn.String()})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

// AddManagementReview records a management review that was held.
func (db *DB) AddManagementReview(ctx context.Context, acc readmodel.Access, in readmodel.ManagementReview) error {
	args := where(acc)
	args["id"], args["held"], args["chaired"], args["all"], args["decisions"] = in.ID, in.HeldOn, in.ChairedBy, in.AllInputs, in.Decisions
	_, err := db.write(ctx, acc, fact{
		step: certification.Preparation, kind: certification.Frozen,
		decide: func(c *readmodel.Caller, w *writes) error {
			if in.HeldOn.After(c.Today()) {
				return fault.InvalidField("review_held", "form.date.future")
			}
			args["person"], args["cycle"] = c.Person, c.Cycle
			w.Queue(`
				INSERT INTO management_review (organization_id, project_id, id, cycle, held_on, chaired_by, all_inputs, decisions, person_id, created_at)
				VALUES (@organization, @project, @id, @cycle, @held, @chaired, @all, @decisions, @person, @now)`, args)
			w.Event(acc.Project, "management_review.added", "preparation", map[string]any{"on": in.HeldOn.String()})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

// DecideToGo records the committee's decision, by its chair, to go to the
// audit.
func (db *DB) DecideToGo(ctx context.Context, acc readmodel.Access, decision id.Row, note string) error {
	return db.approveStep(ctx, acc, decision, approving{criterion: "7.11", subject: "go", note: note, current: goVersion})
}

// goVersion counts the decisions to go: one that was made before the step was
// reopened does not stand afterwards.
func goVersion(l *loaded) int {
	version := 1
	for _, a := range l.acts {
		if a.Step == certification.Preparation && a.Kind == certification.Reopened {
			version++
		}
	}
	return version
}
