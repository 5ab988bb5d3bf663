package readmodel

import (
	"time"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
)

// Dashboard is the project at a glance: the path, readiness beside its
// baselines, what lacks and who can do it, the dates and what changed lately.
type Dashboard struct {
	StepPage
	// Total and Clauses are today's scores; First and Latest the baselines'.
	Total   assessment.Score
	Clauses []ClauseLine
	First   *BaselineScore
	Latest  *BaselineScore

	Tasks []LateTask
	// Asked are appointments that wait for the reader's own answer.
	Asked []AskedAppointment
	Dates []PlannedDate
}

// ClauseLine is one of the clauses 4 to 10: today, at the latest baseline, and
// its open findings.
type ClauseLine struct {
	Number   string
	Today    assessment.Score
	Baseline *assessment.Score
	Majors   int
	Open     int
}

// BaselineScore is a frozen picture of the ratings, summed.
type BaselineScore struct {
	Number  int
	At      time.Time
	Total   assessment.Score
	Clauses []assessment.ClauseScore
}

// LateTask is a task that is late or blocked.
type LateTask struct {
	ID     id.Task
	Number int
	Title  string
	Owner  *string
	Mine   bool
	DueOn  civil.Date
	State  string
	Reason string
}

// AskedAppointment is an appointment that a person was asked to accept.
type AskedAppointment struct {
	ID     id.Appointment
	Role   string
	Clause string
}

// PlannedDate is a day that matters: kind names it, as in translation keys.
type PlannedDate struct {
	Kind string
	On   civil.Date
	Held bool
}
