package readmodel

import (
	"time"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/task"
)

// TaskLack is what a list of tasks looks for as missing.
type TaskLack uint8

// What may be missing. LackOwner finds tasks whose owner sits neither on the
// committee nor on the project staff, too, as criterion 5.2 asks.
const (
	LackNothing TaskLack = iota
	LackOwner
	LackDue
)

// TaskOwner is whose tasks a list shows.
type TaskOwner uint8

// Whose tasks.
const (
	Anyones TaskOwner = iota
	Mine
	Nobodys
	OnePersons
)

// TaskFilter says which tasks a list shows, in which order, and from where on.
type TaskFilter struct {
	State  task.State // 0 with Any false: all that are not done
	Any    bool       // done ones too
	Owner  TaskOwner
	Person id.Person // of OnePersons
	Step   certification.Step
	Lack   TaskLack
	Late   bool
	// Finding shows the tasks of one finding.
	Finding id.Finding
	// Newest sorts by number, the newest first; else by date.
	Newest bool
	Cursor TaskCursor
}

// TaskCursor is a place in a list: just after a task, or just before it. The
// zero value is the list's start.
type TaskCursor struct {
	Due    civil.Date // zero: none, which sorts last
	Number int
	Before bool
}

// TaskList is a page of tasks.
type TaskList struct {
	Filter TaskFilter
	Rows   []TaskRow
	// Count is not followed beyond a thousand.
	Count      int
	Prev, Next *TaskCursor
	People     []Colleague
	// Finding is the one filtered by.
	Finding *FindingLine
}

// TaskRow is a task in a list.
type TaskRow struct {
	ID         id.Task
	Number     int
	Title      string
	Step       certification.Step
	State      task.State
	Priority   task.Priority
	OwnerID    *id.Person
	Owner      *string
	DueOn      civil.Date
	ProposedOn civil.Date
	Reason     string
	Finding    *int
	CheckID    *string
	DoneAt     *time.Time
}

// FindingLine is a finding as a task names it.
type FindingLine struct {
	ID        id.Finding
	Number    int
	CheckID   string
	Statement string
	Severity  string
	Closed    bool
	// RateAgain says that all its tasks are done and its check waits for a new
	// rating.
	RateAgain bool
}

// TaskPage is one task with everything around it.
type TaskPage struct {
	Task     Task
	Finding  *FindingLine
	Waits    []TaskLink // that must be done before this one
	Waiting  []TaskLink // that wait for this one
	Comments []Comment
	Evidence []TaskEvidence
	History  []Event
	People   []Colleague
	// Project tells whether the step of the task can be written.
	Project *certification.Project
}

// Task is a task as it is stored.
type Task struct {
	ID            id.Task
	Number        int
	Step          certification.Step
	FindingID     *id.Finding
	Title         string
	Description   string
	OwnerID       *id.Person
	Owner         *string
	DueOn         civil.Date
	ProposedOn    civil.Date
	Priority      task.Priority
	State         task.State
	BlockedReason string
	UnblockerID   *id.Person
	Unblocker     *string
	CreatedBy     string
	CreatedAt     time.Time
	DoneAt        *time.Time
	Version       int
}

// TaskLink is another task, as a dependency names it.
type TaskLink struct {
	ID     id.Task
	Number int
	Title  string
	State  task.State
	// Before says that it must be done first; else it waits.
	Before bool
}

// Comment is a line of a task's thread.
type Comment struct {
	ID   id.Comment
	Name string
	Body string
	At   time.Time
}

// TaskEvidence is what supports a task: a file, a link or a note.
type TaskEvidence struct {
	Kind, Title, Link, Note, Name string
	On                            civil.Date
}

// TaskEdit is a task as its form sends it.
type TaskEdit struct {
	ID          id.Task
	Step        certification.Step
	Finding     id.Finding
	Title       string
	Description string
	Owner       id.Person
	Due         civil.Date
	Priority    task.Priority
	Version     int
}

// TaskForm is the page of a new task.
type TaskForm struct {
	Project *certification.Project
	People  []Colleague
	Finding *FindingLine
}

// MyTasks is the page of a committee member: only their own.
type MyTasks struct {
	Tasks  []MyTask
	People []Colleague
	// Stage1 is the day of the stage 1 audit, if one is planned.
	Stage1 civil.Date
}

// MyTask is one of the reader's tasks: open, or done since this morning.
type MyTask struct {
	ID            id.Task
	Number        int
	Title         string
	Step          certification.Step
	State         task.State
	Priority      task.Priority
	DueOn         civil.Date
	ProposedOn    civil.Date
	BlockedReason string
	Unblocker     *string
	Finding       *int
	CheckID       *string
	RateAgain     bool
}

// Uncovered is an open finding that needs work and has no task.
type Uncovered struct {
	ID        id.Finding
	Number    int
	CheckID   string
	Statement string
	Severity  string
}

// PlanAtOnce is how many findings tasks are made of at once.
const PlanAtOnce = 100

// PlanFindings is the page that makes tasks of findings.
type PlanFindings struct {
	Project  *certification.Project
	Findings []Uncovered
	// Owners are the accepted process owners by clause.
	Owners map[string]id.Person
	People []Colleague
	// More tells that there are further findings than one page takes.
	More bool
}

// PlannedTask is a task to be made of a finding.
type PlannedTask struct {
	ID       id.Task
	Finding  id.Finding
	Title    string
	Owner    id.Person
	Due      civil.Date
	Priority task.Priority
}

// PlanPage is the page of step 5.
type PlanPage struct {
	StepPage
	Owners    []PlanLine
	Steps     []PlanLine
	Baselines []PlanBaseline
	Approvals []Approval
	// Since is how the plan differs from its latest baseline.
	Since PlanChanges
}

// PlanLine sums the tasks of a person or of a step.
type PlanLine struct {
	OwnerID *id.Person
	Owner   *string
	Step    *int
	Total   int
	Open    int
	Late    int
	Blocked int
}

// PlanBaseline is the plan as it was put before the chair.
type PlanBaseline struct {
	Number int
	Name   string
	At     time.Time
	Tasks  int
}

// PlanChanges counts how the plan differs from a baseline.
type PlanChanges struct {
	Added, Moved, Reassigned int
}

// DuePerson is somebody who gets a due list.
type DuePerson struct {
	Person   id.Person
	Name     string
	Email    string
	Language string // "" where they left it to the browser
	Today    civil.Date
	Once     string
	Tasks    []DueTask
}

// DueTask is a line of a due list.
type DueTask struct {
	ID           id.Task
	Organization string
	Project      string
	ProjectID    id.Project
	Title        string
	DueOn        civil.Date
}
