package readmodel

import (
	"strconv"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/selection"
)

// SelectionPage is the page of step 6.
type SelectionPage struct {
	StepPage
	Candidates  []Candidate
	Engagements []Engagement
	Selection   Selection
	// Conflicts are those of every candidate, not of the chosen one alone.
	Conflicts []CandidateConflict
	Approvals []Approval
}

// Candidate finds a candidate by its id, nil where there is none.
func (p *SelectionPage) Candidate(candidate id.Candidate) *Candidate {
	for i := range p.Candidates {
		if p.Candidates[i].ID == candidate {
			return &p.Candidates[i]
		}
	}
	return nil
}

// CandidatePage is the page on which a candidate is added or edited, beside
// the others.
type CandidatePage struct {
	StepPage
	Candidate  Candidate
	Candidates []Candidate
	Chosen     id.Candidate
}

// Candidate is a certification body that is compared.
type Candidate struct {
	ID                     id.Candidate
	Name                   string
	AccreditationBody      string
	AccreditationNumber    string
	AccreditationCheckedOn civil.Date
	CoversStandard         bool
	// AuditTenths is the audit time quoted, in tenths of a person-day.
	AuditTenths *int
	Price       string
	QuoteUntil  civil.Date
	// Auditors and Ties hold a name a line: auditors named for this client, and
	// firms linked to the body by ownership, control or contract.
	Auditors string
	Ties     string
	Notes    string
	Version  int
}

// Accreditation gives what is known of the body's accreditation, as its rules
// read it.
func (c Candidate) Accreditation() selection.Accreditation {
	return selection.Accreditation{
		Body: c.AccreditationBody, Number: c.AccreditationNumber, Covers: c.CoversStandard, Checked: c.AccreditationCheckedOn,
	}
}

// Engagement is a consultancy, or internal audits done from outside.
type Engagement struct {
	ID      id.Engagement
	Kind    string
	Firm    string
	People  string
	BeganOn civil.Date
	EndedOn civil.Date // zero while it goes on
	Version int
}

// EngagementPage is the page on which an engagement is edited.
type EngagementPage struct {
	StepPage
	Engagement Engagement
}

// Selection is the choice: the body, the consultant, the contract. An approval
// holds for its version. The contract is signed after the decision and has a
// version of its own, so that recording it voids nothing.
type Selection struct {
	CandidateID      *id.Candidate
	Reason           string
	Consultant       string // "", "none" or "engaged"
	EngagementID     *id.Engagement
	ConsultantReason string
	Version          int

	ContractSignedOn civil.Date
	ContractVersion  int
}

// CandidateConflict is a conflict of impartiality of one candidate, with the
// two names that meet in it.
type CandidateConflict struct {
	Candidate     id.Candidate
	CandidateName string
	// Here is the name on the side of the certification body: its own, that of a
	// firm linked to it, or of an auditor.
	Here string
	selection.Conflict
}

// Accredited says "yes" or "no", as the form of a candidate asks it.
func (c Candidate) Accredited() string {
	if c.AccreditationBody == "" && c.AccreditationNumber == "" {
		return "no"
	}
	return "yes"
}

// AuditDays writes the audit time as a form shows it, "9.5"; none is empty.
func (c Candidate) AuditDays() string {
	switch {
	case c.AuditTenths == nil:
		return ""
	case *c.AuditTenths%10 == 0:
		return strconv.Itoa(*c.AuditTenths / 10)
	}
	return strconv.Itoa(*c.AuditTenths/10) + "." + strconv.Itoa(*c.AuditTenths%10)
}
