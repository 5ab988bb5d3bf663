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

const consultancy = "consultancy"

// SaveChoice stores which candidate is chosen and why, and the consultant, or
// why there is none.
func (db *DB) SaveChoice(ctx context.Context, acc readmodel.Access, in readmodel.Selection) error {
	var stored readmodel.Selection
	var offered struct{ Candidate, Engagement bool }
	args := where(acc)
	args["candidate"], args["engagement"] = in.CandidateID, in.EngagementID
	_, err := db.write(ctx, acc, fact{
		step: certification.Selection, kind: certification.Frozen, act: true,
		read: func(b *pgx.Batch) {
			stored = readmodel.Selection{}
			b.Queue(selectionSQL+` FOR UPDATE`, where(acc)).Query(maybe(&stored))
			b.Queue(`
				SELECT EXISTS (SELECT 1 FROM candidate WHERE organization_id = @organization AND project_id = @project AND id = @candidate) AS candidate,
				       EXISTS (SELECT 1 FROM engagement WHERE organization_id = @organization AND project_id = @project AND id = @engagement
				         AND kind = 'consultancy') AS engagement`, args).Query(one(&offered))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"chosen", idText(in.CandidateID), idText(stored.CandidateID)},
				{"choice_reason", in.Reason, stored.Reason},
				{"consultant", in.Consultant, stored.Consultant},
				{"engagement", idText(in.EngagementID), idText(stored.EngagementID)},
				{"consultant_reason", in.ConsultantReason, stored.ConsultantReason},
			}}.judge()
			if !write {
				return err
			}
			if in.CandidateID != nil && !offered.Candidate {
				return fault.InvalidField("chosen", "selection.choice.gone")
			}
			if in.EngagementID != nil && !offered.Engagement {
				return fault.InvalidField("engagement", "selection.choice.gone")
			}
			args["reason"], args["consultant"], args["consultant_reason"] = in.Reason, in.Consultant, in.ConsultantReason
			args["person"], args["version"] = c.Person, stored.Version
			w.Must(`
				INSERT INTO selection (organization_id, project_id, candidate_id, reason, consultant, engagement_id, consultant_reason, updated_by, updated_at)
				VALUES (@organization, @project, @candidate, @reason, @consultant, @engagement, @consultant_reason, @person, @now)
				ON CONFLICT (organization_id, project_id) DO UPDATE
				   SET candidate_id = excluded.candidate_id, reason = excluded.reason, consultant = excluded.consultant,
				       engagement_id = excluded.engagement_id, consultant_reason = excluded.consultant_reason,
				       updated_by = excluded.updated_by, updated_at = excluded.updated_at, version = selection.version + 1
				 WHERE selection.version = @version`, args)
			w.Event(acc.Project, "selection.saved", "selection", map[string]any{
				"version": stored.Version + 1, "candidate": idText(in.CandidateID), "consultant": in.Consultant, "engagement": idText(in.EngagementID),
			})
			return nil
		},
	})
	return err
}

// idText writes an id that may be missing as a form shows it.
func idText[K any](i *id.ID[K]) string {
	if i == nil {
		return ""
	}
	return i.String()
}

// SaveContract records the day on which the contract with the chosen body was
// signed. It follows the decision, so it stays open when the step is finished
// and voids no approval; the zero date takes it back.
func (db *DB) SaveContract(ctx context.Context, acc readmodel.Access, version int, signed civil.Date) error {
	var stored readmodel.Selection
	_, err := db.write(ctx, acc, fact{
		step: certification.Selection, kind: certification.Living,
		read: func(b *pgx.Batch) {
			stored = readmodel.Selection{}
			b.Queue(selectionSQL+` FOR UPDATE`, where(acc)).Query(maybe(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: version, now: stored.ContractVersion, fields: []edited{
				{"contract_signed", day(signed), day(stored.ContractSignedOn)},
			}}.judge()
			if !write {
				return err
			}
			switch {
			case stored.CandidateID == nil:
				return fault.InvalidField("contract_signed", "selection.contract.nobody")
			case signed.After(c.Today()):
				return fault.InvalidField("contract_signed", "form.date.future")
			}
			args := where(acc)
			args["signed"], args["version"] = signed, stored.ContractVersion
			w.Must(`
				UPDATE selection SET contract_signed_on = @signed, contract_version = contract_version + 1
				 WHERE organization_id = @organization AND project_id = @project AND contract_version = @version`, args)
			if signed.IsZero() {
				w.Event(acc.Project, "contract.withdrawn", "selection", nil)
				return nil
			}
			w.Event(acc.Project, "contract.recorded", "selection", map[string]any{"on": signed.String()})
			return nil
		},
	})
	return err
}

// DecideSelection records the sponsor's decision on the version that was in
// front of them.
func (db *DB) DecideSelection(ctx context.Context, acc readmodel.Access, decision id.Row, version int, note string) error {
	return db.approveStep(ctx, acc, decision, approving{criterion: "6.6", subject: "selection", version: version, note: note,
		stored: func(l *loaded) int {
			if l.facts.Selection == nil {
				return 0
			}
			return l.facts.Selection.Version
		}})
}
