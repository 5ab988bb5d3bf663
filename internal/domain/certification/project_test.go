package certification_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

// session is a project as its store would treat it: loaded for every command,
// saved when the command was accepted, thrown away when it was refused.
type session struct {
	t       *rapid.T
	o       *oracle
	facts   certification.Facts
	cycle   int
	lastSeq int
	acts    []certification.Act // of the current cycle
	waivers []certification.Waiver
	events  []string
	now     time.Time
	asked   int
}

func (s *session) load() *certification.Project {
	p := certification.NewProject(project, s.cycle, s.lastSeq, s.acts, s.waivers, s.facts)
	p.Archived = s.o.archived
	return p
}

func (s *session) save(ch certification.Changes) {
	for _, a := range ch.Acts {
		require.Equal(s.t, s.lastSeq+1, a.Seq, "acts are numbered without gaps")
		s.lastSeq = a.Seq
		s.acts = append(s.acts, a)
	}
	for _, w := range ch.Waivers {
		if i := slices.IndexFunc(s.waivers, func(old certification.Waiver) bool { return old.ID == w.ID }); i >= 0 {
			s.waivers[i] = w
		} else {
			s.waivers = append(s.waivers, w)
		}
	}
	for _, e := range ch.Events {
		switch what := e.Data["step"]; {
		case e.Kind == "cycle.opened":
			s.events = append(s.events, fmt.Sprintf("%s %d", e.Kind, e.Data["cycle"]))
		case what != nil:
			s.events = append(s.events, fmt.Sprintf("%s %d", e.Kind, what))
		default:
			s.events = append(s.events, fmt.Sprintf("%s %s", e.Kind, e.Data["criterion"]))
		}
	}
	if ch.Cycle > 0 {
		s.cycle, s.acts, s.waivers = ch.Cycle, nil, nil
	}
}

// run gives a command to the domain and to the oracle and compares what they
// answer.
func (s *session) run(domain func(p *certification.Project) error, plain func() []string) {
	s.now = s.now.Add(time.Minute)
	p := s.load()
	statuses := s.statuses(p)
	err := domain(p)
	want := plain()
	require.Equal(s.t, want, words(err))
	if err != nil {
		require.Empty(s.t, p.Changes(), "a refusal changes nothing")
		require.Equal(s.t, statuses, s.statuses(p), "a refusal changes nothing")
		return
	}
	for _, a := range p.Changes().Acts {
		s.invariants(a, statuses)
		require.Equal(s.t, s.now, a.At)
	}
	s.save(p.Changes())
}

func (s *session) statuses(p *certification.Project) [10]certification.Status {
	var out [10]certification.Status
	for _, step := range certification.Steps() {
		out[step] = p.Status(step)
	}
	return out
}

// invariants hold for every act that was accepted, whatever came before it.
func (s *session) invariants(a certification.Act, statuses [10]certification.Status) {
	switch a.Kind {
	case certification.Started:
		for _, earlier := range a.Step.StartsAfter() {
			require.Equal(s.t, certification.Finished, statuses[earlier])
		}
	case certification.Completed:
		for _, earlier := range a.Step.FinishesAfter() {
			require.Equal(s.t, certification.Finished, statuses[earlier])
		}
		require.Contains(s.t, []certification.Status{certification.Open, certification.ToConfirm}, statuses[a.Step])
	case certification.Reopened:
		require.Contains(s.t, []certification.Status{certification.Finished, certification.ToConfirm}, statuses[a.Step])
		require.NotEmpty(s.t, a.Reason)
	}
}

// check compares everything that can be asked with what the oracle says.
func (s *session) check() {
	p := s.load()
	require.Equal(s.t, s.o.events, s.events)
	require.Equal(s.t, s.o.cycle, s.cycle)
	require.Equal(s.t, s.o.acts, s.lastSeq)
	var open int
	for _, w := range s.o.waivers {
		if w.state == "asked" || w.state == "granted" {
			open++
		}
	}
	require.Len(s.t, p.OpenWaivers(), open)
	var warnings []string
	for _, step := range certification.Steps() {
		n := step.Number()
		state := p.State(step)
		require.Equal(s.t, s.o.status(n), state.Status.String(), step)
		require.Equal(s.t, s.o.started[n], state.HasStarted(), step)
		require.Equal(s.t, s.o.mayFinish(n), words(p.MayFinish(step)), "what a page says is what finishing says")
		require.Equal(s.t, state.Status == certification.ToConfirm, state.Because > 0)
		if s.o.done[n] {
			for i := 1; i <= count[n]; i++ {
				if c := fmt.Sprintf("%d.%d", n, i); !s.o.holds(c) {
					warnings = append(warnings, c)
				}
			}
		}
	}
	var warned []string
	for _, c := range p.Warnings() {
		warned = append(warned, string(c.ID))
	}
	require.Equal(s.t, warnings, warned)
	require.Empty(s.t, p.Changes(), "asking changes nothing")
}

