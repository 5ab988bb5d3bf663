// Package permission is the table of who may do what: pure rules over the roles a
// person holds. The use cases enforce it; pages ask it to decide what they
// offer; the crawl in the tests goes through all of it, route by route.
package permission

import (
	"waymark/internal/domain/identity"
)

// Permission is what a use case demands of its caller.
type Permission struct {
	// Name is the permission's word in the policy table and in tests.
	Name string
	// scope is how far it reaches.
	scope permissionScope
	// roles of the project that have it; owners have it too unless ownersNot.
	roles []identity.ProjectRole
	// ownersNot keeps an act of a person (an approval, a signature) from owners
	// who do not hold the role.
	ownersNot bool
	// chair lets the chair of the committee, whatever other roles.
	chair bool
	// hides makes what it is about not exist for those who may not.
	hides bool
}

type permissionScope uint8

const (
	anybody permissionScope = iota
	signedIn
	ofOrganization
	ofProject
	ofInstallation
)

// The permissions. Those of a project are held by the roles named and, unless
// said otherwise, by the organization's owners.
var (
	Anybody  = Permission{Name: "anybody", scope: anybody}
	SignedIn = Permission{Name: "signed_in", scope: signedIn}

	Administer = Permission{Name: "administer", scope: ofInstallation}

	ReadOrganization   = Permission{Name: "organization.read", scope: ofOrganization, roles: everyRole()}
	ManageOrganization = Permission{Name: "organization.manage", scope: ofOrganization}

	ReadProject   = Permission{Name: "project.read", scope: ofProject, roles: everyRole()}
	ManageProject = Permission{Name: "project.manage", scope: ofProject, roles: roles(identity.ProjectManager)}
	InvitePeople  = Permission{Name: "people.invite", scope: ofProject, roles: roles(identity.ProjectManager)}
	// DeleteProject is the owners' alone.
	DeleteProject = Permission{Name: "project.delete", scope: ofProject}

	FinishStep   = Permission{Name: "step.finish", scope: ofProject, roles: roles(identity.ProjectManager)}
	ReopenStep   = Permission{Name: "step.reopen", scope: ofProject, roles: roles(identity.ProjectManager, identity.Sponsor)}
	AskWaiver    = Permission{Name: "waiver.ask", scope: ofProject, roles: roles(identity.ProjectManager)}
	AnswerWaiver = Permission{Name: "waiver.answer", scope: ofProject, roles: roles(identity.Sponsor), ownersNot: true}

	// EditPlan is the project manager's: the facts of steps 1, 4, 5 and 7 to 9.
	EditPlan = Permission{Name: "plan.edit", scope: ofProject, roles: roles(identity.ProjectManager)}
	// Propose is for scope and selection: the consultant proposes what the
	// sponsor then approves.
	Propose = Permission{Name: "propose", scope: ofProject, roles: roles(identity.ProjectManager, identity.Consultant)}
	// Approve is the sponsor's act: mandate, scope, selection.
	Approve = Permission{Name: "approve", scope: ofProject, roles: roles(identity.Sponsor), ownersNot: true}
	// ApproveAsChair is the chair's act: the plan's baseline, the go decision.
	ApproveAsChair = Permission{Name: "approve.chair", scope: ofProject, chair: true, ownersNot: true}

	Rate        = Permission{Name: "check.rate", scope: ofProject, roles: roles(identity.ProjectManager, identity.Consultant, identity.InternalAuditor)}
	CommentOwn  = Permission{Name: "check.comment", scope: ofProject, roles: roles(identity.ProjectManager, identity.Consultant, identity.InternalAuditor, identity.CommitteeMember)}
	SignOff     = Permission{Name: "baseline.sign", scope: ofProject, roles: roles(identity.ProjectManager, identity.Consultant)}
	AuditInside = Permission{Name: "internal_audit.write", scope: ofProject, roles: roles(identity.InternalAuditor)}

	// ReadTasks is for everybody in the project but guests, for whom there are no
	// tasks.
	ReadTasks = Permission{Name: "task.read", scope: ofProject, hides: true, roles: roles(identity.Sponsor, identity.ProjectManager, identity.Consultant, identity.CommitteeMember, identity.InternalAuditor)}
	EditTasks = Permission{Name: "task.edit", scope: ofProject, roles: roles(identity.ProjectManager)}
	// WorkOnTasks is for one's own tasks; whose task it is, the use case checks.
	WorkOnTasks = Permission{Name: "task.work", scope: ofProject, roles: roles(identity.ProjectManager, identity.Consultant, identity.CommitteeMember, identity.InternalAuditor)}
	// AnswerOwn is for what one was asked oneself, such as an appointment.
	AnswerOwn = Permission{Name: "appointment.answer", scope: ofProject, roles: everyRole()}
)

func roles(list ...identity.ProjectRole) []identity.ProjectRole { return list }

func everyRole() []identity.ProjectRole { return identity.ProjectRoles() }

// Holder is what a person holds where they are.
type Holder struct {
	Administrator bool // of the installation
	Member        bool // of the organization
	Owner         bool // of the organization
	InProject     bool // the address names a project that exists
	Roles         identity.RoleSet
	Chair         bool
}

// Decision is the answer: allowed, refused (403), or hidden (404), since what
// one may not read does not exist.
type Decision uint8

// The decisions.
const (
	Hidden Decision = iota
	Refused
	Allowed
)

// Decide judges whether a holder may.
func (p Permission) Decide(h Holder) Decision {
	switch p.scope {
	case anybody, signedIn:
		return Allowed
	case ofInstallation:
		if h.Administrator {
			return Allowed
		}
	case ofOrganization:
		switch {
		case h.Member && (h.Owner || len(p.roles) > 0):
			return Allowed
		case h.Member:
			return Refused
		}
	case ofProject:
		switch {
		case !h.Member || !h.InProject || (!h.Owner && h.Roles.IsEmpty()):
			return Hidden
		case h.Owner && !p.ownersNot, p.chair && h.Chair, h.Roles.Has(p.roles...):
			return Allowed
		case p.hides:
			return Hidden
		}
		return Refused
	}
	return Hidden
}
