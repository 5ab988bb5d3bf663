package certification

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waymark/internal/domain/id"
)

// ActKind is what somebody did to a step.
type ActKind uint8

// The three acts on a step.
const (
	Started ActKind = iota + 1
	Completed
	Reopened
)

var actWords = [...]string{"", "started", "finished", "reopened"}

// String gives the act's word, as stored.
func (k ActKind) String() string { return actWords[k] }

// Scan reads the stored word.
func (k *ActKind) Scan(src any) error {
	word, _ := src.(string)
	i := slices.Index(actWords[1:], word)
	if i < 0 {
		return fmt.Errorf("certification: %v is no act on a step", src)
	}
	*k = ActKind(i + 1) //nolint:gosec // i is at most 2
	return nil
}

// Act is one act on a step: who, when and, for a reopening, why. Seq orders
// the acts of a project; acts are never changed or removed.
type Act struct {
	Seq    int
	Step   Step
	Kind   ActKind
	Person id.Person
	At     time.Time
	Reason string
}

// Event tells the audit trail of a change: what happened, to what, and the
// values that matter.
type Event struct {
	Kind    string
	Subject string
	Data    map[string]any
}

// Project is one certification effort in its current cycle: the acts on its
// steps, its waivers, and the facts that its criteria read. Load it under the
// project's lock, act, and save Changes.
type Project struct {
	ID       id.Project
	Cycle    int
	Archived bool
	Acts     []Act
	Waivers  []Waiver
	Facts    Facts

	lastSeq int
	changes Changes
}

// Changes is what acting on a project left to be stored.
type Changes struct {
	Acts    []Act
	Waivers []Waiver // new or answered
	Cycle   int      // the next cycle's number, when step 9 was finished
	Events  []Event
}

// NewProject puts a project together from what is stored. Acts must be those
// of the current cycle, in order of Seq, and waivers those of the current cycle,
// oldest first; lastSeq is the last number used in any cycle. The project keeps
// copies of the lists, so the caller's stay as they are.
func NewProject(project id.Project, cycle, lastSeq int, acts []Act, waivers []Waiver, facts Facts) *Project {
	if n := len(acts); n > 0 {
		// The number may have been read a moment before the acts.
		lastSeq = max(lastSeq, acts[n-1].Seq)
	}
	return &Project{
		ID: project, Cycle: cycle, Acts: slices.Clone(acts), Waivers: slices.Clone(waivers), Facts: facts, lastSeq: lastSeq,
	}
}

// Changes gives what is to be stored since the project was loaded.
func (p *Project) Changes() Changes { return p.changes }

// last gives the last act of a kind on a step.
func (p *Project) last(step Step, kind ActKind) (Act, bool) {
	for _, a := range slices.Backward(p.Acts) {
		if a.Step == step && a.Kind == kind {
			return a, true
		}
	}
	return Act{}, false
}

// StepState is everything that the acts say of one step.
type StepState struct {
	Step   Step
	Status Status
	// Started, Finished and Reopened are the last act of each kind, zero where
	// there is none.
	Started, Finished, Reopened Act
	// StartAfter and FinishAfter name the steps that still have to be finished
	// first.
	StartAfter, FinishAfter []Step
	// Because names the reopened step that put this one to confirm again.
	Because Step
}

// HasStarted reports whether the step was ever written to in this cycle.
func (s StepState) HasStarted() bool { return s.Started.Seq > 0 }

// State derives where a step stands.
func (p *Project) State(step Step) StepState {
	s := StepState{Step: step}
	s.Started, _ = p.last(step, Started)
	s.Finished, _ = p.last(step, Completed)
	s.Reopened, _ = p.last(step, Reopened)
	s.StartAfter = p.unfinished(step.StartsAfter())
	s.FinishAfter = p.unfinished(step.FinishesAfter())
	switch {
	case s.Finished.Seq > 0 && s.Reopened.Seq < s.Finished.Seq:
		s.Status = Finished
		if because, again := p.reopenedSince(step, s.Finished.Seq); again {
			s.Status, s.Because = ToConfirm, because
		}
	case s.Started.Seq > 0 || len(s.StartAfter) == 0:
		s.Status = Open
	default:
		s.Status = Locked
	}
	return s
}

// Status derives the status alone.
func (p *Project) Status(step Step) Status { return p.State(step).Status }

// reopenedSince names a step that this one rests on and that was reopened
// after the given act.
func (p *Project) reopenedSince(step Step, seq int) (Step, bool) {
	for _, a := range p.Acts {
		if a.Kind == Reopened && a.Seq > seq && slices.Contains(step.RestsOn(), a.Step) {
			return a.Step, true
		}
	}
	return 0, false
}

// unfinished keeps the steps whose completion does not stand: never finished,
// reopened, or to be confirmed again.
func (p *Project) unfinished(steps []Step) []Step {
	var out []Step
	for _, s := range steps {
		finished, _ := p.last(s, Completed)
		reopened, _ := p.last(s, Reopened)
		_, again := p.reopenedSince(s, finished.Seq)
		if finished.Seq == 0 || reopened.Seq > finished.Seq || again {
			out = append(out, s)
		}
	}
	return out
}

