package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"waymark/internal/domain/civil"
	"waymark/internal/domain/id"
	"waymark/internal/fault"
	"waymark/internal/readmodel"
)

const (
	// An archived organization archives its projects with it.
	projectSettingsSQL = `
		SELECT j.name, j.edition, j.target_on, j.created_at, j.archived_at IS NOT NULL AS archived,
		       o.archived_at IS NOT NULL AS organization_archived, j.version
		  FROM project j JOIN organization o ON o.id = j.organization_id
		 WHERE j.organization_id = @organization AND j.id = @project`
	targetChangesSQL = `
		SELECT t.from_on, t.to_on, t.reason, n.name, t.at
		  FROM target_change t JOIN membership n ON n.organization_id = t.organization_id AND n.person_id = t.person_id
		 WHERE t.organization_id = @organization AND t.project_id = @project ORDER BY t.at DESC, t.id DESC LIMIT 100`
	projectHoldsSQL = `
		SELECT (SELECT count(*) FROM finding WHERE organization_id = @organization AND project_id = @project) AS findings,
		       (SELECT count(*) FROM task WHERE organization_id = @organization AND project_id = @project) AS tasks,
		       (SELECT count(*) FROM evidence WHERE organization_id = @organization AND project_id = @project) AS evidence`
)

type projectSettingsRow struct {
	Name                 string
	Edition              string
	TargetOn             civil.Date
	CreatedAt            time.Time
	Archived             bool
	OrganizationArchived bool
	Version              int
}

func (r projectSettingsRow) writable() error {
	if r.Archived || r.OrganizationArchived {
		return archived()
	}
	return nil
}

// ProjectSettings reads the settings of a project.
func (db *DB) ProjectSettings(ctx context.Context, acc readmodel.Access) (readmodel.Frame, readmodel.ProjectSettings, error) {
	var row projectSettingsRow
	var holds struct{ Findings, Tasks, Evidence int }
	var changes []readmodel.TargetChange
	frame, err := db.page(ctx, acc, func(b *pgx.Batch) {
		b.Queue(projectSettingsSQL, where(acc)).Query(one(&row))
		b.Queue(targetChangesSQL, where(acc)).Query(collect(&changes))
		b.Queue(projectHoldsSQL, where(acc)).Query(one(&holds))
	})
	return frame, readmodel.ProjectSettings{
		Name: row.Name, Edition: row.Edition, TargetOn: row.TargetOn, CreatedAt: row.CreatedAt, Archived: row.Archived,
		Version: row.Version, Changes: changes, Findings: holds.Findings, Tasks: holds.Tasks, Evidence: holds.Evidence,
	}, err
}

// settle runs a change of a project's own row, held alone.
func (db *DB) settle(ctx context.Context, acc readmodel.Access, decide func(*readmodel.Caller, projectSettingsRow, *writes) error) error {
	var stored projectSettingsRow
	_, err := db.do(ctx, acc, change{
		read: func(b *pgx.Batch) {
			b.Queue(projectSettingsSQL+string(toAct), where(acc)).Query(one(&stored))
		},
		decide: func(c *readmodel.Caller, w *writes) error { return decide(c, stored, w) },
	})
	return err
}

// RenameProject gives a project another name.
func (db *DB) RenameProject(ctx context.Context, acc readmodel.Access, name string, version int) error {
	return db.settle(ctx, acc, func(_ *readmodel.Caller, stored projectSettingsRow, w *writes) error {
		if err := stored.writable(); err != nil {
			return err
		}
		write, err := edit{from: version, now: stored.Version, fields: []edited{{"name", name, stored.Name}}}.judge()
		if !write {
			return err
		}
		w.Must(`
			UPDATE project SET name = @name, version = version + 1
			 WHERE organization_id = @organization AND id = @project AND version = @version`,
			with(where(acc), "name", name, "version", stored.Version))
		w.Event(acc.Project, "project.renamed", acc.Project.String(), map[string]any{"name": name})
		return nil
	})
}

