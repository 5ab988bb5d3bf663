package certification

import "strings"

// Reason is one reason why an act was refused. It carries values, never prose:
// the sentence is made in the reader's language. The set is closed.
type Reason interface{ reason() string }

// Refused is the error of every act that the domain refuses: all reasons at
// once.
type Refused []Reason

// Error names the kinds of reasons, for logs.
func (r Refused) Error() string {
	words := make([]string, len(r))
	for i, reason := range r {
		words[i] = reason.reason()
	}
	return "refused: " + strings.Join(words, ", ")
}

type (
	// ProjectArchived refuses every change to an archived project.
	ProjectArchived struct{}
	// StepLocked refuses a write to a step that waits for others.
	StepLocked struct {
		Step  Step
		After []Step
	}
	// StepFrozen refuses a change to a frozen fact of a finished step.
	StepFrozen struct{ Step Step }
	// AlreadyStarted refuses a second start.
	AlreadyStarted struct{ Step Step }
	// NotStarted refuses to finish a step that nothing was written to.
	NotStarted struct{ Step Step }
	// AlreadyFinished refuses a second completion.
	AlreadyFinished struct{ Step Step }
	// FinishLater refuses a completion before the steps it waits for.
	FinishLater struct {
		Step  Step
		After []Step
	}
	// CriterionUnmet refuses a completion for one criterion.
	CriterionUnmet struct{ State CriterionState }
	// NotFinished refuses to reopen a step that is not finished.
	NotFinished struct{ Step Step }
	// ReasonMissing refuses an act that needs a reason.
	ReasonMissing struct{}
	// NotWaivable refuses a waiver of a criterion that cannot be waived.
	NotWaivable struct{ Criterion CriterionID }
	// WaiverStands refuses a second waiver while one waits or stands.
	WaiverStands struct{ Criterion CriterionID }
	// WaiverAnswered refuses an act on a waiver that was answered, withdrawn or
	// has lapsed; Criterion is empty where there is no such waiver.
	WaiverAnswered struct{ Criterion CriterionID }
	// SecondPerson refuses a consent by the person who asked.
	SecondPerson struct{ Criterion CriterionID }
	// NothingToApprove refuses an approval while what it approves is not there.
	NothingToApprove struct{ Criterion CriterionID }
	// AlreadyApproved refuses a second approval of the same version.
	AlreadyApproved struct{ Criterion CriterionID }
)

func (ProjectArchived) reason() string  { return "project_archived" }
func (StepLocked) reason() string       { return "step_locked" }
func (StepFrozen) reason() string       { return "step_frozen" }
func (AlreadyStarted) reason() string   { return "already_started" }
func (NotStarted) reason() string       { return "not_started" }
func (AlreadyFinished) reason() string  { return "already_finished" }
func (FinishLater) reason() string      { return "finish_later" }
func (CriterionUnmet) reason() string   { return "criterion_unmet" }
func (NotFinished) reason() string      { return "not_finished" }
func (ReasonMissing) reason() string    { return "reason_missing" }
func (NotWaivable) reason() string      { return "not_waivable" }
func (WaiverStands) reason() string     { return "waiver_stands" }
func (WaiverAnswered) reason() string   { return "waiver_answered" }
func (SecondPerson) reason() string     { return "second_person" }
func (NothingToApprove) reason() string { return "nothing_to_approve" }
func (AlreadyApproved) reason() string  { return "already_approved" }

// Word gives the reason's word, as in translation keys.
func Word(r Reason) string { return r.reason() }

// Refused marks the error as a refusal of the domain for the layers that turn
// failures into answers.
func (r Refused) Refused() {}
