package readmodel

import (
	"time"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
)

// Member is somebody who belongs to an organization.
type Member struct {
	Person    id.Person
	Name      string
	Email     string
	Role      identity.OrganizationRole
	CreatedAt time.Time
	Version   int
}

// People is a page of the members of an organization, by name.
type People struct {
	Members     []Member
	Invitations []OpenInvitation
	// Next is the member to go on behind, zero at the end.
	Next id.Person
}

// OpenInvitation is an invitation that was neither accepted nor withdrawn.
type OpenInvitation struct {
	ID               id.Invitation
	Email            string
	Name             string
	OrganizationRole string
	Project          *id.Project
	ProjectName      *string
	ProjectRole      *string
	UntilOn          civil.Date
	InvitedBy        string
	CreatedAt        time.Time
	ExpiresAt        time.Time
}

// MemberPage is one member, as the owner who decides about them sees it.
type MemberPage struct {
	Member Member
	// Roles are held in projects, Appointments and Tasks are open.
	Roles        []MemberRole
	Tasks        []MemberTasks
	Appointments []MemberAppointment
	// Others could take over what is open.
	Others []Colleague
	// LastOwner says that there is no other owner.
	LastOwner bool
}

// MemberRole is a role of a person in a project.
type MemberRole struct {
	Project     id.Project
	ProjectName string
	Role        string
	Acting      bool
	UntilOn     civil.Date
}

// MemberTasks counts the open tasks of a person in a project.
type MemberTasks struct {
	Project     id.Project
	ProjectName string
	Open        int
}

// MemberAppointment is an appointment of a person that has not ended.
type MemberAppointment struct {
	Project     id.Project
	ProjectName string
	Role        string
	Clause      string
}

// OpenTasks counts the open tasks of a member in all projects.
func (p MemberPage) OpenTasks() int {
	n := 0
	for _, t := range p.Tasks {
		n += t.Open
	}
	return n
}

// ProjectPeople is who takes part in a project.
type ProjectPeople struct {
	Participants []Participant
	// Owners may do everything without a role in the project.
	Owners      []Colleague
	Members     []Colleague
	Invitations []OpenInvitation
}

// Participant is a person with the roles held in a project.
type Participant struct {
	Person id.Person
	Name   string
	Email  string
	Roles  []HeldRole
}

// HeldRole is one role of a participant. Over says that its last day has
// passed.
type HeldRole struct {
	Role    identity.ProjectRole
	Acting  bool
	UntilOn civil.Date
	Over    bool
}

// NewRole gives a member a role in a project.
type NewRole struct {
	Person  id.Person
	Role    identity.ProjectRole
	UntilOn civil.Date // the last day of a guest auditor
}

// NewOrganizationRole changes what a member is in the organization. Version is
// the membership's that the form was filled from.
type NewOrganizationRole struct {
	Person  id.Person
	Role    identity.OrganizationRole
	Version int
}

// Removal takes a member out of the organization.
type Removal struct {
	Person id.Person
	// TakeOver gets the open tasks; none where there are none.
	TakeOver id.Person
}
