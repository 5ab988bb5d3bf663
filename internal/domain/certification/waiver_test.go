package certification_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

// unsettled is a project in step 1 with one audience group that was not told.
func unsettled(t *testing.T) *certification.Project {
	t.Helper()
	f := allMet()
	f.Awareness.Untold = []string{"Night shift"}
	p := newProject(f)
	require.NoError(t, p.Start(certification.Awareness, manager, noon))
	return p
}

func ask(p *certification.Project, n byte) error {
	return p.AskWaiver(id.Waiver{n}, "1.3", "they are told next week", manager, noon)
}

func TestWaiverTakesTwo(t *testing.T) {
	t.Parallel()
	p := unsettled(t)
	require.NoError(t, ask(p, 1))
	require.Equal(t, []string{"criterion_unmet 1.3"}, words(p.Finish(certification.Awareness, manager, noon)), "asking is not enough")
	require.Equal(t, []string{"second_person 1.3"}, words(p.AnswerWaiver(id.Waiver{1}, true, manager, noon)))
	require.Equal(t, []string{"second_person 1.3"}, words(p.AnswerWaiver(id.Waiver{1}, false, manager, noon)))
	require.NoError(t, p.AnswerWaiver(id.Waiver{1}, true, sponsor, noon.Add(time.Hour)))
	require.Equal(t, []string{"waiver_answered 1.3"}, words(p.AnswerWaiver(id.Waiver{1}, false, sponsor, noon)))
	require.NoError(t, p.Finish(certification.Awareness, manager, noon))

	w := p.Waivers[0]
	require.Equal(t, certification.WaiverGranted, w.State())
	require.Equal(t, manager, w.AskedBy)
	require.Equal(t, sponsor, w.AnsweredBy)
	require.Equal(t, noon.Add(time.Hour), w.AnsweredAt)
	require.Len(t, p.OpenWaivers(), 1)
	require.Empty(t, p.Warnings(), "a waived criterion is no warning")
	require.Len(t, p.Changes().Waivers, 2)
}

func TestWaiverRefusedCanBeAskedAgain(t *testing.T) {
	t.Parallel()
	p := unsettled(t)
	require.NoError(t, ask(p, 1))
	require.Equal(t, []string{"waiver_stands 1.3"}, words(ask(p, 2)))
	require.NoError(t, p.AnswerWaiver(id.Waiver{1}, false, sponsor, noon))
	require.Empty(t, p.OpenWaivers())
	require.Error(t, p.MayFinish(certification.Awareness))
	require.NoError(t, ask(p, 2))
	require.NoError(t, p.AnswerWaiver(id.Waiver{2}, true, sponsor, noon))
	require.Equal(t, []string{"waiver_stands 1.3"}, words(ask(p, 3)))
	require.NoError(t, p.MayFinish(certification.Awareness))
	require.Equal(t, []string{"waiver_answered 1.3"}, words(p.WithdrawWaiver(id.Waiver{1}, manager, noon)))
}

func TestWaiverWithdrawn(t *testing.T) {
	t.Parallel()
	p := unsettled(t)
	require.NoError(t, ask(p, 1))
	require.NoError(t, p.AnswerWaiver(id.Waiver{1}, true, sponsor, noon))
	require.NoError(t, p.Finish(certification.Awareness, manager, noon))
	require.NoError(t, p.WithdrawWaiver(id.Waiver{1}, manager, noon))
	require.Equal(t, certification.WaiverWithdrawn, p.Waivers[0].State())
	require.Equal(t, certification.Finished, p.Status(certification.Awareness))
	require.Len(t, p.Warnings(), 1, "what it stood for shows again")
	require.Equal(t, []string{"waiver_answered 1.3"}, words(p.WithdrawWaiver(id.Waiver{1}, manager, noon)))
	require.Equal(t, []string{"waiver_answered "}, words(p.WithdrawWaiver(id.Waiver{7}, manager, noon)))
	require.Equal(t, []string{"waiver_answered "}, words(p.AnswerWaiver(id.Waiver{7}, true, sponsor, noon)))
}