// MoveTarget changes the target date and keeps the reason.
func (db *DB) MoveTarget(ctx context.Context, acc readmodel.Access, in readmodel.NewTarget) error {
	return db.settle(ctx, acc, func(c *readmodel.Caller, stored projectSettingsRow, w *writes) error {
		if err := stored.writable(); err != nil {
			return err
		}
		write, err := edit{from: in.Version, now: stored.Version, fields: []edited{
			{"target_on", in.On.String(), stored.TargetOn.String()},
		}}.judge()
		if !write {
			return err
		}
		if in.On.Before(c.Today()) {
			return fault.InvalidField("target_on", "project.target.past")
		}
		args := with(where(acc), "id", in.ID, "from", stored.TargetOn, "to", in.On, "reason", in.Reason,
			"person", c.Person, "version", stored.Version)
		w.Must(`
			UPDATE project SET target_on = @to, version = version + 1
			 WHERE organization_id = @organization AND id = @project AND version = @version`, args)
		w.Queue(`
			INSERT INTO target_change (organization_id, project_id, id, from_on, to_on, reason, person_id, at)
			VALUES (@organization, @project, @id, @from, @to, @reason, @person, @now)`, args)
		w.Event(acc.Project, "target.changed", acc.Project.String(),
			map[string]any{"from": stored.TargetOn.String(), "to": in.On.String(), "reason": in.Reason})
		return nil
	})
}

// ArchiveProject archives a project or restores it. One that stands so already
// stays.
func (db *DB) ArchiveProject(ctx context.Context, acc readmodel.Access, archive bool) error {
	return db.settle(ctx, acc, func(_ *readmodel.Caller, stored projectSettingsRow, w *writes) error {
		switch {
		case stored.OrganizationArchived:
			return archived()
		case stored.Archived == archive:
			return nil
		}
		kind := "project.restored"
		if archive {
			kind = "project.archived"
		}
		w.Must(`
			UPDATE project SET archived_at = CASE WHEN @archive THEN @now::timestamptz END, version = version + 1
			 WHERE organization_id = @organization AND id = @project`, with(where(acc), "archive", archive))
		w.Event(acc.Project, kind, acc.Project.String(), nil)
		return nil
	})
}

// DeleteProject deletes a project with everything in it, and the files that
// nothing else in the organization rests on, where check allows it by its name.
func (db *DB) DeleteProject(ctx context.Context, acc readmodel.Access, check func(name string) error) error {
	var stored projectSettingsRow
	var files []struct{ ID id.File }
	remove := func() error {
		_, err := db.do(ctx, acc, change{
			read: func(b *pgx.Batch) {
				b.Queue(projectSettingsSQL+string(toAct), where(acc)).Query(one(&stored))
				b.Queue(`SELECT DISTINCT file_id AS id FROM evidence
				          WHERE organization_id = @organization AND project_id = @project AND file_id IS NOT NULL`, where(acc)).
					Query(collect(&files))
			},
			decide: func(_ *readmodel.Caller, w *writes) error {
				if stored.OrganizationArchived {
					return archived()
				}
				if err := check(stored.Name); err != nil {
					return err
				}
				held := make([]id.File, len(files))
				for i, f := range files {
					held[i] = f.ID
				}
				w.Must(`DELETE FROM project WHERE organization_id = @organization AND id = @project`, where(acc))
				w.Queue(`
					DELETE FROM file f
					 WHERE f.organization_id = @organization AND f.id = ANY (@files)
					   AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.organization_id = f.organization_id AND e.file_id = f.id)`,
					with(where(acc), "files", held))
				w.Event(acc.Project, "project.deleted", acc.Project.String(), map[string]any{"name": stored.Name})
				return nil
			},
		})
		return err
	}
	err := remove()
	if violates(err, "evidence_organization_id_file_id_fkey") { // the same file was just attached elsewhere: it stays
		err = remove()
	}
	return err
}