// toggles are the facts that the session breaks and mends.
func (s *session) toggle(which []int) {
	s.facts = allMet()
	clear(s.o.broken)
	all := flips()
	for _, i := range which {
		all[i].wreck(&s.facts)
		for c := range all[i].says {
			s.o.broken[string(c)] = true
		}
	}
}

func TestProjectAgreesWithOracle(t *testing.T) {
	t.Parallel()
	// Facts that are there or not, and do not hide each other.
	var simple []int
	seen := map[certification.CriterionID]bool{}
	for i, f := range flips() {
		fresh := f.name != "plan not frozen" && f.name != "none chosen"
		for c := range f.says {
			fresh = fresh && !seen[c]
		}
		if fresh {
			simple = append(simple, i)
			for c := range f.says {
				seen[c] = true
			}
		}
	}
	criteria := certification.Criteria()
	people := map[string]id.Person{"manager": manager, "sponsor": sponsor}
	who := rapid.SampledFrom([]string{"manager", "sponsor"})
	step := rapid.SampledFrom(certification.Steps())
	reason := rapid.SampledFrom([]string{"the chair left", "a new site", "", " \n"})
	criterion := rapid.Custom(func(t *rapid.T) certification.CriterionID {
		if rapid.Bool().Draw(t, "can be waived") {
			return certification.CriterionID(rapid.SampledFrom(waivable).Draw(t, "criterion"))
		}
		return rapid.SampledFrom(criteria).Draw(t, "criterion").ID
	})
	approvable := rapid.SampledFrom([]certification.CriterionID{"1.4", "2.5", "3.5", "5.5", "6.6", "7.11", "1.1", "9.9", ""})

	rapid.Check(t, func(t *rapid.T) {
		s := &session{t: t, o: newOracle(), facts: allMet(), cycle: 1, now: noon}
		start := func(step certification.Step) {
			s.run(func(p *certification.Project) error { return p.Start(step, manager, s.now) },
				func() []string { return s.o.start(step.Number()) })
		}
		finish := func(step certification.Step) {
			s.run(func(p *certification.Project) error { return p.Finish(step, manager, s.now) },
				func() []string { return s.o.finish(step.Number()) })
		}
		for _, done := range certification.Steps()[:rapid.IntRange(0, 8).Draw(t, "done before")] {
			start(done)
			finish(done)
		}
		t.Repeat(map[string]func(*rapid.T){
			"start":  func(t *rapid.T) { start(step.Draw(t, "step")) },
			"finish": func(t *rapid.T) { finish(step.Draw(t, "step")) },
			"advance": func(*rapid.T) {
				for _, step := range certification.Steps() {
					if s.load().Status(step) != certification.Finished {
						start(step)
						finish(step)
						return
					}
				}
			},
			"write": func(t *rapid.T) {
				step, frozen := step.Draw(t, "step"), rapid.Bool().Draw(t, "frozen")
				s.run(func(p *certification.Project) error { return p.Write(step, certification.Kind(frozen), manager, s.now) },
					func() []string { return s.o.write(step.Number(), frozen) })
			},
			"reopen": func(t *rapid.T) {
				step, reason := step.Draw(t, "step"), reason.Draw(t, "reason")
				s.run(func(p *certification.Project) error { return p.Reopen(step, sponsor, reason, s.now) },
					func() []string { return s.o.reopen(step.Number(), reason) })
			},
			"approve": func(t *rapid.T) {
				c := approvable.Draw(t, "criterion")
				s.run(func(p *certification.Project) error { return p.Approve(c, sponsor, s.now) },
					func() []string { return s.o.approve(string(c)) })
			},
			"ask": func(t *rapid.T) {
				c, reason, by := criterion.Draw(t, "criterion"), reason.Draw(t, "reason"), who.Draw(t, "by")
				s.asked++
				s.run(func(p *certification.Project) error {
					return p.AskWaiver(id.Waiver{byte(s.asked), byte(s.asked >> 8)}, c, reason, people[by], s.now)
				}, func() []string { return s.o.ask(string(c), reason, by) })
			},
			"answer": func(t *rapid.T) {
				if len(s.waivers) == 0 {
					t.Skip("no waiver")
				}
				i := rapid.IntRange(0, len(s.waivers)-1).Draw(t, "waiver")
				consent, by := rapid.Bool().Draw(t, "consent"), who.Draw(t, "by")
				s.run(func(p *certification.Project) error {
					return p.AnswerWaiver(s.waivers[i].ID, consent, people[by], s.now)
				}, func() []string { return s.o.answer(i, consent, by) })
			},
			"withdraw": func(t *rapid.T) {
				if len(s.waivers) == 0 {
					t.Skip("no waiver")
				}
				i := rapid.IntRange(0, len(s.waivers)-1).Draw(t, "waiver")
				s.run(func(p *certification.Project) error { return p.WithdrawWaiver(s.waivers[i].ID, manager, s.now) },
					func() []string { return s.o.withdraw(i) })
			},
			"facts": func(t *rapid.T) {
				s.toggle(rapid.SliceOfNDistinct(rapid.SampledFrom(simple), 0, 4, rapid.ID).Draw(t, "broken"))
			},
			"all well": func(*rapid.T) { s.toggle(nil) },
			"archive":  func(t *rapid.T) { s.o.archived = rapid.IntRange(0, 3).Draw(t, "archive") == 0 },
			"":         func(*rapid.T) { s.check() },
		})
	})
}