func (p *Project) act(step Step, kind ActKind, by id.Person, now time.Time, reason string) {
	p.lastSeq++
	a := Act{Seq: p.lastSeq, Step: step, Kind: kind, Person: by, At: now, Reason: reason}
	p.Acts = append(p.Acts, a)
	p.changes.Acts = append(p.changes.Acts, a)
	data := map[string]any{"step": step.Number(), "cycle": p.Cycle}
	if reason != "" {
		data["reason"] = reason
	}
	p.changes.Events = append(p.changes.Events, Event{Kind: "step." + kind.String(), Subject: step.String(), Data: data})
}

// Start starts a step by an explicit act, where its facts are there already
// (carried over from the cycle before). Refusals: ProjectArchived,
// AlreadyStarted, StepLocked.
func (p *Project) Start(step Step, by id.Person, now time.Time) error {
	if p.Archived {
		return Refused{ProjectArchived{}}
	}
	s := p.State(step)
	if s.HasStarted() {
		return Refused{AlreadyStarted{step}}
	}
	if s.Status == Locked {
		return Refused{StepLocked{step, s.StartAfter}}
	}
	p.act(step, Started, by, now, "")
	return nil
}

// Kind of a fact: what happens to it when its step is finished.
type Kind bool

const (
	// Living facts may change after their step is finished: ratings, findings,
	// tasks, evidence, documents, committee.
	Living Kind = false
	// Frozen facts may not: mandate, scope statement, baselines, approvals,
	// decisions. Changing one means reopening the step.
	Frozen Kind = true
)

// Write decides whether a fact that belongs to a step may be written now, and
// starts the step when this is its first write. Refusals: ProjectArchived,
// StepLocked, StepFrozen.
func (p *Project) Write(step Step, kind Kind, by id.Person, now time.Time) error {
	s := p.State(step)
	if err := p.mayWrite(s, kind); err != nil {
		return err
	}
	p.begin(s, by, now)
	return nil
}

// mayWrite judges a write without doing it.
func (p *Project) mayWrite(s StepState, kind Kind) error {
	switch {
	case p.Archived:
		return Refused{ProjectArchived{}}
	case s.Status == Locked:
		return Refused{StepLocked{s.Step, s.StartAfter}}
	case kind == Frozen && (s.Status == Finished || s.Status == ToConfirm):
		return Refused{StepFrozen{s.Step}}
	}
	return nil
}

// begin starts a step with its first write.
func (p *Project) begin(s StepState, by id.Person, now time.Time) {
	if !s.HasStarted() {
		p.act(s.Step, Started, by, now, "")
	}
}

// Finish finishes a step, or confirms it again. The criteria are judged at
// this moment. It needs the step started, its prerequisites finished, and
// every criterion met or waived; the refusal names all that is missing: the
// order first (StepLocked or NotStarted, FinishLater), then CriterionUnmet for
// each criterion in order. ProjectArchived and AlreadyFinished stand alone.
// Finishing step 9 opens the next cycle.
func (p *Project) Finish(step Step, by id.Person, now time.Time) error {
	if p.Archived {
		return Refused{ProjectArchived{}}
	}
	s := p.State(step)
	var refused Refused
	switch {
	case s.Status == Finished:
		return Refused{AlreadyFinished{step}}
	case s.Status == Locked:
		refused = append(refused, StepLocked{step, s.StartAfter})
	case !s.HasStarted():
		refused = append(refused, NotStarted{step})
	}
	if len(s.FinishAfter) > len(s.StartAfter) || (s.Status != Locked && len(s.FinishAfter) > 0) {
		refused = append(refused, FinishLater{step, s.FinishAfter})
	}
	for _, c := range p.Criteria(step) {
		if !c.Holds() {
			refused = append(refused, CriterionUnmet{c})
		}
	}
	if len(refused) > 0 {
		return refused
	}
	p.act(step, Completed, by, now, "")
	if step == Certificate {
		p.changes.Cycle = p.Cycle + 1
		p.changes.Events = append(p.changes.Events, Event{Kind: "cycle.opened", Subject: step.String(), Data: map[string]any{"cycle": p.Cycle + 1}})
	}
	return nil
}

// MayFinish answers what Finish would refuse now, without acting.
func (p *Project) MayFinish(step Step) error {
	trial := *p
	trial.changes = Changes{}
	trial.Acts = slices.Clip(p.Acts) // so that appending copies
	return trial.Finish(step, id.Person{}, time.Time{})
}

// Reopen takes a completion back, with a reason. Finished steps that rest on
// this one become to be confirmed again, and the waivers of its criteria lapse;
// nothing is erased. Refusals: ProjectArchived alone; NotFinished and
// ReasonMissing.
func (p *Project) Reopen(step Step, by id.Person, reason string, now time.Time) error {
	if p.Archived {
		return Refused{ProjectArchived{}}
	}
	var refused Refused
	if s := p.Status(step); s != Finished && s != ToConfirm {
		refused = append(refused, NotFinished{step})
	}
	if blank(reason) {
		refused = append(refused, ReasonMissing{})
	}
	if len(refused) > 0 {
		return refused
	}
	p.act(step, Reopened, by, now, reason)
	return nil
}

// blank reports whether a text says nothing.
func blank(s string) bool { return strings.TrimSpace(s) == "" }
