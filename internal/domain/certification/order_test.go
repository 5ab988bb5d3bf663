package certification_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
)

// before is the order as the project plan has it, act by act: an act, and the
// acts that come before it. It is written out here, apart from the domain.
var before = map[string]string{
	"start 1": "", "finish 1": "start 1",
	"start 2": "finish 1", "finish 2": "start 2",
	"start 3": "finish 2", "finish 3": "start 3",
	"start 4": "finish 3", "finish 4": "start 4",
	"start 5": "finish 3", "finish 5": "start 5, finish 4",
	"start 6": "finish 3", "finish 6": "start 6, finish 4",
	"start 7": "finish 4, finish 5, finish 6", "finish 7": "start 7",
	"start 8": "finish 7", "finish 8": "start 8",
	"start 9": "finish 8", "finish 9": "start 9",
}

// allowedSequences lists every order of the eighteen acts in which each comes
// after those before it: the linear extensions of the plan, found by trying.
func allowedSequences() []string {
	var all []string
	var extend func(done []string)
	extend = func(done []string) {
		if len(done) == len(before) {
			all = append(all, strings.Join(done, ", "))
			return
		}
		for act, needs := range before {
			if slices.Contains(done, act) {
				continue
			}
			ready := true
			for need := range strings.SplitSeq(needs, ", ") {
				ready = ready && (need == "" || slices.Contains(done, need))
			}
			if ready {
				extend(append(slices.Clone(done), act))
			}
		}
	}
	extend(nil)
	slices.Sort(all)
	return all
}

func do(p *certification.Project, act string) error {
	var word string
	var number int
	if _, err := fmt.Sscanf(act, "%s %d", &word, &number); err != nil {
		panic(err)
	}
	step := certification.Steps()[number-1]
	if word == "start" {
		return p.Start(step, manager, noon)
	}
	return p.Finish(step, manager, noon)
}

// Every order of starting and finishing the nine steps is tried, act by act,
// with all criteria met. What passes to the end is exactly what the plan allows.
func TestOrderExactlyAllowedSequencesPass(t *testing.T) {
	t.Parallel()
	var passed []string
	tried := 0
	var try func(done []string)
	try = func(done []string) {
		if len(done) == len(before) {
			passed = append(passed, strings.Join(done, ", "))
			return
		}
		for act := range before {
			p := newProject(allMet())
			for _, a := range done {
				require.NoError(t, do(p, a))
			}
			stored := len(p.Changes().Acts)
			tried++
			if err := do(p, act); err != nil {
				var refused certification.Refused
				require.ErrorAs(t, err, &refused)
				require.NotEmpty(t, refused)
				require.Len(t, p.Changes().Acts, stored, "a refused act changes nothing")
				continue
			}
			require.NotContains(t, done, act, "an act is done once")
			try(append(slices.Clone(done), act))
		}
	}
	try(nil)
	slices.Sort(passed)

	allowed := allowedSequences()
	require.Equal(t, allowed, passed)
	require.Equal(t, len(allowed), len(slices.Compact(slices.Clone(passed))))
	require.Equal(t, middleOrders(), len(passed), "counted a second way")
	t.Logf("%d acts tried, %d complete sequences", tried, len(passed))
}

// middleOrders counts the orders of steps 4, 5 and 6, the only ones that are
// not one after the other: all 720 orders of their six acts, less those that
// finish a step before its start, or 5 or 6 before 4.
func middleOrders() int {
	count := 0
	var permute func(left, order []string)
	permute = func(left, order []string) {
		if len(left) == 0 {
			at := func(act string) int { return slices.Index(order, act) }
			if at("s4") < at("f4") && at("s5") < at("f5") && at("s6") < at("f6") && at("f4") < at("f5") && at("f4") < at("f6") {
				count++
			}
			return
		}
		for i, act := range left {
			permute(slices.Delete(slices.Clone(left), i, i+1), append(slices.Clone(order), act))
		}
	}
	permute([]string{"s4", "f4", "s5", "f5", "s6", "f6"}, nil)
	return count
}

