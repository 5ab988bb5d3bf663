package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/domain/standard"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// Home reads every organization and project of a person.
func (a *App) Home(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.Home, error) {
	return a.db.Home(ctx, needing(acc, permission.SignedIn))
}

// OrganizationPage reads an organization with the projects that the caller may
// read.
func (a *App) OrganizationPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.OrganizationPage, error) {
	return a.db.OrganizationPage(ctx, needing(acc, permission.ReadOrganization))
}

// NewOrganizationPage reads the page that a further organization is made on.
func (a *App) NewOrganizationPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, error) {
	return a.db.Frame(ctx, needing(acc, permission.SignedIn))
}

// CreateOrganization makes a further organization, which belongs to the caller.
func (a *App) CreateOrganization(ctx context.Context, acc readmodel.Access, in readmodel.NewOrganization) (id.Organization, error) {
	in.ID = newID[id.Organization]()
	made, err := a.db.CreateOrganization(ctx, needing(acc, permission.SignedIn), in)
	if err != nil {
		return id.Organization{}, err
	}
	return id.Parse[id.Organization](made)
}

// OrganizationSettings reads the settings of an organization.
func (a *App) OrganizationSettings(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.OrganizationSettings, error) {
	return a.db.OrganizationSettings(ctx, needing(acc, permission.ReadOrganization))
}

// SaveOrganization stores name, time zone and language of an organization.
func (a *App) SaveOrganization(ctx context.Context, acc readmodel.Access, in readmodel.OrganizationSettings) error {
	return a.db.SaveOrganization(ctx, needing(acc, permission.ManageOrganization), in)
}

// ArchiveOrganization archives an organization: it stays readable.
func (a *App) ArchiveOrganization(ctx context.Context, acc readmodel.Access) error {
	return a.db.ArchiveOrganization(ctx, needing(acc, permission.ManageOrganization), true)
}

// RestoreOrganization takes an organization out of the archive.
func (a *App) RestoreOrganization(ctx context.Context, acc readmodel.Access) error {
	return a.db.ArchiveOrganization(ctx, needing(acc, permission.ManageOrganization), false)
}

// DeleteOrganization deletes an organization with everything in it, once its
// name was typed.
func (a *App) DeleteOrganization(ctx context.Context, acc readmodel.Access, typed string) error {
	return a.db.DeleteOrganization(ctx, needing(acc, permission.ManageOrganization), func(name string, _ bool) error {
		if typed != name {
			return fault.InvalidField("confirm", "organization.delete.wrong_name", "name", name)
		}
		return nil
	})
}

// DeleteSample deletes the sample organization in one act. Any other is
// fault.NotFound.
func (a *App) DeleteSample(ctx context.Context, acc readmodel.Access) error {
	return a.db.DeleteOrganization(ctx, needing(acc, permission.ManageOrganization), func(_ string, sample bool) error {
		if !sample {
			return fault.NotFound
		}
		return nil
	})
}

// NewProjectPage reads the page that a project is made on.
func (a *App) NewProjectPage(ctx context.Context, acc readmodel.Access) (readmodel.Frame, error) {
	return a.db.Frame(ctx, needing(acc, permission.ManageOrganization))
}

// CreateProject makes a project for the current edition of the standard. Its
// creator is its acting project manager until one is appointed in step 4.
func (a *App) CreateProject(ctx context.Context, acc readmodel.Access, in readmodel.NewProject) (id.Project, error) {
	in.ID, in.Edition = newID[id.Project](), standard.Current().Edition().ID
	made, err := a.db.CreateProject(ctx, needing(acc, permission.ManageOrganization), in)
	if err != nil {
		return id.Project{}, err
	}
	return id.Parse[id.Project](made)
}
