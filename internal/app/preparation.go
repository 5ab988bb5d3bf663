package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/readmodel"
)

// PreparationPage reads the page of step 7.
func (a *App) PreparationPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.PreparationPage, error) {
	return a.db.PreparationPage(ctx, needing(acc, permission.ReadProject))
}

// AddInternalAudit records an internal audit: the internal auditor's act.
func (a *App) AddInternalAudit(ctx context.Context, acc readmodel.Access, in readmodel.InternalAudit) error {
	in.ID = newID[id.Row]()
	return a.db.AddInternalAudit(ctx, needing(acc, permission.AuditInside), in)
}

// AddManagementReview records a management review.
func (a *App) AddManagementReview(ctx context.Context, acc readmodel.Access, in readmodel.ManagementReview) error {
	in.ID = newID[id.Row]()
	return a.db.AddManagementReview(ctx, needing(acc, permission.EditPlan), in)
}

// DecideToGo is the committee's decision to go to the audit, by its chair.
func (a *App) DecideToGo(ctx context.Context, acc readmodel.Access, note string) error {
	return a.db.DecideToGo(ctx, needing(acc, permission.ApproveAsChair), newID[id.Row](), note)
}
