package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/readmodel"
)

// AuditPage reads the page of step 8.
func (a *App) AuditPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.AuditPage, error) {
	return a.db.AuditPage(ctx, needing(acc, permission.ReadProject))
}

// SaveAuditStage stores the dates, the auditor and the conclusion of a stage.
func (a *App) SaveAuditStage(ctx context.Context, acc readmodel.Access, in readmodel.AuditStage) error {
	return a.db.SaveAuditStage(ctx, needing(acc, permission.EditPlan), in)
}

// AddNonconformity records what the certification body found.
func (a *App) AddNonconformity(ctx context.Context, acc readmodel.Access, in readmodel.Nonconformity) error {
	in.ID = newID[id.Nonconformity]()
	return a.db.AddNonconformity(ctx, needing(acc, permission.EditPlan), in)
}

// NonconformityPage reads one nonconformity to be answered.
func (a *App) NonconformityPage(ctx context.Context, acc readmodel.Access, n id.Nonconformity) (readmodel.Frame, readmodel.Nonconformity, error) {
	return a.db.NonconformityPage(ctx, needing(acc, permission.EditPlan), n)
}

// SaveNonconformity stores the answer to a nonconformity and its dates.
func (a *App) SaveNonconformity(ctx context.Context, acc readmodel.Access, in readmodel.Nonconformity) error {
	return a.db.SaveNonconformity(ctx, needing(acc, permission.EditPlan), in)
}

// RecordDecision stores the certification body's decision.
func (a *App) RecordDecision(ctx context.Context, acc readmodel.Access, in readmodel.CertificationDecision) error {
	return a.db.RecordDecision(ctx, needing(acc, permission.EditPlan), in)
}

// CertificatePage reads the page of step 9.
func (a *App) CertificatePage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.CertificatePage, error) {
	return a.db.CertificatePage(ctx, needing(acc, permission.ReadProject))
}

// SaveCertificate stores the certificate of this cycle.
func (a *App) SaveCertificate(ctx context.Context, acc readmodel.Access, in readmodel.Certificate) error {
	return a.db.SaveCertificate(ctx, needing(acc, permission.EditPlan), in)
}

// SaveSurveillance stores a surveillance audit or the recertification audit.
func (a *App) SaveSurveillance(ctx context.Context, acc readmodel.Access, in readmodel.Surveillance) error {
	return a.db.SaveSurveillance(ctx, needing(acc, permission.EditPlan), in)
}
