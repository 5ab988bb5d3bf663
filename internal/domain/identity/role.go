package identity

import "database/sql/driver"

// ProjectRole is what a person is in one project. One person can hold several.
type ProjectRole uint8

// The project roles.
const (
	Sponsor         ProjectRole = iota + 1 // top management: mandates, approves, consents
	ProjectManager                         // leads the project, finishes and reopens steps
	Consultant                             // advises from outside, rates checks
	CommitteeMember                        // works on own tasks and clause areas
	InternalAuditor                        // audits the system, raises nonconformities
	GuestAuditor                           // reads, for a limited time
)

func projectRoleNames() []string {
	return []string{"", Sponsor: "sponsor", ProjectManager: "project_manager", Consultant: "consultant", CommitteeMember: "committee_member", InternalAuditor: "internal_auditor", GuestAuditor: "guest_auditor"}
}

// ProjectRoles lists them, in the order they are offered.
func ProjectRoles() []ProjectRole { return all[ProjectRole](projectRoleNames()) }

// ParseProjectRole reads a stored or posted name.
func ParseProjectRole(s string) (ProjectRole, bool) { return parse[ProjectRole](projectRoleNames(), s) }

// String is the name as it is stored and posted; no value has the empty name.
func (r ProjectRole) String() string { return name(projectRoleNames(), r) }

// Scan reads the name from a text column.
func (r *ProjectRole) Scan(src any) error {
	v, err := scan[ProjectRole](projectRoleNames(), "project role", src)
	if err != nil {
		return err
	}
	*r = v
	return nil
}

// Value writes the name to a text column.
func (r ProjectRole) Value() (driver.Value, error) { return r.String(), nil }

// OrganizationRole is what a person is in an organization. An organization always keeps an owner.
type OrganizationRole uint8

// The organization roles.
const (
	Owner  OrganizationRole = iota + 1 // may do everything in the organization
	Member                             // may do what the project roles allow
)

func organizationRoleNames() []string {
	return []string{"", Owner: "owner", Member: "member"}
}

// OrganizationRoles lists them, in the order they are offered.
func OrganizationRoles() []OrganizationRole { return all[OrganizationRole](organizationRoleNames()) }

// ParseOrganizationRole reads a stored or posted name.
func ParseOrganizationRole(s string) (OrganizationRole, bool) {
	return parse[OrganizationRole](organizationRoleNames(), s)
}

// String is the name as it is stored and posted; no value has the empty name.
func (r OrganizationRole) String() string { return name(organizationRoleNames(), r) }

// Scan reads the name from a text column.
func (r *OrganizationRole) Scan(src any) error {
	v, err := scan[OrganizationRole](organizationRoleNames(), "organization role", src)
	if err != nil {
		return err
	}
	*r = v
	return nil
}

// Value writes the name to a text column.
func (r OrganizationRole) Value() (driver.Value, error) { return r.String(), nil }

// RoleSet is the project roles that one person holds in one project.
type RoleSet uint8

// RolesOf is the set of the given roles.
func RolesOf(roles ...ProjectRole) RoleSet {
	var s RoleSet
	for _, r := range roles {
		s = s.With(r)
	}
	return s
}

// With is the set and one role more. What is no role changes nothing.
func (s RoleSet) With(r ProjectRole) RoleSet {
	if r.String() == "" {
		return s
	}
	return s | 1<<(r-1)
}

// Without is the set and one role less.
func (s RoleSet) Without(r ProjectRole) RoleSet { return s &^ RolesOf(r) }

// Has says whether any of the roles is in the set.
func (s RoleSet) Has(roles ...ProjectRole) bool { return s&RolesOf(roles...) != 0 }

// IsEmpty says that no role is held.
func (s RoleSet) IsEmpty() bool { return s == 0 }

// Roles lists the set in the order of ProjectRoles.
func (s RoleSet) Roles() []ProjectRole {
	var roles []ProjectRole
	for _, r := range ProjectRoles() {
		if s.Has(r) {
			roles = append(roles, r)
		}
	}
	return roles
}
