package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// approving is an act of approval: which criterion it meets, of what, and the
// version that was in front of the person.
type approving struct {
	criterion certification.CriterionID
	subject   string
	version   int
	note      string
	// stored gives the version as it is now; nil for what has none.
	stored func(*loaded) int
	// current gives the version to approve where no form carries one.
	current func(*loaded) int
}

// approveStep decides under the project's lock whether an approval may be given
// and records it. An approval of a version that is no longer the newest is a
// conflict: the person has to read again.
func (db *DB) approveStep(ctx context.Context, acc readmodel.Access, approval id.Row, a approving) error {
	var l loaded
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) { l = loaded{}; queueProject(b, acc, toAct, &l) },
		decide: func(c *readmodel.Caller, w *writes) error {
			p := l.project(acc)
			if err := p.Approve(a.criterion, c.Person, acc.Now); err != nil {
				return err
			}
			if a.stored != nil && a.stored(&l) != a.version {
				return fault.Stale(nil)
			}
			if a.current != nil {
				a.version = a.current(&l)
			}
			w.approve(acc, l.row.Cycle, approval, a.subject, a.version, c.Person, a.note)
			w.saveProject(acc, p)
			return nil
		},
	})
	return err
}

// Confirm records a person's dated word, with evidence, that something holds;
// saying it again replaces what was said.
func (db *DB) Confirm(ctx context.Context, acc readmodel.Access, step certification.Step, subject string, held civil.Date, evidence string) error {
	args := where(acc)
	args["subject"], args["held"], args["evidence"] = subject, held, evidence
	_, err := db.write(ctx, acc, fact{
		step: step, kind: certification.Living,
		decide: func(c *readmodel.Caller, w *writes) error {
			if held.After(c.Today()) {
				return fault.InvalidField("held_on", "form.date.future")
			}
			args["person"], args["cycle"] = c.Person, c.Cycle
			w.Queue(`
				INSERT INTO confirmation (organization_id, project_id, cycle, subject, held_on, evidence, person_id, at)
				VALUES (@organization, @project, @cycle, @subject, @held, @evidence, @person, @now)
				ON CONFLICT (organization_id, project_id, cycle, subject) DO UPDATE
				   SET held_on = excluded.held_on, evidence = excluded.evidence, person_id = excluded.person_id,
				       at = excluded.at, withdrawn_at = NULL, version = confirmation.version + 1`, args)
			w.Event(acc.Project, "confirmation.given", step.String(), map[string]any{"about": subject, "on": held.String()})
			return nil
		},
	})
	return err
}

// WithdrawConfirmation takes a person's word back.
func (db *DB) WithdrawConfirmation(ctx context.Context, acc readmodel.Access, step certification.Step, subject string) error {
	args := where(acc)
	args["subject"] = subject
	_, err := db.write(ctx, acc, fact{
		step: step, kind: certification.Living,
		decide: func(c *readmodel.Caller, w *writes) error {
			args["cycle"] = c.Cycle
			w.Must(`
				UPDATE confirmation SET withdrawn_at = @now, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND cycle = @cycle AND subject = @subject AND withdrawn_at IS NULL`, args)
			w.Event(acc.Project, "confirmation.withdrawn", step.String(), map[string]any{"about": subject})
			return nil
		},
	})
	return err
}
