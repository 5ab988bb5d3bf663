package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/selection"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	candidateSQL = `
		SELECT id, name, accreditation_body, accreditation_number, accreditation_checked_on, covers_standard, audit_tenths,
		       price, quote_until, auditors, ties, notes, version
		  FROM candidate WHERE organization_id = @organization AND project_id = @project`
	candidatesSQL = candidateSQL + ` ORDER BY created_at, id`
	engagementSQL = `
		SELECT id, kind, firm, people, began_on, ended_on, version
		  FROM engagement WHERE organization_id = @organization AND project_id = @project`
	engagementsSQL = engagementSQL + ` ORDER BY began_on DESC, id DESC`
	selectionSQL   = `
		SELECT candidate_id, reason, consultant, engagement_id, consultant_reason, version, contract_signed_on, contract_version
		  FROM selection WHERE organization_id = @organization AND project_id = @project`
	// A change of a candidate is a change of what was compared, so an approval
	// of the choice no longer holds.
	touchSelectionSQL = `
		UPDATE selection SET version = version + 1, updated_by = @person, updated_at = @now
		 WHERE organization_id = @organization AND project_id = @project`
	// More than one page can compare, or a form offer.
	maxCandidates  = 50
	maxEngagements = 200
)

// SelectionPage reads the page of step 6.
func (db *DB) SelectionPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.SelectionPage, error) {
	var s stepPage
	var p readmodel.SelectionPage
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Selection)
		b.Queue(candidatesSQL, where(acc)).Query(collect(&p.Candidates))
		b.Queue(engagementsSQL, where(acc)).Query(collect(&p.Engagements))
		b.Queue(selectionSQL, where(acc)).Query(maybe(&p.Selection))
		queueApprovals(b, acc, "selection", &p.Approvals)
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	p.Conflicts = candidateConflicts(p.Candidates, s.loaded.facts.engagements(), s.loaded.facts.Today)
	return frame, p, nil
}

// candidateConflicts judges every candidate by the rules of impartiality.
func candidateConflicts(candidates []readmodel.Candidate, engagements []selection.Engagement, today civil.Date) []readmodel.CandidateConflict {
	var out []readmodel.CandidateConflict
	for _, c := range candidates {
		body := selection.Candidate{Name: c.Name, Team: lines(c.Auditors), Linked: lines(c.Ties)}
		for _, conflict := range impartiality(body, engagements, today) {
			out = append(out, readmodel.CandidateConflict{
				Candidate: c.ID, CandidateName: c.Name, Here: sideOfBody(body, conflict), Conflict: conflict,
			})
		}
	}
	return out
}

// sideOfBody finds the name that a conflict meets on the side of the body.
func sideOfBody(body selection.Candidate, c selection.Conflict) string {
	switch c.Rule {
	case selection.LinkedAdvised:
		for _, firm := range body.Linked {
			if selection.Firm(firm) == selection.Firm(c.Firm) {
				return firm
			}
		}
	case selection.PersonInvolved:
		for _, person := range body.Team {
			if selection.Person(person) == selection.Person(c.Person) {
				return person
			}
		}
	case selection.BodyAdvised, selection.BodyAudited:
	}
	return body.Name
}

// CandidatePage reads one candidate for its edit page, or with the zero id what
// the page of a new one shows.
func (db *DB) CandidatePage(ctx context.Context, acc readmodel.Access, candidate id.Candidate) (readmodel.Frame, readmodel.CandidatePage, error) {
	var s stepPage
	var p readmodel.CandidatePage
	var chosen readmodel.Selection
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Selection)
		b.Queue(candidatesSQL, where(acc)).Query(collect(&p.Candidates))
		b.Queue(selectionSQL, where(acc)).Query(maybe(&chosen))
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage, p.Chosen = s.model(acc), deref(chosen.CandidateID)
	if candidate.IsZero() {
		return frame, p, nil
	}
	for _, c := range p.Candidates {
		if c.ID == candidate {
			p.Candidate = c
			return frame, p, nil
		}
	}
	return frame, p, fault.NotFound
}

// judgeCandidate refuses a check of the accreditation that is yet to come, and
// a second entry of a firm: two entries would count as two that are compared.
func judgeCandidate(c *readmodel.Caller, in readmodel.Candidate, there []readmodel.Candidate) error {
	if in.AccreditationCheckedOn.After(c.Today()) {
		return fault.InvalidField("checked_on", "form.date.future")
	}
	for _, other := range there {
		if other.ID != in.ID && selection.Firm(other.Name) == selection.Firm(in.Name) {
			return fault.InvalidField("name", "selection.candidate.there", "name", other.Name)
		}
	}
	return nil
}

func candidateArgs(acc readmodel.Access, in readmodel.Candidate, person id.Person) pgx.NamedArgs {
	args := where(acc)
	args["id"], args["name"], args["body"], args["number"] = in.ID, in.Name, in.AccreditationBody, in.AccreditationNumber
	args["checked"], args["covers"], args["tenths"], args["price"] = in.AccreditationCheckedOn, in.CoversStandard, in.AuditTenths, in.Price
	args["quote"], args["auditors"], args["ties"], args["notes"] = in.QuoteUntil, in.Auditors, in.Ties, in.Notes
	args["person"] = person
	return args
}

// AddCandidate adds a certification body to those that are compared.
func (db *DB) AddCandidate(ctx context.Context, acc readmodel.Access, in readmodel.Candidate) error {
	var there []readmodel.Candidate
	_, err := db.write(ctx, acc, fact{
		step: certification.Selection, kind: certification.Frozen, act: true,
		read: func(b *pgx.Batch) { b.Queue(candidatesSQL, where(acc)).Query(collect(&there)) },
		decide: func(c *readmodel.Caller, w *writes) error {
			if len(there) >= maxCandidates {
				return fault.InvalidField("", "selection.candidate.too_many", "n", maxCandidates)
			}
			if err := judgeCandidate(c, in, there); err != nil {
				return err
			}
			args := candidateArgs(acc, in, c.Person)
			w.Queue(`
				INSERT INTO candidate (organization_id, project_id, id, name, accreditation_body, accreditation_number,
				       accreditation_checked_on, covers_standard, audit_tenths, price, quote_until, auditors, ties, notes, created_at)
				VALUES (@organization, @project, @id, @name, @body, @number, @checked, @covers, @tenths, @price, @quote,
				        @auditors, @ties, @notes, @now)`, args)
			w.Queue(touchSelectionSQL, args)
			w.Event(acc.Project, "candidate.added", "selection", map[string]any{"name": in.Name})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

// SaveCandidate stores an edited candidate.
func (db *DB) SaveCandidate(ctx context.Context, acc readmodel.Access, in readmodel.Candidate) error {
	var there []readmodel.Candidate
	var stored readmodel.Candidate
	args := where(acc)
	args["id"] = in.ID
	_, err := db.write(ctx, acc, fact{
		step: certification.Selection, kind: certification.Frozen, act: true,
		read: func(b *pgx.Batch) {
			b.Queue(candidatesSQL, where(acc)).Query(collect(&there))
			b.Queue(candidateSQL+` AND id = @id FOR UPDATE`, args).Query(one(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: stored.Version, fields: candidateFields(in, stored)}.judge()
			if !write {
				return err
			}
			if err := judgeCandidate(c, in, there); err != nil {
				return err
			}
			args := candidateArgs(acc, in, c.Person)
			args["version"] = stored.Version
			w.Must(`
				UPDATE candidate SET name = @name, accreditation_body = @body, accreditation_number = @number,
				       accreditation_checked_on = @checked, covers_standard = @covers, audit_tenths = @tenths, price = @price,
				       quote_until = @quote, auditors = @auditors, ties = @ties, notes = @notes, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @id AND version = @version`, args)
			w.Queue(touchSelectionSQL, args)
			w.Event(acc.Project, "candidate.saved", "selection", map[string]any{"name": in.Name})
			return nil
		},
	})
	return err
}

func candidateFields(in, stored readmodel.Candidate) []edited {
	return []edited{
		{"name", in.Name, stored.Name},
		{"accredited", in.Accredited(), stored.Accredited()},
		{"accreditation_body", in.AccreditationBody, stored.AccreditationBody},
		{"accreditation_number", in.AccreditationNumber, stored.AccreditationNumber},
		{"checked_on", day(in.AccreditationCheckedOn), day(stored.AccreditationCheckedOn)},
		{"covers", ticked(in.CoversStandard), ticked(stored.CoversStandard)},
		{"audit_days", in.AuditDays(), stored.AuditDays()},
		{"price", in.Price, stored.Price},
		{"quote_until", day(in.QuoteUntil), day(stored.QuoteUntil)},
		{"auditors", in.Auditors, stored.Auditors},
		{"ties", in.Ties, stored.Ties},
		{"notes", in.Notes, stored.Notes},
	}
}

// ticked is the value of a box in a form.
func ticked(on bool) string {
	if on {
		return "on"
	}
	return ""
}

// day writes a day as a form shows it; none is empty.
func day(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// RemoveCandidate removes a certification body that is not the chosen one.
func (db *DB) RemoveCandidate(ctx context.Context, acc readmodel.Access, candidate id.Candidate) error {
	var stored readmodel.Candidate
	var chosen readmodel.Selection
	args := where(acc)
	args["id"] = candidate
	_, err := db.write(ctx, acc, fact{
		step: certification.Selection, kind: certification.Frozen, act: true,
		read: func(b *pgx.Batch) {
			chosen = readmodel.Selection{}
			b.Queue(selectionSQL, where(acc)).Query(maybe(&chosen))
			b.Queue(candidateSQL+` AND id = @id FOR UPDATE`, args).Query(one(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error {
			if deref(chosen.CandidateID) == candidate {
				return fault.InvalidField("", "selection.candidate.is_chosen", "name", stored.Name)
			}
			args["person"] = c.Person
			w.Must(`DELETE FROM candidate WHERE organization_id = @organization AND project_id = @project AND id = @id`, args)
			w.Queue(touchSelectionSQL, args)
			w.Event(acc.Project, "candidate.removed", "selection", map[string]any{"name": stored.Name})
			return nil
		},
	})
	return err
}

// EngagementPage reads one engagement for its edit page.
func (db *DB) EngagementPage(ctx context.Context, acc readmodel.Access, engagement id.Engagement) (readmodel.Frame, readmodel.EngagementPage, error) {
	var s stepPage
	var p readmodel.EngagementPage
	args := where(acc)
	args["id"] = engagement
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		s.queue(b, acc, certification.Selection)
		b.Queue(engagementSQL+` AND id = @id`, args).Query(one(&p.Engagement))
	})
	if err != nil {
		return frame, p, err
	}
	p.StepPage = s.model(acc)
	return frame, p, nil
}

func engagementArgs(acc readmodel.Access, in readmodel.Engagement) pgx.NamedArgs {
	args := where(acc)
	args["id"], args["kind"], args["firm"], args["people"] = in.ID, in.Kind, in.Firm, in.People
	args["began"], args["ended"] = in.BeganOn, in.EndedOn
	return args
}

// AddEngagement records a consultancy, or internal audits done from outside.
func (db *DB) AddEngagement(ctx context.Context, acc readmodel.Access, in readmodel.Engagement) error {
	var held struct{ N int }
	_, err := db.write(ctx, acc, fact{
		step: certification.Selection, kind: certification.Living,
		read: func(b *pgx.Batch) {
			b.Queue(`SELECT count(*) AS n FROM engagement WHERE organization_id = @organization AND project_id = @project`, where(acc)).Query(one(&held))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			if held.N >= maxEngagements {
				return fault.InvalidField("", "selection.engagement.too_many", "n", maxEngagements)
			}
			w.Queue(`
				INSERT INTO engagement (organization_id, project_id, id, kind, firm, people, began_on, ended_on, created_at)
				VALUES (@organization, @project, @id, @kind, @firm, @people, @began, @ended, @now)`, engagementArgs(acc, in))
			w.Event(acc.Project, "engagement.added", "selection", map[string]any{"kind": in.Kind, "firm": in.Firm})
			w.Result = in.ID.String()
			return nil
		},
	})
	return err
}

// SaveEngagement stores an edited engagement. The one that was chosen as the
// consultant stays a consultancy.
func (db *DB) SaveEngagement(ctx context.Context, acc readmodel.Access, in readmodel.Engagement) error {
	var stored readmodel.Engagement
	var chosen readmodel.Selection
	args := where(acc)
	args["id"] = in.ID
	_, err := db.write(ctx, acc, fact{
		step: certification.Selection, kind: certification.Living,
		read: func(b *pgx.Batch) {
			chosen = readmodel.Selection{}
			b.Queue(selectionSQL+` FOR SHARE`, where(acc)).Query(maybe(&chosen))
			b.Queue(engagementSQL+` AND id = @id FOR UPDATE`, args).Query(one(&stored))
		},
		decide: func(_ *readmodel.Caller, w *writes) error {
			write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
				{"engagement_kind", in.Kind, stored.Kind}, {"engagement_firm", in.Firm, stored.Firm}, {"engagement_people", in.People, stored.People},
				{"engagement_began", day(in.BeganOn), day(stored.BeganOn)}, {"engagement_ended", day(in.EndedOn), day(stored.EndedOn)},
			}}.judge()
			if !write {
				return err
			}
			if in.Kind != consultancy && deref(chosen.EngagementID) == in.ID {
				return fault.InvalidField("engagement_kind", "selection.engagement.is_consultant")
			}
			args := engagementArgs(acc, in)
			args["version"] = stored.Version
			w.Must(`
				UPDATE engagement SET kind = @kind, firm = @firm, people = @people, began_on = @began, ended_on = @ended, version = version + 1
				 WHERE organization_id = @organization AND project_id = @project AND id = @id AND version = @version`, args)
			w.Event(acc.Project, "engagement.saved", "selection", map[string]any{"kind": in.Kind, "firm": in.Firm})
			return nil
		},
	})
	return err
}