// Two commands given to one loaded project act on each other's outcome.
func TestProjectActsInSequence(t *testing.T) {
	t.Parallel()
	p := newProject(allMet())
	for _, step := range certification.Steps() {
		require.NoError(t, p.Write(step, certification.Frozen, manager, noon))
		require.NoError(t, p.Finish(step, manager, noon))
	}
	ch := p.Changes()
	require.Len(t, ch.Acts, 18)
	require.Equal(t, 2, ch.Cycle, "finishing step 9 opens the next cycle")
	require.Equal(t, "cycle.opened", ch.Events[len(ch.Events)-1].Kind)
	for i, a := range ch.Acts {
		require.Equal(t, i+1, a.Seq)
		require.Equal(t, manager, a.Person)
	}

	next := certification.NewProject(project, 2, 18, nil, nil, allMet())
	require.Equal(t, certification.Open, next.Status(certification.Awareness))
	require.Equal(t, certification.Locked, next.Status(certification.Scope))
	require.NoError(t, next.Start(certification.Awareness, manager, noon))
	require.Equal(t, 19, next.Changes().Acts[0].Seq, "numbers go on from cycle to cycle")
}

// The last number may have been read before somebody else's act was stored.
func TestProjectNumbersAfterItsActs(t *testing.T) {
	t.Parallel()
	acts := []certification.Act{{Seq: 7, Step: certification.Awareness, Kind: certification.Started, Person: manager, At: noon}}
	p := certification.NewProject(project, 1, 6, acts, nil, allMet())
	require.NoError(t, p.Finish(certification.Awareness, manager, noon))
	require.Equal(t, 8, p.Changes().Acts[0].Seq)
	require.Len(t, acts, 1, "the caller's list stays as it is")
}

// What was loaded is not changed under the caller's hands.
func TestProjectKeepsItsOwnLists(t *testing.T) {
	t.Parallel()
	acts := make([]certification.Act, 1, 4)
	acts[0] = certification.Act{Seq: 1, Step: certification.Awareness, Kind: certification.Started, Person: manager, At: noon}
	waivers := []certification.Waiver{{ID: id.Waiver{1}, Criterion: "1.3", Reason: "later", AskedBy: manager, AskedAt: noon, AskedSeq: 1}}
	p := certification.NewProject(project, 1, 1, acts, waivers, allMet())
	require.NoError(t, p.AnswerWaiver(id.Waiver{1}, true, sponsor, noon))
	require.NoError(t, p.Finish(certification.Awareness, manager, noon))
	require.Equal(t, certification.WaiverAsked, waivers[0].State())
	require.Zero(t, acts[:2][1].Seq)
}

func TestReopening(t *testing.T) {
	t.Parallel()
	p := newProject(allMet())
	for _, step := range certification.Steps()[:6] {
		require.NoError(t, p.Start(step, manager, noon))
		require.NoError(t, p.Finish(step, manager, noon))
	}
	require.NoError(t, p.Start(certification.Preparation, manager, noon))
	require.NoError(t, p.Reopen(certification.Committee, sponsor, "the chair left", noon))

	state := p.State(certification.Plan)
	require.Equal(t, certification.ToConfirm, state.Status)
	require.Equal(t, certification.Committee, state.Because)
	require.Equal(t, certification.Finished, p.Status(certification.Gap), "what came before stays")
	require.Equal(t, certification.Open, p.Status(certification.Preparation), "what was started stays writable")
	require.NoError(t, p.Write(certification.Preparation, certification.Frozen, manager, noon))
	require.NoError(t, p.Write(certification.Plan, certification.Living, manager, noon))
	require.Equal(t, certification.Refused{certification.StepFrozen{Step: certification.Plan}},
		p.Write(certification.Plan, certification.Frozen, manager, noon))
	require.Equal(t, certification.Refused{
		certification.FinishLater{Step: certification.Preparation, After: []certification.Step{certification.Committee, certification.Plan, certification.Selection}},
	}, p.Finish(certification.Preparation, manager, noon))
	require.Equal(t, certification.Refused{certification.FinishLater{Step: certification.Plan, After: []certification.Step{certification.Committee}}},
		p.Finish(certification.Plan, manager, noon), "confirming goes in order")

	require.NoError(t, p.Finish(certification.Committee, manager, noon))
	require.Equal(t, certification.ToConfirm, p.Status(certification.Plan))
	p.Facts.Plan.Undated = 2
	require.Len(t, words(p.Finish(certification.Plan, manager, noon)), 1, "criteria are checked again")
	p.Facts.Plan.Undated = 0
	require.NoError(t, p.Finish(certification.Plan, manager, noon))
	require.NoError(t, p.Finish(certification.Selection, manager, noon))
	require.NoError(t, p.Finish(certification.Preparation, manager, noon))
	require.Len(t, p.Acts, 6*2+1+1+4, "nothing is erased")
}
