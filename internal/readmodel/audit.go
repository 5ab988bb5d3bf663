package readmodel

import (
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
)

// AuditPage is the page of step 8.
type AuditPage struct {
	StepPage
	Stages          []AuditStage
	Nonconformities []Nonconformity
	Decision        CertificationDecision
	// MajorsDue is the last day on which majors of stage 2 may be verified.
	MajorsDue civil.Date
}

// AuditStage is stage 1 or stage 2 of the certification audit.
type AuditStage struct {
	Stage       int
	PlannedOn   civil.Date
	BeganOn     civil.Date
	EndedOn     civil.Date
	LeadAuditor string
	Conclusion  string
	Version     int
}

// Nonconformity is what the certification body found: a concern at stage 1, a
// major or minor nonconformity at stage 2.
type Nonconformity struct {
	ID         id.Nonconformity
	Grade      string
	Clause     string
	Statement  string
	Answer     string
	DueOn      civil.Date
	AcceptedOn civil.Date
	ClosedOn   civil.Date
	Version    int
}

// CertificationDecision is the certification body's decision.
type CertificationDecision struct {
	Granted   bool
	DecidedOn civil.Date
	Reference string
	Version   int
}

// CertificatePage is the page of step 9.
type CertificatePage struct {
	StepPage
	Decision    CertificationDecision
	Certificate Certificate
	Visits      []Surveillance
}

// Certificate is the certificate of a cycle.
type Certificate struct {
	Number    string
	Scope     string
	DecidedOn civil.Date
	ExpiresOn civil.Date
	Version   int
}

// Surveillance is a surveillance audit (visit 1 and 2) or the recertification
// audit (visit 3).
type Surveillance struct {
	Visit      int
	PlannedOn  civil.Date
	HeldOn     civil.Date
	Conclusion string
	Version    int
}
