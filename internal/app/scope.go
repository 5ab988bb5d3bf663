package app

import (
	"context"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/readmodel"
)

// ScopePage reads the page of step 2.
func (a *App) ScopePage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.ScopePage, error) {
	return a.db.ScopePage(ctx, needing(acc, permission.ReadProject))
}

// SaveScope stores extent, name, statement and number of people.
func (a *App) SaveScope(ctx context.Context, acc readmodel.Access, in readmodel.Scope) error {
	return a.db.SaveScope(ctx, needing(acc, permission.Propose), in)
}

// AddScopeItem adds a unit, service, location or customer.
func (a *App) AddScopeItem(ctx context.Context, acc readmodel.Access, in readmodel.ScopeItem) error {
	in.ID = newID[id.Row]()
	return a.db.AddScopeItem(ctx, needing(acc, permission.Propose), in)
}

// ScopeItemPage reads one item to be edited.
func (a *App) ScopeItemPage(ctx context.Context, acc readmodel.Access, item id.Row) (readmodel.Frame, readmodel.ScopeItem, error) {
	return a.db.ScopeItemPage(ctx, needing(acc, permission.Propose), item)
}

// SaveScopeItem stores an edited item.
func (a *App) SaveScopeItem(ctx context.Context, acc readmodel.Access, in readmodel.ScopeItem) error {
	return a.db.SaveScopeItem(ctx, needing(acc, permission.Propose), in)
}

// RemoveScopeItem removes an item that was entered by mistake.
func (a *App) RemoveScopeItem(ctx context.Context, acc readmodel.Access, item id.Row) error {
	return a.db.RemoveScopeItem(ctx, needing(acc, permission.Propose), item)
}

// ApproveScope is the sponsor's approval of the scope as it stands.
func (a *App) ApproveScope(ctx context.Context, acc readmodel.Access, version int, note string) error {
	return a.db.ApproveScope(ctx, needing(acc, permission.Approve), newID[id.Row](), version, note)
}

// Confirm records a person's dated word that something holds which Waymark
// keeps no register of.
func (a *App) Confirm(ctx context.Context, acc readmodel.Access, step certification.Step, subject string, held civil.Date, evidence string) error {
	return a.db.Confirm(ctx, needing(acc, permission.EditPlan), step, subject, held, evidence)
}

// WithdrawConfirmation takes a person's word back.
func (a *App) WithdrawConfirmation(ctx context.Context, acc readmodel.Access, step certification.Step, subject string) error {
	return a.db.WithdrawConfirmation(ctx, needing(acc, permission.EditPlan), step, subject)
}
