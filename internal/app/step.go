package app

import (
	"context"
	"slices"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// StepPage reads what every step's page has.
func (a *App) StepPage(ctx context.Context, acc readmodel.Access, step certification.Step) (readmodel.Frame, readmodel.StepPage, error) {
	return a.db.StepPage(ctx, needing(acc, permission.ReadProject), step)
}

// FinishStep finishes a step, or confirms it again.
func (a *App) FinishStep(ctx context.Context, acc readmodel.Access, step certification.Step) error {
	return a.db.UpdateProject(ctx, needing(acc, permission.FinishStep), func(c *readmodel.Caller, p *certification.Project) error {
		return p.Finish(step, c.Person, acc.Now)
	})
}

// StartStep starts a step before anything is written in it.
func (a *App) StartStep(ctx context.Context, acc readmodel.Access, step certification.Step) error {
	return a.db.UpdateProject(ctx, needing(acc, permission.FinishStep), func(c *readmodel.Caller, p *certification.Project) error {
		return p.Start(step, c.Person, acc.Now)
	})
}

// ReopenStep takes a step's completion back, with a reason.
func (a *App) ReopenStep(ctx context.Context, acc readmodel.Access, step certification.Step, reason string) error {
	return a.db.UpdateProject(ctx, needing(acc, permission.ReopenStep), func(c *readmodel.Caller, p *certification.Project) error {
		return p.Reopen(step, c.Person, reason, acc.Now)
	})
}

// AskWaiver asks to finish a step without one criterion.
func (a *App) AskWaiver(ctx context.Context, acc readmodel.Access, criterion certification.CriterionID, reason string) error {
	return a.db.UpdateProject(ctx, needing(acc, permission.AskWaiver), func(c *readmodel.Caller, p *certification.Project) error {
		return p.AskWaiver(newID[id.Waiver](), criterion, reason, c.Person, acc.Now)
	})
}

// AnswerWaiver consents to a waiver or refuses it, as the second person.
func (a *App) AnswerWaiver(ctx context.Context, acc readmodel.Access, waiver id.Waiver, consent bool) error {
	return a.db.UpdateProject(ctx, needing(acc, permission.AnswerWaiver), func(c *readmodel.Caller, p *certification.Project) error {
		if !hasWaiver(p, waiver) {
			return fault.NotFound
		}
		return p.AnswerWaiver(waiver, consent, c.Person, acc.Now)
	})
}

// WithdrawWaiver takes a waiver back.
func (a *App) WithdrawWaiver(ctx context.Context, acc readmodel.Access, waiver id.Waiver) error {
	return a.db.UpdateProject(ctx, needing(acc, permission.AskWaiver), func(c *readmodel.Caller, p *certification.Project) error {
		if !hasWaiver(p, waiver) {
			return fault.NotFound
		}
		return p.WithdrawWaiver(waiver, c.Person, acc.Now)
	})
}

// hasWaiver tells whether a waiver is one of the project's.
func hasWaiver(p *certification.Project, waiver id.Waiver) bool {
	return slices.ContainsFunc(p.Waivers, func(w certification.Waiver) bool { return w.ID == waiver })
}

// ReopenPage reads the page that asks why a step is to be reopened.
func (a *App) ReopenPage(ctx context.Context, acc readmodel.Access, step certification.Step) (readmodel.Frame, readmodel.StepPage, error) {
	return a.db.StepPage(ctx, needing(acc, permission.ReopenStep), step)
}

// AskWaiverPage reads the page that asks why a criterion is to be waived.
func (a *App) AskWaiverPage(ctx context.Context, acc readmodel.Access, step certification.Step) (readmodel.Frame, readmodel.StepPage, error) {
	return a.db.StepPage(ctx, needing(acc, permission.AskWaiver), step)
}
