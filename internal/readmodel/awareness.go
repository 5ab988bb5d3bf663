package readmodel

import (
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
)

// AwarenessPage is the page of step 1.
type AwarenessPage struct {
	StepPage
	Awareness      Awareness
	Audiences      []Audience
	Communications []Communication
	Sponsors       []Colleague
	Mandate        []Approval
}

// Awareness is the text that the mandate is signed under.
type Awareness struct {
	Objectives string
	Advantages string
	Approach   string
	Version    int
}

// Audience is a group of people who must hear of the project.
type Audience struct {
	ID      id.Row
	Name    string
	Version int
}

// Communication is one time that an audience was told.
type Communication struct {
	ID       id.Row
	Audience id.Row
	Channel  string
	HeldOn   civil.Date
	Proof    string
	Name     string
	Version  int
}

// Approval is a signature, approval or decision, newest first.
type Approval struct {
	Subject string
	Version int
	Name    string
	At      time.Time
	Note    string
}
