package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/identity"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// People reads the members of an organization, from behind one on.
func (a *App) People(ctx context.Context, acc readmodel.Access, behind id.Person) (readmodel.Frame, readmodel.People, error) {
	return a.db.People(ctx, needing(acc, permission.ReadOrganization), behind)
}

// MemberPage reads what an owner decides about a member by.
func (a *App) MemberPage(ctx context.Context, acc readmodel.Access, person id.Person) (readmodel.Frame, readmodel.MemberPage, error) {
	return a.db.MemberPage(ctx, needing(acc, permission.ManageOrganization), person)
}

// ChangeOrganizationRole makes a member an owner or an owner a member; the last
// owner stays one.
func (a *App) ChangeOrganizationRole(ctx context.Context, acc readmodel.Access, in readmodel.NewOrganizationRole) error {
	return a.db.ChangeOrganizationRole(ctx, needing(acc, permission.ManageOrganization), in)
}

// RemovePerson takes a member out of the organization and hands their open
// tasks on; the last owner stays. It answers whether that was the caller.
func (a *App) RemovePerson(ctx context.Context, acc readmodel.Access, in readmodel.Removal) (bool, error) {
	return a.db.RemovePerson(ctx, needing(acc, permission.ManageOrganization), in)
}

// ProjectPeople reads who takes part in a project.
func (a *App) ProjectPeople(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.ProjectPeople, error) {
	return a.db.ProjectPeople(ctx, needing(acc, permission.ReadProject))
}

// AddProjectRole gives a member of the organization a role in a project. A
// guest auditor needs a last day; nobody else has one.
func (a *App) AddProjectRole(ctx context.Context, acc readmodel.Access, in readmodel.NewRole) error {
	guest := in.Role == identity.GuestAuditor
	switch {
	case guest && in.UntilOn.IsZero():
		return fault.InvalidField("until_on", "people.until.missing")
	case !guest && !in.UntilOn.IsZero():
		return fault.InvalidField("until_on", "people.until.guests")
	}
	return a.db.AddProjectRole(ctx, needing(acc, permission.InvitePeople), in)
}

// RemoveProjectRole takes a role in a project away from a person.
func (a *App) RemoveProjectRole(ctx context.Context, acc readmodel.Access, person id.Person, role identity.ProjectRole) error {
	return a.db.RemoveProjectRole(ctx, needing(acc, permission.InvitePeople), person, role)
}
