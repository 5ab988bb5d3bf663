// Package certification is the project itself: its nine steps, their order,
// the criteria for finishing each, waivers, and the acts that move it on.
//
// Nothing here knows a database, a clock or a language. A Project is loaded
// with its facts, asked to act, and either changes or answers a Refusal that
// carries every reason at once, so that a page and a form can never disagree.
package certification

import (
	"database/sql/driver"
	"fmt"
	"slices"
)

// Step is one of the nine steps of the typical project plan.
type Step uint8

// The nine steps, in the plan's order.
const (
	Awareness Step = iota + 1
	Scope
	Gap
	Committee
	Plan
	Selection
	Preparation
	Audit
	Certificate
)

// Steps gives all nine, in order.
func Steps() []Step {
	return []Step{Awareness, Scope, Gap, Committee, Plan, Selection, Preparation, Audit, Certificate}
}

var slugs = [...]string{"", "awareness", "scope", "gap", "committee", "plan", "selection", "preparation", "audit", "certificate"}

// String gives the step's word in addresses, keys and files.
func (s Step) String() string {
	if s < Awareness || s > Certificate {
		return fmt.Sprintf("step(%d)", uint8(s))
	}
	return slugs[s]
}

// ParseStep reads the word of a step.
func ParseStep(slug string) (Step, bool) {
	i := slices.Index(slugs[1:], slug)
	if i < 0 {
		return 0, false
	}
	return Step(i + 1), true //nolint:gosec // i is at most 8
}

// Number gives 1 to 9.
func (s Step) Number() int { return int(s) }

// Value and Scan store a step as its number.
func (s Step) Value() (driver.Value, error) { return int64(s), nil }

// Scan reads a step's number; anything but 1 to 9 is an error.
func (s *Step) Scan(src any) error {
	n, ok := src.(int64)
	if !ok || n < int64(Awareness) || n > int64(Certificate) {
		return fmt.Errorf("certification: %v is no step", src)
	}
	*s = Step(n)
	return nil
}

// Prerequisite is one line of the order: Step waits for After, either to start
// (and so to finish) or only to finish.
type Prerequisite struct {
	Step, After Step
	ToStart     bool
}

// Order is the plan's order, whole: 1, 2, 3 one after the other; then 4, 5 and
// 6 side by side, of which 5 and 6 finish only after 4; then 7, 8, 9.
func Order() []Prerequisite {
	return []Prerequisite{
		{Scope, Awareness, true},
		{Gap, Scope, true},
		{Committee, Gap, true}, {Plan, Gap, true}, {Selection, Gap, true},
		{Plan, Committee, false}, {Selection, Committee, false},
		{Preparation, Committee, true}, {Preparation, Plan, true}, {Preparation, Selection, true},
		{Audit, Preparation, true},
		{Certificate, Audit, true},
	}
}

var (
	startsAfter   = table(func(p Prerequisite) bool { return p.ToStart })
	finishesAfter = table(func(Prerequisite) bool { return true })
	restsOn       = closure()
)

func table(include func(Prerequisite) bool) [10][]Step {
	var t [10][]Step
	for _, p := range Order() {
		if include(p) {
			t[p.Step] = append(t[p.Step], p.After)
		}
	}
	for i := range t {
		slices.Sort(t[i])
	}
	return t
}

func closure() [10][]Step {
	var t [10][]Step
	for _, s := range Steps() {
		for _, after := range finishesAfter[s] {
			t[s] = append(append(t[s], after), t[after]...)
		}
		slices.Sort(t[s])
		t[s] = slices.Compact(t[s])
	}
	return t
}

// StartsAfter gives the steps that must be finished before this one may start.
func (s Step) StartsAfter() []Step { return startsAfter[s] }

// FinishesAfter gives the steps that must be finished before this one may
// finish; it includes those of StartsAfter.
func (s Step) FinishesAfter() []Step { return finishesAfter[s] }

// RestsOn gives every step that this one needs, directly or through others.
func (s Step) RestsOn() []Step { return restsOn[s] }

// Opens gives the steps that wait for this one to start.
func (s Step) Opens() []Step {
	var out []Step
	for _, p := range Order() {
		if p.After == s && p.ToStart {
			out = append(out, p.Step)
		}
	}
	return out
}

// Status is where a step stands. It is derived from the acts, never stored.
type Status uint8

const (
	// Locked is a step that was not started and waits for others.
	Locked Status = iota
	// Open is a step that may be written: started, or ready to be.
	Open
	// Finished is a step whose completion stands.
	Finished
	// ToConfirm is a finished step that rests on one reopened since.
	ToConfirm
)

var statusWords = [...]string{"locked", "open", "finished", "to_confirm"}

// String gives the status's word, as in translation keys.
func (s Status) String() string { return statusWords[s] }