// A waiver lapses when its step is reopened, whatever state it is in; one that
// is asked for afterwards does not.
func TestWaiverLapses(t *testing.T) {
	t.Parallel()
	p := unsettled(t)
	require.NoError(t, ask(p, 1))
	require.NoError(t, p.AnswerWaiver(id.Waiver{1}, true, sponsor, noon))
	require.NoError(t, p.Finish(certification.Awareness, manager, noon))
	require.NoError(t, p.Reopen(certification.Awareness, sponsor, "the approach has changed", noon))
	require.True(t, p.Lapsed(p.Waivers[0]))
	require.Empty(t, p.OpenWaivers())
	require.Equal(t, []string{"criterion_unmet 1.3"}, words(p.Finish(certification.Awareness, manager, noon)))
	require.Equal(t, []string{"waiver_answered 1.3"}, words(p.WithdrawWaiver(id.Waiver{1}, manager, noon)))

	require.NoError(t, ask(p, 2))
	require.False(t, p.Lapsed(p.Waivers[1]), "asked for right after the reopening")
	require.NoError(t, p.AnswerWaiver(id.Waiver{2}, true, sponsor, noon))
	require.NoError(t, p.Finish(certification.Awareness, manager, noon))
}

// A step that is only to be confirmed again keeps its waivers and may get new
// ones; a finished one may not.
func TestWaiverOfStepToConfirm(t *testing.T) {
	t.Parallel()
	p := newProject(allMet())
	for _, act := range []string{"start 1", "finish 1", "start 2", "finish 2"} {
		require.NoError(t, do(p, act))
	}
	p.Facts.Scope.OutWithoutReason = 2
	asking := func() error {
		return p.AskWaiver(id.Waiver{1}, "2.2", "two offices close in June", manager, noon)
	}
	require.Equal(t, []string{"already_finished 2"}, words(asking()))
	require.NoError(t, p.Reopen(certification.Awareness, sponsor, "a new goal", noon))
	require.Equal(t, certification.ToConfirm, p.Status(certification.Scope))
	require.NoError(t, asking())
	require.NoError(t, p.AnswerWaiver(id.Waiver{1}, true, sponsor, noon))
	require.NoError(t, p.Finish(certification.Awareness, manager, noon))
	require.NoError(t, p.Finish(certification.Scope, manager, noon))
	require.NoError(t, p.Reopen(certification.Awareness, sponsor, "another goal", noon))
	require.False(t, p.Lapsed(p.Waivers[0]), "its own step was not reopened")
}

func TestWaiverNever(t *testing.T) {
	t.Parallel()
	for _, c := range certification.Criteria() {
		p := newProject(certification.Facts{})
		err := p.AskWaiver(id.Waiver{1}, c.ID, "", manager, noon)
		switch {
		case !c.Waivable:
			require.Equal(t, []string{"not_waivable " + string(c.ID)}, words(err))
		case c.ID.Step() == certification.Awareness:
			require.Equal(t, []string{"reason_missing"}, words(err))
		default:
			require.Contains(t, words(err)[0], "step_locked", "the order is never waived")
			require.Contains(t, words(err), "reason_missing", "all reasons at once")
		}
		require.Empty(t, p.Changes())
	}
	p := newProject(allMet())
	require.Equal(t, []string{"not_waivable 0.1"}, words(p.AskWaiver(id.Waiver{1}, "0.1", "why not", manager, noon)))
	p.Archived = true
	require.Equal(t, []string{"project_archived"}, words(ask(p, 1)))
	require.Equal(t, []string{"project_archived"}, words(p.AnswerWaiver(id.Waiver{1}, true, sponsor, noon)))
	require.Equal(t, []string{"project_archived"}, words(p.WithdrawWaiver(id.Waiver{1}, manager, noon)))
}

