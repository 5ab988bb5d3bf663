package readmodel

import (
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/scope"
)

// ScopePage is the page of step 2.
type ScopePage struct {
	StepPage
	Scope         Scope
	Items         []ScopeItem
	Violations    []scope.Violation
	Confirmations []Confirmation
	Approvals     []Approval
}

// Scope is the scope's own text. Its version also counts changes of its items,
// so that an approval holds for exactly what was in front of the approver.
type Scope struct {
	Extent    scope.Extent
	Name      string
	Statement string
	People    *int
	Version   int
}

// ScopeItem is a unit, service, location or customer of the scope.
type ScopeItem struct {
	ID           id.Row
	Kind         string
	Name         string
	Included     bool
	Reason       string
	Country      string
	People       *int
	Central      bool
	CustomerKind scope.CustomerKind
	Version      int
}

// Confirmation is a person's dated word that something holds which Waymark
// keeps no register of yet.
type Confirmation struct {
	Subject  string
	HeldOn   civil.Date
	Evidence string
	Name     string
	At       time.Time
	Version  int
}
