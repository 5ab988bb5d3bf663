package app

import (
	"context"

	"waymark/internal/domain/permission"
	"waymark/internal/readmodel"
)

// Dashboard reads the project at a glance.
func (a *App) Dashboard(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.Dashboard, error) {
	return a.db.Dashboard(ctx, needing(acc, permission.ReadProject))
}

// History reads the project's trail: a step's word or "" for all, and the event
// to go on before.
func (a *App) History(ctx context.Context, acc readmodel.Access, subject string, before int64) (readmodel.Frame, readmodel.History, error) {
	return a.db.History(ctx, needing(acc, permission.ReadProject), subject, before)
}
