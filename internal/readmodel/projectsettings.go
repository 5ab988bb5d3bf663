package readmodel

import (
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
)

// ProjectSettings is a project's own row, the changes of its target date, and
// what its deletion would take along.
type ProjectSettings struct {
	Name      string
	Edition   string
	TargetOn  civil.Date
	CreatedAt time.Time
	Archived  bool
	Version   int

	Changes  []TargetChange
	Findings int
	Tasks    int
	Evidence int
}

// TargetChange is one change of the target date, newest first.
type TargetChange struct {
	FromOn civil.Date
	ToOn   civil.Date
	Reason string
	Name   string
	At     time.Time
}

// NewTarget moves the target date, for a reason. Version is the project's that
// the form was filled from.
type NewTarget struct {
	ID      id.Row
	On      civil.Date
	Reason  string
	Version int
}