// Asking belongs to the step: it is its first write, and the waiver counts as
// asked for after that.
func TestWaiverStartsItsStep(t *testing.T) {
	t.Parallel()
	p := newProject(certification.Facts{})
	require.NoError(t, ask(p, 1))
	require.True(t, p.State(certification.Awareness).HasStarted())
	require.Equal(t, 1, p.Waivers[0].AskedSeq)
}

// A stored waiver of a criterion that cannot be waived any more does not help.
func TestWaiverOfCriterionThatCannotBeWaived(t *testing.T) {
	t.Parallel()
	granted := certification.Waiver{ID: id.Waiver{1}, Criterion: "1.4", Reason: "urgent", AskedBy: manager, AskedAt: noon, AnsweredBy: sponsor, AnsweredAt: noon, Consented: true}
	f := allMet()
	f.Awareness.Signed = false
	p := certification.NewProject(project, 1, 0, nil, []certification.Waiver{granted}, f)
	require.NoError(t, p.Start(certification.Awareness, manager, noon))
	require.Equal(t, []string{"criterion_unmet 1.4"}, words(p.Finish(certification.Awareness, manager, noon)))
}

func TestWaiverWords(t *testing.T) {
	t.Parallel()
	for state, word := range map[certification.WaiverState]string{
		certification.WaiverAsked: "asked", certification.WaiverGranted: "granted",
		certification.WaiverRefused: "refused", certification.WaiverWithdrawn: "withdrawn",
	} {
		require.Equal(t, word, state.String())
	}
}

func TestApprovals(t *testing.T) {
	t.Parallel()
	p := newProject(allMet())
	for _, act := range []string{"start 1", "finish 1", "start 2", "finish 2", "start 3", "finish 3"} {
		require.NoError(t, do(p, act))
	}
	approve := func(c certification.CriterionID) []string { return words(p.Approve(c, sponsor, noon)) }

	require.Equal(t, []string{"step_frozen 1"}, approve("1.4"))
	require.Equal(t, []string{"step_locked 7 after 4+5+6"}, approve("7.11"))
	require.Equal(t, []string{"nothing_to_approve 4.1"}, approve("4.1"), "no approval")
	require.Equal(t, []string{"already_approved 5.5"}, approve("5.5"))
	require.False(t, p.State(certification.Plan).HasStarted(), "a refusal starts nothing")

	p.Facts.Plan.Approved, p.Facts.Plan.Baseline, p.Facts.Plan.Undated = false, 0, 3
	require.Equal(t, []string{"criterion_unmet 5.3", "nothing_to_approve 5.5"}, approve("5.5"))
	p.Facts.Plan.Undated = 0
	require.Equal(t, []string{"nothing_to_approve 5.5"}, approve("5.5"))
	require.False(t, p.State(certification.Plan).HasStarted())
	p.Facts.Plan.Baseline = 1
	require.Empty(t, approve("5.5"))
	require.True(t, p.State(certification.Plan).HasStarted(), "an approving act is a write")
	p.Facts.Plan.Approved = true
	require.Equal(t, []string{"already_approved 5.5"}, approve("5.5"))

	p.Archived = true
	require.Equal(t, []string{"project_archived"}, approve("6.6"))
}

// Each baseline of the assessment is signed, the first and every later one.
func TestApprovalOfBaselines(t *testing.T) {
	t.Parallel()
	p := newProject(allMet())
	for _, act := range []string{"start 1", "finish 1", "start 2", "finish 2"} {
		require.NoError(t, do(p, act))
	}
	require.NoError(t, p.Approve("3.5", manager, noon))
	require.NoError(t, p.Approve("3.5", manager, noon))
	p.Facts.Gap.Unrated = 1
	require.Equal(t, []string{"criterion_unmet 3.2"}, words(p.Approve("3.5", manager, noon)))
	require.NoError(t, p.AskWaiver(id.Waiver{1}, "3.2", "one site is closed for works", manager, noon))
	require.NoError(t, p.AnswerWaiver(id.Waiver{1}, true, sponsor, noon))
	require.NoError(t, p.Approve("3.5", manager, noon), "a waived criterion does not stand in the way")
}
