package readmodel

import (
	"slices"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
)

// Home is everything that a person belongs to.
type Home struct {
	Organizations []HomeOrganization
}

// HomeOrganization is an organization of the reader with the projects that the
// reader may see.
type HomeOrganization struct {
	ID       id.Organization
	Name     string
	Role     string
	Archived bool
	Sample   bool
	Projects []HomeProject
}

// HomeProject is one of those projects.
type HomeProject struct {
	ID       id.Project
	Name     string
	TargetOn civil.Date
	Archived bool
	Roles    []string
}

// Only gives the one project of somebody who has no other, and whether it is
// so: then there is nothing to choose.
func (h Home) Only() (id.Organization, id.Project, bool) {
	if len(h.Organizations) != 1 || len(h.Organizations[0].Projects) != 1 {
		return id.Organization{}, id.Project{}, false
	}
	o := h.Organizations[0]
	return o.ID, o.Projects[0].ID, true
}

// OrganizationPage is an organization with the projects that the reader may
// see.
type OrganizationPage struct {
	Projects []OrganizationProject
}

// OrganizationProject is a project in the list of its organization.
type OrganizationProject struct {
	ID       id.Project
	Name     string
	TargetOn civil.Date
	Archived bool
	Roles    []string
	// Open are the steps that are open, Again those to be confirmed again; both
	// are empty for an archived project.
	Open, Again []certification.Step
}

// Split parts the list into those that go on and those that are archived.
func (p OrganizationPage) Split() (current, archived []OrganizationProject) {
	for _, project := range p.Projects {
		if project.Archived {
			archived = append(archived, project)
		} else {
			current = append(current, project)
		}
	}
	return slices.Clip(current), slices.Clip(archived)
}

// OrganizationSettings is an organization's own row, and what its deletion
// would take along.
type OrganizationSettings struct {
	Name     string
	TimeZone string
	Language string
	Archived bool
	Sample   bool
	Version  int

	Projects []string
	Members  int
	Files    int
}

// NewProject is a project about to be made.
type NewProject struct {
	ID       id.Project
	Name     string
	Edition  string
	TargetOn civil.Date
}
