package readmodel

import (
	"time"

	"waymark/internal/domain/assessment"
	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
	"waymark/internal/domain/standard"
)

// Finding is what is wrong or worth noting under a check. Proposed is what the
// rules proposed when a person last decided on Severity.
type Finding struct {
	ID             id.Finding
	Number         int
	CheckID        string
	Statement      string
	Recommendation string
	Proposed       assessment.Severity
	Severity       assessment.Severity
	Name           string // who found it
	CreatedAt      time.Time
	ClosedAt       *time.Time
	ClosedName     *string
	Version        int
	Tasks          []FindingTask
}

// FindingTask is a task that a finding led to.
type FindingTask struct {
	ID, Title, State string
	Number           int
}

// FindingQuery narrows the list of findings down. Empty fields do not.
type FindingQuery struct {
	Severity string
	Clause   standard.ClauseNumber
	State    string // "closed" or "all"; "" is open
	Task     string // "none": without a task
	After    int    // the number before the first to show
}

// FindingsPage is the list of findings.
type FindingsPage struct {
	Project  *certification.Project
	Sheet    Sheet
	Findings []Finding
	// Next is the After of the next page, 0 for none.
	Next int
	// Open are all open findings, for the figures and hints above the list.
	Open []FindingMark
}

// FindingPage is one finding with its check.
type FindingPage struct {
	Project *certification.Project
	Sheet   Sheet
	Finding Finding
	History []Event
	// Siblings are the open findings of its clause.
	Siblings []FindingMark
}

// NewFindingPage asks for a finding under a check.
type NewFindingPage struct {
	Project *certification.Project
	Sheet   Sheet
	Check   standard.Check
}

// ThreeMinors lists the lowest-level clauses under which three or more open
// findings are minor (ISO/IEC 17021-1, 3.12: several minors on one requirement
// may show that the system fails).
func ThreeMinors(open []FindingMark) []standard.ClauseNumber {
	by := map[standard.ClauseNumber][]assessment.Severity{}
	var order []standard.ClauseNumber
	for _, f := range open {
		clause := ClauseOf(standard.CheckID(f.CheckID))
		if _, seen := by[clause]; !seen {
			order = append(order, clause)
		}
		by[clause] = append(by[clause], f.Severity)
	}
	var out []standard.ClauseNumber
	for _, clause := range order {
		if assessment.ThreeMinors(by[clause]...) {
			out = append(out, clause)
		}
	}
	return out
}
