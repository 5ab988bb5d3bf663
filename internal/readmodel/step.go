package readmodel

import (
	"time"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

// StepPage is what every step's page shows around its own facts: the project
// with its acts and the facts behind all criteria, the names of those who
// acted, and what happened to this step lately.
type StepPage struct {
	Project *certification.Project
	Step    certification.Step
	Names   map[id.Person]string
	History []Event
}

// Event is one entry of the audit trail, as people read it.
type Event struct {
	Seq     int64
	Project *id.Project
	Person  *id.Person
	Name    *string
	Kind    string
	Subject string
	At      time.Time
	Data    map[string]any
}

// Colleague is a member of the organization, as choices of a person need it.
type Colleague struct {
	Person id.Person
	Name   string
	Email  string
}

// History is a page of the audit trail of a project, newest first. Next is the
// number to go on before, 0 at the end.
type History struct {
	Events []Event
	Step   certification.Step
	Next   int64
}
