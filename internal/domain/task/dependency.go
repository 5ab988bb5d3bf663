package task

import (
	"fmt"
	"slices"

	"waymark/internal/domain/id"
)

// Dependency says that a task cannot end before another has ended.
type Dependency struct{ Task, After id.Task }

// CycleError refuses a dependency that would make a task wait for itself.
// Tasks names the way round: each waits for the next, and the last is the
// first again.
type CycleError struct{ Tasks []id.Task }

// Error gives the length of the cycle, for logs.
func (e *CycleError) Error() string {
	return fmt.Sprintf("task: a cycle of %d dependencies", len(e.Tasks)-1)
}

// Refused marks the error as a refusal of the domain.
func (*CycleError) Refused() {}

// Depend decides whether one more dependency may be added to those that stand,
// which form no cycle. It gives a CycleError with the shortest way round.
func Depend(standing []Dependency, added Dependency) error {
	if added.Task == added.After {
		return &CycleError{Tasks: []id.Task{added.Task, added.Task}}
	}
	after := make(map[id.Task][]id.Task, len(standing))
	for _, d := range standing {
		after[d.Task] = append(after[d.Task], d.After)
	}
	// Breadth first from the task to wait for, back to the one that waits.
	from := map[id.Task]id.Task{added.After: added.Task}
	for queue := []id.Task{added.After}; len(queue) > 0; queue = queue[1:] {
		for _, next := range after[queue[0]] {
			if _, seen := from[next]; !seen {
				from[next] = queue[0]
				queue = append(queue, next)
			}
			if next == added.Task {
				return &CycleError{Tasks: wayBack(from, queue[0], added)}
			}
		}
	}
	return nil
}

// wayBack follows the search from its end to its beginning.
func wayBack(from map[id.Task]id.Task, last id.Task, added Dependency) []id.Task {
	way := []id.Task{added.Task}
	for at := last; at != added.Task; at = from[at] {
		way = append(way, at)
	}
	way = append(way, added.Task)
	slices.Reverse(way)
	return way
}
