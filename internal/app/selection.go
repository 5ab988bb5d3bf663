package app

import (
	"context"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/readmodel"
)

// SelectionPage reads the page of step 6.
func (a *App) SelectionPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.SelectionPage, error) {
	return a.db.SelectionPage(ctx, needing(acc, permission.ReadProject))
}

// CandidatePage reads the page on which a candidate is added (the zero id) or
// edited.
func (a *App) CandidatePage(ctx context.Context, acc readmodel.Access, candidate id.Candidate) (readmodel.Frame, readmodel.CandidatePage, error) {
	return a.db.CandidatePage(ctx, needing(acc, permission.Propose), candidate)
}

// AddCandidate adds a certification body to those that are compared.
func (a *App) AddCandidate(ctx context.Context, acc readmodel.Access, in readmodel.Candidate) error {
	in.ID = newID[id.Candidate]()
	return a.db.AddCandidate(ctx, needing(acc, permission.Propose), in)
}

// SaveCandidate stores an edited candidate.
func (a *App) SaveCandidate(ctx context.Context, acc readmodel.Access, in readmodel.Candidate) error {
	return a.db.SaveCandidate(ctx, needing(acc, permission.Propose), in)
}

// RemoveCandidate removes a certification body that is not the chosen one.
func (a *App) RemoveCandidate(ctx context.Context, acc readmodel.Access, candidate id.Candidate) error {
	return a.db.RemoveCandidate(ctx, needing(acc, permission.Propose), candidate)
}

// EngagementPage reads one engagement to be edited.
func (a *App) EngagementPage(ctx context.Context, acc readmodel.Access, engagement id.Engagement) (readmodel.Frame, readmodel.EngagementPage, error) {
	return a.db.EngagementPage(ctx, needing(acc, permission.Propose), engagement)
}

// AddEngagement records a consultancy, or internal audits done from outside.
func (a *App) AddEngagement(ctx context.Context, acc readmodel.Access, in readmodel.Engagement) error {
	in.ID = newID[id.Engagement]()
	return a.db.AddEngagement(ctx, needing(acc, permission.Propose), in)
}

// SaveEngagement stores an edited engagement.
func (a *App) SaveEngagement(ctx context.Context, acc readmodel.Access, in readmodel.Engagement) error {
	return a.db.SaveEngagement(ctx, needing(acc, permission.Propose), in)
}

// SaveChoice stores the chosen candidate and the consultant, with reasons.
func (a *App) SaveChoice(ctx context.Context, acc readmodel.Access, in readmodel.Selection) error {
	return a.db.SaveChoice(ctx, needing(acc, permission.Propose), in)
}

// SaveContract records when the contract with the chosen body was signed.
func (a *App) SaveContract(ctx context.Context, acc readmodel.Access, version int, signed civil.Date) error {
	return a.db.SaveContract(ctx, needing(acc, permission.EditPlan), version, signed)
}

// DecideSelection is the sponsor's decision for the choice as it stands.
func (a *App) DecideSelection(ctx context.Context, acc readmodel.Access, version int, note string) error {
	return a.db.DecideSelection(ctx, needing(acc, permission.Approve), newID[id.Row](), version, note)
}
