package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// GapPage reads the page of step 3.
func (a *App) GapPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.GapPage, error) {
	return a.db.GapPage(ctx, needing(acc, permission.ReadProject))
}

// SaveAssessor stores who assesses, and the engagement of a consultant.
func (a *App) SaveAssessor(ctx context.Context, acc readmodel.Access, in readmodel.Assessor) error {
	return a.db.SaveAssessor(ctx, needing(acc, permission.SignOff), in, newID[id.Engagement]())
}

// FreezeBaseline signs the assessment off.
func (a *App) FreezeBaseline(ctx context.Context, acc readmodel.Access, note string) error {
	return a.db.FreezeBaseline(ctx, needing(acc, permission.SignOff), note)
}

// AssessmentPage reads the assessment, or a part of it.
func (a *App) AssessmentPage(ctx context.Context, acc readmodel.Access, q readmodel.AssessmentQuery) (readmodel.Frame, readmodel.AssessmentPage, error) {
	return a.db.AssessmentPage(ctx, needing(acc, permission.ReadProject), q)
}

// AssessmentSheet reads the whole assessment for a file.
func (a *App) AssessmentSheet(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.AssessmentPage, []readmodel.Finding, error) {
	return a.db.AssessmentSheet(ctx, needing(acc, permission.ReadProject))
}

// SaveCheck stores a rating, a comment and a finding. A committee member may
// comment on the checks of their own clause areas, and no more.
func (a *App) SaveCheck(ctx context.Context, acc readmodel.Access, in readmodel.CheckEdit) error {
	in.New = newID[id.Finding]()
	return a.db.SaveCheck(ctx, onCheck(acc, in.Check, in.Judges()), in)
}

// onCheck asks whether the caller may write about a check: with the right to
// rate on any, else on those of their own clause areas without judging them.
func onCheck(acc readmodel.Access, check standard.CheckID, judges bool) readmodel.Access {
	acc = needing(acc, permission.CommentOwn)
	base := acc.May
	acc.May = func(c *readmodel.Caller) error {
		if err := base(c); err != nil {
			return err
		}
		return mayWriteOn(c, check, judges)
	}
	return acc
}

func mayWriteOn(c *readmodel.Caller, check standard.CheckID, judges bool) error {
	if c.Can(permission.Rate) || (!judges && c.AnswersFor(readmodel.ClauseOf(check))) {
		return nil
	}
	return fault.Forbidden
}
