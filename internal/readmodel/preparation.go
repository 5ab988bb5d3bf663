package readmodel

import (
	"waymark/internal/domain/assessment"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
)

// PreparationPage is the page of step 7: the gates before stage 1.
type PreparationPage struct {
	StepPage
	Total         assessment.Score
	Confirmations []Confirmation
	Audits        []InternalAudit
	Reviews       []ManagementReview
	Decisions     []Approval
}

// InternalAudit is one internal audit (ISO/IEC 20000-1, 9.2).
type InternalAudit struct {
	ID          id.Row
	BeganOn     civil.Date
	EndedOn     civil.Date
	Auditor     string
	AllClauses  bool
	Independent bool
	Conclusion  string
	Name        string
	Version     int
}

// ManagementReview is one management review (ISO/IEC 20000-1, 9.3).
type ManagementReview struct {
	ID        id.Row
	HeldOn    civil.Date
	ChairedBy string
	AllInputs bool
	Decisions string
	Name      string
	Version   int
}
