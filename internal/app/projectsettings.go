package app

import (
	"context"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

// ProjectSettings reads the settings of a project.
func (a *App) ProjectSettings(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.ProjectSettings, error) {
	return a.db.ProjectSettings(ctx, needing(acc, permission.ReadProject))
}

// RenameProject gives a project another name.
func (a *App) RenameProject(ctx context.Context, acc readmodel.Access, name string, version int) error {
	return a.db.RenameProject(ctx, needing(acc, permission.ManageProject), name, version)
}

// MoveTarget changes the target date of a project, for a reason that is kept.
func (a *App) MoveTarget(ctx context.Context, acc readmodel.Access, in readmodel.NewTarget) error {
	in.ID = newID[id.Row]()
	return a.db.MoveTarget(ctx, needing(acc, permission.ManageProject), in)
}

// ArchiveProject archives a project: it stays readable.
func (a *App) ArchiveProject(ctx context.Context, acc readmodel.Access) error {
	return a.db.ArchiveProject(ctx, needing(acc, permission.ManageProject), true)
}

// RestoreProject takes a project out of the archive.
func (a *App) RestoreProject(ctx context.Context, acc readmodel.Access) error {
	return a.db.ArchiveProject(ctx, needing(acc, permission.ManageProject), false)
}

// DeleteProject deletes a project with everything in it, once its name was
// typed.
func (a *App) DeleteProject(ctx context.Context, acc readmodel.Access, typed string) error {
	return a.db.DeleteProject(ctx, needing(acc, permission.DeleteProject), func(name string) error {
		if typed != name {
			return fault.InvalidField("confirm", "project.delete.wrong_name", "name", name)
		}
		return nil
	})
}
