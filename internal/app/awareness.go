package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/readmodel"
)

// AwarenessPage reads the page of step 1.
func (a *App) AwarenessPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.AwarenessPage, error) {
	return a.db.AwarenessPage(ctx, needing(acc, permission.ReadProject))
}

// SaveAwareness stores objectives, advantages and approach.
func (a *App) SaveAwareness(ctx context.Context, acc readmodel.Access, in readmodel.Awareness) error {
	return a.db.SaveAwareness(ctx, needing(acc, permission.EditPlan), in)
}

// AddAudience adds a group of people who must hear of the project.
func (a *App) AddAudience(ctx context.Context, acc readmodel.Access, name string) error {
	return a.db.AddAudience(ctx, needing(acc, permission.EditPlan), newID[id.Row](), name)
}

// RemoveAudience removes a group that nobody has told yet.
func (a *App) RemoveAudience(ctx context.Context, acc readmodel.Access, audience id.Row) error {
	return a.db.RemoveAudience(ctx, needing(acc, permission.EditPlan), audience)
}

// AddCommunication records that an audience was told.
func (a *App) AddCommunication(ctx context.Context, acc readmodel.Access, in readmodel.Communication) error {
	in.ID = newID[id.Row]()
	return a.db.AddCommunication(ctx, needing(acc, permission.EditPlan), in)
}

// SignMandate is the sponsor's signature under the texts as they stand.
func (a *App) SignMandate(ctx context.Context, acc readmodel.Access, version int) error {
	return a.db.SignMandate(ctx, needing(acc, permission.Approve), newID[id.Row](), version)
}