// Writing a fact starts a step under the same conditions as starting it.
func TestWriteStartsLikeStart(t *testing.T) {
	t.Parallel()
	for _, sequence := range allowedSequences() {
		acts := strings.Split(sequence, ", ")
		for n := range len(acts) {
			for _, step := range certification.Steps() {
				for _, kind := range []certification.Kind{certification.Living, certification.Frozen} {
					writer, starter := newProject(allMet()), newProject(allMet())
					for _, act := range acts[:n] {
						require.NoError(t, do(writer, act))
						require.NoError(t, do(starter, act))
					}
					state := writer.State(step)
					writing := writer.Write(step, kind, manager, noon)
					starting := starter.Start(step, manager, noon)
					switch {
					case state.Status == certification.Finished && kind == certification.Frozen:
						require.Equal(t, certification.Refused{certification.StepFrozen{Step: step}}, writing)
					case state.HasStarted():
						require.NoError(t, writing)
						require.Equal(t, certification.Refused{certification.AlreadyStarted{Step: step}}, starting)
						require.Len(t, writer.Changes().Acts, n, "a second write starts nothing")
					default:
						require.Equal(t, starting, writing)
						require.Equal(t, starter.Changes(), writer.Changes())
					}
				}
			}
		}
	}
}

// The tables that the domain derives from its order say what is written above.
func TestOrderTables(t *testing.T) {
	t.Parallel()
	for _, step := range certification.Steps() {
		var start, finish []certification.Step
		for _, earlier := range certification.Steps() {
			act := "finish " + fmt.Sprint(earlier.Number())
			if slices.Contains(strings.Split(before[fmt.Sprintf("start %d", step.Number())], ", "), act) {
				start, finish = append(start, earlier), append(finish, earlier)
				require.Contains(t, earlier.Opens(), step)
			} else {
				require.NotContains(t, earlier.Opens(), step)
			}
			if slices.Contains(strings.Split(before[fmt.Sprintf("finish %d", step.Number())], ", "), act) {
				finish = append(finish, earlier)
			}
		}
		slices.Sort(finish)
		require.Equal(t, start, step.StartsAfter(), step)
		require.Equal(t, finish, step.FinishesAfter(), step)
		rests := step.RestsOn()
		require.True(t, slices.IsSorted(rests))
		for _, s := range rests {
			require.Less(t, s, step)
		}
		require.Subset(t, rests, finish)
	}
	require.Equal(t, certification.Steps()[:8], certification.Certificate.RestsOn())
	require.Equal(t, certification.Steps()[:4], certification.Selection.RestsOn(), "6 rests on 4, but not on 5")
	require.Empty(t, certification.Awareness.RestsOn())
}

func TestStepWords(t *testing.T) {
	t.Parallel()
	for i, step := range certification.Steps() {
		require.Equal(t, i+1, step.Number())
		parsed, ok := certification.ParseStep(step.String())
		require.True(t, ok)
		require.Equal(t, step, parsed)
		stored, err := step.Value()
		require.NoError(t, err)
		var read certification.Step
		require.NoError(t, read.Scan(stored))
		require.Equal(t, step, read)
	}
	for _, word := range []string{"", "Scope", "step(0)", "renewal"} {
		_, ok := certification.ParseStep(word)
		require.False(t, ok, word)
	}
	for _, stored := range []any{int64(0), int64(10), int64(-1), "1", nil, 3} {
		var s certification.Step
		require.Error(t, s.Scan(stored), stored)
	}
	require.Equal(t, "step(0)", certification.Step(0).String())
	require.Equal(t, "step(10)", certification.Step(10).String())

	for _, kind := range []certification.ActKind{certification.Started, certification.Completed, certification.Reopened} {
		var read certification.ActKind
		require.NoError(t, read.Scan(kind.String()))
		require.Equal(t, kind, read)
	}
	for _, stored := range []any{"", "begun", nil, int64(1)} {
		var k certification.ActKind
		require.Error(t, k.Scan(stored), stored)
	}
}

func TestRefusedNamesItsReasons(t *testing.T) {
	t.Parallel()
	p := newProject(certification.Facts{})
	err := p.Finish(certification.Committee, manager, noon)
	var refused certification.Refused
	require.True(t, errors.As(err, &refused))
	require.Equal(t, "refused: step_locked, criterion_unmet, criterion_unmet, criterion_unmet, criterion_unmet", err.Error())
}
