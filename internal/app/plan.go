package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/readmodel"
)

// PlanPage reads the page of step 5.
func (a *App) PlanPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.PlanPage, error) {
	return a.db.PlanPage(ctx, needing(acc, permission.ReadProject))
}

// PlanFindings reads the findings that need work and have no task; with a
// finding, that one alone.
func (a *App) PlanFindings(ctx context.Context, acc readmodel.Access, finding id.Finding) (readmodel.Frame, readmodel.PlanFindings, error) {
	return a.db.PlanFindings(ctx, needing(acc, permission.EditTasks), finding)
}

// PlanTasks makes a task of each finding given, all or none.
func (a *App) PlanTasks(ctx context.Context, acc readmodel.Access, list []readmodel.PlannedTask) error {
	for i := range list {
		list[i].ID = newID[id.Task]()
	}
	return a.db.PlanTasks(ctx, needing(acc, permission.EditTasks), list)
}

// FreezePlan keeps the plan as a baseline for the chair.
func (a *App) FreezePlan(ctx context.Context, acc readmodel.Access) error {
	return a.db.FreezePlan(ctx, needing(acc, permission.EditPlan))
}

// ApprovePlan is the chair's approval of the baseline with a number.
func (a *App) ApprovePlan(ctx context.Context, acc readmodel.Access, number int) error {
	return a.db.ApprovePlan(ctx, needing(acc, permission.ApproveAsChair), newID[id.Row](), number)
}
