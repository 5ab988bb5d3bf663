package page

import (
	"context"
	"slices"

	"waymark/internal/domain/certification"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
)

// reopenConsequence says which finished steps will have to be confirmed again.
func reopenConsequence(ctx context.Context, sp *readmodel.StepPage) string {
	var again []certification.Step
	for _, s := range certification.Steps() {
		if sp.Project.Status(s) == certification.Finished && slices.Contains(s.RestsOn(), sp.Step) {
			again = append(again, s)
		}
	}
	if len(again) == 0 {
		return i18n.T(ctx, "step.reopen.alone")
	}
	return i18n.T(ctx, "step.reopen.consequence", "steps", stepNumbers(ctx, again), "n", len(again))
}
