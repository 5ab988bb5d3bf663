// Package task holds the rules of tasks: their states and who may move them,
// when they are late, how they wait for each other, and what freezing the plan
// of step 5 needs.
package task

import (
	"database/sql/driver"
	"fmt"
	"slices"

	"waymark/internal/domain/assessment"
)

// State is how far a task is.
type State uint8

// The states of a task.
const (
	Open State = iota + 1
	InProgress
	Blocked
	Done
)

var stateWords = [...]string{Open: "open", InProgress: "in_progress", Blocked: "blocked", Done: "done"}

// States lists them, in the order they are offered.
func States() []State { return []State{Open, InProgress, Blocked, Done} }

// String gives the state's word, as stored and in translation keys.
func (s State) String() string { return wordOf(stateWords[:], uint8(s)) }

// ParseState reads a stored or posted word.
func ParseState(word string) (State, bool) { return parse(States(), word) }

// Scan reads the stored word.
func (s *State) Scan(src any) error { return scan(s, src, States(), "state of a task") }

// Value writes the word.
func (s State) Value() (driver.Value, error) { return s.String(), nil }

// Priority says which of two tasks goes first when both are due.
type Priority uint8

// The priorities.
const (
	High Priority = iota + 1
	Normal
	Low
)

var priorityWords = [...]string{High: "high", Normal: "normal", Low: "low"}

// Priorities lists them, in the order they are offered.
func Priorities() []Priority { return []Priority{High, Normal, Low} }

// String gives the priority's word, as stored and in translation keys.
func (p Priority) String() string { return wordOf(priorityWords[:], uint8(p)) }

// ParsePriority reads a stored or posted word.
func ParsePriority(word string) (Priority, bool) { return parse(Priorities(), word) }

// Scan reads the stored word.
func (p *Priority) Scan(src any) error { return scan(p, src, Priorities(), "priority") }

// Value writes the word.
func (p Priority) Value() (driver.Value, error) { return p.String(), nil }

// PriorityOf proposes the priority of a task that is to remove a finding.
func PriorityOf(s assessment.Severity) Priority {
	switch s {
	case assessment.Major:
		return High
	case assessment.Minor:
		return Normal
	case assessment.None, assessment.Observation, assessment.Opportunity:
	}
	return Low
}

func wordOf(words []string, n uint8) string {
	if int(n) < len(words) {
		return words[n]
	}
	return ""
}

func parse[T fmt.Stringer](all []T, word string) (T, bool) {
	i := slices.IndexFunc(all, func(v T) bool { return v.String() == word })
	if i < 0 {
		var none T
		return none, false
	}
	return all[i], true
}

func scan[T fmt.Stringer](into *T, src any, all []T, what string) error {
	word, _ := src.(string)
	v, ok := parse(all, word)
	if !ok {
		return fmt.Errorf("task: %v is no %s", src, what)
	}
	*into = v
	return nil
}
