package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/readmodel"
)

// FindingsPage reads the list of findings.
func (a *App) FindingsPage(ctx context.Context, acc readmodel.Access, q readmodel.FindingQuery) (readmodel.Frame, readmodel.FindingsPage, error) {
	return a.db.FindingsPage(ctx, needing(acc, permission.ReadProject), q)
}

// FindingPage reads one finding.
func (a *App) FindingPage(ctx context.Context, acc readmodel.Access, finding id.Finding) (readmodel.Frame, readmodel.FindingPage, error) {
	return a.db.FindingPage(ctx, needing(acc, permission.ReadProject), finding)
}

// NewFindingPage reads the form for a finding under a check.
func (a *App) NewFindingPage(ctx context.Context, acc readmodel.Access, check standard.CheckID) (readmodel.Frame, readmodel.NewFindingPage, error) {
	return a.db.NewFindingPage(ctx, needing(acc, permission.Rate), check)
}

// AddFinding adds a finding under a check and answers its id.
func (a *App) AddFinding(ctx context.Context, acc readmodel.Access, in readmodel.Finding) (string, error) {
	in.ID = newID[id.Finding]()
	return a.db.AddFinding(ctx, needing(acc, permission.Rate), in)
}

// SaveFinding stores a finding's statement, severity and recommendation.
func (a *App) SaveFinding(ctx context.Context, acc readmodel.Access, in readmodel.Finding) error {
	return a.db.SaveFinding(ctx, needing(acc, permission.Rate), in)
}

// CloseFinding closes a finding or opens it again.
func (a *App) CloseFinding(ctx context.Context, acc readmodel.Access, finding id.Finding, closed bool) error {
	return a.db.CloseFinding(ctx, needing(acc, permission.Rate), finding, closed)
}
