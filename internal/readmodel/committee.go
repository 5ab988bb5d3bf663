package readmodel

import (
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
)

// CommitteePage is the page of step 4.
type CommitteePage struct {
	StepPage
	Catalogue    *standard.Catalogue
	Appointments []Appointment
	Meetings     []Meeting
	Sponsors     []Colleague
	// People are those who can be appointed.
	People []Colleague
	// Unowned are the clauses with findings that need work and no process owner
	// who accepted, in the order of the catalogue.
	Unowned []ClauseFindings
}

// Appointment asks a person to take a place in the project. Clause is that of
// a process owner, "" for every other.
type Appointment struct {
	ID         id.Appointment
	Role       string
	Clause     string
	Person     id.Person
	Name       string
	AskedAt    time.Time
	AcceptedAt *time.Time
	DeclinedAt *time.Time
	EndedAt    *time.Time
	// Answer is the word that the person gave with the answer.
	Answer string
}

// Waits reports whether the person has still to answer.
func (a Appointment) Waits() bool {
	return a.AcceptedAt == nil && a.DeclinedAt == nil && a.EndedAt == nil
}

// Stands reports whether the appointment is accepted and not ended.
func (a Appointment) Stands() bool { return a.AcceptedAt != nil && a.EndedAt == nil }

// NewAppointment is an appointment about to be made.
type NewAppointment struct {
	ID     id.Appointment
	Role   string
	Clause string
	Person id.Person
}

// ClauseFindings is a clause with its open findings that need work.
type ClauseFindings struct {
	Clause string
	Open   int
	Majors int
}

// Meeting is the kick-off or a meeting of the committee. One without minutes
// is planned.
type Meeting struct {
	ID      id.Row
	Kind    string
	HeldOn  civil.Date
	Present string
	Minutes string
	Name    string // who wrote it down
	Version int
}
